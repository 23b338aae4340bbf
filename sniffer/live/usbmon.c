/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usbmonN: a USB bus as the kernel's usbmon shows it, by its own binary interface
 * (Documentation/usb/usbmon.rst). libpcap would ask every device on the bus for its descriptors
 * when it opens the same, perhaps in the middle of an erase; here nothing is ever asked.
 *
 * Events are fetched one at a time (MON_IOCX_GETX): the ring then needs no room for what would wrap
 * in a mapping of it, and every record is written by a system call of its own anyway.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/message.h"
#include "live/source.h"
#include "live/usb_describe.h"
#include "live/usb_gate.h"
#include "port/usb_monitor.h"
#include "traffic/usb_record.h"

/** Largest ring that the kernel gives. */
#define RING_SIZE (1200 * 1024)

/** Data of one event: the kernel keeps a fifth of its ring, and up to 128 isochronous descriptors.
 */
#define DATA_SIZE (RING_SIZE / 5 + 128 * 16)

/** Events that one read() fetches: as many as the ring holds, so that other sources get their turn.
 */
#define EVENTS_AT_ONCE (RING_SIZE / USB_RECORD_HEADER_SIZE)

/** How often it is looked whether the bus is still there: usbmon does not tell. */
#define LOOK_INTERVAL ((btap_ns)CLOCK_NS_PER_SECOND)

#define ISO_DESCRIPTOR_SIZE 16

/** The header of an event; the record begins with it as it is. */
struct event {
    uint64_t id;
    uint8_t type;
    uint8_t transfer;
    uint8_t endpoint;
    uint8_t device;
    uint16_t bus;
    char setup_flag;
    char data_flag; /**< 0: data follow */
    int64_t seconds;
    int32_t microseconds;
    int32_t status;
    uint32_t length; /**< of the URB */
    uint32_t captured;
    uint8_t setup[8];
    int32_t interval;
    int32_t start_frame;
    uint32_t flags;
    uint32_t iso_descriptors;
};

_Static_assert(sizeof(struct event) == USB_RECORD_HEADER_SIZE, "usbmon's header");

struct monitor_statistics {
    uint32_t queued;
    uint32_t dropped; /**< since it was asked last */
};

struct monitor_get {
    struct event *event;
    uint8_t *data;
    size_t room;
};

#define MONITOR_STATISTICS _IOR(0x92, 3, struct monitor_statistics)
#define MONITOR_RING_SIZE  _IO(0x92, 4)
#define MONITOR_FLUSH      _IO(0x92, 8)
#define MONITOR_GET        _IOW(0x92, 10, struct monitor_get)

struct usbmon {
    struct source source;
    int fd;
    unsigned bus; /**< 0: all */
    ino_t inode;  /**< of the bus in sysfs: another one is another bus */
    struct usb_filter filter;
    struct usb_gate *gate;
    const struct traffic_sink *sink;
    uint32_t interface_id;
    size_t present; /**< devices that are kept, at the start */
    btap_ns last;   /**< time of the record before */
    btap_ns look_due;
    btap_ns gate_due;
    uint64_t received;
    uint64_t dropped;
    struct event event; /**< with the data behind it */
    uint8_t data[DATA_SIZE];
};

_Static_assert(offsetof(struct usbmon, data) ==
                   offsetof(struct usbmon, event) + USB_RECORD_HEADER_SIZE,
               "header and data are one record");

/** The bus's number. */
static bool bus_of(const char *operand, unsigned *bus)
{
    static const char prefix[] = "usbmon";
    const char *digits = operand + sizeof(prefix) - 1;
    size_t length;

    if (strncmp(operand, prefix, sizeof(prefix) - 1) != 0)
        return false;
    length = strspn(digits, "0123456789");
    if (length == 0 || length > 3 || digits[length] != '\0')
        return false;
    *bus = (unsigned)strtoul(digits, NULL, 10);
    return true;
}

