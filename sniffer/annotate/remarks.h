/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything that is to be said about a capture, as comments on its packets and sections. It is
 * gone through twice: what belongs to earlier packets and to sections is kept from the first pass,
 * and what belongs to the packet in hand is said again in the second. Memory does not grow with the
 * number of transactions.
 */
#ifndef SNIFFER_ANNOTATE_REMARKS_H
#define SNIFFER_ANNOTATE_REMARKS_H

#include "annotate/comments.h"
#include "base/line.h"
#include "capture/blocks.h"
#include "sessions/sessions.h"

/** Sections of a file that verdicts are written into; those of later ones stay with the packets. */
#define REMARKS_SECTIONS_MAX 65536

/** State of one capture's passes. Large, not for the stack. */
struct remarks {
    struct btap_options options;
    bool notes;
    bool second;              /**< pass */
    uint64_t packet;          /**< in hand; 0: none */
    uint64_t transactions;    /**< found in the first pass */
    uint64_t omitted;         /**< comments beyond COMMENTS_PER_PACKET_MAX, in the second pass */
    uint64_t unkept;          /**< comments for which there was no room, in the second pass */
    struct comments late;     /**< by the number of the packet, which was over when they came */
    struct comments here;     /**< on the packet in hand */
    struct comments sections; /**< by the number of the section, from 1 */
    struct btap_tap tap;
    struct btap_sink sink;
    struct sessions sessions;
    struct line line;
    size_t starts_length;
    size_t starts_size;
    uint64_t *starts;    /**< number of the first packet of each section, or of the next one's */
    uint64_t starts_end; /**< likewise of the first section that is not in starts; 0: all are */
};

/** Starts the first pass. */
void remarks_init(struct remarks *remarks, const struct btap_options *options, bool notes);

/** Takes the next block of the first pass. */
void remarks_take(struct remarks *remarks, const struct pcapng_block *block, uint64_t packets);

/** The first pass did not get to the end of the capture, which its last section is to say. */
void remarks_cut(struct remarks *remarks);

/** The first pass is over, and the second starts. @param until as struct reader has it */
void remarks_again(struct remarks *remarks, btap_ns until);

/**
 * Takes the next packet of the second pass, which must have the same packets.
 *
 * @param[out] length of the comments, may be 0
 * @return the packet's comments, valid until the next call
 */
const char *const *remarks_of_packet(struct remarks *remarks, const struct btap_record *record,
                                     size_t *length);

/** The comments of a section, from 1, in the second pass. @param[out] length may be 0 */
const char *const *remarks_of_section(const struct remarks *remarks, uint64_t section,
                                      size_t *length);

void remarks_release(struct remarks *remarks);

#endif
