/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of FDCAN on simulated devices: what it sends, by AN5405; what it makes of the answers,
 * as the decoder does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "can_wire.h"
#include "host_judge.h"
#include "said.h"
#include "test.h"

#define MS 1000000

static btap_ns patience = 30 * (btap_ns)MS;

struct rig {
    struct can_wire wire;
    struct judge judge;
    struct plan_device device;
    struct gate *gate;
    struct host *host;
    struct host_answer answer;
    uint8_t data[HOST_DATA_MAX];
};

static struct rig *start_as(const char *product, const struct can_device_config *config,
                            const struct plan_device *device, bool as_recorded)
{
    const struct host_options options = {.patience = patience, .as_recorded = as_recorded};
    struct rig *rig = allocate(sizeof(*rig));

    can_wire_open(&rig->wire, product, config);
    judge_start(&rig->judge);
    rig->device = *device;
    rig->gate = gate_new(&rig->wire.wire, &judge_permit, &rig->device, &rig->judge.sink);
    rig->host = host_fdcan.open(rig->gate, &rig->device, &options);
    rig->answer.data = rig->data;
    return rig;
}

static struct rig *start(const char *product, const struct can_device_config *config)
{
    return start_as(product, config, &(struct plan_device){.brs = false}, false);
}

static void finish(struct rig *rig)
{
    host_fdcan.rest(rig->host);
    judge_settle(&rig->judge);
    host_fdcan.close(rig->host);
    gate_free(rig->gate);
    free(rig);
}

/* Commands as a plan has them */

static struct plan_command command(enum btap_command of)
{
    struct plan_command made = host_own_command(BTAP_FDCAN, of);

    made.origin = PLAN_RECORDED;
    if (of != BTAP_SYNC) {
        made.transaction.has |= BTAP_HAS_CAN_ID;
        made.transaction.request_id = made.transaction.opcode;
    }
    return made;
}

static struct plan_command memory(enum btap_command of, uint32_t address, uint32_t length,
                                  const uint8_t *payload)
{
    struct plan_command made = command(of);

    made.transaction.has |= BTAP_HAS_ADDRESS | (length > 0 ? BTAP_HAS_LENGTH : 0);
    made.transaction.address = address;
    made.transaction.length = length;
    made.payload = payload;
    made.payload_length = payload != NULL ? length : 0;
    return made;
}

static struct plan_command erase(enum btap_erase what)
{
    struct plan_command made = command(BTAP_ERASE);

    made.transaction.erase = what;
    return made;
}

/** A list of numbers that follow one another. */
static struct plan_command list(enum btap_command of, uint16_t first, uint16_t count)
{
    struct plan_command made = command(of);

    made.transaction.erase = of == BTAP_ERASE ? BTAP_ERASE_PAGES : BTAP_ERASE_NONE;
    made.transaction.list_kind = of == BTAP_ERASE ? BTAP_LIST_PAGES : BTAP_LIST_SECTORS;
    made.transaction.list_announced = count;
    made.transaction.list_length = count;
    for (uint16_t i = 0; i < count; i++)
        made.transaction.list[i] = (uint16_t)(first + i);
    return made;
}

static struct plan_command special(enum btap_command of, const uint8_t *payload, uint16_t first,
                                   uint16_t second)
{
    struct plan_command made = command(of);

    made.transaction.has |= BTAP_HAS_SUBCOMMAND;
    made.transaction.subcommand = 1;
    made.transaction.sent_length = first;
    made.transaction.sent2_length = second;
    made.payload = payload;
    made.payload_length = (uint32_t)first + second;
    return made;
}

static enum host_end perform(struct rig *rig, struct plan_command made)
{
    const enum host_end end = host_fdcan.perform(rig->host, &made, &rig->answer);

    if (end == HOST_ANSWERED)
        judge_keep(&rig->judge, &rig->answer);
    return end;
}

static void assert_outcome(const struct rig *rig, enum btap_status status, enum btap_phase phase)
{
    assert_string_equal(btap_status_name(rig->answer.transaction.status), btap_status_name(status));
    assert_string_equal(btap_phase_name(rig->answer.transaction.phase), btap_phase_name(phase));
}

static void assert_answer(struct rig *rig, struct plan_command made, enum btap_status status,
                          enum btap_phase phase)
{
    assert_int_equal(perform(rig, made), HOST_ANSWERED);
    assert_outcome(rig, status, phase);
}

static void assert_ok(struct rig *rig, struct plan_command made)
{
    assert_answer(rig, made, BTAP_OK, BTAP_PHASE_NONE);
}

static void assert_log(struct rig *rig, const char *expected)
{
    assert_string_equal(can_wire_log(&rig->wire), expected);
}

