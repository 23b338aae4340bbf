/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define ANSWERED (IMAGE_READ_SAME | IMAGE_READ_OTHER | IMAGE_SUMMED | IMAGE_UNCERTAIN)
#define RISKS    (IMAGE_AFTER_READ | IMAGE_INSIDE_UNIT | IMAGE_UNIT_TWICE | IMAGE_SHORT_END)

/** Bits of a byte that the line, the supply or wear may change. */
#define FEW_BITS 2

void image_release(struct image *image)
{
    store_release(image->top);
    ranges_release(&image->erased);
    *image = (struct image){.room = image->room};
}

/** What becomes of the written bytes of a range. */
struct change {
    struct btap_range range;
    uint8_t needs; /**< pages that may not hold this stay as they are */
    uint16_t keep; /**< marks that stay */
    uint16_t mark; /**< what is added */
};

static uint8_t state_of(const struct store_cell *cell)
{
    uint8_t state = 0;

    for (unsigned i = 0; i < STORE_CELL_SIZE; i++)
        if (cell->marks[i] & IMAGE_WRITTEN)
            state |= cell->marks[i] & IMAGE_UNCERTAIN ? STORE_LIVE : STORE_LIVE | STORE_CERTAIN;
    return state;
}

/** Changes bytes of a page. @return what the page holds then */
static uint8_t change_page(struct store_node *page, uint32_t address, const struct change *change)
{
    struct store_walk walk = {.page = page,
                              .page_address = address & ~(STORE_PAGE_SIZE - 1),
                              .rest = {0, STORE_PAGE_SIZE - 1}};
    uint8_t state = 0;
    struct store_cell *cell;

    while ((cell = store_next(NULL, &walk)) != NULL) {
        for (unsigned i = 0; i < STORE_CELL_SIZE; i++)
            if ((cell->marks[i] & IMAGE_WRITTEN) && walk.address + i >= change->range.first &&
                walk.address + i <= change->range.last)
                cell->marks[i] = (cell->marks[i] & change->keep) | change->mark;
        state |= state_of(cell);
    }
    return state;
}

/** Pages that do not hold what is needed any more are not looked at again: what is changed over and
 * over takes time but once. */
static void change_bytes(struct image *image, const struct change *change)
{
    const uint64_t end = (uint64_t)change->range.last + 1;
    struct store_node *page;

    for (uint64_t at = change->range.first; store_seek(image->top, &at, end, change->needs, &page);
         at = at - at % STORE_PAGE_SIZE + STORE_PAGE_SIZE)
        store_settle(image->top, (uint32_t)at, change_page(page, (uint32_t)at, change));
}

bool image_erase(struct image *image, const struct btap_range *range)
{
    change_bytes(image, &(struct change){*range, STORE_LIVE, 0, IMAGE_WIPED});
    return ranges_add(&image->erased, *range);
}

void image_mark(struct image *image, const struct btap_range *range, enum image_mark mark)
{
    const uint8_t needs = mark == IMAGE_UNCERTAIN ? STORE_CERTAIN : STORE_LIVE;

    change_bytes(image, &(struct change){*range, needs, UINT16_MAX, (uint16_t)mark});
}

