/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dates as Vector's tools write them: `Fri Mar 14 10:15:21.500 am 2025`, in English or German,
 * with 12 or 24 hours.
 */
#ifndef SNIFFER_FORMATS_CAN_ASC_DATE_H
#define SNIFFER_FORMATS_CAN_ASC_DATE_H

#include "formats/reader/words.h"

/**
 * @param at the first of its words
 * @param[out] time since 1970, as if the date were in UTC; changed only on true
 * @return false: it is no such date
 */
bool asc_date(const struct words *words, size_t at, btap_ns *time);

#endif
