/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A recording into a pipe whose reader does not read: nothing waits for him before the end, and
 * what he does not get is told.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "formats/capture_file/pcapng.h"
#include "record/backlog.h"
#include "record/outlet.h"
#include "record/recorder.h"
#include "said.h"
#include "test.h"

#define UNIT 1000

/** More than a pipe and the backlog behind it hold. */
#define UNITS (BACKLOG_SIZE / UNIT + 1000)

#define TOO_SLOW                                                                                   \
    ": its reader is too slow: what he does not take is left out from here on, and counted\n"

static int ends[2];
static char path[32];

static void open_pipe(void)
{
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
}

/** The rest of what is in the pipe, from another thread: whoever closes waits for it. */
struct reading {
    pthread_t thread;
    size_t length;
    uint8_t *bytes;
};

static void *read_on(void *context)
{
    struct reading *reading = context;
    ssize_t length;

    while (reading->length < 2 * BACKLOG_SIZE &&
           (length = read(ends[0], reading->bytes + reading->length, 65536)) > 0)
        reading->length += (size_t)length;
    return NULL;
}

static void start_reading(struct reading *reading)
{
    if (reading->bytes == NULL)
        reading->bytes = malloc(2 * BACKLOG_SIZE);
    assert_non_null(reading->bytes);
    assert_int_equal(pthread_create(&reading->thread, NULL, read_on, reading), 0);
}

static void end_reading(struct reading *reading)
{
    assert_int_equal(pthread_join(reading->thread, NULL), 0);
    close(ends[0]);
}

/** Offers units, each of its own number. @return those that were taken, in their order */
static size_t offer(struct outlet *outlet, uint32_t *taken)
{
    uint8_t unit[UNIT];
    size_t length = 0;

    for (uint32_t i = 0; i < UNITS; i++) {
        memset(unit, (int)(i % 251), sizeof(unit));
        memcpy(unit, &i, sizeof(i));
        if (outlet_offer(outlet, unit, sizeof(unit)) == OUTLET_DONE)
            taken[length++] = i;
    }
    return length;
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
    uint32_t *taken = calloc(UNITS, sizeof(*taken));
    struct reading reading = {0};
    struct outlet outlet;
    char words[256];
    size_t length;

    (void)state;
    open_pipe();
    said_begin();
    assert_true(outlet_open(&outlet, path));
    close(ends[1]);
    length = offer(&outlet, taken);
    assert_true(length < UNITS && length > BACKLOG_SIZE / UNIT / 2);
    start_reading(&reading);
    assert_true(outlet_close(&outlet));
    assert_false(outlet_is_complete(&outlet));
    end_reading(&reading);
    snprintf(words, sizeof(words),
             "boottap: %s" TOO_SLOW
             "boottap: %s: %zu of %zu pieces were left out, as its reader was too slow\n",
             path, path, UNITS - length, UNITS);
    assert_string_equal(said_end(), words);
    assert_int_equal(reading.length, length * UNIT);
    for (size_t i = 0; i < length; i++)
        assert_memory_equal(reading.bytes + i * UNIT, &taken[i], sizeof(taken[i]));
    free(reading.bytes);
    free(taken);
}

/** What comes while something waits comes behind it. */
static void what_waits_keeps_its_order(void **state)
{
    static const uint8_t many[100000] = {1};
    static const uint8_t few[10] = {2};
    struct reading reading = {0};
    struct outlet outlet;

    (void)state;
    open_pipe();
    assert_true(outlet_open(&outlet, path));
    close(ends[1]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(outlet_write(&outlet, many, sizeof(many)), OUTLET_DONE);
        assert_int_equal(outlet_write(&outlet, few, sizeof(few)), OUTLET_DONE);
    }
    start_reading(&reading);
    assert_true(outlet_close(&outlet));
    assert_true(outlet_is_complete(&outlet));
    end_reading(&reading);
    assert_int_equal(reading.length, 3 * (sizeof(many) + sizeof(few)));
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *first = reading.bytes + i * (sizeof(many) + sizeof(few));

        assert_memory_equal(first, many, sizeof(many));
        assert_memory_equal(first + sizeof(many), few, sizeof(few));
    }
    free(reading.bytes);
}

