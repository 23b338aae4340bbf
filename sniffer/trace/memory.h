/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What of the tool's memory only the tracer itself reads; the rest is in call.h.
 */
#ifndef SNIFFER_TRACE_MEMORY_H
#define SNIFFER_TRACE_MEMORY_H

#include "trace/call.h"

/** Reads a string. @return false if it cannot be read, or has size bytes or more */
bool memory_read_string(const struct trace_call *call, uint64_t address, char *text, size_t size);

#endif
