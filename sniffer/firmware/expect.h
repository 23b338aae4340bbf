/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Was a given firmware flashed? Holds what a session wrote against a firmware file.
 */
#ifndef SNIFFER_FIRMWARE_EXPECT_H
#define SNIFFER_FIRMWARE_EXPECT_H

#include "base/json.h"
#include "firmware/firmware.h"
#include "sessions/effect.h"

/** What a byte, or a run of bytes, may be. */
enum expect_kind {
    EXPECT_SENT,       /**< sent as the file has it */
    EXPECT_BLANK,      /**< not sent, but erased, and 0xFF in the file: the same in the end */
    EXPECT_PADDING,    /**< sent beside the file's bytes to fill up a block: 0xFF or 0x00 */
    EXPECT_ELSEWHERE,  /**< not in the file, and sent to RAM, peripherals or option bytes */
    EXPECT_DIFFERENT,  /**< sent, but not as the file has it */
    EXPECT_MISSING,    /**< not sent */
    EXPECT_EXTRA,      /**< sent, and not in the file */
    EXPECT_READ_OTHER, /**< sent as the file has it, and read back otherwise */
    EXPECT_UNERASED,   /**< sent as the file has it, neither erased before nor verified after */
    EXPECT_KINDS,
};

/** Runs that are listed; more are counted. */
#define EXPECT_RUNS_MAX 16

/** Bytes that are not as they should be, and the first of them. */
struct expect_run {
    enum expect_kind kind;
    struct btap_range range;
    uint8_t wanted; /**< in the file; valid but for EXPECT_EXTRA */
    uint8_t sent;   /**< valid but for EXPECT_MISSING */
};

/** What came of it. */
struct expectation {
    struct btap_range range; /**< of the file's bytes, at the device's addresses */
    bool assumed;            /**< the file tells no address: the lowest written one is taken */
    bool erase_unknown;      /**< it is not known what all was erased */
    bool capture_lacks;      /**< bytes that were written are not in the capture */
    uint64_t
        addresses_assumed; /**< commands that wrote where the capture does not tell for certain */
    uint64_t bytes;        /**< of the file */
    uint64_t counts[EXPECT_KINDS];
    bool padding_follows;  /**< all of the padding comes right after the file's last byte */
    bool padding_mixed;    /**< not all of it is the same byte */
    uint8_t padding_value; /**< else that byte; valid if there is padding */
    uint64_t erased;       /**< of those sent as the file has them: erased before */
    uint64_t verified;     /**< likewise: read back the same, or under a checksum that fits */
    bool needs_erase;      /**< some of the file goes to memory that must be erased */
    size_t runs_length;    /**< the first EXPECT_RUNS_MAX are in runs */
    struct expect_run runs[EXPECT_RUNS_MAX];
};

/** Room for expect_text()'s and expect_run_text()'s longest answers. */
#define EXPECT_TEXT_SIZE 512

/**
 * Compares.
 *
 * @param address where a file that tells no addresses begins; NULL: at the lowest address written
 */
void expect_check(const struct effect *effect, const struct firmware *firmware,
                  const uint32_t *address, struct expectation *expectation);

/** Whether exactly the file was sent, and nothing shows that it did not get there. */
bool expect_holds(const struct expectation *expectation);

/** The answer in one sentence, without a full stop. @return text */
const char *expect_text(const struct expectation *expectation, char *text, size_t size);

/** A run in words. @return text */
const char *expect_run_text(const struct expect_run *run, char *text, size_t size);

/** Adds the answer for a program, an object. @param file name of the firmware file */
void expect_add_json(struct json *json, const char *key, const struct expectation *expectation,
                     const char *file);

#endif
