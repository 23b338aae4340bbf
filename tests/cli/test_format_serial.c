/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of a serial line, each of the same session: 7F, Get (protocol 3.1, eleven commands), Get ID
 * (0x450), a Read Memory that is refused, four bytes written to 0x08000000.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "formats/formats.h"
#include "formats/serial/marks.h"
#include "program.h"
#include "said.h"
#include "test.h"

#define TRANSACTIONS_MAX 8

/** What came out of a log. */
struct decoded {
    size_t length;
    struct btap_transaction list[TRANSACTIONS_MAX];
    struct btap_link link;
    uint64_t noted; /**< notes of errors on the line */
    uint32_t lost;  /**< bytes, as notes say */
};

static struct capture capture;

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct decoded *decoded = context;

    assert_true(decoded->length < TRANSACTIONS_MAX);
    decoded->list[decoded->length++] = *transaction;
    decoded->link = *link;
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct decoded *decoded = context;

    (void)link;
    (void)n;
    decoded->noted += note->id == BTAP_NOTE_PARITY_ERROR || note->id == BTAP_NOTE_FRAMING_ERROR;
    if (note->id == BTAP_NOTE_BYTES_LOST)
        decoded->lost += note->arg[0];
}

static struct decoded decode(const char *name)
{
    struct decoded decoded = {0};
    const struct btap_sink sink = {
        .context = &decoded,
        .note = on_note,
        .transaction = on_transaction,
    };
    const struct btap_options options = btap_options_default();
    char path[256];

    snprintf(path, sizeof(path), "%s/logs/%s", BOOTTAP_CAPTURES, name);
    capture_read(&capture, path, &options, &sink);
    return decoded;
}

/** The logs, and what each must show beside the session. */
static const struct {
    const char *name;
    const char *format;
    const char *remark; /**< a part of it; "" none */
    uint32_t lacks;
    bool at_tool;
    btap_ns began; /**< the session, since 1970 */
    btap_ns get;   /**< and how much later Get */
} logs[] = {
    {"hex.txt", "a session in hexadecimal", "", BTAP_LACKS_TIMES, false, 0, 0},
    {"interceptty.log", "a log of interceptty", "", 0, false, INT64_C(36921000000000), 2000000},
    {"interceptty-e.log", "a log of interceptty", "", BTAP_LACKS_TIMES, false, 0, 0},
    {"jpnevulator.log", "a log of jpnevulator", "", 0, false, INT64_C(1741947327933719000), 400000},
    {"jpnevulator-ports.log", "a log of jpnevulator", "'/dev/ttyS1' is taken for the host", 0,
     false, INT64_C(1741947327933719000), 400000},
    {"portmon.log", "a log of Portmon", "", BTAP_LACKS_TIMES, true, 0, 0},
    {"portmon-clone.log", "a log of Portmon", "bytes of 1 request", 0, true,
     INT64_C(36920000000000), 1000000000},
    {"saleae-decimal.csv", "a serial table of Saleae Logic", "taken for decimal", 0, false, 50000,
     310972},
    {"saleae-logic2.csv", "a serial table of Saleae Logic", "'Async Serial' is taken for the host",
     0, false, 50000, 310972},
    {"saleae-logic2-iso.csv", "a serial table of Saleae Logic", "", 0, false,
     INT64_C(1741947321000050000), 310972},
    {"serial-port-monitor.txt", "a log of Serial Port Monitor", "", BTAP_LACKS_TIMES, true,
     INT64_C(1741947321000000000), 0},
    {"sigrok-uart.txt", "annotations of sigrok-cli", "nothing in it tells who sent a byte",
     BTAP_LACKS_TIMES | BTAP_LACKS_REPLIES, false, 0, 0},
    {"sigrok-uart-classes.txt", "annotations of sigrok-cli", "", BTAP_LACKS_TIMES, false, 0, 0},
    {"slsnif.log", "a log of slsnif", "", BTAP_LACKS_TIMES, false, 0, 0},
    {"slsnif-d.log", "a log of slsnif", "", BTAP_LACKS_TIMES, false, 0, 0},
    {"slsnif-x.log", "a log of slsnif", "", BTAP_LACKS_TIMES, false, INT64_C(1741947321000000000),
     2000000000},
    {"socat-xv.log", "a log of socat -x", "", 0, false, INT64_C(1741947346608207000), 2000000},
    {"socat-quoted.txt", "a log of socat -x", "", 0, false, INT64_C(1741947346608207000), 2000000},
    {"strace-xx.log", "a trace of strace", "", 0, true, INT64_C(86399999000000), 400000},
    {"strace-quoted.txt", "a trace of strace", "", BTAP_LACKS_TIMES, true, 0, 0},
    {"strace-curly.txt", "a trace of strace", "", BTAP_LACKS_TIMES, true, 0, 0},
    {"terminal.log", "a log of bytes with marks", "", 0, false, INT64_C(36921000000000), 14000000},
    {"terminal-quoted.txt", "a log of bytes with marks", "", 0, false, INT64_C(1741947321000000000),
     0},
    {"terminal-docklight.txt", "a log of bytes with marks", "", 0, false,
     INT64_C(1741947321000000000), 28000000},
    {"terminal-below.txt", "a log of bytes with marks", "", BTAP_LACKS_TIMES, false, 0, 0},
};

