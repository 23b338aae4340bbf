/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything that is to be said about a capture, as comments on its packets and sections.
 */
#ifndef SNIFFER_REMARKS_H
#define SNIFFER_REMARKS_H

#include "blocks.h"
#include "comments.h"
#include "line.h"
#include "sessions.h"

/** State of one capture's first pass. Large, not for the stack. */
struct remarks {
    bool notes;
    uint64_t transactions;    /**< found */
    struct comments packets;  /**< by the number of the packet */
    struct comments sections; /**< by the number of the section, from 1 */
    struct btap_tap tap;      /**< to be fed with the records */
    struct btap_sink sink;
    struct sessions sessions;
    struct line line;
    size_t starts_length;
    size_t starts_size;
    uint64_t *starts; /**< number of the first packet of each section, or of the next one's */
};

void remarks_init(struct remarks *remarks, const struct btap_options *options, bool notes);

/** Takes the next block. */
void remarks_take(struct remarks *remarks, const struct pcapng_block *block, uint64_t packets);

/** The capture ends: comments may be asked for. */
void remarks_finish(struct remarks *remarks);

void remarks_release(struct remarks *remarks);

#endif
