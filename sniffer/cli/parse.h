/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers on the command line.
 */
#ifndef SNIFFER_CLI_PARSE_H
#define SNIFFER_CLI_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "boottap/product.h"

/** Decimal, or hexadecimal after 0x; nothing before or after it. false: text is no such number. */
bool parse_number(const char *text, uint64_t max, uint64_t *value);

/**
 * `0x08000000-0x0801ffff`, `0x08000000+2048` or one address.
 *
 * @return false if the text is none of these, or reaches above 32 bits, or ends before it starts
 */
bool parse_range(const char *text, struct btap_range *range);

/** Room for an item of a list. */
#define PARSE_ITEM_SIZE 64

/**
 * Cuts the next item off a comma list, and cuts it where it is too long.
 *
 * @param[in,out] list the rest of it; NULL behind the last item
 * @return false: there is none
 */
bool parse_item(const char **list, char item[static PARSE_ITEM_SIZE]);

#endif
