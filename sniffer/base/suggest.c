/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/suggest.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/** One error in so many letters is near. */
#define LETTERS_PER_ERROR 3

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

static int letter(const char *word, size_t i)
{
    return tolower((unsigned char)word[i]);
}

size_t suggest_distance(const char *one, const char *other)
{
    const size_t rows = strlen(one);
    const size_t columns = strlen(other);
    size_t cost[SUGGEST_WORD_MAX + 1][SUGGEST_WORD_MAX + 1] = {{0}};

    if (rows > SUGGEST_WORD_MAX || columns > SUGGEST_WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= rows; i++)
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            cost[i][j] = least(least(cost[i - 1][j], cost[i][j - 1]) + 1,
                               cost[i - 1][j - 1] + (letter(one, i - 1) != letter(other, j - 1)));
            if (i > 1 && j > 1 && letter(one, i - 1) == letter(other, j - 2) &&
                letter(one, i - 2) == letter(other, j - 1))
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[rows][columns];
}

void suggest_consider(struct suggestion *suggestion, const char *known)
{
    const size_t length = strlen(suggestion->word);
    const size_t errors = length < LETTERS_PER_ERROR ? 1 : length / LETTERS_PER_ERROR;
    /* A word that was not typed to its end is as near as one with an error. */
    const size_t distance = length >= 3 && strncasecmp(known, suggestion->word, length) == 0
                                ? 1
                                : suggest_distance(suggestion->word, known);

    if (distance > errors || distance >= strlen(known) ||
        (suggestion->nearest[0] != '\0' && distance >= suggestion->distance))
        return;
    snprintf(suggestion->nearest, sizeof(suggestion->nearest), "%s", known);
    suggestion->distance = distance;
}

void suggest_consider_list(struct suggestion *suggestion, const char *list)
{
    char word[SUGGEST_WORD_MAX + 1];

    while (*list != '\0') {
        snprintf(word, sizeof(word), "%.*s", (int)strcspn(list, ":, "), list);
        suggest_consider(suggestion, word);
        list += strcspn(list, ", ");
        list += strspn(list, ", ");
    }
}

const char *suggest_words(struct suggestion *suggestion, const char *prefix)
{
    suggestion->text[0] = '\0';
    if (suggestion->nearest[0] != '\0')
        snprintf(suggestion->text, sizeof(suggestion->text), " (did you mean '%s%s'?)", prefix,
                 suggestion->nearest);
    return suggestion->text;
}
