/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a DfuSe command is at work: the address of a block, and what the memory layout says to it.
 */
#include <string.h>

#include "dfu/internal.h"

/** AN3156 sections 4.1, 5.1: blocks 0 and 1 hold no memory. */
#define FIRST_MEMORY_BLOCK 2

/** The transfer size by preference or descriptor; 0 if neither tells. */
static uint16_t told_size(const struct btap_dfu *dfu)
{
    if (dfu->options.transfer_size > 0)
        return dfu->options.transfer_size;
    return dfu->device->dfu.known ? dfu->device->dfu.transfer_size : 0;
}

uint32_t dfu_transfer_size(const struct btap_dfu *dfu, uint32_t length)
{
    const uint16_t known = told_size(dfu);

    if (known > 0)
        return known;
    return length > dfu->largest_block ? length : dfu->largest_block;
}

/** Images whose first block has this number begin there: the hosts count as DfuSe's do. */
#define SHIFTED_FIRST_BLOCK FIRST_MEMORY_BLOCK

void dfu_follow_image(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const uint16_t block = control->setup.value;
    const uint16_t length = control->setup.length;

    if (length == 0)
        return;
    /* DFU 1.1 section A.2.3: the first block is what leads out of dfuIDLE. */
    if (dfu->state == DFU_IDLE || block == 0) {
        const bool shifted = block == SHIFTED_FIRST_BLOCK;
        const bool over = block == 0 && dfu->state != DFU_IDLE && dfu->image_last == UINT16_MAX;

        if (over) {
            dfu->image_rounds++;
        } else {
            dfu->image_first = shifted ? block : 0;
            dfu->image_block = shifted || block == 0 ? length : 0;
            dfu->image_rounds = 0;
        }
    }
    dfu->image_last = block;
    if (length > dfu->largest_block)
        dfu->largest_block = length;
}

uint32_t dfu_image_offset(const struct btap_dfu *dfu, uint16_t block, uint32_t length)
{
    const uint32_t number = (dfu->image_rounds << 16) + block - dfu->image_first;

    return number * (dfu->image_block > 0 ? dfu->image_block : dfu_transfer_size(dfu, length));
}

/** An address counted in blocks of a size that nothing but the traffic tells. */
static void note_assumed_size(struct btap_dfu *dfu, const struct btap_origin *at)
{
    if (told_size(dfu) > 0 || dfu->assumed_size == dfu->largest_block)
        return;
    dfu->assumed_size = dfu->largest_block;
    emit_note(&dfu->emitter, BTAP_NOTE_TRANSFER_SIZE_ASSUMED, at, dfu->largest_block, 0, 0);
}

bool dfu_block_address(struct btap_dfu *dfu, const struct btap_usb_control *control,
                       uint32_t *address)
{
    const uint16_t block = control->setup.value;
    const uint16_t length = control->setup.length;
    uint32_t size;

    if (block < FIRST_MEMORY_BLOCK) {
        emit_note(&dfu->emitter, BTAP_NOTE_RESERVED_BLOCK, &control->at, block, 0, 0);
        return false;
    }
    if (length > dfu->largest_block)
        dfu->largest_block = length;
    size = dfu_transfer_size(dfu, length);
    *address = dfu->pointer + (uint32_t)(block - FIRST_MEMORY_BLOCK) * size;
    if (dfu->pointer_uncertain)
        emit_note(&dfu->emitter, BTAP_NOTE_POINTER_UNCERTAIN, &control->at, dfu->pointer, 0, 0);
    else if (!dfu->pointer_set)
        emit_note(&dfu->emitter, BTAP_NOTE_DEFAULT_POINTER, &control->at, dfu->pointer, 0, 0);
    if (block > FIRST_MEMORY_BLOCK)
        note_assumed_size(dfu, &control->at);
    if (block > FIRST_MEMORY_BLOCK && length != size)
        emit_note(&dfu->emitter, BTAP_NOTE_ADDRESS_AMBIGUOUS, &control->at,
                  dfu->pointer + (uint32_t)(block - FIRST_MEMORY_BLOCK) * length, length, size);
    return true;
}

