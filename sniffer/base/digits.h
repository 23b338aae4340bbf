/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Digits of numbers, for outputs of which there is much: a fraction of what printf costs.
 */
#ifndef SNIFFER_BASE_DIGITS_H
#define SNIFFER_BASE_DIGITS_H

#include <stddef.h>
#include <stdint.h>

/** Room for the longest number of 64 bits. */
#define DIGITS_SIZE 20

/** Writes the decimal digits of a number to the end of a buffer. @return how many */
size_t digits_decimal(uint64_t value, char buffer[static DIGITS_SIZE]);

/** Writes a number in some decimal places, with zeros before it; what has no place is lost. */
void digits_padded(uint64_t value, char *to, size_t places);

/** Writes bytes as two hexadecimal digits each. */
void digits_hex(const uint8_t *bytes, size_t length, char *to);

/** Value of a hexadecimal digit of either case; 16 for any other character. */
unsigned digit_value(char digit);

#endif
