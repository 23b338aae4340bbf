/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SNIFFER_BASE_XML_H
#define SNIFFER_BASE_XML_H

#include <stdint.h>
#include <stdio.h>

#include "base/line.h"

/** The reference for a character that means something in XML, and in HTML too; NULL for others. */
const char *xml_reference(uint32_t point);

/** Writes text so that XML means just these characters; what letter.h hides is escaped. */
void xml_put(FILE *to, const char *text);

/** Writes a line likewise, without a line break. */
void xml_put_line(FILE *to, struct line *line);

#endif
