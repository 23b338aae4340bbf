/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Descriptors (USB 2.0 section 9.6, DFU 1.1 section 4.1.3) and the standard requests that choose
 * among them (USB 2.0 section 9.4).
 */
#include "boottap/usb_device.h"

#include <string.h>

#include "model/bytes.h"

enum {
    REQUEST_SET_ADDRESS = 5,
    REQUEST_GET_DESCRIPTOR = 6,
    REQUEST_SET_CONFIGURATION = 9,
    REQUEST_SET_INTERFACE = 11,

    TO_DEVICE = 0x00,
    TO_INTERFACE = 0x01,
    FROM_DEVICE = 0x80,

    TYPE_DEVICE = 1,
    TYPE_CONFIGURATION = 2,
    TYPE_STRING = 3,
    TYPE_INTERFACE = 4,
    TYPE_ENDPOINT = 5,
    TYPE_DFU_FUNCTIONAL = 0x21, /* HID's descriptor has the same number */

    DEVICE_SIZE = 18,
    CONFIGURATION_SIZE = 9,
    INTERFACE_SIZE = 9,
    ENDPOINT_SIZE = 7,
    DFU_FUNCTIONAL_SIZE = 7, /* 9 with bcdDFUVersion */

    CLASS_APPLICATION_SPECIFIC = 0xfe,
    SUBCLASS_DFU = 0x01,
    PROTOCOL_DFU_MODE = 0x02,
};

static bool is_dfu(const struct btap_usb_interface *interface)
{
    return interface->interface_class == CLASS_APPLICATION_SPECIFIC &&
           interface->interface_subclass == SUBCLASS_DFU;
}

void btap_usb_device_init(struct btap_usb_device *device)
{
    memset(device, 0, sizeof(*device));
}

/** Whether a transfer brought a descriptor of this type. */
static bool brings(const struct btap_usb_control *completion, uint8_t type)
{
    return completion->setup_known && completion->setup.request == REQUEST_GET_DESCRIPTOR &&
           completion->setup.request_type == FROM_DEVICE && completion->setup.value >> 8 == type &&
           (completion->status == BTAP_USB_OK || completion->status == BTAP_USB_SHORT);
}

/** The device descriptor that a transfer brought; NULL if none or not all of it. */
static const uint8_t *device_descriptor(const struct btap_usb_control *completion)
{
    const uint8_t *bytes = completion->data;

    if (!brings(completion, TYPE_DEVICE) || completion->captured < DEVICE_SIZE ||
        bytes[0] < DEVICE_SIZE || bytes[1] != TYPE_DEVICE)
        return NULL;
    return bytes;
}

bool btap_usb_device_brings_descriptor(const struct btap_usb_control *completion)
{
    return device_descriptor(completion) != NULL;
}

bool btap_usb_device_is_other(const struct btap_usb_device *device,
                              const struct btap_usb_control *completion)
{
    const uint8_t *bytes = device_descriptor(completion);

    return bytes != NULL && device->descriptor_known &&
           (get_le16(bytes + 8) != device->vendor || get_le16(bytes + 10) != device->product ||
            get_le16(bytes + 12) != device->bcd_device);
}

static void take_device(struct btap_usb_device *device, const uint8_t *bytes)
{
    device->descriptor_known = true;
    device->bcd_usb = get_le16(bytes + 2);
    device->device_class = bytes[4];
    device->max_packet_size0 = bytes[7];
    device->vendor = get_le16(bytes + 8);
    device->product = get_le16(bytes + 10);
    device->bcd_device = get_le16(bytes + 12);
}

static void take_interface(struct btap_usb_device *device, const uint8_t *bytes)
{
    struct btap_usb_interface *interface;

    if (device->interfaces_length == BTAP_USB_INTERFACES_MAX)
        return;
    interface = &device->interfaces[device->interfaces_length++];
    interface->number = bytes[2];
    interface->alternate = bytes[3];
    interface->interface_class = bytes[5];
    interface->interface_subclass = bytes[6];
    interface->interface_protocol = bytes[7];
    interface->string_index = bytes[8];
}

