/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The operands of the serial sources: `kind:PART,PART...`.
 */
#ifndef SNIFFER_LIVE_OPERAND_H
#define SNIFFER_LIVE_OPERAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most parts of an operand. */
#define OPERAND_PARTS_MAX 3

/** The parts of an operand, none of them empty. */
struct operand {
    char *text; /**< in which they are; the caller frees it */
    const char *parts[OPERAND_PARTS_MAX];
    size_t length;
};

/** Whether an operand is of a kind. @param kind `tap:` */
bool operand_is(const char *text, const char *kind);

/**
 * Takes an operand of a kind apart.
 *
 * @param minimum parts, and maximum of them
 * @param usage how it is written, for the message
 * @param[out] operand its text is to be freed whatever is returned
 * @return false: a message says how it is written
 */
bool operand_parse(const char *text, const char *kind, size_t minimum, size_t maximum,
                   const char *usage, struct operand *operand);

/** Whether a text is a rate, and which. */
bool operand_is_baud(const char *text, uint32_t *baud);

/**
 * Reads a rate.
 *
 * @param text NULL: the default
 * @return false: a message says that it is none
 */
bool operand_baud(const char *name, const char *text, uint32_t *baud);

#endif
