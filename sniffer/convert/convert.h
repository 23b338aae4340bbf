/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Makes a pcapng file of a capture or log of any format.
 */
#ifndef SNIFFER_CONVERT_CONVERT_H
#define SNIFFER_CONVERT_CONVERT_H

#include <stdbool.h>

/**
 * Writes the records of a file as pcapng. Messages say what goes wrong.
 *
 * @param from a capture or a log, "-" for standard input
 * @param to "-" for standard output
 * @param partial what is not read to its end replaces an output, too
 * @return an exit status
 */
int convert_file(const char *from, const char *to, bool partial);

#endif
