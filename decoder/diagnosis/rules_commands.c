/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the commands that USART, FDCAN and classic CAN have in common.
 */
#include "diagnosis/tables.h"

#define ALL           (USART | FDCAN | CAN)
#define NS_PER_MS     1000000
#define SLOW_ERASE_NS (2000 * (btap_ns)NS_PER_MS)

/** No STM32 has a flash whose size is no multiple of this. */
#define FLASH_SIZE_STEP 0x2000u

/* AN3155: an L1 takes up to 512 pages in one command. */
#define L1_ERASE_PAGES_MAX 512

static bool outside(const struct btap_range *range, uint32_t address)
{
    return address < range->first || address > range->last;
}

/** Whether a product is known, and has nothing of what a bootloader serves at an address. */
static bool is_unserved(const struct btap_product *product, const struct btap_brief *failed)
{
    const uint32_t address = failed->address;

    if (!(failed->has & BTAP_HAS_ADDRESS) || product == NULL || product->flash_size == 0)
        return false;
    return !(address - product->flash_start < product->flash_size) &&
           outside(&product->sram, address) && outside(&product->system_memory, address) &&
           outside(&product->option_bytes, address);
}

/** Behind the flash, where no part has anything else. */
static bool beyond_flash(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    const struct btap_product *product = diagnosis_product(session);
    const struct btap_range flash = btap_product_flash(product);

    finding->arg[0] = failed->address;
    finding->arg[1] = flash.last;
    return is_unserved(product, failed) && failed->address > flash.last &&
           btap_memory_only_flash(failed->address);
}

static bool not_served(const struct btap_session *session, const struct btap_brief *failed,
                       struct btap_finding *finding)
{
    finding->arg[0] = failed->address;
    return is_unserved(diagnosis_product(session), failed);
}

/** Whether a product has an address in its flash or its RAM. */
static bool has_address(const struct btap_product *product, uint32_t address)
{
    return product != NULL && (address - product->flash_start < product->flash_size ||
                               !outside(&product->sram, address));
}

/** An address that the product has if its bytes are in the other order. */
static bool lsb_first(const struct btap_session *session, const struct btap_brief *failed,
                      struct btap_finding *finding)
{
    const struct btap_product *product = diagnosis_product(session);
    const uint32_t meant = diagnosis_reversed(failed->address);

    finding->arg[0] = failed->address;
    finding->arg[1] = meant;
    return is_unserved(product, failed) && has_address(product, meant);
}

static bool in_flash(const struct btap_session *session, const struct btap_brief *failed,
                     struct btap_finding *finding)
{
    const struct btap_product *product = diagnosis_product(session);

    finding->arg[0] = failed->address;
    return (failed->has & BTAP_HAS_ADDRESS) && product != NULL &&
           failed->address - product->flash_start < product->flash_size;
}

/** Refused where a flash may end, right behind the last block that was accepted. */
static bool follows_written(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    const struct btap_ranges *ranges = &session->written.ranges;

    finding->arg[0] = failed->address;
    if (failed->address == 0 || failed->address % FLASH_SIZE_STEP != 0)
        return false;
    for (uint32_t i = 0; i < ranges->length; i++)
        if (ranges->list[i].last == failed->address - 1)
            return true;
    return false;
}

static bool tell_subcommand(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->subcommand;
    return (failed->has & BTAP_HAS_SUBCOMMAND) != 0;
}

/** A command that read protection disables (AN3155 and AN5405, table 2), or an unknown one. */
static bool list_unknown(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return !session->commands_known && !btap_command_has(failed->command, BTAP_TRAIT_UNREFUSED);
}

/** Refused at once, though the removal of the read protection was acknowledged before. */
static bool after_unprotect(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    diagnosis_show(finding, session->unprotect_packet);
    return session->unprotect_packet != 0 && session->unprotect_packet < failed->first_packet &&
           !diagnosis_brief_has(failed, BTAP_NOTE_UNSUPPORTED_COMMAND);
}

/** Readout Protect was acknowledged, and nothing has undone it before the refusal. */
static bool after_protect(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    diagnosis_show(finding, session->protect_packet);
    return session->protect_packet != 0 && session->protect_packet < failed->first_packet;
}

