/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/message.h"

#define PAGE_SIZE   IMAGE_PAGE_SIZE
#define TABLE_PAGES 2048u
#define TABLE_SIZE  (PAGE_SIZE * TABLE_PAGES)
#define ADDRESSES   ((uint64_t)UINT32_MAX + 1)
#define ANSWERED    (IMAGE_READ_SAME | IMAGE_READ_OTHER | IMAGE_SUMMED | IMAGE_UNCERTAIN)
#define RISKS       (IMAGE_AFTER_READ | IMAGE_INSIDE_UNIT | IMAGE_UNIT_TWICE | IMAGE_SHORT_END)
#define TABLES      (ADDRESSES / TABLE_SIZE)

/** Bits of a byte that the line, the supply or wear may change. */
#define FEW_BITS 2

struct image_page {
    uint32_t address;
    uint8_t bytes[PAGE_SIZE];
    uint16_t marks[PAGE_SIZE];
};

void image_release(struct image *image)
{
    for (size_t i = 0; i < TABLES; i++) {
        for (size_t j = 0; image->tables[i] != NULL && j < TABLE_PAGES; j++)
            free(image->tables[i][j]);
        free(image->tables[i]);
    }
    ranges_release(&image->erased);
    *image = (struct image){.room = image->room};
}

/** The page that holds an address; NULL if nothing was written there. */
static struct image_page *find_page(const struct image *image, uint32_t address)
{
    struct image_page **table = image->tables[address / TABLE_SIZE];

    return table != NULL ? table[address % TABLE_SIZE / PAGE_SIZE] : NULL;
}

/** The page that holds an address, made where there is none; NULL if there is no room. */
static struct image_page *get_page(struct image *image, uint32_t address)
{
    struct image_page ***table = &image->tables[address / TABLE_SIZE];
    struct image_page **page;

    if (*table == NULL)
        *table = allocate(TABLE_PAGES * sizeof(struct image_page *));
    page = &(*table)[address % TABLE_SIZE / PAGE_SIZE];
    if (*page == NULL) {
        if (image->room != NULL && *image->room == 0)
            return NULL;
        if (image->room != NULL)
            (*image->room)--;
        *page = allocate(sizeof(**page));
        (*page)->address = address - address % PAGE_SIZE;
    }
    return *page;
}

/**
 * The next page that there is, from an address on, and which part of it lies before an end.
 *
 * @param[in,out] at the address; set behind the part
 * @param[out] part offsets in the page, the last one included
 * @return NULL if there is none
 */
static struct image_page *next_page(const struct image *image, uint64_t *at, uint64_t end,
                                    struct btap_range *part)
{
    while (*at < end) {
        struct image_page **table = image->tables[*at / TABLE_SIZE];
        const uint32_t size = table != NULL ? PAGE_SIZE : TABLE_SIZE;
        struct image_page *page = table != NULL ? table[*at % TABLE_SIZE / PAGE_SIZE] : NULL;
        const uint64_t next = (*at / size + 1) * size;

        part->first = *at % PAGE_SIZE;
        *at = next < end ? next : end;
        part->last = (*at - 1) % PAGE_SIZE;
        if (page != NULL)
            return page;
    }
    return NULL;
}

bool image_erase(struct image *image, const struct btap_range *range)
{
    uint64_t at = range->first;
    struct image_page *page;
    struct btap_range part;

    while ((page = next_page(image, &at, (uint64_t)range->last + 1, &part)) != NULL)
        for (uint32_t i = part.first; i <= part.last; i++)
            if (page->marks[i] & IMAGE_WRITTEN)
                page->marks[i] = IMAGE_WIPED;
    return ranges_add(&image->erased, *range);
}

void image_mark(struct image *image, const struct btap_range *range, enum image_mark mark)
{
    uint64_t at = range->first;
    struct image_page *page;
    struct btap_range part;

    while ((page = next_page(image, &at, (uint64_t)range->last + 1, &part)) != NULL)
        for (uint32_t i = part.first; i <= part.last; i++)
            page->marks[i] |= page->marks[i] & IMAGE_WRITTEN ? (uint16_t)mark : 0;
}

