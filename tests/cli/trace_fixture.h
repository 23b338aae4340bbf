/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls of a tool that is this test itself: what they point to is in its own memory.
 */
#ifndef CLI_TRACE_FIXTURE_H
#define CLI_TRACE_FIXTURE_H

#include "trace/call.h"

#define TRACE_TIME (1700000000 * (btap_ns)1000000000)

/** What the sink was told, a line an interface or a record. */
struct trace_heard {
    struct traffic_sink sink;
    /** Prints a record. */
    void (*print)(struct trace_heard *heard, const struct traffic_record *record);
    uint32_t interfaces;
    uint64_t ids[16]; /**< of URBs, by their first appearance */
    size_t ids_length;
    btap_ns last;
    size_t length;
    char text[8192];
};

void trace_heard_init(struct trace_heard *heard,
                      void (*print)(struct trace_heard *heard,
                                    const struct traffic_record *record));
void trace_print(struct trace_heard *heard, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void trace_print_bytes(struct trace_heard *heard, const uint8_t *bytes, size_t length);

/** Asserts what was told since the last time. */
void trace_assert_heard(struct trace_heard *heard, const char *expected);

/** A call's entry and end a millisecond later; each call is 10 ms after the one before. */
void trace_enter(struct trace_file *file, struct trace_call *call);
void trace_leave(struct trace_file *file, struct trace_call *call, int64_t result);

#endif
