/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

bool btap_can_parse(const struct btap_record *record, struct btap_can_frame *frame, bool *is_can,
                    uint32_t *interface_id)
{
    (void)record;
    (void)frame;
    *is_can = false;
    *interface_id = 0;
    return false;
}
