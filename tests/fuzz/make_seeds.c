/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * make_seeds CORPUS [CAPTURE...]: writes the fuzz targets' seeds. Those of the decoders are written
 * out below, from the application notes; those of the link types are the first records of captures.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEED_MAX   4096
#define DELAY_1_MS (7 << 3 | 7) /* 7 us times 2^7: nearly 1 ms */

struct seed {
    uint8_t bytes[SEED_MAX];
    size_t length;
};

/** Lines of who speaks, then bytes in hex. */
struct conversation {
    const char *kind;
    const char *name;
    const char *text;
};

/* USART: > host, < device, ? unknown, ! an event: kind, then two bytes of values. */
/* DFU: > setup and OUT data, < status of the transfer and IN data, @ device (a layout string). */
/* FDCAN: > host, < device, ? unknown: identifier (4 bytes), data. */
/* Descriptors: * a transfer, as descriptors.c reads it. */
/* Adapters: * a step, as adapter.c reads it. */
static const struct conversation conversations[] = {
    {"usart", "connect",
     "> 7f\n< 79\n> 00 ff\n< 79 0b 31 00 01 02 11 21 31 44 63 73 82 92 79\n> 01 fe\n"
     "< 79 31 00 00 79\n> 02 fd\n< 79 01 04 13 79\n"},
    {"usart", "write-verify",
     "> 31 ce\n< 79\n> 08 00 04 00 0c\n< 79\n> 03 01 02 03 04 07\n< 79\n> 11 ee\n< 79\n"
     "> 08 00 04 00 0c\n< 79\n> 03 fc\n< 79 01 02 03 04\n> 21 de\n< 79\n> 08 00 00 00 08\n< 79\n"},
    {"usart", "erase",
     "> 43 bc\n< 79\n> ff 00\n< 79\n> 44 bb\n< 79\n> ff ff 00\n< 79\n> 44 bb\n< 79\n"
     "> 00 01 00 02 00 03 00\n< 79\n> 43 bc\n< 79\n> 01 02 03 00\n< 79\n"},
    {"usart", "protection",
     "> 63 9c\n< 79\n> 01 02 03 00\n< 79\n> 7f\n< 79\n> 73 8c\n< 79 79\n> 82 7d\n< 79 79\n"
     "> 92 6d\n< 79 79\n"},
    {"usart", "read-protected", "> 7f\n< 79\n> 31 ce\n< 1f\n> 11 ee\n< 1f 1f\n> 44 bb\n< 1f\n"},
    {"usart", "checksum",
     "> a1 5e\n< 79\n> 08 00 00 00 08\n< 79\n> 00 00 01 00 01\n< 79\n> 04 c1 1d b7 6f\n< 79\n"
     "> ff ff ff ff 00\n< 79 79 12 34 56 78 08\n"},
    {"usart", "special",
     "> 50 af\n< 79\n> 00 01 01\n< 79\n> 00 02 aa bb 13\n< 79 00 01 cc 00 01 00 79\n"
     "> 51 ae\n< 79\n> 00 02 02\n< 79\n> 00 00 00\n< 79\n> 00 01 55 54\n< 79 00 01 00 79\n"},
    {"usart", "unknown-direction",
     "? 7f\n? 79\n? 00 ff\n? 79 0b 31 00 01 02 11 21 31 44 63 73 82 92 79\n? 11 ee 79\n"},
    {"usart", "line-trouble",
     "! 06 00 00\n> 7f\n! 00 02 00\n< 00 79\n> 31 ce\n! 04 0a 00\n< 79\n> 7f 7f\n< 1f\n"
     "< 48 65 6c 6c 6f 2c 20 77 6f 72 6c 64 0d 0a\n> 31 cf\n"},
    {"dfu", "write",
     "@ 40 @Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg\n"
     "> a1 03 00 00 00 00 06 00\n< 00 0a 00 00 00 0a 00\n> 21 04 00 00 00 00 00 00\n< 00\n"
     "> 21 01 00 00 00 00 05 00 41 00 00 00 08\n< 00\n> a1 03 00 00 00 00 06 00\n"
     "< 00 00 28 00 00 04 00\n> a1 03 00 00 00 00 06 00\n< 00 00 28 00 00 05 00\n"
     "> 21 01 00 00 00 00 05 00 21 00 00 00 08\n< 00\n> a1 03 00 00 00 00 06 00\n"
     "< 00 00 48 00 00 04 00\n> a1 03 00 00 00 00 06 00\n< 00 00 00 00 00 05 00\n"
     "> 21 01 02 00 00 00 08 00 01 02 03 04 05 06 07 08\n< 00\n> a1 03 00 00 00 00 06 00\n"
     "< 00 00 48 00 00 04 00\n> a1 03 00 00 00 00 06 00\n< 00 00 00 00 00 05 00\n"
     "> 21 01 00 00 00 00 00 00\n< 00\n> a1 03 00 00 00 00 06 00\n< 00 00 01 00 00 07 00\n"},
    {"dfu", "read",
     "> 21 06 00 00 00 00 00 00\n< 00\n> a1 02 00 00 00 00 04 00\n< 00 00 21 41 92\n"
     "> a1 02 02 00 00 00 08 00\n< 00 01 02 03 04 05 06 07 08\n> a1 05 00 00 00 00 01 00\n"
     "< 00 09\n"},
    {"dfu", "protected",
     "> 21 01 00 00 00 00 05 00 41 00 00 00 08\n< 00\n> a1 03 00 00 00 00 06 00\n"
     "< 00 0b 00 00 00 0a 00\n> 21 01 00 00 00 00 01 00 92\n< 01\n"},
    {"dfu", "plain",
     "> a1 03 00 00 00 00 06 00\n< 00 00 00 00 00 02 00\n> 21 01 00 00 00 00 04 00 01 02 03 04\n"
     "< 00\n> a1 03 00 00 00 00 06 00\n< 00 00 00 00 00 05 00\n> 21 01 01 00 00 00 00 00\n< 00\n"},
    {"fdcan", "connect",
     "> 00000111 5a\n< 00000111 79\n> 00000000\n< 00000000 79\n< 00000000 02\n< 00000000 20\n"
     "< 00000000 00\n< 00000000 11\n< 00000000 79\n> 00000002\n< 00000002 79\n"
     "< 00000002 04 50\n< 00000002 79\n"},
    {"fdcan", "write-read",
     "> 00000031 08 00 00 00 07\n< 00000031 79\n> 00000031 01 02 03 04 05 06 07 08\n"
     "< 00000031 79\n> 00000011 08 00 00 00 07\n< 00000011 79\n"
     "< 00000011 01 02 03 04 05 06 07 08\n< 00000011 79\n> 00000021 08 00 00 00\n"
     "< 00000021 79\n< 00000021 79\n"},
    {"fdcan", "erase",
     "? 00000044 ff ff\n? 00000044 79\n? 00000044 79\n? 00000044 00 02\n? 00000044 79\n"
     "? 00000044 79\n? 00000044 00 03 00 04\n? 00000044 79\n? 00000063 01 02\n? 00000063 1f\n"},
    {"can", "connect",
     "> 00000079\n< 00000079 79\n> 00000000\n< 00000000 79\n< 00000000 02\n< 00000000 20\n"
     "< 00000000 00\n< 00000000 11\n< 00000000 79\n> 00000002\n< 00000002 79\n"
     "< 00000002 04 13\n< 00000002 79\n> 00000003 03\n< 00000003 79\n< 00000003 79\n"},
    {"can", "write-read",
     "> 00000031 08 00 00 00 0b\n< 00000031 79\n> 00000004 01 02 03 04 05 06 07 08\n"
     "< 00000031 79\n> 00000004 09 0a 0b 0c\n< 00000031 79\n< 00000031 79\n"
     "> 00000011 08 00 00 00 09\n< 00000011 79\n< 00000011 01 02 03 04 05 06 07 08\n"
     "< 00000011 79\n< 00000011 1f\n< 00000011 79\n> 00000021 08 00 00 00\n< 00000021 79\n"},
    {"can", "erase",
     "? 00000079\n? 00000079 1f\n? 00000043 ff\n? 00000043 79\n? 00000043 79\n? 00000043 79\n"
     "? 00000043 08\n? 00000043 79\n? 00000043 79\n? 00000043 00 01 02 03 04 05 06 07\n"
     "? 00000043 79\n? 00000043 08\n? 00000043 79\n? 00000063 00\n? 00000063 1f\n"},
    {"descriptors", "dfuse",
     "* 00 80 06 0100 12 12 01 00 01 00 00 00 40 83 04 11 df 00 22 01 02 03 01\n"
     "* 00 80 06 0200 1b 09 02 1b 00 01 01 00 c0 32 09 04 00 00 00 fe 01 02 04 09 21 0b ff 00 "
     "00 08 1a 01\n"
     "* 00 80 06 0304 0a 0a 03 40 00 41 00 2f 00 30 00\n"
     "* 00 01 0b 0001 00\n"},
    {"adapter", "cdc-acm",
     "* 00 0483 3753 0100 0200\n* 01 02 02 02\n* 01 03 0a 00\n* 02 85 02 03 000a\n"
     "* 02 04 03 02 0040\n* 02 84 03 02 0040\n* 03 00 21 20 0000 0002 07 00c20100000208\n"
     "* 03 00 21 22 0003 0002 00\n* 04 00 04 00 00 01 7f\n* 04 02 04 00 00 01 00\n"
     "* 04 02 84 00 00 01 79\n* 04 03 85 00 00 08 a120000000000200\n* 04 03 85 00 00 02 2300\n"},
    {"adapter", "ftdi",
     "* 03 00 40 03 001a 0000 00\n* 03 00 40 04 4208 0000 00\n* 03 00 40 01 0303 0000 00\n"
     "* 04 02 81 00 00 02 0160\n* 04 00 02 00 00 01 7f\n* 04 02 81 00 00 03 016479\n"
     "* 00 0403 6001 0100 0110\n* 02 81 00 02 0008\n* 01 00 ff ff\n* 02 02 00 02 0008\n"
     "* 04 02 81 00 02 0a 01600102030405060160\n* 04 00 02 00 00 03 0900ff\n"},
    {"adapter", "cp210x",
     "* 00 10c4 ea70 0100 0200\n* 03 00 41 00 0001 0000 00\n* 03 00 41 1e 0000 0000 04 00c20100\n"
     "* 03 00 41 03 0820 0000 00\n* 03 00 41 15 00ec 0000 00\n* 04 00 01 00 00 01 7f\n"
     "* 04 02 81 00 00 09 79ec00ec010455ec02\n* 04 02 81 00 01 04 10ec03f0\n"
     "* 03 00 c1 10 0000 0000 01 1f\n* 03 00 41 05 0001 0000 00\n"},
    {"adapter", "ch34x",
     "* 03 00 c0 5f 0000 0000 02 3100\n* 03 00 40 9a 1312 cc83 00\n* 03 00 40 9a 2518 00db 00\n"
     "* 03 00 40 a4 ff9f 0000 00\n* 03 00 40 a1 db9c cc83 00\n* 03 00 40 9a 1805 9bfe 00\n"
     "* 04 00 02 00 00 01 7f\n* 04 02 82 00 00 01 79\n* 04 03 81 00 00 04 4600f5ee\n"},
    {"adapter", "pl2303",
     "* 03 00 c0 01 8484 0000 01 02\n* 03 00 21 20 0000 0000 07 80030080000208\n"
     "* 03 00 21 22 0003 0000 00\n* 03 00 21 23 ffff 0000 00\n* 04 00 02 00 00 01 7f\n"
     "* 04 02 83 00 00 01 79\n* 04 03 81 00 00 0a a120000000000200ff00\n"},
};

