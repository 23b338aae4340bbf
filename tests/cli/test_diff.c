/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diff on captures of simulated sessions that differ in one thing each.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_dfu.h"
#include "host_usart.h"
#include "products.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

#define FLASH  0x08000000u
#define BLOCK  256u
#define BLOCKS 4u

/** What is different in a session. Zero: nothing. */
struct variant {
    sim_ns wait;        /**< between the commands */
    size_t split;       /**< as usart_host.split */
    uint32_t skipped;   /**< number of the block that is not written, from 1 */
    uint32_t corrupted; /**< number of the block of which one byte is another, from 1 */
    bool erase_backwards;
    bool unerased;   /**< the second page is not erased */
    bool unverified; /**< nothing is read back */
    struct usart_fault fault;
};

/** Sync, Get ID, two erases, four blocks written, four read: twelve transactions. */
static void write_session(const char *path, const struct variant *variant)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct sim_capture_options options = {.linktype = SIM_RTAC};
    struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, &options);
    struct rtac_wire wire;
    uint8_t bytes[BLOCKS * BLOCK];

    sim_firmware(bytes, sizeof(bytes));
    if (variant->corrupted > 0)
        bytes[(variant->corrupted - 1) * BLOCK + 7] ^= 0x10;
    if (variant->fault.times > 0) {
        config.faults_length = 1;
        config.faults[0] = variant->fault;
    }
    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    host.split = variant->split;
    usart_host_open(&host);
    usart_host_sync(&host);
    usart_host_get_id(&host);
    for (uint16_t i = 0; i < 2; i++) {
        const uint16_t page = variant->erase_backwards ? 1 - i : i;

        if (page == 1 && variant->unerased)
            continue;
        usart_host_extended_erase(&host, page, page);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const uint32_t at = i * BLOCK;

        usart_host_wait(&host, variant->wait);
        if (i + 1 == variant->skipped)
            continue;
        if (!usart_host_write(&host, FLASH + at, bytes + at, BLOCK))
            usart_host_write(&host, FLASH + at, bytes + at, BLOCK);
    }
    for (uint32_t i = 0; i < BLOCKS && !variant->unverified; i++)
        usart_host_read(&host, FLASH + i * BLOCK, BLOCK);
    sim_capture_close(capture);
}

/** @param never_busy the device is done at the first poll, not the second */
static void write_dfu(const char *path, uint8_t address, bool never_busy)
{
    static struct dfu_device device;
    static struct dfu_host host;
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};
    const struct dfu_device_config config = {.product = dfu_product_by_name("f405"),
                                             .never_busy = never_busy};
    struct sim_capture *capture = sim_capture_open(path, &options);
    uint8_t bytes[2048];

    sim_firmware(bytes, sizeof(bytes));
    dfu_host_init(&host, capture, &device, &config);
    host.address = address;
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, bytes, sizeof(bytes));
    sim_capture_close(capture);
}

static int make_captures(void **state)
{
    const struct usart_fault write_nack = {
        .kind = USART_NACK, .opcode = 0x31, .phase = USART_DATA, .skip = 2, .times = 1};
    const struct sim_capture_options can = {.linktype = SIM_CAN};

    if (enter_directory(state) != 0)
        return -1;
    write_session("good.pcap", &(struct variant){0});
    write_session("slow.pcap", &(struct variant){.wait = 20 * SIM_MS});
    write_session("bytes.pcap", &(struct variant){.split = 1});
    write_session("skipped.pcap", &(struct variant){.skipped = 2});
    write_session("corrupted.pcap", &(struct variant){.corrupted = 3});
    write_session("backwards.pcap", &(struct variant){.erase_backwards = true});
    write_session("retried.pcap", &(struct variant){.fault = write_nack});
    write_dfu("dfu-5.pcap", 5, false);
    write_dfu("dfu-9.pcap", 9, false);
    write_dfu("dfu-polled-once.pcap", 5, true);
    write_fdcan_session("fdcan.pcap", &can);
    return 0;
}

/** Runs diff, which must say nothing on standard error. The caller releases. */
static struct run compare(const char *operands, int status)
{
    char command_line[256];
    struct run run;

    snprintf(command_line, sizeof(command_line), "diff %s", operands);
    run = run_program(command_line);
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, status);
    return run;
}

static void assert_same(const char *operands)
{
    struct run run = compare(operands, 0);

    assert_string_equal(run.out, "");
    run_release(&run);
}

