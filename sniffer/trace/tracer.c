/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Follows system calls with ptrace. A seccomp filter, which would have only the calls that matter
 * stop, is not used: under it every one of them fails once the tracer is dead.
 */
#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "trace/memory.h"
#include "trace/order.h"
#include "trace/rights.h"
#include "trace/signals.h"
#include "trace/start.h"
#include "trace/threads.h"
#include "trace/trace.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
/** x86_64's x32 calls have it in their numbers. */
#define FOREIGN_NUMBERS 0x40000000u
#elif defined(__aarch64__)
#define ARCHITECTURE    AUDIT_ARCH_AARCH64
#define FOREIGN_NUMBERS 0x40000000u
#else
#define ARCHITECTURE    0 /* of none: trace_run() refuses */
#define FOREIGN_NUMBERS 0u
#endif

/** A system call's stop, with PTRACE_O_TRACESYSGOOD. */
#define CALL_STOP (SIGTRAP | 0x80)

/** So long after the tool what it started has to end, too. */
#define CHILDREN_NS ((btap_ns)1000000000)

/** What could not be seen. */
enum unseen {
    UNSEEN_IO_URING,
    UNSEEN_RIGHTS,
    UNSEEN_ARCHITECTURE,
    UNSEEN_SPLICE,
    UNSEEN_LEFT,
    UNSEEN_COUNT,
};

static const char *const unseen_words[] = {
    [UNSEEN_IO_URING] = "a program used io_uring: what went that way was not seen",
    [UNSEEN_RIGHTS] =
        "a program with rights of its own (sudo, setuid) was started: what it did was "
        "not seen; put sudo in front of boottap",
    [UNSEEN_ARCHITECTURE] = "a program for another architecture (32 bits) was started: what it did "
                            "was not seen",
    [UNSEEN_SPLICE] = "a program had the kernel copy (sendfile, splice): those bytes were not seen",
    [UNSEEN_LEFT] = "programs that the tool started still ran at the end: what they do from now on "
                    "is not seen",
};

struct tracer {
    struct order order;
    struct kinds kinds;
    struct threads threads;
    struct trace_end *end;
    btap_ns clock_offset; /**< CLOCK_REALTIME less CLOCK_MONOTONIC */
    const char *name;     /**< of the tool */
    pid_t tool;
    bool tool_ended;
    btap_ns tool_end;
    bool told_of_left; /**< that others still run */
    bool unseen[UNSEEN_COUNT];
};

static btap_ns now(const struct tracer *tracer)
{
    return clock_monotonic() + tracer->clock_offset;
}

/** Lets a thread go on to its next stop. It may have been killed: then there is one more. */
static void resume(pid_t thread, int signal_number)
{
    ptrace(PTRACE_SYSCALL, thread, NULL, (unsigned long)signal_number);
}

static void let_go(struct tracer *tracer, struct thread *thread)
{
    const pid_t id = thread->call.thread;

    threads_remove(&tracer->threads, thread, now(tracer));
    ptrace(PTRACE_DETACH, id, NULL, 0UL);
}

/** The program that a call executes, as a path that leads there from here. */
static bool find_executed(const struct trace_call *call, char *path, size_t size)
{
    const bool at = call->number == __NR_execveat;
    char name[PATH_MAX];
    int length;

    if (!memory_read_string(call, call->arguments[at ? 1 : 0], name, sizeof(name)))
        return false;
    if (name[0] == '/')
        length = snprintf(path, size, "/proc/%d/root%s", call->thread, name);
    else if (at && (int)call->arguments[0] >= 0)
        length = snprintf(path, size, "/proc/%d/fd/%d%s%s", call->thread, (int)call->arguments[0],
                          name[0] != '\0' ? "/" : "", name);
    else
        length = snprintf(path, size, "/proc/%d/cwd/%s", call->thread, name);
    return length < (int)size;
}

/** A program with rights of its own gets them only if nobody follows it.
 * @return whether the thread was let go for that */
static bool leave_to_its_rights(struct tracer *tracer, struct thread *thread)
{
    char path[PATH_MAX + 64];

    if (!find_executed(&thread->call, path, sizeof(path)) || !rights_are_lost(path))
        return false;
    tracer->unseen[UNSEEN_RIGHTS] = true;
    let_go(tracer, thread);
    return true;
}

/** A call about a descriptor that is followed begins. */
static void begin_use(struct tracer *tracer, struct thread *thread)
{
    struct trace_call *call = &thread->call;
    struct open_file *file = files_find(thread->files, &tracer->kinds, call, call_descriptor(call));

    if (file == NULL) {
        thread->role = CALL_OTHER;
        return;
    }
    thread->file = open_file_hold(file);
    call->time = now(tracer);
    call->entered = call->time;
    if (thread->role == CALL_SENDS) {
        thread->waited_for = true;
        order_begin(&tracer->order, call->entered);
    }
    file->traced->kind->enter(file->traced, call);
}