/** A reader that goes is no trouble, and ends it. */
static void a_reader_that_goes_while_something_waits(void **state)
{
    static const uint8_t many[100000] = {1};
    enum outlet_result result = OUTLET_DONE;
    struct outlet outlet;

    (void)state;
    open_pipe();
    assert_true(outlet_open(&outlet, path));
    close(ends[1]);
    assert_int_equal(outlet_write(&outlet, many, sizeof(many)), OUTLET_DONE);
    close(ends[0]);
    said_begin();
    /* The thread has to notice. */
    for (int i = 0; result == OUTLET_DONE && i < 10000; i++) {
        result = outlet_offer(&outlet, many, 1);
        usleep(1000);
    }
    assert_int_equal(result, OUTLET_UNREAD);
    assert_true(outlet_close(&outlet));
    assert_true(outlet_is_complete(&outlet));
    assert_string_equal(said_end(), "");
}

/** A signal ends waiting for a reader that does not come back; what he lacks is told. */
static void a_signal_ends_waiting_for_the_reader(void **state)
{
    static const uint8_t many[100000] = {1};
    struct outlet outlet;
    char words[128];

    (void)state;
    open_pipe();
    assert_true(outlet_open(&outlet, path));
    close(ends[1]);
    fcntl(ends[0], F_SETPIPE_SZ, 4096);
    assert_int_equal(outlet_write(&outlet, many, sizeof(many)), OUTLET_DONE);
    said_begin();
    interrupt_signal = SIGTERM;
    assert_true(outlet_close(&outlet));
    interrupt_signal = 0;
    snprintf(words, sizeof(words), "boottap: %s: its reader did not take the last %zu bytes\n",
             path, sizeof(many) - 4096);
    assert_string_equal(said_end(), words);
    assert_false(outlet_is_complete(&outlet));
    close(ends[0]);
}

/** A stream leaves out whole lines. */
static void a_stream_has_whole_lines(void **state)
{
    struct reading reading = {0};
    struct outlet outlet;
    size_t lines = 0;
    FILE *stream;

    (void)state;
    open_pipe();
    said_begin();
    assert_true(outlet_open(&outlet, path));
    close(ends[1]);
    stream = outlet_stream(&outlet);
    for (size_t i = 0; i < UNITS; i++)
        fprintf(stream, "%0*zu\n", UNIT - 1, i);
    start_reading(&reading);
    assert_int_equal(fclose(stream), 0);
    assert_true(outlet_close(&outlet));
    end_reading(&reading);
    assert_non_null(strstr(said_end(), TOO_SLOW));
    assert_true(outlet.left_out > 0);
    assert_int_equal(reading.length % UNIT, 0);
    for (size_t at = 0; at < reading.length; at += UNIT) {
        assert_ptr_equal(memchr(reading.bytes + at, '\n', UNIT), reading.bytes + at + UNIT - 1);
        lines++;
    }
    assert_true(lines > 1000 && lines < UNITS);
    free(reading.bytes);
}

/** An option's number of 64 bits; 0 without. @param at where the options of the block begin */
static uint64_t number_of(const uint8_t *block, uint32_t at, uint16_t code)
{
    uint64_t value = 0;
    uint32_t length;

    memcpy(&length, block + 4, 4);
    while (at + 8 < length) {
        uint16_t option[2];

        memcpy(option, block + at, sizeof(option));
        if (option[0] == code && option[1] == sizeof(value))
            memcpy(&value, block + at + 4, sizeof(value));
        at += 4 + (option[1] + 3u) / 4 * 4;
    }
    return value;
}

/** What a recording holds, and says that it lacks. */
struct told {
    uint64_t packets;
    uint64_t before_packets; /**< lacks before one */
    uint64_t in_all;
};

static struct told read_told(const struct reading *reading)
{
    struct told told = {0};
    uint32_t head[2];

