/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the USART bootloader (AN3155).
 */
#include "diagnosis/tables.h"

/* Conditions */

static bool odd_ones(unsigned byte)
{
    bool odd = false;

    for (; byte != 0; byte &= byte - 1u)
        odd = !odd;
    return odd;
}

static bool in_opcodes(const uint32_t set[8], unsigned opcode)
{
    return (set[opcode / 32] & BIT(opcode % 32)) != 0;
}

/** How many opcodes of a set have an odd, or an even, number of ones. */
static uint32_t count_opcodes(const uint32_t set[8], bool odd)
{
    uint32_t count = 0;

    for (unsigned opcode = 0; opcode < 256; opcode++)
        count += in_opcodes(set, opcode) && odd_ones(opcode) == odd;
    return count;
}

/**
 * An 8N1 byte passes an 8E1 receiver if it has an odd number of ones and a pause behind it: 0x01,
 * 0x02, 0x31, 0x43 may go through, and 0x00, 0x11, 0x21, 0x44, 0x63, 0x82 never do. A complement
 * has as many ones, odd or even, as its opcode. Read protection lets Get (0x00) pass.
 */
static bool parity_pattern(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->refused_first;
    finding->arg[1] = count_opcodes(session->accepted, true);
    diagnosis_show(finding, session->refused_packet);
    return session->done[BTAP_SYNC] > 0 && !session->port.parity_even &&
           session->notes[BTAP_NOTE_NO_PARITY].count == 0 &&
           count_opcodes(session->accepted, false) == 0 &&
           (in_opcodes(session->refused, 0x00) || session->notes[BTAP_NOTE_NACK_EARLY].count > 0) &&
           count_opcodes(session->refused, false) > 0 && session->written.commands == 0;
}

static bool did_not_go_well(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    return !diagnosis_went_well(session, failed, finding);
}

