/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the DFU bootloader (DFU 1.1, AN3156).
 */
#include <stdio.h>

#include "boottap/dfuse_layout.h"
#include "diagnosis/tables.h"
#include "model/dfu_values.h"

#define NS_PER_MS 1000000
#define KIB       1024u
#define MIB       (1024 * KIB)

/** So many blocks of the same kind that went well speak against a fault in the request. */
#define ENOUGH_BLOCKS 3

/** A tool that aligns an address down goes no further below what it means. */
#define ALIGNMENT_MAX 4096

/** The erase of a page takes 4 s at most (128 KiB of an STM32F4 at 8 bits). */
#define PAGE_ERASE_MAX_MS 8000

/** A mass erase of a flash whose size the capture does not tell. */
#define MASS_ERASE_MAX_S 40

#define WIRE "Try another cable and port, with and without a USB 2.0 hub, and another PC"

#define MEMORY_ERRORS (((1u << (DFU_ERR_VERIFY + 1)) - 1) & ~((1u << DFU_ERR_WRITE) - 1))

/* Conditions */

static bool listed(const struct btap_session *session, const struct btap_brief *failed,
                   struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->first_packet);
    return session->absence == BTAP_ABSENCE_LISTED;
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
    return !(failed->has & BTAP_HAS_DFU_STATUS) ||
           diagnosis_quote(finding, btap_dfu_status_name(failed->dfu_status));
}

/** What DFU 1.1 section 6.1.2 says of an error that is about the file, not the memory. */
static const char *about_file(const struct btap_brief *failed)
{
    switch (failed->dfu_status) {
    case DFU_ERR_TARGET:
        return "errTARGET, the file is not for this device";
    case DFU_ERR_FILE:
        return "errFILE, the file fails a check of the device's own";
    case DFU_ERR_NOTDONE:
        return "errNOTDONE, the download ended before the device had all data";
    default:
        return btap_dfu_status_name(failed->dfu_status);
    }
}

static bool tell_error(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    if (failed->command != BTAP_DOWNLOAD)
        return tell_status(session, failed, finding);
    return !(failed->has & BTAP_HAS_DFU_STATUS) || diagnosis_quote(finding, about_file(failed));
}

/* The device's words, and its layout */

static bool quote_words(struct btap_finding *finding, const char *words)
{
    char quoted[sizeof(finding->quote)];

    snprintf(quoted, sizeof(quoted), "\"%s\"", words);
    return diagnosis_quote(finding, quoted);
}

/** Name of the alternate setting in which a command failed; "" unknown. */
static const char *target_of(const struct btap_session *session, const struct btap_brief *failed)
{
    return failed->alternate == session->target_alternate ? session->target : "";
}

static bool quote_target(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    const char *target = target_of(session, failed);

    return target[0] == '\0' || quote_words(finding, target);
}

static bool says_why(const struct btap_session *session, const struct btap_brief *failed,
                     struct btap_finding *finding)
{
    return session->reason[0] != '\0' && failed == &session->failures[0] &&
           quote_words(finding, session->reason);
}

/** errVENDOR and what comes of the bus are no answers to an address. */
static bool about_address(const struct btap_brief *failed)
{
    return !(failed->has & BTAP_HAS_DFU_STATUS) || failed->dfu_status < DFU_ERR_FIRMWARE ||
           failed->dfu_status >= DFU_ERR_UNKNOWN;
}

static bool off_layout(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    return about_address(failed) && quote_target(session, failed, finding);
}

/** A little below where the layout begins. */
static bool below_layout(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    struct btap_layout layout;

    btap_layout_parse(target_of(session, failed), &layout);
    if (layout.regions_length == 0 || !off_layout(session, failed, finding))
        return false;
    finding->arg[1] = layout.regions[0].address - failed->address;
    return finding->arg[1] > 0 && finding->arg[1] < ALIGNMENT_MAX;
}

static bool tell_refused_address(const struct btap_session *session,
                                 const struct btap_brief *failed, struct btap_finding *finding)
{
    return quote_target(session, failed, finding) &&
           diagnosis_tell_address(session, failed, finding);
}

/* Read protection */

static bool is_st_rom(const struct btap_session *session)
{
    return !session->plain &&
           (session->usb_vendor == 0 || (session->usb_vendor == BTAP_USB_VENDOR_ST &&
                                         session->usb_product == BTAP_USB_PRODUCT_ST_DFU));
}

/** Nothing speaks against read protection: it forbids reading, erasing and writing alike. */
static bool read_protected(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return is_st_rom(session) && session->written.commands == 0 && session->read.commands == 0 &&
           session->erased.commands == 0;
}

/* Errors that no failed command accounts for */

