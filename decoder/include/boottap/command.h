/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands of the three protocols. One table, decoder/command.c, holds their names and codes
 * for every consumer.
 */
#ifndef BOOTTAP_COMMAND_H
#define BOOTTAP_COMMAND_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** AN3155 table 2, AN5405 table 2, AN3156 tables 1 and 3, and the session events beside them. */
enum btap_command {
    BTAP_COMMAND_UNKNOWN,
    BTAP_SYNC, /**< USART 0x7F (AN3155 section 1); FDCAN detection frame (AN5405 section 1) */
    BTAP_GET,  /**< USART and FDCAN 0x00; DFU UPLOAD with wValue 0 (AN3156 4.2) */
    BTAP_GET_VERSION,
    BTAP_GET_ID,
    BTAP_READ_MEMORY,
    BTAP_GO,
    BTAP_WRITE_MEMORY,
    BTAP_ERASE,          /**< USART 0x43, FDCAN 0x44, DFU DNLOAD 0x41 (AN3156 5.3) */
    BTAP_EXTENDED_ERASE, /**< USART 0x44 */
    BTAP_SPECIAL,
    BTAP_EXTENDED_SPECIAL,
    BTAP_WRITE_PROTECT,
    BTAP_WRITE_UNPROTECT,
    BTAP_READOUT_PROTECT,
    BTAP_READOUT_UNPROTECT,
    BTAP_GET_CHECKSUM,
    BTAP_DETACH,
    BTAP_SET_ADDRESS,    /**< DFU DNLOAD 0x21 (AN3156 5.2) */
    BTAP_READ_UNPROTECT, /**< DFU DNLOAD 0x92 (AN3156 5.4) */
    BTAP_LEAVE,          /**< DFU DNLOAD of length 0 (AN3156 5.5) */
    BTAP_CLEAR_STATUS,
    BTAP_ABORT,
    BTAP_GET_STATE,
    BTAP_GET_STATUS,
    BTAP_DOWNLOAD, /**< DNLOAD to a plain DFU 1.1 device */
    BTAP_UPLOAD,   /**< UPLOAD from a plain DFU 1.1 device */
    BTAP_COMMAND_COUNT,
};

/** One row of the command table. */
struct btap_command_info {
    enum btap_transport transport;
    enum btap_command command;
    int16_t opcode;    /**< 0x00-0xFF; -1 where the command has none */
    const char *name;  /**< kebab-case, as in JSON and filters: `write-memory` */
    const char *label; /**< as the application note writes it: `Write Memory` */
};

/** Kebab-case name, `unknown` for BTAP_COMMAND_UNKNOWN and anything outside the enum. */
const char *btap_command_name(enum btap_command command);

/** Name as the application notes write it, `Unknown command` likewise. */
const char *btap_command_label(enum btap_command command);

/**
 * The command that a name stands for, whatever the transport.
 *
 * @param name kebab-case, not NULL
 * @param[out] command set where true is returned; may be NULL
 * @return false if no command has that name
 */
bool btap_command_by_name(const char *name, enum btap_command *command);

/**
 * Row of the table for an opcode.
 *
 * @return NULL if the transport's application note lists no such code
 */
const struct btap_command_info *btap_command_by_opcode(enum btap_transport transport,
                                                       uint8_t opcode);

BTAP_END_DECLARATIONS

#endif
