/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU: pages and rights are those of the memory layout that the device gives (UM0424 section
 * 4.3.2), blocks are as long as it takes them (AN3156 sections 4 and 5). Plain devices have neither
 * (DFU 1.1 section 6).
 */
#include <inttypes.h>

#include "boottap/dfuse_layout.h"
#include "replay/fitting.h"

#define OPCODE_SET_ADDRESS 0x21
#define OPCODE_ERASE       0x41

/** The first number of a block that is data; those below are commands (AN3156 section 5.1). */
#define FIRST_BLOCK 2

/** For a device whose functional descriptor is not known: some take no more. */
#define TRANSFER_SIZE 1024

/** The largest programming unit there is: what shares one is written at once, as some take one
 * write per erase. */
#define UNIT_MAX 32

#define CLASS_APPLICATION 0xfe
#define SUBCLASS_DFU      0x01

/** What is known of the device's memory. */
struct memory {
    struct btap_layout layout;
    struct ranges erased; /**< pages that hold the image */
    struct ranges runs;   /**< of the image */
};

static uint32_t transfer_size(const struct fitting *fitting)
{
    const struct btap_dfu_functional *dfu = &fitting->device->usb.dfu;
    const uint32_t size = dfu->known && dfu->transfer_size > 0 ? dfu->transfer_size : TRANSFER_SIZE;
    const uint32_t wanted = fitting->wish->write_size;

    return wanted > 0 && wanted < size ? wanted : size;
}

static bool takes(const char *text, uint32_t address, struct btap_layout *layout)
{
    return text != NULL && btap_layout_parse(text, layout) &&
           btap_layout_find(layout, address) != NULL;
}

/** Chooses the alternate setting whose memory has an address. @return false if none does */
static bool choose(struct fitting *fitting, uint32_t address, struct btap_layout *layout)
{
    const struct btap_usb_device *usb = &fitting->device->usb;

    for (uint8_t i = 0; usb->configuration_known && i < usb->interfaces_length; i++) {
        const struct btap_usb_interface *interface = &usb->interfaces[i];

        if (interface->interface_class != CLASS_APPLICATION ||
            interface->interface_subclass != SUBCLASS_DFU || interface->string_index == 0 ||
            !takes(btap_usb_device_string(usb, interface->string_index), address, layout))
            continue;
        fitting->alternate = interface->alternate;
        return true;
    }
    fitting->alternate = usb->alternate_known ? usb->selected_alternate : 0;
    return takes(btap_usb_device_layout(usb), address, layout);
}

/** The page of a region that holds an address. */
static struct btap_range page_at(const struct btap_layout_region *region, uint32_t address)
{
    const uint32_t number = (address - region->address) / region->page_size;
    const uint32_t first = region->address + number * region->page_size;

    return (struct btap_range){first, first + region->page_size - 1};
}

/** Notes the pages of a run. @return the first address that the device does not take, or beyond */
static uint64_t note_pages(struct memory *memory, const struct btap_range *run)
{
    uint64_t at = run->first;

    while (at <= run->last) {
        const struct btap_layout_region *region = btap_layout_find(&memory->layout, (uint32_t)at);
        struct btap_range page;

        if (region == NULL || !region->writable || region->page_size == 0)
            break;
        page = page_at(region, (uint32_t)at);
        if (region->erasable)
            ranges_add(&memory->erased, page);
        at = (uint64_t)page.last + 1;
    }
    return at;
}

/** Notes a run, with the gap to the one before where they share a programming unit. */
static void note_run(struct memory *memory, struct btap_range run)
{
    const struct ranges *runs = &memory->runs;

    if (runs->length > 0 && runs->list[runs->length - 1].last / UNIT_MAX == run.first / UNIT_MAX)
        run.first = runs->list[runs->length - 1].last + 1;
    ranges_add(&memory->runs, run);
}

/**
 * A write has two bytes at least (AN3156 section 5.1), the first and the last one of a run, too.
 * What is filled up lies in a page that is erased.
 */
static struct btap_range even(const struct memory *memory, struct btap_range run)
{
    const struct btap_layout_region *first = btap_layout_find(&memory->layout, run.first);
    const struct btap_layout_region *last = btap_layout_find(&memory->layout, run.last);

