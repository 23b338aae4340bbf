/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * proxy:PORT[,LINK]: stands between a flashing tool and its port, which it opens itself; the tool
 * gets a pseudo-terminal instead. Bytes pass both ways at once, and are recorded once they passed:
 * the host's when they were handed to the port, the device's when they were read from it. Where one
 * side does not take what the other sends, the other is not read any more: nothing is lost.
 *
 * The tool's rate is set at the port before the bytes that follow it, and after those before it.
 * The framing is 8E1 whatever the tool sets, as a pseudo-terminal drops its parity. DTR, RTS and
 * breaks do not pass: what moves them is --reset. What the device sends while no tool is there is
 * recorded, and not kept for the next one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/message.h"
#include "live/operand.h"
#include "live/queue.h"
#include "live/receiver.h"
#include "live/reset.h"
#include "port/pty.h"

#define KIND "proxy:"

/** How soon to look again whether the port has sent all that it has. */
#define DRAIN_CHECK CLOCK_NS_PER_MS

/** So often a side is read before the other gets its turn. */
#define ROUNDS_MAX 16

/** A change of the rate that waits for the bytes before it. */
struct retuning {
    bool due;
    uint32_t baud;
    size_t before; /**< bytes of the queue that are still to be sent at the old rate */
};

/** A sequence of --reset that is under way. */
struct moving {
    size_t step;
    size_t end;
    btap_ns due; /**< when the next step is, or the last one's pause ends: CLOCK_MONOTONIC */
};

struct proxy_source {
    struct source source;
    struct operand operand;
    struct serial *serial;
    struct receiver receiver;
    struct btap_serial_settings settings; /**< of the port */
    uint8_t lines;                        /**< likewise, as far as known */
    struct pty *pty;
    struct queue to_port;
    struct queue to_tool;
    bool unread;   /**< the tool has left, and may have written what was not read yet */
    bool leaving;  /**< it has left; the exit sequence is due when all of it is sent */
    bool discards; /**< what the device sent is for no tool */
    bool gone;
    struct retuning retuning;
    struct reset reset;
    struct moving moving;
    const struct traffic_sink *sink;
    uint32_t interface_id;
};

static struct proxy_source *self(struct source *source)
{
    return (struct proxy_source *)source; /* its first member */
}

static bool names(const char *operand)
{
    return operand_is(operand, KIND);
}

/* Recording */

static void record(const struct proxy_source *proxy, enum serial_record_event event, btap_ns time,
                   const uint8_t *bytes, size_t length)
{
    const struct serial_record one = {
        .event = event, .lines = proxy->lines, .time = time, .bytes = bytes, .length = length};

    serial_record_send(proxy->sink, proxy->interface_id, &one);
}

/** On a pseudo-terminal settings prove nothing, and there are no lines. */
static void record_settings(const struct proxy_source *proxy)
{
    const struct serial_record one = {
        .event = SERIAL_RECORD_STATUS,
        .lines = proxy->lines,
        .time = clock_now(),
        .settings = &proxy->settings,
    };

    if (!serial_is_pty(proxy->serial))
        serial_record_send(proxy->sink, proxy->interface_id, &one);
}

/* From the tool to the port */

static bool is_moving(const struct proxy_source *proxy)
{
    return proxy->moving.due != 0;
}

/** Bytes that may be handed to the port now. */
static size_t sendable(const struct proxy_source *proxy)
{
    if (is_moving(proxy))
        return 0;
    return proxy->retuning.due ? proxy->retuning.before : proxy->to_port.length;
}

static void write_port(struct proxy_source *proxy)
{
    size_t length;

    while ((length = sendable(proxy)) > 0) {
        const ssize_t written = serial_write(proxy->serial, queue_first(&proxy->to_port), length);

        if (written < 0 && !proxy->gone) {
            receiver_gone(&proxy->receiver, errno);
            proxy->gone = true;
        }
        if (written <= 0)
            return;
        record(proxy, SERIAL_RECORD_TRANSMITTED, clock_now(), queue_first(&proxy->to_port),
               (size_t)written);
        queue_drop(&proxy->to_port, (size_t)written);
        if (proxy->retuning.due)
            proxy->retuning.before -= (size_t)written;
    }
}

