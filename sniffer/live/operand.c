/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/operand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/message.h"
#include "port/serial.h"

/** No UART is faster: 32 Mbaud. */
#define BAUD_MAX 32000000

bool operand_is(const char *text, const char *kind)
{
    return strncmp(text, kind, strlen(kind)) == 0;
}

/** @return false: too many, or an empty one */
static bool split(struct operand *operand, size_t maximum)
{
    char *rest = operand->text;

    while (rest != NULL) {
        char *part = strsep(&rest, ",");

        if (*part == '\0' || operand->length == maximum)
            return false;
        operand->parts[operand->length++] = part;
    }
    return true;
}

bool operand_parse(const char *text, const char *kind, size_t minimum, size_t maximum,
                   const char *usage, struct operand *operand)
{
    const char *parts = text + strlen(kind);
    const size_t size = strlen(parts) + 1;

    *operand = (struct operand){.text = allocate(size)};
    memcpy(operand->text, parts, size);
    if (split(operand, maximum) && operand->length >= minimum)
        return true;
    message("%s: it is written %s", text, usage);
    return false;
}

bool operand_is_baud(const char *text, uint32_t *baud)
{
    unsigned long value;
    char *end;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value == 0 ||
        value > BAUD_MAX)
        return false;
    *baud = (uint32_t)value;
    return true;
}

bool operand_baud(const char *name, const char *text, uint32_t *baud)
{
    *baud = SERIAL_DEFAULT_BAUD;
    if (text == NULL || operand_is_baud(text, baud))
        return true;
    message("%s: '%s' is no rate; a rate is a number such as 115200", name, text);
    return false;
}
