/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/formats.h"

/**
 * Each is asked before the next one: what could be taken for another stands after it. Words that a
 * tool says stand beside bytes that somebody logged, which count more: they come last.
 */
static const struct reader_format *const formats[] = {
    &reader_pcapng,
    &reader_pcap,
    &reader_blf,
    &reader_asc,
    &reader_trc,
    &reader_busmaster,
    &reader_gvret,
    &reader_kvaser,
    &reader_candump,
    &reader_sigrok,
    &reader_saleae,
    &reader_sigrok_csv,
    &reader_saleae_csv,
    &reader_vcd,
    &reader_slcan,
    &reader_strace,
    &reader_socat,
    &reader_jpnevulator,
    &reader_interceptty,
    &reader_slsnif,
    &reader_portmon,
    &reader_port_monitor,
    &reader_saleae_table,
    &reader_sigrok_uart,
    &reader_usbmon_text,
    &reader_cubeprog,
    &reader_notation,
    &reader_marked_hex,
    &reader_cubeprog_words,
};

const struct reader_format *formats_at(size_t place)
{
    return place < sizeof(formats) / sizeof(formats[0]) ? formats[place] : NULL;
}

const struct reader_format *formats_find(const struct first *first)
{
    const struct reader_format *format;

    for (size_t i = 0; (format = formats_at(i)) != NULL; i++)
        if (format->kind.probe(first))
            return format;
    return NULL;
}
