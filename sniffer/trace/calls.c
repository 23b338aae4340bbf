/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/calls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/syscall.h>

/* Newer architectures, such as aarch64, have the *at() forms only. */
static const uint8_t roles[] = {
    [__NR_read] = CALL_USES,        [__NR_readv] = CALL_USES,
    [__NR_pread64] = CALL_USES,     [__NR_preadv] = CALL_USES,
    [__NR_preadv2] = CALL_USES,     [__NR_write] = CALL_SENDS,
    [__NR_writev] = CALL_SENDS,     [__NR_pwrite64] = CALL_SENDS,
    [__NR_pwritev] = CALL_SENDS,    [__NR_pwritev2] = CALL_SENDS,
    [__NR_sendfile] = CALL_SENDS,   [__NR_splice] = CALL_SENDS,
    [__NR_ioctl] = CALL_USES,       [__NR_bind] = CALL_USES,
    [__NR_connect] = CALL_USES,     [__NR_setsockopt] = CALL_USES,
    [__NR_recvfrom] = CALL_USES,    [__NR_recvmsg] = CALL_USES,
    [__NR_recvmmsg] = CALL_USES,    [__NR_sendto] = CALL_SENDS,
    [__NR_sendmsg] = CALL_SENDS,    [__NR_sendmmsg] = CALL_SENDS,
#ifdef __NR_open
    [__NR_open] = CALL_OPENS,       [__NR_creat] = CALL_OPENS,
    [__NR_dup2] = CALL_REPLACES,
#endif
    [__NR_openat] = CALL_OPENS,     [__NR_openat2] = CALL_OPENS,
    [__NR_socket] = CALL_OPENS,     [__NR_dup] = CALL_DUPLICATES,
    [__NR_fcntl] = CALL_DUPLICATES, [__NR_dup3] = CALL_REPLACES,
    [__NR_close] = CALL_CLOSES,     [__NR_close_range] = CALL_CLOSES_RANGE,
    [__NR_execve] = CALL_EXECUTES,  [__NR_execveat] = CALL_EXECUTES,
    [__NR_unshare] = CALL_UNSHARES, [__NR_io_uring_setup] = CALL_IO_URING,
};

enum call_role call_role(const struct trace_call *call)
{
    enum call_role role = CALL_OTHER;

    if (call->number < sizeof(roles))
        role = (enum call_role)roles[call->number];
    if (call->number == __NR_fcntl && (int)call->arguments[1] != F_DUPFD &&
        (int)call->arguments[1] != F_DUPFD_CLOEXEC)
        role = CALL_OTHER;
    return role;
}

int call_descriptor(const struct trace_call *call)
{
    return (int)call->arguments[call->number == __NR_splice ? 2 : 0];
}

bool call_opens_file(const struct trace_call *call)
{
    uint64_t flags = 0;

    /* openat2() has them in the tool's memory, and is not what opens a port with O_PATH. */
    if (call->number == __NR_openat)
        flags = call->arguments[2];
#ifdef __NR_open
    if (call->number == __NR_open)
        flags = call->arguments[1];
#endif
    return (flags & __O_PATH) == 0;
}

bool call_splices(const struct trace_call *call)
{
    return call->number == __NR_splice || call->number == __NR_sendfile;
}

/** The flags of a call that makes a thread or a process; those of fork() and vfork() are none. */
static uint64_t clone_flags(const struct trace_call *call)
{
    uint64_t flags = 0;

    if (call->number == __NR_clone)
        return call->arguments[0];
    if (call->number == __NR_clone3)
        trace_read(call, call->arguments[0], &flags, sizeof(flags));
    return flags;
}

bool call_makes(const struct trace_call *call)
{
#ifdef __NR_fork
    if (call->number == __NR_fork || call->number == __NR_vfork)
        return true;
#endif
    return call->number == __NR_clone || call->number == __NR_clone3;
}

bool call_makes_thread(const struct trace_call *call)
{
    return (clone_flags(call) & CLONE_THREAD) != 0;
}

bool call_shares_files(const struct trace_call *call)
{
    return (clone_flags(call) & CLONE_FILES) != 0;
}
