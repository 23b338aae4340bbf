/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/options.h"

bool fields_find(const char *name, size_t length, enum btap_aspect *aspect)
{
    char word[32];
    struct suggestion suggestion = {.word = word};

    snprintf(word, sizeof(word), "%.*s", (int)(length < sizeof(word) ? length : sizeof(word) - 1),
             name);
    if (length < sizeof(word) && btap_aspect_by_name(word, aspect))
        return true;
    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++)
        suggest_consider(&suggestion, btap_aspect_name((enum btap_aspect)i));
    return misused("unknown field '%s'%s; 'boottap help compared' names them", word,
                   suggest_words(&suggestion, ""));
}

bool fields_take(const char *list, uint64_t *fields)
{
    *fields = 0;
    while (list != NULL) {
        const size_t length = strcspn(list, ",");
        enum btap_aspect aspect = BTAP_ASPECT_COUNT;

        if (!fields_find(list, length, &aspect))
            return false;
        *fields |= BTAP_ASPECT_BIT(aspect);
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return true;
}
