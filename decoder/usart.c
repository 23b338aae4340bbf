/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/usart.h"

void btap_usart_init(struct btap_usart *usart, const struct btap_sink *sink, struct btap_link *link)
{
    btap_report_init(&usart->report, sink, link);
}

void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk)
{
    (void)usart;
    (void)chunk;
}

void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event)
{
    (void)usart;
    (void)event;
}

void btap_usart_finish(struct btap_usart *usart)
{
    (void)usart;
}