/** The data of a full frame: some bytes, and 0xFF behind them. */
#define F8  "ffffffffffffffff"
#define F16 F8 F8
#define F32 F16 F16

static const uint8_t sixty[60] = {1, 2, 3, 4, 5, 6, 7, 8};

/* AN5405 section 3: what each command sends */
static void what_each_command_sends(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.replies = CAN_REPLY_HOST_ID});

    (void)state;
    assert_int_equal(
        host_fdcan.begin(rig->host, &(struct plan_command){.origin = PLAN_RECORDED}, &rig->answer),
        HOST_ANSWERED);
    assert_log(rig, "");
    assert_ok(rig, command(BTAP_GET));
    assert_log(rig, "000 \n");
    assert_int_equal(rig->answer.transaction.version, 0x11);
    assert_int_equal(rig->answer.transaction.list_length, 13);
    assert_int_equal(rig->answer.transaction.list[5], 0x31);
    assert_ok(rig, command(BTAP_GET_VERSION));
    assert_log(rig, "001 \n");
    assert_int_equal(rig->answer.transaction.version, 0x11);
    assert_ok(rig, command(BTAP_GET_ID));
    assert_log(rig, "002 \n");
    assert_int_equal(rig->answer.transaction.pid, 0x469);
    assert_ok(rig, list(BTAP_ERASE, 1, 3));
    assert_log(rig, "044 0003\n044 000100020003ffff" F32 F16 F8 "\n");
    assert_ok(rig, erase(BTAP_ERASE_MASS));
    assert_ok(rig, erase(BTAP_ERASE_BANK1));
    assert_ok(rig, erase(BTAP_ERASE_BANK2));
    assert_log(rig, "044 ffff\n044 fffe\n044 fffd\n");
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000100, 8, sixty));
    assert_log(rig, "031 0800010007\n031 0102030405060708" F32 F16 F8 "\n");
    assert_int_equal(rig->answer.transaction.transferred, 8);
    assert_memory_equal(rig->wire.device.memory.flash + 0x100, sixty, 8);
    assert_int_equal(rig->wire.device.memory.flash[0x108], 0xff);
    assert_ok(rig, memory(BTAP_READ_MEMORY, 0x08000100, 100, NULL));
    assert_log(rig, "011 0800010063\n");
    assert_int_equal(rig->answer.length, 100);
    assert_memory_equal(rig->data, sixty, 8);
    assert_int_equal(rig->data[99], 0xff);
    assert_ok(rig, special(BTAP_SPECIAL, sixty, 3, 0));
    assert_log(rig, "050 0001\n050 0003\n050 010203ffffffffff" F32 F16 F8 "\n");
    assert_int_equal(rig->answer.transaction.special_status_length, 1);
    assert_ok(rig, special(BTAP_SPECIAL, NULL, 0, 0));
    assert_log(rig, "050 0001\n050 0000\n");
    assert_ok(rig, special(BTAP_EXTENDED_SPECIAL, sixty, 1, 2));
    assert_log(rig, "051 0001\n051 0001\n051 01ffffffffffffff" F32 F16 F8
                    "\n051 0002\n051 0203ffffffffffff" F32 F16 F8 "\n");
    assert_ok(rig, memory(BTAP_GO, 0x08000000, 0, NULL));
    assert_log(rig, "021 08000000\n");
    finish(rig);
}

static void protections(void **state)
{
    static const enum btap_command commands[] = {BTAP_WRITE_UNPROTECT, BTAP_READOUT_PROTECT,
                                                 BTAP_READOUT_UNPROTECT};
    static const char *const sent[] = {"073 \n", "082 \n", "092 \n"};
    struct rig *rig = start("l552", &(struct can_device_config){.replies = CAN_REPLY_OPCODE});

    (void)state;
    assert_ok(rig, list(BTAP_WRITE_PROTECT, 4, 2));
    assert_log(rig, "063 020405\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        assert_ok(rig, command(commands[i]));
        /* It was reset before: it is looked for first. */
        assert_string_equal(can_wire_log(&rig->wire) + 5, sent[i]);
    }
    /* Readout Unprotect is answered on 0x111 by this ROM. */
    assert_int_equal(rig->answer.transaction.reply_id, 0x111);
    assert_ok(rig, list(BTAP_WRITE_PROTECT, 0, 12));
    assert_log(rig, "001 \n063 0c000102030405060708090a0bffffff\n");
    finish(rig);
}

/** A long write: frames of 64 bytes, the last one filled up. */
static void full_frames(void **state)
{
    static uint8_t bytes[256];
    struct rig *rig = start("g474", &(struct can_device_config){0});

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 3);
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 256, bytes));
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000100, 65, bytes));
    assert_memory_equal(rig->wire.device.memory.flash, bytes, 256);
    assert_memory_equal(rig->wire.device.memory.flash + 256, bytes, 65);
    assert_int_equal(rig->wire.device.memory.flash[256 + 65], 0xff);
    assert_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 256, NULL));
    assert_memory_equal(rig->data, bytes, 256);
    finish(rig);
}

