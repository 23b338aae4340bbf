/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs tools as boottap run does, in a process of their own, and keeps what came out; and devices
 * on pseudo-terminals for them to talk to. All files are in the current directory.
 */
#ifndef CLI_TRACED_H
#define CLI_TRACED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "traffic/traffic.h"

/** Most arguments of a tool. */
#define TRACED_ARGS_MAX 16

/**
 * A sink that writes to files: `transcript`, a line for each record or for each run of records with
 * bytes of one direction (`TX 7f`, `RX 79`, `STATUS 18 boottap: ...`; more than 64 bytes of a
 * record are `#` and their number); `tx` and `rx`, the bytes; `turns`, how many bytes went each way
 * before the direction changed (`T1 R1 T2 R5`).
 */
struct traffic_file;
struct traffic_file *traffic_create(void);
const struct traffic_sink *traffic_sink(struct traffic_file *file);
/** Closes the files. @return false: times went back, or a record was not as its type wants it */
bool traffic_finish(struct traffic_file *file);

/** How a run of a tool ended. */
struct traced {
    bool started;
    int status;
    int signal;
    bool stopped_by_user;
    char *unseen; /**< lines */
    char *transcript;
    char *turns;
    char *err; /**< what boottap and the tool said on standard error */
};

/** What is special about a run. Zero: nothing. */
struct traced_setup {
    bool own_group; /**< a process group of its own, whose number is the process's */
    uid_t user;     /**< 0: whoever runs the test */
    int terminal;   /**< descriptor of a pty's slave that becomes the controlling terminal and
                         standard input and output; 0: none */
};

/** Starts a run; ends the test if that is not possible. @return the process that follows */
pid_t traced_start(const char *const *argv, const struct traced_setup *setup);

/** Waits for its end. @return to be released with traced_release() */
struct traced traced_wait(pid_t follower);

struct traced traced_run(const char *const *argv);
void traced_release(struct traced *traced);

/** Reads a file of the current directory, zero-terminated; missing ones are empty. Free it. */
char *read_whole(const char *name, size_t *length);

/** Waits until a condition holds, for half a minute at most; then the test fails. */
#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        for (int wait_tries = 0; !(condition); wait_tries++) {                                     \
            assert_true(wait_tries < 3000);                                                        \
            usleep(10000);                                                                         \
        }                                                                                          \
    } while (false)

/** Starts a simulated bootloader at `port`, which records to `device.pcap`. */
pid_t device_start(void);

/** Starts a device at `port` that keeps what it gets in `device`, and sends it back if wanted. */
pid_t device_start_plain(bool echo);

/** Ends either. */
void device_stop(pid_t device);

/** Reads a capture of the simulated bootloader as traffic_create() keeps it. */
void device_read_log(char **turns, char **tx, size_t *tx_length, char **rx, size_t *rx_length);

#endif
