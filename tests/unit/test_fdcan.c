/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exchanges of AN5405, worked out by hand from its sections and from what ST's Open Bootloader
 * (OpenBL), RAMN's canboot (STM32L5) and a flasher for STM32H7 (MIOS) put on the wire.
 *
 * A frame is written as its identifier and its bytes in hexadecimal; N*XX stands for N (decimal)
 * bytes XX. A transaction is written as `what it was | how it ended | its notes`.
 */
#include "boottap/fdcan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector.h"
#include "test.h"

#define FRAMES_MAX       48
#define TRANSACTIONS_MAX 8
#define LINE_SIZE        512

struct vector {
    const char *name;
    bool joined;     /**< something goes before it: alone, its first frame proves nothing */
    bool ends_early; /**< a proper prefix may be complete */
    const char *frames[FRAMES_MAX];
    const char *transactions[TRANSACTIONS_MAX];
    const char *loose; /**< notes that belong to no transaction */
};

/* Get ID of an STM32H743 (0x450) by OpenBL: ACK, two bytes, ACK */
static const char *const preamble[] = {"002", "002 79", "002 04 50", "002 79", NULL};
static const char preamble_line[] = "Get ID 0x450 | ok";

/** A capture that is being decoded. */
struct capture {
    struct collector collector;
    struct btap_link link;
    struct btap_fdcan fdcan;
    uint64_t packet;
    btap_ns time;
};

static void open_capture(struct capture *capture)
{
    memset(&capture->link, 0, sizeof(capture->link));
    capture->link.kind = BTAP_LINK_CAN;
    capture->link.transport = BTAP_FDCAN;
    capture->packet = 0;
    capture->time = 0;
    collector_init(&capture->collector);
    btap_fdcan_init(&capture->fdcan, &capture->collector.sink, &capture->link);
}

static void close_capture(struct capture *capture)
{
    collector_release(&capture->collector);
}

/** Feeds a copy of exactly the frame's size that is gone afterwards: nothing may point to it. */
static bool feed(struct capture *capture, struct btap_can_frame frame)
{
    uint8_t *data = frame.captured > 0 ? malloc(frame.captured) : NULL;
    uint8_t *id = malloc(4);
    bool ours;

    assert_non_null(id);
    if (frame.captured > 0) {
        assert_non_null(data);
        memcpy(data, frame.data, frame.captured);
    }
    for (unsigned i = 0; i < 4; i++)
        id[i] = (uint8_t)(frame.id >> (24 - 8 * i));
    frame.data = data;
    frame.id_bytes = id;
    frame.id_offset = 0;
    frame.at = (struct btap_origin){++capture->packet, 8, capture->time};
    capture->time += 1000;
    ours = btap_fdcan_frame(&capture->fdcan, &frame);
    free(data);
    free(id);
    return ours;
}

/** Reads a frame's text; the bytes go to data. */
static struct btap_can_frame frame_of(const char *text, uint8_t data[64])
{
    struct btap_can_frame frame = {.fd = true, .data = data};
    char *end;

    frame.id = (uint32_t)strtoul(text, &end, 16);
    while (*end == ' ') {
        char *number = end + 1;
        unsigned long times = 1;

        if (strchr(number, '*') != NULL && strchr(number, '*') < number + strcspn(number, " ")) {
            times = strtoul(number, &end, 10);
            number = end + 1;
        }
        for (unsigned long value = strtoul(number, &end, 16); times > 0; times--) {
            assert_true(frame.length < 64);
            data[frame.length++] = (uint8_t)value;
        }
    }
    assert_int_equal(*end, '\0');
    frame.captured = frame.length;
    return frame;
}

static bool feed_text(struct capture *capture, const char *text)
{
    uint8_t data[64];

    return feed(capture, frame_of(text, data));
}

static void feed_all(struct capture *capture, const char *const *frames)
{
    for (; *frames != NULL; frames++)
        feed_text(capture, *frames);
}

/** Text that grows. */
struct line {
    char text[LINE_SIZE];
    size_t length;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    line->length +=
        (size_t)vsnprintf(line->text + line->length, LINE_SIZE - line->length, format, arguments);
    va_end(arguments);
    assert_true(line->length < LINE_SIZE);
}

static void add_list(struct line *line, const struct btap_transaction *transaction,
                     const char *entries)
{
    add(line, " %u %s%s", transaction->list_announced, entries,
        transaction->list_announced == 1 ? "" : "s");
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        add(line, "%s %u", i == 0 ? ":" : "", transaction->list[i]);
}

static void add_values(struct line *line, const struct btap_transaction *transaction)
{
    const uint32_t has = transaction->has;

    if (transaction->command == BTAP_COMMAND_UNKNOWN)
        add(line, " 0x%02x", transaction->opcode);
    if (transaction->erase == BTAP_ERASE_PAGES)
        add_list(line, transaction, "page");
    else if (transaction->erase != BTAP_ERASE_NONE)
        add(line, " %s", btap_erase_name(transaction->erase));
    if (transaction->list_kind == BTAP_LIST_SECTORS)
        add_list(line, transaction, "sector");
    if (has & BTAP_HAS_ADDRESS)
        add(line, " 0x%08x", transaction->address);
    if (has & BTAP_HAS_LENGTH)
        add(line, " %u byte%s", transaction->length, transaction->length == 1 ? "" : "s");
    if (has & BTAP_HAS_SUBCOMMAND)
        add(line, " 0x%04x", transaction->subcommand);
    if (has & BTAP_HAS_VERSION)
        add(line, " %u.%u", transaction->version >> 4, transaction->version & 0xfu);
    if (transaction->list_kind == BTAP_LIST_COMMANDS && transaction->status == BTAP_OK)
        add(line, ", %u commands", transaction->list_length);
    if (has & BTAP_HAS_PID)
        add(line, " 0x%03x", transaction->pid);
}

/** A transaction as the vectors write it. */
static const char *line_of(const struct btap_transaction *transaction, struct line *line)
{
    line->length = 0;
    add(line, "%s", btap_command_label(transaction->command));
    add_values(line, transaction);
    add(line, " | %s", btap_status_name(transaction->status));
    if (transaction->status != BTAP_OK)
        add(line, " (%s)", btap_phase_name(transaction->phase));
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        add(line, "%s%s", i == 0 ? " | " : " ", btap_note_name(transaction->notes[i].id));
    return line->text;
}

static void assert_line(const struct capture *capture, size_t index, const char *expected)
{
    struct line line;

    assert_true(index < capture->collector.transactions_length);
    assert_string_equal(line_of(&capture->collector.transactions[index], &line), expected);
    assert_int_equal(capture->collector.transactions[index].n, index + 1);
}

static void assert_loose_notes(const struct capture *capture, const char *expected)
{
    struct line line = {.length = 0};

    for (size_t i = 0; i < capture->collector.notes_length; i++)
        if (capture->collector.notes[i].n == 0)
            add(&line, "%s%s", line.length == 0 ? "" : " ",
                btap_note_name(capture->collector.notes[i].note.id));
    assert_string_equal(line.text, expected != NULL ? expected : "");
}

#define FDCAN_COMMANDS "000 00", "000 01", "000 02", "000 11", "000 21", "000 31", "000 44"

