/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/source.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/suggest.h"

/** Each is asked before the next one. */
static const struct source_kind *const kinds[] = {
    &source_usbmon, &source_serial, &source_tap, &source_proxy, &source_can,
};

struct source *source_open(const char *operand, const struct source_options *options)
{
    char kind[SUGGEST_WORD_MAX + 1];
    struct suggestion suggestion = {.word = kind};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i]->names(operand))
            return kinds[i]->open(operand, options);
    snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(operand, ":"), operand);
    if (strchr(operand, ':') != NULL)
        suggest_consider_list(&suggestion, "serial tap proxy");
    message("%s: no such interface%s; known are usbmonN, a CAN interface, serial:PORT[,BAUD], "
            "tap:HOSTPORT,DEVPORT[,BAUD], proxy:PORT[,LINK]",
            operand, suggest_words(&suggestion, ""));
    return NULL;
}

bool source_sends(const char *operand)
{
    return source_proxy.names(operand);
}