/** Whatever becomes of a call, its end is the end of what waited for it. */
static void drop_call(struct tracer *tracer, struct thread *thread)
{
    struct open_file *file = thread->file;

    if (thread->waited_for)
        order_finish(&tracer->order, thread->call.entered);
    thread->waited_for = false;
    thread->role = CALL_OTHER;
    thread->file = NULL;
    if (file != NULL)
        open_file_release(file, now(tracer));
}

static void end_use(struct tracer *tracer, struct thread *thread)
{
    struct trace_call *call = &thread->call;
    struct trace_file *traced = thread->file->traced;

    if (thread->waited_for && !order_finish(&tracer->order, call->entered))
        call->entered = call->time;
    thread->waited_for = false;
    traced->kind->leave(traced, call);
    if (call_splices(call) && call->result > 0)
        tracer->unseen[UNSEEN_SPLICE] = true;
}

/** @return false: the thread is not followed any more */
static bool begin_call(struct tracer *tracer, struct thread *thread,
                       const struct __ptrace_syscall_info *info)
{
    struct trace_call *call = &thread->call;

    if (info->arch != ARCHITECTURE || (info->entry.nr & FOREIGN_NUMBERS) != 0) {
        tracer->unseen[UNSEEN_ARCHITECTURE] = true;
        thread->role = CALL_OTHER;
        return true;
    }
    call->number = info->entry.nr;
    memcpy(call->arguments, info->entry.args, sizeof(call->arguments));
    call->result = 0;
    thread->role = call_role(call);
    switch (thread->role) {
    case CALL_USES:
    case CALL_SENDS:
        begin_use(tracer, thread);
        break;
    case CALL_CLOSES:
        /* From here on another thread may be given the number. */
        thread->file = files_close(thread->files, (int)call->arguments[0]);
        break;
    case CALL_EXECUTES:
        return !leave_to_its_rights(tracer, thread);
    case CALL_OTHER:
    case CALL_OPENS:
    case CALL_DUPLICATES:
    case CALL_REPLACES:
    case CALL_CLOSES_RANGE:
    case CALL_UNSHARES:
    case CALL_IO_URING:
        break;
    }
    return true;
}

/** The thread has a table of its own from here on. */
static void unshare_files(struct tracer *tracer, struct thread *thread)
{
    struct files *own = files_copy(thread->files);

    files_release(thread->files, now(tracer));
    thread->files = own;
}

/** The end of a call that did not fail and that is none about a descriptor that is followed. */
static void end_success(struct tracer *tracer, struct thread *thread)
{
    struct trace_call *call = &thread->call;
    const uint64_t *arguments = call->arguments;

    switch (thread->role) {
    case CALL_OPENS:
        files_opened(thread->files, &tracer->kinds, call);
        break;
    case CALL_DUPLICATES:
    case CALL_REPLACES:
        files_duplicated(thread->files, &tracer->kinds, call);
        break;
    case CALL_CLOSES_RANGE:
        if ((arguments[2] & CLOSE_RANGE_UNSHARE) != 0)
            unshare_files(tracer, thread);
        if ((arguments[2] & CLOSE_RANGE_CLOEXEC) == 0)
            files_close_range(thread->files, (unsigned int)arguments[0], (unsigned int)arguments[1],
                              call->time);
        break;
    case CALL_UNSHARES:
        if ((arguments[0] & CLONE_FILES) != 0)
            unshare_files(tracer, thread);
        break;
    case CALL_IO_URING:
        tracer->unseen[UNSEEN_IO_URING] = true;
        break;
    case CALL_OTHER:
    case CALL_USES:
    case CALL_SENDS:
    case CALL_CLOSES:
    case CALL_EXECUTES:
        break;
    }
}

static void end_call(struct tracer *tracer, struct thread *thread,
                     const struct __ptrace_syscall_info *info)
{
    struct trace_call *call = &thread->call;

    if (thread->role == CALL_OTHER)
        return;
    call->result = info->exit.rval;
    call->time = now(tracer);
    if (thread->role == CALL_USES || thread->role == CALL_SENDS)
        end_use(tracer, thread);
    else if (call->result >= 0)
        end_success(tracer, thread);
    drop_call(tracer, thread);
}

