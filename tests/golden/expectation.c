/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expectation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX  32
#define WORDS_MAX  48
#define REPEAT_MAX 16

/** Keys that the expectation must have exactly where the transaction has them. */
static const char *const strict_keys[] = {"address", "length", "erase", "pages", "sectors"};

struct comparison {
    const char *path;
    unsigned line_number;
    const struct decoded *decoded;
    size_t at; /**< the next object */
    size_t differences;
};

static void differ(struct comparison *comparison, const char *what, const char *expected,
                   const char *got)
{
    comparison->differences++;
    fprintf(stderr, "%s:%u: object %zu: %s: expected %s, got %s\n", comparison->path,
            comparison->line_number, comparison->at + 1, what, expected, got ? got : "nothing");
}

static bool is_number(const char *text)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    strtoull(text, &end, 0);
    return *end == '\0';
}

static bool same_value(struct json_object *member, const char *text)
{
    if (json_object_is_type(member, json_type_int) && is_number(text))
        return (uint64_t)json_object_get_int64(member) == strtoull(text, NULL, 0);
    if (json_object_is_type(member, json_type_boolean))
        return strcmp(text, json_object_get_boolean(member) ? "true" : "false") == 0;
    return strcmp(json_object_get_string(member), text) == 0;
}

/** Numbers and ranges, separated by commas, against an array. */
static bool same_array(struct json_object *array, const char *text)
{
    size_t length = json_object_array_length(array);
    size_t at = 0;

    while (*text) {
        char *end;
        uint64_t first = strtoull(text, &end, 0);
        uint64_t last = first;
        if (*end == '-')
            last = strtoull(end + 1, &end, 0);
        for (uint64_t value = first; value <= last; value++, at++)
            if (at >= length ||
                (uint64_t)json_object_get_int64(json_object_array_get_idx(array, at)) != value)
                return false;
        if (*end != ',' && *end != '\0')
            return false;
        text = *end ? end + 1 : end;
    }
    return at == length;
}

