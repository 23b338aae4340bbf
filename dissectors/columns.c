/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The columns: what the bytes of a frame are in few words, then what they complete.
 */
#include <epan/packet.h>
#include <string.h>
#include <wsutil/str_util.h>

#include "stm32boot.h"

#define ARROW "\xe2\x86\x90 " /* U+2190, "in answer to" */

/** A value that a frame holds several times is listed so often. */
#define REPEATED_MAX 3

/** How a field stands in the Info column. */
enum loudness {
    SILENT,     /* not at all: it repeats another, or says nothing on its own */
    NAME,       /* the value's name without its number: ACK, DFU_DNLOAD, dfuIDLE */
    VALUE,      /* 0x08000400 */
    BYTES,      /* 256 bytes */
    WITH_LABEL, /* Product ID 0x0410 */
};

/** Words that grow up to a limit; what finds no room is left out. */
struct words {
    char *bytes;
    gsize length; /* without the terminating zero, of at most STM32BOOT_WORDS_SIZE - 1 */
};

/** The Info column of a frame while it is written. */
struct info {
    const struct shown_frame *frame;
    guint32 number; /* of that frame */
    struct words *text;
    enum btap_field previous; /* BTAP_FIELD_COUNT: none so far */
    guint repeated;
    bool anything;   /* something stands there */
    bool has_length; /* the frame tells how many bytes its data are */
    bool has_block;
    bool has_opcode;
    bool has_data;
    bool has_list; /* pages or sectors */
};

/** Whether Info may show it: it must say the same on every pass, the first one too. */
static bool is_told(const struct shown_frame *frame, bool hindsight)
{
    return frame->hindsight || !hindsight;
}

/** Whether a length counts memory: that of a DFU request is mostly what it has room for. */
static bool is_of_memory(const struct info *info)
{
    return info->frame->link->identity.transport != BTAP_DFU ||
           (info->has_block && !info->has_opcode);
}

static enum loudness loudness_of_field(const struct info *info, const struct shown_span *span)
{
    switch (span->field) {
    case BTAP_FIELD_COMPLEMENT:
    case BTAP_FIELD_CHECKSUM:
    case BTAP_FIELD_INTERFACE:
    case BTAP_FIELD_POLL_TIMEOUT:
    case BTAP_FIELD_STATUS_STRING:
    case BTAP_FIELD_CAN_ID:
    case BTAP_FIELD_PADDING:
        return SILENT;
    case BTAP_FIELD_ADDRESS:
        return VALUE;
    case BTAP_FIELD_BYTE_COUNT:
        return info->has_data || span->direction == BTAP_DEVICE_TO_HOST ? SILENT : BYTES;
    case BTAP_FIELD_PAGE_COUNT:
    case BTAP_FIELD_PAGES_LESS_1:
    case BTAP_FIELD_SECTOR_COUNT:
    case BTAP_FIELD_SECTORS_LESS_1:
        return info->has_list ? SILENT : WITH_LABEL;
    case BTAP_FIELD_BLOCK:
        return info->has_opcode ? SILENT : WITH_LABEL;
    case BTAP_FIELD_LENGTH:
        return is_of_memory(info) ? BYTES : SILENT;
    case BTAP_FIELD_DATA:
        return info->has_length ? SILENT : BYTES;
    default:
        return WITH_LABEL;
    }
}

