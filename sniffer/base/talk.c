/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/talk.h"

static FILE *redirected;

FILE *talk_stream(void)
{
    return redirected != NULL ? redirected : stderr;
}

void talk_redirect(FILE *stream)
{
    redirected = stream;
}
