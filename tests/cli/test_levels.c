/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The UART in software, on edges that were worked out by hand: the bits of a character in the order
 * in which they cross the line, the least one first, between start and stop bit.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/analyser/analyser.h"
#include "formats/analyser/name.h"
#include "formats/analyser/sigrok_metadata.h"
#include "levels/line.h"
#include "levels/usb.h"
#include "test.h"

#define CHARACTERS_MAX 64
#define EDGES_MAX      512
#define US             INT64_C(1000000) /* in picoseconds */

struct heard {
    size_t length;
    struct uart_character characters[CHARACTERS_MAX];
};

static void hear(void *context, const struct uart_character *character)
{
    struct heard *heard = context;

    assert_true(heard->length < CHARACTERS_MAX);
    heard->characters[heard->length++] = *character;
}

static struct heard receive(const struct uart_format *format, bool high,
                            const struct levels_edge *edges, size_t length)
{
    struct heard heard = {0};
    const struct uart_sink sink = {&heard, hear};
    struct uart uart;

    uart_start(&uart, format, high);
    for (size_t i = 0; i < length; i++)
        uart_edge(&uart, &edges[i], &sink);
    uart_end(&uart, &sink);
    return heard;
}

static void assert_character(const struct heard *heard, size_t i, uint8_t value, uint8_t errors)
{
    assert_true(i < heard->length);
    assert_int_equal(heard->characters[i].value, value);
    assert_int_equal(heard->characters[i].errors, errors);
}

/** Edges of levels, one digit a bit; spaces are for the eye. The line is high before. */
static size_t edges_of(const char *bits, double bit_ps, struct levels_edge *edges)
{
    size_t length = 0;
    size_t at = 0;
    bool high = true;

    for (; *bits != '\0'; bits++) {
        if (*bits == ' ')
            continue;
        if ((*bits == '1') != high) {
            high = !high;
            assert_true(length < EDGES_MAX);
            edges[length++] = (struct levels_edge){(int64_t)((double)at * bit_ps), high};
        }
        at++;
    }
    return length;
}

static const struct uart_format even_10us = {10.0 * US, 8, BTAP_PARITY_EVEN, false};
static const struct uart_format none_10us = {10.0 * US, 8, BTAP_PARITY_NONE, false};

/* 57600 baud: a bit takes 17.361111 us. Start, seven ones, a zero, the parity bit of seven: one. */
static const struct levels_edge sync_57600[] = {
    {0, false}, {17361111, true}, {138888889, false}, {156250000, true}};

static void sync_at_57600(void **state)
{
    static const struct uart_format format = {1e12 / 57600, 8, BTAP_PARITY_EVEN, false};
    const struct heard heard = receive(&format, true, sync_57600, COUNT_OF(sync_57600));

    (void)state;
    assert_int_equal(heard.length, 1);
    assert_character(&heard, 0, 0x7f, 0);
    assert_int_equal(heard.characters[0].start_ps, 0);
    /* eleven bits */
    assert_int_equal(heard.characters[0].end_ps / 1000, 190972);
    assert_int_equal(heard.characters[0].edges, 4);
    assert_true(heard.characters[0].parity_bit);
}

static void every_bit_has_its_place(void **state)
{
    /* 0x4b = 0100 1011, four ones: parity 0; 0xa5 = 1010 0101, four as well */
    static const char bits[] = "111 0 11010010 0 1  0 10100101 0 1 1";
    struct levels_edge edges[EDGES_MAX];
    const size_t length = edges_of(bits, 10.0 * US, edges);
    struct heard heard = receive(&even_10us, true, edges, length);

    (void)state;
    assert_int_equal(heard.length, 2);
    assert_character(&heard, 0, 0x4b, 0);
    assert_character(&heard, 1, 0xa5, 0);
    assert_int_equal(heard.characters[1].start_ps, 140 * US);
    /* Low where it was high: an inverted line. */
    for (size_t i = 0; i < length; i++)
        edges[i].high = !edges[i].high;
    heard =
        receive(&(struct uart_format){10.0 * US, 8, BTAP_PARITY_EVEN, true}, false, edges, length);
    assert_int_equal(heard.length, 2);
    assert_character(&heard, 0, 0x4b, 0);
    assert_character(&heard, 1, 0xa5, 0);
}

