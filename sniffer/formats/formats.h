/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The formats that are read, and how a file shows which one it is of.
 */
#ifndef SNIFFER_FORMATS_FORMATS_H
#define SNIFFER_FORMATS_FORMATS_H

#include "formats/first.h"
#include "formats/reader.h"

/** @return NULL: none */
const struct reader_format *formats_find(const struct first *first);

#endif