static const struct vector vectors[] = {
    /* Section 1: the detection frame. Whether it is answered is not documented. */
    {.name = "detection frame, acknowledged",
     .frames = {"111 5a", "111 79"},
     .transactions = {"Sync | ok"}},
    {.name = "detection frame with the identifier of section 1, 0x011",
     .frames = {"011 5a", "011 79"},
     .transactions = {"Sync | ok"}},
    {.name = "detection frame taken as Read Memory by a device before 2.2 (OpenBL)",
     .frames = {"111 5a", "111 1f"},
     .transactions = {"Sync | nack (sync) | detection-refused"}},
    {.name = "detection frame without an answer of its own",
     .frames = {"111 5a", "002", "002 79", "002 04 84", "002 79"},
     .transactions = {"Sync | ok | detection-unanswered", "Get ID 0x484 | ok"}},
    {.name = "detection frame and command without answer",
     .frames = {"111 5a", "002", "000", "000 79"},
     .transactions = {"Sync | no-reply (sync)", "Get ID | no-reply (command)",
                      "Get | incomplete (reply)"}},
    {.name = "detection frame repeated until it is answered",
     .frames = {"111 5a", "111 5a", "111 79"},
     .transactions = {"Sync | no-reply (sync)", "Sync | ok | detection-repeated"}},

    /* 3.1: 11 commands, version 1.1, with the opcodes of the note's first list */
    {.name = "Get of protocol 1.1",
     .frames = {"000", "000 79", "000 0b", "000 11", FDCAN_COMMANDS, "000 63", "000 73", "000 82",
                "000 92", "000 79"},
     .transactions = {"Get 1.1, 11 commands | ok"}},
    /* 3.1, the second list: 10 commands of protocol 2.0 on a device without RDP */
    {.name = "Get of protocol 2.0",
     .frames = {"000", "000 79", "000 0a", "000 20", FDCAN_COMMANDS, "000 50", "000 63", "000 73",
                "000 79"},
     .transactions = {"Get 2.0, 10 commands | ok"}},
    {.name = "Get with one dummy byte, answers on 0x111",
     .joined = true,
     .frames = {"000 00", "111 79", "111 02", "111 22", "111 00", "111 02", "111 79"},
     .transactions = {"Get 2.2, 2 commands | ok"}},
    {.name = "Get that announces N-1",
     .frames = {"000", "000 79", "000 01", "000 20", "000 00", "000 02", "000 79"},
     .transactions = {"Get 2.0, 2 commands | ok | command-count-wrong"}},
    {.name = "Get that counts the version too",
     .frames = {"000", "000 79", "000 03", "000 20", "000 00", "000 02", "000 79"},
     .transactions = {"Get 2.0, 2 commands | ok | command-count-wrong"}},
    /* Bootloader V13.3 of STM32H743: 13 announced, 11 listed */
    {.name = "Get of an H743 that announces 13 of 11",
     .frames = {"000", "000 79", "000 0d", "000 20", FDCAN_COMMANDS, "000 63", "000 73", "000 82",
                "000 92", "000 79"},
     .transactions = {"Get 2.0, 11 commands | ok | command-count-wrong"}},
    {.name = "Get refused",
     .joined = true,
     .frames = {"000", "000 1f"},
     .transactions = {"Get | nack (command)"}},

    /* 3.2: version, then two dummy bytes */
    {.name = "Get Version in two frames (OpenBL)",
     .frames = {"001", "001 79", "001 22", "001 00 00", "001 79"},
     .transactions = {"Get Version 2.2 | ok"}},
    {.name = "Get Version in one frame",
     .frames = {"001", "001 79", "001 22 00 00", "001 79"},
     .transactions = {"Get Version 2.2 | ok"}},
    {.name = "Get Version in three frames",
     .frames = {"001", "001 79", "001 22", "001 00", "001 00", "001 79"},
     .transactions = {"Get Version 2.2 | ok"}},
    {.name = "Get Version without the dummy bytes",
     .frames = {"001", "001 79", "001 22", "001 79"},
     .transactions = {"Get Version 2.2 | ok | reply-short"}},

    /* 3.3: MSB first */
    {.name = "Get ID",
     .frames = {"002", "002 79", "002 04 72", "002 79"},
     .transactions = {"Get ID 0x472 | ok"}},
    {.name = "Get ID in two frames, of which the second looks like an ACK",
     .frames = {"002", "002 79", "002 04", "002 79", "002 79"},
     .transactions = {"Get ID 0x479 | ok"}},

    /* 3.4: 100 bytes are two frames, the last one padded with FF (OpenBL) */
    {.name = "Read Memory of 100 bytes with padding",
     .frames = {"011 08 00 00 00 63", "011 79", "011 64*a5", "011 36*5a 28*ff", "011 79"},
     .transactions = {"Read Memory 0x08000000 100 bytes | ok"}},
    {.name = "Read Memory of 20 bytes, short frame (MIOS)",
     .frames = {"011 20 00 00 00 13", "011 79", "011 20*5a", "011 79"},
     .transactions = {"Read Memory 0x20000000 20 bytes | ok"}},
    {.name = "Read Memory of 256 bytes",
     .frames = {"011 08 00 ff 00 ff", "011 79", "011 64*01", "011 64*02", "011 64*03", "011 64*04",
                "011 79"},
     .transactions = {"Read Memory 0x0800ff00 256 bytes | ok"}},
    {.name = "Read Memory of one byte that looks like an ACK",
     .frames = {"011 08 00 00 00 00", "011 79", "011 79", "011 79"},
     .transactions = {"Read Memory 0x08000000 1 byte | ok"}},
    {.name = "Read Memory of contents that look like a command",
     .frames = {"011 08 00 00 00 04", "011 79", "011 08 00 00 00 ff", "011 79"},
     .transactions = {"Read Memory 0x08000000 5 bytes | ok"}},
    {.name = "Read Memory refused: protection or address",
     .frames = {"011 08 00 00 00 ff", "011 1f"},
     .transactions = {"Read Memory 0x08000000 256 bytes | nack (command) | "
                      "protected-or-address"}},
    {.name = "Read Memory without an answer (H7 under readout protection)",
     .joined = true,
     .frames = {"011 08 00 00 00 ff", "002", "002 79", "002 04 50", "002 79"},
     .transactions = {"Read Memory 0x08000000 256 bytes | no-reply (command) | "
                      "silent-protection",
                      "Get ID 0x450 | ok"}},
    {.name = "Read Memory that the device ends early",
     .frames = {"011 08 00 00 00 ff", "011 79", "011 64*a5", "011 79"},
     .transactions = {"Read Memory 0x08000000 256 bytes | ok | reply-short"}},
    {.name = "Read Memory that the device breaks off",
     .frames = {"011 08 00 00 00 ff", "011 79", "011 64*a5", "011 1f"},
     .transactions = {"Read Memory 0x08000000 256 bytes | nack (reply) | reply-short"}},
    {.name = "Read Memory with a frame too many",
     .frames = {"011 08 00 00 00 3f", "011 79", "011 64*a5", "011 64*00", "011 79"},
     .transactions = {"Read Memory 0x08000000 64 bytes | ok | reply-surplus"}},
    {.name = "Read Memory that stops in mid-reply",
     .frames = {"011 08 00 00 00 ff", "011 79", "011 64*a5", "002", "002 79", "002 04 50",
                "002 79"},
     .transactions = {"Read Memory 0x08000000 256 bytes | no-reply (reply)", "Get ID 0x450 | ok"}},

    /* 3.5 has one ACK; OpenBL sends one for the command and one for the address */
    {.name = "Go with two ACKs",
     .ends_early = true,
     .frames = {"021 08 00 00 00", "021 79", "021 79"},
     .transactions = {"Go 0x08000000 | ok"}},
    {.name = "Go with one ACK",
     .frames = {"021 08 00 00 00", "021 79"},
     .transactions = {"Go 0x08000000 | ok"}},
    {.name = "Go with one ACK and another session behind it",
     .ends_early = true,
     .frames = {"021 08 00 00 00", "021 79", "002", "002 79", "002 04 50", "002 79"},
     .transactions = {"Go 0x08000000 | ok", "Get ID 0x450 | ok"}},
    {.name = "Go to a bad address (OpenBL)",
     .ends_early = true,
     .frames = {"021 08 ff 00 00", "021 79", "021 1f"},
     .transactions = {"Go 0x08ff0000 | nack (address)"}},
    {.name = "Go under protection",
     .frames = {"021 08 00 00 00", "021 1f"},
     .transactions = {"Go 0x08000000 | nack (command) | refused-at-once"}},

    /* 3.6: one ACK after the command, one after all data */
    {.name = "Write Memory of 256 bytes",
     .frames = {"031 08 00 04 00 ff", "031 79", "031 64*01", "031 64*02", "031 64*03", "031 64*04",
                "031 79"},
     .transactions = {"Write Memory 0x08000400 256 bytes | ok"}},
    {.name = "Write Memory of 20 bytes in a short frame (MIOS)",
     .frames = {"031 08 00 04 00 13", "031 79", "031 20*01", "031 79"},
     .transactions = {"Write Memory 0x08000400 20 bytes | ok"}},
    {.name = "Write Memory of 18 bytes, zeros up to a legal length (RAMN)",
     .frames = {"031 08 00 04 00 11", "031 79", "031 18*01 2*00", "031 79"},
     .transactions = {"Write Memory 0x08000400 18 bytes | ok"}},
    {.name = "Write Memory of 100 bytes, the last frame padded to 64",
     .frames = {"031 08 00 04 00 63", "031 79", "031 64*01", "031 36*02 28*ff", "031 79"},
     .transactions = {"Write Memory 0x08000400 100 bytes | ok"}},
    {.name = "Write Memory of one byte that looks like a NACK",
     .frames = {"031 20 00 40 00 00", "031 79", "031 1f", "031 79"},
     .transactions = {"Write Memory 0x20004000 1 byte | ok"}},
    {.name = "Write Memory of data that looks like a command",
     .frames = {"031 20 00 40 00 04", "031 79", "031 08 00 00 00 ff", "031 79"},
     .transactions = {"Write Memory 0x20004000 5 bytes | ok"}},
    {.name = "Write Memory with its data on another identifier",
     .frames = {"031 08 00 04 00 7f", "031 79", "004 64*01", "004 64*02", "031 79"},
     .transactions = {"Write Memory 0x08000400 128 bytes | ok"}},
    {.name = "Write Memory refused: protection or address",
     .frames = {"031 08 00 04 00 ff", "031 1f"},
     .transactions = {"Write Memory 0x08000400 256 bytes | nack (command) | "
                      "protected-or-address"}},
    {.name = "Write Memory that fails",
     .frames = {"031 08 00 04 00 3f", "031 79", "031 64*01", "031 1f"},
     .transactions = {"Write Memory 0x08000400 64 bytes | nack (data)"}},
    {.name = "Write Memory with too few frames, silence (H5)",
     .frames = {"031 08 00 04 00 ff", "031 79", "031 64*01", "002"},
     .transactions = {"Write Memory 0x08000400 256 bytes | no-reply (data) | data-frames-missing",
                      "Get ID | incomplete (command)"}},
    {.name = "Write Memory with too few frames, refused",
     .frames = {"031 08 00 04 00 ff", "031 79", "031 64*01", "031 1f"},
     .transactions = {"Write Memory 0x08000400 256 bytes | nack (data) | data-frames-missing"}},
    {.name = "Write Memory with a frame too many, which becomes a command",
     .frames = {"031 08 00 04 00 3f", "031 79", "031 64*01", "031 64*02", "031 79", "031 1f"},
     .transactions = {"Write Memory 0x08000400 64 bytes | ok | data-frames-surplus",
                      "Write Memory 0x02020202 3 bytes | nack (command) | data-taken-as-command"}},
    {.name = "Write Memory without waiting, accepted all the same",
     .joined = true,
     .frames = {"031 08 00 04 00 7f", "031 64*01", "031 64*02", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000400 128 bytes | ok | data-before-ack"}},
    {.name = "Write Memory without waiting, the NACK in between",
     .joined = true,
     .frames = {"031 08 00 04 00 7f", "031 64*01", "031 79", "031 64*02", "031 79"},
     .transactions = {"Write Memory 0x08000400 128 bytes | ok | data-before-ack"}},
    /* OpenBL: after the NACK each data frame is a Write Memory command of its own, one NACK each;
     * 01 01 01 01 is then its address, 01 its length minus 1 */
    {.name = "Write Memory without waiting, refused, NACKs behind the data",
     .joined = true,
     .frames = {"031 08 00 04 00 7f", "031 64*01", "031 64*02", "031 1f", "031 1f", "031 1f"},
     .transactions = {"Write Memory 0x08000400 128 bytes | nack (command) | data-before-ack "
                      "protected-or-address",
                      "Write Memory 0x01010101 2 bytes | nack (command) | data-taken-as-command",
                      "Write Memory 0x02020202 3 bytes | nack (command) | data-taken-as-command"}},
    {.name = "Write Memory without waiting, refused, a NACK behind each frame",
     .joined = true,
     .frames = {"031 08 00 04 00 7f", "031 1f", "031 64*01", "031 1f", "031 64*02", "031 1f"},
     .transactions = {"Write Memory 0x08000400 128 bytes | nack (command) | "
                      "protected-or-address",
                      "Write Memory 0x01010101 2 bytes | nack (command) | data-taken-as-command",
                      "Write Memory 0x02020202 3 bytes | nack (command) | data-taken-as-command"}},
    {.name = "Write Memory without waiting, no answer at all",
     .joined = true,
     .frames = {"031 08 00 04 00 7f", "031 64*01", "031 64*02", "002", "002 79"},
     .transactions = {"Write Memory 0x08000400 128 bytes | no-reply (command) | data-before-ack "
                      "silent-protection",
                      "Get ID | incomplete (reply)"}},

    /* 3.7: the count is exact */
    {.name = "mass erase",
     .joined = true,
     .frames = {"044 ff ff", "044 79", "044 79"},
     .transactions = {"Erase mass | ok"}},
    {.name = "erase of bank 1",
     .joined = true,
     .frames = {"044 ff fe", "044 79", "044 79"},
     .transactions = {"Erase bank1 | ok"}},
    {.name = "erase of bank 2",
     .joined = true,
     .frames = {"044 ff fd", "044 79", "044 79"},
     .transactions = {"Erase bank2 | ok"}},
    {.name = "mass erase on a board without it (OpenBL)",
     .joined = true,
     .frames = {"044 ff ff", "044 79", "044 1f"},
     .transactions = {"Erase mass | nack (operation)"}},
    {.name = "erase with a reserved code (OpenBL)",
     .joined = true,
     .frames = {"044 ff f0", "044 79", "044 1f"},
     .transactions = {"Erase reserved | nack (operation) | reserved-erase-code"}},
    {.name = "erase under protection",
     .joined = true,
     .frames = {"044 ff ff", "044 1f"},
     .transactions = {"Erase mass | nack (command) | refused-at-once"}},
    {.name = "page erase with three ACKs (OpenBL)",
     .joined = true,
     .frames = {"044 00 03", "044 79", "044 79", "044 00 04 00 05 00 07 58*00", "044 79"},
     .transactions = {"Erase 3 pages: 4 5 7 | ok"}},
    {.name = "page erase with two ACKs",
     .joined = true,
     .frames = {"044 00 03", "044 79", "044 00 04 00 05 00 07 58*00", "044 79"},
     .transactions = {"Erase 3 pages: 4 5 7 | ok"}},
    {.name = "page erase with a short list frame",
     .joined = true,
     .frames = {"044 00 01", "044 79", "044 79", "044 00 7f", "044 79"},
     .transactions = {"Erase 1 page: 127 | ok"}},
    {.name = "page erase with a list of two frames",
     .joined = true,
     .frames = {"044 00 21", "044 79", "044 79", "044 64*00", "044 00 09", "044 79"},
     .transactions = {"Erase 33 pages: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
                      "0 0 9 | ok"}},
    {.name = "page erase of which the device reads one frame only (OpenBL)",
     .joined = true,
     .frames = {"044 00 24", "044 79", "044 79", "044 64*00", "044 79"},
     .transactions = {"Erase 36 pages: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
                      "0 0 | ok | list-short"}},
    /* Four pages as one byte each: read as two numbers of two bytes, both too large */
    {.name = "page erase with one byte a page (MIOS)",
     .joined = true,
     .frames = {"044 00 04", "044 79", "044 79", "044 04 05 06 07", "044 79"},
     .transactions = {"Erase 4 pages: 1029 1543 | ok | page-number-large list-short"}},
    {.name = "erase of no pages still takes a list (OpenBL)",
     .joined = true,
     .frames = {"044 00 00", "044 79", "044 79", "044 64*00", "044 79"},
     .transactions = {"Erase 0 pages | ok | erase-no-pages"}},
    {.name = "page erase whose list is refused",
     .joined = true,
     .frames = {"044 00 01", "044 79", "044 79", "044 00 7f", "044 1f"},
     .transactions = {"Erase 1 page: 127 | nack (data)"}},
    {.name = "page erase whose count is refused",
     .joined = true,
     .frames = {"044 00 01", "044 79", "044 1f"},
     .transactions = {"Erase 1 page | nack (length)"}},
    {.name = "0x43 acts as erase (OpenBL)",
     .joined = true,
     .frames = {"043 ff ff", "043 79", "043 79"},
     .transactions = {"Erase mass | ok | erase-opcode-43"}},

    /* 3.8: the note does not say where the sectors stand */
    {.name = "Write Protect with its sectors in the command frame (OpenBL)",
     .joined = true,
     .frames = {"063 02 01 05", "063 79", "063 79"},
     .transactions = {"Write Protect 2 sectors: 1 5 | ok"}},
    {.name = "Write Protect with count and sectors in a second frame (RAMN)",
     .joined = true,
     .frames = {"063 02", "063 79", "063 02 01 05", "063 79"},
     .transactions = {"Write Protect 2 sectors: 1 5 | ok"}},
    {.name = "Write Protect with count and sectors in frames of 8 bytes (RAMN)",
     .joined = true,
     .frames = {"063 09", "063 79", "063 09 01 02 03 04 05 06 07", "063 08 09", "063 79"},
     .transactions = {"Write Protect 9 sectors: 1 2 3 4 5 6 7 8 9 | ok"}},
    {.name = "Write Protect with its sectors alone in a second frame",
     .joined = true,
     .frames = {"063 02", "063 79", "063 01 05", "063 79"},
     .transactions = {"Write Protect 2 sectors: 1 5 | ok"}},
    {.name = "Write Protect without any sectors (OpenBL takes stale ones)",
     .joined = true,
     .frames = {"063 03", "063 79", "063 79"},
     .transactions = {"Write Protect 3 sectors | ok | list-short"}},
    {.name = "Write Protect refused",
     .joined = true,
     .frames = {"063 02 01 05", "063 1f"},
     .transactions = {"Write Protect 2 sectors: 1 5 | nack (command) | refused-at-once"}},

    /* 3.9 to 3.11 */
    {.name = "Write Unprotect without data (MIOS)",
     .joined = true,
     .frames = {"073", "073 79", "073 79"},
     .transactions = {"Write Unprotect | ok"}},
    {.name = "Write Unprotect with a dummy byte (RAMN)",
     .joined = true,
     .frames = {"073 00", "073 79", "073 79"},
     .transactions = {"Write Unprotect | ok"}},
    {.name = "Readout Protect",
     .joined = true,
     .frames = {"082 00", "082 79", "082 79"},
     .transactions = {"Readout Protect | ok"}},
    {.name = "Readout Protect when it is on already",
     .joined = true,
     .frames = {"082", "082 1f"},
     .transactions = {"Readout Protect | nack (command) | refused-at-once"}},
    {.name = "Readout Unprotect, second ACK before the erase, on 0x111 (L5, U5)",
     .joined = true,
     .frames = {"092 00", "092 79", "111 79"},
     .transactions = {"Readout Unprotect | ok"}},
    {.name = "Readout Unprotect that fails",
     .joined = true,
     .frames = {"092", "092 79", "092 1f"},
     .transactions = {"Readout Unprotect | nack (operation)"}},

    /* 3.12, as OpenBL does it */
    {.name = "Special without data and with empty answers in one frame",
     .joined = true,
     .frames = {"050 01 02", "050 79", "050 79", "050 00 00", "050 79", "050 00 00 00 00",
                "050 79"},
     .transactions = {"Special 0x0102 | ok"}},
    {.name = "Special with 70 bytes and an answer",
     .joined = true,
     .frames = {"050 01 02", "050 79", "050 79", "050 00 46", "050 64*aa", "050 6*aa", "050 79",
                "050 00 02 de ad", "050 00 01 00", "050 79"},
     .transactions = {"Special 0x0102 | ok"}},
    {.name = "Special with data and status packed (OpenBL)",
     .joined = true,
     .frames = {"050 01 02", "050 79", "050 79", "050 00 00", "050 79", "050 00 00 00 01 00",
                "050 79"},
     .transactions = {"Special 0x0102 | ok"}},
    {.name = "Special with a padded data packet and a status frame",
     .joined = true,
     .frames = {"050 01 02", "050 79", "050 79", "050 00 00", "050 79", "050 00 02 de ad 60*00",
                "050 00 01 07", "050 79"},
     .transactions = {"Special 0x0102 | ok"}},
    {.name = "Special with an unknown sub-command",
     .joined = true,
     .frames = {"050 01 02", "050 79", "050 1f"},
     .transactions = {"Special 0x0102 | nack (subcommand)"}},
    {.name = "Special with more than 128 bytes",
     .joined = true,
     .frames = {"050 01 02", "050 79", "050 79", "050 00 81", "050 1f"},
     .transactions = {"Special 0x0102 | nack (data) | size-over-limit"}},
    {.name = "Special as the note's text has it",
     .joined = true,
     .frames = {"050", "050 79", "050 01 02 03", "050 79", "050 00 00", "050 79", "050 00 00 00 00",
                "050 79"},
     .transactions = {"Special 0x0102 | ok | command-frame-short special-in-steps"}},
    /* ACK, NACK; the host's second frame is a command of its own to OpenBL */
    {.name = "Special as the note's text has it, to a device that does otherwise",
     .joined = true,
     .frames = {"050", "050 79", "050 1f", "050 01 02 03", "050 79", "050 1f"},
     .transactions = {"Special | nack (subcommand) | command-frame-short",
                      "Special 0x0102 | nack (subcommand) | data-taken-as-command"}},

    /* 3.13: five ACKs */
    {.name = "Extended Special with two packets",
     .joined = true,
     .frames = {"051 01 02", "051 79", "051 79", "051 00 02", "051 bb bb", "051 79", "051 00 80",
                "051 64*cc", "051 64*cc", "051 79", "051 00 01 00", "051 79"},
     .transactions = {"Extended Special 0x0102 | ok"}},
    {.name = "Extended Special with a second packet over 1024 bytes",
     .joined = true,
     .frames = {"051 01 02", "051 79", "051 79", "051 00 00", "051 79", "051 04 01", "051 1f"},
     .transactions = {"Extended Special 0x0102 | nack (data) | size-over-limit"}},

    /* Identifiers: section 2 counts the low 8 bits only, until protocol 2.1 */
    {.name = "host identifiers with a base, answered on them (OpenBL)",
     .frames = {"502", "502 79", "502 04 50", "502 79"},
     .transactions = {"Get ID 0x450 | ok"}},
    {.name = "host identifiers with a base, ACK on the bare opcode (H7)",
     .joined = true,
     .frames = {"511 08 00 00 00 13", "011 79", "011 20*5a", "011 79"},
     .transactions = {"Read Memory 0x08000000 20 bytes | ok"}},
    {.name = "identifier over one byte refused (protocol 2.1)",
     .joined = true,
     .frames = {"511 08 00 00 00 13", "511 1f"},
     .transactions = {"Read Memory 0x08000000 20 bytes | nack (command) | can-id-too-large"}},
    {.name = "answer on an unusual identifier",
     .joined = true,
     .frames = {"002", "222 79", "222 04 50", "222 79"},
     .transactions = {"Get ID 0x450 | ok | reply-id-unusual"}},

    /* Things that go wrong */
    {.name = "unsupported identifier: one NACK",
     .joined = true,
     .frames = {"0a1", "0a1 1f", "002", "002 79"},
     .transactions = {"Unknown command 0xa1 | nack (command) | unsupported-command",
                      "Get ID | incomplete (reply)"}},
    {.name = "command that Get did not list",
     .frames = {"000", "000 79", "000 02", "000 22", "000 00", "000 02", "000 79", "082", "082 1f"},
     .transactions = {"Get 2.2, 2 commands | ok",
                      "Readout Protect | nack (command) | unsupported-command"}},
    {.name = "command that Get listed, under readout protection",
     .frames = {"000", "000 79", "000 02", "000 22", "000 00", "000 44", "000 79", "044 ff ff",
                "044 1f"},
     .transactions = {"Get 2.2, 2 commands | ok",
                      "Erase mass | nack (command) | read-protection-likely"}},
    {.name = "padded commands without an answer",
     .joined = true,
     .frames = {"011 08 00 00 00 ff 59*00", "011 08 00 01 00 ff 59*00", "011 79"},
     .transactions = {"Read Memory 0x08000000 256 bytes | no-reply (command) | silent-protection",
                      "Read Memory 0x08000100 256 bytes | incomplete (reply)"}},
    {.name = "short command frame",
     .joined = true,
     .frames = {"011 08 00", "011 1f"},
     .transactions = {"Read Memory | nack (command) | command-frame-short "
                      "protected-or-address"}},
    {.name = "neither ACK nor NACK",
     .joined = true,
     .frames = {"002", "002 55", "002", "002 79", "002 04 50", "002 79"},
     .transactions = {"Get ID | bad-reply (command) | not-an-answer", "Get ID 0x450 | ok"}},
    {.name = "no answer before a detection frame, host repeats (protocol 2.2)",
     .frames = {"000", "000", "000", "111 5a", "111 79"},
     .transactions = {"Get | no-reply (command) | detection-missing",
                      "Get | no-reply (command) | host-retry",
                      "Get | no-reply (command) | host-retry", "Sync | ok"}},
    {.name = "no answer before a detection frame (protocol 2.2)",
     .frames = {"000", "111 5a", "111 79"},
     .transactions = {"Get | no-reply (command) | detection-missing", "Sync | ok"}},
    {.name = "first command repeated until it is answered (EW)",
     .frames = {"002", "002", "002 79", "002 04 84", "002 79"},
     .transactions = {"Get ID | no-reply (command) | detection-missing",
                      "Get ID 0x484 | ok | host-retry"}},
    {.name = "late answer on the identifier of the command before",
     .joined = true,
     .frames = {"011 08 00 00 00 ff", "002", "011 1f", "002 79", "002 04 50", "002 79"},
     .transactions = {"Read Memory 0x08000000 256 bytes | no-reply (command) | "
                      "silent-protection",
                      "Get ID 0x450 | ok | late-answer"}},
    {.name = "answer that nothing waits for",
     .joined = true,
     .frames = {"073", "073 79", "073 79", "073 79", "073 79"},
     .transactions = {"Write Unprotect | ok"},
     .loose = "surplus-answer"},
    {.name = "ACK padded to 64 bytes, as the transmit settings of section 2 suggest",
     .frames = {"002", "111 79 63*00", "111 04 50 62*00", "111 79 63*00"},
     .transactions = {"Get ID 0x450 | ok"}},
    {.name = "command padded to 8 bytes",
     .frames = {"011 08 00 00 00 3f 00 00 00", "011 79", "011 64*a5", "011 79"},
     .transactions = {"Read Memory 0x08000000 64 bytes | ok"}},
    {.name = "joined in the middle of a write",
     .frames = {"031 64*01", "031 64*02", "031 79", "031 08 00 04 00 3f", "031 79", "031 64*01",
                "031 79"},
     .transactions = {"Write Memory 0x08000400 64 bytes | ok"}},
    {.name = "joined in the middle of Get",
     .frames = {"000 63", "000 73", "000 82", "000 92", "000 79", "002", "002 79", "002 04 50",
                "002 79"},
     .transactions = {"Get ID 0x450 | ok"}},
};

static size_t frames_of(const struct vector *vector)
{
    size_t count = 0;

    while (count < FRAMES_MAX && vector->frames[count] != NULL)
        count++;
    return count;
}

static size_t transactions_of(const struct vector *vector)
{
    size_t count = 0;

    while (count < TRANSACTIONS_MAX && vector->transactions[count] != NULL)
        count++;
    return count;
}

/** Feeds the vector's first frames, with what must go before them. Returns transactions before. */
static size_t feed_vector(struct capture *capture, const struct vector *vector, size_t frames)
{
    if (vector->joined)
        feed_all(capture, preamble);
    for (size_t i = 0; i < frames; i++)
        feed_text(capture, vector->frames[i]);
    return vector->joined ? 1 : 0;
}

static void every_vector_decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *vector = &vectors[i];
        struct capture capture;
        size_t before;

        print_message("  %s\n", vector->name);
        open_capture(&capture);
        before = feed_vector(&capture, vector, frames_of(vector));
        btap_fdcan_finish(&capture.fdcan);
        if (before > 0)
            assert_line(&capture, 0, preamble_line);
        for (size_t j = 0; j < transactions_of(vector); j++)
            assert_line(&capture, before + j, vector->transactions[j]);
        assert_int_equal(capture.collector.transactions_length, before + transactions_of(vector));
        assert_loose_notes(&capture, vector->loose);
        close_capture(&capture);
    }
}

