/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of classic CAN on simulated devices: what it sends, by AN3154; what it makes of the
 * answers, as the decoder does.
 */
#include <string.h>

#include "can_rig.h"
#include "said.h"
#include "test.h"

static struct rig *start_as(const struct can_device_config *config, bool as_recorded)
{
    struct can_device_config own = *config;

    own.detection_required = true;
    return can_rig_start(&host_can, "f105", &own, &(struct plan_device){0}, as_recorded);
}

static struct rig *start(const struct can_device_config *config)
{
    return start_as(config, false);
}

static struct plan_command command(enum btap_command of)
{
    return can_rig_command(BTAP_CAN, of);
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

static struct plan_command speed(uint32_t rate)
{
    struct plan_command made = command(BTAP_SPEED);

    made.transaction.has |= BTAP_HAS_BIT_RATE;
    made.transaction.bit_rate = rate;
    return made;
}

/** Synchronised, as the host does it by itself. */
static struct rig *started(const struct can_device_config *config)
{
    struct rig *rig = start(config);
    const struct plan_command first = command(BTAP_GET);

    assert_int_equal(rig->host->kind->begin(rig->host, &first, &rig->answer), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    can_rig_log(rig, "079 \n");
    return rig;
}

static const uint8_t bytes[11] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0x79, 0x1f};

/* AN3154 section 3: what each command sends */
static void what_each_command_sends(void **state)
{
    struct rig *rig = started(&(struct can_device_config){0});

    (void)state;
    can_rig_ok(rig, command(BTAP_GET));
    can_rig_log(rig, "000 \n");
    assert_int_equal(rig->answer.transaction.version, 0x20);
    assert_int_equal(rig->answer.transaction.list_length, 12);
    assert_int_equal(rig->answer.transaction.list[3], 0x03);
    can_rig_ok(rig, command(BTAP_GET_VERSION));
    can_rig_log(rig, "001 \n");
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_log(rig, "002 \n");
    assert_int_equal(rig->answer.transaction.pid, 0x418);
    assert_int_equal(rig->answer.transaction.reply_id, 0x002);
    can_rig_ok(rig, speed(125000));
    can_rig_ok(rig, speed(250000));
    can_rig_ok(rig, speed(500000));
    can_rig_ok(rig, speed(1000000));
    can_rig_log(rig, "003 01\n003 02\n003 03\n003 04\n");
    can_rig_ok(rig, list(BTAP_ERASE, 1, 3));
    can_rig_log(rig, "043 02\n043 010203\n");
    can_rig_ok(rig, erase(BTAP_ERASE_MASS));
    can_rig_log(rig, "043 ff\n");
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000100, 11, bytes));
    can_rig_log(rig, "031 080001000a\n004 0102030405060708\n004 09791f\n");
    assert_int_equal(rig->answer.transaction.transferred, 11);
    assert_memory_equal(rig->wire.device.memory.flash + 0x100, bytes, 11);
    assert_int_equal(rig->wire.device.memory.flash[0x10b], 0xff);
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000100, 11, NULL));
    can_rig_log(rig, "011 080001000a\n");
    assert_int_equal(rig->answer.length, 11);
    assert_memory_equal(rig->data, bytes, 11);
    can_rig_ok(rig, memory(BTAP_GO, 0x08000000, 0, NULL));
    can_rig_log(rig, "021 08000000\n");
    assert_false(rig->wire.last.fd);
    assert_false(rig->wire.last.brs);
    can_rig_finish(rig);
}

/** All 256 bytes of a command, in 32 frames. */
static void full_writes(void **state)
{
    static uint8_t full[256];
    struct rig *rig = started(&(struct can_device_config){0});

    (void)state;
    for (size_t i = 0; i < sizeof(full); i++)
        full[i] = (uint8_t)(i * 3);
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 256, full));
    assert_memory_equal(rig->wire.device.memory.flash, full, 256);
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 256, NULL));
    assert_memory_equal(rig->data, full, 256);
    can_rig_finish(rig);
}

/* Section 3.9: 8 and 9 pages fill a frame, which is acknowledged apart. */
static void long_lists(void **state)
{
    struct rig *rig = started(&(struct can_device_config){0});
    uint8_t *flash = rig->wire.device.memory.flash;

    (void)state;
    memset(flash, 0, 20 * 2048);
    can_rig_ok(rig, list(BTAP_ERASE, 1, 8));
    can_rig_log(rig, "043 07\n043 0102030405060708\n");
    can_rig_ok(rig, list(BTAP_ERASE, 9, 9));
    can_rig_log(rig, "043 08\n043 090a0b0c0d0e0f10\n043 11\n");
    assert_int_equal(flash[0], 0);
    for (size_t page = 1; page <= 17; page++)
        assert_int_equal(flash[page * 2048], 0xff);
    assert_int_equal(flash[18 * 2048], 0);
    can_rig_finish(rig);
}

