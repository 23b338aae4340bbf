/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The source of boottap run: real tools, scripts and shells are followed while they talk to devices
 * on pseudo-terminals, and what is recorded is held to what the devices got and sent.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "test.h"
#include "trace/trace.h"
#include "traced.h"

#define OPENED "INTERFACE pts\nSTATUS 00 boottap: the tool opened the port\n"
#define CLOSED "STATUS 00 boottap: the tool closed the port\n"

/** Somebody without rights: nobody, where the tests are root's. */
#define NOBODY 65534

static const struct traced_setup nothing;

static struct traced run_tool(const char *deed)
{
    const char *const argv[] = {BOOTTAP_TRACED_TOOL, deed, NULL};

    return traced_run(argv);
}

static struct traced run_shell(const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};

    return traced_run(argv);
}

/** Whether a shell command ends well without being followed. @param user 0: whoever runs the test
 */
static bool works_unfollowed(const char *command, uid_t user)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        if (user == 0 || (setgid(user) == 0 && setuid(user) == 0))
            execlp("sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return waitpid(child, &status, 0) == child && status == 0;
}

/** Skips a test whose tool is not installed. */
static void need(const char *command)
{
    if (!works_unfollowed(command, 0))
        skip();
}

#define STM32FLASH "command -v stm32flash >/dev/null"
#define PYSERIAL   "/usr/bin/python3 -c 'import serial' 2>/dev/null"

static void assert_done(const struct traced *traced)
{
    if (!traced->started || traced->status != 0)
        fail_msg("status %d signal %d\n%s\n%s", traced->status, traced->signal, traced->err,
                 traced->transcript);
    assert_string_equal(traced->unseen, "");
}

/** Everything that the device got and sent was recorded, in this order, and nothing else. */
static void assert_as_device(const struct traced *traced)
{
    char *turns;
    char *sent[2];
    size_t sent_length[2];
    size_t tx_length;
    size_t rx_length;
    char *tx = read_whole("tx", &tx_length);
    char *rx = read_whole("rx", &rx_length);

    device_read_log(&turns, &sent[0], &sent_length[0], &sent[1], &sent_length[1]);
    assert_int_equal(tx_length, sent_length[0]);
    assert_memory_equal(tx, sent[0], tx_length);
    assert_int_equal(rx_length, sent_length[1]);
    assert_memory_equal(rx, sent[1], rx_length);
    assert_string_equal(traced->turns, turns);
    free(turns);
    free(sent[0]);
    free(sent[1]);
    free(tx);
    free(rx);
}

static void assert_device_got(const void *bytes, size_t length)
{
    size_t got;
    char *device = read_whole("device", &got);

    assert_int_equal(got, length);
    assert_memory_equal(device, bytes, length);
    free(device);
}

static bool has_bytes(const char *name, size_t wanted)
{
    size_t length;

    free(read_whole(name, &length));
    return length >= wanted;
}

static void exit_status_is_the_tools(void **state)
{
    struct traced traced = run_shell("echo to stderr >&2; exit 3");

    (void)state;
    assert_true(traced.started);
    assert_int_equal(traced.status, 3);
    assert_int_equal(traced.signal, 0);
    assert_false(traced.stopped_by_user);
    assert_string_equal(traced.transcript, "");
    assert_string_equal(traced.err, "to stderr\n");
    traced_release(&traced);
}

static void signal_that_ends_the_tool_is_told(void **state)
{
    struct traced traced = run_shell("kill -SEGV $$");

    (void)state;
    assert_true(traced.started);
    assert_int_equal(traced.status, -1);
    assert_int_equal(traced.signal, SIGSEGV);
    traced_release(&traced);
}

static void refuse(const char *tool, const char *message)
{
    const char *const argv[] = {tool, NULL};
    struct traced traced = traced_run(argv);

    assert_false(traced.started);
    assert_string_equal(traced.err, message);
    traced_release(&traced);
}

static void tool_that_cannot_be_started_is_explained(void **state)
{
    (void)state;
    refuse("no-such-tool",
           "boottap: no-such-tool: cannot be started: not found in PATH; is it installed?\n");
    refuse("./missing", "boottap: ./missing: cannot be started: No such file or directory\n");
    write_file("plain", "text", 4);
    refuse("./plain", "boottap: ./plain: cannot be started: Permission denied\n");
    write_file("script", "#!/no/such/shell\n", 17);
    chmod("script", 0755);
    refuse("./script", "boottap: ./script: cannot be started: the interpreter that it names does "
                       "not exist\n");
}

