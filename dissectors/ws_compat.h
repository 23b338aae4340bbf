/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark 4.0 to 4.6: what differs between their plugin interfaces, and nothing else.
 */
#ifndef STM32BOOT_WS_COMPAT_H
#define STM32BOOT_WS_COMPAT_H

#include <epan/dissectors/packet-usb.h>
#include <epan/follow.h>
#include <epan/packet.h>
#include <epan/stats_tree.h>
#include <wiretap/wtap.h>
#include <ws_version.h>

/** Whether this Wireshark is at least the given version. */
#define WS_AT_LEAST(major, minor)                                                                  \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* Preferences and heuristics took GLib's gboolean, an int, before 4.4: a bool there would be
 * written beyond its end. */
#if WS_AT_LEAST(4, 4)
typedef bool ws_bool;
#else
typedef gboolean ws_bool;
#endif

/** Between the parts of a statistic's place in the menu. */
#if WS_AT_LEAST(4, 4)
#define WS_STATS_TREE_SEPARATOR STATS_TREE_MENU_SEPARATOR
#else
#define WS_STATS_TREE_SEPARATOR "/"
#endif

/**
 * The frame of the request that a USB payload answers.
 *
 * @param data as a dissector in a table of USB gets it; may be NULL
 * @return 0 if it is no answer, or the request is not in the capture
 */
static inline guint32 ws_usb_request_frame(const void *data)
{
#if WS_AT_LEAST(4, 4)
    const urb_info_t *usb = data;
#else
    const usb_conv_info_t *usb = data;
#endif

    return usb != NULL && !usb->is_request && usb->usb_trans_info != NULL
               ? usb->usb_trans_info->request_in
               : 0;
}

/** What is said of the interface that a record came from, as pcapng files have it; NULL: nothing.
 */
static inline const char *ws_interface_description(const packet_info *pinfo)
{
    const guint32 id = pinfo->rec->rec_header.packet_header.interface_id;

#if WS_AT_LEAST(4, 2)
    return epan_get_interface_description(pinfo->epan, id, pinfo->rec->section_number);
#else
    return epan_get_interface_description(pinfo->epan, id);
#endif
}

/** Name of the interface that a record came from, likewise; NULL: it has none. */
static inline const char *ws_interface_name(const packet_info *pinfo)
{
    const guint32 id = pinfo->rec->rec_header.packet_header.interface_id;
    const char *description = ws_interface_description(pinfo);
#if WS_AT_LEAST(4, 2)
    const char *name = epan_get_interface_name(pinfo->epan, id, pinfo->rec->section_number);
#else
    const char *name = epan_get_interface_name(pinfo->epan, id);
#endif

    /* Where there is no name Wireshark gives the description, or this word. */
    if (name == NULL || g_strcmp0(name, description) == 0 || strcmp(name, "unknown") == 0)
        return NULL;
    return name;
}

/** Follow asks how many streams there are from 4.4 on, so that the dialog can step through them. */
static inline void ws_register_follow(int proto, const char *tap, follow_conv_filter_func by_packet,
                                      follow_index_filter_func by_index,
                                      follow_address_filter_func by_address,
                                      follow_port_to_display_func port_name, tap_packet_cb handler,
                                      guint32 (*count)(void))
{
#if WS_AT_LEAST(4, 4)
    register_follow_stream(proto, tap, by_packet, by_index, by_address, port_name, handler, count,
                           NULL);
#else
    (void)count;
    register_follow_stream(proto, tap, by_packet, by_index, by_address, port_name, handler);
#endif
}

#endif