static bool has_error(const struct btap_session *session, struct btap_finding *finding)
{
    const struct btap_device_error *error = &session->error;

    diagnosis_show(finding, error->packet);
    if (error->cause != 0) {
        finding->packets[0] = error->cause;
        finding->packets[1] = error->packet;
        finding->packets_length = 2;
    }
    if (session->reason[0] != '\0')
        quote_words(finding, session->reason);
    else if (error->status != 0)
        diagnosis_quote(finding, btap_dfu_status_name(error->status));
    return error->packet != 0 && session->failures_length == 0;
}

static bool made_by_clear(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    const uint8_t status = session->error.status;

    (void)failed;
    return has_error(session, finding) && session->error.after == BTAP_CLEAR_STATUS &&
           session->error.cleared == 0 && status != DFU_ERR_FIRMWARE && status != DFU_ERR_VENDOR;
}

static bool not_cleared(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    return has_error(session, finding) && !made_by_clear(session, failed, finding) &&
           (session->error.cleared > 0 || session->error.after == BTAP_CLEAR_STATUS);
}

static bool ends_in_error(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    return has_error(session, finding) && session->error.cleared == 0 &&
           session->error.after != BTAP_CLEAR_STATUS;
}

static bool no_error_left(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->error.packet == 0;
}

/* Time */

static uint32_t to_ms(btap_ns time)
{
    return (uint32_t)(time / NS_PER_MS);
}

/** GETSTATUS came before the time-out that the device had given was over, and failed. */
static bool asked_too_early(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)session;
    (void)finding;
    return diagnosis_brief_has(failed, BTAP_NOTE_GETSTATUS_STALLED) ||
           failed->status == BTAP_NO_REPLY;
}

static bool tell_poll_timeout(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->poll_timeout_ms;
    return true;
}

/** CLRSTATUS came before the device's last time-out was over. */
static bool cleared_early(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)session;
    (void)failed;
    return finding->arg[0] < finding->arg[1];
}

/** Typical and longest time of erasing a sector in ms (data sheets of STM32F2, F4, F7 and H7). */
static const struct {
    uint32_t size; /**< at most */
    uint32_t typical;
    uint32_t longest;
} sector_times[] = {
    {4 * KIB, 1, 25},      {8 * KIB, 3, 25},        {16 * KIB, 250, 800},     {32 * KIB, 400, 1600},
    {64 * KIB, 550, 2400}, {128 * KIB, 1000, 4000}, {UINT32_MAX, 2000, 4000},
};

/** Seconds that the mass erase of a flash with these sectors takes; false if that is not known. */
static bool mass_erase_time(const char *target, uint32_t *from, uint32_t *to)
{
    uint64_t typical = 0;
    uint64_t longest = 0;
    struct btap_layout layout;

    btap_layout_parse(target, &layout);
    for (uint32_t i = 0; i < layout.regions_length; i++) {
        const struct btap_layout_region *region = &layout.regions[i];
        size_t row = 0;

        while (sector_times[row].size < region->page_size)
            row++;
        typical += (uint64_t)region->pages * sector_times[row].typical;
        longest += (uint64_t)region->pages * sector_times[row].longest;
    }
    *from = (uint32_t)(typical / 1000) + 1;
    *to = (uint32_t)(longest / 1000) + 1;
    return layout.regions_length > 0;
}

static bool mass_erase_given_up(const struct btap_session *session, const struct btap_brief *failed,
                                struct btap_finding *finding)
{
    finding->arg[0] = to_ms(failed->duration);
    if (!mass_erase_time(target_of(session, failed), &finding->arg[1], &finding->arg[2])) {
        finding->arg[1] = 1;
        finding->arg[2] = MASS_ERASE_MAX_S;
    }
    return failed->erase == BTAP_ERASE_MASS && (failed->has & BTAP_HAS_POLLS) &&
           finding->arg[0] / 1000 < finding->arg[2];
}

/** Busy for longer than it had said, when the host gave up or cleared it. */
static bool stays_busy(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    const uint32_t *cleared = diagnosis_brief_args(failed, BTAP_NOTE_BUSY_CLEARED);

    (void)session;
    finding->arg[0] = to_ms(failed->busy);
    finding->arg[1] = failed->poll_timeout_ms;
    if (cleared != NULL)
        finding->arg[0] += cleared[0];
    return (failed->has & BTAP_HAS_POLLS) && finding->arg[0] > 0 &&
           finding->arg[0] >= finding->arg[1] && !diagnosis_brief_has(failed, BTAP_NOTE_STILL_BUSY);
}

/** As an STM32H743 does: 128 KiB sectors only, the erase above the first megabyte. */
static bool stays_busy_as_h7(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    struct btap_layout layout;

    btap_layout_parse(target_of(session, failed), &layout);
    for (uint32_t i = 0; i < layout.regions_length; i++)
        if (layout.regions[i].page_size != 128 * KIB)
            return false;
    return is_st_rom(session) && failed->erase == BTAP_ERASE_ADDRESS &&
           failed->address >= 0x08000000 + MIB && stays_busy(session, failed, finding);
}

