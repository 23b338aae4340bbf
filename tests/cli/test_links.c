/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is kept of each link: found again by all that makes a link one of its own, and given up.
 */
#include "sessions/links.h"

#include "test.h"

struct entry {
    struct btap_link link;
    unsigned number;
};

static struct btap_link usb(uint16_t bus, uint16_t device)
{
    return (struct btap_link){
        .kind = BTAP_LINK_USB, .transport = BTAP_DFU, .bus = bus, .device = device};
}

/** The number of a link's entry. */
static unsigned number_of(struct links *links, const struct btap_link *link)
{
    const struct entry *entry = links_find(links, link);

    assert_non_null(entry);
    assert_true(btap_link_same(&entry->link, link));
    return entry->number;
}

static void every_link_is_found_again(void **state)
{
    struct links links = {0};

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        const struct btap_link link = usb((uint16_t)(i / 100), (uint16_t)(i % 100));

        assert_null(links_find(&links, &link));
        ((struct entry *)links_add(&links, &link, sizeof(struct entry)))->number = i;
    }
    assert_int_equal(links.length, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        const struct btap_link link = usb((uint16_t)(i / 100), (uint16_t)(i % 100));

        assert_int_equal(number_of(&links, &link), i);
        assert_ptr_equal(links.list[i], links_find(&links, &link));
    }
    links_release(&links);
    assert_int_equal(links.length, 0);
}

static void what_differs_anywhere_is_another_link(void **state)
{
    const struct btap_link one = usb(1, 2);
    struct btap_link others[] = {one, one, one, one, one, one};
    struct links links = {0};

    (void)state;
    others[0].kind = BTAP_LINK_USB_SERIAL;
    others[1].transport = BTAP_USART;
    others[2].interface_id = 7;
    others[3].bus = 2;
    others[4].port = 1;
    others[5].interface[0] = 'a';
    links_add(&links, &one, sizeof(struct entry));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_null(links_find(&links, &others[i]));
    links_release(&links);
}

static void a_link_that_is_removed_leaves_the_others(void **state)
{
    struct links links = {0};
    struct btap_link link;

    (void)state;
    for (uint16_t i = 0; i < 10; i++) {
        link = usb(1, i);
        ((struct entry *)links_add(&links, &link, sizeof(struct entry)))->number = i;
    }
    link = usb(1, 4);
    links_remove(&links, links_find(&links, &link));
    assert_null(links_find(&links, &link));
    assert_int_equal(links.length, 9);
    link = usb(1, 3);
    assert_ptr_equal(links.list[3], links_find(&links, &link));
    link = usb(1, 5);
    assert_ptr_equal(links.list[4], links_find(&links, &link));
    links_release(&links);
}

/* Asking for the first makes the second the one that was not asked for the longest. */
static void the_one_not_asked_for_the_longest_is_surplus(void **state)
{
    static const struct btap_sink sink = {0};
    static struct btap_tap tap;
    struct links links = {0};
    struct btap_link link;

    (void)state;
    btap_tap_init(&tap, &sink, NULL);
    for (uint16_t i = 0; i < LINKS_KEPT_MAX; i++) {
        assert_null(links_surplus(&links, &tap));
        link = usb(1, i);
        links_add(&links, &link, sizeof(struct entry));
    }
    link = usb(1, 0);
    links_find(&links, &link);
    assert_ptr_equal(links_surplus(&links, &tap), links.list[1]);
    links_release(&links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_is_found_again),
        cmocka_unit_test(what_differs_anywhere_is_another_link),
        cmocka_unit_test(a_link_that_is_removed_leaves_the_others),
        cmocka_unit_test(the_one_not_asked_for_the_longest_is_surplus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
