/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/permission.h"

#include <stddef.h>

static const char *const permission_names[PLAN_PERMISSIONS] = {
    "write", "erase", "go", "leave", "protect", "unprotect", "special",
};

const char *plan_permission_name(unsigned bit)
{
    return bit < PLAN_PERMISSIONS ? permission_names[bit] : NULL;
}
