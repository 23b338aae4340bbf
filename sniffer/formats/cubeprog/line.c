/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/cubeprog/line.h"

#include <string.h>

#include "base/digits.h"

/** Words before the tool's own text are no longer. */
#define PREFIX_MAX 80

const char *cubeprog_behind(const char *line, const char *words)
{
    const char *at = strstr(line, words);

    /* Quoted words are somebody's who tells of them. */
    if (at == NULL || at - line > PREFIX_MAX || memchr(line, '"', (size_t)(at - line)) != NULL)
        return NULL;
    return at + strlen(words);
}

size_t cubeprog_bytes(char *text, uint8_t **bytes)
{
    size_t length = 0;

    text += strspn(text, " \t");
    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    *bytes = (uint8_t *)text;
    for (; digit_value(text[0]) < 16 && digit_value(text[1]) < 16; text += 2, length++)
        (*bytes)[length] = (uint8_t)(digit_value(text[0]) << 4 | digit_value(text[1]));
    return *text == '\0' ? length : 0;
}

uint32_t cubeprog_lacks(const struct cubeprog *cube)
{
    return cube->timed ? 0 : BTAP_LACKS_TIMES;
}
