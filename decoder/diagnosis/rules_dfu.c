/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the DFU bootloader (DFU 1.1, AN3156).
 */
#include "diagnosis/tables.h"

#define NS_PER_MS 1000000

/* DFU 1.1 section 6.1.2, bStatus */
enum {
    ERR_TARGET = 1,
    ERR_WRITE = 3,
    ERR_VERIFY = 7,
    ERR_ADDRESS = 8,
    ERR_VENDOR = 11,
};

#define MEMORY_ERRORS (((1u << (ERR_VERIFY + 1)) - 1) & ~((1u << ERR_WRITE) - 1))

/* Conditions */

static bool never_asked(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->first_packet);
    return session->absence == BTAP_ABSENCE_NEVER_ASKED;
}

static bool enumeration_failed(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->first_packet);
    return session->absence == BTAP_ABSENCE_ENUMERATION_FAILED;
}

static bool nothing_there(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->absence == BTAP_ABSENCE_NO_DEVICE;
}

/** Pages are erased for an image; a mass erase may be all that was wanted. */
static bool gone_before_writing(const struct btap_session *session, const struct btap_brief *failed,
                                struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->erased_pages > 0 && session->written.commands == 0;
}

static bool started(const struct btap_session *session, const struct btap_brief *failed,
                    struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->started;
}

static bool tell_status(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->dfu_status;
    return true;
}

static bool unfinished(const struct btap_session *session, unsigned commands,
                       struct btap_finding *finding)
{
    const struct btap_brief *last = &session->last;

    diagnosis_show(finding, last->last_packet);
    return session->failures_length == 0 && last->status == BTAP_INCOMPLETE &&
           (BIT(last->command) & commands) != 0;
}

static bool busy_at_end(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    const struct btap_brief *last = &session->last;
    const uint64_t busy_ms = (uint64_t)(last->busy / NS_PER_MS);

    (void)failed;
    finding->arg[0] = (uint32_t)busy_ms;
    finding->arg[1] = last->poll_timeout_ms;
    return unfinished(session, ERASES | WRITES, finding) && (last->has & BTAP_HAS_POLLS) &&
           busy_ms > last->poll_timeout_ms;
}

static bool leave_open_at_end(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    return unfinished(session, BIT(BTAP_LEAVE), finding) && session->last.polls == 0;
}

static bool ends_unprotected(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->last.last_packet);
    return session->done[BTAP_READ_UNPROTECT] > 0 && session->failures_length == 0;
}

