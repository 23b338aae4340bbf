/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traced.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "boottap/record.h"
#include "test.h"
#include "trace/trace.h"

/* LINKTYPE_RTAC_SERIAL: seconds, microseconds, event, lines, 2 bytes of 0 */
enum { HEADER = 12 };
enum { STATUS = 0, TX = 1, RX = 2, LOST = 5, BREAK = 9, NONE = 255 };

/** What is said in the place of the end. */
#define WRONG_RECORDS "records are not as they have to be\n"

/** Runs of bytes in one direction. */
struct turns {
    FILE *file;
    uint8_t event;
    uint64_t length;
};

struct traffic_file {
    struct traffic_sink sink;
    FILE *transcript;
    FILE *tx;
    FILE *rx;
    struct turns turns;
    uint8_t last_event;
    uint32_t interfaces;
    btap_ns last;
    bool wrong;
};

static void end_turn(struct turns *turns)
{
    if (turns->length > 0)
        fprintf(turns->file, "%c%" PRIu64 " ", turns->event == TX ? 'T' : 'R', turns->length);
    turns->length = 0;
}

static void add_turn(struct turns *turns, uint8_t event, uint64_t length)
{
    if (turns->event != event)
        end_turn(turns);
    turns->event = event;
    turns->length += length;
}

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    struct traffic_file *file = context;
    static const char how[] = "boottap run: ";

    if (interface->linktype != BTAP_LINKTYPE_RTAC_SERIAL || !interface->at_tool ||
        strncmp(interface->description, how, strlen(how)) != 0)
        file->wrong = true;
    /* Names of ptys differ from run to run. */
    fprintf(file->transcript, "INTERFACE %s\n",
            strncmp(interface->name, "pts/", 4) == 0 ? "pts" : interface->name);
    return file->interfaces++;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static const char *event_name(uint8_t event)
{
    static const char *const names[] = {
        [STATUS] = "STATUS", [TX] = "TX", [RX] = "RX", [LOST] = "LOST", [BREAK] = "BREAK"};

    return event < COUNT_OF(names) && names[event] != NULL ? names[event] : "?";
}

static bool is_right(const struct traffic_file *file, const struct traffic_record *record)
{
    const uint8_t *bytes = record->bytes;

    return record->interface_id < file->interfaces && record->captured >= HEADER &&
           record->length == record->captured && record->time >= file->last &&
           big_endian(bytes) == record->time / 1000000000 &&
           big_endian(bytes + 4) == record->time % 1000000000 / 1000 && bytes[10] == 0 &&
           bytes[11] == 0 &&
           record->direction == (bytes[8] == RX ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE);
}

static void write_bytes(struct traffic_file *file, const uint8_t *bytes, size_t length)
{
    if (length > 64)
        fprintf(file->transcript, " #%zu", length);
    else
        for (size_t i = 0; i < length; i++)
            fprintf(file->transcript, " %02x", bytes[i]);
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct traffic_file *file = context;
    const uint8_t event = record->bytes[8];
    const uint8_t *bytes = record->bytes + HEADER;
    const size_t length = record->captured - HEADER;

    if (!is_right(file, record))
        file->wrong = true;
    file->last = record->time;
    if (event == TX || event == RX) {
        if (event != file->last_event)
            fprintf(file->transcript, "%s%s", file->last_event == NONE ? "" : "\n",
                    event_name(event));
        write_bytes(file, bytes, length);
        fwrite(bytes, 1, length, event == TX ? file->tx : file->rx);
        add_turn(&file->turns, event, length);
        file->last_event = event;
    } else {
        fprintf(file->transcript, "%s%s %02x%s%s\n", file->last_event == NONE ? "" : "\n",
                event_name(event), record->bytes[9], record->comment != NULL ? " " : "",
                record->comment != NULL ? record->comment : "");
        file->last_event = NONE;
    }
    fflush(file->transcript);
}

struct traffic_file *traffic_create(void)
{
    struct traffic_file *file = calloc(1, sizeof(*file));

