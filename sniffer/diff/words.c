/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/words.h"

#include <stdio.h>

const char *difference_words(enum btap_aspect aspect, const struct btap_compared *a,
                             const struct btap_compared *b, const char *between, char *words,
                             size_t size)
{
    char one[BTAP_ASPECT_TEXT_SIZE];
    char other[BTAP_ASPECT_TEXT_SIZE];

    snprintf(words, size, "%s: %s%s%s", btap_aspect_name(aspect),
             btap_aspect_text(aspect, a, one, sizeof(one)), between,
             btap_aspect_text(aspect, b, other, sizeof(other)));
    return words;
}
