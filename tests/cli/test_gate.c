/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The gate: what the user did not allow does not pass, nor does a host that says one thing and
 * sends another; and what passes is recorded as live records it. Bytes by hand from AN3155 section
 * 3, AN5405 section 3, AN3156 section 5, DFU 1.1 section 3.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "boottap/record.h"
#include "replay/gate.h"
#include "replay/host.h"
#include "test.h"

#define SECOND ((btap_ns)1000000000)

/** A wire that takes everything, and what it took. */
struct fake {
    struct wire wire; /**< first */
    size_t messages;
    bool closed;
    bool gone;
    unsigned reopened;
    struct wire_received next; /**< what is received; length 0 and no frame: nothing */
    bool has_next;
};

static enum wire_result take(struct wire *wire, const struct wire_message *message)
{
    struct fake *fake = (struct fake *)wire;

    fake->messages++;
    if (message->kind == WIRE_CONTROL) {
        message->control->transferred = message->control->setup.length;
        message->control->status = BTAP_USB_OK;
        message->control->raw_status = 0;
    }
    return fake->gone ? WIRE_GONE : WIRE_DONE;
}

static enum wire_result give(struct wire *wire, struct wire_received *received, btap_ns deadline)
{
    struct fake *fake = (struct fake *)wire;

    (void)deadline;
    if (!fake->has_next)
        return WIRE_QUIET;
    fake->has_next = false;
    *received = fake->next;
    return WIRE_DONE;
}

static enum wire_result come_back(struct wire *wire, btap_ns deadline)
{
    (void)deadline;
    ((struct fake *)wire)->reopened++;
    return WIRE_DONE;
}

static void close_fake(struct wire *wire)
{
    ((struct fake *)wire)->closed = true;
}

static const struct wire_kind serial_kind = {
    .medium = WIRE_SERIAL, .send = take, .receive = give, .close = close_fake};
static const struct wire_kind can_kind = {
    .medium = WIRE_CAN, .send = take, .receive = give, .close = close_fake};
static const struct wire_kind usb_kind = {
    .medium = WIRE_USB, .send = take, .reopen = come_back, .close = close_fake};

/** What a sink got: each record's header, length and times. */
struct heard {
    struct traffic_interface interface;
    char name[32];
    size_t records;
    struct traffic_record record[16];
    uint8_t bytes[16][160];
    char comment[16][64];
};

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    struct heard *heard = context;

    heard->interface = *interface;
    assert_true(strlen(interface->name) < sizeof(heard->name));
    strcpy(heard->name, interface->name);
    return 3;
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct heard *heard = context;
    const size_t at = heard->records++;

    assert_in_range(at, 0, COUNT_OF(heard->record) - 1);
    assert_int_equal(record->interface_id, 3);
    assert_in_range(record->captured, 1, sizeof(heard->bytes[at]));
    heard->record[at] = *record;
    memcpy(heard->bytes[at], record->bytes, record->captured);
    if (record->comment != NULL) {
        assert_true(strlen(record->comment) < sizeof(heard->comment[at]));
        strcpy(heard->comment[at], record->comment);
    }
    if (at > 0)
        assert_true(record->time >= heard->record[at - 1].time);
}

/** A gate before a fake wire. */
struct setting {
    struct fake fake;
    struct heard heard;
    struct traffic_sink sink;
    struct plan_device device;
    struct btap_usb_device usb;
    struct gate *gate;
};

static struct setting *set_up(const struct wire_kind *kind, const struct gate_permit *permit)
{
    struct setting *setting = allocate(sizeof(*setting));

    setting->sink = (struct traffic_sink){&setting->heard, on_interface, on_record};
    setting->device.product = btap_product_by_pid(0x413);
    setting->fake.wire = (struct wire){.kind = kind,
                                       .name = "wire0",
                                       .settings = {115200, 8, BTAP_PARITY_EVEN, 2},
                                       .is_pty = true};
    if (kind->medium == WIRE_USB) {
        setting->usb.dfu = (struct btap_dfu_functional){
            .known = true, .transfer_size = 2048, .bcd_dfu = BTAP_BCD_DFUSE};
        setting->fake.wire.usb = &setting->usb;
        setting->fake.wire.usb_bus = 4;
        setting->fake.wire.usb_address = 9;
    }
    setting->gate = gate_new(&setting->fake.wire, permit, &setting->device, &setting->sink);
    return setting;
}

static void tear_down(struct setting *setting)
{
    gate_free(setting->gate);
    assert_true(setting->fake.closed);
    free(setting);
}

static const struct gate_permit everything = {
    .allowed = (1u << PLAN_PERMISSIONS) - 1, .confirmed = true, .irreversible = true};
static const struct gate_permit nothing = {.allowed = 0};

/** A command on flash memory, with what the gate looks at. */
static struct plan_command command_of(enum btap_transport transport, enum btap_command command)
{
    struct plan_command one = host_own_command(transport, command);

    one.transaction.has |= BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    one.transaction.address = 0x08000400;
    one.transaction.length = 4;
    one.transaction.erase = BTAP_ERASE_ADDRESS;
    return one;
}

