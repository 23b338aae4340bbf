/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the names of channels tell.
 */
#ifndef SNIFFER_FORMATS_ANALYSER_NAME_H
#define SNIFFER_FORMATS_ANALYSER_NAME_H

#include "formats/analyser/parts.h"

/** What a channel is, and whose bytes are on it, as its name tells. */
void analyser_name(struct analyser_channel *channel);

#endif