static void other_framings(void **state)
{
    struct levels_edge edges[EDGES_MAX];
    /* 0x31 = 0011 0001, odd parity of three ones: 0 */
    const struct uart_format odd = {10.0 * US, 8, BTAP_PARITY_ODD, false};
    size_t length = edges_of("1 0 10001100 0 1", 10.0 * US, edges);
    struct heard heard = receive(&odd, true, edges, length);

    (void)state;
    assert_int_equal(heard.length, 1);
    assert_character(&heard, 0, 0x31, 0);
    /* 0x41 in seven bits */
    length = edges_of("1 0 1000001 1 0 1000001 1", 10.0 * US, edges);
    heard =
        receive(&(struct uart_format){10.0 * US, 7, BTAP_PARITY_NONE, false}, true, edges, length);
    assert_int_equal(heard.length, 2);
    assert_character(&heard, 1, 0x41, 0);
}

static void errors_are_told(void **state)
{
    struct levels_edge edges[EDGES_MAX];
    /* 0x03 with a parity bit of 1, where 0 is due */
    size_t length = edges_of("1 0 11000000 1 1 111", 10.0 * US, edges);
    struct heard heard = receive(&even_10us, true, edges, length);

    (void)state;
    assert_int_equal(heard.length, 1);
    assert_character(&heard, 0, 0x03, UART_PARITY_ERROR);
    /* 0x01 whose stop bit is 0, then 0x80 */
    length = edges_of("1 0 10000000 0 111 0 00000001 1", 10.0 * US, edges);
    heard = receive(&none_10us, true, edges, length);
    assert_int_equal(heard.length, 2);
    assert_character(&heard, 0, 0x01, UART_FRAMING_ERROR);
    assert_character(&heard, 1, 0x80, 0);
    /* a break of 30 bits is one, then 0x80 */
    length = edges_of("1 000000000000000000000000000000 11 0 00000001 1", 10.0 * US, edges);
    heard = receive(&none_10us, true, edges, length);
    assert_int_equal(heard.length, 2);
    assert_character(&heard, 0, 0x00, UART_BREAK);
    assert_character(&heard, 1, 0x80, 0);
}

static void a_rate_that_is_off(void **state)
{
    /* Two characters in a row whose last bits differ from those beside them, at 2 % more and less
     */
    static const char bits[] = "1 0 01010101 0 1 0 11101110 0 1 1";
    struct levels_edge edges[EDGES_MAX];

    (void)state;
    for (int percent = -2; percent <= 2; percent += 2) {
        const size_t length = edges_of(bits, (10.0 + percent / 10.0) * US, edges);
        const struct heard heard = receive(&even_10us, true, edges, length);

        assert_int_equal(heard.length, 2);
        assert_character(&heard, 0, 0xaa, 0);
        assert_character(&heard, 1, 0x77, 0);
    }
}

static void glitches_are_no_bits(void **state)
{
    /* 1 us low on the idle line; in 0x0f 1 us high in a zero and low in a one; then 4 us, which is
       no glitch, and no start bit */
    static const struct levels_edge edges[] = {
        {5 * US, false},   {6 * US, true},   {100 * US, false}, {110 * US, true},
        {125 * US, false}, {126 * US, true}, {150 * US, false}, {165 * US, true},
        {166 * US, false}, {190 * US, true}, {300 * US, false}, {304 * US, true},
    };
    const struct heard heard = receive(&none_10us, true, edges, COUNT_OF(edges));

    (void)state;
    assert_int_equal(heard.length, 1);
    assert_character(&heard, 0, 0x0f, 0);
    assert_int_equal(heard.characters[0].start_ps, 100 * US);
}

static void three_megabaud_at_24_mhz(void **state)
{
    /* Eight samples a bit: 0x7f begins at sample 3, and changes at 11, 67, 75. */
    const struct levels_edge edges[] = {{analyser_time(3, 24000000), false},
                                        {analyser_time(11, 24000000), true},
                                        {analyser_time(67, 24000000), false},
                                        {analyser_time(75, 24000000), true}};
    const struct levels_stretch stretch = {edges, COUNT_OF(edges), true, 10 * US};
    struct uart_format format;
    struct uart_fit fit;

    (void)state;
    assert_int_equal(edges[0].at_ps, 125000);
    assert_int_equal(edges[1].at_ps / 10, 45833);
    assert_true(detect_uart(&stretch, NULL, &format, &fit));
    assert_int_equal(detect_baud(&format), 3000000);
    assert_int_equal(fit.good, 1);
}

/* What is spoken */

static bool detects(const char *bits, double bit_ps, struct uart_format *format,
                    struct uart_fit *fit)
{
    struct levels_edge edges[EDGES_MAX];
    const size_t length = edges_of(bits, bit_ps, edges);
    const struct levels_stretch stretch = {edges, length, true,
                                           edges[length - 1].at_ps + 1000 * US};

