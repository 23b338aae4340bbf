/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the STM8's bootloader on USART (UM0560), which speaks AN3155's bytes: its memories, its
 * limits and its tools are others. What the ROM does with each command is known from its code
 * (STM8S208, version 2.2).
 */
#include "diagnosis/tables.h"

/** Where an STM32's flash begins. */
#define STM32_FLASH 0x08000000u

/* What the ROM serves beside RAM and flash */
#define EEPROM_FIRST 0x4000u

#define TOOLS                                                                                      \
    "stm8gal, or ST's Flash Loader Demonstrator (STSW-STM8068 holds the routines, a file for "     \
    "each "                                                                                        \
    "version of the bootloader)"

/** What is executed from RAM, as flash cannot be read while it is changed. */
static bool needs_routines(const struct btap_brief *failed)
{
    return btap_command_has(failed->command, BTAP_TRAIT_ERASES) ||
           (failed->command == BTAP_WRITE_MEMORY && failed->address >= EEPROM_FIRST);
}

/** Whether the host had loaded them before a command. */
static bool routines_loaded(const struct btap_session *session, const struct btap_brief *failed)
{
    return session->stm8_routines_n != 0 && session->stm8_routines_n < failed->n;
}

static bool without_routines(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return needs_routines(failed) && !routines_loaded(session, failed);
}

static bool with_routines(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    finding->arg[1] = session->version >> 4;
    finding->arg[2] = session->version & 0xfu;
    return needs_routines(failed) && routines_loaded(session, failed);
}

static bool write_too_long(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->length;
    finding->arg[1] = BTAP_STM8_WRITE_MAX;
    return failed->length > BTAP_STM8_WRITE_MAX;
}

static bool address_of_stm32(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->address;
    return (failed->has & BTAP_HAS_ADDRESS) && failed->address >= STM32_FLASH;
}

static bool unlisted(const struct btap_session *session, const struct btap_brief *failed,
                     struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return failed->command != BTAP_SYNC && session->commands_known &&
           !diagnosis_has_opcode(session->commands, failed->opcode);
}

/** The port's settings are none that an STM8's UART has: even parity, or none in reply mode. */
static bool port_without_parity(const struct btap_session *session, const struct btap_brief *failed,
                                struct btap_finding *finding)
{
    finding->arg[0] = failed->opcode;
    return session->notes[BTAP_NOTE_REPLY_MODE].count == 0;
}

static bool is_stm8(const struct btap_session *session, const struct btap_brief *failed,
                    struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return btap_session_family(session) == BTAP_FAMILY_STM8;
}