static void script_without_an_interpreter_runs_in_a_shell(void **state)
{
    const char *const argv[] = {"./script", NULL};
    struct traced traced;

    (void)state;
    write_file("script", "exit 5\n", 7);
    chmod("script", 0755);
    traced = traced_run(argv);
    assert_int_equal(traced.status, 5);
    traced_release(&traced);
}

static void stm32flash_is_recorded(void **state)
{
    const char *const argv[] = {"stm32flash", "-m",           "8n1", "-b",     "115200",
                                "-w",         "firmware.bin", "-v",  "./port", NULL};
    uint8_t firmware[3000];
    pid_t device;
    struct traced traced;

    (void)state;
    need(STM32FLASH);
    for (size_t i = 0; i < sizeof(firmware); i++)
        firmware[i] = (uint8_t)(i * 7 ^ i >> 8);
    write_file("firmware.bin", firmware, sizeof(firmware));
    device = device_start();
    traced = traced_run(argv);
    device_stop(device);
    assert_done(&traced);
    assert_as_device(&traced);
    traced_release(&traced);
}

static const char python_script[] = "import serial\n"
                                    "port = serial.Serial('port', 115200, timeout=20)\n"
                                    "port.write(b'\\x7f')\n"
                                    "assert port.read(1) == b'y'\n"
                                    "for i in range(10):\n"
                                    "    port.write(b'\\x02\\xfd')\n"
                                    "    assert port.read(5) == b'y\\x01\\x04\\x60y'\n"
                                    "port.close()\n";

static void python_is_recorded(void **state)
{
    const char *const argv[] = {"/usr/bin/python3", "script.py", NULL};
    pid_t device;
    struct traced traced;

    (void)state;
    need(PYSERIAL);
    write_file("script.py", python_script, strlen(python_script));
    device = device_start();
    traced = traced_run(argv);
    device_stop(device);
    assert_done(&traced);
    assert_as_device(&traced);
    traced_release(&traced);
}

static void grandchildren_are_followed(void **state)
{
    const pid_t device = device_start();
    struct traced traced =
        run_shell("exec 3<>port; sh -c 'printf \"\\177\" >&3; (dd bs=1 count=1 <&3 >/dev/null "
                  "2>&1)'; printf '\\002\\375' | (cat >&3); dd bs=1 count=5 <&3 >/dev/null 2>&1");

    (void)state;
    device_stop(device);
    assert_done(&traced);
    assert_as_device(&traced);
    assert_string_equal(traced.transcript,
                        OPENED "TX 7f\nRX 79\nTX 02 fd\nRX 79 01 04 60 79\n" CLOSED);
    traced_release(&traced);
}

static void descriptors_of_one_port_are_one(void **state)
{
    const pid_t device = device_start();
    struct traced traced = run_tool("duplicates");

    (void)state;
    device_stop(device);
    assert_done(&traced);
    assert_string_equal(traced.transcript,
                        OPENED "TX 7f\nRX 79\nTX 01 fe\nRX 79 31 00 00 79\n" CLOSED);
    traced_release(&traced);
}

static void answer_that_a_thread_waits_for_comes_after_what_caused_it(void **state)
{
    const pid_t device = device_start();
    struct traced traced = run_tool("threads");

    (void)state;
    device_stop(device);
    assert_done(&traced);
    assert_as_device(&traced);
    traced_release(&traced);
}

static void execution_closes_and_inherits(void **state)
{
    const pid_t device = device_start_plain(false);
    struct traced traced = run_tool("executes");

    (void)state;
    WAIT_FOR(has_bytes("device", 3));
    device_stop(device);
    assert_done(&traced);
    assert_device_got("\x11\x22\x44", 3);
    assert_string_equal(traced.transcript, OPENED "TX 11\nSTATUS 00 boottap: the tool opened the "
                                                  "port\nTX 22\n" CLOSED "TX 44\n" CLOSED);
    traced_release(&traced);
}

