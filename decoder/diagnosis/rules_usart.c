/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the USART bootloader (AN3155).
 */
#include "diagnosis/tables.h"

/** Commands that learn something of the bootloader, and that every ST bootloader takes. */
#define IDENTIFIES (BIT(BTAP_GET) | BIT(BTAP_GET_VERSION) | BIT(BTAP_GET_ID))

/** AN3155 section 2 */
#define ACK  0x79u
#define NACK 0x1fu

/* Conditions */

/** Whether nothing refutes that the bytes arrive without their parity bit. */
static bool parity_open(const struct btap_session *session)
{
    return !session->port.parity_even && session->parity.against == 0;
}

/** A NACK that no byte of the host explains, and a command refused that is never refused. */
static bool hears_more(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->notes[BTAP_NOTE_SURPLUS_ANSWER].arg[0];
    finding->arg[1] = session->denied;
    return session->denied_packet != 0 && session->failures_length > 0 &&
           session->notes[BTAP_NOTE_SURPLUS_ANSWER].count > 0 &&
           session->notes[BTAP_NOTE_SURPLUS_ANSWER].packet < session->denied_packet;
}

/**
 * What passed and what did not is as on a line without parity bit, and something was refused that
 * no protection refuses.
 */
static bool parity_pattern(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    const uint32_t early = session->notes[BTAP_NOTE_NACK_EARLY].count;
    struct btap_finding other = *finding;

    (void)failed;
    finding->arg[0] = session->denied_packet != 0 ? session->denied : session->refused_first;
    diagnosis_show(finding, session->denied_packet != 0 ? session->denied_packet
                            : session->refused_packet != 0
                                ? session->refused_packet
                                : session->notes[BTAP_NOTE_NACK_EARLY].packet);
    return parity_open(session) && session->notes[BTAP_NOTE_NO_PARITY].count == 0 &&
           (session->done[BTAP_SYNC] > 0 || session->notes[BTAP_NOTE_ALREADY_SYNCED].count > 0) &&
           !hears_more(session, failed, &other) &&
           ((session->parity.fits > 0 && (session->denied_packet != 0 || early > 0)) ||
            session->parity.groups > 0);
}

/** Read protection, a missing command and a missing parity bit look alike. */
static bool parity_or_protection(const struct btap_session *session,
                                 const struct btap_brief *failed, struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return parity_open(session) && !session->commands_known &&
           !diagnosis_brief_has(failed, BTAP_NOTE_UNSUPPORTED_COMMAND);
}

/** A command that every ST bootloader takes, if its second byte fits the first. */
static bool never_denied(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return session->denied_packet != 0 &&
           !diagnosis_brief_has(failed, BTAP_NOTE_COMPLEMENT_MISMATCH) &&
           !diagnosis_brief_has(failed, BTAP_NOTE_UNSUPPORTED_COMMAND);
}

/** 0x7F was answered, and nothing of the memory could be reached. */
static bool unheard(const struct btap_session *session, const struct btap_brief *failed,
                    struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return session->done[BTAP_SYNC] > 0 && session->read.commands == 0 &&
           session->written.commands == 0 && session->erased.commands == 0;
}

/** Nothing came of the session but a refused 0x7F. */
static bool only_refused_sync(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->last.last_packet);
    return session->failures_length == 0 && session->last.command == BTAP_SYNC &&
           session->last.status == BTAP_NACK;
}

static bool refused_sync_and_more(const struct btap_session *session,
                                  const struct btap_brief *failed, struct btap_finding *finding)
{
    struct btap_finding other = *finding;

    return !only_refused_sync(session, failed, &other);
}

static unsigned count_ones(unsigned byte)
{
    unsigned ones = 0;

    for (; byte != 0; byte &= byte - 1u)
        ones++;
    return ones;
}

/** An answer that is an ACK or NACK but for two bits at most: the values are it, that, how many. */
static bool nearly_answer(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    unsigned value = 0;
    unsigned ack;
    unsigned nack;

    (void)session;
    for (uint32_t i = 0; i < failed->notes_length; i++)
        if (failed->notes[i] == BTAP_NOTE_NOT_AN_ANSWER)
            value = failed->note_args[i][0];
    ack = count_ones(value ^ ACK);
    nack = count_ones(value ^ NACK);
    finding->arg[0] = value;
    finding->arg[1] = ack <= nack ? ACK : NACK;
    finding->arg[2] = ack <= nack ? ack : nack;
    return diagnosis_brief_has(failed, BTAP_NOTE_NOT_AN_ANSWER) && finding->arg[2] <= 2;
}