/** Sets the tool's rate, if it is time. A port that cannot is said to, and goes on as it was. */
static void retune(struct proxy_source *proxy)
{
    struct btap_serial_settings settings = proxy->settings;

    if (!proxy->retuning.due || proxy->retuning.before > 0 || is_moving(proxy) ||
        !serial_is_drained(proxy->serial))
        return;
    proxy->retuning.due = false;
    settings.baud = proxy->retuning.baud;
    proxy->settings.baud = settings.baud;
    if (serial_configure(proxy->serial, &settings))
        record_settings(proxy);
    write_port(proxy);
}

/** Whether the tool set another rate: the bytes that were read so far are still for the old one. */
static void notice_rate(struct proxy_source *proxy)
{
    struct btap_serial_settings wanted;

    if (!pty_settings(proxy->pty, &wanted) || wanted.baud == 0 ||
        wanted.baud == proxy->settings.baud)
        return;
    proxy->retuning =
        (struct retuning){.due = true, .baud = wanted.baud, .before = proxy->to_port.length};
    retune(proxy);
}

/** Whether what the tool writes next may be read. */
static bool takes_from_tool(const struct proxy_source *proxy)
{
    return !proxy->retuning.due && queue_room(&proxy->to_port) >= PTY_READ_MAX;
}

static void read_port(struct proxy_source *proxy);

/** Drops what the device sent so far; it is recorded as ever. */
static void discard(struct proxy_source *proxy)
{
    queue_drop(&proxy->to_tool, proxy->to_tool.length);
    proxy->discards = true;
    read_port(proxy);
    proxy->discards = false;
}

static void follow(struct proxy_source *proxy, const struct pty_news *news)
{
    if (news->flushed_output)
        queue_drop(&proxy->to_port, proxy->to_port.length);
    if (news->flushed_input)
        discard(proxy);
}

static void read_tool(struct proxy_source *proxy)
{
    uint8_t bytes[PTY_READ_MAX + 1];

    for (int round = 0; round < ROUNDS_MAX && takes_from_tool(proxy); round++) {
        struct pty_news news;
        const size_t length = pty_read(proxy->pty, bytes, sizeof(bytes), &news);

        if (length == 0 && !news.told) {
            proxy->unread = false;
            return;
        }
        follow(proxy, &news);
        notice_rate(proxy);
        queue_add(&proxy->to_port, bytes, length);
        write_port(proxy);
    }
}

/* From the port to the tool */

static void write_tool(struct proxy_source *proxy)
{
    size_t written = 1;

    while (proxy->to_tool.length > 0 && written > 0) {
        written = pty_write(proxy->pty, queue_first(&proxy->to_tool), proxy->to_tool.length);
        queue_drop(&proxy->to_tool, written);
    }
}

static void on_data(void *context, btap_ns time, const uint8_t *bytes, size_t length)
{
    struct proxy_source *proxy = context;

    if (pty_is_open(proxy->pty) && !proxy->discards) {
        queue_add(&proxy->to_tool, bytes, length);
        write_tool(proxy);
    }
    record(proxy, SERIAL_RECORD_RECEIVED, time, bytes, length);
}

static void on_error(void *context, btap_ns time, enum serial_record_event event)
{
    record(context, event, time, NULL, 0);
}

/** Whether what the device sends next may be read. */
static bool takes_from_port(const struct proxy_source *proxy)
{
    return !pty_is_open(proxy->pty) || proxy->discards ||
           queue_room(&proxy->to_tool) >= RECEIVER_MAX;
}

static void read_port(struct proxy_source *proxy)
{
    const struct receiver_sink sink = {proxy, on_data, on_error};
    bool more = true;

    for (int round = 0; round < ROUNDS_MAX && more && !proxy->gone && takes_from_port(proxy);
         round++)
        if (receiver_read_once(&proxy->receiver, &sink, &more) != SOURCE_RUNS)
            proxy->gone = true;
}

/* The lines */

