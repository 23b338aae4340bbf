/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vector's binary logs. 2025-03-14 10:15:21.500 UTC is 1741947321.5 s after 1970.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "can_records.h"
#include "formats/reader/reader.h"
#include "test.h"

#define ROOM 8192

struct bytes {
    size_t length;
    uint8_t at[ROOM];
};

static struct bytes file;
static struct bytes stream; /* what containers hold */

static void put(struct bytes *to, const void *bytes, size_t length)
{
    assert_true(length <= ROOM - to->length);
    memcpy(to->at + to->length, bytes, length);
    to->length += length;
}

/** A little-endian number. */
static void put_le(struct bytes *to, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = (uint8_t)(number >> 8 * i);

        put(to, &byte, 1);
    }
}

/** The head of a file of 2025-03-14 10:15:21.500, a Friday. */
static void begin(void)
{
    static const uint16_t date[] = {2025, 3, 5, 14, 10, 15, 21, 500};
    static const uint8_t rest[88] = {0};

    file.length = 0;
    stream.length = 0;
    put(&file, "LOGG", 4);
    put_le(&file, 144, 4);
    put(&file, rest, 32);
    for (size_t i = 0; i < COUNT_OF(date); i++)
        put_le(&file, date[i], 2);
    put(&file, rest, 88);
}

/** The head of an object, its time in units of 10 us (1) or ns (2). */
static void put_head(struct bytes *to, uint32_t type, size_t body, uint32_t unit, uint64_t time)
{
    put(to, "LOBJ", 4);
    put_le(to, 32, 2);
    put_le(to, 1, 2);
    put_le(to, 32 + body, 4);
    put_le(to, type, 4);
    put_le(to, unit, 4);
    put_le(to, 0, 4);
    put_le(to, time, 8);
}

/** What fills up an object of this many bytes. */
static void fill(struct bytes *to, size_t length)
{
    put_le(to, 0, length % 4);
}

/** Types 1 and 86. @param flags 1: sent, 80: remote */
static void put_classic(struct bytes *to, uint32_t type, uint64_t time, unsigned flags,
                        unsigned dlc, uint32_t id)
{
    put_head(to, type, 16, 1, time);
    put_le(to, 3, 2);
    put_le(to, flags, 1);
    put_le(to, dlc, 1);
    put_le(to, id, 4);
    put_le(to, 0x0706050403020179, 8);
}

/** Type 100, with data as the program's other samples have it. @param fd_flags 1 EDL, 2 BRS, 4 ESI
 */
static void put_fd(struct bytes *to, uint64_t time, unsigned flags, unsigned dlc, uint32_t id,
                   unsigned fd_flags, unsigned valid)
{
    put_head(to, 100, 84, 2, time);
    put_le(to, 1, 2);
    put_le(to, flags, 1);
    put_le(to, dlc, 1);
    put_le(to, id, 4);
    put_le(to, 0, 5);
    put_le(to, fd_flags, 1);
    put_le(to, valid, 1);
    put_le(to, 0, 5);
    for (unsigned i = 0; i < 64; i++)
        put_le(to, i, 1);
}

/** Type 101. @param flags 10 remote, 1000 EDL, 2000 BRS, 4000 ESI @param direction 1: sent */
static void put_fd64(struct bytes *to, uint32_t flags, unsigned direction, unsigned dlc,
                     unsigned valid)
{
    put_head(to, 101, 40 + valid, 2, 3000000000);
    put_le(to, 2, 1);
    put_le(to, dlc, 1);
    put_le(to, valid, 1);
    put_le(to, 0, 1);
    put_le(to, 0x111, 4);
    put_le(to, 0, 4);
    put_le(to, flags, 4);
    put_le(to, 0, 8);
    put_le(to, 0, 8);
    put_le(to, 0, 2);
    put_le(to, direction, 1);
    put_le(to, 0, 1);
    put_le(to, 0, 4);
    for (unsigned i = 0; i < valid; i++)
        put_le(to, i, 1);
    fill(to, 72 + valid);
}

