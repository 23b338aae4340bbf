/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/format.h"

#include <stdarg.h>

bool firmware_put(struct firmware *firmware, uint64_t address, const uint8_t *bytes, size_t length)
{
    const uint64_t addresses = (uint64_t)UINT32_MAX + 1;

    if (length == 0)
        return true;
    if (address > UINT32_MAX || length > addresses - address)
        return false;
    image_write(&firmware->image, (uint32_t)address, bytes, (uint32_t)length);
    return true;
}

bool firmware_refuse(struct firmware *firmware, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsnprintf(firmware->problem, sizeof(firmware->problem), format, values);
    va_end(values);
    return false;
}