/* Identifiers (wire-facts, "Reply CAN ID") */
static void identifiers(void **state)
{
    static const enum can_replies replies[] = {CAN_REPLY_HOST_ID, CAN_REPLY_OPCODE,
                                                 CAN_REPLY_111, CAN_REPLY_H7};
    static const uint16_t expected[] = {0x502, 0x002, 0x111, 0x002};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct rig *rig = start("h743", &(struct can_device_config){.replies = replies[i]});
        struct plan_command made = command(BTAP_GET_ID);

        made.transaction.request_id = 0x502;
        assert_ok(rig, made);
        assert_log(rig, "502 \n");
        assert_int_equal(rig->answer.transaction.reply_id, expected[i]);
        made = memory(BTAP_READ_MEMORY, 0x60000000, 16, NULL);
        made.transaction.request_id = 0x511;
        assert_answer(rig, made, BTAP_NACK, BTAP_PHASE_COMMAND);
        /* Data frames have it, too. */
        made = memory(BTAP_WRITE_MEMORY, 0x08000000, 1, sixty);
        made.transaction.request_id = 0x531;
        assert_ok(rig, made);
        assert_string_equal(can_wire_log(&rig->wire),
                            "511 600000000f\n531 0800000000\n531 01ffffffffffffff" F32 F16 F8 "\n");
        /* One of the replay's own has the opcode. */
        struct host_identity identity;
        assert_int_equal(host_fdcan.identify(rig->host, &identity, &rig->answer), HOST_ANSWERED);
        assert_log(rig, "002 \n");
        assert_true(identity.pid_known);
        assert_int_equal(identity.pid, 0x450);
        finish(rig);
    }
}

/** Classic frames, extended ones, errors, other nodes, and a node on an identifier of ours. */
static void other_nodes(void **state)
{
    static const uint8_t refusal[] = {0x1f};
    struct rig *rig = start("g474", &(struct can_device_config){.replies = CAN_REPLY_OPCODE});

    (void)state;
    rig->wire.others = true;
    assert_ok(rig, command(BTAP_GET));
    assert_ok(rig, command(BTAP_GET_ID));
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 60, sixty));
    assert_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 60, NULL));
    assert_memory_equal(rig->data, sixty, 60);
    rig->wire.others = false;
    /* What was there before the command is none of its answers. */
    can_wire_add(&rig->wire, 0x002, refusal, 1);
    assert_int_equal(perform(rig, command(BTAP_GET_ID)), HOST_ANSWERED);
    assert_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    rig->judge.answers_length = 0; /* the decoder takes that one for a NACK */
    finish(rig);
}

/* Faults: each answer of each command refused, missing, and not an answer */

struct fault_case {
    enum btap_command command;
    enum can_phase at; /**< where the device misbehaves */
    uint32_t skip;
    enum btap_phase phase; /**< AN5405's step that it is */
};

static const struct fault_case cases[] = {
    {BTAP_GET, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_GET, CAN_OPERATION, 0, BTAP_PHASE_REPLY},
    {BTAP_GET_VERSION, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_GET_VERSION, CAN_OPERATION, 0, BTAP_PHASE_REPLY},
    /* One Get ID goes before. */
    {BTAP_GET_ID, CAN_COMMAND, 1, BTAP_PHASE_COMMAND},
    {BTAP_GET_ID, CAN_OPERATION, 1, BTAP_PHASE_REPLY},
    {BTAP_READ_MEMORY, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_READ_MEMORY, CAN_OPERATION, 0, BTAP_PHASE_REPLY},
    {BTAP_WRITE_MEMORY, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_WRITE_MEMORY, CAN_DATA, 0, BTAP_PHASE_DATA},
    {BTAP_GO, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_GO, CAN_OPERATION, 0, BTAP_PHASE_ADDRESS},
    {BTAP_ERASE, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_ERASE, CAN_OPERATION, 0, BTAP_PHASE_LENGTH},
    {BTAP_ERASE, CAN_DATA, 0, BTAP_PHASE_DATA},
    {BTAP_WRITE_PROTECT, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_WRITE_PROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION},
    {BTAP_WRITE_UNPROTECT, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_WRITE_UNPROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION},
    {BTAP_READOUT_PROTECT, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_READOUT_PROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION},
    {BTAP_READOUT_UNPROTECT, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_READOUT_UNPROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION},
    {BTAP_SPECIAL, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_SPECIAL, CAN_OPERATION, 0, BTAP_PHASE_SUBCOMMAND},
    {BTAP_SPECIAL, CAN_DATA, 0, BTAP_PHASE_DATA},
    {BTAP_SPECIAL, CAN_OPERATION, 1, BTAP_PHASE_STATUS},
    {BTAP_EXTENDED_SPECIAL, CAN_COMMAND, 0, BTAP_PHASE_COMMAND},
    {BTAP_EXTENDED_SPECIAL, CAN_OPERATION, 0, BTAP_PHASE_SUBCOMMAND},
    {BTAP_EXTENDED_SPECIAL, CAN_DATA, 0, BTAP_PHASE_DATA},
    {BTAP_EXTENDED_SPECIAL, CAN_SECOND_DATA, 0, BTAP_PHASE_DATA},
    {BTAP_EXTENDED_SPECIAL, CAN_OPERATION, 1, BTAP_PHASE_STATUS},
};

