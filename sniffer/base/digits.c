/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/digits.h"

size_t digits_decimal(uint64_t value, char buffer[static DIGITS_SIZE])
{
    size_t count = 0;

    do {
        buffer[DIGITS_SIZE - ++count] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return count;
}

void digits_padded(uint64_t value, char *to, size_t places)
{
    for (size_t i = places; i > 0; i--) {
        to[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
}

void digits_hex(const uint8_t *bytes, size_t length, char *to)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        to[2 * i] = digits[bytes[i] >> 4];
        to[2 * i + 1] = digits[bytes[i] & 0xf];
    }
}

unsigned digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return (unsigned)(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F')
        return (unsigned)(digit - 'A') + 10;
    return 16;
}
