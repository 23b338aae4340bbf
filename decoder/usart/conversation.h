/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The conversation: whose turn it is, and what it means if the other one speaks.
 */
#ifndef DECODER_USART_CONVERSATION_H
#define DECODER_USART_CONVERSATION_H

#include "boottap/usart.h"
#include "usart/bytes.h"

/** Consumes bytes of the host. Returns how many; 0 where the state changed instead. */
uint32_t usart_host(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Consumes bytes of the device. Returns how many; 0 where the state changed instead. */
uint32_t usart_device(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Consumes a byte outside of a conversation, which may be of either. Returns 1. */
uint32_t usart_either(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Who is to send a byte, in the strict request and reply of the protocol. */
enum btap_direction usart_sender(const struct btap_usart *usart, uint8_t value);
/** Whether an ACK or NACK is due. */
bool usart_expects_answer(const struct btap_usart *usart);
/** Bytes of one direction are missing from the capture; 0: not known how many. */
void usart_lose(struct btap_usart *usart, enum btap_direction direction, uint32_t count);
/** The tool says that it begins a command: what is under way is over, where its answer may be
 * missing from the file. */
void usart_tool_begins(struct btap_usart *usart, const struct btap_origin *at);
/** The tool says that it waited in vain for what is due. */
void usart_tool_timed_out(struct btap_usart *usart, const struct btap_origin *at);
/** Ends what is under way with this status: the capture ends, or the adapter is gone. */
void usart_close(struct btap_usart *usart, enum btap_status status);

#endif
