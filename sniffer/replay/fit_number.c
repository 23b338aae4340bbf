/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USART, FDCAN and classic CAN: pages have the numbers of the product's layout (AN3155 sections 3.4
 * to 3.8, AN5405 and AN3154 likewise).
 */
#include <inttypes.h>

#include "replay/fitting.h"

#define OPCODE_READ           0x11
#define OPCODE_GO             0x21
#define OPCODE_WRITE          0x31
#define OPCODE_ERASE          0x43
#define OPCODE_EXTENDED_ERASE 0x44

/** Bytes of a Write Memory or Read Memory at most; both count from 0 in a byte. */
#define CHUNK_MAX 256

/** A Write Memory takes a multiple of so many bytes (AN3155 section 3.6). */
#define USART_UNIT 4

/** The same for CAN FD: a frame of that many bytes exists for each multiple up to 64. */
#define FDCAN_UNIT 16

/** The largest programming unit there is, for a product that is not known. */
#define UNKNOWN_UNIT 32

/* Pages of one command: 0x43 counts from 0 in a byte of which 255 means all; of 0x44 STM32L1 take
 * no more than 512; FDCAN has them in one frame. */
#define ERASE_PAGES          255
#define EXTENDED_ERASE_PAGES 512
#define FDCAN_PAGES          32
/* What fills no frame of classic CAN: whether a full one has an answer of its own, and whether a
 * device counts more, no note tells. */
#define CAN_PAGES 7

/** From version 3.0 on the bootloader has Extended Erase in place of Erase (AN3155 section 4). */
#define VERSION_EXTENDED 0x30

/** Numbers of pages that are looked at: more than any product has. */
#define PAGES_MAX 4096

/** What the image takes up. */
struct area {
    struct ranges flash; /**< in whole programming units */
    struct ranges ram;
};

static const char *name_of(const struct fitting *fitting)
{
    return fitting->device->product != NULL ? fitting->device->product->name
                                            : "a product that is not known";
}

static bool lies_in(const struct btap_range *range, const struct btap_range *place)
{
    return place->last > place->first && range->first >= place->first && range->last <= place->last;
}

static uint32_t unit_of(const struct fitting *fitting)
{
    const struct btap_programming *programming = btap_product_programming(fitting->device->product);
    const uint32_t least = fitting->plan->transport == BTAP_FDCAN ? FDCAN_UNIT : USART_UNIT;
    const uint32_t unit = programming != NULL ? programming->unit : UNKNOWN_UNIT;

    return unit > least ? unit : least;
}

static struct btap_range widened(struct btap_range range, uint32_t unit)
{
    range.first -= range.first % unit;
    range.last |= unit - 1;
    return range;
}

/** RAM that the bootloader leaves to the host. */
static struct btap_range free_ram(const struct btap_product *product)
{
    struct btap_range ram = {0};

    if (product != NULL) {
        ram = product->sram;
        if (product->bootloader_ram_end > ram.first)
            ram.first = product->bootloader_ram_end;
    }
    return ram;
}

static void refuse_run(const struct fitting *fitting, const struct btap_range *run,
                       const struct btap_range *flash)
{
    const uint32_t first =
        run->first < flash->first || run->first > flash->last ? run->first : flash->last + 1;

    plan_refuse(fitting->plan, 0, 0,
                "0x%08" PRIx32 "-0x%08" PRIx32
                " of the image do not fit %s: its flash memory is 0x%08" PRIx32 "-0x%08" PRIx32,
                first, run->last, name_of(fitting), flash->first, flash->last);
}

/** Finds out where the image goes. @return false if it does not fit */
static bool measure(const struct fitting *fitting, struct area *area)
{
    const struct btap_range flash = btap_product_flash(fitting->device->product);
    const struct btap_range ram = free_ram(fitting->device->product);
    const uint32_t unit = unit_of(fitting);
    struct btap_range run;
    uint64_t from = 0;

    while (image_next(fitting->wish->image, &from, IMAGE_WRITTEN, &run)) {
        if (lies_in(&run, &flash)) {
            ranges_add(&area->flash, widened(run, unit));
        } else if (lies_in(&run, &ram)) {
            ranges_add(&area->ram, widened(run, USART_UNIT));
        } else {
            refuse_run(fitting, &run, &flash);
            return false;
        }
    }
    return true;
}

/* Erase */

/** The opcode of page erases: what the device lists wins, then what is known of the product. */
static uint8_t erase_opcode(const struct fitting *fitting)
{
    const struct plan_device *device = fitting->device;

    if (fitting->plan->transport == BTAP_FDCAN)
        return OPCODE_EXTENDED_ERASE;
    if (fitting->plan->transport == BTAP_CAN)
        return OPCODE_ERASE;
    if (fitting->wish->erase_opcode != 0)
        return fitting->wish->erase_opcode;
    if (device->product != NULL && device->product->erase_opcode != 0)
        return device->product->erase_opcode;
    return device->version != 0 && device->version < VERSION_EXTENDED ? OPCODE_ERASE
                                                                      : OPCODE_EXTENDED_ERASE;
}

static uint32_t pages_of_command(const struct fitting *fitting, uint8_t opcode)
{
    if (fitting->plan->transport == BTAP_FDCAN)
        return FDCAN_PAGES;
    if (fitting->plan->transport == BTAP_CAN)
        return CAN_PAGES;
    return opcode == OPCODE_ERASE ? ERASE_PAGES : EXTENDED_ERASE_PAGES;
}

