/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the values of a command mean.
 */
#ifndef DECODER_USART_FIELD_H
#define DECODER_USART_FIELD_H

#include "boottap/usart.h"

/** Puts a step's complete value into the transaction, and expects what it announces. */
void usart_field_accept(struct btap_usart *usart, uint32_t value, const struct btap_origin *at);
/** Whether Special announces more bytes than the device accepts. */
bool usart_field_is_oversize(const struct btap_transaction *transaction);

#endif
