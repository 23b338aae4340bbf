/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where all goes that is said to a person: standard error, or a stream before it.
 */
#ifndef SNIFFER_BASE_TALK_H
#define SNIFFER_BASE_TALK_H

#include <stdio.h>

/** The stream, unbuffered or to be flushed after each line. */
FILE *talk_stream(void);

/** From here on it is another one. @param stream kept; NULL: standard error */
void talk_redirect(FILE *stream);

#endif
