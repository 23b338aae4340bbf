/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/tap.h"

#include <string.h>

struct btap_options btap_options_default(void)
{
    return (struct btap_options){.dfu = {.default_address = BTAP_DFU_DEFAULT_ADDRESS}};
}

void btap_tap_init(struct btap_tap *tap, const struct btap_sink *sink,
                   const struct btap_options *options)
{
    memset(tap, 0, sizeof(*tap));
    tap->sink = sink;
    tap->options = options != NULL ? *options : btap_options_default();
}

bool btap_linktype_supported(uint32_t linktype)
{
    return btap_linktype_name(linktype) != NULL;
}

const char *btap_linktype_name(uint32_t linktype)
{
    (void)linktype;
    return NULL;
}

void btap_tap_record(struct btap_tap *tap, const struct btap_record *record)
{
    (void)record;
    tap->counters.unsupported++;
}

void btap_tap_finish(struct btap_tap *tap)
{
    (void)tap;
}
