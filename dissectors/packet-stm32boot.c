/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The STM32 system-memory bootloader in Wireshark: shows what the decoder core told of each frame.
 *
 * The dissector is a post-dissector: it sees every record whole, as the program boottap does, so
 * that both decode the same, on every wire, whatever other dissector has claimed the payload and
 * whether the capture holds the USB descriptors or not.
 */
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/tap.h>
#include <string.h>
#include <wsutil/str_util.h>

#include "stm32boot.h"
#include "ws_compat.h"

static int proto_stm32boot = -1;
static int proto_transport[BTAP_TRANSPORT_COUNT];

/* Generated fields of a transaction */
static int hf_transaction = -1;
static int hf_link = -1;
static int hf_command = -1;
static int hf_status = -1;
static int hf_phase = -1;
static int hf_address = -1;
static int hf_length = -1;
static int hf_time = -1;
static int hf_response_in = -1;
static int hf_response_to = -1;
static int hf_data_address = -1;

/* One field and one expert item for every row of the core's tables */
static int hf_field[BTAP_FIELD_COUNT];
static expert_field ei_note[BTAP_NOTE_COUNT];
static expert_field ei_failed = EI_INIT;

static gint ett_stm32boot = -1;
static gint ett_transaction = -1;

static int tap_stm32boot = -1;
static int tap_export = -1;

static dissector_handle_t stm32boot_handle;

/* Preferences */
static guint pref_transfer_size;
static guint pref_default_address = BTAP_DFU_DEFAULT_ADDRESS;
static gint pref_serial_view = BTAP_SERIAL_AS_RECORDED;
static ws_bool pref_wire[BTAP_TRANSPORT_COUNT] = {true, true, true};

static void start_file(void)
{
    struct btap_options options = btap_options_default();

    options.dfu.transfer_size = (uint16_t)pref_transfer_size;
    options.dfu.default_address = pref_default_address;
    options.serial_view = (enum btap_serial_view)pref_serial_view;
    store_start(&options);
}

/** The bytes of a span as an item; a field in pieces shows its value at the last of them. */
static proto_item *add_span(proto_tree *tree, tvbuff_t *record, const struct shown_span *shown)
{
    const struct btap_span *span = &shown->span;
    const int hf = hf_field[span->field];
    const gint offset = (gint)span->offset;
    const gint length = (gint)span->length;
    char words[BTAP_FIELD_VALUE_SIZE];

    if (btap_field_base(span->field) == BTAP_BASE_NONE)
        return proto_tree_add_item(tree, hf, record, offset, length, ENC_NA);
    if (!span->last)
        return proto_tree_add_bytes_format(tree, hf_field[BTAP_FIELD_DATA], record, offset, length,
                                           NULL, "%s (part)", btap_field_label(span->field));
    btap_field_value(shown->transport, span->field, span->value, words, sizeof(words));
    return proto_tree_add_uint64_format_value(tree, hf, record, offset, length, span->value, "%s%s",
                                              words, span->bad ? " [wrong]" : "");
}

static void add_completed(proto_tree *tree, tvbuff_t *record, packet_info *pinfo,
                          const struct shown_transaction *shown)
{
    const struct btap_transaction *transaction = shown->transaction;
    const nstime_t duration = {
        .secs = (time_t)(transaction->duration / 1000000000),
        .nsecs = (int)(transaction->duration % 1000000000),
    };
    proto_tree *subtree = proto_tree_add_subtree_format(
        tree, record, 0, 0, ett_transaction, NULL, "%s: %s", shown->description, shown->outcome);
    proto_item *item = proto_tree_get_parent(subtree);

    proto_item_set_generated(item);
#define GENERATED(added) proto_item_set_generated(added)
    GENERATED(proto_tree_add_uint64(subtree, hf_transaction, record, 0, 0, transaction->n));
    GENERATED(proto_tree_add_string(subtree, hf_link, record, 0, 0, shown->link));
    GENERATED(proto_tree_add_string(subtree, hf_command, record, 0, 0,
                                    btap_command_name(transaction->command)));
    GENERATED(proto_tree_add_string(subtree, hf_status, record, 0, 0,
                                    btap_status_name(transaction->status)));
    if (transaction->status != BTAP_OK)
        GENERATED(proto_tree_add_string(subtree, hf_phase, record, 0, 0,
                                        btap_phase_name(transaction->phase)));
    if (transaction->has & BTAP_HAS_ADDRESS)
        GENERATED(proto_tree_add_uint(subtree, hf_address, record, 0, 0, transaction->address));
    if (transaction->has & BTAP_HAS_LENGTH)
        GENERATED(proto_tree_add_uint(subtree, hf_length, record, 0, 0, transaction->length));
    GENERATED(proto_tree_add_time(subtree, hf_time, record, 0, 0, &duration));
    if (shown->first_frame != pinfo->num)
        GENERATED(proto_tree_add_uint(subtree, hf_response_to, record, 0, 0, shown->first_frame));
#undef GENERATED
    if (transaction->status != BTAP_OK && transaction->status != BTAP_INCOMPLETE)
        expert_add_info_format(pinfo, item, &ei_failed, "%s: %s", shown->description,
                               shown->outcome);
}