static void eight_mebibytes_each_way_are_recorded(void **state)
{
    const pid_t device = device_start_plain(true);
    struct traced traced = run_tool("echo");
    size_t sent;
    size_t received;
    char *tx = read_whole("tx", &sent);
    char *rx = read_whole("rx", &received);

    (void)state;
    device_stop(device);
    assert_done(&traced);
    assert_int_equal(sent, 8 * 1024 * 1024);
    assert_device_got(tx, sent);
    assert_int_equal(received, sent);
    assert_memory_equal(rx, tx, sent);
    free(tx);
    free(rx);
    traced_release(&traced);
}

static void large_write_of_many_parts_is_recorded_whole(void **state)
{
    const pid_t device = device_start_plain(false);
    struct traced traced = run_tool("vector");
    size_t sent;
    char *tx = read_whole("tx", &sent);

    (void)state;
    WAIT_FOR(has_bytes("device", 200000));
    device_stop(device);
    assert_done(&traced);
    assert_int_equal(sent, 200000);
    assert_device_got(tx, sent);
    assert_string_equal(traced.transcript, OPENED "TX #65536 #65536 #65536 #3392\n" CLOSED);
    free(tx);
    traced_release(&traced);
}

static void what_a_write_did_not_take_is_not_recorded(void **state)
{
    const pid_t device = device_start_plain(false);
    struct traced traced = run_tool("partial");
    size_t sent;
    char *tx = read_whole("tx", &sent);

    (void)state;
    WAIT_FOR(has_bytes("device", 300000));
    device_stop(device);
    assert_done(&traced);
    assert_int_equal(sent, 300000);
    assert_device_got(tx, sent);
    free(tx);
    traced_release(&traced);
}

static void what_the_kernel_copies_is_told(void **state)
{
    const char *const argv[] = {
        "/usr/bin/python3", "-c",
        "import os; os.sendfile(os.open('port', os.O_RDWR | os.O_NOCTTY), os.open('plain', 0), 0, "
        "4)",
        NULL};
    pid_t device = device_start_plain(false);
    struct traced traced;

    (void)state;
    write_file("plain", "text", 4);
    traced = traced_run(argv);
    WAIT_FOR(has_bytes("device", 4));
    device_stop(device);
    assert_int_equal(traced.status, 0);
    assert_string_equal(traced.transcript,
                        OPENED "LOST 00 boottap: 4 bytes are missing, the tool had the kernel copy "
                               "them\n" CLOSED);
    assert_string_equal(traced.unseen, "a program had the kernel copy (sendfile, splice): those "
                                       "bytes were not seen\n");
    traced_release(&traced);
}

static void io_uring_is_told(void **state)
{
    struct traced traced = run_tool("io_uring");

    (void)state;
    /* Not every kernel or container has it. */
    assert_string_equal(
        traced.unseen,
        traced.status == 0 ? "a program used io_uring: what went that way was not seen\n" : "");
    traced_release(&traced);
}

/** A terminal is at both ends: this is the master's; the slave's goes into setup. */
static int open_terminal(struct traced_setup *setup)
{
    const int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    const int unlocked = 0;
    unsigned int number;
    char name[32];

    assert_true(master >= 0);
    assert_int_equal(ioctl(master, TIOCSPTLCK, &unlocked), 0);
    assert_int_equal(ioctl(master, TIOCGPTN, &number), 0);
    snprintf(name, sizeof(name), "/dev/pts/%u", number);
    setup->terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(setup->terminal > STDERR_FILENO);
    return master;
}

static void users_terminal_is_no_port(void **state)
{
    const char *const argv[] = {
        "sh", "-c",
        "echo to the terminal; read answer; echo $answer >/dev/tty; echo $answer >$(tty); exec "
        "3>&1; echo $answer >&3",
        NULL};
    struct traced_setup setup = {0};
    const int master = open_terminal(&setup);
    const pid_t follower = traced_start(argv, &setup);
    struct traced traced;
    char bytes[256];

    (void)state;
    assert_int_equal(write(master, "yes\n", 4), 4);
    traced = traced_wait(follower);
    assert_done(&traced);
    assert_string_equal(traced.transcript, "");
    assert_true(read(master, bytes, sizeof(bytes)) > 0);
    close(master);
    close(setup.terminal);
    traced_release(&traced);
}