/** The last transaction of a cut capture: incomplete, or as it is in the whole capture. */
static void assert_cut(const struct capture *capture, const struct vector *vector, size_t before)
{
    const size_t length = capture->collector.transactions_length;
    const struct btap_transaction *last = &capture->collector.transactions[length - 1];

    for (size_t i = before; i + 1 < length; i++)
        if (capture->collector.transactions[i].status != BTAP_INCOMPLETE)
            assert_line(capture, i, vector->transactions[i - before]);
    if (last->status == BTAP_INCOMPLETE) {
        assert_true(last->phase != BTAP_PHASE_NONE);
        return;
    }
    if (vector->ends_early || length - before < transactions_of(vector) || vector->loose != NULL)
        return;
    fail_msg("%s: complete before its end", vector->name);
}

static void every_vector_cut_after_every_frame_is_incomplete(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        for (size_t cut = 1; cut < frames_of(&vectors[i]); cut++) {
            struct capture capture;
            size_t before;

            open_capture(&capture);
            before = feed_vector(&capture, &vectors[i], cut);
            btap_fdcan_finish(&capture.fdcan);
            if (capture.collector.transactions_length > before)
                assert_cut(&capture, &vectors[i], before);
            close_capture(&capture);
        }
}

/** Traffic of other nodes: classic, 29-bit, remote, and FD frames that are no command. */
static void feed_foreign(struct capture *capture)
{
    static const uint8_t data[64] = {0x79, 0x1f, 0x5a, 0x08};
    static const struct btap_can_frame frames[] = {
        {.id = 0x031, .data = data, .length = 8, .captured = 8},
        {.id = 0x18daf110, .extended = true, .fd = true, .data = data, .length = 8, .captured = 8},
        {.id = 0x011, .remote = true, .fd = true, .data = data},
        {.id = 0x3a5, .fd = true, .data = data, .length = 8, .captured = 8},
        {.id = 0x6f2, .fd = true, .data = data + 4, .length = 48, .captured = 48},
        {.id = 0x3a5, .fd = true, .data = data + 3, .length = 1, .captured = 1},
    };

    for (size_t i = 0; i < COUNT_OF(frames); i++)
        assert_false(feed(capture, frames[i]));
}

