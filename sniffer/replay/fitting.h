/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the ways of fitting share: a plan in the making, and requests to put in it.
 */
#ifndef SNIFFER_REPLAY_FITTING_H
#define SNIFFER_REPLAY_FITTING_H

#include "replay/wish.h"

/** A fit under way. */
struct fitting {
    struct plan *plan;
    const struct plan_device *device;
    const struct fit_wish *wish;
    uint8_t fill;         /**< for bytes without a value between those that have one */
    uint8_t alternate;    /**< DFU: setting through which all goes */
    uint32_t plain_first; /**< plain DFU: what of the image is in block 0, */
    uint32_t plain_size;  /**< and how much of it in each */
};

/** A request with its opcode, or of a command that has none. */
struct btap_transaction fitting_opcode(const struct fitting *fitting, uint8_t opcode);
struct btap_transaction fitting_command(const struct fitting *fitting, enum btap_command command);

/** The same about memory. @param length 0: of an address only */
struct btap_transaction fitting_at(struct btap_transaction request, uint32_t address,
                                   uint32_t length);

/** Adds a request without contents. */
void fitting_add(const struct fitting *fitting, const struct btap_transaction *request);

/** Adds one that writes what the image holds there, or that reads it and must find that. */
void fitting_add_contents(const struct fitting *fitting, const struct btap_transaction *request);

/** The ways: by page numbers (USART, FDCAN, CAN), by addresses and blocks (DFU). */
void fit_by_number(struct fitting *fitting);
void fit_by_address(struct fitting *fitting);
void fit_plain_dfu(struct fitting *fitting);

#endif
