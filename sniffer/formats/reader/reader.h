/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The interface that every capture format is read through. A format is one file, which defines a
 * struct reader_format, and a row of the table in formats.c.
 */
#ifndef SNIFFER_FORMATS_READER_READER_H
#define SNIFFER_FORMATS_READER_READER_H

#include "boottap/record.h"
#include "formats/reader/first.h"

struct pcapng_block;
struct reader_format;
struct unpack;
struct utf16;

enum reader_result {
    READER_NEXT,
    READER_END,       /**< nothing more for now; a file that grows may have more later */
    READER_CUT_SHORT, /**< the file ends within what comes next; that may be complete later */
    READER_DAMAGED,   /**< problem says how; what comes next cannot be read */
    READER_UNREADABLE /**< reading failed: errno */
};

/** A file that is read. Start with zero but for fd. */
struct reader {
    int fd;       /**< what it is read from; the caller closes it */
    bool growing; /**< set by the caller: the file's last line may not be complete yet */
    const struct reader_format *format;
    int digits;           /**< of its times after the point: 6, or 9 */
    int32_t linktype;     /**< of the one interface that the file has; -1: each record tells */
    btap_ns until;        /**< what was read last was recorded till then; 0: not told */
    uint32_t snap_length; /**< 0: no limit */
    bool big_endian;      /**< byte order of the file's numbers, where it has one for all of them */
    /** What is damaged or, at the end, what was left out; "" where nothing is to be said. */
    char problem[256];
    /** What is worth saying at the end though all was read; "" nothing. */
    char remark[512];

    struct unpack *unpack; /**< between the descriptor and the buffer; NULL: nothing was read yet */
    struct utf16 *utf16;   /**< between that and the buffer; likewise */
    void *state;           /**< the format's own, from allocate() */
    uint8_t *record;       /**< what comes next */
    size_t have;           /**< bytes of the file from there on that were read */
    uint8_t *buffer;       /**< in which they are */
    size_t size;           /**< of the buffer, bytes */
};

/** One capture format. Every function gets a reader whose format it is. */
struct reader_format {
    struct kind kind; /**< KIND_CAPTURE; no advice */
    /** Reads what stands before the first record. @return false: refused, for the problem */
    bool (*start)(struct reader *reader);
    /** @param[out] record everything but packet; valid until the next call, if READER_NEXT */
    enum reader_result (*next)(struct reader *reader, struct btap_record *record);
    /**
     * The next block, packet or not, as it stands in the file.
     *
     * NULL: a format without blocks.
     */
    enum reader_result (*next_block)(struct reader *reader, struct pcapng_block *block);
    /** Frees what state holds, not state itself. NULL: nothing. */
    void (*release)(struct reader *reader);
};

/* The formats */
extern const struct reader_format reader_asc;
extern const struct reader_format reader_blf;
extern const struct reader_format reader_busmaster;
extern const struct reader_format reader_candump;
extern const struct reader_format reader_gvret;
extern const struct reader_format reader_kvaser;
extern const struct reader_format reader_pcap;
extern const struct reader_format reader_pcapng;
extern const struct reader_format reader_sigrok;
extern const struct reader_format reader_sigrok_csv;
extern const struct reader_format reader_vcd;
extern const struct reader_format reader_saleae;
extern const struct reader_format reader_saleae_csv;
extern const struct reader_format reader_slcan;
extern const struct reader_format reader_trc;
extern const struct reader_format reader_strace;
extern const struct reader_format reader_socat;
extern const struct reader_format reader_jpnevulator;
extern const struct reader_format reader_interceptty;
extern const struct reader_format reader_slsnif;
extern const struct reader_format reader_portmon;
extern const struct reader_format reader_port_monitor;
extern const struct reader_format reader_saleae_table;
extern const struct reader_format reader_sigrok_uart;
extern const struct reader_format reader_marked_hex;
extern const struct reader_format reader_notation;
extern const struct reader_format reader_usbmon_text;
extern const struct reader_format reader_cubeprog;
extern const struct reader_format reader_cubeprog_words;

/** Starts to read a file as one of a format. @return false: refused, for the problem */
bool reader_start(struct reader *reader, const struct reader_format *format);

/** Reads on, for reader_fill(). */
enum reader_result reader_read(struct reader *reader, size_t length);

/**
 * Reads on until the record has so many bytes. What was read stays there, so that a later call
 * goes on where the file ended.
 *
 * @return READER_END if there are none at all
 */
static inline enum reader_result reader_fill(struct reader *reader, size_t length)
{
    reader->problem[0] = '\0';
    return reader->have >= length ? READER_NEXT : reader_read(reader, length);
}

/** Goes on behind the first bytes of the record. They stay where they are until more is read. */
static inline void reader_advance(struct reader *reader, size_t length)
{
    reader->record += length;
    reader->have -= length;
}

/** Says what is the matter. @return READER_DAMAGED */
enum reader_result reader_damaged(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Adds to what is worth saying at the end. */
void reader_remark(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What a compressed file suffers from, where it ends too early; NULL: nothing. */
const char *reader_trouble(const struct reader *reader);

/** Forgets all but the descriptor. */
void reader_release(struct reader *reader);

#endif
