/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The phases of every command. I2C, SPI and classic CAN have the same ones with other framing.
 */
#ifndef DECODER_USART_STEPS_H
#define DECODER_USART_STEPS_H

#include "boottap/command.h"

/** What a phase consists of. */
enum usart_kind {
    USART_END,
    USART_ANSWER,   /**< ACK or NACK */
    USART_VALUE,    /**< size bytes, MSB first */
    USART_LIST,     /**< values of size bytes */
    USART_BLOCK,    /**< as many bytes as were announced */
    USART_CHECKSUM, /**< XOR of the group; of a single byte its complement */
    USART_FORK,     /**< Get Checksum: the host sends on or the device answers */
    USART_CRC,      /**< Get Checksum: a second ACK or none, the CRC, its checksum */
    USART_REST,     /**< whatever the device sends until the host goes on */
};

/** What a value or a block means for the command. */
enum usart_meaning {
    USART_PLAIN,
    USART_TARGET, /**< an address */
    USART_READ_COUNT,
    USART_WRITE_COUNT,
    USART_PAGE_COUNT,          /**< Erase: N - 1, 0xFF for all */
    USART_EXTENDED_PAGE_COUNT, /**< Extended Erase: N - 1, 0xFFFx for special erases */
    USART_SECTOR_COUNT,
    USART_ENTRY, /**< of a list */
    USART_COMMAND_COUNT,
    USART_PROTOCOL_VERSION,
    USART_OPTION_1,
    USART_OPTION_2,
    USART_PID_COUNT,
    USART_PID,
    USART_WORDS,
    USART_POLYNOMIAL,
    USART_INITIAL,
    USART_SUBCOMMAND,
    USART_SENT_SIZE,
    USART_SENT2_SIZE,
    USART_RECEIVED_SIZE,
    USART_STATUS_SIZE,
    USART_MEMORY, /**< blocks: memory contents */
    USART_STATUS, /**< blocks: Special's status */
};

struct btap_usart_step {
    uint8_t kind;    /**< enum usart_kind */
    uint8_t from;    /**< enum btap_direction: who sends it; unknown: either, or nobody */
    uint8_t phase;   /**< enum btap_phase */
    uint8_t field;   /**< enum btap_field */
    uint8_t size;    /**< bytes of a value; 0: as many as were announced */
    uint8_t meaning; /**< enum usart_meaning */
};

/** The phases of a command behind its opcode and complement, up to USART_END. */
const struct btap_usart_step *usart_steps(enum btap_command command);

/** Row of an opcode; NULL if AN3155 lists no such command. */
static inline const struct btap_command_info *usart_info(uint8_t opcode)
{
    const struct btap_command_info *info = btap_command_by_opcode(BTAP_USART, opcode);

    return info != NULL && info->command != BTAP_SYNC ? info : NULL;
}

/** Whether two bytes are a command of AN3155 and its complement. */
static inline bool usart_is_command(uint8_t opcode, uint8_t complement)
{
    return (opcode ^ complement) == 0xff && usart_info(opcode) != NULL;
}

#endif
