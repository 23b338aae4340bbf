/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark 4.0 to 4.6: what differs between their plugin interfaces, and nothing else.
 */
#ifndef STM32BOOT_WS_COMPAT_H
#define STM32BOOT_WS_COMPAT_H

#include <epan/packet.h>
#include <epan/stats_tree.h>
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

#if WS_AT_LEAST(4, 4)
#define WS_STATS_TREE_SEPARATOR STATS_TREE_MENU_SEPARATOR
#else
#define WS_STATS_TREE_SEPARATOR "/"
#endif

#endif
