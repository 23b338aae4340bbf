/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands in brackets in a session that is written down in hexadecimal: what is no byte.
 */
#ifndef SNIFFER_FORMATS_SERIAL_NOTATION_EVENT_H
#define SNIFFER_FORMATS_SERIAL_NOTATION_EVENT_H

#include "formats/serial/serial_log.h"

struct notation_event {
    enum serial_record_event event; /**< SERIAL_RECORD_STATUS: one of the members below */
    bool has_settings;
    struct btap_serial_settings settings;
    bool has_lines;
    uint8_t lines; /**< enum btap_serial_line */
    bool has_link;
    char link[BTAP_INTERFACE_NAME_SIZE];
};

/** Whose bytes follow. Start with zero; stays where it is. */
struct notation_port {
    char link[BTAP_INTERFACE_NAME_SIZE];
};

/** @param words length characters. @return false: they are not known */
bool notation_event(const char *words, size_t length, struct notation_event *event);

/** Hands it over. */
void notation_event_put(const struct notation_event *event, struct notation_port *port,
                        struct serial_log *serial, struct log *log);

#endif
