/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/usb_monitor.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool usb_monitor_bus(const struct machine *machine, unsigned bus)
{
    char path[MACHINE_PATH_SIZE];

    if (bus == 0)
        return true;
    snprintf(path, sizeof(path), "%s/bus/usb/devices/usb%u", machine->sys, bus);
    return access(path, F_OK) == 0;
}

/** Whether the kernel offers it, wherever its node may be. */
static bool is_loaded(const struct machine *machine, unsigned bus)
{
    char path[MACHINE_PATH_SIZE];

    snprintf(path, sizeof(path), "%s/class/usbmon/usbmon%u", machine->sys, bus);
    return access(path, F_OK) == 0;
}

bool usb_monitor_missing(const struct machine *machine, unsigned bus, char *words)
{
    char path[MACHINE_PATH_SIZE];

    snprintf(path, sizeof(path), "%s/usbmon%u", machine->dev, bus);
    if (access(path, R_OK) == 0)
        return false;
    if (errno == EACCES || errno == EPERM)
        snprintf(
            words, USB_MONITOR_MISSING_SIZE,
            "%s may not be read; use sudo, or have boottap's udev rule (60-boottap.rules) give "
            "it to the group wireshark and join that: sudo usermod -aG wireshark $USER",
            path);
    else if (errno != ENOENT)
        snprintf(words, USB_MONITOR_MISSING_SIZE, "%s: %s", path, strerror(errno));
    else if (!usb_monitor_bus(machine, bus))
        snprintf(words, USB_MONITOR_MISSING_SIZE,
                 "there is no USB bus %u; 'boottap list' names those that there are", bus);
    else if (is_loaded(machine, bus))
        snprintf(words, USB_MONITOR_MISSING_SIZE,
                 "%s is not there, though the kernel has it; a container must be given it", path);
    else
        snprintf(words, USB_MONITOR_MISSING_SIZE,
                 "the kernel's USB monitor is not loaded: sudo modprobe usbmon");
    return true;
}