static bool count_of_write(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->length;
    finding->arg[1] = failed->length - 1;
    return true;
}

static bool go_answer(const struct btap_session *session, const struct btap_brief *failed,
                      struct btap_finding *finding)
{
    nearly_answer(session, failed, finding);
    finding->arg[1] = finding->arg[0];
    finding->arg[0] = failed->address;
    return diagnosis_brief_has(failed, BTAP_NOTE_NOT_AN_ANSWER);
}

/** The host sent bytes of its own between a command and its answer, and was refused from then on.
 */
static bool out_of_step(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->notes[BTAP_NOTE_STRAY_BYTES].arg[1];
    return session->failures_length > 0 &&
           session->notes[BTAP_NOTE_STRAY_BYTES].packet < session->failures[0].last_packet &&
           (session->counts[BTAP_NACK] > 0);
}

/** The device lists the other of the two erase commands, or takes all but this one. */
static bool other_erase(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    const uint8_t other = failed->command == BTAP_ERASE ? 0x44 : 0x43;

    finding->arg[0] = failed->opcode;
    finding->arg[1] = other;
    return session->commands_known && !diagnosis_has_opcode(session->commands, failed->opcode) &&
           diagnosis_has_opcode(session->commands, other);
}

/** Read protection refuses Read Memory, Write Memory and Go as well (AN3155 table 2). */
static bool other_erase_unlisted(const struct btap_session *session,
                                 const struct btap_brief *failed, struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    finding->arg[1] = failed->command == BTAP_ERASE ? 0x44 : 0x43;
    return !session->commands_known && (diagnosis_has_opcode(session->accepted, 0x11) ||
                                        diagnosis_has_opcode(session->accepted, 0x31));
}

/** The port's settings are wrong, and nothing passed that could not pass then. */
static bool port_explains(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    return session->parity.against == 0 && !diagnosis_went_well(session, failed, finding);
}

static bool lines_never_moved(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)finding;
    return session->port.lines_known &&
           (session->port.moved_packet == 0 || session->port.moved_packet > failed->first_packet);
}

/** The device has reset by itself, or does so at the end of the command (AN3155 section 3). */
static bool resets_itself(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    return diagnosis_after_reset(session, failed, finding) ||
           (btap_command_has(failed->command, BTAP_TRAIT_PROTECTS) &&
            failed->phase == BTAP_PHASE_OPERATION);
}

static bool answered_before(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->counts[BTAP_OK] > 0;
}

/** The 0x7F that got no answer, or the command that it spoilt. */
static bool spoilt_by_sync(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)session;
    (void)finding;
    return failed->command == BTAP_SYNC || diagnosis_brief_has(failed, BTAP_NOTE_PAIR_MISALIGNED);
}

static bool list_not_filled(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->list_announced;
    finding->arg[1] = failed->list_sent > 0 ? failed->list_sent : failed->list_length;
    return failed->list_sent > 0 || failed->list_announced > failed->list_length ||
           diagnosis_brief_has(failed, BTAP_NOTE_DATA_SHORT);
}

static bool list_open_at_end(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    const struct btap_brief *last = &session->last;

    (void)failed;
    if (session->failures_length > 0 || last->status != BTAP_INCOMPLETE ||
        (BIT(last->command) & ERASES) == 0)
        return false;
    diagnosis_show(finding, last->last_packet);
    return last->list_length > 0 && list_not_filled(session, last, finding);
}

static bool mass_erase_unknown(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    const struct btap_product *product = diagnosis_product(session);

    finding->arg[0] = session->pid;
    return product != NULL && product->mass_erase == BTAP_MASS_ERASE_NO &&
           (failed->erase == BTAP_ERASE_MASS || failed->erase == BTAP_ERASE_BANK1 ||
            failed->erase == BTAP_ERASE_BANK2);
}

