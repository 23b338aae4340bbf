/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of FDCAN on simulated devices: what it sends, by AN5405; what it makes of the answers,
 * as the decoder does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "can_rig.h"
#include "said.h"
#include "test.h"

#define MS CAN_RIG_MS

static struct rig *start_as(const char *product, const struct can_device_config *config,
                            const struct plan_device *device, bool as_recorded)
{
    return can_rig_start(&host_fdcan, product, config, device, as_recorded);
}

static struct rig *start(const char *product, const struct can_device_config *config)
{
    return start_as(product, config, &(struct plan_device){.brs = false}, false);
}

static struct plan_command command(enum btap_command of)
{
    return can_rig_command(BTAP_FDCAN, of);
}

static struct plan_command memory(enum btap_command of, uint32_t address, uint32_t length,
                                  const uint8_t *payload)
{
    return can_rig_memory(command(of), address, length, payload);
}

static struct plan_command erase(enum btap_erase what)
{
    return can_rig_erase(command(BTAP_ERASE), what);
}

static struct plan_command list(enum btap_command of, uint16_t first, uint16_t count)
{
    return can_rig_list(command(of), first, count);
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
    can_rig_log(rig, "");
    can_rig_ok(rig, command(BTAP_GET));
    can_rig_log(rig, "000 \n");
    assert_int_equal(rig->answer.transaction.version, 0x11);
    assert_int_equal(rig->answer.transaction.list_length, 13);
    assert_int_equal(rig->answer.transaction.list[5], 0x31);
    can_rig_ok(rig, command(BTAP_GET_VERSION));
    can_rig_log(rig, "001 \n");
    assert_int_equal(rig->answer.transaction.version, 0x11);
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_log(rig, "002 \n");
    assert_int_equal(rig->answer.transaction.pid, 0x469);
    can_rig_ok(rig, list(BTAP_ERASE, 1, 3));
    can_rig_log(rig, "044 0003\n044 000100020003ffff" F32 F16 F8 "\n");
    can_rig_ok(rig, erase(BTAP_ERASE_MASS));
    can_rig_ok(rig, erase(BTAP_ERASE_BANK1));
    can_rig_ok(rig, erase(BTAP_ERASE_BANK2));
    can_rig_log(rig, "044 ffff\n044 fffe\n044 fffd\n");
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000100, 8, sixty));
    can_rig_log(rig, "031 0800010007\n031 0102030405060708" F32 F16 F8 "\n");
    assert_int_equal(rig->answer.transaction.transferred, 8);
    assert_memory_equal(rig->wire.device.memory.flash + 0x100, sixty, 8);
    assert_int_equal(rig->wire.device.memory.flash[0x108], 0xff);
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000100, 100, NULL));
    can_rig_log(rig, "011 0800010063\n");
    assert_int_equal(rig->answer.length, 100);
    assert_memory_equal(rig->data, sixty, 8);
    assert_int_equal(rig->data[99], 0xff);
    can_rig_ok(rig, special(BTAP_SPECIAL, sixty, 3, 0));
    can_rig_log(rig, "050 0001\n050 0003\n050 010203ffffffffff" F32 F16 F8 "\n");
    assert_int_equal(rig->answer.transaction.special_status_length, 1);
    can_rig_ok(rig, special(BTAP_SPECIAL, NULL, 0, 0));
    can_rig_log(rig, "050 0001\n050 0000\n");
    can_rig_ok(rig, special(BTAP_EXTENDED_SPECIAL, sixty, 1, 2));
    can_rig_log(rig, "051 0001\n051 0001\n051 01ffffffffffffff" F32 F16 F8
                     "\n051 0002\n051 0203ffffffffffff" F32 F16 F8 "\n");
    can_rig_ok(rig, memory(BTAP_GO, 0x08000000, 0, NULL));
    can_rig_log(rig, "021 08000000\n");
    can_rig_finish(rig);
}