static void add_notes(packet_info *pinfo, proto_item *top, wmem_array_t *notes)
{
    char words[BTAP_NOTE_TEXT_SIZE];

    for (guint i = 0; notes != NULL && i < wmem_array_get_count(notes); i++) {
        const struct shown_note *shown = wmem_array_index(notes, i);

        expert_add_info_format(pinfo, top, &ei_note[shown->note.id], "%s",
                               btap_note_text(&shown->note, words, sizeof(words)));
    }
}

/** How a field stands in the Info column. */
enum loudness {
    SILENT,     /* not at all: it repeats another, or says nothing on its own */
    NAME_ONLY,  /* the value's name without its number: ACK, DFU_DNLOAD, dfuIDLE */
    WITH_LABEL, /* Address 0x08000000 */
};

static enum loudness loudness_of(enum btap_field field)
{
    switch (btap_field_base(field)) {
    case BTAP_BASE_OPCODE:
    case BTAP_BASE_ANSWER:
    case BTAP_BASE_DFU_STATUS:
    case BTAP_BASE_DFU_STATE:
    case BTAP_BASE_DFU_REQUEST:
        return NAME_ONLY;
    default:
        break;
    }
    switch (field) {
    case BTAP_FIELD_COMPLEMENT:
    case BTAP_FIELD_CHECKSUM:
    case BTAP_FIELD_BYTE_COUNT:
    case BTAP_FIELD_INTERFACE:
    case BTAP_FIELD_STATUS_STRING:
    case BTAP_FIELD_CAN_ID:
    case BTAP_FIELD_PADDING:
        return SILENT;
    default:
        return WITH_LABEL;
    }
}

/** `NACK` of `0x1f NACK`; the whole where it has no name. */
static const char *name_of(const char *words)
{
    const char *space = strchr(words, ' ');

    return space != NULL ? space + 1 : words;
}

static void append_span(packet_info *pinfo, const struct shown_span *shown)
{
    const struct btap_span *span = &shown->span;
    char words[BTAP_FIELD_VALUE_SIZE];

    if (btap_field_base(span->field) == BTAP_BASE_NONE) {
        col_append_fstr(pinfo->cinfo, COL_INFO, "%s %u byte%s", btap_field_label(span->field),
                        (unsigned)span->length, plurality(span->length, "", "s"));
        return;
    }
    btap_field_value(shown->transport, span->field, span->value, words, sizeof(words));
    if (loudness_of(span->field) == NAME_ONLY)
        col_append_str(pinfo->cinfo, COL_INFO, name_of(words));
    else
        col_append_fstr(pinfo->cinfo, COL_INFO, "%s %s", btap_field_label(span->field), words);
}

/** Info: what the bytes are, then what they complete. Only from what was known at the frame. */
static void set_columns(packet_info *pinfo, const struct shown_frame *frame)
{
    const char *separator = "";

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "STM32 boot");
    col_clear(pinfo->cinfo, COL_INFO);
    for (guint i = 0; frame->spans != NULL && i < wmem_array_get_count(frame->spans); i++) {
        const struct shown_span *shown = wmem_array_index(frame->spans, i);

        if (!shown->first_pass || !shown->span.last || loudness_of(shown->span.field) == SILENT)
            continue;
        col_append_str(pinfo->cinfo, COL_INFO, separator);
        append_span(pinfo, shown);
        separator = ", ";
    }
    for (guint i = 0; frame->completed != NULL && i < wmem_array_get_count(frame->completed); i++) {
        struct shown_transaction *const *shown = wmem_array_index(frame->completed, i);

        col_append_fstr(pinfo->cinfo, COL_INFO, "%s%s: %s", *separator != '\0' ? " | " : "",
                        (*shown)->description, (*shown)->outcome);
        separator = ", ";
    }
}