static enum wire_result send_bytes(struct setting *setting, const void *bytes, size_t length)
{
    return gate_send(setting->gate,
                     &(struct wire_message){.kind = WIRE_BYTES, .bytes = bytes, .length = length});
}

static enum wire_result send_pair(struct setting *setting, uint8_t opcode)
{
    const uint8_t pair[] = {opcode, opcode ^ 0xff};

    return send_bytes(setting, pair, sizeof(pair));
}

static enum wire_result send_frame(struct setting *setting, uint32_t id, const void *data,
                                   uint8_t length)
{
    struct wire_frame frame = {.id = id, .fd = true, .brs = true, .length = length};

    if (length > 0)
        memcpy(frame.data, data, length);
    return gate_send(setting->gate, &(struct wire_message){.kind = WIRE_FRAME, .frame = &frame});
}

static enum wire_result control(struct setting *setting, uint8_t type, uint8_t request,
                                uint16_t value, const void *data, uint16_t length)
{
    uint8_t bytes[64] = {0};
    struct wire_control one = {
        .setup = {type, request, value, 0, length}, .data = bytes, .timeout_ms = 1};

    if (data != NULL)
        memcpy(bytes, data, length);
    return gate_send(setting->gate, &(struct wire_message){.kind = WIRE_CONTROL, .control = &one});
}

static enum wire_result download(struct setting *setting, uint16_t value, const void *data,
                                 uint16_t length)
{
    return control(setting, 0x21, 1, value, data, length);
}

/* Permissions */

static void a_permit_covers_what_it_names(void **state)
{
    const struct gate_permit write = {.allowed = PLAN_WRITE};
    const struct gate_permit confirmed = {.allowed = PLAN_PROTECT, .confirmed = true};
    const struct gate_permit unconfirmed = {.allowed = PLAN_PROTECT, .irreversible = true};

    (void)state;
    assert_true(gate_covers(&nothing, 0, PLAN_ASKS));
    assert_false(gate_covers(&nothing, PLAN_WRITE, PLAN_CHANGES));
    assert_true(gate_covers(&write, PLAN_WRITE, PLAN_CHANGES));
    assert_false(gate_covers(&write, PLAN_WRITE | PLAN_ERASE, PLAN_CHANGES));
    assert_false(gate_covers(&write, PLAN_WRITE, PLAN_CONFIRM));
    assert_true(gate_covers(&confirmed, PLAN_PROTECT, PLAN_CONFIRM));
    assert_false(gate_covers(&confirmed, PLAN_PROTECT, PLAN_IRREVERSIBLE));
    assert_false(gate_covers(&unconfirmed, PLAN_PROTECT, PLAN_IRREVERSIBLE));
    assert_true(gate_covers(&everything, PLAN_SPECIAL, PLAN_IRREVERSIBLE));
}

/** Each command with the one permission that lets it pass. */
static void every_permission_is_needed(void **state)
{
    static const struct {
        enum btap_command command;
        uint32_t needs;
    } rows[] = {
        {BTAP_WRITE_MEMORY, PLAN_WRITE},        {BTAP_ERASE, PLAN_ERASE},
        {BTAP_EXTENDED_ERASE, PLAN_ERASE},      {BTAP_GO, PLAN_GO},
        {BTAP_READOUT_PROTECT, PLAN_PROTECT},   {BTAP_WRITE_PROTECT, PLAN_PROTECT},
        {BTAP_WRITE_UNPROTECT, PLAN_UNPROTECT}, {BTAP_SPECIAL, PLAN_SPECIAL},
        {BTAP_EXTENDED_SPECIAL, PLAN_SPECIAL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_command command = command_of(BTAP_USART, rows[i].command);
        struct gate_permit permit = everything;
        struct setting *setting;

        permit.allowed = ~rows[i].needs;
        setting = set_up(&serial_kind, &permit);
        assert_false(gate_begin(setting->gate, &command));
        assert_int_equal(send_pair(setting, command.transaction.opcode), WIRE_GONE);
        assert_int_equal(setting->fake.messages, 0);
        tear_down(setting);

        permit.allowed = rows[i].needs;
        setting = set_up(&serial_kind, &permit);
        assert_true(gate_begin(setting->gate, &command));
        assert_int_equal(send_pair(setting, command.transaction.opcode), WIRE_DONE);
        assert_int_equal(setting->fake.messages, 1);
        tear_down(setting);
    }
}

/** What asks needs none; what the plan says of a command is not believed. */
static void what_asks_passes_and_a_plan_is_not_believed(void **state)
{
    static const enum btap_command asking[] = {BTAP_SYNC,   BTAP_GET,         BTAP_GET_VERSION,
                                               BTAP_GET_ID, BTAP_READ_MEMORY, BTAP_GET_CHECKSUM};
    struct setting *setting = set_up(&serial_kind, &nothing);
    struct plan_command write = command_of(BTAP_USART, BTAP_WRITE_MEMORY);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        const struct plan_command command = command_of(BTAP_USART, asking[i]);

        assert_true(gate_begin(setting->gate, &command));
        gate_end(setting->gate);
    }
    write.needs = 0;
    write.risk = PLAN_ASKS;
    assert_false(gate_begin(setting->gate, &write));
    assert_int_equal(setting->fake.messages, 0);
    tear_down(setting);
}

