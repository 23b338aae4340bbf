/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The system calls that the tracer looks at, by what they do to descriptors.
 */
#ifndef SNIFFER_TRACE_CALLS_H
#define SNIFFER_TRACE_CALLS_H

#include "trace/call.h"

enum call_role {
    CALL_OTHER,      /**< none of these: not looked at */
    CALL_USES,       /**< a descriptor's kind is told of it */
    CALL_SENDS,      /**< likewise; its record has the time of its entry */
    CALL_OPENS,      /**< its result is a new descriptor */
    CALL_DUPLICATES, /**< likewise, of the same description as the first argument */
    CALL_REPLACES,   /**< likewise, which may have been another's before */
    CALL_CLOSES,
    CALL_CLOSES_RANGE,
    CALL_EXECUTES,
    CALL_UNSHARES,
    CALL_IO_URING,
};

/** The role of a call, by its number, and for fcntl() by its command. */
enum call_role call_role(const struct trace_call *call);

/** The descriptor of a call that uses or sends. */
int call_descriptor(const struct trace_call *call);

/** Whether a call that opens gives a descriptor that leads to the file itself (not O_PATH). */
bool call_opens_file(const struct trace_call *call);

/** Whether what the call carries never was in the tool's memory. */
bool call_splices(const struct trace_call *call);

/** Whether a call makes a thread or a process. */
bool call_makes(const struct trace_call *call);

/** Whether a clone, fork or vfork makes a thread. */
bool call_makes_thread(const struct trace_call *call);

/** Whether it makes somebody who has the same table of descriptors. */
bool call_shares_files(const struct trace_call *call);

#endif