static int dissect_stm32boot(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    tvbuff_t *record = pinfo->data_src != NULL ? get_data_source_tvb(pinfo->data_src->data) : tvb;
    const struct shown_frame *frame;
    const struct shown_transaction *under_way = NULL;
    proto_tree *subtree;
    proto_item *top;
    struct stm32boot_tap *tapped;

    if (!PINFO_FD_VISITED(pinfo))
        store_feed(pinfo, record);
    frame = store_frame(pinfo->num);
    if (frame == NULL || !pref_wire[frame->transport])
        return 0;

    set_columns(pinfo, frame);
    top = proto_tree_add_item(tree, proto_stm32boot, record, 0, 0, ENC_NA);
    subtree = proto_item_add_subtree(top, ett_stm32boot);
    proto_item_set_hidden(
        proto_tree_add_item(subtree, proto_transport[frame->transport], record, 0, 0, ENC_NA));
    for (guint i = 0; frame->spans != NULL && i < wmem_array_get_count(frame->spans); i++) {
        const struct shown_span *shown = wmem_array_index(frame->spans, i);

        add_span(subtree, record, shown);
        if (shown->shown != NULL)
            under_way = shown->shown;
    }
    for (guint i = 0; frame->data != NULL && i < wmem_array_get_count(frame->data); i++) {
        const struct shown_data *shown = wmem_array_index(frame->data, i);

        proto_item_set_generated(proto_tree_add_uint(subtree, hf_data_address, record,
                                                     (gint)shown->offset, (gint)shown->length,
                                                     shown->address));
    }
    if (under_way != NULL && under_way->complete && under_way->last_frame > pinfo->num)
        proto_item_set_generated(
            proto_tree_add_uint(subtree, hf_response_in, record, 0, 0, under_way->last_frame));
    for (guint i = 0; frame->completed != NULL && i < wmem_array_get_count(frame->completed); i++) {
        struct shown_transaction *const *shown = wmem_array_index(frame->completed, i);

        add_completed(subtree, record, pinfo, *shown);
    }
    add_notes(pinfo, top, frame->notes);

    tapped = wmem_new(pinfo->pool, struct stm32boot_tap);
    tapped->frame = frame;
    tapped->record = record;
    tap_queue_packet(tap_stm32boot, pinfo, tapped);
    if (frame->data != NULL)
        tap_queue_packet(tap_export, pinfo, tapped);
    return (int)tvb_captured_length(tvb);
}

