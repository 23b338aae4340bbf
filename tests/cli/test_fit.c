/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands fitted to an image: page numbers by the rows of the product table, chunks by AN3155
 * section 3.6 (256 bytes at most, a multiple of 4) and the programming units, erases by sections
 * 3.7 and 3.8, AN5405's by one frame; DFU by layout strings (UM0424 section 4.3.2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "replay/fit.h"
#include "replay/risk.h"
#include "test.h"

#define FLASH 0x08000000u

/* Rows of the product table. F103: 128 pages of 1K, 0x43, units of 2; F103 high density: 256 of 2K;
 * F405: 4*16K, 1*64K, 7*128K; H743: 128K, units of 32; L1: pages of 256, which become 0x00, and no
 * mass erase; G4: 2K, units of 8. */
#define F103      0x410
#define F103_HIGH 0x414
#define F405      0x413
#define H743      0x450
#define L1        0x427
#define G4        0x469

struct test {
    struct plan plan;
    struct image image;
    struct fit_wish wish;
    char text[8192];
};

static struct test *start(enum btap_transport transport, uint32_t pid)
{
    struct test *test = calloc(1, sizeof(*test));

    test->plan.name = "test";
    test->plan.transport = transport;
    test->plan.device.pid_known = pid != 0;
    test->plan.device.pid = pid;
    test->plan.device.product = btap_product_by_pid(pid);
    test->wish.image = &test->image;
    return test;
}

static void finish(struct test *test)
{
    plan_release(&test->plan);
    image_release(&test->image);
    free(test);
}

/** Writes bytes 1, 2, ... 250, 1, ... */
static void fill(struct test *test, uint32_t address, uint32_t length)
{
    uint8_t *bytes = malloc(length);

    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(1 + i % 250);
    image_write(&test->image, address, bytes, length);
    free(bytes);
}

/** `[0-2 5]` */
static void append_list(char *text, const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < transaction->list_length; i++) {
        const uint32_t first = i;

        while (i + 1 < transaction->list_length &&
               transaction->list[i + 1] == transaction->list[i] + 1)
            i++;
        text += sprintf(text, "%s%u", first == 0 ? " [" : " ", transaction->list[first]);
        if (i > first)
            text += sprintf(text, "-%u", transaction->list[i]);
    }
    strcpy(text, "]");
}

static void append_command(char *text, const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;

    if (transaction->has & BTAP_HAS_OPCODE)
        text += sprintf(text, "%02x", transaction->opcode);
    else
        text += sprintf(text, "%s", btap_command_name(transaction->command));
    if (transaction->alternate > 0)
        text += sprintf(text, " alt%u", transaction->alternate);
    if (transaction->erase == BTAP_ERASE_MASS)
        text += sprintf(text, " mass");
    if (transaction->has & BTAP_HAS_ADDRESS)
        text += sprintf(text, " %08x", (unsigned)transaction->address);
    if (transaction->has & BTAP_HAS_LENGTH)
        text += sprintf(text, " +%u", (unsigned)transaction->length);
    if (transaction->has & BTAP_HAS_BLOCK)
        text += sprintf(text, " b%u", transaction->block);
    if (transaction->list_length > 0) {
        assert_int_equal(transaction->list_kind, BTAP_LIST_PAGES);
        assert_int_equal(transaction->list_announced, transaction->list_length);
        append_list(text, transaction);
    }
}

/** The commands of a plan from one on: `44 [0]; 31 08000000 +256; ...` */
static const char *commands(struct test *test, size_t from)
{
    test->text[0] = '\0';
    for (size_t i = from; i < test->plan.length; i++) {
        struct plan_command command;

        plan_get(&test->plan, i, &command);
        assert_true(strlen(test->text) + 128 < sizeof(test->text));
        if (i > from)
            strcat(test->text, "; ");
        append_command(test->text + strlen(test->text), &command);
    }
    return test->text;
}

static const char *fitted(struct test *test)
{
    fit_commands(&test->plan, &test->plan.device, &test->wish);
    return commands(test, 0);
}

/** The bytes of a write, from one of them on. */
static void assert_bytes(struct test *test, size_t index, uint32_t from, const char *bytes,
                         uint32_t length)
{
    struct plan_command command;

    plan_get(&test->plan, index, &command);
    assert_int_equal(command.payload_length, command.transaction.length);
    assert_true(from + length <= command.payload_length);
    assert_memory_equal(command.payload + from, bytes, length);
}

