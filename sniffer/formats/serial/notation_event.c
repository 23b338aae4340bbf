/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/notation_event.h"

#include <string.h>
#include <strings.h>

#include "boottap/record.h"
#include "formats/reader/scan.h"

#define WORDS_SIZE 64

static const struct {
    const char *words;
    enum serial_record_event event;
} events[] = {
    {"parity error", SERIAL_RECORD_PARITY_ERROR}, {"framing error", SERIAL_RECORD_FRAMING_ERROR},
    {"overrun", SERIAL_RECORD_OVERFLOW},          {"break", SERIAL_RECORD_BREAK},
    {"bytes lost", SERIAL_RECORD_LOST},
};

static const struct {
    const char *name;
    uint8_t line;
} lines[] = {
    {"DTR", BTAP_LINE_DTR}, {"RTS", BTAP_LINE_RTS}, {"CTS", BTAP_LINE_CTS},
    {"DSR", BTAP_LINE_DSR}, {"DCD", BTAP_LINE_DCD}, {"RI", BTAP_LINE_RI},
};

/** `115200 8E1`, what is not known as `?` */
static bool parse_settings(const char *at, struct btap_serial_settings *settings)
{
    static const char parities[] = "?NOEMS";
    const char *parity;
    uint64_t baud = 0;

    *settings = (struct btap_serial_settings){0};
    if (!scan_word(&at, "?") && (!scan_decimal(&at, &baud) || baud > UINT32_MAX))
        return false;
    settings->baud = (uint32_t)baud;
    if (!scan_spaces(&at) || strchr("?5678", *at) == NULL || *at == '\0')
        return false;
    settings->data_bits = *at == '?' ? 0 : (uint8_t)(*at - '0');
    parity = at[1] != '\0' ? strchr(parities, at[1]) : NULL;
    if (parity == NULL)
        return false;
    settings->parity = (enum btap_parity)(parity - parities);
    at += 2;
    if (strcmp(at, "1.5") == 0)
        settings->half_stop_bits = 3;
    else if (strcmp(at, "1") == 0 || strcmp(at, "2") == 0)
        settings->half_stop_bits = (uint8_t)(2 * (*at - '0'));
    else
        return strcmp(at, "?") == 0;
    return true;
}

/** `lines DTR RTS`, those that are active */
static bool parse_lines(const char *at, uint8_t *active)
{
    if (!scan_word(&at, "lines"))
        return false;
    *active = 0;
    while (scan_spaces(&at) && *at != '\0') {
        size_t i = 0;

        while (i < sizeof(lines) / sizeof(lines[0]) && !scan_word(&at, lines[i].name))
            i++;
        if (i == sizeof(lines) / sizeof(lines[0]))
            return false;
        *active |= lines[i].line;
    }
    return *at == '\0';
}

bool notation_event(const char *words, size_t length, struct notation_event *event)
{
    char text[WORDS_SIZE] = "";
    const char *at = text;

    *event = (struct notation_event){.event = SERIAL_RECORD_STATUS};
    if (length >= sizeof(text))
        return false;
    memcpy(text, words, length);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcasecmp(text, events[i].words) == 0) {
            event->event = events[i].event;
            return true;
        }
    if (scan_word(&at, "link ")) {
        event->has_link = true;
        strncat(event->link, at, sizeof(event->link) - 1);
        return *at != '\0';
    }
    event->has_lines = parse_lines(text, &event->lines);
    event->has_settings = !event->has_lines && parse_settings(text, &event->settings);
    return event->has_lines || event->has_settings;
}

void notation_event_put(const struct notation_event *event, struct notation_port *port,
                        struct serial_log *serial, struct log *log)
{
    serial_log_end(serial, log);
    if (event->has_link) {
        *port = (struct notation_port){0};
        memcpy(port->link, event->link, sizeof(port->link));
        serial->name = port->link;
        serial->lines = 0;
        return;
    }
    if (event->has_lines)
        serial->lines = event->lines;
    serial_log_event(serial, log, event->event, 0, event->has_settings ? &event->settings : NULL);
}
