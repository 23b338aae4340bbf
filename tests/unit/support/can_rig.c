/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 512

const char *const can_rig_preamble[] = {"002", "002 79", "002 04 50", "002 79", NULL};
const char can_rig_preamble_line[] = "Get ID 0x450 | ok";

void can_rig_open(struct can_rig *rig)
{
    can_rig_open_on(rig, BTAP_FDCAN);
}

void can_rig_open_on(struct can_rig *rig, enum btap_transport transport)
{
    memset(&rig->link, 0, sizeof(rig->link));
    rig->link.kind = BTAP_LINK_CAN;
    rig->link.transport = transport;
    rig->packet = 0;
    rig->time = 0;
    collector_init(&rig->collector);
    memset(&rig->can, 0xa5, sizeof(rig->can)); /* whatever was there before */
    btap_can_init(&rig->can, &rig->collector.sink, &rig->link, NULL);
}

void can_rig_close(struct can_rig *rig)
{
    collector_release(&rig->collector);
}

bool can_rig_feed(struct can_rig *rig, struct btap_can_frame frame)
{
    uint8_t *data = frame.captured > 0 ? malloc(frame.captured) : NULL;
    uint8_t *id = malloc(4);
    bool ours;

    assert_non_null(id);
    if (frame.captured > 0) {
        assert_non_null(data);
        memcpy(data, frame.data, frame.captured);
    }
    for (unsigned i = 0; i < 4; i++)
        id[i] = (uint8_t)(frame.id >> (24 - 8 * i));
    frame.data = data;
    frame.id_bytes = id;
    frame.id_offset = 0;
    frame.at = (struct btap_origin){++rig->packet, 8, rig->time};
    rig->time += 2000000;
    rig->collector.source = (struct collected_source){
        .packet = rig->packet, .offset = 8, .length = frame.captured, .bytes = data};
    ours = btap_can_feed(&rig->can, &frame);
    rig->collector.source.length = 0;
    free(data);
    free(id);
    return ours;
}

struct btap_can_frame can_rig_frame(const struct can_rig *rig, const char *text, uint8_t data[64])
{
    struct btap_can_frame frame = {.fd = rig->link.transport == BTAP_FDCAN, .data = data};
    char *end;

    frame.id = (uint32_t)strtoul(text, &end, 16);
    while (*end == ' ') {
        char *number = end + 1;
        unsigned long times = 1;

        if (strchr(number, '*') != NULL && strchr(number, '*') < number + strcspn(number, " ")) {
            times = strtoul(number, &end, 10);
            number = end + 1;
        }
        for (unsigned long value = strtoul(number, &end, 16); times > 0; times--) {
            assert_true(frame.length < 64);
            data[frame.length++] = (uint8_t)value;
        }
    }
    assert_int_equal(*end, '\0');
    frame.captured = frame.length;
    return frame;
}

bool can_rig_feed_text(struct can_rig *rig, const char *text)
{
    uint8_t data[64];

    return can_rig_feed(rig, can_rig_frame(rig, text, data));
}

void can_rig_feed_all(struct can_rig *rig, const char *const *frames)
{
    for (; *frames != NULL; frames++)
        can_rig_feed_text(rig, *frames);
}

void can_rig_feed_foreign(struct can_rig *rig)
{
    static const uint8_t data[64] = {0x79, 0x1f, 0x5a, 0x08};
    const bool fd = rig->link.transport == BTAP_FDCAN;
    const uint8_t longest = fd ? 48 : 8;
    const struct btap_can_frame frames[] = {
        {.id = 0x031, .fd = !fd, .data = data, .length = 8, .captured = 8},
        {.id = 0x18daf110, .extended = true, .fd = fd, .data = data, .length = 8, .captured = 8},
        {.id = 0x011, .remote = true, .fd = fd, .data = data},
        {.id = 0x3a5, .fd = fd, .data = data, .length = 8, .captured = 8},
        {.id = 0x6f2, .fd = fd, .data = data + 4, .length = longest, .captured = longest},
        {.id = 0x3a5, .fd = fd, .data = data + 3, .length = 1, .captured = 1},
    };

    for (size_t i = 0; i < COUNT_OF(frames); i++)
        assert_false(can_rig_feed(rig, frames[i]));
}

/** Text that grows. */
struct line {
    char text[LINE_SIZE];
    size_t length;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    line->length +=
        (size_t)vsnprintf(line->text + line->length, LINE_SIZE - line->length, format, arguments);
    va_end(arguments);
    assert_true(line->length < LINE_SIZE);
}

static void add_list(struct line *line, const struct btap_transaction *transaction,
                     const char *entries)
{
    add(line, " %u %s%s", transaction->list_announced, entries,
        transaction->list_announced == 1 ? "" : "s");
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        add(line, "%s %u", i == 0 ? ":" : "", transaction->list[i]);
}

static void add_values(struct line *line, const struct btap_transaction *transaction)
{
    const uint32_t has = transaction->has;

    if (transaction->command == BTAP_COMMAND_UNKNOWN)
        add(line, " 0x%02x", transaction->opcode);
    if (transaction->erase == BTAP_ERASE_PAGES)
        add_list(line, transaction, "page");
    else if (transaction->erase != BTAP_ERASE_NONE)
        add(line, " %s", btap_erase_name(transaction->erase));
    if (transaction->list_kind == BTAP_LIST_SECTORS)
        add_list(line, transaction, "sector");
    if (has & BTAP_HAS_ADDRESS)
        add(line, " 0x%08x", transaction->address);
    if (has & BTAP_HAS_LENGTH)
        add(line, " %u byte%s", transaction->length, transaction->length == 1 ? "" : "s");
    if (has & BTAP_HAS_SUBCOMMAND)
        add(line, " 0x%04x", transaction->subcommand);
    if (has & BTAP_HAS_VERSION)
        add(line, " %u.%u", transaction->version >> 4, transaction->version & 0xfu);
    if (transaction->list_kind == BTAP_LIST_COMMANDS && transaction->status == BTAP_OK)
        add(line, ", %u commands", transaction->list_length);
    if (has & BTAP_HAS_PID)
        add(line, " 0x%03x", transaction->pid);
    if (has & BTAP_HAS_BIT_RATE)
        add(line, " %u", transaction->bit_rate);
}

/** A transaction as the vectors write it. */
static const char *line_of(const struct btap_transaction *transaction, struct line *line)
{
    line->length = 0;
    add(line, "%s", btap_command_label(transaction->command));
    add_values(line, transaction);
    add(line, " | %s", btap_status_name(transaction->status));
    if (transaction->status != BTAP_OK)
        add(line, " (%s)", btap_phase_name(transaction->phase));
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        add(line, "%s%s", i == 0 ? " | " : " ", btap_note_name(transaction->notes[i].id));
    return line->text;
}

void can_rig_assert_line(const struct can_rig *rig, size_t index, const char *expected)
{
    struct line line;

    assert_true(index < rig->collector.transactions_length);
    assert_string_equal(line_of(&rig->collector.transactions[index], &line), expected);
    assert_int_equal(rig->collector.transactions[index].n, index + 1);
}

void can_rig_assert_loose_notes(const struct can_rig *rig, const char *expected)
{
    struct line line = {.length = 0};

    for (size_t i = 0; i < rig->collector.notes_length; i++)
        if (rig->collector.notes[i].n == 0)
            add(&line, "%s%s", line.length == 0 ? "" : " ",
                btap_note_name(rig->collector.notes[i].note.id));
    assert_string_equal(line.text, expected != NULL ? expected : "");
}
