/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a command and prints to a file what it took: `MICROSECONDS KIBIBYTES`, its processor time
 * and its largest resident set. A process of a script would not do: what it held itself counts for
 * the program that it starts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILED 127

static long microseconds(const struct timeval *time)
{
    return (long)time->tv_sec * 1000000 + (long)time->tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    FILE *to;
    pid_t child;

    if (argc < 3)
        return FAILED;
    child = fork();
    if (child == 0) {
        execv(argv[2], argv + 2);
        _exit(FAILED);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status))
        return FAILED;
    to = fopen(argv[1], "w");
    if (to == NULL)
        return FAILED;
    fprintf(to, "%ld %ld\n", microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime),
            usage.ru_maxrss);
    return fclose(to) == 0 ? WEXITSTATUS(status) : FAILED;
}
