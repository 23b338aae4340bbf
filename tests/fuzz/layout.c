/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the memory layout string of DfuSe devices.
 */
#include "boottap/dfuse_layout.h"

#include <stdlib.h>
#include <string.h>

#include "checker.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_region(const struct btap_layout *layout, const struct btap_layout_region *region)
{
    const struct btap_layout_region *found = btap_layout_find(layout, region->address);

    CHECK(region->pages > 0 && region->page_size > 0);
    /* Another region may hold the address too, but then one that stands before. */
    CHECK(found != NULL && found <= region);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct btap_layout layout;
    char *text = malloc(length + 1);

    if (text == NULL)
        abort();
    if (length > 0)
        memcpy(text, bytes, length);
    text[length] = '\0';
    memset(&layout, 0x7e, sizeof(layout));
    (void)btap_layout_parse(text, &layout);
    free(text);

    CHECK(memchr(layout.name, '\0', sizeof(layout.name)) != NULL);
    CHECK(layout.regions_length <= BTAP_LAYOUT_REGIONS_MAX);
    for (uint32_t i = 0; i < layout.regions_length; i++)
        check_region(&layout, &layout.regions[i]);
    for (uint32_t high = 0; high < 256; high++)
        (void)btap_layout_find(&layout, high << 24);
    return 0;
}
