/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/kind.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What the probes are made of */

static bool bytes_at(const struct kind_first *first, size_t offset, const void *bytes,
                     size_t length)
{
    return first->length >= offset + length && memcmp(first->bytes + offset, bytes, length) == 0;
}

#define BYTES(offset, literal) bytes_at(first, offset, literal, sizeof(literal) - 1)

/** Whether the text starts so, capitals or not. */
static bool starts(const struct kind_first *first, const char *word)
{
    return first->length - first->text >= strlen(word) &&
           strncasecmp((const char *)first->bytes + first->text, word, strlen(word)) == 0;
}

static bool has(const struct kind_first *first, const char *word)
{
    return memmem(first->bytes, first->length, word, strlen(word)) != NULL;
}

/** Whether a letter is of a class of looks(). */
static bool is_of(char class, unsigned char letter)
{
    switch (class) {
    case '9':
        return isdigit(letter) != 0;
    case 'h':
        return isxdigit(letter) != 0;
    case 'w':
        return isalnum(letter) || letter == '_' || letter == '-' || letter == '.';
    case '_':
        return letter == ' ' || letter == '\t';
    default:
        return letter == (unsigned char)class;
    }
}

/**
 * Whether the text starts with a pattern: `9` is one or more digits, `h` one or more hexadecimal
 * ones, `_` spaces or tabs, if any, `w` one or more letters, digits or marks of a word; all else is
 * itself.
 */
static bool looks(const struct kind_first *first, const char *pattern)
{
    size_t at = first->text;

    for (; *pattern != '\0'; pattern++) {
        const bool many = strchr("9hw_", *pattern) != NULL;
        const size_t from = at;

        while (at < first->length && (many || at == from) && is_of(*pattern, first->bytes[at]))
            at++;
        if (at == from && *pattern != '_')
            return false;
    }
    return true;
}