static void move_lines(struct proxy_source *proxy)
{
    struct moving *moving = &proxy->moving;
    const btap_ns now = clock_monotonic();

    while (is_moving(proxy) && moving->due <= now) {
        const struct reset_step *step = &proxy->reset.steps[moving->step];

        if (moving->step++ == moving->end) {
            moving->due = 0;
            return;
        }
        moving->due = now + step->pause;
        if (step->mask == 0)
            continue;
        if (!serial_set_lines(proxy->serial, step->lines, step->mask))
            message("%s: DTR and RTS cannot be moved: %s", proxy->source.name, strerror(errno));
        proxy->lines = serial_lines(proxy->serial);
        record(proxy, SERIAL_RECORD_STATUS, clock_now(), NULL, 0);
    }
}

/** Starts the entry sequence, or the exit sequence; nothing is sent until it has ended. */
static void begin_moving(struct proxy_source *proxy, size_t first, size_t end)
{
    if (first < end)
        proxy->moving = (struct moving){first, end, clock_monotonic()};
    move_lines(proxy);
}

/* Tools come and go */

static void welcome(struct proxy_source *proxy)
{
    proxy->leaving = false;
    discard(proxy);
    pty_renew(proxy->pty);
    record_settings(proxy);
    begin_moving(proxy, 0, proxy->reset.exit);
}

static void part(struct proxy_source *proxy)
{
    proxy->unread = true;
    read_tool(proxy);
    queue_drop(&proxy->to_tool, proxy->to_tool.length);
    pty_renew(proxy->pty);
    /* A tool that came and went while it was renewed made no event. */
    proxy->unread = true;
    proxy->leaving = proxy->reset.exit < proxy->reset.length;
}

static void look_at_users(struct proxy_source *proxy)
{
    for (;;) {
        switch (pty_users(proxy->pty)) {
        case PTY_CAME:
        case PTY_CHANGED:
            welcome(proxy);
            break;
        case PTY_LEFT:
            part(proxy);
            break;
        case PTY_SAME:
            return;
        }
    }
}

static void leave(struct proxy_source *proxy)
{
    if (!proxy->leaving || proxy->unread || proxy->to_port.length > 0 || is_moving(proxy) ||
        !serial_is_drained(proxy->serial))
        return;
    proxy->leaving = false;
    begin_moving(proxy, proxy->reset.exit, proxy->reset.length);
}

/* The source */

static void close_proxy(struct source *source)
{
    struct proxy_source *proxy = self(source);

    if (proxy->sink != NULL && !proxy->gone)
        write_port(proxy);
    if (proxy->serial != NULL)
        serial_close(proxy->serial);
    if (proxy->pty != NULL)
        pty_close(proxy->pty);
    free(proxy->operand.text);
    free(proxy);
}

static bool parse(struct proxy_source *proxy, const struct source_options *options)
{
    if (!operand_parse(proxy->source.name, KIND, 1, 2, "proxy:PORT[,LINK]", &proxy->operand))
        return false;
    if (options->reset == NULL || reset_parse(options->reset, &proxy->reset))
        return true;
    message("--reset: '%s' is no sequence of dtr, rts, -dtr and -rts with ',' (100 ms) or '&' "
            "between them",
            options->reset);
    return false;
}

static bool open_port(struct proxy_source *proxy)
{
    const struct serial_options how = {
        .access = SERIAL_TALKS, .settings = proxy->settings, .marks = true};

    proxy->serial = serial_open(proxy->operand.parts[0], &how);
    if (proxy->serial == NULL)
        return false;
    if (proxy->reset.length == 0 || !serial_is_pty(proxy->serial))
        return true;
    message("%s: --reset has nothing to move there: a pseudo-terminal has no DTR and RTS",
            proxy->operand.parts[0]);
    return false;
}

/** Whether the link can be elsewhere: what leads to the port must not lead to the proxy later. */
static bool spares_port(const struct proxy_source *proxy)
{
    const char *link = proxy->operand.parts[1];
    struct stat named;
    struct stat port;

    if (link == NULL || stat(link, &named) != 0 ||
        fstat(serial_descriptor(proxy->serial), &port) != 0 || !S_ISCHR(named.st_mode) ||
        named.st_rdev != port.st_rdev)
        return true;
    message("%s: this leads to the port itself; name another place for the link", link);
    return false;
}