    file->sink = (struct traffic_sink){file, on_interface, on_record};
    file->transcript = fopen("transcript", "we");
    file->tx = fopen("tx", "we");
    file->rx = fopen("rx", "we");
    file->turns = (struct turns){fopen("turns", "we"), NONE, 0};
    file->last_event = NONE;
    return file;
}

const struct traffic_sink *traffic_sink(struct traffic_file *file)
{
    return &file->sink;
}

bool traffic_finish(struct traffic_file *file)
{
    const bool right = !file->wrong;

    if (file->last_event != NONE)
        fputc('\n', file->transcript);
    end_turn(&file->turns);
    fclose(file->transcript);
    fclose(file->tx);
    fclose(file->rx);
    fclose(file->turns.file);
    free(file);
    return right;
}

char *read_whole(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rbe");
    struct stat status;
    char *text;
    size_t got = 0;

    if (file == NULL || fstat(fileno(file), &status) != 0)
        status.st_size = 0;
    text = calloc(1, (size_t)status.st_size + 1);
    if (file != NULL) {
        got = fread(text, 1, (size_t)status.st_size, file);
        fclose(file);
    }
    if (length != NULL)
        *length = got;
    return text;
}

/** What the process that follows does. @return its exit status */
static int follow(char *const *argv)
{
    struct traffic_file *traffic = traffic_create();
    struct trace_end end;
    const bool started = trace_run(argv, traffic_sink(traffic), &end);
    const bool right = traffic_finish(traffic);
    FILE *file = fopen("end", "we");

    if (file == NULL)
        return 99;
    if (!right)
        fputs(WRONG_RECORDS, file);
    else if (started)
        fprintf(file, "%d %d %d\n", end.status, end.signal, end.stopped_by_user);
    fclose(file);
    file = fopen("unseen", "we");
    if (file == NULL)
        return 99;
    for (size_t i = 0; started && end.unseen[i] != NULL; i++)
        fprintf(file, "%s\n", end.unseen[i]);
    fclose(file);
    return 0;
}

