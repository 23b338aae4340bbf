/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/strace_call.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/digits.h"

#define UNFINISHED   "<unfinished ...>"
#define EPOCH_DIGITS 9 /* a time with so many digits of seconds counts from 1970 */

/** `[pid 4242] ` or, in a file of -f, `4242  ` */
static void take_pid(const char **at, uint64_t *pid)
{
    const char *end = *at;
    const bool bracket = scan_word(&end, "[pid");

    scan_spaces(&end);
    if (!scan_decimal(&end, pid))
        return;
    if ((bracket && !scan_word(&end, "]")) || !scan_spaces(&end)) {
        *pid = 0;
        return;
    }
    *at = end;
}

static bool take_time(struct strace_lines *lines, const char **at, btap_ns *time)
{
    const char *end = *at;
    const char *close;
    size_t digits;

    scan_spaces(&end);
    digits = strspn(end, "0123456789");
    if (scan_clock(&end, time)) {
        *time = scan_day_time(&lines->days, *time);
    } else if (scan_seconds(&end, time)) {
        if (digits < EPOCH_DIGITS)
            *time = lines->relative = btap_ns_sum(lines->relative, *time);
    } else {
        return false;
    }
    if (!scan_spaces(&end))
        return false;
    /* -r beside another time */
    close = end[0] == '(' && end[1] == '+' ? strchr(end, ')') : NULL;
    if (close != NULL) {
        end = close + 1;
        scan_spaces(&end);
    }
    *at = end;
    return true;
}

static struct strace_unfinished *find(struct strace_lines *lines, uint64_t pid, bool used)
{
    for (size_t i = 0; i < STRACE_CALLS_MAX; i++)
        if (lines->unfinished[i].used == used && (!used || lines->unfinished[i].pid == pid))
            return &lines->unfinished[i];
    return NULL;
}

static void forget(struct strace_unfinished *unfinished)
{
    free(unfinished->text);
    *unfinished = (struct strace_unfinished){0};
}

/** Keeps the first half of a call. @param length of its text */
static void keep(struct strace_lines *lines, uint64_t pid, btap_ns entered, const char *text,
                 size_t length)
{
    struct strace_unfinished *unfinished = find(lines, pid, true);

    if (unfinished == NULL)
        unfinished = find(lines, pid, false);
    if (unfinished == NULL)
        unfinished = &lines->unfinished[0];
    forget(unfinished);
    unfinished->used = true;
    unfinished->pid = pid;
    unfinished->entered = entered;
    unfinished->text = allocate(length + 1);
    memcpy(unfinished->text, text, length);
}

/** Joins the halves of a call. @param rest behind `resumed>` @return NULL: the first is not there
 */
static const char *join(struct strace_lines *lines, struct strace_call *call, const char *rest)
{
    struct strace_unfinished *unfinished = find(lines, call->pid, true);
    size_t length;

    if (unfinished == NULL)
        return NULL;
    length = strlen(unfinished->text);
    free(lines->joined);
    lines->joined = allocate(length + strlen(rest) + 1);
    memcpy(lines->joined, unfinished->text, length);
    memcpy(lines->joined + length, rest, strlen(rest));
    if (call->has_time)
        call->entered = unfinished->entered;
    forget(unfinished);
    return lines->joined;
}

/** The result: behind the last ` = ` that stands outside of a string */
static const char *find_result(const char *at)
{
    const char *result = NULL;
    uint8_t byte;

    while (*at != '\0') {
        if (*at == '"') {
            at++;
            while (strace_byte(&at, &byte))
                ;
            if (*at == '\0')
                break;
            at++;
            continue;
        }
        if (*at == ')') {
            const char *end = at + 1;

            if (scan_spaces(&end) && scan_word(&end, "= "))
                result = end;
        }
        at++;
    }
    return result;
}

/** `name(arguments) = result` */
static enum strace_line take_call(const char *at, struct strace_call *call)
{
    call->name = at;
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    call->name_length = (size_t)(at - call->name);
    if (call->name_length == 0 || isdigit((unsigned char)call->name[0]) || *at != '(')
        return STRACE_UNKNOWN;
    call->arguments = at + 1;
    call->result = find_result(at + 1);
    return call->result != NULL ? STRACE_CALL : STRACE_UNKNOWN;
}

enum strace_line strace_take(struct strace_lines *lines, const char *line, struct strace_call *call)
{
    const char *at = line;
    const char *end;

