/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the FDCAN bootloader (AN5405).
 */
#include "diagnosis/tables.h"

/** Commands in classic frames only, and nobody answered one. */
static bool classic_only(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    return diagnosis_no_transactions(session, failed, finding) &&
           session->notes[BTAP_NOTE_CAN_CLASSIC_ANSWERED].count == 0;
}

static const struct diagnosis_rule rules[] = {
    /* The bus */
    {.text = {"can-no-acknowledge", CAUSE, LIKELY,
              "No node on the bus acknowledges the host's frames",
              "A CAN frame is acknowledged by any node that can read it: most likely the device is "
              "not in its bootloader, or listens at another bit rate, or is not on this bus",
              "Check the rates (AN5405: 250 kbit/s, data 1 Mbit/s; some editions of AN2606 say "
              "500 kbit/s), termination, transceiver and BOOT0",
              "which of these it is"},
     .sessionwide = true,
     .explains_all = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_NO_ACKNOWLEDGE)},
     .also = diagnosis_never_answered},
    {.text = {"can-bit-rate", CAUSE, LIKELY,
              "The bus has errors (classes 0x%x), and nobody answers the host",
              "The two ends most likely use different bit rates, in the arbitration or the data "
              "phase",
              "Check both rates (AN5405: 250 kbit/s, data 1 Mbit/s; some editions of AN2606 say "
              "500 kbit/s), the sample points and the termination",
              "a bad line or transceiver, errors that other nodes cause"},
     .sessionwide = true,
     .explains_all = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_ERROR), NOTE(CAN_BUS_OFF)},
     .also = diagnosis_asked_in_vain},
    {.text = {"can-classic-frames", CAUSE, LIKELY,
              "The host sends its commands in classic CAN frames, and nobody answers them",
              "The FDCAN bootloader reads CAN FD frames with bit-rate switching only; classic "
              "frames are AN3154's protocol, of other products",
              "For a product with FDCAN use a tool for AN5405 and switch FD on (ip link set can0 "
              "type can fd on)",
              "a product with the classic bootloader that is silent for another reason"},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_CLASSIC)},
     .also = classic_only},

    /* Nobody answers */
    {.text = {"detection-missing", CAUSE, LIKELY,
              "No answer, and nothing that the host sent before is a detection frame",
              "From protocol 2.2 on the device waits for identifier 0x111 with one byte, 0x5A, and "
              "no other length, before anything else; most likely it still waits",
              "Use a tool that sends it, or send it by hand (cansend can0 111##15A) after reset",
              "a device that is not in its bootloader"},
     .transports = FDCAN,
     .failed_note = {NOTE(DETECTION_MISSING)}},
    {.text = {"detection-unanswered", CAUSE, LIKELY, "The detection frame gets no answer",
              "Most likely no FDCAN bootloader listens: not in the bootloader, or another "
              "interface took over",
              "Check BOOT0, reset, the FDCAN pins (AN2606), the bit rates and termination",
              "which of these it is"},
     .transports = FDCAN,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.text = {"can-id-too-large", CAUSE, LIKELY,
              "The command's identifier 0x%03x is over one byte, and the device does not take it",
              "From protocol 2.1 on the device refuses identifiers above 0xFF",
              "Send the opcode alone as identifier (no base such as 0x500)",
              "another reason for the refusal"},
     .transports = FDCAN,
     .failed_note = {NOTE(CAN_ID_TOO_LARGE)}},
    {.text = {"can-silent-after-reset", CAUSE, LIKELY,
              "No answer after a command that makes the device reset",
              "The device resets after changing its protection, and must be found again",
              "Begin anew after the reset, with the detection frame where the device wants it",
              "a part that left its bootloader in the reset"},
     .transports = FDCAN,
     .statuses = SILENT,
     .also = diagnosis_after_reset},

    /* What the host sent */
    {.text = {"data-frames-missing", CAUSE, FACT, "The host sent %u of the %u bytes it announced",
              "The device waits for the rest and takes the next frames for data",
              "Send all data frames; pad the last one up to a length that CAN FD has",
              "frames that the recorder missed"},
     .transports = FDCAN,
     .failed_note = {NOTE(DATA_FRAMES_MISSING)}},
    {.text = {"host-does-not-wait", CAUSE, FACT,
              "The host sends data that the device is not waiting for",
              "After a refused command the device takes every data frame as a new command",
              "Wait for the ACK of the command before sending data", ""},
     .transports = FDCAN,
     .failed_note = {NOTE(DATA_TAKEN_AS_COMMAND), NOTE(DATA_BEFORE_ACK),
                     NOTE(DATA_FRAMES_SURPLUS)}},
    {.text = {"command-frame-short", CAUSE, FACT, "The command frame holds %u of %u bytes",
              "The device takes the missing bytes from the frame before",
              "Send address and length (5 bytes) with the command", ""},
     .transports = FDCAN,
     .failed_note = {NOTE(COMMAND_FRAME_SHORT)}},

    /* Protection and memory */
    {.text = {"silent-protection", CAUSE, LIKELY,
              "No answer to command 0x%02x by a device that answered before",
              "Read protection, most likely: an STM32H7 says nothing at all to what it forbids",
              CURE_PROTECTION, "a device that was reset, or lost frames"},
     .transports = FDCAN,
     .failed_note = {NOTE(SILENT_PROTECTION)}},
    {.text = {"memory-refused", CAUSE, LIKELY, "The data for 0x%08x are refused",
              "CAN checks its frames itself: most likely the memory could not be written, for "
              "write protection or because it is not erased",
              "Erase first, and remove the write protection", "which of the two it is"},
     .transports = FDCAN,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .also = diagnosis_tell_address},

    /* It went through, and yet */
    {.text = {"can-classic-bootloader", DOUBT, LIKELY,
              "A device answers commands in classic CAN frames",
              "It has the classic CAN bootloader (AN3154), most likely, which boottap does not "
              "decode",
              "Look at the frames: answers carry the command's identifier and 0x79 or 0x1F",
              "another protocol that looks like it"},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_CLASSIC_ANSWERED)}},
    {.text = {"erase-list-doubtful", DOUBT, LIKELY,
              "An erase was acknowledged whose list of pages is not what it announces",
              "The device erases what stands in its buffer, or reads the list in another format "
              "(one byte a page has been seen at an STM32H7): most likely other pages than the "
              "host meant",
              "Read the memory back before you trust it; send the exact count and two bytes a page",
              "a device that reads it as the host meant it"},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(LIST_SHORT), NOTE(PAGE_NUMBER_LARGE), NOTE(ERASE_NO_PAGES)},
     .also = diagnosis_went_well},

    /* Harmless */
    {.text = {"detection-refused", ODDITY, FACT,
              "The device is older than the detection frame and refused it", "", "", ""},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_REFUSED)}},
    {.text = {"detection-silent", ODDITY, FACT,
              "The detection frame got no answer, the next command did", "", "", ""},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_UNANSWERED)}},
    {.text = {"reply-id-unusual", ODDITY, FACT,
              "An answer came on identifier 0x%03x to a command on 0x%03x", "", "", ""},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(REPLY_ID_UNUSUAL)}},
    {.text = {"can-errors", ODDITY, FACT, "The recording controller saw errors on the bus", "",
              "Check termination and bit rates if they come often", ""},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_ERROR), NOTE(CAN_BUS_OFF)},
     .also = diagnosis_answered},
};

const struct diagnosis_table diagnosis_fdcan = DIAGNOSIS_TABLE(rules);
