/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The packet comment that carries rate and framing of a serial port.
 */
#include <inttypes.h>
#include <stdio.h>

#include "boottap/record.h"

static char parity_letter(enum btap_parity parity)
{
    switch (parity) {
    case BTAP_PARITY_NONE:
        return 'N';
    case BTAP_PARITY_ODD:
        return 'O';
    case BTAP_PARITY_EVEN:
        return 'E';
    case BTAP_PARITY_MARK:
        return 'M';
    case BTAP_PARITY_SPACE:
        return 'S';
    case BTAP_PARITY_UNKNOWN:
        break;
    }
    return '?';
}

static const char *stop_bits(uint8_t half_stop_bits)
{
    switch (half_stop_bits) {
    case 2:
        return "1";
    case 3:
        return "1.5";
    case 4:
        return "2";
    default:
        return "?";
    }
}

const char *btap_serial_comment(const struct btap_serial_settings *settings, char *text,
                                size_t size)
{
    char baud[16] = "?";
    char data_bits[4] = "?";

    if (settings->baud != 0)
        snprintf(baud, sizeof(baud), "%" PRIu32, settings->baud);
    if (settings->data_bits != 0)
        snprintf(data_bits, sizeof(data_bits), "%u", (unsigned)settings->data_bits);
    snprintf(text, size, BTAP_SERIAL_COMMENT "%s %s%c%s", baud, data_bits,
             parity_letter(settings->parity), stop_bits(settings->half_stop_bits));
    return text;
}