/** Writes into one page, all of it erased before or none of it. */
static void write_part(struct image_page *page, uint32_t offset, const uint8_t *bytes,
                       uint32_t length, bool erased)
{
    const uint16_t first = erased ? IMAGE_WRITTEN | IMAGE_ERASED : IMAGE_WRITTEN;
    uint16_t *restrict marks = page->marks + offset;
    uint8_t *restrict kept = page->bytes + offset;

    /* Without branches: compilers make vectors of it, and it is most of the time of a diagnosis. */
    for (uint32_t i = 0; i < length; i++) {
        const uint16_t left = marks[i] & (uint16_t) ~(ANSWERED | RISKS);
        const uint16_t same = left | IMAGE_REPEATED;
        const uint16_t other = (left & (uint16_t)~IMAGE_ERASED) | IMAGE_CHANGED;
        const uint16_t again = kept[i] == bytes[i] ? same : other;

        marks[i] = marks[i] & IMAGE_WRITTEN ? again : first;
    }
    memcpy(kept, bytes, length);
}

/** How many of length bytes are alike in that they were erased, or not. */
static uint32_t alike(const struct image *image, uint32_t address, uint32_t length, bool *erased)
{
    const size_t i = ranges_find(&image->erased, address);
    const struct btap_range *range;
    uint64_t end;

    *erased = ranges_hold(&image->erased, address);
    if (i == image->erased.length)
        return length;
    range = &image->erased.list[i];
    end = *erased ? (uint64_t)range->last + 1 : range->first;
    return end - address < length ? (uint32_t)(end - address) : length;
}

/** The end of length bytes, which do not reach above 32 bits of address. */
static uint64_t end_of(uint32_t address, uint32_t length)
{
    return length > ADDRESSES - address ? ADDRESSES : (uint64_t)address + length;
}

void image_write(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length)
{
    uint32_t left = (uint32_t)(end_of(address, length) - address);

    while (left > 0) {
        const uint32_t room = PAGE_SIZE - address % PAGE_SIZE;
        bool erased;
        const uint32_t part = alike(image, address, left < room ? left : room, &erased);
        struct image_page *page = get_page(image, address);

        if (page != NULL)
            write_part(page, address % PAGE_SIZE, bytes, part, erased);
        else
            image->unkept += part;
        address += part;
        bytes += part;
        left -= part;
    }
}

/** The first risk with which a byte was written; BTAP_RISK_COUNT if there was none. */
static enum btap_risk_kind risk_of(uint16_t marks)
{
    if (marks & IMAGE_AFTER_READ)
        return BTAP_RISK_AFTER_READ;
    if (marks & IMAGE_INSIDE_UNIT)
        return BTAP_RISK_INSIDE_UNIT;
    if (marks & (IMAGE_UNIT_TWICE | IMAGE_CHANGED))
        return BTAP_RISK_UNIT_TWICE;
    return marks & IMAGE_SHORT_END ? BTAP_RISK_SHORT_END : BTAP_RISK_COUNT;
}

static unsigned count_bits(uint8_t byte)
{
    unsigned count = 0;

    for (; byte != 0; byte &= (uint8_t)(byte - 1))
        count++;
    return count;
}

static void count_kind(struct btap_verification *result, uint8_t written, uint8_t read)
{
    result->only_cleared += (read & ~written) == 0;
    result->few_bits += count_bits(read ^ written) <= FEW_BITS;
    result->read_ff += read == 0xff;
    result->read_00 += read == 0x00;
}

static void differ(struct btap_verification *result, uint32_t address, uint8_t written,
                   uint8_t read, uint16_t marks, uint64_t packet)
{
    const enum btap_risk_kind risk = risk_of(marks);

    if (result->different++ == 0) {
        result->first_packet = packet;
        result->first_address = address;
        result->written = written;
        result->read = read;
    }
    if (risk == BTAP_RISK_COUNT)
        count_kind(result, written, read);
    else
        result->at_risk[risk]++;
}

/** Widens the range of what was compared, which grows upwards. */
static void compare(struct btap_verification *result, uint32_t address)
{
    if (result->same + result->different == 0)
        result->compared.first = address;
    result->compared.last = address;
}