static void append(struct seed *seed, uint8_t byte)
{
    if (seed->length == SEED_MAX) {
        fprintf(stderr, "a seed is too long\n");
        exit(1);
    }
    seed->bytes[seed->length++] = byte;
}

static void append_all(struct seed *seed, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        append(seed, bytes[i]);
}

/** Hex digits in pairs, blanks anywhere between; stops at anything else. */
static size_t parse_hex(const char *text, uint8_t *bytes, size_t size)
{
    size_t length = 0;

    for (;;) {
        char pair[3] = {0};

        text += strspn(text, " ");
        if (strspn(text, "0123456789abcdef") < 2 || length == size)
            return length;
        memcpy(pair, text, 2);
        bytes[length++] = (uint8_t)strtoul(pair, NULL, 16);
        text += 2;
    }
}

static void append_be32(struct seed *seed, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        append(seed, (uint8_t)(value >> shift));
}

static void append_le(struct seed *seed, uint32_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        append(seed, i < 4 ? (uint8_t)(value >> 8 * i) : 0);
}

/** What record.c wants before a record of this many bytes. */
static void begin_record(struct seed *seed, size_t captured)
{
    if (seed->length == 0)
        append(seed, 0); /* serial directions as recorded */
    append(seed, 0);
    append(seed, DELAY_1_MS);
    append(seed, (uint8_t)(captured >> 8));
    append(seed, (uint8_t)captured);
}