static void call_stop(struct tracer *tracer, struct thread *thread)
{
    struct __ptrace_syscall_info info;
    const pid_t id = thread->call.thread;

    /* Most calls are of no interest: the less is asked the sooner they go on. */
    if (thread->in_call && thread->role == CALL_OTHER) {
        thread->in_call = false;
        resume(id, 0);
        return;
    }
    if (ptrace(PTRACE_GET_SYSCALL_INFO, id, sizeof(info), &info) <= 0)
        return; /* it was killed */
    thread->in_call = info.op == PTRACE_SYSCALL_INFO_ENTRY;
    if (thread->in_call && !begin_call(tracer, thread, &info))
        return;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        end_call(tracer, thread, &info);
    resume(id, 0);
}

/** A thread made another one, or a process. */
static void birth(struct tracer *tracer, const struct thread *parent)
{
    const struct trace_call *call = &parent->call;
    unsigned long message = 0;
    struct thread *child;
    bool waits;

    if (ptrace(PTRACE_GETEVENTMSG, call->thread, NULL, &message) != 0)
        return;
    child = threads_find(&tracer->threads, (pid_t)message);
    waits = child != NULL;
    if (!waits && kill((pid_t)message, 0) != 0 && errno == ESRCH)
        return; /* it was killed, and its end was told before its beginning */
    if (child == NULL)
        child = threads_add(&tracer->threads, (pid_t)message, (pid_t)message);
    if (call_makes_thread(call))
        child->call.process = call->process;
    if (child->files != NULL)
        files_release(child->files, now(tracer));
    child->files = call_shares_files(call) ? files_share(parent->files) : files_copy(parent->files);
    if (waits)
        resume(child->call.thread, 0);
}

/** Who was to tell of them ended, perhaps before it could: they must not wait for ever. */
static void wake_unknown(struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->threads.length; i++) {
        struct thread *thread = tracer->threads.list[i];

        if (thread->files == NULL) {
            thread->files = files_create();
            resume(thread->call.thread, 0);
        }
    }
}

/** A process became another program. All its other threads are gone, and whichever did it has the
 * number of the first one now. */
static void executed(struct tracer *tracer, struct thread *thread)
{
    const pid_t process = thread->call.thread;
    unsigned long former = 0;

    ptrace(PTRACE_GETEVENTMSG, process, NULL, &former);
    if ((pid_t)former != process && former != 0) {
        struct thread *caller = threads_find(&tracer->threads, (pid_t)former);

        if (caller != NULL) {
            struct files *files = thread->files;

            drop_call(tracer, thread);
            thread->files = caller->files;
            caller->files = files;
            thread->role = caller->role;
            thread->in_call = caller->in_call;
            drop_call(tracer, caller);
            threads_remove(&tracer->threads, caller, now(tracer));
        }
    }
    if (thread->files->references > 1)
        unshare_files(tracer, thread);
    thread->call.time = now(tracer);
    files_executed(thread->files, &thread->call);
}

static void event_stop(struct tracer *tracer, struct thread *thread, int event, int number)
{
    const pid_t id = thread->call.thread;

    switch (event) {
    case PTRACE_EVENT_CLONE:
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
        birth(tracer, thread);
        break;
    case PTRACE_EVENT_EXEC:
        executed(tracer, thread);
        break;
    case PTRACE_EVENT_STOP:
        if (number != SIGTRAP) {
            /* Stopped by a signal: it stays so until it is continued. */
            ptrace(PTRACE_LISTEN, id, NULL, NULL);
            if (id == tracer->tool)
                signals_tool_stopped(number);
            return;
        }
        break;
    default:
        break;
    }
    resume(id, 0);
}

static void signal_stop(const struct tracer *tracer, const struct thread *thread, int number)
{
    siginfo_t info;

    if (thread->call.process == tracer->tool && signals_wanted(number) &&
        ptrace(PTRACE_GETSIGINFO, thread->call.thread, NULL, &info) == 0 && info.si_code <= 0)
        signals_delivered(number, info.si_pid);
    resume(thread->call.thread, number);
}

static void thread_ended(struct tracer *tracer, pid_t id, int status)
{
    struct thread *thread = threads_find(&tracer->threads, id);

    if (id == tracer->tool) {
        tracer->end->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        tracer->end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        tracer->tool_ended = true;
        tracer->tool_end = now(tracer);
        signals_tool_ended();
    }
    if (thread == NULL)
        return;
    if (call_makes(&thread->call))
        wake_unknown(tracer);
    drop_call(tracer, thread);
    threads_remove(&tracer->threads, thread, now(tracer));
}

static void stopped(struct tracer *tracer, pid_t id, int status)
{
    struct thread *thread = threads_find(&tracer->threads, id);
    const int number = WSTOPSIG(status);
    const int event = status >> 16;

    if (thread == NULL) {
        /* Its parent's stop, which tells of it, is still to come; until then it waits. */
        threads_add(&tracer->threads, id, id);
        return;
    }
    if (number == CALL_STOP)
        call_stop(tracer, thread);
    else if (event != 0)
        event_stop(tracer, thread, event, number);
    else
        signal_stop(tracer, thread, number);
}