void image_read_back(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length,
                     uint64_t packet, struct btap_verification *result)
{
    const uint64_t end = end_of(address, length);
    uint64_t at = address;
    struct image_page *page;
    struct btap_range part;

    while ((page = next_page(image, &at, end, &part)) != NULL)
        for (uint32_t i = part.first; i <= part.last; i++) {
            const uint8_t written = page->bytes[i];
            const uint8_t read = bytes[page->address + i - address];
            uint16_t *marks = &page->marks[i];

            if ((*marks & (IMAGE_WRITTEN | IMAGE_UNCERTAIN)) != IMAGE_WRITTEN)
                continue;
            *marks &= (uint16_t) ~(IMAGE_READ_SAME | IMAGE_READ_OTHER);
            *marks |= written == read ? IMAGE_READ_SAME : IMAGE_READ_OTHER;
            compare(result, page->address + i);
            if (written != read) {
                differ(result, page->address + i, written, read, *marks, packet);
                continue;
            }
            result->same++;
            result->same_erased += written == 0xff || written == 0x00;
        }
}

/** Whether bytes were written to an address and the ones behind it. */
static bool was_written(const struct image *image, uint64_t address, const uint8_t *bytes,
                        uint32_t length)
{
    uint8_t value;

    if (length > ADDRESSES - address)
        return false;
    for (uint32_t i = 0; i < length; i++)
        if (!(image_get(image, (uint32_t)address + i, &value) & IMAGE_WRITTEN) || value != bytes[i])
            return false;
    return true;
}

bool image_find(const struct image *image, const uint8_t *bytes, uint32_t length, uint32_t not_at,
                uint32_t *address)
{
    struct btap_range run;

    for (uint64_t next = 0; image_next(image, &next, IMAGE_WRITTEN, &run);)
        for (uint64_t i = run.first; i <= run.last; i++)
            if (i != not_at && was_written(image, i, bytes, length)) {
                *address = (uint32_t)i;
                return true;
            }
    return false;
}

uint16_t image_get(const struct image *image, uint32_t address, uint8_t *value)
{
    const struct image_page *page = find_page(image, address);
    const uint16_t marks = page != NULL ? page->marks[address % PAGE_SIZE] : 0;

    *value = marks & IMAGE_WRITTEN ? page->bytes[address % PAGE_SIZE] : 0xFF;
    return marks;
}

void image_copy(const struct image *image, uint32_t address, uint32_t length, uint8_t fill,
                uint8_t *bytes)
{
    const uint64_t end = end_of(address, length);
    uint64_t at = address;
    const struct image_page *page;
    struct btap_range part;

    memset(bytes, fill, length);
    while ((page = next_page(image, &at, end, &part)) != NULL)
        for (uint32_t i = part.first; i <= part.last; i++)
            if (page->marks[i] & IMAGE_WRITTEN)
                bytes[page->address + i - address] = page->bytes[i];
}

/** Where a run of bytes with a mark ends. @param at in it */
static uint64_t end_of_run(const struct image *image, uint64_t at, enum image_mark mark)
{
    for (; at < ADDRESSES; at++) {
        const struct image_page *page = find_page(image, (uint32_t)at);

        if (page == NULL)
            break;
        while (at % PAGE_SIZE < PAGE_SIZE - 1 && (page->marks[at % PAGE_SIZE] & mark))
            at++;
        if ((page->marks[at % PAGE_SIZE] & mark) == 0)
            break;
    }
    return at;
}

bool image_next(const struct image *image, uint64_t *from, enum image_mark mark,
                struct btap_range *run)
{
    const struct image_page *page;
    struct btap_range part;

    while ((page = next_page(image, from, ADDRESSES, &part)) != NULL)
        for (uint32_t i = part.first; i <= part.last; i++)
            if (page->marks[i] & mark) {
                run->first = page->address + i;
                *from = end_of_run(image, run->first, mark);
                run->last = (uint32_t)(*from - 1);
                return true;
            }
    return false;
}

bool image_first(const struct image *image, enum image_mark mark, struct btap_range *run)
{
    uint64_t from = 0;

    return image_next(image, &from, mark, run);
}

uint64_t image_count_in(const struct image *image, const struct btap_range *range,
                        enum image_mark mark)
{
    uint64_t at = range->first;
    uint64_t count = 0;
    const struct image_page *page;
    struct btap_range part;

    while ((page = next_page(image, &at, (uint64_t)range->last + 1, &part)) != NULL)
        for (uint32_t i = part.first; i <= part.last; i++)
            count += (page->marks[i] & mark) != 0;
    return count;
}

uint64_t image_count(const struct image *image, enum image_mark mark)
{
    return image_count_in(image, &(struct btap_range){0, UINT32_MAX}, mark);
}

bool image_empty(const struct image *image)
{
    struct btap_range run;

    return !image_first(image, IMAGE_WRITTEN, &run);
}
