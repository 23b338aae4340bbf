/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A capture file as pcapng blocks: those of a pcapng file as they are; a pcap file or a log of
 * candump -L with the same packets and times in blocks made for them.
 */
#ifndef SNIFFER_CAPTURE_BLOCKS_H
#define SNIFFER_CAPTURE_BLOCKS_H

#include "capture/candump.h"
#include "capture/pcapng.h"

enum blocks_format {
    BLOCKS_PCAPNG,
    BLOCKS_PCAP,
    BLOCKS_CANDUMP,
};

enum blocks_result {
    BLOCKS_NEXT,
    BLOCKS_END,
    BLOCKS_CUT_SHORT, /**< the file ends within what comes next */
    BLOCKS_DAMAGED,   /**< problem says how; what comes next cannot be read */
    BLOCKS_UNREADABLE /**< reading failed: errno */
};

#define BLOCKS_INTERFACES_MAX 64 /**< interfaces of a log of candump */

/** Callers may read format, section, packets, problem and log. */
struct blocks {
    enum blocks_format format;
    struct pcapng_section section;
    uint64_t packets;    /**< in the blocks so far */
    btap_ns time;        /**< of the last packet; one without a time of its own has it too */
    const char *problem; /**< what is damaged */

    FILE *file;
    bool big_endian;
    uint32_t units_per_second; /**< of a pcap file's times */
    uint16_t linktype;
    uint32_t snap_length;
    struct candump_reader log;
    bool pending; /**< a line was read whose interface had to be described first */
    struct btap_record record;
    size_t buffer_size;
    uint8_t *buffer;
};

/**
 * Starts at the file's beginning.
 *
 * @param file kept; the caller closes it. Stands at its beginning, and can be peeked at
 * @return BLOCKS_NEXT if it is one of the three; else what is the matter, and nothing to release
 */
enum blocks_result blocks_start(struct blocks *blocks, FILE *file);

/**
 * The next block.
 *
 * @param[out] block valid until the next call, if BLOCKS_NEXT is returned. Its record has its
 *        number, from 1
 */
enum blocks_result blocks_next(struct blocks *blocks, struct pcapng_block *block);

void blocks_release(struct blocks *blocks);

#endif
