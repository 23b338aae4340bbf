/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A transaction: one host command from its first byte to its outcome, across all its phases.
 */
#ifndef BOOTTAP_TRANSACTION_H
#define BOOTTAP_TRANSACTION_H

#include "boottap/command.h"
#include "boottap/note.h"
#include "boottap/product.h"
#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** How a command ended. */
enum btap_status {
    BTAP_OK,           /**< the device accepted and finished it */
    BTAP_NACK,         /**< the device answered NACK */
    BTAP_DFU_ERROR,    /**< DFU: the device reported an error state */
    BTAP_STALL,        /**< USB: the device stalled the request */
    BTAP_NO_REPLY,     /**< the host went on without an answer */
    BTAP_BAD_REPLY,    /**< the answer was neither ACK nor NACK */
    BTAP_DISCONNECTED, /**< the device left the bus */
    BTAP_INCOMPLETE,   /**< the capture ended first, or does not show the outcome */
    BTAP_STATUS_COUNT,
};

/** Where a command that is not BTAP_OK ended. */
enum btap_phase {
    BTAP_PHASE_NONE,
    BTAP_PHASE_SYNC,
    BTAP_PHASE_COMMAND,    /**< opcode and complement, and their answer */
    BTAP_PHASE_ADDRESS,    /**< address and its checksum, and their answer */
    BTAP_PHASE_LENGTH,     /**< number of bytes or words, and its answer */
    BTAP_PHASE_DATA,       /**< the payload, page or sector list, and the answer to it */
    BTAP_PHASE_CHECKSUM,   /**< the checksum over the payload or of the reply */
    BTAP_PHASE_POLYNOMIAL, /**< Get Checksum: CRC polynomial */
    BTAP_PHASE_INITIAL,    /**< Get Checksum: CRC initial value */
    BTAP_PHASE_SUBCOMMAND, /**< Special, Extended Special */
    BTAP_PHASE_REPLY,      /**< what the device sends back */
    BTAP_PHASE_OPERATION,  /**< the device is at work: erase, protection, program, DFU busy */
    BTAP_PHASE_REQUEST,    /**< DFU: the class request itself */
    BTAP_PHASE_STATUS,     /**< Special: status packet; DFU: the GETSTATUS that tells the outcome */
    BTAP_PHASE_COUNT,
};

/** What an Erase command asks for. */
enum btap_erase {
    BTAP_ERASE_NONE,    /**< not an erase, or not known yet */
    BTAP_ERASE_PAGES,   /**< the pages in the list */
    BTAP_ERASE_ADDRESS, /**< DFU: the page at the address */
    BTAP_ERASE_MASS,    /**< all */
    BTAP_ERASE_BANK1,
    BTAP_ERASE_BANK2,
    BTAP_ERASE_RESERVED, /**< 0xFFF0-0xFFFC */
};

/** What the list of a transaction holds. */
enum btap_list {
    BTAP_LIST_NONE,
    BTAP_LIST_COMMANDS, /**< opcodes that Get reports */
    BTAP_LIST_PAGES,    /**< page numbers to erase */
    BTAP_LIST_SECTORS,  /**< sector numbers to write-protect */
};

/** Whether the host paused between an opcode and its complement, which tells what the receiver's
 * parity check saw of the first one. */
enum btap_pause {
    BTAP_PAUSE_UNKNOWN, /**< the capture does not tell, or there is no such pair */
    BTAP_PAUSE_NONE,    /**< the bytes came back to back */
    BTAP_PAUSE_SEEN,    /**< for longer than a byte lasts */
};

