/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Section numbers are those of AN5405. Where a note is silent or devices differ, the comment says
 * what occurs; "ST's own code" is the Open Bootloader, written to match the ROM.
 */
#include "can/steps.h"

#define ROW(kind, phase, optional, each)                                                           \
    {                                                                                              \
        CAN_##kind, BTAP_PHASE_##phase, optional, each                                             \
    }
#define STEP(kind, phase)      ROW(kind, phase, false, false)
#define ANSWER(phase)          ROW(ANSWER, phase, false, false)
#define OPTIONAL_ANSWER(phase) ROW(ANSWER, phase, true, false)
#define ANSWER_TO_EACH(phase)  ROW(ANSWER, phase, false, true)

#define STEPS_MAX 13

/** AN5405: the steps of each command; a zero behind them is CAN_END. */
static const struct btap_can_step fd_steps[BTAP_COMMAND_COUNT][STEPS_MAX] = {
    /* no command of table 2: one NACK */
    [BTAP_COMMAND_UNKNOWN] = {ANSWER(COMMAND)},
    /* section 1; whether devices answer it is not documented */
    [BTAP_SYNC] = {ANSWER(SYNC)},
    /* 3.1: one byte a frame */
    [BTAP_GET] = {ANSWER(COMMAND), STEP(COUNT, REPLY), STEP(VERSION, REPLY), STEP(OPCODES, REPLY),
                  ANSWER(REPLY)},
    /* 3.2 */
    [BTAP_GET_VERSION] = {ANSWER(COMMAND), STEP(VERSION, REPLY), STEP(OPTIONS, REPLY),
                          ANSWER(REPLY)},
    /* 3.3 */
    [BTAP_GET_ID] = {ANSWER(COMMAND), STEP(PID, REPLY), ANSWER(REPLY)},
    /* 3.4: one answer for command and address */
    [BTAP_READ_MEMORY] = {ANSWER(COMMAND), STEP(CONTENTS, REPLY), ANSWER(REPLY)},
    /* 3.5 has one ACK; ST's own code sends a second one for the address */
    [BTAP_GO] = {ANSWER(COMMAND), OPTIONAL_ANSWER(ADDRESS)},
    /* 3.6 */
    [BTAP_WRITE_MEMORY] = {ANSWER(COMMAND), STEP(PAYLOAD, DATA), ANSWER(DATA)},
    /* 3.7: mass and bank erase */
    [BTAP_ERASE] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    /* 3.8: the sectors stand in the command frame, or in frames of their own after the first ACK */
    [BTAP_WRITE_PROTECT] = {ANSWER(COMMAND), STEP(SECTORS, DATA), ANSWER(OPERATION)},
    /* 3.9 to 3.11 */
    [BTAP_WRITE_UNPROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READOUT_PROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READOUT_UNPROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    /* 3.12; the sub-command stands in the command frame (ST's own code) or in one of its own (text)
     */
    [BTAP_SPECIAL] = {ANSWER(COMMAND), STEP(SUBCOMMAND, SUBCOMMAND), ANSWER(SUBCOMMAND),
                      STEP(SIZE, DATA), STEP(PACKET, DATA), ANSWER(DATA), STEP(REPLY_SIZE, REPLY),
                      STEP(REPLY, REPLY), STEP(STATUS_SIZE, STATUS), STEP(STATUS, STATUS),
                      ANSWER(STATUS)},
    /* 3.13 */
    [BTAP_EXTENDED_SPECIAL] = {ANSWER(COMMAND), STEP(SUBCOMMAND, SUBCOMMAND), ANSWER(SUBCOMMAND),
                               STEP(SIZE, DATA), STEP(PACKET, DATA), ANSWER(DATA),
                               STEP(SIZE2, DATA), STEP(PACKET2, DATA), ANSWER(DATA),
                               STEP(STATUS_SIZE, STATUS), STEP(STATUS, STATUS), ANSWER(STATUS)},
};

/* 3.7: pages; ST's own code acknowledges the count too before it reads the list */
static const struct btap_can_step fd_erase_pages[] = {
    ANSWER(COMMAND), OPTIONAL_ANSWER(LENGTH), STEP(PAGES, DATA), ANSWER(DATA), {.kind = CAN_END}};

/** AN3154, likewise. Get, Get Version and Get ID answer as those of AN5405 do. */
static const struct btap_can_step classic_steps[BTAP_COMMAND_COUNT][STEPS_MAX] = {
    [BTAP_COMMAND_UNKNOWN] = {ANSWER(COMMAND)},
    [BTAP_SYNC] = {ANSWER(SYNC)},
    [BTAP_GET] = {ANSWER(COMMAND), STEP(COUNT, REPLY), STEP(VERSION, REPLY), STEP(OPCODES, REPLY),
                  ANSWER(REPLY)},
    [BTAP_GET_VERSION] = {ANSWER(COMMAND), STEP(VERSION, REPLY), STEP(OPTIONS, REPLY),
                          ANSWER(REPLY)},
    [BTAP_GET_ID] = {ANSWER(COMMAND), STEP(PID, REPLY), ANSWER(REPLY)},
    /* the second answer comes at the new rate */
    [BTAP_SPEED] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READ_MEMORY] = {ANSWER(COMMAND), STEP(CONTENTS, REPLY), ANSWER(REPLY)},
    [BTAP_GO] = {ANSWER(COMMAND)},
    [BTAP_WRITE_MEMORY] = {ANSWER(COMMAND), STEP(PAYLOAD, DATA), ANSWER_TO_EACH(DATA),
                           ANSWER(OPERATION)},
    /* all of it; ST's own code sends one ACK more than hosts wait for */
    [BTAP_ERASE] = {ANSWER(COMMAND), ANSWER(OPERATION), OPTIONAL_ANSWER(OPERATION)},
    /* ST's own code acknowledges the frames of the list and the end, the note the end */
    [BTAP_WRITE_PROTECT] = {ANSWER(COMMAND), STEP(SECTORS, DATA), ANSWER_TO_EACH(DATA),
                            OPTIONAL_ANSWER(OPERATION)},
    [BTAP_WRITE_UNPROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READOUT_PROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READOUT_UNPROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
};

/* ST's own code acknowledges the count too, and no last frame that is not full; others do */
static const struct btap_can_step classic_erase_pages[] = {
    ANSWER(COMMAND),      OPTIONAL_ANSWER(LENGTH),    STEP(PAGES_8, DATA),
    ANSWER_TO_EACH(DATA), OPTIONAL_ANSWER(OPERATION), {.kind = CAN_END}};

static const struct can_number numbers[CAN_STATUS + 1] = {
    [CAN_COUNT] = {BTAP_FIELD_COMMAND_COUNT, 1, 1},
    [CAN_VERSION] = {BTAP_FIELD_VERSION, 1, 1},
    [CAN_OPCODES] = {BTAP_FIELD_SUPPORTED, 1, 0},
    [CAN_OPTIONS] = {BTAP_FIELD_OPTION_BYTE, 1, 2},
    [CAN_PID] = {BTAP_FIELD_PID, 2, 2},
    [CAN_PAGES] = {BTAP_FIELD_PAGE, 2, 0},
    [CAN_PAGES_8] = {BTAP_FIELD_PAGE, 1, 0},
    [CAN_SECTORS] = {BTAP_FIELD_SECTOR, 1, 0},
    [CAN_SUBCOMMAND] = {BTAP_FIELD_SUBCOMMAND, 2, 0},
    [CAN_SIZE] = {BTAP_FIELD_DATA_LENGTH, 2, 2},
    [CAN_SIZE2] = {BTAP_FIELD_DATA_LENGTH, 2, 2},
    [CAN_REPLY_SIZE] = {BTAP_FIELD_DATA_LENGTH, 2, 2},
    [CAN_STATUS_SIZE] = {BTAP_FIELD_STATUS_LENGTH, 2, 2},
};

struct can_number can_number(enum can_step_kind kind)
{
    return numbers[kind];
}

const struct btap_can_step *can_steps(bool fd, const struct btap_transaction *transaction)
{
    if (transaction->erase == BTAP_ERASE_PAGES)
        return fd ? fd_erase_pages : classic_erase_pages;
    return fd ? fd_steps[transaction->command] : classic_steps[transaction->command];
}
