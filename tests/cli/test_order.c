/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The order of the bytes of two lines: by the protocol (AN3155) where both may have come first, by
 * the time of reading elsewhere. Times in milliseconds, the window is 5.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/order.h"
#include "test.h"

#define WINDOW 5
#define MS     1000000

/** What was handed over: `> 7F < 79`, each side's sign before a run; `!` an error. */
struct found {
    char text[2048];
    size_t total; /**< bytes */
    btap_ns latest;
};

static void on_bytes(void *context, enum btap_direction from, btap_ns time, const uint8_t *bytes,
                     size_t length)
{
    struct found *found = context;
    char *at = found->text + strlen(found->text);

    assert_true(time >= found->latest);
    found->latest = time;
    found->total += length;
    if (length > 64)
        return;
    at += sprintf(at, "%s", from == BTAP_HOST_TO_DEVICE ? "> " : "< ");
    for (size_t i = 0; i < length; i++)
        at += sprintf(at, "%02X ", bytes[i]);
}

static void on_error(void *context, enum btap_direction from, btap_ns time,
                     enum serial_record_event event)
{
    struct found *found = context;

    assert_true(time >= found->latest);
    found->latest = time;
    sprintf(found->text + strlen(found->text), "%s!%d ", from == BTAP_HOST_TO_DEVICE ? "> " : "< ",
            (int)event);
}

static struct order *start(struct found *found)
{
    const struct order_sink sink = {found, on_bytes, on_error};

    *found = (struct found){.text = ""};
    return order_open(&sink, WINDOW * MS);
}

static struct order_time at(btap_ns ms)
{
    return (struct order_time){.recorded = 1000 * MS + ms * MS, .monotonic = ms * MS};
}

/** Adds `> 7F 01` or `< 79`. */
static void add(struct order *order, const char *script, btap_ns ms)
{
    const enum btap_direction from = script[0] == '>' ? BTAP_HOST_TO_DEVICE : BTAP_DEVICE_TO_HOST;
    uint8_t bytes[64];
    size_t length = 0;

    for (const char *digits = script + 2; *digits != '\0'; digits += digits[2] == ' ' ? 3 : 2)
        bytes[length++] = (uint8_t)strtoul(digits, NULL, 16);
    order_add(order, from, at(ms), bytes, length);
}

/** Both lines were read at a time. */
static void settle(struct order *order, btap_ns ms)
{
    order_note_empty(order, BTAP_HOST_TO_DEVICE, ms * MS);
    order_note_empty(order, BTAP_DEVICE_TO_HOST, ms * MS);
    order_settle(order);
}

static void assert_found(struct found *found, const char *expected)
{
    assert_string_equal(found->text, expected);
    found->text[0] = '\0';
}

static void in_turn_at_once(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    add(order, "> 7F", 1);
    settle(order, 1);
    assert_found(&found, "> 7F ");
    add(order, "< 79", 2);
    settle(order, 2);
    assert_found(&found, "< 79 ");
    assert_true(order_deadline(order) == INT64_MAX);
    order_close(order);
}

/** What is held back keeps its time, and a clock that was set back is gone along with. */
static void what_is_held_and_a_clock_that_is_set_back(void **state)
{
    struct found found;
    struct order *order = start(&found);
    const struct order_time back = {.recorded = 1, .monotonic = 100 * MS};
    const uint8_t byte = 0x79;

    (void)state;
    assert_true(order_held(order) == INT64_MAX);
    add(order, "> 7F", 1);
    add(order, "> 7F", 2);
    settle(order, 2);
    assert_found(&found, "> 7F ");
    assert_true(order_held(order) == at(2).recorded);
    settle(order, 8);
    assert_found(&found, "> 7F ");
    assert_true(order_held(order) == INT64_MAX);
    found.latest = 0;
    order_add(order, BTAP_DEVICE_TO_HOST, back, &byte, 1);
    settle(order, 100);
    assert_found(&found, "< 79 ");
    assert_int_equal(found.latest, 1);
    order_close(order);
}

/* AN3155 sections 3.1 and 3.6: whole commands, all of it waiting at once, the device's read
 * first. */
static void all_at_once(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    add(order, "< 79 79 31 00 00 79 79 79 79 1F", 1);
    add(order, "> 7F 01 FE 31 CE 08 00 04 00 0C 03 01 02 03 04 07 02 FD", 1);
    settle(order, 1);
    assert_found(&found, "> 7F < 79 > 01 FE < 79 31 00 00 79 > 31 CE < 79 > 08 00 04 00 0C < 79 "
                         "> 03 01 02 03 04 07 < 79 > 02 FD < 1F ");
    order_close(order);
}