static void protections(void **state)
{
    static const enum btap_command commands[] = {BTAP_WRITE_UNPROTECT, BTAP_READOUT_PROTECT,
                                                 BTAP_READOUT_UNPROTECT};
    static const char *const sent[] = {"073 \n", "082 \n", "092 \n"};
    struct rig *rig = start("l552", &(struct can_device_config){.replies = CAN_REPLY_OPCODE});

    (void)state;
    can_rig_ok(rig, list(BTAP_WRITE_PROTECT, 4, 2));
    can_rig_log(rig, "063 020405\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        can_rig_ok(rig, command(commands[i]));
        /* It was reset before: it is looked for first. */
        assert_string_equal(can_wire_log(&rig->wire) + 5, sent[i]);
    }
    /* Readout Unprotect is answered on 0x111 by this ROM. */
    assert_int_equal(rig->answer.transaction.reply_id, 0x111);
    can_rig_ok(rig, list(BTAP_WRITE_PROTECT, 0, 12));
    can_rig_log(rig, "001 \n063 0c000102030405060708090a0bffffff\n");
    can_rig_finish(rig);
}

/** A long write: frames of 64 bytes, the last one filled up. */
static void full_frames(void **state)
{
    static uint8_t bytes[256];
    struct rig *rig = start("g474", &(struct can_device_config){0});

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 3);
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 256, bytes));
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000100, 65, bytes));
    assert_memory_equal(rig->wire.device.memory.flash, bytes, 256);
    assert_memory_equal(rig->wire.device.memory.flash + 256, bytes, 65);
    assert_int_equal(rig->wire.device.memory.flash[256 + 65], 0xff);
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 256, NULL));
    assert_memory_equal(rig->data, bytes, 256);
    can_rig_finish(rig);
}

/* Identifiers (wire-facts, "Reply CAN ID") */
static void identifiers(void **state)
{
    static const enum can_replies replies[] = {CAN_REPLY_HOST_ID, CAN_REPLY_OPCODE, CAN_REPLY_111,
                                               CAN_REPLY_H7};
    static const uint16_t expected[] = {0x502, 0x002, 0x111, 0x002};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct rig *rig = start("h743", &(struct can_device_config){.replies = replies[i]});
        struct plan_command made = command(BTAP_GET_ID);

        made.transaction.request_id = 0x502;
        can_rig_ok(rig, made);
        can_rig_log(rig, "502 \n");
        assert_int_equal(rig->answer.transaction.reply_id, expected[i]);
        made = memory(BTAP_READ_MEMORY, 0x60000000, 16, NULL);
        made.transaction.request_id = 0x511;
        can_rig_answer(rig, made, BTAP_NACK, BTAP_PHASE_COMMAND);
        /* Data frames have it, too. */
        made = memory(BTAP_WRITE_MEMORY, 0x08000000, 1, sixty);
        made.transaction.request_id = 0x531;
        can_rig_ok(rig, made);
        assert_string_equal(can_wire_log(&rig->wire),
                            "511 600000000f\n531 0800000000\n531 01ffffffffffffff" F32 F16 F8 "\n");
        /* One of the replay's own has the opcode. */
        struct host_identity identity;
        assert_int_equal(host_fdcan.identify(rig->host, &identity, &rig->answer), HOST_ANSWERED);
        can_rig_log(rig, "002 \n");
        assert_true(identity.pid_known);
        assert_int_equal(identity.pid, 0x450);
        can_rig_finish(rig);
    }
}