static void assert_differ(const char *operands, const char *expected)
{
    struct run run = compare(operands, 1);

    assert_non_null(strstr(run.out, expected));
    run_release(&run);
}

static void assert_refused(const char *operands, const char *expected)
{
    char command_line[256];
    struct run run;

    snprintf(command_line, sizeof(command_line), "diff %s", operands);
    run = run_program(command_line);
    assert_string_equal(run.err, expected);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void a_capture_is_the_same_as_itself(void **state)
{
    struct run run;

    (void)state;
    assert_same("good.pcap good.pcap");
    assert_same("fdcan.pcap fdcan.pcap");
    run = compare("-s good.pcap good.pcap", 0);
    assert_string_equal(run.out, "good.pcap and good.pcap are the same: 12 transactions\n");
    run_release(&run);
}

static void times_do_not_count(void **state)
{
    (void)state;
    assert_same("good.pcap slow.pcap");
}

static void how_bytes_were_cut_does_not_count(void **state)
{
    (void)state;
    assert_same("good.pcap bytes.pcap");
}

static void bus_numbers_do_not_count(void **state)
{
    (void)state;
    assert_same("dfu-5.pcap dfu-9.pcap");
}

/* One poll more or less, and what goes with it: how long the device said that it is busy */
static void poll_counts_do_not_count(void **state)
{
    (void)state;
    assert_same("dfu-5.pcap dfu-polled-once.pcap");
    assert_differ("--include=polls dfu-5.pcap dfu-polled-once.pcap", "  polls: 2 | 1\n");
    assert_differ("--include=busy_ms dfu-5.pcap dfu-polled-once.pcap", "  busy_ms: ");
}

/* 1 Sync, 2 Get ID, 3 and 4 erases, 5 the first block, 6 the second, which the other lacks */
static void a_step_that_lacks(void **state)
{
    struct run run = compare("good.pcap skipped.pcap", 1);

    (void)state;
    assert_non_null(strstr(run.out, "--- good.pcap\tusart serial, 12 transactions\n"
                                    "+++ skipped.pcap\tusart serial, 11 transactions\n"
                                    "First difference, after 5 transactions that are the same: a "
                                    "step that B does not have: Write Memory 0x08000100 256 "
                                    "bytes\n"));
    assert_non_null(strstr(run.out, "\n-       6  "));
    assert_non_null(strstr(run.out, "Write Memory 0x08000100 256 bytes"));
    /* The memory still holds 0xFF there. */
    assert_non_null(strstr(run.out, "\n!   crc32: "));
    assert_non_null(strstr(run.out, "\n10 same, 1 changed, 1 only in A, 0 only in B\n"));
    run_release(&run);
    assert_differ("skipped.pcap good.pcap", "a step that A does not have");
    assert_differ("skipped.pcap good.pcap", "\n10 same, 1 changed, 0 only in A, 1 only in B\n");
}

/* 4 is the second erase, 9 the first block that is read back. */
static void an_erase_or_a_verification_that_lacks(void **state)
{
    (void)state;
    write_session("unerased.pcap", &(struct variant){.unerased = true});
    write_session("unverified.pcap", &(struct variant){.unverified = true});
    assert_differ("good.pcap unerased.pcap", "First difference, after 3 transactions that are the "
                                             "same: a step that B does not have: Extended Erase 1 "
                                             "page: 1\n");
    assert_differ("good.pcap unerased.pcap", "\n11 same, 0 changed, 1 only in A, 0 only in B\n");
    assert_differ("good.pcap unverified.pcap",
                  "First difference, after 8 transactions that are the "
                  "same: a step that B does not have: Read Memory "
                  "0x08000000 256 bytes\n");
    assert_differ("good.pcap unverified.pcap", "  B ends here\n");
    assert_differ("good.pcap unverified.pcap", "\n8 same, 0 changed, 4 only in A, 0 only in B\n");
    /* The blocks lie in the first page, and reading leaves nothing behind. */
    assert_same("--effect good.pcap unerased.pcap");
    assert_same("--effect good.pcap unverified.pcap");
}

static void other_bytes_written(void **state)
{
    (void)state;
    assert_differ("good.pcap corrupted.pcap",
                  "First difference, after 6 transactions that are the "
                  "same: other bytes are written: Write Memory 0x08000200 "
                  "256 bytes\n  crc32: 0x");
    /* The block, and what is read back from it */
    assert_differ("good.pcap corrupted.pcap", "\n10 same, 2 changed, 0 only in A, 0 only in B\n");
    assert_same("--ignore=crc32 good.pcap corrupted.pcap");
    assert_differ("--command=read-memory good.pcap corrupted.pcap",
                  "the device's memory holds other bytes");
    assert_same("--command=erase,extended-erase good.pcap corrupted.pcap");
    assert_same("--address=0x08000000-0x080001ff good.pcap corrupted.pcap");
}

static void a_failed_step(void **state)
{
    (void)state;
    assert_differ("good.pcap retried.pcap", "after 6 transactions that are the same: what succeeds "
                                            "in A fails in B: Write Memory 0x08000200 256 bytes\n");
    assert_differ("good.pcap retried.pcap", "\n11 same, 1 changed, 0 only in A, 1 only in B\n");
    assert_same("--ignore-retries good.pcap retried.pcap");
    assert_same("--ignore-retries retried.pcap good.pcap");
}

static void a_difference_of_status_is_explained(void **state)
{
    (void)state;
    /* Transaction 7 is the block that is refused, 8 its repetition. */
    assert_differ("--command=write-memory --address=0x08000200 --packets-b=1-41 good.pcap "
                  "retried.pcap",
                  "First difference, at the start: what succeeds in A fails in B: Write Memory "
                  "0x08000200 256 bytes\n"
                  "  status: ok | nack\n"
                  "  phase: - | data\n");
}

static void the_order_of_erases(void **state)
{
    (void)state;
    assert_differ("good.pcap backwards.pcap", "Extended Erase 1 page: 1");
    assert_same("--any-erase-order good.pcap backwards.pcap");
}

/* The blocks of slow.pcap come 20 ms later than those of good.pcap. */
static void times_may_be_tolerated(void **state)
{
    (void)state;
    assert_differ("--include=pause good.pcap slow.pcap", "pause: 0.");
    assert_differ("--tolerate=pause=19ms good.pcap slow.pcap", "pause: 0.");
    assert_same("--tolerate=pause=21ms good.pcap slow.pcap");
    assert_same("--tolerate=duration=1% good.pcap slow.pcap");
    assert_same("--tolerate=pause=21ms --ignore=pause good.pcap slow.pcap");
}

static void amounts_may_be_tolerated(void **state)
{
    (void)state;
    /* 2 polls and 1: one less, which is 50 % of A's; the other way round it is 100 %. */
    assert_differ("--tolerate=polls=0 dfu-5.pcap dfu-polled-once.pcap", "  polls: 2 | 1\n");
    assert_same("--tolerate=polls=1 dfu-5.pcap dfu-polled-once.pcap");
    assert_differ("--tolerate=polls=49% dfu-5.pcap dfu-polled-once.pcap", "  polls: 2 | 1\n");
    assert_same("--tolerate=polls=50% dfu-5.pcap dfu-polled-once.pcap");
    assert_differ("--tolerate=polls=99% dfu-polled-once.pcap dfu-5.pcap", "  polls: 1 | 2\n");
    assert_same("--tolerate=polls=100% dfu-polled-once.pcap dfu-5.pcap");
    assert_same("--tolerate=polls=0 --tolerate=polls=50% dfu-5.pcap dfu-polled-once.pcap");
}

static void a_part_of_a_capture(void **state)
{
    (void)state;
    assert_same("--packets-a=1-20 --packets-b=1-20 good.pcap corrupted.pcap");
    assert_same("--link-a=usb:1.5 --link-b=usb:1.9 dfu-5.pcap dfu-9.pcap");
    assert_refused("--link-b=usb:1.5 dfu-5.pcap dfu-9.pcap",
                   "boottap: dfu-9.pcap: none of its transactions is one of those asked for\n");
}

/** Takes bytes off the end of a file. */
static void shorten(const char *name, off_t bytes)
{
    struct stat status;

    assert_int_equal(stat(name, &status), 0);
    assert_int_equal(truncate(name, status.st_size - bytes), 0);
}

/* A Sync begins a session. both.pcap holds those of good.pcap and corrupted.pcap. */
static void one_session_of_several(void **state)
{
    (void)state;
    append_capture("good.pcap", "both.pcap");
    append_capture("corrupted.pcap", "both.pcap");
    assert_differ("good.pcap both.pcap", "\n12 same, 0 changed, 0 only in A, 12 only in B\n");
    assert_same("--session-b=1 good.pcap both.pcap");
    assert_same("--session-b=2 corrupted.pcap both.pcap");
    assert_differ("--session-a=1 --session-b=2 both.pcap both.pcap",
                  "\n10 same, 2 changed, 0 only in A, 0 only in B\n");
    assert_refused("--session-b=3 good.pcap both.pcap",
                   "boottap: both.pcap: none of its transactions is one of those asked for\n");
    assert_same("--effect --session-b=1 good.pcap both.pcap");
    assert_refused("--effect good.pcap both.pcap",
                   "boottap: both.pcap: 2 sessions write something; choose one with --session-b\n");
}

static void context_is_as_wide_as_asked(void **state)
{
    struct run run;

    (void)state;
    run = compare("-U0 good.pcap corrupted.pcap", 1);
    /* The head 2, the explanation 1 + 1, each side 3 + 1, two hunks of 4 lines, the totals */
    assert_int_equal(count_lines(run.out), 2 + 2 + 8 + 2 * 4 + 1);
    assert_non_null(strstr(run.out, "\n@@ -7,1 +7,1 @@\n-"));
    assert_non_null(strstr(run.out, "\n@@ -11,1 +11,1 @@\n-"));
    run_release(&run);
    run = compare("-U1 good.pcap corrupted.pcap", 1);
    assert_non_null(strstr(run.out, "\n@@ -6,3 +6,3 @@\n "));
    run_release(&run);
    /* Three lines around each: the hunks touch, and are one. */
    run = compare("good.pcap corrupted.pcap", 1);
    assert_non_null(strstr(run.out, "\n@@ -4,9 +4,9 @@\n "));
    run_release(&run);
}

static void brief_is_one_line(void **state)
{
    struct run run = compare("-q good.pcap corrupted.pcap", 1);

    (void)state;
    assert_string_equal(run.out, "good.pcap and corrupted.pcap differ: 2 changed, 0 only in A, 0 "
                                 "only in B, 10 same\n");
    run_release(&run);
    assert_same("-q good.pcap good.pcap");
}

/* Other wires differ in every command, and the program says so in any case. */
static void other_wires_differ(void **state)
{
    (void)state;
    assert_differ("good.pcap dfu-5.pcap", "--- good.pcap\tusart serial, 12 transactions\n"
                                          "+++ dfu-5.pcap\tdfu usb:1.5, ");
    assert_differ("good.pcap dfu-5.pcap", "\nDifferent wires: --effect compares what was done to "
                                          "the memory\nFirst difference, at the start: ");
    assert_differ("good.pcap fdcan.pcap", " only in A");
}

static struct json_object *member(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    assert_true(json_object_object_get_ex(object, key, &value));
    return value;
}

/* A write that failed once: it has no phase where it succeeded. */
static void json_leaves_out_what_is_not_there(void **state)
{
    struct run run = compare("--json good.pcap retried.pcap", 1);

    (void)state;
    assert_non_null(strstr(run.out, "{\"field\":\"status\",\"a\":\"ok\",\"b\":\"nack\"}"));
    assert_non_null(strstr(run.out, "{\"field\":\"phase\",\"b\":\"data\"}"));
    run_release(&run);
}

static void json_tells_each_difference(void **state)
{
    struct run run = compare("--json good.pcap corrupted.pcap", 1);
    char *line = strtok(run.out, "\n");
    struct json_object *object = json_tokener_parse(line);
    struct json_object *difference;

    (void)state;
    assert_string_equal(json_object_get_string(member(object, "type")), "difference");
    assert_int_equal(json_object_get_int(member(object, "v")), 1);
    assert_string_equal(json_object_get_string(member(object, "change")), "changed");
    assert_int_equal(json_object_get_int(member(member(object, "a"), "n")), 7);
    assert_string_equal(json_object_get_string(member(member(object, "b"), "command")),
                        "write-memory");
    difference = json_object_array_get_idx(member(object, "differences"), 0);
    assert_string_equal(json_object_get_string(member(difference, "field")), "crc32");
    json_object_put(object);
    assert_non_null(strtok(NULL, "\n"));
    object = json_tokener_parse(strtok(NULL, "\n"));
    assert_int_equal(json_object_get_int(member(member(object, "totals"), "same")), 10);
    assert_int_equal(json_object_get_int(member(member(object, "totals"), "changed")), 2);
    json_object_put(object);
    assert_null(strtok(NULL, "\n"));
    run_release(&run);
}

static void junit_has_a_case_a_command(void **state)
{
    struct run run = compare("--junit=- good.pcap corrupted.pcap", 1);

    (void)state;
    assert_non_null(strstr(run.out, "<testsuites name=\"boottap diff good.pcap corrupted.pcap\" "
                                    "tests=\"7\" failures=\"2\" errors=\"0\" time=\"0."));
    /* Sync, Get ID, Write Memory, Extended Erase, Read Memory */
    assert_non_null(strstr(run.out, "<testsuite name=\"captures\" tests=\"2\" failures=\"0\" "
                                    "errors=\"0\" time=\"0.000000\">"));
    assert_non_null(strstr(run.out, "<testsuite name=\"usart serial\" tests=\"5\" failures=\"2\" "
                                    "errors=\"0\" time=\""));
    assert_non_null(
        strstr(run.out, "<testcase classname=\"boottap.diff.usart\" name=\"sync\" time=\"0.0"));
    assert_non_null(strstr(run.out, "<testcase classname=\"boottap.diff.usart\" "
                                    "name=\"write-memory\" time=\"0."));
    assert_non_null(
        strstr(run.out, "\">\n      <failure type=\"difference\" message=\"Write Memory 0x08000200 "
                        "256 bytes: crc32: 0x"));
    assert_non_null(
        strstr(run.out, "\">\n1 changed, 0 only in A, 0 only in B, 3 same\n- transaction 7, "));
    run_release(&run);
    /* The cause is what became of the command. */
    run = compare("--junit=- good.pcap retried.pcap", 1);
    assert_non_null(
        strstr(run.out, "message=\"Write Memory 0x08000200 256 bytes: ok -&gt; nack (data)\""));
    run_release(&run);
    run = compare("--junit=- retried.pcap good.pcap", 1);
    assert_non_null(
        strstr(run.out, "message=\"Write Memory 0x08000200 256 bytes: nack (data) -&gt; ok\""));
    run_release(&run);
}

static void junit_beside_the_text(void **state)
{
    char text[2048] = "";
    FILE *file;

    (void)state;
    assert_same("--junit=report.xml good.pcap slow.pcap");
    file = fopen("report.xml", "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "tests=\"5\" failures=\"0\" errors=\"0\""));
    assert_refused("--junit=missing/report.xml good.pcap slow.pcap",
                   "boottap: missing/report.xml: No such file or directory\n");
}

