/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/watching.h"

#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/letter.h"
#include "base/line.h"
#include "base/talk.h"

/** One limit: NAME:NUMBER. */
struct limit {
    const char *name;
    size_t target; /**< offset of a uint64_t in struct recorder_options */
};

static const struct limit ring_limits[] = {
    {"filesize", offsetof(struct recorder_options, ring_kb)},
    {"files", offsetof(struct recorder_options, ring_files)},
    {"duration", offsetof(struct recorder_options, ring_s)},
    {NULL, 0},
};

static const struct limit stop_limits[] = {
    {"filesize", offsetof(struct recorder_options, stop_kb)},
    {"duration", offsetof(struct recorder_options, stop_s)},
    {NULL, 0},
};

static bool set_limit(const struct limit *limits, void *target, const char *value,
                      const char *known)
{
    const size_t length = strcspn(value, ":");

    for (const struct limit *limit = limits; limit->name != NULL; limit++) {
        if (strlen(limit->name) != length || strncmp(limit->name, value, length) != 0 ||
            value[length] != ':')
            continue;
        return option_number(value + length + 1, 1, UINT32_MAX,
                             (uint64_t *)(void *)((char *)target + limit->target),
                             "limit; it must be a number from 1 up");
    }
    return option_unknown("limit", value, known);
}

static bool set_ring(void *options, const char *value)
{
    return set_limit(ring_limits, options, value, "filesize:KB, files:N, duration:SECONDS");
}

static bool set_stop(void *options, const char *value)
{
    return set_limit(stop_limits, options, value, "filesize:KB, duration:SECONDS");
}

const struct option_row watching_write_row[] = {
    {'w', "write", "FILE",
     "record to FILE: pcapng, or pcap if it ends in .pcap; - is\n"
     "standard output, for wireshark -k -i -",
     option_text, offsetof(struct recorder_options, path)},
    {0},
};

const struct option_row watching_limit_rows[] = {
    {'b', "ring-buffer", "LIMIT",
     "go on in another file after filesize:KB (of 1000 bytes) or\n"
     "duration:SECONDS; files:N keeps the last N of them",
     set_ring, 0},
    {'a', "autostop", "LIMIT", "end after filesize:KB or duration:SECONDS", set_stop, 0},
    {0},
};

/** Whether a shell takes a word as it is. */
static bool is_plain(const char *word)
{
    return word[0] != '\0' &&
           word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "_-+=:,./@%")] == '\0';
}

/** Whether a word is text: recordings and reports hold nothing else, and the line is one line. */
static bool is_text(const char *word)
{
    while (*word != '\0') {
        const struct letter letter = letter_at(word);

        if (letter.kind != LETTER_PLAIN)
            return false;
        word += letter.length;
    }
    return true;
}

/** Appends one character; of a line that is full, nothing. */
static void append_letter(struct line *line, const char *letter, size_t length)
{
    char text[5] = "";

    memcpy(text, letter, length);
    if (line->length + length < LINE_SIZE)
        line_text(line, text);
}

static void append_quoted(struct line *line, const char *word)
{
    line_text(line, "'");
    for (size_t length; *word != '\0'; word += length) {
        length = utf8_length(word);
        if (*word == '\'')
            line_text(line, "'\\''");
        else
            append_letter(line, word, length);
    }
    line_text(line, "'");
}

/** The same of a word that is no text, as bash and zsh have it. */
static void append_bytes(struct line *line, const char *word)
{
    line_text(line, "$'");
    for (size_t length; *word != '\0'; word += length) {
        const unsigned char letter = (unsigned char)*word;

        length = utf8_length(word);
        if (length > 1) {
            append_letter(line, word, length);
            continue;
        }
        length = 1;
        if (letter < ' ' || letter >= 0x7f) {
            line_text(line, "\\x");
            line_hex(line, letter);
            continue;
        }
        if (letter == '\'' || letter == '\\')
            line_text(line, "\\");
        append_letter(line, word, 1);
    }
    line_text(line, "'");
}

static void append_word(struct line *line, const char *word)
{
    if (is_plain(word))
        line_text(line, word);
    else if (is_text(word))
        append_quoted(line, word);
    else
        append_bytes(line, word);
}

char *watching_command_line(int argc, char *const *argv)
{
    struct line line;
    char *text;

    line_start(&line);
    line_text(&line, "boottap");
    for (int i = 0; i < argc; i++) {
        line_text(&line, " ");
        append_word(&line, argv[i]);
    }
    text = allocate(line.length + 1);
    memcpy(text, line.text, line.length);
    return text;
}

void watching_talk_begin(struct watching_talk *talk)
{
    outlet_open_standard(&talk->outlet, STDERR_FILENO);
    talk->stream = outlet_stream(&talk->outlet);
    setvbuf(talk->stream, NULL, _IOLBF, BUFSIZ);
    talk_redirect(talk->stream);
}

void watching_talk_end(struct watching_talk *talk)
{
    talk_redirect(NULL);
    fclose(talk->stream);
    outlet_close(&talk->outlet);
}
