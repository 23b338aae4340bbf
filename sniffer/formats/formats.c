/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/formats.h"

/** Each is asked before the next one: what could be taken for another stands after it. */
static const struct reader_format *const formats[] = {
    &reader_pcapng,
    &reader_pcap,
    &reader_candump,
};

const struct reader_format *formats_find(const struct first *first)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i]->kind.probe(first))
            return formats[i];
    return NULL;
}
