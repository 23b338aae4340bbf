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
#define TABLES      (ADDRESSES / TABLE_SIZE)

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

/** Visits the pages that exist in a range, with the part of them that lies in it. */
static void for_each_page(const struct image *image, const struct btap_range *range,
                          void (*visit)(struct image_page *page, uint32_t from, uint32_t to,
                                        uint16_t mark),
                          uint16_t mark)
{
    const uint64_t end = (uint64_t)range->last + 1;
    uint64_t next;

    for (uint64_t at = range->first; at < end; at = next) {
        struct image_page *page;

        if (image->tables[at / TABLE_SIZE] == NULL) {
            next = (at / TABLE_SIZE + 1) * TABLE_SIZE;
            continue;
        }
        next = (at / PAGE_SIZE + 1) * PAGE_SIZE;
        page = find_page(image, (uint32_t)at);
        if (page != NULL)
            visit(page, at % PAGE_SIZE, (uint32_t)((next < end ? next : end) - page->address),
                  mark);
    }
}

static void wipe(struct image_page *page, uint32_t from, uint32_t to, uint16_t mark)
{
    for (uint32_t i = from; i < to; i++)
        if (page->marks[i] & IMAGE_WRITTEN)
            page->marks[i] = mark;
}

static void mark_written(struct image_page *page, uint32_t from, uint32_t to, uint16_t mark)
{
    for (uint32_t i = from; i < to; i++)
        if (page->marks[i] & IMAGE_WRITTEN)
            page->marks[i] |= mark;
}

bool image_erase(struct image *image, const struct btap_range *range)
{
    for_each_page(image, range, wipe, IMAGE_WIPED);
    return ranges_add(&image->erased, *range);
}

void image_mark(struct image *image, const struct btap_range *range, enum image_mark mark)
{
    for_each_page(image, range, mark_written, (uint16_t)mark);
}

/** A byte's marks after it is written. */
static uint16_t marks_after_write(uint16_t marks, bool same, bool erased)
{
    if ((marks & IMAGE_WRITTEN) == 0)
        return IMAGE_WRITTEN | (erased ? IMAGE_ERASED : 0);
    marks &= (uint16_t)~ANSWERED;
    if (same)
        return marks | IMAGE_REPEATED;
    return (marks & (uint16_t)~IMAGE_ERASED) | IMAGE_CHANGED;
}

