/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the sessions of a capture did to the devices' memories: what was written, erased, read.
 * Only transactions that the device accepted and finished count.
 */
#ifndef SNIFFER_SESSIONS_EFFECT_H
#define SNIFFER_SESSIONS_EFFECT_H

#include "boottap/session.h"
#include "boottap/tap.h"
#include "memory/image.h"
#include "sessions/payload.h"

/** Sessions that are kept of one capture; what further ones do is counted as left out. */
#define EFFECTS_MAX 1000

/** Bytes of one session whose sum is compared with the device's: against endless work. */
#define EFFECT_SUMMED_MAX (64u * 1024 * 1024)

/** Alternate settings of a DFU device that are told apart; those of STM32 have at most four. */
#define EFFECT_ALTERNATES_MAX 8

/** What went through one alternate setting. */
struct effect_alternate {
    uint8_t number;
    struct btap_range range; /**< from the lowest to the highest address written or read */
};

/** Commands that did not succeed, and what they were about. */
struct effect_failures {
    uint64_t commands;
    uint64_t missing; /**< bytes of commands that did succeed, which the capture lacks */
    uint64_t assumed; /**< of those, commands whose address the capture does not tell for certain */
    /* Of the first of them */
    uint64_t n;
    uint64_t packet;
    uint32_t address;
    enum btap_status status;
};

/** What one session did. */
struct effect {
    uint64_t number;       /**< of the session in its link, as the diagnosis counts, from 1 */
    struct btap_link link; /**< a copy: the link itself may be gone */
    uint64_t first_packet;
    uint64_t last_packet;
    btap_ns first; /**< start of its first transaction */
    btap_ns last;  /**< outcome of its last one */
    uint64_t transactions;
    const struct btap_product *product; /**< NULL unknown */
    bool plain_dfu;  /**< blocks that are numbered, without addresses: images start at 0 */
    uint16_t vendor; /**< of the USB device in DFU mode; 0xFFFF unknown, as in DFU files */
    uint16_t usb_product;
    uint16_t usb_device; /**< bcdDevice */
    size_t alternates_length;
    struct effect_alternate alternates[EFFECT_ALTERNATES_MAX];

    struct image written; /**< and erased; a byte's marks tell what followed */
    struct image read;    /**< as if reading wrote it: IMAGE_CHANGED is read differently again */
    uint64_t writes;      /**< that succeeded */
    uint64_t reads;
    uint64_t erases;          /**< erase commands that succeeded */
    uint64_t erases_unplaced; /**< of them, where it is not known what they erased */
    uint64_t checksums;       /**< answers of Get Checksum over what was written: that fit */
    uint64_t checksums_other; /**< and that do not */
    uint64_t summed;          /**< bytes that were gone through for them */
    struct effect_failures not_written;
    struct effect_failures not_read;
};

/** One link: its session in hand and the data of its transaction under way. */
struct effect_link {
    struct btap_link link;
    struct effect *session; /**< NULL: the next transaction starts one */
    struct btap_session_sink sink;
    struct btap_session_tracker tracker; /**< knows where sessions end */
    const struct btap_product *product;  /**< stays the same from session to session */
    struct payload payload;
};

/** All sessions of one capture, in the order they started. */
struct effects {
    struct btap_sink sink;      /**< to feed it with */
    const struct btap_tap *tap; /**< that knows the USB devices; NULL if none does */
    uint64_t omitted;           /**< transactions of sessions that found no room */
    size_t length;
    struct effect *list[EFFECTS_MAX];
    size_t links_length;
    size_t links_room;
    struct effect_link **links;
    struct effect_link *recent;
};

/** Starts with no session. effects must stay where it is: its sink points to it. */
void effects_init(struct effects *effects, const struct btap_tap *tap);

/** Ends the capture; call it after the tap's end. */
void effects_finish(struct effects *effects);

void effects_release(struct effects *effects);

/** Whether a session wrote, read or erased anything. */
bool effect_any(const struct effect *effect);

/**
 * Whether what is written to an address must be erased before: not RAM, peripherals and option
 * bytes, and a plain DFU device erases by itself.
 */
bool effect_needs_erase(const struct effect *effect, uint32_t address);

/** The alternate setting that an address was written or read through; 0 if none was. */
uint8_t effect_alternate(const struct effect *effect, uint32_t address);

#endif
