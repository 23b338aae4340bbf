/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text in UTF-16, as Windows PowerShell and Notepad write it, read as UTF-8. A byte order mark
 * tells it, and text behind that; the mark is left out. All else comes as it is. Memory is bounded,
 * however much there is.
 *
 * Halves of characters that stand alone become U+FFFD; what a file that is cut ends with, less than
 * a character, is left out.
 */
#ifndef SNIFFER_BASE_UTF16_H
#define SNIFFER_BASE_UTF16_H

#include "base/unpack.h"

struct utf16;

/** @param unpack what is read; stays the caller's @return to be released with utf16_free() */
struct utf16 *utf16_new(struct unpack *unpack);

/** Reads on. @return as unpack_read() */
ssize_t utf16_read(struct utf16 *utf16, void *bytes, size_t length);

/** @param utf16 may be NULL */
void utf16_free(struct utf16 *utf16);

#endif
