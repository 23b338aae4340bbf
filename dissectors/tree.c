/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The packet's tree and its expert items. Names and words come from the core's tables.
 */
#include <epan/expert.h>
#include <epan/packet.h>
#include <string.h>

#include "boottap/product.h"
#include "names.h"
#include "stm32boot.h"
#include "ws_compat.h"

static int proto_stm32boot = -1;
static int proto_transport[BTAP_TRANSPORT_COUNT];

/* Generated fields */
static int hf_transaction = -1;
static int hf_stream = -1;
static int hf_link = -1;
static int hf_session = -1;
static int hf_end = -1;
static int hf_source = -1;
static int hf_destination = -1;
static int hf_product = -1;
static int hf_direction = -1;
static int hf_command = -1;
static int hf_command_name = -1;
static int hf_status = -1;
static int hf_status_name = -1;
static int hf_phase = -1;
static int hf_phase_name = -1;
static int hf_address = -1;
static int hf_length = -1;
static int hf_time = -1;
static int hf_response_in = -1;
static int hf_response_to = -1;
static int hf_frame = -1;
static int hf_data_address = -1;
static int hf_part = -1;
static int hf_checksum_status = -1;

/* One field and one expert item for every row of the core's tables */
static int hf_field[BTAP_FIELD_COUNT];
static expert_field ei_note[BTAP_NOTE_COUNT];
static expert_field ei_checksum = EI_INIT;
static expert_field ei_failed = EI_INIT;
static expert_field ei_session_failed = EI_INIT;
static expert_field ei_session_cut_short = EI_INIT;
static expert_field ei_finding = EI_INIT;

static int ett_stm32boot = -1;
static int ett_transaction = -1;
static int ett_frames = -1;

/** A tree under construction. */
struct place {
    proto_tree *tree;
    tvbuff_t *record;
    packet_info *pinfo;
    const struct shown_frame *frame;
};

/** Whether bytes are in the record: a read filter may have given its number to another one. */
static bool is_within(const struct place *place, guint32 offset, guint32 length)
{
    const guint captured = tvb_captured_length(place->record);

    return offset <= captured && length <= captured - offset;
}

/** Whether the words of a field's value are not what Wireshark makes of its number. */
static bool has_own_words(enum btap_field field)
{
    switch (btap_field_base(field)) {
    case BTAP_BASE_OPCODE:
    case BTAP_BASE_VERSION:
    case BTAP_BASE_LESS_1:
    case BTAP_BASE_HEX16: /* has four digits there */
        return true;
    default:
        return false;
    }
}

static proto_item *add_value(const struct place *place, const struct shown_span *span)
{
    const int hf = hf_field[span->field];
    const gint offset = (gint)span->offset;
    const gint length = (gint)span->length;
    const enum btap_transport transport = span->link->identity.transport;
    char words[BTAP_FIELD_VALUE_SIZE];

    if (!has_own_words(span->field))
        return proto_tree_add_uint(place->tree, hf, place->record, offset, length,
                                   (guint32)span->value);
    if (btap_field_base(span->field) != BTAP_BASE_OPCODE)
        return proto_tree_add_uint_format_value(
            place->tree, hf, place->record, offset, length, (guint32)span->value, "%s",
            btap_field_value(transport, span->field, span->value, words, sizeof(words)));
    return proto_tree_add_uint_format_value(
        place->tree, hf, place->record, offset, length, (guint32)span->value, "%s (0x%02x)",
        btap_field_value_name(transport, span->field, span->value), (guint)span->value);
}

/** Whether a field repeats others to guard them. */
static bool is_checksum(enum btap_field field)
{
    return field == BTAP_FIELD_CHECKSUM || field == BTAP_FIELD_COMPLEMENT;
}

/** Wireshark collects expert items also where nobody wants a tree. */
static void add_bad_checksum(packet_info *pinfo, proto_item *item, const struct shown_span *span)
{
    if (span->bad && span->last && is_checksum(span->field))
        expert_add_info_format(pinfo, item, &ei_checksum, "%s is incorrect",
                               btap_field_label(span->field));
}

