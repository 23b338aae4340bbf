/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two bootloaders on CAN have each for itself, and how both answer. Internal to the room.
 */
#ifndef SIMULATE_CAN_DIALECT_H
#define SIMULATE_CAN_DIALECT_H

#include "simulate/can_model.h"

struct can_dialect {
    bool fd;           /**< its frames are FD frames, with the second bit rate */
    uint8_t frame_max; /**< payload bytes of one */
    /** Whether a frame has the device take commands. */
    bool (*detects)(const struct sim_can_frame *frame);
    /** Sends the last bytes of Read Memory, no more than a frame holds. @return false: aborted */
    bool (*send_rest)(struct can_device *device, uint8_t *bytes, size_t length);
    /** Write Protect, and what the other dialect does not have. */
    void (*command)(struct can_device *device, const struct sim_can_frame *frame);
    /** A data frame came that brought so many bytes. @return false: aborted. NULL: no answer */
    bool (*answer_frame)(struct can_device *device, size_t part);
    /** All data of a step came, but those of Write Memory and Write Protect. */
    void (*collected)(struct can_device *device);
};

/** Opcodes. */
enum {
    CAN_GET = 0x00,
    CAN_GET_VERSION = 0x01,
    CAN_GET_ID = 0x02,
    CAN_SPEED = 0x03, /* AN3154 */
    CAN_READ = 0x11,
    CAN_GO = 0x21,
    CAN_WRITE = 0x31,
    CAN_ERASE = 0x43,          /* AN3154 */
    CAN_EXTENDED_ERASE = 0x44, /* AN5405, which calls it Erase */
    CAN_SPECIAL = 0x50,
    CAN_EXTENDED_SPECIAL = 0x51,
    CAN_WRITE_PROTECT = 0x63,
    CAN_WRITE_UNPROTECT = 0x73,
    CAN_READOUT_PROTECT = 0x82,
    CAN_READOUT_UNPROTECT = 0x92,
};

/** What the device waits for. */
enum can_step {
    CAN_STEP_COMMAND,
    CAN_STEP_WRITE,
    CAN_STEP_SECTORS,
    CAN_STEP_PAGES,
    /* AN5405 */
    CAN_STEP_SPECIAL_SIZE,
    CAN_STEP_SPECIAL_DATA,
    CAN_STEP_SECOND_SIZE,
    CAN_STEP_SECOND_DATA,
};

/** How long things take, in microseconds. */
enum {
    CAN_ANSWER_US = 150,
    CAN_FRAME_US = 200,
    CAN_PROGRAM_US = 3000,
    CAN_PAGE_ERASE_US = 22000,
    CAN_MASS_ERASE_US = 90000,
    CAN_PROTECT_US = 30000,
};

/* can_answer.c */

/** Sends a frame. @param ack not a NACK */
void sim_can_emit(struct can_device *device, uint32_t delay_us, bool ack, const uint8_t *bytes,
                  size_t length);

/** Refuses: the command is over. */
void sim_can_nack(struct can_device *device);

/**
 * The last frame of what a command sends, unless a fault is due.
 *
 * @param used bytes of it that are not padding
 * @return false: nothing follows it
 */
bool sim_can_reply(struct can_device *device, uint8_t *bytes, size_t used, size_t length);

/** Acknowledges, unless a fault is due. @return false: the command is aborted */
bool sim_can_acknowledge(struct can_device *device, enum can_phase phase, uint32_t delay_us);

/** The last ACK of a command. */
void sim_can_last_ack(struct can_device *device, enum can_phase phase, uint32_t delay_us);

/** The same of one that changes option bytes: a system reset follows. */
void sim_can_ack_and_reset(struct can_device *device, enum can_phase phase, uint32_t delay_us);

/** Waits for data. */
void sim_can_collect(struct can_device *device, enum can_step step, size_t expected);

#endif
