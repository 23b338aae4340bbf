/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/start.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "trace/rights.h"

/* Not PTRACE_O_EXITKILL: if this program dies, the tool goes on. */
#define OPTIONS                                                                                    \
    ((unsigned long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |            \
                     PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC))

/** What a shell says with its exit status of a command that it cannot start. */
#define STATUS_NOT_STARTED 127

/** Finds the program that execvp() would execute. @return false: there is none */
static bool find_program(const char *name, char *path, size_t size)
{
    const char *folders = getenv("PATH");
    int length;

    if (strchr(name, '/') != NULL || folders == NULL) {
        length = snprintf(path, size, "%s", name);
        return length < (int)size && access(path, X_OK) == 0;
    }
    for (;;) {
        const size_t part = strcspn(folders, ":");
        struct stat status;

        length = snprintf(path, size, "%.*s%s%s", (int)part, folders, part > 0 ? "/" : "", name);
        if (length < (int)size && access(path, X_OK) == 0 && stat(path, &status) == 0 &&
            S_ISREG(status.st_mode))
            return true;
        if (folders[part] == '\0')
            return false;
        folders += part + 1;
    }
}

/** Whether the tool is one that works followed; else a message says what to do. */
static bool may_be_followed(const char *name)
{
    static const char *const raisers[] = {"sudo", "doas", "pkexec"};
    char path[PATH_MAX];
    const char *last;

    if (!find_program(name, path, sizeof(path)) || !rights_are_lost(path))
        return true;
    last = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    for (size_t i = 0; i < sizeof(raisers) / sizeof(raisers[0]); i++)
        if (strcmp(last, raisers[i]) == 0) {
            message("%s: gets no rights while it is followed; put it in front of boottap, without "
                    "it behind the two dashes: %s boottap run -- ...",
                    path, last);
            return false;
        }
    message("%s: has rights of its own (setuid or capabilities), which it does not get while it "
            "is followed; give them to boottap: sudo boottap run -- %s ...",
            path, name);
    return false;
}

/** The number behind a word at the start of a line of a file in /proc; -1 if it is not there. */
static int number_in(const char *path, const char *word)
{
    FILE *file = fopen(path, "re");
    char line[256];
    int number = -1;

    if (file == NULL)
        return -1;
    while (number < 0 && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, word, strlen(word)) == 0)
            number = (int)strtol(line + strlen(word), NULL, 10);
    fclose(file);
    return number;
}

/** Says why ptrace is not to be had. */
static void explain(const char *tool, pid_t child, int error)
{
    char path[32];
    int tracer;

    snprintf(path, sizeof(path), "/proc/%d/status", child);
    tracer = number_in(path, "TracerPid:");
    if (error == EPERM && tracer > 0)
        message("%s: cannot be followed, process %d (strace or a debugger?) follows it already; "
                "start boottap outside of that",
                tool, tracer);
    else if (error == EPERM && number_in("/proc/sys/kernel/yama/ptrace_scope", "") >= 2)
        message("%s: cannot be followed, this system forbids it; allow it until the next start "
                "with: sudo sysctl kernel.yama.ptrace_scope=1",
                tool);
    else if (error == EPERM || error == EACCES)
        message("%s: cannot be followed, ptrace is forbidden here; a container needs "
                "--cap-add=SYS_PTRACE, or a seccomp profile that allows ptrace",
                tool);
    else
        message("%s: cannot be followed, this system has no usable ptrace (%s); record beside the "
                "tool with boottap live instead",
                tool, strerror(error));
}

/** What the new process does: waits until it is followed, then becomes the tool. A boottap that was
 * given capabilities may otherwise be followed by nobody, nor may its children. */
__attribute__((noreturn)) static void become(char *const *argv, int parent)
{
    char byte = 0;
    int error;

    prctl(PR_SET_DUMPABLE, 1);
    signal(SIGPIPE, SIG_DFL); /* which boottap ignores, and the tool would inherit that */
    signal(SIGXFSZ, SIG_DFL);
    send(parent, &byte, 1, MSG_NOSIGNAL);
    if (read(parent, &byte, 1) == 1) {
        execvp(argv[0], argv);
        error = errno;
        send(parent, &error, sizeof(error), MSG_NOSIGNAL);
    }
    _exit(STATUS_NOT_STARTED);
}

/** Follows a process that waits. @return 0 or the errno of what is not to be had */
static int follow(const struct start *start)
{
    const pid_t child = start->tool;
    struct __ptrace_syscall_info info;
    char byte;
    int status;

    if (read(start->child, &byte, 1) != 1)
        return ESRCH;
    if (ptrace(PTRACE_SEIZE, child, NULL, OPTIONS) != 0 ||
        ptrace(PTRACE_INTERRUPT, child, NULL, NULL) != 0)
        return errno;
    while (waitpid(child, &status, __WALL) < 0)
        if (errno != EINTR)
            return errno;
    if (!WIFSTOPPED(status))
        return ESRCH;
    /* Linux 5.3 */
    if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) <= 0)
        return errno;
    if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0)
        return errno;
    return 0;
}

/** Starts the process, which waits for a byte. */
static bool start_process(char *const *argv, struct start *start)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        message("%s: cannot be started: %s", argv[0], strerror(errno));
        return false;
    }
    fflush(NULL);
    start->tool = fork();
    if (start->tool == 0) {
        close(ends[0]);
        become(argv, ends[1]);
    }
    close(ends[1]);
    start->child = ends[0];
    if (start->tool > 0)
        return true;
    message("%s: cannot be started: %s", argv[0], strerror(errno));
    close(start->child);
    return false;
}

bool start_tool(char *const *argv, struct start *start)
{
    int error;

    if (!may_be_followed(argv[0]) || !start_process(argv, start))
        return false;
    error = follow(start);
    if (error == 0 && send(start->child, "", 1, MSG_NOSIGNAL) == 1)
        return true;
    explain(argv[0], start->tool, error);
    /* It did nothing yet that could be lost. */
    kill(start->tool, SIGKILL);
    while (waitpid(start->tool, NULL, __WALL) < 0 && errno == EINTR)
        ;
    close(start->child);
    return false;
}

bool start_succeeded(const struct start *start, char *const *argv)
{
    int error = 0;
    const ssize_t got = read(start->child, &error, sizeof(error));

    close(start->child);
    if (got != sizeof(error))
        return true;
    if (error == ENOENT && strchr(argv[0], '/') == NULL)
        message("%s: cannot be started: not found in PATH; is it installed?", argv[0]);
    else if (error == ENOENT && access(argv[0], F_OK) == 0)
        message("%s: cannot be started: the interpreter that it names does not exist", argv[0]);
    else
        message("%s: cannot be started: %s", argv[0], strerror(error));
    return false;
}