static struct plan_command any(enum btap_command of)
{
    switch (of) {
    case BTAP_READ_MEMORY:
        return memory(of, 0x08000000, 60, NULL);
    case BTAP_WRITE_MEMORY:
        return memory(of, 0x08000000, 60, sixty);
    case BTAP_GO:
        return memory(of, 0x08000000, 0, NULL);
    case BTAP_ERASE:
    case BTAP_WRITE_PROTECT:
        return list(of, 1, 2);
    case BTAP_SPECIAL:
        return special(of, sixty, 5, 0);
    case BTAP_EXTENDED_SPECIAL:
        return special(of, sixty, 5, 6);
    default:
        return command(of);
    }
}

/** A silent device is asked the other way once: the sectors apart. */
static bool goes_on(const struct fault_case *one, enum can_misbehaviour kind)
{
    return kind == CAN_SILENCE && one->command == BTAP_WRITE_PROTECT &&
           one->phase == BTAP_PHASE_OPERATION;
}

static enum btap_status expected_status(const struct fault_case *one, enum can_misbehaviour kind)
{
    switch (kind) {
    case CAN_NACK:
        return BTAP_NACK;
    case CAN_SILENCE:
        return one->phase == BTAP_PHASE_ADDRESS ? BTAP_OK : BTAP_NO_REPLY;
    case CAN_GARBAGE:
        /* In a list of opcodes any byte is one; the end of the list is what is missing. */
        return one->command == BTAP_GET && one->phase == BTAP_PHASE_REPLY ? BTAP_NO_REPLY
                                                                          : BTAP_BAD_REPLY;
    case CAN_LATE:
    case CAN_SHORT:
    case CAN_WRONG:
    case CAN_UNPLUG:
        break;
    }
    return BTAP_OK;
}

static void assert_fault(const struct fault_case *one, enum can_misbehaviour kind)
{
    const enum btap_status status = expected_status(one, kind);
    struct plan_command made = any(one->command);
    struct can_device_config config = {
        /* On the host's own identifier the decoder cannot tell garbage from the host's list. */
        .replies = kind == CAN_GARBAGE && one->command == BTAP_ERASE ? CAN_REPLY_111
                                                                       : CAN_REPLY_HOST_ID,
        .faults_length = 1,
        .faults = {{.kind = kind,
                    .opcode = made.transaction.opcode,
                    .phase = one->at,
                    .skip = one->skip,
                    .times = 1,
                    .delay_us = 1000000 + 10000,
                    .byte = 0x42}},
    };
    struct rig *rig = start("g474", &config);

    /* As the recorded device had it: what follows is sent. */
    made.transaction.status = status;
    made.transaction.phase = status == BTAP_OK ? BTAP_PHASE_NONE : one->phase;
    assert_ok(rig, command(BTAP_GET_ID));
    assert_answer(rig, made, status, status == BTAP_OK ? BTAP_PHASE_NONE : one->phase);
    if (!rig->wire.device.gone)
        assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
}

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_fault(&cases[i], CAN_NACK);
}

static void silence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (!goes_on(&cases[i], CAN_SILENCE))
            assert_fault(&cases[i], CAN_SILENCE);
}

static void garbage(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_fault(&cases[i], CAN_GARBAGE);
}

/** Within the patience that there is a late answer is as good as any. */
static void late_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_fault(&cases[i], CAN_LATE);
}

/* Devices' own ways (wire-facts) */

/** An erase as captures/fdcan-erase-one-list-ack.pcap has it: command, ACK, list, ACK. */
static struct plan_command list_after_one_ack(uint16_t first, uint16_t count)
{
    struct plan_command made = list(BTAP_ERASE, first, count);

