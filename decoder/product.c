/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/product.h"

const struct btap_product *btap_product_by_pid(uint32_t pid)
{
    (void)pid;
    return NULL;
}

bool btap_product_sector(const struct btap_product *product, uint32_t index,
                         struct btap_range *sector)
{
    (void)product;
    (void)index;
    (void)sector;
    return false;
}
