/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic/traffic.h"

#include <string.h>

#include "base/allocate.h"

struct traffic_record *traffic_record_copy(const struct traffic_record *record, size_t *size)
{
    const size_t comment = record->comment != NULL ? strlen(record->comment) + 1 : 0;
    struct traffic_record *copy = allocate(sizeof(*copy) + record->captured + comment);
    uint8_t *bytes = (uint8_t *)(copy + 1);

    *copy = *record;
    *size = sizeof(*copy) + record->captured + comment;
    copy->bytes = bytes;
    if (record->captured > 0)
        memcpy(bytes, record->bytes, record->captured);
    if (comment > 0) {
        memcpy(bytes + record->captured, record->comment, comment);
        copy->comment = (const char *)bytes + record->captured;
    }
    return copy;
}
