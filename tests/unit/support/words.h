/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds for the names and texts of every table.
 */
#ifndef BOOTTAP_WORDS_H
#define BOOTTAP_WORDS_H

#include <stdbool.h>

/** Whether a name is of lower case letters and digits, its words joined by single hyphens. */
bool is_kebab_case(const char *name);

/** Conversions of unsigned values in a text for printf, or -1 if it has any other. */
int conversions(const char *text);

#endif
