/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of the enums, and of links.
 */
#include <stdio.h>
#include <string.h>

#include "boottap/link.h"
#include "boottap/transaction.h"
#include "boottap/types.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NAME_OF(table, value)                                                                      \
    ((size_t)(value) < COUNT_OF(table) && (table)[value] != NULL ? (table)[value] : "unknown")

static const char *const transports[] = {
    [BTAP_USART] = "usart",
    [BTAP_DFU] = "dfu",
    [BTAP_FDCAN] = "fdcan",
    [BTAP_CAN] = "can",
};

static const char *const severities[] = {
    [BTAP_CHAT] = "chat",
    [BTAP_NOTE] = "note",
    [BTAP_WARN] = "warn",
    [BTAP_ERROR] = "error",
};

static const char *const directions[] = {
    [BTAP_DIRECTION_UNKNOWN] = "unknown",
    [BTAP_HOST_TO_DEVICE] = "host",
    [BTAP_DEVICE_TO_HOST] = "device",
};

static const char *const statuses[] = {
    [BTAP_OK] = "ok",
    [BTAP_NACK] = "nack",
    [BTAP_DFU_ERROR] = "error",
    [BTAP_STALL] = "stall",
    [BTAP_NO_REPLY] = "no-reply",
    [BTAP_BAD_REPLY] = "bad-reply",
    [BTAP_DISCONNECTED] = "disconnected",
    [BTAP_INCOMPLETE] = "incomplete",
};

static const char *const phases[] = {
    [BTAP_PHASE_NONE] = "none",         [BTAP_PHASE_SYNC] = "sync",
    [BTAP_PHASE_COMMAND] = "command",   [BTAP_PHASE_ADDRESS] = "address",
    [BTAP_PHASE_LENGTH] = "length",     [BTAP_PHASE_DATA] = "data",
    [BTAP_PHASE_CHECKSUM] = "checksum", [BTAP_PHASE_POLYNOMIAL] = "polynomial",
    [BTAP_PHASE_INITIAL] = "initial",   [BTAP_PHASE_SUBCOMMAND] = "subcommand",
    [BTAP_PHASE_REPLY] = "reply",       [BTAP_PHASE_OPERATION] = "operation",
    [BTAP_PHASE_REQUEST] = "request",   [BTAP_PHASE_STATUS] = "status",
};

static const char *const erases[] = {
    [BTAP_ERASE_NONE] = "none",         [BTAP_ERASE_PAGES] = "pages",
    [BTAP_ERASE_ADDRESS] = "address",   [BTAP_ERASE_MASS] = "mass",
    [BTAP_ERASE_BANK1] = "bank1",       [BTAP_ERASE_BANK2] = "bank2",
    [BTAP_ERASE_RESERVED] = "reserved",
};

/* DFU 1.1 section 6.1.2, bState */
static const char *const dfu_states[] = {
    "appIDLE",        "appDETACH",        "dfuIDLE",     "dfuDNLOAD-SYNC",         "dfuDNBUSY",
    "dfuDNLOAD-IDLE", "dfuMANIFEST-SYNC", "dfuMANIFEST", "dfuMANIFEST-WAIT-RESET", "dfuUPLOAD-IDLE",
    "dfuERROR",
};

/* DFU 1.1 section 6.1.2, bStatus */
static const char *const dfu_statuses[] = {
    "OK",      "errTARGET", "errFILE",    "errWRITE",      "errERASE",    "errCHECK_ERASED",
    "errPROG", "errVERIFY", "errADDRESS", "errNOTDONE",    "errFIRMWARE", "errVENDOR",
    "errUSBR", "errPOR",    "errUNKNOWN", "errSTALLEDPKT",
};

const char *btap_transport_name(enum btap_transport transport)
{
    return NAME_OF(transports, transport);
}

const char *btap_lack_name(enum btap_lack lack)
{
    switch (lack) {
    case BTAP_LACKS_REPLIES:
        return "replies";
    case BTAP_LACKS_TIMES:
        return "times";
    case BTAP_LACKS_POLL_TIMES:
        return "poll-times";
    case BTAP_LACKS_DATA:
        return "data";
    }
    return "unknown";
}

const char *btap_severity_name(enum btap_severity severity)
{
    return NAME_OF(severities, severity);
}

const char *btap_direction_name(enum btap_direction direction)
{
    return NAME_OF(directions, direction);
}

const char *btap_status_name(enum btap_status status)
{
    return NAME_OF(statuses, status);
}

const char *btap_phase_name(enum btap_phase phase)
{
    return NAME_OF(phases, phase);
}

const char *btap_erase_name(enum btap_erase erase)
{
    return NAME_OF(erases, erase);
}

const char *btap_dfu_state_name(uint8_t state)
{
    return NAME_OF(dfu_states, state);
}

const char *btap_dfu_status_name(uint8_t status)
{
    return NAME_OF(dfu_statuses, status);
}

static const char *serial_or_can_name(const struct btap_link *link, const char *kind, char *name,
                                      size_t size)
{
    if (link->interface[0] != '\0')
        snprintf(name, size, "%s:%s", kind, link->interface);
    else if (link->interface_id != 0)
        snprintf(name, size, "%s:%u", kind, (unsigned)link->interface_id);
    else
        snprintf(name, size, "%s", kind);
    return name;
}

/** usbmon0 records what usbmon1 does: only the interface tells such links apart. */
static const char *other_interface(const struct btap_link *link, char text[static 16])
{
    text[0] = '\0';
    if (link->interface_id != 0)
        snprintf(text, 16, "@%u", (unsigned)link->interface_id);
    return text;
}

const char *btap_link_name(const struct btap_link *link, char *name, size_t size)
{
    char other[16];

    switch (link->kind) {
    case BTAP_LINK_USB:
        snprintf(name, size, "usb:%u.%u%s", (unsigned)link->bus, (unsigned)link->device,
                 other_interface(link, other));
        return name;
    case BTAP_LINK_USB_SERIAL:
        snprintf(name, size, "usb:%u.%u.%u%s", (unsigned)link->bus, (unsigned)link->device,
                 (unsigned)link->port, other_interface(link, other));
        return name;
    case BTAP_LINK_CAN:
        return serial_or_can_name(link, "can", name, size);
    case BTAP_LINK_SERIAL:
        break;
    }
    return serial_or_can_name(link, "serial", name, size);
}

bool btap_link_same(const struct btap_link *a, const struct btap_link *b)
{
    return a->kind == b->kind && a->transport == b->transport &&
           a->interface_id == b->interface_id && a->bus == b->bus && a->device == b->device &&
           a->port == b->port && strcmp(a->interface, b->interface) == 0;
}