/** AN3155 section 3.6: option bytes can be written by Write Memory. F405: at 0x1fffc000. */
static void option_bytes_need_more_than_write(void **state)
{
    const struct gate_permit write = {.allowed = PLAN_WRITE, .confirmed = true};
    struct plan_command command = command_of(BTAP_USART, BTAP_WRITE_MEMORY);
    struct setting *setting = set_up(&serial_kind, &write);

    (void)state;
    assert_true(gate_begin(setting->gate, &command));
    command.transaction.address = 0x1fffc000;
    assert_false(gate_begin(setting->gate, &command));
    tear_down(setting);
}

/* A host that lies */

/** Sends what may pass, then one message that may not; then nothing passes any more. */
static void assert_shut(struct setting *setting, enum wire_result result, size_t passed)
{
    const struct plan_command get = host_own_command(BTAP_USART, BTAP_GET);

    assert_int_equal(result, WIRE_GONE);
    assert_int_equal(setting->fake.messages, passed);
    gate_begin(setting->gate, &get);
    assert_int_equal(send_pair(setting, 0x00), WIRE_GONE);
    assert_int_equal(setting->fake.messages, passed);
    tear_down(setting);
}

static struct setting *begin_serial(const struct plan_command *command)
{
    struct setting *setting = set_up(&serial_kind, &everything);

    assert_true(gate_begin(setting->gate, command));
    return setting;
}

static void a_serial_host_sends_what_it_began(void **state)
{
    static const uint8_t not_a_pair[] = {0x02, 0xfc};
    static const uint8_t sync_twice[] = {0x7f, 0x7f};
    static const uint8_t other_address[] = {0x08, 0x00, 0x08, 0x00, 0x00};
    static const uint8_t address[] = {0x08, 0x00, 0x04, 0x00, 0x0c};
    static const uint8_t length[] = {0x03, 0xfc};
    const struct plan_command get = host_own_command(BTAP_USART, BTAP_GET);
    const struct plan_command sync = host_own_command(BTAP_USART, BTAP_SYNC);
    const struct plan_command read = command_of(BTAP_USART, BTAP_READ_MEMORY);
    struct setting *setting;

    (void)state;
    setting = begin_serial(&get);
    assert_shut(setting, send_pair(setting, 0x31), 0);
    setting = begin_serial(&get);
    assert_shut(setting, send_bytes(setting, not_a_pair, 2), 0);
    setting = begin_serial(&sync);
    assert_shut(setting, send_bytes(setting, sync_twice, 2), 0);
    setting = begin_serial(&sync);
    assert_shut(setting, send_pair(setting, 0x00), 0);

    setting = begin_serial(&read);
    assert_int_equal(send_pair(setting, 0x11), WIRE_DONE);
    assert_shut(setting, send_bytes(setting, other_address, 5), 1);
    setting = begin_serial(&read);
    assert_int_equal(send_pair(setting, 0x11), WIRE_DONE);
    assert_int_equal(send_bytes(setting, address, 5), WIRE_DONE);
    assert_int_equal(send_bytes(setting, length, 2), WIRE_DONE);
    assert_shut(setting, send_pair(setting, 0x31), 3);
    /* It has no messages behind its opcode. */
    setting = begin_serial(&get);
    assert_int_equal(send_pair(setting, 0x00), WIRE_DONE);
    assert_shut(setting, send_bytes(setting, address, 5), 1);
    /* For none */
    setting = begin_serial(&get);
    gate_end(setting->gate);
    assert_shut(setting, send_pair(setting, 0x00), 0);
    /* In the middle of a command */
    setting = begin_serial(&get);
    assert_shut(setting, gate_send(setting->gate, &(struct wire_message){.kind = WIRE_LINES}), 0);
    /* Of another wire */
    setting = begin_serial(&get);
    assert_shut(setting, control(setting, 0x21, 1, 2, NULL, 4), 0);
}

static struct setting *begin_can(const struct plan_command *command)
{
    struct setting *setting = set_up(&can_kind, &everything);

    assert_true(gate_begin(setting->gate, command));
    return setting;
}

static enum wire_result send_classic(struct setting *setting, uint32_t id, const void *data,
                                     uint8_t length)
{
    struct wire_frame frame = {.id = id, .length = length};

    if (length > 0)
        memcpy(frame.data, data, length);
    return gate_send(setting->gate, &(struct wire_message){.kind = WIRE_FRAME, .frame = &frame});
}

/* AN3154: identifier 0x79 without data; data frames on any identifier, of Write, Erase and Write
 * Protect alone; no FD frame. */
