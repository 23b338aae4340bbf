/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands fitted to a memory image: --image puts another firmware in place of the recorded one,
 * --translate plays what a session did to memory on another wire.
 */
#ifndef SNIFFER_REPLAY_FIT_H
#define SNIFFER_REPLAY_FIT_H

#include "replay/wish.h"

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
