/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captures and firmware that are compressed, made with the libraries' own compressors.
 */
#include <fcntl.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/unpack.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

static const struct sim_capture_options serial_capture = {.linktype = SIM_RTAC};

#define PACKED_SIZE ((size_t)1 << 20)
#define BOMB_SIZE   ((size_t)16 << 20) /* of a member */
#define MEMBERS     8

static uint8_t packed[PACKED_SIZE];

static size_t pack_gzip(const uint8_t *bytes, size_t length)
{
    z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};

    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = packed;
    stream.avail_out = PACKED_SIZE;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

static size_t pack_zstd(const uint8_t *bytes, size_t length)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t size;

    assert_non_null(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size = ZSTD_compress2(context, packed, PACKED_SIZE, bytes, length);
    ZSTD_freeCCtx(context);
    assert_false(ZSTD_isError(size));
    return size;
}

static size_t pack_xz(const uint8_t *bytes, size_t length)
{
    size_t size = 0;

    assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, length, packed,
                                             &size, PACKED_SIZE),
                     LZMA_OK);
    return size;
}

static const struct {
    const char *name;
    size_t (*pack)(const uint8_t *bytes, size_t length);
} packings[] = {{"gzip", pack_gzip}, {"zstd", pack_zstd}, {"xz", pack_xz}};

/** Reads a whole file. @return to be freed */
static uint8_t *read_file(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    uint8_t *bytes = malloc(PACKED_SIZE);

    assert_non_null(file);
    assert_non_null(bytes);
    *length = fread(bytes, 1, PACKED_SIZE, file);
    fclose(file);
    return bytes;
}

/** What a command says on standard output must be what it says of another file. */
static void assert_same_output(const char *command, const char *other, const void *input,
                               size_t input_length)
{
    const struct run_setup setup = {.input = input, .input_length = input_length};
    struct run run = run_program_with(command, &setup);
    struct run expected = run_program(other);

    assert_string_equal(run.err, expected.err);
    assert_string_equal(run.out, expected.out);
    assert_int_equal(run.status, expected.status);
    run_release(&run);
    run_release(&expected);
}

static void captures_of_every_packing(void **state)
{
    size_t length;
    uint8_t *bytes;

    (void)state;
    write_usart_session("plain", &serial_capture);
    bytes = read_file("plain", &length);
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        const size_t size = packings[i].pack(bytes, length);

        /* Told by content: the name tells nothing. */
        write_file("packed", packed, size);
        assert_same_output("decode packed", "decode plain", NULL, 0);
        assert_same_output("decode -", "decode plain", packed, size);
        assert_same_output("extract packed -o - --format=hex", "extract plain -o - --format=hex",
                           NULL, 0);
        assert_same_output("diff packed plain", "diff plain plain", NULL, 0);
        assert_same_output("annotate packed -", "annotate plain -", NULL, 0);
        assert_same_output("annotate - -", "annotate plain -", packed, size);
    }
    free(bytes);
}

static void members_are_read_as_one(void **state)
{
    size_t length;
    uint8_t *bytes;
    uint8_t *members = malloc(PACKED_SIZE);
    size_t size = 0;

    (void)state;
    assert_non_null(members);
    write_usart_session("plain", &serial_capture);
    bytes = read_file("plain", &length);
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        const size_t from = length / COUNT_OF(packings) * i;
        const size_t to =
            i + 1 < COUNT_OF(packings) ? length / COUNT_OF(packings) * (i + 1) : length;
        const size_t part = packings[i].pack(bytes + from, to - from);

        memcpy(members + size, packed, part);
        /* Padding, as xz and tapes have it. */
        memset(members + size + part, 0, 4);
        size += part + 4;
    }
    write_file("packed", members, size);
    assert_same_output("decode packed", "decode plain", NULL, 0);
    assert_same_output("decode -", "decode plain", members, size);
    free(members);
    free(bytes);
}

/** Decodes what is in packed. @return its exit status, and what it says */
static struct run decode_packed(size_t size)
{
    write_file("packed", packed, size);
    return run_program("decode packed");
}