static void a_classic_can_host_sends_what_it_began(void **state)
{
    static const uint8_t there[] = {0x08, 0x00, 0x04, 0x00, 0x03};
    static const uint8_t rate[] = {0x02};
    const struct plan_command sync = host_own_command(BTAP_CAN, BTAP_SYNC);
    const struct plan_command speed = host_own_command(BTAP_CAN, BTAP_SPEED);
    const struct plan_command write = command_of(BTAP_CAN, BTAP_WRITE_MEMORY);
    struct setting *setting;

    (void)state;
    setting = begin_can(&sync);
    assert_int_equal(send_classic(setting, 0x79, NULL, 0), WIRE_DONE);
    assert_shut(setting, send_classic(setting, 0x79, there, 1), 1);
    setting = begin_can(&sync);
    assert_shut(setting, send_classic(setting, 0x111, "\x5a", 1), 0);
    setting = begin_can(&speed);
    assert_int_equal(send_classic(setting, 0x03, rate, 1), WIRE_DONE);
    assert_shut(setting, send_classic(setting, 0x04, rate, 1), 1);
    setting = begin_can(&write);
    assert_int_equal(send_classic(setting, 0x31, there, 5), WIRE_DONE);
    assert_int_equal(send_classic(setting, 0x04, there, 4), WIRE_DONE);
    assert_shut(setting, send_frame(setting, 0x04, there, 4), 2);
    setting = begin_can(&write);
    assert_shut(setting, send_frame(setting, 0x31, there, 5), 0);
}

static void a_can_host_sends_what_it_began(void **state)
{
    static const uint8_t detection[] = {0x5a};
    static const uint8_t there[] = {0x08, 0x00, 0x04, 0x00, 0x03};
    static const uint8_t elsewhere[] = {0x08, 0x00, 0x04, 0x04, 0x03};
    const struct plan_command sync = host_own_command(BTAP_FDCAN, BTAP_SYNC);
    const struct plan_command get = host_own_command(BTAP_FDCAN, BTAP_GET);
    const struct plan_command write = command_of(BTAP_FDCAN, BTAP_WRITE_MEMORY);
    struct setting *setting;

    (void)state;
    setting = begin_can(&sync);
    assert_int_equal(send_frame(setting, 0x111, detection, 1), WIRE_DONE);
    assert_shut(setting, send_frame(setting, 0x31, detection, 1), 1);
    /* Only the low 8 bits count; it may be repeated. */
    setting = begin_can(&get);
    assert_int_equal(send_frame(setting, 0x500, NULL, 0), WIRE_DONE);
    assert_int_equal(send_frame(setting, 0x000, NULL, 0), WIRE_DONE);
    assert_shut(setting, send_frame(setting, 0x031, there, 5), 2);
    setting = begin_can(&write);
    assert_int_equal(send_frame(setting, 0x031, there, 5), WIRE_DONE);
    assert_int_equal(send_frame(setting, 0x031, elsewhere, 4), WIRE_DONE);
    assert_int_equal(setting->fake.messages, 2);
    tear_down(setting);
    setting = begin_can(&write);
    assert_shut(setting, send_frame(setting, 0x031, elsewhere, 5), 0);
    setting = begin_can(&write);
    assert_shut(setting, send_frame(setting, 0x031, there, 3), 0);
}

static struct setting *begin_usb(const struct plan_command *command)
{
    struct setting *setting = set_up(&usb_kind, &everything);

    assert_true(gate_begin(setting->gate, command));
    return setting;
}