static const struct diagnosis_rule rules[] = {
    /* Not one DFU request */
    {.text = {"dfu-never-asked", CAUSE, LIKELY,
              "A device describes itself as one in DFU mode, and nobody sends it a DFU request",
              "The flashing tool did not get hold of it, most likely: no permission (Linux: udev "
              "rule), no driver (Windows: WinUSB), or it looked for another id or serial number",
              "Let dfu-util -l list the device, as root too; install the udev rule or driver, and "
              "see what ids the tool was given",
              "that no tool was started at all while this was recorded"},
     .sessionwide = true,
     .transports = DFU,
     .also = never_asked},
    {.text = {"enumeration-failed", CAUSE, LIKELY,
              "A device's descriptor cannot be read: the transfer fails on the bus",
              "Data do not get through, most likely for the cable, a hub, or a 48 MHz clock that "
              "is off (the bootloader measures the crystal, AN2606)",
              "Try another cable and port, without a hub; check the crystal against AN2606, and "
              "the supply of the USB pins",
              "whether this device is an STM32 at all"},
     .sessionwide = true,
     .transports = DFU,
     .also = enumeration_failed},
    {.text = {"no-dfu-device", CAUSE, LIKELY,
              "No device in DFU mode shows on this bus, and no DFU request",
              "The part is not in its bootloader, or the bootloader has chosen another interface "
              "(noise on a UART's RX pin is enough), most likely; or it is not connected",
              "Reset the part with BOOT0 high and USB connected, nothing on the other bootloader "
              "pins (AN2606); see whether dmesg or the device manager notices it",
              "a device on another bus, or one that was there before the recording began"},
     .sessionwide = true,
     .transports = DFU,
     .also = nothing_there},

    {.text = {"left-before-writing", CAUSE, LIKELY,
              "The device left the bus after its pages were erased and before anything was written",
              "It was unplugged, lost its supply, or reset itself, most likely",
              "Use another cable or port, and flash again: the pages are erased now",
              "a person who pulled the plug"},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_GONE)},
     .also = gone_before_writing},

    /* A command fails */
    {.text = {"wrong-dialect", CAUSE, LIKELY,
              "The host speaks DfuSe to a device that describes itself as plain DFU",
              "ST's bootloader tells bcdDFU 0x011A; most likely this device is another bootloader "
              "and takes DfuSe's commands for data",
              "Use dfu-util without -s ADDRESS, with the file that this device wants",
              "a device that understands DfuSe and describes itself wrongly"},
     .transports = DFU,
     .note = {NOTE(WRONG_DIALECT)}},
    {.text = {"dfu-unplugged", CAUSE, FACT, "The device left the bus in the middle of a command",
              "It was unplugged, lost its supply, or reset itself",
              "Use another cable or port without a hub, and flash again", "which of these it is"},
     .transports = DFU,
     .statuses = BIT(BTAP_DISCONNECTED)},
    {.text = {"dfu-read-protected", CAUSE, LIKELY, "The device answers errVENDOR",
              "Read protection is on, most likely: AN3156 has the device answer so to everything "
              "that it then forbids",
              CURE_PROTECTION ". After it the device leaves the bus and must be brought into DFU "
                              "mode again",
              "another use of errVENDOR by a bootloader that is not ST's"},
     .transports = DFU,
     .dfu_statuses = BIT(ERR_VENDOR)},
    {.text = {"leave-without-address", CAUSE, LIKELY,
              "The device refuses to leave, and no address was set before",
              "Some parts (STM32C071) want Set Address Pointer right before Leave; most likely "
              "this is one of them",
              "Set the address first (dfu-util 0.11: -s ADDRESS:leave)", "a bad start address"},
     .transports = DFU,
     .commands = BIT(BTAP_LEAVE),
     .failed_note = {NOTE(LEAVE_WITHOUT_ADDRESS)}},
    {.text = {"leave-not-triggered", CAUSE, LIKELY,
              "The host asks the device to leave, and no GETSTATUS follows",
              "A device that follows AN3156 leaves only when GETSTATUS asks for the outcome, so "
              "that this one stays in DFU mode, most likely",
              "Send GETSTATUS after the zero-length DNLOAD; or reset the part",
              "a device that leaves all the same, as GD32 do"},
     .transports = DFU,
     .commands = BIT(BTAP_LEAVE),
     .failed_note = {NOTE(NOT_TRIGGERED)}},
    {.text = {"reserved-block", CAUSE, FACT, "Block %u is reserved",
              "DfuSe has commands in block 0 and memory from block 2 on", "Correct the host's code",
              ""},
     .transports = DFU,
     .failed_note = {NOTE(RESERVED_BLOCK)}},
    {.text = {"command-length", CAUSE, FACT, "Command 0x%02x has %u bytes",
              "AN3156 knows no such form of it", "Correct the host's code", ""},
     .transports = DFU,
     .failed_note = {NOTE(COMMAND_LENGTH)}},
    {.text = {"unknown-dfuse-command", CAUSE, FACT, "Command 0x%02x is not in AN3156",
              "The device does not know it; two-way radios that use ST's USB id do",
              "Use the tool that belongs to this device", ""},
     .transports = DFU,
     .failed_note = {NOTE(UNKNOWN_DFUSE_COMMAND), NOTE(RADIO_COMMAND)}},
    {.text = {"address-outside-map", CAUSE, FACT,
              "0x%08x is not in the device's memory layout, or not for this use",
              "The layout stands in the name of the interface's alternate setting",
              "Choose the address, or the alternate setting (dfu-util -a), that fits; dfu-util -l "
              "lists them",
              ""},
     .transports = DFU,
     .dfu_statuses = BIT(ERR_TARGET) | BIT(ERR_ADDRESS),
     .failed_note = {NOTE(ADDRESS_OUTSIDE_LAYOUT), NOTE(NOT_ERASABLE), NOTE(NOT_WRITABLE),
                     NOTE(NOT_READABLE)}},
    {.text = {"dfu-address-refused", CAUSE, LIKELY, "The device refuses address 0x%08x",
              "errTARGET and errADDRESS stand for an address that the device does not serve",
              "Check the address against the device's memory layout (dfu-util -l)",
              "write protection of that page"},
     .transports = DFU,
     .dfu_statuses = BIT(ERR_TARGET) | BIT(ERR_ADDRESS),
     .also = diagnosis_tell_address},
    {.text = {"block-too-long", CAUSE, LIKELY,
              "The block has %u bytes, the device takes %u (wTransferSize)",
              "The device stalls what does not fit its buffer, most likely. Addresses count in "
              "units of wTransferSize: a host with another block size likely misplaces every block "
              "after the first, too",
              "Use wTransferSize of the functional descriptor (dfu-util -t)",
              "another reason for the stall"},
     .transports = DFU,
     .failed_note = {NOTE(OVER_TRANSFER_SIZE)}},
    {.text = {"getstatus-stalled", CAUSE, LIKELY, "GETSTATUS is stalled while the device works",
              "An STM32L4 does so when it is asked too early, and its poll time-out is too short",
              "Repeat GETSTATUS (dfu-util 0.11 does so), or use smaller blocks (dfu-util -t 1024)",
              "a device that is in trouble"},
     .transports = DFU,
     .failed_note = {NOTE(GETSTATUS_STALLED)}},
    {.text = {"busy-never-ends", CAUSE, LIKELY,
              "The device stays in dfuDNBUSY, and the host ends the wait with CLRSTATUS",
              "An STM32H743 of revision V does so above its first megabyte; the erase is done all "
              "the same, mostly",
              "Read the page back before you trust it; other hosts send CLRSTATUS twice and go on",
              "an erase that really did not end"},
     .transports = DFU,
     .failed_note = {NOTE(BUSY_CLEARED)}},
    {.text = {"host-did-not-wait", CAUSE, FACT,
              "The host went on while the device was still at work",
              "After dfuDNBUSY only GETSTATUS is allowed until the device leaves that state",
              "Have the host wait for the poll time-out and ask again; a mass erase takes up to "
              "35 s, whatever the device says",
              ""},
     .transports = DFU,
     .failed_note = {NOTE(STILL_BUSY), NOTE(REQUEST_WHILE_BUSY)}},
    {.text = {"not-triggered", CAUSE, FACT, "No GETSTATUS follows the command",
              "The device executes a command only when GETSTATUS asks for it (AN3156 section 5)",
              "Send GETSTATUS after every DNLOAD", ""},
     .transports = DFU,
     .failed_note = {NOTE(NOT_TRIGGERED)}},
    {.text = {"request-in-error-state", CAUSE, FACT,
              "The host goes on though the device is in dfuERROR",
              "There the device takes CLRSTATUS and nothing else",
              "Look at the error before; send CLRSTATUS", ""},
     .transports = DFU,
     .failed_note = {NOTE(REQUEST_IN_ERROR_STATE)}},
    {.text = {"request-out-of-order", CAUSE, FACT,
              "The request is not allowed in the device's state",
              "Between writing and reading the host must send ABORT", "Send ABORT first", ""},
     .transports = DFU,
     .failed_note = {NOTE(ABORT_MISSING), NOTE(REQUEST_IN_WRONG_STATE)}},
    {.text = {"memory-error", CAUSE, LIKELY, "The device could not erase or program its memory",
              "It says so itself in bStatus; most likely the page is write-protected, not erased, "
              "or worn out, or the supply is weak",
              "Remove the write protection, erase, check the supply", "which of these it is"},
     .transports = DFU,
     .dfu_statuses = MEMORY_ERRORS},
    {.text = {"bus-error", CAUSE, LIKELY, "A transfer failed on the bus",
              "Damaged packets: cable, hub, clock, or a device that is on its way out",
              "Try another cable and port, without a hub", "which of these it is"},
     .transports = DFU,
     .failed_note = {NOTE(BUS_ERROR), NOTE(BABBLE), NOTE(TRANSFER_FAILED)}},
    {.text = {"no-answer-in-time", CAUSE, LIKELY, "The host gave up waiting for the device",
              "The device is at work for longer than the host waits, or hangs",
              "Wait longer; reset the device if it stays so", "which of the two it is"},
     .transports = DFU,
     .failed_note = {NOTE(TRANSFER_CANCELLED), NOTE(TRANSFER_TIMEOUT)}},
    {.text = {"dfu-stalled", CAUSE, LIKELY, "The device stalls a request that has the right form",
              "It was not ready for it, or its state is another than the host believes",
              "Start again: reset the device into DFU mode; look at the request before",
              "the reason, which only GETSTATUS would have told; a block over wTransferSize, where "
              "the capture lacks the descriptors"},
     .transports = DFU,
     .statuses = BIT(BTAP_STALL)},
    {.text = {"dfu-error", CAUSE, FACT, "The device reports an error: bStatus %u",
              "That is its own reason, in the numbers of DFU 1.1 section 6.1.2; the notes of the "
              "command tell it in words",
              "Look there; start again with the device reset into DFU mode",
              "what made the device say so"},
     .transports = DFU,
     .statuses = BIT(BTAP_DFU_ERROR),
     .also = tell_status},

    /* It went through, and yet */
    {.text = {"erase-still-busy", DOUBT, LIKELY,
              "The device is at work for %u ms when the capture ends; it had said %u ms",
              "Some parts state far too little (an STM32F405 100 ms for a mass erase that takes up "
              "to 32 s); most likely it would have ended",
              "Wait longer (dfu-util waits 35 s for a mass erase) and record to the end",
              "a device that hangs"},
     .sessionwide = true,
     .transports = DFU,
     .also = busy_at_end},
    {.text =
         {"leave-unconfirmed", DOUBT, LIKELY,
          "The host asks the device to leave, and the capture ends without a GETSTATUS",
          "If the host sent none, the device most likely stays in DFU mode: AN3156 has it leave "
          "when GETSTATUS asks for the outcome",
          "Send GETSTATUS after the zero-length DNLOAD; or reset the part",
          "a capture that was stopped too early"},
     .sessionwide = true,
     .transports = DFU,
     .also = leave_open_at_end},
    {.text = {"back-in-bootloader", DOUBT, LIKELY,
              "The device is back in DFU mode %u ms after it was told to leave",
              "BOOT0 is still high, most likely; or the part's empty check (STM32L4 and others) "
              "still takes its flash for blank, as it does until the next power cycle after a "
              "first flash",
              "Pull BOOT0 low, take the supply away and connect it again",
              "a firmware that starts the bootloader by itself, another device of the same kind"},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(BACK_IN_BOOTLOADER)}},
    {.text = {"dialect-doubtful", DOUBT, LIKELY,
              "The host speaks DfuSe to a device that describes itself as plain DFU",
              "The device most likely took DfuSe's commands for parts of the image",
              "Use dfu-util without -s ADDRESS",
              "a device that understands DfuSe and describes itself wrongly"},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(WRONG_DIALECT)},
     .also = diagnosis_went_well},
    {.text = {"written-off-map", DOUBT, FACT,
              "0x%08x is not in the device's memory layout, and the device did not mind",
              "What it did with the data cannot be seen", "Read it back and compare", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(ADDRESS_OUTSIDE_LAYOUT), NOTE(NOT_WRITABLE)},
     .also = diagnosis_went_well},

    /* Harmless */
    {.text = {"firmware-corrupt-at-start", ODDITY, FACT,
              "The bootloader starts in dfuERROR with errFIRMWARE: normal, CLRSTATUS ends it", "",
              "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(FIRMWARE_CORRUPT_AT_START)}},
    {.text = {"leaves-without-answer", ODDITY, FACT,
              "The device left the bus after Leave: an error of the tool at 100 %% means nothing",
              "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_LEFT)},
     .also = started},
    {.text = {"gd32-leave", ODDITY, LIKELY,
              "The device left without the GETSTATUS that triggers it, as GD32 devices do", "", "",
              ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(LEAVE_WITHOUT_GETSTATUS)}},
    {.text = {"read-unprotect-leaves", ODDITY, FACT,
              "Read Unprotect erases the flash and makes the device leave the bus: it must be "
              "brought into DFU mode again by hand",
              "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .also = ends_unprotected},
    {.text = {"option-bytes-reset", ODDITY, FACT, "Option bytes were written: the device resets",
              "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(OPTION_BYTES_WRITTEN)}},
    {.text = {"clear-status-stalled", ODDITY, FACT,
              "CLRSTATUS is refused outside dfuERROR, as the STM32C5 does it", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(CLEAR_STATUS_STALLED)}},
    {.text = {"getstatus-stalled-briefly", ODDITY, LIKELY,
              "GETSTATUS was stalled for a while during work, as STM32L4 do", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(GETSTATUS_STALLED)},
     .also = diagnosis_went_well},
    {.text = {"busy-longer-than-stated", ODDITY, FACT,
              "The device was busy for %u ms and had said %u ms", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(BUSY_LONGER_THAN_STATED)}},
    {.text = {"polled-early", ODDITY, FACT,
              "The host asked again after %u ms, the device had said %u ms", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(POLLED_EARLY)}},
    {.text = {"no-busy-state", ODDITY, FACT, "The device never said dfuDNBUSY", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(NO_BUSY_STATE)}},
    {.text = {"address-ambiguous", ODDITY, LIKELY,
              "A short last block: by AN3156's words its address would be 0x%08x", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(ADDRESS_AMBIGUOUS)}},
};

const struct diagnosis_table diagnosis_dfu = DIAGNOSIS_TABLE(rules);
