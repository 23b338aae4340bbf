/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/log.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"

static bool failed;

bool log_failed(void)
{
    return failed;
}

bool log_open(struct sim_log *log, const char *path)
{
    *log = (struct sim_log){.start = clock_monotonic(), .path = path};
    failed = false;
    if (path == NULL)
        return true;
    log->file = strcmp(path, "-") == 0 ? stderr : fopen(path, "we");
    if (log->file == NULL)
        message("%s: %s", path, strerror(errno));
    return log->file != NULL;
}

void log_close(struct sim_log *log)
{
    if (log->file != NULL && log->file != stderr)
        fclose(log->file);
    log->file = NULL;
}

void log_bytes(struct sim_log *log, const char *who, const char *words, const uint8_t *bytes,
               size_t length)
{
    const sim_ns time = clock_monotonic() - log->start;

    if (log->file == NULL || failed)
        return;
    fprintf(log->file, "%lld.%06lld %s", (long long)(time / SIM_S),
            (long long)(time % SIM_S / SIM_US), who);
    if (words[0] != '\0')
        fprintf(log->file, " %s", words);
    for (size_t i = 0; i < length; i++)
        fprintf(log->file, " %02x", bytes[i]);
    fputc('\n', log->file);
    failed = fflush(log->file) != 0;
    if (failed)
        message("%s: cannot be written: %s", log->path, strerror(errno));
}

void log_event(struct sim_log *log, const char *what)
{
    log_bytes(log, what, "", NULL, 0);
}
