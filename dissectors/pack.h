/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers and structures in as few bytes as they need: what is kept of each of a million frames.
 */
#ifndef STM32BOOT_PACK_H
#define STM32BOOT_PACK_H

#include <glib.h>

/** Appends a number, seven bits to a byte. */
void pack_number(GByteArray *packed, guint64 number);

/** Appends a difference of two numbers, which may be negative. */
void pack_difference(GByteArray *packed, guint64 number, guint64 previous);

/** Appends a structure of which most bytes are 0. */
void pack_bytes(GByteArray *packed, const void *bytes, gsize size);

/** Reads what pack_number() appended. @param[in,out] at moves behind it */
guint64 unpack_number(const guint8 **at);

/** As unpack_number() what pack_difference() appended. */
guint64 unpack_difference(const guint8 **at, guint64 previous);

/** As unpack_number() what pack_bytes() appended. @param[out] bytes as many as were packed */
void unpack_bytes(const guint8 **at, void *bytes, gsize size);

#endif
