/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a replay did to the flash memory, against what its plan would have done: for one that ended
 * early, whose user must know what is in the device now.
 */
#ifndef SNIFFER_REPLAY_FLASH_STATE_H
#define SNIFFER_REPLAY_FLASH_STATE_H

#include "boottap/transaction.h"
#include "boottap/usb_device.h"
#include "memory/ranges.h"

/** Ranges of flash; zero but for the first three members: nothing was done. */
struct flash_state {
    const struct btap_product *product; /**< NULL if not known */
    const struct btap_usb_device *usb;  /**< NULL for others */
    uint8_t usb_interface;              /**< the one that the commands go to */
    struct ranges wanted;               /**< what the plan writes */
    struct ranges erased;
    struct ranges written;
    struct ranges doubtful; /**< of commands whose outcome is not known */
    bool elsewhere_erased;  /**< something, it is not known where */
};

/** Adds a command of the plan. */
void flash_state_plan(struct flash_state *state, const struct btap_transaction *transaction);

/**
 * Consumes a command that was sent.
 *
 * @param outcome as answered; one that did not end well may have been performed in part
 */
void flash_state_take(struct flash_state *state, const struct btap_transaction *outcome);

/** In words; what can be done about it. @return words */
const char *flash_state_words(const struct flash_state *state, char *words, size_t size);

void flash_state_release(struct flash_state *state);

#endif