static void foreign_frames_at_every_position_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *vector = &vectors[i];
        struct capture plain;

        open_capture(&plain);
        feed_vector(&plain, vector, frames_of(vector));
        btap_fdcan_finish(&plain.fdcan);
        for (size_t position = 0; position <= frames_of(vector); position++) {
            struct capture mixed;

            open_capture(&mixed);
            if (vector->joined)
                feed_all(&mixed, preamble);
            for (size_t frame = 0; frame <= frames_of(vector); frame++) {
                if (frame == position)
                    feed_foreign(&mixed);
                if (frame < frames_of(vector))
                    feed_text(&mixed, vector->frames[frame]);
            }
            btap_fdcan_finish(&mixed.fdcan);
            collector_assert_same(&plain.collector, &mixed.collector);
            assert_int_equal(mixed.fdcan.foreign, plain.fdcan.foreign + 6);
            close_capture(&mixed);
        }
        close_capture(&plain);
    }
}

/** The first span of a field in a transaction. */
static const struct collected_span *span_of(const struct capture *capture, uint64_t n,
                                            enum btap_field field)
{
    for (size_t i = 0; i < capture->collector.spans_length; i++)
        if (capture->collector.spans[i].span.n == n &&
            capture->collector.spans[i].span.field == field)
            return &capture->collector.spans[i];
    fail_msg("no span of %s", btap_field_name(field));
    return NULL;
}

