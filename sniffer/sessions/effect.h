/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a session did to the device's memory: what was written, erased, read.
 * Only transactions that the device accepted and finished count, and of those of a serial line or a
 * bus only ones that the capture wholly holds: which bytes it lacks is not known.
 */
#ifndef SNIFFER_SESSIONS_EFFECT_H
#define SNIFFER_SESSIONS_EFFECT_H

#include "boottap/session.h"
#include "memory/image.h"
#include "sessions/payload.h"

/** Bytes of one file whose sum is compared with the device's, against endless work: so many, and
 * for each byte that is written so many more. */
#define EFFECT_SUMMED_MAX  (64u * 1024 * 1024)
#define EFFECT_SUMMED_EACH 16u

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
    uint64_t number;       /**< of the session in its link, from 1 */
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
    uint16_t usb_device;     /**< bcdDevice */
    uint8_t image_alternate; /**< plain DFU: where the last image was written */
    size_t alternates_length;
    struct effect_alternate alternates[EFFECT_ALTERNATES_MAX];

    struct image written; /**< and erased; a byte's marks tell what followed */
    bool keep_reads;
    struct image read; /**< as if reading wrote it: IMAGE_CHANGED is read differently again */
    uint64_t writes;   /**< that succeeded */
    uint64_t reads;
    uint64_t erases;          /**< erase commands that succeeded */
    uint64_t erases_unplaced; /**< of them, where it is not known what they erased, or not all */
    uint64_t unplaced_n;      /**< the last such transaction */
    uint64_t checksums;       /**< answers of Get Checksum over what was written: that fit */
    uint64_t checksums_other; /**< and that do not */
    uint64_t checksums_left;  /**< and that were not compared: there were too many */
    uint64_t *summable;       /**< bytes that may still be gone through for them, counted down */
    bool searched;            /**< what was read and not written there was looked for elsewhere */
    struct effect_failures not_written;
    struct effect_failures not_read;
};

/** The effect of a session whose first transaction this is; the caller frees it with effect_free().
 *
 * @param pages of memory that may still be kept, counted down; not NULL, kept
 * @param summable bytes that may still be summed up, EFFECT_SUMMED_MAX at first; not NULL, kept
 * @param keep_reads whether what is read is kept too
 */
struct effect *effect_new(const struct btap_link *link, const struct btap_transaction *transaction,
                          size_t *pages, uint64_t *summable, bool keep_reads);

/** Frees an effect; NULL is none. */
void effect_free(struct effect *effect);

/** Adds an erase that a transaction of the session did. */
void effect_erase(struct effect *effect, const struct btap_transaction *transaction,
                  const struct btap_effect *erase);

/** Adds what endangers a transaction's write, after the transaction. */
void effect_risks(struct effect *effect, const struct btap_effect *write);

/** What lies at an address: written, or erased and not written since. A btap_memory_reader whose
 * context is a struct effect. */
bool effect_read_memory(void *context, uint32_t address, uint8_t bytes[8]);

/**
 * Adds a transaction of the session, after its erases.
 *
 * @param payload that went by before it; it counts if it is the transaction's
 * @param device NULL if none is known
 * @param product NULL if not known
 * @param[in,out] readback what the comparison of read data with written adds to
 */
void effect_transaction(struct effect *effect, const struct btap_transaction *transaction,
                        const struct payload *payload, const struct btap_usb_device *device,
                        const struct btap_product *product, struct btap_verification *readback);

/** Whether a session wrote, or tried to. */
bool effect_writes(const struct effect *effect);

/** Whether a session wrote, read or erased anything. */
bool effect_any(const struct effect *effect);

/**
 * Whether what is written to an address must be erased before: not RAM, peripherals and option
 * bytes, and a plain DFU device erases by itself.
 */
bool effect_needs_erase(const struct effect *effect, uint32_t address);

/** Whether memory at an address is one for firmware, which stays: of a plain DFU device all. */
bool effect_holds_firmware(const struct effect *effect, uint32_t address);

/** The alternate setting that an address was written or read through; 0 if none was. */
uint8_t effect_alternate(const struct effect *effect, uint32_t address);

#endif
