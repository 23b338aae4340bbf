/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules. To add one: a row here, its two samples in captures/diagnosis/rules.txt.
 *
 * Order matters for causes that explain a failed command: the first that holds is told. Special
 * ones stand before general ones, and the last rows hold for every failure.
 */
#include "diagnosis_rules.h"

#define BIT(value)    (1u << (value))
#define SILENT        (BIT(BTAP_NO_REPLY) | BIT(BTAP_INCOMPLETE))
#define REFUSED       BIT(BTAP_NACK)
#define ERASES        (BIT(BTAP_ERASE) | BIT(BTAP_EXTENDED_ERASE))
#define WRITES        BIT(BTAP_WRITE_MEMORY)
#define READS         BIT(BTAP_READ_MEMORY)
#define USART         BIT(BTAP_USART)
#define DFU           BIT(BTAP_DFU)
#define FDCAN         BIT(BTAP_FDCAN)
#define AFTER_COMMAND (BIT(BTAP_PHASE_DATA) | BIT(BTAP_PHASE_CHECKSUM) | BIT(BTAP_PHASE_OPERATION))
#define CAUSE         BTAP_RULE_CAUSE
#define DOUBT         BTAP_RULE_DOUBT
#define ODDITY        BTAP_RULE_ODDITY
#define CAPTURE       BTAP_RULE_CAPTURE
#define FACT          BTAP_FACT
#define LIKELY        BTAP_LIKELY

/* DFU 1.1 section 6.1.2, bStatus */
enum {
    ERR_TARGET = 1,
    ERR_FILE = 2,
    ERR_WRITE = 3,
    ERR_VERIFY = 7,
    ERR_ADDRESS = 8,
    ERR_VENDOR = 11,
    ERR_STALLEDPKT = 15,
};

/* AN2606: the L0's and L1's system memory and factory values begin here. */
#define L0_SYSTEM_FIRST 0x1ff80000u
#define L0_SYSTEM_LAST  0x1ff8ffffu

/* AN3155: an L1 takes up to 512 pages in one command. */
#define L1_ERASE_PAGES_MAX 512

static const struct btap_product *product_of(const struct btap_session *session)
{
    return session->pid_known ? btap_product_by_pid(session->pid) : NULL;
}

/* Special conditions */

static bool odd_ones(uint8_t byte)
{
    bool odd = false;

    for (; byte != 0; byte = (uint8_t)(byte & (byte - 1u)))
        odd = !odd;
    return odd;
}

/**
 * An 8N1 byte passes an 8E1 receiver if it has an odd number of ones and a pause behind it. So
 * 0x01, 0x02, 0x31, 0x43 go through, and 0x00, 0x11, 0x21, 0x44, 0x63, 0x82 never do.
 */
static bool parity_pattern(const struct btap_session *session, const struct btap_step *step,
                           struct btap_finding *finding)
{
    finding->arg[0] = step->opcode;
    return !odd_ones(step->opcode) && session->done[BTAP_SYNC] + session->transactions > 1 &&
           session->done[BTAP_GET] == 0 && session->done[BTAP_READ_MEMORY] == 0 &&
           session->done[BTAP_GO] == 0 && session->done[BTAP_EXTENDED_ERASE] == 0 &&
           (step->command == BTAP_GET || btap_diagnosis_step_has(step, BTAP_NOTE_NACK_EARLY));
}

static bool port_never_moved(const struct btap_session *session, const struct btap_step *step,
                             struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->port.lines_known && !session->port.moved;
}

static bool never_answered(const struct btap_session *session, const struct btap_step *step,
                           struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->counts[BTAP_OK] == 0 && session->counts[BTAP_NACK] == 0;
}

static bool no_transactions(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->transactions == 0;
}

static bool after_reset(const struct btap_session *session, const struct btap_step *step,
                        struct btap_finding *finding)
{
    (void)session;
    (void)finding;
    return step->after_reset;
}

static bool address_outside_product(const struct btap_session *session,
                                    const struct btap_step *step, struct btap_finding *finding)
{
    const struct btap_product *product = product_of(session);
    const uint32_t address = step->address;

    finding->arg[0] = address;
    if (!(step->has & BTAP_HAS_ADDRESS) || product == NULL || product->flash_size == 0)
        return false;
    return !(address - product->flash_start < product->flash_size) &&
           !(address >= product->sram.first && address <= product->sram.last) &&
           !(address >= product->system_memory.first && address <= product->system_memory.last) &&
           !(address >= product->option_bytes.first && address <= product->option_bytes.last);
}

/** The next block after the last one that was accepted is refused. */
static bool follows_written(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding)
{
    const struct btap_ranges *ranges = &session->written.ranges;

    finding->arg[0] = step->address;
    for (uint32_t i = 0; i < ranges->length; i++)
        if (step->address != 0 && ranges->list[i].last == step->address - 1)
            return true;
    return false;
}

static bool l0_system_read(const struct btap_session *session, const struct btap_step *step,
                           struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->address;
    return step->address >= L0_SYSTEM_FIRST && step->address <= L0_SYSTEM_LAST;
}

static bool tell_address(const struct btap_session *session, const struct btap_step *step,
                         struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->address;
    return (step->has & BTAP_HAS_ADDRESS) != 0;
}

static bool tell_opcode(const struct btap_session *session, const struct btap_step *step,
                        struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->opcode;
    return true;
}

static bool tell_subcommand(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->subcommand;
    return (step->has & BTAP_HAS_SUBCOMMAND) != 0;
}

static bool list_unknown(const struct btap_session *session, const struct btap_step *step,
                         struct btap_finding *finding)
{
    finding->arg[0] = step->opcode;
    return !session->commands_known;
}

