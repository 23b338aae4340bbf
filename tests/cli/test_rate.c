/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A plan that sets the bus to another bit rate, and interfaces that stay as they are.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "full_machine.h"
#include "program.h"
#include "replay/host.h"
#include "replay/rate.h"
#include "test.h"

static struct plan plan;

static int enter(void **state)
{
    enter_directory(state);
    full_machine_fill();
    plan = (struct plan){.name = "can.log", .transport = BTAP_CAN};
    return 0;
}

static int leave(void **state)
{
    plan_release(&plan);
    return leave_directory(state);
}

static void add(enum btap_command of, uint64_t n, uint32_t rate)
{
    struct plan_command command = host_own_command(BTAP_CAN, of);

    command.transaction.n = n;
    command.transaction.bit_rate = rate;
    plan_add(&plan, &command);
}

static void assert_fits(const char *to, bool expected)
{
    char words[RATE_WORDS_SIZE] = "";
    struct target target;

    assert_true(target_parse(&target, to));
    assert_int_equal(rate_fits(&plan, &full_machine, &target, words), expected);
    if (!expected)
        assert_string_equal(words, "transaction 4 has the device go on at 1000000 bit/s, and the "
                                   "interface stays as it is set; --skip 4 leaves it out, and the "
                                   "rest is sent at the rate there is");
}

/* The machine's can0 is set to 500 kbit/s; vcan0 is no bus. */
static void speed_needs_an_interface_that_may_stay(void **state)
{
    (void)state;
    add(BTAP_SYNC, 1, 0);
    add(BTAP_GET_ID, 2, 0);
    assert_fits("can:can0", true);
    add(BTAP_SPEED, 3, 500000);
    assert_fits("can:can0", true);
    add(BTAP_SPEED, 4, 1000000);
    assert_fits("can:can0", false);
    assert_fits("can:can0,classic", false);
    assert_fits("can:vcan0", true);
    /* Opening it tells that it is not there. */
    assert_fits("can:can7", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(speed_needs_an_interface_that_may_stay, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
