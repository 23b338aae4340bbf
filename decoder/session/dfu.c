/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only DFU's sessions have: errors that no failed command accounts for, the device's own
 * words, the images of plain devices.
 */
#include "session/dfu.h"

#include <stdio.h>

#include "boottap/dfuse_layout.h"
#include "model/dfu_values.h"

#define NS_PER_MS 1000000

/** A host that has not asked again for so long after its time has come asks no more. */
#define GIVEN_UP_NS (5000 * (btap_ns)NS_PER_MS)

/** The partition that is no memory: the host asks for the device's phase, or sets it. */
static bool is_about_phase(const struct btap_transaction *transaction)
{
    return (transaction->has & BTAP_HAS_PARTITION) != 0 &&
           transaction->partition == BTAP_PARTITION_COMMAND;
}

bool session_dfu_begins(const struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction)
{
    return transaction->command == BTAP_DOWNLOAD && transaction->length > 0 &&
           !is_about_phase(transaction) && tracker->session.done[BTAP_DOWNLOAD] > 0 &&
           transaction->alternate != tracker->image_alternate;
}

static void keep_target(struct btap_session *session, uint8_t alternate,
                        const struct btap_usb_device *device)
{
    const char *target = device != NULL ? btap_usb_device_target(device) : NULL;

    session->target_alternate = alternate;
    session->target[0] = '\0';
    if (target != NULL)
        snprintf(session->target, sizeof(session->target), "%s", target);
}

/** The device's words for what failed first, once the host has read them. */
static void keep_reason(struct btap_session *session, const struct btap_usb_device *device)
{
    const uint8_t index =
        session->failures_length > 0 ? session->failures[0].dfu_string : session->error.string;
    const char *reason = btap_usb_device_string(device, index);

    if (reason != NULL && session->reason[0] == '\0')
        snprintf(session->reason, sizeof(session->reason), "%s", reason);
}

void btap_session_device(struct btap_session_tracker *tracker, const struct btap_usb_device *device)
{
    if (device != NULL)
        keep_reason(&tracker->session, device);
}

static bool asks(enum btap_command command)
{
    return command == BTAP_GET_STATUS || command == BTAP_GET_STATE;
}

/** Whether a success of this command leaves open whether the device is still in dfuERROR. */
static bool proves_nothing(enum btap_command command)
{
    return asks(command) || command == BTAP_CLEAR_STATUS || command == BTAP_ABORT ||
           command == BTAP_DETACH;
}

static void found_error(struct btap_session *session, const struct btap_transaction *transaction)
{
    struct btap_device_error *error = &session->error;
    const bool told = (transaction->has & BTAP_HAS_DFU_STATUS) != 0;
    const bool first = session->transactions <= 1;

    if (error->packet != 0) {
        error->cleared += session->last.command == BTAP_CLEAR_STATUS;
    } else {
        error->after = first ? BTAP_COMMAND_UNKNOWN : session->last.command;
        error->cause = first ? 0 : session->last.first_packet;
    }
    error->packet = transaction->last_packet;
    if (told) {
        error->status = transaction->dfu_status;
        error->string = transaction->dfu_string;
    }
}

/** An error that was there to begin with, or came without work, is over once the state is another.
 */
static void left_error(struct btap_session *session)
{
    if (session->error.after == BTAP_COMMAND_UNKNOWN || proves_nothing(session->error.after))
        session->error = (struct btap_device_error){0};
}

static void follow_error(struct btap_session_tracker *tracker,
                         const struct btap_transaction *transaction)
{
    struct btap_session *session = &tracker->session;
    const bool told = asks(transaction->command) &&
                      (transaction->has & (BTAP_HAS_DFU_STATUS | BTAP_HAS_DFU_STATE)) != 0;

    if (transaction->status != BTAP_OK) {
        tracker->error_accounted |= !btap_transaction_is_harmless(transaction);
        return;
    }
    if (!told) {
        tracker->error_accounted &= transaction->command != BTAP_CLEAR_STATUS;
        if (!proves_nothing(transaction->command))
            session->error = (struct btap_device_error){0};
    } else if (transaction->dfu_state != DFU_ERROR_STATE) {
        tracker->error_accounted = false;
        left_error(session);
    } else if (!tracker->error_accounted) {
        found_error(session, transaction);
    }
}

