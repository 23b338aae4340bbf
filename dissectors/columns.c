/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The columns: what the bytes of a frame are in few words, then what they complete.
 */
#include <epan/packet.h>
#include <string.h>
#include <wsutil/str_util.h>

#include "stm32boot.h"

#define ARROW "\xe2\x86\x90 " /* U+2190, "in answer to" */

/** A value of which a frame holds many is told so many times. */
#define REPEATED_MAX 3

/** How a field stands in the Info column. */
enum loudness {
    SILENT,     /* not at all: it repeats another, or says nothing on its own */
    NAME,       /* the value's name without its number: ACK, DFU_DNLOAD, dfuIDLE */
    VALUE,      /* 0x08000400 */
    BYTES,      /* 256 bytes */
    WITH_LABEL, /* Product ID 0x0410 */
};

/** The Info column of a frame while it is written. */
struct info {
    packet_info *pinfo;
    const struct shown_frame *frame;
    wmem_strbuf_t *text;
    enum btap_field previous; /* BTAP_FIELD_COUNT: none so far */
    guint repeated;
    bool anything;   /* something stands there */
    bool has_length; /* the frame tells how many bytes its data are */
    bool has_block;
    bool has_opcode;
};

const char *stm32boot_value_name(const char *words)
{
    const char *space = strchr(words, ' ');

    return space != NULL ? space + 1 : words;
}

/** Whether Info may tell it: it says the same on every pass, the first one too. */
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

