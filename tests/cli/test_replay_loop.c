/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A plan driven to a simulated USART device: in order, no change to a device that is not the
 * plan's, an end where it differs, vanishes or is stopped, and what is said of the flash memory
 * then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "products.h"
#include "replay/flash_state.h"
#include "replay/identity.h"
#include "replay/replay.h"
#include "replay_serial.h"
#include "test.h"

#define MS ((btap_ns)1000000)

/** Bytes of a Write Memory here. */
#define CHUNK 256

/** What a test sets up: a plan for a F405, a device, options. */
struct bench {
    struct replay_serial *serial;
    struct plan plan;
    struct replay_options options;
    struct answer_options answer_options;
    struct answers answers;
    struct replay_result result;
};

static unsigned stop_after; /* commands; how often stopped() says no */
static unsigned asked;

static bool stopped(void)
{
    return stop_after > 0 && asked++ >= stop_after;
}

static void set_up(struct bench *bench, const char *product)
{
    *bench = (struct bench){.serial = replay_serial_new(product)};
    bench->plan.transport = BTAP_USART;
    bench->plan.device.pid_known = true;
    bench->plan.device.pid = 0x413;
    bench->plan.device.product = btap_product_by_pid(0x413);
    bench->options.permit = replay_serial_permit;
    bench->options.host.patience = 50 * MS;
    stop_after = 0;
    asked = 0;
}

static void tear_down(struct bench *bench)
{
    answers_release(&bench->answers);
    plan_release(&bench->plan);
    assert_true(bench->serial->closed);
    replay_serial_free(bench->serial);
}

static void run(struct bench *bench)
{
    struct gate *gate;

    answers_init(&bench->answers, &bench->answer_options);
    gate = gate_new(&bench->serial->wire, &bench->options.permit, &bench->plan.device,
                    &bench->serial->sink);
    replay_serial_clear(bench->serial);
    replay_run(&bench->plan, gate, &bench->options, &bench->answers, stopped, &bench->result);
    gate_free(gate);
}

/* Plans */

static void add(struct bench *bench, struct plan_command command)
{
    command.origin = PLAN_RECORDED;
    command.transaction.n = bench->plan.length + 1;
    plan_add(&bench->plan, &command);
}

static void add_own(struct bench *bench, enum btap_command command)
{
    struct plan_command one = host_own_command(BTAP_USART, command);

    if (command == BTAP_GET_ID) {
        one.transaction.has |= BTAP_HAS_PID;
        one.transaction.pid = bench->plan.device.pid_known ? bench->plan.device.pid : 0x413;
    }
    add(bench, one);
}

static struct plan_command memory(enum btap_command command, uint32_t address, uint32_t length)
{
    struct plan_command one = host_own_command(BTAP_USART, command);

    one.transaction.has |= BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    one.transaction.address = address;
    one.transaction.length = length;
    one.transaction.transferred = length;
    return one;
}

static void add_erase(struct bench *bench)
{
    struct plan_command one = host_own_command(BTAP_USART, BTAP_EXTENDED_ERASE);

    one.transaction.erase = BTAP_ERASE_PAGES;
    one.transaction.list_kind = BTAP_LIST_PAGES;
    one.transaction.list_announced = 1;
    one.transaction.list_length = 1;
    one.transaction.list[0] = 0;
    add(bench, one);
}

static const uint8_t *chunk_of(unsigned index)
{
    static uint8_t bytes[CHUNK];

    memset(bytes, (int)index + 1, sizeof(bytes));
    return bytes;
}

static void add_write(struct bench *bench, unsigned index)
{
    struct plan_command one = memory(BTAP_WRITE_MEMORY, 0x08000000 + index * CHUNK, CHUNK);

    one.payload = chunk_of(index);
    one.payload_length = CHUNK;
    add(bench, one);
}

