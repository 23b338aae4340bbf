/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The STM32 system-memory bootloader in Wireshark: shows what the decoder core emits for each
 * frame.
 *
 * The core reads whole records, as the program boottap does, so that both decode the same, whether
 * the capture holds the USB descriptors or not. The record is fed by whoever of the dissectors here
 * is called first in a frame: the ones in other protocols' tables, which keep stock dissectors off
 * the payload, or the post-dissector, which shows what none of those was asked for.
 */
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/tap.h>

#include "record.h"
#include "stm32boot.h"
#include "ws_compat.h"

static int proto_stm32boot = -1;

static int tap_stm32boot = -1;
static int tap_export = -1;
static int tap_follow = -1;

static dissector_handle_t decode_as_handle;
static dissector_handle_t serial_handle;
static dissector_handle_t usb_decode_as_handle;
static dissector_handle_t usb_handle;
static dissector_handle_t can_decode_as_handle;
static dissector_handle_t post_handle;

/* Names of the heuristics, as Wireshark keeps them in its files */
static const char heuristic_control[] = "stm32boot_usb_control";
static const char heuristic_bulk[] = "stm32boot_usb_bulk";
static const char heuristic_can[] = "stm32boot_can";

/* Preferences */
static guint pref_transfer_size;
static guint pref_default_address = BTAP_DFU_DEFAULT_ADDRESS;
static gint pref_serial_view = BTAP_SERIAL_AS_RECORDED;
static ws_bool pref_wire[BTAP_TRANSPORT_COUNT] = {TRUE, TRUE, TRUE, TRUE};

/** What a dissection of a frame has done so far. */
struct visit {
    tvbuff_t *record;
    const struct shown_frame *frame; /* NULL if it holds nothing of a bootloader */
    bool shown;
};

/** The first of our dissectors that a frame comes to feeds it to the core. */
static struct visit *visit_of(packet_info *pinfo, tvbuff_t *tvb)
{
    struct visit *visit = p_get_proto_data(pinfo->pool, pinfo, proto_stm32boot, 0);

    if (visit != NULL)
        return visit;
    visit = wmem_new0(pinfo->pool, struct visit);
    visit->record = record_of_frame(
        pinfo, pinfo->data_src != NULL ? get_data_source_tvb(pinfo->data_src->data) : tvb);
    p_add_proto_data(pinfo->pool, pinfo, proto_stm32boot, 0, visit);
    if (!PINFO_FD_VISITED(pinfo)) {
        store_keep_data(have_tap_listener(tap_export));
        store_feed(pinfo, visit->record);
    }
    visit->frame = store_frame(pinfo->pool, pinfo->num);
    return visit;
}

static void show(struct visit *visit, packet_info *pinfo, proto_tree *tree,
                 const struct shown_frame *frame)
{
    struct stm32boot_tap *tapped = wmem_new(pinfo->pool, struct stm32boot_tap);

    visit->shown = true;
    stm32boot_set_columns(pinfo, frame);
    stm32boot_add_tree(tree, visit->record, pinfo, frame);
    tapped->frame = frame;
    tapped->record = visit->record;
    tap_queue_packet(tap_stm32boot, pinfo, tapped);
    tap_queue_packet(tap_export, pinfo, tapped);
    tap_queue_packet(tap_follow, pinfo, tapped);
}

/** Bytes that the core skips on a serial line are somebody else's until a bootloader speaks. */
static bool is_wanted(const struct shown_frame *frame)
{
    if (!frame->link->is_bootloader)
        return false;
    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        if (pref_wire[i] && frame->transports & 1u << i)
            return true;
    return false;
}

static bool is_about_payload(const struct shown_frame *frame)
{
    return frame->spans != NULL || frame->requested != NULL;
}

/** Takes a payload if the core found bytes of a bootloader in it. */
static bool claim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, bool asked_for)
{
    struct visit *visit = visit_of(pinfo, tvb);
    const struct shown_frame *frame = visit->frame;

    if (frame == NULL || !(asked_for || (is_about_payload(frame) && is_wanted(frame))))
        return false;
    if (!visit->shown)
        show(visit, pinfo, tree, frame);
    return true;
}

