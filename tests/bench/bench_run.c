/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a command some times with its output thrown away, and prints the shortest time in seconds
 * and the largest peak memory in KiB.
 *
 *     bench_run RUNS COMMAND...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

/** @return seconds that the command took; negative if it cannot be run */
static double run(char **command, long *peak_kib)
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
    return now() - start;
}

int main(int argc, char **argv)
{
    const long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    double best = 0;
    long peak_kib = 0;

    if (runs < 1) {
        fputs("usage: bench_run RUNS COMMAND...\n", stderr);
        return 2;
    }
    for (long i = 0; i < runs; i++) {
        const double seconds = run(argv + 2, &peak_kib);

        if (seconds < 0) {
            fprintf(stderr, "%s: failed\n", argv[2]);
            return 2;
        }
        if (i == 0 || seconds < best)
            best = seconds;
    }
    printf("%.4f %ld\n", best, peak_kib);
    return 0;
}
