/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "readback.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

struct readback_page {
    uint32_t address;
    uint8_t bytes[READBACK_PAGE];
    uint8_t written[READBACK_PAGE / 8]; /**< a bit a byte */
};

void readback_init(struct readback *readback)
{
    memset(readback, 0, sizeof(*readback));
}

void readback_release(struct readback *readback)
{
    for (size_t i = 0; i < readback->length; i++)
        free(readback->pages[i]);
    free(readback->pages);
    readback_init(readback);
}

/** Place of the page with this address, or where it would stand. */
static size_t place_of(const struct readback *readback, uint32_t address)
{
    size_t low = 0;
    size_t high = readback->length;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (readback->pages[middle]->address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct readback_page *find_page(struct readback *readback, uint32_t address)
{
    size_t at;

    if (readback->recent != NULL && readback->recent->address == address)
        return readback->recent;
    at = place_of(readback, address);
    if (at == readback->length || readback->pages[at]->address != address)
        return NULL;
    return readback->recent = readback->pages[at];
}

static struct readback_page *add_page(struct readback *readback, uint32_t address)
{
    const size_t at = place_of(readback, address);
    struct readback_page *page;

    if (readback->length == READBACK_PAGES_MAX)
        return NULL;
    if (readback->length == readback->size) {
        struct readback_page **pages;

        readback->size = readback->size == 0 ? 16 : 2 * readback->size;
        pages = allocate(readback->size * sizeof(struct readback_page *));
        if (readback->length > 0)
            memcpy(pages, readback->pages, readback->length * sizeof(struct readback_page *));
        free(readback->pages);
        readback->pages = pages;
    }
    page = allocate(sizeof(*page));
    page->address = address;
    memmove(&readback->pages[at + 1], &readback->pages[at],
            (readback->length - at) * sizeof(struct readback_page *));
    readback->pages[at] = page;
    readback->length++;
    return readback->recent = page;
}

/** Bytes from an address to the end of its page, at most length. */
static uint32_t piece_of(uint32_t address, uint32_t length)
{
    const uint32_t left = READBACK_PAGE - address % READBACK_PAGE;

    return length < left ? length : left;
}

void readback_write(struct readback *readback, uint32_t address, const uint8_t *bytes,
                    uint32_t length)
{
    while (length > 0) {
        const uint32_t piece = piece_of(address, length);
        const uint32_t start = address % READBACK_PAGE;
        struct readback_page *page = find_page(readback, address - start);

        if (page == NULL)
            page = add_page(readback, address - start);
        if (page == NULL)
            return;
        memcpy(page->bytes + start, bytes, piece);
        for (uint32_t i = start; i < start + piece; i++)
            page->written[i / 8] |= (uint8_t)(1u << i % 8);
        address += piece;
        bytes += piece;
        length -= piece;
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

void readback_compare(struct readback *readback, uint32_t address, const uint8_t *bytes,
                      uint32_t length, uint64_t packet, struct btap_verification *result)
{
    while (length > 0) {
        const uint32_t piece = piece_of(address, length);
        const uint32_t start = address % READBACK_PAGE;
        const struct readback_page *page = find_page(readback, address - start);

        for (uint32_t i = 0; page != NULL && i < piece; i++) {
            const uint32_t at = start + i;

            if (!(page->written[at / 8] & 1u << at % 8))
                continue;
            if (page->bytes[at] == bytes[i])
                result->same++;
            else
                differ(result, address + i, page->bytes[at], bytes[i], packet);
        }
        address += piece;
        bytes += piece;
        length -= piece;
    }
}
