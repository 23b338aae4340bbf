/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/places.h"

#include <string.h>

#include "boottap/dfuse_layout.h"

/* DFU 1.1 section 4.2.3 */
#define DFU_CLASS    0xfe
#define DFU_SUBCLASS 0x01

/** The smallest page: what is between two of its starts is of one kind. */
#define GRAIN 0x400u

/* Of a product that is not known: the largest flash of any STM32 (4 MiB) and RAM. */
#define ANY_FLASH_LAST 0x083fffffu
#define ANY_RAM_FIRST  0x20000000u
#define ANY_RAM_LAST   0x200fffffu

/* Reference manuals: system memory with option bytes and OTP; registers of the flash interface of
 * L4, L5, G0, G4, U5, H5, and of the H7; all peripherals. */
static const struct btap_range options_or_otp = {0x1ff00000u, 0x1fffffffu};
static const struct btap_range flash_registers[] = {
    {0x40022000u, 0x40022fffu},
    {0x50022000u, 0x50022fffu},
    {0x52002000u, 0x52002fffu},
    {0x58004000u, 0x58004fffu},
};
static const struct btap_range registers = {0x40000000u, 0x5fffffffu};

static const char *const words[PLACE_COUNT] = {
    [PLACE_FLASH] = "flash",
    [PLACE_RAM] = "RAM",
    [PLACE_OPTION_BYTES] = "the option bytes",
    [PLACE_OTP] = "one-time programmable memory (OTP)",
    [PLACE_OPTIONS_OR_OTP] = "where STM32 have option bytes, OTP and system memory",
    [PLACE_FLASH_REGISTERS] = "registers of the flash, which may be option bytes",
    [PLACE_REGISTERS] = "registers of a peripheral",
    [PLACE_OTHER_MEMORY] = "a memory that is not the internal flash",
    [PLACE_UNKNOWN] = "memory that is not known to be flash or RAM",
};

const char *place_words(enum place place)
{
    return words[place];
}

static bool touches(const struct btap_range *range, uint32_t first, uint32_t last)
{
    return first <= range->last && last >= range->first;
}

static bool holds(const struct btap_range *range, uint32_t first, uint32_t last)
{
    return first >= range->first && last <= range->last;
}

const char *place_alternate_name(const struct plan_device *device, uint8_t alternate)
{
    const struct btap_usb_device *usb = &device->usb;
    const char *name = NULL;
    unsigned found = 0;

    if (!device->usb_known || !usb->configuration_known)
        return NULL;
    for (uint8_t i = 0; i < usb->interfaces_length; i++) {
        const struct btap_usb_interface *interface = &usb->interfaces[i];

        if (interface->interface_class != DFU_CLASS ||
            interface->interface_subclass != DFU_SUBCLASS || interface->alternate != alternate)
            continue;
        found++;
        if (interface->string_index != 0)
            name = btap_usb_device_string(usb, interface->string_index);
    }
    return found == 1 ? name : NULL;
}

/** Whether a name, but for the '@' of a layout, begins so. */
static bool begins(const char *name, const char *with)
{
    name += name[0] == '@';
    return strncmp(name, with, strlen(with)) == 0;
}

enum place place_of_alternate(const struct plan_device *device, uint8_t alternate)
{
    const char *name = place_alternate_name(device, alternate);

    if (name == NULL)
        return PLACE_UNKNOWN;
    if (begins(name, "Internal Flash"))
        return PLACE_FLASH;
    if (strstr(name, "Option") != NULL)
        return PLACE_OPTION_BYTES;
    return strstr(name, "OTP") != NULL ? PLACE_OTP : PLACE_OTHER_MEMORY;
}

/** Of a byte's neighbourhood. @param layout NULL: none tells */
static bool is_flash(const struct btap_product *product, const struct btap_layout *layout,
                     uint32_t address)
{
    const struct btap_range flash = btap_product_flash(product);

    if (layout != NULL && btap_layout_find(layout, address) == NULL)
        return false;
    if (product != NULL && product->flash_size > 0)
        return holds(&flash, address, address);
    return btap_memory_only_flash(address) && address <= ANY_FLASH_LAST;
}

static bool is_all_flash(const struct btap_product *product, const struct btap_layout *layout,
                         uint32_t first, uint32_t last)
{
    for (uint64_t at = first; at < last; at = (at / GRAIN + 1) * GRAIN)
        if (!is_flash(product, layout, (uint32_t)at))
            return false;
    return is_flash(product, layout, last);
}

static bool is_ram(const struct btap_product *product, uint32_t first, uint32_t last)
{
    const struct btap_range any = {ANY_RAM_FIRST, ANY_RAM_LAST};

    return holds(product != NULL && product->sram.last != 0 ? &product->sram : &any, first, last);
}

/** What it is that is neither flash nor RAM. */
static enum place look_further(uint32_t first, uint32_t last)
{
    if (touches(&options_or_otp, first, last))
        return PLACE_OPTIONS_OR_OTP;
    for (size_t i = 0; i < sizeof(flash_registers) / sizeof(flash_registers[0]); i++)
        if (touches(&flash_registers[i], first, last))
            return PLACE_FLASH_REGISTERS;
    return touches(&registers, first, last) ? PLACE_REGISTERS : PLACE_UNKNOWN;
}

enum place place_of(const struct plan_device *device, enum btap_transport transport,
                    uint8_t alternate, uint32_t first, uint32_t last)
{
    const struct btap_product *product = device->product;
    const char *name = transport == BTAP_DFU ? place_alternate_name(device, alternate) : NULL;
    struct btap_layout layout;

    if (name != NULL) {
        const enum place place = place_of_alternate(device, alternate);

        if (place != PLACE_FLASH)
            return place;
        btap_layout_parse(name, &layout);
    }
    if (product != NULL && product->option_bytes.last != 0 &&
        touches(&product->option_bytes, first, last))
        return PLACE_OPTION_BYTES;
    if (is_all_flash(product, name != NULL ? &layout : NULL, first, last))
        return PLACE_FLASH;
    if (is_ram(product, first, last))
        return PLACE_RAM;
    return look_further(first, last);
}
