/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * wire_tool TARGET STEP...: opens a wire as `boottap replay --to TARGET` does and takes steps on
 * it, one line of output each.
 *
 *     show                   what the wire tells of itself
 *     send:HEX               serial: bytes
 *     lines:LINES,MASK       serial: DTR 1, RTS 2
 *     get:COUNT              serial: so many bytes, `!` before one with a parity error, `?` framing
 *     frame:ID:HEX           CAN: an FD frame with the second bit rate
 *     answer                 CAN: the next frame
 *     in:TYPE:REQUEST:VALUE:INDEX:LENGTH, out:TYPE:REQUEST:VALUE:INDEX:HEX   USB, in hexadecimal
 *     reopen:MS              USB; `quiet` if it does not come back in time
 *     wait:MS
 *     linger                 serial, CAN: until the wire is gone
 *
 * Waits for what is received end after 20 seconds, with `quiet`. Exit status 1: the wire is gone;
 * 2: it could not be opened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "replay/target.h"

#define PATIENCE_MS 20000

static btap_ns in(btap_ns ms)
{
    return clock_monotonic() + ms * CLOCK_NS_PER_MS;
}

/** Reads a number in hexadecimal, and passes what separates it from the next. */
static unsigned int next_number(const char **text)
{
    char *end;
    const unsigned long number = strtoul(*text, &end, 16);

    *text = *end == ':' || *end == ',' ? end + 1 : end;
    return (unsigned int)number;
}

