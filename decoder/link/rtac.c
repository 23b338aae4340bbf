/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

bool btap_rtac_parse(const struct btap_record *record, struct btap_rtac *rtac)
{
    (void)record;
    (void)rtac;
    return false;
}
