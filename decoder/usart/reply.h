/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reply mode of an STM8's bootloader (UM0560): behind each byte that it sends it waits for one
 * of the host, which tells nothing.
 */
#ifndef DECODER_USART_REPLY_H
#define DECODER_USART_REPLY_H

#include "boottap/usart.h"
#include "usart/bytes.h"

/** The device sent so many bytes. */
void usart_reply_expect(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length);

/** Consumes the host's byte that only replies to the device's. @return 1; 0 if it is none such */
uint32_t usart_reply_consume(struct btap_usart *usart, const struct usart_bytes *bytes);

/** Whether the host owes such a byte, for certain. */
bool usart_reply_is_due(const struct btap_usart *usart);

/** The device was synchronised: it may be another one than before. */
void usart_reply_synced(struct btap_usart *usart);

#endif
