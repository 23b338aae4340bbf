/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/kind.h"

#include <string.h>

#include "formats/formats.h"

#define BYTES(offset, literal) FIRST_BYTES(first, offset, literal)

static uint32_t word_at(const struct first *first, size_t offset)
{
    const uint8_t *bytes = first->bytes + offset;

    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/** A probe, from an expression over `first`. */
#define PROBE(name, expression)                                                                    \
    static bool is_##name(const struct first *first)                                               \
    {                                                                                              \
        return expression;                                                                         \
    }

/* Firmware */
PROBE(elf, BYTES(0, "\x7f"
                    "ELF"))
PROBE(dfuse, BYTES(0, "DfuSe"))
PROBE(hex, first->length >= 11 && first->bytes[first->text] == ':' && first_looks(first, ":h") &&
               !first_looks(first, ":h "))
PROBE(srec, first_starts(first, "S") && first_looks(first, "S9h") && first->length >= 10)

/** A vector table: the stack in RAM, then odd addresses of code in flash or system memory. */
static bool is_vectors(const struct first *first)
{
    uint32_t stack;

    if (first->length < 16)
        return false;
    stack = word_at(first, 0);
    if ((stack >> 28 != 1 && stack >> 28 != 2 && stack >> 28 != 3) || (stack & 3) != 0 ||
        (stack & 0x0FFFFFFF) > 0x04200000)
        return false;
    for (size_t i = 4; i < 16; i += 4)
        if ((word_at(first, i) & 1) == 0 || word_at(first, i) >= 0x20000000)
            return false;
    return true;
}

/* Archives and compressions */
PROBE(zip, BYTES(0, "PK\x03\x04") || BYTES(0, "PK\x05\x06"))
PROBE(saleae, is_zip(first) && (BYTES(30, "meta.json") || BYTES(30, "digital-")))
PROBE(gzip, BYTES(0, "\x1f\x8b"))
PROBE(zstd, BYTES(0, "\x28\xb5\x2f\xfd"))
PROBE(xz, BYTES(0, "\xfd\x37\x7a\x58\x5a"))
PROBE(bzip2, BYTES(0, "BZh"))
PROBE(lz4, BYTES(0, "\x04\x22\x4d\x18"))
PROBE(seven_zip, BYTES(0, "7z\xbc\xaf\x27\x1c"))
PROBE(rar, BYTES(0, "Rar!\x1a\x07"))
PROBE(tar, BYTES(257, "ustar"))

/* Other captures */
PROBE(snoop, BYTES(0, "snoop\0\0\0"))
PROBE(netmon, BYTES(0, "GMBU") || BYTES(0, "RTSS"))
PROBE(pcap_modified, BYTES(0, "\x34\xcd\xb2\xa1") || BYTES(0, "\xa1\xb2\xcd\x34"))

/** A buffer of Event Tracing for Windows, whose first event is the trace's own header. */
static bool is_etl(const struct first *first)
{
    return first->length >= 0x4c && word_at(first, 0) >= 1024 && word_at(first, 0) % 1024 == 0 &&
           word_at(first, 0) <= 16 * 1024 * 1024 && word_at(first, 4) <= word_at(first, 0) &&
           (first->bytes[0x4a] == 1 || first->bytes[0x4a] == 2) && first->bytes[0x4b] == 0xc0;
}

/* Text that shows traffic */
PROBE(cubeprogrammer, first_has(first, "CAN peripheral parameters"))
PROBE(dfu_util, first_starts(first, "dfu-util ") || first_has(first, "Determining device status") ||
                    first_has(first, "Opening DFU capable USB device"))
PROBE(libusb, first_has(first, "libusb: debug [") || first_has(first, "libusb: info ["))
PROBE(strace_usb, first_has(first, "USBDEVFS_"))
PROBE(saleae_csv, first_starts(first, "Time [s],") || first_starts(first, "name,type,start_time") ||
                      first_starts(first, "\"name\",\"type\",\"start_time\""))
PROBE(stm32flash, first_starts(first, "stm32flash 0."))
PROBE(wireshark_text, (first_starts(first, "[") && first_has(first, "\"_source\"")) ||
                          first_has(first, "<pdml") || first_looks(first, "0000  h h h h"))
PROBE(own_output, first_starts(first, "{") && first_has(first, "\"transport\":"))

/** `00000000  7f 79 ...  |.y|`, or xxd's `00000000: 7f79 ...  .y`. */
static bool is_dump(const struct first *first)
{
    return (first_line_looks(first, "00000000  h") && first_has(first, "  |")) ||
           (first_line_looks(first, "00000000: h") && first_has(first, "  "));
}

/* What has no traffic in it */
PROBE(html, first_starts(first, "<!doctype html") || first_starts(first, "<html"))
PROBE(lfs, first_starts(first, "version https://git-lfs"))
PROBE(pdf, BYTES(0, "%PDF-"))
PROBE(image, BYTES(0, "\x89PNG") || BYTES(0, "\xff\xd8\xff") || BYTES(0, "GIF8"))
PROBE(windows_program, BYTES(0, "MZ") && first->length >= 64)
PROBE(script, BYTES(0, "#!"))

#define SAVE_AGAIN  "open it in Wireshark and save it as pcapng"
#define RECORD      "record the next try with: boottap run -w flash.pcapng -- TOOL"
#define RECORD_LINE "record the next try with: boottap live serial:PORT -w flash.pcapng"
#define CUBEPROG_CAN                                                                               \
    "it holds no answers of the device (BRG_TARGET_CMD_TIMEOUT: none came; BRG_CAN_ERR: no node "  \
    "acknowledged the frame, so see to the wires, CAN's end resistors and the bit rate); record "  \
    "the bus itself, with another adapter: candump -L can0 >flash.log"
#define EXPECT       "to hold a capture to it, give it with --expect"
#define UNPACK       "unpack it, and name the capture that is in it"
#define DOWNLOAD     "download the file again, and look at what came"
#define NAME_ANOTHER "name the capture file"

/** Each is asked before the next one. */
static const struct kind kinds[] = {
    {KIND_FIRMWARE, "an ELF file, a program", EXPECT, is_elf},
    {KIND_FIRMWARE, "a DfuSe firmware file (.dfu)", EXPECT, is_dfuse},
    {KIND_FIRMWARE, "a firmware file in Intel HEX", EXPECT, is_hex},
    {KIND_FIRMWARE, "a firmware file of S-records", EXPECT, is_srec},
    {KIND_LOG, "a session of Saleae Logic (.sal)",
     "open it in Logic and export its digital channels: File, Export Raw Data, CSV", is_saleae},
    {KIND_OTHER, "a zip archive", UNPACK, is_zip},
    {KIND_OTHER, "a gzip file within a compressed file", "decompress it once more first", is_gzip},
    {KIND_OTHER, "a zstd file within a compressed file", "decompress it once more first", is_zstd},
    {KIND_OTHER, "an xz file within a compressed file", "decompress it once more first", is_xz},
    {KIND_OTHER, "compressed with bzip2", "decompress it first, or: bzcat FILE | boottap decode -",
     is_bzip2},
    {KIND_OTHER, "compressed with lz4", "decompress it first, or: lz4cat FILE | boottap decode -",
     is_lz4},
    {KIND_OTHER, "a 7-Zip archive", UNPACK, is_seven_zip},
    {KIND_OTHER, "a RAR archive", UNPACK, is_rar},
    {KIND_OTHER, "a tar archive", UNPACK, is_tar},
    {KIND_LOG, "a capture in the format of snoop", SAVE_AGAIN, is_snoop},
    {KIND_LOG, "a capture of Microsoft Network Monitor", SAVE_AGAIN, is_netmon},
    {KIND_LOG, "a pcap file in a modified format", SAVE_AGAIN, is_pcap_modified},
    {KIND_LOG, "an event trace of Windows (.etl)", "capture with USBPcap in Wireshark instead",
     is_etl},
    {KIND_LOG, "a log of STM32CubeProgrammer over CAN", CUBEPROG_CAN, is_cubeprogrammer},
    {KIND_LOG, "output of dfu-util", "it does not hold the traffic; " RECORD, is_dfu_util},
    {KIND_LOG, "a debug log of libusb", "it does not hold the traffic; " RECORD, is_libusb},
    {KIND_LOG, "output of stm32flash", "it does not hold the traffic; " RECORD, is_stm32flash},
    {KIND_LOG, "a trace of strace of a USB tool",
     "it does not show the bytes of USB requests; " RECORD, is_strace_usb},
    {KIND_LOG, "a dump of hexdump -C or xxd",
     "read from a port, it holds one side, and took the bytes from the tool; " RECORD, is_dump},
    {KIND_LOG, "a table of Saleae Logic (CSV)", RECORD_LINE, is_saleae_csv},
    {KIND_LOG, "output of boottap", "name the capture that it was made from", is_own_output},
    {KIND_LOG, "packets that Wireshark printed", "save the capture itself, as pcapng",
     is_wireshark_text},
    {KIND_FAILED, "a web page", DOWNLOAD, is_html},
    {KIND_FAILED, "a pointer of Git LFS, not the file", "fetch it with: git lfs pull", is_lfs},
    {KIND_OTHER, "a PDF document", NAME_ANOTHER, is_pdf},
    {KIND_OTHER, "an image", NAME_ANOTHER, is_image},
    {KIND_OTHER, "a program for Windows", NAME_ANOTHER, is_windows_program},
    {KIND_OTHER, "a script", NAME_ANOTHER, is_script},
    /* Bytes that may be anything come last. */
    {KIND_FIRMWARE, "a raw firmware image, as it seems", EXPECT, is_vectors},
};

/** The first kind that the bytes are of; NULL: none. */
static const struct kind *find(const struct first *first)
{
    const struct reader_format *format = formats_find(first);

    if (format != NULL)
        return &format->kind;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].probe(first))
            return &kinds[i];
    return NULL;
}