/** A line of a conversation, taken apart. */
struct line {
    char who;
    const char *text; /**< behind who */
    uint8_t bytes[128];
    size_t length;
};

static void usart_line(struct seed *seed, const struct line *line)
{
    if (line->who == '!') {
        append(seed, 0xc0 | line->bytes[0]);
        append(seed, DELAY_1_MS);
        append_all(seed, line->bytes + 1, 2);
        return;
    }
    append(seed, (uint8_t)((line->who == '>'   ? 0x40u
                            : line->who == '<' ? 0x80u
                                               : 0) |
                           (line->length - 1)));
    append(seed, DELAY_1_MS);
    append_all(seed, line->bytes, line->length);
}

/* LINKTYPE_RTAC_SERIAL: time, event (1 host, 2 device, 8 parity error), lines, 2 bytes, data */
static void rtac_line(struct seed *seed, const struct line *line)
{
    const size_t length = line->who == '!' ? 0 : line->length;

    begin_record(seed, 12 + length);
    append_be32(seed, 1700000000);
    append_be32(seed, 0);
    append(seed, line->who == '!' ? 8 : line->who == '<' ? 2 : 1);
    append_le(seed, 0, 3);
    append_all(seed, line->bytes, length);
}

static void dfu_line(struct seed *seed, const struct line *line)
{
    const size_t fixed = line->who == '>' ? 8 : 1;

    append(seed, line->who == '>' ? 0 : line->who == '<' ? 1 : 3);
    append(seed, DELAY_1_MS);
    append_all(seed, line->bytes, fixed);
    if (line->who == '@') {
        const char *layout = strchr(line->text, '@');

        append(seed, (uint8_t)strcspn(layout, "\n"));
        append_all(seed, (const uint8_t *)layout, strcspn(layout, "\n"));
        return;
    }
    if (line->who == '>' && line->bytes[0] & 0x80)
        return; /* IN: no data with the submission */
    append(seed, (uint8_t)(line->length - fixed));
    append_all(seed, line->bytes + fixed, line->length - fixed);
}