/** Sync, Get ID, Extended Erase of the first sector (16 KiB), writes. */
static void plan_flash(struct bench *bench, unsigned writes)
{
    add_own(bench, BTAP_SYNC);
    add_own(bench, BTAP_GET_ID);
    add_erase(bench);
    for (unsigned i = 0; i < writes; i++)
        add_write(bench, i);
}

static void assert_flash(const struct bench *bench, unsigned writes)
{
    const uint8_t *flash = bench->serial->device.memory.flash;

    for (unsigned i = 0; i < writes; i++)
        assert_memory_equal(flash + (size_t)i * CHUNK, chunk_of(i), CHUNK);
    assert_int_equal(flash[(size_t)writes * CHUNK], 0xff);
}

/** How often a device was sent a command: opcode and complement in a message of their own. */
static unsigned count(const struct bench *bench, const char *pair)
{
    unsigned times = 0;

    for (const char *at = bench->serial->text; (at = strstr(at, pair)) != NULL; at++)
        times++;
    return times;
}

/* As planned */

static void a_flash_that_goes_well(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    plan_flash(&bench, 4);
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_SAME);
    assert_int_equal(bench.result.sent, 7);
    assert_int_equal(bench.result.different, 0);
    assert_string_equal(bench.result.words, "");
    assert_string_equal(bench.result.flash, "");
    assert_flash(&bench, 4);
    /* Nothing but the plan: its Get ID tells who the device is. */
    assert_int_equal(strncmp(bench.serial->text,
                             "> 7F < 79 > 02 FD < 79 01 04 13 79 > 44 BB < 79 > 00 00 00 00 00 "
                             "< 79 > 31 CE < 79 > 08 00 00 00 08 < 79 > FF 01 01",
                             strlen("> 7F < 79 > 02 FD < 79 01 04 13 79 > 44 BB < 79 > 00 00 00 "
                                    "00 00 < 79 > 31 CE < 79 > 08 00 00 00 08 < 79 > FF 01 01")),
                     0);
    tear_down(&bench);
}

/** From the middle: it synchronises and identifies by itself, the latter before the first change.
 */
static void a_plan_without_its_beginning(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    add(&bench, memory(BTAP_READ_MEMORY, 0x08000000, 1));
    add_erase(&bench);
    add_erase(&bench);
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_SAME);
    assert_int_equal(bench.result.sent, 3);
    assert_string_equal(bench.serial->text,
                        "> 7F < 79 > 11 EE < 79 > 08 00 00 00 08 < 79 > 00 FF < 79 FF "
                        "> 02 FD < 79 01 04 13 79 "
                        "> 44 BB < 79 > 00 00 00 00 00 < 79 > 44 BB < 79 > 00 00 00 00 00 < 79 ");
    tear_down(&bench);
}

static void an_empty_plan(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_SAME);
    assert_int_equal(bench.result.sent, 0);
    tear_down(&bench);
}

/** DTR and RTS before the first byte, and behind the last. */
static void lines_are_moved(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    add_own(&bench, BTAP_SYNC);
    assert_true(reset_parse("rts&-dtr&dtr:-rts&-dtr", &bench.options.reset));
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_SAME);
    assert_string_equal(bench.serial->text, "L2 L0 L1 > 7F < 79 L0 L0 ");
    tear_down(&bench);
}

static void recorded_pauses_are_kept_as_recorded(void **state)
{
    for (int as_recorded = 0; as_recorded < 2; as_recorded++) {
        struct plan_command id = host_own_command(BTAP_USART, BTAP_GET_ID);
        struct bench bench;
        btap_ns begun;

        (void)state;
        set_up(&bench, "f405");
        id.transaction.has |= BTAP_HAS_PID;
        id.transaction.pid = 0x413;
        id.pause = 300 * MS;
        add(&bench, id);
        bench.options.as_recorded = as_recorded != 0;
        begun = clock_monotonic();
        run(&bench);
        assert_int_equal(bench.result.end, REPLAY_SAME);
        assert_true((clock_monotonic() - begun >= 300 * MS) == (as_recorded != 0));
        tear_down(&bench);
    }
}