static bool lines_never_moved(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)finding;
    return session->port.lines_known &&
           (session->port.moved_packet == 0 || session->port.moved_packet > failed->first_packet);
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
    {.text = {"port-without-parity", CAUSE, FACT, "The host opened the port without even parity",
              "The USART bootloader receives 8 data bits with even parity (AN3155 section 1); a "
              "byte without the parity bit reaches it only by luck",
              "Set the port to 8E1 (stm32flash -m 8e1, its default); on a Raspberry Pi use a UART "
              "that has parity",
              "another fault beside it, which shows once the parity is right"},
     .sessionwide = true,
     .explains_all = true,
     .transports = USART,
     .note = {NOTE(NO_PARITY)},
     .also = did_not_go_well},
    {.text =
         {"no-parity-pattern", CAUSE, LIKELY,
          "0x7F is answered, then 0x%02x is refused at once; no command passes whose bytes have "
          "an even number of ones, %u of the others",
          "The host most likely sends without the parity bit: then a byte with an odd number "
          "of ones looks right to the device, if a pause follows it, and the others never do",
          "Set the port to 8E1 (stm32flash -m 8e1) and record the port's settings; a Raspberry "
          "Pi's mini UART has no parity",
          "noise, or a slightly wrong rate, that happens to hit just these bytes"},
     .sessionwide = true,
     .explains_all = true,
     .transports = USART,
     .also = parity_pattern},

    /* Nobody answers */
    {.text = {"half-command", CAUSE, FACT, "The device took a 0x7F as the first half of a command",
              "It was synchronised already; then 0x7F is no synchronisation but half a command, "
              "and the next byte completes it",
              "Send 0x7F twice (a NACK means: synchronised), or reset the part before each run",
              ""},
     .transports = USART,
     .note = {NOTE(PAIR_MISALIGNED)},
     .also = spoilt_by_sync},
    {.text = {"application-running", CAUSE, LIKELY, "The device answers 0x7F with text",
              "An application or another bootloader is running and not the system-memory "
              "bootloader, most likely: BOOT0 was low at reset, or the part was not reset",
              "Pull BOOT0 high (or set the option bits that stand for it) and reset the part, then "
              "start the tool",
              "a wrong rate that makes other bytes look like text"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .note = {NOTE(APPLICATION_TEXT)}},
    {.text = {"echo-only", CAUSE, LIKELY, "The host hears nothing but its own bytes",
              "TX and RX are connected with each other, most likely: a loop, a half-duplex line, "
              "or a level shifter; no device answers on it",
              "Look for what joins TX and RX; then check BOOT0, reset and the pins (AN2606)",
              "a device that is silent for a reason of its own"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .note = {NOTE(ECHO)},
     .also = diagnosis_never_answered},
    {.text = {"target-not-reset", CAUSE, LIKELY,
              "0x7F gets no answer, and neither DTR nor RTS moved before it",
              "These lines did not reset the part into its bootloader; unless it was done by hand, "
              "the application is most likely still running",
              "Have the tool drive reset and BOOT0 (stm32flash -i), or reset the part by hand with "
              "BOOT0 high, just before",
              "a reset by hand, a recorder that does not see these lines, crossed or missing "
              "wires, another rate: the bytes cannot tell them apart"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT,
     .also = lines_never_moved},
    {.text = {"no-answer-to-sync", CAUSE, LIKELY, "0x7F gets no answer",
              "Most likely the bootloader does not run or does not hear the host: BOOT0 low at "
              "reset, RX and TX swapped, other pins, or another interface (USB) took over first",
              "Check that BOOT0 is high while the part resets, that TX and RX are crossed, that "
              "ground is common, that these pins are the bootloader's (AN2606), and that nothing "
              "else drives them",
              "which of these it is: they look the same on the wire"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.text = {"wrong-answer-to-sync", CAUSE, LIKELY,
              "0x7F is answered, but neither with ACK nor with NACK",
              "The two ends use different rates or framings, or something else than the bootloader "
              "answers",
              "Reset the part and start the tool at 9600 to 115200 baud, 8E1; check that nothing "
              "else drives the line",
              "another bootloader (Katapult, OpenBLT) with a protocol of its own"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = BIT(BTAP_BAD_REPLY)},
    {.text = {"no-answer-after-reset", CAUSE, LIKELY,
              "No answer after a command that makes the device reset",
              "The device resets after changing its protection, and most likely knows nothing of "
              "the host any more; a third answer never comes",
              "Send 0x7F again after the reset, with BOOT0 still high",
              "a part that left its bootloader in the reset"},
     .transports = USART,
     .statuses = SILENT,
     .also = diagnosis_after_reset},

    {.text = {"adapter-unplugged", CAUSE, FACT,
              "The serial adapter left the bus in the middle of a command",
              "It was unplugged, lost its supply, or reset itself",
              "Use another cable or port without a hub, reset the part, and flash again",
              "which of these it is"},
     .transports = USART,
     .statuses = BIT(BTAP_DISCONNECTED)},

    /* What the host sent, and what became of it */
    {.text = {"erase-count-too-large", CAUSE, LIKELY,
              "The erase announces %u pages, %u page numbers follow",
              "The device waits for the missing ones and takes the next command for page numbers. "
              "Most likely the host counts wrong: the count on the wire is one less than the "
              "number of pages",
              "Send N-1 for N pages; reset the part before the next try",
              "bytes lost between host and device"},
     .transports = USART,
     .commands = ERASES,
     .also = list_not_filled},
    {.text = {"bytes-lost-on-the-way", CAUSE, LIKELY,
              "Fewer bytes than announced reached the device: it took the next command for data",
              "Bytes were lost between host and device, most likely in an adapter or its driver",
              "Lower the rate, use another adapter, or smaller blocks",
              "a host that sends too few, and bytes that only the recorder missed"},
     .transports = USART,
     .failed_note = {NOTE(DATA_SHORT)}},
    {.text = {"nack-missing", CAUSE, LIKELY,
              "The device says nothing to a bad address and takes what follows as a command",
              "Bootloaders of protocol 3.0 and before do not send the NACK after an address "
              "(AN3155, limitations)",
              "Check the address; wait before the next command", "bytes lost on the way"},
     .transports = USART,
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .note = {NOTE(NACK_MISSING)}},
    {.text = {"mass-erase-unsupported", CAUSE, LIKELY, "A mass erase is refused by product 0x%03x",
              "This product's bootloader has no mass erase, by all that is known of it",
              "Erase by pages (stm32flash: give -S or -e with a number of pages)",
              "write protection"},
     .transports = USART,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = mass_erase_unknown},
    {.text = {"rom-read-quirk", CAUSE, LIKELY, "Reading the factory values at 0x%08x is refused",
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
    {.text = {"read-end-refused", CAUSE, LIKELY, "A read from 0x%08x is refused for its length",
              "The address is accepted; most likely the read would go beyond the memory, or into "
              "registers that are not to be read so",
              "Read less at once", "read protection of a part of the memory"},
     .transports = USART,
     .commands = READS,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_LENGTH),
     .clean = true,
     .also = diagnosis_tell_address},
    {.text = {"write-refused", CAUSE, LIKELY,
              "The data for 0x%08x are refused, their checksum is right in the capture; %u of %u "
              "writes fail",
              "Most likely bits flipped or bytes were lost between the recorder and the device: "
              "noise, rate, adapter, supply",
              "Compare the failures at another baud rate and with smaller blocks; if always the "
              "same address fails, it is the memory: erase it, remove its write protection",
              "memory that cannot be written there: write-protected, not erased, worn out"},
     .transports = USART,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = tell_write_rate},

    /* It went through, and yet */
    {.text = {"erase-list-open", DOUBT, LIKELY,
              "The erase announces %u pages, and the capture ends after %u page numbers",
              "If the host sent no more, it counts wrong most likely: the count on the wire is one "
              "less than the number of pages. The device then waits for ever, and takes the next "
              "command for page numbers",
              "Send N-1 for N pages; reset the part before the next try",
              "a capture that was stopped too early, bytes lost on the way"},
     .sessionwide = true,
     .transports = USART,
     .also = list_open_at_end},
    {.text = {"writes-repeated", DOUBT, LIKELY,
              "%u of %u writes (of up to %u bytes) failed and succeeded when they were repeated",
              "The line loses or damages bytes now and then, most likely",
              "Compare at another baud rate and with smaller blocks; shorten the wires, check "
              "ground and supply",
              "damage that no checksum found: read the memory back"},
     .sessionwide = true,
     .transports = USART,
     .also = writes_repeated},
    {.text = {"erase-not-performed", DOUBT, FACT, "An erase was acknowledged and not performed",
              "0xFF must be followed by 0x00; with another byte the device acknowledges and "
              "erases nothing",
              "Correct the host's code", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(ERASE_NOT_PERFORMED)}},

    /* Not what boottap is for */
    {.text =
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
    {.text = {"already-synced", ODDITY, FACT,
              "The device was synchronised already and refused the second 0x7F", "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(ALREADY_SYNCED)}},
    {.text = {"line-glitch", ODDITY, LIKELY,
              "Stray bytes before an answer: %u, the first 0x%02x; the line moved at reset, most "
              "likely",
              "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(GLITCH_BYTES)}},
    {.text = {"echo", ODDITY, LIKELY,
              "The host hears its own bytes: half duplex, or a loop, most likely", "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(ECHO)},
     .also = echo_of_answered},
    {.text = {"line-errors", ODDITY, FACT,
              "The line had parity, framing or overrun errors, or a break", "",
              "Shorten the wires or lower the rate if they come often", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(PARITY_ERROR), NOTE(FRAMING_ERROR), NOTE(OVERFLOW), NOTE(BREAK)}},
    {.text = {"unaligned-write", ODDITY, FACT, "A write of %u bytes, which is no multiple of 4", "",
              "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(UNALIGNED_LENGTH)}},
    {.text = {"foreign-command", ODDITY, LIKELY,
              "The device knows command 0x%02x, which ST's do not: a GD32 or other look-alike, "
              "most likely",
              "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(UNKNOWN_COMMAND_ACCEPTED)}},
    {.text = {"checksum-short-form", ODDITY, FACT,
              "The host asks Get Checksum without polynomial and initial value, as stm32flash does",
              "", "", ""},
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(CHECKSUM_SHORT_FORM)}},
};

const struct diagnosis_table diagnosis_usart = DIAGNOSIS_TABLE(rules);