enum place {
    NO_LAYOUT, /* none known, or not readable as far as the address */
    OUTSIDE,
    INSIDE, /* dfu->region holds it */
};

static uint64_t region_end(const struct btap_layout_region *region)
{
    return region->address + (uint64_t)region->pages * region->page_size;
}

static enum place look_up(struct btap_dfu *dfu, uint32_t address)
{
    const struct btap_layout_region *found;
    struct btap_layout layout;
    const char *text;
    bool complete;

    if (dfu->region_known && address >= dfu->region.address && address < region_end(&dfu->region))
        return INSIDE;
    text = btap_usb_device_layout(dfu->device);
    if (text == NULL)
        return NO_LAYOUT;
    complete = btap_layout_parse(text, &layout);
    found = btap_layout_find(&layout, address);
    if (found == NULL)
        return complete ? OUTSIDE : NO_LAYOUT;
    dfu->region = *found;
    dfu->region_known = true;
    return INSIDE;
}

static void check_erase(struct btap_dfu *dfu, const struct btap_origin *at, uint32_t address)
{
    const struct btap_layout_region *region = &dfu->region;
    const uint32_t into_page = (address - region->address) % region->page_size;

    if (!region->erasable)
        emit_note(&dfu->emitter, BTAP_NOTE_NOT_ERASABLE, at, address, 0, 0);
    if (into_page != 0)
        emit_note(&dfu->emitter, BTAP_NOTE_ERASE_UNALIGNED, at, address, address - into_page,
                  region->page_size);
}

/** Every region that a written block touches must exist and be writable. */
static void check_write(struct btap_dfu *dfu, const struct btap_origin *at, uint32_t address,
                        uint32_t length)
{
    const uint64_t end = (uint64_t)address + length;

    for (uint64_t next = address; next < end; next = region_end(&dfu->region)) {
        const enum place place = next <= UINT32_MAX ? look_up(dfu, (uint32_t)next) : OUTSIDE;

        if (place == OUTSIDE)
            emit_note(&dfu->emitter, BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT, at, (uint32_t)next, 0, 0);
        else if (place == INSIDE && !dfu->region.writable)
            emit_note(&dfu->emitter, BTAP_NOTE_NOT_WRITABLE, at, (uint32_t)next, 0, 0);
        if (place != INSIDE || !dfu->region.writable)
            return;
    }
}

void dfu_check_layout(struct btap_dfu *dfu, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;
    const uint32_t address = transaction->address;
    enum place place;

    if (transaction->command == BTAP_WRITE_MEMORY) {
        check_write(dfu, at, address, transaction->length);
        return;
    }
    place = look_up(dfu, address);
    if (place == OUTSIDE)
        emit_note(&dfu->emitter, BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT, at, address, 0, 0);
    if (place != INSIDE)
        return;
    if (transaction->command == BTAP_ERASE)
        check_erase(dfu, at, address);
    else if (transaction->command == BTAP_READ_MEMORY && !dfu->region.readable)
        emit_note(&dfu->emitter, BTAP_NOTE_NOT_READABLE, at, address, 0, 0);
}

bool dfu_is_option_bytes(struct btap_dfu *dfu, uint32_t address)
{
    static const char name[] = "@Option Byte";
    const char *text = btap_usb_device_layout(dfu->device);

    if (text != NULL)
        return strncmp(text, name, sizeof(name) - 1) == 0 && look_up(dfu, address) == INSIDE;
    /* Reference manuals: in the system memory's block, or registers of the flash interface (H7;
     * L5, U5, H5). */
    return (address & 0xfff00000) == 0x1ff00000 || (address & 0xfffff000) == 0x52002000 ||
           (address & 0xfffff000) == 0x40022000;
}
