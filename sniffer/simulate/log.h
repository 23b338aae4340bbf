/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What reached a simulated device and what it answered, a line each, written at once:
 *
 *     0.012345 host 31 ce
 */
#ifndef SIMULATE_LOG_H
#define SIMULATE_LOG_H

#include <stdio.h>

#include "simulate/bytes.h"

struct sim_log {
    FILE *file; /**< NULL: there is none */
    const char *path;
    sim_ns start;
};

/** Opens it; `-` is standard error. @param path NULL: none @return false: a message says why */
bool log_open(struct sim_log *log, const char *path);
void log_close(struct sim_log *log);
/** Whether the log opened last could not be written; a message has said so. */
bool log_failed(void);

/**
 * Writes a line: who, the words, then bytes.
 *
 * @param who `host`, `device`, or what happened
 * @param words "" none
 */
void log_bytes(struct sim_log *log, const char *who, const char *words, const uint8_t *bytes,
               size_t length);
/** A line without bytes. */
void log_event(struct sim_log *log, const char *what);

#endif