    made.origin = PLAN_RECORDED;
    made.transaction.status = BTAP_OK;
    made.transaction.first_packet = 5;
    made.transaction.last_packet = 8;
    return made;
}

static void one_answer_or_two(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.one_go_ack = true});

    (void)state;
    assert_ok(rig, memory(BTAP_GO, 0x08000000, 0, NULL));
    finish(rig);
    /* A bad address: ACK, NACK */
    rig = start("g474", &(struct can_device_config){.one_go_ack = true});
    assert_answer(rig, memory(BTAP_GO, 0x60000000, 0, NULL), BTAP_NACK, BTAP_PHASE_ADDRESS);
    finish(rig);
    /* Erase: the list follows the first answer. The second time that is known. */
    rig = start("g474", &(struct can_device_config){.one_list_ack = true});
    memset(rig->wire.device.memory.flash, 0, 8192);
    assert_ok(rig, list_after_one_ack(1, 2));
    assert_int_equal(rig->wire.device.memory.flash[2047], 0);
    assert_int_equal(rig->wire.device.memory.flash[2048], 0xff);
    assert_int_equal(rig->wire.device.memory.flash[6143], 0xff);
    assert_int_equal(rig->wire.device.memory.flash[6144], 0);
    assert_ok(rig, list_after_one_ack(0, 1));
    assert_int_equal(rig->wire.device.memory.flash[0], 0xff);
    finish(rig);
}

/** L5: the sectors in frames of their own. The second time they are sent so at once. */
static void sectors_apart(void **state)
{
    struct rig *rig = start("l552", &(struct can_device_config){.sectors_apart = true});
    struct plan_command made = list(BTAP_WRITE_PROTECT, 3, 9);

    (void)state;
    /* Of the first time, frames of a command that the device waits for more of, the decoder
     * makes two commands. */
    assert_int_equal(host_fdcan.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    assert_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    assert_log(rig, "063 09030405060708090a0bffff\n063 0903040506070809\n063 0a0b\n");
    finish(rig);
    rig = start("l552", &(struct can_device_config){.sectors_apart = true});
    assert_int_equal(host_fdcan.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    (void)can_wire_log(&rig->wire);
    assert_ok(rig, made);
    assert_log(rig, "001 \n063 09\n063 0903040506070809\n063 0a0b\n");
    finish(rig);
}

static void short_last_frames(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.short_last_frame = true});

    (void)state;
    for (uint32_t length = 1; length <= 256; length += 51) {
        assert_ok(rig, memory(BTAP_READ_MEMORY, 0x1fff0000, length, NULL));
        assert_int_equal(rig->answer.length, length);
        assert_memory_equal(rig->data, rig->wire.device.memory.system, length);
    }
    finish(rig);
}

/** A byte of memory that looks like an answer. */
static void data_like_answers(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.short_last_frame = true});

    (void)state;
    memset(rig->wire.device.memory.flash, 0x79, 256);
    rig->wire.device.memory.flash[64] = 0x1f;
    assert_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 65, NULL));
    assert_int_equal(rig->answer.length, 65);
    assert_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 1, NULL));
    assert_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 128, NULL));
    assert_int_equal(rig->answer.length, 128);
    finish(rig);
}

static void protected_memory(void **state)
{
    static const enum btap_command restricted[] = {BTAP_READ_MEMORY, BTAP_WRITE_MEMORY, BTAP_GO,
                                                   BTAP_ERASE, BTAP_WRITE_PROTECT};
    const struct can_device_config silent = {.read_protected = true, .silent_if_protected = true};
    struct rig *rig = start("g474", &(struct can_device_config){.read_protected = true});

    (void)state;
    assert_ok(rig, command(BTAP_GET));
    for (size_t i = 0; i < COUNT_OF(restricted); i++)
        assert_answer(rig, any(restricted[i]), BTAP_NACK, BTAP_PHASE_COMMAND);
    finish(rig);
    /* H7: not even a NACK. It was heard before, so that no detection frame is missing. */
    rig = start("h743", &silent);
    assert_ok(rig, command(BTAP_GET_ID));
    (void)can_wire_log(&rig->wire);
    assert_answer(rig, any(BTAP_READ_MEMORY), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_log(rig, "011 080000003b\n");
    assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
}

static void a_sub_command_that_is_refused(void **state)
{
    static const uint8_t bytes[1];
    struct rig *rig = start("g474", &(struct can_device_config){0});
    struct plan_command made = special(BTAP_SPECIAL, bytes, 1, 0);

    (void)state;
    made.transaction.subcommand = 2;
    assert_answer(rig, made, BTAP_NACK, BTAP_PHASE_SUBCOMMAND);
    finish(rig);
}

/** By the note's text, as the recorded host sent it: ST's own code takes that for two commands. */
static void special_in_steps(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.replies = CAN_REPLY_HOST_ID});
    struct plan_command made = special(BTAP_SPECIAL, sixty, 5, 0);

    (void)state;
    made.transaction.notes_length = 1;
    made.transaction.notes[0].id = BTAP_NOTE_SPECIAL_IN_STEPS;
    assert_int_equal(host_fdcan.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    assert_log(rig, "050 \n050 000101\n");
    assert_outcome(rig, BTAP_NACK, BTAP_PHASE_SUBCOMMAND);
    finish(rig);
}