static void terminal_that_a_tool_makes_is_no_port(void **state)
{
    const char *const argv[] = {"/usr/bin/python3", "-c",
                                "import pty; pty.spawn(['sh', '-c', 'tty; echo hello'])", NULL};
    struct traced traced = traced_run(argv);

    (void)state;
    assert_done(&traced);
    assert_string_equal(traced.transcript, "");
    traced_release(&traced);
}

/** Lets a tool count the signals of one kind that it gets, and sends one in some way. */
static void count_signals(const char *deed, const struct traced_setup *setup,
                          void (*send)(pid_t follower, int from), int from)
{
    const char *const argv[] = {BOOTTAP_TRACED_TOOL, deed, NULL};
    const pid_t device = device_start_plain(false);
    const pid_t follower = traced_start(argv, setup);
    struct traced traced;

    WAIT_FOR(has_bytes("device", 1));
    send(follower, from);
    traced = traced_wait(follower);
    device_stop(device);
    assert_int_equal(traced.status, 1);
    assert_true(traced.stopped_by_user);
    assert_string_equal(traced.transcript, OPENED "TX 33\n" CLOSED);
    traced_release(&traced);
}

static void send_to_one(pid_t follower, int from)
{
    (void)from;
    kill(follower, SIGINT);
}

static void send_to_group(pid_t follower, int from)
{
    (void)from;
    kill(-follower, SIGINT);
}

static void send_key(pid_t follower, int from)
{
    (void)follower;
    assert_int_equal(write(from, "\x03", 1), 1);
}

static void signal_reaches_the_tool_once(void **state)
{
    const struct traced_setup group = {.own_group = true};
    struct traced_setup terminal = {0};
    const int master = open_terminal(&terminal);

    (void)state;
    count_signals("counts", &group, send_to_one, 0);
    count_signals("counts", &group, send_to_group, 0);
    count_signals("counts", &terminal, send_key, master);
    count_signals("counts_apart", &terminal, send_key, master);
    close(master);
    close(terminal.terminal);
}

/** What a shell does with a job in the foreground: sees it stopped, goes on with it in the
 * foreground, sees it end. @return 0: so it was */
static int shell_with_job(const char *const *argv, int terminal)
{
    const struct traced_setup group = {.own_group = true};
    pid_t job;
    int status;

    signal(SIGTTOU, SIG_IGN);
    setsid();
    ioctl(terminal, TIOCSCTTY, 0);
    dup2(terminal, STDIN_FILENO);
    job = traced_start(argv, &group);
    setpgid(job, job);
    tcsetpgrp(terminal, job);
    if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status))
        return 1;
    tcsetpgrp(terminal, getpid());
    write_file("stopped", "1", 1);
    tcsetpgrp(terminal, job);
    kill(-job, SIGCONT);
    return waitpid(job, &status, WUNTRACED) == job && WIFEXITED(status) ? 0 : 2;
}

static void terminal_stops_the_tool_and_goes_on_with_it(void **state)
{
    const char *const argv[] = {
        "sh", "-c", "read one; echo $one >ready; read two; test $one$two = firstsecond", NULL};
    struct traced_setup setup = {0};
    const int master = open_terminal(&setup);
    pid_t shell;
    int status;
    char *end;

    (void)state;
    unlink("ready");
    unlink("stopped");
    shell = fork();
    assert_true(shell >= 0);
    if (shell == 0)
        _exit(shell_with_job(argv, setup.terminal));
    assert_int_equal(write(master, "first\n", 6), 6);
    WAIT_FOR(has_bytes("ready", 6));
    assert_int_equal(write(master, "\x1a", 1), 1);
    WAIT_FOR(has_bytes("stopped", 1));
    assert_int_equal(write(master, "second\n", 7), 7);
    assert_int_equal(waitpid(shell, &status, 0), shell);
    assert_int_equal(status, 0);
    end = read_whole("end", NULL);
    assert_string_equal(end, "0 0 0\n");
    free(end);
    close(master);
    close(setup.terminal);
}

static void what_the_tool_left_is_waited_for_and_told(void **state)
{
    struct traced traced = run_shell("sleep 2 & exit 0");

    (void)state;
    assert_done(&traced);
    assert_non_null(strstr(traced.err, "boottap: sh: ended, but sleep (process "));
    assert_non_null(strstr(traced.err, "still runs and is waited for; Ctrl-C ends the waiting\n"));
    traced_release(&traced);
}

