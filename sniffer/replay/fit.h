/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands fitted to a memory image: --image puts another firmware in place of the recorded one,
 * --translate plays what a session did to memory on another wire.
 */
#ifndef SNIFFER_REPLAY_FIT_H
#define SNIFFER_REPLAY_FIT_H

#include "memory/image.h"
#include "replay/plan.h"

/** What is wanted of the device's memory. */
struct fit_wish {
    const struct image *image; /**< what is to be written */
    bool mass_erase;           /**< erase all; else the pages that hold the image */
    bool verify;               /**< read back */
    bool start;
    uint32_t start_address;
    uint32_t write_size;  /**< bytes of a Write Memory; 0: the most that the wire takes */
    bool go_on_leave;     /**< DFU: leave even where nothing is started */
    uint8_t erase_opcode; /**< USART: that of the device's Get answer; 0: the product's */
    uint16_t can_base;    /**< FDCAN: bits 10 to 8 of the identifiers of commands */
    uint16_t first_block; /**< plain DFU: number of the first block */
};

/**
 * Adds commands that do it, by the target's own layout: of the product, or of the USB device's
 * strings. What is not possible is refused (plan_refuse()).
 *
 * @param device of the target
 */
void fit_commands(struct plan *plan, const struct plan_device *device, const struct fit_wish *wish);

/**
 * Puts an image in place of what a plan of a capture writes: the commands before the first change
 * stay, then the fitted ones, then those that start or leave.
 */
void fit_image(struct plan *plan, const struct image *image);

/**
 * The same with a firmware file.
 *
 * @param address where a file that tells no addresses begins; NULL: where the plan's lowest write
 *        does
 * @return false: it cannot be read: a message says why
 */
bool fit_image_file(struct plan *plan, const char *path, const uint32_t *address);

#endif
