/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A capture as pcapng blocks: those of a pcapng file as they are; of any other format the same
 * packets and times in blocks made for them.
 */
#ifndef SNIFFER_CAPTURE_BLOCKS_H
#define SNIFFER_CAPTURE_BLOCKS_H

#include "capture/builder.h"
#include "formats/capture_file/pcapng.h"
#include "formats/reader/reader.h"

#define BLOCKS_INTERFACES_MAX 64 /**< interfaces of a capture for which blocks are made */

/** Start with zero but for reader and program. Callers may read packets. */
struct blocks {
    struct reader *reader; /**< started */
    const char *program;   /**< that makes blocks, by its name */
    uint64_t packets;      /**< in the blocks so far */

    struct pcapng_section section; /**< in the making */
    bool pending;                  /**< a record was read whose interface is described first */
    struct btap_record record;
    struct builder builder; /**< the block in hand */
};

/**
 * The next block.
 *
 * @param[out] block valid until the next call, if READER_NEXT is returned. Its record has its
 *        number, from 1
 */
enum reader_result blocks_next(struct blocks *blocks, struct pcapng_block *block);

/** Forgets all but the reader. */
void blocks_release(struct blocks *blocks);

#endif
