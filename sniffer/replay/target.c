/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/target.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/options.h"
#include "live/operand.h"
#include "live/usb_filter.h"
#include "port/wire_open.h"

#define FORMS   "serial:PORT[,BAUD], can:IFACE[,classic] or usb:VID:PID[,SERIAL or BUS-PORT]"
#define CLASSIC ",classic"

/** Keeps the place, of length characters. */
static bool keep_place(struct target *target, const char *place, size_t length, const char *what)
{
    if (length == 0 || length >= sizeof(target->place))
        return misused("--to %s: %s %s", target->name, length == 0 ? "it names no" : "too long a",
                       what);
    memcpy(target->place, place, length);
    target->place[length] = '\0';
    return true;
}

static bool parse_serial(struct target *target, const char *text)
{
    const size_t length = strcspn(text, ",");
    const char *baud = text[length] == ',' ? text + length + 1 : NULL;

    target->medium = WIRE_SERIAL;
    if (!keep_place(target, text, length, "port"))
        return false;
    if (baud == NULL || operand_is_baud(baud, &target->baud))
        return true;
    return misused("--to %s: '%s' is no rate; a rate is a number such as 115200", target->name,
                   baud);
}

static bool parse_can(struct target *target, const char *text)
{
    const size_t length = strcspn(text, ",");

    target->medium = WIRE_CAN;
    target->classic = strcmp(text + length, CLASSIC) == 0;
    if (text[length] != '\0' && !target->classic)
        return misused("--to %s: nothing may follow the interface but '" CLASSIC
                       "'; 'ip link' sets its bit rates",
                       target->name);
    if (length < IFNAMSIZ && strchr(text, '/') == NULL)
        return keep_place(target, text, length, "interface");
    return misused("--to %s: '%s' is no name of an interface", target->name, text);
}

static bool parse_usb(struct target *target, const char *text)
{
    const size_t length = strcspn(text, ",");
    const char *place = text[length] == ',' ? text + length + 1 : NULL;
    struct usb_filter filter;
    char ids[16] = "";

    target->medium = WIRE_USB;
    if (length < sizeof(ids))
        memcpy(ids, text, length);
    if (!usb_filter_parse(ids, &filter) || filter.kind != USB_FILTER_IDS)
        return misused("--to %s: after 'usb:' stand vendor and product of the device, such as "
                       "usb:0483:df11",
                       target->name);
    target->usb_vendor = filter.vendor;
    target->usb_product = filter.product;
    return place == NULL ||
           keep_place(target, place, strlen(place), "serial number or bus and port after the ','");
}

bool target_parse(struct target *target, const char *text)
{
    static const struct {
        const char *prefix;
        bool (*parse)(struct target *target, const char *text);
    } forms[] = {{"serial:", parse_serial}, {"can:", parse_can}, {"usb:", parse_usb}};
    char medium[SUGGEST_WORD_MAX + 1];
    struct suggestion suggestion = {.word = medium};

    *target = (struct target){.name = text};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (operand_is(text, forms[i].prefix))
            return forms[i].parse(target, text + strlen(forms[i].prefix));
    snprintf(medium, sizeof(medium), "%.*s", (int)strcspn(text, ":"), text);
    if (strchr(text, ':') != NULL)
        suggest_consider_list(&suggestion, "serial can usb");
    return misused("'%s' is no target%s; it must be " FORMS, text, suggest_words(&suggestion, ""));
}

enum btap_transport target_transport(const struct target *target, enum btap_transport wanted)
{
    switch (target->medium) {
    case WIRE_SERIAL:
        return BTAP_USART;
    case WIRE_CAN:
        return target->classic || wanted == BTAP_CAN ? BTAP_CAN : BTAP_FDCAN;
    case WIRE_USB:
        break;
    }
    return BTAP_DFU;
}

struct wire *target_open(const struct target *target, enum btap_transport transport,
                         const struct btap_serial_settings *settings)
{
    struct btap_serial_settings wanted = *settings;

    switch (target->medium) {
    case WIRE_SERIAL:
        if (target->baud != 0)
            wanted.baud = target->baud;
        return wire_serial_open(target->place, &wanted);
    case WIRE_CAN:
        return wire_can_open(target->place, transport != BTAP_CAN);
    case WIRE_USB:
        break;
    }
    return wire_usb_open(&(struct wire_usb_wish){target->name, target->usb_vendor,
                                                 target->usb_product, target->place});
}