/** @return bytes */
static size_t read_hex(const char *text, uint8_t *bytes, size_t size)
{
    const size_t digits = strspn(text, "0123456789abcdefABCDEF");
    size_t length = 0;

    for (; length < size && 2 * length + 1 < digits; length++) {
        const char pair[] = {text[2 * length], text[2 * length + 1], '\0'};

        bytes[length] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return length;
}

static void print_hex(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        printf("%02x", bytes[i]);
}

static enum wire_result show(struct wire *wire, const char *operand)
{
    static const char parities[] = "?NOEMS";
    const struct btap_serial_settings *settings = &wire->settings;

    (void)operand;
    printf("%s", wire->name);
    if (wire->kind->medium == WIRE_SERIAL)
        printf(" %u %d%c%d%s", settings->baud, settings->data_bits, parities[settings->parity],
               settings->half_stop_bits / 2, wire->is_pty ? " pty" : "");
    if (wire->usb != NULL) {
        printf(" %04x:%04x serial %s interface %d", wire->usb->vendor, wire->usb->product,
               wire->usb_serial, wire->usb_interface);
        for (size_t i = 0; i < wire->usb->interfaces_length; i++) {
            const char *name =
                btap_usb_device_string(wire->usb, wire->usb->interfaces[i].string_index);

            printf("\n  %d.%d %s", wire->usb->interfaces[i].number,
                   wire->usb->interfaces[i].alternate, name != NULL ? name : "-");
        }
        printf("\n  transfer size %d, in force %d, %zu reads", wire->usb->dfu.transfer_size,
               wire->usb->selected_alternate, wire->usb_reads_length);
    }
    return WIRE_DONE;
}

static enum wire_result send_bytes(struct wire *wire, const char *hex)
{
    uint8_t bytes[1024];
    const struct wire_message message = {
        .kind = WIRE_BYTES, .bytes = bytes, .length = read_hex(hex, bytes, sizeof(bytes))};

    return wire_send(wire, &message);
}

static enum wire_result move_lines(struct wire *wire, const char *text)
{
    const uint8_t lines = (uint8_t)next_number(&text);
    const uint8_t mask = (uint8_t)next_number(&text);

    return wire_send(wire,
                     &(struct wire_message){.kind = WIRE_LINES, .lines = lines, .mask = mask});
}

static enum wire_result get(struct wire *wire, const char *text)
{
    const size_t wanted = strtoul(text, NULL, 10);
    size_t length = 0;

    while (length < wanted) {
        static struct wire_received received;
        const enum wire_result result = wire_receive(wire, &received, in(PATIENCE_MS));

        if (result != WIRE_DONE)
            return result;
        printf("%s%s", received.parity_error ? "!" : "", received.framing_error ? "?" : "");
        print_hex(received.bytes, received.length);
        length += received.length;
    }
    return WIRE_DONE;
}

static enum wire_result send_frame(struct wire *wire, const char *text)
{
    struct wire_frame frame = {.id = next_number(&text), .fd = true, .brs = true};

    frame.length = (uint8_t)read_hex(text, frame.data, sizeof(frame.data));
    return wire_send(wire, &(struct wire_message){.kind = WIRE_FRAME, .frame = &frame});
}

static enum wire_result answer(struct wire *wire, const char *operand)
{
    static struct wire_received received;
    const enum wire_result result = wire_receive(wire, &received, in(PATIENCE_MS));
    const struct wire_frame *frame = &received.frame;

    (void)operand;
    if (result != WIRE_DONE)
        return result;
    printf("%03x%s%s%s%s ", frame->id, frame->extended ? " extended" : "", frame->fd ? " fd" : "",
           frame->brs ? " brs" : "", frame->error ? " error" : "");
    print_hex(frame->data, frame->length);
    return WIRE_DONE;
}

static enum wire_result control(struct wire *wire, const char *text, bool in)
{
    static uint8_t data[4096];
    struct wire_control control = {.data = data, .timeout_ms = 5000};
    struct btap_usb_setup *setup = &control.setup;
    enum wire_result result;

    setup->request_type = (uint8_t)next_number(&text);
    setup->request = (uint8_t)next_number(&text);
    setup->value = (uint16_t)next_number(&text);
    setup->index = (uint16_t)next_number(&text);
    setup->length = (uint16_t)(in ? next_number(&text) : read_hex(text, data, sizeof(data)));
    result = wire_send(wire, &(struct wire_message){.kind = WIRE_CONTROL, .control = &control});
    if (result != WIRE_DONE)
        return result;
    printf("%d %d %u ", control.status, control.raw_status, control.transferred);
    if (in)
        print_hex(data, control.transferred);
    return WIRE_DONE;
}

static enum wire_result linger(struct wire *wire, const char *operand)
{
    static struct wire_received received;
    enum wire_result result;

    (void)operand;
    do
        result = wire_receive(wire, &received, in(PATIENCE_MS));
    while (result == WIRE_DONE);
    return result;
}

static enum wire_result reopen(struct wire *wire, const char *ms)
{
    return wire_reopen(wire, in(strtol(ms, NULL, 10)));
}

static enum wire_result wait_for(struct wire *wire, const char *ms)
{
    (void)wire;
    interrupt_await(NULL, 0, in(strtol(ms, NULL, 10)));
    return WIRE_DONE;
}

static enum wire_result control_in(struct wire *wire, const char *text)
{
    return control(wire, text, true);
}

static enum wire_result control_out(struct wire *wire, const char *text)
{
    return control(wire, text, false);
}

static enum wire_result take(struct wire *wire, const char *step)
{
    static const struct {
        const char *name;
        enum wire_result (*run)(struct wire *wire, const char *operand);
    } steps[] = {{"show", show},     {"send", send_bytes},  {"lines", move_lines},
                 {"get", get},       {"frame", send_frame}, {"answer", answer},
                 {"in", control_in}, {"out", control_out},  {"reopen", reopen},
                 {"wait", wait_for}, {"linger", linger}};
    const size_t length = strcspn(step, ":");
    const char *operand = step[length] == ':' ? step + length + 1 : "";

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (strlen(steps[i].name) == length && strncmp(step, steps[i].name, length) == 0)
            return steps[i].run(wire, operand);
    printf("no step");
    return WIRE_GONE;
}

int main(int argc, char **argv)
{
    const struct btap_serial_settings settings = {0};
    struct target target;
    struct wire *wire;
    int status = 0;

    if (argc < 2 || !target_parse(&target, argv[1]))
        return 2;
    wire = target_open(&target, target_transport(&target, BTAP_FDCAN), &settings);
    if (wire == NULL)
        return 2;
    for (int i = 2; i < argc; i++) {
        const enum wire_result result = take(wire, argv[i]);

        status = result == WIRE_GONE ? 1 : status;
        printf("%s\n", result == WIRE_DONE ? "" : result == WIRE_QUIET ? "quiet" : "gone");
        fflush(stdout);
    }
    wire_close(wire);
    return status;
}
