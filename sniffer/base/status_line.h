/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last line of a terminal on standard error, which shows what is going on and gives way to
 * whatever else is printed. Where standard error is no terminal nothing is ever shown.
 */
#ifndef SNIFFER_BASE_STATUS_LINE_H
#define SNIFFER_BASE_STATUS_LINE_H

/** Shows words in the place of those before; they are cut to the terminal's width. */
void status_line_show(const char *words);

/** Takes the words away: something else is about to be printed. */
void status_line_clear(void);

#endif
