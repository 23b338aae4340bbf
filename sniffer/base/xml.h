/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SNIFFER_BASE_XML_H
#define SNIFFER_BASE_XML_H

#include <stdio.h>

#include "base/line.h"

/** Writes text so that XML means just these characters; what letter.h hides is escaped. */
void xml_put(FILE *to, const char *text);

/** Writes a line likewise, without a line break. */
void xml_put_line(FILE *to, struct line *line);

#endif