/* LINKTYPE_USB_LINUX, 48 bytes, and with 16 more LINKTYPE_USB_LINUX_MMAPPED */
static void usbmon_line(struct seed *seed, const struct line *line, size_t header)
{
    static const uint8_t no_setup[8];
    const bool submission = line->who == '>';
    const size_t fixed = submission ? 8 : 1;
    const size_t length = line->length - fixed;

    if (line->who == '@')
        return;
    begin_record(seed, header + length);
    append_le(seed, 0x1234, 8); /* id of the URB */
    append(seed, submission ? 'S' : 'C');
    append(seed, 2); /* control */
    append(seed, 0);
    append(seed, 28); /* device */
    append_le(seed, 1, 2);
    append(seed, submission ? 0 : '-');
    append(seed, length > 0 ? 0 : '>');
    append_le(seed, 1700000000, 8);
    append_le(seed, 0, 4);
    append_le(seed, submission ? 0xffffff8d : line->bytes[0] ? 0xffffffe0 : 0, 4);
    append_le(seed, (uint32_t)length, 4);
    append_le(seed, (uint32_t)length, 4);
    append_all(seed, submission ? line->bytes : no_setup, 8);
    append_le(seed, 0, header - 48);
    append_all(seed, line->bytes + fixed, length);
}