static void a_dfu_host_sends_what_it_began(void **state)
{
    static const uint8_t pointer[] = {0x21, 0x00, 0x04, 0x00, 0x08};
    static const uint8_t erase[] = {0x41, 0x00, 0x04, 0x00, 0x08};
    static const uint8_t erase_all[] = {0x41};
    static const uint8_t unprotect[] = {0x92};
    static const uint8_t data[] = {1, 2, 3, 4};
    const struct plan_command set_address = command_of(BTAP_DFU, BTAP_SET_ADDRESS);
    const struct plan_command page = command_of(BTAP_DFU, BTAP_ERASE);
    const struct plan_command write = command_of(BTAP_DFU, BTAP_WRITE_MEMORY);
    struct plan_command write_at_0 = write;
    const struct plan_command read = command_of(BTAP_DFU, BTAP_READ_MEMORY);
    const struct plan_command leave = command_of(BTAP_DFU, BTAP_LEAVE);
    const struct plan_command status = host_own_command(BTAP_DFU, BTAP_GET_STATUS);
    struct setting *setting;

    (void)state;
    write_at_0.transaction.address = 0;
    setting = begin_usb(&status);
    assert_int_equal(control(setting, 0xa1, 3, 0, NULL, 6), WIRE_DONE);
    assert_int_equal(control(setting, 0x21, 4, 0, NULL, 0), WIRE_DONE);
    assert_int_equal(control(setting, 0xa1, 5, 0, NULL, 1), WIRE_DONE);
    assert_int_equal(control(setting, 0x21, 6, 0, NULL, 0), WIRE_DONE);
    assert_shut(setting, download(setting, 0, erase_all, 1), 4);
    setting = begin_usb(&status);
    assert_shut(setting, download(setting, 0, NULL, 0), 0);
    setting = begin_usb(&status);
    assert_shut(setting, control(setting, 0xa1, 2, 2, NULL, 4), 0);
    setting = begin_usb(&status);
    assert_shut(setting, control(setting, 0x21, 0, 0, NULL, 0), 0);
    setting = begin_usb(&status);
    assert_shut(setting, control(setting, 0x40, 1, 0, NULL, 0), 0);

    /* An erase of one page is not one of all, nor of another page. */
    setting = begin_usb(&page);
    assert_shut(setting, download(setting, 0, erase_all, 1), 0);
    setting = begin_usb(&page);
    assert_shut(setting, download(setting, 0, unprotect, 1), 0);
    setting = begin_usb(&page);
    assert_int_equal(download(setting, 0, erase, 5), WIRE_DONE);
    assert_shut(setting, download(setting, 0, pointer, 5), 1);

    setting = begin_usb(&page);
    assert_shut(setting, download(setting, 0, erase, 4), 0);

    /* A block goes where the address pointer and its number say (AN3156 section 5.1). */
    setting = begin_usb(&write);
    assert_shut(setting, download(setting, 2, data, 4), 0);
    setting = begin_usb(&write_at_0);
    assert_shut(setting, download(setting, 2, data, 4), 0);
    setting = begin_usb(&set_address);
    assert_int_equal(download(setting, 0, pointer, 5), WIRE_DONE);
    assert_true(gate_begin(setting->gate, &write));
    assert_int_equal(download(setting, 2, data, 4), WIRE_DONE);
    assert_shut(setting, download(setting, 3, data, 4), 2);
    setting = begin_usb(&set_address);
    assert_int_equal(download(setting, 0, pointer, 5), WIRE_DONE);
    assert_true(gate_begin(setting->gate, &write));
    assert_shut(setting, download(setting, 1, data, 4), 1);
    setting = begin_usb(&set_address);
    assert_int_equal(download(setting, 0, pointer, 5), WIRE_DONE);
    assert_int_equal(gate_reopen(setting->gate, 0), WIRE_DONE);
    assert_true(gate_begin(setting->gate, &write));
    assert_shut(setting, download(setting, 2, data, 4), 1);

    setting = begin_usb(&read);
    assert_int_equal(control(setting, 0xa1, 2, 2, NULL, 4), WIRE_DONE);
    assert_shut(setting, download(setting, 2, data, 4), 1);
    setting = begin_usb(&leave);
    assert_int_equal(download(setting, 0, NULL, 0), WIRE_DONE);
    assert_shut(setting, download(setting, 2, data, 4), 1);
}

/* What is not sent to its end */

/** A command on option bytes of an F405, refused at a phase. */
static struct plan_command refused(enum btap_transport transport, enum btap_command command,
                                   enum btap_phase phase)
{
    struct plan_command one = command_of(transport, command);

    one.origin = PLAN_RECORDED;
    one.transaction.address = 0x1fffc000;
    one.transaction.erase = BTAP_ERASE_PAGES;
    one.transaction.status = BTAP_NACK;
    one.transaction.phase = phase;
    return one;
}

/** Whether a permit without confirmation and --allow-irreversible lets a command begin. */
static bool may_begin(const struct wire_kind *kind, uint32_t allowed,
                      const struct plan_command *command)
{
    struct setting *setting = set_up(kind, &(struct gate_permit){.allowed = allowed});
    const bool may = gate_begin(setting->gate, command);

    tear_down(setting);
    return may;
}