/** A container of a part of the stream. @param method 0: as it is, 2: zlib */
static void put_container(size_t from, size_t length, unsigned method)
{
    uint8_t packed[ROOM];
    uLongf packed_length = sizeof(packed);

    if (method == 2)
        assert_int_equal(compress(packed, &packed_length, stream.at + from, length), Z_OK);
    else
        memcpy(packed, stream.at + from, packed_length = length);
    put(&file, "LOBJ", 4);
    put_le(&file, 16, 2);
    put_le(&file, 1, 2);
    put_le(&file, 32 + packed_length, 4);
    put_le(&file, 10, 4);
    put_le(&file, method, 2);
    put_le(&file, 0, 6);
    put_le(&file, length, 4);
    put_le(&file, 0, 4);
    put(&file, packed, packed_length);
    fill(&file, packed_length);
}

static void assert_file(const char *expected)
{
    assert_can_records_of(&reader_blf, file.at, file.length, expected);
}

/* Without containers, as the oldest files are */
static void frames(void **state)
{
    (void)state;
    begin();
    put_classic(&file, 1, 0, 1, 1, 0x79);
    put_classic(&file, 86, 120, 0, 8, 0x98daf110);
    put_classic(&file, 86, 130, 0x80, 4, 0x79);
    put_classic(&file, 86, 140, 0, 13, 0x79);
    put_fd(&file, 1000000123, 1, 9, 0x111, 3, 12);
    put_fd(&file, 1001000000, 0, 2, 0x111, 5, 2);
    put_fd(&file, 1002000000, 0, 1, 0x79, 0, 1); /* a classic one in an FD object */
    put_fd64(&file, 0x3000, 1, 2, 2);
    put_fd64(&file, 0x5000, 0, 0, 0);
    put_fd64(&file, 0x3000, 2, 2, 2); /* asked to be sent */
    put_fd64(&file, 0, 0, 1, 1);
    put_fd64(&file, 0x10, 0, 4, 0);
    assert_file("1741947321.500000000 3 079#79 T\n"
                "1741947321.501200000 3 18DAF110#7901020304050607\n"
                "1741947321.501300000 3 079#R4\n"
                "1741947321.501400000 3 079#7901020304050607_D\n"
                "1741947322.500000123 1 111##5000102030405060708090A0B T\n"
                "1741947322.501000000 1 111##60001\n"
                "1741947322.502000000 1 079#00\n"
                "1741947324.500000000 2 111##50001 T\n"
                "1741947324.500000000 2 111##6\n"
                "1741947324.500000000 2 111#00\n"
                "1741947324.500000000 2 111#R4\n");
}

static void error_frames(void **state)
{
    static const uint8_t body[64] = {2, 0};

    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) {
        static const uint32_t types[] = {2, 73, 104};

        put_head(&file, types[i], sizeof(body), 2, i);
        put(&file, body, sizeof(body));
    }
    assert_file("1741947321.500000000 2 20000088#0000000000000000\n"
                "1741947321.500000001 2 20000088#0000000000000000\n"
                "1741947321.500000002 2 20000088#0000000000000000\n");
}

/* Objects that begin in one container and end in the next, cut at every place; what is no frame is
 * gone over, however large it is. */
static void containers(void **state)
{
    static const uint8_t other[300] = {0};

    (void)state;
    for (unsigned method = 0; method <= 2; method += 2) {
        begin();
        put_classic(&stream, 1, 0, 1, 1, 0x79);
        put_head(&stream, 65, sizeof(other) - 1, 2, 0);
        put(&stream, other, sizeof(other) - 1);
        fill(&stream, sizeof(other) - 1);
        put_classic(&stream, 1, 120, 0, 1, 0x79);
        for (size_t cut = 0; cut <= stream.length; cut++) {
            file.length = 144;
            put_container(0, cut, method);
            put_container(cut, stream.length - cut, method);
            assert_file("1741947321.500000000 3 079#79 T\n"
                        "1741947321.501200000 3 079#79\n");
        }
    }
}

