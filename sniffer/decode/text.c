/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transactions as text, a line each, with notes and fields under it.
 */
#include <string.h>

#include "base/allocate.h"
#include "decode/output.h"

/* Columns, counted from 0. The time's width depends on the digits that it has. */
#define TIME_COLUMN      8
#define LINK_WIDTH       14
#define PACKETS_WIDTH    15
#define DESCRIBE_WIDTH   42
#define OUTCOME_WIDTH    12
#define OFFSET_WIDTH     8
#define LABEL_WIDTH      30
#define BYTES_WIDTH      13
#define INLINE_BYTES_MAX 8
#define DUMP_ROW         16

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define RESET  "\033[0m"

struct text_output {
    struct output output;
    struct time_format time;
    bool started;       /**< a line of this file was printed */
    bool several_files; /**< a file was printed before */
    bool several_links;
    const struct btap_link *link; /**< of the line before: where it is, and what it was, for */
    struct btap_link shown;       /**< another may be there once it gave way to others */
    char link_name[BTAP_LINK_NAME_SIZE];
    struct line line;
};

static void colour(struct text_output *text, const char *sequence)
{
    if (text->output.options.colour)
        line_control(&text->line, sequence);
}

static void print(struct text_output *text)
{
    line_print(&text->line, text->output.options.to);
}

/** Whether the times of a link's records mean nothing: none are shown. */
static bool lacks_times(const struct btap_link *link)
{
    return (link->lacks & BTAP_LACKS_TIMES) != 0;
}

/** Width of a time in the style asked for. */
static size_t time_width(const struct text_output *text)
{
    const size_t fraction = 1 + (size_t)text->output.stream->digits;

    switch (text->output.options.time_style) {
    case TIME_STYLE_RELATIVE:
    case TIME_STYLE_DELTA:
        return strlen("12345") + fraction;
    case TIME_STYLE_EPOCH:
        return strlen("1436509052") + fraction;
    case TIME_STYLE_LOCAL:
    case TIME_STYLE_UTC:
        return strlen("06:17:32") + fraction;
    case TIME_STYLE_LOCAL_DATE:
    case TIME_STYLE_UTC_DATE:
        return strlen("2015-07-10 06:17:32") + fraction;
    }
    return 0;
}

static size_t packets_column(const struct text_output *text)
{
    return TIME_COLUMN + time_width(text) + 2 + (text->several_links ? LINK_WIDTH : 0);
}

static size_t describe_column(const struct text_output *text)
{
    return packets_column(text) + PACKETS_WIDTH;
}

/** Notices a second link, from which on every line names its link. */
static void see_link(struct text_output *text, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    if (!text->started) {
        time_format_start(&text->time, text->output.options.time_style, text->output.stream->first);
        btap_link_name(link, text->link_name, sizeof(text->link_name));
        text->started = true;
    } else if (link != text->link || !btap_link_same(link, &text->shown)) {
        btap_link_name(link, name, sizeof(name));
        text->several_links |= strcmp(name, text->link_name) != 0;
        memcpy(text->link_name, name, sizeof(name));
    }
    text->link = link;
    text->shown = *link;
}

static void append_packets(struct text_output *text, uint64_t first, uint64_t last)
{
    line_to_column(&text->line, packets_column(text));
    line_decimal(&text->line, first, 0);
    if (last != first) {
        line_text(&text->line, "-");
        line_decimal(&text->line, last, 0);
    }
    line_to_column(&text->line, describe_column(text));
}

/** Number, time, link and packets: what every line of its own starts with. n 0 for none. */
static void start_line(struct text_output *text, uint64_t n, btap_ns time, uint64_t first_packet,
                       uint64_t last_packet)
{
    struct line *line = &text->line;

    line_start(line);
    if (n != 0)
        line_decimal(line, n, TIME_COLUMN - 2);
    else
        line_text(line, "     -");
    line_text(line, "  ");
    if (!lacks_times(text->link))
        time_format_append(&text->time, line, time, text->output.stream->digits);
    if (text->several_links) {
        line_to_column(line, TIME_COLUMN + time_width(text) + 2);
        line_escaped(line, text->link_name);
    }
    append_packets(text, first_packet, last_packet);
}

/** Packets alone: the start of a line under another. */
static void start_lower_line(struct text_output *text, uint64_t first_packet, uint64_t last_packet)
{
    line_start(&text->line);
    append_packets(text, first_packet, last_packet);
}

