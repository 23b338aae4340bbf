/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** Index of the first range that ends at an address or above it. */
static size_t find_range(const struct ranges *ranges, uint32_t address)
{
    size_t low = 0;
    size_t high = ranges->length;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (ranges->list[middle].last < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void grow(struct ranges *ranges)
{
    struct btap_range *list;

    ranges->room = ranges->room > 0 ? 2 * ranges->room : 16;
    list = allocate(ranges->room * sizeof(*list));
    if (ranges->length > 0)
        memcpy(list, ranges->list, ranges->length * sizeof(*list));
    free(ranges->list);
    ranges->list = list;
}

static void insert_range(struct ranges *ranges, size_t at, struct btap_range range)
{
    if (ranges->length == RANGES_MAX) {
        ranges->full = true;
        return;
    }
    if (ranges->length == ranges->room)
        grow(ranges);
    memmove(ranges->list + at + 1, ranges->list + at,
            (ranges->length - at) * sizeof(*ranges->list));
    ranges->list[at] = range;
    ranges->length++;
}

void ranges_add(struct ranges *ranges, struct btap_range range)
{
    /* From here on, ranges that overlap or touch become part of the new one. */
    const size_t from = find_range(ranges, range.first > 0 ? range.first - 1 : 0);
    size_t to = from;

    for (; to < ranges->length; to++) {
        const struct btap_range *other = &ranges->list[to];

        if (range.last != UINT32_MAX && other->first > range.last + 1)
            break;
        if (other->first < range.first)
            range.first = other->first;
        if (other->last > range.last)
            range.last = other->last;
    }
    if (to == from) {
        insert_range(ranges, from, range);
        return;
    }
    ranges->list[from] = range;
    memmove(ranges->list + from + 1, ranges->list + to,
            (ranges->length - to) * sizeof(*ranges->list));
    ranges->length -= to - from - 1;
}

uint64_t ranges_cover(const struct ranges *ranges, struct btap_range range)
{
    uint64_t covered = 0;

    for (size_t i = find_range(ranges, range.first); i < ranges->length; i++) {
        const struct btap_range *other = &ranges->list[i];

        if (other->first > range.last)
            break;
        covered += (uint64_t)(other->last < range.last ? other->last : range.last) -
                   (other->first > range.first ? other->first : range.first) + 1;
    }
    return covered;
}

uint64_t ranges_size(const struct ranges *ranges)
{
    return ranges_cover(ranges, MEMORY_ALL);
}

void ranges_release(struct ranges *ranges)
{
    free(ranges->list);
    *ranges = (struct ranges){0};
}

/** Index of the first page that ends at an address or above it. */
static size_t find_page(const struct memory *memory, uint32_t address)
{
    const uint32_t start = address - address % MEMORY_PAGE_SIZE;
    size_t low = 0;
    size_t high = memory->pages_length;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (memory->pages[middle]->address < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** The page that holds an address; NULL where none does. */
static struct memory_page *page_at(const struct memory *memory, uint32_t address)
{
    const size_t index = find_page(memory, address);

    if (index == memory->pages_length ||
        memory->pages[index]->address != address - address % MEMORY_PAGE_SIZE)
        return NULL;
    return memory->pages[index];
}

/** The page that holds an address, made where none does; NULL if there is no room. */
static struct memory_page *make_page(struct memory *memory, uint32_t address)
{
    const size_t index = find_page(memory, address);
    struct memory_page *page = page_at(memory, address);

    if (page != NULL || *memory->room == 0)
        return page;
    (*memory->room)--;
    page = allocate(sizeof(*page));
    page->address = address - address % MEMORY_PAGE_SIZE;
    for (size_t i = memory->pages_length++; i > index; i--)
        memory->pages[i] = memory->pages[i - 1];
    memory->pages[index] = page;
    return page;
}

/** How many bytes from an address on, length at most, lie in its page. */
static uint32_t in_page(uint32_t address, uint32_t length)
{
    const uint32_t left = MEMORY_PAGE_SIZE - address % MEMORY_PAGE_SIZE;

    return length < left ? length : left;
}

/** Bytes up to the end of the address space at most. */
static uint32_t fitting(uint32_t address, uint32_t length)
{
    const uint64_t room = (uint64_t)UINT32_MAX - address + 1;

    return length < room ? length : (uint32_t)room;
}

void memory_erase(struct memory *memory, struct btap_range range)
{
    ranges_add(&memory->erased, range);
    for (size_t i = find_page(memory, range.first); i < memory->pages_length; i++) {
        struct memory_page *page = memory->pages[i];

        if (page->address > range.last)
            break;
        for (uint32_t at = 0; at < MEMORY_PAGE_SIZE; at++)
            if (page->address + at >= range.first && page->address + at <= range.last)
                page->state[at] = 0;
    }
}

static void write_page(struct memory_page *page, uint32_t offset, const uint8_t *bytes,
                       uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        page->state[offset + i] = BYTE_WRITTEN;
        page->content[offset + i] = bytes[i];
    }
}

void memory_write(struct memory *memory, uint32_t address, const uint8_t *bytes, uint32_t length)
{
    length = fitting(address, length);
    while (length > 0) {
        const uint32_t step = in_page(address, length);
        struct memory_page *page = make_page(memory, address);

        if (page != NULL)
            write_page(page, address % MEMORY_PAGE_SIZE, bytes, step);
        else
            memory->unkept += step;
        address += step;
        bytes += step;
        length -= step;
    }
}

static void compare_page(struct memory_page *page, uint32_t offset, const uint8_t *bytes,
                         uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        uint8_t *state = &page->state[offset + i];

        if (!(*state & BYTE_WRITTEN))
            continue;
        *state &= (uint8_t) ~(BYTE_VERIFIED | BYTE_DIFFERS);
        *state |= page->content[offset + i] == bytes[i] ? BYTE_VERIFIED : BYTE_DIFFERS;
    }
}

void memory_read(struct memory *memory, uint32_t address, const uint8_t *bytes, uint32_t length)
{
    length = fitting(address, length);
    if (length > 0)
        ranges_add(&memory->read, (struct btap_range){address, address + length - 1});
    while (length > 0) {
        const uint32_t step = in_page(address, length);
        struct memory_page *page = page_at(memory, address);

        if (page != NULL)
            compare_page(page, address % MEMORY_PAGE_SIZE, bytes, step);
        address += step;
        bytes += step;
        length -= step;
    }
}

void memory_release(struct memory *memory)
{
    ranges_release(&memory->erased);
    ranges_release(&memory->read);
    ranges_release(&memory->checked);
    ranges_release(&memory->refused);
    for (size_t i = 0; i < memory->pages_length; i++)
        free(memory->pages[i]);
    memory->pages_length = 0;
}

static void count_page(struct memory_count *count, const struct memory_page *page,
                       struct btap_range range)
{
    for (uint32_t at = 0; at < MEMORY_PAGE_SIZE; at++) {
        const uint8_t state = page->state[at];

        if (page->address + at < range.first || page->address + at > range.last)
            continue;
        count->written += (state & BYTE_WRITTEN) != 0;
        count->verified += (state & BYTE_VERIFIED) != 0;
        count->differs += (state & BYTE_DIFFERS) != 0;
    }
}

struct memory_count memory_count(const struct memory *memory, struct btap_range range)
{
    struct memory_count count = {
        .erased = ranges_cover(&memory->erased, range),
        .read = ranges_cover(&memory->read, range),
        .checked = ranges_cover(&memory->checked, range),
        .refused = ranges_cover(&memory->refused, range),
    };

    for (size_t i = find_page(memory, range.first); i < memory->pages_length; i++) {
        if (memory->pages[i]->address > range.last)
            break;
        count_page(&count, memory->pages[i], range);
    }
    return count;
}

static void add_all(struct ranges *ranges, const struct ranges *others)
{
    for (size_t i = 0; i < others->length; i++)
        ranges_add(ranges, others->list[i]);
}

static void add_written(struct ranges *ranges, const struct memory_page *page)
{
    for (uint32_t at = 0; at < MEMORY_PAGE_SIZE; at++) {
        const uint32_t first = at;

        while (at < MEMORY_PAGE_SIZE && (page->state[at] & BYTE_WRITTEN))
            at++;
        if (at > first)
            ranges_add(ranges, (struct btap_range){page->address + first, page->address + at - 1});
    }
}

struct ranges memory_touched(const struct memory *memory, bool with_erased)
{
    struct ranges touched = {0};

    for (size_t i = 0; i < memory->pages_length; i++)
        add_written(&touched, memory->pages[i]);
    add_all(&touched, &memory->read);
    add_all(&touched, &memory->checked);
    add_all(&touched, &memory->refused);
    if (with_erased)
        add_all(&touched, &memory->erased);
    return touched;
}