    return detect_uart(&stretch, NULL, format, fit);
}

static void rates_are_found(void **state)
{
    const struct levels_stretch stretch = {sync_57600, COUNT_OF(sync_57600), true, 1000 * US};
    struct uart_format format;
    struct uart_fit fit;

    (void)state;
    assert_true(detect_uart(&stretch, NULL, &format, &fit));
    assert_int_equal(detect_baud(&format), 57600);
    assert_int_equal(format.data_bits, 8);
    assert_int_equal(format.parity, BTAP_PARITY_EVEN);
    assert_false(format.inverted);
    /* 0x7f looks the same without parity. */
    assert_false(fit.parity_shows);
    /* 0x7f, 0x00: with its parity bit ten bits are low. */
    assert_true(detects("1 0 11111110 1 1 0 00000000 0 1", 1e12 / 57600, &format, &fit));
    assert_int_equal(format.parity, BTAP_PARITY_EVEN);
    assert_true(fit.parity_shows);
    assert_int_equal(detect_baud(&format), 57600);
    assert_true(detects("1 0 11111110 1 1 0 00000000 0 1", 10.0 * US, &format, &fit));
    assert_int_equal(detect_baud(&format), 100000);
    /* 2 % above 115200 is what an RC oscillator makes of it; 12345 is what nobody makes. */
    assert_true(detects("1 0 11111110 1 1 0 00000000 0 1", 1e12 / 117504, &format, &fit));
    assert_int_equal(detect_baud(&format), 115200);
    assert_true(detects("1 0 11111110 1 1 0 00000000 0 1", 1e12 / 12345, &format, &fit));
    assert_int_equal(detect_baud(&format), 12300);
}

static void framings_are_found(void **state)
{
    struct uart_format format;
    struct uart_fit fit;

    (void)state;
    /* 0x7f, 0x00, 0xff without parity */
    assert_true(detects("1 0 11111110 1 0 00000000 1 0 11111111 1", 10.0 * US, &format, &fit));
    assert_int_equal(format.parity, BTAP_PARITY_NONE);
    assert_int_equal(format.data_bits, 8);
    /* the same with odd parity */
    assert_true(
        detects("1 0 11111110 0 1 0 00000000 1 1 0 11111111 1 1", 10.0 * US, &format, &fit));
    assert_int_equal(format.parity, BTAP_PARITY_ODD);
    /* 0x7f in even parity on an inverted line; it begins high, as if idle, and idles low */
    assert_true(detects("0000 1 00000001 0 0 00000 1 11111111 1 0 00000000000000", 10.0 * US,
                        &format, &fit));
    assert_true(format.inverted);
    assert_int_equal(format.parity, BTAP_PARITY_EVEN);
}

static void what_is_no_uart_is_none(void **state)
{
    char clock[400];
    struct uart_format format;
    struct uart_fit fit;

    (void)state;
    for (size_t i = 0; i < sizeof(clock) - 1; i++)
        clock[i] = i % 2 == 0 ? '1' : '0';
    clock[sizeof(clock) - 1] = '\0';
    assert_false(detects(clock, 10.0 * US, &format, &fit));
    /* a reset line: one pulse, which would be 0xff */
    assert_false(detects("1 0 1", 100.0 * US, &format, &fit));
    /* seconds */
    assert_false(detects("1 0 11111110 1 1", 1e12, &format, &fit));
}

/* A line's events */

static void line_take(struct levels_line *line, const char *bits, double bit_ps, int64_t from_ps)
{
    struct levels_edge edges[EDGES_MAX];
    const size_t length = edges_of(bits, bit_ps, edges);

    for (size_t i = 0; i < length; i++)
        assert_false(levels_line_edge(line, from_ps + edges[i].at_ps, edges[i].high));
}

static void a_line_changes_its_rate(void **state)
{
    struct levels_line line = {0};

    (void)state;
    levels_line_start(&line, true);
    line_take(&line, "1 0 11111110 1 1", 1e12 / 9600, 0);
    line_take(&line, "1 0 11111110 1 1", 1e12 / 9600, 100000 * US);
    line_take(&line, "1 0 11111110 1 1 0 00000000 0 1", 1e12 / 115200, 300000 * US);
    assert_true(levels_line_settle(&line, 400000 * US, true, NULL));
    assert_int_equal(line.events_length, 6);
    assert_true(line.events[0].settings);
    assert_int_equal(detect_baud(&line.events[0].format), 9600);
    assert_false(line.events[0].parity_known);
    assert_int_equal(line.events[1].character.value, 0x7f);
    assert_int_equal(line.events[2].character.value, 0x7f);
    assert_true(line.events[3].settings);
    assert_true(line.events[3].parity_known);
    assert_int_equal(detect_baud(&line.events[3].format), 115200);
    assert_int_equal(line.events[4].character.value, 0x7f);
    assert_int_equal(line.events[5].character.value, 0x00);
    levels_line_release(&line);
}

