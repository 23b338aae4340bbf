/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every value of every chip's status and modem control: what each bit means, by itself and beside
 * the others. Bits: CDC PSTN 1.2 section 6.5.4, AN571; of the other chips as Linux's drivers know
 * them.
 */
#include <stdio.h>
#include <string.h>

#include "adapter_rig.h"
#include "test.h"

/** What is to be in the log. */
struct expected {
    char text[256];
};

static void add(struct expected *expected, const char *word)
{
    if (expected->text[0] != '\0')
        strcat(expected->text, " ");
    strcat(expected->text, word);
}

/** A line, as the log has it. */
static void add_line(struct expected *expected, const char *name, bool active)
{
    strcat(expected->text, name);
    strcat(expected->text, active ? "+" : "-");
}

static void add_error(struct expected *expected, unsigned offset, const char *name, bool there)
{
    char word[32];

    if (!there)
        return;
    snprintf(word, sizeof(word), "0<%u!%s", offset, name);
    add(expected, word);
}

/** A device whose SERIAL_STATE is all that it says of its port. */
struct reporter {
    uint16_t vendor;
    uint16_t product;
    uint16_t release;
    uint8_t endpoint;
    unsigned offset; /**< that its errors are shown at */
    uint8_t cts;     /**< its bit; 0: it does not show CTS */
};

/* b0 DCD, b1 DSR, b2 break, b3 ring, b4 framing, b5 parity, b6 overrun */
static void assert_states(const struct reporter *reporter)
{
    for (unsigned value = 0; value <= 0xff; value++) {
        struct expected expected = {"0~"};
        struct rig rig;
        char data[32];

        rig_init(&rig);
        rig_device(&rig, reporter->vendor, reporter->product, reporter->release);
        snprintf(data, sizeof(data), "a120000000000200%02x00", value);
        rig_interrupt(&rig, reporter->endpoint, data);
        if (reporter->cts != 0)
            add_line(&expected, "cts", value & reporter->cts);
        add_line(&expected, "dsr", value & 0x02);
        add_line(&expected, "dcd", value & 0x01);
        add_line(&expected, "ri", value & 0x08);
        add_error(&expected, reporter->offset, "overflow", value & 0x40);
        add_error(&expected, reporter->offset, "break", value & 0x04);
        add_error(&expected, reporter->offset, "parity", value & 0x20);
        add_error(&expected, reporter->offset, "framing", value & 0x10);
        rig_expect(&rig, expected.text);
    }
}

static void states_of_cdc_acm(void **state)
{
    (void)state;
    assert_states(&(struct reporter){0x0483, 0x5740, 0x0200, 0x82, 0, 0});
}

/* The same, and b7 CTS */
static void states_of_pl2303(void **state)
{
    (void)state;
    assert_states(&(struct reporter){0x067b, 0x2303, 0x0300, 0x81, 8, 0x80});
}

/* Byte 2, inverted: b0 CTS, b1 DSR, b2 RI, b3 DCD */
static void lines_of_ch34x(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xff; value++) {
        struct expected expected = {"0~"};
        struct rig rig;
        char data[32];

        rig_init(&rig);
        rig_device(&rig, 0x1a86, 0x7523, 0x0264);
        snprintf(data, sizeof(data), "0800%02xee", value);
        rig_interrupt(&rig, 0x81, data);
        add_line(&expected, "cts", !(value & 1));
        add_line(&expected, "dsr", !(value & 2));
        add_line(&expected, "dcd", !(value & 8));
        add_line(&expected, "ri", !(value & 4));
        rig_expect(&rig, expected.text);
    }
}

/* Byte 0: b1 overrun; b2 parity, or with b6 framing */
static void errors_of_ch34x(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xff; value++) {
        struct expected expected = {"0~cts-dsr-dcd-ri-"};
        struct rig rig;
        char data[32];

        rig_init(&rig);
        rig_device(&rig, 0x1a86, 0x7523, 0x0264);
        snprintf(data, sizeof(data), "%02x00ffee", value);
        rig_interrupt(&rig, 0x81, data);
        add_error(&expected, 0, "overflow", value & 0x02);
        add_error(&expected, 0, "framing", (value & 0x04) && (value & 0x40));
        add_error(&expected, 0, "parity", (value & 0x04) && !(value & 0x40));
        rig_expect(&rig, expected.text);
    }
}

/* WCH's request A4: b5 DTR, b6 RTS, inverted */
static void modem_control_of_ch34x(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xff; value++) {
        struct expected expected = {"0~"};
        struct rig rig;

        rig_init(&rig);
        rig_device(&rig, 0x1a86, 0x7523, 0x0264);
        rig_control(&rig, 0x40, 0xa4, (uint16_t)value, 0, NULL);
        add_line(&expected, "dtr", !(value & 0x20));
        add_line(&expected, "rts", !(value & 0x40));
        rig_expect(&rig, expected.text);
    }
}

