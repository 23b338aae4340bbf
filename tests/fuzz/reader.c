/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: files of a format, one for each, through its reader and the whole core.
 */
#include "formats/reader/reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "checker.h"
#include "formats/reader/first.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/** Of a file in the reader's buffer: what it reads on is empty. */
static bool start(struct reader *reader, const void *bytes, size_t length)
{
    static int nothing = -1;

    if (nothing < 0)
        nothing = open("/dev/null", O_RDONLY);
    CHECK(nothing >= 0);
    *reader = (struct reader){.fd = nothing, .have = length, .size = length};
    reader->buffer = allocate(length);
    reader->record = reader->buffer;
    memcpy(reader->buffer, bytes, length);
    return reader_start(reader, &FUZZ_FORMAT);
}

/** A reader's record is as the core wants it, and of a link type that the core reads. */
static void check_record(const struct btap_record *record)
{
    CHECK(record->captured == 0 || record->bytes != NULL);
    CHECK((record->lacks & ~BTAP_LACKS_ALL) == 0);
    CHECK(record->comment_length == 0 || record->comment != NULL);
}

/** What is told about a record must stay readable until the end. */
static uint8_t *kept[CHECKER_PACKETS];

static void take_record(struct checker *checker, struct btap_tap *tap, struct btap_record *record)
{
    uint8_t *copy;

    check_record(record);
    if (checker->packets == CHECKER_PACKETS)
        return;
    copy = checker_copy(record->bytes, record->captured);
    kept[checker->packets] = copy;
    record->bytes = copy;
    record->packet = checker_packet(checker, copy, record->captured, record->time);
    btap_tap_record(tap, record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct checker checker;
    static struct btap_tap tap;
    const struct first first = first_from(bytes, length);
    struct reader reader;
    struct btap_record record;

    if (length == 0)
        return 0;
    FUZZ_FORMAT.kind.probe(&first);
    checker_init(&checker);
    btap_tap_init(&tap, &checker.sink, NULL);
    if (start(&reader, bytes, length))
        while (reader.format->next(&reader, &record) == READER_NEXT)
            take_record(&checker, &tap, &record);
    CHECK(memchr(reader.problem, '\0', sizeof(reader.problem)) != NULL);
    CHECK(memchr(reader.remark, '\0', sizeof(reader.remark)) != NULL);
    btap_tap_finish(&tap);
    reader_release(&reader);
    for (uint64_t i = 0; i < checker.packets; i++)
        free(kept[i]);
    return 0;
}
