/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static btap_ns now = TRACE_TIME;

static uint32_t add_interface(void *context, const struct traffic_interface *interface)
{
    struct trace_heard *heard = context;

    assert_true(interface->at_tool);
    assert_memory_equal(interface->description, "boottap run: ", 13);
    trace_print(heard, "interface %s (%u)%s%s\n", interface->name, interface->linktype,
                interface->filter != NULL ? " " : "",
                interface->filter != NULL ? interface->filter : "");
    return heard->interfaces++;
}

static void add_record(void *context, const struct traffic_record *record)
{
    struct trace_heard *heard = context;

    assert_in_range(record->interface_id, 0, heard->interfaces - 1);
    assert_in_range(record->length, record->captured, UINT32_MAX);
    assert_in_range(record->time, heard->last, now);
    heard->last = record->time;
    heard->print(heard, record);
}

void trace_heard_init(struct trace_heard *heard,
                      void (*print)(struct trace_heard *heard, const struct traffic_record *record))
{
    *heard = (struct trace_heard){
        .sink = {.context = heard, .interface = add_interface, .record = add_record},
        .print = print,
    };
}

void trace_print(struct trace_heard *heard, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    heard->length += (size_t)vsnprintf(heard->text + heard->length,
                                       sizeof(heard->text) - heard->length, format, arguments);
    va_end(arguments);
    assert_in_range(heard->length, 0, sizeof(heard->text) - 1);
}

void trace_print_bytes(struct trace_heard *heard, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        trace_print(heard, "%02x", bytes[i]);
}

void trace_assert_heard(struct trace_heard *heard, const char *expected)
{
    assert_string_equal(heard->text, expected);
    heard->length = 0;
    heard->text[0] = '\0';
}

void trace_enter(struct trace_file *file, struct trace_call *call)
{
    now += 10000000;
    call->process = getpid();
    call->thread = getpid();
    call->result = 0;
    call->time = now;
    call->entered = now;
    file->kind->enter(file, call);
}

void trace_leave(struct trace_file *file, struct trace_call *call, int64_t result)
{
    now += 1000000;
    call->result = result;
    call->time = now;
    file->kind->leave(file, call);
}