/** Classic frames, extended ones, errors, other nodes, and a node on an identifier of ours. */
static void other_nodes(void **state)
{
    static const uint8_t refusal[] = {0x1f};
    struct rig *rig = start("g474", &(struct can_device_config){.replies = CAN_REPLY_OPCODE});

    (void)state;
    rig->wire.others = true;
    can_rig_ok(rig, command(BTAP_GET));
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 60, sixty));
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 60, NULL));
    assert_memory_equal(rig->data, sixty, 60);
    rig->wire.others = false;
    /* What was there before the command is none of its answers. */
    can_wire_add(&rig->wire, 0x002, refusal, 1);
    assert_int_equal(can_rig_perform(rig, command(BTAP_GET_ID)), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    rig->judge.answers_length = 0; /* the decoder takes that one for a NACK */
    can_rig_finish(rig);
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
        .replies =
            kind == CAN_GARBAGE && one->command == BTAP_ERASE ? CAN_REPLY_111 : CAN_REPLY_HOST_ID,
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
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_answer(rig, made, status, status == BTAP_OK ? BTAP_PHASE_NONE : one->phase);
    if (!rig->wire.device.gone)
        can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
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
    can_rig_ok(rig, memory(BTAP_GO, 0x08000000, 0, NULL));
    can_rig_finish(rig);
    /* A bad address: ACK, NACK */
    rig = start("g474", &(struct can_device_config){.one_go_ack = true});
    can_rig_answer(rig, memory(BTAP_GO, 0x60000000, 0, NULL), BTAP_NACK, BTAP_PHASE_ADDRESS);
    can_rig_finish(rig);
    /* Erase: the list follows the first answer. The second time that is known. */
    rig = start("g474", &(struct can_device_config){.one_list_ack = true});
    memset(rig->wire.device.memory.flash, 0, 8192);
    can_rig_ok(rig, list_after_one_ack(1, 2));
    assert_int_equal(rig->wire.device.memory.flash[2047], 0);
    assert_int_equal(rig->wire.device.memory.flash[2048], 0xff);
    assert_int_equal(rig->wire.device.memory.flash[6143], 0xff);
    assert_int_equal(rig->wire.device.memory.flash[6144], 0);
    can_rig_ok(rig, list_after_one_ack(0, 1));
    assert_int_equal(rig->wire.device.memory.flash[0], 0xff);
    can_rig_finish(rig);
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
    can_rig_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    can_rig_log(rig, "063 09030405060708090a0bffff\n063 0903040506070809\n063 0a0b\n");
    can_rig_finish(rig);
    rig = start("l552", &(struct can_device_config){.sectors_apart = true});
    assert_int_equal(host_fdcan.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    (void)can_wire_log(&rig->wire);
    can_rig_ok(rig, made);
    can_rig_log(rig, "001 \n063 09\n063 0903040506070809\n063 0a0b\n");
    can_rig_finish(rig);
}

static void short_last_frames(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.short_last_frame = true});

    (void)state;
    for (uint32_t length = 1; length <= 256; length += 51) {
        can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x1fff0000, length, NULL));
        assert_int_equal(rig->answer.length, length);
        assert_memory_equal(rig->data, rig->wire.device.memory.system, length);
    }
    can_rig_finish(rig);
}

/** A byte of memory that looks like an answer. */
static void data_like_answers(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){.short_last_frame = true});

    (void)state;
    memset(rig->wire.device.memory.flash, 0x79, 256);
    rig->wire.device.memory.flash[64] = 0x1f;
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 65, NULL));
    assert_int_equal(rig->answer.length, 65);
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 1, NULL));
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 128, NULL));
    assert_int_equal(rig->answer.length, 128);
    can_rig_finish(rig);
}

