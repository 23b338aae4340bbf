/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated STM32 in its USART bootloader (AN3155): bytes in, bytes out through a callback.
 * It keeps no time: each answer comes with the delay after which it is to be sent.
 */
#ifndef SIMULATE_USART_DEVICE_H
#define SIMULATE_USART_DEVICE_H

#include "simulate/memory.h"

/** A product as its bootloader shows it. */
struct usart_product {
    const char *name;
    uint16_t pid;
    uint8_t version;
    const uint8_t *commands;
    uint8_t commands_length;
    uint32_t flash_size;
    uint32_t page_size;
};

/** The point of a command at which the device answers. */
enum usart_phase {
    USART_SYNC,
    USART_COMMAND,
    USART_ADDRESS,
    USART_LENGTH,
    USART_DATA,
    USART_POLYNOMIAL,
    USART_INITIAL,
    USART_SUBCOMMAND,
    USART_SECOND_DATA, /**< Extended Special's second packet */
    USART_OPERATION,   /**< the second answer of protection commands and of Get Checksum */
    USART_REPLY,       /**< what the device sends after its ACK; SHORT and WRONG fit here */
};

enum usart_misbehaviour {
    USART_NACK,       /**< NACK where an ACK is due; the command is aborted */
    USART_NACK_TWICE, /**< the same with two NACKs */
    USART_SILENCE,    /**< no answer; the command is aborted */
    USART_LATE,       /**< the answer comes after delay_us */
    USART_GLITCH,     /**< one more byte before the answer */
    USART_GARBAGE,    /**< a byte that is neither ACK nor NACK; the command is aborted */
    USART_SURPLUS,    /**< one more byte after the answer */
    USART_SHORT,      /**< a reply lacks its last bytes: byte tells how many */
    USART_WRONG,      /**< a reply's last byte is wrong by byte */
    USART_UNPLUG,     /**< the device vanishes at this point */
};

/** One misbehaviour: at which answer, and how often. */
struct usart_fault {
    enum usart_misbehaviour kind;
    int opcode; /**< -1: of any command; for USART_SYNC it does not matter */
    enum usart_phase phase;
    uint32_t skip;  /**< this many matching answers are right first */
    uint32_t times; /**< 0 for ever */
    uint32_t delay_us;
    uint8_t byte; /**< GLITCH, GARBAGE */
    uint32_t seen;
};

#define USART_FAULTS_MAX 16

struct usart_device_config {
    const struct usart_product *product;
    const struct sim_memory *memory; /**< a part's; NULL: one of the product's sizes */
    uint8_t version;                 /**< 0: the product's */
    bool read_protected;             /**< Readout Protect is active */
    bool two_nacks;                  /**< under read protection (AN3155 section 3.4, note) */
    bool nack_missing;               /**< the limitation before V3.1 (AN3155 table 3) */
    bool synchronised;               /**< 0x7F was received before */
    bool application;                /**< no bootloader runs: it tells its text and hears nothing */
    bool wrong_parity;               /**< the host sends no parity bit: users see ACK, then NACKs */
    bool short_checksum;   /**< Get Checksum as stm32flash asks it: no polynomial, no initial */
    bool one_checksum_ack; /**< Get Checksum: one ACK after the initial value, not two */
    const char *text;      /**< the application's text */
    uint64_t lose_at;      /**< number of the first host byte that is lost, from 1; 0 none */
    uint64_t lose_count;   /**< how many of them */
    uint64_t flip_at;      /**< number of the host byte that arrives wrong, from 1; 0 none */
    uint8_t flip_mask;     /**< its wrong bits */
    size_t faults_length;
    struct usart_fault faults[USART_FAULTS_MAX];
    /** Sends bytes to the host, delay_us after the byte that was received last. */
    void (*emit)(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length);
    void *context;
};

#define USART_BUFFER_SIZE 2100

struct usart_device {
    struct usart_device_config config;
    struct sim_memory memory;
    struct sim_room room; /**< of memory where the configuration brings none */
    bool synchronised;
    bool unplugged;
    bool gone; /**< the application runs, or the device resets and nothing is on the line */
    int step;  /**< what the bytes in buffer are */
    uint8_t opcode;
    uint32_t address;
    uint32_t words;
    uint32_t polynomial;
    uint32_t initial;
    uint64_t received; /**< host bytes since power-on, lost ones included */
    size_t need;
    size_t length;
    uint8_t buffer[USART_BUFFER_SIZE];
};

/** Powers the device on. config is copied. */
void usart_device_init(struct usart_device *device, const struct usart_device_config *config);

/** Resets it into the bootloader: it waits for 0x7F; memory stays. */
void usart_device_reset(struct usart_device *device);

/** A byte arrives. */
void usart_device_receive(struct usart_device *device, uint8_t byte);

#endif
