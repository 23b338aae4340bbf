/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: records of a capture into the plan of its replay. Whatever they are, no command is
 * planned that the application notes do not allow, and each needs the permission for what it does.
 *
 * The input is the link type (an index; the bits above it are options), then records as
 * diagnosis.c reads them: the interface, a delay, the number of captured bytes (2 bytes, MSB
 * first), the bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/message.h"
#include "checker.h"
#include "input.h"
#include "replay/make.h"
#include "replay/risk.h"
#include "replay/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Bits of the first byte */
#define LINKTYPE    0x07
#define AS_RECORDED 0x08
#define DAMAGED     0x10
#define FROM_4      0x20
#define WRITES_ONLY 0x40

#define FILE_MAX    (1 << 16)
#define RECORDS_MAX 4096

/** In the order of make_seeds.c. */
static const uint32_t linktypes[] = {
    BTAP_LINKTYPE_RTAC_SERIAL, BTAP_LINKTYPE_USB_LINUX_MMAPPED, BTAP_LINKTYPE_USB_LINUX,
    BTAP_LINKTYPE_USBPCAP,     BTAP_LINKTYPE_CAN_SOCKETCAN,     BTAP_LINKTYPE_LINUX_SLL,
    BTAP_LINKTYPE_LINUX_SLL2,  BTAP_LINKTYPE_USB_DARWIN,        BTAP_LINKTYPE_USB_2_0,
};

/** In the place of the program's: most of the inputs have something to say. */
void message(const char *format, ...)
{
    (void)format;
}

/** A capture file in the making. */
struct file {
    size_t length;
    uint8_t bytes[FILE_MAX];
};

static void put32(struct file *file, uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8)
        file->bytes[file->length++] = (uint8_t)(value >> shift);
}

/** The header of a pcap file of nanoseconds, least significant byte first. */
static void begin_file(struct file *file, uint32_t linktype)
{
    file->length = 0;
    put32(file, 0xa1b23c4d);
    put32(file, 2 | 4 << 16);
    put32(file, 0);
    put32(file, 0);
    put32(file, 0x40000);
    put32(file, linktype);
}

static void put_record(struct file *file, struct input *input, int64_t *time)
{
    const uint8_t *bytes;
    size_t captured;

    input_u8(input); /* the interface, of which a pcap file has one */
    *time += input_delay_ns(input);
    captured = input_u16(input);
    bytes = input_bytes(input, &captured);
    if (file->length + 16 + captured > FILE_MAX)
        return;
    put32(file, (uint32_t)(*time / 1000000000));
    put32(file, (uint32_t)(*time % 1000000000));
    put32(file, (uint32_t)captured);
    put32(file, (uint32_t)captured);
    memcpy(file->bytes + file->length, bytes, captured);
    file->length += captured;
}

/* The limits of the notes, by hand */

static bool is_list_good(const struct btap_transaction *t, uint32_t max)
{
    return t->list_length >= 1 && t->list_length <= max && t->list_length == t->list_announced;
}

static void check_range(const struct plan_command *command, uint32_t min, uint32_t max)
{
    const struct btap_transaction *t = &command->transaction;

    CHECK((t->has & BTAP_HAS_ADDRESS) != 0 && (t->has & BTAP_HAS_LENGTH) != 0);
    CHECK(t->length >= min && t->length <= max);
    CHECK((uint64_t)t->address + t->length <= UINT64_C(0x100000000));
}

/* AN3155 sections 3.7 to 3.9, AN5405 sections 3.7 and 3.8, AN3154 sections 3.9 and 3.10 */
static void check_lists(const struct plan_command *command)
{
    const struct btap_transaction *t = &command->transaction;
    const bool usart = t->transport == BTAP_USART;
    const bool fdcan = t->transport == BTAP_FDCAN;
    const bool bytes = !fdcan && t->command != BTAP_EXTENDED_ERASE;

    if (t->command == BTAP_WRITE_PROTECT)
        CHECK(is_list_good(t, fdcan ? 63 : 256));
    else if (t->erase == BTAP_ERASE_PAGES)
        CHECK(is_list_good(t, bytes ? 255 : usart ? 1024 : 32));
    else
        CHECK(t->erase == BTAP_ERASE_MASS ||
              (!bytes && (t->erase == BTAP_ERASE_BANK1 || t->erase == BTAP_ERASE_BANK2)));
    for (uint32_t i = 0; (bytes || t->command == BTAP_WRITE_PROTECT) && i < t->list_length; i++)
        CHECK(t->list[i] <= 255);
}

