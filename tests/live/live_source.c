/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Opens one source of live traffic and writes what it hands over into a pcap file, until a signal
 * comes or the source ends: a recorder without any of the program's recording. Comments go to
 * standard output, a line each: a pcap file has no place for them.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <time.h>

#include "live/source.h"

#define NS_PER_S INT64_C(1000000000)

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void put32(FILE *file, uint32_t value)
{
    fwrite(&value, sizeof(value), 1, file);
}

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    printf("interface %s: %s\n", interface->name, interface->description);
    /* Nanoseconds, version 2.4 */
    put32(context, 0xa1b23c4d);
    put32(context, 2 | 4 << 16);
    put32(context, 0);
    put32(context, 0);
    put32(context, UINT16_MAX);
    put32(context, interface->linktype);
    fflush(stdout);
    fflush(context);
    return 7;
}

static void on_record(void *context, const struct traffic_record *record)
{
    static btap_ns before;

    if (record->interface_id != 7 || record->time < before) {
        fprintf(stderr, "live_source: a record of another interface, or out of order\n");
        exit(3);
    }
    before = record->time;
    put32(context, (uint32_t)(record->time / NS_PER_S));
    put32(context, (uint32_t)(record->time % NS_PER_S));
    put32(context, record->captured);
    put32(context, record->length);
    fwrite(record->bytes, 1, record->captured, context);
    fflush(context);
    if (record->comment != NULL)
        printf("comment %s\n", record->comment);
}

/** Waits for what the source waits for. @return false: a signal came */
static bool wait_for(struct source *source)
{
    struct pollfd fds[SOURCE_POLL_MAX];
    struct timespec now;
    struct timespec left = {0};
    sigset_t none;
    btap_ns deadline = SOURCE_NO_DEADLINE;
    const size_t length = source->kind->poll(source, fds, &deadline);

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (deadline != SOURCE_NO_DEADLINE) {
        const btap_ns wait = deadline - (now.tv_sec * NS_PER_S + now.tv_nsec);

        if (wait > 0)
            left = (struct timespec){wait / NS_PER_S, wait % NS_PER_S};
    }
    sigemptyset(&none);
    ppoll(fds, length, deadline == SOURCE_NO_DEADLINE ? NULL : &left, &none);
    return stopped == 0;
}

int main(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = on_signal};
    const struct source_options options = {.reset = argc > 3 ? argv[3] : NULL};
    FILE *file = argc > 2 ? fopen(argv[2], "wb") : NULL;
    const struct traffic_sink sink = {file, on_interface, on_record};
    enum source_state state = SOURCE_RUNS;
    struct source *source;
    sigset_t ends;
    unsigned long rounds = 0;

    if (file == NULL) {
        fprintf(stderr, "usage: live_source OPERAND FILE.pcap [RESET]\n");
        return 2;
    }
    /* Signals come while it waits, and at no other time. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    sigaction(SIGTERM, &action, NULL);
    source = source_open(argv[1], &options);
    if (source == NULL)
        return 2;
    if (source->kind->start(source, &sink))
        while (state == SOURCE_RUNS && wait_for(source)) {
            state = source->kind->read(source);
            rounds++;
        }
    source->kind->close(source);
    printf("rounds %lu\n", rounds);
    fclose(file);
    return state == SOURCE_RUNS ? 0 : 1;
}