static void a_file_that_is_cut_is_read_as_far_as_it_goes(void **state)
{
    size_t length;
    uint8_t *bytes;

    (void)state;
    write_usart_session("plain", &serial_capture);
    bytes = read_file("plain", &length);
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        /* What only the end checks is missing: all records are there. */
        struct run run = decode_packed(packings[i].pack(bytes, length) - 1);

        assert_string_equal(
            run.err, "boottap: packed: its compressed data is cut short, or still being written\n");
        assert_int_equal(count_lines(run.out), 5);
        assert_int_equal(run.status, 2);
        run_release(&run);
    }
    free(bytes);
}

/* A recorder may compress while it records: what it passed on is there before the file has an end.
 */
/** Where a capture is damaged, what is behind it is not unpacked, and nothing is cut. */
static void damage_of_the_capture_is_the_captures(void **state)
{
    size_t length;
    uint8_t *bytes;

    (void)state;
    write_usart_session("plain", &serial_capture);
    bytes = read_file("plain", &length);
    /* The length of the first record (draft-ietf-opsawg-pcap section 5): 0x47000000 bytes */
    bytes[24 + 8 + 3] = 0x47;
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        struct run run = decode_packed(packings[i].pack(bytes, length));

        assert_non_null(strstr(run.err, "invalid packet capture length 1191182"));
        assert_null(strstr(run.err, "cut short"));
        assert_int_equal(run.status, 2);
        run_release(&run);
    }
    free(bytes);
}

static void a_pipe_that_is_compressed_is_decoded_as_it_comes(void **state)
{
    z_stream stream = {0};
    struct run_setup setup = {.input = packed, .interrupt_after = "Sync "};
    struct run run;
    size_t length;
    uint8_t *bytes;

    (void)state;
    write_usart_session("plain", &serial_capture);
    bytes = read_file("plain", &length);
    stream.next_in = bytes;
    stream.avail_in = (uInt)length;
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = packed;
    stream.avail_out = PACKED_SIZE;
    assert_int_equal(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
    setup.input_length = stream.total_out;
    deflateEnd(&stream);
    run = run_program_with("decode -q --line-buffered -", &setup);
    assert_non_null(strstr(run.out, "Sync "));
    assert_int_equal(run.status, 128 + 2);
    run_release(&run);
    free(bytes);
}

static void damage_and_what_stands_behind_are_told(void **state)
{
    size_t length;
    uint8_t *bytes;

    (void)state;
    write_usart_session("plain", &serial_capture);
    bytes = read_file("plain", &length);
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        size_t size = packings[i].pack(bytes, length);
        char expected[128];
        struct run run;

        memcpy(packed + size, "more", 4);
        run = decode_packed(size + 4);
        snprintf(expected, sizeof(expected),
                 "boottap: packed: behind its %s data stands something else, which was left out\n",
                 packings[i].name);
        assert_string_equal(run.err, expected);
        assert_int_equal(count_lines(run.out), 5);
        run_release(&run);
        memset(packed + 8, 0xff, size - 8);
        run = decode_packed(size);
        snprintf(expected, sizeof(expected), "boottap: packed: its %s data is damaged\n",
                 packings[i].name);
        assert_string_equal(run.err, expected);
        assert_int_equal(run.status, 2);
        run_release(&run);
    }
    free(bytes);
}

static long peak_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/** Zeros without end take time and no memory. */
static void bombs_take_no_memory(void **state)
{
    uint8_t *zeros = calloc(1, BOMB_SIZE);
    static uint8_t part[65536];

    (void)state;
    assert_non_null(zeros);
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        const size_t size = packings[i].pack(zeros, BOMB_SIZE);
        FILE *file = fopen("bomb", "wb");
        struct unpack *unpack;
        size_t unpacked = 0;
        long before;
        ssize_t got;
        int fd;

        assert_non_null(file);
        for (int member = 0; member < MEMBERS; member++)
            assert_int_equal(fwrite(packed, 1, size, file), size);
        fclose(file);
        fd = open("bomb", O_RDONLY);
        unpack = unpack_new(fd);
        before = peak_kib();
        while ((got = unpack_read(unpack, part, sizeof(part))) > 0)
            unpacked += (size_t)got;
        assert_int_equal(got, 0);
        assert_null(unpack_trouble(unpack));
        assert_int_equal(unpacked, MEMBERS * BOMB_SIZE);
        assert_true(peak_kib() - before < 32 * 1024);
        unpack_free(unpack);
        close(fd);
    }
    free(zeros);
}

