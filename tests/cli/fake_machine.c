/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port/can_rates.h"
#include "test.h"

static bool no_rates(const char *interface, struct can_rates *rates)
{
    (void)interface;
    *rates = (struct can_rates){0};
    return false;
}

const struct machine fake_machine = {.sys = "sys", .dev = "dev", .can_rates = no_rates};

/** Makes the directories above a path. */
static void make_directories(const char *path)
{
    char part[256];

    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        mkdir(part, 0777);
    }
}

void fake_file(const char *path, const char *text)
{
    FILE *file;

    make_directories(path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%s\n", text) >= 0);
    assert_int_equal(fclose(file), 0);
}

void fake_link(const char *path, const char *target)
{
    make_directories(path);
    assert_int_equal(symlink(target, path), 0);
}

static void attribute(const struct fake_usb *usb, const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "sys/bus/usb/devices/%s/%s", usb->name, name);
    fake_file(path, text);
}

/** Device, configuration and an interface of USB 2.0 section 9.6; lengths and types, the rest 0. */
static void descriptors(const struct fake_usb *usb)
{
    uint8_t bytes[18 + 9 + 9] = {18, 1, [18] = 9, 2, [27] = 9, 4};
    char path[256];
    FILE *file;

    if (usb->protocol != 0)
        memcpy(bytes + 32, (const uint8_t[]){0xfe, 0x01, (uint8_t)usb->protocol}, 3);
    snprintf(path, sizeof(path), "sys/bus/usb/devices/%s/descriptors", usb->name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, sizeof(bytes), file), sizeof(bytes));
    assert_int_equal(fclose(file), 0);
}

void fake_usb_plug(const struct fake_usb *usb)
{
    attribute(usb, "busnum", usb->bus);
    attribute(usb, "devnum", usb->number);
    attribute(usb, "idVendor", usb->vendor);
    attribute(usb, "idProduct", usb->product);
    attribute(usb, "bDeviceClass", usb->class);
    descriptors(usb);
}