/** Factory values that the ROMs of these series read only with their whole block. */
static bool factory_values(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    static const struct btap_range blocks[] = {
        {0x1ff80000u, 0x1ff800ffu}, /* L0, L1 */
        {0x1fff7a00u, 0x1fff7affu}, /* F2, F4 */
    };

    (void)session;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
        if (failed->address >= blocks[i].first && failed->address <= blocks[i].last) {
            finding->arg[0] = failed->address;
            finding->arg[1] = blocks[i].first;
            return true;
        }
    return false;
}

/** How often writing failed: the values are the address, the writes that failed, and all. */
static bool tell_write_rate(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    finding->arg[0] = failed->address;
    finding->arg[1] = session->writes_failed;
    finding->arg[2] = session->writes_tried;
    return (failed->has & BTAP_HAS_ADDRESS) != 0;
}

static bool writes_repeated(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->writes_failed;
    finding->arg[1] = session->writes_tried;
    finding->arg[2] = session->write_longest;
    diagnosis_show(finding, session->write_failed_packet);
    return session->failures_length == 0 && session->writes_failed > 1;
}

/** Katapult's answers begin as its commands do: that is no echo. */
static bool echo_of_answered(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    return diagnosis_answered(session, failed, finding) &&
           diagnosis_no_other_bootloader(session, failed, finding);
}

