/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the bootloaders on CAN: FDCAN (AN5405) and classic CAN (AN3154).
 */
#include "diagnosis/tables.h"

#define READ_AND_WRITE (READS | WRITES)
#define BUS            (FDCAN | CAN)
#define SPECIALS       (BIT(BTAP_SPECIAL) | BIT(BTAP_EXTENDED_SPECIAL))

/** A host's frames that nobody acknowledges: any node that can read them does. */
#define CAUSE_UNHEARD                                                                              \
    "The device is not in its bootloader, or listens at another bit rate, or is not on this bus, " \
    "most likely: any node that can read a CAN frame acknowledges it"

#define CURE_CLASSIC                                                                               \
    "Check BOOT0 and reset, the CAN pins (AN2606), the rate (AN3154: 125 kbit/s, until Speed "     \
    "changes it), transceiver, termination and the crystal that some products need for CAN"

#define CURE_RATES                                                                                 \
    "Check the rates (AN5405: 250 kbit/s, data 1 Mbit/s; some editions of AN2606 say 500 "         \
    "kbit/s), termination, transceiver and BOOT0"

/** Nobody ever answered on this link. */
static bool link_never_answered(const struct btap_session *session, const struct btap_brief *failed,
                                struct btap_finding *finding)
{
    return !session->answered_before && diagnosis_never_answered(session, failed, finding);
}

static bool link_asked_in_vain(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    return session->transactions > 0 && link_never_answered(session, failed, finding);
}

/** In this session nobody answered, in one before somebody did. */
static bool answered_before_only(const struct btap_session *session,
                                 const struct btap_brief *failed, struct btap_finding *finding)
{
    return session->answered_before && session->transactions > 0 &&
           diagnosis_never_answered(session, failed, finding);
}

/** Nobody answers, and the host does not begin as AN3154 has it. */
static bool never_synchronised(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    for (uint32_t i = 0; i < session->failures_length && i < BTAP_FAILURES_MAX; i++)
        if (session->failures[i].command == BTAP_SYNC &&
            !diagnosis_brief_has(&session->failures[i], BTAP_NOTE_CAN_CLASSIC))
            return false;
    return link_asked_in_vain(session, failed, finding);
}

/** What is refused is the rest of a list of which the device has read one frame. */
static bool list_goes_on(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    const uint32_t *list = session->notes[BTAP_NOTE_LIST_SHORT].arg;

    (void)failed;
    finding->arg[0] = list[0];
    finding->arg[1] = list[1];
    return session->notes[BTAP_NOTE_LIST_SHORT].count > 0;
}

static bool frames_not_full(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->notes[BTAP_NOTE_DATA_FRAMES_NOT_FULL].count > 0;
}

/** The device acknowledged a write of which the capture shows too few frames. */
static bool write_acknowledged_short(const struct btap_session *session,
                                     const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)finding;
    for (uint32_t i = 0; i < session->failures_length && i < BTAP_FAILURES_MAX; i++)
        if (diagnosis_brief_has(&session->failures[i], BTAP_NOTE_DATA_FRAMES_MISSING))
            return false;
    return diagnosis_went_well(session, failed, finding);
}

/** After the detection frame, or the synchronisation, was refused the host sent nothing more. */
static bool refused_and_nothing_more(const struct btap_session *session,
                                     const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->last.last_packet);
    return session->last.command == BTAP_SYNC && session->last.status == BTAP_NACK &&
           session->counts[BTAP_OK] == 0;
}

static bool refused_and_more(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    struct btap_finding other = *finding;

    return !refused_and_nothing_more(session, failed, &other);
}

/** An erase named a page that does not exist, and what was read back is old AND new. */
static bool pages_not_erased(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    const struct btap_verification *verification = &session->verification;

    (void)failed;
    finding->arg[1] = (uint32_t)verification->different;
    finding->arg[2] = verification->first_address;
    return verification->different > 0 && verification->only_cleared == verification->different;
}