/* A reader that looks at the report alone must not take half a capture for a good one. */
static void junit_tells_what_was_not_read(void **state)
{
    struct run run;

    (void)state;
    append_capture("good.pcap", "cut.pcap");
    append_capture("good.pcap", "cut.pcap");
    shorten("cut.pcap", 1);
    run = run_program("diff --junit=- --session-b=1 good.pcap cut.pcap");
    assert_int_equal(run.status, 2);
    assert_non_null(strstr(run.out, "<testsuite name=\"captures\" tests=\"2\" failures=\"0\" "
                                    "errors=\"1\" time=\"0.000000\">"));
    assert_non_null(strstr(run.out,
                           "name=\"read-a\"/>\n    <testcase classname=\"boottap.diff.captures\" "
                           "name=\"read-b\">\n      <error type=\"incomplete\" message=\"cut.pcap "
                           "could not be read to its end\"/>"));
    run_release(&run);
    run = run_program("diff --effect --junit=- --session-b=1 good.pcap cut.pcap");
    assert_int_equal(run.status, 2);
    assert_non_null(strstr(run.out, "cut.pcap could not be read to its end"));
    run_release(&run);
}

/* Readers know a case again by its names. */
static void junit_tells_links_apart(void **state)
{
    struct run run;

    (void)state;
    append_capture("dfu-5.pcap", "bus.pcap");
    append_capture("dfu-9.pcap", "bus.pcap");
    run = compare("--junit=- bus.pcap bus.pcap", 0);
    assert_non_null(strstr(run.out, "<testsuite name=\"dfu usb:1.5\" "));
    assert_non_null(strstr(run.out, "<testsuite name=\"dfu usb:1.9\" "));
    assert_non_null(strstr(run.out, "classname=\"boottap.diff.dfu\" name=\"write-memory\" "));
    assert_non_null(strstr(run.out, "classname=\"boottap.diff.dfu.2\" name=\"write-memory\" "));
    run_release(&run);
}

