/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Products for tests and for the captures of the scenarios, small and quick. `boottap simulate`
 * takes those of the table of products.
 */
#ifndef SIM_PRODUCTS_H
#define SIM_PRODUCTS_H

#include "simulate/can_device.h"
#include "simulate/dfu_device.h"
#include "simulate/usart_device.h"

/**
 * NULL if there is no such product: f103, f405, g071, h723, g474, l476, l053, l152, h563, u575,
 * gd32vw, stm8.
 */
const struct usart_product *usart_product_by_name(const char *name);

/** NULL if there is no such product: f072, f405, l476, h743, gd32, plain. */
const struct dfu_product *dfu_product_by_name(const char *name);

/** NULL if there is no such product: g474, l552, h743, h563, c092; classic: f105, f405. */
const struct can_product *can_product_by_name(const char *name);

#endif