/* Detection: AN5405 section 1 */

static void detection(void **state)
{
    static const struct can_device_config needed = {.detection_required = true};
    static const struct can_device_config silent = {.detection_required = true,
                                                      .detection_silent = true};
    struct rig *rig = start("c092", &needed);

    (void)state;
    /* As recorded */
    assert_ok(rig, command(BTAP_SYNC));
    assert_log(rig, "111 5a\n");
    assert_ok(rig, command(BTAP_GET));
    assert_int_equal(rig->answer.transaction.version, 0x22);
    finish(rig);
    /* One that does not answer it */
    rig = start("c092", &silent);
    assert_ok(rig, command(BTAP_SYNC));
    assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
    /* Older ones refuse it (ST's own code). */
    rig = start("g474", &(struct can_device_config){0});
    assert_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
}

static void detection_that_is_not_in_the_plan(void **state)
{
    static const struct can_device_config needed = {.detection_required = true};
    const struct plan_device recorded = {.detection = true};
    struct plan_command first = any(BTAP_ERASE);
    struct rig *rig = start_as("c092", &needed, &recorded, false);

    (void)state;
    /* The recorded host had sent it. */
    assert_int_equal(host_fdcan.begin(rig->host, &first, &rig->answer), HOST_ANSWERED);
    assert_log(rig, "111 5a\n");
    assert_ok(rig, first);
    finish(rig);
    /* It had not, and this device is silent without it. */
    rig = start("c092", &needed);
    assert_ok(rig, command(BTAP_GET_ID));
    assert_log(rig, "002 \n111 5a\n002 \n");
    assert_ok(rig, command(BTAP_GET));
    assert_log(rig, "000 \n");
    finish(rig);
    /* What changes something is not sent twice. */
    rig = start("c092", &needed);
    first = erase(BTAP_ERASE_MASS);
    assert_int_equal(host_fdcan.perform(rig->host, &first, &rig->answer), HOST_ANSWERED);
    assert_outcome(rig, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_log(rig, "044 ffff\n");
    assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
    /* As recorded */
    rig = start_as("c092", &needed, &(struct plan_device){.brs = false}, true);
    assert_answer(rig, command(BTAP_GET_ID), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_ok(rig, command(BTAP_SYNC));
    assert_ok(rig, command(BTAP_GET_ID));
    assert_log(rig, "002 \n111 5a\n002 \n");
    finish(rig);
}

static void nobody_there(void **state)
{
    struct plan_command recorded = command(BTAP_SYNC);
    struct rig *rig = start("c092", &(struct can_device_config){0});

    (void)state;
    rig->wire.mute = true;
    recorded.transaction.status = BTAP_NO_REPLY;
    recorded.transaction.phase = BTAP_PHASE_SYNC;
    assert_answer(rig, recorded, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    assert_answer(rig, command(BTAP_GET_ID), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_int_equal(rig->answer.transaction.has & BTAP_HAS_REPLY_ID, 0);
    rig->wire.mute = false;
    assert_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    finish(rig);
}

/** After a protection the device resets: nothing is sent before it is back. */
static void resets(void **state)
{
    static const struct can_device_config needed = {.detection_required = true,
                                                      .read_protected = true};
    struct plan_command made;
    struct rig *rig;
    const char *log;

    (void)state;
    patience = 2000 * (btap_ns)MS;
    rig = start("c092", &needed);
    patience = 30 * (btap_ns)MS;
    assert_ok(rig, command(BTAP_SYNC));
    rig->wire.deaf_for = 10 * (btap_ns)MS;
    assert_ok(rig, command(BTAP_READOUT_UNPROTECT));
    (void)can_wire_log(&rig->wire);
    assert_ok(rig, any(BTAP_WRITE_MEMORY));
    log = can_wire_log(&rig->wire);
    /* Detection and a look, again and again until it is there */
    assert_memory_equal(log, "111 5a\n001 \n", 12);
    assert_non_null(strstr(log, "031 080000003b\n"));
    assert_memory_equal(rig->wire.device.memory.flash, sixty, 60);
    finish(rig);
    /* The recorded host sent the detection frame again: too early for this device. */
    patience = 2000 * (btap_ns)MS;
    rig = start("c092", &needed);
    patience = 30 * (btap_ns)MS;
    assert_ok(rig, command(BTAP_SYNC));
    rig->wire.deaf_for = 150 * (btap_ns)MS;
    assert_ok(rig, command(BTAP_READOUT_UNPROTECT));
    made = command(BTAP_SYNC);
    assert_int_equal(host_fdcan.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    assert_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    assert_ok(rig, any(BTAP_WRITE_MEMORY));
    finish(rig);
    /* It does not come back: the command's silence tells. */
    rig = start("l552", &(struct can_device_config){.read_protected = true});
    assert_ok(rig, command(BTAP_READOUT_UNPROTECT));
    rig->wire.mute = true;
    assert_answer(rig, erase(BTAP_ERASE_MASS), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    rig->wire.mute = false;
    assert_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    finish(rig);
}

/* What is not sent */

static void assert_refused(struct rig *rig, struct plan_command made, const char *why)
{
    said_begin();
    assert_int_equal(perform(rig, made), HOST_REFUSED);
    assert_non_null(strstr(said_end(), why));
    assert_log(rig, "");
}

/** Five frames are two ACKs before the list: a device that gives one does not get the list. */
static void a_list_does_not_follow_silence(void **state)
{
    const struct plan_command id = command(BTAP_GET_ID);
    struct plan_command made = list_after_one_ack(1, 2);
    struct rig *rig = start("g474", &(struct can_device_config){.one_list_ack = true});

    (void)state;
    memset(rig->wire.device.memory.flash, 0, 8192);
    made.transaction.last_packet = 9;
    assert_answer(rig, made, BTAP_NO_REPLY, BTAP_PHASE_LENGTH);
    assert_int_equal(rig->answer.transaction.list_length, 0);
    assert_int_equal(rig->wire.device.memory.flash[2048], 0);
    assert_int_equal(host_fdcan.perform(rig->host, &id, &rig->answer), HOST_REFUSED);
    /* The traffic ends here: to the decoder the erase is not over yet. */
    judge_release(&rig->judge);
    host_fdcan.close(rig->host);
    gate_free(rig->gate);
    free(rig);
}

static void commands_that_are_not_whole(void **state)
{
    static uint8_t bytes[512];
    struct rig *rig = start("g474", &(struct can_device_config){0});
    struct plan_command made = list(BTAP_ERASE, 0, 4);

    (void)state;
    assert_refused(rig, command(BTAP_READ_MEMORY), "its address");
    assert_refused(rig, memory(BTAP_READ_MEMORY, 0x08000000, 257, NULL),
                   "257 bytes; it can have 1 to 256");
    assert_refused(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 257, bytes),
                   "257 bytes; it can have 1 to 256");
    assert_refused(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 4, NULL), "0 of its 4 bytes");
    assert_refused(rig, command(BTAP_GO), "its address");
    assert_refused(rig, erase(BTAP_ERASE_RESERVED), "reserved");
    assert_refused(rig, list(BTAP_ERASE, 0, 0), "a list of 0");
    made.transaction.list_length = 3;
    assert_refused(rig, made, "3 of the 4 entries");
    assert_refused(rig, list(BTAP_WRITE_PROTECT, 0, 64), "63");
    assert_refused(rig, list(BTAP_WRITE_PROTECT, 255, 2), "255 is the highest");
    assert_refused(rig, command(BTAP_SPECIAL), "sub-command");
    assert_refused(rig, special(BTAP_SPECIAL, bytes, 129, 0), "129 bytes of data; it can have 128");
    assert_refused(rig, special(BTAP_EXTENDED_SPECIAL, bytes, 1, 1025),
                   "1025 bytes in its second packet; it can have 1024");
    assert_refused(rig, command(BTAP_COMMAND_UNKNOWN), "knows no such command");
    finish(rig);
}

/** Recorded as refused, with no data in the capture; this device takes it, and waits for them:
 * nothing is sent to it any more. */
static void data_that_nobody_has(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){0});
    struct plan_command made = memory(BTAP_WRITE_MEMORY, 0x08000000, 4, NULL);

    (void)state;
    made.transaction.status = BTAP_NACK;
    made.transaction.phase = BTAP_PHASE_COMMAND;
    assert_answer(rig, made, BTAP_INCOMPLETE, BTAP_PHASE_DATA);
    assert_log(rig, "031 0800000003\n");
    assert_refused(rig, command(BTAP_GET_ID), "reset the device");
    said_begin();
    host_fdcan.rest(rig->host);
    assert_non_null(strstr(said_end(), "reset it"));
    assert_log(rig, "");
    finish(rig);
}

/** The answer to a Write Memory is lost: what is sent next might be its data. */
static void data_that_may_be_missing(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){0});
    struct plan_command made = any(BTAP_WRITE_MEMORY);

    (void)state;
    assert_ok(rig, command(BTAP_GET_ID));
    rig->wire.mute = true;
    assert_answer(rig, made, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    rig->wire.mute = false;
    (void)can_wire_log(&rig->wire);
    assert_refused(rig, command(BTAP_GET_ID), "reset the device");
    rig->judge.answers_length = 1; /* nothing follows that ends it for the decoder */
    finish(rig);
    /* H7 under read protection: the recorded one said nothing either, and took the next. */
    rig = start("h743",
                &(struct can_device_config){.read_protected = true, .silent_if_protected = true});
    assert_ok(rig, command(BTAP_GET_ID));
    made.transaction.status = BTAP_NO_REPLY;
    made.transaction.phase = BTAP_PHASE_COMMAND;
    assert_answer(rig, made, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
}

static void an_interface_that_vanishes(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){0});

    (void)state;
    assert_ok(rig, command(BTAP_GET_ID));
    rig->wire.unplugged = true;
    assert_int_equal(perform(rig, command(BTAP_GET_ID)), HOST_GONE);
    assert_int_equal(rig->answer.transaction.status, BTAP_DISCONNECTED);
    assert_int_equal(perform(rig, any(BTAP_WRITE_MEMORY)), HOST_GONE);
    finish(rig);
}