/* An argument forgotten, and the first capture would be gone. */
static void junit_never_replaces_a_capture(void **state)
{
    (void)state;
    assert_refused(
        "--junit=./slow.pcap good.pcap slow.pcap",
        "boottap: diff: the JUnit report would be written over 'slow.pcap', which is read; try "
        "'boottap help diff'\n");
    assert_same("good.pcap slow.pcap");
}

static void junit_escapes_names(void **state)
{
    struct run run;

    (void)state;
    write_session("<&\">.pcap", &(struct variant){0});
    run = compare("--junit=- good.pcap <&\">.pcap", 0);
    assert_non_null(strstr(run.out, "good.pcap &lt;&amp;&quot;&gt;.pcap\" tests="));
    run_release(&run);
}

/** What a session of a tool does to the memory. Zero: erases page 0, writes nothing. */
struct effect_case {
    uint32_t length; /**< of the firmware that is written */
    uint32_t block;  /**< bytes at once */
    bool no_erase;
    bool mass_erase;
    bool padded; /**< the last block is filled up with 0xFF */
};

#define FIRMWARE_MAX 4096

static void write_blocks(struct usart_host *host, const struct effect_case *effect)
{
    uint8_t bytes[FIRMWARE_MAX];

    sim_firmware(bytes, sizeof(bytes));
    for (uint32_t at = 0; at < effect->length; at += effect->block) {
        const uint32_t left = effect->length - at;
        uint32_t length = left < effect->block ? left : effect->block;

        if (effect->padded && length < effect->block) {
            memset(bytes + at + length, 0xff, effect->block - length);
            length = effect->block;
        }
        usart_host_write(host, FLASH + at, bytes + at, length);
    }
}

