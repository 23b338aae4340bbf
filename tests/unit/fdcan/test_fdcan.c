/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exchanges of AN5405, worked out by hand from its sections and from what ST's Open Bootloader
 * (OpenBL), RAMN's canboot (STM32L5) and a flasher for STM32H7 (MIOS) put on the wire.
 */
#include "fdcan_rig.h"

#define FRAMES_MAX       48
#define TRANSACTIONS_MAX 8

struct vector {
    const char *name;
    bool joined;     /**< something goes before it: alone, its first frame proves nothing */
    bool ends_early; /**< a proper prefix may be complete */
    bool alone;      /**< a command sent again is one of a session where nobody else sends */
    const char *frames[FRAMES_MAX];
    const char *transactions[TRANSACTIONS_MAX];
    const char *loose; /**< notes that belong to no transaction */
};

#define FDCAN_COMMANDS "000 00", "000 01", "000 02", "000 11", "000 21", "000 31", "000 44"

static const struct vector vectors[] = {
    /* Section 1: the detection frame. Whether it is answered is not documented. */
    {.name = "detection frame, acknowledged",
     .frames = {"111 5a", "111 79"},
     .transactions = {"Sync | ok"}},
    {.name = "detection frame with the identifier of section 1, 0x011",
     .frames = {"011 5a", "011 79"},
     .transactions = {"Sync | ok | detection-identifier"}},
    {.name = "detection frame with padding, to a device before 2.2: Read Memory of 0x5A000000",
     .frames = {"111 5a 7*00", "111 1f"},
     .transactions = {"Sync | nack (sync) | detection-padded"}},
    {.name = "detection frame with padding, repeated in vain",
     .alone = true,
     .frames = {"111 5a 63*00", "111 5a 63*00", "111 5a 63*00"},
     .transactions = {"Sync | no-reply (sync) | detection-padded",
                      "Sync | no-reply (sync) | detection-padded detection-repeated",
                      "Sync | incomplete (sync) | detection-padded detection-repeated"}},
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
    /* Awake by its detection frame alone, the device answers what hardly looks like a command too
     */
    {.name =
         "first command behind the detection frame: Go to an address that is not valid (OpenBL)",
     .ends_early = true,
     .frames = {"111 5a", "111 79", "021 99 00 00 00", "021 79", "021 1f"},
     .transactions = {"Sync | ok", "Go 0x99000000 | nack (address)"}},
    {.name = "first command behind the detection frame: erase with a reserved code (OpenBL)",
     .frames = {"111 5a", "111 79", "044 ff f5", "044 79", "044 1f"},
     .transactions = {"Sync | ok", "Erase reserved | nack (operation) | reserved-erase-code"}},
    {.name = "first command behind the detection frame: erase of no pages (OpenBL)",
     .frames = {"111 5a", "111 79", "044 00 00", "044 79", "044 79", "044 64*00", "044 79"},
     .transactions = {"Sync | ok", "Erase 0 pages | ok | erase-no-pages"}},
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
    /* OpenBL counts frames: for 44 bytes it reads one, for 256 four */
    {.name = "Write Memory whose last frame is too short, acknowledged (OpenBL)",
     .joined = true,
     .frames = {"031 08 00 00 00 2b", "031 79", "031 32*01", "031 79"},
     .transactions = {"Write Memory 0x08000000 44 bytes | ok | data-frames-not-full"}},
    {.name = "Write Memory whose count byte is the length: one frame has come, and is acknowledged",
     .joined = true,
     .frames = {"031 08 00 00 00 10", "031 79", "031 16*01", "031 79"},
     .transactions = {"Write Memory 0x08000000 17 bytes | ok | data-frames-not-full"}},
    {.name = "Write Memory of 65 bytes, the last of them like an ACK",
     .joined = true,
     .frames = {"031 08 00 00 00 40", "031 79", "031 64*01", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000000 65 bytes | ok"}},
    {.name = "Write Memory in frames of 8 bytes, acknowledged after the fourth (OpenBL)",
     .joined = true,
     .frames = {"031 08 00 00 00 ff", "031 79", "031 8*01", "031 8*02", "031 8*03", "031 8*04",
                "031 79", "031 8*05", "031 1f"},
     .transactions = {"Write Memory 0x08000000 256 bytes | ok | data-frames-not-full",
                      "Write Memory 0x05050505 6 bytes | nack (command) | data-taken-as-command"}},
    {.name = "Write Memory in frames of 8 bytes that all come before the ACK (OpenBL)",
     .joined = true,
     .ends_early = true,
     .frames = {"031 08 00 00 00 0f", "031 79", "031 8*01", "031 8*02", "031 79", "031 1f"},
     .transactions = {"Write Memory 0x08000000 16 bytes | ok"},
     .loose = "data-frames-not-full"},
    {.name = "Write Memory with a frame missing in the capture",
     .joined = true,
     .frames = {"031 08 00 00 00 7f", "031 79", "031 64*01", "031 79"},
     .transactions = {"Write Memory 0x08000000 128 bytes | ok | data-frames-missing"}},
    {.name = "Write Memory with too few frames, commands taken for the rest (H5)",
     .frames = {"031 08 00 04 00 ff", "031 79", "031 64*01", "002", "002", "031 08 00 04 00 ff",
                "031 79"},
     .transactions = {"Write Memory 0x08000400 256 bytes | no-reply (data) | data-frames-missing",
                      "Get ID | no-reply (command) | command-taken-as-data",
                      "Get ID | no-reply (command) | host-retry command-taken-as-data",
                      "Write Memory 0x08000400 256 bytes | incomplete (data)"}},
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
    {.name = "Write Memory of 100 bytes without waiting, the second frame of a legal length",
     .joined = true,
     .frames = {"031 08 00 04 00 63", "031 64*01", "031 36*02 12*00", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000400 100 bytes | ok | data-before-ack"}},
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
     .frames = {"044 00 01", "044 79", "044 79", "044 00 0f", "044 79"},
     .transactions = {"Erase 1 page: 15 | ok"}},
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
     .frames = {"044 00 01", "044 79", "044 79", "044 00 0f", "044 1f"},
     .transactions = {"Erase 1 page: 15 | nack (data)"}},
    {.name = "page erase whose count is refused",
     .joined = true,
     .frames = {"044 00 01", "044 79", "044 1f"},
     .transactions = {"Erase 1 page | nack (length)"}},
    {.name = "page erase with its list in the command's frame, which waits for another (OpenBL)",
     .joined = true,
     .frames = {"044 00 02 00 04 00 05", "044 79", "044 79", "111 5a", "111 79"},
     .transactions = {"Erase 2 pages | no-reply (data) | list-in-command", "Sync | ok"}},
    {.name = "0x43 acts as erase (OpenBL)",
     .joined = true,
     .frames = {"043 ff ff", "043 79", "043 79"},
     .transactions = {"Erase mass | ok | erase-opcode-43"}},

    /* 3.8: the note does not say where the sectors stand */
    {.name = "Write Protect with its sectors in the command frame (OpenBL)",
     .joined = true,
     .frames = {"063 02 01 05", "063 79", "063 79"},
     .transactions = {"Write Protect 2 sectors: 1 5 | ok"}},
    {.name = "Write Protect that counts one sector less than it has, as over USART",
     .joined = true,
     .frames = {"063 02 00 01 02", "063 79", "063 79"},
     .transactions = {"Write Protect 2 sectors: 0 1 | ok"}},
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
     .transactions = {"Read Memory | nack (command) | command-frame-short"}},
    {.name = "neither ACK nor NACK",
     .joined = true,
     .frames = {"002", "002 55", "002", "002 79", "002 04 50", "002 79"},
     .transactions = {"Get ID | bad-reply (command) | not-an-answer", "Get ID 0x450 | ok"}},
    {.name = "no answer before a detection frame, host repeats (protocol 2.2)",
     .alone = true,
     .frames = {"000", "000", "000", "111 5a", "111 79"},
     .transactions = {"Get | no-reply (command) | detection-missing",
                      "Get | no-reply (command) | host-retry",
                      "Get | no-reply (command) | host-retry", "Sync | ok"}},
    {.name = "no answer before a detection frame (protocol 2.2)",
     .frames = {"000", "111 5a", "111 79"},
     .transactions = {"Get | no-reply (command) | detection-missing", "Sync | ok"}},
    {.name = "first command repeated until it is answered (EW)",
     .alone = true,
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
    {.name = "command padded to 8 bytes with ones",
     .frames = {"011 08 00 00 00 3f ff ff ff", "011 79", "011 64*a5", "011 79"},
     .transactions = {"Read Memory 0x08000000 64 bytes | ok"}},
    /* The opening of a session, when nothing before it shows a bootloader */
    {.name = "first a read of the option bytes (RAMN)",
     .frames = {"011 40 02 20 42 00", "011 79", "011 aa 63*ff", "011 79"},
     .transactions = {"Read Memory 0x40022042 1 byte | ok"}},
    {.name = "first a read of registers of the debug unit",
     .frames = {"011 e0 04 20 00 03", "011 79", "011 50 64 00 10", "011 79"},
     .transactions = {"Read Memory 0xe0042000 4 bytes | ok"}},
    {.name = "first a write to backup memory",
     .frames = {"031 58 00 00 00 03", "031 79", "031 01 02 03 04", "031 79"},
     .transactions = {"Write Memory 0x58000000 4 bytes | ok"}},
    {.name = "first a write that is refused for its address",
     .frames = {"031 60 00 00 00 ff", "031 1f"},
     .transactions = {"Write Memory 0x60000000 256 bytes | nack (command) | "
                      "protected-or-address"}},
    {.name = "first Special as the note's text has it",
     .frames = {"050", "050 79", "050 01 02 03", "050 79", "050 00 00", "050 79", "050 00 00 00 00",
                "050 79"},
     .transactions = {"Special 0x0102 | ok | command-frame-short special-in-steps"}},
    {.name = "first an erase without its count (OpenBL)",
     .ends_early = true,
     .frames = {"044", "044 79", "044 1f"},
     .transactions = {"Erase | nack (operation) | command-frame-short"}},
    {.name = "first short commands that are refused",
     .frames = {"021", "021 1f", "044", "044 1f"},
     .transactions = {"Go | nack (command) | command-frame-short",
                      "Erase | nack (command) | command-frame-short"}},
    {.name = "first a short command that is refused, then the session",
     .frames = {"021", "021 1f", "002", "002 79", "002 04 50", "002 79"},
     .transactions = {"Go | nack (command) | command-frame-short", "Get ID 0x450 | ok"}},
    {.name = "first a short command that is refused, then the detection frame",
     .frames = {"021", "021 1f", "111 5a", "111 79"},
     .transactions = {"Go | nack (command) | command-frame-short", "Sync | ok"}},
    {.name = "four short commands that are refused before the session",
     .frames = {"021", "021 1f", "044", "044 1f", "021 08", "021 1f", "044 ff", "044 1f"},
     .transactions = {"Go | nack (command) | command-frame-short",
                      "Erase | nack (command) | command-frame-short",
                      "Go | nack (command) | command-frame-short",
                      "Erase | nack (command) | command-frame-short"}},
    {.name = "opcode as data on 0x111, refused as Read Memory",
     .frames = {"111 00", "111 1f", "111 00", "111 1f"},
     .transactions = {"Read Memory | nack (command) | opcode-in-data command-frame-short",
                      "Read Memory | nack (command) | opcode-in-data command-frame-short"}},
    {.name = "opcodes as data on 0x111, nobody answers",
     .alone = true,
     .frames = {"111 00", "111 44 ff ff", "111 02"},
     .transactions = {"Read Memory | no-reply (command) | opcode-in-data command-frame-short "
                      "detection-missing",
                      "Read Memory | no-reply (command) | opcode-in-data command-frame-short",
                      "Read Memory | incomplete (command) | opcode-in-data command-frame-short"}},
    {.name = "Go and its address as data on 0x111",
     .frames = {"111 21 08 00 00 00", "111 1f"},
     .transactions = {"Read Memory 0x21080000 1 byte | nack (command) | opcode-in-data"}},

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
static size_t feed_vector(struct fdcan_rig *rig, const struct vector *vector, size_t frames)
{
    if (vector->joined)
        fdcan_rig_feed_all(rig, fdcan_rig_preamble);
    for (size_t i = 0; i < frames; i++)
        fdcan_rig_feed_text(rig, vector->frames[i]);
    return vector->joined ? 1 : 0;
}

/** Each byte of the data of a frame that a transaction begins with is in exactly one span. */
static void assert_command_frames_are_covered(const struct fdcan_rig *rig,
                                              const struct vector *vector, size_t before)
{
    for (size_t i = before; i < rig->collector.transactions_length; i++) {
        const uint64_t packet = rig->collector.transactions[i].first_packet;
        const size_t at = (size_t)packet - 1 - (vector->joined ? 4 : 0);
        uint8_t data[64];
        const struct btap_can_frame frame = fdcan_rig_frame(vector->frames[at], data);
        size_t covered = 0;

        for (size_t j = 0; j < rig->collector.spans_length; j++) {
            const struct btap_span *span = &rig->collector.spans[j].span;

            covered += span->packet == packet && span->offset >= 8 ? span->length : 0;
        }
        if (covered != frame.length)
            fail_msg("frame %s: %zu of %u bytes are in spans", vector->frames[at], covered,
                     (unsigned)frame.length);
    }
}

static void every_vector_decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *vector = &vectors[i];
        struct fdcan_rig rig;
        size_t before;

        print_message("  %s\n", vector->name);
        fdcan_rig_open(&rig);
        before = feed_vector(&rig, vector, frames_of(vector));
        btap_can_finish(&rig.fdcan);
        if (before > 0)
            fdcan_rig_assert_line(&rig, 0, fdcan_rig_preamble_line);
        for (size_t j = 0; j < transactions_of(vector); j++)
            fdcan_rig_assert_line(&rig, before + j, vector->transactions[j]);
        assert_int_equal(rig.collector.transactions_length, before + transactions_of(vector));
        fdcan_rig_assert_loose_notes(&rig, vector->loose);
        assert_command_frames_are_covered(&rig, vector, before);
        fdcan_rig_close(&rig);
    }
}

/** The last transaction of a cut rig: incomplete, or as it is in the whole rig. */
static void assert_cut(const struct fdcan_rig *rig, const struct vector *vector, size_t before)
{
    const size_t length = rig->collector.transactions_length;
    const struct btap_transaction *last = &rig->collector.transactions[length - 1];

    for (size_t i = before; i + 1 < length; i++)
        if (rig->collector.transactions[i].status != BTAP_INCOMPLETE)
            fdcan_rig_assert_line(rig, i, vector->transactions[i - before]);
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
            struct fdcan_rig rig;
            size_t before;

            fdcan_rig_open(&rig);
            before = feed_vector(&rig, &vectors[i], cut);
            btap_can_finish(&rig.fdcan);
            if (rig.collector.transactions_length > before)
                assert_cut(&rig, &vectors[i], before);
            fdcan_rig_close(&rig);
        }
}

