/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The marks that a terminal puts among the bytes it reads (PARMRK; termios(3)): FF 00 N is the byte
 * N that came with a parity or framing error, FF 00 00 also a break, FF FF the byte FF.
 */
#ifndef SNIFFER_PORT_MARKS_H
#define SNIFFER_PORT_MARKS_H

#include <stddef.h>
#include <stdint.h>

/** Bytes of a mark whose rest has not come yet. Zero at the start. */
struct marks {
    uint8_t held;
};

enum mark_kind {
    MARK_NONE,  /**< the bytes end within a mark */
    MARK_DATA,  /**< good bytes */
    MARK_ERROR, /**< a byte that came with an error; a 0 may be a break */
};

struct mark {
    enum mark_kind kind;
    const uint8_t *bytes; /**< DATA: within the bytes that were given. ERROR: the byte, likewise */
    size_t length;        /**< at least 1, unless NONE */
};

/**
 * The next piece of bytes with marks, which may be cut anywhere.
 *
 * @param length at least 1
 * @return bytes that are done with, at least 1
 */
size_t marks_next(struct marks *marks, const uint8_t *bytes, size_t length, struct mark *mark);

#endif