static void a_line_that_is_noise_is_looked_at_less(void **state)
{
    struct levels_line line = {0};
    bool high = true;
    int64_t at = 0;
    unsigned full = 0;

    (void)state;
    levels_line_start(&line, high);
    /* pulses of lengths that no bit has; the generator is POSIX's example of rand() */
    for (unsigned i = 0, seed = 1; i < 20u * LEVELS_HELD_MAX; i++) {
        seed = seed * 1103515245u + 12345u;
        at += 500000 + (int64_t)(seed >> 16) * 100;
        high = !high;
        if (levels_line_edge(&line, at, high)) {
            full++;
            assert_false(levels_line_settle(&line, at, false, NULL));
        }
    }
    /* after 1, 1 + 1 + 1 = 3, 3 + 2 + 1 = 6, 10, 15 times as many as are held */
    assert_int_equal(full, 5);
    assert_true(line.is_noise);
    assert_int_equal(line.events_length, 0);
    levels_line_release(&line);
}

/* USB 2.0 chapter 7: states of a bit each, J, K and 0 for SE0 */

struct packets {
    size_t length;
    size_t sizes[4];
    uint8_t bytes[4][8];
};

static void take_packet(void *context, int64_t at_ps, const uint8_t *bytes, size_t length)
{
    struct packets *packets = context;

    assert_true(packets->length < 4 && length <= 8);
    assert_true(at_ps > 0);
    packets->sizes[packets->length] = length;
    memcpy(packets->bytes[packets->length++], bytes, length);
}

/**
 * As samples at 50 MHz have it, a little more than four a bit.
 *
 * @param skew whether D- changes a sample later than D+
 */
static struct packets usb_packets(struct levels_usb *usb, const char *states, bool skew)
{
    struct packets packets = {0};
    const struct levels_usb_sink sink = {&packets, take_packet};
    bool before = false;
    int64_t sample = 0;

    *usb = (struct levels_usb){0};
    for (int64_t bit = 1; *states != '\0'; states++) {
        if (*states == ' ')
            continue;
        for (; sample * 12 < bit * 50; sample++) {
            const bool dm = *states == 'K';

            levels_usb_level(usb, sample * 20000, *states == 'J', skew ? before : dm, &sink);
            before = dm;
        }
        bit++;
    }
    return packets;
}

static void packets_of_usb(void **state)
{
    /* ACK is 0xd2, bits 0 1 0 0 1 0 1 1: a zero changes the state. */
    static const char ack[] = "JJJJJJJJJJ KJKJKJKK JJKJJKKK 00J JJJJJJJJJJJJ KK";
    /* 0xc3 0xff: six ones, then a zero that is stuffed, and four ones */
    static const char stuffed[] = "JJJJJJJJJJ KJKJKJKK KKJKJKKK KKKK J JJJJ 00J JJJJJJJJJJJJ KK";
    /* seven ones */
    static const char wrong[] = "JJJJJJJJJJ KJKJKJKK KKJKJKKK KKKKK JJJJ 00J JJJJJJJJJJJJ KK";
    struct levels_usb usb;

    (void)state;
    for (int skew = 0; skew < 2; skew++) {
        struct packets packets = usb_packets(&usb, ack, skew);

        assert_int_equal(packets.length, 1);
        assert_int_equal(packets.sizes[0], 1);
        assert_int_equal(packets.bytes[0][0], 0xd2);
        packets = usb_packets(&usb, stuffed, skew);
        assert_int_equal(packets.length, 1);
        assert_int_equal(packets.sizes[0], 2);
        assert_int_equal(packets.bytes[0][0], 0xc3);
        assert_int_equal(packets.bytes[0][1], 0xff);
        assert_int_equal(usb.damaged, 0);
        packets = usb_packets(&usb, wrong, skew);
        assert_int_equal(packets.length, 0);
        assert_true(usb.damaged > 0);
    }
}

/* Names, rates, times */