/* Another device */

static void another_product_is_not_changed(void **state)
{
    for (int own_id = 0; own_id < 2; own_id++) {
        struct bench bench;

        (void)state;
        set_up(&bench, "g474");
        bench.options.go_on = true;
        bench.options.accept_unknown = true;
        add_own(&bench, BTAP_SYNC);
        if (own_id == 0)
            add_own(&bench, BTAP_GET_ID);
        add_erase(&bench);
        run(&bench);
        assert_int_equal(bench.result.end, REPLAY_WRONG_DEVICE);
        assert_non_null(strstr(bench.result.words, "0x469"));
        assert_non_null(strstr(bench.result.words, "0x413"));
        assert_string_equal(bench.result.flash, "the flash memory is as it was");
        assert_string_equal(bench.serial->text, "> 7F < 79 > 02 FD < 79 01 04 69 79 ");
        tear_down(&bench);
    }
}

static const struct usart_product *unknown_product(void)
{
    static struct usart_product product;

    product = *usart_product_by_name("f405");
    product.pid = 0x999;
    return &product;
}

/** A product that is not in the table is asked and read; to change it needs --yes. */
static void an_unknown_product_needs_yes(void **state)
{
    struct bench bench;

    (void)state;
    for (int yes = 0; yes < 2; yes++) {
        set_up(&bench, "f405");
        bench.serial->device.config.product = unknown_product();
        bench.plan.device = (struct plan_device){.pid_known = true, .pid = 0x999};
        bench.options.accept_unknown = yes != 0;
        add_own(&bench, BTAP_GET_ID);
        add(&bench, memory(BTAP_READ_MEMORY, 0x08000000, 1));
        add_erase(&bench);
        run(&bench);
        assert_int_equal(bench.result.end, yes != 0 ? REPLAY_SAME : REPLAY_REFUSED);
        assert_int_equal(bench.result.sent, yes != 0 ? 3 : 2);
        assert_int_equal(count(&bench, "> 44 BB"), yes);
        tear_down(&bench);
    }
}

/** Who refuses Get ID is not known. */
static void a_device_that_does_not_tell(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_NACK, 0x02, USART_COMMAND);
    add_erase(&bench);
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_REFUSED);
    assert_int_equal(count(&bench, "> 44 BB"), 0);
    tear_down(&bench);
}

/* An early end */

static void no_bootloader(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, NULL);
    add_own(&bench, BTAP_GET_ID);
    bench.options.host.patience = 1 * MS;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_GONE);
    assert_non_null(strstr(bench.result.words, "no bootloader answers: Sync no-reply (sync)"));
    tear_down(&bench);
}

static void a_nack_ends_it(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_NACK, 0x31, USART_ADDRESS);
    bench.serial->device.config.faults[0].skip = 2;
    plan_flash(&bench, 4);
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_DIFFERENT);
    assert_int_equal(bench.result.sent, 6);
    assert_int_equal(bench.result.different, 1);
    assert_int_equal(bench.result.first_different, 5);
    assert_non_null(strstr(bench.result.words, "transaction 6, 'Write Memory 0x08000200"));
    assert_non_null(strstr(bench.result.words, "nack"));
    assert_string_equal(bench.result.flash,
                        "0x08000000-0x08003fff erased, written up to 0x080001ff: not a complete "
                        "firmware, 512 bytes are missing; run it again");
    assert_flash(&bench, 2);
    tear_down(&bench);
}

static void a_difference_is_passed_with_continue(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_NACK, 0x31, USART_ADDRESS);
    plan_flash(&bench, 2);
    bench.options.go_on = true;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_DIFFERENT);
    assert_int_equal(bench.result.sent, 5);
    assert_int_equal(bench.result.different, 1);
    assert_int_equal(bench.result.first_different, 3);
    assert_string_equal(bench.result.words, "1 of 5 answers are unlike the recorded ones");
    assert_string_equal(bench.result.flash, "");
    tear_down(&bench);
}

