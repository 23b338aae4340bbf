/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pcap files (draft-ietf-opsawg-pcap sections 4 and 5). Not through libpcap: it gives link types
 * other numbers than the file has, turns the headers of USB packets into this machine's byte order,
 * which a copy of the capture must not do, and loses its place where a file ends within a record.
 */
#include "formats/capture_file/pcap.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "formats/capture_file/pcapng.h"
#include "formats/reader/reader.h"

#define MAGIC_SIZE         4
#define HEADER_SIZE        24
#define RECORD_HEADER_SIZE 16
#define LINKTYPE_MASK      0xFFFF /* above are the length of a frame check sequence, and zeros */

#define CAPTURED_MAX     262144
#define CAPTURED_MAX_USB (16u * 1024 * 1024)

static uint32_t number_at(const struct reader *reader, size_t offset)
{
    return pcapng_get32(reader->record + offset, reader->big_endian);
}

/** What no other format takes is tried as one, too: start() says what is wrong with it. */
static bool probe(const struct first *first)
{
    return FIRST_BYTES(first, 0, "\xd4\xc3\xb2\xa1") || FIRST_BYTES(first, 0, "\xa1\xb2\xc3\xd4") ||
           FIRST_BYTES(first, 0, "\x4d\x3c\xb2\xa1") || FIRST_BYTES(first, 0, "\xa1\xb2\x3c\x4d");
}

/** Says what is missing, in libpcap's words. @param before bytes in the buffer of something else */
static enum reader_result cut_short(struct reader *reader, size_t length, size_t before,
                                    const char *what, const char *advice)
{
    reader_damaged(reader, "truncated dump file; tried to read %zu %s bytes, only got %zu; %s",
                   length - before, what, reader->have - before, advice);
    return READER_CUT_SHORT;
}

/** The file header of so many bytes. @return false: refused */
static bool read_header(struct reader *reader, size_t length)
{
    const enum reader_result result = reader_fill(reader, length);

    if (result == READER_UNREADABLE)
        reader_damaged(reader, "%s", strerror(errno));
    else if (result != READER_NEXT)
        cut_short(reader, length, 0, "file header", "the capture's header is damaged");
    return result == READER_NEXT;
}

static bool start(struct reader *reader)
{
    uint32_t magic;

    if (!read_header(reader, MAGIC_SIZE))
        return false;
    reader->big_endian = reader->record[0] == PCAP_MAGIC_US >> 24;
    magic = number_at(reader, 0);
    if (magic != PCAP_MAGIC_US && magic != PCAP_MAGIC_NS) {
        reader_damaged(reader, "not a capture; boottap reads pcap, pcapng and other tools' logs");
        return false;
    }
    if (!read_header(reader, HEADER_SIZE))
        return false;
    if (pcapng_get16(reader->record + 4, reader->big_endian) != PCAP_MAJOR ||
        pcapng_get16(reader->record + 6, reader->big_endian) != PCAP_MINOR) {
        reader_damaged(reader, "a pcap file of another version than 2.4");
        return false;
    }
    if (magic == PCAP_MAGIC_NS)
        reader->digits = 9;
    reader->snap_length = number_at(reader, 16);
    reader->linktype = (int32_t)(number_at(reader, 20) & LINKTYPE_MASK);
    reader_advance(reader, HEADER_SIZE);
    return true;
}

uint32_t pcap_record_max(uint32_t linktype)
{
    return linktype == BTAP_LINKTYPE_USB_LINUX || linktype == BTAP_LINKTYPE_USB_LINUX_MMAPPED ||
                   linktype == BTAP_LINKTYPE_USBPCAP || linktype == BTAP_LINKTYPE_USB_DARWIN
               ? CAPTURED_MAX_USB
               : CAPTURED_MAX;
}

static enum reader_result next(struct reader *reader, struct btap_record *record)
{
    enum reader_result result = reader_fill(reader, RECORD_HEADER_SIZE);
    uint32_t captured;

    if (result == READER_CUT_SHORT)
        return cut_short(reader, RECORD_HEADER_SIZE, 0, "header", "the file was cut short");
    if (result != READER_NEXT)
        return result;
    captured = number_at(reader, 8);
    if (captured > pcap_record_max((uint32_t)reader->linktype))
        return reader_damaged(reader,
                              "invalid packet capture length %" PRIu32 ", bigger than snaplen of "
                              "%" PRIu32 "; what follows is damaged",
                              captured, reader->snap_length);
    result = reader_fill(reader, RECORD_HEADER_SIZE + (size_t)captured);
    if (result == READER_CUT_SHORT)
        return cut_short(reader, RECORD_HEADER_SIZE + (size_t)captured, RECORD_HEADER_SIZE,
                         "captured", "the file was cut short");
    if (result != READER_NEXT)
        return result;
    *record = (struct btap_record){
        .linktype = (uint32_t)reader->linktype,
        .big_endian = reader->big_endian,
        .time = btap_time_of(number_at(reader, 0),
                             (int64_t)number_at(reader, 4) * (reader->digits == 9 ? 1 : 1000)),
        .bytes = reader->record + RECORD_HEADER_SIZE,
        .captured = captured,
        .length = number_at(reader, 12),
    };
    reader_advance(reader, RECORD_HEADER_SIZE + (size_t)captured);
    return READER_NEXT;
}

const struct reader_format reader_pcap = {
    .kind = {KIND_CAPTURE, "a pcap capture", "", probe},
    .start = start,
    .next = next,
};
