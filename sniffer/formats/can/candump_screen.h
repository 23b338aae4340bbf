/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Frames as candump prints them to the screen.
 */
#ifndef SNIFFER_FORMATS_CAN_CANDUMP_SCREEN_H
#define SNIFFER_FORMATS_CAN_CANDUMP_SCREEN_H

#include "formats/can/can_log.h"

enum candump_kind {
    CANDUMP_NONE,    /**< no line of candump */
    CANDUMP_FRAME,   /**< of a log */
    CANDUMP_SCREEN,  /**< a frame on the screen */
    CANDUMP_OTHER,   /**< what candump says besides; a CAN XL frame */
    CANDUMP_DAMAGED, /**< it begins as a frame does */
};

/** Takes a frame of the screen: what stands behind the time. */
enum candump_kind candump_parse_screen(const struct words *words, size_t at, struct can_told *told);

#endif