/** As Wireshark's own dissectors have it. */
static void add_checksum_status(const struct place *place, proto_item *item,
                                const struct shown_span *span)
{
    /* The core knows what the one on CAN is over no better than its reader. */
    const bool verified = span->link->identity.transport == BTAP_USART;
    const guint32 status = !verified   ? PROTO_CHECKSUM_E_UNVERIFIED
                           : span->bad ? PROTO_CHECKSUM_E_BAD
                                       : PROTO_CHECKSUM_E_GOOD;

    if (verified)
        proto_item_append_text(item, " [%s]", span->bad ? "incorrect" : "correct");
    proto_item_set_generated(
        proto_tree_add_uint(place->tree, hf_checksum_status, place->record, 0, 0, status));
    add_bad_checksum(place->pinfo, item, span);
}

/** The bytes of a span as an item; a field in pieces shows its value at the last of them. */
static proto_item *add_span(const struct place *place, const struct shown_span *span)
{
    const gint offset = (gint)span->offset;
    const gint length = (gint)span->length;
    proto_item *item;

    if (!is_within(place, span->offset, span->length))
        return NULL;
    if (btap_field_base(span->field) == BTAP_BASE_NONE)
        return proto_tree_add_item(place->tree, hf_field[span->field], place->record, offset,
                                   length, ENC_NA);
    if (!span->last)
        return proto_tree_add_bytes_format(place->tree, hf_part, place->record, offset, length,
                                           NULL, "%s (part)", btap_field_label(span->field));
    item = add_value(place, span);
    if (is_checksum(span->field))
        add_checksum_status(place, item, span);
    else if (span->bad)
        proto_item_append_text(item, " [wrong]");
    return item;
}

static void add_frames(const struct place *place, proto_tree *tree,
                       const struct shown_transaction *transaction)
{
    proto_tree *subtree =
        proto_tree_add_subtree(tree, place->record, 0, 0, ett_frames, NULL, "Frames");

    proto_item_set_generated(proto_tree_get_parent(subtree));
    for (guint32 i = 0; i < transaction->parts_length; i++)
        proto_item_set_generated(
            proto_tree_add_uint(subtree, hf_frame, place->record, 0, 0, transaction->parts[i]));
    proto_item_append_text(proto_tree_get_parent(subtree), ": %u", transaction->parts_length);
}

/** By its opcode where it has one, as the bytes have it. */
static proto_item *add_command(proto_tree *tree, tvbuff_t *record,
                               const struct btap_transaction *emitted)
{
    const char *name = btap_command_name(emitted->command);
    const guint32 number = number_of_command(emitted->command);

    if (emitted->has & BTAP_HAS_OPCODE)
        return proto_tree_add_uint_format_value(tree, hf_command, record, 0, 0, number,
                                                "%s (0x%02x)", name, emitted->opcode);
    return proto_tree_add_uint_format_value(tree, hf_command, record, 0, 0, number, "%s", name);
}

/** What filters may name beside, and the words for tshark -T fields, which prints numbers. */
static void add_hidden_fields(proto_tree *tree, tvbuff_t *record,
                              const struct btap_transaction *emitted)
{
    const gint opcode = opcode_beside_number(emitted);
    proto_item *items[] = {
        opcode >= 0 ? proto_tree_add_uint(tree, hf_command, record, 0, 0, (guint32)opcode) : NULL,
        proto_tree_add_string(tree, hf_command_name, record, 0, 0,
                              btap_command_name(emitted->command)),
        proto_tree_add_string(tree, hf_status_name, record, 0, 0,
                              btap_status_name(emitted->status)),
        emitted->status != BTAP_OK ? proto_tree_add_string(tree, hf_phase_name, record, 0, 0,
                                                           btap_phase_name(emitted->phase))
                                   : NULL,
    };

    for (size_t i = 0; i < array_length(items); i++)
        proto_item_set_hidden(items[i]);
}

/** NULL if it tells none, or none that the core knows. */
static proto_item *add_product(proto_tree *tree, tvbuff_t *record,
                               const struct btap_transaction *emitted)
{
    const struct btap_product *product = btap_transaction_product(emitted);

    return product != NULL ? proto_tree_add_string(tree, hf_product, record, 0, 0, product->name)
                           : NULL;
}