/** Completions of USB have no payload, and 0 would be "not mine". */
static int length_of(tvbuff_t *tvb)
{
    return MAX(1, (int)tvb_captured_length(tvb));
}

static int dissect_decode_as(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return claim(tvb, pinfo, tree, true) ? length_of(tvb) : 0;
}

/** Who asks for it knows the bus: nothing has to prove that it is a bootloader's. */
static int dissect_can_decode_as(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                 void *data _U_)
{
    store_expect_can_bootloader();
    return claim(tvb, pinfo, tree, true) ? length_of(tvb) : 0;
}

static int dissect_automatic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return claim(tvb, pinfo, tree, false) ? length_of(tvb) : 0;
}

static ws_bool dissect_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                 void *data _U_)
{
    return claim(tvb, pinfo, tree, false);
}

/** The request that a payload without bytes completes, if spans are shown of it; else NULL. */
static const struct shown_frame *request_of(tvbuff_t *tvb, const packet_info *pinfo, guint32 number)
{
    const struct shown_frame *request = number != 0 ? store_frame(pinfo->pool, number) : NULL;

    /* Its number may have been given to this frame, see begin_frame(). */
    if (request == NULL || request->spans == NULL || number == pinfo->num)
        return NULL;
    return tvb_reported_length(tvb) == 0 ? request : NULL;
}

/** As claim(), and takes the completions of claimed requests too: stock DFU would call them
 * unknown. */
static bool claim_usb(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const void *data,
                      bool asked_for)
{
    const guint32 number = ws_usb_request_frame(data);
    struct visit *visit = visit_of(pinfo, tvb);
    const struct shown_frame *request;

    request = request_of(tvb, pinfo, number);
    if (request != NULL && !PINFO_FD_VISITED(pinfo) &&
        request->link->identity.transport == BTAP_DFU) {
        store_completion(pinfo->num, number, request);
        visit->frame = store_frame(pinfo->pool, pinfo->num);
    }
    return claim(tvb, pinfo, tree, asked_for) ||
           (request != NULL && (asked_for || is_wanted(request)));
}

static int dissect_usb_decode_as(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return claim_usb(tvb, pinfo, tree, data, true) ? length_of(tvb) : 0;
}

static int dissect_usb_automatic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return claim_usb(tvb, pinfo, tree, data, false) ? length_of(tvb) : 0;
}

static ws_bool dissect_usb_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                     void *data)
{
    return claim_usb(tvb, pinfo, tree, data, false);
}

/** The table of RTAC serial holds one dissector, and none of its own. */
static bool is_line_of_others(void)
{
    dissector_table_t table = find_dissector_table("rtacser.data");
    dissector_handle_t handle = table != NULL ? dissector_get_payload_handle(table) : NULL;

    return handle != NULL && handle != serial_handle && handle != decode_as_handle;
}

/** Whether a person left the heuristic of a link's wire on, under Analyze, Enabled Protocols. */
static bool is_enabled(const struct shown_link *link)
{
    static const char *const names[] = {
        [BTAP_LINK_USB] = heuristic_control,
        [BTAP_LINK_USB_SERIAL] = heuristic_bulk,
        [BTAP_LINK_CAN] = heuristic_can,
        [BTAP_LINK_SERIAL] = NULL,
    };
    const char *name = names[link->identity.kind];
    const heur_dtbl_entry_t *entry =
        name != NULL ? find_heur_dissector_by_unique_short_name(name) : NULL;

    return entry == NULL || entry->enabled;
}

/** What no table asked for: frames without payload, and protocols that took it first. */
static int dissect_post(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    struct visit *visit = visit_of(pinfo, tvb);
    const struct shown_frame *frame = visit->frame;

    if (frame != NULL && !visit->shown && is_wanted(frame) && is_enabled(frame->link) &&
        !(frame->link->identity.kind == BTAP_LINK_SERIAL && is_line_of_others()))
        show(visit, pinfo, tree, frame);
    return (int)tvb_captured_length(tvb);
}

