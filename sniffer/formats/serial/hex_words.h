/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes as people and their programs write them into a line, and what stands behind them.
 *
 * A word is a byte of one or two hexadecimal digits or several bytes of two each, with 0x, $ or h
 * or without: `7F 79`, `7F-79`, `0x7f, 0x79`, `7Fh`, `0 FF`, `31CE`. Behind the bytes may stand
 * the same as text (`79 01  |y.|`), a remark (`1F <-- NACK`, `1F  ; refused`), or a sign that bytes
 * were left out (`79 0B ... (15 bytes)`).
 */
#ifndef SNIFFER_FORMATS_SERIAL_HEX_WORDS_H
#define SNIFFER_FORMATS_SERIAL_HEX_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What stands behind the bytes. */
enum hex_words_rest {
    HEX_REST_NONE,    /**< nothing, or the same bytes as text */
    HEX_REST_SET_OFF, /**< a remark, set off by a punctuation mark or by more than one space */
    HEX_REST_WORDS,   /**< words behind a single space: it may be a sentence */
};

struct hex_words {
    const char *at;   /**< the first word */
    size_t count;     /**< bytes; 0: it begins with none */
    uint8_t first[2]; /**< the first of them; 0 where there is none */
    bool plain;       /**< each word has two digits, with or without 0x */
    bool cut;         /**< more bytes were there, and were left out */
    uint64_t total;   /**< so many bytes there are, by what the line says; 0: it says nothing */
    enum hex_words_rest rest;
};

/** Reads a line from the place on where its bytes should begin. */
void hex_words_parse(struct hex_words *words, const char *at);

/** Gives the bytes one after another. @param take returns whether to go on */
void hex_words_each(const struct hex_words *words, bool (*take)(void *context, uint8_t byte),
                    void *context);

/** Whether a line ends in bytes of two digits each, whatever stands before them. */
bool hex_words_end(const char *line);

/**
 * How many bytes a piece of text speaks of: `18 bytes`, `<18 data bytes>`, `11 more`.
 *
 * @param given bytes that stand before it, to which `more` adds
 * @return 0: of none, or of a part (`8 of 18 bytes`)
 */
uint64_t hex_words_told(const char *text, uint64_t given);

#endif