/** `write-memory` as a part of a filter name: Wireshark's own names have no hyphens. */
static char *filter_name(const char *prefix, const char *name)
{
    char *full = wmem_strdup_printf(wmem_epan_scope(), "%s.%s", prefix, name);

    for (char *c = full; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
    return full;
}

/** One header field for every field of the core. */
static void register_fields(void)
{
    hf_register_info *info =
        wmem_alloc0_array(wmem_epan_scope(), hf_register_info, BTAP_FIELD_COUNT);

    for (int i = 0; i < BTAP_FIELD_COUNT; i++) {
        const enum btap_field field = (enum btap_field)i;
        const bool bytes = btap_field_base(field) == BTAP_BASE_NONE;
        const bool decimal = btap_field_base(field) == BTAP_BASE_DEC;

        hf_field[i] = -1;
        info[i].p_id = &hf_field[i];
        info[i].hfinfo = (header_field_info){
            .name = btap_field_label(field),
            .abbrev = filter_name("stm32boot.field", btap_field_name(field)),
            .type = bytes ? FT_BYTES : FT_UINT64,
            .display = bytes     ? BASE_NONE
                       : decimal ? BASE_DEC
                                 : BASE_HEX,
            .id = -1,
            .same_name_prev_id = -1,
        };
    }
    proto_register_field_array(proto_stm32boot, info, BTAP_FIELD_COUNT);
}

/** One expert item for every note of the core. */
static void register_notes(void)
{
    static const int severities[] = {
        [BTAP_CHAT] = PI_CHAT,
        [BTAP_NOTE] = PI_NOTE,
        [BTAP_WARN] = PI_WARN,
        [BTAP_ERROR] = PI_ERROR,
    };
    ei_register_info *info =
        wmem_alloc0_array(wmem_epan_scope(), ei_register_info, BTAP_NOTE_COUNT + 1);
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
    info[BTAP_NOTE_COUNT].ids = &ei_failed;
    info[BTAP_NOTE_COUNT].eiinfo.name = "stm32boot.failed";
    info[BTAP_NOTE_COUNT].eiinfo.group = PI_RESPONSE_CODE;
    info[BTAP_NOTE_COUNT].eiinfo.severity = PI_ERROR;
    info[BTAP_NOTE_COUNT].eiinfo.summary = "The command failed";
    HFILL_INIT(info[BTAP_NOTE_COUNT].eiinfo.hf_info);
    expert_register_field_array(module, info, BTAP_NOTE_COUNT + 1);
}

static void register_preferences(void)
{
    static const enum_val_t views[] = {
        {"recorded", "As recorded: transmit is the host", BTAP_SERIAL_AS_RECORDED},
        {"swapped", "Swapped: transmit is the device", BTAP_SERIAL_SWAPPED},
        {"merged", "Merged: find out from the protocol", BTAP_SERIAL_MERGED},
        {NULL, NULL, 0},
    };
    static const char *const titles[BTAP_TRANSPORT_COUNT] = {
        [BTAP_USART] = "Decode USART (AN3155)",
        [BTAP_DFU] = "Decode USB DFU (AN3156)",
        [BTAP_FDCAN] = "Decode CAN FD (AN5405)",
    };
    module_t *module = prefs_register_protocol(proto_stm32boot, NULL);

    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        prefs_register_bool_preference(
            module, btap_transport_name((enum btap_transport)i), titles[i],
            "Whether frames of this wire are shown as bootloader traffic", &pref_wire[i]);
    prefs_register_uint_preference(module, "transfer_size", "DFU transfer size",
                                   "wTransferSize in bytes; 0: from the descriptor or the traffic",
                                   10, &pref_transfer_size);
    prefs_register_uint_preference(module, "default_address", "DFU default address",
                                   "Address pointer before the first Set Address Pointer", 16,
                                   &pref_default_address);
    prefs_register_enum_preference(module, "serial_direction", "Serial directions",
                                   "How to understand the directions of a serial capture",
                                   &pref_serial_view, views, FALSE);
}

void proto_register_stm32boot(void)
{
    static hf_register_info hf[] = {
        {&hf_transaction,
         {"Transaction", "stm32boot.transaction", FT_UINT64, BASE_DEC, NULL, 0,
          "Number of the transaction within its link", HFILL}},
        {&hf_link, {"Link", "stm32boot.link", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_command, {"Command", "stm32boot.command", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_status, {"Status", "stm32boot.status", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_phase,
         {"Phase", "stm32boot.phase", FT_STRING, BASE_NONE, NULL, 0,
          "Where a command that is not ok ended", HFILL}},
        {&hf_address, {"Address", "stm32boot.address", FT_UINT32, BASE_HEX, NULL, 0, NULL, HFILL}},
        {&hf_length,
         {"Length", "stm32boot.length", FT_UINT32, BASE_DEC, NULL, 0, "In bytes", HFILL}},
        {&hf_time,
         {"Time", "stm32boot.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "From the command's first byte to its outcome", HFILL}},
        {&hf_response_in,
         {"Response in", "stm32boot.response_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "The frame that completes this transaction",
          HFILL}},
        {&hf_response_to,
         {"Response to", "stm32boot.response_to", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "The frame that begins this transaction", HFILL}},
        {&hf_data_address,
         {"Target address", "stm32boot.data_address", FT_UINT32, BASE_HEX, NULL, 0,
          "Where the first of these bytes lies in the device's memory", HFILL}},
    };
    static gint *ett[] = {&ett_stm32boot, &ett_transaction};
    static const struct {
        const char *name;
        const char *abbreviation;
    } transports[BTAP_TRANSPORT_COUNT] = {
        [BTAP_USART] = {"STM32 bootloader on USART", "stm32boot.usart"},
        [BTAP_DFU] = {"STM32 bootloader on USB DFU", "stm32boot.dfu"},
        [BTAP_FDCAN] = {"STM32 bootloader on CAN FD", "stm32boot.fdcan"},
    };

    proto_stm32boot =
        proto_register_protocol("STM32 system-memory bootloader", "STM32 boot", "stm32boot");
    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        proto_transport[i] = proto_register_protocol_in_name_only(
            transports[i].name, transports[i].name, transports[i].abbreviation, proto_stm32boot,
            FT_PROTOCOL);
    proto_register_field_array(proto_stm32boot, hf, array_length(hf));
    register_fields();
    proto_register_subtree_array(ett, array_length(ett));
    register_notes();
    register_preferences();
    register_init_routine(start_file);
    register_postseq_cleanup_routine(store_finish);
    register_cleanup_routine(store_stop);
    tap_stm32boot = register_tap("stm32boot");
    tap_export = stm32boot_register_export(proto_stm32boot);
    stm32boot_register_statistics(proto_stm32boot);
    stm32boot_handle = register_dissector("stm32boot", dissect_stm32boot, proto_stm32boot);
}

void proto_reg_handoff_stm32boot(void)
{
    register_postdissector(stm32boot_handle);
}
