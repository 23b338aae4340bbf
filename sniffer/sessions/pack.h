/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Plain values most of whose words are zero, in as much memory as the others take.
 */
#ifndef SNIFFER_SESSIONS_PACK_H
#define SNIFFER_SESSIONS_PACK_H

#include <stddef.h>
#include <stdint.h>

/** @param size of the value, a multiple of 8. @param[out] length bytes of what is returned
 * @return allocated, the caller frees it */
uint8_t *pack(const void *value, size_t size, size_t *length);

/** The value that was packed. @param[out] value of that size */
void unpack(const uint8_t *packed, void *value, size_t size);

#endif
