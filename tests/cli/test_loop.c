/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Several sources at once: the order of their records, and that all of them are closed.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "watch/loop.h"
#include "watch/merge.h"

/* After expect_check(), which is a macro of cmocka as well. */
#include "test.h"

#define SECOND ((btap_ns)CLOCK_NS_PER_SECOND)

/** The first bytes of what was handed on. */
struct found {
    char text[64];
};

static uint32_t no_interface(void *context, const struct traffic_interface *interface)
{
    (void)context;
    (void)interface;
    return 0;
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct found *found = context;

    assert_int_equal(record->captured, 1);
    strncat(found->text, (const char *)record->bytes, 1);
}

static void add(struct merge *merge, const char *byte, btap_ns time)
{
    const struct traffic_sink sink = merge_sink(merge);
    const struct traffic_record record = {
        .time = time, .bytes = (const uint8_t *)byte, .captured = 1, .length = 1};

    sink.record(sink.context, &record);
}

static void records_come_in_the_order_of_their_times(void **state)
{
    struct found found = {""};
    const struct traffic_sink to = {&found, no_interface, on_record};
    struct merge merge = {.to = &to};

    (void)state;
    add(&merge, "c", 3);
    add(&merge, "a", 1);
    add(&merge, "b", 1);
    add(&merge, "d", 4);
    merge_until(&merge, 0, clock_monotonic());
    assert_string_equal(found.text, "");
    merge_until(&merge, 3, clock_monotonic());
    assert_string_equal(found.text, "abc");
    merge_until(&merge, INT64_MAX, clock_monotonic());
    assert_string_equal(found.text, "abcd");
    merge_release(&merge);
}

static void a_clock_that_is_set_back_keeps_nothing(void **state)
{
    struct found found = {""};
    const struct traffic_sink to = {&found, no_interface, on_record};
    struct merge merge = {.to = &to};

    (void)state;
    add(&merge, "b", 3600 * SECOND);
    add(&merge, "a", 1);
    merge_until(&merge, 1, clock_monotonic());
    assert_string_equal(found.text, "a");
    merge_until(&merge, 2, clock_monotonic());
    assert_string_equal(found.text, "a");
    merge_until(&merge, 3, clock_monotonic() + MERGE_PATIENCE);
    assert_string_equal(found.text, "ab");
    assert_int_equal(merge.length, 0);
    merge_release(&merge);
}

/* Sources that count what is done with them */

struct counting {
    struct source source;
    int started;
    int closed;
    bool starts;
};

static bool start(struct source *source, const struct traffic_sink *sink)
{
    static const struct traffic_interface interface = {.linktype = BTAP_LINKTYPE_RTAC_SERIAL,
                                                       .name = "x"};
    struct counting *counting = (struct counting *)source;
    const struct traffic_record record = {.bytes = (const uint8_t *)"", .captured = 1, .length = 1};

    counting->started++;
    if (counting->starts) {
        struct traffic_record one = record;

        one.interface_id = sink->interface(sink->context, &interface);
        sink->record(sink->context, &one);
    }
    return counting->starts;
}

static void count_close(struct source *source)
{
    ((struct counting *)source)->closed++;
}

static const struct source_kind kind = {.start = start, .close = count_close};

static void write_file(const char *path, const char *words)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(words, file);
    fclose(file);
}

static void assert_file(const char *path, const char *words)
{
    char found[64] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(found, 1, sizeof(found) - 1, file) > 0);
    fclose(file);
    assert_string_equal(found, words);
}

/** Nor does it touch a recording that is there. */
static void one_that_does_not_start_closes_all(void **state)
{
    struct counting first = {{&kind, "first"}, 0, 0, true};
    struct counting second = {{&kind, "second"}, 0, 0, false};
    struct counting third = {{&kind, "third"}, 0, 0, true};
    struct source *const sources[] = {&first.source, &second.source, &third.source};
    const struct watch_options options = {
        .decoder = btap_options_default(),
        .name = "test",
        .record = {.path = "loop.pcapng", .application = "test", .late = true}};
    struct firmware_check check = {0};
    struct watch *watch;
    sigset_t waiting;

    (void)state;
    write_file("loop.pcapng", "yesterday's");
    watch = watch_new(&options, &check);
    assert_non_null(watch);
    sigemptyset(&waiting);
    assert_int_equal(loop_run(watch, sources, COUNT_OF(sources), false, &waiting),
                     LOOP_NOT_STARTED);
    assert_int_equal(first.started + second.started, 2);
    assert_int_equal(third.started, 0);
    assert_int_equal(first.closed, 1);
    assert_int_equal(second.closed, 1);
    assert_int_equal(third.closed, 1);
    watch_free(watch);
    assert_file("loop.pcapng", "yesterday's");
    unlink("loop.pcapng");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_in_the_order_of_their_times),
        cmocka_unit_test(a_clock_that_is_set_back_keeps_nothing),
        cmocka_unit_test(one_that_does_not_start_closes_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