/** Keeps an endpoint once, though several alternate settings may list it. */
static void take_endpoint(struct btap_usb_device *device, uint8_t interface, const uint8_t *bytes)
{
    struct btap_usb_endpoint *endpoint;

    for (uint8_t i = 0; i < device->endpoints_length; i++)
        if (device->endpoints[i].address == bytes[2])
            return;
    if (device->endpoints_length == BTAP_USB_ENDPOINTS_MAX)
        return;
    endpoint = &device->endpoints[device->endpoints_length++];
    endpoint->address = bytes[2];
    endpoint->interface = interface;
    endpoint->attributes = bytes[3];
    endpoint->max_packet_size = get_le16(bytes + 4);
}

static void take_dfu_functional(struct btap_usb_device *device, const uint8_t *bytes)
{
    device->dfu.known = true;
    device->dfu.attributes = bytes[2];
    device->dfu.detach_timeout_ms = get_le16(bytes + 3);
    device->dfu.transfer_size = get_le16(bytes + 5);
    device->dfu.bcd_dfu = bytes[0] >= DFU_FUNCTIONAL_SIZE + 2 ? get_le16(bytes + 7) : 0;
}

/** Reads the descriptors that follow the configuration's, up to the first malformed one. */
static void take_interfaces(struct btap_usb_device *device, const uint8_t *bytes, uint32_t length)
{
    uint8_t interface = 0;
    bool in_dfu = false;

    for (uint32_t at = 0; length - at >= 2; at += bytes[at]) {
        const uint8_t *one = bytes + at;

        if (one[0] < 2 || one[0] > length - at)
            return;
        if (one[1] == TYPE_INTERFACE && one[0] >= INTERFACE_SIZE) {
            interface = one[2];
            in_dfu = one[5] == CLASS_APPLICATION_SPECIFIC && one[6] == SUBCLASS_DFU;
            take_interface(device, one);
        } else if (one[1] == TYPE_ENDPOINT && one[0] >= ENDPOINT_SIZE) {
            take_endpoint(device, interface, one);
        } else if (one[1] == TYPE_DFU_FUNCTIONAL && one[0] >= DFU_FUNCTIONAL_SIZE && in_dfu) {
            take_dfu_functional(device, one);
        }
    }
}

static void forget_configuration(struct btap_usb_device *device)
{
    device->configuration_known = false;
    device->configuration_cut = false;
    device->interfaces_length = 0;
    device->endpoints_length = 0;
    memset(&device->dfu, 0, sizeof(device->dfu));
}

/**
 * Takes a configuration descriptor. Hosts first read its 9 bytes alone to learn the total length:
 * what holds no interface tells nothing. Of several configurations, the one that the host
 * selected counts, before that the first.
 */
static void take_configuration(struct btap_usb_device *device,
                               const struct btap_usb_control *completion)
{
    const uint8_t *bytes = completion->data;
    uint32_t length = completion->captured;
    uint8_t value;

    if (length < CONFIGURATION_SIZE + INTERFACE_SIZE || bytes[0] < CONFIGURATION_SIZE ||
        bytes[1] != TYPE_CONFIGURATION || bytes[0] > length)
        return;
    if (length > get_le16(bytes + 2))
        length = get_le16(bytes + 2);
    if (length < bytes[0])
        return;
    value = bytes[5];
    if (device->configuration_known && value != device->configuration &&
        value != device->selected_configuration)
        return;
    forget_configuration(device);
    take_interfaces(device, bytes + bytes[0], length - bytes[0]);
    device->configuration = value;
    device->configuration_known = device->interfaces_length > 0;
    device->configuration_cut = completion->captured < completion->length;
}

static struct btap_usb_string *slot_of_string(struct btap_usb_device *device, uint8_t index,
                                              bool layout)
{
    struct btap_usb_string *plain = NULL;

    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++)
        if (device->strings[i].index == index)
            return &device->strings[i];
    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++) {
        if (device->strings[i].index == 0)
            return &device->strings[i];
        if (device->strings[i].text[0] != '@')
            plain = &device->strings[i];
    }
    return layout ? plain : NULL;
}