static bool list_not_filled(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->list_announced;
    return step->list_announced > step->list_length ||
           btap_diagnosis_step_has(step, BTAP_NOTE_DATA_SHORT);
}

static bool mass_erase_unknown(const struct btap_session *session, const struct btap_step *step,
                               struct btap_finding *finding)
{
    const struct btap_product *product = product_of(session);

    finding->arg[0] = session->pid;
    return product != NULL && product->mass_erase == BTAP_MASS_ERASE_NO &&
           (step->erase == BTAP_ERASE_MASS || step->erase == BTAP_ERASE_BANK1 ||
            step->erase == BTAP_ERASE_BANK2);
}

static bool page_beyond_flash(const struct btap_session *session, const struct btap_step *step,
                              struct btap_finding *finding)
{
    const struct btap_product *product = product_of(session);
    struct btap_range sector;

    finding->arg[0] = step->list_last;
    return product != NULL && step->erase == BTAP_ERASE_PAGES && step->list_length > 0 &&
           btap_product_sector(product, 0, &sector) &&
           !btap_product_sector(product, step->list_last, &sector);
}

static bool too_many_pages(const struct btap_session *session, const struct btap_step *step,
                           struct btap_finding *finding)
{
    const struct btap_product *product = product_of(session);

    finding->arg[0] = step->list_announced;
    return product != NULL && product->series[0] == 'L' && product->series[1] == '1' &&
           step->list_announced > L1_ERASE_PAGES_MAX;
}

static bool read_back_as_and(const struct btap_session *session, const struct btap_step *step,
                             struct btap_finding *finding)
{
    const struct btap_verification *verification = &session->verification;

    (void)step;
    finding->arg[0] = (uint32_t)verification->different;
    finding->arg[1] = verification->first_address;
    finding->packets[0] = verification->first_packet;
    finding->packets_length = verification->different > 0 ? 1 : 0;
    return verification->different > 0 && session->unerased > 0 &&
           verification->only_cleared == verification->different;
}

static bool read_back_differs(const struct btap_session *session, const struct btap_step *step,
                              struct btap_finding *finding)
{
    return !read_back_as_and(session, step, finding) && session->verification.different > 0;
}

static bool written_unerased(const struct btap_session *session, const struct btap_step *step,
                             struct btap_finding *finding)
{
    (void)step;
    finding->arg[0] = (uint32_t)session->unerased;
    finding->arg[1] = session->unerased_address;
    finding->packets[0] = session->unerased_packet;
    finding->packets_length = session->unerased > 0 ? 1 : 0;
    /* A capture that begins in mid-stream may have missed the erase. */
    return session->unerased > 0 && session->verification.same == 0 &&
           session->verification.different == 0 &&
           (session->done[BTAP_SYNC] > 0 || session->done[BTAP_GET_ID] > 0 ||
            session->done[BTAP_GET_STATUS] > 0);
}

static bool gone_before_writing(const struct btap_session *session, const struct btap_step *step,
                                struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->erased.commands > 0 && session->written.commands == 0;
}

static bool went_on_well(const struct btap_session *session, const struct btap_step *step,
                         struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->failures_length == 0;
}

static bool did_not_go_well(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding)
{
    return !went_on_well(session, step, finding);
}

static bool failed_and_retried(const struct btap_session *session, const struct btap_step *step,
                               struct btap_finding *finding)
{
    (void)step;
    finding->arg[0] = session->retried;
    return session->retried > 0;
}

static bool started(const struct btap_session *session, const struct btap_step *step,
                    struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->started;
}

static bool ends_in_reset(const struct btap_session *session, const struct btap_step *step,
                          struct btap_finding *finding)
{
    const enum btap_command command = session->last.command;

    (void)step;
    finding->packets[0] = session->last.last_packet;
    finding->packets_length = 1;
    return session->last.status == BTAP_OK &&
           (command == BTAP_WRITE_PROTECT || command == BTAP_WRITE_UNPROTECT ||
            command == BTAP_READOUT_PROTECT || command == BTAP_READOUT_UNPROTECT ||
            command == BTAP_READ_UNPROTECT);
}

/* Texts that several rules share */

#define CURE_PROTECTION                                                                            \
    "Remove the read protection first (stm32flash -k, dfu-util :unprotect:force, "                 \
    "CubeProgrammer's "                                                                            \
    "option bytes), then flash again; removing it erases the whole flash"
#define CHECK_WIRES                                                                                \
    "Check that BOOT0 is high while the part resets, that TX and RX are crossed, that ground is "  \
    "common, that these pins are the bootloader's (AN2606), and that nothing else drives them"