static void write_usart_effect(const char *path, const struct effect_case *effect)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct sim_capture_options options = {.linktype = SIM_RTAC};
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, &options);
    struct rtac_wire wire;

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    usart_host_open(&host);
    usart_host_sync(&host);
    usart_host_get_id(&host);
    if (effect->mass_erase)
        usart_host_special_erase(&host, 0xffff);
    else if (!effect->no_erase)
        usart_host_extended_erase(&host, 0, 0);
    write_blocks(&host, effect);
    sim_capture_close(capture);
}

/** As dfu-util: an erase, then blocks of 2048 bytes, the last as short as it is. */
static void write_dfu_effect(const char *path, uint32_t length)
{
    static struct dfu_device device;
    static struct dfu_host host;
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};
    const struct dfu_device_config config = {.product = dfu_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, &options);
    uint8_t bytes[FIRMWARE_MAX];

    sim_firmware(bytes, sizeof(bytes));
    dfu_host_init(&host, capture, &device, &config);
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    for (uint32_t at = 0; at < length; at += 2048) {
        dfu_host_set_address(&host, FLASH + at);
        dfu_host_write(&host, 2, bytes + at, length - at < 2048 ? length - at : 2048);
    }
    dfu_host_leave(&host, 2);
    sim_capture_close(capture);
}