/** What found no room, if there is any. */
static void print_omitted(struct text_output *text, const char *before, uint32_t count,
                          const char *behind)
{
    if (count == 0)
        return;
    line_start(&text->line);
    line_to_column(&text->line, describe_column(text));
    line_text(&text->line, before);
    line_decimal(&text->line, count, 0);
    line_text(&text->line, behind);
    print(text);
}

static const char *status_colour(enum btap_status status)
{
    switch (status) {
    case BTAP_OK:
        return GREEN;
    case BTAP_NO_REPLY:
    case BTAP_DISCONNECTED:
    case BTAP_INCOMPLETE:
        return YELLOW;
    case BTAP_NACK:
    case BTAP_DFU_ERROR:
    case BTAP_STALL:
    case BTAP_BAD_REPLY:
    case BTAP_STATUS_COUNT:
        break;
    }
    return RED;
}

static const char *severity_colour(enum btap_severity severity)
{
    return severity == BTAP_ERROR ? RED : severity == BTAP_WARN ? YELLOW : CYAN;
}

static void append_note(struct text_output *text, const struct btap_note *note)
{
    const enum btap_severity severity = btap_note_severity(note->id);
    char words[BTAP_NOTE_TEXT_SIZE];

    line_text(&text->line, "  ");
    colour(text, severity_colour(severity));
    line_text(&text->line, btap_severity_name(severity));
    colour(text, RESET);
    line_text(&text->line, " ");
    line_text(&text->line, btap_note_name(note->id));
    line_text(&text->line, ": ");
    line_escaped(&text->line, btap_note_text(note, words, sizeof(words)));
}

static void print_notes_under(struct text_output *text, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_notes_kept(transaction);

    for (uint32_t i = 0; i < kept; i++) {
        const struct btap_note *note = &transaction->notes[i];

        start_lower_line(text, note->packet, note->packet);
        append_note(text, note);
        print(text);
    }
    print_omitted(text, "  and ", transaction->notes_length - kept, " more notes");
}