static void assert_span(const struct capture *capture, uint64_t n, enum btap_field field,
                        uint64_t packet, uint32_t offset, uint32_t length, uint64_t value)
{
    const struct btap_span *span = &span_of(capture, n, field)->span;

    assert_int_equal(span->packet, packet);
    assert_int_equal(span->offset, offset);
    assert_int_equal(span->length, length);
    assert_int_equal(span->value, value);
    assert_true(span->last);
    assert_false(span->bad);
}

/* Data starts at offset 8 of a record (LINKTYPE_CAN_SOCKETCAN), the identifier at 0 */
static void write_tells_its_fields_and_data(void **state)
{
    static const char *const frames[] = {"031 08 00 04 00 41", "031 79", "031 64*01",
                                         "031 02 03 6*00",     "031 79", NULL};
    struct capture capture;
    const struct btap_transaction *write;
    const struct collected_data *data;

    (void)state;
    open_capture(&capture);
    feed_all(&capture, frames);
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, "Write Memory 0x08000400 66 bytes | ok");
    write = &capture.collector.transactions[0];
    assert_int_equal(write->transferred, 66);
    assert_int_equal(write->request_id, 0x31);
    assert_int_equal(write->reply_id, 0x31);
    assert_true(write->has & BTAP_HAS_CAN_ID);
    assert_true(write->has & BTAP_HAS_REPLY_ID);
    assert_int_equal(write->first_packet, 1);
    assert_int_equal(write->last_packet, 5);
    assert_int_equal(write->time, 0);
    assert_int_equal(write->duration, 4000);

    assert_span(&capture, 1, BTAP_FIELD_CAN_ID, 1, 0, 4, 0x31);
    assert_span(&capture, 1, BTAP_FIELD_OPCODE, 1, 0, 4, 0x31);
    assert_span(&capture, 1, BTAP_FIELD_ADDRESS, 1, 8, 4, 0x08000400);
    assert_span(&capture, 1, BTAP_FIELD_BYTE_COUNT, 1, 12, 1, 0x41);
    assert_span(&capture, 1, BTAP_FIELD_ANSWER, 2, 8, 1, 0x79);
    assert_span(&capture, 1, BTAP_FIELD_PADDING, 4, 10, 6, 0);
    assert_int_equal(span_of(&capture, 1, BTAP_FIELD_ADDRESS)->span.direction, BTAP_HOST_TO_DEVICE);
    assert_int_equal(span_of(&capture, 1, BTAP_FIELD_ANSWER)->span.direction, BTAP_DEVICE_TO_HOST);

    assert_int_equal(capture.collector.data_length, 2);
    data = capture.collector.data;
    assert_int_equal(data[0].data.address, 0x08000400);
    assert_int_equal(data[0].data.length, 64);
    assert_int_equal(data[0].data.packet, 3);
    assert_int_equal(data[0].data.offset, 8);
    assert_true(data[0].data.written);
    assert_int_equal(data[1].data.address, 0x08000440);
    assert_int_equal(data[1].data.length, 2);
    assert_memory_equal(data[1].data.bytes, "\x02\x03", 2);
    close_capture(&capture);
}

