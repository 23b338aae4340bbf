/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands of the four protocols. One table, decoder/model/commands.def, holds their names,
 * codes and what they do, for every consumer.
 */
#ifndef BOOTTAP_COMMAND_H
#define BOOTTAP_COMMAND_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** AN3155 table 2, AN5405 table 2, AN3154 table 2, AN3156 tables 1 and 3, and the session events
 * beside them. */
enum btap_command {
    BTAP_COMMAND_UNKNOWN,
    BTAP_SYNC, /**< USART 0x7F (AN3155 section 1); FDCAN detection frame (AN5405 section 1); CAN
                    identifier 0x79 (AN3154 section 1) */
    BTAP_GET,  /**< USART, FDCAN and CAN 0x00; DFU UPLOAD with wValue 0 (AN3156 4.2) */
    BTAP_GET_VERSION,
    BTAP_GET_ID,
    BTAP_READ_MEMORY,
    BTAP_GO,
    BTAP_WRITE_MEMORY,
    BTAP_ERASE,          /**< USART and CAN 0x43, FDCAN 0x44, DFU DNLOAD 0x41 (AN3156 5.3) */
    BTAP_EXTENDED_ERASE, /**< USART 0x44 */
    BTAP_SPECIAL,
    BTAP_EXTENDED_SPECIAL,
    BTAP_WRITE_PROTECT,
    BTAP_WRITE_UNPROTECT,
    BTAP_READOUT_PROTECT,
    BTAP_READOUT_UNPROTECT,
    BTAP_GET_CHECKSUM,
    BTAP_SPEED, /**< CAN 0x03: another bit rate (AN3154) */
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

/** What a host that sends the command is after. */
enum btap_effort {
    BTAP_EFFORT_PROBE, /**< to learn something of the bootloader, or to bring it into a state */
    BTAP_EFFORT_READ,  /**< to read the device's memory, or what a special command gives */
    BTAP_EFFORT_WORK,  /**< to change the device */
};

/** What a command does, where it ends well; bits. */
enum btap_trait {
    BTAP_TRAIT_RESTRICTED = 1 << 0, /**< refused while the memory is read-protected (AN3155 table 2,
                                         note 3; AN5405 table 2) */
    BTAP_TRAIT_READS = 1 << 1,      /**< memory goes to the host, or a sum over it */
    BTAP_TRAIT_WRITES = 1 << 2,     /**< the host's bytes go to memory */
    BTAP_TRAIT_ERASES = 1 << 3,     /**< erases what it names */
    BTAP_TRAIT_WIPES = 1 << 4,      /**< erases all of the flash, as it removes the read protection
                                         (AN3155 section 3.12, AN3156 section 5.4) */
    BTAP_TRAIT_PROTECTS = 1 << 5,   /**< changes a protection; then the device resets by itself
                                       (AN3155   sections 3.9 to 3.12, AN3156 section 5.4) */
    BTAP_TRAIT_STARTS = 1 << 6,     /**< starts the application */
    BTAP_TRAIT_LEAVES = 1 << 7,     /**< the bootloader is left */
    BTAP_TRAIT_UNREFUSED = 1 << 8,  /**< every ST bootloader on USART, FDCAN and CAN takes it,
                                       whatever  is protected (AN3155 table 2, AN5405 table 2) */
};

/** One row of the command table. */
struct btap_command_info {
    enum btap_transport transport;
    enum btap_command command;
    int16_t opcode;    /**< 0x00-0xFF; -1 where the command has none */
    const char *name;  /**< kebab-case, as in JSON and filters: `write-memory` */
    const char *label; /**< as the application note writes it: `Write Memory` */
    enum btap_effort effort;
    uint32_t traits; /**< bits of enum btap_trait */
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

/** What a host is after that sends a command; probing, for one that is in no table. */
enum btap_effort btap_command_effort(enum btap_command command);

/**
 * Whether a command has one of these traits, on the transports that have it. BTAP_TRAIT_RESTRICTED
 * may differ between them: it is to be looked up by opcode.
 *
 * @param traits bits of enum btap_trait
 */
bool btap_command_has(enum btap_command command, uint32_t traits);

BTAP_END_DECLARATIONS

#endif
