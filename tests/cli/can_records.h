/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a reader makes of a CAN log, as text that a test holds against its own.
 */
#ifndef CLI_CAN_RECORDS_H
#define CLI_CAN_RECORDS_H

#include <stddef.h>

struct reader_format;

/**
 * Reads a log to its end. A record is a line, the frame as candump -L writes it but for the flags
 * of FD, which are all of the record's byte 5 (4: FD is told, 1: the rate is switched, 2: error
 * state):
 *   1741947321.500000000 can0 111##55A T
 * with `!` at the end where times are lacking; behind them, `problem: ...` and `remark: ...`.
 *
 * @return valid until the next call
 */
const char *can_records(const struct reader_format *format, const void *log, size_t length);

/** The same of a string. Ends the test if the log is not told as one of this format, or if the
 * records are others. */
void assert_can_records(const struct reader_format *format, const char *log, const char *expected);

/** The same of a log that other tests take for one of the format. */
void assert_can_records_of(const struct reader_format *format, const void *log, size_t length,
                           const char *expected);

#endif
