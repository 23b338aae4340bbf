/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kinds of files that people hold, told by their first bytes: to name one for what it is where
 * another is wanted. A kind is a row of the table in kind.c.
 */
#ifndef SNIFFER_CAPTURE_KIND_H
#define SNIFFER_CAPTURE_KIND_H

#include "formats/reader/first.h"

/** @return NULL: none of the kinds that are known */
const struct kind *kind_find(const uint8_t *bytes, size_t length);

/**
 * A file that is given as firmware.
 *
 * @param raw its name says that it is raw contents, which may look like many things
 * @return NULL: it may be firmware
 */
const struct kind *kind_find_no_firmware(const uint8_t *bytes, size_t length, bool raw);

#endif