static void names_tell(void **state)
{
    static const struct {
        const char *name;
        enum analyser_use use;
        enum btap_direction direction;
    } cases[] = {
        {"Host TX", ANALYSER_DATA, BTAP_HOST_TO_DEVICE},
        {"Device TX", ANALYSER_DATA, BTAP_DEVICE_TO_HOST},
        {"MCU_RX", ANALYSER_DATA, BTAP_HOST_TO_DEVICE},
        {"FTDI RXD", ANALYSER_DATA, BTAP_DEVICE_TO_HOST},
        {"TX", ANALYSER_DATA, BTAP_HOST_TO_DEVICE},
        {"rx", ANALYSER_DATA, BTAP_DEVICE_TO_HOST},
        {"D0", ANALYSER_DATA, BTAP_DIRECTION_UNKNOWN},
        {"RX/TX", ANALYSER_DATA, BTAP_DIRECTION_UNKNOWN},
        {"DTR#", ANALYSER_DTR, BTAP_DIRECTION_UNKNOWN},
        {"nRTS", ANALYSER_RTS, BTAP_DIRECTION_UNKNOWN},
        {"NRST", ANALYSER_OTHER_CONTROL, BTAP_DIRECTION_UNKNOWN},
        {"dp", ANALYSER_USB_DP, BTAP_DIRECTION_UNKNOWN},
        {"D-", ANALYSER_USB_DM, BTAP_DIRECTION_UNKNOWN},
        {"USB_DM", ANALYSER_USB_DM, BTAP_HOST_TO_DEVICE},
        {"BOOT0", ANALYSER_OTHER_CONTROL, BTAP_DIRECTION_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct analyser_channel channel = {0};

        strcpy(channel.name, cases[i].name);
        analyser_name(&channel);
        assert_int_equal(channel.use, cases[i].use);
        assert_int_equal(channel.by_name, cases[i].direction);
    }
}

static void metadata_of_sigrok(void **state)
{
    char text[] =
        "[global]\nsigrok version=0.5.2\nunitsize=7\n\n[device 1]\r\ncapturefile=logic-1\r\n"
        "total probes=16\r\nsamplerate=12.5 MHz\r\nprobe1=D0\r\nprobe16=Host TX\r\n"
        "probe17=none\r\nprobe65=none\r\nunitsize=2\r\n[device 2]\nunitsize=9\n";
    char analogue[] = "[device 1]\nsamplerate=1 MHz\ntotal analog=2\n";
    char no_rate[] = "[device 1]\ncapturefile=logic-1\nunitsize=1\nprobe1=D0\n";
    struct sigrok_metadata metadata = {0};

    (void)state;
    assert_null(sigrok_metadata_read(text, &metadata));
    assert_int_equal(metadata.rate, 12500000);
    assert_int_equal(metadata.unit_size, 2);
    assert_string_equal(metadata.file, "logic-1");
    assert_string_equal(metadata.names[0], "D0");
    assert_string_equal(metadata.names[15], "Host TX");
    assert_string_equal(metadata.names[16], "");
    metadata = (struct sigrok_metadata){0};
    assert_non_null(strstr(sigrok_metadata_read(analogue, &metadata), "analogue"));
    metadata = (struct sigrok_metadata){0};
    assert_non_null(strstr(sigrok_metadata_read(no_rate, &metadata), "sample rate"));
    assert_int_equal(sigrok_rate("1 MHz"), 1000000);
    assert_int_equal(sigrok_rate("500 kHz"), 500000);
    assert_int_equal(sigrok_rate("1 GHz"), 1000000000);
    assert_int_equal(sigrok_rate("24000000"), 24000000);
    assert_int_equal(sigrok_rate("-3 MHz"), 0);
    assert_int_equal(sigrok_rate("fast"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sync_at_57600),
        cmocka_unit_test(every_bit_has_its_place),
        cmocka_unit_test(other_framings),
        cmocka_unit_test(errors_are_told),
        cmocka_unit_test(a_rate_that_is_off),
        cmocka_unit_test(glitches_are_no_bits),
        cmocka_unit_test(three_megabaud_at_24_mhz),
        cmocka_unit_test(rates_are_found),
        cmocka_unit_test(framings_are_found),
        cmocka_unit_test(what_is_no_uart_is_none),
        cmocka_unit_test(a_line_changes_its_rate),
        cmocka_unit_test(a_line_that_is_noise_is_looked_at_less),
        cmocka_unit_test(packets_of_usb),
        cmocka_unit_test(names_tell),
        cmocka_unit_test(metadata_of_sigrok),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