static bool usbmon_names(const char *operand)
{
    unsigned bus;

    return bus_of(operand, &bus);
}

/** The bus's number in sysfs' file system; 0: it is not there. */
static ino_t inode_of(unsigned bus)
{
    char path[MACHINE_PATH_SIZE];
    struct stat status;

    snprintf(path, sizeof(path), "%s/bus/usb/devices/usb%u", machine_here.sys, bus);
    return stat(path, &status) == 0 ? status.st_ino : 0;
}

static bool open_monitor(struct usbmon *usbmon)
{
    char words[USB_MONITOR_MISSING_SIZE];
    char path[MACHINE_PATH_SIZE];

    snprintf(path, sizeof(path), "%s/usbmon%u", machine_here.dev, usbmon->bus);
    usbmon->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (usbmon->fd >= 0)
        return true;
    if (!usb_monitor_missing(&machine_here, usbmon->bus, words))
        snprintf(words, sizeof(words), "%s: %s", path, strerror(errno));
    message("%s: %s", usbmon->source.name, words);
    return false;
}

static struct source *usbmon_open(const char *operand, const struct source_options *options)
{
    struct usbmon *usbmon = allocate(sizeof(*usbmon));

    usbmon->source = (struct source){&source_usbmon, operand};
    if (!bus_of(operand, &usbmon->bus) || !usb_filter_parse(options->device, &usbmon->filter) ||
        !open_monitor(usbmon)) {
        free(usbmon);
        return NULL;
    }
    /* An old kernel may give less: it keeps the ring that it had. */
    for (long size = RING_SIZE; size > 300 * 1024; size /= 2)
        if (ioctl(usbmon->fd, MONITOR_RING_SIZE, size) == 0)
            break;
    usbmon->inode = inode_of(usbmon->bus);
    usbmon->gate = usb_gate_open(&machine_here, &usbmon->filter);
    return &usbmon->source;
}

/** Adds what is known of a device that is there. */
static void describe(void *context, const struct usb_device *device)
{
    struct usbmon *usbmon = context;

    if ((usbmon->bus != 0 && device->bus != usbmon->bus) || device->hub ||
        !usb_filter_takes(&usbmon->filter, device))
        return;
    usbmon->present++;
    usb_describe(usbmon->sink, usbmon->interface_id, device->bus, device->number, usbmon->last);
}

static bool usbmon_start(struct source *source, const struct traffic_sink *sink)
{
    struct usbmon *usbmon = (struct usbmon *)source;
    char filter[USB_FILTER_WORDS_SIZE];
    char description[32] = "all USB buses";
    struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_USB_LINUX_MMAPPED,
        .name = source->name,
        .description = description,
        .filter = usb_filter_words(&usbmon->filter, filter),
    };

    if (usbmon->bus != 0)
        snprintf(description, sizeof(description), "USB bus %u", usbmon->bus);
    usbmon->sink = sink;
    usb_gate_connect(usbmon->gate, sink);
    usbmon->interface_id = sink->interface(sink->context, &interface);
    /* What came since it was opened is older than what is added now. */
    usbmon->last = clock_now();
    ioctl(usbmon->fd, MONITOR_FLUSH, INT_MAX);
    usb_device_each(&machine_here, describe, usbmon);
    if (interface.filter != NULL && usbmon->present == 0)
        message("%s: waiting for %s", source->name, interface.filter);
    usbmon->look_due = clock_monotonic() + LOOK_INTERVAL;
    usbmon->gate_due = SOURCE_NO_DEADLINE;
    return true;
}

static size_t usbmon_poll(struct source *source, struct pollfd *fds, btap_ns *deadline)
{
    const struct usbmon *usbmon = (const struct usbmon *)source;

    fds[0] = (struct pollfd){.fd = usbmon->fd, .events = POLLIN};
    *deadline = usbmon->look_due < usbmon->gate_due ? usbmon->look_due : usbmon->gate_due;
    return 1;
}