/* Blocks */

/** No block as long as this one went well. */
static bool too_long(const struct btap_session *session, const struct btap_brief *failed,
                     struct btap_finding *finding)
{
    const bool sent = btap_command_has(failed->command, BTAP_TRAIT_WRITES);

    (void)finding;
    return failed->length > (sent ? session->longest_sent : session->longest_received);
}

/** Blocks as long as this one went well before: the request is right. */
static bool fails_midway(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    finding->arg[0] = (uint32_t)session->done[failed->command];
    return finding->arg[0] >= ENOUGH_BLOCKS && !too_long(session, failed, finding);
}

static bool error_midway(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    return fails_midway(session, failed, finding) && tell_status(session, failed, finding);
}

/** A plain device took the whole image, and was about to start it. */
static bool manifest_unanswered(const struct btap_session *session, const struct btap_brief *failed,
                                struct btap_finding *finding)
{
    finding->arg[0] = (uint32_t)session->written.bytes;
    return failed->length == 0 && (failed->has & BTAP_HAS_DFU_STATUS) &&
           failed->dfu_state >= DFU_MANIFEST_SYNC && failed->dfu_state <= DFU_MANIFEST_WAIT_RESET &&
           quote_target(session, failed, finding);
}

/** Off the layout there are addresses that were only read, or set: what counts is what was written.
 */
static bool wrote_off_map(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    const struct btap_ranges *ranges = &session->written.ranges;

    if (!diagnosis_went_well(session, failed, finding))
        return false;
    for (uint32_t i = 0; i < ranges->length; i++)
        if (finding->arg[0] >= ranges->list[i].first && finding->arg[0] <= ranges->list[i].last)
            return true;
    return false;
}

static bool started_unchanged(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->start_address;
    diagnosis_show(finding, session->last_packet);
    return session->started && session->failures_length > 0 && session->written.commands == 0 &&
           session->erased.commands == 0;
}

