/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/series.h"

#include <string.h>

static const struct sim_series all[] = {
    {.name = "C0", .usart_version = 0x31, .fdcan_version = 0x22, .transfer_size = 2048},
    {.name = "C5",
     .usart_version = 0x40,
     .fdcan_version = 0x22,
     .transfer_size = 1024,
     .no_readout = true,
     .has_special = true},
    {.name = "F0", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "F1", .usart_version = 0x22, .transfer_size = 2048},
    {.name = "F2", .usart_version = 0x31, .transfer_size = 2048, .has_otp = true},
    {.name = "F3", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "F4", .usart_version = 0x31, .transfer_size = 2048, .has_otp = true},
    {.name = "F7", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "G0", .usart_version = 0x31, .fdcan_version = 0x11, .transfer_size = 2048},
    {.name = "G4",
     .usart_version = 0x31,
     .fdcan_version = 0x11,
     .transfer_size = 2048,
     .has_special = true},
    {.name = "H5",
     .usart_version = 0x40,
     .fdcan_version = 0x20,
     .transfer_size = 1024,
     .no_readout = true,
     .has_special = true},
    {.name = "H7", .usart_version = 0x31, .fdcan_version = 0x11, .transfer_size = 1024},
    {.name = "H7RS",
     .usart_version = 0x40,
     .fdcan_version = 0x20,
     .transfer_size = 1024,
     .no_readout = true,
     .has_special = true},
    {.name = "L0", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "L1", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "L4", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "L4+", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "L5", .usart_version = 0x31, .fdcan_version = 0x10, .transfer_size = 2048},
    {.name = "U0", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "U3",
     .usart_version = 0x40,
     .fdcan_version = 0x20,
     .transfer_size = 1024,
     .has_special = true},
    {.name = "U5",
     .usart_version = 0x33,
     .fdcan_version = 0x11,
     .transfer_size = 1024,
     .has_special = true,
     .has_checksum = true},
    {.name = "WB", .usart_version = 0x31, .transfer_size = 2048},
    {.name = "WBA", .usart_version = 0x31, .transfer_size = 1024},
    {.name = "WL", .usart_version = 0x31, .transfer_size = 2048},
};

/** Of series of which not every product has the wire, those that have it. */
static const uint16_t dfu_products[] = {
    0x493,                      /* C071 */
    0x445, 0x448,               /* F04x, F07x */
    0x418,                      /* F105/F107 */
    0x432, 0x422, 0x439, 0x446, /* F373, F302/F303xB to E, F302x8 */
    0x467,                      /* G0B1/G0C1 */
    0x447,                      /* L07x/L08x */
    0x427, 0x436, 0x437,        /* L1 categories 3 to 6 */
    0x489,                      /* U073/U083 */
    0x495,                      /* WB5x */
    0x4b0,                      /* WBA6x */
};

static const uint16_t fdcan_products[] = {
    0x44d, /* C092 */
    0x467, /* G0B1/G0C1 */
};

static const uint16_t can_products[] = {
    0x418,                      /* F105/F107 */
    0x413, 0x419, 0x421, 0x434, /* F405/407, F42x/43x, F446, F469/479 */
    0x441, 0x463,               /* F412, F413/423 */
    0x415, 0x435, 0x461, 0x462, /* L47x/48x, L43x/44x, L496/4A6, L45x/46x */
};

/** Series of which every product has it. */
static const char *const dfu_series[] = {"C5",   "F2", "F4",  "F7", "G4", "H5", "H7",
                                         "H7RS", "L4", "L4+", "L5", "U3", "U5"};
static const char *const fdcan_series[] = {"C5", "G4", "H5", "H7", "H7RS", "L5", "U3", "U5"};
static const char *const can_series[] = {"F2", "F7", "L4+"};
#define F410 0x458 /* no USB */

const struct sim_series *series_of(const struct btap_product *product)
{
    for (size_t i = 0; i < SIM_COUNT(all); i++)
        if (strcmp(all[i].name, product->series) == 0)
            return &all[i];
    return NULL;
}

static bool is_in(const char *series, const char *const *list, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strcmp(list[i], series) == 0)
            return true;
    return false;
}

static bool is_among(uint16_t pid, const uint16_t *list, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (list[i] == pid)
            return true;
    return false;
}

bool series_has_dfu(const struct btap_product *product)
{
    if (product->pid == F410)
        return false;
    return is_in(product->series, dfu_series, SIM_COUNT(dfu_series)) ||
           is_among(product->pid, dfu_products, SIM_COUNT(dfu_products));
}

bool series_has_fdcan(const struct btap_product *product)
{
    return is_in(product->series, fdcan_series, SIM_COUNT(fdcan_series)) ||
           is_among(product->pid, fdcan_products, SIM_COUNT(fdcan_products));
}

bool series_has_can(const struct btap_product *product)
{
    return is_in(product->series, can_series, SIM_COUNT(can_series)) ||
           is_among(product->pid, can_products, SIM_COUNT(can_products));
}
