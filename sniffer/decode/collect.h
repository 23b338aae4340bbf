/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Spans and payload of transactions under way, link by link, until the transaction ends.
 * Links that run at the same time do not mix.
 */
#ifndef SNIFFER_DECODE_COLLECT_H
#define SNIFFER_DECODE_COLLECT_H

#include "boottap/sink.h"
#include "boottap/tap.h"

/** Fields of one transaction that are kept: a list of 1024 pages with all around it. */
#define COLLECT_FIELDS_MAX 1200
/** Bytes of one transaction's fields that are kept: the largest control transfer with all around.
 */
#define COLLECT_BYTES_MAX (72 * 1024)

/** One field: its spans, joined. */
struct collected_field {
    enum btap_field field;
    enum btap_direction direction;
    uint64_t first_packet;
    uint64_t last_packet;
    uint32_t offset;  /**< of its first byte, in first_packet */
    uint32_t start;   /**< of its bytes in collected.bytes */
    uint32_t length;  /**< bytes, all */
    uint32_t kept;    /**< of them in collected.bytes */
    uint64_t value;   /**< if complete */
    bool complete;    /**< its last span is there */
    bool bad;         /**< the value is not what it must be */
    bool bytes_known; /**< false: the decoder had no bytes any more */
};

/** What one link's transaction, or the bytes outside any, showed so far. */
struct collected {
    const struct btap_link *place; /**< where the link is */
    struct btap_link link;         /**< it, or one before it there that gave way to others */
    uint64_t n;                    /**< 0: outside any transaction */
    bool has_crc32;
    uint32_t crc32; /**< of the payload */
    uint32_t fields_length;
    uint32_t fields_omitted; /**< that found no room */
    uint32_t bytes_length;
    struct collected_field fields[COLLECT_FIELDS_MAX];
    uint8_t bytes[COLLECT_BYTES_MAX];
};

struct collect {
    struct collected *recent; /**< that was asked for last */
    size_t length;
    struct collected *links[BTAP_CHANNELS_MAX]; /**< allocated as links turn up */
};

/** Starts with nothing collected. */
void collect_init(struct collect *collect);
void collect_release(struct collect *collect);

/** What is collected of a link, empty at first, or of another that was at its place before: then
 * it must be printed, and collected_start() be called. The program ends if memory does. */
struct collected *collect_link(struct collect *collect, const struct btap_link *link);

/** Whether a span goes with what is collected; if not, it must be printed and emptied before. */
bool collected_accepts(const struct collected *collected, const struct btap_span *span);

void collected_add_span(struct collected *collected, const struct btap_span *span);
void collected_add_data(struct collected *collected, const struct btap_data *data);

/** Empties it for another link at the same place. */
void collected_start(struct collected *collected, const struct btap_link *link);

/** Empties it for the link's next transaction. */
void collected_clear(struct collected *collected);

#endif