static void another_wire_with_the_same_effect(void **state)
{
    struct run run;

    (void)state;
    write_usart_effect("usart.pcap", &(struct effect_case){.length = 3000, .block = 256});
    write_dfu_effect("dfu.pcap", 3000);
    assert_same("--effect usart.pcap dfu.pcap");
    run = compare("--effect -s dfu.pcap usart.pcap", 0);
    assert_string_equal(run.out, "dfu.pcap and usart.pcap are the same in memory: 3000 bytes\n");
    run_release(&run);
}

/* small_captures.h: 64 bytes at the start of flash, without an erase */
static void fdcan_with_the_same_effect(void **state)
{
    (void)state;
    write_usart_effect("unerased.pcap",
                       &(struct effect_case){.length = 64, .block = 64, .no_erase = true});
    write_usart_effect("erased.pcap", &(struct effect_case){.length = 64, .block = 64});
    assert_same("--effect fdcan.pcap unerased.pcap");
    assert_differ("--effect fdcan.pcap erased.pcap",
                  "\n! 0x08000000-0x0800003f  64 bytes written without an erase in A only\n");
}

static void block_size_padding_and_mass_erase_have_no_effect(void **state)
{
    (void)state;
    write_usart_effect("usart.pcap", &(struct effect_case){.length = 1000, .block = 256});
    write_usart_effect("small.pcap", &(struct effect_case){.length = 1000, .block = 64});
    write_usart_effect("padded.pcap",
                       &(struct effect_case){.length = 1000, .block = 256, .padded = true});
    write_usart_effect("mass.pcap",
                       &(struct effect_case){.length = 1000, .block = 256, .mass_erase = true});
    assert_same("--effect usart.pcap small.pcap");
    assert_same("--effect usart.pcap padded.pcap");
    assert_same("--effect padded.pcap usart.pcap");
    assert_same("--effect usart.pcap mass.pcap");
}