static void assert_session(const struct decoded *decoded)
{
    const struct btap_transaction *list = decoded->list;

    assert_int_equal(decoded->length, 5);
    assert_int_equal(list[0].command, BTAP_SYNC);
    assert_int_equal(list[1].command, BTAP_GET);
    assert_int_equal(list[2].command, BTAP_GET_ID);
    assert_int_equal(list[3].command, BTAP_READ_MEMORY);
    assert_int_equal(list[4].command, BTAP_WRITE_MEMORY);
    for (size_t i = 0; i < decoded->length; i++)
        assert_int_equal(list[i].status, i == 3 ? BTAP_NACK : BTAP_OK);
    assert_int_equal(list[2].pid, 0x450);
    assert_int_equal(list[4].address, 0x08000000);
    assert_int_equal(list[4].length, 4);
}

/** What bytes are taken for; "" nothing that is read */
static const char *format_of_bytes(const uint8_t *bytes, size_t length)
{
    const struct first first = first_from(bytes, length);
    const struct reader_format *format = formats_find(&first);

    return format != NULL ? format->kind.name : "";
}

/** The same of a log */
static const char *format_of(const char *name)
{
    static uint8_t bytes[FIRST_SIZE];
    char path[256];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "%s/logs/%s", BOOTTAP_CAPTURES, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return format_of_bytes(bytes, length);
}

static const char *format_in(const char *text)
{
    return format_of_bytes((const uint8_t *)text, strlen(text));
}

static void every_log_shows_the_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(logs); i++) {
        struct decoded decoded;
        const char *said;

        print_message("%s\n", logs[i].name);
        assert_string_equal(format_of(logs[i].name), logs[i].format);
        said_begin();
        decoded = decode(logs[i].name);
        said = said_end();
        assert_session(&decoded);
        assert_int_equal(decoded.link.lacks, logs[i].lacks);
        assert_int_equal(decoded.link.at_tool, logs[i].at_tool);
        assert_int_equal(decoded.list[0].time, logs[i].began);
        assert_int_equal(decoded.list[1].time - decoded.list[0].time, logs[i].get);
        if (logs[i].remark[0] == '\0')
            assert_string_equal(said, "");
        else
            assert_non_null(strstr(said, logs[i].remark));
        assert_int_equal(capture.input.result, INPUT_END);
    }
}

/** Begun after the port was opened, Get's answer cut after 8 of 15 bytes, ended within a call. */
static void a_trace_that_strace_cut(void **state)
{
    struct decoded decoded;
    const char *said;

    (void)state;
    said_begin();
    decoded = decode("strace-cut.log");
    said = said_end();
    assert_int_equal(decoded.length, 5);
    assert_int_equal(decoded.list[1].status, BTAP_INCOMPLETE);
    assert_int_equal(decoded.list[4].status, BTAP_OK);
    assert_int_equal(decoded.list[4].length, 4);
    assert_string_equal(decoded.link.interface, "fd 4");
    assert_int_equal(decoded.lost, 7);
    assert_non_null(strstr(said, "strace cut the bytes of 1 call off, the first in line 4"));
}

/** The host's channel only, with a parity error in EE and a framing error in CE. */
static void one_channel_with_errors(void **state)
{
    struct decoded decoded;

    (void)state;
    said_begin();
    decoded = decode("saleae-logic1.txt");
    assert_non_null(strstr(said_end(), "or it holds one side only"));
    assert_int_equal(decoded.noted, 2);
    assert_string_equal(format_of("saleae-logic1.txt"), "a serial table of Saleae Logic");
}