    for (size_t at = 0; at < reading->length; at += head[1]) {
        const uint8_t *block = reading->bytes + at;

        memcpy(head, block, sizeof(head));
        if (head[0] == PCAPNG_ENHANCED_PACKET) {
            told.packets++;
            told.before_packets += number_of(block, 28 + UNIT, PCAPNG_OPTION_EPB_DROPCOUNT);
        } else if (head[0] == PCAPNG_STATISTICS) {
            told.in_all += number_of(block, 20, PCAPNG_OPTION_ISB_IFDROP);
        }
    }
    return told;
}

/** The reader comes back for a while, so that there is room again. */
static void read_some(struct reading *reading)
{
    while (reading->length < 500000) {
        const ssize_t length = read(ends[0], reading->bytes + reading->length, 4096);

        assert_true(length > 0);
        reading->length += (size_t)length;
    }
}

/** Every packet that is missing is told by the statistics, and by the next packet that there is. */
static void a_recording_tells_what_it_lacks(void **state)
{
    static const uint8_t bytes[UNIT] = {0};
    const struct recorder_options options = {.path = path, .application = "test"};
    const struct traffic_interface interface = {.linktype = BTAP_LINKTYPE_RTAC_SERIAL, .name = "x"};
    struct reading reading = {.bytes = malloc(2 * BACKLOG_SIZE)};
    struct recorder *recorder;
    struct told told;

    (void)state;
    assert_non_null(reading.bytes);
    open_pipe();
    said_begin();
    recorder = recorder_open(&options);
    assert_non_null(recorder);
    close(ends[1]);
    recorder_interface(recorder, &interface);
    for (size_t i = 0; i < UNITS; i++) {
        const struct traffic_record record = {
            .time = (btap_ns)i, .bytes = bytes, .captured = UNIT, .length = UNIT};

        assert_int_equal(recorder_record(recorder, &record), RECORDER_RUNS);
        if (i == UNITS - 200)
            read_some(&reading);
    }
    start_reading(&reading);
    assert_false(recorder_close(recorder, UNITS));
    end_reading(&reading);
    assert_non_null(strstr(said_end(), TOO_SLOW));
    told = read_told(&reading);
    assert_true(told.before_packets > 0 && told.before_packets <= told.in_all);
    assert_int_equal(told.packets + told.in_all, UNITS);
    free(reading.bytes);
}

static bool has_other_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    size_t entries = 0;

    assert_non_null(tasks);
    while (readdir(tasks) != NULL)
        entries++;
    closedir(tasks);
    /* Beside `.` and `..`. */
    return entries > 3;
}

/** A terminal that has some room lets a longer write wait, mostly; what is abandoned with it is
 * released when the write ends, which the sanitizer for leaks looks for. */
static void a_terminal_that_stands_still_holds_nobody_up(void **state)
{
    uint8_t bytes[UNIT] = {0};
    struct backlog *backlog;
    struct termios raw;
    int master;
    int terminal;

    (void)state;
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(terminal, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(terminal, TCSANOW, &raw), 0);
    backlog = backlog_start(terminal);
    assert_non_null(backlog);
    for (size_t i = 0; i < 100; i++)
        assert_true(backlog_add(backlog, bytes, sizeof(bytes)));
    interrupt_signal = SIGTERM;
    alarm(20);
    assert_true(backlog_end(backlog) > 0);
    alarm(0);
    interrupt_signal = 0;
    close(master);
    for (int i = 0; i < 1000 && has_other_threads(); i++)
        usleep(10000);
    assert_false(has_other_threads());
    close(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_left_out_whole),
        cmocka_unit_test(what_waits_keeps_its_order),
        cmocka_unit_test(a_reader_that_goes_while_something_waits),
        cmocka_unit_test(a_signal_ends_waiting_for_the_reader),
        cmocka_unit_test(a_stream_has_whole_lines),
        cmocka_unit_test(a_recording_tells_what_it_lacks),
        cmocka_unit_test(a_terminal_that_stands_still_holds_nobody_up),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
