/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SNIFFER_BASE_XML_H
#define SNIFFER_BASE_XML_H

#include <stdio.h>

/** Writes text from outside so that XML means just these characters; controls as \xNN. */
void xml_put(FILE *to, const char *text);

#endif