/** Bytes of the record that were on the wire: the kernel cuts what is too long for its ring. */
static uint32_t whole_length(const struct event *event)
{
    const uint32_t iso = event->iso_descriptors * ISO_DESCRIPTOR_SIZE;
    const bool cut = event->data_flag == 0 && iso == 0 && event->length > event->captured;

    return USB_RECORD_HEADER_SIZE + (cut ? event->length : event->captured);
}

/** Events of two processors may come out of order by microseconds, records do not. */
static btap_ns time_of(struct usbmon *usbmon)
{
    const btap_ns most = 10 * CLOCK_NS_PER_MS;
    btap_ns time = (btap_ns)usbmon->event.seconds * CLOCK_NS_PER_SECOND +
                   (btap_ns)usbmon->event.microseconds * 1000;

    if (time < usbmon->last && usbmon->last - time < most)
        time = usbmon->last;
    usbmon->last = time;
    return time;
}

static void hand_over(struct usbmon *usbmon, btap_ns now)
{
    const struct event *event = &usbmon->event;
    struct traffic_record record = {
        .interface_id = usbmon->interface_id,
        .time = time_of(usbmon),
        .direction = BTAP_DIRECTION_UNKNOWN,
        .bytes = (const uint8_t *)event,
        .captured = USB_RECORD_HEADER_SIZE + event->captured,
        .length = whole_length(event),
    };

    usbmon->received++;
    usb_gate_record(usbmon->gate, &record, now);
}

/** @return false: fetching failed */
static bool fetch(struct usbmon *usbmon, btap_ns now)
{
    const struct monitor_get get = {&usbmon->event, usbmon->data, DATA_SIZE};

    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        if (ioctl(usbmon->fd, MONITOR_GET, &get) != 0)
            return errno == EAGAIN || errno == EINTR;
        if (usbmon->event.captured > DATA_SIZE)
            usbmon->event.captured = DATA_SIZE;
        hand_over(usbmon, now);
    }
    return true;
}

static enum source_state usbmon_read(struct source *source)
{
    struct usbmon *usbmon = (struct usbmon *)source;
    const btap_ns now = clock_monotonic();
    const bool good = fetch(usbmon, now);

    if (!good)
        message("%s: reading failed: %s", source->name, strerror(errno));
    usbmon->gate_due = usb_gate_tick(usbmon->gate, now);
    if (!good)
        return SOURCE_GONE;
    if (now < usbmon->look_due)
        return SOURCE_RUNS;
    usbmon->look_due = now + LOOK_INTERVAL;
    if (usbmon->bus == 0 || inode_of(usbmon->bus) == usbmon->inode)
        return SOURCE_RUNS;
    message("%s: the bus is gone", source->name);
    return SOURCE_GONE;
}

static void usbmon_statistics(struct source *source, uint32_t interface_id,
                              struct traffic_statistics *statistics)
{
    struct usbmon *usbmon = (struct usbmon *)source;
    struct monitor_statistics now;

    (void)interface_id;
    statistics->known = ioctl(usbmon->fd, MONITOR_STATISTICS, &now) == 0;
    if (!statistics->known)
        return;
    usbmon->dropped += now.dropped;
    statistics->dropped = usbmon->dropped;
    statistics->received = usbmon->received + usbmon->dropped;
}

static btap_ns usbmon_held(struct source *source)
{
    return usb_gate_held(((const struct usbmon *)source)->gate);
}

static void usbmon_close(struct source *source)
{
    struct usbmon *usbmon = (struct usbmon *)source;

    usb_gate_close(usbmon->gate);
    close(usbmon->fd);
    free(usbmon);
}

const struct source_kind source_usbmon = {
    .names = usbmon_names,
    .open = usbmon_open,
    .start = usbmon_start,
    .poll = usbmon_poll,
    .read = usbmon_read,
    .held = usbmon_held,
    .statistics = usbmon_statistics,
    .close = usbmon_close,
};