static void protections(void **state)
{
    static const enum btap_command commands[] = {BTAP_WRITE_UNPROTECT, BTAP_READOUT_PROTECT,
                                                 BTAP_READOUT_UNPROTECT};
    static const char *const sent[] = {"079 \n073 \n", "079 \n082 \n", "079 \n092 \n"};
    struct rig *rig = started(&(struct can_device_config){0});

    (void)state;
    can_rig_ok(rig, list(BTAP_WRITE_PROTECT, 4, 2));
    can_rig_log(rig, "063 01\n063 0405\n");
    /* Each has the device reset, which takes nothing before 0x79 then. */
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        can_rig_ok(rig, command(commands[i]));
        can_rig_log(rig, sent[i]);
    }
    can_rig_ok(rig, list(BTAP_WRITE_PROTECT, 0, 9));
    can_rig_log(rig, "079 \n063 08\n063 0001020304050607\n063 08\n");
    can_rig_finish(rig);
}

/* Forms: ST's own code, and what the note's text has */

static void other_devices(void **state)
{
    static const struct can_device_config own_code = {.rest_by_bytes = true,
                                                      .three_mass_acks = true};
    struct rig *rig = started(&own_code);
    uint8_t *flash = rig->wire.device.memory.flash;
    struct plan_command made = list(BTAP_ERASE, 1, 1);

    (void)state;
    /* Bytes of memory like answers, each in a frame of its own */
    memcpy(flash, "\x01\x02\x03\x04\x05\x06\x07\x08\x79\x1f\x79", 11);
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 11, NULL));
    assert_int_equal(rig->answer.length, 11);
    assert_memory_equal(rig->data, flash, 11);
    can_rig_ok(rig, erase(BTAP_ERASE_MASS));
    can_rig_ok(rig, list(BTAP_ERASE, 0, 1));
    can_rig_finish(rig);
    /* The number of pages has no answer, which the recorded erase leaves open. */
    rig = started(&(struct can_device_config){.one_list_ack = true});
    memset(rig->wire.device.memory.flash, 0, 3 * 2048);
    can_rig_ok(rig, made);
    can_rig_log(rig, "043 00\n004 01\n");
    assert_int_equal(rig->wire.device.memory.flash[2047], 0);
    assert_int_equal(rig->wire.device.memory.flash[2048], 0xff);
    assert_int_equal(rig->wire.device.memory.flash[4096], 0);
    can_rig_finish(rig);
}

/** FD frames, extended ones, errors, and a node on an identifier of its own. */
static void other_nodes(void **state)
{
    struct rig *rig = started(&(struct can_device_config){0});

    (void)state;
    rig->wire.others = true;
    can_rig_ok(rig, command(BTAP_GET));
    can_rig_ok(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 11, bytes));
    can_rig_ok(rig, memory(BTAP_READ_MEMORY, 0x08000000, 11, NULL));
    assert_memory_equal(rig->data, bytes, 11);
    can_rig_finish(rig);
}

/* Synchronising: section 1 */