/** Nothing failed, and nothing that was read back differs. */
static bool went_well_unread(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    return session->verification.different == 0 && diagnosis_went_well(session, failed, finding);
}

/** The list of pages did not come. */
static bool list_did_not_come(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->list_announced;
    return failed->list_announced > failed->list_length;
}

/** The count byte is the length less one: one that says the length announces one byte more. */
static bool announces_one_more(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->transferred;
    finding->arg[1] = failed->length;
    return failed->length == failed->transferred + 1;
}

/** The address is in flash with its bytes the other way round only. Blocks begin at multiples of
 * 256. */
static bool address_reversed(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    const uint32_t meant = diagnosis_reversed(failed->address);

    (void)session;
    finding->arg[0] = failed->address;
    finding->arg[1] = meant;
    return (failed->has & BTAP_HAS_ADDRESS) != 0 && meant % 256 == 0 && btap_memory_lasts(meant) &&
           !btap_memory_lasts(failed->address);
}

/** How far a write came. */
static bool tell_progress(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->address;
    finding->arg[1] = failed->transferred;
    finding->arg[2] = failed->length;
    return failed->transferred > 0;
}

/** Not a command that the device, by its list, does not know. */
static bool listed_or_unknown(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)session;
    (void)finding;
    return !diagnosis_brief_has(failed, BTAP_NOTE_UNSUPPORTED_COMMAND);
}

