/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/line.h"
#include "base/message.h"
#include "base/suggest.h"
#include "simulate/fault_tables.h"

#define LATEST_MS  3600000u
#define KNOWN_SIZE 512

#define ERASE          0x43
#define EXTENDED_ERASE 0x44

/** A text, not ended by a zero. */
struct piece {
    const char *text;
    size_t length;
};

/** A fault taken apart; what lacks has no text. */
struct parsed {
    const char *whole;
    struct piece kind;
    struct piece value;
    struct piece command;
    struct piece phase;
    struct piece when;
    const struct fault_kind *is;
    const struct fault_command *at;
    const struct fault_phase *in;
    uint32_t number; /**< of the value */
    uint32_t first;  /**< it happens from this time on, counted from 1 */
    uint32_t times;  /**< 0 for ever */
};

static bool is_piece(const struct piece *piece, const char *name)
{
    return strlen(name) == piece->length && strncmp(name, piece->text, piece->length) == 0;
}

/** Takes from *text what stands before one of the ends, if it begins with the mark. */
static struct piece take(const char **text, char mark, const char *ends)
{
    struct piece piece = {NULL, 0};

    if (mark != '\0') {
        if (**text != mark)
            return piece;
        (*text)++;
    }
    piece.text = *text;
    piece.length = strcspn(*text, ends);
    *text += piece.length;
    return piece;
}

/** Says what is known in place of something that is not. */
static bool unknown(const struct parsed *parsed, const char *what, const struct piece *piece,
                    const struct line *known)
{
    char word[SUGGEST_WORD_MAX + 1];
    char list[KNOWN_SIZE];
    struct suggestion suggestion = {.word = word};

    snprintf(word, sizeof(word), "%.*s", (int)piece->length, piece->text);
    snprintf(list, sizeof(list), "%.*s", (int)known->length, known->text);
    suggest_consider_list(&suggestion, list);
    message("fault '%s': no %s '%.*s' here%s; known: %s", parsed->whole, what, (int)piece->length,
            piece->text, suggest_words(&suggestion, ""), list);
    return false;
}

static void add_word(struct line *line, const char *word)
{
    if (line->length > 0)
        line_text(line, " ");
    line_text(line, word);
}

static bool find_kind(struct parsed *parsed, const struct fault_tables *tables)
{
    struct line known;

    line_start(&known);
    for (const struct fault_kind *kind = tables->kinds; kind->name != NULL; kind++) {
        if (is_piece(&parsed->kind, kind->name)) {
            parsed->is = kind;
            return true;
        }
        add_word(&known, kind->name);
    }
    return unknown(parsed, "kind", &parsed->kind, &known);
}

static bool find_command(struct parsed *parsed, const struct fault_tables *tables)
{
    struct line known;

    line_start(&known);
    for (const struct fault_command *command = tables->commands; command->name != NULL; command++) {
        if (is_piece(&parsed->command, command->name)) {
            parsed->at = command;
            return true;
        }
        add_word(&known, command->name);
    }
    return unknown(parsed, "command", &parsed->command, &known);
}

/** Bits of the command's phases in which this kind of fault can be. */
static unsigned usable_phases(const struct parsed *parsed, const struct fault_tables *tables)
{
    switch (parsed->is->place) {
    case FAULT_ANSWERS:
        return parsed->at->phases & tables->answer;
    case FAULT_REPLIES:
    case FAULT_REQUESTS:
        return parsed->at->phases & tables->reply;
    case FAULT_ANYWHERE:
    case FAULT_BYTES:
    case FAULT_DEVICE:
        break;
    }
    return parsed->at->phases;
}

/** The phase that is named; else where this kind of fault is at home. */
static bool find_phase(struct parsed *parsed, const struct fault_tables *tables)
{
    const unsigned usable = usable_phases(parsed, tables);
    struct line known;

    line_start(&known);
    for (unsigned i = 0; tables->phases[i].name != NULL; i++) {
        if (!(usable >> i & 1))
            continue;
        if (parsed->phase.text == NULL || is_piece(&parsed->phase, tables->phases[i].name)) {
            parsed->in = &tables->phases[i];
            return true;
        }
        add_word(&known, tables->phases[i].name);
    }
    if (parsed->phase.text != NULL && known.length > 0)
        return unknown(parsed, "phase", &parsed->phase, &known);
    message("fault '%s': %s sends nothing that could be %s", parsed->whole, parsed->at->name,
            parsed->is->name);
    return false;
}