static void add_generated_fields(const struct place *place, proto_tree *tree,
                                 const struct shown_transaction *transaction)
{
    const struct btap_transaction *emitted = transaction->emitted;
    tvbuff_t *record = place->record;
    const nstime_t duration = stm32boot_duration(emitted);
    proto_item *items[] = {
        proto_tree_add_uint64(tree, hf_transaction, record, 0, 0, emitted->n),
        proto_tree_add_string(tree, hf_link, record, 0, 0, transaction->link->name),
        add_command(tree, record, emitted),
        proto_tree_add_uint(tree, hf_status, record, 0, 0, number_of_status(emitted->status)),
        emitted->status != BTAP_OK
            ? proto_tree_add_uint(tree, hf_phase, record, 0, 0, emitted->phase)
            : NULL,
        emitted->has & BTAP_HAS_ADDRESS
            ? proto_tree_add_uint(tree, hf_address, record, 0, 0, emitted->address)
            : NULL,
        emitted->has & BTAP_HAS_LENGTH
            ? proto_tree_add_uint(tree, hf_length, record, 0, 0, emitted->length)
            : NULL,
        add_product(tree, record, emitted),
        emitted->lacks & BTAP_LACKS_TIMES
            ? NULL
            : proto_tree_add_time(tree, hf_time, record, 0, 0, &duration),
        emitted->first_packet != place->pinfo->num
            ? proto_tree_add_uint(tree, hf_response_to, record, 0, 0,
                                  (guint32)emitted->first_packet)
            : NULL,
    };

    for (size_t i = 0; i < array_length(items); i++)
        proto_item_set_generated(items[i]);
    add_hidden_fields(tree, record, emitted);
}

static proto_item *add_outcome(const struct place *place, proto_item *top,
                               const struct shown_transaction *transaction)
{
    char description[BTAP_DESCRIBE_SIZE] = "";
    char outcome[BTAP_DESCRIBE_SIZE] = "";
    proto_item *item;
    proto_tree *subtree;

    /* A filter looks at the fields, and nobody at the words. */
    if (PTREE_DATA(place->tree)->visible) {
        btap_transaction_describe(transaction->emitted, description, sizeof(description));
        btap_transaction_outcome(transaction->emitted, outcome, sizeof(outcome));
    }
    subtree = proto_tree_add_subtree_format(place->tree, place->record, 0, 0, ett_transaction,
                                            &item, "%s: %s", description, outcome);
    proto_item_set_generated(item);
    proto_item_append_text(top, ", %s: %s", description, outcome);
    add_generated_fields(place, subtree, transaction);
    add_frames(place, subtree, transaction);
    return item;
}

/** Where the outcome is of what is under way in these bytes; each transaction once. */
static void add_response_in(const struct place *place, const struct shown_span *spans)
{
    guint32 previous = 0;

    for (const struct shown_span *span = spans; span != NULL; span = span->next) {
        const guint32 outcome =
            span->transaction != previous ? store_outcome_frame(span->transaction) : 0;

        if (outcome == 0)
            continue;
        previous = span->transaction;
        if (outcome != place->pinfo->num)
            proto_item_set_generated(
                proto_tree_add_uint(place->tree, hf_response_in, place->record, 0, 0, outcome));
    }
}

/** The session of what a frame completes, or else of its first bytes of which that is known; 0
 * where it is not. */
static guint32 session_of(const struct shown_frame *frame, const struct shown_span *spans)
{
    guint32 session = frame->outcomes != NULL ? frame->outcomes->transaction->session : 0;

    for (const struct shown_span *span = spans; span != NULL && session == 0; span = span->next)
        session = store_session(span->transaction);
    return session;
}

/** Where in the device's memory the bytes of this frame are. */
static void add_memory(const struct place *place)
{
    for (const struct shown_data *data = place->frame->data; data != NULL; data = data->next)
        if (is_within(place, data->offset, data->length))
            proto_item_set_generated(proto_tree_add_uint(place->tree, hf_data_address,
                                                         place->record, (gint)data->offset,
                                                         (gint)data->length, data->address));
}

