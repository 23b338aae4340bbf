/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages for a person on standard error: one line each.
 */
#ifndef SNIFFER_BASE_MESSAGE_H
#define SNIFFER_BASE_MESSAGE_H

/**
 * Prints `boottap: `, the words, and a newline. Control characters in them are escaped; what was
 * written to standard output before is flushed first.
 */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The words of the last one, "" if there was none: why the program goes wrong, for reports. */
const char *message_last(void);

#endif
