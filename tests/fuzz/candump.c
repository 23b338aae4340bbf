/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: lines of candump -L through the whole core.
 */
#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "formats/candump.h"

/* What is told about a line's frame must stay readable until the end. */
#define ARENA_LENGTH ((size_t)CHECKER_PACKETS * CANDUMP_RECORD_SIZE)

struct session {
    struct checker checker;
    struct btap_tap tap;
    uint8_t arena[ARENA_LENGTH];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void take_line(struct session *session, const uint8_t *line, size_t length)
{
    char interface[BTAP_INTERFACE_NAME_SIZE];
    struct btap_record record;
    uint8_t *copy = checker_copy(line, length);
    uint8_t *frame = session->arena + session->checker.packets * CANDUMP_RECORD_SIZE;
    bool valid;

    if (session->checker.packets == CHECKER_PACKETS) {
        free(copy);
        return;
    }
    valid = candump_record(copy != NULL ? (char *)copy : "", length, frame, interface, &record);
    free(copy);
    if (!valid)
        return;
    CHECK(record.linktype == BTAP_LINKTYPE_CAN_SOCKETCAN);
    CHECK(record.bytes == frame);
    CHECK(record.captured <= CANDUMP_RECORD_SIZE);
    CHECK(record.interface == interface);
    CHECK(memchr(interface, '\0', sizeof(interface)) != NULL);
    record.packet = checker_packet(&session->checker, record.bytes, record.captured, record.time);
    btap_tap_record(&session->tap, &record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct session session;
    const uint8_t *const end = bytes + length;

    checker_init(&session.checker);
    btap_tap_init(&session.tap, &session.checker.sink, NULL);
    while (bytes < end) {
        const uint8_t *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
        const uint8_t *next = line_end != NULL ? line_end + 1 : end;

        take_line(&session, bytes, (size_t)(next - bytes));
        bytes = next;
    }
    btap_tap_finish(&session.tap);
    CHECK(session.tap.counters.malformed == 0);
    return 0;
}