/** Frames without end, of other nodes and of one that uses the device's identifier. */
static void chatter(void **state)
{
    static const uint8_t bytes[] = {1, 2};
    struct rig *rig = start("g474", &(struct can_device_config){0});

    (void)state;
    for (unsigned i = 0; i < 200; i++)
        can_wire_add(&rig->wire, 0x3a5, bytes, 2);
    assert_ok(rig, command(BTAP_GET_ID));
    rig->wire.mute = true;
    assert_int_equal(perform(rig, command(BTAP_GET_ID)), HOST_ANSWERED);
    assert_outcome(rig, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    rig->wire.mute = false;
    assert_ok(rig, command(BTAP_GET_ID));
    finish(rig);
}

/** Whatever a device says, each command ends, and with an outcome. */
static void anything_at_all(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        struct rig *rig;

        patience = 1 * (btap_ns)MS;
        rig = start("g474", &(struct can_device_config){0});
        patience = 30 * (btap_ns)MS;
        rig->wire.seed = seed;
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            const struct plan_command made = any(cases[i].command);
            enum host_end end;

            said_begin();
            end = host_fdcan.perform(rig->host, &made, &rig->answer);
            said_end();
            (void)can_wire_log(&rig->wire);
            if (end == HOST_REFUSED)
                break; /* it may wait for data */
            assert_int_equal(end, HOST_ANSWERED);
            assert_int_equal(rig->answer.transaction.status == BTAP_OK,
                             rig->answer.transaction.phase == BTAP_PHASE_NONE);
        }
        finish(rig);
    }
}