    if (first != NULL && first->erasable)
        run.first &= ~(uint32_t)1;
    if (last != NULL && last->erasable)
        run.last |= 1;
    return run;
}

static bool measure(struct fitting *fitting, struct memory *memory)
{
    struct btap_range run;
    uint64_t from = 0;

    if (!image_first(fitting->wish->image, IMAGE_WRITTEN, &run))
        return true;
    if (!choose(fitting, run.first, &memory->layout)) {
        plan_refuse(fitting->plan, 0, 0,
                    "no memory layout of the device has 0x%08" PRIx32
                    ", where the image begins, or it is not known",
                    run.first);
        return false;
    }
    while (image_next(fitting->wish->image, &from, IMAGE_WRITTEN, &run)) {
        const uint64_t end = note_pages(memory, &run);

        if (end > run.last) {
            note_run(memory, even(memory, run));
            continue;
        }
        plan_refuse(fitting->plan, 0, 0,
                    "0x%08" PRIx64 "-0x%08" PRIx32
                    " of the image do not fit: no writable memory of '%s' is there",
                    end, run.last, memory->layout.name);
        return false;
    }
    return true;
}

/* Commands */

static void set_address(const struct fitting *fitting, uint32_t address)
{
    const struct btap_transaction request =
        fitting_at(fitting_opcode(fitting, OPCODE_SET_ADDRESS), address, 0);

    fitting_add(fitting, &request);
}

static void request_plainly(const struct fitting *fitting, enum btap_command command)
{
    const struct btap_transaction request = fitting_command(fitting, command);

    fitting_add(fitting, &request);
}

static void add_block(const struct fitting *fitting, enum btap_command command, uint32_t address,
                      uint32_t length, uint32_t block)
{
    struct btap_transaction request =
        fitting_at(fitting_command(fitting, command), address, length);

    request.has |= BTAP_HAS_BLOCK;
    request.block = (uint16_t)block;
    fitting_add_contents(fitting, &request);
}

/** Erases page by page, each where its region says that one begins. */
static void erase(const struct fitting *fitting, const struct memory *memory)
{
    struct btap_transaction request = fitting_opcode(fitting, OPCODE_ERASE);

    if (fitting->wish->mass_erase) {
        request.erase = BTAP_ERASE_MASS;
        fitting_add(fitting, &request);
        return;
    }
    for (size_t i = 0; i < memory->erased.length; i++) {
        const uint64_t end = (uint64_t)memory->erased.list[i].last + 1;
        uint64_t at = memory->erased.list[i].first;

        while (at < end) {
            const struct btap_layout_region *region =
                btap_layout_find(&memory->layout, (uint32_t)at);
            struct btap_transaction page = fitting_at(request, (uint32_t)at, 0);

            page.erase = BTAP_ERASE_ADDRESS;
            fitting_add(fitting, &page);
            at += region->page_size;
        }
    }
}

/**
 * Sets the address before each block, as dfu-util does: where a block lies that is shorter than
 * those before it is told in two ways. A block ends where a multiple of its size does: no
 * programming unit is written in two halves.
 */
static void write_run(const struct fitting *fitting, const struct btap_range *run)
{
    const uint32_t size = transfer_size(fitting);
    uint64_t at = run->first;

    while (at <= run->last) {
        const uint64_t left = (uint64_t)run->last + 1 - at;
        const uint32_t most = size - (uint32_t)(at % size);
        const uint32_t length = left < most ? (uint32_t)left : most;

        set_address(fitting, (uint32_t)at);
        add_block(fitting, BTAP_WRITE_MEMORY, (uint32_t)at, length, FIRST_BLOCK);
        at += length;
    }
}

/** Begins to read; an upload starts from dfuIDLE only (AN3156 section 4.1). */
static void begin_reading(const struct fitting *fitting, uint32_t address)
{
    set_address(fitting, address);
    request_plainly(fitting, BTAP_ABORT);
}