static void signal_that_is_no_end_for_the_tool_is_none(void **state)
{
    /* As Java does, which tells its threads then. */
    const char *const argv[] = {
        "sh", "-c",
        "trap 'echo >told' QUIT; echo $$ >started; until test -e told; do sleep 0.01; done; exit 4",
        NULL};
    const struct traced_setup group = {.own_group = true};
    pid_t follower;
    struct traced traced;

    (void)state;
    unlink("started");
    unlink("told");
    follower = traced_start(argv, &group);
    WAIT_FOR(has_bytes("started", 1));
    kill(-follower, SIGQUIT);
    traced = traced_wait(follower);
    assert_int_equal(traced.status, 4);
    traced_release(&traced);
}

static void what_the_tool_left_is_let_go_when_the_user_ends(void **state)
{
    const char *const argv[] = {
        "sh", "-c", "(trap '' INT; echo $$ >started; sleep 0.1; exec sleep 1000) & echo $! >left",
        NULL};
    const struct traced_setup group = {.own_group = true};
    pid_t follower;
    struct traced traced;
    char *number;

    (void)state;
    unlink("started");
    follower = traced_start(argv, &group);
    WAIT_FOR(has_bytes("started", 1));
    kill(follower, SIGINT);
    traced = traced_wait(follower);
    assert_string_equal(traced.unseen, "programs that the tool started still ran at the end: what "
                                       "they do from now on is not seen\n");
    number = read_whole("left", NULL);
    assert_int_equal(kill((pid_t)strtol(number, NULL, 10), SIGKILL), 0);
    free(number);
    traced_release(&traced);
}

/** Kills who follows in the middle of a flash; the tool goes on, and verifies what it wrote. */
static void kill_follower(size_t after_bytes)
{
    const char *const argv[] = {"sh", "-c",
                                "stm32flash -m 8n1 -b 115200 -w firmware.bin -v ./port >flash.out "
                                "2>&1; echo $? >flash.status",
                                NULL};
    const pid_t device = device_start();
    pid_t follower;
    int status;
    char *text;

    unlink("flash.status");
    follower = traced_start(argv, &nothing);
    WAIT_FOR(has_bytes("transcript", after_bytes));
    kill(follower, SIGKILL);
    assert_int_equal(waitpid(follower, &status, 0), follower);
    assert_true(WIFSIGNALED(status));
    WAIT_FOR(has_bytes("flash.status", 2));
    text = read_whole("flash.status", NULL);
    assert_string_equal(text, "0\n");
    free(text);
    text = read_whole("flash.out", NULL);
    assert_non_null(strstr(text, "(100.00%) Done."));
    free(text);
    device_stop(device);
}

static void tool_goes_on_when_its_follower_is_killed(void **state)
{
    uint8_t firmware[6000];

    (void)state;
    need(STM32FLASH);
    for (size_t i = 0; i < sizeof(firmware); i++)
        firmware[i] = (uint8_t)(i * 5 ^ i >> 8);
    write_file("firmware.bin", firmware, sizeof(firmware));
    kill_follower(1);
    kill_follower(400);
    kill_follower(777);
    kill_follower(1500);
}

/** Makes a program that gives its user's rights to whoever starts it. @return false: not possible
 */
static bool make_raising_program(void)
{
    size_t length;
    char *program = read_whole(BOOTTAP_TRACED_TOOL, &length);

    write_file("raising", program, length);
    free(program);
    return geteuid() == 0 && chmod("raising", 04755) == 0 && chmod(".", 0777) == 0;
}

static void program_with_rights_is_refused(void **state)
{
    const char *const argv[] = {"./raising", "user", NULL};
    const struct traced_setup setup = {.user = NOBODY};
    struct traced traced;

    (void)state;
    if (!make_raising_program())
        skip();
    traced = traced_wait(traced_start(argv, &setup));
    assert_false(traced.started);
    assert_string_equal(traced.err, "boottap: ./raising: has rights of its own (setuid or "
                                    "capabilities), which it does not get while it is followed; "
                                    "give them to boottap: sudo boottap run -- ./raising ...\n");
    traced_release(&traced);
    rename("raising", "sudo");
    traced = traced_wait(traced_start((const char *const[]){"./sudo", "user", NULL}, &setup));
    assert_false(traced.started);
    assert_string_equal(traced.err,
                        "boottap: ./sudo: gets no rights while it is followed; put it in front of "
                        "boottap, without it behind the two dashes: sudo boottap run -- ...\n");
    traced_release(&traced);
}

