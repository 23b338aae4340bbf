/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pairing of submissions with their completions.
 */
#include "link/link.h"
#include "test.h"

static struct link_urb urb_of(uint64_t id, uint8_t endpoint)
{
    return (struct link_urb){
        .id = id,
        .type = LINK_URB_BULK,
        .bus = 1,
        .device = 2,
        .endpoint = endpoint,
        .length = (uint32_t)(id & 0xffff),
    };
}

static void a_completion_finds_its_submission_once(void **state)
{
    struct btap_urb_table table;
    const struct link_urb urb = urb_of(0xffff880012340040, 0x81);
    struct btap_urb_pending *pending;
    bool lost;

    (void)state;
    link_urb_table_init(&table);
    assert_null(link_urb_find(&table, &urb));
    link_urb_submit(&table, &urb, &lost);
    assert_false(lost);
    pending = link_urb_find(&table, &urb);
    assert_non_null(pending);
    assert_int_equal(pending->length, 0x40);
    link_urb_release(&table, pending);
    assert_null(link_urb_find(&table, &urb));
    assert_int_equal(table.length, 0);
}

static void every_part_of_the_key_counts(void **state)
{
    const struct link_urb urb = urb_of(7, 0x81);
    struct link_urb other[6];
    struct btap_urb_table table;
    bool lost;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(other); i++)
        other[i] = urb;
    other[0].id = 8;
    other[1].bus = 9;
    other[2].device = 9;
    other[3].endpoint = 0x82;
    other[4].interface_id = 9;
    other[5].type = LINK_URB_CONTROL;
    link_urb_table_init(&table);
    link_urb_submit(&table, &urb, &lost);
    for (size_t i = 0; i < COUNT_OF(other); i++)
        assert_null(link_urb_find(&table, &other[i]));
}

/* One converter never sets the IN bit, and not every record of USBPcap tells the pipe. */
static void the_endpoint_of_a_control_transfer_does_not_count(void **state)
{
    struct link_urb urb = urb_of(7, 0x80);
    struct btap_urb_table table;
    bool lost;

    (void)state;
    urb.type = LINK_URB_CONTROL;
    link_urb_table_init(&table);
    link_urb_submit(&table, &urb, &lost);
    urb.endpoint = 0x00;
    assert_non_null(link_urb_find(&table, &urb));
    urb.endpoint = 0xff;
    assert_non_null(link_urb_find(&table, &urb));
}

static void the_newest_submission_of_an_id_wins(void **state)
{
    struct link_urb urb = urb_of(7, 0x81);
    struct btap_urb_table table;
    bool lost;

    (void)state;
    link_urb_table_init(&table);
    urb.length = 1;
    link_urb_submit(&table, &urb, &lost);
    urb.length = 2;
    link_urb_submit(&table, &urb, &lost);
    assert_true(lost);
    assert_int_equal(table.length, 1);
    assert_int_equal(link_urb_find(&table, &urb)->length, 2);
}

static void the_oldest_gives_way_to_the_65th(void **state)
{
    struct btap_urb_table table;
    struct link_urb urb;
    bool lost;

    (void)state;
    link_urb_table_init(&table);
    for (uint64_t id = 0; id < BTAP_URBS_MAX; id++) {
        urb = urb_of(id, 0x81);
        link_urb_submit(&table, &urb, &lost);
        assert_false(lost);
    }
    for (uint64_t id = BTAP_URBS_MAX; id < 3 * BTAP_URBS_MAX; id++) {
        urb = urb_of(id, 0x81);
        link_urb_submit(&table, &urb, &lost);
        assert_true(lost);
        assert_int_equal(table.length, BTAP_URBS_MAX);
        urb = urb_of(id - BTAP_URBS_MAX, 0x81);
        assert_null(link_urb_find(&table, &urb));
        urb = urb_of(id - BTAP_URBS_MAX + 1, 0x81);
        assert_non_null(link_urb_find(&table, &urb));
    }
}

/* Kernel addresses: 64-byte steps within a page, so that hashes meet. Released in any order. */
static void a_thousand_in_and_out(void **state)
{
    struct btap_urb_table table;
    bool present[256] = {false};
    uint32_t random = 1;
    uint32_t count = 0;
    bool lost;

    (void)state;
    link_urb_table_init(&table);
    for (int i = 0; i < 100000; i++) {
        struct link_urb urb;
        struct btap_urb_pending *pending;
        uint32_t which;

        random = random * 1664525 + 1013904223;
        which = (random >> 16) % 256;
        urb = urb_of(0xffff888000000000 + 64 * which, 0x81);
        pending = link_urb_find(&table, &urb);
        assert_int_equal(pending != NULL, present[which]);
        if (pending != NULL) {
            link_urb_release(&table, pending);
            present[which] = false;
            count--;
        } else if (count < BTAP_URBS_MAX) {
            link_urb_submit(&table, &urb, &lost);
            assert_false(lost);
            present[which] = true;
            count++;
        }
        assert_int_equal(table.length, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_completion_finds_its_submission_once),
        cmocka_unit_test(every_part_of_the_key_counts),
        cmocka_unit_test(the_endpoint_of_a_control_transfer_does_not_count),
        cmocka_unit_test(the_newest_submission_of_an_id_wins),
        cmocka_unit_test(the_oldest_gives_way_to_the_65th),
        cmocka_unit_test(a_thousand_in_and_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
