/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <string.h>

bool is_kebab_case(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && name[strlen(name) - 1] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) &&
           strstr(name, "--") == NULL;
}

int conversions(const char *text)
{
    int count = 0;

    while ((text = strchr(text, '%')) != NULL) {
        text++;
        if (*text == '%') {
            text++;
            continue;
        }
        text += strspn(text, "0#");
        text += strspn(text, "123456789");
        if (*text != 'u' && *text != 'x' && *text != 'X')
            return -1;
        count++;
    }
    return count;
}
