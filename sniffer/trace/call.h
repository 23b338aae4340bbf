/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tracer (tracer.c) tells of each system call about a descriptor that is followed, and the
 * interface of the kinds of files that are followed: terminals, usbfs devices, CAN sockets. A kind
 * is one file, which defines a struct trace_kind, and a row of the table in kinds.c.
 */
#ifndef SNIFFER_TRACE_CALL_H
#define SNIFFER_TRACE_CALL_H

#include <sys/stat.h>
#include <sys/types.h>

#include "traffic/traffic.h"

/** A system call, at its entry or its end. Numbers and layouts are those of the tool's ABI. */
struct trace_call {
    pid_t process; /**< thread group */
    pid_t thread;
    uint64_t number; /**< __NR_ of the program's own architecture */
    uint64_t arguments[6];
    int64_t result;  /**< at the end: the value or -errno; 0 at the entry */
    btap_ns time;    /**< of this stop: CLOCK_REALTIME as it was at the start, and never back */
    btap_ns entered; /**< time of the entry; at the end of a call that took long: of the end */
};

/** Reads the tool's memory. @return false if not all of it can be read */
bool trace_read(const struct trace_call *call, uint64_t address, void *bytes, size_t length);

struct trace_kind;

/** An open file description that is followed, shared by every descriptor that leads to it. First
 * member of every kind's own struct. */
struct trace_file {
    const struct trace_kind *kind;
    const struct traffic_sink *sink;
};

struct trace_kind {
    /**
     * Whether a descriptor is of this kind.
     *
     * @param path what /proc/PID/fd/N leads to: `/dev/ttyUSB0`, `socket:[1234]`
     * @param status of it
     */
    bool (*is)(const char *path, const struct stat *status);
    /**
     * A descriptor was opened, or met for the first time (inherited): starts to follow it.
     *
     * @param fd the tool's descriptor
     * @return allocated; NULL: it is none of this kind after all
     */
    struct trace_file *(*open)(const struct trace_call *call, int fd, const char *path,
                               const struct traffic_sink *sink);
    /** A call about it begins: what it sends is in the tool's memory. */
    void (*enter)(struct trace_file *file, const struct trace_call *call);
    /** The call ended: what it received is there. */
    void (*leave)(struct trace_file *file, const struct trace_call *call);
    /** The last descriptor was closed, or the tool ended; frees the file. @param time of that */
    void (*close)(struct trace_file *file, btap_ns time);
};

extern const struct trace_kind trace_tty;
extern const struct trace_kind trace_usbfs;
extern const struct trace_kind trace_can;

/** Of a write or send call's bytes so many are kept, and of a vector so many parts. */
#define TRACE_BYTES_MAX   (64 * 1024)
#define TRACE_VECTORS_MAX 1024

/**
 * Copies what a vector of the tool's (struct iovec) leads to, to at most length bytes.
 *
 * @return bytes copied; 0 also where the tool's memory cannot be read
 */
size_t trace_read_vector(const struct trace_call *call, uint64_t vector, uint64_t count,
                         uint8_t *bytes, size_t length);

/** The same, from an offset within what the vector leads to. */
size_t trace_read_vector_at(const struct trace_call *call, uint64_t vector, uint64_t count,
                            uint64_t offset, uint8_t *bytes, size_t length);

#endif