/* good.pcap and corrupted.pcap: bit 4 of byte 7 of block 3, at 0x08000207. */
static void other_contents_are_told_with_their_place(void **state)
{
    struct run run = compare("--effect good.pcap corrupted.pcap", 1);

    (void)state;
    assert_non_null(strstr(run.out, "\n! 0x08000207-0x08000207  1 byte changed, the first: "));
    assert_non_null(strstr(run.out, "\n1023 bytes the same, 1 changed, 0 written in A only, 0 "
                                    "written in B only\n"));
    run_release(&run);
    run = compare("--effect --json good.pcap corrupted.pcap", 1);
    assert_non_null(strstr(run.out, "{\"type\":\"memory-difference\",\"v\":1,\"change\":"
                                    "\"changed\",\"address\":134218247,\"length\":1,"
                                    "\"bytes\":1,"));
    run_release(&run);
    assert_differ("--effect --junit=- good.pcap corrupted.pcap",
                  "<testcase classname=\"boottap.diff.effect\" name=\"erased-before\"/>");
    assert_differ("--effect -q good.pcap corrupted.pcap",
                  "good.pcap and corrupted.pcap differ in memory\n");
}

/* The one wrote, the other was refused: a difference, and not that there is nothing to compare. */
static void a_session_that_wrote_nothing(void **state)
{
    (void)state;
    write_usart_effect("written.pcap", &(struct effect_case){.length = 1000, .block = 256});
    write_usart_effect("nothing.pcap", &(struct effect_case){.no_erase = true});
    assert_differ("--effect written.pcap nothing.pcap", "\n- 0x08000000-0x080003e7  ");
    assert_differ("--effect nothing.pcap written.pcap", "\n+ 0x08000000-0x080003e7  ");
    assert_refused("--effect nothing.pcap nothing.pcap",
                   "boottap: nothing.pcap, nothing.pcap: neither session writes or erases "
                   "anything\n");
}

static void bytes_that_one_lacks(void **state)
{
    (void)state;
    assert_differ("--effect good.pcap skipped.pcap", "\n- 0x08000100-0x080001ff  ");
    assert_differ("--effect skipped.pcap good.pcap", "\n+ 0x08000100-0x080001ff  ");
    assert_same("--effect good.pcap retried.pcap");
    assert_same("--effect good.pcap backwards.pcap");
}

static void bytes_written_without_an_erase(void **state)
{
    (void)state;
    write_usart_effect("erased.pcap", &(struct effect_case){.length = 1000, .block = 256});
    write_usart_effect("unerased.pcap",
                       &(struct effect_case){.length = 1000, .block = 256, .no_erase = true});
    assert_differ("--effect erased.pcap unerased.pcap",
                  "\n! 0x08000000-0x080003e7  1000 bytes written without an erase in B only\n");
    assert_differ("--effect unerased.pcap erased.pcap",
                  "\n! 0x08000000-0x080003e7  1000 bytes written without an erase in A only\n");
    assert_same("--effect unerased.pcap unerased.pcap");
    assert_differ("--effect --junit=- erased.pcap unerased.pcap",
                  "<testcase classname=\"boottap.diff.effect\" name=\"written\"/>\n");
}

static void one_session_is_compared(void **state)
{
    (void)state;
    assert_refused("--effect fdcan.pcap missing.pcap",
                   "boottap: missing.pcap: No such file or directory\n");
    assert_refused("--effect --session-a=2 good.pcap good.pcap",
                   "boottap: good.pcap: none of its sessions is the one asked for\n");
    assert_same("--effect --session-a=1 --session-b=1 good.pcap good.pcap");
    assert_refused("--effect --ignore=crc32 good.pcap good.pcap",
                   "boottap: diff: --effect compares memory; options that choose transactions, or "
                   "what of them counts, have no meaning with it; try 'boottap help diff'\n");
}