/**
 * Takes a string descriptor. One that the host or the capture cut is left out: half a memory
 * layout is a wrong one. A device that announces more than it sends gets what it sent.
 */
static void take_string(struct btap_usb_device *device, const struct btap_usb_control *completion)
{
    const uint8_t *bytes = completion->data;
    uint8_t index = (uint8_t)completion->setup.value;
    uint32_t length = completion->captured;
    struct btap_usb_string *string;
    uint32_t at = 0;

    if (index == 0 || length < 4 || bytes[0] < 4 || bytes[1] != TYPE_STRING)
        return;
    if (length < bytes[0] &&
        (length < completion->length || completion->length >= completion->setup.length))
        return;
    if (length > bytes[0])
        length = bytes[0];
    device->latest.index = index;
    for (uint32_t i = 2; i + 1 < length && at + 1 < sizeof(device->latest.text); i += 2) {
        uint16_t unit = get_le16(bytes + i);

        device->latest.text[at++] = (char)(unit >= ' ' && unit <= '~' ? unit : '?');
    }
    device->latest.text[at] = '\0';
    string = slot_of_string(device, index, get_le16(bytes + 2) == '@');
    if (string != NULL)
        *string = device->latest;
}

/** Hosts that found no DFU functional descriptor in the configuration ask for it alone. */
static void take_lone_dfu_functional(struct btap_usb_device *device,
                                     const struct btap_usb_control *completion)
{
    const uint8_t *bytes = completion->data;

    if (completion->captured >= DFU_FUNCTIONAL_SIZE && bytes[0] >= DFU_FUNCTIONAL_SIZE &&
        bytes[0] <= completion->captured && bytes[1] == TYPE_DFU_FUNCTIONAL)
        take_dfu_functional(device, bytes);
}

static void take_descriptor(struct btap_usb_device *device,
                            const struct btap_usb_control *completion)
{
    const uint8_t *bytes = device_descriptor(completion);

    if (bytes != NULL)
        take_device(device, bytes);
    else if (brings(completion, TYPE_CONFIGURATION))
        take_configuration(device, completion);
    else if (brings(completion, TYPE_STRING))
        take_string(device, completion);
    else if (brings(completion, TYPE_DFU_FUNCTIONAL))
        take_lone_dfu_functional(device, completion);
}

/** USB 2.0 section 9.4.7: every interface is in alternate setting 0 from then on. */
static void select_configuration(struct btap_usb_device *device, uint8_t value)
{
    if (device->configuration_known && value != 0 && value != device->configuration)
        forget_configuration(device);
    device->selected_configuration = value;
    device->selected_interface = 0;
    device->selected_alternate = 0;
    device->alternate_known = false;
}

static void select_alternate(struct btap_usb_device *device, const struct btap_usb_setup *setup)
{
    device->selected_interface = (uint8_t)setup->index;
    device->selected_alternate = (uint8_t)setup->value;
    device->alternate_known = true;
}

/** The request by which a host takes hold of a device or an interface; NOTHING for others. */
static enum btap_usb_refusal selection(const struct btap_usb_setup *setup)
{
    if (setup->request_type == TO_DEVICE && setup->request == REQUEST_SET_CONFIGURATION)
        return BTAP_USB_REFUSED_CONFIGURATION;
    if (setup->request_type == TO_INTERFACE && setup->request == REQUEST_SET_INTERFACE)
        return BTAP_USB_REFUSED_INTERFACE;
    return BTAP_USB_REFUSED_NOTHING;
}

static void take_selection(struct btap_usb_device *device,
                           const struct btap_usb_control *completion, enum btap_usb_refusal what)
{
    if (completion->status == BTAP_USB_STALL) {
        device->refused = what;
        device->refused_value = (uint8_t)completion->setup.value;
        device->refused_packet = completion->at.packet;
        device->refused_time = completion->at.time;
    }
    if (completion->status != BTAP_USB_OK)
        return;
    if (device->refused == what)
        device->refused = BTAP_USB_REFUSED_NOTHING;
    if (what == BTAP_USB_REFUSED_CONFIGURATION)
        select_configuration(device, (uint8_t)completion->setup.value);
    else
        select_alternate(device, &completion->setup);
}