/** Writes into one cell, all of it erased before or none of it. */
static void write_cell(struct store_cell *cell, uint32_t offset, const uint8_t *bytes,
                       uint32_t length, bool erased)
{
    const uint16_t first = erased ? IMAGE_WRITTEN | IMAGE_ERASED : IMAGE_WRITTEN;
    uint16_t *restrict marks = cell->marks + offset;
    uint8_t *restrict kept = cell->bytes + offset;

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

/** Writes into cells that follow each other. @param offset in the first of them */
static void write_cells(struct store_cell *cell, uint32_t offset, const uint8_t *bytes,
                        uint32_t length, bool erased)
{
    while (length > 0) {
        const uint32_t room = STORE_CELL_SIZE - offset;
        const uint32_t part = length < room ? length : room;

        /* A length that the compiler knows */
        if (part == STORE_CELL_SIZE)
            write_cell(cell, 0, bytes, STORE_CELL_SIZE, erased);
        else
            write_cell(cell, offset, bytes, part, erased);
        cell++;
        offset = 0;
        bytes += part;
        length -= part;
    }
}

/** Makes the cells for bytes of one page. @return NULL if there is no room */
static struct store_cell *open_cells(struct image *image, uint32_t address, uint32_t length)
{
    if (image->room != NULL && store_page(image->top, address) == NULL) {
        if (*image->room == 0)
            return NULL;
        --*image->room;
    }
    return store_open(&image->top, address, length, STORE_LIVE | STORE_CERTAIN);
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
    return length > STORE_ADDRESSES - address ? STORE_ADDRESSES : (uint64_t)address + length;
}

void image_write(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length)
{
    uint32_t left = (uint32_t)(end_of(address, length) - address);

    while (left > 0) {
        const uint32_t room = STORE_PAGE_SIZE - address % STORE_PAGE_SIZE;
        bool erased;
        const uint32_t part = alike(image, address, left < room ? left : room, &erased);
        struct store_cell *cells = open_cells(image, address, part);

        if (cells != NULL)
            write_cells(cells, address % STORE_CELL_SIZE, bytes, part, erased);
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
    struct store_walk walk = {
        .at = address, .end = end_of(address, length), .needs = STORE_CERTAIN};
    struct store_cell *cell;

    while ((cell = store_next(image->top, &walk)) != NULL)
        for (uint32_t i = walk.first; i <= walk.last; i++) {
            const uint8_t written = cell->bytes[i];
            const uint8_t read = bytes[walk.address + i - address];
            uint16_t *marks = &cell->marks[i];

            if ((*marks & (IMAGE_WRITTEN | IMAGE_UNCERTAIN)) != IMAGE_WRITTEN)
                continue;
            *marks &= (uint16_t) ~(IMAGE_READ_SAME | IMAGE_READ_OTHER);
            *marks |= written == read ? IMAGE_READ_SAME : IMAGE_READ_OTHER;
            compare(result, walk.address + i);
            if (written != read) {
                differ(result, walk.address + i, written, read, *marks, packet);
                continue;
            }
            result->same++;
            result->same_erased += written == 0xff || written == 0x00;
        }
}

/** How far bytes are found; as Knuth, Morris and Pratt do it, for a file may be made to be slow. */
struct search {
    const uint8_t *bytes;
    uint32_t length;
    uint32_t found; /**< bytes of the beginning, up to where the search is */
    uint32_t *back; /**< of so many + 1 bytes of the beginning, how many of the last are the
                         beginning again */
};

/** Takes the next byte. @return whether all are found with it */
static bool search_byte(struct search *search, uint8_t byte)
{
    if (search->found == search->length)
        search->found = search->back[search->found - 1];
    while (search->found > 0 && search->bytes[search->found] != byte)
        search->found = search->back[search->found - 1];
    if (search->bytes[search->found] == byte)
        search->found++;
    return search->found == search->length;
}

static void prepare_search(struct search *search, const uint8_t *bytes, uint32_t length)
{
    *search = (struct search){.bytes = bytes, .length = length};
    search->back = allocate(length * sizeof(*search->back));
    for (uint32_t i = 1; i < length; i++) {
        search_byte(search, bytes[i]);
        search->back[i] = search->found;
    }
    search->found = 0;
}

bool image_find(const struct image *image, const uint8_t *bytes, uint32_t length, uint32_t not_at,
                uint32_t *address)
{
    struct store_walk walk = {.end = STORE_ADDRESSES, .needs = STORE_LIVE};
    const struct store_cell *cell;
    struct search search;
    uint64_t next = 0;
    bool found = false;

    prepare_search(&search, bytes, length);
    while (!found && (cell = store_next(image->top, &walk)) != NULL)
        for (uint32_t i = 0; i < STORE_CELL_SIZE && !found; i++) {
            const uint64_t at = (uint64_t)walk.address + i;

            if ((cell->marks[i] & IMAGE_WRITTEN) == 0)
                continue;
            if (at != next)
                search.found = 0;
            next = at + 1;
            *address = (uint32_t)(next - length);
            found = search_byte(&search, cell->bytes[i]) && *address != not_at;
        }
    free(search.back);
    return found;
}

uint16_t image_get(const struct image *image, uint32_t address, uint8_t *value)
{
    const struct store_cell *cell = store_cell(store_page(image->top, address), address);
    const uint16_t marks = cell != NULL ? cell->marks[address % STORE_CELL_SIZE] : 0;

    *value = marks & IMAGE_WRITTEN ? cell->bytes[address % STORE_CELL_SIZE] : 0xFF;
    return marks;
}

void image_copy(const struct image *image, uint32_t address, uint32_t length, uint8_t fill,
                uint8_t *bytes)
{
    struct store_walk walk = {.at = address, .end = end_of(address, length), .needs = STORE_LIVE};
    const struct store_cell *cell;

    memset(bytes, fill, length);
    while ((cell = store_next(image->top, &walk)) != NULL)
        for (uint32_t i = walk.first; i <= walk.last; i++)
            if (cell->marks[i] & IMAGE_WRITTEN)
                bytes[walk.address + i - address] = cell->bytes[i];
}

/** What pages must hold for some of their bytes to have a mark. */
static uint8_t needs_of(enum image_mark mark)
{
    return mark & IMAGE_WIPED ? 0 : STORE_LIVE;
}

bool image_next(const struct image *image, uint64_t *from, enum image_mark mark,
                struct btap_range *run)
{
    struct store_walk walk = {.at = *from, .end = STORE_ADDRESSES, .needs = needs_of(mark)};
    const struct store_cell *cell;
    bool found = false;

    while ((cell = store_next(image->top, &walk)) != NULL) {
        /* The next cell may lie apart from the run. */
        if (found && walk.address != *from)
            return true;
        for (uint32_t i = walk.first; i <= walk.last; i++) {
            if ((cell->marks[i] & mark) == 0) {
                if (found)
                    return true;
                continue;
            }
            if (!found)
                run->first = walk.address + i;
            found = true;
            run->last = walk.address + i;
            *from = (uint64_t)run->last + 1;
        }
    }
    return found;
}

bool image_first(const struct image *image, enum image_mark mark, struct btap_range *run)
{
    uint64_t from = 0;

    return image_next(image, &from, mark, run);
}

uint64_t image_count_in(const struct image *image, const struct btap_range *range,
                        enum image_mark mark)
{
    struct store_walk walk = {
        .at = range->first, .end = (uint64_t)range->last + 1, .needs = needs_of(mark)};
    const struct store_cell *cell;
    uint64_t count = 0;

    while ((cell = store_next(image->top, &walk)) != NULL)
        for (uint32_t i = walk.first; i <= walk.last; i++)
            count += (cell->marks[i] & mark) != 0;
    return count;
}

uint64_t image_count(const struct image *image, enum image_mark mark)
{
    return image_count_in(image, &(struct btap_range){0, UINT32_MAX}, mark);
}

bool image_empty_in(const struct image *image, const struct btap_range *range)
{
    struct store_walk walk = {
        .at = range->first, .end = (uint64_t)range->last + 1, .needs = STORE_LIVE};
    const struct store_cell *cell;

    while ((cell = store_next(image->top, &walk)) != NULL)
        for (uint32_t i = walk.first; i <= walk.last; i++)
            if (cell->marks[i] & IMAGE_WRITTEN)
                return false;
    return true;
}

bool image_empty(const struct image *image)
{
    return image_empty_in(image, &(struct btap_range){0, UINT32_MAX});
}
