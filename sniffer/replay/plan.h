/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a replay sends: the commands of one session of a capture, or commands fitted to a memory
 * image, each with what it does to the device and which permission it needs. The whole plan is made
 * and checked before anything is sent.
 */
#ifndef SNIFFER_REPLAY_PLAN_H
#define SNIFFER_REPLAY_PLAN_H

#include "diff/steps.h"
#include "replay/device.h"
#include "replay/permission.h"

enum plan_origin {
    PLAN_RECORDED, /**< as in the capture: its answer is compared */
    PLAN_ADDED,    /**< by the replay itself: to synchronise, to identify */
    PLAN_FITTED,   /**< made from a memory image */
};

/** A command to send, taken out of the plan. */
struct plan_command {
    enum plan_origin origin;
    /**
     * Its request: command, opcode, address, length, erase, list (list_kind, list_length, list),
     * block, alternate, subcommand, sent_length, sent2_length, polynomial, initial, request_id
     * count. PLAN_RECORDED: as decoded from the capture, answer and all. Else only the request,
     * with status BTAP_OK, and n 0.
     */
    struct btap_transaction transaction;
    const uint8_t *payload; /**< the host's bytes: Write Memory, Download, Special (both packets,
                               one after the other); NULL none. In the plan */
    uint32_t payload_length;
    bool has_crc32; /**< of what the recorded command wrote or read */
    uint32_t crc32;
    btap_ns pause;  /**< recorded, from the end of the command before */
    uint32_t needs; /**< bits of enum plan_permission */
    enum plan_risk risk;
};

/** A command of the capture that is not sent. */
enum plan_left_out {
    PLAN_SENT,
    PLAN_RETRY,    /**< it failed and was repeated; without --as-recorded */
    PLAN_RECOVERY, /**< it only led from a failure to the repetition, or to where replay gets by
                        itself */
    PLAN_UNWANTED, /**< --from, --until, --command, --address */
    PLAN_SKIPPED,  /**< --skip */
    PLAN_REPLACED, /**< --image: other commands stand for it */
    PLAN_LEFT_OUT_COUNT,
};

/** Why, for people: `failed and repeated`; NULL for PLAN_SENT. */
const char *plan_left_out_words(enum plan_left_out reason);

/** Why the plan cannot be sent. */
struct plan_problem {
    uint64_t n;      /**< of the transaction in its link; 0: none */
    uint64_t packet; /**< first packet of it */
    char words[192]; /**< what, and what to do */
};

/** Problems that are kept; more are counted. */
#define PLAN_PROBLEMS_MAX 16

/** One command as the plan keeps it. */
struct plan_item {
    enum plan_origin origin;
    uint64_t payload; /**< where it begins in plan.payload */
    uint32_t payload_length;
    uint32_t needs;
    enum plan_risk risk;
};

/** All zero: an empty plan. Readers use its members, writers plan_add(). */
struct plan {
    const char *name; /**< of the capture */
    enum btap_transport transport;
    struct btap_link link;
    uint64_t session; /**< number in its link */
    struct plan_device device;
    struct steps steps; /**< the transactions of the items, packed */
    size_t length;
    size_t room;
    struct plan_item *items;
    uint8_t *payload;
    size_t payload_length;
    size_t payload_room;
    uint32_t needs;      /**< of all items */
    enum plan_risk risk; /**< the highest */
    uint64_t left_out[PLAN_LEFT_OUT_COUNT];
    size_t problems_length; /**< the first PLAN_PROBLEMS_MAX are kept */
    struct plan_problem problems[PLAN_PROBLEMS_MAX];
};

/**
 * Adds a command at the end. needs and risk are worked out (risk.h); the payload is copied.
 *
 * @param command origin, transaction, payload, has_crc32, crc32, pause are used
 */
void plan_add(struct plan *plan, const struct plan_command *command);

/** Takes a command out. @param command payload is valid until the plan changes */
void plan_get(const struct plan *plan, size_t index, struct plan_command *command);

/** Adds a problem. */
void plan_refuse(struct plan *plan, uint64_t n, uint64_t packet, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Drops the commands from an index on: what is fitted takes their place. */
void plan_cut(struct plan *plan, size_t length);

void plan_release(struct plan *plan);

#endif
