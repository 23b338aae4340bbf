/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules that hold on every wire: what the capture lacks, and what is said of a failure that no
 * other rule explains.
 */
#include "diagnosis/tables.h"

static bool shows_last(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    (void)failed;
    return diagnosis_show(finding, session->last.last_packet);
}

static bool tool_ended(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    return diagnosis_only_reads(session, failed, finding) && shows_last(session, failed, finding);
}

static bool failed_and_retried(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->retried;
    return session->retried > 0;
}

static bool ends_in_reset(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->last.last_packet);
    return session->last.status == BTAP_OK &&
           btap_command_has(session->last.command, BTAP_TRAIT_PROTECTS);
}

static bool answers_unlogged(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->notes[BTAP_NOTE_ANSWER_NOT_LOGGED].count;
    return true;
}

/** Reads that ended well, and whose data the file does not hold. */
static bool data_unlogged(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    const uint64_t reads = session->done[BTAP_READ_MEMORY] + session->done[BTAP_UPLOAD];

    (void)failed;
    finding->arg[0] = (uint32_t)(reads - session->read.commands);
    return (session->lacks & DATA) != 0 && reads > session->read.commands;
}

static const struct diagnosis_rule rules[] = {
    /* What no rule before explains */
    {.needs = NOTHING,
     .text = {"unexplained-nack", CAUSE, FACT, "Command 0x%02x is refused",
              "The capture shows no reason for it", "Compare with a session that worked",
              "the reason"},
     .families = ANY_DEVICE,
     .statuses = REFUSED,
     .also = diagnosis_tell_opcode},
    {.needs = REPLIES,
     .text =
         {"tool-read-nothing", CAUSE, FACT,
          "The tool read no answer, or only a part of one, before it went on or gave up",
          "A recording of boottap run holds what the tool read: what it threw away (TCFLSH) or "
          "did not wait for is not in it, so that it cannot tell whether the device answered",
          "Check boot mode, reset, wires and rate as for a device that is silent; and record the "
          "line itself beside the tool: boottap live usbmonN for a USB adapter, else tap: or "
          "proxy:",
          "a device that was silent, an answer that came too late, one that the tool threw "
          "away"},
     .families = ANY_DEVICE,
     .transports = USART | FDCAN | CAN,
     .statuses = SILENT,
     .also = diagnosis_only_reads},
    {.needs = REPLIES,
     .text = {"unexplained-silence", CAUSE, LIKELY, "A command gets no answer",
              "The device did not hear it, or was reset, or lost power",
              "Check wires and supply; reset the part and start again", "any of these"},
     .families = ANY_DEVICE,
     .silence = true,
     .statuses = SILENT | BIT(BTAP_DISCONNECTED)},
    {.needs = NOTHING,
     .text = {"bad-answer", CAUSE, LIKELY, "The device's answer is none that the protocol has",
              "Noise, a rate that is slightly off, or a device that is not ST's bootloader",
              "Lower the rate, shorten the wires, check what the device is", "any of these"},
     .families = ANY_DEVICE,
     .statuses = BIT(BTAP_BAD_REPLY)},

    /* What the capture lacks */
    {.needs = REPLIES,
     .text = {"capture-ends-early", CAPTURE, FACT,
              "The capture ends before the last command is answered", "",
              "Record until the tool has ended; if it had, it waited for this answer in vain", ""},
     .families = ANY_DEVICE,
     .silence = true,
     .sessionwide = true,
     .verdicts = BIT(BTAP_VERDICT_CUT_SHORT),
     .also = shows_last},
    {.needs = REPLIES,
     .text = {"tool-ended-early", CAPTURE, FACT,
              "The tool ended or was stopped before it read the last command's answer", "",
              "See what the tool says of it; a tool that ends with an error waited in vain", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .verdicts = BIT(BTAP_VERDICT_CUT_SHORT),
     .also = tool_ended},
    {.needs = DATA,
     .text = {"capture-has-gaps", CAPTURE, FACT, "Bytes are missing from the capture", "",
              "Record again, with larger buffers (tcpdump -B)", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(BYTES_LOST), NOTE(BYTES_MISSING), NOTE(SUBMISSION_MISSING),
              NOTE(COMPLETION_MISSING)}},
    {.needs = DATA,
     .text = {"capture-cut", CAPTURE, FACT,
              "Records hold %u of %u bytes, the rest was not recorded", "",
              "Record whole packets (tcpdump -s 0, strace -s 600)", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(TRUNCATED)}},
    {.needs = NOTHING,
     .text = {"answers-not-logged", CAPTURE, FACT,
              "The log lacks answers to %u commands, after which the host went on", "",
              "Go by what the tool says in the end; to see every answer, record the line itself "
              "(boottap live serial:PORT -w flash.pcapng)",
              ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(ANSWER_NOT_LOGGED)},
     .also = answers_unlogged},
    {.needs = NOTHING,
     .text = {"data-not-logged", CAPTURE, FACT,
              "The log lacks the data of %u reads: they are not compared with what was written", "",
              "Record the bus itself to have them compared (boottap live usbmonN -w flash.pcapng)",
              ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .also = data_unlogged},
    {.needs = NOTHING,
     .text = {"capture-joined-late", CAPTURE, FACT,
              "The capture begins in the middle: what came before is not known", "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(SKIPPED_BYTES), NOTE(COMMAND_MISSING), NOTE(DATA_NOT_KEPT)},
     .also = diagnosis_no_other_bootloader},
    {.needs = NOTHING,
     .text = {"capture-lost-track", CAPTURE, FACT,
              "%u bytes belong to no command: the conversation was lost for a while", "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(OUT_OF_STEP)}},
    {.needs = NOTHING,
     .text = {"too-many-links", CAPTURE, FACT,
              "More than %u links at once: this one was closed early", "",
              "Record fewer devices at once", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(LINK_EVICTED)}},
    {.needs = NOTHING,
     .text = {"directions-swapped", CAPTURE, FACT, "The capture has the directions swapped", "", "",
              ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(DIRECTIONS_SWAPPED)}},
    {.needs = NOTHING,
     .text = {"directions-merged", CAPTURE, FACT,
              "The capture does not tell the directions: they are inferred", "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .note = {NOTE(DIRECTIONS_MERGED)}},

    /* Harmless */
    {.needs = REPLIES,
     .text = {"retried", ODDITY, FACT, "Failed commands that succeeded when they were repeated: %u",
              "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .also = failed_and_retried},
    {.needs = NOTHING,
     .text = {"resets-by-itself", ODDITY, FACT,
              "The last command makes the device reset: no further answer comes until the host "
              "begins anew",
              "", "", ""},
     .sessionwide = true,
     .transports = USART | FDCAN | CAN,
     .also = ends_in_reset},
};

const struct diagnosis_table diagnosis_session = DIAGNOSIS_TABLE(rules);
