/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "full_machine.h"

#include <string.h>

#include "fake_machine.h"
#include "port/can_rates.h"

static const struct fake_usb root_hub = {"usb1", "1", "1", "1d6b", "0002", "09", 0};
static const struct fake_usb adapter = {"1-1", "1", "4", "0403", "6001", "00", 0};
static const struct fake_usb bootloader = {"1-2", "1", "5", "0483", "df11", "00", 2};
static const struct fake_usb application = {"1-3", "1", "6", "cafe", "4000", "00", 1};

static bool rates(const char *interface, struct can_rates *rates)
{
    const bool controller = strcmp(interface, "vcan0") != 0;

    *rates =
        controller ? (struct can_rates){"can", 500000, 2000000} : (struct can_rates){"vcan", 0, 0};
    return true;
}

const struct machine full_machine = {.sys = "sys", .dev = "dev", .can_rates = rates};

void full_machine_fill(void)
{
    fake_usb_plug(&root_hub);
    fake_file("sys/bus/usb/devices/usb1/product", "xHCI Host Controller");
    fake_usb_plug(&adapter);
    fake_file("sys/bus/usb/devices/1-1/manufacturer", "FTDI");
    fake_file("sys/bus/usb/devices/1-1/product", "FT232R \x1b[31m USB UART");
    fake_file("sys/bus/usb/devices/1-1/serial", "A50285BI");
    fake_usb_plug(&bootloader);
    fake_file("sys/bus/usb/devices/1-2/product", "STM32  BOOTLOADER");
    fake_usb_plug(&application);
    /* Interfaces, which are no devices */
    fake_file("sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "fe");
    fake_file("dev/bus/usb/001/005", "");
    fake_file("dev/bus/usb/001/006", "");
    fake_file("dev/usbmon0", "");
    fake_file("dev/usbmon1", "");

    fake_file("sys/bus/usb/devices/1-1/1-1:1.0/ttyUSB0/port_number", "0");
    fake_link("sys/class/tty/ttyUSB0/device", "../../../bus/usb/devices/1-1/1-1:1.0/ttyUSB0");
    fake_file("dev/ttyUSB0", "");
    fake_file("sys/devices/pnp0/00:00/id", "PNP0501");
    fake_file("sys/class/tty/ttyS0/type", "4");
    fake_link("sys/class/tty/ttyS0/device", "../../../devices/pnp0/00:00");
    fake_file("dev/ttyS0", "");
    /* A UART that is not there, a console, the pseudo-terminals' */
    fake_file("sys/class/tty/ttyS1/type", "0");
    fake_link("sys/class/tty/ttyS1/device", "../../../devices/pnp0/00:00");
    fake_file("sys/class/tty/tty1/dev", "4:1");
    fake_file("sys/class/tty/ptmx/dev", "5:2");

    fake_file("sys/class/net/can0/type", "280");
    fake_file("sys/class/net/can0/flags", "0x400c1");
    fake_file("sys/class/net/can0/mtu", "72");
    fake_file("sys/class/net/vcan0/type", "280");
    fake_file("sys/class/net/vcan0/flags", "0x80");
    fake_file("sys/class/net/vcan0/mtu", "16");
    fake_file("sys/class/net/eth0/type", "1");
    fake_file("sys/class/net/eth0/flags", "0x1003");
}