static enum loudness loudness_of_field(const struct info *info, enum btap_field field)
{
    switch (field) {
    case BTAP_FIELD_COMPLEMENT:
    case BTAP_FIELD_CHECKSUM:
    case BTAP_FIELD_BYTE_COUNT:
    case BTAP_FIELD_INTERFACE:
    case BTAP_FIELD_POLL_TIMEOUT:
    case BTAP_FIELD_STATUS_STRING:
    case BTAP_FIELD_CAN_ID:
    case BTAP_FIELD_PADDING:
        return SILENT;
    case BTAP_FIELD_ADDRESS:
        return VALUE;
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

/** Whether this frame completes the transaction of the span, whose words then follow. */
static bool is_completed(const struct shown_frame *frame, const struct shown_span *span)
{
    for (const struct shown_outcome *outcome = frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        if (outcome->transaction == span->transaction && is_told(frame, outcome->hindsight))
            return true;
    return false;
}

static enum loudness loudness_of(const struct info *info, const struct shown_span *span)
{
    const enum btap_field field = span->field;

    switch (btap_field_base(field)) {
    case BTAP_BASE_OPCODE:
        if (field == BTAP_FIELD_OPCODE)
            return NAME;
        return is_completed(info->frame, span) ? SILENT : WITH_LABEL;
    case BTAP_BASE_ANSWER:
    case BTAP_BASE_DFU_STATUS:
    case BTAP_BASE_DFU_STATE:
    case BTAP_BASE_DFU_REQUEST:
        return NAME;
    default:
        return is_completed(info->frame, span) ? SILENT : loudness_of_field(info, field);
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
        if (outcome->transaction == span->transaction &&
            outcome->transaction->told->status == BTAP_NACK)
            return outcome->transaction;
    return NULL;
}

/** The words of a span that is not repeated. */
static void append_value(const struct info *info, const struct shown_span *span,
                         enum loudness loudness, bool repeated)
{
    const char *label = btap_field_label(span->field);
    const struct shown_transaction *refused = refused_by(info->frame, span);
    char value[BTAP_FIELD_VALUE_SIZE];
    const char *words = value;

    if (btap_field_base(span->field) == BTAP_BASE_NONE) {
        if (loudness != BYTES)
            wmem_strbuf_append_printf(info->text, "%s, ", label);
        wmem_strbuf_append_printf(info->text, "%u byte%s", span->length,
                                  plurality(span->length, "", "s"));
        return;
    }
    btap_field_value(span->link->identity.transport, span->field, span->value, value,
                     sizeof(value));
    if (loudness == NAME || btap_field_base(span->field) == BTAP_BASE_OPCODE)
        words = stm32boot_value_name(value);
    if (!span->last)
        wmem_strbuf_append_printf(info->text, "%s (part)", label);
    else if (loudness == WITH_LABEL && !repeated)
        wmem_strbuf_append_printf(info->text, "%s %s", label, words);
    else
        wmem_strbuf_append(info->text, words);
    if (span->last && loudness == BYTES)
        wmem_strbuf_append_printf(info->text, " byte%s", plurality(span->value, "", "s"));
    if (refused != NULL)
        wmem_strbuf_append_printf(info->text, " (%s)", btap_phase_name(refused->told->phase));
}

/** A frame of nothing loud is not left blank. */
static void append_any(const struct info *info)
{
    char words[BTAP_FIELD_VALUE_SIZE];

    for (const struct shown_span *span = info->frame->spans; span != NULL; span = span->next) {
        if (!is_told(info->frame, span->hindsight))
            continue;
        btap_field_value(span->link->identity.transport, span->field, span->value, words,
                         sizeof(words));
        wmem_strbuf_append_printf(info->text, "%s: %s", btap_field_label(span->field), words);
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
    wmem_strbuf_append(info->text, separator_before(info, loudness));
    if (info->repeated == REPEATED_MAX)
        wmem_strbuf_append(info->text, "...");
    else
        append_value(info, span, loudness, repeated);
    info->previous = span->field;
    info->anything = true;
}

/** What a frame completes: the whole command, and its outcome unless the answer says it. */
static void append_outcome(struct info *info, const struct shown_transaction *transaction,
                           bool answered)
{
    const struct btap_transaction *told = transaction->told;
    char words[BTAP_DESCRIBE_SIZE];

    if (info->anything)
        wmem_strbuf_append(info->text, " ");
    if (told->first_packet != info->pinfo->num)
        wmem_strbuf_append_printf(info->text, ARROW "%u ", (guint)told->first_packet);
    wmem_strbuf_append(info->text, btap_transaction_describe(told, words, sizeof(words)));
    if (told->status != BTAP_OK && !answered)
        wmem_strbuf_append_printf(info->text, ": %s",
                                  btap_transaction_outcome(told, words, sizeof(words)));
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

/** Whether there is anything to tell; if not, what other dissectors told stays. */
static bool tells_anything(const struct shown_frame *frame)
{
    for (const struct shown_span *span = frame->spans; span != NULL; span = span->next)
        if (is_told(frame, span->hindsight))
            return true;
    for (const struct shown_outcome *outcome = frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        if (is_told(frame, outcome->hindsight))
            return true;
    return false;
}

void stm32boot_set_columns(packet_info *pinfo, const struct shown_frame *frame)
{
    struct info info = {.pinfo = pinfo, .frame = frame, .previous = BTAP_FIELD_COUNT};

    if (pinfo->cinfo == NULL || !tells_anything(frame))
        return;
    for (const struct shown_span *span = frame->spans; span != NULL; span = span->next) {
        if (!is_told(frame, span->hindsight))
            continue;
        info.has_length |= span->field == BTAP_FIELD_LENGTH;
        info.has_block |= span->field == BTAP_FIELD_BLOCK;
        info.has_opcode |= span->field == BTAP_FIELD_OPCODE;
        set_addresses(pinfo, span->direction);
    }
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "STM32 boot");
    info.text = wmem_strbuf_new(pinfo->pool, NULL);
    for (const struct shown_span *span = frame->spans; span != NULL; span = span->next)
        if (is_told(frame, span->hindsight))
            append_span(&info, span);
    append_outcomes(&info);
    if (!info.anything)
        append_any(&info);
    col_add_str(pinfo->cinfo, COL_INFO, wmem_strbuf_get_str(info.text));
}