static bool moves_memory(const struct btap_transaction *transaction)
{
    return btap_command_has(transaction->command, BTAP_TRAIT_WRITES | BTAP_TRAIT_READS);
}

static void keep_longest(struct btap_session *session, const struct btap_transaction *transaction)
{
    const bool sent = btap_command_has(transaction->command, BTAP_TRAIT_WRITES);
    uint32_t *longest = sent ? &session->longest_sent : &session->longest_received;

    if (moves_memory(transaction) && transaction->length > *longest)
        *longest = transaction->length;
}

/** What the device says of itself, or was told. */
static void follow_phase(struct btap_session *session, const struct btap_transaction *transaction)
{
    if (!(transaction->has & BTAP_HAS_NEXT_PARTITION) || transaction->command != BTAP_UPLOAD)
        return;
    session->phase_packet = transaction->last_packet;
    session->phase = transaction->next_partition;
    session->needs_detach = transaction->needs_detach;
    if ((transaction->has & BTAP_HAS_DEVICE_WORDS) && session->reason[0] == '\0')
        snprintf(session->reason, sizeof(session->reason), "%s", transaction->words);
}

/** Whether the name of where this command is at work is the session's from now on: of a plain
 * device that of the place that was written, whatever else is read. */
static bool moves_target(const struct btap_session *session,
                         const struct btap_transaction *transaction)
{
    if (is_about_phase(transaction))
        return false;
    if (session->plain && transaction->command == BTAP_UPLOAD && session->written.commands > 0)
        return false;
    return moves_memory(transaction) || session->target[0] == '\0';
}

void session_dfu_follow(struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
    struct btap_session *session = &tracker->session;

    if (is_about_phase(transaction) && transaction->status == BTAP_OK)
        follow_phase(session, transaction);
    if (transaction->command == BTAP_DOWNLOAD && !is_about_phase(transaction))
        tracker->image_alternate = transaction->alternate;
    session->plain |= transaction->command == BTAP_DOWNLOAD ||
                      transaction->command == BTAP_UPLOAD ||
                      (device != NULL && device->dfu.known && device->dfu.bcd_dfu != 0 &&
                       device->dfu.bcd_dfu != BTAP_BCD_DFUSE);
    if (device != NULL && device->refused != BTAP_USB_REFUSED_NOTHING) {
        session->stalled = device->refused;
        session->stalled_value = device->refused_value;
        session->stalled_packet = device->refused_packet;
    }
    if (session->failures_length == 0 && moves_target(session, transaction))
        keep_target(session, transaction->alternate, device);
    if (transaction->status == BTAP_OK)
        keep_longest(session, transaction);
    follow_error(tracker, transaction);
}

void session_dfu_fail(struct btap_session *session, const struct btap_usb_device *device)
{
    if (session->failures_length != 1)
        return;
    keep_target(session, session->failures[0].alternate, device);
    session->reason[0] = '\0';
}

bool session_dfu_given_up(const struct btap_session_tracker *tracker,
                          const struct btap_transaction *transaction)
{
    const btap_ns silence = tracker->until - (transaction->time + transaction->duration);
    const btap_ns due = (btap_ns)transaction->poll_timeout_ms * NS_PER_MS;

    /* What makes the device leave the bus may be over without an answer. */
    return (tracker->session.lacks & BTAP_LACKS_TIMES) == 0 && tracker->until != 0 &&
           silence >= GIVEN_UP_NS && silence - GIVEN_UP_NS >= due &&
           !btap_command_has(transaction->command, BTAP_TRAIT_LEAVES | BTAP_TRAIT_PROTECTS);
}