/** Whether it was refused before its host had sent all of it, as its phase tells. */
static bool is_part(const struct btap_transaction *t)
{
    const bool usart = t->transport == BTAP_USART;
    const bool first = t->phase == BTAP_PHASE_COMMAND;

    if (t->status != BTAP_NACK && t->status != BTAP_NO_REPLY && t->status != BTAP_BAD_REPLY)
        return false;
    switch (t->command) {
    case BTAP_WRITE_MEMORY:
        return first || (usart && t->phase == BTAP_PHASE_ADDRESS);
    case BTAP_READ_MEMORY:
        return usart && (first || t->phase == BTAP_PHASE_ADDRESS);
    case BTAP_GO:
    case BTAP_EXTENDED_ERASE:
        return usart && first;
    case BTAP_WRITE_PROTECT:
        return t->transport != BTAP_FDCAN && first;
    case BTAP_ERASE:
        return usart ? first
                     : t->erase == BTAP_ERASE_PAGES && (first || t->phase == BTAP_PHASE_LENGTH);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return first || t->phase == BTAP_PHASE_SUBCOMMAND;
    default:
        return false;
    }
}

/** What is sent of it is known. */
static void check_part(const struct plan_command *command)
{
    const struct btap_transaction *t = &command->transaction;

    if (t->phase == BTAP_PHASE_ADDRESS)
        CHECK((t->has & BTAP_HAS_ADDRESS) != 0);
    if (t->phase == BTAP_PHASE_SUBCOMMAND)
        CHECK((t->has & BTAP_HAS_SUBCOMMAND) != 0);
    if (t->transport == BTAP_USART)
        return;
    if (t->command == BTAP_WRITE_MEMORY)
        check_range(command, 1, 256);
    if (t->command == BTAP_ERASE)
        CHECK(t->list_announced >= 1 &&
              t->list_announced <= (t->transport == BTAP_FDCAN ? 32 : 255));
}

/** Whether nothing of it does something that cannot be undone. */
static bool is_harmless_part(const struct btap_transaction *t)
{
    if (t->transport == BTAP_USART)
        return is_part(t) && t->phase != BTAP_PHASE_SUBCOMMAND;
    return t->transport != BTAP_DFU && is_part(t) && t->status == BTAP_NACK &&
           t->command != BTAP_SPECIAL && t->command != BTAP_EXTENDED_SPECIAL;
}

/** USART, FDCAN and CAN */
static void check_numbered(const struct plan_command *command)
{
    const struct btap_transaction *t = &command->transaction;

    if (t->command == BTAP_READ_MEMORY || t->command == BTAP_WRITE_MEMORY)
        check_range(command, 1, 256);
    if (t->command == BTAP_WRITE_MEMORY)
        CHECK(command->payload_length == t->length);
    if (t->command == BTAP_SPEED)
        CHECK(t->bit_rate == 125000 || t->bit_rate == 250000 || t->bit_rate == 500000 ||
              t->bit_rate == 1000000);
    if (t->command == BTAP_GO)
        CHECK((t->has & BTAP_HAS_ADDRESS) != 0);
    if (t->command == BTAP_ERASE || t->command == BTAP_EXTENDED_ERASE ||
        t->command == BTAP_WRITE_PROTECT)
        check_lists(command);
    if (t->command == BTAP_SPECIAL || t->command == BTAP_EXTENDED_SPECIAL) {
        const uint32_t second = t->command == BTAP_EXTENDED_SPECIAL ? t->sent2_length : 0;

        CHECK(t->sent_length <= 128 && second <= 1024);
        CHECK(command->payload_length == t->sent_length + second);
    }
    CHECK(t->command != BTAP_LEAVE && t->command != BTAP_DOWNLOAD && t->command != BTAP_UPLOAD);
}

static void check_dfu(const struct plan *plan, const struct plan_command *command)
{
    const struct btap_transaction *t = &command->transaction;
    const struct btap_dfu_functional *dfu = &plan->device.usb.dfu;
    const uint32_t most =
        plan->device.usb_known && dfu->known && dfu->transfer_size > 0 ? dfu->transfer_size : 2048;

    if (t->command == BTAP_READ_MEMORY || t->command == BTAP_WRITE_MEMORY) {
        check_range(command, 2, most);
        CHECK(t->block >= 2);
    }
    if (t->command == BTAP_WRITE_MEMORY || t->command == BTAP_DOWNLOAD)
        CHECK(command->payload_length == t->length && t->length <= most);
    if (t->command == BTAP_ERASE)
        CHECK(t->erase == BTAP_ERASE_MASS ||
              (t->erase == BTAP_ERASE_ADDRESS && (t->has & BTAP_HAS_ADDRESS) != 0));
    CHECK(t->command != BTAP_GO && t->command != BTAP_SPECIAL && t->command != BTAP_SYNC);
}