void btap_usb_device_control(struct btap_usb_device *device,
                             const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;
    enum btap_usb_refusal what;

    if (!completion->setup_known)
        return;
    what = selection(setup);
    if (setup->request_type == FROM_DEVICE && setup->request == REQUEST_GET_DESCRIPTOR)
        take_descriptor(device, completion);
    else if (what != BTAP_USB_REFUSED_NOTHING)
        take_selection(device, completion, what);
}

const char *btap_usb_device_string(const struct btap_usb_device *device, uint8_t index)
{
    if (index == 0)
        return NULL;
    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++)
        if (device->strings[i].index == index)
            return device->strings[i].text;
    return device->latest.index == index ? device->latest.text : NULL;
}

static bool is_st(const struct btap_usb_device *device)
{
    return device->descriptor_known && device->vendor == BTAP_USB_VENDOR_ST &&
           device->product == BTAP_USB_PRODUCT_ST_DFU;
}

bool btap_usb_device_in_dfu_mode(const struct btap_usb_device *device)
{
    for (uint8_t i = 0; i < device->interfaces_length; i++)
        if (is_dfu(&device->interfaces[i]) &&
            device->interfaces[i].interface_protocol == PROTOCOL_DFU_MODE)
            return true;
    return is_st(device);
}

bool btap_usb_device_enumerates(const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;

    if (!completion->setup_known)
        return false;
    if (setup->request_type == TO_DEVICE)
        return setup->request == REQUEST_SET_ADDRESS;
    return setup->request_type == FROM_DEVICE && setup->request == REQUEST_GET_DESCRIPTOR &&
           (setup->value >> 8 == TYPE_DEVICE || setup->value >> 8 == TYPE_CONFIGURATION);
}

bool btap_usb_device_interfaces_known(const struct btap_usb_device *device)
{
    return device->configuration_known && !device->configuration_cut &&
           device->interfaces_length < BTAP_USB_INTERFACES_MAX;
}

bool btap_usb_device_may_be_dfu(const struct btap_usb_device *device)
{
    if (!btap_usb_device_interfaces_known(device))
        return true;
    for (uint8_t i = 0; i < device->interfaces_length; i++)
        if (is_dfu(&device->interfaces[i]))
            return true;
    return is_st(device);
}

/** Whether this is the alternate setting in force, as far as the capture tells. */
static bool in_force(const struct btap_usb_device *device,
                     const struct btap_usb_interface *interface)
{
    if (device->alternate_known && device->selected_interface == interface->number)
        return interface->alternate == device->selected_alternate;
    return device->selected_configuration == 0 || interface->alternate == 0;
}

static const char *only_layout(const struct btap_usb_device *device)
{
    const char *layout = NULL;

    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++) {
        if (device->strings[i].index == 0 || device->strings[i].text[0] != '@')
            continue;
        if (layout != NULL)
            return NULL;
        layout = device->strings[i].text;
    }
    return layout;
}

const char *btap_usb_device_target(const struct btap_usb_device *device)
{
    const struct btap_usb_interface *found = NULL;

    for (uint8_t i = 0; i < device->interfaces_length; i++) {
        const struct btap_usb_interface *interface = &device->interfaces[i];

        if (!is_dfu(interface) || !in_force(device, interface))
            continue;
        if (found != NULL)
            return NULL;
        found = interface;
    }
    if (found == NULL)
        return device->configuration_known && !device->configuration_cut ? NULL
                                                                         : only_layout(device);
    return btap_usb_device_string(device, found->string_index);
}

const char *btap_usb_device_layout(const struct btap_usb_device *device)
{
    const char *text = btap_usb_device_target(device);

    return text != NULL && text[0] == '@' ? text : NULL;
}