/** Leaves alone what the tool started and what did not end with it. */
static void let_all_go(struct tracer *tracer)
{
    struct threads *threads = &tracer->threads;
    int status;
    pid_t id;

    tracer->unseen[UNSEEN_LEFT] = true;
    wake_unknown(tracer);
    for (size_t i = 0; i < threads->length; i++)
        ptrace(PTRACE_INTERRUPT, threads->list[i]->call.thread, NULL, NULL);
    while (threads->length > 0) {
        struct thread *thread;

        id = waitpid(-1, &status, __WALL);
        if (id < 0 && errno == EINTR)
            continue;
        if (id < 0)
            return;
        if (WIFSTOPPED(status)) {
            const bool by_signal = WSTOPSIG(status) != CALL_STOP && status >> 16 == 0;

            ptrace(PTRACE_DETACH, id, NULL, by_signal ? (unsigned long)WSTOPSIG(status) : 0UL);
        }
        thread = threads_find(threads, id);
        if (thread != NULL) {
            drop_call(tracer, thread);
            threads_remove(threads, thread, now(tracer));
        }
    }
}

/** The name that the kernel has for a process. */
static const char *name_of(pid_t process, char *name, size_t size)
{
    char path[32];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/comm", process);
    file = fopen(path, "re");
    if (file == NULL || fgets(name, (int)size, file) == NULL)
        snprintf(name, size, "a program");
    name[strcspn(name, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
    return name;
}

/** Says once what is still waited for when the tool has ended. */
static void tell_left(struct tracer *tracer)
{
    const struct threads *threads = &tracer->threads;
    char name[32];
    pid_t process;

    if (tracer->told_of_left || threads->length == 0)
        return;
    tracer->told_of_left = true;
    process = threads->list[0]->call.process;
    message("%s: ended, but %s (process %d), which it started, still runs and is waited for; "
            "Ctrl-C ends the waiting",
            tracer->name, name_of(process, name, sizeof(name)), process);
}

/** Whether to wait no longer for what the tool started: the user wants to end. */
static bool is_left_alone(struct tracer *tracer)
{
    if (!tracer->tool_ended || now(tracer) - tracer->tool_end <= CHILDREN_NS)
        return false;
    if (signals_asked_to_end())
        return true;
    tell_left(tracer);
    return false;
}

static void follow_all(struct tracer *tracer)
{
    while (!tracer->tool_ended || tracer->threads.length > 0) {
        int status;
        const pid_t id = waitpid(-1, &status, __WALL);

        if (id < 0 && errno != EINTR)
            return;
        if (id > 0 && WIFSTOPPED(status))
            stopped(tracer, id, status);
        else if (id > 0)
            thread_ended(tracer, id, status);
        order_flush(&tracer->order);
        if (is_left_alone(tracer)) {
            let_all_go(tracer);
            return;
        }
    }
}

/** Frees what is still known: whoever it was, nothing more will be heard of it. */
static void forget_all(struct tracer *tracer)
{
    struct threads *threads = &tracer->threads;

    while (threads->length > 0) {
        drop_call(tracer, threads->list[0]);
        threads_remove(threads, threads->list[0], now(tracer));
    }
    free(threads->list);
    order_end(&tracer->order);
}

static void tell_end(const struct tracer *tracer)
{
    size_t length = 0;

    for (size_t i = 0; i < UNSEEN_COUNT; i++)
        if (tracer->unseen[i])
            tracer->end->unseen[length++] = unseen_words[i];
    tracer->end->stopped_by_user = signals_asked_to_end();
}

bool trace_run(char *const *argv, const struct traffic_sink *sink, struct trace_end *end)
{
    struct tracer tracer = {
        .end = end,
        .clock_offset = clock_now() - clock_monotonic(),
    };
    struct start start;

    *end = (struct trace_end){.status = 0};
    if (ARCHITECTURE == 0) {
        message("run: the system calls of x86_64 and aarch64 are known, and no others; watch the "
                "port with boottap live instead");
        return false;
    }
    if (!start_tool(argv, &start))
        return false;
    tracer.name = argv[0];
    tracer.tool = start.tool;
    signals_catch(start.tool);
    order_init(&tracer.order, sink);
    kinds_init(&tracer.kinds, &tracer.order.sink);
    threads_add(&tracer.threads, start.tool, start.tool)->files = files_create();
    follow_all(&tracer);
    forget_all(&tracer);
    tell_end(&tracer);
    signals_release();
    return start_succeeded(&start, argv);
}
