/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can_records.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boottap/record.h"
#include "formats/formats.h"
#include "formats/reader/reader.h"
#include "test.h"

#define TEXT_MAX 65536

static char text[TEXT_MAX];
static size_t text_length;

#define SAY(...)                                                                                   \
    (text_length += (size_t)snprintf(text + text_length, TEXT_MAX - text_length, __VA_ARGS__))

/* LINKTYPE_CAN_SOCKETCAN (www.tcpdump.org/linktypes): identifier, length, flags, 8, raw length,
 * data */
static void say_frame(const uint8_t *bytes, uint32_t captured)
{
    const uint32_t word =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    const bool wide = (word & 0xa0000000) != 0;

    SAY(wide ? "%08" PRIX32 "#" : "%03" PRIX32 "#", word & 0x3fffffff);
    if (captured == 72)
        SAY("#%u", bytes[5]);
    else
        assert_int_equal(bytes[5], 0);
    if ((word & 0x40000000) != 0)
        SAY("R%u", bytes[4]);
    else
        for (unsigned i = 0; i < bytes[4]; i++)
            SAY("%02X", bytes[8 + i]);
    if (captured == 16 && bytes[7] != 0)
        SAY("_%X", bytes[7]);
}

static void say_record(const struct btap_record *record)
{
    assert_int_equal(record->linktype, 227);
    assert_true(record->captured == 72 || record->captured == 16);
    assert_int_equal(record->length, record->captured);
    SAY("%" PRId64 ".%09" PRId64 " %s ", record->time / 1000000000, record->time % 1000000000,
        record->interface != NULL ? record->interface : "-");
    say_frame(record->bytes, record->captured);
    assert_true(record->direction == BTAP_HOST_TO_DEVICE ||
                record->direction == BTAP_DIRECTION_UNKNOWN);
    SAY("%s%s\n", record->direction == BTAP_HOST_TO_DEVICE ? " T" : "",
        (record->lacks & BTAP_LACKS_TIMES) != 0 ? " !" : "");
}

const char *can_records(const struct reader_format *format, const void *log, size_t length)
{
    struct reader reader = {0};
    struct btap_record record;
    FILE *file = tmpfile();
    enum reader_result result = READER_DAMAGED;

    assert_non_null(file);
    assert_int_equal(fwrite(log, 1, length, file), length);
    rewind(file);
    reader.fd = fileno(file);
    text_length = 0;
    text[0] = '\0';
    if (reader_start(&reader, format))
        while ((result = format->next(&reader, &record)) == READER_NEXT)
            say_record(&record);
    if (result == READER_CUT_SHORT)
        SAY("cut short\n");
    if (reader.problem[0] != '\0')
        SAY("problem: %s\n", reader.problem);
    if (reader.remark[0] != '\0')
        SAY("remark: %s\n", reader.remark);
    reader_release(&reader);
    fclose(file);
    return text;
}

void assert_can_records_of(const struct reader_format *format, const void *log, size_t length,
                           const char *expected)
{
    const struct first first = first_from(log, length);

    assert_ptr_equal(formats_find(&first), format);
    assert_string_equal(can_records(format, log, length), expected);
}

void assert_can_records(const struct reader_format *format, const char *log, const char *expected)
{
    assert_can_records_of(format, log, strlen(log), expected);
}
