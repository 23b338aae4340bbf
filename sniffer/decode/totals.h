/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Totals of a capture, link by link: what --summary prints.
 */
#ifndef SNIFFER_DECODE_TOTALS_H
#define SNIFFER_DECODE_TOTALS_H

#include "boottap/dfuse_layout.h"
#include "boottap/tap.h"
#include "sessions/links.h"

/** Links that are told apart in one file; what further ones do is counted as left out. */
#define TOTALS_LINKS_MAX 256

/** Bytes that were moved, and between when. */
struct totals_flow {
    uint64_t bytes;
    btap_ns first; /**< start of the first such transaction; valid if bytes is not 0 */
    btap_ns last;  /**< outcome of the last one */
};

struct link_totals {
    struct btap_link link; /**< a copy: the link itself may be gone */
    uint64_t transactions;
    uint64_t counts[BTAP_COMMAND_COUNT][BTAP_STATUS_COUNT];
    uint64_t notes[BTAP_NOTE_COUNT];
    uint32_t pending[BTAP_NOTE_COUNT]; /**< of the transaction under way */
    bool any_pending;
    btap_ns first; /**< start of the first transaction */
    btap_ns last;  /**< outcome of the last one */

    /* Of commands that ended well */
    struct totals_flow written;
    struct totals_flow read;
    uint64_t erased_pages;   /**< pages and sectors */
    uint64_t erased_bytes;   /**< of those whose size is known */
    uint64_t erased_unsized; /**< pages whose size is not known */
    uint64_t mass_erases; /**< mass and bank erases, and those that removed the read protection */

    bool version_known;
    uint8_t version;                    /**< protocol version, 0x31 = 3.1 */
    const struct btap_product *product; /**< NULL unknown */
    bool pid_known;
    uint32_t pid;
    bool usb_known;
    uint16_t usb_vendor;
    uint16_t usb_product;
    char layout[BTAP_LAYOUT_NAME_SIZE]; /**< name of the DfuSe memory; "" unknown */
};

struct totals {
    uint64_t omitted;   /**< transactions of links that found no room */
    struct links links; /**< their entries are struct link_totals */
};

void totals_init(struct totals *totals);
void totals_release(struct totals *totals);

/** Counts a transaction. @param device what is known of the USB device; may be NULL */
void totals_transaction(struct totals *totals, const struct btap_link *link,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device);

/**
 * Counts a note: at once if n is 0, else when its transaction is counted.
 */
void totals_note(struct totals *totals, const struct btap_link *link, uint64_t n,
                 const struct btap_note *note);

/** Forgets the notes of a transaction that is not counted. */
void totals_skip(struct totals *totals, const struct btap_link *link);

/** Bytes a second from the first such transaction to the last; 0 if it cannot be told. */
uint64_t totals_rate(const struct totals_flow *flow);

#endif
