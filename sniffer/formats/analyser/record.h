/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of what channels said, in the order of time.
 */
#ifndef SNIFFER_FORMATS_ANALYSER_RECORD_H
#define SNIFFER_FORMATS_ANALYSER_RECORD_H

#include "formats/analyser/parts.h"

/** A line of an adapter has this level: DTR and RTS are active where they are low. */
void analyser_control(struct analyser *analyser, const struct analyser_channel *channel, bool high);

/** When a record is, in nanoseconds, of whole microseconds: so captures of serial lines have it. */
btap_ns analyser_ns(const struct analyser *analyser, int64_t ps);

/** A line of a USB cable has this level: packets that are over become records. */
void analyser_usb(struct analyser *analyser, const struct analyser_channel *channel, int64_t at_ps,
                  bool high);

/** Makes records of all that was said. */
void analyser_record(struct analyser *analyser);

#endif
