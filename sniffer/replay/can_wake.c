/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the device comes to take commands. FDCAN (AN5405 section 1, table 3): from protocol 2.2 on it
 * takes none before the detection frame, whether it answers that is not documented, and older ones
 * refuse it. Classic CAN (AN3154 section 1): none takes any before identifier 0x79, which it
 * answers, and refuses once more.
 */
#include "base/clock.h"
#include "replay/can_talk.h"

/** In the text of AN5405, whose table 3 has another one. */
#define DETECTION_ID_OTHER 0x11
/** A device that answers the detection frame does so within a millisecond or two. */
#define DETECTION_WAIT (100 * (btap_ns)CLOCK_NS_PER_MS)

/** Whether a device is there that was never heard shows sooner than whether one still works. */
#define FIRST_WAIT (1 * (btap_ns)CLOCK_NS_PER_SECOND)

/** Between two looks at a device that resets. */
#define RETURN_WAIT (200 * (btap_ns)CLOCK_NS_PER_MS)

/** Whether the recorded device answered its detection frame. */
static bool was_answered(const struct btap_transaction *request)
{
    return (request->has & BTAP_HAS_REPLY_ID) != 0;
}

/** Whether its answer is waited for as that of a command. */
static bool is_answered(const struct can_host *link, const struct plan_command *command)
{
    return !link->resetting &&
           (link->dialect->detection_answered || was_answered(&command->transaction));
}
/**
 * Nobody answers it: where devices do not, that is as good as an answer, unless the recorded one
 * did not take a command afterwards.
 */
static bool unanswered(struct can_talk *talk)
{
    const bool good =
        !talk->link->dialect->detection_answered && talk->command->transaction.status == BTAP_OK;

    return can_talk_stop(talk, good ? BTAP_OK : BTAP_NO_REPLY,
                         good ? BTAP_PHASE_NONE : BTAP_PHASE_SYNC);
}
enum host_end can_wake_detect(struct can_host *link, const struct plan_command *command,
                              struct host_answer *answer)
{
    const struct can_dialect *dialect = link->dialect;
    struct can_talk talk = can_talk_begin(link, command, answer);
    const btap_ns wait =
        is_answered(link, command) ? can_talk_soon(&talk) : can_host_at_most(link, DETECTION_WAIT);
    enum can_talk_got got;

    if (!dialect->fd || talk.id != DETECTION_ID_OTHER)
        talk.id = dialect->detection_id;
    answer->transaction.has |= BTAP_HAS_CAN_ID;
    answer->transaction.request_id = (uint16_t)talk.id;
    if (!can_talk_send(&talk, &dialect->detection_byte, dialect->detection_length))
        return can_talk_end(&talk);
    link->detection = true;
    got = can_talk_next(&talk, wait);
    if (got == CAN_TALK_SILENCE)
        unanswered(&talk);
    else if (can_talk_judge(&talk, got, BTAP_PHASE_SYNC))
        can_talk_stop(&talk, BTAP_OK, BTAP_PHASE_NONE);
    if (link->heard)
        link->resetting = false;
    return can_talk_end(&talk);
}

enum host_end can_wake_detect_own(struct can_host *link, struct host_answer *answer)
{
    const struct plan_command own = host_own_command(link->dialect->transport, BTAP_SYNC);
    enum host_end end;

    if (!gate_begin(link->host.gate, &own))
        return HOST_REFUSED;
    end = can_wake_detect(link, &own, answer);
    gate_end(link->host.gate);
    return end;
}

/** Get Version: any answer shows that the device is there. */
static enum host_end look(struct can_host *link, struct host_answer *answer)
{
    const struct plan_command own = host_own_command(link->dialect->transport, BTAP_GET_VERSION);
    struct can_talk talk;

    if (!gate_begin(link->host.gate, &own))
        return HOST_REFUSED;
    talk = can_talk_begin(link, &own, answer);
    if (can_talk_send(&talk, NULL, 0) &&
        can_talk_next(&talk, can_host_at_most(link, RETURN_WAIT)) == CAN_TALK_ACK) {
        uint8_t version[3];
        uint32_t got;

        if (can_talk_read(&talk, version, sizeof(version), &got, BTAP_PHASE_REPLY) == CAN_TALK_READ)
            can_talk_closed(&talk, BTAP_PHASE_REPLY);
    }
    gate_end(link->host.gate);
    return can_talk_end(&talk);
}

enum host_end can_wake_return(struct can_host *link, struct host_answer *answer)
{
    enum host_end end = HOST_ANSWERED;

    link->heard = false;
    while (link->resetting && end == HOST_ANSWERED) {
        /* One that needed the detection frame needs it again. */
        if (link->detection)
            end = can_wake_detect_own(link, answer);
        if (end == HOST_ANSWERED && !link->heard && !link->dialect->detection_answered)
            end = look(link, answer);
        link->resetting = !link->heard && clock_monotonic() < link->back_by;
    }
    link->resetting = false;
    return end;
}

/** Whether the command may be sent twice for a device that was never heard. */
static bool may_wake(const struct can_talk *talk)
{
    return !talk->link->heard && !talk->link->host.options.as_recorded &&
           btap_command_effort(talk->command->transaction.command) != BTAP_EFFORT_WORK;
}

/** The detection frame, and the command in hand once more. */
static bool wake(struct can_talk *talk)
{
    struct can_host *link = talk->link;
    const enum host_end end = can_wake_detect_own(link, talk->answer);

    *talk = can_talk_begin(link, talk->command, talk->answer);
    talk->gone = end != HOST_ANSWERED || !gate_begin(link->host.gate, talk->command);
    return !talk->gone;
}

bool can_wake_open(struct can_talk *talk, const uint8_t *bytes, size_t length)
{
    enum can_talk_got got;

    if (!can_talk_send(talk, bytes, length))
        return false;
    got = can_talk_next(talk, may_wake(talk) ? can_host_at_most(talk->link, FIRST_WAIT)
                                             : can_talk_soon(talk));
    if (got == CAN_TALK_SILENCE && may_wake(talk)) {
        if (!wake(talk) || !can_talk_send(talk, bytes, length))
            return false;
        got = can_talk_next(talk, can_talk_soon(talk));
    }
    return can_talk_judge(talk, got, BTAP_PHASE_COMMAND);
}
