/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The only way by which a replay reaches a device. Whatever is sent is sent for a command; the gate
 * lets it pass if the command is permitted, and if what begins the command on the wire is that
 * command and no other. What passes, either way, goes to the recording.
 */
#ifndef SNIFFER_REPLAY_GATE_H
#define SNIFFER_REPLAY_GATE_H

#include "port/wire.h"
#include "replay/plan.h"
#include "traffic/traffic.h"

/** What the user allows. */
struct gate_permit {
    uint32_t allowed;  /**< bits of enum plan_permission */
    bool confirmed;    /**< what must be confirmed was */
    bool irreversible; /**< --allow-irreversible */
};

/** Whether a permit covers a command. */
bool gate_covers(const struct gate_permit *permit, uint32_t needs, enum plan_risk risk);

struct gate;

/**
 * Puts a gate before a wire, which is open. Nothing is sent.
 *
 * @param wire kept; closed by gate_free()
 * @param permit copied
 * @param device what is known of the device, for the risk of commands; kept
 * @param sink gets all that passes; kept
 */
struct gate *gate_new(struct wire *wire, const struct gate_permit *permit,
                      const struct plan_device *device, const struct traffic_sink *sink);

/** Closes the wire. NULL is none. */
void gate_free(struct gate *gate);

/** The wire, to look at. */
const struct wire *gate_wire(const struct gate *gate);

/** Number of records that passed so far: the packets of the recording. */
uint64_t gate_packets(const struct gate *gate);

/**
 * Begins a command: the next message that is sent must begin it on the wire. Whoever drives the
 * hosts begins those of the plan; a host that sends one of its own before it begins both.
 *
 * @param command kept until gate_end()
 * @return false: it is not permitted; a message says so, and nothing is sent until another begins
 */
bool gate_begin(struct gate *gate, const struct plan_command *command);

/** Ends it: nothing is sent any more until another begins. */
void gate_end(struct gate *gate);

/**
 * Sends for the command in hand. A message that may not pass is told, is WIRE_GONE, and nothing
 * passes after it. What may pass:
 *
 * - serial: opcode and complement, 0x7F for a Sync; then the address that the command has; then its
 *   other groups, each in one message, and no more than the command has. DTR and RTS between
 *   commands only
 * - CAN: first a frame whose identifier ends in the opcode, with the address that the command has;
 *   Sync: the detection frame. Others behind it for the commands that have some
 * - USB: DNLOAD, UPLOAD and DETACH for the commands that are made of them, with their address. A
 *   block goes where the command has it, by the last Set Address Pointer that passed: an erase and
 *   gate_reopen() make it unknown, and the host sends another. Other requests of DFU for any
 *   command; GET_DESCRIPTOR and SET_INTERFACE without one
 *
 * What begins a command may be sent again where no other message follows it. Of a command that is
 * not sent to its end (reach.h) nothing passes behind that.
 */
enum wire_result gate_send(struct gate *gate, const struct wire_message *message);

/** Waits for what the device sends, but not after interrupt_again. @param deadline CLOCK_MONOTONIC
 * in ns */
enum wire_result gate_receive(struct gate *gate, struct wire_received *received, btap_ns deadline);

/** USB: as wire_kind.reopen. */
enum wire_result gate_reopen(struct gate *gate, btap_ns deadline);

#endif