/** It is judged by what goes out: neither opcode nor address writes, starts or protects. */
static void a_part_is_judged_by_itself(void **state)
{
    static const struct {
        const struct wire_kind *kind;
        enum btap_transport transport;
        enum btap_command command;
        enum btap_phase phase;
        enum btap_status status;
        uint32_t needs;
        bool harmless;
    } rows[] = {
        {&serial_kind, BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, BTAP_NACK, PLAN_WRITE,
         true},
        {&serial_kind, BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, BTAP_NO_REPLY, PLAN_WRITE,
         true},
        {&serial_kind, BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_DATA, BTAP_NACK, PLAN_WRITE,
         false},
        {&serial_kind, BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, BTAP_DISCONNECTED,
         PLAN_WRITE, false},
        {&serial_kind, BTAP_USART, BTAP_WRITE_PROTECT, BTAP_PHASE_COMMAND, BTAP_BAD_REPLY,
         PLAN_PROTECT, true},
        /* AN3155 sections 3.10 to 3.12: their opcode does it. */
        {&serial_kind, BTAP_USART, BTAP_WRITE_UNPROTECT, BTAP_PHASE_COMMAND, BTAP_NACK,
         PLAN_UNPROTECT, false},
        {&serial_kind, BTAP_USART, BTAP_READOUT_PROTECT, BTAP_PHASE_COMMAND, BTAP_NACK,
         PLAN_PROTECT, false},
        {&serial_kind, BTAP_USART, BTAP_READOUT_UNPROTECT, BTAP_PHASE_COMMAND, BTAP_NACK,
         PLAN_UNPROTECT, false},
        {&serial_kind, BTAP_USART, BTAP_SPECIAL, BTAP_PHASE_COMMAND, BTAP_NACK, PLAN_SPECIAL, true},
        {&serial_kind, BTAP_USART, BTAP_SPECIAL, BTAP_PHASE_SUBCOMMAND, BTAP_NACK, PLAN_SPECIAL,
         false},
        {&can_kind, BTAP_FDCAN, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, BTAP_NACK, PLAN_WRITE, true},
        /* Where both say nothing the next frame is sent: it may be taken for the data. */
        {&can_kind, BTAP_FDCAN, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, BTAP_NO_REPLY, PLAN_WRITE,
         false},
        /* AN5405 sections 3.8 and 3.12: sectors and sub-command are in the command's frame. */
        {&can_kind, BTAP_FDCAN, BTAP_WRITE_PROTECT, BTAP_PHASE_COMMAND, BTAP_NACK, PLAN_PROTECT,
         false},
        {&can_kind, BTAP_FDCAN, BTAP_SPECIAL, BTAP_PHASE_COMMAND, BTAP_NACK, PLAN_SPECIAL, false},
        /* AN3154 section 3.10: they follow. */
        {&can_kind, BTAP_CAN, BTAP_WRITE_PROTECT, BTAP_PHASE_COMMAND, BTAP_NACK, PLAN_PROTECT,
         true},
        {&can_kind, BTAP_CAN, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, BTAP_NO_REPLY, PLAN_WRITE,
         false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_command command = refused(rows[i].transport, rows[i].command, rows[i].phase);

        command.transaction.status = rows[i].status;
        if (may_begin(rows[i].kind, rows[i].needs, &command) != rows[i].harmless)
            fail_msg("row %zu", i);
        assert_false(may_begin(rows[i].kind, ~rows[i].needs, &command));
    }
}

/** AN3155 section 3: what goes out is counted, and is what was allowed. */
static void no_more_than_the_part_passes(void **state)
{
    static const uint8_t address[] = {0x1f, 0xff, 0xc0, 0x00, 0x20};
    static const uint8_t data[] = {0x00, 0xaa, 0xaa};
    static const uint8_t all[] = {0xff, 0x00};
    static const uint8_t frame[] = {0x1f, 0xff, 0xc0, 0x00, 0x03};
    static const uint8_t list[] = {0x00, 0x00};
    struct plan_command command = refused(BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND);
    struct setting *setting;

    (void)state;
    setting = begin_serial(&command);
    assert_int_equal(send_pair(setting, 0x31), WIRE_DONE);
    assert_shut(setting, send_bytes(setting, address, 5), 1);
    command = refused(BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS);
    setting = begin_serial(&command);
    assert_int_equal(send_pair(setting, 0x31), WIRE_DONE);
    assert_int_equal(send_bytes(setting, address, 5), WIRE_DONE);
    assert_shut(setting, send_bytes(setting, data, 3), 2);
    command = refused(BTAP_USART, BTAP_ERASE, BTAP_PHASE_COMMAND);
    command.transaction.has = BTAP_HAS_OPCODE;
    setting = begin_serial(&command);
    assert_int_equal(send_pair(setting, 0x43), WIRE_DONE);
    assert_shut(setting, send_bytes(setting, all, 2), 1);
    /* AN5405 sections 3.6 and 3.7: nor is the frame sent again, which would be data. */
    command = refused(BTAP_FDCAN, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND);
    setting = begin_can(&command);
    assert_int_equal(send_frame(setting, 0x31, frame, 5), WIRE_DONE);
    assert_shut(setting, send_frame(setting, 0x31, frame, 5), 1);
    command = refused(BTAP_FDCAN, BTAP_ERASE, BTAP_PHASE_LENGTH);
    command.transaction.has = BTAP_HAS_OPCODE;
    setting = begin_can(&command);
    assert_int_equal(send_frame(setting, 0x44, list, 2), WIRE_DONE);
    assert_shut(setting, send_frame(setting, 0x44, list, 2), 1);
}

/** Requests that are no command's; a plain DFU device takes blocks from 0 on. */
static void what_is_no_command_passes(void **state)
{
    static const uint8_t data[] = {0x41, 2, 3, 4};
    struct plan_command block = host_own_command(BTAP_DFU, BTAP_DOWNLOAD);
    struct setting *setting = set_up(&usb_kind, &everything);

    (void)state;
    assert_int_equal(control(setting, 0x80, 6, 0x0100, NULL, 18), WIRE_DONE);
    assert_int_equal(control(setting, 0x01, 11, 1, NULL, 0), WIRE_DONE);
    setting->usb.dfu.bcd_dfu = 0x0110;
    assert_true(gate_begin(setting->gate, &block));
    assert_int_equal(download(setting, 0, data, 4), WIRE_DONE);
    assert_int_equal(download(setting, 1, data, 4), WIRE_DONE);
    gate_end(setting->gate);
    assert_shut(setting, control(setting, 0x00, 9, 1, NULL, 0), 4);
}

/* The recording */

/* www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html: seconds, microseconds, event, lines, 0 0. */
static void a_serial_line_is_recorded(void **state)
{
    const struct plan_command get = host_own_command(BTAP_USART, BTAP_GET);
    const struct wire_message lines = {
        .kind = WIRE_LINES, .lines = BTAP_LINE_RTS, .mask = BTAP_LINE_RTS | BTAP_LINE_DTR};
    struct setting *setting = set_up(&serial_kind, &nothing);
    struct heard *heard = &setting->heard;
    struct wire_received received;

    (void)state;
    assert_int_equal(heard->interface.linktype, BTAP_LINKTYPE_RTAC_SERIAL);
    assert_string_equal(heard->name, "wire0");
    assert_int_equal(heard->records, 0);
    assert_int_equal(gate_send(setting->gate, &lines), WIRE_DONE);
    assert_true(gate_begin(setting->gate, &get));
    assert_int_equal(send_pair(setting, 0x00), WIRE_DONE);
    setting->fake.next = (struct wire_received){
        .time = heard->record[1].time + 5, .bytes = {0x79}, .length = 1, .parity_error = true};
    setting->fake.has_next = true;
    assert_int_equal(gate_receive(setting->gate, &received, 0), WIRE_DONE);
    assert_int_equal(received.bytes[0], 0x79);
    assert_int_equal(gate_receive(setting->gate, &received, 0), WIRE_QUIET);
    assert_int_equal(gate_packets(setting->gate), 4);
    assert_int_equal(heard->records, 4);
    /* STATUS with RTS; DATA_TX_START; PARITY_ERROR; DATA_RX_START */
    assert_memory_equal(heard->bytes[0] + 8, ((uint8_t[]){0x00, 0x08, 0, 0}), 4);
    assert_int_equal(heard->record[0].captured, 12);
    assert_memory_equal(heard->bytes[1] + 8, ((uint8_t[]){0x01, 0x08, 0, 0, 0x00, 0xff}), 6);
    assert_int_equal(heard->record[1].captured, 14);
    assert_memory_equal(heard->bytes[2] + 8, ((uint8_t[]){0x08, 0x08, 0, 0}), 4);
    assert_int_equal(heard->record[2].captured, 12);
    assert_memory_equal(heard->bytes[3] + 8, ((uint8_t[]){0x02, 0x08, 0, 0, 0x79}), 5);
    assert_int_equal(heard->record[3].captured, 13);
    tear_down(setting);
}

/** What a real port is set to is known; what was there before the last record keeps the order. */
static void a_real_port_tells_its_settings(void **state)
{
    struct heard heard = {.records = 0};
    const struct traffic_sink sink = {&heard, on_interface, on_record};
    const struct plan_device device = {.pid_known = false};
    struct fake fake = {.wire = {.kind = &serial_kind,
                                 .name = "ttyUSB0",
                                 .settings = {57600, 8, BTAP_PARITY_EVEN, 2}}};
    struct gate *gate = gate_new(&fake.wire, &nothing, &device, &sink);
    struct wire_received received;

    (void)state;
    assert_int_equal(heard.records, 1);
    assert_string_equal(heard.comment[0], "boottap serial: 57600 8E1");
    assert_int_equal(heard.interface.speed, 57600);
    fake.next =
        (struct wire_received){.time = heard.record[0].time - 1000, .bytes = {0x79}, .length = 1};
    fake.has_next = true;
    assert_int_equal(gate_receive(gate, &received, 0), WIRE_DONE);
    assert_int_equal(heard.records, 2);
    gate_free(gate);
    assert_true(fake.closed);
    gate_free(NULL);
}

/* www.tcpdump.org/linktypes/LINKTYPE_CAN_SOCKETCAN.html: identifier, length, flags (FD 4, BRS 1).
 */
static void can_frames_are_recorded(void **state)
{
    static const uint8_t sent[] = {0, 0, 0, 0x02, 0, 5, 0, 0};
    static const uint8_t answered[] = {0, 0, 0, 0x02, 1, 5, 0, 0, 0x79};
    const struct plan_command get_id = host_own_command(BTAP_FDCAN, BTAP_GET_ID);
    struct setting *setting = set_up(&can_kind, &nothing);
    struct heard *heard = &setting->heard;
    struct wire_received received;

    (void)state;
    assert_int_equal(heard->interface.linktype, BTAP_LINKTYPE_CAN_SOCKETCAN);
    assert_true(gate_begin(setting->gate, &get_id));
    assert_int_equal(send_frame(setting, 0x02, NULL, 0), WIRE_DONE);
    setting->fake.next = (struct wire_received){
        .time = heard->record[0].time + SECOND,
        .frame = {.id = 0x02, .fd = true, .brs = true, .length = 1, .data = {0x79}}};
    setting->fake.has_next = true;
    assert_int_equal(gate_receive(setting->gate, &received, 0), WIRE_DONE);
    assert_int_equal(heard->records, 2);
    assert_int_equal(heard->record[0].captured, 72);
    assert_int_equal(heard->record[0].direction, BTAP_HOST_TO_DEVICE);
    assert_memory_equal(heard->bytes[0], sent, sizeof(sent));
    assert_int_equal(heard->record[1].direction, BTAP_DEVICE_TO_HOST);
    assert_memory_equal(heard->bytes[1], answered, sizeof(answered));
    tear_down(setting);
}

/* The kernel's Documentation/usb/usbmon.rst: submission and completion have the same id. */
static void usb_transfers_are_recorded(void **state)
{
    static uint8_t descriptor[] = {18, 1};
    static const struct wire_control reads[] = {
        {.setup = {0x80, 6, 0x0100, 0, 18}, .data = descriptor, .transferred = 2}};
    static const uint8_t setup[] = {0x21, 0x01, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00};
    static const uint8_t pointer[] = {0x21, 0x00, 0x04, 0x00, 0x08};
    const struct plan_command set_address = command_of(BTAP_DFU, BTAP_SET_ADDRESS);
    struct setting *setting = set_up(&usb_kind, &nothing);
    struct heard *heard = &setting->heard;

    (void)state;
    assert_int_equal(heard->interface.linktype, BTAP_LINKTYPE_USB_LINUX_MMAPPED);
    assert_string_equal(heard->name, "usbmon4");
    assert_true(gate_begin(setting->gate, &set_address));
    assert_int_equal(download(setting, 0, pointer, 5), WIRE_DONE);
    assert_int_equal(heard->records, 2);
    assert_int_equal(heard->record[0].captured, 64 + 5);
    assert_int_equal(heard->bytes[0][8], 'S');
    assert_memory_equal(heard->bytes[0] + 10, ((uint8_t[]){0x00, 9, 4, 0}), 4);
    assert_memory_equal(heard->bytes[0] + 28, ((uint8_t[]){0x8d, 0xff, 0xff, 0xff}), 4);
    assert_memory_equal(heard->bytes[0] + 40, setup, sizeof(setup));
    assert_memory_equal(heard->bytes[0] + 64, pointer, sizeof(pointer));
    assert_int_equal(heard->record[1].captured, 64);
    assert_int_equal(heard->bytes[1][8], 'C');
    assert_memory_equal(heard->bytes[1], heard->bytes[0], 8);
    assert_memory_equal(heard->bytes[1] + 28, ((uint8_t[]){0, 0, 0, 0, 5, 0, 0, 0}), 8);
    /* What was read of a device that came back */
    setting->fake.wire.usb_reads = reads;
    setting->fake.wire.usb_reads_length = 1;
    setting->fake.wire.usb_address = 10;
    assert_int_equal(gate_reopen(setting->gate, 0), WIRE_DONE);
    assert_int_equal(setting->fake.reopened, 1);
    assert_int_equal(heard->records, 4);
    assert_memory_equal(heard->bytes[2] + 10, ((uint8_t[]){0x80, 10, 4, 0}), 4);
    assert_memory_not_equal(heard->bytes[2], heard->bytes[0], 8);
    assert_int_equal(heard->record[3].captured, 64 + 2);
    assert_memory_equal(heard->bytes[3] + 64, descriptor, 2);
    tear_down(setting);
}

/** What could not be sent is in no recording. */
static void a_wire_that_is_gone_is_not_recorded(void **state)
{
    const struct plan_command get = host_own_command(BTAP_USART, BTAP_GET);
    struct setting *setting = set_up(&serial_kind, &nothing);

    (void)state;
    setting->fake.gone = true;
    assert_true(gate_begin(setting->gate, &get));
    assert_int_equal(send_pair(setting, 0x00), WIRE_GONE);
    assert_int_equal(setting->heard.records, 0);
    assert_ptr_equal(gate_wire(setting->gate), &setting->fake.wire);
    tear_down(setting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_permit_covers_what_it_names),
        cmocka_unit_test(every_permission_is_needed),
        cmocka_unit_test(what_asks_passes_and_a_plan_is_not_believed),
        cmocka_unit_test(option_bytes_need_more_than_write),
        cmocka_unit_test(a_part_is_judged_by_itself),
        cmocka_unit_test(no_more_than_the_part_passes),
        cmocka_unit_test(a_serial_host_sends_what_it_began),
        cmocka_unit_test(a_can_host_sends_what_it_began),
        cmocka_unit_test(a_classic_can_host_sends_what_it_began),
        cmocka_unit_test(a_dfu_host_sends_what_it_began),
        cmocka_unit_test(what_is_no_command_passes),
        cmocka_unit_test(a_serial_line_is_recorded),
        cmocka_unit_test(a_real_port_tells_its_settings),
        cmocka_unit_test(can_frames_are_recorded),
        cmocka_unit_test(usb_transfers_are_recorded),
        cmocka_unit_test(a_wire_that_is_gone_is_not_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
