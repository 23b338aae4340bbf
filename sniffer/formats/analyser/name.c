/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/analyser/name.h"

#include <ctype.h>
#include <string.h>

/** Whose side a word of a name is on. */
static const struct {
    const char *word;
    enum btap_direction direction; /**< of what this side sends */
} sides[] = {
    {"host", BTAP_HOST_TO_DEVICE},    {"pc", BTAP_HOST_TO_DEVICE},
    {"ftdi", BTAP_HOST_TO_DEVICE},    {"usb", BTAP_HOST_TO_DEVICE},
    {"cp210", BTAP_HOST_TO_DEVICE},   {"ch34", BTAP_HOST_TO_DEVICE},
    {"adapter", BTAP_HOST_TO_DEVICE}, {"mcu", BTAP_DEVICE_TO_HOST},
    {"stm", BTAP_DEVICE_TO_HOST},     {"dev", BTAP_DEVICE_TO_HOST},
    {"target", BTAP_DEVICE_TO_HOST},  {"dut", BTAP_DEVICE_TO_HOST},
    {"board", BTAP_DEVICE_TO_HOST},   {"chip", BTAP_DEVICE_TO_HOST},
};

static enum btap_direction other(enum btap_direction direction)
{
    return direction == BTAP_HOST_TO_DEVICE ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
}

/** A name alone, `TX`, is taken as the host has it. */
static enum btap_direction direction_of(const char *name)
{
    const bool sends = strstr(name, "tx") != NULL;
    const bool receives = strstr(name, "rx") != NULL;

    if (sends && receives)
        return BTAP_DIRECTION_UNKNOWN;
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
        if (strstr(name, sides[i].word) != NULL)
            return receives ? other(sides[i].direction) : sides[i].direction;
    if (sends)
        return BTAP_HOST_TO_DEVICE;
    return receives ? BTAP_DEVICE_TO_HOST : BTAP_DIRECTION_UNKNOWN;
}

/** `dp`, `D+`, `USB_DP` */
static enum analyser_use usb_use(const char *name)
{
    const size_t length = strlen(name);
    const char *end = name + (length > 2 ? length - 2 : 0);

    if (length > 2 && strncmp(name, "usb", 3) != 0)
        return ANALYSER_DATA;
    if (strcmp(end, "dp") == 0 || strcmp(end, "d+") == 0)
        return ANALYSER_USB_DP;
    if (strcmp(end, "dm") == 0 || strcmp(end, "d-") == 0)
        return ANALYSER_USB_DM;
    return ANALYSER_DATA;
}

static enum analyser_use use_of(const char *name)
{
    if (strstr(name, "dtr") != NULL)
        return ANALYSER_DTR;
    if (strstr(name, "rts") != NULL)
        return ANALYSER_RTS;
    if (strstr(name, "rst") != NULL || strstr(name, "reset") != NULL ||
        strstr(name, "boot") != NULL)
        return ANALYSER_OTHER_CONTROL;
    return usb_use(name);
}

void analyser_name(struct analyser_channel *channel)
{
    char name[ANALYSER_NAME_SIZE];

    for (size_t i = 0; i < sizeof(name); i++)
        name[i] = (char)tolower((unsigned char)channel->name[i]);
    channel->use = use_of(name);
    channel->by_name = direction_of(name);
}
