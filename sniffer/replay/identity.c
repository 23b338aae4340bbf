/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "boottap/dfuse_layout.h"

/** Class code of interfaces that speak DFU (DFU 1.1 section 4.2.3). */
#define APPLICATION_SPECIFIC 0xfe

/** Where ST's devices have their serial number. */
#define ST_SERIAL_STRING 3

static const char *product_name(uint32_t pid)
{
    const struct btap_product *product = btap_product_by_pid(pid);

    return product != NULL ? product->name : "not a product that boottap knows";
}

static enum identity_verdict judge_pid(const struct plan_device *device,
                                       const struct host_identity *identity, char *words,
                                       size_t size)
{
    if (!identity->pid_known) {
        snprintf(words, size, "the device does not tell its product id; --yes goes on without it");
        return IDENTITY_UNKNOWN;
    }
    if (device->pid_known && device->pid != identity->pid) {
        snprintf(words, size,
                 "this is another device: product id 0x%03" PRIx32
                 " (%s), in the capture 0x%03" PRIx32 " (%s)",
                 identity->pid, product_name(identity->pid), device->pid,
                 product_name(device->pid));
        return IDENTITY_OTHER;
    }
    if (btap_product_by_pid(identity->pid) == NULL) {
        snprintf(words, size,
                 "product id 0x%03" PRIx32
                 " is not one that boottap knows; --yes sends to it all the same",
                 identity->pid);
        return IDENTITY_UNKNOWN;
    }
    return IDENTITY_FITS;
}

/** Memory layout of an alternate setting; NULL if it is not known. */
static const char *layout_of(const struct btap_usb_device *device, unsigned alternate)
{
    for (unsigned i = 0; i < device->interfaces_length && i < BTAP_USB_INTERFACES_MAX; i++) {
        const struct btap_usb_interface *interface = &device->interfaces[i];

        if (interface->alternate == alternate &&
            interface->interface_class == APPLICATION_SPECIFIC && interface->string_index != 0)
            return btap_usb_device_string(device, interface->string_index);
    }
    return NULL;
}

static bool is_same_region(const struct btap_layout_region *one,
                           const struct btap_layout_region *other)
{
    return one->address == other->address && one->pages == other->pages &&
           one->page_size == other->page_size && one->readable == other->readable &&
           one->erasable == other->erasable && one->writable == other->writable;
}

/** Whether two names are the same: as layouts, of which bootloaders write the numbers with more or
 * fewer digits, `064*0002Kg` and `64*002Kg`; else letter by letter. */
static bool is_same_layout(const char *one, const char *other)
{
    struct btap_layout layouts[2];

    if (strcmp(one, other) == 0)
        return true;
    if (!btap_layout_parse(one, &layouts[0]) || !btap_layout_parse(other, &layouts[1]) ||
        strcmp(layouts[0].name, layouts[1].name) != 0 ||
        layouts[0].regions_length != layouts[1].regions_length)
        return false;
    for (uint32_t i = 0; i < layouts[0].regions_length; i++)
        if (!is_same_region(&layouts[0].regions[i], &layouts[1].regions[i]))
            return false;
    return true;
}

/** Whether a device has no such alternate setting, as far as its descriptors tell. */
static bool lacks(const struct btap_usb_device *device, unsigned alternate)
{
    if (!btap_usb_device_interfaces_known(device))
        return false;
    for (unsigned i = 0; i < device->interfaces_length; i++)
        if (device->interfaces[i].alternate == alternate &&
            device->interfaces[i].interface_class == APPLICATION_SPECIFIC)
            return false;
    return true;
}

static void compare_serial(const struct plan_device *device, const struct wire *wire)
{
    const char *recorded = btap_usb_device_string(&device->usb, ST_SERIAL_STRING);

    if (recorded != NULL && device->usb.descriptor_known &&
        device->usb.vendor == BTAP_USB_VENDOR_ST && wire->usb_serial != NULL &&
        wire->usb_serial[0] != '\0' && strcmp(recorded, wire->usb_serial) != 0)
        message("%s: serial number %s, in the capture %s: another device of the kind", wire->name,
                wire->usb_serial, recorded);
}

static enum identity_verdict judge_usb(const struct plan_device *device, uint64_t alternates,
                                       const struct btap_usb_device *usb, char *words, size_t size)
{
    for (unsigned alternate = 0; alternate < 64; alternate++) {
        const bool used = (alternates >> alternate & 1) != 0;
        const char *recorded = used ? layout_of(&device->usb, alternate) : NULL;
        const char *found = used ? layout_of(usb, alternate) : NULL;

        if (used && lacks(usb, alternate)) {
            snprintf(words, size, "this is another device: it has no alternate setting %u%s%s%s",
                     alternate, recorded != NULL ? ", in the capture '" : "",
                     recorded != NULL ? recorded : "", recorded != NULL ? "'" : "");
            return IDENTITY_OTHER;
        }
        if (recorded == NULL || found == NULL || is_same_layout(recorded, found))
            continue;
        snprintf(words, size,
                 "this is another device: alternate setting %u is '%s', in the capture '%s'",
                 alternate, found, recorded);
        return IDENTITY_OTHER;
    }
    return IDENTITY_FITS;
}

enum identity_verdict identity_judge(const struct plan *plan, uint64_t alternates,
                                     const struct host_identity *identity, const struct wire *wire,
                                     char *words, size_t size)
{
    switch (plan->transport) {
    case BTAP_USART:
    case BTAP_FDCAN:
    case BTAP_CAN:
        return judge_pid(&plan->device, identity, words, size);
    case BTAP_DFU:
        if (!plan->device.usb_known || identity->usb == NULL)
            return IDENTITY_FITS;
        compare_serial(&plan->device, wire);
        return judge_usb(&plan->device, alternates, identity->usb, words, size);
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return IDENTITY_UNKNOWN;
}