/** Values of which nobody can say what they mean are not guessed at. */
static void values_that_may_mean_several_bytes(void **state)
{
    const char *said;

    (void)state;
    write_file("table.csv", "name,type,start_time,data\nTX,data,0.1,79\nRX,data,0.2,y\n", 55);
    said_begin();
    assert_false(capture_read(&capture, "table.csv", NULL, &(struct btap_sink){0}));
    said = said_end();
    assert_non_null(strstr(said, "line 2: '79' is not a byte in hexadecimal (0x7F)"));
    assert_non_null(strstr(said, "skipped 2 such values"));
}

/** A time tells how far its clock is from UTC. */
static void times_of_another_zone(void **state)
{
    static const char table[] = "name,type,start_time,data\n"
                                "TX,data,2025-03-14T12:15:21.5+02:00,0x7F\n"
                                "RX,data,2025-03-14T12:15:21.6+02:00,0x79\n";
    struct decoded decoded = {0};
    const struct btap_sink sink = {.context = &decoded, .transaction = on_transaction};

    (void)state;
    write_file("zone.csv", table, sizeof(table) - 1);
    assert_true(capture_read(&capture, "zone.csv", NULL, &sink));
    assert_int_equal(decoded.length, 1);
    /* 2025-03-14 10:15:21.5 UTC */
    assert_int_equal(decoded.list[0].time, INT64_C(1741947321500000000));
}

static void what_holds_no_traffic_is_refused(void **state)
{
    (void)state;
    assert_string_equal(format_of("strace-dfu-util.log"), "");
    said_begin();
    decode("strace-dfu-util.log");
    assert_non_null(strstr(said_end(),
                           "it does not show the bytes of USB requests; record the next "
                           "try with: boottap run -w flash.pcapng"));
    said_begin();
    decode("terminal-dump.txt");
    assert_non_null(strstr(said_end(), "one side, and took the bytes from the tool"));
}

/** What most people paste: the host asks, nobody answers. */
static void only_the_host_speaks(void **state)
{
    static const char quoted[] = "> 7F\n> 7F\n";
    static const char within[] = "He wrote\nTX: 7F\nand then\n";
    struct decoded decoded;
    const char *said;

    (void)state;
    assert_string_equal(format_of("terminal-no-answer.log"), "a log of bytes with marks");
    said_begin();
    decoded = decode("terminal-no-answer.log");
    said = said_end();
    /* One Sync, tried three times; the last try could still be answered. */
    assert_int_equal(decoded.length, 1);
    assert_int_equal(decoded.list[0].command, BTAP_SYNC);
    assert_int_equal(decoded.list[0].status, BTAP_INCOMPLETE);
    assert_int_equal(decoded.link.lacks, 0);
    assert_non_null(strstr(said, "it holds what the host sent, and no answer; if only one side"));
    assert_string_equal(format_in(quoted), "");
    assert_string_equal(format_in(within), "");
}

static void marks_that_a_person_names(void **state)
{
    static const char log[] = "10:15:21 bridge: 7F\n10:15:22 target0: 79\n";
    struct decoded decoded = {0};
    const struct btap_sink sink = {.context = &decoded, .transaction = on_transaction};

    (void)state;
    write_file("marks.log", log, sizeof(log) - 1);
    said_begin();
    assert_false(capture_read(&capture, "marks.log", NULL, &sink));
    assert_non_null(strstr(said_end(), "name what stands before them with --marks"));
    assert_false(marks_set("bridge"));
    assert_false(marks_set("bridge,"));
    assert_false(marks_set("bridge,BRIDGE"));
    assert_false(marks_set("a,b,c"));
    assert_true(marks_set("bridge,target0"));
    assert_true(capture_read(&capture, "marks.log", NULL, &sink));
    assert_int_equal(decoded.length, 1);
    assert_int_equal(decoded.list[0].status, BTAP_OK);
    assert_int_equal(decoded.list[0].duration, 1000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_log_shows_the_session),
        cmocka_unit_test(a_trace_that_strace_cut),
        cmocka_unit_test(one_channel_with_errors),
        cmocka_unit_test(values_that_may_mean_several_bytes),
        cmocka_unit_test(times_of_another_zone),
        cmocka_unit_test(what_holds_no_traffic_is_refused),
        cmocka_unit_test(only_the_host_speaks),
        cmocka_unit_test(marks_that_a_person_names),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