/** A number as C writes it. */
static bool read_number(struct piece piece, uint32_t max, uint32_t *number)
{
    char digits[16];
    char *end;
    unsigned long value;

    if (piece.length == 0 || piece.length >= sizeof(digits))
        return false;
    memcpy(digits, piece.text, piece.length);
    digits[piece.length] = '\0';
    errno = 0;
    value = strtoul(digits, &end, digits[0] == '0' && (digits[1] | 0x20) == 'x' ? 16 : 10);
    if (*end != '\0' || errno != 0 || digits[0] < '0' || digits[0] > '9' || value > max)
        return false;
    *number = (uint32_t)value;
    return true;
}

/** What stands behind the =, as this kind needs it. */
static bool read_value(struct parsed *parsed)
{
    static const struct {
        uint32_t max;
        const char *words;
    } values[] = {
        [FAULT_NO_VALUE] = {0, "no value"},
        [FAULT_BYTE] = {0xFF, "a byte up to 0xff"},
        [FAULT_COUNT] = {0xFF, "a number of bytes up to 255"},
        [FAULT_MS] = {LATEST_MS, "milliseconds, up to an hour"},
        [FAULT_STATUS] = {0x0F, "a status such as errWRITE, or its number up to 15"},
    };
    const struct fault_kind *kind = parsed->is;

    parsed->number = kind->usual;
    if (parsed->value.text == NULL && kind->value_may_lack)
        return true;
    if (parsed->value.text != NULL && kind->value == FAULT_STATUS &&
        fault_status(parsed->value.text, parsed->value.length, &parsed->number))
        return true;
    if (parsed->value.text != NULL && kind->value != FAULT_NO_VALUE &&
        read_number(parsed->value, values[kind->value].max, &parsed->number))
        return true;
    message("fault '%s': behind the = of %s stands %s", parsed->whole, kind->name,
            values[kind->value].words);
    return false;
}

/** `3`, `3-5`, `3+`. */
static bool read_when(struct parsed *parsed)
{
    struct piece when = parsed->when;
    const char *dash;
    uint32_t last;

    parsed->first = 1;
    parsed->times = 0;
    if (when.text == NULL)
        return true;
    parsed->times = 1;
    dash = memchr(when.text, '-', when.length);
    if (when.length > 0 && when.text[when.length - 1] == '+') {
        when.length--;
        parsed->times = 0;
    } else if (dash != NULL) {
        const struct piece behind = {dash + 1, when.length - (size_t)(dash + 1 - when.text)};

        when.length = (size_t)(dash - when.text);
        if (read_number(when, UINT32_MAX, &parsed->first) &&
            read_number(behind, UINT32_MAX, &last) && parsed->first > 0 && last >= parsed->first) {
            parsed->times = last - parsed->first + 1;
            return true;
        }
        when.length = 0;
    }
    if (read_number(when, UINT32_MAX, &parsed->first) && parsed->first > 0)
        return true;
    message("fault '%s': behind the # stands 3 for the third time, 3-5, or 3+ for ever from there",
            parsed->whole);
    return false;
}

/** What the fault names must be what its kind needs. */
static bool check_place(const struct parsed *parsed)
{
    const bool names_command = parsed->command.text != NULL;
    const char *wrong = NULL;

    switch (parsed->is->place) {
    case FAULT_ANSWERS:
    case FAULT_ANYWHERE:
        wrong = names_command ? NULL : "needs a command: @COMMAND or @COMMAND.PHASE";
        break;
    case FAULT_REPLIES:
    case FAULT_REQUESTS:
        wrong = names_command ? NULL : "needs a command: @COMMAND";
        break;
    case FAULT_BYTES:
        if (names_command || parsed->when.text == NULL)
            wrong = "needs the number of a byte of the host, from 1, and nothing else: #100";
        break;
    case FAULT_DEVICE:
        if (names_command || parsed->when.text != NULL)
            wrong = "is a state of the whole device: nothing stands behind it";
        break;
    }
    if (wrong != NULL)
        message("fault '%s': %s %s", parsed->whole, parsed->is->name, wrong);
    return wrong == NULL;
}

