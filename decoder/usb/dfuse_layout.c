/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/dfuse_layout.h"

#include <stdio.h>

#define PARTITION_LAST 0xff

/** First address that 32 bits cannot name. */
#define ADDRESS_SPACE ((uint64_t)1 << 32)

/** What is left of the text. */
struct cursor {
    const char *at;
};

static bool take(struct cursor *cursor, char wanted)
{
    if (*cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

static void skip_spaces(struct cursor *cursor)
{
    while (*cursor->at == ' ')
        cursor->at++;
}

/** Value of a digit, 16 or more for anything else. */
static unsigned digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return (unsigned)(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F')
        return (unsigned)(digit - 'A') + 10;
    return 16;
}

/** A number of any count of digits; false if there is none or it needs more than 32 bits. */
static bool take_number(struct cursor *cursor, unsigned base, uint32_t *number)
{
    const char *start = cursor->at;
    uint64_t value = 0;

    for (; digit_value(*cursor->at) < base; cursor->at++) {
        value = value * base + digit_value(*cursor->at);
        if (value > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return cursor->at > start;
}

/** `/0x08000000/` */
static bool take_address(struct cursor *cursor, uint32_t *address)
{
    if (!take(cursor, '/') || !take(cursor, '0'))
        return false;
    if (!take(cursor, 'x') && !take(cursor, 'X'))
        return false;
    if (!take_number(cursor, 16, address))
        return false;
    skip_spaces(cursor);
    return take(cursor, '/');
}

/** The unit may be a space or absent: both mean bytes, as B does. */
static uint32_t take_unit(struct cursor *cursor)
{
    if (take(cursor, 'K'))
        return 1u << 10;
    if (take(cursor, 'M'))
        return 1u << 20;
    if (!take(cursor, 'B'))
        (void)take(cursor, ' ');
    return 1;
}

/** The rights: 'a' to 'g', of which bit 0 is readable, bit 1 erasable, bit 2 writable. */
static bool take_rights(struct cursor *cursor, struct btap_layout_region *region)
{
    const char letter = *cursor->at;

    if (letter < 'a' || letter > 'g')
        return false;
    cursor->at++;
    region->readable = (letter & 1) != 0;
    region->erasable = (letter & 2) != 0;
    region->writable = (letter & 4) != 0;
    return true;
}

/** `04*016Kg`, at *address, which moves behind it. */
static bool take_region(struct cursor *cursor, uint64_t *address, struct btap_layout_region *region)
{
    uint64_t page_size;

    skip_spaces(cursor);
    if (!take_number(cursor, 10, &region->pages) || !take(cursor, '*'))
        return false;
    if (!take_number(cursor, 10, &region->page_size))
        return false;
    page_size = (uint64_t)region->page_size * take_unit(cursor);
    if (!take_rights(cursor, region))
        return false;
    if (region->pages == 0 || page_size == 0 || page_size > UINT32_MAX)
        return false;
    if (region->pages > (ADDRESS_SPACE - *address) / page_size)
        return false;
    region->page_size = (uint32_t)page_size;
    region->address = (uint32_t)*address;
    *address += page_size * region->pages;
    return true;
}

/** `/0x08000000/04*016Kg,01*064Kg` */
static bool take_segment(struct cursor *cursor, struct btap_layout *layout)
{
    uint32_t start;
    uint64_t address;

    if (!take_address(cursor, &start))
        return false;
    address = start;
    do {
        if (layout->regions_length == BTAP_LAYOUT_REGIONS_MAX)
            return false;
        if (!take_region(cursor, &address, &layout->regions[layout->regions_length]))
            return false;
        layout->regions_length++;
        skip_spaces(cursor);
    } while (take(cursor, ','));
    return true;
}

/** The name goes up to the first slash and is padded with spaces. */
static void take_name(struct cursor *cursor, char name[BTAP_LAYOUT_NAME_SIZE])
{
    size_t length = 0;

    for (; *cursor->at != '\0' && *cursor->at != '/'; cursor->at++)
        if (length < BTAP_LAYOUT_NAME_SIZE - 1)
            name[length++] = *cursor->at;
    while (length > 0 && name[length - 1] == ' ')
        length--;
    name[length] = '\0';
}

bool btap_layout_parse(const char *text, struct btap_layout *layout)
{
    struct cursor cursor = {.at = text};

    layout->name[0] = '\0';
    layout->regions_length = 0;
    if (!take(&cursor, '@'))
        return false;
    take_name(&cursor, layout->name);
    do {
        if (!take_segment(&cursor, layout))
            return false;
    } while (*cursor.at != '\0');
    return true;
}

bool btap_partition_parse(const char *text, struct btap_partition *partition)
{
    struct cursor cursor = {.at = text};
    char name[BTAP_LAYOUT_NAME_SIZE];
    uint32_t id;

    if (!take(&cursor, '@'))
        return false;
    take_name(&cursor, name);
    if (!take_address(&cursor, &id) || id > PARTITION_LAST || *cursor.at == '\0')
        return false;
    if (partition == NULL)
        return true;
    partition->id = (uint8_t)id;
    snprintf(partition->name, sizeof(partition->name), "%.*s", BTAP_PARTITION_NAME_SIZE - 1, name);
    return true;
}

const struct btap_layout_region *btap_layout_find(const struct btap_layout *layout,
                                                  uint32_t address)
{
    for (uint32_t i = 0; i < layout->regions_length; i++) {
        const struct btap_layout_region *region = &layout->regions[i];

        /* 64 bits: a region may end at the top of the address space. */
        if (address >= region->address &&
            address - region->address < (uint64_t)region->pages * region->page_size)
            return region;
    }
    return NULL;
}