static const struct diagnosis_rule rules[] = {
    /* What an STM8 lacks, or has elsewhere */
    {.needs = REPLIES,
     .text =
         {"stm8-bootloader", CAUSE, LIKELY, "An STM8's bootloader does not take command 0x%02x",
          "The device lists 00 11 21 31 43, as the STM8's ROM does (UM0560) and no STM32's: the "
          "tool is most likely made for another device",
          "Use a tool for the STM8: " TOOLS, "bytes that are lost on the line"},
     .families = STM8,
     .transports = USART,
     .statuses = REFUSED | SILENT,
     .clean = true,
     .also = unlisted},
    {.needs = NOTHING,
     .text =
         {"stm8-stm32-address", CAUSE, FACT, "The host uses 0x%08x, which is no address of an STM8",
          "An STM8's flash begins at 0x00008000, its data EEPROM mostly at 0x00004000, its "
          "option bytes at 0x00004800, its RAM at 0x00000000; the ROM refuses any other address",
          "Give the tool the addresses of the STM8, and a file that is linked for it", ""},
     .families = STM8,
     .transports = USART,
     .statuses = REFUSED | SILENT,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .clean = true,
     .also = address_of_stm32},
    {.needs = NOTHING,
     .text =
         {"stm8-address-refused", CAUSE, LIKELY,
          "The STM8's bootloader refuses address 0x%08x, nothing is wrong with its bytes",
          "This part has no memory there, most likely, or none that the ROM serves: four bytes, "
          "the most significant one first; flash from 0x00008000 on, RAM, EEPROM, option "
          "bytes, registers",
          "Compare the address with the part's memory map; tools find the size of the flash by "
          "such a refusal, and go on",
          "a byte that was damaged on the way"},
     .families = STM8,
     .transports = USART,
     .statuses = REFUSED,
     .phases = BIT(BTAP_PHASE_ADDRESS),
     .clean = true,
     .also = diagnosis_tell_address},
    {.needs = NOTHING,
     .text =
         {"stm8-write-too-long", CAUSE, FACT,
          "The host writes %u bytes at once, an STM8's bootloader takes %u",
          "The ROM reads the bytes to the last and then refuses them (UM0560, Write Memory)",
          "Write blocks of 128 bytes that begin at a multiple of 128, which is the fastest, too",
          ""},
     .families = STM8,
     .transports = USART,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND | BIT(BTAP_PHASE_LENGTH),
     .also = write_too_long},

    /* The routines in RAM */
    {.needs = REPLIES,
     .text = {"stm8-routines-missing", CAUSE, LIKELY,
              "Command 0x%02x is accepted and never ends: no routines were loaded to 0x000000a0",
              "The ROM calls routines at 0x000000A0 in RAM to erase and write; STM8S and STM8A "
              "have none until the host writes them there, so that it most likely ran into nothing",
              "Reset the part, then load the routines for its bootloader version first: " TOOLS,
              "an STM8L, which has them, and lost bytes; routines loaded before the capture began"},
     .families = STM8,
     .silence = true,
     .transports = USART,
     .commands = ERASES | WRITES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = without_routines},
    {.needs = REPLIES,
     .text = {"stm8-routines-differ", CAUSE, LIKELY,
              "Command 0x%02x is accepted and never ends, with the routines at 0x000000a0; the "
              "bootloader is of version %u.%u",
              "The routines are for another version of the bootloader, most likely: each calls "
              "them at other places (Write: 1.0 at 0x12F, 2.0 at 0x162, later ones of 1.x at 0x150 "
              "and of 2.x at 0x180)",
              "Reset the part, and load the routines whose file names this version and the size of "
              "the flash: " TOOLS,
              "a part of the routines that is missing, a file sent as text and not as its bytes; a "
              "reset or lost power"},
     .families = STM8,
     .silence = true,
     .transports = USART,
     .commands = ERASES | WRITES,
     .statuses = SILENT,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = with_routines},
    {.needs = NOTHING,
     .text = {"stm8-erase-refused", CAUSE, LIKELY,
              "The STM8's bootloader accepts the erase command and refuses what to erase",
              "Most likely a sector code is too large, or sectors are write-protected (UBC): codes "
              "count sectors of 1 KB from 0x00008000 on, behind the last of them those of the "
              "EEPROM (32 KB: 0x20; 128 KB: 0x80 and 0x81)",
              "Compare the codes with the part's flash, and UBC in its option bytes; a mass erase "
              "is 0xFF 0x00",
              "routines in RAM for another version, damage on the way"},
     .families = STM8,
     .transports = USART,
     .commands = ERASES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true},
    {.needs = NOTHING,
     .text =
         {"stm8-write-refused", CAUSE, LIKELY,
          "The STM8's bootloader refuses the data for 0x%08x, their checksum is right",
          "The memory did not take them, most likely: write protection (UBC), or an option byte "
          "without its complement",
          "Look at UBC in the option bytes, which only SWIM or the ROM can change; write option "
          "bytes with their complements",
          "damage on the way; routines in RAM for another version"},
     .families = STM8,
     .transports = USART,
     .commands = WRITES,
     .statuses = REFUSED,
     .phases = AFTER_COMMAND,
     .clean = true,
     .also = diagnosis_tell_address},

    /* The line */
    {.needs = REPLIES,
     .text = {"stm8-port-parity", CAUSE, LIKELY,
              "Command 0x%02x fails, and the host opened the port without even parity",
              "The STM8's bootloader wants even parity where it is not in reply mode (UM0560): a "
              "byte without the parity bit is refused or lost, most likely",
              "Set 8E1; in reply mode 8N1, and send a byte for each one that comes (stm8gal -u 2)",
              "bytes that are lost for another reason"},
     .families = STM8,
     .transports = USART,
     .statuses = REFUSED | SILENT,
     .note = {NOTE(NO_PARITY)},
     .also = port_without_parity},
    {.needs = REPLIES,
     .text = {"stm8-sync-unanswered", CAUSE, LIKELY,
              "0x7F gets no answer from an STM8 that answered before",
              "Its bootloader is not running any more, most likely, or waits for bytes: it runs "
              "after reset if the flash is blank or the option bytes OPTBL and NOPTBL hold 0x55 "
              "0xAA, waits for 0x7F for about 1 s, and gives way to the program then; read-out "
              "protection disables it",
              "Reset the part and start the tool at once; set OPTBL and NOPTBL through SWIM if it "
              "stays silent",
              "a single 0x7F to a device that is synchronised, which is half a command to it"},
     .families = STM8,
     .silence = true,
     .transports = USART,
     .commands = BIT(BTAP_SYNC),
     .statuses = SILENT},
    {.needs = REPLIES,
     .text =
         {"stm8-unheard", CAUSE, LIKELY,
          "An STM8's bootloader takes command 0x%02x, and does not answer it as it should",
          "The bytes reach it damaged, or not all of them, most likely: the parity bit (UM0560: "
          "even, none in reply mode), a rate that is off; in reply mode it waits for a byte of the "
          "host behind each one that it sends",
          "Set 8E1, or 8N1 and reply mode (stm8gal finds out which; -u 0, 1 or 2 sets it); lower "
          "the rate; reset the part before the next try",
          "a device that was reset, or lost power"},
     .families = STM8,
     .silence = true,
     .transports = USART,
     .statuses = REFUSED | SILENT,
     .clean = true,
     .also = diagnosis_tell_opcode},

    /* Harmless */
    {.needs = NOTHING,
     .text = {"stm8-device", ODDITY, LIKELY,
              "The device has the commands or the memory of an STM8's bootloader (UM0560), not of "
              "an STM32's",
              "", "", ""},
     .families = STM8,
     .sessionwide = true,
     .transports = USART,
     .verdicts =
         BIT(BTAP_VERDICT_WORKED) | BIT(BTAP_VERDICT_NO_FAULT) | BIT(BTAP_VERDICT_CUT_SHORT),
     .also = is_stm8},
    {.needs = NOTHING,
     .text = {"reply-mode", ODDITY, LIKELY,
              "The host sends a byte for each one of the device: the reply mode of an STM8's "
              "bootloader, which takes no parity and is slow",
              "", "", ""},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .transports = USART,
     .note = {NOTE(REPLY_MODE)}},
};

const struct diagnosis_table diagnosis_stm8 = DIAGNOSIS_TABLE(rules);
