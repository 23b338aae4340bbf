/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text in UTF-16: what each character becomes in UTF-8, worked out by hand from RFC 2781
 * section 2.1 and RFC 3629 section 3.
 */
#include "base/utf16.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "test.h"

#define TEXT_MAX ((size_t)64 * 1024)
#define LONE     "\xef\xbf\xbd" /* U+FFFD */

static uint8_t text[TEXT_MAX];

/** Reads a file in steps of a size. @return its length */
static size_t read_in_steps(const void *bytes, size_t length, size_t step)
{
    struct unpack *unpack;
    struct utf16 *utf16;
    size_t have = 0;
    ssize_t got;
    int fd;

    write_file("text", bytes, length);
    fd = open("text", O_RDONLY);
    unpack = unpack_new(fd);
    utf16 = utf16_new(unpack);
    while ((got = utf16_read(utf16, text + have, step < TEXT_MAX - have ? step : TEXT_MAX - have)) >
           0)
        have += (size_t)got;
    assert_int_equal(got, 0);
    utf16_free(utf16);
    unpack_free(unpack);
    close(fd);
    return have;
}

#define CASE(bytes, utf8)                                                                          \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, utf8, sizeof(utf8) - 1                                           \
    }

static const struct {
    const char *bytes;
    size_t length;
    const char *utf8;
    size_t utf8_length;
} cases[] = {
    /* Both orders */
    CASE("\xff\xfe>\0 \0007\0F\0\n\0", "> 7F\n"),
    CASE("\xfe\xff\0>\0 \0007\0F\0\n", "> 7F\n"),
    /* Two and three bytes: U+00FC, U+201C */
    CASE("\xff\xfe\xfc\0a\0\x1c\x20", "\xc3\xbc"
                                      "a\xe2\x80\x9c"),
    /* A character in two halves, U+1F600; each of them alone, at the end left out */
    CASE("\xfe\xff\0a\xd8\x3d\xde\0\0b", "a\xf0\x9f\x98\x80"
                                         "b"),
    CASE("\xfe\xff\0a\xd8\x3d\0b\xde\0\0c", "a" LONE "b" LONE "c"),
    CASE("\xfe\xff\0a\xd8\x3d\xd8\x3d\xde\0", "a" LONE "\xf0\x9f\x98\x80"),
    CASE("\xfe\xff\0a\0b\xd8\x3d", "ab"),
    /* An odd length */
    CASE("\xff\xfe"
         "a\0b\0c",
         "ab"),
    /* As it is: no mark, nothing behind it, UTF-8, UTF-32 */
    CASE("a\0b\0", "a\0b\0"),
    CASE("\xff\xfe", "\xff\xfe"),
    CASE("\xff", "\xff"),
    CASE("\xef\xbb\xbf"
         "a",
         "\xef\xbb\xbf"
         "a"),
    CASE("\xff\xfe\0\0a\0\0\0", "\xff\xfe\0\0a\0\0\0"),
    /* Bytes that are no text: zeros, controls alone, nothing of ASCII, U+FFFE */
    CASE("\xff\xfe"
         "a\0\0\0",
         "\xff\xfe"
         "a\0\0\0"),
    CASE("\xff\xfe\1\0\2\0", "\xff\xfe\1\0\2\0"),
    /* A bell, with which slcan refuses */
    CASE("\xff\xfe\a\0t\0", "\at"),
    CASE("\xff\xfe\x34\x12\x78\x56\x9a\x78", "\xff\xfe\x34\x12\x78\x56\x9a\x78"),
    CASE("\xff\xfe"
         "a\0\xfe\xff",
         "\xff\xfe"
         "a\0\xfe\xff"),
};

static void characters_become_utf8(void **state)
{
    static const size_t steps[] = {TEXT_MAX, 7, 1};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t step = 0; step < COUNT_OF(steps); step++) {
            print_message("case %zu in steps of %zu\n", i, steps[step]);
            assert_int_equal(read_in_steps(cases[i].bytes, cases[i].length, steps[step]),
                             cases[i].utf8_length);
            assert_memory_equal(text, cases[i].utf8, cases[i].utf8_length);
        }
}

/** Each unit three bytes of UTF-8, over many times what is read at once. */
static void long_text(void **state)
{
    static uint8_t bytes[2 + 2 * (size_t)20000];
    static const char ascii[] = "0123456789abcdef";

    (void)state;
    bytes[0] = 0xfe;
    bytes[1] = 0xff;
    for (size_t i = 0; i < 20000; i++) {
        bytes[2 + 2 * i] = i < 16 ? 0 : 0x20;
        bytes[3 + 2 * i] = i < 16 ? (uint8_t)ascii[i] : 0x26;
    }
    for (size_t step = 1; step < 10000; step = 3 * step + 1) {
        assert_int_equal(read_in_steps(bytes, sizeof(bytes), step), 16 + 3 * (20000 - 16));
        assert_memory_equal(text, "0123456789abcdef\xe2\x80\xa6", 16 + 3);
        assert_memory_equal(text + 16 + 3 * 19983, "\xe2\x80\xa6", 3);
    }
}

/** A file that may be anything is called what it was. */
static void other_files_with_such_a_mark(void **state)
{
    static uint8_t bytes[4096] = {0xff, 0xfe};
    struct run run;

    (void)state;
    for (size_t i = 2; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * i >> 3);
    write_file("image", bytes, sizeof(bytes));
    run = run_program("diagnose image");
    assert_string_equal(
        run.err,
        "boottap: image: not a capture; boottap reads pcap, pcapng and other tools' logs\n");
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_become_utf8),
        cmocka_unit_test(long_text),
        cmocka_unit_test(other_files_with_such_a_mark),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
