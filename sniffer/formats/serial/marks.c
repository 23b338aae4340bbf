/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/marks.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/** The host's mark, and the device's. */
static const char *const known[][2] = {
    {"TX", "RX"},
    {"TXD", "RXD"},
    {">", "<"},
    {"->", "<-"},
    {"-->", "<--"},
    {">>", "<<"},
    {"=>", "<="},
    {"W", "R"},
    {"Write", "Read"},
    {"WR", "RD"},
    {"Host", "Device"},
    {"Written", "Target"},
    {"Send", "Recv"},
    {"Sent", "Rcvd"},
    {"Out", "In"},
    {"Transmit", "Receive"},
    {"Snd", "Received"},
    {"PC", "MCU"},
    {"T", "DUT"},
    {"Tool", "STM32"},
    {">>>", "<<<"},
    {"\xe2\x86\x92", "\xe2\x86\x90"}, /* arrows to the right and to the left */
    {"Master", "Slave"},
    {"Request", "Response"},
    {"O", "I"},
    {"Gesendet", "Empfangen"},
    {"Envoy\xc3\xa9", "Re\xc3\xa7u"}, /* with accents */
};

static struct {
    bool set;
    char host[MARKS_SIZE];
    char device[MARKS_SIZE];
} named;

bool marks_set(const char *pair)
{
    const char *comma = strchr(pair, ',');
    size_t host;
    size_t device;

    if (comma == NULL)
        return false;
    host = (size_t)(comma - pair);
    device = strlen(comma + 1);
    if (host == 0 || host >= MARKS_SIZE || device == 0 || device >= MARKS_SIZE ||
        strchr(comma + 1, ',') != NULL)
        return false;
    memset(&named, 0, sizeof(named));
    memcpy(named.host, pair, host);
    memcpy(named.device, comma + 1, device);
    if (strcasecmp(named.host, named.device) == 0)
        return false;
    named.set = true;
    return true;
}

bool marks_are_set(void)
{
    return named.set;
}

static bool is_mark(const char *mark, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(mark, wanted, length) == 0;
}

enum btap_direction marks_find(const char *mark, size_t length)
{
    if (named.set && is_mark(mark, length, named.host))
        return BTAP_HOST_TO_DEVICE;
    if (named.set && is_mark(mark, length, named.device))
        return BTAP_DEVICE_TO_HOST;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (is_mark(mark, length, known[i][0]))
            return BTAP_HOST_TO_DEVICE;
        if (is_mark(mark, length, known[i][1]))
            return BTAP_DEVICE_TO_HOST;
    }
    return BTAP_DIRECTION_UNKNOWN;
}

enum btap_direction marks_in(const char *label)
{
    enum btap_direction direction = marks_find(label, strlen(label));

    while (direction == BTAP_DIRECTION_UNKNOWN && *label != '\0') {
        size_t length = 0;

        while (isalnum((unsigned char)label[length]))
            length++;
        /* A single letter within a label names a channel. */
        if (length > 1)
            direction = marks_find(label, length);
        label += length > 0 ? length : 1;
    }
    return direction;
}
