/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the hosts on CAN share: what is known of the device, and one command in hand
 * with the frames of both sides. FDCAN (AN5405) and classic CAN (AN3154) are dialects of one
 * protocol: what each has for itself is fdcan_command.c and classic_command.c.
 *
 * Frames of the host carry the command's identifier, as recorded or the bare opcode. Those of FDCAN
 * have the second bit rate as recorded hosts had it, and a data frame is always full, 64 bytes, the
 * last one filled up with 0xFF, the value of erased flash: so the note has it (3.6), ST's own code
 * counts frames and not bytes, and a programming unit that the data do not fill stays as it was.
 */
#ifndef SNIFFER_REPLAY_CAN_TALK_H
#define SNIFFER_REPLAY_CAN_TALK_H

#include "replay/host_answer.h"

struct can_talk;

/** What each of the protocols has for itself. */
struct can_dialect {
    enum btap_transport transport;
    bool fd;           /**< its frames are FD frames, else classic ones */
    uint8_t frame_max; /**< payload bytes of a frame */
    /** The frame that has the device take commands, and whether devices are known to answer it and
     * need it. */
    uint16_t detection_id;
    uint8_t detection_length;
    uint8_t detection_byte;
    bool detection_answered;
    uint16_t data_id; /**< of data frames; 0: the command's */
    /** Sends a command, which is in hand, and waits for its outcome. By command, but Sync. */
    bool (*const *senders)(struct can_talk *talk);
};

extern const struct can_dialect can_dialect_of_fdcan; /**< fdcan_command.c */
extern const struct can_dialect can_dialect_of_can;   /**< classic_command.c */

struct can_host {
    struct host host;
    const struct can_dialect *dialect;
    bool heard;         /**< the device answered since it came up */
    bool detection;     /**< it answers nothing before the detection frame */
    bool resetting;     /**< it resets, by a command that has it do so */
    btap_ns back_by;    /**< then: CLOCK_MONOTONIC, when it is back at the latest */
    bool half;          /**< it may wait for data, which any frame might complete */
    uint8_t forms;      /**< bits of enum can_host_form that its answers had */
    bool one_list_ack;  /**< Erase: the list follows the first answer */
    bool sectors_apart; /**< Write Protect: the sectors follow in frames of their own */
};

/** Which identifier a frame of the device has; bits. */
enum can_host_form {
    CAN_HOST_OPCODE = 1 << 0,
    CAN_HOST_REQUEST = 1 << 1,
    /**< that of the command's frame */ CAN_HOST_FIXED = 1 << 2, /**< 0x111 (AN5405 section 2) */
    CAN_HOST_DATA = 1 << 3, /**< that of data frames: a NACK to one that is no data to it */
};

/** A command on its way. */
struct can_talk {
    struct can_host *link;
    const struct plan_command *command;
    struct host_answer *answer;
    uint32_t id;             /**< of its frames */
    enum btap_phase closing; /**< of the answer that closes a reply, if not that of the reply */
    uint32_t answers;        /**< ACKs so far */
    bool gone;               /**< the wire takes nothing any more; a message said so */
    struct wire_frame frame; /**< of the device, the last one */
    uint8_t position;        /**< bytes of it that are read */
};

/** AN5405 section 3, "Communication safety" */
#define CAN_HOST_ACK  0x79
#define CAN_HOST_NACK 0x1f

/** Begins the talk, and the answer with it; what came before is for no command, and dropped. The
 * command must be in hand at the gate. */
struct can_talk can_talk_begin(struct can_host *link, const struct plan_command *command,
                               struct host_answer *answer);

/** Ends the answer. @return false */
bool can_talk_stop(struct can_talk *talk, enum btap_status status, enum btap_phase phase);

/** Ends it where the device waits for what is not sent: nothing else may be. @return false */
bool can_talk_lacks(struct can_talk *talk, enum btap_phase phase);

/** How it came out, where a function below was false. */
enum host_end can_talk_end(const struct can_talk *talk);

/** For an answer without work, and for one with the command's work. */
btap_ns can_talk_soon(const struct can_talk *talk);
btap_ns can_talk_work(const struct can_talk *talk);

