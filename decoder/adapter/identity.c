/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: which kind one is. Descriptors tell best; where the capture lacks them, the
 * requests do, then the data.
 */
#include "adapter/identity.h"

#include <string.h>

#include "adapter/endpoints.h"
#include "adapter/family.h"

/* USB class codes (usb.org, "Defined Class Codes") */
enum {
    CLASS_AUDIO = 0x01,
    CLASS_HID = 0x03,
    CLASS_MASS_STORAGE = 0x08,
    CLASS_HUB = 0x09,
    CLASS_VIDEO = 0x0e,
    CLASS_WIRELESS = 0xe0,
};

enum { ANY = -1 };

/** What is known by vendor and product. */
struct known_device {
    uint16_t vendor;
    uint16_t first; /**< product */
    uint16_t last;
    enum btap_adapter_kind kind;
    bool not_serial;
};

static const struct known_device known_devices[] = {
    /* ST-LINK V1, V2, V3 loader, V3P loader; the STM32's own DFU mode */
    {0x0483, 0x3744, 0x3744, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0x3748, 0x3748, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0x374d, 0x374d, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0x3755, 0x3755, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0xdf11, 0xdf11, BTAP_ADAPTER_UNKNOWN, true},
    /* ST-LINK V2-1 and V3 with a virtual COM port; ST's example firmware */
    {0x0483, 0x374a, 0x374b, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x374e, 0x374f, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x3752, 0x3754, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x3757, 0x3757, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x5740, 0x5740, BTAP_ADAPTER_CDC_ACM, false},
    {0x0403, 0x0000, 0xffff, BTAP_ADAPTER_FTDI, false},
    {0x10c4, 0x0000, 0xffff, BTAP_ADAPTER_CP210X, false},
    /* WCH CH330, CH340, CH341 */
    {0x1a86, 0x5523, 0x5523, BTAP_ADAPTER_CH34X, false},
    {0x1a86, 0x7522, 0x7523, BTAP_ADAPTER_CH34X, false},
    {0x1a86, 0xe523, 0xe523, BTAP_ADAPTER_CH34X, false},
    {0x4348, 0x5523, 0x5523, BTAP_ADAPTER_CH34X, false},
    {0x2184, 0x0057, 0x0057, BTAP_ADAPTER_CH34X, false},
    {0x9986, 0x7523, 0x7523, BTAP_ADAPTER_CH34X, false},
    /* WCH CH342 and later: CDC descriptors */
    {0x1a86, 0x55d2, 0x55d8, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55da, 0x55db, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55dd, 0x55df, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55e7, 0x55ec, BTAP_ADAPTER_CDC_ACM, false},
    /* Prolific PL2303, then GC and the rest of the G series */
    {0x067b, 0x2303, 0x2303, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23a3, 0x23a3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23b3, 0x23b3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23c3, 0x23c3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23d3, 0x23d3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23e3, 0x23e3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23f3, 0x23f3, BTAP_ADAPTER_PL2303, false},
};

/** Requests that only one kind of adapter is sent. */
struct known_request {
    uint8_t request_type;
    uint8_t request;
    int32_t value;  /**< or ANY */
    int32_t length; /**< or ANY */
    enum btap_adapter_kind kind;
};

/* Linux sends FTDI's data format (40 04: 8N1, 8O1, 8E1, 7E1) before the rate (40 03). */
static const struct known_request known_requests[] = {
    {0x21, 0x20, ANY, 7, BTAP_ADAPTER_CDC_ACM},     {0x21, 0x22, ANY, 0, BTAP_ADAPTER_CDC_ACM},
    {0x21, 0x23, ANY, 0, BTAP_ADAPTER_CDC_ACM},     {0xa1, 0x21, ANY, 7, BTAP_ADAPTER_CDC_ACM},
    {0x40, 0x03, ANY, 0, BTAP_ADAPTER_FTDI},        {0x41, 0x00, ANY, 0, BTAP_ADAPTER_CP210X},
    {0x41, 0x1e, ANY, 4, BTAP_ADAPTER_CP210X},      {0x41, 0x03, ANY, 0, BTAP_ADAPTER_CP210X},
    {0x41, 0x07, ANY, 0, BTAP_ADAPTER_CP210X},      {0x40, 0x9a, ANY, 0, BTAP_ADAPTER_CH34X},
    {0x40, 0xa1, ANY, 0, BTAP_ADAPTER_CH34X},       {0x40, 0xa4, ANY, 0, BTAP_ADAPTER_CH34X},
    {0xc0, 0x95, ANY, ANY, BTAP_ADAPTER_CH34X},     {0xc0, 0x5f, ANY, ANY, BTAP_ADAPTER_CH34X},
    {0xc0, 0x01, 0x8484, ANY, BTAP_ADAPTER_PL2303}, {0xc0, 0x01, 0x8383, ANY, BTAP_ADAPTER_PL2303},
    {0x40, 0x01, 0x0404, ANY, BTAP_ADAPTER_PL2303}, {0x40, 0x80, ANY, 0, BTAP_ADAPTER_PL2303},
    {0xc0, 0x81, ANY, ANY, BTAP_ADAPTER_PL2303},    {0x40, 0x04, 0x0008, 0, BTAP_ADAPTER_FTDI},
    {0x40, 0x04, 0x0108, 0, BTAP_ADAPTER_FTDI},     {0x40, 0x04, 0x0208, 0, BTAP_ADAPTER_FTDI},
    {0x40, 0x04, 0x0207, 0, BTAP_ADAPTER_FTDI},
};