/** A recorded refusal that comes again is the same answer. */
static void the_same_nack_is_the_same_answer(void **state)
{
    struct plan_command read = memory(BTAP_READ_MEMORY, 0x60000000, 4);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    read.transaction.has &= ~(uint32_t)BTAP_HAS_LENGTH;
    read.transaction.transferred = 0;
    read.transaction.length = 0;
    read.transaction.status = BTAP_NACK;
    read.transaction.phase = BTAP_PHASE_ADDRESS;
    add(&bench, read);
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_SAME);
    assert_string_equal(bench.serial->text, "> 7F < 79 > 11 EE < 79 > 60 00 00 00 60 < 1F ");
    tear_down(&bench);
}

/** A device that takes what the recorded one refused waits for the rest, which nobody has. */
static void half_a_command_ends_it(void **state)
{
    struct plan_command write = host_own_command(BTAP_USART, BTAP_WRITE_MEMORY);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    write.transaction.has |= BTAP_HAS_ADDRESS;
    write.transaction.address = 0x08000000;
    write.transaction.status = BTAP_NACK;
    write.transaction.phase = BTAP_PHASE_ADDRESS;
    bench.options.permit = (struct gate_permit){.allowed = PLAN_WRITE};
    bench.options.go_on = true;
    add(&bench, write);
    add(&bench, host_own_command(BTAP_USART, BTAP_GET));
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_DIFFERENT);
    assert_int_equal(bench.result.sent, 1);
    assert_string_equal(bench.serial->text, "> 7F < 79 > 02 FD < 79 01 04 13 79 > 31 CE < 79 "
                                            "> 08 00 00 00 08 < 79 ");
    assert_non_null(strstr(bench.result.half, "transaction 1, 'Write Memory 0x08000000' waits "
                                              "half-sent"));
    assert_non_null(strstr(bench.result.half, "reset the device"));
    assert_string_equal(bench.result.flash, "the flash memory is as it was");
    tear_down(&bench);
}

static void the_port_vanishes(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    plan_flash(&bench, 4);
    bench.serial->gone_after = 300; /* 10 before the first write, 265 of each */
    assert_true(reset_parse("rts:-rts", &bench.options.reset));
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_GONE);
    assert_string_equal(bench.result.words,
                        "the device is gone at transaction 5, 'Write Memory 0x08000100 256 bytes'");
    assert_string_equal(bench.result.flash,
                        "0x08000000-0x08003fff erased, written up to 0x080000ff: not a complete "
                        "firmware, 768 bytes are missing; run it again; what is in "
                        "0x08000100-0x080001ff is not known");
    assert_int_equal(bench.serial->sent, 300);
    assert_null(strstr(bench.serial->text, "L0"));
    tear_down(&bench);
}

static void the_user_stops_it(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    plan_flash(&bench, 4);
    assert_true(reset_parse("rts&-rts&dtr:-dtr&rts", &bench.options.reset));
    stop_after = 3;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_STOPPED);
    assert_int_equal(bench.result.sent, 3);
    assert_string_equal(bench.result.words,
                        "stopped before transaction 4, 'Write Memory 0x08000000 256 bytes'");
    assert_string_equal(bench.result.flash,
                        "0x08000000-0x08003fff erased, nothing written: not a complete firmware, "
                        "1024 bytes are missing; run it again");
    assert_non_null(strstr(bench.serial->text, "< 79 L0 L2 "));
    tear_down(&bench);
}

/** The gate asks again, whatever was agreed to before. */
static void what_is_not_allowed_is_not_sent(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    plan_flash(&bench, 1);
    bench.options.permit.allowed = PLAN_ERASE;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_REFUSED);
    assert_int_equal(bench.result.sent, 3);
    assert_int_equal(count(&bench, "> 31 CE"), 0);
    tear_down(&bench);
}