static void add_about_link(const struct place *place)
{
    const struct shown_link *link = place->frame->link;
    const struct shown_span *first = place->frame->spans;

    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        if (place->frame->transports & 1u << i)
            proto_item_set_hidden(
                proto_tree_add_item(place->tree, proto_transport[i], place->record, 0, 0, ENC_NA));
    proto_item_set_generated(
        proto_tree_add_uint(place->tree, hf_stream, place->record, 0, 0, link->stream));
    if (first != NULL && first->direction != BTAP_DIRECTION_UNKNOWN)
        proto_item_set_generated(
            proto_tree_add_uint(place->tree, hf_direction, place->record, 0, 0, first->direction));
}

/** The session of what is in these bytes, as far as it is known, and the ends of that, which
 * Conversations and Endpoints make filters of. */
static void add_session(const struct place *place, const struct shown_span *spans)
{
    const struct shown_link *link = place->frame->link;
    const guint32 session = session_of(place->frame, spans);
    const bool sent = spans != NULL && spans->direction == BTAP_HOST_TO_DEVICE;
    const char *device;
    const struct {
        int hf;
        bool is_host;
        bool known;
    } ends[] = {
        {hf_end, true, true},
        {hf_end, false, true},
        {hf_source, sent, spans != NULL},
        {hf_destination, !sent, spans != NULL},
    };

    if (session == 0)
        return;
    proto_item_set_generated(
        proto_tree_add_uint(place->tree, hf_session, place->record, 0, 0, session));
    device = stm32boot_device_end(place->pinfo->pool, link, session);
    for (size_t i = 0; i < array_length(ends); i++)
        if (ends[i].known)
            proto_item_set_hidden(
                proto_tree_add_string(place->tree, ends[i].hf, place->record, 0, 0,
                                      ends[i].is_host ? STM32BOOT_HOST_END : device));
}

/** From the first of its bytes to the last. */
static proto_item *add_top(proto_tree *tree, tvbuff_t *record, const struct shown_frame *frame)
{
    const guint captured = tvb_captured_length(record);
    guint32 begin = captured;
    guint32 end = 0;

    for (const struct shown_span *span = frame->spans; span != NULL; span = span->next) {
        begin = MIN(begin, span->offset);
        end = MAX(end, span->offset + span->length);
    }
    if (end > captured || begin >= end)
        begin = end = 0;
    /* USB would have it in the subtree of its setup data. */
    return proto_tree_add_item(proto_tree_get_root(tree), proto_stm32boot, record, (gint)begin,
                               (gint)(end - begin), ENC_NA);
}

static void add_bad_checksums(packet_info *pinfo, const struct shown_frame *frame)
{
    for (const struct shown_span *span = frame->spans; span != NULL; span = span->next)
        add_bad_checksum(pinfo, NULL, span);
}

/** As add_bad_checksum(). */
static void add_failure(packet_info *pinfo, proto_item *item,
                        const struct shown_transaction *transaction)
{
    const struct btap_transaction *emitted = transaction->emitted;
    char description[BTAP_DESCRIBE_SIZE];
    char outcome[BTAP_DESCRIBE_SIZE];

    if (transaction->failed)
        expert_add_info_format(pinfo, item, &ei_failed, "%s: %s",
                               btap_transaction_describe(emitted, description, sizeof(description)),
                               btap_transaction_outcome(emitted, outcome, sizeof(outcome)));
}

/** On the last frame of a session: whether it worked, why not, and what to do. */
static void add_verdicts(packet_info *pinfo, proto_item *item, const struct shown_frame *frame)
{
    for (const struct shown_verdict *verdict = frame->verdicts; verdict != NULL;
         verdict = verdict->next) {
        expert_add_info_format(pinfo, item,
                               verdict->verdict == BTAP_VERDICT_FAILED ? &ei_session_failed
                                                                       : &ei_session_cut_short,
                               "%s", verdict->text);
        for (const struct shown_words *words = verdict->words; words != NULL; words = words->next)
            expert_add_info_format(pinfo, item, &ei_finding, "%s", words->text);
    }
}

static void add_notes(packet_info *pinfo, proto_item *item, const struct shown_frame *frame)
{
    char words[BTAP_NOTE_TEXT_SIZE];

    for (const struct shown_note *note = frame->notes; note != NULL; note = note->next)
        expert_add_info_format(pinfo, item, &ei_note[note->note.id], "%s",
                               btap_note_text(&note->note, words, sizeof(words)));
}

