/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static bool parse_event(const char *word, struct btap_serial_event *event)
{
    static const struct {
        const char *word;
        enum btap_serial_event_kind kind;
        enum btap_direction direction;
    } events[] = {
        {"!parity", BTAP_SERIAL_PARITY_ERROR, BTAP_DEVICE_TO_HOST},
        {"!framing", BTAP_SERIAL_FRAMING_ERROR, BTAP_DEVICE_TO_HOST},
        {"!break", BTAP_SERIAL_BREAK, BTAP_HOST_TO_DEVICE},
        {"!overflow<", BTAP_SERIAL_OVERFLOW, BTAP_DEVICE_TO_HOST},
        {"!overflow>", BTAP_SERIAL_OVERFLOW, BTAP_HOST_TO_DEVICE},
        {"!lost<", BTAP_SERIAL_LOST, BTAP_DEVICE_TO_HOST},
        {"!lost>", BTAP_SERIAL_LOST, BTAP_HOST_TO_DEVICE},
        {"!lost", BTAP_SERIAL_LOST, BTAP_DIRECTION_UNKNOWN},
    };

    for (size_t i = 0; i < COUNT_OF(events); i++) {
        const size_t length = strlen(events[i].word);

        if (strncmp(word, events[i].word, length) != 0)
            continue;
        event->kind = events[i].kind;
        event->direction = events[i].direction;
        event->count = (uint32_t)strtoul(word + length, NULL, 10);
        return true;
    }
    if (strcmp(word, "!dtr") == 0) {
        event->kind = BTAP_SERIAL_LINES;
        event->lines = BTAP_LINE_DTR;
        event->lines_known = BTAP_LINE_DTR;
        return true;
    }
    if (strcmp(word, "!timeout") == 0 || strcmp(word, "!command") == 0) {
        event->kind = word[1] == 't' ? BTAP_SERIAL_TIMEOUT : BTAP_SERIAL_COMMAND;
        return true;
    }
    event->kind = BTAP_SERIAL_SETTINGS;
    event->settings.baud = 57600;
    event->settings.half_stop_bits = 2;
    event->settings.data_bits = (uint8_t)(word[1] - '0');
    event->settings.parity = word[2] == 'n' ? BTAP_PARITY_NONE : BTAP_PARITY_EVEN;
    return strcmp(word, "!8n1") == 0 || strcmp(word, "!8e1") == 0 || strcmp(word, "!7e1") == 0;
}

void script_parse(struct script *script, const char *text)
{
    enum btap_direction direction = BTAP_DIRECTION_UNKNOWN;
    struct btap_origin at = {0};
    char word[32];
    int length;

    memset(script, 0, sizeof(*script));
    for (; sscanf(text, "%31s%n", word, &length) == 1; text += length) {
        struct script_item *item = &script->items[script->length];
        char *end;

        if (strcmp(word, "|") == 0) {
            script->marked = script->length;
            continue;
        }
        if (strchr("<>?", word[0]) != NULL) {
            direction = word[0] == '>'   ? BTAP_HOST_TO_DEVICE
                        : word[0] == '<' ? BTAP_DEVICE_TO_HOST
                                         : BTAP_DIRECTION_UNKNOWN;
            at.packet++;
            at.offset = 12;
            at.time = (btap_ns)at.packet * 1000000;
            continue;
        }
        assert_true(script->length < SCRIPT_MAX);
        script->length++;
        if (word[0] == '!') {
            at.packet++;
            at.time = (btap_ns)at.packet * 1000000;
            item->is_event = true;
            item->event.at = at;
            item->is_gone = strcmp(word, "!gone") == 0;
            if (!item->is_gone && !parse_event(word, &item->event))
                fail_msg("unknown event %s", word);
            at.packet++;
            at.offset = 12;
            continue;
        }
        item->byte = (uint8_t)strtoul(word, &end, 16);
        if (*end != '\0' || end != word + 2)
            fail_msg("not a byte: %s", word);
        item->direction = direction;
        item->at = at;
        at.offset++;
    }
}

void script_feed(const struct script *script, size_t from, size_t to, struct btap_usart *usart)
{
    uint8_t bytes[SCRIPT_MAX];

    while (from < to) {
        const struct script_item *first = &script->items[from];
        struct btap_serial_chunk chunk = {
            .at = first->at, .direction = first->direction, .bytes = bytes};

        if (first->is_event) {
            if (first->is_gone)
                btap_usart_disconnected(usart, &first->event.at);
            else
                btap_usart_event(usart, &first->event);
            from++;
            continue;
        }
        for (; from < to && !script->items[from].is_event &&
               script->items[from].at.packet == first->at.packet;
             from++)
            bytes[chunk.length++] = script->items[from].byte;
        btap_usart_chunk(usart, &chunk);
    }
}