static const struct diagnosis_rule rules[] = {
    /* The bus */
    {.needs = NOTHING,
     .text = {"can-left-bootloader", CAUSE, LIKELY,
              "No node acknowledges the host's frames any more, and one did before",
              "The device is not in its bootloader any more, most likely: Go started the "
              "application, or a reset did, or another interface of the bootloader was used; the "
              "bit rates are those that worked before",
              "Bring it back into the bootloader (BOOT0, reset) and begin anew on this bus, before "
              "anything is sent on another interface",
              "a device that lost its supply, a wire that came off"},
     .sessionwide = true,
     .explains_all = true,
     .transports = BUS,
     .note = {NOTE(CAN_NO_ACKNOWLEDGE)},
     .also = answered_before_only},
    {.needs = NOTHING,
     .text = {"can-no-acknowledge", CAUSE, LIKELY,
              "No node on the bus acknowledges the host's frames", CAUSE_UNHEARD, CURE_RATES,
              "any of these"},
     .command_line = {[BTAP_FDCAN] =
                          "ip link set can0 type can bitrate 250000 dbitrate 1000000 fd on"},
     .sessionwide = true,
     .explains_all = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_NO_ACKNOWLEDGE)},
     .also = link_never_answered},
    {.needs = NOTHING,
     .text = {"can-classic-no-acknowledge", CAUSE, LIKELY,
              "No node on the bus acknowledges the host's classic frames", CAUSE_UNHEARD,
              CURE_CLASSIC, "any of these"},
     .command_line = {[BTAP_CAN] = "ip link set can0 type can bitrate 125000"},
     .sessionwide = true,
     .explains_all = true,
     .transports = CAN,
     .note = {NOTE(CAN_NO_ACKNOWLEDGE)},
     .also = link_never_answered},
    {.needs = REPLIES,
     .text = {"can-classic-bit-rate", CAUSE, LIKELY,
              "The bus has errors (classes 0x%x), and nobody answers the host",
              "The two ends most likely use different bit rates: the classic bootloader begins at "
              "125 kbit/s, and at another one after Speed only",
              "Set 125 kbit/s, or reset the device into its bootloader, which ends what Speed set; "
              "check the sample point and the termination",
              "a bad line or transceiver, errors that other nodes cause"},
     .silence = true,
     .command_line = {[BTAP_CAN] = "ip link set can0 type can bitrate 125000"},
     .sessionwide = true,
     .explains_all = true,
     .transports = CAN,
     .note = {NOTE(CAN_ERROR), NOTE(CAN_BUS_OFF)},
     .also = link_asked_in_vain},
    {.needs = REPLIES,
     .text = {"can-classic-frames", CAUSE, LIKELY,
              "The host sends its commands in classic CAN frames, and nobody answers them",
              "The FDCAN bootloader reads CAN FD frames with bit-rate switching only; the classic "
              "one (AN3154) waits for identifier 0x79 without data first, which the host did not "
              "send: either may be there, most likely",
              "For a product with FDCAN use a tool for AN5405 and switch FD on (ip link set can0 "
              "type can fd on); for one with AN3154 synchronise first (cansend can0 079#) at 125 "
              "kbit/s",
              "a device that is not in its bootloader"},
     .silence = true,
     .sessionwide = true,
     .explains_all = true,
     .transports = CAN,
     .also = never_synchronised},
    {.needs = REPLIES,
     .text = {"can-bit-rate", CAUSE, LIKELY,
              "The bus has errors (classes 0x%x), and nobody answers the host",
              "The two ends most likely use different bit rates, in the arbitration or the data "
              "phase",
              "Check both rates (AN5405: 250 kbit/s, data 1 Mbit/s; some editions of AN2606 say "
              "500 kbit/s), the sample points and the termination",
              "a bad line or transceiver, errors that other nodes cause"},
     .silence = true,
     .sessionwide = true,
     .explains_all = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_ERROR), NOTE(CAN_BUS_OFF)},
     .also = link_asked_in_vain},
    {.needs = NOTHING,
     .text = {"can-extended-identifiers", CAUSE, FACT,
              "The host sends its commands with 29-bit identifiers (0x%08x)",
              "The bootloader takes 11-bit identifiers only, and takes none of these",
              "Send standard frames: is_extended_id=False in python-can, three digits of "
              "identifier in cansend",
              ""},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(CAN_EXTENDED)},
     .also = diagnosis_no_transactions},
    {.needs = NOTHING,
     .text =
         {"data-frames-not-full", CAUSE, LIKELY,
          "A write of %u bytes was acknowledged after its data frames (%u), which held %u bytes",
          "The device counts one frame for every 64 bytes (classic CAN: 8), whatever its length, "
          "as "
          "ST's own code does: it programmed bytes of its buffer that no frame brought",
          "Fill each data frame and the last one up to a length that the format has; then erase "
          "and write again. Where one byte is missing, the count byte must be the "
          "length less one",
          "a device that counts bytes, and a recorder that missed frames"},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(DATA_FRAMES_NOT_FULL)}},

    {.needs = NOTHING,
     .text = {"erase-count-zero", CAUSE, LIKELY,
              "An erase announces %u pages, and %u bytes read back from 0x%08x on hold old and new "
              "contents combined",
              "The host sends the number of pages less one, most likely, as over USART: the device "
              "erased none",
              "Send the number of pages itself (00 01 for one); erase them and write again",
              "a host that had nothing to erase, and memory that wears out"},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(ERASE_NO_PAGES)},
     .also = pages_not_erased},
    {.needs = NOTHING,
     .text =
         {"erase-list-bytes", CAUSE, LIKELY,
          "An erase names page %u, which the product does not have, and %u bytes read back from "
          "0x%08x on hold old and new contents combined",
          "The host packs one byte a page, most likely, where the device reads two: other pages "
          "than it meant were erased",
          "Send each page in two bytes, MSB first (AN5405 section 3.7); erase all and write again",
          "a list that is wrong in another way"},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(PAGE_NUMBER_LARGE)},
     .also = pages_not_erased},
    {.needs = NOTHING,
     .text = {"detection-refused-last", CAUSE, LIKELY,
              "The detection frame is refused, and the host sends nothing more",
              "The device is older than protocol 2.2, most likely: it takes the frame for Read "
              "Memory of 0x5A000000, and would answer commands",
              "Go on with Get or Get ID without a detection frame (cansend can0 000##1)",
              "another node that answers"},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_REFUSED)},
     .also = refused_and_nothing_more},

    {.needs = NOTHING,
     .text = {"can-sync-refused", CAUSE, LIKELY,
              "The synchronisation is refused, and the host sends nothing more",
              "The device is synchronised already, most likely: it takes identifier 0x79 for a "
              "command then, which it does not know",
              "Go on with Get or Get ID after that NACK, or reset the device before each run",
              "another node that answers"},
     .sessionwide = true,
     .transports = CAN,
     .note = {NOTE(CAN_ALREADY_SYNCED)},
     .also = refused_and_nothing_more},

    /* Nobody answers */
    {.needs = REPLIES,
     .text = {"can-classic-sync", CAUSE, LIKELY,
              "The synchronisation (identifier 0x79 without data) gets no answer",
              "No classic CAN bootloader (AN3154) hears it, most likely: the device is not in its "
              "bootloader, or uses other pins or another rate, or another interface took over",
              CURE_CLASSIC "; a product with FDCAN needs a tool for AN5405", "any of these"},
     .silence = true,
     .command_line = {[BTAP_CAN] = "ip link set can0 type can bitrate 125000"},
     .transports = CAN,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.needs = REPLIES,
     .text = {"can-speed-silent", CAUSE, LIKELY,
              "Speed is acknowledged at the old bit rate, and nothing comes at the new one",
              "The host, or the recorder, did not change to the new rate, most likely: the device "
              "did, and acknowledges there",
              "Set the new rate as soon as the first ACK is there (ip link set can0 down, type can "
              "bitrate, up), or do without Speed; reset the device to return to 125 kbit/s",
              "a transceiver or line that is too slow for the rate"},
     .silence = true,
     .transports = CAN,
     .commands = BIT(BTAP_SPEED),
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_OPERATION)},
    {.needs = NOTHING,
     .text = {"can-speed-refused", CAUSE, LIKELY, "The device refuses the bit rate",
              "Speed takes 1 to 4, for 125, 250, 500 and 1000 kbit/s, most likely no others",
              "Send one of them, or stay at 125 kbit/s",
              "a device that does not know Speed: Get lists what it knows"},
     .transports = CAN,
     .commands = BIT(BTAP_SPEED),
     .statuses = REFUSED,
     .also = listed_or_unknown},
    {.needs = NOTHING,
     .text = {"can-device-gone", CAUSE, LIKELY,
              "No node acknowledges command 0x%02x, though the device answered before",
              "The device left its bootloader, reset or lost its supply, most likely: the bit "
              "rates are those that worked before",
              "Bring it back into the bootloader (BOOT0, reset) and begin anew", "any of these"},
     .transports = BUS,
     .statuses = SILENT,
     .failed_note = {NOTE(CAN_NO_ACKNOWLEDGE)},
     .also = diagnosis_tell_opcode},
    {.needs = NOTHING,
     .text = {"opcode-in-data", CAUSE, FACT, "Opcode 0x%02x is sent as data, on identifier 0x%03x",
              "The identifier is the opcode: devices before protocol 2.2 take the low byte of this "
              "one, 0x11, for Read Memory, later ones nothing but the detection frame",
              "Send the opcode as identifier and the parameters alone as data: Get is a frame on "
              "0x000 without data (cansend can0 000##1)",
              ""},
     .transports = FDCAN,
     .failed_note = {NOTE(OPCODE_IN_DATA)}},
    {.needs = NOTHING,
     .text = {"detection-padded", CAUSE, FACT, "The detection frame has %u bytes",
              "From protocol 2.2 on the device takes it with one byte, 0x5A, and no other length; "
              "before, it takes this one for Read Memory and refuses it",
              "Send one byte, without padding (cansend can0 111##15A)", ""},
     .transports = FDCAN,
     .failed_note = {NOTE(DETECTION_PADDED)}},
    {.needs = REPLIES,
     .text = {"detection-missing", CAUSE, LIKELY,
              "No answer, and nothing that the host sent before is a detection frame",
              "The device still waits for it, most likely: from protocol 2.2 on one byte 0x5A on "
              "identifier 0x111, and no other length, comes before anything else",
              "Use a tool that sends it, or send it by hand (cansend can0 111##15A) after reset; "
              "AN5405's section 1 has identifier 11h, its table 3 111h: try the other one too",
              "a device that is not in its bootloader"},
     .silence = true,
     .command_line = {[BTAP_FDCAN] = "cansend can0 111##15A"},
     .transports = FDCAN,
     .failed_note = {NOTE(DETECTION_MISSING)}},
    {.needs = REPLIES,
     .text = {"detection-identifier", CAUSE, LIKELY,
              "The detection frame gets no answer, on identifier 0x011",
              "The device waits for it on 0x111, most likely: AN5405 has 11h in section 1 and "
              "111h in table 3",
              "Send it on the other identifier (cansend can0 111##15A); if that gets no answer "
              "either, check BOOT0, reset, the FDCAN pins (AN2606), bit rates and termination",
              "a device that is not in its bootloader"},
     .silence = true,
     .transports = FDCAN,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT,
     .failed_note = {NOTE(DETECTION_ID)}},
    {.needs = REPLIES,
     .text = {"detection-unanswered", CAUSE, LIKELY, "The detection frame gets no answer",
              "No FDCAN bootloader listens, most likely: not in the bootloader, or another "
              "interface took over",
              "Check BOOT0, reset, the FDCAN pins (AN2606), the bit rates and termination; AN5405 "
              "has 111h in table 3 and 11h in section 1: try the other one (cansend can0 011##15A)",
              "any of these"},
     .silence = true,
     .transports = FDCAN,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.needs = NOTHING,
     .text = {"can-id-too-large", CAUSE, LIKELY,
              "The command's identifier 0x%03x is over one byte, and the device does not take it",
              "From protocol 2.1 on the device refuses identifiers above 0xFF",
              "Send the opcode alone as identifier (no base such as 0x500)",
              "another reason for the refusal"},
     .transports = FDCAN,
     .failed_note = {NOTE(CAN_ID_TOO_LARGE)}},
    {.needs = REPLIES,
     .text = {"can-silent-after-reset", CAUSE, LIKELY,
              "No answer after a command that makes the device reset",
              "The device resets after changing its protection, and must be found again",
              "Begin anew after the reset, with the detection frame or the synchronisation where "
              "the device wants it",
              "a part that left its bootloader in the reset"},
     .silence = true,
     .transports = BUS,
     .statuses = SILENT,
     .also = diagnosis_after_reset},

    /* What the host sent */
    {.needs = REPLIES,
     .text =
         {"count-not-less-one", CAUSE, LIKELY, "The host sent %u bytes and announced %u, one more",
          "Its count byte holds the length, most likely, where the note has the length less one: "
          "the device waits for one byte more",
          "Send the length less one: 0x3F for 64 bytes", "a data frame that was not sent"},
     .transports = BUS,
     .commands = WRITES,
     .failed_note = {NOTE(DATA_FRAMES_MISSING)},
     .also = announces_one_more},
    {.needs = REPLIES,
     .text = {"data-frames-missing", CAUSE, FACT, "The host sent %u of the %u bytes it announced",
              "The device waits for the rest and takes the next frames for data",
              "Send all data frames; pad the last one up to a length that the format has",
              "frames that the recorder missed"},
     .transports = BUS,
     .failed_note = {NOTE(DATA_FRAMES_MISSING)}},
    {.needs = REPLIES,
     .text = {"command-taken-as-data", CAUSE, LIKELY,
              "Command 0x%02x comes while the device waits for the rest of a write",
              "The device takes it for data, most likely, and does not answer: it heard the frame",
              "Send all data frames of the write first, or reset the device and begin anew",
              "a device that was reset meanwhile"},
     .silence = true,
     .transports = BUS,
     .failed_note = {NOTE(COMMAND_TAKEN_AS_DATA)}},
    {.needs = REPLIES,
     .text =
         {"erase-list-in-command", CAUSE, LIKELY,
          "The list of pages stands in the Erase command's frame",
          "The device reads the count there and waits for the list in a frame of its own: it "
          "takes the next frame for it, most likely, whatever that is",
          "Send the count alone (00 01 for one page), wait for the ACK, then send the list, two "
          "bytes a page",
          "which pages it erased meanwhile"},
     .transports = FDCAN,
     .commands = ERASES,
     .statuses = SILENT,
     .failed_note = {NOTE(LIST_IN_COMMAND)}},
    {.needs = REPLIES,
     .text = {"erase-list-missing", CAUSE, FACT,
              "The erase announces %u pages, and no list follows",
              "The device waits for the list and takes the next frame for it",
              "Send the page numbers after the ACK (AN5405: two bytes each, in one frame; AN3154: "
              "one byte each)",
              "frames that the recorder missed"},
     .transports = BUS,
     .commands = ERASES,
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_LENGTH) | BIT(BTAP_PHASE_DATA),
     .also = list_did_not_come},
    {.needs = NOTHING,
     .text = {"erase-list-in-two-frames", CAUSE, LIKELY,
              "The device took one frame of %u pages, of %u announced, and refuses the next one",
              "It reads one list frame of 64 bytes, 32 pages at most, most likely, as ST's own "
              "code does; it takes the missing numbers from stale memory, and the next frame for a "
              "command",
              "Erase 32 pages at most in one command, then the rest in others",
              "a device that erased the pages of the first frame only"},
     .transports = FDCAN,
     .commands = ERASES,
     .failed_note = {NOTE(DATA_TAKEN_AS_COMMAND)},
     .also = list_goes_on},
    {.needs = NOTHING,
     .text =
         {"data-frames-left-over", CAUSE, LIKELY,
          "A data frame comes after the device acknowledged the write, and is refused",
          "The device read one frame for every 64 bytes, most likely, and takes those left over "
          "for commands",
          "Fill each data frame with 64 bytes", "a host that repeats its data"},
     .transports = FDCAN,
     .commands = WRITES,
     .failed_note = {NOTE(DATA_TAKEN_AS_COMMAND)},
     .also = frames_not_full},
    {.needs = NOTHING,
     .text = {"subcommand-apart", CAUSE, LIKELY,
              "The sub-command of Special comes in a frame of its own, and the device refuses it",
              "The device looks for it in the command's frame, most likely, as ST's own code does; "
              "AN5405's text has it apart, with a checksum",
              "Send the sub-command, two bytes, in the command's frame", "another sub-command"},
     .transports = FDCAN,
     .commands = SPECIALS,
     .statuses = REFUSED,
     .failed_note = {NOTE(COMMAND_FRAME_SHORT), NOTE(DATA_TAKEN_AS_COMMAND)}},
    {.needs = REPLIES,
     .text = {"host-does-not-wait", CAUSE, FACT,
              "The host sends data that the device is not waiting for",
              "After a refused command the device takes every data frame as a new command",
              "Wait for the ACK of the command before sending data", ""},
     .transports = BUS,
     .failed_note = {NOTE(DATA_TAKEN_AS_COMMAND), NOTE(DATA_BEFORE_ACK),
                     NOTE(DATA_FRAMES_SURPLUS)}},
    {.needs = NOTHING,
     .text = {"erase-count-missing", CAUSE, FACT, "The Erase frame holds %u of %u bytes",
              "The number of pages is missing from it: the device takes it from the frame before",
              "Send it with the command, two bytes, MSB first: 00 01 for one page, whose number "
              "comes in a frame of its own, FF FF for everything",
              ""},
     .transports = FDCAN,
     .commands = ERASES,
     .failed_note = {NOTE(COMMAND_FRAME_SHORT)}},
    {.needs = NOTHING,
     .text = {"go-address-missing", CAUSE, FACT, "The Go frame holds %u of %u bytes",
              "The address is missing from it: the device takes it from the frame before",
              "Send the address with the command, four bytes, MSB first (cansend can0 "
              "021##108000000)",
              ""},
     .transports = FDCAN,
     .commands = BIT(BTAP_GO),
     .failed_note = {NOTE(COMMAND_FRAME_SHORT)}},
    {.needs = REPLIES,
     .text = {"command-frame-short", CAUSE, FACT, "The command frame holds %u of %u bytes",
              "The device takes the missing bytes from the frame before",
              "Send address (four bytes, MSB first) and length less one (one byte) with the "
              "command",
              ""},
     .transports = FDCAN,
     .commands = READ_AND_WRITE,
     .failed_note = {NOTE(COMMAND_FRAME_SHORT)}},
    {.needs = NOTHING,
     .text = {"list-in-command-missing", CAUSE, FACT, "The command frame holds %u of %u bytes",
              "The device takes the missing bytes from the frame before",
              "Send the whole list with the command", ""},
     .transports = FDCAN,
     .failed_note = {NOTE(COMMAND_FRAME_SHORT)}},

    {.needs = NOTHING,
     .text = {"address-reversed", CAUSE, LIKELY,
              "Address 0x%08x is refused; with its bytes the other way round it is 0x%08x",
              "The host sends the address LSB first, most likely, where the note has it MSB first",
              "Send the address MSB first: 08 00 00 00 for 0x08000000", "read protection"},
     .transports = BUS,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND) | BIT(BTAP_PHASE_ADDRESS),
     .also = address_reversed},

    {.needs = NOTHING,
     .text = {"can-classic-frame-short", CAUSE, FACT, "The command frame holds %u of %u bytes",
              "The device takes the missing bytes from the frame before",
              "Send them with the command: the address (four bytes, MSB first) for Read, Write and "
              "Go, with the length less one for Read and Write; the number of pages less one, or "
              "FF, for Erase",
              ""},
     .transports = CAN,
     .failed_note = {NOTE(COMMAND_FRAME_SHORT)}},

    /* Protection and memory */
    {.needs = REPLIES,
     .text = {"can-data-unacknowledged", CAUSE, LIKELY,
              "Data of the write at 0x%08x are not acknowledged, after %u of %u bytes",
              "The device acknowledges each data frame (AN3154), and this one it did not take: it "
              "was reset or lost its supply, most likely, or lost frames that the host sent "
              "without waiting",
              "Wait for the ACK of each data frame; check the supply; bring the device back into "
              "the bootloader and begin anew",
              "a device that is still at work"},
     .silence = true,
     .transports = CAN,
     .commands = WRITES,
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_DATA),
     .also = tell_progress},
    {.needs = REPLIES,
     .text = {"silent-protection", CAUSE, LIKELY,
              "No answer to command 0x%02x by a device that answered before",
              "Read protection, most likely: an STM32H7 says nothing at all to what it forbids",
              CURE_PROTECTION, "a device that was reset, or lost frames"},
     .silence = true,
     .supposes = READ_PROTECTION,
     .transports = FDCAN,
     .failed_note = {NOTE(SILENT_PROTECTION)}},
    {.needs = NOTHING,
     .text = {"memory-refused", CAUSE, LIKELY, "The data for 0x%08x are refused",
              "CAN checks its frames itself: most likely the memory could not be programmed, "
              "because it is not erased, or the block does not fit its programming units",
              "Erase first; write whole units (8, 16 or 32 bytes) at multiples of their size",
              "write protection: the notes have the device acknowledge writes to protected pages, "
              "and skip them"},
     .transports = BUS,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .also = diagnosis_tell_address},
    {.needs = REPLIES,
     .text = {"can-write-unanswered", CAUSE, LIKELY, "The data for 0x%08x get no answer",
              "The device was reset or lost its supply, most likely: all its frames were sent",
              "Check the supply; bring it back into the bootloader and begin anew",
              "frames that did not reach the device, a host that did not wait"},
     .silence = true,
     .transports = BUS,
     .commands = WRITES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND,
     .also = diagnosis_tell_address},
    {.needs = REPLIES | DATA,
     .text = {"can-reply-short", CAUSE, LIKELY, "The device's reply is %u bytes short",
              "The device stopped in the middle of it, or frames are missing from the capture",
              "Ask again; check the supply", "any of these"},
     .silence = true,
     .transports = BUS,
     .failed_note = {NOTE(REPLY_SHORT)}},

    /* It went through, and yet */
    {.needs = NOTHING,
     .text = {"write-short-in-capture", DOUBT, LIKELY,
              "A write was acknowledged though the capture shows %u of its %u bytes",
              "Frames are missing from the capture, most likely: ST's own code acknowledges a "
              "write only when a frame for every 64 bytes has come",
              "Read the memory back before you trust it; record again, with larger buffers",
              "a device that acknowledges at once: then it programmed what stood in its buffer"},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(DATA_FRAMES_MISSING)},
     .also = write_acknowledged_short},
    {.needs = NOTHING,
     .text = {"erase-list-doubtful", DOUBT, LIKELY,
              "An erase was acknowledged whose list of pages is not what it announces",
              "The device erases what stands in its buffer (it reads one frame, 32 pages at most), "
              "or reads the list in another format (one byte a page has been seen at an STM32H7): "
              "most likely other pages than the host meant",
              "Read the memory back before you trust it; send the exact count and two bytes a page",
              "a device that reads it as the host meant it"},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(LIST_SHORT), NOTE(PAGE_NUMBER_LARGE), NOTE(ERASE_NO_PAGES)},
     .also = went_well_unread},

    /* Harmless */
    {.needs = NOTHING,
     .text = {"can-already-synced", ODDITY, FACT,
              "The device was synchronised already and refused another synchronisation", "", "",
              ""},
     .sessionwide = true,
     .transports = CAN,
     .note = {NOTE(CAN_ALREADY_SYNCED)},
     .also = refused_and_more},
    {.needs = NOTHING,
     .text = {"detection-refused", ODDITY, FACT,
              "The device is older than the detection frame and refused it", "", "", ""},
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_REFUSED)}},
    {.needs = REPLIES,
     .text = {"detection-silent", ODDITY, FACT,
              "The detection frame got no answer, the next command did", "", "", ""},
     .silence = true,
     .sessionwide = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_UNANSWERED)}},
    {.needs = NOTHING,
     .text = {"reply-id-unusual", ODDITY, FACT,
              "An answer came on identifier 0x%03x to a command on 0x%03x", "", "", ""},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(REPLY_ID_UNUSUAL)}},
    {.needs = NOTHING,
     .text = {"can-errors", ODDITY, FACT, "The recording controller saw errors on the bus", "",
              "Check termination and bit rates if they come often", ""},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(CAN_ERROR), NOTE(CAN_BUS_OFF)},
     .also = diagnosis_answered},
    {.needs = NOTHING,
     .text = {"recorded-twice", CAPTURE, FACT, "The capture holds frames twice", "",
              "Record on one interface only, without the sender's own copies", ""},
     .sessionwide = true,
     .transports = BUS,
     .note = {NOTE(RECORDED_TWICE)}},
};

const struct diagnosis_table diagnosis_can = DIAGNOSIS_TABLE(rules);