static bool parse(struct parsed *parsed, const struct fault_tables *tables, const char *text)
{
    const char *at = text;

    *parsed = (struct parsed){.whole = text};
    parsed->kind = take(&at, '\0', "=@#");
    parsed->value = take(&at, '=', "@#");
    parsed->command = take(&at, '@', ".#");
    parsed->phase = take(&at, '.', "#");
    parsed->when = take(&at, '#', "");
    if (*at != '\0') {
        message("fault '%s': '%s' cannot be read; a fault is KIND[=VALUE]@COMMAND[.PHASE][#WHEN]",
                text, at);
        return false;
    }
    if (!find_kind(parsed, tables) || !check_place(parsed) || !read_value(parsed) ||
        !read_when(parsed))
        return false;
    if (parsed->command.text == NULL)
        return true;
    return find_command(parsed, tables) && find_phase(parsed, tables);
}

static bool full(const struct parsed *parsed, size_t length, size_t max)
{
    if (length < max)
        return false;
    message("fault '%s': no room for more than %zu faults", parsed->whole, max);
    return true;
}

/** Faults that lie on the line, or in the device, and not at an answer. */
static void add_to_line(struct sim_faults *faults, const struct parsed *parsed)
{
    if (is_piece(&parsed->kind, "lose")) {
        faults->lose_at = parsed->first;
        faults->lose_count = parsed->value.text != NULL ? parsed->number
                             : parsed->times == 0       ? UINT64_MAX - parsed->first
                                                        : parsed->times;
    } else if (is_piece(&parsed->kind, "flip")) {
        faults->flip_at = parsed->first;
        faults->flip_mask = (uint8_t)parsed->number;
    } else if (is_piece(&parsed->kind, "parity")) {
        faults->no_parity = true;
    } else {
        faults->corrupt = true;
    }
}

static bool add_usart(struct sim_faults *faults, const struct parsed *parsed)
{
    if (full(parsed, faults->usart_length, USART_FAULTS_MAX))
        return false;
    faults->usart[faults->usart_length++] = (struct usart_fault){
        .kind = (enum usart_misbehaviour)parsed->is->kind,
        .opcode = parsed->at->code,
        .phase = (enum usart_phase)parsed->in->phase,
        .skip = parsed->first - 1,
        .times = parsed->times,
        .delay_us = parsed->number * 1000,
        .byte = (uint8_t)parsed->number,
    };
    return true;
}

static bool add_can(struct sim_faults *faults, const struct parsed *parsed)
{
    enum can_phase phase = (enum can_phase)parsed->in->phase;

    if (full(parsed, faults->can_length, CAN_FAULTS_MAX))
        return false;
    faults->can[faults->can_length++] = (struct can_fault){
        .kind = (enum can_misbehaviour)parsed->is->kind,
        .opcode = parsed->at->code,
        .phase = phase,
        .skip = parsed->first - 1,
        .times = parsed->times,
        .delay_us = parsed->number * 1000,
        .byte = (uint8_t)parsed->number,
    };
    return true;
}

/** The request with which a command begins. */
static enum dfu_request request_of(enum dfu_command command)
{
    switch (command) {
    case DFU_COMMAND_GET:
    case DFU_COMMAND_READ_MEMORY:
        return DFU_UPLOAD;
    case DFU_COMMAND_DETACH:
        return DFU_DETACH;
    case DFU_COMMAND_GET_STATUS:
        return DFU_GETSTATUS;
    case DFU_COMMAND_CLEAR_STATUS:
        return DFU_CLRSTATUS;
    case DFU_COMMAND_GET_STATE:
        return DFU_GETSTATE;
    case DFU_COMMAND_ABORT:
        return DFU_ABORT;
    case DFU_COMMAND_ANY:
    case DFU_COMMAND_SET_ADDRESS:
    case DFU_COMMAND_ERASE:
    case DFU_COMMAND_READ_UNPROTECT:
    case DFU_COMMAND_WRITE_MEMORY:
    case DFU_COMMAND_LEAVE:
        break;
    }
    return DFU_DNLOAD;
}