static void foreign_frames_at_every_position_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *vector = &vectors[i];
        struct fdcan_rig plain;

        if (vector->alone)
            continue;
        fdcan_rig_open(&plain);
        feed_vector(&plain, vector, frames_of(vector));
        btap_can_finish(&plain.fdcan);
        for (size_t position = 0; position <= frames_of(vector); position++) {
            struct fdcan_rig mixed;

            fdcan_rig_open(&mixed);
            if (vector->joined)
                fdcan_rig_feed_all(&mixed, fdcan_rig_preamble);
            for (size_t frame = 0; frame <= frames_of(vector); frame++) {
                if (frame == position)
                    fdcan_rig_feed_foreign(&mixed);
                if (frame < frames_of(vector))
                    fdcan_rig_feed_text(&mixed, vector->frames[frame]);
            }
            btap_can_finish(&mixed.fdcan);
            collector_assert_same(&plain.collector, &mixed.collector);
            assert_int_equal(mixed.fdcan.foreign, plain.fdcan.foreign + 6);
            fdcan_rig_close(&mixed);
        }
        fdcan_rig_close(&plain);
    }
}

/* Nobody asked for anything: the decoder must not read through a missing callback */
static void sink_without_callbacks(void **state)
{
    static const struct btap_sink sink = {.context = NULL};
    struct fdcan_rig rig;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        fdcan_rig_open(&rig);
        btap_can_init(&rig.fdcan, &sink, &rig.link, NULL);
        feed_vector(&rig, &vectors[i], frames_of(&vectors[i]));
        btap_can_finish(&rig.fdcan);
        assert_int_equal(rig.link.transactions,
                         transactions_of(&vectors[i]) + (vectors[i].joined ? 1 : 0));
        fdcan_rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_decodes),
        cmocka_unit_test(every_vector_cut_after_every_frame_is_incomplete),
        cmocka_unit_test(foreign_frames_at_every_position_change_nothing),
        cmocka_unit_test(sink_without_callbacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