/* A version 2 head has 8 bytes more. */
static void longer_heads(void **state)
{
    (void)state;
    begin();
    put_classic(&file, 1, 0, 1, 1, 0x79);
    memmove(file.at + 144 + 40, file.at + 144 + 32, 16);
    memset(file.at + 144 + 32, 0xff, 8);
    file.length += 8;
    file.at[144 + 4] = 40;
    file.at[144 + 6] = 2;
    file.at[144 + 8] = 56;
    assert_file("1741947321.500000000 3 079#79 T\n");
}

static void a_file_without_a_date(void **state)
{
    (void)state;
    begin();
    memset(file.at + 40, 0, 16);
    put_classic(&file, 1, 120, 1, 1, 0x79);
    assert_file("0.001200000 3 079#79 T\n");
}

/** A file of one container with a byte that is another one. */
static void assert_damaged(unsigned method, size_t at, unsigned byte, const char *expected)
{
    begin();
    put_classic(&stream, 1, 0, 1, 1, 0x79);
    put_container(0, stream.length, method);
    file.at[at] = (uint8_t)byte;
    assert_file(expected);
}

static void damage_is_told(void **state)
{
    (void)state;
    assert_damaged(0, 144, 'X', "problem: no object stands where one has to\n");
    assert_damaged(0, 144 + 8, 15, "problem: an object of 15 bytes\n");
    assert_damaged(0, 144 + 8, 31, "problem: a container of 31 bytes\n");
    assert_damaged(0, 144 + 11, 5, "problem: an object of 83886160 bytes\n"); /* 5 * 2^24 and 80 */
    assert_damaged(0, 144 + 16, 1,
                   "problem: a container is compressed in a way (1) that is not known\n");
    assert_damaged(2, 144 + 24, 40, "problem: the compressed data of a container is damaged\n");
    assert_damaged(2, 144 + 27, 2, "problem: a container says that it holds 33554480 bytes\n");
    assert_damaged(2, 144 + 40, 0xff, "problem: the compressed data of a container is damaged\n");
    assert_damaged(0, 4, 40, "problem: its head of 40 bytes cannot be right\n");
}

static void damaged_objects_are_told(void **state)
{
    (void)state;
    begin();
    put_classic(&file, 1, 0, 1, 1, 0x79);
    put_classic(&file, 1, 0, 1, 1, 0x800); /* over 11 bits */
    assert_file("1741947321.500000000 3 079#79 T\n"
                "problem: an object of type 1 cannot be right\n");
    begin();
    put_fd(&file, 0, 0, 16, 0x79, 1, 1); /* no length code */
    assert_file("problem: an object of type 100 cannot be right\n");
    begin();
    put_fd(&file, 0, 0, 1, 0x79, 1, 65); /* more bytes than there are */
    assert_file("problem: an object of type 100 cannot be right\n");
    begin();
    put_fd64(&file, 0x1000, 0, 16, 1);
    assert_file("problem: an object of type 101 cannot be right\n");
    begin();
    put_classic(&file, 1, UINT64_MAX, 1, 1, 0x79);
    assert_file("problem: an object of type 1 cannot be right\n");
}

static void a_file_that_was_cut_short(void **state)
{
    (void)state;
    begin();
    put_classic(&stream, 1, 0, 1, 1, 0x79);
    put_classic(&stream, 1, 120, 0, 1, 0x79);
    put_container(0, stream.length - 1, 0);
    assert_file("1741947321.500000000 3 079#79 T\ncut short\n");
    begin();
    put_classic(&file, 1, 0, 1, 1, 0x79);
    put_classic(&file, 1, 120, 0, 1, 0x79);
    file.length--;
    assert_file("1741947321.500000000 3 079#79 T\ncut short\n");
    file.length = 100;
    assert_file("problem: its head of 144 bytes cannot be right\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames),
        cmocka_unit_test(error_frames),
        cmocka_unit_test(containers),
        cmocka_unit_test(longer_heads),
        cmocka_unit_test(a_file_without_a_date),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(damaged_objects_are_told),
        cmocka_unit_test(a_file_that_was_cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