/** Which members of a transaction hold a value: bits of btap_transaction.has. */
enum btap_has {
    BTAP_HAS_OPCODE = 1 << 0,
    BTAP_HAS_ADDRESS = 1 << 1,
    BTAP_HAS_LENGTH = 1 << 2,
    BTAP_HAS_VERSION = 1 << 3,
    BTAP_HAS_OPTION_BYTES = 1 << 4,
    BTAP_HAS_PID = 1 << 5,
    BTAP_HAS_CHECKSUM = 1 << 6, /**< the CRC that Get Checksum answered */
    BTAP_HAS_POLYNOMIAL = 1 << 7,
    BTAP_HAS_INITIAL = 1 << 8,
    BTAP_HAS_SUBCOMMAND = 1 << 9,
    BTAP_HAS_SPECIAL_STATUS = 1 << 10,
    BTAP_HAS_BLOCK = 1 << 11,
    BTAP_HAS_DFU_STATUS = 1 << 12, /**< dfu_status and dfu_state, from a GETSTATUS */
    BTAP_HAS_DFU_STATE = 1 << 13,  /**< dfu_state alone, from a GETSTATE */
    BTAP_HAS_POLLS = 1 << 14,      /**< polls, busy and poll_timeout_ms */
    BTAP_HAS_CAN_ID = 1 << 15,     /**< request_id */
    BTAP_HAS_REPLY_ID = 1 << 16,   /**< reply_id */
    BTAP_HAS_BIT_RATE = 1 << 17,   /**< bit_rate */
    BTAP_HAS_PARTITION =
        1 << 20, /**< partition; words are its name, unless they are the device's */
    BTAP_HAS_NEXT_PARTITION = 1 << 21, /**< next_partition, load_offset and needs_detach */
    BTAP_HAS_LOAD_ADDRESS = 1 << 22,
    BTAP_HAS_DEVICE_WORDS = 1 << 23,
};

/** How many list entries a transaction keeps; no STM32 has more pages. */
#define BTAP_LIST_MAX 1024

/** How many notes a transaction keeps; every note goes to the sink all the same. */
#define BTAP_NOTES_MAX 8

/** Longest status of Special that is kept. */
#define BTAP_SPECIAL_STATUS_MAX 16

/** Room for words of a transaction; longer ones are cut. */
#define BTAP_TRANSACTION_WORDS_SIZE 40

/**
 * One transaction. It lives in the decoder's state and is valid during the sink's callback only;
 * it holds no pointer, so that a plain copy keeps it.
 */
struct btap_transaction {
    enum btap_transport transport;
    enum btap_command command;
    enum btap_status status;
    enum btap_phase phase; /**< BTAP_PHASE_NONE exactly if status is BTAP_OK */
    uint64_t n;            /**< counts from 1 within its link */
    uint64_t first_packet; /**< record of its first byte */
    uint64_t last_packet;  /**< record of the last byte that belongs to it */
    btap_ns time;          /**< of first_packet */
    btap_ns duration;      /**< to the outcome (time of last_packet), never negative */

    uint32_t has;            /**< bits of enum btap_has */
    uint32_t lacks;          /**< what its records cannot tell: a set of enum btap_lack */
    uint8_t opcode;          /**< as sent, also where the command is unknown */
    enum btap_pause pause;   /**< USART */
    uint32_t address;        /**< target address; DFU: computed from block and pointer */
    uint32_t length;         /**< bytes asked for or announced (Get Checksum: words times 4) */
    uint32_t transferred;    /**< payload bytes that were seen */
    uint8_t version;         /**< protocol version, 0x31 = 3.1 */
    uint8_t option_bytes[2]; /**< Get Version's two bytes */
    uint32_t pid;            /**< product id; longer ones (GD32) all bytes, MSB first */
    uint32_t checksum;       /**< CRC answered by Get Checksum */
    uint32_t polynomial;
    uint32_t initial;
    uint16_t subcommand;      /**< Special, Extended Special */
    uint16_t sent_length;     /**< Special: bytes of host data (Extended Special: first packet) */
    uint16_t sent2_length;    /**< Extended Special: bytes of the second packet */
    uint16_t received_length; /**< Special: bytes of the device's data packet */
    uint16_t special_status_length; /**< as announced; at most BTAP_SPECIAL_STATUS_MAX are kept */
    union {
        uint8_t special_status[BTAP_SPECIAL_STATUS_MAX];
        char words[BTAP_TRANSACTION_WORDS_SIZE]; /**< DFU: name of the partition, or where
                                                      BTAP_HAS_DEVICE_WORDS why the device gives up
                                                  */
    };