static uint32_t word_at(const struct kind_first *first, size_t offset)
{
    const uint8_t *bytes = first->bytes + offset;

    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/** A probe, from an expression over `first`. */
#define PROBE(name, expression)                                                                    \
    static bool is_##name(const struct kind_first *first)                                          \
    {                                                                                              \
        return expression;                                                                         \
    }

/* Captures */
PROBE(pcapng, BYTES(0, "\x0a\x0d\x0d\x0a"))
PROBE(pcap, BYTES(0, "\xd4\xc3\xb2\xa1") || BYTES(0, "\xa1\xb2\xc3\xd4") ||
                BYTES(0, "\x4d\x3c\xb2\xa1") || BYTES(0, "\xa1\xb2\x3c\x4d"))
PROBE(candump_log, looks(first, "(9.9) w h#"))

/* Firmware */
PROBE(elf, BYTES(0, "\x7f"
                    "ELF"))
PROBE(dfuse, BYTES(0, "DfuSe"))
PROBE(hex, first->length >= 11 && first->bytes[first->text] == ':' && looks(first, ":h") &&
               !looks(first, ":h "))
PROBE(srec, starts(first, "S") && looks(first, "S9h") && first->length >= 10)

/** A vector table: the stack in RAM, then odd addresses of code in flash or system memory. */
static bool is_vectors(const struct kind_first *first)
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
PROBE(sigrok,
      is_zip(first) && (BYTES(30, "version") || BYTES(30, "metadata") || BYTES(30, "logic-1")))
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
PROBE(saleae_binary, BYTES(0, "<SALEAE>"))
PROBE(blf, BYTES(0, "LOGG"))
PROBE(snoop, BYTES(0, "snoop\0\0\0"))
PROBE(netmon, BYTES(0, "GMBU") || BYTES(0, "RTSS"))
PROBE(pcap_modified, BYTES(0, "\x34\xcd\xb2\xa1") || BYTES(0, "\xa1\xb2\xcd\x34"))

/** A buffer of Event Tracing for Windows, whose first event is the trace's own header. */
static bool is_etl(const struct kind_first *first)
{
    return first->length >= 0x4c && word_at(first, 0) >= 1024 && word_at(first, 0) % 1024 == 0 &&
           word_at(first, 0) <= 16 * 1024 * 1024 && word_at(first, 4) <= word_at(first, 0) &&
           (first->bytes[0x4a] == 1 || first->bytes[0x4a] == 2) && first->bytes[0x4b] == 0xc0;
}

/* Text that shows traffic */
PROBE(cubeprogrammer,
      has(first, "STM32CubeProgrammer") || has(first, "sent successfully to target") ||
          has(first, "Received response from target") || has(first, "CAN peripheral parameters") ||
          has(first, "DFU State = ") || has(first, "DFU state = ") || has(first, "DFU status = "))
PROBE(dfu_util, starts(first, "dfu-util ") || has(first, "Determining device status") ||
                    has(first, "Opening DFU capable USB device"))
PROBE(libusb, has(first, "libusb: debug [") || has(first, "libusb: info ["))
PROBE(strace, has(first, "execve(\"") || has(first, "openat(AT_FDCWD") || looks(first, "w(9, \"") ||
                  looks(first, "9_9:9:9.9 w("))
PROBE(candump_screen,
      looks(first, "w_h_[9]") || looks(first, "(9.9)_w_h_[9]") ||
          looks(first, "(9-9-9 9:9:9.9)_w_") ||
          ((looks(first, "(9.9)_w_TX ") || looks(first, "(9.9)_w_RX ")) && has(first, "  [")))
PROBE(asc, (starts(first, "date ") && (has(first, "base hex") || has(first, "base dec"))) ||
               has(first, "Begin Triggerblock") || has(first, "Begin TriggerBlock"))
PROBE(trc, starts(first, ";$FILEVERSION=") || has(first, ";   Generated by PCAN"))
PROBE(busmaster, starts(first, "***BUSMASTER"))
PROBE(kvaser, starts(first, "Chn Identifier Flg"))
PROBE(gvret, starts(first, "Time Stamp,ID,"))
PROBE(slcan, looks(first, "t9\r") ||
                 (first->length > 0 && first->text == 0 &&
                  memchr(first->bytes, '\r', first->length) != NULL &&
                  memchr(first->bytes, '\n', first->length) == NULL &&
                  strchr("CSOtTrRdDbB", first->bytes[0]) != NULL && isprint(first->bytes[0])))
PROBE(usbmon_text, looks(first, "h 9 S C") || looks(first, "h 9 S B") || looks(first, "h 9 C C") ||
                       looks(first, "h 9 S I") || looks(first, "h 9 C B") ||
                       looks(first, "h 9 C I"))
PROBE(vcd, starts(first, "$date") || starts(first, "$version") || starts(first, "$timescale") ||
               starts(first, "$comment") || starts(first, "$scope"))
PROBE(sigrok_csv, starts(first, "; CSV generated by") || starts(first, "; CSV, generated by"))
PROBE(sigrok_annotations, looks(first, "uart-9: ") || looks(first, "9-9 uart-9: "))
PROBE(saleae_csv, starts(first, "Time [s],") || starts(first, "name,type,start_time") ||
                      starts(first, "\"name\",\"type\",\"start_time\""))
PROBE(socat, has(first, "  length=") && has(first, " from="))
PROBE(jpnevulator, looks(first, "9-9-9 9:9:9.9: w"))
PROBE(interceptty, looks(first, "< 0xh") || looks(first, ">_0xh"))
PROBE(slsnif, has(first, "Host   --> ") || has(first, "Device --> "))
PROBE(portmon, has(first, "IRP_MJ_") || has(first, "IOCTL_SERIAL_"))
PROBE(port_monitor, has(first, "] Open port COM") || has(first, "] Written data (COM"))
PROBE(stm32flash, starts(first, "stm32flash 0."))
PROBE(wireshark_text, (starts(first, "[") && has(first, "\"_source\"")) || has(first, "<pdml") ||
                          looks(first, "0000  h h h h"))
PROBE(own_output, starts(first, "{") && has(first, "\"transport\":"))

/* What has no traffic in it */
PROBE(html, starts(first, "<!doctype html") || starts(first, "<html"))
PROBE(lfs, starts(first, "version https://git-lfs"))
PROBE(pdf, BYTES(0, "%PDF-"))
PROBE(image, BYTES(0, "\x89PNG") || BYTES(0, "\xff\xd8\xff") || BYTES(0, "GIF8"))
PROBE(windows_program, BYTES(0, "MZ") && first->length >= 64)
PROBE(script, BYTES(0, "#!"))

#define SAVE_AGAIN   "open it in Wireshark and save it as pcapng"
#define RECORD       "record the next try with: boottap run -w flash.pcapng -- TOOL"
#define RECORD_LINE  "record the next try with: boottap live serial:PORT -w flash.pcapng"
#define RECORD_CAN   "record the next try with: candump -L can0 >flash.log"
#define RECORD_USB   "record the next try with: boottap live usbmon1 -w flash.pcapng"
#define EXPECT       "to hold a capture to it, give it with --expect"
#define UNPACK       "unpack it, and name the capture that is in it"
#define DOWNLOAD     "download the file again, and look at what came"
#define NAME_ANOTHER "name the capture file"

/** Each is asked before the next one. */
static const struct kind kinds[] = {
    {KIND_CAPTURE, "a pcapng capture", "", is_pcapng},
    {KIND_CAPTURE, "a pcap capture", "", is_pcap},
    {KIND_CAPTURE, "a log of candump -L", "", is_candump_log},
    {KIND_FIRMWARE, "an ELF file, a program", EXPECT, is_elf},
    {KIND_FIRMWARE, "a DfuSe firmware file (.dfu)", EXPECT, is_dfuse},
    {KIND_FIRMWARE, "a firmware file in Intel HEX", EXPECT, is_hex},
    {KIND_FIRMWARE, "a firmware file of S-records", EXPECT, is_srec},
    {KIND_LOG, "a session of sigrok or PulseView (.sr)", RECORD_LINE, is_sigrok},
    {KIND_LOG, "a session of Saleae Logic (.sal)", RECORD_LINE, is_saleae},
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
    {KIND_LOG, "a raw data export of Saleae Logic", RECORD_LINE, is_saleae_binary},
    {KIND_LOG, "a Vector BLF log", SAVE_AGAIN " (from release 4.4 on)", is_blf},
    {KIND_LOG, "a capture in the format of snoop", SAVE_AGAIN, is_snoop},
    {KIND_LOG, "a capture of Microsoft Network Monitor", SAVE_AGAIN, is_netmon},
    {KIND_LOG, "a pcap file in a modified format", SAVE_AGAIN, is_pcap_modified},
    {KIND_LOG, "an event trace of Windows (.etl)", "capture with USBPcap in Wireshark instead",
     is_etl},
    {KIND_LOG, "a log of STM32CubeProgrammer", "it lacks part of the traffic; " RECORD,
     is_cubeprogrammer},
    {KIND_LOG, "output of dfu-util", "it does not hold the traffic; " RECORD, is_dfu_util},
    {KIND_LOG, "a debug log of libusb", "it does not hold the traffic; " RECORD, is_libusb},
    {KIND_LOG, "output of stm32flash", "it does not hold the traffic; " RECORD, is_stm32flash},
    {KIND_LOG, "a trace of strace", RECORD, is_strace},
    {KIND_LOG, "output of candump without -L", RECORD_CAN, is_candump_screen},
    {KIND_LOG, "a Vector ASC log", "convert it with: asc2log -I FILE >flash.log", is_asc},
    {KIND_LOG, "a trace of PEAK PCAN (.trc)", RECORD_CAN, is_trc},
    {KIND_LOG, "a log of BUSMASTER", SAVE_AGAIN, is_busmaster},
    {KIND_LOG, "a log of Kvaser CanKing", RECORD_CAN, is_kvaser},
    {KIND_LOG, "a CAN log of SavvyCAN (GVRET CSV)", RECORD_CAN, is_gvret},
    {KIND_LOG, "what an slcan adapter says", RECORD_CAN, is_slcan},
    {KIND_LOG, "text of usbmon", "it cuts data off after 32 bytes; " RECORD_USB, is_usbmon_text},
    {KIND_LOG, "a waveform of a logic analyser (VCD)", RECORD_LINE, is_vcd},
    {KIND_LOG, "samples of a logic analyser (sigrok CSV)", RECORD_LINE, is_sigrok_csv},
    {KIND_LOG, "annotations of sigrok-cli", RECORD_LINE, is_sigrok_annotations},
    {KIND_LOG, "a table of Saleae Logic (CSV)", RECORD_LINE, is_saleae_csv},
    {KIND_LOG, "a log of socat -x", RECORD_LINE, is_socat},
    {KIND_LOG, "a log of jpnevulator", RECORD_LINE, is_jpnevulator},
    {KIND_LOG, "a log of interceptty", RECORD_LINE, is_interceptty},
    {KIND_LOG, "a log of slsnif", RECORD_LINE, is_slsnif},
    {KIND_LOG, "a log of Portmon", RECORD_LINE, is_portmon},
    {KIND_LOG, "a log of Serial Port Monitor", RECORD_LINE, is_port_monitor},
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

/** Where text begins, behind what editors, forums and mail put before it. */
static size_t find_text(const struct kind_first *first)
{
    size_t at = BYTES(0, "\xef\xbb\xbf") ? 3 : 0;

    while (at < first->length && (strchr(" \t\r\n", first->bytes[at]) != NULL) &&
           first->bytes[at] != '\0')
        at++;
    return at;
}

/** The first kind that the bytes are of; NULL: none. */
static const struct kind *find(const struct kind_first *first)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].probe(first))
            return &kinds[i];
    return NULL;
}

/**
 * What stands behind the marks of a mail or a post. Logs that have such marks themselves were found
 * before. What would be read without them is told to be quoted.
 */
static const struct kind *find_quoted(struct kind_first *first)
{
    static const struct kind quoted = {KIND_OTHER, "text that is quoted, as in a mail",
                                       "take the marks off first, with: sed 's/^[> ]*//' FILE",
                                       NULL};
    const struct kind *kind;

    while (first->text < first->length && first->bytes[first->text] != '\0' &&
           strchr("> \t", first->bytes[first->text]) != NULL)
        first->text++;
    if (first->text == first->length)
        return NULL;
    kind = find(first);
    return kind == NULL || (kind->kind_class != KIND_CAPTURE && kind->kind_class != KIND_FIRMWARE)
               ? kind
               : &quoted;
}

const struct kind *kind_find(const uint8_t *bytes, size_t length)
{
    const struct kind *kind;
    struct kind_first first = {bytes, length < KIND_FIRST_SIZE ? length : KIND_FIRST_SIZE, 0};

    first.text = find_text(&first);
    if (first.text == first.length)
        first.text = 0;
    kind = find(&first);
    if (kind == NULL && first.text < first.length && bytes[first.text] == '>')
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