static void read_tells_its_data_without_padding(void **state)
{
    static const char *const frames[] = {"011 20 00 00 00 42", "111 79", "111 64*01",
                                         "111 02 03 04 61*ff", "111 79", NULL};
    struct capture capture;

    (void)state;
    open_capture(&capture);
    feed_all(&capture, frames);
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, "Read Memory 0x20000000 67 bytes | ok");
    assert_int_equal(capture.collector.transactions[0].request_id, 0x11);
    assert_int_equal(capture.collector.transactions[0].reply_id, 0x111);
    assert_int_equal(capture.collector.transactions[0].transferred, 67);
    assert_int_equal(capture.collector.data_length, 2);
    assert_false(capture.collector.data[1].data.written);
    assert_int_equal(capture.collector.data[1].data.address, 0x20000040);
    assert_memory_equal(capture.collector.data[1].data.bytes, "\x02\x03\x04", 3);
    assert_span(&capture, 1, BTAP_FIELD_PADDING, 4, 11, 61, 0);
    assert_int_equal(span_of(&capture, 1, BTAP_FIELD_DATA)->span.direction, BTAP_DEVICE_TO_HOST);
    close_capture(&capture);
}

/* 3.12: the size frame, 70 bytes of data; the device's two bytes of data, three of status */
static void special_tells_its_packets(void **state)
{
    static const char *const frames[] = {
        "050 12 34",          "050 79",   "050 79", "050 00 46",
        "050 64*aa",          "050 6*ab", "050 79", "050 00 02 de ad",
        "050 00 03 01 02 03", "050 79",   NULL};
    struct capture capture;
    const struct btap_transaction *special;

    (void)state;
    open_capture(&capture);
    feed_all(&capture, frames);
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, "Special 0x1234 | ok");
    special = &capture.collector.transactions[0];
    assert_int_equal(special->sent_length, 70);
    assert_int_equal(special->received_length, 2);
    assert_true(special->has & BTAP_HAS_SPECIAL_STATUS);
    assert_int_equal(special->special_status_length, 3);
    assert_memory_equal(special->special_status, "\x01\x02\x03", 3);
    assert_span(&capture, 1, BTAP_FIELD_SUBCOMMAND, 1, 8, 2, 0x1234);
    assert_span(&capture, 1, BTAP_FIELD_DATA_LENGTH, 4, 8, 2, 70);
    assert_span(&capture, 1, BTAP_FIELD_STATUS_LENGTH, 9, 8, 2, 3);
    assert_span(&capture, 1, BTAP_FIELD_STATUS_DATA, 9, 10, 3, 0);
    close_capture(&capture);
}