static void check_needs(const struct plan_command *command)
{
    static const struct {
        uint32_t traits;
        uint32_t needs; /**< one of these */
    } rules[] = {
        {BTAP_TRAIT_WRITES, PLAN_WRITE},
        {BTAP_TRAIT_ERASES, PLAN_ERASE},
        {BTAP_TRAIT_STARTS | BTAP_TRAIT_LEAVES, PLAN_GO | PLAN_LEAVE},
        {BTAP_TRAIT_PROTECTS | BTAP_TRAIT_WIPES, PLAN_PROTECT | PLAN_UNPROTECT},
    };
    const enum btap_command what = command->transaction.command;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (btap_command_has(what, rules[i].traits))
            CHECK((command->needs & rules[i].needs) != 0);
    CHECK((command->needs == 0) == (command->risk == PLAN_ASKS));
    if (is_harmless_part(&command->transaction))
        return;
    if (command->needs & (PLAN_PROTECT | PLAN_UNPROTECT))
        CHECK(command->risk >= PLAN_CONFIRM);
    if (what == BTAP_SPECIAL || what == BTAP_EXTENDED_SPECIAL)
        CHECK(command->risk == PLAN_IRREVERSIBLE && command->needs == PLAN_SPECIAL);
}

/** What counts as harmless is below the system memory, or RAM. */
static void check_risk(const struct plan_command *command)
{
    const struct btap_transaction *t = &command->transaction;
    const uint64_t last = (uint64_t)t->address + (t->length > 0 ? t->length - 1 : 0);

    if ((command->needs & PLAN_WRITE) == 0 || command->risk >= PLAN_CONFIRM || is_harmless_part(t))
        return;
    CHECK((t->has & BTAP_HAS_ADDRESS) != 0);
    CHECK(last < 0x1ff00000 || (t->address >= 0x20000000 && last < 0x40000000));
}

static void check_plan(const struct plan *plan)
{
    static struct plan_command command;
    bool identified = false;

    CHECK(plan->length == plan->steps.length);
    for (size_t i = 0; i < plan->length; i++) {
        char words[RISK_WORDS_SIZE];

        plan_get(plan, i, &command);
        CHECK(command.transaction.transport == plan->transport);
        CHECK(command.transaction.command != BTAP_COMMAND_UNKNOWN);
        CHECK(command.transaction.status != BTAP_INCOMPLETE);
        CHECK((command.needs & ~plan->needs) == 0 && command.risk <= plan->risk);
        check_needs(&command);
        check_risk(&command);
        if (plan->transport == BTAP_DFU)
            check_dfu(plan, &command);
        else if (is_part(&command.transaction))
            check_part(&command);
        else
            check_numbered(&command);
        identified |= command.transaction.command == BTAP_GET_ID;
        CHECK(identified || command.needs == 0 || plan->transport == BTAP_DFU);
        risk_words(&plan->device, &command.transaction, words, sizeof(words));
        CHECK((words[0] == '\0') == (command.needs == 0));
        CHECK(strlen(words) + 1 < sizeof(words));
    }
}

/** Nothing of a plan must be too much for its text. */
static void print(const struct plan *plan, bool every_command)
{
    static FILE *nowhere;
    const struct show_plan how = {.every_command = every_command, .colour = true};

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    show_plan_text(nowhere, plan, &how);
    show_problems(plan);
}

static const char *write_file(const struct file *file)
{
    static char path[64];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("plan", 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, file->bytes, file->length, 0) != (ssize_t)file->length)
        abort();
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct file file;
    static struct make_options options;
    static struct plan plan;
    struct input input = {bytes, length};
    const uint8_t first = input_u8(&input);
    int64_t time = 1600000000000000000;

    begin_file(&file, linktypes[(first & LINKTYPE) % (sizeof(linktypes) / sizeof(linktypes[0]))]);
    for (int i = 0; input.left > 0 && i < RECORDS_MAX; i++)
        put_record(&file, &input, &time);
    options = (struct make_options){
        .choice = {.path = write_file(&file), .decoder = btap_options_default()},
        .from = (first & FROM_4) != 0 ? 4 : 0,
        .as_recorded = (first & AS_RECORDED) != 0,
        .skips = {.damaged = (first & DAMAGED) != 0},
    };
    if (first & WRITES_ONLY)
        options.filter.commands = 1u << BTAP_WRITE_MEMORY;
    if (make_plan(&plan, &options)) {
        check_plan(&plan);
        print(&plan, (first & AS_RECORDED) != 0);
    }
    CHECK((first & DAMAGED) == 0 || plan.problems_length == 0);
    plan_release(&plan);
    return 0;
}
