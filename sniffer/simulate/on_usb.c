/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A DFU bootloader on the software USB bus of Linux.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "simulate/stage.h"
#include "simulate/usbip.h"

struct on_usb {
    struct stage *stage;
    bool was_ready; /**< and said so */
    struct dfu_device device;
};

static const char *outcome_name(const struct dfu_answer *answer)
{
    switch (answer->outcome) {
    case DFU_DONE:
        return "ok";
    case DFU_STALLED:
        return "stall";
    case DFU_LEFT_BUS:
        return "gone";
    case DFU_BUS_ERROR:
    case DFU_BABBLED:
    case DFU_CUT_SHORT:
        return "bus-error";
    case DFU_NO_ANSWER:
    case DFU_TIMED_OUT:
        break;
    }
    return "no-answer";
}

/** The setup packet's bytes, then the data of an OUT transfer. */
static void log_request(struct on_usb *on, const struct usb_setup *setup, const uint8_t *data)
{
    char words[32];

    snprintf(words, sizeof(words), "%02x %02x %04x %04x %04x", setup->request_type, setup->request,
             setup->value, setup->index, setup->length);
    log_bytes(&on->stage->log, "host", words, data, data != NULL ? setup->length : 0);
}

static void on_control(void *context, sim_ns now, const struct usb_setup *setup,
                       const uint8_t *data, struct dfu_answer *answer)
{
    struct on_usb *on = context;

    log_request(on, setup, data);
    dfu_device_request(&on->device, now, setup, data, answer);
    log_bytes(&on->stage->log, "device", outcome_name(answer), answer->data, answer->length);
}

static void on_attached(void *context)
{
    struct on_usb *on = context;

    if (!on->was_ready)
        stage_ready(on->stage, "usb:0483:df11");
    else
        log_event(&on->stage->log, "plugged-in");
    on->was_ready = true;
}

static sim_ns leaves(void *context)
{
    const struct on_usb *on = context;

    return dfu_device_leaves(&on->device);
}

/** Says why the kernel does not take the device. */
static void explain(int cause)
{
    if (access(USBIP_ATTACH, F_OK) != 0)
        message(
            "vhci: this kernel has no software USB bus: modprobe vhci-hcd, as root (in Debian's "
            "kernels it is in linux-image-amd64); a virtual machine can have one");
    else if (cause == EACCES || cause == EPERM)
        message("vhci: only root may plug in a device; try sudo");
    else
        message("vhci: the kernel does not take the device: %s", strerror(cause));
}

/** While the application runs, that has no USB. @return whether the bootloader comes back */
static bool await_reset(struct on_usb *on)
{
    log_event(&on->stage->log, "application-started");
    if (on->stage->wanted->restart) {
        stage_pause(STAGE_RESTART);
        return !stage_is_over();
    }
    while (!stage_is_over() && !stage_is_reset())
        interrupt_poll(NULL, 0, 1000);
    return !stage_is_over();
}

/** What follows when the device has left the bus. @return whether it is plugged in again */
static bool comes_back(struct on_usb *on)
{
    struct dfu_device *device = &on->device;

    if (dfu_device_leaves(device) != 0)
        dfu_device_leave(device);
    log_event(&on->stage->log, "left-the-bus");
    if (!stage_keep(on->stage))
        return false;
    if (device->unplugged) {
        message("vhci: unplugged, as a fault asked for");
        return false;
    }
    if (device->resets)
        stage_pause(STAGE_RESTART);
    else if (device->gone && !await_reset(on))
        return false;
    dfu_device_reset(device);
    return !stage_is_over();
}

static void configure(struct on_usb *on)
{
    struct stage *stage = on->stage;
    const struct simulation *wanted = stage->wanted;
    struct dfu_product *product = &stage->part.dfu;
    struct dfu_device_config config = {
        .product = product,
        .memory = &stage->part.memory,
        .firmware_corrupt = stage->faults.corrupt,
        .read_protected = wanted->read_protected,
        .faults_length = stage->faults.dfu_length,
    };

    memcpy(config.faults, stage->faults.dfu, sizeof(config.faults));
    product->erase_poll_ms *= wanted->slow;
    product->write_poll_ms *= wanted->slow;
    product->mass_erase_poll_ms *= wanted->slow;
    product->mass_erase_ms *= wanted->slow;
    if (wanted->polls) {
        product->erase_poll_ms = (uint32_t)wanted->poll_ms;
        product->write_poll_ms = (uint32_t)wanted->poll_ms;
        product->mass_erase_poll_ms = (uint32_t)wanted->poll_ms;
    }
    dfu_device_init(&on->device, &config);
    on->stage->memory = &on->device.memory;
}

int stage_dfu(struct stage *stage)
{
    static struct on_usb on;
    const struct usb_function function = {
        .context = &on,
        .control = on_control,
        .attached = on_attached,
        .leaves = leaves,
    };

    on = (struct on_usb){.stage = stage};
    configure(&on);
    do {
        if (usbip_serve(&function) == USBIP_REFUSED) {
            explain(errno);
            return EXIT_TROUBLE;
        }
    } while (!stage_is_over() && comes_back(&on));
    return EXIT_DONE;
}
