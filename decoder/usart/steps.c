/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands of AN3155 section 3 as sequences of phases. Every command begins with its opcode
 * and complement, which are not repeated here.
 */
#include "usart/steps.h"

#include "boottap/sink.h"
#include "boottap/transaction.h"

#define STEP(from, kind, phase, field, size, meaning)                                              \
    {                                                                                              \
        USART_##kind, from, BTAP_PHASE_##phase, BTAP_FIELD_##field, size, USART_##meaning          \
    }
#define HOST(...)       STEP(BTAP_HOST_TO_DEVICE, __VA_ARGS__)
#define DEVICE(...)     STEP(BTAP_DEVICE_TO_HOST, __VA_ARGS__)
#define ANSWER(phase)   DEVICE(ANSWER, phase, ANSWER, 1, PLAIN)
#define CHECKSUM(phase) HOST(CHECKSUM, phase, CHECKSUM, 1, PLAIN)
#define END             STEP(BTAP_DIRECTION_UNKNOWN, END, NONE, ANSWER, 0, PLAIN)

/** 4 bytes, their XOR, and the answer to them. */
#define ADDRESS_GROUP HOST(VALUE, ADDRESS, ADDRESS, 4, TARGET), CHECKSUM(ADDRESS), ANSWER(ADDRESS)

/* AN3155 section 1 */
static const struct btap_usart_step sync[] = {ANSWER(SYNC), END};

static const struct btap_usart_step unknown[] = {
    ANSWER(COMMAND),
    DEVICE(REST, REPLY, DATA, 0, PLAIN),
    END,
};

/* AN3155 section 3.1 */
static const struct btap_usart_step get[] = {
    ANSWER(COMMAND),
    DEVICE(VALUE, REPLY, BYTE_COUNT, 1, COMMAND_COUNT),
    DEVICE(VALUE, REPLY, VERSION, 1, PROTOCOL_VERSION),
    DEVICE(LIST, REPLY, SUPPORTED, 1, ENTRY),
    ANSWER(REPLY),
    END,
};

/* AN3155 section 3.2 */
static const struct btap_usart_step get_version[] = {
    ANSWER(COMMAND),
    DEVICE(VALUE, REPLY, VERSION, 1, PROTOCOL_VERSION),
    DEVICE(VALUE, REPLY, OPTION_BYTE, 1, OPTION_1),
    DEVICE(VALUE, REPLY, OPTION_BYTE, 1, OPTION_2),
    ANSWER(REPLY),
    END,
};

/* AN3155 section 3.3; GD32 answers more than two bytes */
static const struct btap_usart_step get_id[] = {
    ANSWER(COMMAND),
    DEVICE(VALUE, REPLY, BYTE_COUNT, 1, PID_COUNT),
    DEVICE(VALUE, REPLY, PID, 0, PID),
    ANSWER(REPLY),
    END,
};

/* AN3155 section 3.4; no answer follows the data */
static const struct btap_usart_step read_memory[] = {
    ANSWER(COMMAND),
    ADDRESS_GROUP,
    HOST(VALUE, LENGTH, BYTE_COUNT, 1, READ_COUNT),
    CHECKSUM(LENGTH),
    ANSWER(LENGTH),
    DEVICE(BLOCK, DATA, DATA, 0, MEMORY),
    END,
};

/* AN3155 section 3.5 */
static const struct btap_usart_step go[] = {ANSWER(COMMAND), ADDRESS_GROUP, END};

/* AN3155 section 3.6 */
static const struct btap_usart_step write_memory[] = {
    ANSWER(COMMAND),
    ADDRESS_GROUP,
    HOST(VALUE, LENGTH, BYTE_COUNT, 1, WRITE_COUNT),
    HOST(BLOCK, DATA, DATA, 0, MEMORY),
    CHECKSUM(CHECKSUM),
    ANSWER(DATA),
    END,
};

/* AN3155 section 3.7 */
static const struct btap_usart_step erase[] = {
    ANSWER(COMMAND),
    HOST(VALUE, LENGTH, PAGES_LESS_1, 1, PAGE_COUNT),
    HOST(LIST, DATA, PAGE, 1, ENTRY),
    CHECKSUM(CHECKSUM),
    ANSWER(DATA),
    END,
};

/* AN3155 section 3.8 */
static const struct btap_usart_step extended_erase[] = {
    ANSWER(COMMAND),
    HOST(VALUE, LENGTH, PAGES_LESS_1, 2, EXTENDED_PAGE_COUNT),
    HOST(LIST, DATA, PAGE, 2, ENTRY),
    CHECKSUM(CHECKSUM),
    ANSWER(DATA),
    END,
};

