/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose turn it is, in conversations worked out by hand from AN3155 section 3.
 */
#include "boottap/usart.h"

#include "test.h"
#include "usart_script.h"

#define HOST    BTAP_HOST_TO_DEVICE
#define DEVICE  BTAP_DEVICE_TO_HOST
#define NEITHER BTAP_DIRECTION_UNKNOWN

#define SYNC "> 7F < 79 "

static const struct {
    const char *script;
    enum btap_direction turn; /**< after it */
} cases[] = {
    /* Section 1: the host begins. */
    {"", HOST},
    {"> 7F", DEVICE},
    {SYNC, HOST},
    /* Section 3.2 */
    {SYNC "> 01", HOST},
    {SYNC "> 01 FE", DEVICE},
    {SYNC "> 01 FE < 79 31 00 00", DEVICE},
    {SYNC "> 01 FE < 79 31 00 00 79", HOST},
    {SYNC "> 01 FE < 1F", HOST},
    /* Section 3.1: as many bytes as the first one says, and one */
    {SYNC "> 00 FF < 79 01 31 00", DEVICE},
    {SYNC "> 00 FF < 79 01 31 00 79", HOST},
    /* Section 3.4: address, count, bytes */
    {SYNC "> 11 EE < 79", HOST},
    {SYNC "> 11 EE < 79 > 08 00 00 00", HOST},
    {SYNC "> 11 EE < 79 > 08 00 00 00 08", DEVICE},
    {SYNC "> 11 EE < 79 > 08 00 00 00 08 < 79 > 01 FE", DEVICE},
    {SYNC "> 11 EE < 79 > 08 00 00 00 08 < 79 > 01 FE < 79 AA", DEVICE},
    {SYNC "> 11 EE < 79 > 08 00 00 00 08 < 79 > 01 FE < 79 AA BB", HOST},
    /* Section 3.6: two bytes of data and their checksum */
    {SYNC "> 31 CE < 79 > 08 00 00 00 08 < 79 > 01 AA BB", HOST},
    {SYNC "> 31 CE < 79 > 08 00 00 00 08 < 79 > 01 AA BB 10", DEVICE},
    /* Section 3.11: two answers */
    {SYNC "> 73 8C < 79", DEVICE},
    /* An application runs after a Go (section 3.5), and may say what it likes. */
    {SYNC "> 21 DE < 79 > 08 00 00 00 08 < 79", NEITHER},
    {SYNC "> 21 DE < 79 > 08 00 00 00 08 < 79 > 02 FD", DEVICE},
    /* Joined in the middle: nobody knows, until a command may have ended. */
    {"< 55 AA 55", HOST},
    {"> 55 55 55", NEITHER},
    {"> 55 55 55 02", NEITHER},
    {"> 55 55 55 02 FD", DEVICE},
    {"> 55 55 55 02 FD < 79 01 04 13 79", HOST},
};

static void the_turn_follows_the_protocol(void **state)
{
    static const struct btap_sink sink = {0};
    static struct script script;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
        struct btap_usart usart;

        btap_usart_init(&usart, &sink, &link);
        script_parse(&script, cases[i].script);
        script_feed(&script, 0, script.length, &usart);
        if (btap_usart_turn(&usart) != cases[i].turn)
            fail_msg("after %s: %d", cases[i].script, (int)btap_usart_turn(&usart));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_turn_follows_the_protocol),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