static void synchronisation(void **state)
{
    const struct plan_command first = command(BTAP_GET_ID);
    struct rig *rig = start(&(struct can_device_config){0});

    (void)state;
    /* As recorded; once more it is refused, and the device is there all the same. */
    can_rig_ok(rig, command(BTAP_SYNC));
    can_rig_log(rig, "079 \n");
    can_rig_answer(rig, command(BTAP_SYNC), BTAP_NACK, BTAP_PHASE_SYNC);
    assert_int_equal(rig->host->kind->begin(rig->host, &first, &rig->answer), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_OK, BTAP_PHASE_NONE);
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
    /* Nobody there */
    rig = start(&(struct can_device_config){0});
    rig->wire.mute = true;
    assert_int_equal(rig->host->kind->begin(rig->host, &first, &rig->answer), HOST_ANSWERED);
    can_rig_outcome(rig, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    can_rig_finish(rig);
    /* One that was reset by hand meanwhile: what asks only is sent again. */
    rig = start(&(struct can_device_config){0});
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_log(rig, "002 \n079 \n002 \n");
    can_rig_finish(rig);
    rig = start_as(&(struct can_device_config){0}, true);
    can_rig_answer(rig, command(BTAP_GET_ID), BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    can_rig_log(rig, "002 \n");
    rig->judge.answers_length = 0; /* the decoder knows no session that does not begin with 0x79 */
    can_rig_finish(rig);
}

/* Faults: each answer of each command refused, and missing */

/** One that no device has answered yet. */
static struct plan_command fitted(struct plan_command made)
{
    made.origin = PLAN_FITTED;
    return made;
}

static struct plan_command any(enum btap_command of)
{
    switch (of) {
    case BTAP_SPEED:
        return speed(500000);
    case BTAP_READ_MEMORY:
        return memory(of, 0x08000000, 11, NULL);
    case BTAP_WRITE_MEMORY:
        return memory(of, 0x08000000, 11, bytes);
    case BTAP_GO:
        return memory(of, 0x08000000, 0, NULL);
    case BTAP_ERASE:
    case BTAP_WRITE_PROTECT:
        return fitted(list(of, 0, 9));
    default:
        return command(of);
    }
}

static const struct {
    enum btap_command command;
    enum can_phase at; /**< where the device misbehaves */
    uint32_t skip;
    enum btap_phase phase; /**< AN3154's step that it is */
    bool half;             /**< silence there may leave the device waiting for data */
} cases[] = {
    {BTAP_GET, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, false},
    {BTAP_GET, CAN_OPERATION, 0, BTAP_PHASE_REPLY, false},
    {BTAP_GET_VERSION, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, false},
    {BTAP_GET_VERSION, CAN_OPERATION, 0, BTAP_PHASE_REPLY, false},
    {BTAP_SPEED, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, false},
    {BTAP_SPEED, CAN_OPERATION, 0, BTAP_PHASE_OPERATION, false},
    {BTAP_READ_MEMORY, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, false},
    {BTAP_READ_MEMORY, CAN_OPERATION, 0, BTAP_PHASE_REPLY, false},
    {BTAP_WRITE_MEMORY, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, true},
    {BTAP_WRITE_MEMORY, CAN_DATA_FRAME, 0, BTAP_PHASE_DATA, true},
    {BTAP_WRITE_MEMORY, CAN_DATA_FRAME, 1, BTAP_PHASE_DATA, true},
    {BTAP_WRITE_MEMORY, CAN_DATA, 0, BTAP_PHASE_OPERATION, false},
    {BTAP_GO, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, false},
    {BTAP_ERASE, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, true},
    {BTAP_ERASE, CAN_OPERATION, 0, BTAP_PHASE_LENGTH, true},
    {BTAP_ERASE, CAN_DATA, 0, BTAP_PHASE_DATA, false},
    {BTAP_WRITE_PROTECT, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, true},
    {BTAP_WRITE_UNPROTECT, CAN_COMMAND, 0, BTAP_PHASE_COMMAND, false},
    {BTAP_WRITE_UNPROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION, false},
    {BTAP_READOUT_PROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION, false},
    {BTAP_READOUT_UNPROTECT, CAN_OPERATION, 0, BTAP_PHASE_OPERATION, false},
};

static struct rig *start_with_fault(size_t index, enum can_misbehaviour kind)
{
    const struct can_device_config config = {
        .faults_length = 1,
        .faults = {{.kind = kind,
                    .opcode = command(cases[index].command).transaction.opcode,
                    .phase = cases[index].at,
                    .skip = cases[index].skip,
                    .times = 1}},
    };
    struct rig *rig = started(&config);

    can_rig_ok(rig, command(BTAP_GET_ID));
    return rig;
}

static void each_answer_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig *rig = start_with_fault(i, CAN_NACK);

        can_rig_answer(rig, any(cases[i].command), BTAP_NACK, cases[i].phase);
        can_rig_ok(rig, command(BTAP_GET_ID));
        can_rig_finish(rig);
    }
}

/** What might wait for data gets nothing more: any frame would be data. */
static void each_answer_missing(void **state)
{
    const struct plan_command next = command(BTAP_GET_ID);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig *rig = start_with_fault(i, CAN_SILENCE);

        assert_int_equal(can_rig_perform(rig, any(cases[i].command)), HOST_ANSWERED);
        can_rig_outcome(rig, BTAP_NO_REPLY, cases[i].phase);
        said_begin();
        assert_int_equal(rig->host->kind->perform(rig->host, &next, &rig->answer),
                         cases[i].half ? HOST_REFUSED : HOST_ANSWERED);
        if (cases[i].half)
            assert_non_null(strstr(said_end(), "reset the device"));
        else
            said_end();
        rig->judge.answers_length = 1; /* the decoder may take what follows for the answer */
        can_rig_finish(rig);
    }
}

/** A NACK on the identifier of data: the device waits for none, as one that acknowledges the
 * command with a byte like an ACK and forgets it (wire-facts: a stray 0x04 is refused on 0x04). */
