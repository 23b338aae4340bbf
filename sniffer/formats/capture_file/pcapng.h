/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pcapng blocks in memory: taken apart without losing a byte, and written again with comments
 * added. Sections and numbers below are those of draft-ietf-opsawg-pcapng.
 */
#ifndef SNIFFER_FORMATS_CAPTURE_FILE_PCAPNG_H
#define SNIFFER_FORMATS_CAPTURE_FILE_PCAPNG_H

#include <stdio.h>

#include "boottap/link.h"
#include "boottap/record.h"

/** Block types that are understood (section 4); others are only passed on. */
enum pcapng_type {
    PCAPNG_INTERFACE = 1,
    PCAPNG_OBSOLETE_PACKET = 2,
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_STATISTICS = 5,
    PCAPNG_ENHANCED_PACKET = 6,
    PCAPNG_SECTION_HEADER = 0x0A0D0D0A, /**< the same in either byte order */
};

/** Option codes (sections 3.5, 4.2, 4.3, 4.6). */
enum pcapng_option {
    PCAPNG_OPTION_END = 0,
    PCAPNG_OPTION_COMMENT = 1,
    PCAPNG_OPTION_SHB_HARDWARE = 2,
    PCAPNG_OPTION_SHB_OS = 3,
    PCAPNG_OPTION_SHB_USERAPPL = 4,
    PCAPNG_OPTION_IF_NAME = 2,
    PCAPNG_OPTION_IF_DESCRIPTION = 3,
    PCAPNG_OPTION_IF_SPEED = 8,
    PCAPNG_OPTION_IF_TSRESOL = 9,
    PCAPNG_OPTION_IF_FILTER = 11,
    PCAPNG_OPTION_IF_TSOFFSET = 14,
    PCAPNG_OPTION_IF_HARDWARE = 15,
    PCAPNG_OPTION_EPB_FLAGS = 2,
    PCAPNG_OPTION_EPB_DROPCOUNT = 4,
    PCAPNG_OPTION_ISB_STARTTIME = 2,
    PCAPNG_OPTION_ISB_ENDTIME = 3,
    PCAPNG_OPTION_ISB_IFRECV = 4,
    PCAPNG_OPTION_ISB_IFDROP = 5,
};

/** Direction in epb_flags (section 4.3.1): received from anybody, sent by the recording machine. */
#define PCAPNG_FLAGS_INBOUND  1
#define PCAPNG_FLAGS_OUTBOUND 2

#define PCAPNG_MAGIC 0x1A2B3C4D /**< of a section header, in the section's byte order */

/** The shortest block; so many bytes of a block tell its length. */
#define PCAPNG_BLOCK_MIN 12
/** Longer blocks count as damage, as they do for Wireshark and libpcap. */
#define PCAPNG_BLOCK_MAX (16u * 1024 * 1024)

/** Interfaces of one section that are read. */
#define PCAPNG_INTERFACES_MAX 32768

/** Longest comment: an option's length has 16 bits. */
#define PCAPNG_COMMENT_MAX 65535

/** One interface of a section (section 4.2). */
struct pcapng_interface {
    uint16_t linktype;
    uint32_t snap_length;                /**< 0: no limit */
    uint8_t resolution;                  /**< if_tsresol as it stands in the file */
    int64_t offset_s;                    /**< if_tsoffset */
    uint64_t ns_per_tick;                /**< where that is a whole number and offset_s is 0 */
    uint64_t ticks_end;                  /**< so many times ns_per_tick are too many; 0: not so */
    char name[BTAP_INTERFACE_NAME_SIZE]; /**< if_name, cut; "" if it has none */
    bool at_tool;                        /**< as if_description says */
    uint32_t lacks;                      /**< likewise */
};

/** The section in hand. Start with zero; pcapng_section_release() at the end. */
struct pcapng_section {
    bool started;
    bool big_endian;
    size_t interfaces_length;
    size_t interfaces_size;
    struct pcapng_interface *interfaces;
};

void pcapng_section_release(struct pcapng_section *section);

/** One block, as taken apart. Points into the bytes that it was made of. */
struct pcapng_block {
    uint32_t type;
    uint32_t length;      /**< bytes */
    const uint8_t *bytes; /**< the whole block */
    bool big_endian;      /**< byte order of its numbers */
    uint32_t options; /**< offset of its options; 0: of a kind or a shape that takes no comment */
    uint32_t options_end; /**< offset of opt_endofopt, or of the end; comments go in there */
    bool options_ended;   /**< opt_endofopt is there */
    bool packet;          /**< holds a packet: record is valid, but for its number */
    btap_ns until;        /**< the interface was recorded till then; 0: the block does not tell */
    struct btap_record record;
};

/**
 * The length of a block.
 *
 * @param header its first PCAPNG_BLOCK_MIN bytes
 * @param section that the block is in, or follows
 * @param[out] problem what is wrong where 0 is returned
 * @return bytes, a multiple of 4 from PCAPNG_BLOCK_MIN to PCAPNG_BLOCK_MAX; 0: damaged
 */
uint32_t pcapng_block_length(const struct pcapng_section *section,
                             const uint8_t header[PCAPNG_BLOCK_MIN], const char **problem);

/**
 * Takes a block apart and follows it: a section header starts a section, an interface block adds
 * an interface.
 *
 * @param bytes the whole block, length as pcapng_block_length() gives it; kept in block
 * @param[out] block valid as long as bytes and section are
 * @param[out] problem what is wrong where false is returned
 * @return false: damaged, what comes after cannot be trusted
 */
bool pcapng_take(struct pcapng_section *section, const uint8_t *bytes, uint32_t length,
                 struct pcapng_block *block, const char **problem);

/** Whether a block has a comment of exactly these words. */
bool pcapng_has_comment(const struct pcapng_block *block, const char *text);

/**
 * Bytes by which a block grows with comments; those that it has already are not counted, as they
 * are not written again.
 *
 * @return 0 also where the block takes none, or would grow above PCAPNG_BLOCK_MAX
 */
uint32_t pcapng_growth(const struct pcapng_block *block, const char *const *comments,
                       size_t comments_length);

/** Whether pcapng_write() would write all of these comments that are not there yet. */
bool pcapng_takes_comments(const struct pcapng_block *block, const char *const *comments,
                           size_t comments_length);

/**
 * Writes a block with comments after the options that it has; every byte else stays. Nothing is
 * added where pcapng_growth() is 0. Errors show in ferror().
 *
 * @param comments zero-terminated, at most PCAPNG_COMMENT_MAX bytes each
 */
void pcapng_write(FILE *to, const struct pcapng_block *block, const char *const *comments,
                  size_t comments_length);

/** Reads and writes numbers in a byte order. */
static inline uint16_t pcapng_get16(const uint8_t *bytes, bool big_endian)
{
    return (uint16_t)(big_endian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
}

static inline uint32_t pcapng_get32(const uint8_t *bytes, bool big_endian)
{
    const uint32_t big =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    const uint32_t little =
        (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];

    return big_endian ? big : little;
}

void pcapng_put16(uint8_t *bytes, bool big_endian, uint16_t value);
void pcapng_put32(uint8_t *bytes, bool big_endian, uint32_t value);

/** Rounds up to a multiple of 4, as every part of a block is. */
static inline uint32_t pcapng_padded(uint32_t length)
{
    return (length + 3) & ~UINT32_C(3);
}

#endif
