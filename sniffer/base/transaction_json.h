/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A transaction as JSON, the same wherever the program prints one. docs/decode.md has the keys.
 */
#ifndef SNIFFER_BASE_TRANSACTION_JSON_H
#define SNIFFER_BASE_TRANSACTION_JSON_H

#include "base/json.h"
#include "boottap/transaction.h"

/** Adds a protocol version: 0x31 is 3.1. */
void json_add_version(struct json *json, const char *key, uint64_t version);

/** Adds a product: its id, and its name if it is known. */
void json_add_product(struct json *json, uint32_t pid);

/** Adds what `decode --json` prints of a transaction, but for its link, payload and notes. */
void json_add_transaction(struct json *json, const struct btap_transaction *transaction,
                          int digits);

/** The same of a command that is in no recording: without number, time, packets and outcome. */
void json_add_command(struct json *json, const struct btap_transaction *transaction);

/** Adds its notes. */
void json_add_notes(struct json *json, const struct btap_transaction *transaction);

/** Adds a note to the list that is open. */
void json_add_note(struct json *json, const struct btap_note *note);

#endif
