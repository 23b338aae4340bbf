/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lists of the fields that transactions are compared in.
 */
#ifndef SNIFFER_COMMAND_FIELDS_H
#define SNIFFER_COMMAND_FIELDS_H

#include "boottap/comparison.h"

/** Finds a field by length characters of its name. Else says that it is none. */
bool fields_find(const char *name, size_t length, enum btap_aspect *aspect);

/**
 * Reads a comma list. Else says in a message which of it is no field.
 *
 * @param[out] fields bits of enum btap_aspect
 */
bool fields_take(const char *list, uint64_t *fields);

#endif