/* SET_CONTROL_LINE_STATE, which PL2303 has from CDC: b0 DTR, b1 RTS */
static void modem_control_of_cdc_acm_and_pl2303(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0x1f; value++) {
        for (int pl2303 = 0; pl2303 <= 1; pl2303++) {
            struct expected expected = {"0~"};
            struct rig rig;

            rig_init(&rig);
            rig_device(&rig, pl2303 ? 0x067b : 0x0483, pl2303 ? 0x2303 : 0x5740, 0x0300);
            rig_control(&rig, 0x21, 0x22, (uint16_t)value, 0, NULL);
            add_line(&expected, "dtr", value & 1);
            add_line(&expected, "rts", value & 2);
            rig_expect(&rig, expected.text);
        }
    }
}

/* SET_MHS of CP210x and SIO_SET_MODEM_CTRL of FTDI: b0 DTR, b1 RTS where b8, b9 say that they are
 * set */
static void modem_control_of_cp210x_and_ftdi(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0x3ff; value++) {
        for (int ftdi = 0; ftdi <= 1; ftdi++) {
            struct expected expected = {""};
            struct rig rig;

            rig_init(&rig);
            rig_device(&rig, ftdi ? 0x0403 : 0x10c4, ftdi ? 0x6001 : 0xea60, 0x0600);
            if (ftdi)
                rig_control(&rig, 0x40, 0x01, (uint16_t)value, 0, NULL);
            else
                rig_control(&rig, 0x41, 0x07, (uint16_t)value, 0, NULL);
            if (value & 0x300)
                strcat(expected.text, "0~");
            if (value & 0x100)
                add_line(&expected, "dtr", value & 1);
            if (value & 0x200)
                add_line(&expected, "rts", value & 2);
            rig_expect(&rig, expected.text);
        }
    }
}

/* As a 16550: b1 overrun, b2 parity, b3 framing, b4 break; b4-7 of the modem status: CTS DSR RI DCD
 */
static void statuses_of_cp210x(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xff; value++) {
        struct expected errors = {""};
        struct expected lines = {"0~"};
        struct rig rig;
        char data[32];

        rig_init(&rig);
        rig_device(&rig, 0x10c4, 0xea60, 0x0100);
        rig_control(&rig, 0x41, 0x15, 0x00ec, 0, NULL);
        snprintf(data, sizeof(data), "ec02%02x", value);
        rig_in(&rig, 0x81, data);
        add_error(&errors, 2, "overflow", value & 0x02);
        add_error(&errors, 2, "break", value & 0x10);
        add_error(&errors, 2, "parity", value & 0x04);
        add_error(&errors, 2, "framing", value & 0x08);
        rig_expect(&rig, errors.text);
        snprintf(data, sizeof(data), "ec03%02x", value);
        rig_in(&rig, 0x81, data);
        add_line(&lines, "cts", value & 0x10);
        add_line(&lines, "dsr", value & 0x20);
        add_line(&lines, "dcd", value & 0x80);
        add_line(&lines, "ri", value & 0x40);
        rig_expect(&rig, lines.text);
    }
}

/* First byte: b4-7 CTS DSR RI DCD. Second: b1 overrun, b2 parity, b3 framing, b4 break, which is
 * received as 00 and makes the other two. */
static void statuses_of_ftdi(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xff; value++) {
        for (unsigned byte = 0; byte <= 1; byte++) {
            const bool is_break = (value & 0x10) && byte == 0;
            const bool parity = !is_break && (value & 0x04);
            struct expected expected = {"0~"};
            struct rig rig;
            char word[16];
            char data[32];

            rig_init(&rig);
            rig_device(&rig, 0x0403, 0x6001, 0x0600);
            snprintf(data, sizeof(data), "%x1 %02x %02x", value >> 4, value, byte);
            rig_in(&rig, 0x81, data);
            add_line(&expected, "cts", value & 0x10);
            add_line(&expected, "dsr", value & 0x20);
            add_line(&expected, "dcd", value & 0x80);
            add_line(&expected, "ri", value & 0x40);
            add_error(&expected, 1, "overflow", value & 0x02);
            add_error(&expected, 1, "break", is_break);
            add_error(&expected, 1, "parity", parity);
            add_error(&expected, 1, "framing", !is_break && !parity && (value & 0x08));
            snprintf(word, sizeof(word), "0<2:%02x", byte);
            add(&expected, word);
            rig_expect(&rig, expected.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_of_cdc_acm),
        cmocka_unit_test(states_of_pl2303),
        cmocka_unit_test(lines_of_ch34x),
        cmocka_unit_test(errors_of_ch34x),
        cmocka_unit_test(modem_control_of_ch34x),
        cmocka_unit_test(modem_control_of_cdc_acm_and_pl2303),
        cmocka_unit_test(modem_control_of_cp210x_and_ftdi),
        cmocka_unit_test(statuses_of_cp210x),
        cmocka_unit_test(statuses_of_ftdi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
