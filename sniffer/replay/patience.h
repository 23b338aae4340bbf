/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long a device may take to answer, by what it has to do and, where that is known, by product.
 */
#ifndef SNIFFER_REPLAY_PATIENCE_H
#define SNIFFER_REPLAY_PATIENCE_H

#include "boottap/product.h"
#include "boottap/transaction.h"

/**
 * For the answer to the last part of a command, after which the device works: an erase, a write, a
 * protection.
 *
 * @param product NULL if not known
 * @return nanoseconds
 */
btap_ns patience_for_work(const struct btap_transaction *transaction,
                          const struct btap_product *product);

/** For any other answer. */
btap_ns patience_for_answer(enum btap_transport transport);

#endif
