/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_begin(char *start, size_t size)
{
    start[0] = '\0';
    return (struct text){.start = start, .size = size};
}

void text_append(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    if (text->length + 1 >= text->size)
        return;
    va_start(arguments, format);
    length = vsnprintf(text->start + text->length, text->size - text->length, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length;
    if (text->length >= text->size)
        text->length = text->size - 1;
}

void text_word(struct text *text, const char *word)
{
    const size_t room = text->size - text->length - 1;
    const size_t length = strlen(word);
    const size_t taken = length < room ? length : room;

    memcpy(text->start + text->length, word, taken);
    text->length += taken;
    text->start[text->length] = '\0';
}

void text_decimal(struct text *text, uint32_t number)
{
    char digits[] = "4294967295";
    char *at = digits + sizeof(digits) - 1;

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_word(text, at);
}

void text_address(struct text *text, uint32_t address)
{
    static const char digits[] = "0123456789abcdef";
    char word[] = "0x00000000";

    for (char *at = word + sizeof(word) - 2; address != 0; address >>= 4)
        *at-- = digits[address & 0xf];
    text_word(text, word);
}