/** The transaction of the span if this frame completes it, whose words then follow; else NULL. */
static const struct shown_transaction *completed_by(const struct shown_frame *frame,
                                                    const struct shown_span *span)
{
    for (const struct shown_outcome *outcome = frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        if (outcome->transaction->index == span->transaction && is_told(frame, outcome->hindsight))
            return outcome->transaction;
    return NULL;
}

/** Whether status and state are all that the transaction asked for, whose words have them. */
static bool is_query(const struct shown_transaction *transaction)
{
    const enum btap_command command = transaction->emitted->command;

    return command == BTAP_GET_STATUS || command == BTAP_GET_STATE;
}

static enum loudness loudness_of(const struct info *info, const struct shown_span *span)
{
    const struct shown_transaction *completed = completed_by(info->frame, span);

    switch (btap_field_base(span->field)) {
    case BTAP_BASE_OPCODE:
        if (span->field == BTAP_FIELD_OPCODE)
            return NAME;
        return completed != NULL ? SILENT : WITH_LABEL;
    case BTAP_BASE_DFU_STATUS:
    case BTAP_BASE_DFU_STATE:
        return completed != NULL && is_query(completed) ? SILENT : NAME;
    case BTAP_BASE_ANSWER:
    case BTAP_BASE_DFU_REQUEST:
        return NAME;
    default:
        return completed != NULL ? SILENT : loudness_of_field(info, span);
    }
}

/** The failed command that this answer ends in this frame: its phase stands behind the answer. */
static const struct shown_transaction *refused_by(const struct shown_frame *frame,
                                                  const struct shown_span *span)
{
    if (span->field != BTAP_FIELD_ANSWER)
        return NULL;
    for (const struct shown_outcome *outcome = frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        if (outcome->transaction->index == span->transaction &&
            outcome->transaction->emitted->status == BTAP_NACK)
            return outcome->transaction;
    return NULL;
}

static void append(const struct info *info, const char *piece)
{
    struct words *text = info->text;
    const gsize length = strlen(piece);

    if (length >= STM32BOOT_WORDS_SIZE - text->length)
        return;
    memcpy(text->bytes + text->length, piece, length + 1);
    text->length += length;
}

/** As "%u": what a million frames are told is worth a little more than printf(). */
static void append_decimal(const struct info *info, guint64 number)
{
    char digits[24];
    char *at = digits + sizeof(digits) - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    append(info, at);
}

static void append_count(const struct info *info, guint64 count)
{
    append_decimal(info, count);
    append(info, count == 1 ? " byte" : " bytes");
}

/** As "0x%08x". */
static void append_address(const struct info *info, guint32 address)
{
    static const char digits[] = "0123456789abcdef";
    char words[] = "0x00000000";

    for (char *at = words + sizeof(words) - 2; address != 0; address >>= 4)
        *at-- = digits[address & 0xf];
    append(info, words);
}

/** `256 bytes at 0x08000400`, if the core knows where these bytes of the frame are. */
static void append_bytes(const struct info *info, const struct shown_span *span)
{
    const enum btap_field_base base = btap_field_base(span->field);
    const guint64 count = base == BTAP_BASE_NONE     ? span->length
                          : base == BTAP_BASE_LESS_1 ? span->value + 1
                                                     : span->value;

    append_count(info, count);
    if (span->transaction == 0)
        return;
    for (const struct shown_data *data = info->frame->data; data != NULL; data = data->next)
        if (data->transaction == span->transaction) {
            append(info, " at ");
            append_address(info, data->address);
            return;
        }
}

/** The value of a span: its name if it has one; with its number if the number is worth it. */
static void append_words(const struct info *info, const struct shown_span *span,
                         enum loudness loudness)
{
    const enum btap_transport transport = span->link->identity.transport;
    const char *name = btap_field_value_name(transport, span->field, span->value);
    char value[BTAP_FIELD_VALUE_SIZE];

    if (span->field == BTAP_FIELD_ADDRESS) {
        append_address(info, (guint32)span->value);
        return;
    }
    if (name == NULL || (loudness != NAME && btap_field_base(span->field) != BTAP_BASE_OPCODE))
        name = btap_field_value(transport, span->field, span->value, value, sizeof(value));
    append(info, name);
}

/** What a span is, which is not one of many alike. */
static void append_value(const struct info *info, const struct shown_span *span,
                         enum loudness loudness, bool repeated)
{
    const enum btap_field_base base = btap_field_base(span->field);
    const char *label = btap_field_label(span->field);
    const struct shown_transaction *refused = refused_by(info->frame, span);

    if (!span->last && base != BTAP_BASE_NONE) {
        append(info, label);
        append(info, " (part)");
    } else if (loudness == BYTES) {
        append_bytes(info, span);
    } else if (base == BTAP_BASE_NONE) {
        append(info, label);
        append(info, ", ");
        append_count(info, span->length);
    } else {
        if (loudness == WITH_LABEL && !repeated) {
            append(info, label);
            append(info, " ");
        }
        append_words(info, span, loudness);
    }
    if (refused == NULL)
        return;
    append(info, " (");
    append(info, btap_phase_name(refused->emitted->phase));
    append(info, ")");
}

/** A frame of nothing loud is not left blank. */
static void append_any(struct info *info)
{
    char words[BTAP_FIELD_VALUE_SIZE];

    for (const struct shown_span *span = info->frame->spans; span != NULL; span = span->next) {
        if (!is_told(info->frame, span->hindsight))
            continue;
        btap_field_value(span->link->identity.transport, span->field, span->value, words,
                         sizeof(words));
        append(info, btap_field_label(span->field));
        append(info, " ");
        append(info, words);
        info->anything = true;
        return;
    }
}

/** `Write Memory 0x08000400 256 bytes`: a command and its address and length are one phrase. */
static const char *separator_before(const struct info *info, enum loudness loudness)
{
    if (info->previous == BTAP_FIELD_COUNT)
        return "";
    if ((info->previous == BTAP_FIELD_OPCODE || info->previous == BTAP_FIELD_ADDRESS) &&
        (loudness == VALUE || loudness == BYTES))
        return " ";
    return ", ";
}

static void append_span(struct info *info, const struct shown_span *span)
{
    const enum loudness loudness = loudness_of(info, span);
    const bool repeated = span->field == info->previous;

    if (loudness == SILENT)
        return;
    info->repeated = repeated ? info->repeated + 1 : 0;
    if (info->repeated > REPEATED_MAX)
        return;
    append(info, separator_before(info, loudness));
    if (info->repeated == REPEATED_MAX)
        append(info, "...");
    else
        append_value(info, span, loudness, repeated);
    info->previous = span->field;
    info->anything = true;
}

/** `<- 12 `: in answer to that frame. */
static void append_arrow(const struct info *info, guint64 number)
{
    append(info, ARROW);
    append_decimal(info, number);
    append(info, " ");
}

/** What a frame completes: the whole command, and its outcome unless the answer says it. */
static void append_outcome(struct info *info, const struct shown_transaction *transaction,
                           bool answered)
{
    const struct btap_transaction *emitted = transaction->emitted;
    char words[BTAP_DESCRIBE_SIZE];

    if (info->anything)
        append(info, " ");
    if (emitted->first_packet != info->number)
        append_arrow(info, emitted->first_packet);
    append(info, btap_transaction_describe(emitted, words, sizeof(words)));
    if (emitted->status != BTAP_OK && !answered) {
        append(info, ": ");
        append(info, btap_transaction_outcome(emitted, words, sizeof(words)));
    }
    info->anything = true;
}

static void append_outcomes(struct info *info)
{
    for (const struct shown_outcome *outcome = info->frame->outcomes; outcome != NULL;
         outcome = outcome->next) {
        bool answered = false;

        if (!is_told(info->frame, outcome->hindsight))
            continue;
        for (const struct shown_span *span = info->frame->spans; span != NULL; span = span->next)
            answered |= refused_by(info->frame, span) == outcome->transaction;
        append_outcome(info, outcome->transaction, answered);
    }
}

/** Serial lines and CAN have no addresses; who sent the frame is worth a column. */
static void set_addresses(packet_info *pinfo, enum btap_direction direction)
{
    static const char host[] = "host";
    static const char device[] = "device";

    if (pinfo->src.type != AT_NONE || direction == BTAP_DIRECTION_UNKNOWN)
        return;
    if (direction == BTAP_HOST_TO_DEVICE) {
        set_address(&pinfo->src, AT_STRINGZ, sizeof(host), host);
        set_address(&pinfo->dst, AT_STRINGZ, sizeof(device), device);
    } else {
        set_address(&pinfo->src, AT_STRINGZ, sizeof(device), device);
        set_address(&pinfo->dst, AT_STRINGZ, sizeof(host), host);
    }
}

/** What the bytes of a frame are. */
static void append_spans(struct info *info)
{
    for (const struct shown_span *span = info->frame->spans; span != NULL; span = span->next) {
        if (!is_told(info->frame, span->hindsight))
            continue;
        info->has_length |= span->field == BTAP_FIELD_LENGTH;
        info->has_block |= span->field == BTAP_FIELD_BLOCK;
        info->has_opcode |= span->field == BTAP_FIELD_OPCODE;
        info->has_data |= span->field == BTAP_FIELD_DATA;
        info->has_list |= span->field == BTAP_FIELD_PAGE || span->field == BTAP_FIELD_SECTOR;
    }
    for (const struct shown_span *span = info->frame->spans; span != NULL; span = span->next)
        if (is_told(info->frame, span->hindsight))
            append_span(info, span);
}

/** Nothing but the end of a USB request: which one it was. */
static void append_request(struct info *info)
{
    struct info request = {
        .text = info->text,
        .frame = info->frame->requested,
        .number = info->frame->request,
        .previous = BTAP_FIELD_COUNT,
    };

    if (request.frame == NULL)
        return;
    append_arrow(info, request.number);
    append_spans(&request);
    info->anything = true;
}

/** A frame without spans and without an outcome is shown for its notes. */
static void append_notes(struct info *info)
{
    char words[BTAP_NOTE_TEXT_SIZE];

    for (const struct shown_note *note = info->frame->notes; note != NULL; note = note->next) {
        if (!is_told(info->frame, note->hindsight))
            continue;
        append(info, info->anything ? ": " : "");
        append(info, btap_note_text(&note->note, words, sizeof(words)));
        info->anything = true;
    }
}

const char *stm32boot_words(const packet_info *pinfo, const struct shown_frame *frame,
                            char words[STM32BOOT_WORDS_SIZE])
{
    struct words text = {.bytes = words};
    struct info info = {
        .text = &text,
        .frame = frame,
        .number = pinfo->num,
        .previous = BTAP_FIELD_COUNT,
    };

    words[0] = '\0';
    append_spans(&info);
    append_outcomes(&info);
    if (!info.anything)
        append_any(&info);
    if (!info.anything) {
        append_request(&info);
        append_notes(&info);
    }
    return words;
}

/** The sender of the spans of a frame, if it has any. */
static enum btap_direction direction_of(const struct shown_frame *frame)
{
    for (const struct shown_span *span = frame->spans; span != NULL; span = span->next)
        if (is_told(frame, span->hindsight))
            return span->direction;
    return BTAP_DIRECTION_UNKNOWN;
}

void stm32boot_set_columns(packet_info *pinfo, const struct shown_frame *frame)
{
    char words[STM32BOOT_WORDS_SIZE];

    set_addresses(pinfo, direction_of(frame));
    if (pinfo->cinfo == NULL)
        return;
    /* Where there is nothing to show, the columns of other dissectors stay. */
    if (stm32boot_words(pinfo, frame, words)[0] == '\0')
        return;
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "STM32BL");
    col_add_str(pinfo->cinfo, COL_INFO, words);
}
