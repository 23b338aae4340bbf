/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only USART's sessions have. Internal to the core.
 */
#ifndef DECODER_SESSION_USART_H
#define DECODER_SESSION_USART_H

#include "boottap/session.h"

/** Adds what a command shows of the parity bit, and of bytes that do not arrive as they were sent.
 */
void session_usart_follow(struct btap_session_tracker *tracker,
                          const struct btap_transaction *transaction);

/** Whether a command writes the option bytes, which makes the device reset (AN3155 section 3.6). */
bool session_usart_writes_options(const struct btap_product *product,
                                  const struct btap_transaction *transaction);

#endif