static void extended_special_tells_both_packets(void **state)
{
    static const char *const frames[] = {
        "051 12 34", "051 79", "051 79", "051 00 01",    "051 bb", "051 79", "051 00 41",
        "051 64*cc", "051 cd", "051 79", "051 00 01 00", "051 79", NULL};
    struct capture capture;
    const struct btap_transaction *special;

    (void)state;
    open_capture(&capture);
    feed_all(&capture, frames);
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, "Extended Special 0x1234 | ok");
    special = &capture.collector.transactions[0];
    assert_int_equal(special->sent_length, 1);
    assert_int_equal(special->sent2_length, 65);
    assert_int_equal(special->received_length, 0);
    assert_int_equal(special->special_status_length, 1);
    close_capture(&capture);
}

/* A snapshot length of 24: 16 bytes of each frame, of which 64 were sent */
static void truncated_data_frames_keep_their_place(void **state)
{
    uint8_t data[64];
    struct btap_can_frame frame;
    struct capture capture;

    (void)state;
    open_capture(&capture);
    feed_text(&capture, "031 08 00 00 00 7f");
    feed_text(&capture, "031 79");
    for (int i = 0; i < 2; i++) {
        frame = frame_of("031 64*33", data);
        frame.captured = 16;
        assert_true(feed(&capture, frame));
    }
    feed_text(&capture, "031 79");
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, "Write Memory 0x08000000 128 bytes | ok");
    assert_int_equal(capture.collector.data_length, 2);
    assert_int_equal(capture.collector.data[0].data.length, 16);
    assert_int_equal(capture.collector.data[1].data.address, 0x08000040);
    close_capture(&capture);
}

/* No frame of a bootloader: nothing is told, everything is counted */
static void other_traffic_alone_is_skipped_and_counted(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    for (int i = 0; i < 10; i++) {
        feed_foreign(&capture);
        assert_false(feed_text(&capture, "111 5b"));
        assert_false(feed_text(&capture, "031 64*00"));
        assert_false(feed_text(&capture, "079 79"));
        assert_false(feed_text(&capture, "211 00 00 00 00 00"));
    }
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(capture.fdcan.foreign, 100);
    assert_int_equal(capture.collector.transactions_length, 0);
    assert_int_equal(capture.collector.notes_length, 0);
    assert_int_equal(capture.collector.spans_length, 0);
    close_capture(&capture);
}

/* A node that sends an identifier with an opcode's low byte again and again, and others between */
static void periodic_frames_that_look_like_commands_do_not_engage(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    for (int i = 0; i < 10; i++) {
        feed_text(&capture, "300 00");
        feed_text(&capture, "482 00");
        feed_text(&capture, "350 12 34");
        feed_text(&capture, "0f4 8*79");
    }
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(capture.collector.transactions_length, 0);
    assert_int_equal(capture.fdcan.foreign, 40);
    close_capture(&capture);
}

/* A counter of another node that passes 0x1F, and one that looks like Readout Protect */
static void other_nodes_learnt_before_a_session_stay_foreign(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    feed_text(&capture, "082 00");
    feed_text(&capture, "073 00");
    feed_all(&capture, preamble);
    for (unsigned i = 0; i < 40; i++) {
        uint8_t count = (uint8_t)i;
        const struct btap_can_frame counter = {
            .id = 0x0f3, .fd = true, .data = &count, .length = 1, .captured = 1};

        assert_false(feed(&capture, counter));
        feed_text(&capture, "082 00");
        feed_text(&capture, "073 00");
    }
    feed_all(&capture, preamble);
    feed_text(&capture, "082 00");
    feed_text(&capture, "082 79");
    feed_text(&capture, "082 79");
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, preamble_line);
    assert_line(&capture, 1, preamble_line);
    assert_line(&capture, 2, "Readout Protect | ok");
    assert_int_equal(capture.collector.transactions_length, 3);
    assert_int_equal(capture.fdcan.foreign, 122);
    close_capture(&capture);
}

/* AN3154's protocol, or a host that forgot the FD format: noted once a link, not decoded */
static void classic_bootloader_frames_are_noted_once(void **state)
{
    uint8_t data[64];
    struct btap_can_frame frame = frame_of("079", data);
    struct capture capture;

    (void)state;
    frame.fd = false;
    open_capture(&capture);
    assert_false(feed(&capture, frame));
    frame = frame_of("000", data);
    frame.fd = false;
    assert_false(feed(&capture, frame));
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(capture.collector.transactions_length, 0);
    assert_loose_notes(&capture, "can-classic-frames");
    assert_int_equal(capture.collector.notes[0].note.arg[0], 0x79);
    close_capture(&capture);

    open_capture(&capture);
    frame = frame_of("111 5a", data);
    frame.fd = false;
    assert_false(feed(&capture, frame));
    assert_loose_notes(&capture, "can-classic-frames");
    close_capture(&capture);
}

/* CANopen's synchronisation and network management, some data: nothing to note */
static void other_classic_frames_are_not_noted(void **state)
{
    static const char *const frames[] = {"080", "000 01 05", "181 8*00", "011 8*08", NULL};
    struct capture capture;

    (void)state;
    open_capture(&capture);
    for (size_t i = 0; frames[i] != NULL; i++) {
        uint8_t data[64];
        struct btap_can_frame frame = frame_of(frames[i], data);

        frame.fd = false;
        assert_false(feed(&capture, frame));
    }
    assert_int_equal(capture.collector.notes_length, 0);
    assert_int_equal(capture.fdcan.foreign, 4);
    close_capture(&capture);
}