static const struct diagnosis_rule rules[] = {
    /* The line as a whole */
    {.needs = NOTHING,
     .text = {"port-without-parity", CAUSE, FACT, "The host opened the port without even parity",
              "The USART bootloader receives 8 data bits with even parity (AN3155 section 1); a "
              "byte without the parity bit reaches it only by luck",
              "Set the port to 8E1 (stm32flash -m 8e1, its default); on a Raspberry Pi use a UART "
              "that has parity",
              "another fault beside it, which shows once the parity is right"},
     .command_line = {[BTAP_USART] = "stm32flash -b 57600 -m 8e1 -w FIRMWARE PORT"},
     .sessionwide = true,
     .explains_all = true,
     .transports = USART,
     .note = {NOTE(NO_PARITY)},
     .also = port_explains},
    {.needs = REPLIES,
     .text = {"stray-byte", CAUSE, LIKELY,
              "The host sends 0x%02x where the device owes it an answer, and is refused from then "
              "on",
              "The device takes a byte too many for the first half of the next command, most "
              "likely: host and device are one byte out of step, and each command is refused after "
              "its first byte",
              "Send 0x7F alone, without a second byte, CR or LF, and nothing between commands; "
              "reset the part first",
              "a missing parity bit, which looks much the same"},
     .sessionwide = true,
     .explains_all = true,
     .transports = USART,
     .note = {NOTE(STRAY_BYTES)},
     .also = out_of_step},
    {.needs = REPLIES,
     .text = {"device-hears-other-bytes", CAUSE, LIKELY,
              "The device sends 0x%02x though the host sent nothing, then refuses 0x%02x, which no "
              "protection refuses",
              "It hears other bytes than the host sends, most likely: parity (a microcontroller "
              "as host needs 9 data bits with it), noise, or a stray byte, after which both are "
              "one byte out of step",
              "Set 8E1 (stm32flash -m 8e1), reset the part, send 0x7F alone and wait for its "
              "answer; look at the host's TX line with nothing else on it",
              "any of these"},
     .sessionwide = true,
     .explains_all = true,
     .transports = USART,
     .note = {NOTE(SURPLUS_ANSWER)},
     .also = hears_more},
    {.needs = REPLIES,
     .text =
         {"no-parity-pattern", CAUSE, LIKELY,
          "0x7F is answered, then 0x%02x is refused, and no byte passes that needs its parity bit",
          "The bytes most likely arrive without the parity bit: then one with an odd number of "
          "ones looks right to the device if a pause follows it (0x7F, 0x02), and the others never "
          "do; read protection refuses none of Get, Get Version and Get ID",
          "Set 8E1 at both ends (stm32flash -m 8e1); a Bluetooth module or a Raspberry Pi's mini "
          "UART has no parity: use another adapter",
          "a stray byte behind 0x7F, after which host and device are one byte out of step; noise, "
          "or a rate that is slightly off"},
     .sessionwide = true,
     .explains_all = true,
     .transports = USART,
     .also = parity_pattern},
    {.needs = NOTHING,
     .text = {"sync-refused", CAUSE, LIKELY, "0x7F is refused, and the host does nothing more",
              "The device took 0x7F for half a command: most likely it was synchronised already, "
              "or heard noise as its first byte",
              "Reset the part and start the tool at once, so that 0x7F is the first byte that it "
              "hears; or let the tool go on after a NACK, as stm32flash does",
              "either of the two; a recording that ended before the host went on"},
     .sessionwide = true,
     .transports = USART,
     .also = only_refused_sync},

    /* Nobody answers */
    {.needs = REPLIES,
     .text = {"half-command", CAUSE, FACT, "The device took a 0x7F as the first half of a command",
              "It was synchronised already; then 0x7F is no synchronisation but half a command, "
              "and the next byte completes it",
              "Send 0x7F twice (a NACK means: synchronised), or reset the part before each run",
              ""},
     .transports = USART,
     .note = {NOTE(PAIR_MISALIGNED)},
     .also = spoilt_by_sync},
    {.needs = NOTHING,
     .text = {"application-running", CAUSE, LIKELY, "The device answers 0x7F with text",
              "An application or another bootloader is running and not the system-memory "
              "bootloader, most likely: BOOT0 was low at reset, or the part was not reset",
              "Pull BOOT0 high (or set the option bits that stand for it) and reset the part, then "
              "start the tool",
              "a wrong rate that makes other bytes look like text"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .note = {NOTE(APPLICATION_TEXT)}},
    {.needs = NOTHING,
     .text = {"go-answer-damaged", CAUSE, LIKELY,
              "The answer to Go 0x%08x is 0x%02x, neither ACK nor NACK: whether the program was "
              "started cannot be told",
              "A damaged answer (rate, parity or framing of the host), or the first byte that the "
              "started program sends",
              "Check the host for 8E1 and its rate; if the program should run, pull BOOT0 low and "
              "reset the part",
              "any of these"},
     .transports = USART,
     .commands = BIT(BTAP_GO),
     .statuses = BIT(BTAP_BAD_REPLY),
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .also = go_answer},
    {.needs = NOTHING,
     .text = {"answer-damaged", CAUSE, LIKELY,
              "0x%02x comes where ACK (0x79) or NACK (0x1f) is due; it differs from 0x%02x in %u "
              "of 8 bits",
              "The device's answers are damaged on the line, most likely: a rate or parity that "
              "differs between the two ends, levels, ground, slow edges",
              "Set 8E1 at both ends, lower the rate (stm32flash -b 57600 -m 8e1), check ground, "
              "levels and adapter; reset the part before the next try",
              "something else that answers: an application, or another bootloader"},
     .transports = USART,
     .statuses = BIT(BTAP_BAD_REPLY),
     .also = nearly_answer},
    {.needs = REPLIES,
     .text = {"echo-only", CAUSE, LIKELY, "The host hears nothing but its own bytes",
              "TX and RX are connected with each other, most likely: a loop, a half-duplex line, "
              "or a level shifter; no device answers on it",
              "Look for what joins TX and RX; then check BOOT0, reset and the pins (AN2606)",
              "a device that is silent for a reason of its own"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .note = {NOTE(ECHO)},
     .also = diagnosis_never_answered},
    {.needs = REPLIES,
     .text = {"no-answer-after-reset", CAUSE, LIKELY,
              "No answer after a command that makes the device reset",
              "The device resets after changing its protection or option bytes, and most likely "
              "knows nothing of the host any more; a third answer never comes, with some parts no "
              "second one",
              "Reset the part with BOOT0 high, after Readout Unprotect not before half a minute "
              "has passed (it erases the flash), then send 0x7F again",
              "a part that left its bootloader in the reset, or still erases"},
     .silence = true,
     .transports = USART,
     .statuses = SILENT,
     .also = resets_itself},
    {.needs = REPLIES,
     .text = {"lost-in-mid-session", CAUSE, LIKELY,
              "0x7F gets no answer from a bootloader that answered before",
              "It is most likely still busy with the command before, waits for bytes of it that "
              "did not arrive, or has lost its supply; and one that is synchronised takes a "
              "single 0x7F for half a command, and says nothing",
              "Look at the command before; reset the part with BOOT0 high, check its supply, and "
              "start again at a lower rate",
              "a reset that took the part out of its bootloader, a wire that came off"},
     .silence = true,
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT,
     .also = answered_before},
    {.needs = REPLIES,
     .text = {"target-not-reset", CAUSE, LIKELY,
              "0x7F gets no answer, and neither DTR nor RTS moved before it",
              "These lines did not reset the part into its bootloader; unless it was done by hand, "
              "the application is most likely still running",
              "Have the tool drive reset and BOOT0 (stm32flash -i), or reset the part by hand with "
              "BOOT0 high, just before",
              "a reset by hand, a recorder that does not see these lines, crossed or missing "
              "wires, another rate: the bytes cannot tell them apart"},
     .silence = true,
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT,
     .also = lines_never_moved},
    {.needs = REPLIES,
     .text =
         {"no-answer-to-sync", CAUSE, LIKELY, "0x7F gets no answer",
          "Most likely the bootloader does not run or does not hear the host: BOOT0 low at "
          "reset, RX and TX swapped, other pins, or another interface (USB) took over first",
          "Check that BOOT0 is high while the part resets, that TX and RX are crossed, that "
          "ground is common, that these pins are the bootloader's (AN2606), and that nothing "
          "else drives them",
          "any of these: they look the same on the wire; an STM8, whose bootloader answers for "
          "about 1 s after reset, and only if its option bytes (OPTBL, NOPTBL) enable it or its "
          "flash is blank"},
     .silence = true,
     .command_line = {[BTAP_USART] = "stm32flash -b 57600 -m 8e1 PORT"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.needs = NOTHING,
     .text =
         {"wrong-answer-to-sync", CAUSE, LIKELY,
          "0x7F is answered, but neither with ACK nor with NACK",
          "The two ends use different rates or framings, or something else than the bootloader "
          "answers: an application that runs because BOOT0 was low at reset, for instance",
          "Reset the part with BOOT0 high and start the tool at 9600 to 115200 baud, 8E1; check "
          "that nothing else drives the line",
          "another bootloader (Katapult, OpenBLT) with a protocol of its own"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = BIT(BTAP_BAD_REPLY)},

    {.needs = REPLIES,
     .text = {"command-unheard", CAUSE, LIKELY,
              "0x7F is answered, then command 0x%02x gets no answer, or only a part of one",
              "Bytes are lost or damaged on the line, most likely; a Bluetooth module or converter "
              "whose own settings lack the parity bit does so",
              "Set 8E1 and one rate at both ends, also of what lies between; try a wired adapter "
              "at a lower rate (stm32flash -b 57600 -m 8e1)",
              "a device that was reset or lost power, bytes that the recorder missed; an STM8 in "
              "reply mode, which wants no parity, and a byte of the host for each one of its own"},
     .silence = true,
     .transports = USART,
     .commands = IDENTIFIES,
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_COMMAND) | BIT(BTAP_PHASE_REPLY),
     .also = unheard},

    {.needs = NOTHING,
     .text = {"adapter-unplugged", CAUSE, FACT,
              "The serial adapter left the bus in the middle of a command",
              "It was unplugged, lost its supply, or reset itself",
              "Use another cable or port without a hub, reset the part, and flash again",
              "any of these"},
     .families = ANY_DEVICE,
     .transports = USART,
     .statuses = BIT(BTAP_DISCONNECTED)},

    /* Commands that are refused */
    {.needs = REPLIES,
     .text = {"other-erase-command", CAUSE, FACT,
              "The host erases with 0x%02x, the device lists only 0x%02x",
              "There are two erase commands, Erase (0x43) and Extended Erase (0x44), and a "
              "bootloader has one of them; some acknowledge the other's opcode all the same and "
              "refuse what follows",
              "Have the tool use the command that Get lists, as stm32flash and CubeProgrammer do",
              ""},
     .transports = USART,
     .commands = ERASES,
     .statuses = REFUSED | SILENT,
     .also = other_erase},
    {.needs = NOTHING,
     .text = {"other-erase-likely", CAUSE, LIKELY,
              "The device refuses erase command 0x%02x, and takes commands that read protection "
              "disables",
              "It most likely has only the other of the two erase commands, Erase (0x43) and "
              "Extended Erase (0x44)",
              "Send Get and use the erase command that it lists", "a lock of its own for erasing"},
     .transports = USART,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = other_erase_unlisted},
    {.needs = NOTHING,
     .text = {"never-refused", CAUSE, LIKELY,
              "Command 0x%02x is refused, which every ST bootloader takes, protected or not",
              "The bytes reach the device damaged or displaced, most likely: a stray byte before "
              "them, no parity bit on a part of the way, a rate that is off, noise",
              "Reset the part, send 0x7F alone and wait for its answer; set 8E1 at both ends, also "
              "of a module between, and lower the rate (stm32flash -b 57600 -m 8e1)",
              "any of these; a device that is not ST's and lacks this command; an STM8, which has "
              "neither Get Version nor Get ID"},
     .transports = USART,
     .commands = IDENTIFIES | BIT(BTAP_READOUT_UNPROTECT),
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .also = never_denied},
    {.needs = NOTHING,
     .text =
         {"refused-or-damaged", CAUSE, LIKELY,
          "Command 0x%02x is refused at once, and nothing shows that the host's bytes arrive "
          "whole",
          "Read protection, a device without this command and a line without the parity bit "
          "look alike here",
          "Set 8E1 at both ends and send Get (0x00): if that is refused too it is the line, and "
          "if not its list tells whether the device has the command",
          "any of these"},
     .transports = USART,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = parity_or_protection},

    /* What the host sent, and what became of it */
    {.needs = REPLIES,
     .text = {"erase-count-too-large", CAUSE, LIKELY,
              "The erase announces %u pages, %u page numbers follow",
              "The device waits for the missing ones and takes the next command for page numbers. "
              "Most likely the host counts wrong: the count on the wire is one less than the "
              "number of pages",
              "Send N-1 for N pages; reset the part before the next try",
              "bytes lost between host and device"},
     .transports = USART,
     .commands = ERASES,
     .also = list_not_filled},
    {.needs = REPLIES,
     .text = {"count-too-large", CAUSE, FACT,
              "The host announces %u bytes to write and sends %u and their checksum",
              "The count on the wire is one less than the number of bytes: the "
              "device waits for one more, and takes the next 0x7F or command for it",
              "Correct the host's code: send N - 1 for N bytes; reset the part before the next try",
              ""},
     .families = ANY_DEVICE,
     .transports = USART,
     .failed_note = {NOTE(COUNT_TOO_LARGE)},
     .also = count_of_write},
    {.needs = REPLIES,
     .text = {"bytes-lost-on-the-way", CAUSE, LIKELY,
              "Fewer bytes than announced reached the device: it took the next command for data",
              "Bytes were lost between host and device, most likely in an adapter or its driver",
              "Lower the rate, use another adapter, or smaller blocks",
              "a host that sends too few, and bytes that only the recorder missed"},
     .families = ANY_DEVICE,
     .transports = USART,
     .failed_note = {NOTE(DATA_SHORT)}},
    {.needs = REPLIES,
     .text = {"nack-missing", CAUSE, LIKELY,
              "The device says nothing to a bad address and takes what follows as a command",
              "Bootloaders of protocol 3.0 and before do not send the NACK after an address "
              "(AN3155, limitations)",
              "Check the address; wait before the next command", "bytes lost on the way"},
     .silence = true,
     .transports = USART,
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .note = {NOTE(NACK_MISSING)}},
    {.needs = NOTHING,
     .text = {"mass-erase-unsupported", CAUSE, LIKELY, "A mass erase is refused by product 0x%03x",
              "This product's bootloader has no mass erase, by all that is known of it",
              "Erase by pages (stm32flash: give -S or -e with a number of pages)",
              "another reason for the refusal"},
     .transports = USART,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = mass_erase_unknown},
    {.needs = NOTHING,
     .text = {"rom-read-quirk", CAUSE, LIKELY, "Reading the factory values at 0x%08x is refused",
              "The ROM of some STM32L0 and F4 refuses to read unique id and flash size at their "
              "own addresses; most likely this is one of them",
              "Read a whole block (L0: 128 bytes from 0x1FF80000, F4: 256 from 0x1FFF7A00) and "
              "pick the bytes out of it",
              "read protection"},
     .transports = USART,
     .commands = READS,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_LENGTH),
     .clean = true,
     .also = factory_values},
    {.needs = NOTHING,
     .text = {"read-end-refused", CAUSE, LIKELY, "A read from 0x%08x is refused for its length",
              "The address is accepted; most likely the read would go beyond the memory, or into "
              "registers that are not to be read so",
              "Read less at once", "read protection of a part of the memory"},
     .transports = USART,
     .commands = READS,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_LENGTH),
     .clean = true,
     .also = diagnosis_tell_address},
    {.needs = NOTHING,
     .text = {"write-refused", CAUSE, LIKELY,
              "The data for 0x%08x are refused, their checksum is right in the capture; %u of %u "
              "writes fail",
              "Most likely bits flipped or bytes were lost between the recorder and the device: "
              "noise, rate, adapter, supply",
              "Compare the failures at another baud rate and with smaller blocks; if always the "
              "same address fails, it is the memory: erase it first",
              "memory that cannot be programmed there: not erased, worn out"},
     .command_line = {[BTAP_USART] = "stm32flash -b 57600 -m 8e1 -w FIRMWARE PORT"},
     .transports = USART,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = tell_write_rate},

    /* It went through, and yet */
    {.needs = NOTHING,
     .text = {"erase-list-open", DOUBT, LIKELY,
              "The erase announces %u pages, and the capture ends after %u page numbers",
              "If the host sent no more, it counts wrong most likely: the count on the wire is one "
              "less than the number of pages. The device then waits for ever, and takes the next "
              "command for page numbers",
              "Send N-1 for N pages; reset the part before the next try",
              "a capture that was stopped too early, bytes lost on the way"},
     .sessionwide = true,
     .transports = USART,
     .also = list_open_at_end},
    {.needs = NOTHING,
     .text = {"writes-repeated", DOUBT, LIKELY,
              "%u of %u writes (of up to %u bytes) failed and succeeded when they were repeated",
              "The line loses or damages bytes now and then, most likely",
              "Compare at another baud rate and with smaller blocks; shorten the wires, check "
              "ground and supply",
              "damage that no checksum found: read the memory back"},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .also = writes_repeated},
    {.needs = NOTHING,
     .text = {"erase-not-performed", DOUBT, FACT, "An erase was acknowledged and not performed",
              "0xFF must be followed by 0x00; with another byte the device acknowledges and "
              "erases nothing",
              "Correct the host's code", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(ERASE_NOT_PERFORMED)}},

    /* Not what boottap is for */
    {.needs = NOTHING,
     .text =
         {"other-bootloader", CAPTURE, FACT,
          "The host speaks Katapult's protocol: to another bootloader, not to ST's in system "
          "memory",
          "",
          "To reach ST's, pull BOOT0 high and reset the part; Katapult's own tool tells how its "
          "flash went",
          ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(OTHER_BOOTLOADER)}},

    /* Harmless */
    {.needs = NOTHING,
     .text = {"already-synced", ODDITY, FACT,
              "The device was synchronised already and refused the second 0x7F", "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(ALREADY_SYNCED)},
     .also = refused_sync_and_more},
    {.needs = NOTHING,
     .text = {"line-glitch", ODDITY, LIKELY,
              "Stray bytes before an answer: %u, the first 0x%02x; the line moved at reset, most "
              "likely",
              "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(GLITCH_BYTES)}},
    {.needs = NOTHING,
     .text = {"echo", ODDITY, LIKELY,
              "The host hears its own bytes: half duplex, or a loop, most likely", "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(ECHO)},
     .also = echo_of_answered},
    {.needs = NOTHING,
     .text = {"line-errors", ODDITY, FACT,
              "The line had parity, framing or overrun errors, or a break", "",
              "Shorten the wires or lower the rate if they come often", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(PARITY_ERROR), NOTE(FRAMING_ERROR), NOTE(OVERFLOW), NOTE(BREAK)}},
    {.needs = NOTHING,
     .text = {"unaligned-write", ODDITY, FACT, "A write of %u bytes, which is no multiple of 4", "",
              "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(UNALIGNED_LENGTH)}},
    {.needs = NOTHING,
     .text = {"foreign-command", ODDITY, LIKELY,
              "The device knows command 0x%02x, which ST's do not: a GD32 or other look-alike, "
              "most likely",
              "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(UNKNOWN_COMMAND_ACCEPTED)}},
    {.needs = NOTHING,
     .text = {"checksum-short-form", ODDITY, FACT,
              "The host asks Get Checksum without polynomial and initial value, as stm32flash does",
              "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(CHECKSUM_SHORT_FORM)}},
};

const struct diagnosis_table diagnosis_usart = DIAGNOSIS_TABLE(rules);
