/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packed records by the number of their frame. A frame's are in chunks, of which each knows the one
 * before; everything is in Wireshark's file scope.
 */
#ifndef STM32BOOT_SHELF_H
#define STM32BOOT_SHELF_H

#include <epan/packet.h>

#include "pack.h"

/** Records of a frame that were put there together. */
struct shelf_chunk {
    const guint8 *records; /**< packed one after another */
    const guint8 *end;
    const guint8 *before; /**< the chunk that was put there before; NULL if none was */
};

/** Starts a file. */
void shelf_start(void);

/** Lets go of it. */
void shelf_stop(void);

/** A copy for the life of the file, without what an allocator keeps of each of the many. */
guint8 *shelf_copy(const guint8 *bytes, gsize size);

/** Puts records behind those that a frame has. */
void shelf_put(guint32 number, const struct pack_buffer *records);

/** Forgets what a frame has. */
void shelf_clear(guint32 number);

/** The newest chunk of a frame, for shelf_open(); NULL if it has none. */
const guint8 *shelf_newest(guint32 number);

/** Opens a chunk. */
struct shelf_chunk shelf_open(const guint8 *chunk);

#endif