/** Files whose headers ask for more memory than there may be: 256 MiB, and 4 GiB. */
static void too_much_memory_is_refused(void **state)
{
    /* A frame of zstd without content size: window descriptor, 3 bits of mantissa, exponent 18
     * over 1 KiB (RFC 8878 section 3.1.1.1.2); then an empty last block. */
    static const uint8_t window[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00};
    size_t size = pack_xz((const uint8_t *)"content", 7);
    uint8_t *header = packed + 12;
    const size_t header_size = 4 * ((size_t)header[0] + 1);
    uint8_t *lzma2 = memmem(header, header_size, "\x21\x01", 2);
    struct run run;
    uint32_t crc;

    (void)state;
    /* Block header: the filter LZMA2 and its dictionary (.xz format section 5.3.1), the CRC32. */
    assert_non_null(lzma2);
    lzma2[2] = 40;
    crc = lzma_crc32(header, header_size - 4, 0);
    for (int i = 0; i < 4; i++)
        header[header_size - 4 + (size_t)i] = (uint8_t)(crc >> 8 * i);
    run = decode_packed(size);
    assert_string_equal(run.err, "boottap: packed: its xz data needs more than 128 MiB of memory; "
                                 "unpack it first, with: xzcat FILE\n");
    run_release(&run);
    write_file("packed", window, sizeof(window));
    run = run_program("decode packed");
    assert_string_equal(run.err, "boottap: packed: its zstd data needs more than 128 MiB of "
                                 "memory; unpack it first, with: zstd -dc --long=31 FILE\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void firmware_of_every_packing(void **state)
{
    static uint8_t firmware[256];
    struct run run;
    struct run expected;

    (void)state;
    memset(firmware, 0x5a, sizeof(firmware));
    write_usart_session("plain", &serial_capture);
    write_file("fw.bin", firmware, sizeof(firmware));
    expected = run_program("diagnose plain --expect fw.bin --json");
    for (size_t i = 0; i < COUNT_OF(packings); i++) {
        write_file("fw.bin.gz", packed, packings[i].pack(firmware, sizeof(firmware)));
        run = run_program("diagnose plain --expect fw.bin.gz --json");
        assert_string_equal(run.err, expected.err);
        assert_int_equal(run.status, expected.status);
        run_release(&run);
        write_file("fw.bin.gz", packed, packings[i].pack(firmware, sizeof(firmware)) - 1);
        run = run_program("diagnose plain --expect fw.bin.gz");
        assert_string_equal(
            run.err,
            "boottap: fw.bin.gz: its compressed data is cut short, or still being written\n");
        assert_int_equal(run.status, 2);
        run_release(&run);
    }
    run_release(&expected);
}

/** 80 MiB of zeros are no firmware. */
static void a_firmware_bomb_is_refused(void **state)
{
    uint8_t *zeros = calloc(1, BOMB_SIZE);
    FILE *file = fopen("fw.bin.zst", "wb");
    size_t size;
    struct run run;

    (void)state;
    assert_non_null(zeros);
    assert_non_null(file);
    size = pack_zstd(zeros, BOMB_SIZE);
    for (int member = 0; member < 5; member++)
        fwrite(packed, 1, size, file);
    fclose(file);
    write_usart_session("plain", &serial_capture);
    run = run_program("diagnose plain --expect fw.bin.zst");
    assert_string_equal(run.err, "boottap: fw.bin.zst: larger than 64 MiB when it is unpacked, "
                                 "which no firmware is\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_of_every_packing),
        cmocka_unit_test(members_are_read_as_one),
        cmocka_unit_test(a_file_that_is_cut_is_read_as_far_as_it_goes),
        cmocka_unit_test(damage_of_the_capture_is_the_captures),
        cmocka_unit_test(a_pipe_that_is_compressed_is_decoded_as_it_comes),
        cmocka_unit_test(damage_and_what_stands_behind_are_told),
        cmocka_unit_test(bombs_take_no_memory),
        cmocka_unit_test(too_much_memory_is_refused),
        cmocka_unit_test(firmware_of_every_packing),
        cmocka_unit_test(a_firmware_bomb_is_refused),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
