/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the device comes to take commands (AN5405 section 1, table 3): from protocol 2.2 on it takes
 * none before the detection frame, whether it answers that is not documented, and older ones refuse
 * it.
 */
#include "base/clock.h"
#include "replay/fdcan_link.h"

enum {
    DETECTION_ID = 0x111,
    DETECTION_ID_OTHER = 0x11, /* the note's text, table 3 has the one above */
    DETECTION_BYTE = 0x5a,
};

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

/**
 * Nobody answers it: that is as good as an answer, unless the recorded device did not take a
 * command afterwards.
 */
static bool unanswered(struct fdcan_talk *talk)
{
    const enum btap_status recorded = talk->command->transaction.status;

    return fdcan_talk_stop(talk, recorded == BTAP_OK ? BTAP_OK : BTAP_NO_REPLY,
                           recorded == BTAP_OK ? BTAP_PHASE_NONE : BTAP_PHASE_SYNC);
}

enum host_end fdcan_wake_detect(struct fdcan_link *link, const struct plan_command *command,
                                struct host_answer *answer)
{
    static const uint8_t byte = DETECTION_BYTE;
    struct fdcan_talk talk = fdcan_talk_begin(link, command, answer);
    const btap_ns wait = was_answered(&command->transaction) && !link->resetting
                             ? fdcan_talk_soon(&talk)
                             : fdcan_link_at_most(link, DETECTION_WAIT);
    enum fdcan_talk_got got;

    talk.id = talk.id == DETECTION_ID_OTHER ? DETECTION_ID_OTHER : DETECTION_ID;
    answer->transaction.has |= BTAP_HAS_CAN_ID;
    answer->transaction.request_id = (uint16_t)talk.id;
    if (!fdcan_talk_send(&talk, &byte, 1))
        return fdcan_talk_end(&talk);
    link->detection = true;
    got = fdcan_talk_next(&talk, wait);
    if (got == FDCAN_TALK_SILENCE)
        unanswered(&talk);
    else if (fdcan_talk_judge(&talk, got, BTAP_PHASE_SYNC))
        fdcan_talk_stop(&talk, BTAP_OK, BTAP_PHASE_NONE);
    if (link->heard)
        link->resetting = false;
    return fdcan_talk_end(&talk);
}

enum host_end fdcan_wake_detect_own(struct fdcan_link *link, struct host_answer *answer)
{
    const struct plan_command own = host_own_command(BTAP_FDCAN, BTAP_SYNC);
    enum host_end end;

    if (!gate_begin(link->host.gate, &own))
        return HOST_REFUSED;
    end = fdcan_wake_detect(link, &own, answer);
    gate_end(link->host.gate);
    return end;
}

/** Get Version: any answer shows that the device is there. */
static enum host_end look(struct fdcan_link *link, struct host_answer *answer)
{
    const struct plan_command own = host_own_command(BTAP_FDCAN, BTAP_GET_VERSION);
    struct fdcan_talk talk;

    if (!gate_begin(link->host.gate, &own))
        return HOST_REFUSED;
    talk = fdcan_talk_begin(link, &own, answer);
    if (fdcan_talk_send(&talk, NULL, 0) &&
        fdcan_talk_next(&talk, fdcan_link_at_most(link, RETURN_WAIT)) == FDCAN_TALK_ACK) {
        uint8_t version[3];
        uint32_t got;

        if (fdcan_talk_read(&talk, version, sizeof(version), &got, BTAP_PHASE_REPLY) ==
            FDCAN_TALK_READ)
            fdcan_talk_closed(&talk, BTAP_PHASE_REPLY);
    }
    gate_end(link->host.gate);
    return fdcan_talk_end(&talk);
}

enum host_end fdcan_wake_return(struct fdcan_link *link, struct host_answer *answer)
{
    enum host_end end = HOST_ANSWERED;

    link->heard = false;
    while (link->resetting && end == HOST_ANSWERED) {
        /* One that needed the detection frame needs it again. */
        if (link->detection)
            end = fdcan_wake_detect_own(link, answer);
        if (end == HOST_ANSWERED && !link->heard)
            end = look(link, answer);
        link->resetting = !link->heard && clock_monotonic() < link->back_by;
    }
    link->resetting = false;
    return end;
}

/** Whether the command may be sent twice for a device that was never heard. */
static bool may_wake(const struct fdcan_talk *talk)
{
    return !talk->link->heard && !talk->link->host.options.as_recorded &&
           btap_command_effort(talk->command->transaction.command) != BTAP_EFFORT_WORK;
}

/** The detection frame, and the command in hand once more. */
static bool wake(struct fdcan_talk *talk)
{
    struct fdcan_link *link = talk->link;
    const enum host_end end = fdcan_wake_detect_own(link, talk->answer);

    *talk = fdcan_talk_begin(link, talk->command, talk->answer);
    talk->gone = end != HOST_ANSWERED || !gate_begin(link->host.gate, talk->command);
    return !talk->gone;
}

bool fdcan_wake_open(struct fdcan_talk *talk, const uint8_t *bytes, size_t length)
{
    enum fdcan_talk_got got;

    if (!fdcan_talk_send(talk, bytes, length))
        return false;
    got = fdcan_talk_next(talk, may_wake(talk) ? fdcan_link_at_most(talk->link, FIRST_WAIT)
                                               : fdcan_talk_soon(talk));
    if (got == FDCAN_TALK_SILENCE && may_wake(talk)) {
        if (!wake(talk) || !fdcan_talk_send(talk, bytes, length))
            return false;
        got = fdcan_talk_next(talk, fdcan_talk_soon(talk));
    }
    return fdcan_talk_judge(talk, got, BTAP_PHASE_COMMAND);
}
