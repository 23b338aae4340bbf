/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_by_name(const char *when, bool *colour)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (when == NULL || strcmp(when, "always") == 0)
        *colour = true;
    else if (strcmp(when, "never") == 0)
        *colour = false;
    else if (strcmp(when, "auto") == 0)
        *colour = isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') &&
                  (term == NULL || strcmp(term, "dumb") != 0);
    else
        return false;
    return true;
}