/* AN3155 section 3.9 */
static const struct btap_usart_step write_protect[] = {
    ANSWER(COMMAND),
    HOST(VALUE, LENGTH, SECTORS_LESS_1, 1, SECTOR_COUNT),
    HOST(LIST, DATA, SECTOR, 1, ENTRY),
    CHECKSUM(CHECKSUM),
    ANSWER(DATA),
    END,
};

/* AN3155 sections 3.10 to 3.12 */
static const struct btap_usart_step two_answers[] = {ANSWER(COMMAND), ANSWER(OPERATION), END};

/* AN3155 section 3.13; stm32flash leaves out polynomial and initial value */
static const struct btap_usart_step get_checksum[] = {
    ANSWER(COMMAND),
    ADDRESS_GROUP,
    HOST(VALUE, LENGTH, WORD_COUNT, 4, WORDS),
    CHECKSUM(LENGTH),
    ANSWER(LENGTH),
    STEP(BTAP_DIRECTION_UNKNOWN, FORK, REPLY, ANSWER, 0, PLAIN),
    HOST(VALUE, POLYNOMIAL, POLYNOMIAL, 4, POLYNOMIAL),
    CHECKSUM(POLYNOMIAL),
    ANSWER(POLYNOMIAL),
    HOST(VALUE, INITIAL, INITIAL, 4, INITIAL),
    CHECKSUM(INITIAL),
    ANSWER(INITIAL),
    DEVICE(CRC, REPLY, CRC, 4, PLAIN),
    END,
};

/** Sub-command, data and its checksum: what both Special commands begin with. */
#define SPECIAL_GROUPS                                                                             \
    HOST(VALUE, SUBCOMMAND, SUBCOMMAND, 2, SUBCOMMAND), CHECKSUM(SUBCOMMAND), ANSWER(SUBCOMMAND),  \
        HOST(VALUE, LENGTH, DATA_LENGTH, 2, SENT_SIZE), HOST(BLOCK, DATA, DATA, 0, PLAIN),         \
        CHECKSUM(CHECKSUM), ANSWER(DATA)

/** The device's status and the last answer. */
#define SPECIAL_STATUS                                                                             \
    DEVICE(VALUE, STATUS, STATUS_LENGTH, 2, STATUS_SIZE),                                          \
        DEVICE(BLOCK, STATUS, STATUS_DATA, 0, STATUS), ANSWER(STATUS)

/* AN3155 section 3.14; no checksum from the device */
static const struct btap_usart_step special[] = {
    ANSWER(COMMAND),
    SPECIAL_GROUPS,
    DEVICE(VALUE, REPLY, DATA_LENGTH, 2, RECEIVED_SIZE),
    DEVICE(BLOCK, REPLY, DATA, 0, PLAIN),
    SPECIAL_STATUS,
    END,
};

/* AN3155 section 3.15 */
static const struct btap_usart_step extended_special[] = {
    ANSWER(COMMAND),
    SPECIAL_GROUPS,
    HOST(VALUE, LENGTH, DATA_LENGTH, 2, SENT2_SIZE),
    HOST(BLOCK, DATA, DATA, 0, PLAIN),
    CHECKSUM(CHECKSUM),
    ANSWER(DATA),
    SPECIAL_STATUS,
    END,
};

static const struct btap_usart_step *const steps[BTAP_COMMAND_COUNT] = {
    [BTAP_COMMAND_UNKNOWN] = unknown,
    [BTAP_SYNC] = sync,
    [BTAP_GET] = get,
    [BTAP_GET_VERSION] = get_version,
    [BTAP_GET_ID] = get_id,
    [BTAP_READ_MEMORY] = read_memory,
    [BTAP_GO] = go,
    [BTAP_WRITE_MEMORY] = write_memory,
    [BTAP_ERASE] = erase,
    [BTAP_EXTENDED_ERASE] = extended_erase,
    [BTAP_SPECIAL] = special,
    [BTAP_EXTENDED_SPECIAL] = extended_special,
    [BTAP_WRITE_PROTECT] = write_protect,
    [BTAP_WRITE_UNPROTECT] = two_answers,
    [BTAP_READOUT_PROTECT] = two_answers,
    [BTAP_READOUT_UNPROTECT] = two_answers,
    [BTAP_GET_CHECKSUM] = get_checksum,
};

const struct btap_usart_step *usart_steps(enum btap_command command)
{
    return steps[command];
}