static bool not_verified(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return !session->plain && session->written.commands > 0 && session->verification.same == 0 &&
           session->verification.different == 0;
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
           busy_ms > last->poll_timeout_ms &&
           (last->erase == BTAP_ERASE_MASS || busy_ms < PAGE_ERASE_MAX_MS);
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
    {.needs = REPLIES,
     .text = {"left-before-writing", CAUSE, LIKELY,
              "The device left the bus after its pages were erased and before anything was written",
              "It was unplugged, lost its supply, or reset itself, most likely",
              "Use another cable or port, and flash again: the pages are erased now",
              "a person who pulled the plug"},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_GONE)},
     .also = gone_before_writing},

    /* The device is in dfuERROR, and no command of the session accounts for it */
    {.needs = NOTHING,
     .text =
         {"clear-status-made-error", CAUSE, LIKELY,
          "CLRSTATUS is sent outside dfuERROR, and the device is in dfuERROR after it",
          "DFU 1.1 allows CLRSTATUS in dfuERROR only (section A.2.3); ST's device code answers "
          "it elsewhere by going there",
          "Send GETSTATUS first, and CLRSTATUS only in dfuERROR (dfu-util does so; dfu-core and "
          "cargo-dfu need an update). A second CLRSTATUS brings this device back to dfuIDLE",
          "an error that the device had before"},
     .sessionwide = true,
     .transports = DFU,
     .also = made_by_clear},
    {.needs = NOTHING,
     .text = {"error-not-cleared", CAUSE, FACT, "The device stays in dfuERROR after CLRSTATUS",
              "CLRSTATUS should bring it to dfuIDLE (DFU 1.1 section A.2.11): what is wrong lasts, "
              "or the device does not keep to that",
              "Take its supply away, bring it into DFU mode again, and try once more; with "
              "errFIRMWARE a device may need a valid image first (dfu-util -D FILE)",
              "what keeps it there"},
     .sessionwide = true,
     .transports = DFU,
     .also = not_cleared},
    {.needs = NOTHING,
     .text = {"ends-in-error", CAUSE, FACT, "The device is in dfuERROR, and the host ends there",
              "In dfuERROR it takes nothing but CLRSTATUS; no command that the capture shows as "
              "failed leads there",
              "Send CLRSTATUS and go on (dfu-util does so), or reset the device into DFU mode",
              "what made the error"},
     .sessionwide = true,
     .transports = DFU,
     .also = ends_in_error},

    /* A command fails */
    {.needs = NOTHING,
     .text =
         {"wrong-dialect", CAUSE, LIKELY,
          "The host speaks DfuSe to a device that describes itself as plain DFU",
          "This device is another bootloader, most likely, and takes DfuSe's commands for data: "
          "ST's DfuSe tells bcdDFU 0x011A",
          "Use dfu-util without -s ADDRESS, with the file that this device wants",
          "a device that understands DfuSe and describes itself wrongly"},
     .transports = DFU,
     .note = {NOTE(WRONG_DIALECT)}},
    {.needs = NOTHING,
     .text = {"dfu-unplugged", CAUSE, FACT, "The device left the bus in the middle of a command",
              "It was unplugged, lost its supply, or reset itself",
              "Use another cable or port without a hub, and flash again", "any of these"},
     .transports = DFU,
     .statuses = BIT(BTAP_DISCONNECTED)},
    {.needs = NOTHING,
     .text = {"device-says", CAUSE, FACT, "The device says why, in its own words",
              "Its answer to GETSTATUS names a string for it (iString)",
              "Go by these words: they are more exact than the error's number", ""},
     .transports = DFU,
     .also = says_why},
    {.needs = NOTHING,
     .text = {"dfu-read-protected", CAUSE, LIKELY, "The device answers errVENDOR",
              "Read protection is on, most likely: AN3156 has the device answer so to everything "
              "that it then forbids",
              "Remove the read protection first, which erases the whole flash: dfu-util -a 0 -s "
              "0x08000000:unprotect:force, or CubeProgrammer's option bytes. After it the device "
              "leaves the bus and must be brought into DFU mode again",
              "another use of errVENDOR by a bootloader that is not ST's"},
     .families = STM32,
     .supposes = READ_PROTECTION,
     .transports = DFU,
     .dfu_statuses = BIT(DFU_ERR_VENDOR),
     .also = read_protected},
    {.needs = NOTHING,
     .text = {"vendor-error", CAUSE, FACT, "The device answers errVENDOR",
              "DFU 1.1 leaves its meaning to the vendor. ST's bootloader means read protection by "
              "it; but this is another device, or has erased, written or read in this session",
              "Look it up in the documentation of this bootloader; remove no protection for it",
              "what this device means"},
     .families = STM32,
     .transports = DFU,
     .dfu_statuses = BIT(DFU_ERR_VENDOR)},
    {.needs = NOTHING,
     .text = {"leave-without-address", CAUSE, LIKELY,
              "The device refuses to leave, and no address was set before",
              "Some parts (STM32C071) want Set Address Pointer right before Leave; most likely "
              "this is one of them",
              "Set the address first (dfu-util 0.11: -s ADDRESS:leave)", "a bad start address"},
     .command_line = {[BTAP_DFU] = "dfu-util -a 0 -s ADDRESS:leave -D FIRMWARE"},
     .transports = DFU,
     .commands = BIT(BTAP_LEAVE),
     .failed_note = {NOTE(LEAVE_WITHOUT_ADDRESS)}},
    {.needs = REPLIES,
     .text = {"leave-not-triggered", CAUSE, LIKELY,
              "The host asks the device to leave, and no GETSTATUS follows",
              "A device that follows AN3156 leaves only when GETSTATUS asks for the outcome, so "
              "that this one stays in DFU mode, most likely",
              "Send GETSTATUS after the zero-length DNLOAD; or reset the part",
              "a device that leaves all the same, as GD32 do"},
     .transports = DFU,
     .commands = BIT(BTAP_LEAVE),
     .failed_note = {NOTE(NOT_TRIGGERED)}},
    {.needs = NOTHING,
     .text = {"reserved-block", CAUSE, FACT, "Block %u is reserved",
              "DfuSe has commands in block 0 and memory from block 2 on", "Correct the host's code",
              ""},
     .families = STM32,
     .transports = DFU,
     .failed_note = {NOTE(RESERVED_BLOCK)}},
    {.needs = NOTHING,
     .text = {"command-length", CAUSE, FACT, "Command 0x%02x has %u bytes",
              "AN3156 knows no such form of it", "Correct the host's code", ""},
     .families = STM32,
     .transports = DFU,
     .failed_note = {NOTE(COMMAND_LENGTH)}},
    {.needs = NOTHING,
     .text = {"unknown-dfuse-command", CAUSE, FACT, "Command 0x%02x is not in AN3156",
              "The device does not know it; two-way radios that use ST's USB id do",
              "Use the tool that belongs to this device", ""},
     .families = STM32,
     .transports = DFU,
     .failed_note = {NOTE(UNKNOWN_DFUSE_COMMAND), NOTE(RADIO_COMMAND)}},
    {.needs = NOTHING,
     .text = {"address-below-map", CAUSE, LIKELY,
              "0x%08x is %u bytes below the device's memory layout",
              "The tool aligned the address down past the start of the memory, most likely",
              "Use another tool, or another version of it; nothing can be written there",
              "a host that means this address"},
     .transports = DFU,
     .statuses = BIT(BTAP_DFU_ERROR) | BIT(BTAP_STALL),
     .failed_note = {NOTE(ADDRESS_OUTSIDE_LAYOUT)},
     .also = below_layout},
    {.needs = NOTHING,
     .text = {"address-outside-map", CAUSE, FACT, "0x%08x is not in the device's memory layout",
              "The layout stands in the name of the interface's alternate setting",
              "Choose the address, or the alternate setting (dfu-util -a), that fits; dfu-util -l "
              "lists them",
              ""},
     .command_line = {[BTAP_DFU] = "dfu-util -l"},
     .transports = DFU,
     .statuses = BIT(BTAP_DFU_ERROR) | BIT(BTAP_STALL),
     .failed_note = {NOTE(ADDRESS_OUTSIDE_LAYOUT)},
     .also = off_layout},
    {.needs = NOTHING,
     .text = {"layout-forbids", CAUSE, FACT,
              "By the device's memory layout this is not allowed at 0x%08x",
              "The letter behind the size of its pages tells what is: bit 0 of a to g read, 1 "
              "erase, 2 write (a: read only, g: all)",
              "Choose another address, or the alternate setting (dfu-util -a) that allows it", ""},
     .transports = DFU,
     .statuses = BIT(BTAP_DFU_ERROR) | BIT(BTAP_STALL),
     .failed_note = {NOTE(NOT_ERASABLE), NOTE(NOT_WRITABLE), NOTE(NOT_READABLE)},
     .also = off_layout},
    {.needs = NOTHING,
     .text = {"dfu-address-refused", CAUSE, LIKELY, "The device refuses address 0x%08x",
              "errTARGET and errADDRESS stand for an address that the device does not serve, most "
              "likely",
              "Check the address against the device's memory layout (dfu-util -l)",
              "an area that the bootloader keeps for itself"},
     .transports = DFU,
     .dfu_statuses = BIT(DFU_ERR_TARGET) | BIT(DFU_ERR_ADDRESS),
     .also = tell_refused_address},
    {.needs = REPLIES,
     .text = {"block-too-long", CAUSE, LIKELY,
              "The block has %u bytes, the device takes %u (wTransferSize)",
              "The device stalls what does not fit its buffer, most likely. Addresses count in "
              "units of wTransferSize: a host with another block size likely misplaces every block "
              "after the first, too",
              "Use wTransferSize of the functional descriptor (dfu-util -t)",
              "another reason for the stall"},
     .families = STM32,
     .command_line = {[BTAP_DFU] = "dfu-util -a 0 -s ADDRESS -t SIZE -D FIRMWARE"},
     .supposes = BLOCK_TOO_LONG,
     .transports = DFU,
     .failed_note = {NOTE(OVER_TRANSFER_SIZE)},
     .also = too_long},
    {.needs = REPLIES,
     .text = {"manifest-unanswered", CAUSE, LIKELY,
              "The device took the image of %u bytes, went to dfuMANIFEST, and answers no more",
              "It has started what it was given, and that does not answer on USB: most likely it "
              "hangs early (clock, DDR memory, supply of the board)",
              "Read the console (UART) of what was started; check that the image is built for this "
              "board, and belongs into this place",
              "a device that leaves without a word, and runs"},
     .transports = DFU,
     .commands = BIT(BTAP_DOWNLOAD),
     .statuses = SILENT | BIT(BTAP_STALL) | BIT(BTAP_DISCONNECTED),
     .also = manifest_unanswered},
    {.needs = REPLIES | TIMES,
     .text =
         {"mass-erase-given-up", CAUSE, LIKELY,
          "The host gives up the mass erase after %u ms; in this flash it takes some %u to %u s",
          "The device states its usual poll time-out, whatever the erase takes: most likely it "
          "is still erasing",
          "Leave it powered until that time is over. dfu-util 0.10 waits 5 s, 0.11 longer: "
          "dfu-util -a 0 -s 0x08000000:mass-erase:force -D FILE",
          "a device that hangs, a weak supply"},
     .transports = DFU,
     .commands = ERASES,
     .statuses = SILENT,
     .also = mass_erase_given_up},
    {.needs = TIMES | POLL_TIMES,
     .text = {"asked-too-early", CAUSE, LIKELY,
              "The host asks again after %u ms, the device had said %u ms, and gets no answer",
              "Before its poll time-out is over the device is at work; ST's bootloader stalls "
              "GETSTATUS while it programs",
              "Wait for bwPollTimeout before each GETSTATUS, as dfu-util does",
              "a device that fails later all the same"},
     .transports = DFU,
     .failed_note = {NOTE(POLLED_EARLY)},
     .also = asked_too_early},
    {.needs = NOTHING,
     .text = {"getstatus-stalled", CAUSE, LIKELY, "GETSTATUS is stalled while the device works",
              "The host kept the poll time-out; some parts (STM32L4) state one that is too short",
              "Repeat GETSTATUS (dfu-util 0.11 does so), or use smaller blocks (dfu-util -t 1024)",
              "a device that is in trouble"},
     .families = STM32,
     .transports = DFU,
     .failed_note = {NOTE(GETSTATUS_STALLED)}},
    {.needs = REPLIES | TIMES | POLL_TIMES,
     .text = {"cleared-early", CAUSE, FACT,
              "CLRSTATUS comes %u ms after the device asked for %u ms to do its work",
              "After dfuDNBUSY only GETSTATUS is allowed until the device leaves that state",
              "Have the host wait for the poll time-out and ask again", ""},
     .transports = DFU,
     .failed_note = {NOTE(BUSY_CLEARED)},
     .also = cleared_early},
    {.needs = REPLIES | TIMES | POLL_TIMES,
     .text = {"busy-never-ends", CAUSE, LIKELY,
              "The device stays in dfuDNBUSY for %u ms, it had said %u ms",
              "An STM32H743 of revision V does so above its first megabyte; the erase is done all "
              "the same, mostly",
              "Have the host send CLRSTATUS twice and go on, as CubeProgrammer does "
              "(STM32_Programmer_CLI -c port=usb1 -d FILE); read the page back before you trust it",
              "an erase that really did not end, another product"},
     .families = STM32,
     .transports = DFU,
     .statuses = SILENT,
     .also = stays_busy_as_h7},
    {.needs = REPLIES | TIMES | POLL_TIMES,
     .text =
         {"busy-too-long", CAUSE, LIKELY,
          "The device is still busy after %u ms, it had said %u ms, and the host gives up",
          "The device hangs, most likely, or its supply is weak: the erase of a large sector takes "
          "up to 4 s, a write far less",
          "Have the host wait longer; if the device stays so, reset it into DFU mode and check the "
          "supply",
          "a device that would have ended"},
     .transports = DFU,
     .commands = ERASES | WRITES | BIT(BTAP_DOWNLOAD) | BIT(BTAP_SET_ADDRESS),
     .statuses = SILENT,
     .also = stays_busy},
    {.needs = REPLIES | POLL_TIMES,
     .text =
         {"not-asked-again", CAUSE, FACT,
          "The device says that it is at work for %u ms, and the host never asks again",
          "Only GETSTATUS tells when the work is over; the tool ended or gave up before it could",
          "Let the tool run to its end, or use one that asks until the device is done (dfu-util)",
          "a capture that lacks the rest"},
     .transports = DFU,
     .statuses = BIT(BTAP_INCOMPLETE),
     .phases = BIT(BTAP_PHASE_OPERATION),
     .also = tell_poll_timeout},
    {.needs = REPLIES,
     .text = {"host-did-not-wait", CAUSE, FACT,
              "The host went on while the device was still at work",
              "After dfuDNBUSY only GETSTATUS is allowed until the device leaves that state",
              "Have the host wait for the poll time-out and ask again; a mass erase takes up to "
              "35 s, whatever the device says",
              ""},
     .transports = DFU,
     .failed_note = {NOTE(STILL_BUSY), NOTE(REQUEST_WHILE_BUSY)}},
    {.needs = REPLIES,
     .text = {"not-triggered", CAUSE, FACT, "No GETSTATUS follows the command",
              "The device executes a command only when GETSTATUS asks for it (DFU 1.1 appendix A)",
              "Send GETSTATUS after every DNLOAD", ""},
     .transports = DFU,
     .failed_note = {NOTE(NOT_TRIGGERED)}},
    {.needs = NOTHING,
     .text = {"request-in-error-state", CAUSE, FACT,
              "The host goes on though the device is in dfuERROR",
              "There the device takes CLRSTATUS and nothing else",
              "Look at the error before; send CLRSTATUS", ""},
     .transports = DFU,
     .failed_note = {NOTE(REQUEST_IN_ERROR_STATE)}},
    {.needs = NOTHING,
     .text = {"request-out-of-order", CAUSE, FACT,
              "The request is not allowed in the device's state",
              "Between writing and reading the host must send ABORT", "Send ABORT first", ""},
     .transports = DFU,
     .failed_note = {NOTE(ABORT_MISSING), NOTE(REQUEST_IN_WRONG_STATE)}},
    {.needs = NOTHING,
     .text =
         {"memory-error", CAUSE, LIKELY, "The device could not erase or program its memory",
          "The page is not erased or worn out, most likely, or the supply is weak: bStatus tells "
          "no more",
          "Check the supply; erase the page and write it again",
          "write protection: AN3156 has ST's bootloader report no error for protected pages, "
          "but others do"},
     .families = STM32,
     .transports = DFU,
     .dfu_statuses = MEMORY_ERRORS},
    {.needs = NOTHING,
     .text = {"bus-error", CAUSE, LIKELY, "A transfer failed on the bus",
              "Packets are damaged (cable, hub, clock), or the device resets or leaves",
              "Try another cable and port, without a hub", "any of these"},
     .transports = DFU,
     .failed_note = {NOTE(BUS_ERROR), NOTE(BABBLE), NOTE(TRANSFER_FAILED)}},
    {.needs = NOTHING,
     .text = {"no-answer-in-time", CAUSE, LIKELY, "The host gave up waiting for the device",
              "The device is at work for longer than the host waits, or hangs",
              "Wait longer; reset the device if it stays so", "either of the two"},
     .transports = DFU,
     .failed_note = {NOTE(TRANSFER_CANCELLED), NOTE(TRANSFER_TIMEOUT)}},
    {.needs = NOTHING,
     .text =
         {"stalled-midway", CAUSE, LIKELY,
          "%u blocks of the same kind went well, then the device stalls one",
          "Nothing is wrong with the request: the signal, the clock (48 MHz), the supply or the "
          "bootloader fail now and then, most likely",
          WIRE "; smaller blocks (dfu-util -t 1024); SWD where nothing helps. Flash "
               "again from "
               "the start: what is half written will not run",
          "any of these, and a full memory"},
     .transports = DFU,
     .commands = WRITES | READS | BIT(BTAP_DOWNLOAD) | BIT(BTAP_UPLOAD),
     .statuses = BIT(BTAP_STALL),
     .phases = BIT(BTAP_PHASE_REQUEST),
     .also = fails_midway},
    {.needs = NOTHING,
     .text = {"dfu-stalled", CAUSE, LIKELY, "The device stalls a request that has the right form",
              "It was not ready for it, or its state is another than the host believes",
              "Start again: reset the device into DFU mode; look at the request before",
              "the reason, which only GETSTATUS would have told; a block over wTransferSize, where "
              "the capture lacks the descriptors"},
     .transports = DFU,
     .statuses = BIT(BTAP_STALL)},
    {.needs = NOTHING,
     .text = {"error-midway", CAUSE, LIKELY,
              "%u blocks of the same kind went well, then the device reports an error",
              "The bootloader cannot say what it was, and the same request worked before: it fails "
              "now and then, most likely (signal, supply, timing)",
              "Try again; then another port, cable and USB driver, smaller blocks (dfu-util -t)",
              "a page that cannot be written, an image larger than its place"},
     .transports = DFU,
     .commands = WRITES | READS | BIT(BTAP_DOWNLOAD) | BIT(BTAP_UPLOAD),
     .statuses = BIT(BTAP_DFU_ERROR) | BIT(BTAP_STALL),
     .dfu_statuses = BIT(DFU_ERR_UNKNOWN) | BIT(DFU_ERR_STALLEDPKT),
     .also = error_midway},
    {.needs = NOTHING,
     .text =
         {"dfu-error", CAUSE, FACT, "The device reports an error",
          "That is its own reason, as DFU 1.1 section 6.1.2 names it; the notes of the command "
          "tell it in words",
          "Start again with the device reset into DFU mode; a file that it refuses must be built, "
          "and signed, for this device and its bootloader",
          "what made the device say so"},
     .transports = DFU,
     .statuses = BIT(BTAP_DFU_ERROR),
     .also = tell_error},

    /* It went through, and yet */
    {.needs = REPLIES | TIMES | POLL_TIMES,
     .text = {"erase-still-busy", DOUBT, LIKELY,
              "The device is at work for %u ms when the capture ends; it had said %u ms",
              "Some parts state far too little (an STM32F405 100 ms for a mass erase that takes up "
              "to 32 s); most likely it would have ended",
              "Wait longer (dfu-util waits 35 s for a mass erase) and record to the end",
              "a device that hangs"},
     .sessionwide = true,
     .transports = DFU,
     .also = busy_at_end},
    {.needs = REPLIES,
     .text =
         {"leave-unconfirmed", DOUBT, LIKELY,
          "The host asks the device to leave, and the capture ends without a GETSTATUS",
          "If the host sent none, the device most likely stays in DFU mode: AN3156 has it leave "
          "when GETSTATUS asks for the outcome",
          "Send GETSTATUS after the zero-length DNLOAD; or reset the part",
          "a capture that was stopped too early"},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .also = leave_open_at_end},
    {.needs = TIMES,
     .text = {"back-in-bootloader", DOUBT, LIKELY,
              "The device is back in DFU mode %u ms after it was told to leave",
              "BOOT0 is still high, most likely; or the part's empty check (STM32L4 and others) "
              "still takes its flash for blank, as it does until the next power cycle after a "
              "first flash",
              "Pull BOOT0 low, take the supply away and connect it again",
              "a firmware that starts the bootloader by itself, another device of the same kind"},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(BACK_IN_BOOTLOADER)}},
    {.needs = NOTHING,
     .text = {"dialect-doubtful", DOUBT, LIKELY,
              "The host speaks DfuSe to a device that describes itself as plain DFU",
              "The device most likely took DfuSe's commands for parts of the image",
              "Use dfu-util without -s ADDRESS",
              "a device that understands DfuSe and describes itself wrongly"},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(WRONG_DIALECT)},
     .also = diagnosis_went_well},
    {.needs = NOTHING,
     .text = {"written-off-map", DOUBT, FACT,
              "0x%08x is not in the device's memory layout, and the device did not mind",
              "What it did with the data cannot be seen", "Read it back and compare", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(ADDRESS_OUTSIDE_LAYOUT), NOTE(NOT_WRITABLE)},
     .also = wrote_off_map},

    /* What the capture does not show */
    {.needs = REPLIES | DATA,
     .text = {"not-verified", CAPTURE, FACT,
              "Nothing was read back, so that the capture does not show what the flash holds: "
              "bootloaders answer OK for write-protected pages, too (AN3156 section 5.1)",
              "", "Read it back and compare: dfu-util -a 0 -s ADDRESS:LENGTH -U FILE", ""},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .verdicts = BIT(BTAP_VERDICT_WORKED),
     .also = not_verified},

    /* Harmless */
    {.needs = REPLIES,
     .text = {"started-unchanged", ODDITY, FACT,
              "Nothing was erased or written before the start at 0x%08x: what runs is the firmware "
              "that was there before",
              "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .also = started_unchanged},
    {.needs = NOTHING,
     .text = {"dfu-listed", ODDITY, FACT,
              "The host reads what memories a device in DFU mode names, and sends no DFU request, "
              "as dfu-util -l does",
              "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .verdicts = BIT(BTAP_VERDICT_NO_FAULT),
     .also = listed},
    {.needs = NOTHING,
     .text = {"firmware-corrupt-at-start", ODDITY, FACT,
              "The bootloader starts in dfuERROR with errFIRMWARE: normal, CLRSTATUS ends it", "",
              "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(FIRMWARE_CORRUPT_AT_START)},
     .also = no_error_left},
    {.needs = NOTHING,
     .text = {"leaves-without-answer", ODDITY, FACT,
              "The device left the bus after Leave: an error of the tool at 100 %% means nothing",
              "", "", ""},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_LEFT)},
     .also = started},
    {.needs = REPLIES,
     .text = {"gd32-leave", ODDITY, LIKELY,
              "The device left without the GETSTATUS that triggers it, as GD32 devices do", "", "",
              ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(LEAVE_WITHOUT_GETSTATUS)}},
    {.needs = NOTHING,
     .text = {"read-unprotect-leaves", ODDITY, FACT,
              "Read Unprotect erases the flash and makes the device leave the bus: it must be "
              "brought into DFU mode again by hand",
              "", "", ""},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .also = ends_unprotected},
    {.needs = NOTHING,
     .text = {"option-bytes-reset", ODDITY, FACT, "Option bytes were written: the device resets",
              "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(OPTION_BYTES_WRITTEN)}},
    {.needs = NOTHING,
     .text = {"clear-status-stalled", ODDITY, FACT,
              "CLRSTATUS is refused outside dfuERROR, as the STM32C5 does it", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(CLEAR_STATUS_STALLED)}},
    {.needs = NOTHING,
     .text = {"getstatus-stalled-briefly", ODDITY, LIKELY,
              "GETSTATUS was stalled for a while during work, as STM32L4 do", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(GETSTATUS_STALLED)},
     .also = diagnosis_went_well},
    {.needs = TIMES | POLL_TIMES,
     .text = {"busy-longer-than-stated", ODDITY, FACT,
              "The device was busy for %u ms and had said %u ms", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(BUSY_LONGER_THAN_STATED)}},
    {.needs = TIMES | POLL_TIMES,
     .text = {"polled-early", ODDITY, FACT,
              "The host asked again after %u ms, the device had said %u ms", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(POLLED_EARLY)}},
    {.needs = REPLIES,
     .text = {"no-busy-state", ODDITY, FACT, "The device never said dfuDNBUSY", "", "", ""},
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(NO_BUSY_STATE)}},
    {.needs = DATA,
     .text = {"address-ambiguous", ODDITY, LIKELY,
              "A short last block: by AN3156's words its address would be 0x%08x", "", "", ""},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(ADDRESS_AMBIGUOUS)}},
};

const struct diagnosis_table diagnosis_dfu = DIAGNOSIS_TABLE(rules);
