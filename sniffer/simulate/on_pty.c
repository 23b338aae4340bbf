/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USART bootloader behind a pseudo-terminal.
 */
#include <string.h>

#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "port/pty.h"
#include "simulate/stage.h"

/* A start bit, eight of data, parity, a stop bit (AN3155 section 1). */
#define BITS_PER_BYTE 11

struct on_pty {
    struct stage *stage;
    struct pty *pty;
    bool ran; /**< the application was seen to run */
    struct usart_device device;
};

/** Lets the time pass that bytes take on the line. */
static void pass_line(const struct on_pty *on, size_t length)
{
    const uint64_t baud = on->stage->wanted->baud;

    if (baud > 0)
        stage_pause((sim_ns)((uint64_t)length * BITS_PER_BYTE * (uint64_t)SIM_S / baud));
}

static void on_emit(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    struct on_pty *on = context;

    stage_work(on->stage, delay_us);
    if (length == 0 || stage_is_over())
        return;
    pass_line(on, length);
    log_bytes(&on->stage->log, "device", "", bytes, length);
    /* What a host does not take is lost, as on a line. */
    pty_write(on->pty, bytes, length);
}

static void reset(struct on_pty *on)
{
    log_event(&on->stage->log, "reset");
    usart_device_reset(&on->device);
    on->device.config.application = false;
    on->ran = false;
}

/** Takes what the host wrote. */
static void take(struct on_pty *on)
{
    uint8_t bytes[PTY_READ_MAX + 1];
    struct pty_news news;

    while (!stage_is_over() && !on->device.unplugged) {
        const size_t length = pty_read(on->pty, bytes, sizeof(bytes), &news);

        if (length == 0 && !news.told)
            break;
        if (length == 0)
            continue;
        pass_line(on, length);
        log_bytes(&on->stage->log, "host", "", bytes, length);
        for (size_t i = 0; i < length && !on->device.unplugged; i++)
            usart_device_receive(&on->device, bytes[i]);
    }
    if (on->device.gone && !on->ran && !on->device.unplugged)
        log_event(&on->stage->log, "application-started");
    on->ran = on->device.gone;
}

/** The last host has closed the port. @return false: the flash could not be kept */
static bool leave(struct on_pty *on)
{
    take(on);
    log_event(&on->stage->log, "closed");
    pty_renew(on->pty);
    if (on->stage->wanted->restart)
        reset(on);
    return stage_keep(on->stage);
}

/** What programs did with the port. @return false: the flash could not be kept */
static bool follow_users(struct on_pty *on)
{
    switch (pty_users(on->pty)) {
    case PTY_CAME:
        log_event(&on->stage->log, "opened");
        return true;
    case PTY_LEFT:
        return leave(on);
    case PTY_CHANGED:
        if (!leave(on))
            return false;
        log_event(&on->stage->log, "opened");
        return true;
    case PTY_SAME:
        break;
    }
    return true;
}

/** @return an exit status */
static int serve(struct on_pty *on)
{
    while (!stage_is_over()) {
        struct pollfd fds[2] = {
            {.fd = pty_watch_descriptor(on->pty), .events = POLLIN},
            {.fd = pty_is_open(on->pty) ? pty_descriptor(on->pty) : -1, .events = POLLIN},
        };

        interrupt_poll(fds, 2, -1);
        if (stage_is_reset())
            reset(on);
        if (!follow_users(on))
            return EXIT_TROUBLE;
        if (pty_is_open(on->pty))
            take(on);
        if (on->device.unplugged) {
            log_event(&on->stage->log, "unplugged");
            message("%s: unplugged, as a fault asked for", pty_path(on->pty));
            return EXIT_DONE;
        }
    }
    return EXIT_DONE;
}

static void configure(struct on_pty *on)
{
    const struct stage *stage = on->stage;
    const struct sim_faults *faults = &stage->faults;
    struct usart_device_config config = {
        .product = &stage->part.usart,
        .memory = &stage->part.memory,
        .read_protected = stage->wanted->read_protected,
        .application = stage->wanted->application,
        .text = stage->wanted->text,
        .wrong_parity = faults->no_parity,
        .lose_at = faults->lose_at,
        .lose_count = faults->lose_count,
        .flip_at = faults->flip_at,
        .flip_mask = faults->flip_mask,
        .faults_length = faults->usart_length,
        .emit = on_emit,
        .context = on,
    };

    memcpy(config.faults, faults->usart, sizeof(config.faults));
    usart_device_init(&on->device, &config);
    on->stage->memory = &on->device.memory;
}

int stage_usart(struct stage *stage)
{
    static struct on_pty on;
    int status;

    on = (struct on_pty){.stage = stage, .pty = pty_open(stage->wanted->on)};
    if (on.pty == NULL)
        return EXIT_TROUBLE;
    configure(&on);
    stage_ready(stage, pty_path(on.pty));
    status = serve(&on);
    pty_close(on.pty);
    return status;
}