const struct diagnosis_rule btap_diagnosis_rules[] = {
    /* The session as a whole */
    {.text =
         {"port-without-parity", CAUSE, FACT,
          "The host opened the port at %u baud without even parity",
          "The USART bootloader receives 8 data bits with even parity (AN3155 section 1); a byte "
          "without the parity bit reaches it only by luck",
          "Set the port to 8E1 (stm32flash -m 8e1, the default; on a Raspberry Pi use a UART "
          "that has parity)",
          ""},
     .stepless = true,
     .explains_all = true,
     .transports = USART,
     .note = {NOTE(NO_PARITY)},
     .also = did_not_go_well},
    {.text = {"not-erased", CAUSE, LIKELY,
              "%u bytes read back differ from what was written, from 0x%08x on, and only in bits "
              "that should be 1",
              "The flash was not erased before: programming can only clear bits, so that the old "
              "and the new contents are combined",
              "Erase the pages first (stm32flash erases by itself, dfu-util too; do not switch it "
              "off), then write again",
              "an erase before the capture began, and memory that wears out"},
     .stepless = true,
     .also = read_back_as_and},
    {.text = {"read-back-differs", CAUSE, LIKELY,
              "%u bytes read back differ from what was written, from 0x%08x on, though every "
              "write was acknowledged",
              "The bootloader acknowledges writes to write-protected pages without writing them, "
              "and does not check what it programmed",
              "Read the option bytes; remove the write protection of these pages (stm32flash -u), "
              "and flash again",
              "flash that wears out, an unstable supply, another range read than written"},
     .stepless = true,
     .also = read_back_differs},
    {.text = {"can-no-acknowledge", CAUSE, LIKELY,
              "No node on the bus acknowledges the host's frames",
              "The device is not in its bootloader, or listens at another bit rate, or is not on "
              "this bus: a CAN frame is acknowledged by any node that can read it",
              "Check the rates (AN5405: 250 kbit/s, data 1 Mbit/s; some editions of AN2606 say "
              "500 kbit/s), termination, transceiver and BOOT0",
              "which of them it is"},
     .stepless = true,
     .explains_all = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_NO_ACKNOWLEDGE)},
     .also = never_answered},
    {.text = {"can-classic-frames", CAUSE, FACT,
              "The host sends its commands in classic CAN frames",
              "The FDCAN bootloader reads CAN FD frames with bit-rate switching only; classic "
              "frames are AN3154's protocol, of other products",
              "Use a tool for FDCAN (AN5405) and switch FD on (ip link set can0 type can fd on)",
              ""},
     .stepless = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_CLASSIC)},
     .also = no_transactions},
    {.text = {"left-before-writing", CAUSE, LIKELY,
              "The device left the bus after the erase and before anything was written",
              "It was unplugged, lost its supply, or reset itself",
              "Use another cable or port, and flash again: the pages are erased now",
              "a person who pulled the plug"},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_GONE)},
     .also = gone_before_writing},

    /* Nobody answers */
    {.text = {"half-command", CAUSE, FACT, "The device took a 0x7F as the first half of a command",
              "It was synchronised already; there 0x7F is no synchronisation but half a command",
              "Send 0x7F twice (NACK means: synchronised), or reset the part before each run", ""},
     .transports = USART,
     .note = {NOTE(PAIR_MISALIGNED)}},
    {.text = {"application-running", CAUSE, LIKELY, "The device answers 0x7F with text",
              "An application or another bootloader is running and not the system-memory "
              "bootloader: BOOT0 was low at reset, or the part was not reset",
              "Pull BOOT0 high (or set the option bits that stand for it) and reset the part, then "
              "start the tool",
              "a wrong rate that makes other bytes look like text"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .note = {NOTE(APPLICATION_TEXT)}},
    {.text = {"target-not-reset", CAUSE, LIKELY,
              "0x7F gets no answer, and neither DTR nor RTS moved before it",
              "The part was not reset into its bootloader by these lines, unless by hand",
              "Have the tool drive reset and BOOT0 (stm32flash -i), or reset the part by hand with "
              "BOOT0 high, just before",
              "a reset by hand, crossed or missing wires, another rate: bytes cannot tell them "
              "apart"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT,
     .also = port_never_moved},
    {.text =
         {"no-answer-to-sync", CAUSE, LIKELY, "0x7F gets no answer",
          "The bootloader does not run or does not hear the host: BOOT0 low at reset, RX and TX "
          "swapped, other pins, or another interface (USB) took over first",
          CHECK_WIRES, "which of these it is: they look the same on the wire"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.text = {"wrong-answer-to-sync", CAUSE, LIKELY,
              "0x7F is answered, but neither with ACK nor with NACK",
              "The two ends use different rates, or something else than the bootloader answers",
              "Reset the part and start the tool at 9600 to 115200 baud; check that nothing else "
              "drives the line",
              "another bootloader (Katapult, OpenBLT) with its own protocol"},
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = BIT(BTAP_BAD_REPLY)},
    {.text = {"detection-missing", CAUSE, LIKELY, "No answer, and the host sent no detection frame",
              "From protocol 2.2 on the device waits for identifier 0x111 with the one byte 0x5A "
              "before anything else",
              "Use a tool that sends it, or send it by hand (cansend can0 111##15A) after reset",
              "a device that is not in its bootloader"},
     .transports = FDCAN,
     .step_note = {NOTE(DETECTION_MISSING)}},
    {.text = {"detection-unanswered", CAUSE, LIKELY, "The detection frame gets no answer",
              "No FDCAN bootloader listens: not in the bootloader, or another interface took over",
              "Check BOOT0, reset, the FDCAN pins (AN2606), the bit rates and termination",
              "which of these it is"},
     .transports = FDCAN,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.text = {"can-id-too-large", CAUSE, FACT, "The command's identifier 0x%03x is over one byte",
              "From protocol 2.1 on the device refuses identifiers above 0xFF",
              "Send the opcode alone as identifier (no base such as 0x500)", ""},
     .transports = FDCAN,
     .step_note = {NOTE(CAN_ID_TOO_LARGE)}},

    /* What the host did wrong */
    {.text = {"no-parity-pattern", CAUSE, LIKELY,
              "Synchronisation works, then command 0x%02x is refused, as is every byte with an "
              "even number of ones",
              "The host sends without the even parity bit: bytes with an odd number of ones pass "
              "the device's check, the others do not",
              "Set the port to 8E1 (stm32flash -m 8e1); a Raspberry Pi's mini UART has no parity",
              "noise that happens to hit these bytes only"},
     .transports = USART,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = parity_pattern},
    {.text = {"erase-count-too-large", CAUSE, FACT,
              "The erase announces %u pages, and fewer page numbers arrive",
              "The count on the wire is one less than the number of pages; with a count too large "
              "the device waits for more and takes the next command for page numbers",
              "Correct the count (N-1) in the host's code, then reset the part",
              "bytes lost between host and device"},
     .transports = USART,
     .commands = ERASES,
     .also = list_not_filled},
    {.text = {"data-frames-missing", CAUSE, FACT, "The host sent %u of the %u bytes it announced",
              "The device waits for the rest and takes the next frames for data",
              "Send all data frames; pad the last one up to a length that CAN FD has",
              "frames that the recorder missed"},
     .transports = FDCAN,
     .step_note = {NOTE(DATA_FRAMES_MISSING)}},
    {.text = {"host-does-not-wait", CAUSE, FACT,
              "The host sends data that the device is not waiting for",
              "After a refused command the device takes every data frame as a new command",
              "Wait for the ACK of the command before sending data", ""},
     .transports = FDCAN,
     .step_note = {NOTE(DATA_TAKEN_AS_COMMAND)}},
    {.text = {"command-frame-short", CAUSE, FACT, "The command frame holds %u of %u bytes",
              "The device takes the missing bytes from the frame before",
              "Send address and length (5 bytes) with the command", ""},
     .transports = FDCAN,
     .step_note = {NOTE(COMMAND_FRAME_SHORT)}},
    {.text = {"bytes-lost-on-the-way", CAUSE, LIKELY,
              "Fewer bytes than announced reached the device: it took the next command for data",
              "Bytes were lost between host and device, in an adapter or its driver, or the host "
              "sent too few",
              "Lower the rate, use another adapter, or smaller blocks", "a host that miscounts"},
     .transports = USART,
     .step_note = {NOTE(DATA_SHORT)}},
    {.text = {"host-checksum-wrong", CAUSE, FACT,
              "The host's checksum is 0x%02x, its bytes give 0x%02x",
              "The device refuses what does not fit its checksum (AN3155 section 3)",
              "Correct the host's code: the checksum is the XOR of the bytes sent, the count "
              "included",
              "a bit that flipped before the recorder"},
     .statuses = REFUSED | SILENT,
     .step_note = {NOTE(CHECKSUM_MISMATCH)}},
    {.text = {"host-complement-wrong", CAUSE, FACT, "0x%02x is not the complement of 0x%02x",
              "The device refuses an opcode or length whose second byte is not its complement",
              "Correct the host's code", "a bit that flipped before the recorder"},
     .statuses = REFUSED | SILENT,
     .step_note = {NOTE(COMPLEMENT_MISMATCH)}},
    {.text = {"size-over-limit", CAUSE, FACT, "%u bytes announced, the device takes %u at most",
              "The device refuses a packet that is longer than its buffer", "Send less at once",
              ""},
     .step_note = {NOTE(SIZE_OVER_LIMIT)}},
    {.text = {"reserved-erase-code", CAUSE, FACT, "Erase code 0x%04x is reserved",
              "Only 0xFFFF (everything), 0xFFFE and 0xFFFD (banks) have a meaning",
              "Correct the host's code", ""},
     .commands = ERASES,
     .step_note = {NOTE(RESERVED_ERASE_CODE)}},

    {.text = {"subcommand-refused", CAUSE, FACT, "The device does not take sub-command 0x%04x",
              "Special's sub-commands are the product's own, and this product has none by this "
              "number, or not in this state",
              "Look the sub-command up in the product's documents", ""},
     .commands = BIT(BTAP_SPECIAL) | BIT(BTAP_EXTENDED_SPECIAL),
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_SUBCOMMAND) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = tell_subcommand},

    /* Protection and support */
    {.text = {"read-protected", CAUSE, LIKELY,
              "The device lists command 0x%02x and refuses it at once",
              "Read protection is on: it disables reading, writing, erasing and Go, and leaves "
              "identification alone",
              CURE_PROTECTION, "a bootloader that is locked in another way (security option bits)"},
     .statuses = REFUSED,
     .step_note = {NOTE(READ_PROTECTION_LIKELY)}},
    {.text = {"unsupported-command", CAUSE, FACT, "The device does not know command 0x%02x",
              "Get lists the commands of this device, and this one is not among them",
              "Choose another way in the tool (43 or 44 for erase, read instead of checksum)", ""},
     .statuses = REFUSED,
     .step_note = {NOTE(UNSUPPORTED_COMMAND)}},
    {.text = {"rom-read-quirk", CAUSE, LIKELY, "Reading 0x%08x is refused",
              "The L0's bootloader refuses to read its factory values at their own address",
              "Read 128 bytes from 0x1FF80000 and pick the bytes out of them", "read protection"},
     .transports = USART,
     .commands = READS,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_LENGTH),
     .clean = true,
     .also = l0_system_read},
    {.text = {"image-too-big", CAUSE, LIKELY,
              "0x%08x is refused, right behind what was written so far",
              "The flash ends here: the image is larger than the part's flash",
              "Compare the image's size with the part's flash, read its size register",
              "a write-protected page"},
     .transports = USART | FDCAN,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = follows_written},
    {.text = {"address-beyond-device", CAUSE, LIKELY, "0x%08x is in no memory of this product",
              "The device refuses an address that it has nothing at",
              "Check the link address of the firmware and the address given to the tool",
              "read protection, where one NACK stands for both (FDCAN)"},
     .transports = USART | FDCAN,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = address_outside_product},
    {.text = {"silent-protection", CAUSE, LIKELY,
              "No answer to command 0x%02x by a device that answered before",
              "Read protection: an STM32H7 says nothing at all to what it forbids", CURE_PROTECTION,
              "a device that was reset, or lost frames"},
     .transports = FDCAN,
     .step_note = {NOTE(SILENT_PROTECTION)}},
    {.text = {"protected-or-address", CAUSE, LIKELY,
              "One NACK answers command 0x%02x and its address",
              "Read protection is on, most likely: the address is one that the product has",
              CURE_PROTECTION,
              "a part with less memory than its product id says: protection and a wrong address "
              "are answered alike"},
     .transports = FDCAN,
     .step_note = {NOTE(PROTECTED_OR_ADDRESS)}},
    {.text = {"refused-at-once", CAUSE, LIKELY, "Command 0x%02x is refused at once",
              "Read protection is on, or the device does not have this command: the host never "
              "asked for the list (Get)",
              "Send Get: if it lists the command, remove the read protection",
              "which of the two it is"},
     .transports = USART | FDCAN,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = list_unknown},
    {.text = {"no-answer-after-reset", CAUSE, LIKELY,
              "No answer after a command that makes the device reset",
              "The device resets after changing its protection and knows nothing of the host any "
              "more",
              "Send 0x7F again after the reset (with BOOT0 still high); do not wait for a third "
              "answer",
              "a part that left its bootloader in the reset"},
     .statuses = SILENT,
     .also = after_reset},

    /* Erase */
    {.text = {"mass-erase-unsupported", CAUSE, LIKELY, "A mass erase is refused by product 0x%03x",
              "This product's bootloader has no mass erase",
              "Erase by pages (stm32flash does so with -S or a page count)", "write protection"},
     .transports = USART,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = mass_erase_unknown},
    {.text = {"page-beyond-flash", CAUSE, LIKELY, "Page %u is beyond this product's flash",
              "The erase is refused because the list names a page that does not exist",
              "Check the page size and the number of pages in the host",
              "a part with another page size"},
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .also = page_beyond_flash},
    {.text = {"too-many-pages", CAUSE, LIKELY, "%u pages are erased in one command",
              "An STM32L1 takes 512 pages at most in one erase", "Erase in several commands",
              "write protection"},
     .commands = ERASES,
     .statuses = REFUSED,
     .also = too_many_pages},
    {.text = {"erase-answered-late", CAUSE, FACT,
              "The host gave up the erase before the device answered, and the answer came later",
              "An erase may take 30 s and more; the device worked on and ended",
              "Wait longer (stm32flash waits 35 s for a mass erase); the flash is erased now", ""},
     .commands = ERASES,
     .statuses = BIT(BTAP_NO_REPLY),
     .note = {NOTE(LATE_ANSWER)}},
    {.text = {"erase-refused", CAUSE, LIKELY,
              "The erase command is accepted, what to erase is refused",
              "The list and its checksum are right: the pages are write-protected, most likely",
              "Remove the write protection (stm32flash -u), then erase again",
              "a page that this part does not have"},
     .transports = USART | FDCAN,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true},
    {.text = {"erase-unanswered", CAUSE, LIKELY, "The erase is accepted and its end is never told",
              "The host gave up while the device was still erasing, or the device lost power or "
              "reset",
              "Wait longer: a mass erase may take 30 s; check the supply", "which of these it is"},
     .transports = USART | FDCAN,
     .commands = ERASES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND},

    /* Addresses and data */
    {.text = {"nack-missing", CAUSE, LIKELY,
              "The device says nothing to a bad address and takes what follows as a command",
              "Bootloaders of protocol 3.0 and before do not send the NACK after an address",
              "Check the address; wait before the next command", "bytes lost on the way"},
     .transports = USART,
     .statuses = SILENT,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .note = {NOTE(NACK_MISSING)}},
    {.text = {"read-end-refused", CAUSE, LIKELY, "A read from 0x%08x is refused for its length",
              "The address is accepted, the read would go beyond the memory", "Read less at once",
              "read protection of a part of the memory"},
     .transports = USART,
     .commands = READS,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_LENGTH),
     .clean = true,
     .also = tell_address},
    {.text = {"address-refused", CAUSE, LIKELY, "Address 0x%08x is refused, its checksum is right",
              "The bootloader serves no memory there, or not with this command",
              "Check the address against AN2606 and the part's memory map",
              "protection of that memory"},
     .transports = USART | FDCAN,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .clean = true,
     .also = tell_address},
    {.text = {"write-refused", CAUSE, LIKELY,
              "The data for 0x%08x is refused, its checksum is right in the capture",
              "A bit flipped between the recorder and the device: noise, rate, supply",
              "Lower the rate, shorten the wires, use smaller blocks; see whether it fails at the "
              "same address again: then it is the memory",
              "memory that cannot be written there: write protection, not erased"},
     .transports = USART,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = tell_address},
    {.text = {"memory-refused", CAUSE, LIKELY, "The data for 0x%08x is refused",
              "CAN checks its frames itself: the memory could not be written, for write "
              "protection or because it is not erased",
              "Erase first, and remove the write protection", "which of the two it is"},
     .transports = FDCAN,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .also = tell_address},
    {.text = {"write-unanswered", CAUSE, LIKELY, "The data for 0x%08x gets no answer",
              "Bytes were lost and the device waits for the rest, or it lost power or reset",
              "Lower the rate, use another adapter, smaller blocks; check the supply",
              "which of these it is"},
     .transports = USART | FDCAN,
     .commands = WRITES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND,
     .also = tell_address},
    {.text = {"reply-short", CAUSE, LIKELY, "The device's reply is %u bytes short",
              "Bytes were lost on the way to the host, or the device stopped",
              "Lower the rate, use another adapter", "bytes that the recorder missed"},
     .step_note = {NOTE(REPLY_SHORT)}},

    /* DFU */
    {.text = {"wrong-dialect", CAUSE, LIKELY,
              "The host speaks DfuSe to a device that describes itself as plain DFU",
              "ST's bootloader tells bcdDFU 0x011A; this device is another bootloader and takes "
              "DfuSe's commands for data",
              "Use dfu-util without -s ADDRESS, with the file that this device wants", ""},
     .transports = DFU,
     .note = {NOTE(WRONG_DIALECT)}},
    {.text = {"dfu-unplugged", CAUSE, FACT, "The device left the bus in the middle of a command",
              "It was unplugged, lost its supply, or reset itself",
              "Use another cable or port without a hub, and flash again", ""},
     .transports = DFU,
     .statuses = BIT(BTAP_DISCONNECTED)},
    {.text = {"dfu-read-protected", CAUSE, LIKELY, "The device answers errVENDOR",
              "Read protection is on: AN3156 has the device answer so to everything it then "
              "forbids",
              CURE_PROTECTION ". After it the device leaves the bus and must be brought into DFU "
                              "mode again",
              "another use of errVENDOR by a bootloader that is not ST's"},
     .transports = DFU,
     .dfu_statuses = BIT(ERR_VENDOR)},
    {.text = {"leave-without-address", CAUSE, LIKELY,
              "The device refuses to leave, and no address was set before",
              "Some parts (STM32C071) want Set Address Pointer right before Leave",
              "Set the address first (dfu-util 0.11: -s ADDRESS:leave)", "a bad start address"},
     .transports = DFU,
     .commands = BIT(BTAP_LEAVE),
     .step_note = {NOTE(LEAVE_WITHOUT_ADDRESS)}},
    {.text = {"reserved-block", CAUSE, FACT, "Block %u is reserved",
              "DfuSe has commands in block 0 and memory from block 2 on", "Correct the host's code",
              ""},
     .transports = DFU,
     .step_note = {NOTE(RESERVED_BLOCK)}},
    {.text = {"command-length", CAUSE, FACT, "Command 0x%02x has %u bytes",
              "AN3156 knows no such form of it", "Correct the host's code", ""},
     .transports = DFU,
     .step_note = {NOTE(COMMAND_LENGTH)}},
    {.text = {"unknown-dfuse-command", CAUSE, FACT, "Command 0x%02x is not in AN3156",
              "The device does not know it; two-way radios that use ST's USB id do",
              "Use the tool that belongs to this device", ""},
     .transports = DFU,
     .step_note = {NOTE(UNKNOWN_DFUSE_COMMAND), NOTE(RADIO_COMMAND)}},
    {.text = {"address-outside-map", CAUSE, FACT,
              "0x%08x is not in the device's memory layout, or not for this use",
              "The layout stands in the name of the interface's alternate setting",
              "Choose the address, or the alternate setting (dfu-util -a), that fits; dfu-util -l "
              "lists them",
              ""},
     .transports = DFU,
     .dfu_statuses = BIT(ERR_TARGET) | BIT(ERR_ADDRESS),
     .step_note = {NOTE(ADDRESS_OUTSIDE_LAYOUT), NOTE(NOT_ERASABLE), NOTE(NOT_WRITABLE),
                   NOTE(NOT_READABLE)}},
    {.text = {"dfu-address-refused", CAUSE, LIKELY, "The device refuses address 0x%08x",
              "errTARGET and errADDRESS stand for an address that the device does not serve",
              "Check the address against the device's memory layout (dfu-util -l)",
              "write protection of that page"},
     .transports = DFU,
     .dfu_statuses = BIT(ERR_TARGET) | BIT(ERR_ADDRESS),
     .also = tell_address},
    {.text = {"block-too-long", CAUSE, FACT,
              "The block has %u bytes, the device takes %u (wTransferSize)",
              "The device stalls what does not fit its buffer; another block size than "
              "wTransferSize also moves every address after the first",
              "Use wTransferSize of the functional descriptor (dfu-util -t)", ""},
     .transports = DFU,
     .step_note = {NOTE(OVER_TRANSFER_SIZE)}},
    {.text = {"getstatus-stalled", CAUSE, LIKELY, "GETSTATUS is stalled while the device works",
              "An STM32L4 does so when it is asked too early, and its poll time-out is too short",
              "Repeat GETSTATUS (dfu-util 0.11 does so), or use smaller blocks (dfu-util -t 1024)",
              "a device that is in trouble"},
     .transports = DFU,
     .step_note = {NOTE(GETSTATUS_STALLED)}},
    {.text = {"busy-never-ends", CAUSE, LIKELY,
              "The device stays in dfuDNBUSY, and the host ends the wait with CLRSTATUS",
              "An STM32H743 of revision V does so above its first megabyte; the erase is done all "
              "the same, mostly",
              "Read the page back before you trust it; other hosts send CLRSTATUS twice and go on",
              "an erase that really did not end"},
     .transports = DFU,
     .step_note = {NOTE(BUSY_CLEARED)}},
    {.text = {"host-did-not-wait", CAUSE, FACT,
              "The host went on while the device was still at work",
              "After dfuDNBUSY only GETSTATUS is allowed until the device leaves that state",
              "Have the host wait for the poll time-out and ask again", ""},
     .transports = DFU,
     .step_note = {NOTE(STILL_BUSY), NOTE(REQUEST_WHILE_BUSY)}},
    {.text = {"not-triggered", CAUSE, FACT, "No GETSTATUS follows the command",
              "The device executes a command only when GETSTATUS asks for it (AN3156 section 5)",
              "Send GETSTATUS after every DNLOAD", ""},
     .transports = DFU,
     .step_note = {NOTE(NOT_TRIGGERED)}},
    {.text = {"request-in-error-state", CAUSE, FACT,
              "The host goes on though the device is in dfuERROR",
              "There the device takes CLRSTATUS and nothing else",
              "Look at the error before; send CLRSTATUS", ""},
     .transports = DFU,
     .step_note = {NOTE(REQUEST_IN_ERROR_STATE)}},
    {.text = {"request-out-of-order", CAUSE, FACT,
              "The request is not allowed in the device's state",
              "Between writing and reading the host must send ABORT", "Send ABORT first", ""},
     .transports = DFU,
     .step_note = {NOTE(ABORT_MISSING), NOTE(REQUEST_IN_WRONG_STATE)}},
    {.text = {"memory-error", CAUSE, LIKELY, "The device could not erase or program its memory",
              "It says so itself in bStatus; the page is write-protected, not erased, or worn "
              "out, or the supply is weak",
              "Remove the write protection, erase, check the supply", "which of these it is"},
     .transports = DFU,
     .dfu_statuses = ((1u << (ERR_VERIFY + 1)) - 1) & ~((1u << ERR_WRITE) - 1)},
    {.text = {"bus-error", CAUSE, LIKELY, "A transfer failed on the bus",
              "Damaged packets: cable, hub, clock, or a device that is on its way out",
              "Try another cable and port, without a hub", "which of these it is"},
     .transports = DFU,
     .step_note = {NOTE(BUS_ERROR), NOTE(BABBLE), NOTE(TRANSFER_FAILED)}},
    {.text = {"no-answer-in-time", CAUSE, LIKELY, "The host gave up waiting for the device",
              "The device is at work for longer than the host waits, or hangs",
              "Wait longer; reset the device if it stays so", "which of the two it is"},
     .transports = DFU,
     .step_note = {NOTE(TRANSFER_CANCELLED), NOTE(TRANSFER_TIMEOUT)}},
    {.text = {"dfu-stalled", CAUSE, LIKELY, "The device stalls a request that has the right form",
              "It was not ready for it, or its state is another than the host believes",
              "Start again: reset the device into DFU mode; look at the request before",
              "the reason, which only GETSTATUS would have told"},
     .transports = DFU,
     .statuses = BIT(BTAP_STALL)},
    {.text = {"dfu-error", CAUSE, LIKELY, "The device reports an error",
              "Its own reason stands in bStatus", "Look at the notes of this command",
              "what made the device say so"},
     .transports = DFU,
     .statuses = BIT(BTAP_DFU_ERROR)},

    /* What no rule above explains */
    {.text = {"unexplained-nack", CAUSE, FACT, "Command 0x%02x is refused",
              "The capture shows no reason for it", "Compare with a session that worked",
              "the reason"},
     .statuses = REFUSED,
     .also = tell_opcode},
    {.text = {"unexplained-silence", CAUSE, LIKELY, "A command gets no answer",
              "The device did not hear it, or was reset, or lost power",
              "Check wires and supply; reset the part and start again", "which of these it is"},
     .statuses = SILENT | BIT(BTAP_DISCONNECTED)},
    {.text = {"bad-answer", CAUSE, LIKELY, "The device's answer is none that the protocol has",
              "Noise, a rate that is slightly off, or a device that is not ST's bootloader",
              "Lower the rate, shorten the wires, check what the device is",
              "which of these it is"},
     .statuses = BIT(BTAP_BAD_REPLY)},

    /* It went through, and yet */
    {.text = {"written-without-erase", DOUBT, FACT,
              "%u bytes were written, from 0x%08x on, that no erase of this session covers",
              "Programming can only clear bits: unless the flash was blank, old and new contents "
              "are combined",
              "Read it back and compare, or erase first", "an erase before the capture began"},
     .stepless = true,
     .also = written_unerased},
    {.text = {"erase-not-performed", DOUBT, FACT, "An erase was acknowledged and not performed",
              "0xFF must be followed by 0x00; with another byte the device acknowledges and "
              "erases nothing",
              "Correct the host's code", ""},
     .stepless = true,
     .transports = USART,
     .note = {NOTE(ERASE_NOT_PERFORMED)}},
    {.text = {"dialect-doubtful", DOUBT, LIKELY,
              "The host speaks DfuSe to a device that describes itself as plain DFU",
              "The device took DfuSe's commands for parts of the image",
              "Use dfu-util without -s ADDRESS", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(WRONG_DIALECT)},
     .also = went_on_well},
    {.text = {"written-off-map", DOUBT, FACT,
              "0x%08x is not in the device's memory layout, and the device did not mind",
              "What it did with the data cannot be seen", "Read it back and compare", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(ADDRESS_OUTSIDE_LAYOUT), NOTE(NOT_WRITABLE)},
     .also = went_on_well},

    /* What the capture lacks */
    {.text = {"capture-has-gaps", CAPTURE, FACT, "Bytes are missing from the capture", "",
              "Record again, with larger buffers (tcpdump -B)", ""},
     .stepless = true,
     .note = {NOTE(BYTES_LOST), NOTE(BYTES_MISSING), NOTE(SUBMISSION_MISSING),
              NOTE(COMPLETION_MISSING)}},
    {.text = {"capture-cut", CAPTURE, FACT,
              "Records hold %u of %u bytes: the snapshot length cut them", "",
              "Record with a snapshot length of 0 (tcpdump -s 0)", ""},
     .stepless = true,
     .note = {NOTE(TRUNCATED)}},
    {.text = {"capture-joined-late", CAPTURE, FACT,
              "The capture begins in the middle: what came before is not known", "", "", ""},
     .stepless = true,
     .note = {NOTE(SKIPPED_BYTES), NOTE(COMMAND_MISSING), NOTE(DATA_NOT_KEPT)}},
    {.text = {"capture-lost-track", CAPTURE, FACT,
              "%u bytes belong to no command: the conversation was lost for a while", "", "", ""},
     .stepless = true,
     .note = {NOTE(OUT_OF_STEP)}},
    {.text = {"directions-swapped", CAPTURE, FACT, "The capture has the directions swapped", "", "",
              ""},
     .stepless = true,
     .note = {NOTE(DIRECTIONS_SWAPPED)}},
    {.text = {"directions-merged", CAPTURE, FACT,
              "The capture does not tell the directions: they are inferred", "", "", ""},
     .stepless = true,
     .note = {NOTE(DIRECTIONS_MERGED)}},

    /* Harmless */
    {.text = {"already-synced", ODDITY, FACT,
              "The device was synchronised already and refused the second 0x7F", "", "", ""},
     .stepless = true,
     .transports = USART,
     .note = {NOTE(ALREADY_SYNCED)}},
    {.text = {"line-glitch", ODDITY, LIKELY,
              "%u stray byte before an answer (0x%02x): the line moved at reset", "", "", ""},
     .stepless = true,
     .transports = USART,
     .note = {NOTE(GLITCH_BYTES)}},
    {.text = {"echo", ODDITY, LIKELY, "The host hears its own bytes: half duplex, or a loop", "",
              "", ""},
     .stepless = true,
     .transports = USART,
     .note = {NOTE(ECHO)}},
    {.text = {"two-nacks", ODDITY, LIKELY,
              "A second NACK follows the first, as some products do under read protection", "", "",
              ""},
     .stepless = true,
     .note = {NOTE(SURPLUS_NACK)}},
    {.text = {"surplus-answer", ODDITY, FACT, "The device sent 0x%02x where no answer was due", "",
              "", ""},
     .stepless = true,
     .note = {NOTE(SURPLUS_ANSWER)}},
    {.text = {"line-errors", ODDITY, FACT, "The line had parity, framing or overrun errors", "",
              "Shorten the wires or lower the rate if they come often", ""},
     .stepless = true,
     .note = {NOTE(PARITY_ERROR), NOTE(FRAMING_ERROR), NOTE(OVERFLOW)}},
    {.text = {"retried", ODDITY, FACT, "%u failed commands succeeded when they were repeated", "",
              "", ""},
     .stepless = true,
     .also = failed_and_retried},
    {.text = {"unaligned-write", ODDITY, FACT, "A write of %u bytes, which is no multiple of 4", "",
              "", ""},
     .stepless = true,
     .note = {NOTE(UNALIGNED_LENGTH)}},
    {.text = {"foreign-command", ODDITY, LIKELY,
              "The device knows command 0x%02x, which ST's do not: a GD32 or other look-alike", "",
              "", ""},
     .stepless = true,
     .note = {NOTE(UNKNOWN_COMMAND_ACCEPTED)}},
    {.text = {"resets-by-itself", ODDITY, FACT,
              "The last command makes the device reset: no further answer comes until the host "
              "begins anew",
              "", "", ""},
     .stepless = true,
     .also = ends_in_reset},
    {.text = {"firmware-corrupt-at-start", ODDITY, FACT,
              "The bootloader starts in dfuERROR with errFIRMWARE: normal, CLRSTATUS ends it", "",
              "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(FIRMWARE_CORRUPT_AT_START)}},
    {.text = {"leaves-without-answer", ODDITY, FACT,
              "The device left the bus after Leave: an error of the tool at 100 %% means nothing",
              "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_LEFT)},
     .also = started},
    {.text = {"gd32-leave", ODDITY, LIKELY,
              "The device left without the GETSTATUS that triggers it, as GD32 devices do", "", "",
              ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(LEAVE_WITHOUT_GETSTATUS)}},
    {.text = {"option-bytes-reset", ODDITY, FACT,
              "Option bytes were written, or read protection removed: the device resets", "", "",
              ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(OPTION_BYTES_WRITTEN)}},
    {.text = {"clear-status-stalled", ODDITY, FACT,
              "CLRSTATUS is refused outside dfuERROR, as the STM32C5 does it", "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(CLEAR_STATUS_STALLED)}},
    {.text = {"getstatus-stalled-briefly", ODDITY, LIKELY,
              "GETSTATUS was stalled for a while during an erase, as STM32L4 do", "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(GETSTATUS_STALLED)},
     .also = went_on_well},
    {.text = {"busy-longer-than-stated", ODDITY, FACT,
              "The device was busy for %u ms and had said %u ms", "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(BUSY_LONGER_THAN_STATED)}},
    {.text = {"polled-early", ODDITY, FACT,
              "The host asked again after %u ms, the device had said %u ms", "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(POLLED_EARLY)}},
    {.text = {"no-busy-state", ODDITY, FACT, "The device never said dfuDNBUSY", "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(NO_BUSY_STATE)}},
    {.text = {"address-ambiguous", ODDITY, LIKELY,
              "A short last block: by AN3156's words its address would be 0x%08x", "", "", ""},
     .stepless = true,
     .transports = DFU,
     .note = {NOTE(ADDRESS_AMBIGUOUS)}},
    {.text = {"detection-refused", ODDITY, FACT,
              "The device is older than the detection frame and refused it", "", "", ""},
     .stepless = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_REFUSED)}},
    {.text = {"detection-silent", ODDITY, FACT,
              "The detection frame got no answer, the next command did", "", "", ""},
     .stepless = true,
     .transports = FDCAN,
     .note = {NOTE(DETECTION_UNANSWERED)}},
    {.text = {"reply-id-unusual", ODDITY, FACT,
              "An answer came on identifier 0x%03x to a command on 0x%03x", "", "", ""},
     .stepless = true,
     .transports = FDCAN,
     .note = {NOTE(REPLY_ID_UNUSUAL)}},
    {.text = {"can-errors", ODDITY, FACT, "The recording controller saw errors on the bus", "",
              "Check termination and bit rates if they come often", ""},
     .stepless = true,
     .transports = FDCAN,
     .note = {NOTE(CAN_ERROR), NOTE(CAN_BUS_OFF)}},
};

const size_t btap_diagnosis_rules_length =
    sizeof(btap_diagnosis_rules) / sizeof(btap_diagnosis_rules[0]);