    *call = (struct strace_call){0};
    take_pid(&at, &call->pid);
    call->has_time = take_time(lines, &at, &call->entered);
    call->ended = call->entered;
    if (strncmp(at, "+++ ", 4) == 0 || strncmp(at, "--- ", 4) == 0 ||
        strncmp(at, "strace: ", 8) == 0)
        return STRACE_OTHER;
    if (scan_word(&at, "<... ")) {
        at = strstr(at, " resumed>");
        if (at == NULL)
            return STRACE_UNKNOWN;
        at = join(lines, call, at + strlen(" resumed>"));
        return at == NULL ? STRACE_OTHER : take_call(at, call);
    }
    end = strstr(at, UNFINISHED);
    if (end != NULL && end[strlen(UNFINISHED)] == '\0') {
        keep(lines, call->pid, call->entered, at, (size_t)(end - at));
        return STRACE_OTHER;
    }
    return take_call(at, call);
}

void strace_straighten(char *line)
{
    static const struct {
        const char *curly;
        const char *straight; /* no longer than it */
    } marks[] = {
        {"\u201c", "\""}, {"\u201d", "\""}, {"\u201e", "\""}, {"\u2033", "\""},  {"\u2018", "'"},
        {"\u2019", "'"},  {"\u2032", "'"},  {"\u00a0", " "},  {"\u2026", "..."},
    };
    char *to = line;

    while (*line != '\0') {
        size_t i = isascii((unsigned char)*line) ? sizeof(marks) / sizeof(marks[0]) : 0;

        while (i < sizeof(marks) / sizeof(marks[0]) &&
               strncmp(line, marks[i].curly, strlen(marks[i].curly)) != 0)
            i++;
        if (i == sizeof(marks) / sizeof(marks[0])) {
            *to++ = *line++;
            continue;
        }
        line += strlen(marks[i].curly);
        to = mempcpy(to, marks[i].straight, strlen(marks[i].straight));
    }
    *to = '\0';
}

bool strace_is(const struct strace_call *call, const char *name)
{
    return strlen(name) == call->name_length && strncmp(call->name, name, call->name_length) == 0;
}

void strace_release(struct strace_lines *lines)
{
    for (size_t i = 0; i < STRACE_CALLS_MAX; i++)
        forget(&lines->unfinished[i]);
    free(lines->joined);
    lines->joined = NULL;
}

void strace_skip_path(const char **at)
{
    unsigned depth = 0;
    const char *end = *at;

    if (*end != '<')
        return;
    for (; *end != '\0'; end++) {
        depth += *end == '<';
        /* Of `->`, which names the ends of a connection, it is no bracket. */
        if (*end == '>' && end[-1] != '-' && --depth == 0) {
            *at = end + 1;
            return;
        }
    }
}

/** A number of one to three octal digits */
static uint8_t octal(const char **at)
{
    unsigned value = 0;

    for (int i = 0; i < 3 && **at >= '0' && **at <= '7'; i++, (*at)++)
        value = value * 8 + digit_value(**at);
    return (uint8_t)value;
}

/** Behind a backslash */
static bool escaped(const char **at, uint8_t *byte)
{
    static const char letters[] = "abtnvfr";
    const char *letter;

    if (**at >= '0' && **at <= '7') {
        *byte = octal(at);
        return true;
    }
    if (**at == 'x') {
        const unsigned high = digit_value((*at)[1]);
        const unsigned low = high < 16 ? digit_value((*at)[2]) : 16;

        if (low > 15)
            return false;
        *byte = (uint8_t)(high << 4 | low);
        *at += 3;
        return true;
    }
    letter = **at != '\0' ? strchr(letters, **at) : NULL;
    if (letter != NULL)
        *byte = (uint8_t)('\a' + (letter - letters));
    else
        *byte = (uint8_t) * *at;
    if (**at == '\0')
        return false;
    (*at)++;
    return true;
}

bool strace_byte(const char **at, uint8_t *byte)
{
    if (**at == '\0' || **at == '"')
        return false;
    if (**at == '\\') {
        (*at)++;
        return escaped(at, byte);
    }
    *byte = (uint8_t) * (*at)++;
    return true;
}

bool strace_string(const char **at, char *text, size_t size)
{
    size_t length = 0;
    uint8_t byte;

    if (!scan_word(at, "\""))
        return false;
    while (strace_byte(at, &byte))
        if (length + 1 < size)
            text[length++] = (char)byte;
    text[length] = '\0';
    return scan_word(at, "\"");
}
