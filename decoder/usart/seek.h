/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes outside of a conversation are looked through for a command that the device answers.
 */
#ifndef DECODER_USART_SEEK_H
#define DECODER_USART_SEEK_H

#include "boottap/usart.h"
#include "usart/bytes.h"

/**
 * Looks at one byte.
 *
 * @return true if it answers the bytes that are left pending: one or two 0x7F, or a command with
 *         its complement; false if it was consumed
 */
bool usart_seek(struct btap_usart *usart, const struct usart_bytes *bytes);

#endif
