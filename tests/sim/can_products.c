/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The products of the tests, small and quick.
 */
#include <string.h>

#include "products.h"

static const uint8_t commands_v1[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31,
                                      0x44, 0x63, 0x73, 0x82, 0x92};
static const uint8_t commands_special[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31, 0x44,
                                           0x63, 0x73, 0x82, 0x92, 0x50, 0x51};
/* AN5405 section 3.1: a product without readout protection. */
static const uint8_t commands_h5[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31, 0x44, 0x50, 0x63, 0x73};

/* AN3154 section 3.2 */
static const uint8_t commands_classic[] = {0x00, 0x01, 0x02, 0x03, 0x11, 0x21,
                                           0x31, 0x43, 0x63, 0x73, 0x82, 0x92};

static const struct can_product products[] = {
    {"g474", 0x469, 0x11, commands_special, sizeof(commands_special), 256 * 1024, 2048,
     &can_dialect_fd},
    {"l552", 0x472, 0x10, commands_v1, sizeof(commands_v1), 256 * 1024, 4096, &can_dialect_fd},
    {"h743", 0x450, 0x11, commands_v1, sizeof(commands_v1), 256 * 1024, 128 * 1024,
     &can_dialect_fd},
    {"h563", 0x484, 0x20, commands_h5, sizeof(commands_h5), 256 * 1024, 8192, &can_dialect_fd},
    {"c092", 0x44D, 0x22, commands_v1, sizeof(commands_v1), 256 * 1024, 2048, &can_dialect_fd},
    {"f105", 0x418, 0x20, commands_classic, sizeof(commands_classic), 256 * 1024, 2048,
     &can_dialect_classic},
    {"f405", 0x413, 0x20, commands_classic, sizeof(commands_classic), 256 * 1024, 16 * 1024,
     &can_dialect_classic},
};

const struct can_product *can_product_by_name(const char *name)
{
    for (size_t i = 0; i < SIM_COUNT(products); i++)
        if (strcmp(products[i].name, name) == 0)
            return &products[i];
    return NULL;
}
