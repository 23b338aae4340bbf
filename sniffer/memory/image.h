/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contents of a memory, as far as somebody wrote them: sparse, with what became of each byte.
 * It takes three times the room of what was written, in pieces of 16 bytes, whatever the addresses;
 * and a function takes the time of the bytes that it is about, and of those of them that it finds.
 */
#ifndef SNIFFER_MEMORY_IMAGE_H
#define SNIFFER_MEMORY_IMAGE_H

#include <stddef.h>

#include "boottap/product.h"
#include "boottap/session.h"
#include "memory/ranges.h"
#include "memory/store.h"

/** What became of a byte. */
enum image_mark {
    IMAGE_WRITTEN = 1 << 0,   /**< it has a value */
    IMAGE_ERASED = 1 << 1,    /**< it was erased before it got its value, and not written between */
    IMAGE_REPEATED = 1 << 2,  /**< written again without an erase, the same value */
    IMAGE_CHANGED = 1 << 3,   /**< written again without an erase, another value */
    IMAGE_READ_SAME = 1 << 4, /**< read since it was written: the same */
    IMAGE_READ_OTHER = 1 << 5, /**< read since it was written: not the same */
    IMAGE_SUMMED = 1 << 6,     /**< the device's checksum over it fits */
    IMAGE_WIPED = 1 << 7,      /**< no value any more: erased after it was written */
    IMAGE_UNCERTAIN =
        1 << 8, /**< something was erased since it was written, it is not known what */
    IMAGE_AFTER_READ = 1 << 9, /**< written with a risk; here and below as enum btap_risk_kind */
    IMAGE_INSIDE_UNIT = 1 << 10,
    IMAGE_UNIT_TWICE = 1 << 11,
    IMAGE_SHORT_END = 1 << 12,
};

/** Zero: an empty image. Members are the image's own, but for those with a comment to read. */
struct image {
    struct store_node *top; /**< of the bytes */
    struct ranges erased;   /**< at some time */
    size_t *room;    /**< pages (STORE_PAGE_SIZE) that may still be made, counted down; NULL: any
                          number */
    uint64_t unkept; /**< written bytes for which there was no room */
};

/** Frees what the image holds, and empties it but for room. */
void image_release(struct image *image);

/**
 * Writes bytes. What reaches above 32 bits of address is dropped. The program ends if memory does.
 */
void image_write(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length);

/**
 * Erases a range: values in it are gone.
 *
 * @return false if there are more ranges than are kept: what is written there counts as not erased
 */
bool image_erase(struct image *image, const struct btap_range *range);

/**
 * Marks the written bytes among these by what was read back.
 *
 * @param packet that brought them
 * @param[in,out] result what the comparison adds to
 */
void image_read_back(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length,
                     uint64_t packet, struct btap_verification *result);

/**
 * Finds where bytes were written.
 *
 * @param length at least 1
 * @param not_at an address that does not count
 * @return false if nowhere
 */
bool image_find(const struct image *image, const uint8_t *bytes, uint32_t length, uint32_t not_at,
                uint32_t *address);

/** Marks the written bytes of a range. */
void image_mark(struct image *image, const struct btap_range *range, enum image_mark mark);

/** The value of a byte. @return its marks, bits of enum image_mark; 0: none, and value is 0xFF */
uint16_t image_get(const struct image *image, uint32_t address, uint8_t *value);

/** Copies the values of a range; bytes without one become fill. */
void image_copy(const struct image *image, uint32_t address, uint32_t length, uint8_t fill,
                uint8_t *bytes);

/**
 * Finds the next run of bytes with a mark.
 *
 * @param[in,out] from where to start, up to UINT32_MAX + 1; set behind the run
 * @param[out] run set where true is returned
 * @return false if there is none
 */
bool image_next(const struct image *image, uint64_t *from, enum image_mark mark,
                struct btap_range *run);

/** The same from the lowest address on. */
bool image_first(const struct image *image, enum image_mark mark, struct btap_range *run);

/** How many bytes have a mark. */
uint64_t image_count(const struct image *image, enum image_mark mark);

/** The same of a range. */
uint64_t image_count_in(const struct image *image, const struct btap_range *range,
                        enum image_mark mark);

/** Whether no byte has a value. */
bool image_empty(const struct image *image);

/** The same of a range. */
bool image_empty_in(const struct image *image, const struct btap_range *range);

/** Bytes of a range. */
static inline uint64_t range_length(const struct btap_range *range)
{
    return (uint64_t)range->last - range->first + 1;
}

#endif