static void data_that_are_no_data(void **state)
{
    static const struct can_device_config config = {
        .faults_length = 1,
        .faults =
            {{.kind = CAN_GARBAGE, .opcode = 0x31, .phase = CAN_COMMAND, .times = 1, .byte = 0x79}},
    };
    struct rig *rig = started(&config);

    (void)state;
    can_rig_answer(rig, any(BTAP_WRITE_MEMORY), BTAP_NACK, BTAP_PHASE_DATA);
    can_rig_log(rig, "031 080000000a\n004 0102030405060708\n");
    can_rig_ok(rig, command(BTAP_GET_ID));
    can_rig_finish(rig);
}

/** The recorded device may not have acknowledged the number of pages; this one forgets the command
 * there. The list is no new erase to it: only data have that identifier. */
static void a_list_that_is_not_waited_for(void **state)
{
    static const struct can_device_config config = {
        .faults_length = 1,
        .faults = {{.kind = CAN_SILENCE, .opcode = 0x43, .phase = CAN_OPERATION, .times = 1}},
    };
    struct rig *rig = started(&config);

    (void)state;
    memset(rig->wire.device.memory.flash, 0, 4 * 2048);
    can_rig_answer(rig, list(BTAP_ERASE, 1, 2), BTAP_NACK, BTAP_PHASE_DATA);
    can_rig_log(rig, "043 01\n004 0102\n");
    can_rig_ok(rig, command(BTAP_GET_ID));
    assert_int_equal(rig->wire.device.memory.flash[2048], 0);
    can_rig_finish(rig);
}

static void protected_memory(void **state)
{
    static const enum btap_command restricted[] = {BTAP_READ_MEMORY, BTAP_WRITE_MEMORY, BTAP_GO,
                                                   BTAP_ERASE, BTAP_WRITE_PROTECT};
    struct rig *rig = started(&(struct can_device_config){.read_protected = true});

    (void)state;
    can_rig_ok(rig, command(BTAP_GET));
    for (size_t i = 0; i < COUNT_OF(restricted); i++)
        can_rig_answer(rig, any(restricted[i]), BTAP_NACK, BTAP_PHASE_COMMAND);
    can_rig_finish(rig);
}

/* What is never sent */

static void assert_refused(struct rig *rig, struct plan_command made, const char *words)
{
    const char *said;

    said_begin();
    assert_int_equal(can_rig_perform(rig, made), HOST_REFUSED);
    said = said_end();
    if (strstr(said, words) == NULL)
        fail_msg("it says: %s", said);
    can_rig_log(rig, "");
}

static void what_is_refused(void **state)
{
    struct rig *rig = started(&(struct can_device_config){0});
    struct plan_command made = speed(123456);

    (void)state;
    assert_refused(rig, made, "123456 bit/s have no code");
    made.transaction.has &= ~(uint32_t)BTAP_HAS_BIT_RATE;
    assert_refused(rig, made, "does not hold its bit rate");
    assert_refused(rig, list(BTAP_ERASE, 0, 256), "a list of 256; it can have 1 to 255");
    assert_refused(rig, list(BTAP_ERASE, 250, 8), "number 256 in its list; 255 is the highest");
    assert_refused(rig, erase(BTAP_ERASE_BANK1), "cannot erase a bank");
    assert_refused(rig, memory(BTAP_WRITE_MEMORY, 0x08000000, 257, bytes), "it can have 1 to 256");
    assert_refused(rig, command(BTAP_COMMAND_UNKNOWN), "AN3154 knows no such command");
    can_rig_finish(rig);
}

/** Whatever a device says, each command ends, and with an outcome. */
static void anything_at_all(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        struct rig *rig;

        can_rig_patience = 1 * (btap_ns)CAN_RIG_MS;
        rig = start(&(struct can_device_config){0});
        can_rig_patience = 30 * (btap_ns)CAN_RIG_MS;
        rig->wire.seed = seed;
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            const struct plan_command made = any(cases[i].command);
            enum host_end end;

            said_begin();
            end = rig->host->kind->perform(rig->host, &made, &rig->answer);
            said_end();
            (void)can_wire_log(&rig->wire);
            if (end == HOST_REFUSED)
                break; /* it may wait for data */
            assert_int_equal(end, HOST_ANSWERED);
            assert_int_equal(rig->answer.transaction.status == BTAP_OK,
                             rig->answer.transaction.phase == BTAP_PHASE_NONE);
        }
        said_begin();
        can_rig_finish(rig);
        said_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_command_sends),
        cmocka_unit_test(full_writes),
        cmocka_unit_test(long_lists),
        cmocka_unit_test(protections),
        cmocka_unit_test(other_devices),
        cmocka_unit_test(other_nodes),
        cmocka_unit_test(synchronisation),
        cmocka_unit_test(each_answer_refused),
        cmocka_unit_test(each_answer_missing),
        cmocka_unit_test(data_that_are_no_data),
        cmocka_unit_test(a_list_that_is_not_waited_for),
        cmocka_unit_test(protected_memory),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(anything_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
