/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_on(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return isatty(fd) && (no_color == NULL || no_color[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

bool colour_by_name(const char *when, bool *colour)
{
    if (when == NULL || strcmp(when, "always") == 0)
        *colour = true;
    else if (strcmp(when, "never") == 0)
        *colour = false;
    else if (strcmp(when, "auto") == 0)
        *colour = colour_on(STDOUT_FILENO);
    else
        return false;
    return true;
}