/** A write without an answer: nothing is sent that might complete it. */
static void silence_in_a_write_ends_it(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_SILENCE, 0x31, USART_DATA);
    plan_flash(&bench, 2);
    bench.options.go_on = true;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_GONE);
    assert_int_equal(bench.result.different, 1);
    assert_int_equal(count(&bench, "> 31 CE"), 1);
    assert_int_equal(bench.serial->sent, 10 + 2 + 5 + 258);
    assert_non_null(strstr(bench.result.flash, "what is in 0x08000000-0x080001ff is not known"));
    tear_down(&bench);
}

/* --translate: the plan is made when the device is known */

static bool fill_in(void *context, const struct host_identity *identity)
{
    struct bench *bench = context;

    assert_true(identity->pid_known);
    assert_int_equal(identity->pid, 0x413);
    assert_int_equal(bench->plan.length, 0);
    add_erase(bench);
    add_write(bench, 0);
    return true;
}

static bool refuse(void *context, const struct host_identity *identity)
{
    (void)context;
    (void)identity;
    return false;
}

static void a_plan_that_is_made_for_the_device(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.plan.device = (struct plan_device){.product = btap_product_by_pid(0x413)};
    bench.options.identified = fill_in;
    bench.options.context = &bench;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_SAME);
    assert_int_equal(bench.result.sent, 2);
    assert_int_equal(count(&bench, "> 02 FD"), 1);
    assert_flash(&bench, 1);
    tear_down(&bench);

    set_up(&bench, "f405");
    bench.options.identified = refuse;
    run(&bench);
    assert_int_equal(bench.result.end, REPLAY_REFUSED);
    assert_string_equal(bench.serial->text, "> 7F < 79 > 02 FD < 79 01 04 13 79 ");
    tear_down(&bench);
}

/* Parts */

static struct btap_usb_device usb_of(const char *layout)
{
    struct btap_usb_device device = {.descriptor_known = true,
                                     .vendor = BTAP_USB_VENDOR_ST,
                                     .configuration_known = true,
                                     .interfaces_length = 2};

    device.interfaces[0] = (struct btap_usb_interface){0, 0, 0xfe, 1, 2, 4};
    device.interfaces[1] = (struct btap_usb_interface){0, 1, 0xfe, 1, 2, 5};
    device.strings[0] = (struct btap_usb_string){4, "@Internal Flash  /0x08000000/04*016Kg"};
    device.strings[1].index = 5;
    strcpy(device.strings[1].text, layout);
    device.strings[2] = (struct btap_usb_string){3, "207D36793656"};
    return device;
}

/** The layouts of what the plan uses must be the same; another serial number is told only. */
static void usb_devices_are_held_against_the_plan(void **state)
{
    static const struct wire_kind kind = {.medium = WIRE_USB};
    const struct wire wire = {.kind = &kind, .name = "usb:1.5", .usb_serial = "000000000001"};
    const struct btap_usb_device same = usb_of("@Option Bytes  /0x1FFFC000/01*016 e");
    const struct btap_usb_device other = usb_of("@Option Bytes  /0x1FFF7800/01*040 e");
    const struct btap_usb_device reworded = usb_of("@Option Bytes /0x1fffc000/1*16 e");
    const struct btap_usb_device writable = usb_of("@Option Bytes  /0x1FFFC000/01*016 g");
    struct plan plan = {.transport = BTAP_DFU};
    struct host_identity identity = {.usb = &other};
    struct btap_usb_device fewer;
    char words[256] = "";

    (void)state;
    assert_int_equal(identity_judge(&plan, 3, &identity, &wire, words, sizeof(words)),
                     IDENTITY_FITS);
    plan.device.usb_known = true;
    plan.device.usb = same;
    assert_int_equal(identity_judge(&plan, 1, &identity, &wire, words, sizeof(words)),
                     IDENTITY_FITS);
    assert_int_equal(identity_judge(&plan, 3, &identity, &wire, words, sizeof(words)),
                     IDENTITY_OTHER);
    assert_string_equal(words, "this is another device: alternate setting 1 is '@Option Bytes  "
                               "/0x1FFF7800/01*040 e', in the capture '@Option Bytes  "
                               "/0x1FFFC000/01*016 e'");
    identity.usb = &same;
    assert_int_equal(identity_judge(&plan, 3, &identity, &wire, words, sizeof(words)),
                     IDENTITY_FITS);
    /* The same with fewer digits, and with other rights */
    identity.usb = &reworded;
    assert_int_equal(identity_judge(&plan, 3, &identity, &wire, words, sizeof(words)),
                     IDENTITY_FITS);
    identity.usb = &writable;
    assert_int_equal(identity_judge(&plan, 3, &identity, &wire, words, sizeof(words)),
                     IDENTITY_OTHER);
    /* One of the alternate settings is missing: the others must not be changed before that shows.
     */
    fewer = same;
    fewer.interfaces_length = 1;
    identity.usb = &fewer;
    assert_int_equal(identity_judge(&plan, 1, &identity, &wire, words, sizeof(words)),
                     IDENTITY_FITS);
    assert_int_equal(identity_judge(&plan, 3, &identity, &wire, words, sizeof(words)),
                     IDENTITY_OTHER);
    assert_string_equal(words, "this is another device: it has no alternate setting 1, in the "
                               "capture '@Option Bytes  /0x1FFFC000/01*016 e'");
}

