/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manual/values.h"

#include <string.h>

#include "boottap/command.h"
#include "boottap/comparison.h"
#include "boottap/diagnosis.h"
#include "boottap/note.h"
#include "boottap/transaction.h"
#include "boottap/types.h"
#include "replay/permission.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define CAPTURES  "pcap pcapng cap log gz zst xz"
#define FIRMWARES "bin hex ihex srec s19 mot dfu elf axf"

static const char *transport_name(unsigned i)
{
    return i < BTAP_TRANSPORT_COUNT ? btap_transport_name((enum btap_transport)i) : NULL;
}

static const char *command_name(unsigned i)
{
    return i < BTAP_COMMAND_COUNT ? btap_command_name((enum btap_command)i) : NULL;
}

static const char *status_name(unsigned i)
{
    return i < BTAP_STATUS_COUNT ? btap_status_name((enum btap_status)i) : NULL;
}

static const char *aspect_name(unsigned i)
{
    return i < BTAP_ASPECT_COUNT ? btap_aspect_name((enum btap_aspect)i) : NULL;
}

/* By an option's name. The test install_manual holds each to what the program says that it knows.
 */
static const struct known_option {
    const char *name;
    enum value_kind kind;
    const char *words;
    const char *(*name_at)(unsigned); /**< instead of words; NULL behind the last */
} known_options[] = {
    {"allow", VALUE_LIST, NULL, plan_permission_name},
    {"color", VALUE_WORD, "always never auto", NULL},
    {"command", VALUE_LIST, NULL, command_name},
    {"format", VALUE_WORD, "bin hex srec dfu", NULL},
    {"ignore", VALUE_LIST, NULL, aspect_name},
    {"include", VALUE_LIST, NULL, aspect_name},
    {"serial-direction", VALUE_WORD, "recorded swapped merged", NULL},
    {"status", VALUE_LIST, NULL, status_name},
    {"time", VALUE_WORD, "r d e a ad u ud", NULL},
    {"transport", VALUE_LIST, NULL, transport_name},
};

/* By what help calls an argument, or an operand. */
static const struct known_argument {
    const char *name;
    const char *option; /**< this option's alone; NULL: any */
    const char *words;
} known_arguments[] = {
    {"FILE", "image", FIRMWARES},  {"FILE", "json", "json jsonl"},   {"FILE", "junit", "xml"},
    {"FILE", "read", CAPTURES},    {"FILE", "write", "pcapng pcap"}, {"FILE", NULL, ""},
    {"FIRMWARE", NULL, FIRMWARES}, {"GOOD-CAPTURE", NULL, CAPTURES}, {"OUT", NULL, ""},
};

/* By a command's name. */
static const struct known_operand {
    const char *command;
    enum value_kind kind;
    const char *words;
} known_operands[] = {
    {"list", VALUE_NOTHING, ""},
    {"live", VALUE_WORD, "usbmon0 can0 serial: tap: proxy:"},
    {"run", VALUE_COMMAND, ""},
    {"simulate", VALUE_WORD, "usart dfu fdcan can"},
};

static void set_words(struct value *value, const struct known_option *known)
{
    size_t length = 0;

    if (known->words != NULL)
        snprintf(value->words, sizeof(value->words), "%s", known->words);
    for (unsigned i = 0; known->name_at != NULL && known->name_at(i) != NULL; i++)
        if (length < sizeof(value->words))
            length += (size_t)snprintf(value->words + length, sizeof(value->words) - length, "%s%s",
                                       i > 0 ? " " : "", known->name_at(i));
}

static void set_argument(struct value *value, const struct option_row *row)
{
    for (size_t i = 0; i < COUNT_OF(known_arguments); i++) {
        const struct known_argument *known = &known_arguments[i];

        if (strcmp(known->name, row->argument) == 0 &&
            (known->option == NULL ||
             (row->name != NULL && strcmp(known->option, row->name) == 0))) {
            value->kind = VALUE_FILE;
            snprintf(value->words, sizeof(value->words), "%s", known->words);
            return;
        }
    }
}

void value_of_option(const struct command_line *line, const struct option_row *row,
                     struct value *value)
{
    *value = (struct value){.kind = VALUE_NOTHING};
    if (row->argument == NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(known_options); i++)
        if (row->name != NULL && strcmp(known_options[i].name, row->name) == 0) {
            value->kind = known_options[i].kind;
            set_words(value, &known_options[i]);
            return;
        }
    /* An interface of live is its operand. */
    if (strcmp(row->argument, "INTERFACE") == 0)
        value_of_operand(line, value);
    else
        set_argument(value, row);
}

void value_of_operand(const struct command_line *line, struct value *value)
{
    *value = (struct value){.kind = VALUE_FILE, .words = CAPTURES};
    for (size_t i = 0; i < COUNT_OF(known_operands); i++)
        if (strcmp(known_operands[i].command, line->name) == 0) {
            value->kind = known_operands[i].kind;
            snprintf(value->words, sizeof(value->words), "%s", known_operands[i].words);
        }
}

void each_option(const struct command_line *line,
                 void (*call)(const struct command_line *line, const struct option_row *row,
                              FILE *to),
                 FILE *to)
{
    for (const struct option_group *group = line->groups; group->rows != NULL; group++)
        for (const struct option_row *row = group->rows; row->help != NULL; row++)
            call(line, row, to);
    call(line, &options_help_row, to);
}

void each_id(void (*call)(const char *id, FILE *to), FILE *to)
{
    for (size_t i = 0; i < btap_rules_length(); i++)
        call(btap_rule_at(i)->id, to);
    for (unsigned i = 0; i < BTAP_NOTE_COUNT; i++)
        call(btap_note_name((enum btap_note_id)i), to);
    for (unsigned i = 0; i < BTAP_STATUS_COUNT; i++)
        call(btap_status_name((enum btap_status)i), to);
}