static bool add_dfu(struct sim_faults *faults, const struct parsed *parsed)
{
    const enum dfu_command command = (enum dfu_command)parsed->at->code;
    const enum dfu_request request = request_of(command);
    enum dfu_misbehaviour kind = (enum dfu_misbehaviour)parsed->is->kind;

    if (full(parsed, faults->dfu_length, DFU_FAULTS_MAX))
        return false;
    if (parsed->is->place == FAULT_REQUESTS && request != DFU_DNLOAD &&
        !(kind == DFU_FAULT_STATUS && request == DFU_UPLOAD)) {
        message("fault '%s': %s starts no operation", parsed->whole, parsed->at->name);
        return false;
    }
    if (parsed->is->place == FAULT_REPLIES && request != DFU_UPLOAD) {
        message("fault '%s': %s sends nothing that could be %s", parsed->whole, parsed->at->name,
                parsed->is->name);
        return false;
    }
    /* An UPLOAD that fails is stalled, and the status asked for afterwards. */
    if (kind == DFU_FAULT_STATUS && request == DFU_UPLOAD)
        kind = DFU_FAULT_STALL;
    faults->dfu[faults->dfu_length++] = (struct dfu_fault){
        .kind = kind,
        .request = parsed->in->phase < 0 ? request : (enum dfu_request)parsed->in->phase,
        .command = command,
        .skip = parsed->first - 1,
        .times = parsed->times,
        .status = (enum dfu_status)(parsed->is->value == FAULT_STATUS ? parsed->number : 0),
        .outcome = DFU_NO_ANSWER,
        .ms = parsed->number,
        .byte = (uint8_t)parsed->number,
    };
    return true;
}

bool faults_fit(const struct sim_faults *faults, const struct usart_product *product)
{
    for (size_t i = 0; i < faults->usart_length; i++) {
        const int opcode = faults->usart[i].opcode;

        if (opcode < 0 || memchr(product->commands, opcode, product->commands_length) != NULL)
            continue;
        for (const struct fault_command *row = fault_tables_of(SIM_USART)->commands;
             row->name != NULL; row++)
            if (row->code == opcode)
                message("a fault of %s can never happen: %s has no such command (%s)", row->name,
                        product->name,
                        opcode == ERASE            ? "but extended-erase"
                        : opcode == EXTENDED_ERASE ? "but erase"
                                                   : "Get does not list it");
        return false;
    }
    return true;
}

bool faults_add(struct sim_faults *faults, enum sim_kind kind, const char *text)
{
    struct parsed parsed;

    if (!parse(&parsed, fault_tables_of(kind), text))
        return false;
    if (parsed.at == NULL) {
        add_to_line(faults, &parsed);
        return true;
    }
    switch (kind) {
    case SIM_USART:
        return add_usart(faults, &parsed);
    case SIM_DFU:
        return add_dfu(faults, &parsed);
    case SIM_FDCAN:
    case SIM_CAN:
        return add_can(faults, &parsed);
    }
    return false;
}

void faults_list(enum sim_kind kind, FILE *to)
{
    const struct fault_tables *tables = fault_tables_of(kind);

    fprintf(to, "Faults of %s: KIND[=VALUE]@COMMAND[.PHASE][#WHEN]\n", tables->wire);
    for (const struct fault_kind *row = tables->kinds; row->name != NULL; row++)
        fprintf(to, "  %-10s %s\n", row->name, row->help);
    fprintf(to, "Commands and their phases; the first is meant where none is named:\n");
    for (const struct fault_command *row = tables->commands; row->name != NULL; row++) {
        fprintf(to, "  %-17s", row->name);
        for (unsigned i = 0; tables->phases[i].name != NULL; i++)
            if (row->phases >> i & 1)
                fprintf(to, " %s", tables->phases[i].name);
        fprintf(to, "\n");
    }
}