static void wrong_usage(void **state)
{
    (void)state;
    assert_refused("", "boottap: diff: two capture files are needed; try 'boottap help diff'\n");
    assert_refused("good.pcap",
                   "boottap: diff: two capture files are needed; try 'boottap help diff'\n");
    assert_refused("a b c", "boottap: diff: more than two files are named: 'c'; try 'boottap help "
                            "diff'\n");
    assert_refused("- -", "boottap: diff: standard input (-) is named twice and can be read only "
                          "once; try 'boottap help diff'\n");
    assert_refused("--ignore=speed a b",
                   "boottap: diff: unknown field 'speed'; 'boottap help compared' names them; "
                   "try 'boottap help diff'\n");
    assert_refused("--tolerate=status=1 a b",
                   "boottap: diff: field 'status' is no amount that could differ by some; try "
                   "'boottap help diff'\n");
    assert_refused("--tolerate=duration=5 a b",
                   "boottap: diff: '5' is no amount of duration; it must be a time like 5ms, or up "
                   "to 1000%; try 'boottap help diff'\n");
    assert_refused("--tolerate=polls=1001% a b",
                   "boottap: diff: '1001%' is no amount of polls; it must be a number, or up to "
                   "1000%; try 'boottap help diff'\n");
    assert_refused("--packets-a=9-3 a b",
                   "boottap: diff: '9-3' is no range of packets; it must be FIRST-LAST or FIRST-; "
                   "try 'boottap help diff'\n");
}

static void help_names_what_is_compared(void **state)
{
    struct run run = run_program("help compared");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "crc32             compared\n"));
    assert_non_null(strstr(run.out, "duration          with --include  a time\n"));
    run_release(&run);
    run = run_program("help diff");
    assert_non_null(strstr(run.out, "Usage: boottap diff "));
    run_release(&run);
}

static void files_that_cannot_be_compared(void **state)
{
    static const char empty[] = "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                                "\x00\x00\x04\x00\xfa\x00\x00\x00";

    (void)state;
    assert_refused("good.pcap missing.pcap", "boottap: missing.pcap: No such file or directory\n");
    write_file("empty.pcap", empty, sizeof(empty) - 1);
    assert_refused("empty.pcap good.pcap",
                   "boottap: empty.pcap: no bootloader traffic found in its 0 packets (0 of other "
                   "devices or protocols, 0 malformed)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capture_is_the_same_as_itself),
        cmocka_unit_test(times_do_not_count),
        cmocka_unit_test(how_bytes_were_cut_does_not_count),
        cmocka_unit_test(bus_numbers_do_not_count),
        cmocka_unit_test(poll_counts_do_not_count),
        cmocka_unit_test(a_step_that_lacks),
        cmocka_unit_test(an_erase_or_a_verification_that_lacks),
        cmocka_unit_test(other_bytes_written),
        cmocka_unit_test(a_failed_step),
        cmocka_unit_test(a_difference_of_status_is_explained),
        cmocka_unit_test(the_order_of_erases),
        cmocka_unit_test(times_may_be_tolerated),
        cmocka_unit_test(amounts_may_be_tolerated),
        cmocka_unit_test(a_part_of_a_capture),
        cmocka_unit_test(one_session_of_several),
        cmocka_unit_test(context_is_as_wide_as_asked),
        cmocka_unit_test(brief_is_one_line),
        cmocka_unit_test(other_wires_differ),
        cmocka_unit_test(json_leaves_out_what_is_not_there),
        cmocka_unit_test(json_tells_each_difference),
        cmocka_unit_test(junit_has_a_case_a_command),
        cmocka_unit_test(junit_beside_the_text),
        cmocka_unit_test(junit_tells_what_was_not_read),
        cmocka_unit_test(junit_tells_links_apart),
        cmocka_unit_test(junit_never_replaces_a_capture),
        cmocka_unit_test(junit_escapes_names),
        cmocka_unit_test(another_wire_with_the_same_effect),
        cmocka_unit_test(fdcan_with_the_same_effect),
        cmocka_unit_test(block_size_padding_and_mass_erase_have_no_effect),
        cmocka_unit_test(other_contents_are_told_with_their_place),
        cmocka_unit_test(a_session_that_wrote_nothing),
        cmocka_unit_test(bytes_that_one_lacks),
        cmocka_unit_test(bytes_written_without_an_erase),
        cmocka_unit_test(one_session_is_compared),
        cmocka_unit_test(wrong_usage),
        cmocka_unit_test(help_names_what_is_compared),
        cmocka_unit_test(files_that_cannot_be_compared),
    };

    return cmocka_run_group_tests(tests, make_captures, leave_directory);
}