static void usbmon48_line(struct seed *seed, const struct line *line)
{
    usbmon_line(seed, line, 48);
}

static void usbmon64_line(struct seed *seed, const struct line *line)
{
    usbmon_line(seed, line, 64);
}

/* LINKTYPE_USBPCAP: header of 28 bytes with the control stage, then setup and data */
static void usbpcap_line(struct seed *seed, const struct line *line)
{
    const bool submission = line->who == '>';
    const size_t skipped = submission ? 0 : 1;
    const size_t length = line->length - skipped;

    if (line->who == '@')
        return;
    begin_record(seed, 28 + length);
    append_le(seed, 28, 2);
    append_le(seed, 0x1234, 8); /* id of the IRP */
    append_le(seed, !submission && line->bytes[0] ? 0xc0000004 : 0, 4);
    append_le(seed, 8, 2); /* URB_FUNCTION_CONTROL_TRANSFER */
    append(seed, submission ? 0 : 1);
    append_le(seed, 1, 2);
    append_le(seed, 28, 2);
    append(seed, 0);
    append(seed, 2); /* control */
    append_le(seed, (uint32_t)length, 4);
    append(seed, submission ? 0 : 3);
    append_all(seed, line->bytes + skipped, length);
}

static void frame_line(struct seed *seed, const struct line *line, uint8_t fd)
{
    append_all(seed, line->bytes, 4);
    append(seed, (uint8_t)(line->length - 4));
    append(seed, (uint8_t)(fd | (line->who == '>' ? 1 << 4 : line->who == '<' ? 1 << 5 : 0)));
    append(seed, DELAY_1_MS);
    append(seed, 0);
    append_all(seed, line->bytes + 4, line->length - 4);
}

static void fdcan_line(struct seed *seed, const struct line *line)
{
    frame_line(seed, line, 1 << 2);
}

static void can_line(struct seed *seed, const struct line *line)
{
    frame_line(seed, line, 0);
}

/* The frame behind its identifier, as LINKTYPE_CAN_SOCKETCAN and the cooked ones have it. */
static void append_frame(struct seed *seed, const struct line *line)
{
    append(seed, (uint8_t)(line->length - 4));
    append(seed, 1 << 2); /* CANFD_FDF */
    append_le(seed, 0, 2);
    append_all(seed, line->bytes + 4, line->length - 4);
    append_le(seed, 0, 64 - (line->length - 4));
}

static void socketcan_line(struct seed *seed, const struct line *line)
{
    begin_record(seed, 72);
    append_all(seed, line->bytes, 4);
    append_frame(seed, line);
}

/* LINKTYPE_LINUX_SLL, ARPHRD_CAN, protocol 0x000d; the identifier in the host's order */
static void sll_line(struct seed *seed, const struct line *line)
{
    static const uint8_t header[16] = {0, 0, 0x01, 0x18, [15] = 0x0d};

    begin_record(seed, sizeof(header) + 72);
    append_all(seed, header, sizeof(header));
    for (size_t i = 4; i > 0; i--)
        append(seed, line->bytes[i - 1]);
    append_frame(seed, line);
}

/* LINKTYPE_LINUX_SLL2, likewise, interface 3 */
static void sll2_line(struct seed *seed, const struct line *line)
{
    static const uint8_t header[20] = {0, 0x0d, [7] = 3, [8] = 0x01, [9] = 0x18};

    begin_record(seed, sizeof(header) + 72);
    append_all(seed, header, sizeof(header));
    for (size_t i = 4; i > 0; i--)
        append(seed, line->bytes[i - 1]);
    append_frame(seed, line);
}