static void assert_refused(struct test *test, const char *words)
{
    fitted(test);
    assert_int_equal(test->plan.problems_length, 1);
    if (strstr(test->plan.problems[0].words, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, test->plan.problems[0].words);
}

/* USART */

static void an_image_of_less_than_a_page(void **state)
{
    struct test *test = start(BTAP_USART, F103);
    struct plan_command command;

    (void)state;
    fill(test, FLASH, 1000);
    test->wish.verify = true;
    test->wish.start = true;
    test->wish.start_address = FLASH;
    assert_string_equal(fitted(test),
                        "43 [0]; "
                        "31 08000000 +256; 31 08000100 +256; 31 08000200 +256; 31 08000300 +232; "
                        "11 08000000 +256; 11 08000100 +256; 11 08000200 +256; 11 08000300 +232; "
                        "21 08000000");
    assert_int_equal(test->plan.problems_length, 0);
    assert_int_equal(test->plan.needs, PLAN_ERASE | PLAN_WRITE | PLAN_GO);
    /* Byte 256 is number 256 % 250 of the row that begins with 1. */
    assert_bytes(test, 2, 0, "\x07\x08", 2);
    plan_get(&test->plan, 5, &command);
    assert_int_equal(command.origin, PLAN_FITTED);
    assert_int_equal(command.transaction.command, BTAP_READ_MEMORY);
    assert_true(command.has_crc32);
    assert_null(command.payload);
    finish(test);
}

/** 1001 bytes: the last write has 233 and takes 236. */
static void a_length_is_filled_up(void **state)
{
    struct test *test = start(BTAP_USART, F103);

    (void)state;
    fill(test, FLASH, 1001);
    test->wish.write_size = 0;
    assert_string_equal(fitted(test), "43 [0]; 31 08000000 +256; 31 08000100 +256; "
                                      "31 08000200 +256; 31 08000300 +236");
    /* Byte 1000 is 1 + 1000 % 250 */
    assert_bytes(test, 4, 232, "\x01\xff\xff\xff", 4);
    finish(test);
}

/** Units of 32 bytes: what begins or ends inside one takes all of it. */
static void units_are_written_whole(void **state)
{
    struct test *test = start(BTAP_USART, H743);

    (void)state;
    fill(test, 0x08020004, 40);
    fill(test, 0x08020030, 2);
    assert_string_equal(fitted(test), "44 [1]; 31 08020000 +64");
    assert_bytes(test, 1, 0, "\xff\xff\xff\xff\x01", 5);
    assert_bytes(test, 1, 43, "\x28\xff\xff\xff\xff\x01\x02\xff", 8);
    finish(test);
}

static void sectors_of_unequal_size(void **state)
{
    struct test *test = start(BTAP_USART, F405);

    (void)state;
    /* Sector 3 ends at 0x0800ffff, sector 4 is the one of 64K. */
    fill(test, 0x0800fff0, 100);
    assert_string_equal(fitted(test), "44 [3-4]; 31 0800fff0 +16; 31 08010000 +84");
    finish(test);
}

/** AN3155 section 3.7: a count of 255 means all, so that 256 pages take two commands. */
static void erases_of_many_pages(void **state)
{
    struct test *test = start(BTAP_USART, F103_HIGH);
    const char *text;

    (void)state;
    fill(test, FLASH, 512 * 1024);
    fit_commands(&test->plan, &test->plan.device, &test->wish);
    assert_int_equal(test->plan.length, 2 + 2048);
    plan_cut(&test->plan, 2);
    text = commands(test, 0);
    assert_string_equal(text, "43 [0-254]; 43 [255]");
    finish(test);
    /* STM32L1 take 512 pages in a command. */
    test = start(BTAP_USART, L1);
    fill(test, FLASH, 200 * 1024);
    fit_commands(&test->plan, &test->plan.device, &test->wish);
    plan_cut(&test->plan, 3);
    text = commands(test, 0);
    assert_string_equal(text, "44 [0-511]; 44 [512-799]; 31 08000000 +256");
    finish(test);
}

static void mass_erase_where_the_product_has_it(void **state)
{
    struct test *test = start(BTAP_USART, F405);

    (void)state;
    fill(test, FLASH, 4);
    test->wish.mass_erase = true;
    assert_string_equal(fitted(test), "44 mass; 31 08000000 +4");
    finish(test);
    test = start(BTAP_USART, L1);
    fill(test, 0x08000100, 301);
    test->wish.mass_erase = true;
    assert_string_equal(fitted(test), "44 [1-2]; 31 08000100 +256; 31 08000200 +48");
    /* An erased byte of these is 0. */
    assert_bytes(test, 2, 44, "\x33\0\0\0", 4);
    finish(test);
    /* No pages stand for it where nothing is written. */
    test = start(BTAP_USART, L1);
    test->wish.mass_erase = true;
    assert_string_equal(fitted(test), "");
    assert_int_equal(test->plan.problems_length, 1);
    assert_non_null(strstr(test->plan.problems[0].words, "has no command for that"));
    finish(test);
}

static void the_opcode_that_the_device_lists_wins(void **state)
{
    struct test *test = start(BTAP_USART, F103);

    (void)state;
    fill(test, FLASH, 4);
    test->wish.erase_opcode = 0x44;
    assert_string_equal(fitted(test), "44 [0]; 31 08000000 +4");
    finish(test);
}

static void shorter_writes(void **state)
{
    struct test *test = start(BTAP_USART, F103);

    (void)state;
    fill(test, 0x08000040, 200);
    test->wish.write_size = 130;
    /* Whole units, and up to multiples of 128 */
    assert_string_equal(fitted(test), "43 [0]; 31 08000040 +64; 31 08000080 +128; 31 08000100 +8");
    finish(test);
}

static void what_does_not_fit_is_refused(void **state)
{
    struct test *test = start(BTAP_USART, F103);

    (void)state;
    fill(test, 0x0801fff8, 16);
    assert_refused(test, "0x08020000-0x08020007 of the image do not fit STM32F10x medium density: "
                         "its flash memory is 0x08000000-0x0801ffff");
    assert_int_equal(test->plan.length, 0);
    finish(test);
    test = start(BTAP_USART, F103);
    fill(test, FLASH, 16);
    fill(test, 0x1ffff800, 16);
    assert_refused(test, "0x1ffff800-0x1ffff80f");
    assert_int_equal(test->plan.length, 0);
    finish(test);
}

/** RAM is not erased; the first 0x200 bytes are the bootloader's. */
static void ram(void **state)
{
    struct test *test = start(BTAP_USART, F103);

    (void)state;
    fill(test, 0x20000200, 6);
    assert_string_equal(fitted(test), "31 20000200 +8");
    finish(test);
    test = start(BTAP_USART, F103);
    fill(test, 0x200001fc, 8);
    assert_refused(test, "0x200001fc-0x20000203");
    finish(test);
}

static void a_product_that_is_not_known(void **state)
{
    struct test *test = start(BTAP_USART, 0);

    (void)state;
    fill(test, 0x08000010, 4);
    assert_refused(test, "can only be erased as a whole");
    finish(test);
    test = start(BTAP_USART, 0);
    fill(test, 0x08000010, 4);
    test->wish.mass_erase = true;
    assert_string_equal(fitted(test), "44 mass; 31 08000000 +32");
    finish(test);
}

/* FDCAN */

/** One frame lists 32 pages; lengths are sums of what frames have. */
static void fdcan(void **state)
{
    struct test *test = start(BTAP_FDCAN, G4);
    struct plan_command command;

    (void)state;
    fill(test, FLASH, 32 * 2048 + 100);
    test->wish.can_base = 0x500;
    fit_commands(&test->plan, &test->plan.device, &test->wish);
    assert_int_equal(test->plan.length, 2 + 256 + 1);
    assert_string_equal(commands(test, 257), "31 0800ff00 +256; 31 08010000 +112");
    plan_get(&test->plan, 0, &command);
    assert_int_equal(command.transaction.command, BTAP_ERASE);
    assert_int_equal(command.transaction.request_id, 0x544);
    plan_cut(&test->plan, 2);
    assert_string_equal(commands(test, 0), "44 [0-31]; 44 [32]");
    finish(test);
}

/** Classic CAN: 0x43, fewer pages than fill a frame; whole units, of 8 bytes on a G4. */
static void classic_can(void **state)
{
    struct test *test = start(BTAP_CAN, G4);

    (void)state;
    fill(test, FLASH + 4, 8 * 2048 + 1);
    fit_commands(&test->plan, &test->plan.device, &test->wish);
    assert_string_equal(commands(test, 2 + 64), "31 08004000 +8");
    plan_cut(&test->plan, 3);
    assert_string_equal(commands(test, 0), "43 [0-6]; 43 [7-8]; 31 08000000 +256");
    finish(test);
    test = start(BTAP_CAN, G4);
    test->wish.mass_erase = true;
    fill(test, FLASH, 8);
    assert_string_equal(fitted(test), "43 mass; 31 08000000 +8");
    finish(test);
}

/* DFU */

#define F405_LAYOUT "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"

static struct test *start_dfu(const char *const *layouts, size_t length)
{
    struct test *test = start(BTAP_DFU, 0);
    struct btap_usb_device *usb = &test->plan.device.usb;

    btap_usb_device_init(usb);
    test->plan.device.usb_known = true;
    usb->configuration_known = true;
    usb->interfaces_length = (uint8_t)length;
    for (size_t i = 0; i < length; i++) {
        usb->interfaces[i] = (struct btap_usb_interface){
            .alternate = (uint8_t)i,
            .interface_class = 0xfe,
            .interface_subclass = 1,
            .interface_protocol = 2,
            .string_index = (uint8_t)(4 + i),
        };
        usb->strings[i].index = (uint8_t)(4 + i);
        strcpy(usb->strings[i].text, layouts[i]);
    }
    usb->dfu = (struct btap_dfu_functional){
        .known = true, .transfer_size = 2048, .bcd_dfu = BTAP_BCD_DFUSE};
    return test;
}

static const char *const f405_layouts[] = {F405_LAYOUT, "@Option Bytes  /0x1FFFC000/01*016 e",
                                           "@OTP Memory /0x1FFF7800/01*512 a,01*016 a",
                                           "@Data /0x08080000/04*001Kg"};

static void dfu(void **state)
{
    struct test *test = start_dfu(f405_layouts, 3);

    (void)state;
    fill(test, 0x08003000, 5000);
    assert_string_equal(fitted(test), "41 08000000; 41 08004000; "
                                      "21 08003000; write-memory 08003000 +2048 b2; "
                                      "21 08003800; write-memory 08003800 +2048 b2; "
                                      "21 08004000; write-memory 08004000 +904 b2");
    assert_int_equal(test->plan.needs, PLAN_ERASE | PLAN_WRITE);
    assert_int_equal(test->plan.risk, PLAN_CHANGES);
    finish(test);
}

/** Blocks follow each other while they are whole: where a shorter one lies is told in two ways. */
static void dfu_verified_and_started(void **state)
{
    struct test *test = start_dfu(f405_layouts, 1);

    (void)state;
    fill(test, 0x08003000, 5000);
    test->wish.verify = true;
    test->wish.start = true;
    test->wish.start_address = 0x08003000;
    fitted(test);
    assert_string_equal(commands(test, 8),
                        "21 08003000; abort; read-memory 08003000 +2048 b2; "
                        "read-memory 08003800 +2048 b3; "
                        "abort; 21 08004000; abort; read-memory 08004000 +904 b2; abort; "
                        "21 08003000; leave 08003000");
    assert_int_equal(test->plan.needs, PLAN_ERASE | PLAN_WRITE | PLAN_LEAVE);
    finish(test);
}

/** AN3156 section 5.1: 2 to 2048 bytes. Blocks end at multiples of 2048, whatever the first
 * address; no programming unit is in two of them. */
static void dfu_at_odd_addresses(void **state)
{
    struct test *test = start_dfu(f405_layouts, 1);

    (void)state;
    fill(test, FLASH, 2049);
    assert_string_equal(fitted(test), "41 08000000; 21 08000000; write-memory 08000000 +2048 b2; "
                                      "21 08000800; write-memory 08000800 +2 b2");
    finish(test);
    test = start_dfu(f405_layouts, 1);
    fill(test, 0x080007ff, 1);
    assert_string_equal(fitted(test), "41 08000000; 21 080007fe; write-memory 080007fe +2 b2");
    finish(test);
    test = start_dfu(f405_layouts, 1);
    fill(test, 0x08003801, 2048);
    assert_string_equal(fitted(test), "41 08000000; 41 08004000; "
                                      "21 08003800; write-memory 08003800 +2048 b2; "
                                      "21 08004000; write-memory 08004000 +2 b2");
    finish(test);
    test = start_dfu(f405_layouts, 1);
    fill(test, 0x08000104, 2048);
    assert_string_equal(fitted(test), "41 08000000; 21 08000104; write-memory 08000104 +1788 b2; "
                                      "21 08000800; write-memory 08000800 +260 b2");
    finish(test);
}

/** Bytes that share a programming unit go in one block; others do not. */
static void dfu_gaps(void **state)
{
    struct test *test = start_dfu(f405_layouts, 1);

    (void)state;
    fill(test, 0x08000000, 8);
    fill(test, 0x0800000c, 4);
    fill(test, 0x08000040, 4);
    assert_string_equal(fitted(test), "41 08000000; 21 08000000; write-memory 08000000 +16 b2; "
                                      "21 08000040; write-memory 08000040 +4 b2");
    assert_bytes(test, 2, 6, "\x07\x08\xff\xff\xff\xff\x01", 7);
    finish(test);
}

static void dfu_alternates(void **state)
{
    struct test *test = start_dfu(f405_layouts, 4);

    (void)state;
    fill(test, 0x08000000 + 0x80000 + 2048, 4);
    /* 0x08080800 is in the first setting's flash as well, which comes first. */
    assert_string_equal(fitted(test), "41 08080000; 21 08080800; write-memory 08080800 +4 b2");
    finish(test);
    test = start_dfu(f405_layouts + 2, 2);
    fill(test, 0x08080800, 4);
    assert_string_equal(fitted(test), "41 alt1 08080800; 21 alt1 08080800; "
                                      "write-memory alt1 08080800 +4 b2");
    finish(test);
}

/** Letters: a readable, d writable, f erasable and writable. */
static void dfu_rights(void **state)
{
    static const char *const layout[] = {"@Flash /0x08000000/01*016Ka,01*016Kf,01*016Kd"};
    struct test *test = start_dfu(layout, 1);

    (void)state;
    fill(test, 0x08007ffc, 8);
    assert_string_equal(fitted(test), "41 08004000; 21 08007ffc; write-memory 08007ffc +4 b2; "
                                      "21 08008000; write-memory 08008000 +4 b2");
    finish(test);
    test = start_dfu(layout, 1);
    fill(test, 0x08003ff8, 16);
    assert_refused(test, "0x08003ff8-0x08004007 of the image do not fit");
    finish(test);
    test = start_dfu(layout, 1);
    fill(test, 0x0800bff8, 16);
    assert_refused(test, "0x0800c000-0x0800c007");
    assert_int_equal(test->plan.length, 0);
    finish(test);
    test = start_dfu(layout, 1);
    fill(test, 0x20000000, 16);
    assert_refused(test, "0x20000000");
    finish(test);
}

/** DFU 1.1: numbered blocks, ended by one without bytes. */
static void dfu_without_addresses(void **state)
{
    static const char *const name[] = {"firmware"};
    struct test *test = start_dfu(name, 1);

    (void)state;
    test->plan.device.usb.dfu.bcd_dfu = 0x0110;
    test->plan.device.usb.dfu.transfer_size = 1024;
    fill(test, 0, 2500);
    test->wish.first_block = 2;
    assert_string_equal(fitted(test), "download +1024 b2; download +1024 b3; download +452 b4; "
                                      "download +0 b5");
    assert_bytes(test, 1, 0, "\x19\x1a", 2);
    finish(test);
}

/* In place of a recorded image */

static void add_recorded(struct test *test, uint8_t opcode, uint32_t address, uint32_t length)
{
    const struct btap_command_info *info = btap_command_by_opcode(test->plan.transport, opcode);
    struct plan_command command = {
        .origin = PLAN_RECORDED,
        .transaction = {.transport = test->plan.transport,
                        .command = info->command,
                        .has = BTAP_HAS_OPCODE,
                        .opcode = opcode,
                        .n = test->plan.length + 1,
                        .first_packet = 1},
    };
    static const uint8_t bytes[256];

    if (address != 0) {
        command.transaction.has |= BTAP_HAS_ADDRESS;
        command.transaction.address = address;
    }
    if (length != 0) {
        command.transaction.has |= BTAP_HAS_LENGTH;
        command.transaction.length = length;
    }
    if (opcode == 0x31) {
        command.payload = bytes;
        command.payload_length = length;
    }
    if (opcode == 0x43) {
        command.transaction.erase = BTAP_ERASE_PAGES;
        command.transaction.list_kind = BTAP_LIST_PAGES;
        command.transaction.list_length = 1;
        command.transaction.list_announced = 1;
    }
    plan_add(&test->plan, &command);
}

/** Sync, Get, Get ID, Erase, two writes at 0x08001000, a read, Go. */
static struct test *start_recorded(bool reads)
{
    struct test *test = start(BTAP_USART, F103);

    add_recorded(test, 0x7f, 0, 0);
    add_recorded(test, 0x00, 0, 0);
    add_recorded(test, 0x02, 0, 0);
    add_recorded(test, 0x43, 0, 0);
    add_recorded(test, 0x31, 0x08001080, 128);
    add_recorded(test, 0x31, 0x08001000, 128);
    if (reads)
        add_recorded(test, 0x11, 0x08001000, 128);
    add_recorded(test, 0x21, 0x08001000, 0);
    return test;
}

static void an_image_in_place_of_another(void **state)
{
    struct test *test = start_recorded(true);

    (void)state;
    fill(test, 0x08000c00, 200);
    fit_image(&test->plan, &test->image);
    assert_string_equal(commands(test, 0), "7f; 00; 02; 43 [3]; "
                                           "31 08000c00 +128; 31 08000c80 +72; "
                                           "11 08000c00 +128; 11 08000c80 +72; 21 08001000");
    assert_int_equal(test->plan.problems_length, 0);
    assert_int_equal(test->plan.left_out[PLAN_REPLACED], 4);
    assert_int_equal(test->plan.items[2].origin, PLAN_RECORDED);
    assert_int_equal(test->plan.items[3].origin, PLAN_FITTED);
    assert_int_equal(test->plan.items[8].origin, PLAN_RECORDED);
    finish(test);
}

/** A raw binary goes to where the recorded image began, or to an address. */
static void a_file_in_place_of_an_image(void **state)
{
    const uint32_t address = 0x08000400;
    struct test *test = start_recorded(false);

    (void)state;
    write_file("new.bin", "abcdefgh", 8);
    assert_true(fit_image_file(&test->plan, "new.bin", NULL));
    assert_string_equal(commands(test, 3), "43 [4]; 31 08001000 +8; 21 08001000");
    assert_bytes(test, 4, 0, "abcdefgh", 8);
    finish(test);
    test = start_recorded(false);
    assert_true(fit_image_file(&test->plan, "new.bin", &address));
    assert_string_equal(commands(test, 3), "43 [1]; 31 08000400 +8; 21 08001000");
    finish(test);
    test = start_recorded(false);
    /* Intel HEX: 4 bytes at 0x08000800 */
    write_file("new.hex", ":020000040800F2\n:0408000001020304EA\n:00000001FF\n", 48);
    assert_true(fit_image_file(&test->plan, "new.hex", NULL));
    assert_string_equal(commands(test, 3), "43 [2]; 31 08000800 +4; 21 08001000");
    finish(test);
    test = start_recorded(false);
    assert_false(fit_image_file(&test->plan, "absent.bin", NULL));
    finish(test);
}

static void nothing_to_take_the_place_of(void **state)
{
    struct test *test = start(BTAP_USART, F103);

    (void)state;
    add_recorded(test, 0x02, 0, 0);
    fill(test, FLASH, 4);
    fit_image(&test->plan, &test->image);
    assert_int_equal(test->plan.problems_length, 1);
    assert_int_equal(test->plan.length, 1);
    finish(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_of_less_than_a_page),
        cmocka_unit_test(a_length_is_filled_up),
        cmocka_unit_test(units_are_written_whole),
        cmocka_unit_test(sectors_of_unequal_size),
        cmocka_unit_test(erases_of_many_pages),
        cmocka_unit_test(mass_erase_where_the_product_has_it),
        cmocka_unit_test(the_opcode_that_the_device_lists_wins),
        cmocka_unit_test(shorter_writes),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(ram),
        cmocka_unit_test(a_product_that_is_not_known),
        cmocka_unit_test(fdcan),
        cmocka_unit_test(classic_can),
        cmocka_unit_test(dfu),
        cmocka_unit_test(dfu_verified_and_started),
        cmocka_unit_test(dfu_at_odd_addresses),
        cmocka_unit_test(dfu_gaps),
        cmocka_unit_test(dfu_alternates),
        cmocka_unit_test(dfu_rights),
        cmocka_unit_test(dfu_without_addresses),
        cmocka_unit_test(an_image_in_place_of_another),
        cmocka_unit_test_setup_teardown(a_file_in_place_of_an_image, enter_directory,
                                        leave_directory),
        cmocka_unit_test(nothing_to_take_the_place_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
