/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/can_link.h"

#include <limits.h>
#include <linux/can.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

bool can_link_find(const struct machine *machine, const char *name, struct can_link *link)
{
    char directory[MACHINE_PATH_SIZE];
    uint32_t type;
    uint32_t number;

    *link = (struct can_link){0};
    if (name[0] == '\0' || strlen(name) >= sizeof(link->name) || strchr(name, '/') != NULL)
        return false;
    snprintf(directory, sizeof(directory), "%s/class/net/%s", machine->sys, name);
    if (!machine_number(directory, "type", 10, &type) || type != ARPHRD_CAN)
        return false;
    snprintf(link->name, sizeof(link->name), "%s", name);
    link->up = machine_number(directory, "flags", 16, &number) && (number & IFF_UP) != 0;
    link->fd = machine_number(directory, "mtu", 10, &number) && number >= CANFD_MTU;
    machine->can_rates(name, &link->rates);
    return true;
}

struct search {
    const struct machine *machine;
    void (*each)(void *context, const struct can_link *link);
    void *context;
};

static void look_at(void *context, const char *name)
{
    const struct search *search = context;
    struct can_link link;

    if (can_link_find(search->machine, name, &link))
        search->each(search->context, &link);
}

void can_link_each(const struct machine *machine,
                   void (*each)(void *context, const struct can_link *link), void *context)
{
    struct search search = {machine, each, context};
    char directory[MACHINE_PATH_SIZE];

    snprintf(directory, sizeof(directory), "%s/class/net", machine->sys);
    machine_each(directory, look_at, &search);
}

/** A controller has bit rates; a virtual interface, or one over a serial line, has none. */
static bool is_controller(const struct can_link *link)
{
    return link->rates.kind[0] == '\0' || strcmp(link->rates.kind, "can") == 0;
}

/** What sets the interface up. @return bytes, as snprintf() */
static int set_up(const struct can_link *link, enum can_link_use use, char *words, size_t size)
{
    const char *name = link->name;

    if (!is_controller(link))
        return use == CAN_LINK_TO_CLASSIC
                   ? snprintf(words, size, "sudo ip link set %s up", name)
                   : snprintf(words, size, "sudo ip link set %s mtu %d up", name, (int)CANFD_MTU);
    if (use == CAN_LINK_TO_CLASSIC)
        return snprintf(words, size,
                        "sudo ip link set %s type can bitrate %d && sudo ip link set %s up", name,
                        CAN_LINK_CLASSIC, name);
    return snprintf(words, size,
                    "sudo ip link set %s type can bitrate %d dbitrate %d fd on && sudo ip link set "
                    "%s up%s",
                    name, CAN_LINK_NOMINAL, CAN_LINK_DATA, name,
                    use == CAN_LINK_TO_LISTEN ? "; classic CAN bootloader: bitrate 125000" : "");
}

bool can_link_missing(const struct can_link *link, enum can_link_use use, char *words)
{
    int length;

    if (link->up && (link->fd || use != CAN_LINK_TO_FD))
        return false;
    if (link->up)
        length = snprintf(words, CAN_LINK_MISSING_SIZE,
                          "takes classic frames only, and this bootloader speaks CAN FD: sudo ip "
                          "link set %s down && ",
                          link->name);
    else
        length = snprintf(words, CAN_LINK_MISSING_SIZE, "the interface is down: ");
    set_up(link, use, words + length, CAN_LINK_MISSING_SIZE - (size_t)length);
    return true;
}

bool can_link_has_rates(const struct can_link *link, enum can_link_use use)
{
    const struct can_rates *rates = &link->rates;
    const bool classic = rates->nominal == CAN_LINK_CLASSIC;
    const bool fd = rates->nominal == CAN_LINK_NOMINAL && rates->data == CAN_LINK_DATA;

    switch (use) {
    case CAN_LINK_TO_LISTEN:
        return rates->nominal == 0 || classic || fd;
    case CAN_LINK_TO_FD:
        return rates->nominal == 0 || fd;
    case CAN_LINK_TO_CLASSIC:
        return rates->nominal == 0 || classic;
    }
    return false;
}

bool can_link_stays(const struct can_link *link, uint32_t rate)
{
    if (strcmp(link->rates.kind, "vcan") == 0 || strcmp(link->rates.kind, "vxcan") == 0)
        return true;
    return link->rates.nominal == rate;
}
