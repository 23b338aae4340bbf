/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/tap.h"

bool btap_candump_record(const char *line, size_t length, uint8_t bytes[BTAP_CANDUMP_RECORD_SIZE],
                         char interface[BTAP_INTERFACE_NAME_SIZE], struct btap_record *record)
{
    (void)line;
    (void)length;
    (void)bytes;
    (void)interface;
    (void)record;
    return false;
}