    uint16_t block;           /**< DFU: wBlockNum */
    uint8_t dfu_status;       /**< DFU 1.1 section 6.1.2, bStatus of the last GETSTATUS */
    uint8_t dfu_state;        /**< the same, bState of the last GETSTATUS or GETSTATE */
    uint8_t dfu_string;       /**< the same, iString: string in which the device says why; or 0 */
    uint8_t alternate;        /**< DFU: alternate setting in force */
    uint32_t polls;           /**< GETSTATUS requests that belong to this transaction */
    btap_ns busy;             /**< from the first to the last answer in dfuDNBUSY or later */
    uint32_t poll_timeout_ms; /**< largest bwPollTimeout reported */

    /* Plain DFU of an STM32MP */
    uint8_t partition;      /**< where the transfer goes, by the alternate setting's name */
    uint8_t next_partition; /**< that the device asks for, or that it was told to */
    bool needs_detach;      /**< it wants DFU_DETACH now */
    uint32_t load_address;  /**< where it puts that, or what it is to start */
    uint32_t load_offset;   /**< from where on it wants it */

    uint16_t request_id; /**< FDCAN, CAN: identifier of the command frame */
    uint16_t reply_id;   /**< FDCAN, CAN: identifier of the first answer */
    uint32_t bit_rate;   /**< Speed: bits a second that the host asks for */

    enum btap_erase erase;
    enum btap_list list_kind;
    uint32_t list_announced; /**< entries that the command announces */
    uint32_t list_length;    /**< entries seen; the first BTAP_LIST_MAX are in list */

    uint32_t notes_length; /**< notes given to this transaction; the first BTAP_NOTES_MAX kept */

    /* Last, so that a copy may end before them: only what the lengths tell is initialised. */
    uint16_t list[BTAP_LIST_MAX];
    struct btap_note notes[BTAP_NOTES_MAX];
};

/** Room for btap_transaction_describe()'s longest answer with its terminating zero. */
#define BTAP_DESCRIBE_SIZE 256

/** How the number of a member is to be read. */
enum btap_format {
    BTAP_FORMAT_DECIMAL,
    BTAP_FORMAT_HEX2, /**< usually in hexadecimal, with so many digits */
    BTAP_FORMAT_HEX3,
    BTAP_FORMAT_HEX4,
    BTAP_FORMAT_HEX8,
    BTAP_FORMAT_VERSION,            /**< 0x31 = 3.1 */
    BTAP_FORMAT_BYTE_PAIR,          /**< two bytes, the first in bits 15 to 8 */
    BTAP_FORMAT_TIME,               /**< nanoseconds since 1970, a btap_ns; usually in seconds */
    BTAP_FORMAT_SECONDS,            /**< nanoseconds, a btap_ns; usually in seconds */
    BTAP_FORMAT_MILLISECONDS,       /**< nanoseconds, a btap_ns; usually in milliseconds */
    BTAP_FORMAT_WHOLE_MILLISECONDS, /**< the same, of which there are only whole ones */
    BTAP_FORMAT_COMMAND,            /**< this and the following five: btap_format_word() */
    BTAP_FORMAT_STATUS,
    BTAP_FORMAT_PHASE,
    BTAP_FORMAT_ERASE,
    BTAP_FORMAT_DFU_STATE,
    BTAP_FORMAT_DFU_STATUS,
    BTAP_FORMAT_LIST,         /**< list; the number is its kind */
    BTAP_FORMAT_STATUS_BYTES, /**< special_status; the number is its length as announced */
    BTAP_FORMAT_BOOLEAN,
    BTAP_FORMAT_WORDS, /**< words; the number is their length */
};

/**
 * The members of a transaction that can be shown one by one, in the order of `boottap decode
 * --json`: BTAP_MEMBER_ and the first column of transaction.def.
 */
enum btap_member {
#define BTAP_MEMBER_DEF(id, key, format, present, number)        BTAP_MEMBER_##id,
#define BTAP_COMPARED_DEF(id, key, format, present, number, how) BTAP_MEMBER_##id,
#include "boottap/transaction.def"
#undef BTAP_MEMBER_DEF
#undef BTAP_COMPARED_DEF
    BTAP_MEMBER_COUNT,
};

/** Key of a member in JSON, `first_packet`; "unknown" outside the enum, never NULL. */
const char *btap_member_key(enum btap_member member);

