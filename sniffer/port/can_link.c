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
static bool has_rates(const struct can_link *link)
{
    return link->rates.kind[0] == '\0' || strcmp(link->rates.kind, "can") == 0;
}

bool can_link_missing(const struct can_link *link, char *words)
{
    const char *problem = link->up ? "takes classic frames only, and the bootloader speaks CAN FD"
                                   : "the interface is down";
    char down[64] = "";

    if (link->up && link->fd)
        return false;
    if (link->up)
        snprintf(down, sizeof(down), "sudo ip link set %s down && ", link->name);
    if (has_rates(link))
        snprintf(words, CAN_LINK_MISSING_SIZE,
                 "%s: %ssudo ip link set %s type can bitrate %d dbitrate %d fd on && sudo ip link "
                 "set %s up",
                 problem, down, link->name, CAN_LINK_NOMINAL, CAN_LINK_DATA, link->name);
    else
        snprintf(words, CAN_LINK_MISSING_SIZE, "%s: %ssudo ip link set %s mtu %d up", problem, down,
                 link->name, (int)CANFD_MTU);
    return true;
}