static void protected_memory(void **state)
{
    static const enum btap_command restricted[] = {BTAP_READ_MEMORY, BTAP_WRITE_MEMORY, BTAP_GO,
                                                   BTAP_ERASE, BTAP_WRITE_PROTECT};
    const struct can_device_config silent = {.read_protected = true, .silent_if_protected = true};
    struct rig *rig = start("g474", &(struct can_device_config){.read_protected = true});

    (void)state;
    can_rig_ok(rig, command(BTAP_GET));
    for (size_t i = 0; i < COUNT_OF(restricted); i++)
        can_rig_answer(rig, any(restricted[i]), BTAP_NACK, BTAP_PHASE_COMMAND);
    can_rig_finish(rig);
    /* H7: not even a NACK. It was heard before, so that no detection frame is missing. */
    rig = start("h743", &silent);
    can_rig_ok(rig, command(BTAP_GET_ID));
    (void)can_wire_log(&rig->wire);
    can_rig_answer(rig, any(BTAP_READ_MEMORY), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    can_rig_log(rig, "011 080000003b\n");
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
}

static void a_sub_command_that_is_refused(void **state)
{
    static const uint8_t bytes[1];
    struct rig *rig = start("g474", &(struct can_device_config){0});
    struct plan_command made = special(BTAP_SPECIAL, bytes, 1, 0);

    (void)state;
    made.transaction.subcommand = 2;
    can_rig_answer(rig, made, BTAP_NACK, BTAP_PHASE_SUBCOMMAND);
    can_rig_finish(rig);
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
    can_rig_log(rig, "050 \n050 000101\n");
    can_rig_outcome(rig, BTAP_NACK, BTAP_PHASE_SUBCOMMAND);
    can_rig_finish(rig);
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
    can_rig_ok(rig, command(BTAP_SYNC));
    can_rig_log(rig, "111 5a\n");
    can_rig_ok(rig, command(BTAP_GET));
    assert_int_equal(rig->answer.transaction.version, 0x22);
    can_rig_finish(rig);
    /* One that does not answer it */
    rig = start("c092", &silent);
    can_rig_ok(rig, command(BTAP_SYNC));
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
    /* Older ones refuse it (ST's own code). */
    rig = start("g474", &(struct can_device_config){0});
    can_rig_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
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
    can_rig_log(rig, "111 5a\n");
    can_rig_ok(rig, first);
    can_rig_finish(rig);
    /* It had not, and this device is silent without it. */
    rig = start("c092", &needed);
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_log(rig, "002 \n111 5a\n002 \n");
    can_rig_ok(rig, command(BTAP_GET));
    can_rig_log(rig, "000 \n");
    can_rig_finish(rig);
    /* What changes something is not sent twice. */
    rig = start("c092", &needed);
    first = erase(BTAP_ERASE_MASS);
    assert_int_equal(host_fdcan.perform(rig->host, &first, &rig->answer), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    can_rig_log(rig, "044 ffff\n");
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
    /* As recorded */
    rig = start_as("c092", &needed, &(struct plan_device){.brs = false}, true);
    can_rig_answer(rig, command(BTAP_GET_ID), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    can_rig_ok(rig, command(BTAP_SYNC));
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_log(rig, "002 \n111 5a\n002 \n");
    can_rig_finish(rig);
}

static void nobody_there(void **state)
{
    struct plan_command recorded = command(BTAP_SYNC);
    struct rig *rig = start("c092", &(struct can_device_config){0});

    (void)state;
    rig->wire.mute = true;
    recorded.transaction.status = BTAP_NO_REPLY;
    recorded.transaction.phase = BTAP_PHASE_SYNC;
    can_rig_answer(rig, recorded, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    can_rig_answer(rig, command(BTAP_GET_ID), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_int_equal(rig->answer.transaction.has & BTAP_HAS_REPLY_ID, 0);
    rig->wire.mute = false;
    can_rig_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    can_rig_finish(rig);
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
    can_rig_patience = 2000 * (btap_ns)MS;
    rig = start("c092", &needed);
    can_rig_patience = 30 * (btap_ns)MS;
    can_rig_ok(rig, command(BTAP_SYNC));
    rig->wire.deaf_for = 10 * (btap_ns)MS;
    can_rig_ok(rig, command(BTAP_READOUT_UNPROTECT));
    (void)can_wire_log(&rig->wire);
    can_rig_ok(rig, any(BTAP_WRITE_MEMORY));
    log = can_wire_log(&rig->wire);
    /* Detection and a look, again and again until it is there */
    assert_memory_equal(log, "111 5a\n001 \n", 12);
    assert_non_null(strstr(log, "031 080000003b\n"));
    assert_memory_equal(rig->wire.device.memory.flash, sixty, 60);
    can_rig_finish(rig);
    /* The recorded host sent the detection frame again: too early for this device. */
    can_rig_patience = 2000 * (btap_ns)MS;
    rig = start("c092", &needed);
    can_rig_patience = 30 * (btap_ns)MS;
    can_rig_ok(rig, command(BTAP_SYNC));
    rig->wire.deaf_for = 150 * (btap_ns)MS;
    can_rig_ok(rig, command(BTAP_READOUT_UNPROTECT));
    made = command(BTAP_SYNC);
    assert_int_equal(host_fdcan.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    can_rig_ok(rig, any(BTAP_WRITE_MEMORY));
    can_rig_finish(rig);
    /* It does not come back: the command's silence tells. */
    rig = start("l552", &(struct can_device_config){.read_protected = true});
    can_rig_ok(rig, command(BTAP_READOUT_UNPROTECT));
    rig->wire.mute = true;
    can_rig_answer(rig, erase(BTAP_ERASE_MASS), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    rig->wire.mute = false;
    can_rig_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    can_rig_finish(rig);
}

/* What is not sent */

static void assert_refused(struct rig *rig, struct plan_command made, const char *why)
{
    said_begin();
    assert_int_equal(can_rig_perform(rig, made), HOST_REFUSED);
    assert_non_null(strstr(said_end(), why));
    can_rig_log(rig, "");
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
    can_rig_answer(rig, made, BTAP_NO_REPLY, BTAP_PHASE_LENGTH);
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
    can_rig_finish(rig);
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
    can_rig_answer(rig, made, BTAP_INCOMPLETE, BTAP_PHASE_DATA);
    can_rig_log(rig, "031 0800000003\n");
    assert_refused(rig, command(BTAP_GET_ID), "reset the device");
    said_begin();
    host_fdcan.rest(rig->host);
    assert_non_null(strstr(said_end(), "reset it"));
    can_rig_log(rig, "");
    can_rig_finish(rig);
}

/** The answer to a Write Memory is lost: what is sent next might be its data. */
static void data_that_may_be_missing(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){0});
    struct plan_command made = any(BTAP_WRITE_MEMORY);

    (void)state;
    can_rig_ok(rig, command(BTAP_GET_ID));
    rig->wire.mute = true;
    can_rig_answer(rig, made, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    rig->wire.mute = false;
    (void)can_wire_log(&rig->wire);
    assert_refused(rig, command(BTAP_GET_ID), "reset the device");
    rig->judge.answers_length = 1; /* nothing follows that ends it for the decoder */
    can_rig_finish(rig);
    /* H7 under read protection: the recorded one said nothing either, and took the next. */
    rig = start("h743",
                &(struct can_device_config){.read_protected = true, .silent_if_protected = true});
    can_rig_ok(rig, command(BTAP_GET_ID));
    made.transaction.status = BTAP_NO_REPLY;
    made.transaction.phase = BTAP_PHASE_COMMAND;
    can_rig_answer(rig, made, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
}

static void an_interface_that_vanishes(void **state)
{
    struct rig *rig = start("g474", &(struct can_device_config){0});

    (void)state;
    can_rig_ok(rig, command(BTAP_GET_ID));
    rig->wire.unplugged = true;
    assert_int_equal(can_rig_perform(rig, command(BTAP_GET_ID)), HOST_GONE);
    assert_int_equal(rig->answer.transaction.status, BTAP_DISCONNECTED);
    assert_int_equal(can_rig_perform(rig, any(BTAP_WRITE_MEMORY)), HOST_GONE);
    can_rig_finish(rig);
}

/** Frames without end, of other nodes and of one that uses the device's identifier. */
static void chatter(void **state)
{
    static const uint8_t bytes[] = {1, 2};
    struct rig *rig = start("g474", &(struct can_device_config){0});

    (void)state;
    for (unsigned i = 0; i < 200; i++)
        can_wire_add(&rig->wire, 0x3a5, bytes, 2);
    can_rig_ok(rig, command(BTAP_GET_ID));
    rig->wire.mute = true;
    assert_int_equal(can_rig_perform(rig, command(BTAP_GET_ID)), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    rig->wire.mute = false;
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
}

/** Whatever a device says, each command ends, and with an outcome. */
static void anything_at_all(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        struct rig *rig;

        can_rig_patience = 1 * (btap_ns)MS;
        rig = start("g474", &(struct can_device_config){0});
        can_rig_patience = 30 * (btap_ns)MS;
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
        can_rig_finish(rig);
    }
}

/** No second bit rate where the recorded host had none. */
static void bit_rates(void **state)
{
    const struct plan_device slow = {.brs_known = true, .brs = false};
    struct rig *rig = start_as("g474", &(struct can_device_config){0}, &slow, false);

    (void)state;
    can_rig_ok(rig, command(BTAP_GET_ID));
    assert_false(rig->wire.last.brs);
    can_rig_finish(rig);
    rig = start("g474", &(struct can_device_config){0});
    can_rig_ok(rig, command(BTAP_GET_ID));
    assert_true(rig->wire.last.brs);
    assert_true(rig->wire.last.fd);
    can_rig_finish(rig);
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