/**
 * What stands behind the marks of a mail or a post. Logs that have such marks themselves were found
 * before; readers of firmware want to have them off.
 */
static const struct kind *find_quoted(struct first *first)
{
    static const struct kind firmware = {KIND_OTHER, "firmware that is quoted, as in a mail",
                                         "take the marks off first, with: sed 's/^[> ]*//' FILE",
                                         NULL};
    const struct kind *kind;

    while (first->text < first->length && first->bytes[first->text] != '\0' &&
           strchr("> \t", first->bytes[first->text]) != NULL)
        first->text++;
    if (first->text == first->length)
        return NULL;
    kind = find(first);
    return kind != NULL && kind->kind_class == KIND_FIRMWARE ? &firmware : kind;
}

const struct kind *kind_find(const uint8_t *bytes, size_t length)
{
    struct first first = first_from(bytes, length);
    const struct kind *kind = find(&first);

    if (kind == NULL && first.text < length && bytes[first.text] == '>')
        kind = find_quoted(&first);
    return kind;
}

const struct kind *kind_find_no_firmware(const uint8_t *bytes, size_t length, bool raw)
{
    const struct kind *kind = kind_find(bytes, length);

    if (kind == NULL || kind->kind_class == KIND_FIRMWARE)
        return NULL;
    return !raw || kind->kind_class == KIND_CAPTURE || kind->kind_class == KIND_FAILED ? kind
                                                                                       : NULL;
}