static void compare_member(struct comparison *comparison, struct json_object *object,
                           const char *key, const char *text)
{
    struct json_object *member;
    bool same = false;

    if (json_object_object_get_ex(object, key, &member))
        same = json_object_is_type(member, json_type_array) ? same_array(member, text)
                                                            : same_value(member, text);
    if (!same)
        differ(comparison, key, text, decoded_text(object, key));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void join(char *text, size_t size, const char **words, size_t length)
{
    size_t used = 0;

    text[0] = '\0';
    qsort(words, length, sizeof(*words), by_text);
    for (size_t i = 0; i < length && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "," : "", words[i]);
}

static void compare_notes(struct comparison *comparison, struct json_object *object, char *list)
{
    const char *expected[NOTES_MAX];
    const char *got[NOTES_MAX];
    size_t expected_length = 0;
    size_t got_length = 0;
    struct json_object *notes;
    char expected_text[1024];
    char got_text[1024];

    for (char *save, *id = strtok_r(list, ",", &save); id && expected_length < NOTES_MAX;
         id = strtok_r(NULL, ",", &save))
        expected[expected_length++] = id;
    if (json_object_object_get_ex(object, "notes", &notes))
        for (size_t i = 0; i < json_object_array_length(notes) && got_length < NOTES_MAX; i++)
            got[got_length++] = decoded_text(json_object_array_get_idx(notes, i), "id");
    join(expected_text, sizeof(expected_text), expected, expected_length);
    join(got_text, sizeof(got_text), got, got_length);
    if (strcmp(expected_text, got_text) != 0)
        differ(comparison, "notes", *expected_text ? expected_text : "none",
               *got_text ? got_text : "none");
}

/** `ADDRESS`, `ADDRESS+LENGTH` or `+LENGTH`; in a repetition the address moves by the length. */
static void compare_memory(struct comparison *comparison, struct json_object *object,
                           const char *word, unsigned repetition)
{
    char *end = NULL;
    uint64_t length = 0;
    char text[32];

    if (*word != '+') {
        uint64_t address = strtoull(word, &end, 0);
        if (*end == '+')
            length = strtoull(end + 1, NULL, 0);
        snprintf(text, sizeof(text), "0x%08" PRIx64, address + repetition * length);
        compare_member(comparison, object, "address", text);
        word = end;
    }
    if (*word == '+')
        compare_member(comparison, object, "length", word + 1);
}

static bool names_key(char *const *words, size_t length, const char *key)
{
    for (size_t i = 2; i < length; i++) {
        const char *equals = strchr(words[i], '=');
        if (equals && strncmp(words[i], key, (size_t)(equals - words[i])) == 0 &&
            key[equals - words[i]] == '\0')
            return true;
        if (!equals && words[i][0] != '!' &&
            ((strcmp(key, "address") == 0 && words[i][0] != '+') ||
             (strcmp(key, "length") == 0 && strchr(words[i], '+'))))
            return true;
    }
    return false;
}

static void compare_outcome(struct comparison *comparison, struct json_object *object, char *status)
{
    char *phase = strchr(status, '/');

    if (phase)
        *phase++ = '\0';
    compare_member(comparison, object, "status", status);
    if (phase)
        compare_member(comparison, object, "phase", phase);
    else if (decoded_text(object, "phase"))
        differ(comparison, "phase", "none", decoded_text(object, "phase"));
}

static void compare_transaction(struct comparison *comparison, struct json_object *object,
                                char **words, size_t length, unsigned repetition)
{
    char no_notes[] = "";
    char *notes = no_notes;

    compare_member(comparison, object, "command", words[0]);
    if (length > 1)
        compare_outcome(comparison, object, words[1]);
    for (size_t i = 2; i < length; i++) {
        char *equals = strchr(words[i], '=');
        if (words[i][0] == '!') {
            notes = words[i] + 1;
        } else if (equals) {
            *equals = '\0';
            compare_member(comparison, object, words[i], equals + 1);
            *equals = '=';
        } else {
            compare_memory(comparison, object, words[i], repetition);
        }
    }
    for (size_t i = 0; i < sizeof(strict_keys) / sizeof(strict_keys[0]); i++)
        if (decoded_text(object, strict_keys[i]) && !names_key(words, length, strict_keys[i]))
            differ(comparison, strict_keys[i], "none", decoded_text(object, strict_keys[i]));
    compare_notes(comparison, object, notes);
}

static void compare_line(struct comparison *comparison, const char *line, unsigned repetition)
{
    char copy[1024];
    char *words[WORDS_MAX];
    size_t length = 0;
    struct json_object *object;

    snprintf(copy, sizeof(copy), "%s", line);
    for (char *save, *word = strtok_r(copy, " \t\n", &save); word && length < WORDS_MAX;
         word = strtok_r(NULL, " \t\n", &save))
        words[length++] = word;
    if (comparison->at >= comparison->decoded->length) {
        differ(comparison, "command", words[0], NULL);
        return;
    }
    object = comparison->decoded->objects[comparison->at];
    if (strcmp(words[0], "note") != 0)
        compare_transaction(comparison, object, words, length, repetition);
    else if (decoded_text(object, "command"))
        differ(comparison, "command", "a note outside transactions",
               decoded_text(object, "command"));
    else
        compare_notes(comparison, object, length > 1 ? words[1] + 1 : words[0] + 4);
    comparison->at++;
}

static void take_file(struct comparison *comparison, const char *path);

/** `include FILE`: a name in the same folder. */
static void take_include(struct comparison *comparison, const char *name)
{
    char path[4096];
    const char *including = comparison->path;
    unsigned line_number = comparison->line_number;
    const char *slash = strrchr(including, '/');

    snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - including + 1) : 0, including,
             name);
    take_file(comparison, path);
    comparison->path = including;
    comparison->line_number = line_number;
}

struct repetition {
    unsigned count; /**< 0: none is open */
    size_t length;
    char *lines[REPEAT_MAX];
};

static void end_repetition(struct comparison *comparison, struct repetition *repeat)
{
    for (unsigned i = 0; i < repeat->count; i++)
        for (size_t line = 0; line < repeat->length; line++)
            compare_line(comparison, repeat->lines[line], i);
    for (size_t line = 0; line < repeat->length; line++)
        free(repeat->lines[line]);
    *repeat = (struct repetition){0};
}

static void take_line(struct comparison *comparison, struct repetition *repeat, char *line)
{
    line[strcspn(line, "#\n")] = '\0';
    line += strspn(line, " \t");
    if (*line == '\0')
        return;
    if (strncmp(line, "include ", 8) == 0)
        take_include(comparison, line + 8);
    else if (strncmp(line, "repeat ", 7) == 0)
        repeat->count = (unsigned)strtoul(line + 7, NULL, 10);
    else if (strncmp(line, "end", 3) == 0 && repeat->count)
        end_repetition(comparison, repeat);
    else if (repeat->count && repeat->length < REPEAT_MAX)
        repeat->lines[repeat->length++] = strdup(line);
    else
        compare_line(comparison, line, 0);
}

static void take_file(struct comparison *comparison, const char *path)
{
    struct repetition repeat = {0};
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;

    comparison->path = path;
    comparison->line_number = 0;
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        comparison->differences++;
        return;
    }
    while (getline(&line, &size, file) > 0) {
        comparison->line_number++;
        take_line(comparison, &repeat, line);
    }
    free(line);
    fclose(file);
}

size_t expectation_compare(const char *path, const struct decoded *decoded)
{
    struct comparison comparison = {.path = path, .decoded = decoded};

    take_file(&comparison, path);
    for (; comparison.at < decoded->length; comparison.at++)
        differ(&comparison, "object", "no more", decoded->lines[comparison.at]);
    return comparison.differences;
}