/** One row of a hex dump, `08000000  00 01 ...  |..|`. */
static void print_dump_row(struct text_output *text, uint32_t address, const uint8_t *bytes,
                           uint32_t length)
{
    struct line *line = &text->line;
    const size_t start = describe_column(text) + OFFSET_WIDTH;
    const uint32_t half = length < DUMP_ROW / 2 ? length : DUMP_ROW / 2;
    char characters[DUMP_ROW + 1];

    line_start(line);
    line_to_column(line, start);
    for (int shift = 24; shift >= 0; shift -= 8)
        line_hex(line, (uint8_t)(address >> shift));
    line_text(line, "  ");
    line_bytes(line, bytes, half);
    if (length > half) {
        line_text(line, "  ");
        line_bytes(line, bytes + half, length - half);
    }
    line_to_column(line, start + 8 + 2 + 3 * DUMP_ROW + 2);
    for (uint32_t i = 0; i < length; i++)
        characters[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
    characters[length] = '\0';
    line_text(line, "|");
    line_text(line, characters);
    line_text(line, "|");
    print(text);
}

static void print_dump(struct text_output *text, uint32_t address, const uint8_t *bytes,
                       uint32_t length)
{
    for (uint32_t i = 0; i < length; i += DUMP_ROW)
        print_dump_row(text, address + i, bytes + i, length - i < DUMP_ROW ? length - i : DUMP_ROW);
}

static const char *direction_mark(enum btap_direction direction)
{
    return direction == BTAP_HOST_TO_DEVICE ? "> " : direction == BTAP_DEVICE_TO_HOST ? "< " : "? ";
}

/** The field's bytes, or how many where they follow as a dump. */
static void append_bytes(struct text_output *text, const struct collected *collected,
                         const struct collected_field *field)
{
    if (field->bytes_known && field->length <= INLINE_BYTES_MAX && field->kept == field->length) {
        line_bytes(&text->line, collected->bytes + field->start, field->kept);
        return;
    }
    line_decimal(&text->line, field->length, 0);
    line_text(&text->line, field->length == 1 ? " byte" : " bytes");
    if (!field->bytes_known)
        line_text(&text->line, ", no longer known");
}

static void append_value(struct text_output *text, const struct btap_link *link,
                         const struct collected_field *field)
{
    char words[BTAP_FIELD_VALUE_SIZE];

    line_to_column(&text->line, describe_column(text) + OFFSET_WIDTH + LABEL_WIDTH + BYTES_WIDTH);
    if (field->complete)
        line_text(&text->line, btap_field_value(link->transport, field->field, field->value, words,
                                                sizeof(words)));
    else
        line_text(&text->line, "incomplete");
    if (field->bad) {
        colour(text, RED);
        line_text(&text->line, " wrong");
        colour(text, RESET);
    }
}

/** @param address of the payload's first byte */
static void print_field(struct text_output *text, const struct btap_link *link,
                        const struct collected *collected, const struct collected_field *field,
                        uint32_t address)
{
    struct line *line = &text->line;
    const size_t column = describe_column(text);

    start_lower_line(text, field->first_packet, field->last_packet);
    line_text(line, "+");
    line_decimal(line, field->offset, 0);
    line_to_column(line, column + OFFSET_WIDTH);
    line_text(line, direction_mark(field->direction));
    line_text(line, btap_field_label(field->field));
    line_to_column(line, column + OFFSET_WIDTH + LABEL_WIDTH);
    append_bytes(text, collected, field);
    if (btap_field_base(field->field) != BTAP_BASE_NONE)
        append_value(text, link, field);
    print(text);
    if (field->bytes_known && (field->length > INLINE_BYTES_MAX || field->kept < field->length))
        print_dump(text, field->field == BTAP_FIELD_DATA ? address : 0,
                   collected->bytes + field->start, field->kept);
}

static void print_fields_under(struct text_output *text, const struct btap_link *link,
                               const struct collected *collected, uint32_t address)
{
    for (uint32_t i = 0; i < collected->fields_length; i++)
        print_field(text, link, collected, &collected->fields[i], address);
    print_omitted(text, "and ", collected->fields_omitted, " more fields");
}

static void text_begin_file(struct output *output)
{
    struct text_output *text = (struct text_output *)output;

    if (output->options.several_files) {
        line_start(&text->line);
        if (text->several_files)
            line_break(&text->line);
        line_text(&text->line, "==> ");
        line_escaped(&text->line, output->stream->name);
        line_text(&text->line, " <==");
        print(text);
    }
    text->several_files = true;
    text->started = false;
    text->several_links = false;
}

static void text_transaction(struct output *output, const struct btap_link *link,
                             const struct btap_transaction *transaction,
                             const struct collected *collected)
{
    struct text_output *text = (struct text_output *)output;
    struct line *line = &text->line;
    char words[BTAP_DESCRIBE_SIZE];
    size_t column;

    see_link(text, link);
    column = describe_column(text);
    start_line(text, transaction->n, transaction->time, transaction->first_packet,
               transaction->last_packet);
    line_text(line, btap_transaction_describe(transaction, words, sizeof(words)));
    line_to_column(line, column + DESCRIBE_WIDTH);
    colour(text, status_colour(transaction->status));
    line_text(line, btap_transaction_outcome(transaction, words, sizeof(words)));
    colour(text, RESET);
    if (!lacks_times(link)) {
        line_to_column(line, column + DESCRIBE_WIDTH + OUTCOME_WIDTH);
        line_seconds(line, transaction->duration, output->stream->digits, 0);
        line_text(line, " s");
    }
    print(text);
    if (output->options.fields)
        print_fields_under(text, link, collected,
                           transaction->has & BTAP_HAS_ADDRESS ? transaction->address : 0);
    if (output->options.notes)
        print_notes_under(text, transaction);
}

static void text_note(struct output *output, const struct btap_link *link, uint64_t n,
                      const struct btap_note *note)
{
    struct text_output *text = (struct text_output *)output;

    if (n != 0 || !output->options.notes)
        return;
    see_link(text, link);
    start_line(text, 0, note->time, note->packet, note->packet);
    append_note(text, note);
    print(text);
}

static void text_outside(struct output *output, const struct btap_link *link,
                         const struct collected *collected)
{
    struct text_output *text = (struct text_output *)output;

    see_link(text, link);
    print_fields_under(text, link, collected, 0);
}

struct output *output_text_new(const struct output_options *options)
{
    struct text_output *text = allocate(sizeof(*text));

    text->output = (struct output){
        .options = *options,
        .begin_file = text_begin_file,
        .transaction = text_transaction,
        .note = text_note,
        .outside = text_outside,
    };
    return &text->output;
}
