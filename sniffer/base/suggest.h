/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a person may have meant who mistyped a word.
 */
#ifndef SNIFFER_BASE_SUGGEST_H
#define SNIFFER_BASE_SUGGEST_H

#include <stddef.h>

/** Longest word that is compared: no option, command or rule is as long. */
#define SUGGEST_WORD_MAX 48

/** A search for the nearest word. Start with zero but for the word. */
struct suggestion {
    const char *word;                   /**< as typed */
    char nearest[SUGGEST_WORD_MAX + 1]; /**< "": none is near enough */
    size_t distance;                    /**< of the nearest */
    char text[96];                      /**< of suggest_words() */
};

/** A known word: it is the nearest now, if it is nearer than those before. */
void suggest_consider(struct suggestion *suggestion, const char *known);

/** The known words of a list, with `, ` or spaces between them; of each what stands before a `:`.
 */
void suggest_consider_list(struct suggestion *suggestion, const char *list);

/** ` (did you mean 'PREFIX' followed by the nearest?)`, or nothing. @return suggestion->text */
const char *suggest_words(struct suggestion *suggestion, const char *prefix);

/**
 * Typing errors between two words, capitals or not: letters that are missing, that are too many,
 * that are others, or two that changed places (the Damerau-Levenshtein distance in which nothing is
 * changed twice).
 *
 * @return more than any word has letters, if one is longer than those that are known
 */
size_t suggest_distance(const char *one, const char *other);

#endif