/** What is not flash does not count; nor what was refused at once. */
static void the_state_of_the_flash_in_words(void **state)
{
    struct flash_state flash = {.product = btap_product_by_pid(0x413)};
    struct plan_command write = memory(BTAP_WRITE_MEMORY, 0x20003000, 16);
    struct plan_command wipe = host_own_command(BTAP_USART, BTAP_READOUT_UNPROTECT);
    char words[256];

    (void)state;
    flash_state_plan(&flash, &write.transaction);
    flash_state_take(&flash, &write.transaction);
    write.transaction.address = 0x08000000;
    flash_state_plan(&flash, &write.transaction);
    write.transaction.status = BTAP_NACK;
    write.transaction.phase = BTAP_PHASE_COMMAND;
    flash_state_take(&flash, &write.transaction);
    assert_string_equal(flash_state_words(&flash, words, sizeof(words)),
                        "the flash memory is as it was");
    flash_state_take(&flash, &wipe.transaction);
    assert_string_equal(flash_state_words(&flash, words, sizeof(words)),
                        "0x08000000-0x080fffff erased, nothing written: not a complete firmware, "
                        "16 bytes are missing; run it again");
    write.transaction.status = BTAP_OK;
    flash_state_take(&flash, &write.transaction);
    assert_string_equal(flash_state_words(&flash, words, sizeof(words)),
                        "0x08000000-0x080fffff erased, written up to 0x0800000f: all that was to "
                        "be written");
    flash_state_release(&flash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flash_that_goes_well),
        cmocka_unit_test(a_plan_without_its_beginning),
        cmocka_unit_test(an_empty_plan),
        cmocka_unit_test(lines_are_moved),
        cmocka_unit_test(recorded_pauses_are_kept_as_recorded),
        cmocka_unit_test(another_product_is_not_changed),
        cmocka_unit_test(an_unknown_product_needs_yes),
        cmocka_unit_test(a_device_that_does_not_tell),
        cmocka_unit_test(no_bootloader),
        cmocka_unit_test(a_nack_ends_it),
        cmocka_unit_test(a_difference_is_passed_with_continue),
        cmocka_unit_test(the_same_nack_is_the_same_answer),
        cmocka_unit_test(half_a_command_ends_it),
        cmocka_unit_test(the_port_vanishes),
        cmocka_unit_test(the_user_stops_it),
        cmocka_unit_test(what_is_not_allowed_is_not_sent),
        cmocka_unit_test(silence_in_a_write_ends_it),
        cmocka_unit_test(a_plan_that_is_made_for_the_device),
        cmocka_unit_test(usb_devices_are_held_against_the_plan),
        cmocka_unit_test(the_state_of_the_flash_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
