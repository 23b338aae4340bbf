/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of the USART protocol (AN3155): bytes of a serial line in, transactions out.
 */
#ifndef BOOTTAP_USART_H
#define BOOTTAP_USART_H

#include "boottap/event.h"
#include "boottap/report.h"

/** State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own. */
struct btap_usart {
    struct btap_report report;
};

/**
 * Starts a decoder.
 *
 * @param sink not NULL; kept, must outlive the decoder
 * @param link not NULL; kept, must outlive the decoder
 */
void btap_usart_init(struct btap_usart *usart, const struct btap_sink *sink,
                     struct btap_link *link);

/**
 * Decodes bytes. Chunks must come in the order of their time; how a stream is cut into chunks
 * makes no difference to what is decoded.
 *
 * @param chunk not NULL; not kept
 */
void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk);

/** Takes an event of the line: an error, lost bytes, modem lines, the host's settings. */
void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event);

/** Ends the capture: an open transaction is reported as BTAP_INCOMPLETE. */
void btap_usart_finish(struct btap_usart *usart);

#endif
