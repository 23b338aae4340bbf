/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The products of the tests, small and quick.
 */
#include <string.h>

#include "products.h"

static const uint8_t commands_f1[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31,
                                      0x43, 0x63, 0x73, 0x82, 0x92};
static const uint8_t commands_f4[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31,
                                      0x44, 0x63, 0x73, 0x82, 0x92};
/* AN3155 section 3.1: the scheme of a product without readout protection. */
static const uint8_t commands_h5[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31, 0x44, 0x50, 0x63, 0x73};
static const uint8_t commands_u5[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31, 0x44,
                                      0x50, 0x51, 0x63, 0x73, 0x82, 0x92, 0xA1};

static const uint8_t commands_gd32vw[] = {0x00, 0x06, 0x11, 0x21, 0x31,
                                          0x44, 0x63, 0x73, 0x82, 0x92};

/* UM0560: the ROM of an STM8 */
static const uint8_t commands_stm8[] = {0x00, 0x11, 0x21, 0x31, 0x43};

static const struct usart_product products[] = {
    {"f103", 0x410, 0x22, commands_f1, sizeof(commands_f1), 128 * 1024, 1024},
    {"f405", 0x413, 0x31, commands_f4, sizeof(commands_f4), 256 * 1024, 16 * 1024},
    {"g071", 0x460, 0x31, commands_f4, sizeof(commands_f4), 128 * 1024, 2048},
    {"h723", 0x483, 0x31, commands_f4, sizeof(commands_f4), 256 * 1024, 128 * 1024},
    {"l476", 0x415, 0x31, commands_f4, sizeof(commands_f4), 256 * 1024, 2048},
    {"g474", 0x469, 0x33, commands_u5, sizeof(commands_u5), 256 * 1024, 2048},
    {"l053", 0x417, 0x31, commands_f4, sizeof(commands_f4), 64 * 1024, 128},
    {"l152", 0x437, 0x31, commands_f4, sizeof(commands_f4), 256 * 1024, 256},
    {"h563", 0x484, 0x40, commands_h5, sizeof(commands_h5), 256 * 1024, 8192},
    {"u575", 0x482, 0x33, commands_u5, sizeof(commands_u5), 256 * 1024, 8192},
    {"stm8", 0, 0x20, commands_stm8, sizeof(commands_stm8), 32 * 1024, 1024},
    {"gd32vw", 0, 0x10, commands_gd32vw, sizeof(commands_gd32vw), 256 * 1024, 4096},
};

const struct usart_product *usart_product_by_name(const char *name)
{
    for (size_t i = 0; i < SIM_COUNT(products); i++)
        if (strcmp(products[i].name, name) == 0)
            return &products[i];
    return NULL;
}
