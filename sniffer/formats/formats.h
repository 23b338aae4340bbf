/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The formats that are read, and how a file shows which one it is of.
 */
#ifndef SNIFFER_FORMATS_FORMATS_H
#define SNIFFER_FORMATS_FORMATS_H

#include "formats/reader/first.h"
#include "formats/reader/reader.h"

/** A format by its place in the order in which they are tried. @return NULL beyond the last one */
const struct reader_format *formats_at(size_t place);

/** @return NULL: none */
const struct reader_format *formats_find(const struct first *first);

#endif