/** The shorter one of a wait and of what the user says. */
btap_ns can_host_at_most(const struct can_host *link, btap_ns time);

/** Sends a frame; of FDCAN filled up with 0xFF to a length that there is. @return false: gone */
bool can_talk_send(struct can_talk *talk, const uint8_t *bytes, size_t length);
/** The same of a data frame, as full as the dialect has them. */
bool can_talk_send_part(struct can_talk *talk, const uint8_t *bytes, size_t length);
/** What came of waiting for a frame. */
enum can_talk_got {
    CAN_TALK_ACK,
    CAN_TALK_NACK,
    CAN_TALK_DATA, /**< neither: talk->frame */
    CAN_TALK_SILENCE,
    CAN_TALK_GONE,
};

/**
 * Waits for a frame of the device; those of other nodes are passed over.
 *
 * @param time how long; 0: only what has come already
 */
enum can_talk_got can_talk_next(struct can_talk *talk, btap_ns time);

/** What a frame makes of a command that waits for an answer. @return whether it is ACK */
bool can_talk_judge(struct can_talk *talk, enum can_talk_got got, enum btap_phase phase);

/** Waits for an answer. @return whether it is ACK; else the answer has ended */
bool can_talk_answered(struct can_talk *talk, enum btap_phase phase, btap_ns time);

/** What came of reading. */
enum can_talk_read {
    CAN_TALK_READ,
    CAN_TALK_CLOSED, /**< the device closed its reply before: ACK */
    CAN_TALK_OVER,   /**< the answer has ended */
};

/** Reads bytes of the device's reply; fields go on from frame to frame. @param[out] got bytes */
enum can_talk_read can_talk_read(struct can_talk *talk, uint8_t *bytes, uint32_t length,
                                 uint32_t *got, enum btap_phase phase);

/** The answer that closes a reply; the rest of the frame before is padding. @return ACK */
bool can_talk_closed(struct can_talk *talk, enum btap_phase phase);

/** Sends data in full frames. @return false: it was refused meanwhile, or gone */
bool can_talk_send_data(struct can_talk *talk, const uint8_t *bytes, uint32_t length);

/* can_wake.c */

/** Sends the detection frame, which is in hand, and waits for its answer. */
enum host_end can_wake_detect(struct can_host *link, const struct plan_command *command,
                              struct host_answer *answer);

/** The same as a command of the host's own. */
enum host_end can_wake_detect_own(struct can_host *link, struct host_answer *answer);

/** Waits until a device that resets takes commands again. @return HOST_GONE: the wire is */
enum host_end can_wake_return(struct can_host *link, struct host_answer *answer);

/**
 * The command's first frame, and its first answer. A device that never said a word gets the
 * detection frame, and a command that changes nothing once more.
 */
bool can_wake_open(struct can_talk *talk, const uint8_t *bytes, size_t length);

/* can_command.c: what both dialects have; senders as a dialect wants them */

bool can_command_get(struct can_talk *talk);
bool can_command_get_version(struct can_talk *talk);
bool can_command_get_id(struct can_talk *talk);
bool can_command_read(struct can_talk *talk);
/** Write Unprotect, Readout Protect, Readout Unprotect. */
bool can_command_protect(struct can_talk *talk);

/** The frame of a command of memory, and its first answer. */
bool can_command_open_memory(struct can_talk *talk);
/** The same of one that is its address. */
bool can_command_open_address(struct can_talk *talk);
/** Whether there is no second answer within a moment, or it is ACK. */
bool can_command_second_answer(struct can_talk *talk, enum btap_phase phase);
/**
 * Whether pages may follow their number: it was acknowledged, or needs not be.
 *
 * @param may_lack the recorded device may not have acknowledged it
 */
bool can_command_pages_wanted(struct can_talk *talk, bool may_lack);
/** Ends the command well. @return true */
bool can_command_succeed(struct can_talk *talk);
/** The same of one that has the device reset. */
bool can_command_reset(struct can_talk *talk);

/* fdcan_special.c */

bool fdcan_special_send(struct can_talk *talk);
#endif
