/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the decoders know, listed from their own tables.
 */
#include <string.h>

#include "base/line.h"
#include "base/paragraph.h"
#include "base/wrap.h"
#include "boottap/comparison.h"
#include "boottap/diagnosis.h"
#include "boottap/note.h"
#include "boottap/sink.h"
#include "boottap/transaction.h"
#include "command/command.h"

/* The texts as they stand in the lists, with their printf conversions. */
static const char *const note_texts[] = {
#define BTAP_NOTE_DEF(id, name, severity, text) [BTAP_NOTE_##id] = text,
#include "boottap/notes_dfu.def"
#include "boottap/notes_fdcan.def"
#include "boottap/notes_link.def"
#include "boottap/notes_usart.def"
#undef BTAP_NOTE_DEF
};

static void append_column(struct line *line, size_t column, const char *text)
{
    line_to_column(line, column);
    line_text(line, text);
}

/** Appends a text with N in the place of every conversion. */
static void append_pattern(struct line *line, const char *text)
{
    char piece[2] = "";

    while (*text != '\0') {
        if (*text == '%') {
            text += 1 + strcspn(text + 1, "uxX%");
            piece[0] = *text == '%' ? '%' : 'N';
        } else {
            piece[0] = *text;
        }
        line_text(line, piece);
        if (*text != '\0')
            text++;
    }
}

/** Prints a line in as many as it takes. */
static void wrap_line(const struct line *line, FILE *to)
{
    char text[LINE_SIZE + 1];

    snprintf(text, sizeof(text), "%.*s", (int)line->length, line->text);
    wrap_print(text, to);
}

void print_notes(FILE *to)
{
    struct line line;

    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++) {
        const enum btap_note_id id = (enum btap_note_id)i;

        line_start(&line);
        line_text(&line, btap_severity_name(btap_note_severity(id)));
        append_column(&line, 7, btap_note_name(id));
        line_to_column(&line, 40);
        append_pattern(&line, note_texts[i]);
        wrap_line(&line, to);
    }
}

void print_rules(FILE *to)
{
    struct line line;

    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_rule *rule = btap_rule_at(i);

        line_start(&line);
        line_text(&line, btap_rule_kind_name(rule->kind));
        append_column(&line, 8, btap_certainty_name(rule->certainty));
        append_column(&line, 15, rule->id);
        line_to_column(&line, 41);
        append_pattern(&line, rule->what);
        wrap_line(&line, to);
    }
}

/** Column of the words about a rule. */
#define RULE_COLUMN 17

static void print_point(const char *label, const char *words, FILE *to)
{
    const struct paragraph paragraph = {.label = label, .column = RULE_COLUMN};

    if (words[0] != '\0')
        paragraph_print(&paragraph, words, to);
}

static void print_command_lines(const struct btap_rule *rule, FILE *to)
{
    const struct paragraph paragraph = {.label = "command line", .column = RULE_COLUMN};

    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++) {
        const char *command_line = btap_rule_command_line(rule, (enum btap_transport)i);

        if (command_line[0] != '\0')
            paragraph_print_unbroken(&paragraph, command_line, to);
    }
}

/** Whether a pattern has values in it. */
static bool has_values(const char *pattern)
{
    for (; *pattern != '\0'; pattern++)
        if (*pattern == '%' && *++pattern != '%')
            return true;
    return false;
}

/** What a pattern says, and what stands for values in it. */
static void print_pattern(const char *pattern, FILE *to)
{
    char words[BTAP_EXPLANATION_SIZE];
    struct line line;

    line_start(&line);
    append_pattern(&line, pattern);
    snprintf(words, sizeof(words), "%.*s", (int)line.length, line.text);
    print_point("what it says", words, to);
    if (has_values(pattern))
        print_point("N", "a number, which is printed in its place; each N has its own", to);
}

void print_rule(const struct btap_rule *rule, FILE *to)
{
    char words[BTAP_EXPLANATION_SIZE];
    struct line line;

    line_start(&line);
    line_text(&line, rule->id);
    line_text(&line, " (");
    line_text(&line, btap_rule_kind_name(rule->kind));
    line_text(&line, ", ");
    line_text(&line, btap_certainty_name(rule->certainty));
    line_text(&line, ")");
    line_print(&line, to);
    print_pattern(rule->what, to);
    print_point("when", btap_rule_conditions(rule, words, sizeof(words)), to);
    print_point(rule->certainty == BTAP_FACT ? "why" : "likely why", rule->why, to);
    print_point("what to do", rule->next, to);
    print_command_lines(rule, to);
    print_point("not excluded", rule->not_excluded, to);
}

bool print_note(const char *name, FILE *to)
{
    struct line line;

    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++) {
        const enum btap_note_id id = (enum btap_note_id)i;

        if (strcmp(btap_note_name(id), name) != 0)
            continue;
        line_start(&line);
        line_text(&line, name);
        line_text(&line, " (a note of decode, ");
        line_text(&line, btap_severity_name(btap_note_severity(id)));
        line_text(&line, ")");
        line_print(&line, to);
        print_pattern(note_texts[i], to);
        return true;
    }
    return false;
}

bool print_status(const char *name, FILE *to)
{
    static const char *const words[BTAP_STATUS_COUNT] = {
        [BTAP_OK] = "The device accepted the command and finished it.",
        [BTAP_NACK] = "The device refused the command, an argument or its data: it answered NACK.",
        [BTAP_DFU_ERROR] =
            "The device reported an error: its DFU state is dfuERROR, the status says which.",
        [BTAP_STALL] = "The device stalled the USB request: it does not know it, or not now.",
        [BTAP_NO_REPLY] = "The host went on without an answer of the device.",
        [BTAP_BAD_REPLY] = "What the device sent is neither ACK nor NACK.",
        [BTAP_DISCONNECTED] = "The device left the bus before the command was done.",
        [BTAP_INCOMPLETE] = "The capture ended first, or does not show the outcome.",
    };

    for (unsigned i = 0; i < BTAP_STATUS_COUNT; i++)
        if (strcmp(btap_status_name((enum btap_status)i), name) == 0) {
            fprintf(to, "%s (how a transaction ended)\n", name);
            print_point("what it says", words[i], to);
            return true;
        }
    return false;
}

void print_fields(FILE *to)
{
    struct line line;

    for (size_t i = 0; i < BTAP_FIELD_COUNT; i++) {
        const enum btap_field field = (enum btap_field)i;

        line_start(&line);
        line_text(&line, btap_field_name(field));
        append_column(&line, 24, btap_field_label(field));
        line_print(&line, to);
    }
}

void print_diff_fields(FILE *to)
{
    const struct btap_comparison normal = btap_comparison_default();
    struct line line;

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        const enum btap_aspect aspect = (enum btap_aspect)i;

        line_start(&line);
        line_text(&line, btap_aspect_name(aspect));
        append_column(&line, 18,
                      normal.aspects & BTAP_ASPECT_BIT(i) ? "compared" : "with --include");
        if (btap_aspect_is_amount(aspect))
            append_column(&line, 34, btap_aspect_is_time(aspect) ? "a time" : "a number");
        line_print(&line, to);
    }
}