/** No second bit rate where the recorded host had none. */
static void bit_rates(void **state)
{
    const struct plan_device slow = {.brs_known = true, .brs = false};
    struct rig *rig = start_as("g474", &(struct can_device_config){0}, &slow, false);

    (void)state;
    assert_ok(rig, command(BTAP_GET_ID));
    assert_false(rig->wire.last.brs);
    finish(rig);
    rig = start("g474", &(struct can_device_config){0});
    assert_ok(rig, command(BTAP_GET_ID));
    assert_true(rig->wire.last.brs);
    assert_true(rig->wire.last.fd);
    finish(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_command_sends),
        cmocka_unit_test(protections),
        cmocka_unit_test(full_frames),
        cmocka_unit_test(identifiers),
        cmocka_unit_test(other_nodes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(silence),
        cmocka_unit_test(garbage),
        cmocka_unit_test(late_answers),
        cmocka_unit_test(one_answer_or_two),
        cmocka_unit_test(a_list_does_not_follow_silence),
        cmocka_unit_test(sectors_apart),
        cmocka_unit_test(short_last_frames),
        cmocka_unit_test(data_like_answers),
        cmocka_unit_test(protected_memory),
        cmocka_unit_test(a_sub_command_that_is_refused),
        cmocka_unit_test(special_in_steps),
        cmocka_unit_test(detection),
        cmocka_unit_test(detection_that_is_not_in_the_plan),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(resets),
        cmocka_unit_test(commands_that_are_not_whole),
        cmocka_unit_test(data_that_nobody_has),
        cmocka_unit_test(data_that_may_be_missing),
        cmocka_unit_test(an_interface_that_vanishes),
        cmocka_unit_test(chatter),
        cmocka_unit_test(anything_at_all),
        cmocka_unit_test(bit_rates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
