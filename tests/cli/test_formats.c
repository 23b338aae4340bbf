/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How formats are told apart: each sample is of one format, and no other takes it for its own.
 */
#include "formats/formats.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

#define OPEN_FOLDERS 8

static size_t logs_seen;
static size_t captures_seen;

/** Formats whose probe takes a file, one name a line. */
static size_t takers(const struct first *first, char *names, size_t size)
{
    const struct reader_format *format;
    size_t count = 0;

    names[0] = '\0';
    for (size_t i = 0; (format = formats_at(i)) != NULL; i++)
        if (format->kind.probe(first)) {
            snprintf(names + strlen(names), size - strlen(names), "%s\n", format->kind.name);
            count++;
        }
    return count;
}

/** Reads the first bytes of a file. @return how many */
static size_t read_first(const char *path, uint8_t bytes[FIRST_SIZE])
{
    FILE *file = fopen(path, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(bytes, 1, FIRST_SIZE, file);
    fclose(file);
    return length;
}

static int check_file(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    static uint8_t bytes[FIRST_SIZE];
    const char *name = path + place->base;
    const bool is_log = strstr(path, "/logs/") != NULL;
    char names[1024];
    struct first first;

    (void)status;
    if (kind != FTW_F || (!is_log && strstr(name, ".pcap") == NULL))
        return 0;
    first = first_from(bytes, read_first(path, bytes));
    if (takers(&first, names, sizeof(names)) > 1)
        fail_msg("%s is taken by more than one format:\n%s", path, names);
    /* A log may be of a kind that is only named. */
    if (!is_log && names[0] == '\0')
        fail_msg("%s is taken by no format", path);
    *(is_log ? &logs_seen : &captures_seen) += 1;
    return 0;
}

static void a_sample_is_of_one_format(void **state)
{
    (void)state;
    assert_int_equal(nftw(BOOTTAP_CAPTURES, check_file, OPEN_FOLDERS, FTW_PHYS), 0);
    assert_true(logs_seen > 0);
    assert_true(captures_seen > 100);
}

/** So many lengths are all tried, behind them one of so many: a probe reads all that is there. */
#define EVERY_LENGTH 1024
#define LENGTH_STEP  13

/* Of the first bytes that a pipe brings, a part may be there: it is of that format or of none.
 * STM32CubeProgrammer's logs are found in two ways. */
static int check_prefixes(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    static uint8_t bytes[FIRST_SIZE];
    const struct reader_format *whole;
    struct first first;
    size_t length;

    (void)status;
    (void)place;
    if (kind != FTW_F || strstr(path, "/logs/") == NULL)
        return 0;
    length = read_first(path, bytes);
    first = first_from(bytes, length);
    whole = formats_find(&first);
    for (size_t part = FIRST_SURE; part < length && whole != NULL;
         part += part < EVERY_LENGTH ? 1 : LENGTH_STEP) {
        const struct reader_format *found;

        first = first_from(bytes, part);
        found = formats_find(&first);
        if (found != NULL && strcmp(found->kind.name, whole->kind.name) != 0)
            fail_msg("%s: its first %zu bytes are taken for %s", path, part, found->kind.name);
    }
    return 0;
}

static void a_part_is_of_no_other_format(void **state)
{
    (void)state;
    assert_int_equal(nftw(BOOTTAP_CAPTURES, check_prefixes, OPEN_FOLDERS, FTW_PHYS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_of_one_format),
        cmocka_unit_test(a_part_is_of_no_other_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
