/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: which kind one is, and which of its UARTs an endpoint or interface is for.
 * Descriptors tell best; where the capture lacks them, the requests do, then the data.
 */
#include "adapter/adapter.h"

#include <string.h>

/* USB class codes (usb.org, "Defined Class Codes") */
enum {
    CLASS_AUDIO = 0x01,
    CLASS_COMMUNICATION = 0x02,
    CLASS_HID = 0x03,
    CLASS_MASS_STORAGE = 0x08,
    CLASS_HUB = 0x09,
    CLASS_CDC_DATA = 0x0a,
    CLASS_VIDEO = 0x0e,
    CLASS_WIRELESS = 0xe0,
    CLASS_VENDOR = 0xff,
    SUBCLASS_ACM = 0x02,
    PROTOCOL_VENDOR = 0xff, /**< CDC-ACM by name, RNDIS in fact */
};

enum {
    ATTRIBUTES_TYPE = 0x03,
    TYPE_BULK = 0x02,
};

/** Of btap_adapter.routes: not looked up yet, or none, or the port plus ROUTE_PORT. */
enum {
    ROUTE_OPEN,
    ROUTE_NONE,
    ROUTE_PORT,
};

enum { ANY = -1 };

/** What is known by vendor and product. */
struct known_device {
    uint16_t vendor;
    int32_t product; /**< or ANY */
    enum btap_adapter_kind kind;
    bool not_serial;
};

static const struct known_device known_devices[] = {
    /* ST-LINK V1, V2, V3 loader, V3P loader; the STM32's own DFU mode */
    {0x0483, 0x3744, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0x3748, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0x374d, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0x3755, BTAP_ADAPTER_UNKNOWN, true},
    {0x0483, 0xdf11, BTAP_ADAPTER_UNKNOWN, true},
    /* ST-LINK V2-1 and V3 with a virtual COM port; ST's example firmware */
    {0x0483, 0x374a, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x374b, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x374e, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x374f, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x3752, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x3753, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x3754, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x3757, BTAP_ADAPTER_CDC_ACM, false},
    {0x0483, 0x5740, BTAP_ADAPTER_CDC_ACM, false},
    {0x0403, ANY, BTAP_ADAPTER_FTDI, false},
    {0x10c4, ANY, BTAP_ADAPTER_CP210X, false},
    /* WCH CH330, CH340, CH341 */
    {0x1a86, 0x5523, BTAP_ADAPTER_CH34X, false},
    {0x1a86, 0x7522, BTAP_ADAPTER_CH34X, false},
    {0x1a86, 0x7523, BTAP_ADAPTER_CH34X, false},
    {0x1a86, 0xe523, BTAP_ADAPTER_CH34X, false},
    {0x4348, 0x5523, BTAP_ADAPTER_CH34X, false},
    {0x2184, 0x0057, BTAP_ADAPTER_CH34X, false},
    {0x9986, 0x7523, BTAP_ADAPTER_CH34X, false},
    /* WCH CH342 and later: CDC descriptors */
    {0x1a86, 0x55d2, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55d3, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55d4, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55d5, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55d6, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55d7, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55d8, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55da, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55db, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55dd, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55de, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55df, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55e7, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55e8, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55e9, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55ea, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55eb, BTAP_ADAPTER_CDC_ACM, false},
    {0x1a86, 0x55ec, BTAP_ADAPTER_CDC_ACM, false},
    /* Prolific PL2303, then GC and the rest of the G series */
    {0x067b, 0x2303, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23a3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23b3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23c3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23d3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23e3, BTAP_ADAPTER_PL2303, false},
    {0x067b, 0x23f3, BTAP_ADAPTER_PL2303, false},
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

bool adapter_endpoints_known(const struct btap_adapter *adapter)
{
    return adapter->device->configuration_known && adapter->device->endpoints_length > 0;
}

static bool has_bulk(const struct btap_usb_device *device, uint8_t interface)
{
    for (size_t i = 0; i < device->endpoints_length; i++)
        if (device->endpoints[i].interface == interface &&
            (device->endpoints[i].attributes & ATTRIBUTES_TYPE) == TYPE_BULK)
            return true;
    return false;
}

/** One entry an interface: further alternate settings repeat it. */
static bool is_repeated(const struct btap_usb_device *device, size_t interface)
{
    for (size_t i = 0; i < interface; i++)
        if (device->interfaces[i].number == device->interfaces[interface].number)
            return true;
    return false;
}

static bool is_acm(const struct btap_usb_interface *interface)
{
    return interface->interface_class == CLASS_COMMUNICATION &&
           interface->interface_subclass == SUBCLASS_ACM &&
           interface->interface_protocol != PROTOCOL_VENDOR;
}

static bool has_acm(const struct btap_usb_device *device)
{
    for (size_t i = 0; i < device->interfaces_length; i++)
        if (is_acm(&device->interfaces[i]))
            return true;
    return false;
}

/** An interface that may be a UART's although no class says so. */
static bool may_be_serial(const struct btap_usb_device *device, size_t interface)
{
    return device->interfaces[interface].interface_class == CLASS_VENDOR &&
           has_bulk(device, device->interfaces[interface].number);
}

static bool may_have_serial(const struct btap_usb_device *device)
{
    for (size_t i = 0; i < device->interfaces_length; i++)
        if (may_be_serial(device, i))
            return true;
    return false;
}

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
            (known_devices[i].product == ANY || known_devices[i].product == device->product))
            return &known_devices[i];
    return NULL;
}