static void held_back_no_longer_than_the_window(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    settle(order, 0);
    add(order, "< 79", 1);
    settle(order, 1);
    assert_found(&found, "");
    assert_true(order_deadline(order) == (1 + WINDOW) * MS);
    settle(order, 5);
    assert_found(&found, "");
    settle(order, 6);
    assert_found(&found, "< 79 ");
    /* It was the answer to nothing: the host's turn is as it was. */
    add(order, "> 7F", 7);
    settle(order, 7);
    assert_found(&found, "> 7F ");
    order_close(order);
}

static void an_answer_that_was_read_before_its_request(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    settle(order, 0);
    add(order, "< 79", 1);
    settle(order, 1);
    add(order, "> 7F", 4);
    settle(order, 4);
    assert_found(&found, "> 7F < 79 ");
    order_close(order);
}

/** The host's line was seen empty long after the device spoke. */
static void times_that_are_far_apart_decide(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    settle(order, 0);
    add(order, "< 79", 1);
    order_note_empty(order, BTAP_HOST_TO_DEVICE, 8 * MS);
    add(order, "> 7F", 9);
    settle(order, 9);
    assert_found(&found, "< 79 > 7F ");
    order_close(order);
}

/** Read late, both of them: that one was read first proves nothing. */
static void a_machine_that_slept(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    settle(order, 0);
    add(order, "< 79", 200);
    add(order, "> 7F", 300);
    settle(order, 300);
    assert_found(&found, "> 7F < 79 ");
    order_close(order);
}

/** No answer, and the host tries again; an application that talks is no conversation. */
static void a_host_without_a_device(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    settle(order, 0);
    add(order, "> 7F", 1);
    settle(order, 1);
    add(order, "> 7F", 100);
    settle(order, 100);
    assert_found(&found, "> 7F ");
    settle(order, 105);
    assert_found(&found, "> 7F ");
    order_close(order);
}

/** Joined in the middle: AN3155 section 3.3, Get ID. */
static void joined_in_the_middle(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    settle(order, 0);
    add(order, "> AA", 1);
    settle(order, 20);
    add(order, "< 55 55 55", 21);
    settle(order, 40);
    assert_found(&found, "> AA < 55 55 55 ");
    add(order, "< 79 01 04 13 79", 41);
    add(order, "> 02 FD", 41);
    add(order, "> 01 FE", 41);
    settle(order, 41);
    assert_found(&found, "> 02 FD < 79 01 04 13 79 > 01 FE ");
    order_close(order);
}

static void errors_stay_at_their_bytes(void **state)
{
    struct found found;
    struct order *order = start(&found);

    (void)state;
    order_add_error(order, BTAP_DEVICE_TO_HOST, at(1), SERIAL_RECORD_PARITY_ERROR);
    add(order, "< 79", 1);
    add(order, "> 7F", 1);
    order_add_error(order, BTAP_HOST_TO_DEVICE, at(1), SERIAL_RECORD_FRAMING_ERROR);
    add(order, "> 00 FF", 1);
    settle(order, 1);
    assert_found(&found, "> 7F < !8 < 79 > !7 > 00 FF ");
    order_close(order);
}

/** The rest goes when it is closed; and before there is no room for more. */
static void nothing_is_lost(void **state)
{
    static uint8_t bytes[4096];
    struct found found;
    struct order *order = start(&found);

    (void)state;
    add(order, "< 11 22", 1);
    order_close(order);
    assert_found(&found, "< 11 22 ");

    /* Pieces: 256 of them */
    order = start(&found);
    for (int i = 0; i < 256; i++)
        add(order, "< 11 22", 1);
    assert_int_equal(found.total, 0);
    add(order, "< 11 22", 1);
    assert_int_equal(found.total, 512);
    order_close(order);
    assert_int_equal(found.total, 514);

    /* Bytes: 32768 */
    order = start(&found);
    for (int i = 0; i < 8; i++)
        order_add(order, BTAP_DEVICE_TO_HOST, at(1), bytes, sizeof(bytes));
    assert_int_equal(found.total, 0);
    add(order, "< 01", 1);
    assert_int_equal(found.total, 32768);
    order_close(order);
    assert_int_equal(found.total, 32769);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_turn_at_once),
        cmocka_unit_test(what_is_held_and_a_clock_that_is_set_back),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(held_back_no_longer_than_the_window),
        cmocka_unit_test(an_answer_that_was_read_before_its_request),
        cmocka_unit_test(times_that_are_far_apart_decide),
        cmocka_unit_test(a_machine_that_slept),
        cmocka_unit_test(a_host_without_a_device),
        cmocka_unit_test(joined_in_the_middle),
        cmocka_unit_test(errors_stay_at_their_bytes),
        cmocka_unit_test(nothing_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
