/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which of an adapter's UARTs an endpoint or interface is for. Descriptors tell best; where the
 * capture lacks them, the numbers of the endpoints and their order do.
 */
#include "adapter/endpoints.h"

#include <string.h>

/* USB class codes (usb.org, "Defined Class Codes") */
enum {
    CLASS_COMMUNICATION = 0x02,
    CLASS_CDC_DATA = 0x0a,
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

bool adapter_endpoints_known(const struct btap_adapter *adapter)
{
    return adapter->device->configuration_known && !adapter->device->configuration_cut &&
           adapter->device->endpoints_length > 0;
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

bool adapter_has_acm(const struct btap_usb_device *device)
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

bool adapter_may_have_serial(const struct btap_usb_device *device)
{
    for (size_t i = 0; i < device->interfaces_length; i++)
        if (may_be_serial(device, i))
            return true;
    return false;
}

void adapter_forget_routes(struct btap_adapter *adapter)
{
    memset(adapter->routes, ROUTE_OPEN, sizeof(adapter->routes));
    for (size_t i = 0; i < BTAP_ADAPTER_PORTS; i++) {
        adapter->ports[i].in_endpoint = 0;
        adapter->ports[i].out_endpoint = 0;
        adapter->ports[i].interface_plus_1 = 0;
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

/**
 * The ports are the interfaces of a kind in order: those of CDC-ACM, each with its data interface,
 * or, of a device of unknown kind, those that may be serial.
 */
static uint8_t port_in_order(const struct btap_usb_device *device, uint8_t number, bool acm)
{
    uint8_t port = 0;

    for (size_t i = 0; i < device->interfaces_length && port < BTAP_ADAPTER_PORTS; i++) {
        const struct btap_usb_interface *interface = &device->interfaces[i];

        if (!(acm ? is_acm(interface) : may_be_serial(device, i)) || is_repeated(device, i))
            continue;
        if (number == interface->number ||
            (acm && number == data_interface(device, interface->number)))
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

static uint8_t port_by_descriptors(const struct btap_adapter *adapter, uint8_t address)
{
    const struct btap_usb_device *device = adapter->device;
    const struct btap_usb_endpoint *endpoint = adapter_endpoint(adapter, address);

    if (endpoint == NULL)
        return ADAPTER_NO_PORT;
    if (adapter->kind == BTAP_ADAPTER_CDC_ACM || adapter->kind == BTAP_ADAPTER_UNKNOWN)
        return port_in_order(device, endpoint->interface, adapter->kind == BTAP_ADAPTER_CDC_ACM);
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
        return port_in_order(adapter->device, interface, true);
    for (uint8_t i = 0; i < BTAP_ADAPTER_PORTS; i++) {
        uint8_t *known = &adapter->ports[i].interface_plus_1;

        if (*known == 0)
            *known = (uint8_t)(interface + 1);
        if (*known == (uint8_t)(interface + 1))
            return i;
    }
    return ADAPTER_NO_PORT;
}