/** Writes into one page, all of it erased before or none of it. */
static void write_part(struct image_page *page, uint32_t offset, const uint8_t *bytes,
                       uint32_t length, bool erased)
{
    for (uint32_t i = 0; i < length; i++) {
        uint16_t *marks = &page->marks[offset + i];

        *marks = marks_after_write(*marks, page->bytes[offset + i] == bytes[i], erased);
        page->bytes[offset + i] = bytes[i];
    }
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

/** The part of length bytes that lies in the page of an address. */
static uint32_t part_of_page(uint32_t address, uint32_t length)
{
    const uint32_t room = PAGE_SIZE - address % PAGE_SIZE;

    return length < room ? length : room;
}

static uint32_t below_the_top(uint32_t address, uint32_t length)
{
    return length > ADDRESSES - address ? (uint32_t)(ADDRESSES - address) : length;
}

void image_write(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length)
{
    uint32_t left = below_the_top(address, length);

    while (left > 0) {
        bool erased;
        const uint32_t part = alike(image, address, part_of_page(address, left), &erased);

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

static void differ(struct btap_verification *result, uint32_t address, uint8_t written,
                   uint8_t read, uint64_t packet)
{
    if (result->different++ == 0) {
        result->first_packet = packet;
        result->first_address = address;
        result->written = written;
        result->read = read;
    }
    if ((read & ~written) == 0)
        result->only_cleared++;
}

/** Compares bytes with those of one page. */
static void read_back_part(struct image_page *page, uint32_t offset, const uint8_t *bytes,
                           uint32_t length, uint64_t packet, struct btap_verification *result)
{
    for (uint32_t i = 0; i < length; i++) {
        const uint8_t written = page->bytes[offset + i];
        uint16_t *marks = &page->marks[offset + i];

        if ((*marks & (IMAGE_WRITTEN | IMAGE_UNCERTAIN)) != IMAGE_WRITTEN)
            continue;
        *marks &= (uint16_t) ~(IMAGE_READ_SAME | IMAGE_READ_OTHER);
        *marks |= written == bytes[i] ? IMAGE_READ_SAME : IMAGE_READ_OTHER;
        if (written == bytes[i])
            result->same++;
        else
            differ(result, page->address + offset + i, written, bytes[i], packet);
    }
}

void image_read_back(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length,
                     uint64_t packet, struct btap_verification *result)
{
    uint32_t left = below_the_top(address, length);

    while (left > 0) {
        const uint32_t part = part_of_page(address, left);
        struct image_page *page = find_page(image, address);

        if (page != NULL)
            read_back_part(page, address % PAGE_SIZE, bytes, part, packet, result);
        address += part;
        bytes += part;
        left -= part;
    }
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
    uint32_t left = below_the_top(address, length);

    memset(bytes, fill, length);
    while (left > 0) {
        const uint32_t part = part_of_page(address, left);
        const struct image_page *page = find_page(image, address);

        for (uint32_t i = 0; page != NULL && i < part; i++)
            if (page->marks[address % PAGE_SIZE + i] & IMAGE_WRITTEN)
                bytes[i] = page->bytes[address % PAGE_SIZE + i];
        address += part;
        bytes += part;
        left -= part;
    }
}

/** The first byte at or after from whose marks are as wanted, or are not. */
static uint64_t find_byte(const struct image *image, uint64_t from, uint16_t mask, uint16_t wanted,
                          bool are)
{
    for (uint64_t at = from; at < ADDRESSES;) {
        const struct image_page *page;

        if (image->tables[at / TABLE_SIZE] == NULL) {
            if (!are)
                return at;
            at = (at / TABLE_SIZE + 1) * TABLE_SIZE;
            continue;
        }
        page = find_page(image, (uint32_t)at);
        if (page == NULL) {
            if (!are)
                return at;
            at = (at / PAGE_SIZE + 1) * PAGE_SIZE;
            continue;
        }
        do {
            if (((page->marks[at % PAGE_SIZE] & mask) == wanted) == are)
                return at;
            at++;
        } while (at % PAGE_SIZE != 0);
    }
    return ADDRESSES;
}

bool image_next(const struct image *image, uint64_t from, uint16_t mask, uint16_t wanted,
                struct btap_range *run)
{
    const uint64_t first = find_byte(image, from, mask, wanted, true);

    if (first == ADDRESSES)
        return false;
    run->first = (uint32_t)first;
    run->last = (uint32_t)(find_byte(image, first, mask, wanted, false) - 1);
    return true;
}

uint64_t image_count_in(const struct image *image, const struct btap_range *range, uint16_t mask,
                        uint16_t wanted)
{
    uint64_t next;
    uint64_t count = 0;

    for (uint64_t at = range->first; at <= range->last; at = next) {
        const struct image_page *page;
        uint64_t end;

        if (image->tables[at / TABLE_SIZE] == NULL) {
            next = (at / TABLE_SIZE + 1) * TABLE_SIZE;
            continue;
        }
        next = (at / PAGE_SIZE + 1) * PAGE_SIZE;
        page = find_page(image, (uint32_t)at);
        end = next > range->last ? (uint64_t)range->last + 1 : next;
        for (; page != NULL && at < end; at++)
            count += (page->marks[at % PAGE_SIZE] & mask) == wanted;
    }
    return count;
}

uint64_t image_count(const struct image *image, uint16_t mask, uint16_t wanted)
{
    return image_count_in(image, &(struct btap_range){0, UINT32_MAX}, mask, wanted);
}

bool image_empty(const struct image *image)
{
    struct btap_range run;

    return !image_next(image, 0, IMAGE_WRITTEN, IMAGE_WRITTEN, &run);
}
