/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the pages of a device's flash lie.
 */
#include "session/pages.h"

#include "boottap/dfuse_layout.h"

const char *session_layout_of(const struct btap_usb_device *device)
{
    return device != NULL ? btap_usb_device_layout(device) : NULL;
}

static bool page_of_layout(const char *text, uint32_t address, struct btap_range *page)
{
    const struct btap_layout_region *region;
    struct btap_layout layout;

    btap_layout_parse(text, &layout);
    region = btap_layout_find(&layout, address);
    if (region == NULL || region->page_size == 0)
        return false;
    page->first = address - (address - region->address) % region->page_size;
    page->last = region->page_size - 1 > UINT32_MAX - page->first
                     ? UINT32_MAX
                     : page->first + (region->page_size - 1);
    return true;
}

bool session_page_at(const struct btap_product *product, const struct btap_usb_device *device,
                     uint32_t address, struct btap_range *page)
{
    const char *layout = session_layout_of(device);

    if (layout != NULL)
        return page_of_layout(layout, address, page);
    return product != NULL && btap_product_page(product, address, page);
}
