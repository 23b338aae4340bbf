/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated STM32 in its FDCAN bootloader (AN5405): frames in, frames out through a callback.
 * It keeps no time: each answer comes with the delay after which it is to be sent.
 */
#ifndef SIMULATE_FDCAN_DEVICE_H
#define SIMULATE_FDCAN_DEVICE_H

#include "simulate/can_frame.h"
#include "simulate/memory.h"

/** A product as its bootloader shows it. */
struct fdcan_product {
    const char *name;
    uint16_t pid;
    uint8_t version;
    const uint8_t *commands;
    uint8_t commands_length;
    uint32_t flash_size;
    uint32_t page_size;
};

/** Which identifier the answers carry. */
enum fdcan_replies {
    FDCAN_REPLY_HOST_ID, /**< the command frame's whole identifier (ST's Open Bootloader) */
    FDCAN_REPLY_OPCODE,  /**< the opcode; Readout Unprotect on 0x111 (L5 ROM) */
    FDCAN_REPLY_111,     /**< always 0x111 (AN5405 section 2) */
    FDCAN_REPLY_H7,      /**< ACK on the opcode, NACK on the host's identifier (H7 ROM) */
};

/** The point of a command at which the device answers. */
enum fdcan_phase {
    FDCAN_COMMAND,   /**< the first answer */
    FDCAN_OPERATION, /**< the second, where there is one before or without data */
    FDCAN_DATA,      /**< to data, lists and sectors */
    FDCAN_SECOND_DATA,
    FDCAN_REPLY, /**< the frame of what a command sends, its last one; SHORT and WRONG fit here */
    FDCAN_DETECTION,
};

enum fdcan_misbehaviour {
    FDCAN_NACK,
    FDCAN_SILENCE,
    FDCAN_GARBAGE, /**< a frame that is neither ACK nor NACK */
    FDCAN_LATE,
    FDCAN_SHORT,  /**< the last frame of a reply lacks bytes: byte tells how many */
    FDCAN_WRONG,  /**< its last byte is wrong by byte */
    FDCAN_UNPLUG, /**< the device vanishes at this point */
};

struct fdcan_fault {
    enum fdcan_misbehaviour kind;
    int opcode; /**< -1: of any command */
    enum fdcan_phase phase;
    uint32_t skip;  /**< this many matching answers are right first */
    uint32_t times; /**< 0 for ever */
    uint32_t delay_us;
    uint8_t byte;
    uint32_t seen;
};

#define FDCAN_FAULTS_MAX 16

struct fdcan_device_config {
    const struct fdcan_product *product;
    const struct sim_memory *memory; /**< a part's; NULL: one of the product's sizes */
    enum fdcan_replies replies;
    uint8_t version;         /**< 0: the product's */
    bool detection_required; /**< protocol 2.2: silent until 0x111 [5A] */
    bool detection_silent;   /**< and does not answer it */
    bool read_protected;
    bool silent_if_protected; /**< H7 ROM: no answer in place of the NACK */
    bool short_last_frame;    /**< Read: the last frame has the least legal length */
    bool one_go_ack;          /**< Go: only the first ACK */
    bool one_list_ack;        /**< Erase by pages: the list follows the first ACK */
    bool one_list_frame;      /**< Erase by pages: one frame of numbers (ST's Open Bootloader) */
    bool sectors_apart;       /**< Write Protect: sectors in frames of their own */
    size_t faults_length;
    struct fdcan_fault faults[FDCAN_FAULTS_MAX];
    /** Sends a frame to the host, delay_us after the frame that was received last. */
    void (*emit)(void *context, uint32_t delay_us, const struct sim_can_frame *frame);
    void *context;
};

struct fdcan_device {
    struct fdcan_device_config config;
    struct sim_memory memory;
    struct sim_room room; /**< of memory where the configuration brings none */
    bool detected;
    bool unplugged;
    bool gone; /**< the application runs */
    int step;
    uint8_t opcode;
    uint16_t host_id;
    uint32_t address;
    uint16_t pages;  /**< how many Erase names */
    size_t expected; /**< bytes that are still to come in data frames */
    size_t length;
    uint8_t buffer[1100];
};

/** Powers the device on. config is copied. */
void fdcan_device_init(struct fdcan_device *device, const struct fdcan_device_config *config);

/** Resets it into the bootloader: memory stays. */
void fdcan_device_reset(struct fdcan_device *device);

/** A frame arrives. Classic and extended frames are not for the bootloader. */
void fdcan_device_receive(struct fdcan_device *device, const struct sim_can_frame *frame);

#endif