/** Whatever becomes of the test, its processes end with it. */
static void end_with_test(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void set_up(const struct traced_setup *setup)
{
    const int err = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    dup2(err, STDERR_FILENO);
    if (setup->own_group)
        setpgid(0, 0);
    if (setup->terminal != 0) {
        setsid();
        ioctl(setup->terminal, TIOCSCTTY, 0);
        dup2(setup->terminal, STDIN_FILENO);
        dup2(setup->terminal, STDOUT_FILENO);
    }
    if (setup->user != 0 && (setgid(setup->user) != 0 || setuid(setup->user) != 0))
        _exit(99);
    /* Who changed his user may not be followed, nor be told that the test ended. */
    prctl(PR_SET_DUMPABLE, 1);
    end_with_test();
}

pid_t traced_start(const char *const *argv, const struct traced_setup *setup)
{
    static const char *const results[] = {"end", "err", "unseen", "transcript",
                                          "tx",  "rx",  "turns"};
    char *arguments[TRACED_ARGS_MAX + 1] = {NULL};
    pid_t follower;

    for (size_t i = 0; argv[i] != NULL; i++) {
        assert_true(i < TRACED_ARGS_MAX);
        arguments[i] = (char *)(uintptr_t)argv[i];
    }
    for (size_t i = 0; i < COUNT_OF(results); i++)
        unlink(results[i]);
    fflush(NULL);
    follower = fork();
    assert_true(follower >= 0);
    if (follower == 0) {
        set_up(setup);
        exit(follow(arguments));
    }
    return follower;
}

struct traced traced_wait(pid_t follower)
{
    struct traced traced = {0};
    int status;
    long stopped = 0;
    char *end;

    while (waitpid(follower, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    assert_true(WIFEXITED(status));
    traced.err = read_whole("err", NULL);
    if (WEXITSTATUS(status) != 0)
        fail_msg("%s", traced.err);
    end = read_whole("end", NULL);
    traced.started = end[0] != '\0';
    if (traced.started) {
        char *at = end;

        assert_string_not_equal(end, WRONG_RECORDS);
        traced.status = (int)strtol(at, &at, 10);
        traced.signal = (int)strtol(at, &at, 10);
        stopped = strtol(at, &at, 10);
    }
    free(end);
    traced.stopped_by_user = stopped != 0;
    traced.unseen = read_whole("unseen", NULL);
    traced.transcript = read_whole("transcript", NULL);
    traced.turns = read_whole("turns", NULL);
    return traced;
}

struct traced traced_run(const char *const *argv)
{
    const struct traced_setup nothing = {0};

    return traced_wait(traced_start(argv, &nothing));
}

void traced_release(struct traced *traced)
{
    free(traced->err);
    free(traced->unseen);
    free(traced->transcript);
    free(traced->turns);
}

pid_t device_start(void)
{
    pid_t device;

    unlink("port");
    unlink("device.out");
    device = fork();
    assert_true(device >= 0);
    if (device == 0) {
        const int out = open("device.out", O_WRONLY | O_CREAT | O_TRUNC, 0666);

        end_with_test();
        dup2(out, STDOUT_FILENO);
        execl(BOOTTAP_PTY_DEVICE, "pty_device", "--link", "port", "--record", "device.pcap",
              (char *)NULL);
        _exit(127);
    }
    /* Its name is told after the link is made. */
    for (;;) {
        size_t length;

        free(read_whole("device.out", &length));
        if (length > 0)
            return device;
        assert_int_equal(waitpid(device, NULL, WNOHANG), 0);
        usleep(10000);
    }
}

/** What the plain device does, until it is killed. */
static void keep_all(int master, bool echo)
{
    const int log = open("device", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    char bytes[4096];

    for (;;) {
        const ssize_t length = read(master, bytes, sizeof(bytes));
        ssize_t done = 0;

        if (length <= 0 || write(log, bytes, (size_t)length) != length)
            _exit(1);
        while (echo && done < length) {
            const ssize_t part = write(master, bytes + done, (size_t)(length - done));

            if (part < 0)
                _exit(1);
            done += part;
        }
    }
}

pid_t device_start_plain(bool echo)
{
    const int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios termios;
    unsigned int number;
    char name[32];
    const int unlocked = 0;
    pid_t device;
    int slave;

    assert_true(master >= 0);
    assert_int_equal(ioctl(master, TIOCSPTLCK, &unlocked), 0);
    assert_int_equal(ioctl(master, TIOCGPTN, &number), 0);
    snprintf(name, sizeof(name), "/dev/pts/%u", number);
    slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    assert_int_equal(tcgetattr(slave, &termios), 0);
    cfmakeraw(&termios);
    assert_int_equal(tcsetattr(slave, TCSANOW, &termios), 0);
    unlink("port");
    unlink("device");
    assert_int_equal(symlink(name, "port"), 0);
    device = fork();
    assert_true(device >= 0);
    if (device == 0) {
        end_with_test();
        keep_all(master, echo); /* with the slave open, so that hosts may come and go */
    }
    close(master);
    close(slave);
    return device;
}

void device_stop(pid_t device)
{
    kill(device, SIGTERM);
    waitpid(device, NULL, 0);
}

static void keep_record(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
    FILE **files = (FILE **)(void *)context;
    const bool sent = bytes[8] == TX;

    if (header->caplen > HEADER)
        fwrite(bytes + HEADER, 1, header->caplen - HEADER, files[sent ? 0 : 1]);
}

static void keep_turn(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
    if (header->caplen > HEADER)
        add_turn((struct turns *)(void *)context, bytes[8], header->caplen - HEADER);
}

static void read_log(pcap_handler handler, void *context)
{
    char problem[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline("device.pcap", problem);

    if (pcap == NULL)
        fail_msg("%s", problem);
    assert_int_equal(pcap_loop(pcap, 0, handler, context), 0);
    pcap_close(pcap);
}

void device_read_log(char **turns, char **tx, size_t *tx_length, char **rx, size_t *rx_length)
{
    size_t length;
    FILE *files[] = {open_memstream(tx, tx_length), open_memstream(rx, rx_length)};
    struct turns kept = {open_memstream(turns, &length), NONE, 0};

    read_log(keep_record, files);
    read_log(keep_turn, &kept);
    end_turn(&kept);
    fclose(files[0]);
    fclose(files[1]);
    fclose(kept.file);
}
