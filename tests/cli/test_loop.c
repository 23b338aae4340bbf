/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Several sources at once: the order of their records, and that all of them are closed.
 */
#include <string.h>

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

static uint32_t no_interface(void *context, const struct live_interface *interface)
{
    (void)context;
    (void)interface;
    return 0;
}

static void on_record(void *context, const struct live_record *record)
{
    struct found *found = context;

    assert_int_equal(record->captured, 1);
    strncat(found->text, (const char *)record->bytes, 1);
}

static void add(struct merge *merge, const char *byte, btap_ns time)
{
    const struct live_sink sink = merge_sink(merge);
    const struct live_record record = {
        .time = time, .bytes = (const uint8_t *)byte, .captured = 1, .length = 1};

    sink.record(sink.context, &record);
}

static void records_come_in_the_order_of_their_times(void **state)
{
    struct found found = {""};
    const struct live_sink to = {&found, no_interface, on_record};
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
    const struct live_sink to = {&found, no_interface, on_record};
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

static bool start(struct source *source, const struct live_sink *sink)
{
    struct counting *counting = (struct counting *)source;

    (void)sink;
    counting->started++;
    return counting->starts;
}

static void count_close(struct source *source)
{
    ((struct counting *)source)->closed++;
}

static const struct source_kind kind = {.start = start, .close = count_close};

static void one_that_does_not_start_closes_all(void **state)
{
    struct counting first = {{&kind, "first"}, 0, 0, true};
    struct counting second = {{&kind, "second"}, 0, 0, false};
    struct counting third = {{&kind, "third"}, 0, 0, true};
    struct source *const sources[] = {&first.source, &second.source, &third.source};
    const struct watch_options options = {.decoder = btap_options_default(), .name = "test"};
    struct firmware_check check = {0};
    struct watch *watch = watch_new(&options, &check);
    sigset_t waiting;

    (void)state;
    assert_non_null(watch);
    sigemptyset(&waiting);
    assert_false(loop_run(watch, sources, COUNT_OF(sources), false, &waiting));
    assert_int_equal(first.started + second.started, 2);
    assert_int_equal(third.started, 0);
    assert_int_equal(first.closed, 1);
    assert_int_equal(second.closed, 1);
    assert_int_equal(third.closed, 1);
    watch_free(watch);
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
