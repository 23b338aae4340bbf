/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a command some times with its output thrown away, and prints the shortest time in seconds
 * and the largest peak memory in KiB. With --cpu it is the time that the command computed, in the
 * kernel too, which others on the machine change little.
 *
 *     bench_run [--cpu] RUNS COMMAND...
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/** @return seconds that the command took, or computed; negative if it cannot be run */
static double run(char **command, bool cpu, long *peak_kib)
{
    const double start = now();
    const pid_t child = fork();
    struct rusage usage;
    int status;

    if (child == 0) {
        const int null = open("/dev/null", O_WRONLY);

        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    /* Exit status 1 is a finding. */
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
        WEXITSTATUS(status) > 1)
        return -1;
    if (usage.ru_maxrss > *peak_kib)
        *peak_kib = usage.ru_maxrss;
    return cpu ? seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime) : now() - start;
}

int main(int argc, char **argv)
{
    const bool cpu = argc > 1 && strcmp(argv[1], "--cpu") == 0;
    char **arguments = argv + 1 + cpu;
    const long runs = argc > 2 + cpu ? strtol(arguments[0], NULL, 10) : 0;
    double best = 0;
    long peak_kib = 0;

    if (runs < 1) {
        fputs("usage: bench_run [--cpu] RUNS COMMAND...\n", stderr);
        return 2;
    }
    for (long i = 0; i < runs; i++) {
        const double seconds = run(arguments + 1, cpu, &peak_kib);

        if (seconds < 0) {
            fprintf(stderr, "%s: failed\n", arguments[1]);
            return 2;
        }
        if (i == 0 || seconds < best)
            best = seconds;
    }
    printf("%.4f %ld\n", best, peak_kib);
    return 0;
}