/** The bytes that a failure is to be read from are the last ones of its transaction. */
static void add_spans(const struct place *place, proto_item **newest, guint32 *newest_of)
{
    for (const struct shown_span *span = place->frame->spans; span != NULL; span = span->next) {
        *newest = add_span(place, span);
        *newest_of = span->transaction;
    }
}

/**
 * Whether anybody looks at the tree, or at a field in it: for a filter or a column about something
 * else Wireshark has a tree that it shows to nobody.
 */
static bool is_wanted(proto_tree *tree)
{
    if (tree == NULL)
        return false;
    if (proto_field_is_referenced(tree, proto_stm32boot) ||
        proto_field_is_referenced(tree, proto_expert))
        return true;
    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        if (proto_field_is_referenced(tree, proto_transport[i]))
            return true;
    return false;
}

/** All but what completes a command, and expert items. */
static void add_bytes(const struct place *place, proto_item *top, proto_item **newest,
                      guint32 *newest_of)
{
    const struct shown_frame *frame = place->frame;
    const struct shown_span *asked =
        frame->requested != NULL ? frame->requested->spans : frame->spans;
    char words[STM32BOOT_WORDS_SIZE];

    add_about_link(place);
    add_session(place, asked);
    add_spans(place, newest, newest_of);
    add_memory(place);
    add_response_in(place, asked);
    if (frame->outcomes == NULL && PTREE_DATA(place->tree)->visible)
        proto_item_append_text(top, ", %s", stm32boot_words(place->pinfo, frame, words));
}

void stm32boot_add_tree(proto_tree *tree, tvbuff_t *record, packet_info *pinfo,
                        const struct shown_frame *frame)
{
    const bool wanted = is_wanted(tree);
    proto_item *top = wanted ? add_top(tree, record, frame) : NULL;
    const struct place place = {
        .tree = proto_item_add_subtree(top, ett_stm32boot),
        .record = record,
        .pinfo = pinfo,
        .frame = frame,
    };
    proto_item *newest = NULL;
    guint32 newest_of = 0;

    if (wanted)
        add_bytes(&place, top, &newest, &newest_of);
    else
        add_bad_checksums(pinfo, frame);
    for (const struct shown_outcome *outcome = frame->outcomes; outcome != NULL;
         outcome = outcome->next) {
        proto_item *item = wanted ? add_outcome(&place, top, outcome->transaction) : NULL;

        if (newest != NULL && newest_of == outcome->transaction->index)
            item = newest;
        add_failure(pinfo, item, outcome->transaction);
    }
    add_notes(pinfo, top, frame);
    add_verdicts(pinfo, top, frame);
}

/* Registration */