static void forget_routes(struct btap_adapter *adapter)
{
    memset(adapter->routes, ROUTE_OPEN, sizeof(adapter->routes));
    for (size_t i = 0; i < BTAP_ADAPTER_PORTS; i++) {
        adapter->ports[i].in_endpoint = 0;
        adapter->ports[i].out_endpoint = 0;
        adapter->ports[i].interface_plus_1 = 0;
    }
}

static void become(struct btap_adapter *adapter, enum btap_adapter_kind kind,
                   enum btap_adapter_evidence evidence)
{
    adapter->kind = kind;
    adapter->evidence = evidence;
    forget_routes(adapter);
}

static void identify_by_descriptors(struct btap_adapter *adapter)
{
    const struct btap_usb_device *device = adapter->device;
    const struct known_device *known = known_device(device);

    adapter->not_serial = false;
    if (known != NULL && known->not_serial)
        adapter->not_serial = true;
    else if (adapter_endpoints_known(adapter) && has_acm(device))
        become(adapter, BTAP_ADAPTER_CDC_ACM, BTAP_ADAPTER_BY_DESCRIPTORS);
    else if (known != NULL)
        become(adapter, known->kind, BTAP_ADAPTER_BY_DESCRIPTORS);
    else if (adapter_endpoints_known(adapter))
        adapter->not_serial = !may_have_serial(device);
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
        (uint64_t)device->descriptor_known << 1 | (uint64_t)device->configuration_known;

    if (seen == adapter->device_seen)
        return;
    adapter->device_seen = seen;
    forget_routes(adapter);
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

const struct btap_usb_endpoint *adapter_endpoint(const struct btap_adapter *adapter,
                                                 uint8_t address)
{
    const struct btap_usb_device *device = adapter->device;

    for (size_t i = 0; i < device->endpoints_length; i++)
        if (device->endpoints[i].address == address)
            return &device->endpoints[i];
    return NULL;
}

/**
 * The data interface of a communication interface: itself if it has the bulk endpoints, else the
 * next one of class CDC data. The union descriptor would tell, but every device numbers them so.
 */
static uint8_t data_interface(const struct btap_usb_device *device, uint8_t communication)
{
    unsigned nearest = UINT8_MAX;

    if (has_bulk(device, communication))
        return communication;
    for (size_t i = 0; i < device->interfaces_length; i++) {
        const struct btap_usb_interface *interface = &device->interfaces[i];

        if (interface->interface_class == CLASS_CDC_DATA && interface->number > communication &&
            interface->number < nearest && has_bulk(device, interface->number))
            nearest = interface->number;
    }
    return (uint8_t)nearest;
}

static uint8_t acm_port(const struct btap_usb_device *device, uint8_t number)
{
    uint8_t port = 0;

    for (size_t i = 0; i < device->interfaces_length && port < BTAP_ADAPTER_PORTS; i++) {
        const struct btap_usb_interface *interface = &device->interfaces[i];

        if (!is_acm(interface) || is_repeated(device, i))
            continue;
        if (number == interface->number || number == data_interface(device, interface->number))
            return port;
        port++;
    }
    return ADAPTER_NO_PORT;
}

static bool is_vendor_interface(const struct btap_usb_device *device, uint8_t number)
{
    for (size_t i = 0; i < device->interfaces_length; i++)
        if (device->interfaces[i].number == number &&
            device->interfaces[i].interface_class == CLASS_VENDOR)
            return true;
    return false;
}

/** Of a device of unknown kind: the ports are its interfaces that may be serial, in order. */
static uint8_t possible_port(const struct btap_usb_device *device, uint8_t number)
{
    uint8_t port = 0;

    for (size_t i = 0; i < device->interfaces_length && port < BTAP_ADAPTER_PORTS; i++) {
        if (!may_be_serial(device, i) || is_repeated(device, i))
            continue;
        if (device->interfaces[i].number == number)
            return port;
        port++;
    }
    return ADAPTER_NO_PORT;
}

static uint8_t port_by_descriptors(const struct btap_adapter *adapter, uint8_t address)
{
    const struct btap_usb_device *device = adapter->device;
    const struct btap_usb_endpoint *endpoint = adapter_endpoint(adapter, address);

    if (endpoint == NULL)
        return ADAPTER_NO_PORT;
    if (adapter->kind == BTAP_ADAPTER_CDC_ACM)
        return acm_port(device, endpoint->interface);
    if (adapter->kind == BTAP_ADAPTER_UNKNOWN)
        return possible_port(device, endpoint->interface);
    if (!is_vendor_interface(device, endpoint->interface))
        return ADAPTER_NO_PORT;
    if (adapter->kind == BTAP_ADAPTER_CH34X || adapter->kind == BTAP_ADAPTER_PL2303)
        return 0;
    return endpoint->interface < BTAP_ADAPTER_PORTS ? endpoint->interface : ADAPTER_NO_PORT;
}

/**
 * Port by the order in which endpoints show up. An endpoint goes where its number is in use in
 * the other direction, even if another took that place, since most devices pair equal numbers;
 * else to the first port that lacks its direction.
 */
static uint8_t port_by_pairing(struct btap_adapter *adapter, uint8_t address)
{
    const bool in = (address & ADAPTER_ENDPOINT_IN) != 0;
    uint8_t vacant = ADAPTER_NO_PORT;

    for (uint8_t i = 0; i < BTAP_ADAPTER_PORTS; i++) {
        struct btap_adapter_port *port = &adapter->ports[i];
        uint8_t *own = in ? &port->in_endpoint : &port->out_endpoint;
        const uint8_t other = in ? port->out_endpoint : port->in_endpoint;

        if (other == (address ^ ADAPTER_ENDPOINT_IN)) {
            if (*own != 0)
                adapter->routes[(*own & 0x0f) | (in ? 0x10 : 0)] = ROUTE_OPEN;
            *own = address;
            return i;
        }
        if (*own == 0 && vacant == ADAPTER_NO_PORT)
            vacant = i;
    }
    if (vacant != ADAPTER_NO_PORT) {
        if (in)
            adapter->ports[vacant].in_endpoint = address;
        else
            adapter->ports[vacant].out_endpoint = address;
    }
    return vacant;
}

/** Port by the numbers that chips of this kind give their endpoints. */
static uint8_t port_by_convention(struct btap_adapter *adapter, uint8_t address)
{
    const unsigned number = address & 0x0f;
    const struct btap_usb_device *device = adapter->device;
    const bool cp2105_cp2108 =
        device->descriptor_known && (device->product == 0xea70 || device->product == 0xea71);
    unsigned port;

    if (number == 0)
        return ADAPTER_NO_PORT;
    if (adapter->kind == BTAP_ADAPTER_FTDI)
        port = (number - 1) / 2;
    else if (adapter->kind == BTAP_ADAPTER_CP210X && cp2105_cp2108)
        port = number - 1;
    else
        return port_by_pairing(adapter, address);
    return port < BTAP_ADAPTER_PORTS ? (uint8_t)port : ADAPTER_NO_PORT;
}

uint8_t adapter_endpoint_port(struct btap_adapter *adapter, uint8_t address)
{
    uint8_t *route =
        &adapter->routes[(address & 0x0f) | ((address & ADAPTER_ENDPOINT_IN) != 0 ? 0x10 : 0)];

    if (*route == ROUTE_OPEN) {
        const uint8_t port = adapter_endpoints_known(adapter)
                                 ? port_by_descriptors(adapter, address)
                                 : port_by_convention(adapter, address & 0x8f);

        *route = port == ADAPTER_NO_PORT ? ROUTE_NONE : (uint8_t)(ROUTE_PORT + port);
    }
    return *route == ROUTE_NONE ? ADAPTER_NO_PORT : (uint8_t)(*route - ROUTE_PORT);
}

uint8_t adapter_interrupt_port(const struct btap_adapter *adapter, uint8_t address)
{
    return adapter_endpoints_known(adapter) ? port_by_descriptors(adapter, address) : 0;
}

uint8_t adapter_interface_port(struct btap_adapter *adapter, uint8_t interface)
{
    if (adapter_endpoints_known(adapter))
        return acm_port(adapter->device, interface);
    for (uint8_t i = 0; i < BTAP_ADAPTER_PORTS; i++) {
        uint8_t *known = &adapter->ports[i].interface_plus_1;

        if (*known == 0)
            *known = (uint8_t)(interface + 1);
        if (*known == (uint8_t)(interface + 1))
            return i;
    }
    return ADAPTER_NO_PORT;
}