static void descriptors_line(struct seed *seed, const struct line *line)
{
    append_all(seed, line->bytes, line->length);
}

/** Which conversations make seeds of which target, and how. */
static const struct {
    const char *conversation;
    const char *target;
    void (*add)(struct seed *seed, const struct line *line);
} writers[] = {
    {"usart", "usart", usart_line},
    {"usart", "chunking", usart_line},
    {"usart", "rtac", rtac_line},
    {"dfu", "dfu", dfu_line},
    {"dfu", "usbmon", usbmon64_line},
    {"dfu", "usbmon48", usbmon48_line},
    {"dfu", "usbpcap", usbpcap_line},
    {"fdcan", "fdcan", fdcan_line},
    {"can", "can", can_line},
    {"fdcan", "socketcan", socketcan_line},
    {"fdcan", "sll", sll_line},
    {"fdcan", "sll2", sll2_line},
    {"descriptors", "descriptors", descriptors_line},
    {"adapter", "adapter", descriptors_line},
};

static void save(const struct seed *seed, const char *corpus, const char *target, const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", corpus, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        perror(path);
        exit(1);
    }
    snprintf(path, sizeof(path), "%s/%s/%s", corpus, target, name);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(seed->bytes, 1, seed->length, file) != seed->length ||
        fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void make_conversation(const char *corpus, const struct conversation *conversation)
{
    for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
        struct seed seed = {.length = 0};
        const char *text = conversation->text;

        if (strcmp(writers[i].conversation, conversation->kind) != 0)
            continue;
        while (*text != '\0') {
            struct line line = {.who = *text, .text = text + 1};

            line.length = parse_hex(line.text, line.bytes, sizeof(line.bytes));
            writers[i].add(&seed, &line);
            text += strcspn(text, "\n");
            text += *text == '\n';
        }
        save(&seed, corpus, writers[i].target, conversation->name);
    }
}

/** The targets of the link types; diagnosis.c and plan.c name a link type by its place here. */
static const struct {
    int linktype;
    const char *target;
} targets[] = {
    {DLT_RTAC_SERIAL, "rtac"}, {DLT_USB_LINUX_MMAPPED, "usbmon"}, {DLT_USB_LINUX, "usbmon48"},
    {DLT_USBPCAP, "usbpcap"},  {DLT_CAN_SOCKETCAN, "socketcan"},  {DLT_LINUX_SLL, "sll"},
    {DLT_LINUX_SLL2, "sll2"},  {DLT_USB_DARWIN, "darwin"},        {DLT_USB_2_0, "usb_packets"},
};

static void save_for_linktype(struct seed *seed, int linktype, const char *corpus, const char *name)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (targets[i].linktype != linktype)
            continue;
        save(seed, corpus, targets[i].target, name);
        seed->bytes[0] = (uint8_t)i;
        save(seed, corpus, "diagnosis", name);
        save(seed, corpus, "plan", name);
    }
}

/** The first records of a capture, as many as fit, in the form that record.c reads. */
static void make_from_capture(const char *corpus, const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, error);
    struct seed seed = {.length = 0};
    const char *name = strrchr(path, '/');
    struct pcap_pkthdr *header;
    const u_char *bytes;

    if (pcap == NULL) {
        fprintf(stderr, "%s: %s\n", path, error);
        exit(1);
    }
    while (pcap_next_ex(pcap, &header, &bytes) == 1 &&
           seed.length + 5 + header->caplen <= SEED_MAX) {
        begin_record(&seed, header->caplen);
        append_all(&seed, bytes, header->caplen);
    }
    save_for_linktype(&seed, pcap_datalink(pcap), corpus, name != NULL ? name + 1 : path);
    pcap_close(pcap);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: make_seeds CORPUS [CAPTURE...]\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++)
        make_conversation(argv[1], &conversations[i]);
    for (int i = 2; i < argc; i++)
        make_from_capture(argv[1], argv[i]);
    return 0;
}