/** RTAC serial is ours if nobody chose another dissector for it. */
static void claim_serial_lines(void)
{
    dissector_table_t table = find_dissector_table("rtacser.data");

    if (table != NULL && dissector_get_payload_handle(table) == NULL)
        dissector_change_payload("rtacser.data", serial_handle);
}

static void start_file(void)
{
    struct btap_options options = btap_options_default();

    options.dfu.transfer_size = (uint16_t)MIN(pref_transfer_size, UINT16_MAX);
    options.dfu.default_address = pref_default_address;
    options.serial_view = (enum btap_serial_view)pref_serial_view;
    store_start(&options);
    claim_serial_lines();
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
        [BTAP_USART] = "Recognise USART (AN3155), also through USB adapters",
        [BTAP_DFU] = "Recognise USB DFU (DFU 1.1, AN3156)",
        [BTAP_FDCAN] = "Recognise CAN FD (AN5405)",
        [BTAP_CAN] = "Recognise classic CAN (AN3154)",
    };
    module_t *module = prefs_register_protocol(proto_stm32boot, NULL);

    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        prefs_register_bool_preference(
            module, btap_transport_name((enum btap_transport)i), titles[i],
            "Whether traffic of this kind is found by what it holds; if not, Decode As shows it",
            &pref_wire[i]);
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
    proto_stm32boot =
        proto_register_protocol("STM32 system-memory bootloader", "STM32BL", "stm32boot");
    /* What the Protocol column shows is what people type. */
    proto_register_alias(proto_stm32boot, "stm32bl");
    stm32boot_register_tree(proto_stm32boot);
    register_preferences();
    register_init_routine(start_file);
    register_postseq_cleanup_routine(store_finish);
    register_cleanup_routine(store_stop);
    tap_stm32boot = register_tap("stm32boot");
    tap_follow = register_tap("stm32boot_follow");
    tap_export = stm32boot_register_export(proto_stm32boot);
    stm32boot_register_statistics(proto_stm32boot);
    stm32boot_register_conversations(proto_stm32boot);
    stm32boot_register_follow(proto_stm32boot);
    decode_as_handle = register_dissector("stm32boot", dissect_decode_as, proto_stm32boot);
    serial_handle = create_dissector_handle(dissect_automatic, proto_stm32boot);
    can_decode_as_handle = create_dissector_handle(dissect_can_decode_as, proto_stm32boot);
    usb_decode_as_handle = create_dissector_handle(dissect_usb_decode_as, proto_stm32boot);
    usb_handle = create_dissector_handle(dissect_usb_automatic, proto_stm32boot);
    post_handle = create_dissector_handle(dissect_post, proto_stm32boot);
}

void proto_reg_handoff_stm32boot(void)
{
    dissector_add_for_decode_as("rtacser.data", decode_as_handle);

    dissector_add_uint("usb.product", (guint32)BTAP_USB_VENDOR_ST << 16 | BTAP_USB_PRODUCT_ST_DFU,
                       usb_handle);
    heur_dissector_add("usb.control", dissect_usb_heuristic, "STM32 bootloader on USB DFU",
                       heuristic_control, proto_stm32boot, HEURISTIC_ENABLE);
    heur_dissector_add("usb.bulk", dissect_usb_heuristic,
                       "STM32 bootloader through a serial adapter", heuristic_bulk, proto_stm32boot,
                       HEURISTIC_ENABLE);
    dissector_add_for_decode_as("usb.device", usb_decode_as_handle);

    heur_dissector_add("can", dissect_heuristic, "STM32 bootloader on CAN FD", heuristic_can,
                       proto_stm32boot, HEURISTIC_ENABLE);
    dissector_add_for_decode_as("can.subdissector", can_decode_as_handle);

    register_postdissector(post_handle);
}
