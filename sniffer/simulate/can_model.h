/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a simulated STM32 in its bootloader on a CAN bus is and knows; can_device.h has it act.
 */
#ifndef SIMULATE_CAN_MODEL_H
#define SIMULATE_CAN_MODEL_H

#include "simulate/can_frame.h"
#include "simulate/memory.h"

struct can_dialect;

extern const struct can_dialect can_dialect_fd;      /**< AN5405 */
extern const struct can_dialect can_dialect_classic; /**< AN3154 */

/** A product as its bootloader shows it. */
struct can_product {
    const char *name;
    uint16_t pid;
    uint8_t version;
    const uint8_t *commands;
    uint8_t commands_length;
    uint32_t flash_size;
    uint32_t page_size;
    const struct can_dialect *dialect;
};

/** Which identifier the answers carry. */
enum can_replies {
    CAN_REPLY_HOST_ID, /**< the command frame's whole identifier (ST's Open Bootloader, AN3154) */
    CAN_REPLY_OPCODE,  /**< the opcode; Readout Unprotect on 0x111 (L5 ROM) */
    CAN_REPLY_111,     /**< always 0x111 (AN5405 section 2) */
    CAN_REPLY_H7,      /**< ACK on the opcode, NACK on the host's identifier (H7 ROM) */
};

/** The point of a command at which the device answers. */
enum can_phase {
    CAN_COMMAND,   /**< the first answer */
    CAN_OPERATION, /**< the second, where there is one before or without data */
    CAN_DATA,      /**< to data, lists and sectors, when all are there */
    CAN_SECOND_DATA,
    CAN_REPLY, /**< the frame of what a command sends, its last one; SHORT and WRONG fit here */
    CAN_DETECTION,
    CAN_DATA_FRAME, /**< classic: to each frame of data */
};

enum can_misbehaviour {
    CAN_NACK,
    CAN_SILENCE,
    CAN_GARBAGE, /**< a frame that is neither ACK nor NACK */
    CAN_LATE,
    CAN_SHORT,  /**< the last frame of a reply lacks bytes: byte tells how many */
    CAN_WRONG,  /**< its last byte is wrong by byte */
    CAN_UNPLUG, /**< the device vanishes at this point */
};

struct can_fault {
    enum can_misbehaviour kind;
    int opcode; /**< -1: of any command */
    enum can_phase phase;
    uint32_t skip;  /**< this many matching answers are right first */
    uint32_t times; /**< 0 for ever */
    uint32_t delay_us;
    uint8_t byte;
    uint32_t seen;
};

#define CAN_FAULTS_MAX 16

struct can_device_config {
    const struct can_product *product;
    const struct sim_memory *memory; /**< a part's; NULL: one of the product's sizes */
    enum can_replies replies;
    uint8_t version;         /**< 0: the product's */
    bool detection_required; /**< silent until 0x111 [5A] (protocol 2.2), 0x79 (classic) */
    bool detection_silent;   /**< and does not answer it */
    bool read_protected;
    bool silent_if_protected; /**< H7 ROM: no answer in place of the NACK */
    bool short_last_frame;    /**< FD, Read: the last frame has the least legal length */
    bool one_go_ack;          /**< FD, Go: only the first ACK */
    bool one_list_ack;        /**< Erase by pages: the list follows the first ACK */
    bool one_list_frame;      /**< FD, Erase by pages: one frame of numbers (Open Bootloader) */
    bool sectors_apart;       /**< FD, Write Protect: sectors in frames of their own */
    bool rest_by_bytes;   /**< classic, Read: the rest that fills no frame in frames of a byte */
    bool three_mass_acks; /**< classic, Erase of all: as by pages (Open Bootloader) */
    size_t faults_length;
    struct can_fault faults[CAN_FAULTS_MAX];
    /** Sends a frame to the host, delay_us after the frame that was received last. */
    void (*emit)(void *context, uint32_t delay_us, const struct sim_can_frame *frame);
    /** Classic: whether Speed may set the bus to another bit rate. NULL: to any */
    bool (*has_rate)(void *context, uint32_t bits_per_second);
    void *context;
};

struct can_device {
    struct can_device_config config;
    struct sim_memory memory;
    struct sim_room room; /**< of memory where the configuration brings none */
    bool detected;
    bool unplugged;
    bool gone; /**< the application runs */
    int step;  /**< enum can_step */
    uint8_t opcode;
    uint16_t host_id;
    uint32_t address;
    uint16_t pages;  /**< how many Erase names */
    size_t expected; /**< bytes that are still to come in data frames */
    size_t length;
    uint8_t buffer[1100];
};

#endif