static void add_list(const struct fitting *fitting, struct btap_transaction *request)
{
    request->erase = BTAP_ERASE_PAGES;
    request->list_kind = BTAP_LIST_PAGES;
    request->list_announced = request->list_length;
    fitting_add(fitting, request);
    request->list_length = 0;
}

/** Whether the numbers of all pages that hold the image are known. */
static bool pages_known(const struct fitting *fitting, const struct area *area,
                        const struct ranges *pages)
{
    for (size_t i = 0; i < area->flash.length; i++) {
        const struct btap_range *range = &area->flash.list[i];

        if (ranges_cover(pages, *range) == range_length(range))
            continue;
        plan_refuse(fitting->plan, 0, 0,
                    "the pages of %s at 0x%08" PRIx32
                    " are not known: its flash can only be erased as a whole",
                    name_of(fitting), range->first);
        return false;
    }
    return true;
}

/** Adds erases of the pages that hold the image. @return false if they are not known */
static bool erase_pages(const struct fitting *fitting, const struct area *area)
{
    const struct btap_product *product = fitting->device->product;
    const uint8_t opcode = erase_opcode(fitting);
    const uint32_t most = pages_of_command(fitting, opcode);
    struct btap_transaction request = fitting_opcode(fitting, opcode);
    struct ranges pages = {0};
    struct btap_range page;
    bool known;

    for (uint32_t i = 0; product != NULL && i < PAGES_MAX; i++) {
        if (!btap_product_sector(product, i, &page) || ranges_cover(&area->flash, page) == 0)
            continue;
        if (opcode == OPCODE_ERASE && i > UINT8_MAX)
            break;
        ranges_add(&pages, page);
        request.list[request.list_length++] = (uint16_t)i;
        if (request.list_length == most)
            add_list(fitting, &request);
    }
    if (request.list_length > 0)
        add_list(fitting, &request);
    known = pages_known(fitting, area, &pages);
    ranges_release(&pages);
    return known;
}

/** Of a product without a mass erase the pages that hold the image stand for it: there are some. */
static bool has_pages(const struct fitting *fitting, const struct area *area)
{
    if (!fitting->wish->mass_erase || area->flash.length + area->ram.length > 0)
        return true;
    plan_refuse(fitting->plan, 0, 0,
                "all of the flash memory is to be erased, and %s has no command for that",
                fitting->device->product->name);
    return false;
}

static bool erase(const struct fitting *fitting, const struct area *area)
{
    const struct btap_product *product = fitting->device->product;

    if (fitting->wish->mass_erase &&
        (product == NULL || product->mass_erase != BTAP_MASS_ERASE_NO)) {
        struct btap_transaction request = fitting_opcode(fitting, erase_opcode(fitting));

        request.erase = BTAP_ERASE_MASS;
        fitting_add(fitting, &request);
        return true;
    }
    return has_pages(fitting, area) && (area->flash.length == 0 || erase_pages(fitting, area));
}

/* Contents */

/** Bytes of a command: whole units, so that none is programmed twice. */
static uint32_t chunk_size(const struct fitting *fitting)
{
    const uint32_t unit = unit_of(fitting);
    uint32_t size = fitting->wish->write_size;

    if (size == 0 || size > CHUNK_MAX)
        size = CHUNK_MAX;
    size -= size % unit;
    return size > 0 ? size : unit;
}

/** A command for each chunk of a set; chunks end at multiples of their size. */
static void add_chunks(const struct fitting *fitting, const struct ranges *ranges, uint8_t opcode)
{
    const struct btap_transaction request = fitting_opcode(fitting, opcode);
    const uint32_t size = chunk_size(fitting);

    for (size_t i = 0; i < ranges->length; i++) {
        const uint64_t end = (uint64_t)ranges->list[i].last + 1;
        uint64_t next;

        for (uint64_t at = ranges->list[i].first; at < end; at = next) {
            struct btap_transaction chunk;

            next = (at / size + 1) * size;
            if (next > end)
                next = end;
            chunk = fitting_at(request, (uint32_t)at, (uint32_t)(next - at));
            fitting_add_contents(fitting, &chunk);
        }
    }
}

static void add_contents(const struct fitting *fitting, const struct area *area)
{
    const struct fit_wish *wish = fitting->wish;

    add_chunks(fitting, &area->flash, OPCODE_WRITE);
    add_chunks(fitting, &area->ram, OPCODE_WRITE);
    /* After all writes: some products lose the start of a write that follows a read. */
    if (wish->verify) {
        add_chunks(fitting, &area->flash, OPCODE_READ);
        add_chunks(fitting, &area->ram, OPCODE_READ);
    }
    if (wish->start) {
        const struct btap_transaction go =
            fitting_at(fitting_opcode(fitting, OPCODE_GO), wish->start_address, 0);

        fitting_add(fitting, &go);
    }
}

void fit_by_number(struct fitting *fitting)
{
    const struct btap_programming *programming = btap_product_programming(fitting->device->product);
    struct area area = {.flash.unlimited = true, .ram.unlimited = true};

    if (programming != NULL)
        fitting->fill = programming->erased;
    if (measure(fitting, &area) && erase(fitting, &area))
        add_contents(fitting, &area);
    ranges_release(&area.flash);
    ranges_release(&area.ram);
}