/** `write-memory` as a part of a filter name: Wireshark's own names have no hyphens. */
static char *filter_name(const char *prefix, const char *name)
{
    char *full = wmem_strdup_printf(wmem_epan_scope(), "%s.%s", prefix, name);

    for (char *c = full; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
    return full;
}

/** The names of a field's values that mean the same on every wire; NULL if it has none. */
static const value_string *names_of(enum btap_field field)
{
    value_string *names;
    guint count = 0;

    switch (btap_field_base(field)) {
    case BTAP_BASE_ANSWER:
    case BTAP_BASE_DFU_STATUS:
    case BTAP_BASE_DFU_STATE:
    case BTAP_BASE_DFU_REQUEST:
        break;
    default:
        return NULL;
    }
    names = wmem_alloc0_array(wmem_epan_scope(), value_string, UINT8_MAX + 2);
    for (guint value = 0; value <= UINT8_MAX; value++) {
        const char *name = btap_field_value_name(BTAP_USART, field, value);

        if (name != NULL && strcmp(name, "unknown") != 0)
            names[count++] = (value_string){value, name};
    }
    return names;
}

static enum ftenum type_of(enum btap_field_base base)
{
    switch (base) {
    case BTAP_BASE_NONE:
        return FT_BYTES;
    case BTAP_BASE_DEC:
    case BTAP_BASE_LESS_1:
    case BTAP_BASE_HEX16: /* a GD32's product ID is longer */
    case BTAP_BASE_HEX32:
        return FT_UINT32;
    default:
        return FT_UINT8;
    }
}

static int display_of(enum btap_field_base base)
{
    switch (base) {
    case BTAP_BASE_NONE:
        return BASE_NONE;
    case BTAP_BASE_DEC:
    case BTAP_BASE_LESS_1:
    case BTAP_BASE_DFU_STATUS:
    case BTAP_BASE_DFU_STATE:
    case BTAP_BASE_DFU_REQUEST:
        return BASE_DEC;
    default:
        return BASE_HEX;
    }
}

/** One header field for every field of the core. */
static void register_fields(void)
{
    hf_register_info *info =
        wmem_alloc0_array(wmem_epan_scope(), hf_register_info, BTAP_FIELD_COUNT);

    for (int i = 0; i < BTAP_FIELD_COUNT; i++) {
        const enum btap_field field = (enum btap_field)i;

        hf_field[i] = -1;
        info[i].p_id = &hf_field[i];
        info[i].hfinfo = (header_field_info){
            .name = btap_field_label(field),
            .abbrev = filter_name("stm32boot.field", btap_field_name(field)),
            .type = type_of(btap_field_base(field)),
            .display = display_of(btap_field_base(field)),
            .strings = names_of(field),
            .id = -1,
            .same_name_prev_id = -1,
        };
    }
    proto_register_field_array(proto_stm32boot, info, BTAP_FIELD_COUNT);
}

/** One expert item for every note of the core, and those about outcomes. */
static void register_notes(void)
{
    static const int severities[] = {
        [BTAP_CHAT] = PI_CHAT,
        [BTAP_NOTE] = PI_NOTE,
        [BTAP_WARN] = PI_WARN,
        [BTAP_ERROR] = PI_ERROR,
    };
    static ei_register_info outcomes[] = {
        {&ei_checksum,
         {"stm32boot.checksum.bad", PI_CHECKSUM, PI_WARN, "Bad checksum or complement", EXPFILL}},
        {&ei_failed,
         {"stm32boot.failed", PI_RESPONSE_CODE, PI_ERROR, "The command failed", EXPFILL}},
        {&ei_session_failed,
         {"stm32boot.session_failed", PI_RESPONSE_CODE, PI_ERROR, "The session failed", EXPFILL}},
        {&ei_session_cut_short,
         {"stm32boot.session_cut_short", PI_RESPONSE_CODE, PI_WARN,
          "The capture ends before the session does", EXPFILL}},
        {&ei_finding,
         {"stm32boot.finding", PI_RESPONSE_CODE, PI_NOTE, "A cause, and what to do", EXPFILL}},
    };
    ei_register_info *info =
        wmem_alloc0_array(wmem_epan_scope(), ei_register_info, BTAP_NOTE_COUNT);
    expert_module_t *module = expert_register_protocol(proto_stm32boot);

    for (int i = 0; i < BTAP_NOTE_COUNT; i++) {
        const enum btap_note_id id = (enum btap_note_id)i;

        ei_note[i] = (expert_field)EI_INIT;
        info[i].ids = &ei_note[i];
        info[i].eiinfo.name = filter_name("stm32boot.note", btap_note_name(id));
        info[i].eiinfo.group = PI_SEQUENCE;
        info[i].eiinfo.severity = severities[btap_note_severity(id)];
        info[i].eiinfo.summary = btap_note_name(id);
        HFILL_INIT(info[i].eiinfo.hf_info);
    }
    expert_register_field_array(module, info, BTAP_NOTE_COUNT);
    expert_register_field_array(module, outcomes, array_length(outcomes));
}

static void register_generated_fields(void)
{
    hf_register_info hf[] = {
        {&hf_transaction,
         {"Transaction", "stm32boot.transaction", FT_UINT64, BASE_DEC, NULL, 0,
          "Number of the transaction within its link", HFILL}},
        {&hf_stream,
         {"Stream", "stm32boot.stream", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the link in this capture", HFILL}},
        {&hf_session,
         {"Session", "stm32boot.session", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the run of a flashing tool within its link", HFILL}},
        {&hf_end,
         {"End", "stm32boot.end", FT_STRING, BASE_NONE, NULL, 0,
          "Source or destination, as Conversations and Endpoints name them", HFILL}},
        {&hf_source,
         {"Source end", "stm32boot.src", FT_STRING, BASE_NONE, NULL, 0,
          "Who sent the frame, as Conversations names it", HFILL}},
        {&hf_destination,
         {"Destination end", "stm32boot.dst", FT_STRING, BASE_NONE, NULL, 0,
          "Whom the frame is for, as Conversations names it", HFILL}},
        {&hf_product,
         {"Product", "stm32boot.product", FT_STRING, BASE_NONE, NULL, 0,
          "The products that have the ID that Get ID answered", HFILL}},
        {&hf_link, {"Link", "stm32boot.link", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_direction,
         {"Direction", "stm32boot.direction", FT_UINT8, BASE_NONE, VALS(names_of_directions()), 0,
          "Of the first bytes in this frame", HFILL}},
        {&hf_command,
         {"Command", "stm32boot.command", FT_UINT16, BASE_HEX, VALS(names_of_commands()), 0,
          "By its name or its opcode", HFILL}},
        {&hf_command_name,
         {"Command name", "stm32boot.command_name", FT_STRING, BASE_NONE, NULL, 0,
          "The command in one word, for tshark -T fields", HFILL}},
        {&hf_status,
         {"Status", "stm32boot.status", FT_UINT8, BASE_HEX, VALS(names_of_statuses()), 0,
          "How the command ended", HFILL}},
        {&hf_status_name,
         {"Status name", "stm32boot.status_name", FT_STRING, BASE_NONE, NULL, 0,
          "The status in one word, for tshark -T fields", HFILL}},
        {&hf_phase,
         {"Phase", "stm32boot.phase", FT_UINT8, BASE_NONE, VALS(names_of_phases()), 0,
          "Where a command that is not ok ended", HFILL}},
        {&hf_phase_name,
         {"Phase name", "stm32boot.phase_name", FT_STRING, BASE_NONE, NULL, 0,
          "The phase in one word, for tshark -T fields", HFILL}},
        {&hf_address, {"Address", "stm32boot.address", FT_UINT32, BASE_HEX, NULL, 0, NULL, HFILL}},
        {&hf_length,
         {"Length", "stm32boot.length", FT_UINT32, BASE_DEC, NULL, 0, "In bytes", HFILL}},
        {&hf_time,
         {"Time", "stm32boot.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "From the command's first byte to its outcome", HFILL}},
        {&hf_response_in,
         {"Outcome in", "stm32boot.response_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "The frame that completes this command", HFILL}},
        {&hf_response_to,
         {"Begun in", "stm32boot.response_to", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "The frame that begins this command", HFILL}},
        {&hf_frame,
         {"Frame", "stm32boot.frame", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "A frame that has bytes of this transaction", HFILL}},
        {&hf_data_address,
         {"Memory address", "stm32boot.data_address", FT_UINT32, BASE_HEX, NULL, 0,
          "Where the first of these bytes lies in the device's memory", HFILL}},
        {&hf_part,
         {"Part of a field", "stm32boot.part", FT_BYTES, BASE_NONE, NULL, 0,
          "The value is shown where the field ends", HFILL}},
        {&hf_checksum_status,
         {"Checksum status", "stm32boot.checksum.status", FT_UINT8, BASE_NONE,
          VALS(proto_checksum_vals), 0, "Of a checksum or complement in this frame", HFILL}},
    };
    static int *ett[] = {&ett_stm32boot, &ett_transaction, &ett_frames};

    /* Wireshark keeps the array. */
    proto_register_field_array(proto_stm32boot, wmem_memdup(wmem_epan_scope(), hf, sizeof(hf)),
                               array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

void stm32boot_register_tree(int proto)
{
    static const struct {
        const char *name;
        const char *abbreviation;
    } transports[BTAP_TRANSPORT_COUNT] = {
        [BTAP_USART] = {"STM32 bootloader on USART", "stm32boot.usart"},
        [BTAP_DFU] = {"STM32 bootloader on USB DFU", "stm32boot.dfu"},
        [BTAP_FDCAN] = {"STM32 bootloader on CAN FD", "stm32boot.fdcan"},
        [BTAP_CAN] = {"STM32 bootloader on classic CAN", "stm32boot.can"},
    };

    proto_stm32boot = proto;
    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        proto_transport[i] = proto_register_protocol_in_name_only(
            transports[i].name, transports[i].name, transports[i].abbreviation, proto, FT_PROTOCOL);
    register_generated_fields();
    register_fields();
    register_notes();
}
