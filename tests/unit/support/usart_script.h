/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Serial conversations as text, for the tests of the USART decoder.
 *
 * A script is a row of words: `>` host, `<` device, `?` direction not known, then bytes in hex.
 * `|` marks where the command under test begins. Words with `!` are events:
 * !parity !framing !break !overflow< !overflow> !lost<N !lost>N !lost (unknown direction)
 * !8n1 !8e1 !7e1 !dtr !gone (the adapter left the bus) !timeout !command (the tool says so). Every
 * change of direction and every event is a record of its own, one millisecond after the one before.
 */
#ifndef BOOTTAP_USART_SCRIPT_H
#define BOOTTAP_USART_SCRIPT_H

#include "boottap/usart.h"

#define SCRIPT_MAX 2048

struct script_item {
    bool is_event;
    bool is_gone; /**< no event of the line: btap_usart_disconnected() */
    struct btap_serial_event event;
    uint8_t byte;
    enum btap_direction direction;
    struct btap_origin at;
};

struct script {
    size_t length;
    size_t marked; /**< items before `|`; 0 without */
    struct script_item items[SCRIPT_MAX];
};

/** Fails the running test on a word that it does not know. */
void script_parse(struct script *script, const char *text);

/** Feeds items [from, to) of a script, one chunk a record. */
void script_feed(const struct script *script, size_t from, size_t to, struct btap_usart *usart);

#endif