/** Not listed, as far as is known, by a device that is not read-protected. */
static bool perhaps_missing(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    return list_unknown(session, failed, finding) && failed->unprotected;
}

static bool page_beyond_flash(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    const struct btap_product *product = diagnosis_product(session);
    struct btap_range sector;

    finding->arg[0] = failed->list_last;
    return product != NULL && failed->erase == BTAP_ERASE_PAGES && failed->list_length > 0 &&
           btap_product_sector(product, 0, &sector) &&
           !btap_product_sector(product, failed->list_last, &sector);
}

static bool too_many_pages(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    const struct btap_product *product = diagnosis_product(session);

    finding->arg[0] = failed->list_announced;
    return product != NULL && product->series[0] == 'L' && product->series[1] == '1' &&
           failed->list_announced > L1_ERASE_PAGES_MAX;
}

static bool page_0_last(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->page_0_packet);
    return session->page_0_packet != 0;
}

static bool slow_erase_at_end(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    const struct btap_brief *last = &session->last;

    (void)failed;
    finding->arg[0] = (uint32_t)(last->duration / NS_PER_MS);
    diagnosis_show(finding, last->last_packet);
    return last->status == BTAP_OK && (BIT(last->command) & ERASES) != 0 &&
           last->duration >= SLOW_ERASE_NS && session->written.commands == 0;
}

static bool answered_to_sync(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = (uint32_t)(session->late_sync / 1000000);
    diagnosis_show(finding, session->late_sync_packet);
    return session->late_sync_packet != 0;
}

/** The capture ends within the data of a write. */
static bool data_open_at_end(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    const struct btap_brief *last = &session->last;

    (void)failed;
    finding->arg[0] = last->address;
    finding->arg[1] = last->transferred;
    finding->arg[2] = last->length;
    diagnosis_show(finding, last->last_packet);
    return session->failures_length == 0 && last->status == BTAP_INCOMPLETE &&
           last->command == BTAP_WRITE_MEMORY && last->transferred > 0 &&
           last->transferred < last->length;
}