static bool is_class_without_serial(uint8_t device_class)
{
    static const uint8_t classes[] = {
        CLASS_AUDIO, CLASS_HID, CLASS_MASS_STORAGE, CLASS_HUB, CLASS_VIDEO, CLASS_WIRELESS,
    };

    return memchr(classes, device_class, sizeof(classes)) != NULL;
}

static const struct known_device *known_device(const struct btap_usb_device *device)
{
    if (!device->descriptor_known)
        return NULL;
    for (size_t i = 0; i < sizeof(known_devices) / sizeof(known_devices[0]); i++)
        if (known_devices[i].vendor == device->vendor &&
            device->product >= known_devices[i].first && device->product <= known_devices[i].last)
            return &known_devices[i];
    return NULL;
}

static void become(struct btap_adapter *adapter, enum btap_adapter_kind kind,
                   enum btap_adapter_evidence evidence)
{
    adapter->kind = kind;
    adapter->evidence = evidence;
    adapter_forget_routes(adapter);
}

static void identify_by_descriptors(struct btap_adapter *adapter)
{
    const struct btap_usb_device *device = adapter->device;
    const struct known_device *known = known_device(device);

    adapter->not_serial = false;
    if (known != NULL && known->not_serial)
        adapter->not_serial = true;
    else if (adapter_endpoints_known(adapter) && adapter_has_acm(device))
        become(adapter, BTAP_ADAPTER_CDC_ACM, BTAP_ADAPTER_BY_DESCRIPTORS);
    else if (known != NULL)
        become(adapter, known->kind, BTAP_ADAPTER_BY_DESCRIPTORS);
    else if (adapter_endpoints_known(adapter))
        adapter->not_serial = !adapter_may_have_serial(device);
    else
        adapter->not_serial =
            device->descriptor_known && is_class_without_serial(device->device_class);
}

void adapter_identify(struct btap_adapter *adapter)
{
    const struct btap_usb_device *device = adapter->device;
    const uint64_t seen =
        (uint64_t)device->vendor << 48 | (uint64_t)device->product << 32 |
        (uint64_t)device->interfaces_length << 24 | (uint64_t)device->endpoints_length << 16 |
        (uint64_t)device->configuration_cut << 2 | (uint64_t)device->descriptor_known << 1 |
        (uint64_t)device->configuration_known;

    if (seen == adapter->device_seen)
        return;
    adapter->device_seen = seen;
    adapter_forget_routes(adapter);
    identify_by_descriptors(adapter);
}

static bool matches(const struct known_request *known, const struct btap_usb_setup *setup)
{
    return known->request_type == setup->request_type && known->request == setup->request &&
           (known->value == ANY || known->value == setup->value) &&
           (known->length == ANY || known->length == setup->length);
}

static enum btap_adapter_kind kind_by_request(const struct btap_usb_setup *setup)
{
    for (size_t i = 0; i < sizeof(known_requests) / sizeof(known_requests[0]); i++)
        if (matches(&known_requests[i], setup))
            return known_requests[i].kind;
    return BTAP_ADAPTER_UNKNOWN;
}

void adapter_learn_request(struct btap_adapter *adapter, const struct btap_usb_setup *setup)
{
    enum btap_adapter_kind kind;

    /* PL2303 takes CDC's requests beside its own, which come first only at the port's opening. */
    if (adapter->evidence > BTAP_ADAPTER_BY_REQUESTS ||
        (adapter->evidence == BTAP_ADAPTER_BY_REQUESTS && adapter->kind != BTAP_ADAPTER_CDC_ACM))
        return;
    kind = kind_by_request(setup);
    if (kind == BTAP_ADAPTER_UNKNOWN || kind == adapter->kind ||
        (kind == BTAP_ADAPTER_FTDI && adapter->not_ftdi) ||
        (adapter->kind == BTAP_ADAPTER_CDC_ACM && kind != BTAP_ADAPTER_PL2303))
        return;
    become(adapter, kind, BTAP_ADAPTER_BY_REQUESTS);
}

void adapter_learn_payload(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer)
{
    const bool cut = transfer->captured < 2 && transfer->length >= 2;

    if (adapter->evidence == BTAP_ADAPTER_BY_DESCRIPTORS || adapter->not_ftdi || cut)
        return;
    if (transfer->length < 2 || !adapter_ftdi_fits(transfer->data)) {
        adapter->not_ftdi = true;
        if (adapter->kind == BTAP_ADAPTER_FTDI)
            become(adapter, BTAP_ADAPTER_UNKNOWN, BTAP_ADAPTER_BY_NOTHING);
    } else if (adapter->kind == BTAP_ADAPTER_UNKNOWN && adapter_ftdi_fits_well(transfer->data)) {
        become(adapter, BTAP_ADAPTER_FTDI, BTAP_ADAPTER_BY_PAYLOAD);
    }
}
