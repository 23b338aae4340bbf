/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: records of one link type (FUZZ_LINKTYPE) through the whole core.
 *
 * One record of the input is: flags (enum record_flag), a delay, the number of captured bytes (2
 * bytes, MSB first), the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "input.h"

enum record_flag {
    RECORD_BIG_ENDIAN = 1 << 0,
    RECORD_TRUNCATED = 1 << 1,
    RECORD_DIRECTION = 3 << 2, /* 3 stands for unknown too */
    RECORD_INTERFACE = 3 << 4,
    RECORD_NAMED = 1 << 6,
    RECORD_COMMENT = 1 << 7, /* the bytes are those of the comment, too */
};

/* The interface whose records a tool's system calls carried. */
#define AT_TOOL 3

/* Bytes of a comment. */
#define COMMENT_MAX 64

/* Longer than anybody waits. */
#define SILENCE_NS 50000000000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/** Where there is one: the prefix, and as many bytes as there is room for. */
static void put_comment(struct btap_record *record, char comment[static COMMENT_MAX])
{
    const size_t prefix = strlen(BTAP_SERIAL_COMMENT);
    const size_t room = COMMENT_MAX - prefix;
    const size_t length = record->captured < room ? record->captured : room;

    if (!record->added)
        return;
    memcpy(comment, BTAP_SERIAL_COMMENT, prefix);
    if (length > 0)
        memcpy(comment + prefix, record->bytes, length);
    record->comment = comment;
    record->comment_length = (uint32_t)(prefix + length);
}

static struct btap_record take_record(struct input *input, btap_ns *time)
{
    const uint8_t flags = input_u8(input);
    const uint8_t direction = (flags & RECORD_DIRECTION) >> 2;
    struct btap_record record = {
        .linktype = FUZZ_LINKTYPE,
        .interface_id = (flags & RECORD_INTERFACE) >> 4,
        .interface = flags & RECORD_NAMED ? "a-rather-long-interface-name" : NULL,
        .big_endian = flags & RECORD_BIG_ENDIAN,
        .at_tool = (flags & RECORD_INTERFACE) >> 4 == AT_TOOL,
        .added = flags & RECORD_COMMENT,
        .direction = direction <= BTAP_DEVICE_TO_HOST ? direction : BTAP_DIRECTION_UNKNOWN,
    };
    size_t captured;

    *time += input_delay_ns(input);
    record.time = *time;
    captured = input_u16(input);
    record.bytes = input_bytes(input, &captured);
    record.captured = (uint32_t)captured;
    record.length = record.captured + (flags & RECORD_TRUNCATED ? 64 : 0);
    return record;
}

/** Every record is counted in exactly one of these. */
static uint64_t counted(const struct btap_counters *counters)
{
    return counters->decoded + counters->events + counters->foreign + counters->malformed +
           counters->unsupported;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct checker checker;
    static struct btap_tap tap;
    struct input input = {bytes, length};
    struct btap_options options = btap_options_default();
    btap_ns time = 1600000000000000000;

    options.serial_view = input_u8(&input) % (BTAP_SERIAL_MERGED + 1);
    checker_init(&checker);
    btap_tap_init(&tap, &checker.sink, &options);
    while (input.left > 0) {
        struct btap_record record = take_record(&input, &time);
        uint8_t *copy = checker_copy(record.bytes, record.captured);
        char comment[COMMENT_MAX];

        record.packet = checker_packet(&checker, record.bytes, record.captured, record.time);
        record.bytes = copy;
        put_comment(&record, comment);
        if (record.packet != 0)
            btap_tap_record(&tap, &record);
        free(copy);
    }
    if (options.serial_view == BTAP_SERIAL_AS_RECORDED)
        btap_tap_recorded_until(&tap, time + SILENCE_NS);
    btap_tap_finish(&tap);
    CHECK(counted(&tap.counters) == checker.packets);
    CHECK(tap.counters.unsupported == 0);
    return 0;
}