static void program_with_rights_that_the_tool_starts_gets_them(void **state)
{
    const char *const argv[] = {"sh", "-c", "./raising user || exit 1; exec ./raising user", NULL};
    const struct traced_setup setup = {.user = NOBODY};
    struct traced traced;

    (void)state;
    /* Not on a file system that is mounted nosuid. */
    if (!make_raising_program() || !works_unfollowed("./raising user", NOBODY))
        skip();
    traced = traced_wait(traced_start(argv, &setup));
    assert_true(traced.started);
    assert_int_equal(traced.status, 0);
    assert_string_equal(traced.unseen,
                        "a program with rights of its own (sudo, setuid) was started: what it did "
                        "was not seen; put sudo in front of boottap\n");
    traced_release(&traced);
}

static void tool_that_is_followed_already_is_explained(void **state)
{
    const char *const argv[] = {BOOTTAP_TRACED_SELF, "--nested", NULL};
    struct traced traced = traced_run(argv);

    (void)state;
    assert_true(traced.started);
    assert_int_equal(traced.status, 0);
    assert_non_null(strstr(traced.err, "boottap: true: cannot be followed, process "));
    assert_non_null(strstr(traced.err, " follows it already; start boottap outside of that\n"));
    traced_release(&traced);
}

static uint32_t no_interface(void *context, const struct traffic_interface *interface)
{
    (void)context;
    (void)interface;
    return 0;
}

static void no_record(void *context, const struct traffic_record *record)
{
    (void)context;
    (void)record;
}

/** What is run as a tool by the test above: follows a tool itself. @return 0: it may not */
static int follow_nested(void)
{
    const struct traffic_sink sink = {NULL, no_interface, no_record};
    char name[] = "true";
    char *const argv[] = {name, NULL};
    struct trace_end end;

    return trace_run(argv, &sink, &end) ? 1 : 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_status_is_the_tools),
        cmocka_unit_test(signal_that_ends_the_tool_is_told),
        cmocka_unit_test(tool_that_cannot_be_started_is_explained),
        cmocka_unit_test(script_without_an_interpreter_runs_in_a_shell),
        cmocka_unit_test(stm32flash_is_recorded),
        cmocka_unit_test(python_is_recorded),
        cmocka_unit_test(grandchildren_are_followed),
        cmocka_unit_test(descriptors_of_one_port_are_one),
        cmocka_unit_test(answer_that_a_thread_waits_for_comes_after_what_caused_it),
        cmocka_unit_test(execution_closes_and_inherits),
        cmocka_unit_test(eight_mebibytes_each_way_are_recorded),
        cmocka_unit_test(large_write_of_many_parts_is_recorded_whole),
        cmocka_unit_test(what_a_write_did_not_take_is_not_recorded),
        cmocka_unit_test(what_the_kernel_copies_is_told),
        cmocka_unit_test(io_uring_is_told),
        cmocka_unit_test(users_terminal_is_no_port),
        cmocka_unit_test(terminal_that_a_tool_makes_is_no_port),
        cmocka_unit_test(signal_reaches_the_tool_once),
        cmocka_unit_test(terminal_stops_the_tool_and_goes_on_with_it),
        cmocka_unit_test(signal_that_is_no_end_for_the_tool_is_none),
        cmocka_unit_test(what_the_tool_left_is_waited_for_and_told),
        cmocka_unit_test(what_the_tool_left_is_let_go_when_the_user_ends),
        cmocka_unit_test(tool_goes_on_when_its_follower_is_killed),
        cmocka_unit_test(program_with_rights_is_refused),
        cmocka_unit_test(program_with_rights_that_the_tool_starts_gets_them),
        cmocka_unit_test(tool_that_is_followed_already_is_explained),
    };

    if (argc == 2 && strcmp(argv[1], "--nested") == 0)
        _exit(follow_nested()); /* who is followed cannot look for leaks */
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
