/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of candump (can-utils), as it prints them and as it logs them.
 *
 * Logs, `candump -L` and `-l`: `(SECONDS.FRACTION) INTERFACE FRAME`, where FRAME is
 *   123#DEADBEEF      classic, 3 digits: an 11-bit identifier
 *   12345678#DEADBEEF classic, 8 digits: a 29-bit identifier, or with bit 29 set an error frame
 *   123#R, 123#R4     remote
 *   123##1DEADBEEF    FD; the digit after ## holds the flags
 * and `_C` behind 8 bytes is a length code over 8. `-x` adds ` T` (sent by this machine) or ` R`.
 *
 * The screen: `  (TIME)  INTERFACE  TX B -  123   [4]  DE AD BE EF`, where the time needs `-t`, and
 * TX or RX with the flags of FD need `-x`. FD has two digits in the brackets. Bytes may be binary
 * (`-i`), in reverse order with `` ` `` between them (`-S`), with letters behind them (`-a`).
 * Older can-utils, which know no FD, print `  INTERFACE   79  [1] 79`: blanks in place of
 * an identifier's leading zeros, of 3 digits or of 8.
 */
#ifndef SNIFFER_FORMATS_CAN_CANDUMP_LINE_H
#define SNIFFER_FORMATS_CAN_CANDUMP_LINE_H

#include "formats/can/candump_screen.h"

/** What a line says. */
struct candump_line {
    struct can_told told;
    bool timed;
    bool relative;    /**< to the line before or to the first one (-td, -tz) */
    uint64_t dropped; /**< so many frames were lost till then; 0: not told */
};

/** @param line without colours; need not be zero-terminated @param[out] said set to zero first */
enum candump_kind candump_parse(const char *line, size_t length, struct candump_line *said);

/** Takes colours (-c) out of a line. @return its length */
size_t candump_without_colours(char *line, size_t length);

#endif