static void read_run(const struct fitting *fitting, const struct btap_range *run)
{
    const uint32_t size = transfer_size(fitting);
    uint32_t block = FIRST_BLOCK;

    for (uint64_t at = run->first; at <= run->last; at += size) {
        const uint64_t left = (uint64_t)run->last + 1 - at;

        if (at == run->first || left < size || block > UINT16_MAX) {
            if (at > run->first)
                request_plainly(fitting, BTAP_ABORT);
            begin_reading(fitting, (uint32_t)at);
            block = FIRST_BLOCK;
        }
        add_block(fitting, BTAP_READ_MEMORY, (uint32_t)at, left < size ? (uint32_t)left : size,
                  block++);
    }
    request_plainly(fitting, BTAP_ABORT);
}

/** Leaves DFU mode; the application at the address is started (AN3156 section 5.5). */
static void leave(const struct fitting *fitting)
{
    const struct fit_wish *wish = fitting->wish;

    if (!wish->start)
        return;
    set_address(fitting, wish->start_address);
    fitting_add(fitting, &(struct btap_transaction){
                             .transport = BTAP_DFU,
                             .command = BTAP_LEAVE,
                             .has = BTAP_HAS_ADDRESS,
                             .address = wish->start_address,
                             .alternate = fitting->alternate,
                         });
}

void fit_by_address(struct fitting *fitting)
{
    struct memory memory = {.erased.unlimited = true, .runs.unlimited = true};

    if (measure(fitting, &memory)) {
        erase(fitting, &memory);
        for (size_t i = 0; i < memory.runs.length; i++)
            write_run(fitting, &memory.runs.list[i]);
        for (size_t i = 0; fitting->wish->verify && i < memory.runs.length; i++)
            read_run(fitting, &memory.runs.list[i]);
        leave(fitting);
    }
    ranges_release(&memory.erased);
    ranges_release(&memory.runs);
}

/* Plain DFU */

/** A block; the image begins with the first one, and what it has no value for is 0xFF. */
static void add_plain_block(const struct fitting *fitting, enum btap_command command,
                            uint64_t length, uint32_t block)
{
    struct btap_transaction request = fitting_command(fitting, command);

    request.has = BTAP_HAS_LENGTH | BTAP_HAS_BLOCK;
    request.length = (uint32_t)length;
    request.block = (uint16_t)block;
    if (length > 0)
        fitting_add_contents(fitting, &request);
    else
        fitting_add(fitting, &request);
}

static void add_plain(const struct fitting *fitting, enum btap_command command, uint64_t total)
{
    uint32_t block = fitting->wish->first_block;

    for (uint64_t at = 0; at < total; at += fitting->plain_size)
        add_plain_block(fitting, command,
                        total - at < fitting->plain_size ? total - at : fitting->plain_size,
                        block++);
    /* DFU 1.1 section 6.1.1: a download without bytes ends it. */
    if (command == BTAP_DOWNLOAD)
        add_plain_block(fitting, command, 0, block);
    else
        request_plainly(fitting, BTAP_ABORT);
}

void fit_plain_dfu(struct fitting *fitting)
{
    const struct btap_usb_device *usb = &fitting->device->usb;
    struct btap_range run;
    uint64_t from = 0;
    uint64_t total;
    uint32_t first;

    if (!image_first(fitting->wish->image, IMAGE_WRITTEN, &run))
        return;
    first = run.first;
    while (image_next(fitting->wish->image, &from, IMAGE_WRITTEN, &run))
        ;
    total = (uint64_t)run.last + 1 - first;
    fitting->alternate = usb->alternate_known ? usb->selected_alternate : 0;
    fitting->plain_size = transfer_size(fitting);
    fitting->plain_first = first - fitting->wish->first_block * fitting->plain_size;
    if (total / fitting->plain_size + fitting->wish->first_block >= UINT16_MAX) {
        plan_refuse(fitting->plan, 0, 0,
                    "the image has more blocks of %" PRIu32
                    " bytes than can be numbered: it is too long, or has a gap",
                    fitting->plain_size);
        return;
    }
    add_plain(fitting, BTAP_DOWNLOAD, total);
    if (fitting->wish->verify)
        add_plain(fitting, BTAP_UPLOAD, total);
}
