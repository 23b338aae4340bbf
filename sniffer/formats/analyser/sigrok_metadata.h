/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the metadata of a sigrok session tell.
 */
#ifndef SNIFFER_FORMATS_ANALYSER_SIGROK_METADATA_H
#define SNIFFER_FORMATS_ANALYSER_SIGROK_METADATA_H

#include <stdint.h>

/** Probes that are looked at. */
#define SIGROK_PROBES_MAX 64

/** Bytes of a sample are no more. */
#define SIGROK_UNIT_MAX 1024

#define SIGROK_FILE_SIZE 64
#define SIGROK_NAME_SIZE 24

struct sigrok_metadata {
    uint64_t rate; /**< samples a second, not 0 */
    uint32_t unit_size;
    char file[SIGROK_FILE_SIZE];                     /**< how the names of the samples begin */
    char names[SIGROK_PROBES_MAX][SIGROK_NAME_SIZE]; /**< by bit; "": there is no such probe */
};

/**
 * Reads the text.
 *
 * @param text is changed
 * @param[out] metadata start with zero
 * @return what keeps it from being read; NULL: nothing
 */
const char *sigrok_metadata_read(char *text, struct sigrok_metadata *metadata);

/**
 * A rate as sigrok writes it: `1 MHz`, `12.5 kHz`, `24000000`.
 *
 * @return samples a second; 0: it is none
 */
uint64_t sigrok_rate(const char *text);

#endif
