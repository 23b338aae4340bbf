/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exchanges of AN3154, worked out by hand from its text (and AN2662's, which has the same
 * protocol), from what ST's Open Bootloader (OpenBL) puts on the wire, and from can-prog.
 */
#include "can_vectors.h"

#define CAN_COMMANDS                                                                               \
    "000 00", "000 01", "000 02", "000 03", "000 11", "000 21", "000 31", "000 43", "000 63",      \
        "000 73", "000 82", "000 92"

/* An erase of 9 pages, and its list in a full frame and one of one page */
#define NINE_PAGES "043 08"
#define PAGES_0_7  "043 00 01 02 03 04 05 06 07"

static const struct can_vector vectors[] = {
    /* Identifier 0x79, no data; sent again it is no command */
    {.name = "synchronisation", .frames = {"079", "079 79"}, .transactions = {"Sync | ok"}},
    {.name = "synchronisation of a device that is synchronised",
     .frames = {"079", "079 1f"},
     .transactions = {"Sync | nack (sync) | can-already-synced"}},
    {.name = "synchronisation, repeated until it is answered",
     .alone = true,
     .frames = {"079", "079", "079 79"},
     .transactions = {"Sync | no-reply (sync)", "Sync | ok | host-retry"}},
    {.name = "synchronisation that nobody answers",
     .alone = true,
     .frames = {"079", "079"},
     .transactions = {"Sync | no-reply (sync)", "Sync | incomplete (sync) | host-retry"}},
    {.name = "synchronisation and command without answer",
     .alone = true,
     .frames = {"079", "000"},
     .transactions = {"Sync | no-reply (sync)", "Get | incomplete (command)"}},

    /* Get: one byte a frame, 12 commands of an F105, version 2.0 */
    {.name = "Get",
     .frames = {"000", "000 79", "000 0c", "000 20", CAN_COMMANDS, "000 79"},
     .transactions = {"Get 2.0, 12 commands | ok"}},
    {.name = "Get that announces one more",
     .frames = {"000", "000 79", "000 0d", "000 20", CAN_COMMANDS, "000 79"},
     .transactions = {"Get 2.0, 12 commands | ok | command-count-wrong"}},
    {.name = "Get with a DLC that does not matter",
     .joined = true,
     .frames = {"000 00", "000 79", "000 01", "000 20", "000 00", "000 79"},
     .transactions = {"Get 2.0, 1 commands | ok"}},
    {.name = "Get refused", .frames = {"000", "000 1f"}, .transactions = {"Get | nack (command)"}},

    {.name = "Get Version",
     .frames = {"001", "001 79", "001 20", "001 00 00", "001 79"},
     .transactions = {"Get Version 2.0 | ok"}},
    {.name = "Get Version refused",
     .frames = {"001", "001 1f"},
     .transactions = {"Get Version | nack (command)"}},

    {.name = "Get ID",
     .frames = {"002", "002 79", "002 04 13", "002 79"},
     .transactions = {"Get ID 0x413 | ok"}},
    {.name = "Get ID that ends after its first answer",
     .frames = {"002", "002 79", "002 79"},
     .transactions = {"Get ID | ok | reply-short"}},
    {.name = "Get ID refused",
     .frames = {"002", "002 1f"},
     .transactions = {"Get ID | nack (command)"}},

    /* Speed: 1 to 4; the second ACK comes at the new rate */
    {.name = "Speed 125 kbit/s",
     .joined = true,
     .frames = {"003 01", "003 79", "003 79"},
     .transactions = {"Speed 125000 | ok"}},
    {.name = "Speed 1 Mbit/s",
     .joined = true,
     .frames = {"003 04", "003 79", "003 79"},
     .transactions = {"Speed 1000000 | ok"}},
    {.name = "Speed that the device does not have",
     .joined = true,
     .frames = {"003 05", "003 1f"},
     .transactions = {"Speed | nack (command)"}},
    {.name = "Speed that fails at the new rate",
     .joined = true,
     .frames = {"003 03", "003 79", "003 1f"},
     .transactions = {"Speed 500000 | nack (operation)"}},
    {.name = "Speed, and nothing at the new rate",
     .joined = true,
     .ends_early = true,
     .frames = {"003 02", "003 79", "000", "000 1f"},
     .transactions = {"Speed 250000 | no-reply (operation)", "Get | nack (command)"}},

    /* Read Memory: frames of 8 bytes; what is left in one short frame, or a byte a frame (OpenBL)
     */
    {.name = "Read Memory of 16 bytes",
     .frames = {"011 08 00 00 00 0f", "011 79", "011 8*a5", "011 8*5a", "011 79"},
     .transactions = {"Read Memory 0x08000000 16 bytes | ok"}},
    {.name = "Read Memory of 11 bytes, short frame",
     .frames = {"011 08 00 00 00 0a", "011 79", "011 8*a5", "011 3*5a", "011 79"},
     .transactions = {"Read Memory 0x08000000 11 bytes | ok"}},
    {.name = "Read Memory of 11 bytes, the last ones alone and like answers (OpenBL)",
     .frames = {"011 08 00 00 00 0a", "011 79", "011 8*a5", "011 79", "011 1f", "011 79", "011 79"},
     .transactions = {"Read Memory 0x08000000 11 bytes | ok"}},
    {.name = "Read Memory of one byte that looks like an ACK",
     .frames = {"011 08 00 00 00 00", "011 79", "011 79", "011 79"},
     .transactions = {"Read Memory 0x08000000 1 byte | ok"}},
    {.name = "Read Memory of contents that look like answers",
     .frames = {"011 08 00 00 00 07", "011 79", "011 8*79", "011 79"},
     .transactions = {"Read Memory 0x08000000 8 bytes | ok"}},
    {.name = "Read Memory that ends too early",
     .frames = {"011 08 00 00 00 0f", "011 79", "011 8*a5", "011 79"},
     .transactions = {"Read Memory 0x08000000 16 bytes | ok | reply-short"}},
    {.name = "Read Memory refused: protection or address",
     .frames = {"011 08 00 00 00 ff", "011 1f"},
     .transactions = {"Read Memory 0x08000000 256 bytes | nack (command) | "
                      "protected-or-address"}},
    {.name = "Read Memory of another address, refused",
     .joined = true,
     .frames = {"011 5a 00 00 00 00", "011 1f"},
     .transactions = {"Read Memory 0x5a000000 1 byte | nack (command) | protected-or-address"}},

    /* Write Memory: each data frame is acknowledged on 0x31, and the end once more */
    {.name = "Write Memory of 16 bytes, data on 0x04",
     .frames = {"031 08 00 00 00 0f", "031 79", "004 8*11", "031 79", "004 8*22", "031 79",
                "031 79"},
     .transactions = {"Write Memory 0x08000000 16 bytes | ok"}},
    {.name = "Write Memory of 12 bytes, data on 0x31",
     .frames = {"031 20 00 10 00 0b", "031 79", "031 8*11", "031 79", "031 4*22", "031 79",
                "031 79"},
     .transactions = {"Write Memory 0x20001000 12 bytes | ok"}},
    {.name = "Write Memory of 9 bytes, the last one like an ACK",
     .frames = {"031 08 00 00 00 08", "031 79", "004 8*11", "031 79", "004 79", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000000 9 bytes | ok"}},
    {.name = "Write Memory whose data look like a command",
     .ambiguous = true,
     .frames = {"031 08 00 00 00 04", "031 79", "031 08 00 00 00 ff", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000000 5 bytes | ok"}},
    {.name = "Write Memory with data on any identifier",
     .frames = {"031 08 00 00 00 07", "031 79", "07f 8*11", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000000 8 bytes | ok"}},
    {.name = "Write Memory, its last frame padded",
     .frames = {"031 08 00 00 00 09", "031 79", "004 8*11", "031 79", "004 22 22 6*ff", "031 79",
                "031 79"},
     .transactions = {"Write Memory 0x08000000 10 bytes | ok"}},
    {.name = "Write Memory by a host that does not wait",
     .frames = {"031 08 00 00 00 17", "031 79", "004 8*11", "004 8*22", "004 8*33", "031 79",
                "031 79", "031 79", "031 79"},
     .transactions = {"Write Memory 0x08000000 24 bytes | ok | data-before-ack"}},
    {.name = "Write Memory refused: protection or address",
     .frames = {"031 08 00 00 00 ff", "031 1f"},
     .transactions = {"Write Memory 0x08000000 256 bytes | nack (command) | "
                      "protected-or-address"}},
    {.name = "Write Memory whose data are refused",
     .frames = {"031 08 00 00 00 0f", "031 79", "004 8*11", "031 1f"},
     .transactions = {"Write Memory 0x08000000 16 bytes | nack (data)"}},
    {.name = "Write Memory whose data are refused on their own identifier",
     .frames = {"031 08 00 00 00 0f", "031 79", "004 8*11", "004 1f"},
     .transactions = {"Write Memory 0x08000000 16 bytes | nack (data)"}},
    {.name = "Write Memory that could not be programmed",
     .frames = {"031 08 00 00 00 07", "031 79", "004 8*11", "031 79", "031 1f"},
     .transactions = {"Write Memory 0x08000000 8 bytes | nack (operation)"}},
    {.name = "Write Memory with too few data",
     .ends_early = true,
     .frames = {"031 08 00 00 00 0f", "031 79", "004 8*11", "031 79", "000", "000 1f"},
     .transactions = {"Write Memory 0x08000000 16 bytes | no-reply (data) | data-frames-missing",
                      "Get | nack (command)"}},
    {.name = "Write Memory in frames that are not full (OpenBL counts frames)",
     .frames = {"031 08 00 00 00 0f", "031 79", "004 4*11", "031 79", "004 4*22", "031 79",
                "031 79"},
     .transactions = {"Write Memory 0x08000000 16 bytes | ok | data-frames-not-full"}},
    {.name = "Write Memory, one data frame not acknowledged",
     .ends_early = true,
     .frames = {"031 08 00 00 00 0f", "031 79", "004 8*11", "079", "079 1f"},
     .transactions = {"Write Memory 0x08000000 16 bytes | no-reply (data)",
                      "Sync | nack (sync) | can-already-synced"}},

    /* Go: one ACK */
    {.name = "Go", .frames = {"021 08 00 00 00", "021 79"}, .transactions = {"Go 0x08000000 | ok"}},
    {.name = "Go refused",
     .frames = {"021 08 00 00 00", "021 1f"},
     .transactions = {"Go 0x08000000 | nack (command) | refused-at-once"}},

    /* Erase: the number of pages less one */
    {.name = "erase of everything, two ACKs (can-prog)",
     .joined = true,
     .frames = {"043 ff", "043 79", "043 79"},
     .transactions = {"Erase mass | ok"}},
    {.name = "erase of everything, three ACKs (OpenBL)",
     .joined = true,
     .ends_early = true,
     .frames = {"043 ff", "043 79", "043 79", "043 79"},
     .transactions = {"Erase mass | ok"}},
    {.name = "erase of everything that fails",
     .joined = true,
     .frames = {"043 ff", "043 79", "043 1f"},
     .transactions = {"Erase mass | nack (operation)"}},
    {.name = "erase of everything refused",
     .joined = true,
     .frames = {"043 ff", "043 1f"},
     .transactions = {"Erase mass | nack (command) | refused-at-once"}},
    {.name = "erase of one page, the count acknowledged (OpenBL)",
     .joined = true,
     .frames = {"043 00", "043 79", "043 79", "043 05", "043 79"},
     .transactions = {"Erase 1 page: 5 | ok"}},
    {.name = "erase of one page, list and end acknowledged",
     .joined = true,
     .ends_early = true,
     .frames = {"043 00", "043 79", "043 05", "043 79", "043 79"},
     .transactions = {"Erase 1 page: 5 | ok"}},
    {.name = "erase of nine pages (OpenBL)",
     .joined = true,
     .frames = {NINE_PAGES, "043 79", "043 79", PAGES_0_7, "043 79", "043 08", "043 79"},
     .transactions = {"Erase 9 pages: 0 1 2 3 4 5 6 7 8 | ok"}},
    {.name = "erase of eight pages, the end acknowledged too (OpenBL)",
     .joined = true,
     .ends_early = true,
     .frames = {"043 07", "043 79", "043 79", PAGES_0_7, "043 79", "043 79"},
     .transactions = {"Erase 8 pages: 0 1 2 3 4 5 6 7 | ok"}},
    {.name = "erase of two pages, list on 0x04",
     .joined = true,
     .frames = {"043 01", "043 79", "004 02 03", "043 79"},
     .transactions = {"Erase 2 pages: 2 3 | ok"}},
    {.name = "erase of pages, the list refused",
     .joined = true,
     .frames = {"043 01", "043 79", "043 02 03", "043 1f"},
     .transactions = {"Erase 2 pages: 2 3 | nack (data)"}},
    {.name = "erase of pages refused",
     .joined = true,
     .frames = {"043 01", "043 1f"},
     .transactions = {"Erase 2 pages | nack (command) | refused-at-once"}},

    {.name = "Write Protect of two sectors (OpenBL)",
     .joined = true,
     .ends_early = true,
     .frames = {"063 01", "063 79", "063 00 01", "063 79", "063 79"},
     .transactions = {"Write Protect 2 sectors: 0 1 | ok"}},
    {.name = "Write Protect of one sector, the end acknowledged",
     .joined = true,
     .frames = {"063 00", "063 79", "063 03", "063 79"},
     .transactions = {"Write Protect 1 sector: 3 | ok"}},
    {.name = "Write Protect refused",
     .joined = true,
     .frames = {"063 00", "063 1f"},
     .transactions = {"Write Protect 1 sector | nack (command) | refused-at-once"}},
    {.name = "Write Unprotect",
     .frames = {"073", "073 79", "073 79"},
     .transactions = {"Write Unprotect | ok"}},
    {.name = "Write Unprotect refused",
     .frames = {"073", "073 1f"},
     .transactions = {"Write Unprotect | nack (command) | refused-at-once"}},
    {.name = "Readout Protect",
     .frames = {"082", "082 79", "082 79"},
     .transactions = {"Readout Protect | ok"}},
    {.name = "Readout Protect refused",
     .frames = {"082", "082 1f"},
     .transactions = {"Readout Protect | nack (command) | refused-at-once"}},
    {.name = "Readout Unprotect",
     .frames = {"092", "092 79", "092 79"},
     .transactions = {"Readout Unprotect | ok"}},
    {.name = "Readout Unprotect that fails",
     .frames = {"092", "092 79", "092 1f"},
     .transactions = {"Readout Unprotect | nack (operation)"}},

    /* What is no command of AN3154 */
    {.name = "a data frame astray, refused on its own identifier",
     .joined = true,
     .frames = {"004 8*11", "004 1f"},
     .transactions = {"Unknown command 0x04 | nack (command) | unsupported-command"}},
    {.name = "Extended Erase",
     .joined = true,
     .frames = {"044 ff ff", "044 1f"},
     .transactions = {"Unknown command 0x44 | nack (command) | unsupported-command"}},
    {.name = "Erase without its count",
     .joined = true,
     .frames = {"043", "043 1f"},
     .transactions = {"Erase | nack (command) | command-frame-short"}},
    {.name = "answer that is neither ACK nor NACK",
     .joined = true,
     .frames = {"002", "002 55"},
     .transactions = {"Get ID | bad-reply (command) | not-an-answer"}},
    {.name = "FDCAN's detection frame in a classic frame",
     .alone = true,
     .frames = {"111 5a", "002"},
     .transactions = {"Sync | no-reply (sync) | can-classic-frames",
                      "Get ID | incomplete (command)"}},
};

static const struct can_vectors all = {BTAP_CAN, vectors, COUNT_OF(vectors)};

static void every_vector_decodes(void **state)
{
    (void)state;
    can_vectors_decode(&all);
}

static void every_vector_cut_after_every_frame_is_incomplete(void **state)
{
    (void)state;
    can_vectors_cut(&all);
}

static void foreign_frames_at_every_position_change_nothing(void **state)
{
    (void)state;
    can_vectors_between_others(&all);
}

static void exchanges_joined_at_every_frame_are_told_as_they_are(void **state)
{
    (void)state;
    can_vectors_joined(&all);
}

/* One exchange of a session: what it is, and its frames */
struct exchange {
    const char *line;
    const char *frames[20];
};

/* AN3154: a host that begins with Sync and Get ID and erases page by page, then everything; the
 * answers are those of OpenBL (each count acknowledged) and of the note (list, end) */
static const struct exchange whole_session[] = {
    {"Sync | ok", {"079", "079 79"}},
    {"Get 2.0, 12 commands | ok", {"000", "000 79", "000 0c", "000 20", CAN_COMMANDS, "000 79"}},
    {"Get Version 2.0 | ok", {"001", "001 79", "001 20", "001 00 00", "001 79"}},
    {"Get ID 0x413 | ok", {"002", "002 79", "002 04 13", "002 79"}},
    {"Erase 1 page: 3 | ok", {"043 00", "043 79", "043 03", "043 79", "043 79"}},
    {"Erase 2 pages: 5 6 | ok", {"043 01", "043 79", "043 79", "043 05 06", "043 79"}},
    {"Erase mass | ok", {"043 ff", "043 79", "043 79"}},
    {"Write Memory 0x08000000 16 bytes | ok",
     {"031 08 00 00 00 0f", "031 79", "004 8*11", "031 79", "004 8*79", "031 79", "031 79"}},
    {"Read Memory 0x08000000 16 bytes | ok",
     {"011 08 00 00 00 0f", "011 79", "011 8*11", "011 8*79", "011 79"}},
    {"Go 0x08000000 | ok", {"021 08 00 00 00", "021 79"}},
};

/* The same, where commands without payload have one byte: "DLC = not important" (AN2662) */
static const struct exchange padded_session[] = {
    {"Sync | ok", {"079 00", "079 79"}},
    {"Get ID 0x413 | ok", {"002 00", "002 79", "002 04 13", "002 79"}},
    {"Erase mass | ok", {"043 ff", "043 79", "043 79"}},
    {"Write Memory 0x08000000 8 bytes | ok",
     {"031 08 00 00 00 07", "031 79", "004 8*11", "031 79", "031 79"}},
    {"Get Version 2.0 | ok", {"001 00", "001 79", "001 20", "001 00 00", "001 79"}},
    {"Go 0x08000000 | ok", {"021 08 00 00 00", "021 79"}},
};

/* And eight, as programs send that always fill a frame */
static const struct exchange full_session[] = {
    {"Sync | ok", {"079 8*00", "079 79"}},
    {"Get 2.0, 12 commands | ok",
     {"000 8*00", "000 79", "000 0c", "000 20", CAN_COMMANDS, "000 79"}},
    {"Erase 3 pages: 1 2 3 | ok", {"043 02", "043 79", "043 01 02 03", "043 79", "043 79"}},
    {"Write Memory 0x08000000 8 bytes | ok",
     {"031 08 00 00 00 07", "031 79", "004 8*11", "031 79", "031 79"}},
};

/* A session that begins with what proves nothing: a rate, sectors, more pages than are kept */
static const struct exchange weak_session[] = {
    {"Speed 500000 | ok", {"003 03", "003 79", "003 79"}},
    {"Write Protect 2 sectors: 0 1 | ok", {"063 01", "063 79", "063 00 01", "063 79", "063 79"}},
    {"Erase 9 pages: 0 1 2 3 4 5 6 7 8 | ok",
     {NINE_PAGES, "043 79", "043 79", PAGES_0_7, "043 79", "043 08", "043 79"}},
    {"Erase 1 page: 0 | ok", {"043 00", "043 79", "043 79", "043 00", "043 79"}},
    {"Write Unprotect | ok", {"073", "073 79", "073 79"}},
    {"Write Memory 0x08000000 8 bytes | ok",
     {"031 08 00 00 00 07", "031 79", "004 8*11", "031 79", "031 79"}},
};

/** Frames of a session's first exchanges. */
static size_t frames_before(const struct exchange *session, size_t exchanges)
{
    size_t frames = 0;

    for (size_t i = 0; i < exchanges; i++)
        for (size_t f = 0; f < COUNT_OF(session[i].frames) && session[i].frames[f] != NULL; f++)
            frames++;
    return frames;
}

/**
 * Joined at any frame: of the exchange that is cut nothing, or that it is incomplete; all those
 * behind it, as they are.
 */
static void assert_session(const struct exchange *session, size_t exchanges)
{
    for (size_t cut = 0; cut < frames_before(session, exchanges); cut++) {
        struct can_rig rig;
        size_t told = 0;
        size_t next = 0;

        can_rig_open_on(&rig, BTAP_CAN);
        for (size_t i = 0, frame = 0; i < exchanges; i++)
            for (size_t f = 0; f < COUNT_OF(session[i].frames) && session[i].frames[f] != NULL; f++)
                if (frame++ >= cut)
                    can_rig_feed_text(&rig, session[i].frames[f]);
        btap_can_finish(&rig.can);
        while (next < exchanges && frames_before(session, next) < cut)
            next++;
        print_message("  %zu frames cut: from %s\n", cut,
                      next < exchanges ? session[next].line : "nothing");
        while (told < rig.collector.transactions_length &&
               rig.collector.transactions[told].status == BTAP_INCOMPLETE)
            told++;
        assert_true(told <= 1);
        assert_int_equal(rig.collector.transactions_length - told, exchanges - next);
        for (; next < exchanges; next++)
            can_rig_assert_line(&rig, told++, session[next].line);
        can_rig_assert_loose_notes(&rig, NULL);
        can_rig_close(&rig);
    }
}

static void sessions_joined_at_every_frame_are_told_as_they_are(void **state)
{
    (void)state;
    assert_session(whole_session, COUNT_OF(whole_session));
    assert_session(padded_session, COUNT_OF(padded_session));
    assert_session(full_session, COUNT_OF(full_session));
    assert_session(weak_session, COUNT_OF(weak_session));
}

static void sink_without_callbacks(void **state)
{
    (void)state;
    can_vectors_unheard(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_decodes),
        cmocka_unit_test(every_vector_cut_after_every_frame_is_incomplete),
        cmocka_unit_test(foreign_frames_at_every_position_change_nothing),
        cmocka_unit_test(exchanges_joined_at_every_frame_are_told_as_they_are),
        cmocka_unit_test(sessions_joined_at_every_frame_are_told_as_they_are),
        cmocka_unit_test(sink_without_callbacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