static struct source *open_proxy(const char *name, const struct source_options *options)
{
    struct proxy_source *proxy = allocate(sizeof(*proxy));

    proxy->source = (struct source){&source_proxy, name};
    proxy->settings = serial_bootloader_settings(SERIAL_DEFAULT_BAUD);
    if (parse(proxy, options) && open_port(proxy) && spares_port(proxy))
        proxy->pty = pty_open(proxy->operand.parts[1]);
    if (proxy->pty != NULL && pty_set_settings(proxy->pty, &proxy->settings))
        return &proxy->source;
    close_proxy(&proxy->source);
    return NULL;
}

static bool start(struct source *source, const struct traffic_sink *sink)
{
    struct proxy_source *proxy = self(source);
    const char *link = proxy->operand.parts[1];
    const struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .name = serial_name(proxy->serial),
        .description = "proxy between a tool and this port",
    };

    serial_lower_latency(proxy->serial);
    serial_flush_input(proxy->serial);
    receiver_start(&proxy->receiver, proxy->serial);
    proxy->sink = sink;
    proxy->interface_id = sink->interface(sink->context, &interface);
    proxy->lines = serial_lines(proxy->serial);
    record_settings(proxy);
    message("%s: give the tool the port %s%s%s%s (a pseudo-terminal drops parity: stm32flash needs "
            "-m 8n1; the port itself runs 8E1)",
            proxy->source.name, link != NULL ? link : pty_path(proxy->pty),
            link != NULL ? " (" : "", link != NULL ? pty_path(proxy->pty) : "",
            link != NULL ? ")" : "");
    return true;
}

static btap_ns next_deadline(const struct proxy_source *proxy)
{
    btap_ns deadline = receiver_deadline(&proxy->receiver);
    btap_ns other = SOURCE_NO_DEADLINE;

    if (is_moving(proxy))
        other = proxy->moving.due;
    else if (proxy->leaving || (proxy->retuning.due && proxy->retuning.before == 0))
        other = clock_monotonic() + DRAIN_CHECK;
    else if (proxy->unread && takes_from_tool(proxy))
        other = clock_monotonic();
    return other < deadline ? other : deadline;
}

static size_t poll_proxy(struct source *source, struct pollfd *fds, btap_ns *deadline)
{
    const struct proxy_source *proxy = self(source);
    const short from_port = takes_from_port(proxy) ? POLLIN : 0;
    const short to_port = sendable(proxy) > 0 ? POLLOUT : 0;
    const short from_tool = takes_from_tool(proxy) ? POLLIN : 0;
    const short to_tool = proxy->to_tool.length > 0 ? POLLOUT : 0;
    size_t length = 0;

    *deadline = next_deadline(proxy);
    fds[length++] = (struct pollfd){.fd = pty_watch_descriptor(proxy->pty), .events = POLLIN};
    /* Without events a hang-up would still be told, over and over. */
    if ((from_port | to_port) != 0)
        fds[length++] = (struct pollfd){.fd = serial_descriptor(proxy->serial),
                                        .events = (short)(from_port | to_port)};
    if (pty_is_open(proxy->pty) && (from_tool | to_tool) != 0)
        fds[length++] = (struct pollfd){.fd = pty_descriptor(proxy->pty),
                                        .events = (short)(from_tool | to_tool)};
    return length;
}

static enum source_state read_proxy(struct source *source)
{
    struct proxy_source *proxy = self(source);

    look_at_users(proxy);
    move_lines(proxy);
    retune(proxy);
    write_port(proxy);
    if (pty_is_open(proxy->pty) || proxy->unread)
        read_tool(proxy);
    read_port(proxy);
    write_tool(proxy);
    leave(proxy);
    return proxy->gone ? SOURCE_GONE : SOURCE_RUNS;
}

static void statistics(struct source *source, uint32_t interface_id,
                       struct traffic_statistics *statistics)
{
    (void)source;
    (void)interface_id;
    *statistics = (struct traffic_statistics){.known = false};
}

const struct source_kind source_proxy = {
    .names = names,
    .open = open_proxy,
    .start = start,
    .poll = poll_proxy,
    .read = read_proxy,
    .statistics = statistics,
    .close = close_proxy,
};