/** How a member's number is to be read; BTAP_FORMAT_DECIMAL outside the enum. */
enum btap_format btap_member_format(enum btap_member member);

/**
 * A member's number, by its format.
 *
 * @param transaction not NULL
 * @param[out] number set in any case; not NULL
 * @return false if the transaction does not have the member
 */
bool btap_member_number(const struct btap_transaction *transaction, enum btap_member member,
                        uint64_t *number);

/**
 * The word that a number stands for: `write-memory`, `nack`, `dfuIDLE`.
 *
 * @return "unknown" for a number that has no word; NULL where the format has no words
 */
const char *btap_format_word(enum btap_format format, uint64_t number);

/** `ok`, `nack`, `error`, `stall`, `no-reply`, `bad-reply`, `disconnected`, `incomplete`. */
const char *btap_status_name(enum btap_status status);

/** `command`, `address`, ... Never NULL; `none` for BTAP_PHASE_NONE. */
const char *btap_phase_name(enum btap_phase phase);

/** `pages`, `address`, `mass`, `bank1`, `bank2`, `reserved`; `none`. */
const char *btap_erase_name(enum btap_erase erase);

/** DFU 1.1 section 6.1.2: `dfuIDLE` ...; `unknown` above 10. */
const char *btap_dfu_state_name(uint8_t state);

/** DFU 1.1 section 6.1.2: `OK`, `errTARGET` ...; `unknown` above 15. */
const char *btap_dfu_status_name(uint8_t status);

/** How many of the list's entries are kept in list. */
static inline uint32_t btap_transaction_list_kept(const struct btap_transaction *transaction)
{
    return transaction->list_length < BTAP_LIST_MAX ? transaction->list_length : BTAP_LIST_MAX;
}

/** How many bytes of the status of Special are kept in special_status. */
static inline uint32_t btap_transaction_status_kept(const struct btap_transaction *transaction)
{
    return transaction->special_status_length < BTAP_SPECIAL_STATUS_MAX
               ? transaction->special_status_length
               : BTAP_SPECIAL_STATUS_MAX;
}

/** How many of the notes are kept in notes. */
static inline uint32_t btap_transaction_notes_kept(const struct btap_transaction *transaction)
{
    return transaction->notes_length < BTAP_NOTES_MAX ? transaction->notes_length : BTAP_NOTES_MAX;
}

/**
 * Whether it was refused, and that is a success: the device is there, and in the state that was
 * asked for. Notes tell it: `already-synced`, `can-already-synced`, `detection-refused`,
 * `clear-status-stalled`.
 */
bool btap_transaction_is_harmless(const struct btap_transaction *transaction);

/** Whether the device took it or refused it, and did not fall silent, talk nonsense or vanish. */
bool btap_transaction_is_answered(const struct btap_transaction *transaction);

/**
 * Whether tools have given up waiting for what follows a transaction's last byte, if nothing does
 * up to a time: they wait for less than 5 s, for that of an erase or of a protection (stm32flash:
 * 35 s) less than 40 s.
 */
bool btap_transaction_waited(const struct btap_transaction *transaction, btap_ns until);

/**
 * The product that a transaction tells: by Get ID's answer, or by the list of an STM8's Get.
 *
 * @param transaction not NULL
 * @return NULL if it tells none
 */
const struct btap_product *btap_transaction_product(const struct btap_transaction *transaction);

/**
 * The command and what it carries, in words for a person: `Write Memory 0x08000400 256 bytes`,
 * `Get ID 0x413 (STM32F405/407/415/417)`, `Extended Erase 3 pages: 0-2`. The outcome is not part of
 * it.
 *
 * @param transaction not NULL
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1
 * @return text
 */
const char *btap_transaction_describe(const struct btap_transaction *transaction, char *text,
                                      size_t size);

/**
 * The outcome in words: `ok`, `nack (address)`, `error (errTARGET, operation)`.
 * Parameters and return value as btap_transaction_describe().
 */
const char *btap_transaction_outcome(const struct btap_transaction *transaction, char *text,
                                     size_t size);

BTAP_END_DECLARATIONS

#endif
