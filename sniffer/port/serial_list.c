/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/serial_list.h"

#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** linux/serial_core.h: the driver of the PC's UARTs found none at this place */
#define PORT_UNKNOWN 0

/** Finds the USB device that a port's device is, or is a part of. */
static bool find_usb(const char *sys, char *directory, struct usb_device *usb)
{
    const size_t top = strlen(sys);

    while (strlen(directory) > top) {
        if (usb_device_read(directory, usb))
            return true;
        *strrchr(directory, '/') = '\0';
    }
    return false;
}

struct search {
    const struct machine *machine;
    const char *ports; /**< the directory of all */
    const char *sys;   /**< machine->sys without links */
    void (*each)(void *context, const struct serial_listed *port);
    void *context;
};

static void look_at(void *context, const char *name)
{
    const struct search *search = context;
    struct serial_listed port = {0};
    char directory[MACHINE_PATH_SIZE];
    char device[PATH_MAX];
    uint32_t type;

    snprintf(directory, sizeof(directory), "%s/%s", search->ports, name);
    snprintf(port.path, sizeof(port.path), "%s/%s", search->machine->dev, name);
    if (machine_number(directory, "type", 10, &type) && type == PORT_UNKNOWN)
        return;
    strncat(directory, "/device", sizeof(directory) - strlen(directory) - 1);
    /* Consoles and the like have no device. */
    if (realpath(directory, device) == NULL)
        return;
    port.on_usb = find_usb(search->sys, device, &port.usb);
    search->each(search->context, &port);
}

void serial_list_each(const struct machine *machine,
                      void (*each)(void *context, const struct serial_listed *port), void *context)
{
    char directory[MACHINE_PATH_SIZE];
    char sys[PATH_MAX];
    struct search search = {machine, directory, sys, each, context};

    if (realpath(machine->sys, sys) == NULL)
        return;
    snprintf(directory, sizeof(directory), "%s/class/tty", machine->sys);
    machine_each(directory, look_at, &search);
}

bool serial_list_missing(const struct serial_listed *port, char *words)
{
    const struct group *group;
    struct stat status;

    if (access(port->path, R_OK | W_OK) == 0)
        return false;
    if (stat(port->path, &status) != 0) {
        snprintf(words, SERIAL_LIST_MISSING_SIZE,
                 "%s is not there, though the kernel has it; a container must be given it",
                 port->path);
        return true;
    }
    group = getgrgid(status.st_gid);
    if (status.st_gid != 0 && group != NULL)
        snprintf(words, SERIAL_LIST_MISSING_SIZE,
                 "may not be opened; join its group: sudo usermod -aG %s $USER", group->gr_name);
    else
        snprintf(words, SERIAL_LIST_MISSING_SIZE, "may be opened by root only");
    return true;
}