static const struct diagnosis_rule rules[] = {
    /* What the host did wrong */
    {.needs = REPLIES,
     .text = {"host-checksum-wrong", CAUSE, FACT,
              "The host's checksum is 0x%02x, its bytes give 0x%02x",
              "The device refuses what does not fit its checksum (AN3155 section 3)",
              "Correct the host's code: the checksum is the XOR of the bytes sent, the count "
              "included",
              "a bit that flipped before the recorder"},
     .transports = USART | FDCAN,
     .statuses = REFUSED | SILENT,
     .failed_note = {NOTE(CHECKSUM_MISMATCH)}},
    {.needs = REPLIES,
     .text = {"host-complement-wrong", CAUSE, FACT, "0x%02x is not the complement of 0x%02x",
              "The device refuses an opcode or length whose second byte is not its complement",
              "Correct the host's code: each opcode is followed by its complement, as in 00 FF",
              "a bit that flipped before the recorder; a byte too many or too few before it, after "
              "which host and device are out of step"},
     .transports = USART | FDCAN,
     .statuses = REFUSED | SILENT,
     .failed_note = {NOTE(COMPLEMENT_MISMATCH)}},
    {.needs = REPLIES,
     .text = {"size-over-limit", CAUSE, FACT, "%u bytes announced, the device takes %u at most",
              "The device refuses a packet that is longer than its buffer", "Send less at once",
              ""},
     .transports = USART | FDCAN,
     .failed_note = {NOTE(SIZE_OVER_LIMIT)}},
    {.needs = REPLIES,
     .text = {"reserved-erase-code", CAUSE, FACT, "Erase code 0x%04x is reserved",
              "Only 0xFFFF (everything), 0xFFFE and 0xFFFD (banks) have a meaning",
              "Correct the host's code", ""},
     .transports = USART | FDCAN,
     .commands = ERASES,
     .failed_note = {NOTE(RESERVED_ERASE_CODE)}},
    {.needs = NOTHING,
     .text = {"subcommand-refused", CAUSE, FACT, "The device does not take sub-command 0x%04x",
              "Special's sub-commands are the product's own, and this product has none by this "
              "number, or not in this state",
              "Look the sub-command up in the product's documents", ""},
     .transports = USART | FDCAN,
     .commands = BIT(BTAP_SPECIAL) | BIT(BTAP_EXTENDED_SPECIAL),
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_SUBCOMMAND) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = tell_subcommand},

    /* Protection and support */
    {.needs = NOTHING,
     .text = {"refused-after-unprotect", CAUSE, LIKELY,
              "Command 0x%02x is refused at once, though the read protection was removed before",
              "The removal was acknowledged, so that read protection explains this only if the "
              "erase that goes with it has not ended or has failed; most likely the part needs "
              "another reset first",
              "Switch the part off and on with BOOT0 high, wait for half a minute, then send 0x7F, "
              "Get and this command again",
              "another lock (security option bits), a removal that failed after its answer"},
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = after_unprotect},
    {.needs = NOTHING,
     .text = {"read-protected", CAUSE, LIKELY,
              "The device lists command 0x%02x and refuses it at once",
              "Read protection is on, most likely: it disables reading, writing, erasing and Go, "
              "and leaves identification alone",
              CURE_PROTECTION, "a bootloader that is locked in another way (security option bits)"},
     .command_line = {[BTAP_USART] = "stm32flash -k PORT"},
     .supposes = READ_PROTECTION,
     .transports = ALL,
     .statuses = REFUSED,
     .failed_note = {NOTE(READ_PROTECTION_LIKELY)}},
    {.needs = NOTHING,
     .text = {"protected-before", CAUSE, LIKELY,
              "Command 0x%02x is refused at once, after Readout Protect",
              "Readout Protect was acknowledged before: the read protection is on, most likely, "
              "as the host wanted it",
              "Nothing if that is what was wanted; only Readout Unprotect ends it, which erases "
              "the whole flash",
              "a byte that was damaged on the way"},
     .supposes = READ_PROTECTION,
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = after_protect},
    {.needs = NOTHING,
     .text = {"unsupported-command", CAUSE, FACT, "The device does not know command 0x%02x",
              "Get lists the commands of this device, and this one is not among them",
              "Choose another way in the tool (43 or 44 for erase, read instead of checksum)", ""},
     .transports = ALL,
     .statuses = REFUSED,
     .failed_note = {NOTE(UNSUPPORTED_COMMAND)}},
    {.needs = NOTHING,
     .text = {"image-too-big", CAUSE, LIKELY,
              "0x%08x is refused, right behind what was written so far",
              "The flash ends here, most likely: the image is larger than the part's flash",
              "Compare the image's size with the flash of the part's exact type, or read its size "
              "register",
              "another reason: an address that this part does not serve"},
     .transports = ALL,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = follows_written},
    {.needs = NOTHING,
     .text = {"address-lsb-first", CAUSE, LIKELY,
              "0x%08x is refused; with its bytes turned round it is 0x%08x, which the product has",
              "The host sends addresses with their least significant byte first, most likely: the "
              "bootloader takes the most significant one first (AN3155 section 3.4)",
              "Turn the bytes of the address round; its checksum stays the same",
              "an address that is meant so"},
     .transports = USART,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .clean = true,
     .also = lsb_first},
    {.needs = NOTHING,
     .text = {"address-beyond-device", CAUSE, LIKELY,
              "0x%08x is beyond the flash of this product, which ends at 0x%08x",
              "The device refuses an address that it has nothing at",
              "Check the link address of the firmware, the address given to the tool, and the "
              "flash size of the part",
              "a part with more memory than its product id is known for"},
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = beyond_flash},
    {.needs = NOTHING,
     .text = {"memory-not-served", CAUSE, LIKELY,
              "0x%08x is refused: it lies outside the memory that the bootloader is known to serve",
              "The bootloader serves flash, system memory, option bytes and a part of the RAM. "
              "Other memory (ITCM, DTCM, CCM, backup SRAM, EEPROM, OTP, external windows) and "
              "registers are there on many parts, and mostly not for it",
              "Look the address up in AN2606 and the part's memory map; reach other memory through "
              "SWD, or with a program loaded into RAM",
              "an address that the part does not have; another reason for the refusal"},
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS) | BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = not_served},
    {.needs = NOTHING,
     .text = {"protected-or-address", CAUSE, LIKELY,
              "One NACK answers command 0x%02x and its address",
              "Read protection is on, most likely: the address is one that the product has",
              CURE_PROTECTION,
              "a part with less memory than its product id says: protection and a wrong address "
              "are answered alike"},
     .supposes = READ_PROTECTION,
     .transports = FDCAN | CAN,
     .failed_note = {NOTE(PROTECTED_OR_ADDRESS)}},
    {.needs = NOTHING,
     .text = {"refused-at-once", CAUSE, LIKELY, "Command 0x%02x is refused at once",
              "Read protection is on, or the device does not have this command: the host never "
              "asked for the list (Get)",
              "Send Get: a command that it lists and refuses all the same is disabled by read "
              "protection, most likely",
              "either of the two"},
     .supposes = READ_PROTECTION,
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = list_unknown},
    {.needs = NOTHING,
     .text = {"perhaps-unsupported", CAUSE, LIKELY,
              "Command 0x%02x is refused at once, and others before it were not",
              "Read protection is off, so that the device most likely does not have this command: "
              "the host never asked for the list (Get)",
              "Send Get, and use what it lists", "a byte that was damaged on the way"},
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_COMMAND),
     .clean = true,
     .also = perhaps_missing},
    {.needs = NOTHING,
     .text = {"unprotect-refused", CAUSE, LIKELY,
              "Removing the read protection is accepted and then refused",
              "It erases the whole flash first, and most likely that failed: a protected or "
              "locked area, or a weak supply",
              "Check the supply; see whether the part allows it at all (level 2 is for ever)",
              "any of these"},
     .transports = ALL,
     .commands = BIT(BTAP_READOUT_UNPROTECT),
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_OPERATION)},

    /* Erase */
    {.needs = NOTHING,
     .text = {"page-beyond-flash", CAUSE, LIKELY, "Page %u is beyond this product's flash",
              "The erase is refused, most likely because the list names a page that does not exist",
              "Check the page size and the number of pages in the host",
              "a part with another page size"},
     .transports = ALL,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .also = page_beyond_flash},
    {.needs = NOTHING,
     .text = {"too-many-pages", CAUSE, LIKELY, "%u pages are erased in one command",
              "An STM32L1 takes 512 pages at most in one erase", "Erase in several commands",
              "another reason for the refusal"},
     .transports = USART | FDCAN,
     .commands = ERASES,
     .statuses = REFUSED,
     .also = too_many_pages},
    {.needs = REPLIES,
     .text = {"erase-answered-late", CAUSE, FACT,
              "The host gave up the erase before the device answered, and the answer came later",
              "An erase may take 30 s and more; the device worked on and ended",
              "Wait longer (35 s for a mass erase); the flash is erased now", ""},
     .transports = ALL,
     .commands = ERASES,
     .statuses = BIT(BTAP_NO_REPLY),
     .note = {NOTE(LATE_ANSWER)}},
    {.needs = REPLIES | TIMES,
     .text = {"erase-answered-to-sync", CAUSE, LIKELY,
              "The erase got no answer, and the 0x7F after it got one only after %u ms",
              "0x7F is answered at once: most likely that was the end of the erase, for which the "
              "host had not waited",
              "Wait longer (35 s for a mass erase), then try again",
              "a part that was reset by hand in between"},
     .silence = true,
     .transports = USART,
     .commands = ERASES,
     .statuses = BIT(BTAP_NO_REPLY),
     .also = answered_to_sync},
    {.needs = NOTHING,
     .text = {"erase-refused", CAUSE, LIKELY,
              "The erase command is accepted, what to erase is refused",
              "Most likely this part does not know this kind of erase or one of the pages, or a "
              "byte was damaged on the way: the list and its checksum are right in the capture",
              "Erase page by page, or everything at once, whichever was not tried; compare page "
              "numbers and size with the part's",
              "write protection: AN3155 and AN5405 have the device acknowledge the erase of "
              "protected pages, and skip them"},
     .transports = ALL,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true},
    {.needs = REPLIES,
     .text = {"erase-unanswered", CAUSE, LIKELY, "The erase is accepted and its end is never told",
              "Most likely the host gave up while the device was still erasing; or the device lost "
              "power or reset",
              "Wait longer: a mass erase may take 30 s; check the supply", "any of these"},
     .silence = true,
     .transports = ALL,
     .commands = ERASES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND},

    /* Addresses and data */
    {.needs = NOTHING,
     .text = {"flash-address-refused", CAUSE, LIKELY,
              "Address 0x%08x is refused, though it lies in the flash of this product",
              "Most likely a byte was damaged on the way, or the part has less flash than the "
              "largest of its product id; for Go some bootloaders ask for a stack pointer there "
              "that points into the RAM",
              "Try at a lower rate; read the part's flash size; see that a program was written "
              "there before Go",
              "a lock of that area of its own"},
     .transports = USART,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .clean = true,
     .also = in_flash},
    {.needs = NOTHING,
     .text = {"address-refused", CAUSE, LIKELY,
              "Address 0x%08x is refused, nothing is wrong with its bytes",
              "The bootloader serves no memory there, or not with this command, most likely; the "
              "first bytes of the RAM are its own",
              "Check the address against AN2606 and the part's memory map",
              "protection of that memory"},
     .transports = ALL,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .clean = true,
     .also = diagnosis_tell_address},
    {.needs = REPLIES,
     .text = {"write-unanswered", CAUSE, LIKELY, "The data for 0x%08x get no answer",
              "Most likely bytes were lost and the device waits for the rest; or it lost power or "
              "reset",
              "Lower the rate, use another adapter, smaller blocks; check the supply",
              "any of these"},
     .silence = true,
     .transports = ALL,
     .commands = WRITES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND,
     .also = diagnosis_tell_address},
    {.needs = REPLIES | DATA,
     .text = {"reply-short", CAUSE, LIKELY, "The device's reply is %u bytes short",
              "Bytes were lost on the way to the host, or the device stopped",
              "Lower the rate, use another adapter", "bytes that the recorder missed"},
     .families = ANY_DEVICE,
     .silence = true,
     .transports = ALL,
     .failed_note = {NOTE(REPLY_SHORT)}},

    /* It went through, and yet */
    {.needs = NOTHING,
     .text = {"write-open", DOUBT, LIKELY,
              "The data for 0x%08x stop after %u of %u bytes, where the capture ends",
              "If the host sent no more, bytes were lost in an adapter or its driver most likely; "
              "the device then waits for the rest, and takes the next command for it",
              "Lower the rate, use another adapter, or smaller blocks; reset the part before the "
              "next try",
              "a capture that was stopped too early"},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = ALL,
     .also = data_open_at_end},
    {.needs = NOTHING,
     .text = {"page-0-erased-last", DOUBT, LIKELY, "An erase names page 0 behind other pages",
              "A host that counts one page too many, as CubeProgrammer 2.13 did, sends such a "
              "phantom page: most likely it did not mean to erase the vector table",
              "See whether page 0 still holds what it should; update the tool",
              "a host that means it"},
     .sessionwide = true,
     .transports = USART,
     .also = page_0_last},

    /* Harmless */
    {.needs = TIMES,
     .text = {"erase-slow", ODDITY, FACT,
              "The erase took %u ms and ended well: if the tool reported a time-out, it did not "
              "wait long enough",
              "", "", ""},
     .sessionwide = true,
     .transports = ALL,
     .also = slow_erase_at_end},
    {.needs = NOTHING,
     .text = {"two-nacks", ODDITY, LIKELY,
              "A second NACK follows the first, as some products do under read protection", "", "",
              ""},
     .sessionwide = true,
     .transports = ALL,
     .note = {NOTE(SURPLUS_NACK)}},
    {.needs = REPLIES,
     .text = {"surplus-answer", ODDITY, FACT, "The device sent 0x%02x where no answer was due", "",
              "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = ALL,
     .verdicts =
         BIT(BTAP_VERDICT_WORKED) | BIT(BTAP_VERDICT_NO_FAULT) | BIT(BTAP_VERDICT_CUT_SHORT),
     .note = {NOTE(SURPLUS_ANSWER)}},
};

const struct diagnosis_table diagnosis_commands = DIAGNOSIS_TABLE(rules);