/* Linux can/error.h: 0x20 no acknowledgement, 0x40 bus off, 0x08 protocol violation */
static void error_frames_are_noted_once_a_run(void **state)
{
    const struct btap_can_frame no_ack = {.id = 0x20, .error = true, .length = 8};
    const struct btap_can_frame bus_off = {.id = 0x48, .error = true, .length = 8};
    struct capture capture;

    (void)state;
    open_capture(&capture);
    for (int i = 0; i < 5; i++)
        assert_false(feed(&capture, no_ack));
    feed(&capture, bus_off);
    feed(&capture, bus_off);
    assert_loose_notes(&capture, "can-no-acknowledge can-bus-off can-error");
    assert_int_equal(capture.collector.notes[2].note.arg[0], 0x08);
    assert_int_equal(capture.fdcan.foreign, 0);

    feed_text(&capture, "002");
    feed(&capture, no_ack);
    feed_text(&capture, "002");
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(collector_count_notes(&capture.collector, BTAP_NOTE_CAN_NO_ACKNOWLEDGE), 2);
    close_capture(&capture);
}

/* A second answer to Go comes at once; a second later the application talks */
static void go_with_one_ack_ends_when_time_has_passed(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    feed_text(&capture, "021 08 00 00 00");
    feed_text(&capture, "021 79");
    assert_int_equal(capture.collector.transactions_length, 0);
    capture.time += 1100000000;
    assert_false(feed_text(&capture, "3a5 8*00"));
    assert_line(&capture, 0, "Go 0x08000000 | ok");
    assert_int_equal(capture.collector.transactions[0].last_packet, 2);
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(capture.collector.transactions_length, 1);
    close_capture(&capture);
}

/* The application's own frames, though they look like commands, are not a session */
static void application_after_go_is_foreign(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    feed_text(&capture, "021 08 00 00 00");
    feed_text(&capture, "021 79");
    feed_text(&capture, "021 79");
    for (int i = 0; i < 5; i++)
        feed_text(&capture, "082 00");
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(capture.collector.transactions_length, 1);
    close_capture(&capture);
}

/* Only what hardly anything else sends counts before any answer */
static void one_unanswered_command_is_incomplete(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    assert_true(feed_text(&capture, "002"));
    btap_fdcan_finish(&capture.fdcan);
    assert_line(&capture, 0, "Get ID | incomplete (command)");
    assert_int_equal(capture.fdcan.foreign, 0);
    close_capture(&capture);
}

/* A directory of silent devices: one note is enough */
static void missing_detection_is_noted_once(void **state)
{
    struct capture capture;

    (void)state;
    open_capture(&capture);
    for (int i = 0; i < 20; i++)
        feed_text(&capture, i % 2 == 0 ? "000" : "002");
    btap_fdcan_finish(&capture.fdcan);
    assert_int_equal(capture.collector.transactions_length, 20);
    assert_int_equal(collector_count_notes(&capture.collector, BTAP_NOTE_DETECTION_MISSING), 1);
    close_capture(&capture);
}

/* Nobody asked for anything: the decoder must not read through a missing callback */
static void sink_without_callbacks(void **state)
{
    static const struct btap_sink sink = {.context = NULL};
    struct capture capture;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        open_capture(&capture);
        btap_fdcan_init(&capture.fdcan, &sink, &capture.link);
        feed_vector(&capture, &vectors[i], frames_of(&vectors[i]));
        btap_fdcan_finish(&capture.fdcan);
        assert_int_equal(capture.link.transactions,
                         transactions_of(&vectors[i]) + (vectors[i].joined ? 1 : 0));
        close_capture(&capture);
    }
}

/* Numerical Recipes' LCG; the seed is fixed */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/** A frame that is likely to lead somewhere: identifiers and bytes of the protocol. */
static struct btap_can_frame random_frame(uint32_t *seed, uint8_t data[64])
{
    static const uint16_t ids[] = {0x000, 0x001, 0x002, 0x011, 0x021, 0x031, 0x043,
                                   0x044, 0x050, 0x051, 0x063, 0x073, 0x082, 0x092,
                                   0x111, 0x511, 0x004, 0x0a1, 0x3a5};
    static const uint8_t lengths[] = {0, 1, 1, 1, 1, 2, 2, 3, 4, 5, 5, 8, 20, 64, 64};
    static const uint8_t bytes[] = {0x79, 0x1f, 0x5a, 0x00, 0x01, 0x08, 0x20, 0xff, 0xfe, 0x02};
    struct btap_can_frame frame = {.data = data};

    frame.id = ids[next_random(seed) % COUNT_OF(ids)];
    frame.fd = next_random(seed) % 20 != 0;
    frame.error = next_random(seed) % 200 == 0;
    frame.length = lengths[next_random(seed) % COUNT_OF(lengths)];
    frame.captured = frame.length;
    if (next_random(seed) % 50 == 0)
        frame.captured = (uint8_t)(next_random(seed) % (frame.length + 1u));
    for (uint8_t i = 0; i < frame.captured; i++)
        data[i] =
            i < 2 || next_random(seed) % 4 == 0 ? bytes[next_random(seed) % COUNT_OF(bytes)] : 0x00;
    return frame;
}

static void random_frames_keep_the_invariants(void **state)
{
    uint32_t seed = 5405;

    (void)state;
    for (int run = 0; run < 40; run++) {
        struct capture capture;
        const struct collector *collector = &capture.collector;

        open_capture(&capture);
        for (int i = 0; i < 1000; i++) {
            uint8_t data[64];

            feed(&capture, random_frame(&seed, data));
        }
        btap_fdcan_finish(&capture.fdcan);
        assert_true(collector->transactions_length > 20);
        for (size_t i = 0; i < collector->transactions_length; i++) {
            const struct btap_transaction *transaction = &collector->transactions[i];

            assert_int_equal(transaction->n, i + 1);
            assert_true((transaction->status == BTAP_OK) ==
                        (transaction->phase == BTAP_PHASE_NONE));
            assert_true(transaction->first_packet <= transaction->last_packet);
            assert_true(transaction->transferred <= 256);
            assert_true(transaction->duration >= 0);
        }
        assert_true(collector->notes_length < 3000);
        close_capture(&capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_decodes),
        cmocka_unit_test(every_vector_cut_after_every_frame_is_incomplete),
        cmocka_unit_test(foreign_frames_at_every_position_change_nothing),
        cmocka_unit_test(write_tells_its_fields_and_data),
        cmocka_unit_test(read_tells_its_data_without_padding),
        cmocka_unit_test(special_tells_its_packets),
        cmocka_unit_test(extended_special_tells_both_packets),
        cmocka_unit_test(truncated_data_frames_keep_their_place),
        cmocka_unit_test(other_traffic_alone_is_skipped_and_counted),
        cmocka_unit_test(periodic_frames_that_look_like_commands_do_not_engage),
        cmocka_unit_test(other_nodes_learnt_before_a_session_stay_foreign),
        cmocka_unit_test(classic_bootloader_frames_are_noted_once),
        cmocka_unit_test(other_classic_frames_are_not_noted),
        cmocka_unit_test(error_frames_are_noted_once_a_run),
        cmocka_unit_test(go_with_one_ack_ends_when_time_has_passed),
        cmocka_unit_test(application_after_go_is_foreign),
        cmocka_unit_test(one_unanswered_command_is_incomplete),
        cmocka_unit_test(missing_detection_is_noted_once),
        cmocka_unit_test(sink_without_callbacks),
        cmocka_unit_test(random_frames_keep_the_invariants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
