/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The USART decoder against conversations worked out by hand from AN3155: what each one shows,
 * and that it shows the same however it is cut.
 */
#include "boottap/usart.h"

#include <stdio.h>
#include <string.h>

#include "collector.h"
#include "test.h"
#include "usart_script.h"

#define TEXT_MAX 1024

/**
 * What a script must show: its transactions, separated by commas, each as its command, its status
 * (and after a slash its phase), what it erases but pages, and its notes; at the end the notes that
 * belong to none, each after a plus sign.
 */
struct vector {
    const char *name;
    const char *script;
    const char *expected;
};

/* AN3155 section 1 */
#define SYNC_OK "> 7F < 79 "
/* The conversations of AN3155 sections 3.1 to 3.15; each checksum is the XOR by hand */
#define GET            "> 00 FF < 79 0B 31 00 01 02 11 21 31 44 63 73 82 92 79 "
#define GET_ID         "> 02 FD < 79 01 04 13 79 "
#define ADDRESS        "> 08 00 00 00 08 "
#define READ_4         "> 11 EE < 79 " ADDRESS "< 79 > 03 FC < 79 DE AD BE EF "
#define WRITE_4        "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 07 < 79 "
#define CRC_TO_LENGTH  "> A1 5E < 79 " ADDRESS "< 79 > 00 00 01 00 01 "
#define CRC_TO_INITIAL CRC_TO_LENGTH "< 79 > 04 C1 1D B7 6F < 79 > FF FF FF FF 00 "

static const struct vector vectors[] = {
    /* Healthy commands, one vector a section of the note */
    {"sync", "| > 7F < 79", "sync ok"},
    {"get", SYNC_OK "| " GET, "sync ok, get ok"},
    /* UM0560: an STM8; its own list and that alone tells it */
    {"get of an STM8", SYNC_OK "| > 00 FF < 79 05 22 00 11 21 31 43 79",
     "sync ok, get ok stm8-bootloader"},
    {"get of a list with Speed besides", SYNC_OK "| > 00 FF < 79 06 22 00 03 11 21 31 43 79",
     "sync ok, get ok"},
    /* 3 bytes for 0x0000A0: no STM8 asks for a multiple of 4 */
    {"write-memory of 3 bytes into an STM8's RAM",
     SYNC_OK "| > 31 CE < 79 > 00 00 00 A0 A0 < 79 > 02 01 02 03 02 < 79",
     "sync ok, write-memory ok"},
    /* Its ROM takes no command while read-out protection is on: a NACK has other reasons. */
    {"a listed command that an STM8 refuses",
     SYNC_OK "> 00 FF < 79 05 22 00 11 21 31 43 79 | > 11 EE < 1F",
     "sync ok, get ok stm8-bootloader, read-memory nack/command"},
    /* Reply mode: a byte of the host behind each one of the device, the sync's ACK or not */
    {"reply mode",
     SYNC_OK "> 79 | > 00 FF < 79 > 79 < 05 > 05 < 20 > 20 < 00 > 00 < 11 > 11 "
             "< 21 > 21 < 31 > 31 < 43 > 43 < 79 > 79",
     "sync ok, get ok stm8-bootloader, +reply-mode"},
    {"reply mode from the address on",
     SYNC_OK "| > 31 CE < 79 > 79 00 00 00 A0 A0 < 79 > 79 "
             "03 01 02 03 04 07 < 79 > 79",
     "sync ok, write-memory ok reply-mode"},
    {"reply mode, the host replies 0xFF",
     SYNC_OK "| > 31 CE < 79 > FF 00 00 88 00 88 < 79 > FF 03 00 00 00 00 03",
     "sync ok, write-memory incomplete/data reply-mode"},
    {"reply mode, a read",
     SYNC_OK "> 11 EE < 79 > 79 00 00 80 00 80 < 79 > 79 01 FE < 79 > 79 "
             "< 79 > 79 < 11 > 11 > 00 FF < 79 > 79 < 05",
     "sync ok, read-memory ok reply-mode, get incomplete/reply"},
    /* 0x79 bytes to write, and data that begin with the ACK: no reply, as Get's answer came at once
     */
    {"no reply mode", SYNC_OK GET "| > 11 EE < 79 " ADDRESS "< 79 > 79 86 < 79",
     "sync ok, get ok, read-memory incomplete/data"},
    {"an address that begins as the ACK before it",
     SYNC_OK WRITE_4 "| > 31 CE < 79 > 79 00 00 00 79 < 79 > 03 01 02 03 04 07 < 79",
     "sync ok, write-memory ok, write-memory ok"},
    {"get-version", SYNC_OK "| > 01 FE < 79 31 00 00 79", "sync ok, get-version ok"},
    {"get-id", SYNC_OK "| " GET_ID, "sync ok, get-id ok"},
    {"get-id of four bytes (GD32)", SYNC_OK "| > 02 FD < 79 03 47 44 33 32 79",
     "sync ok, get-id ok"},
    {"read-memory", SYNC_OK "| " READ_4, "sync ok, read-memory ok"},
    {"go", SYNC_OK "| > 21 DE < 79 " ADDRESS "< 79", "sync ok, go ok"},
    {"write-memory", SYNC_OK "| " WRITE_4, "sync ok, write-memory ok"},
    {"write-memory of 3 bytes",
     SYNC_OK "| > 31 CE < 79 > 08 00 04 00 0C < 79 > 02 01 02 03 02 < 79",
     "sync ok, write-memory ok unaligned-length"},
    {"erase pages", SYNC_OK "| > 43 BC < 79 > 01 03 05 07 < 79", "sync ok, erase ok"},
    {"erase all", SYNC_OK "| > 43 BC < 79 > FF 00 < 79", "sync ok, erase ok of-all"},
    {"extended-erase pages", SYNC_OK "| > 44 BB < 79 > 00 01 00 02 00 03 00 < 79",
     "sync ok, extended-erase ok"},
    {"extended-erase all", SYNC_OK "| > 44 BB < 79 > FF FF 00 < 79",
     "sync ok, extended-erase ok of-all"},
    {"extended-erase bank 1", SYNC_OK "| > 44 BB < 79 > FF FE 01 < 79",
     "sync ok, extended-erase ok of-bank-1"},
    {"extended-erase bank 2", SYNC_OK "| > 44 BB < 79 > FF FD 02 < 79",
     "sync ok, extended-erase ok of-bank-2"},
    {"write-protect", SYNC_OK "| > 63 9C < 79 > 01 00 01 00 < 79", "sync ok, write-protect ok"},
    {"write-unprotect", SYNC_OK "| > 73 8C < 79 79", "sync ok, write-unprotect ok"},
    {"readout-protect", SYNC_OK "| > 82 7D < 79 79", "sync ok, readout-protect ok"},
    {"readout-unprotect", SYNC_OK "| > 92 6D < 79 79", "sync ok, readout-unprotect ok"},
    {"get-checksum", SYNC_OK "| " CRC_TO_INITIAL "< 79 79 12 34 56 78 08",
     "sync ok, get-checksum ok"},
    {"get-checksum, one ACK before the CRC", SYNC_OK "| " CRC_TO_INITIAL "< 79 12 34 56 78 08",
     "sync ok, get-checksum ok"},
    {"get-checksum, CRC that begins like a NACK", SYNC_OK CRC_TO_INITIAL "< 79 1F 34 56 78 05",
     "sync ok, get-checksum ok"},
    /* 79 ^ 34 ^ 56 ^ 78 = 63 */
    {"get-checksum, CRC that begins like an ACK, one ACK before it",
     SYNC_OK CRC_TO_INITIAL "< 79 79 34 56 78 63 " GET_ID, "sync ok, get-checksum ok, get-id ok"},
    {"get-checksum, CRC that begins like an ACK, at the end of the capture",
     SYNC_OK CRC_TO_INITIAL "< 79 79 34 56 78 63", "sync ok, get-checksum ok"},
    {"get-checksum, CRC that begins like an ACK, two ACKs before it",
     SYNC_OK "| " CRC_TO_INITIAL "< 79 79 79 34 56 78 63", "sync ok, get-checksum ok"},
    {"get-checksum, an ACK and then a NACK in place of the CRC",
     SYNC_OK CRC_TO_INITIAL "< 79 79 1F " GET_ID, "sync ok, get-checksum nack/reply, get-id ok"},
    {"get-checksum, ACK before each checksum byte as section 3.13 lists it",
     SYNC_OK "| " CRC_TO_LENGTH
             "< 79 > 04 C1 1D B7 < 79 > 6F < 79 > FF FF FF FF < 79 > 00 < 79 79 12 34 56 78 08",
     "sync ok, get-checksum ok"},
    {"get-checksum as stm32flash asks", SYNC_OK "| " CRC_TO_LENGTH "< 79 79 12 34 56 78 08",
     "sync ok, get-checksum ok checksum-short-form"},
    {"special",
     SYNC_OK "| > 50 AF < 79 > 00 11 11 < 79 > 00 02 AA 55 FD < 79 00 03 01 02 03 00 01 00 79",
     "sync ok, special ok"},
    {"special without data",
     SYNC_OK "| > 50 AF < 79 > 00 11 11 < 79 > 00 00 00 < 79 00 00 00 01 00 79",
     "sync ok, special ok"},
    {"extended-special",
     SYNC_OK "| > 51 AE < 79 > 00 11 11 < 79 > 00 01 AA AB < 79 > 00 04 01 02 03 04 00 "
             "< 79 00 02 00 00 79",
     "sync ok, extended-special ok"},

    /* Checks of the host's bytes */
    {"complement mismatch", SYNC_OK "| > 00 FE < 1F",
     "sync ok, get nack/command complement-mismatch"},
    {"wrong checksum of the address", SYNC_OK "| > 11 EE < 79 > 08 00 00 00 09 < 1F",
     "sync ok, read-memory nack/address checksum-mismatch"},
    {"wrong complement of the length", SYNC_OK "| > 11 EE < 79 " ADDRESS "< 79 > 03 FD < 1F",
     "sync ok, read-memory nack/length complement-mismatch"},
    {"wrong checksum of the data",
     SYNC_OK "| > 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 08 < 1F",
     "sync ok, write-memory nack/checksum checksum-mismatch"},
    {"wrong checksum of the page list", SYNC_OK "| > 44 BB < 79 > 00 01 00 02 00 03 01 < 1F",
     "sync ok, extended-erase nack/checksum checksum-mismatch"},
    {"wrong checksum of the polynomial", SYNC_OK "| " CRC_TO_LENGTH "< 79 > 04 C1 1D B7 6E < 1F",
     "sync ok, get-checksum nack/polynomial checksum-mismatch"},
    {"wrong checksum of the device", SYNC_OK "| " CRC_TO_INITIAL "< 79 79 12 34 56 78 09",
     "sync ok, get-checksum bad-reply/checksum reply-checksum-mismatch"},
    /* AN3155 section 3.7, the note under figure 15 */
    {"erase 0xFF not followed by 0x00", SYNC_OK "| > 43 BC < 79 > FF 01 < 79",
     "sync ok, erase ok of-all complement-mismatch erase-not-performed"},
    {"reserved erase code", SYNC_OK "| > 44 BB < 79 > FF F5 0A < 1F",
     "sync ok, extended-erase nack/data of-reserved reserved-erase-code"},

    /* NACK at each phase */
    {"nack of the command", SYNC_OK "| > 02 FD < 1F", "sync ok, get-id nack/command"},
    {"nack of the address", SYNC_OK "| > 21 DE < 79 > 60 00 00 00 60 < 1F",
     "sync ok, go nack/address"},
    /* An STM32L151 did this */
    {"nack of the length", SYNC_OK "| > 11 EE < 79 > 40 02 3C 1C 62 < 79 > 03 FC < 1F",
     "sync ok, read-memory nack/length"},
    {"nack of the data", SYNC_OK "| > 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 07 < 1F",
     "sync ok, write-memory nack/data"},
    {"nack of the operation", SYNC_OK "| > 92 6D < 79 1F",
     "sync ok, readout-unprotect nack/operation"},
    {"nack of the sub-command", SYNC_OK "| > 50 AF < 79 > 00 11 11 < 1F",
     "sync ok, special nack/subcommand"},
    {"nack of the initial value", SYNC_OK "| " CRC_TO_INITIAL "< 1F",
     "sync ok, get-checksum nack/initial"},
    {"nack instead of the CRC", SYNC_OK CRC_TO_LENGTH "< 79 1F",
     "sync ok, get-checksum nack/reply checksum-short-form"},
    {"special with more than 128 bytes: nack after the size",
     SYNC_OK "| > 50 AF < 79 > 00 11 11 < 79 > 00 81 < 1F",
     "sync ok, special nack/length size-over-limit"},
    {"special with 128 bytes, refused for another reason",
     SYNC_OK "| > 50 AF < 79 > 00 11 11 < 79 > 00 80 < 1F",
     "sync ok, special nack/data nack-early"},
    {"extended-special with more than 1024 bytes: nack after the size",
     SYNC_OK "| > 51 AE < 79 > 00 11 11 < 79 > 00 00 00 < 79 > 04 01 < 1F",
     "sync ok, extended-special nack/length size-over-limit"},
    {"extended-special with 1024 bytes, refused for another reason",
     SYNC_OK "| > 51 AE < 79 > 00 11 11 < 79 > 00 00 00 < 79 > 04 00 < 1F",
     "sync ok, extended-special nack/data nack-early"},
    {"nack after the first byte of a command (users without parity)",
     SYNC_OK "> 00 < 1F > FF > 02 FD < 79 01 04 13 79",
     "sync ok, get nack/command nack-early, get-id ok"},
    {"a nack to each byte of a command (users without parity)",
     SYNC_OK "> 00 < 1F > FF < 1F > 02 FD < 79 01 04 13 79",
     "sync ok, get nack/command nack-early, get-id ok, +surplus-answer"},

    /* Protection and support */
    {"one nack under read protection", SYNC_OK GET "| > 31 CE < 1F",
     "sync ok, get ok, write-memory nack/command read-protection-likely"},
    {"two nacks under read protection", SYNC_OK GET "> 11 EE < 1F 1F " GET_ID,
     "sync ok, get ok, read-memory nack/command read-protection-likely, get-id ok, +surplus-nack"},
    {"second nack while the host sends the next command",
     SYNC_OK GET "> 11 EE < 1F > 02 < 1F > FD < 79 01 04 13 79",
     "sync ok, get ok, read-memory nack/command read-protection-likely, get-id ok surplus-nack"},
    {"second nack to a command that protection allows", SYNC_OK "> 02 FD < 1F 1F " GET_ID,
     "sync ok, get-id nack/command, get-id ok host-retry, +surplus-answer"},
    {"command that Get does not list", SYNC_OK GET "| > 43 BC < 1F",
     "sync ok, get ok, erase nack/command unsupported-command"},
    {"command that nobody knows", SYNC_OK "| > 06 F9 < 1F",
     "sync ok, unknown nack/command unsupported-command"},
    /* Their complements are ACK and NACK */
    {"unknown command whose complement looks like an ACK", SYNC_OK "| > 86 79 < 1F",
     "sync ok, unknown nack/command unsupported-command"},
    {"unknown command whose complement looks like a NACK", SYNC_OK "| > E0 1F < 1F",
     "sync ok, unknown nack/command unsupported-command"},
    {"the same, directions not recorded", "? 7F 79 86 79 1F",
     "sync ok, unknown nack/command unsupported-command"},
    {"unknown command that the device knows (GD32)",
     SYNC_OK "> 06 F9 < 79 03 47 44 33 32 79 " GET_ID,
     "sync ok, unknown ok unknown-command-accepted, get-id ok"},
    /* AN3155 table 3, V3.1: FF 00 would ask for 256 bytes */
    {"missing nack of read-memory", SYNC_OK "> 11 EE < 79 > 60 00 00 00 60 > FF 00 < 1F",
     "sync ok, read-memory no-reply/address, unknown nack/command nack-missing"},
    {"missing nack in the last version that leaves it out, 3.0",
     SYNC_OK "> 01 FE < 79 30 00 00 79 > 11 EE < 79 > 60 00 00 00 60 > FF 00 < 1F",
     "sync ok, get-version ok, read-memory no-reply/address, unknown nack/command nack-missing"},
    {"no nack from a version that sends it, 3.1",
     SYNC_OK "> 01 FE < 79 31 00 00 79 > 11 EE < 79 > 60 00 00 00 60 > FF 00 < 1F",
     "sync ok, get-version ok, read-memory no-reply/address, unknown nack/command "
     "unsupported-command"},
    {"missing nack of write-memory",
     SYNC_OK "> 31 CE < 79 > 60 00 00 00 60 > 03 01 < 1F > 02 03 < 1F > 04 07 < 1F " GET_ID,
     "sync ok, write-memory no-reply/address, unknown nack/command complement-mismatch "
     "nack-missing, get-id nack/command complement-mismatch, unknown nack/command "
     "complement-mismatch, get-id ok"},

    /* Synchronisation */
    {"sync of a device that is synchronised", SYNC_OK "| > 7F > 7F < 1F",
     "sync ok, sync nack/sync already-synced"},
    {"sync of a device that was synchronised before the capture", "> 7F > 7F < 1F " GET_ID,
     "sync nack/sync already-synced, get-id ok"},
    {"sync repeated until the device answers", "> 7F > 7F > 7F < 79", "sync ok sync-repeated"},
    {"sync never answered", "> 7F > 7F > 7F", "sync incomplete/sync sync-repeated"},
    {"sync never answered, directions not recorded", "? 7F", "sync incomplete/sync"},
    {"sync never answered, host goes on", "> 7F > 00 FF",
     "sync no-reply/sync, get incomplete/command"},
    {"sync as half a command, which shifts the next one", SYNC_OK "> 7F > 00 FF < 1F",
     "sync ok, sync no-reply/sync, get nack/command pair-misaligned"},
    {"the same, the device quicker than the complement", "> 7F > 00 < 1F > FF > 7F < 1F " GET_ID,
     "sync no-reply/sync, get nack/command pair-misaligned, sync nack/sync already-synced, "
     "get-id ok"},
    {"glitch before the ack", "| > 7F < 00 79", "sync ok glitch-bytes"},
    {"three stray bytes are a glitch", SYNC_OK "> 02 FD < 80 81 82 79 01 04 13 79",
     "sync ok, get-id ok glitch-bytes"},
    {"four stray bytes are another conversation", SYNC_OK "> 02 FD < 80 81 82 83 79 " GET_ID,
     "sync ok, get-id bad-reply/command not-an-answer, get-id ok host-retry"},
    {"glitch before a nack", SYNC_OK "| > 00 FF < F8 00 1F",
     "sync ok, get nack/command glitch-bytes"},

    /* Answers that are none, or do not come */
    {"neither ack nor nack", SYNC_OK "> 00 FF < 55 " GET_ID,
     "sync ok, get bad-reply/command not-an-answer, get-id ok"},
    {"neither ack nor nack after the reply", SYNC_OK "> 02 FD < 79 01 04 13 55 " GET_ID,
     "sync ok, get-id bad-reply/reply not-an-answer, get-id ok host-retry"},
    {"no answer", SYNC_OK "> 00 FF > 02 FD < 79 01 04 13 79",
     "sync ok, get no-reply/command, get-id ok"},
    {"no answer to the data",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 07 > 02 FD < 79 01 04 13 79",
     "sync ok, write-memory no-reply/data, get-id ok"},
    {"half a reply", SYNC_OK "> 11 EE < 79 " ADDRESS "< 79 > 03 FC < 79 DE AD " GET_ID,
     "sync ok, read-memory no-reply/data reply-short, get-id ok"},
    {"host retries", SYNC_OK "> 02 FD " GET_ID,
     "sync ok, get-id no-reply/command, get-id ok host-retry"},
    {"host retries at the same address",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 08 < 1F " WRITE_4,
     "sync ok, write-memory nack/checksum checksum-mismatch, write-memory ok host-retry"},
    {"host erases other pages after a nack: no retry",
     SYNC_OK "> 44 BB < 79 > FF FF 00 < 1F > 44 BB < 79 > 00 00 00 01 01 < 79",
     "sync ok, extended-erase nack/data of-all, extended-erase ok"},
    {"host erases the same pages after a nack",
     SYNC_OK "> 44 BB < 79 > 00 00 00 01 01 < 1F > 44 BB < 79 > 00 00 00 01 01 < 79",
     "sync ok, extended-erase nack/data, extended-erase ok host-retry"},
    {"host erases as many other pages after a nack: no retry",
     SYNC_OK "> 44 BB < 79 > 00 01 00 01 00 02 02 < 1F > 44 BB < 79 > 00 01 00 03 00 05 07 < 79",
     "sync ok, extended-erase nack/data, extended-erase ok"},
    {"late answer before the next command is complete",
     SYNC_OK "> 44 BB < 79 > FF FF 00 > 02 < 79 > FD < 79 01 04 13 79",
     "sync ok, extended-erase no-reply/data of-all, get-id ok late-answer"},
    {"late answer after the next command",
     SYNC_OK "> 44 BB < 79 > FF FF 00 > 02 FD < 79 79 01 04 13 79",
     "sync ok, extended-erase no-reply/data of-all, get-id ok late-answer"},
    {"late answer before the address",
     SYNC_OK "> 44 BB < 79 > FF FF 00 > 11 EE < 79 79 " ADDRESS "< 79 > 00 FF < 79 AA",
     "sync ok, extended-erase no-reply/data of-all, read-memory ok late-answer"},
    {"late answer, then the real one, which is a nack",
     SYNC_OK "> 44 BB < 79 > FF FF 00 > 02 FD < 79 1F > 01 FE < 79 31 00 00 79",
     "sync ok, extended-erase no-reply/data of-all, get-id nack/command late-answer, "
     "get-version ok"},
    {"late nack, then the real answer",
     SYNC_OK "> 44 BB < 79 > FF FF 00 > 02 FD < 1F 79 01 04 13 79",
     "sync ok, extended-erase no-reply/data of-all, get-id nack/command, get-id ok late-answer"},
    {"answer where none is due", SYNC_OK READ_4 "< 79 " GET_ID,
     "sync ok, read-memory ok, get-id ok, +surplus-answer"},

    /* Other traffic on the line */
    {"echo of the host's bytes",
     "> 7F < 7F 79 > 02 FD < 02 FD 79 01 04 13 79 > 21 DE < 21 DE 79 " ADDRESS
     "< 08 00 00 00 08 79",
     "sync ok echo, get-id ok, go ok"},
    /* Katapult's protocol.md: the CRC of 11 00 is 7CF1. One wrong byte, and it is not that. */
    {"another bootloader is asked for", "> 01 88 11 00 F1 7C 99 03",
     "+other-bootloader+skipped-bytes"},
    {"the same after a frame that broke off", "> 01 88 01 88 11 00 F1 7C 99 03",
     "+other-bootloader+skipped-bytes"},
    {"a frame of another kind", "> 01 88 11 00 F1 7D 99 03", "+skipped-bytes"},
    {"text of an application, then the bootloader", "< 42 6F 6F 74 79 0D 0A > 7F < 79",
     "sync ok, +application-text"},
    {"text of an application instead of an answer", "> 7F < 52 65 61 64 79 0D 0A > 7F < 79",
     "sync bad-reply/sync application-text not-an-answer, sync ok"},
    {"text of the application after go",
     SYNC_OK "> 21 DE < 79 " ADDRESS "< 79 48 65 6C 6C 6F 20 79 6F 75 0D 0A",
     "sync ok, go ok, +application-text"},
    {"stream joined in the middle of data", "> 12 34 56 78 9A BC < 79 " WRITE_4,
     "write-memory ok, +skipped-bytes"},
    {"stream joined between commands", GET_ID, "get-id ok"},
    {"garbage in a session", SYNC_OK "> 12 34 56 78 9A BC > 02 FD < 79 01 04 13 79",
     "sync ok, get-id ok, +out-of-step"},
    {"nothing but garbage", "> 12 34 56 < 01 02", "+skipped-bytes"},
    {"nothing but half a command", "> 00", "+skipped-bytes"},
    {"nothing but half a command, and the adapter gone", "> 00 !gone", "+skipped-bytes"},

    /* Line errors */
    /* What was noted of a byte that proves to begin no command belongs to none */
    {"errors on half a command", "> 00 !parity !framing",
     "+parity-error+framing-error+skipped-bytes"},
    {"an error on a byte that no complement follows", "> 00 !parity > 00",
     "+parity-error+skipped-bytes"},
    {"an error on a byte that the device cuts short", "> 00 !break < 55", "+break+skipped-bytes"},
    {"lost behind half a command", SYNC_OK "> 02 !lost>1 " GET_ID,
     "sync ok, get-id ok, +bytes-lost, +out-of-step"},
    {"an error on a command's first byte", SYNC_OK "> 02 !parity > FD < 79 01 04 13 79",
     "sync ok, get-id ok parity-error"},
    {"an error on half a command that is the last", SYNC_OK "> 02 !parity",
     "sync ok, get-id incomplete/command parity-error"},
    {"parity error", SYNC_OK "> 02 FD !parity < 79 01 04 13 79", "sync ok, get-id ok parity-error"},
    {"framing error and break", "!framing !break > 7F < 79", "sync ok, +framing-error, +break"},
    {"overflow of the receiver, answer lost", SYNC_OK "> 02 FD !overflow< > 00 FF < 1F",
     "sync ok, get-id incomplete/command overflow, get nack/command"},
    {"host bytes lost within a payload, told how many",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 !lost>2 > 04 07 < 79",
     "sync ok, write-memory ok bytes-lost"},
    /* As a snapshot length cuts it: 03 and two of four bytes are there, two and the XOR are not */
    {"the end of a payload and its checksum lost, told how many, behind 0x7F",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 7F !lost>3 < 79 " GET_ID,
     "sync ok, write-memory ok bytes-lost, get-id ok"},
    {"the end of a payload and its checksum lost, told how many, behind what looks like a command",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 02 FD !lost>3 < 1F " GET_ID,
     "sync ok, write-memory nack/data bytes-lost, get-id ok"},
    {"the end of a list of pages and its checksum lost, told how many",
     SYNC_OK "> 44 BB < 79 > 00 01 00 7F !lost>3 < 79 " GET_ID,
     "sync ok, extended-erase ok bytes-lost, get-id ok"},
    {"all of the data lost, told, with their length",
     SYNC_OK "> 31 CE < 79 " ADDRESS "< 79 !lost>18 < 79 " GET_ID,
     "sync ok, write-memory incomplete/length bytes-lost, get-id ok"},
    {"all of an address lost, told", SYNC_OK "> 31 CE < 79 !lost>5 < 79 !lost>18 < 79 " GET_ID,
     "sync ok, write-memory incomplete/length bytes-lost bytes-lost, get-id ok"},
    {"all of an address lost, told, and refused", SYNC_OK "> 31 CE < 79 !lost>5 < 1F " GET_ID,
     "sync ok, write-memory nack/address bytes-lost, get-id ok"},
    {"a checksum lost, told", SYNC_OK "> 11 EE < 79 > 08 00 04 00 !lost>1 < 79 > 00 FF < 79 AA",
     "sync ok, read-memory ok bytes-lost"},
    {"the end of a payload lost, nobody knows how many, behind 0x7F",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 7F !lost> < 79 " GET_ID,
     "sync ok, write-memory ok bytes-lost bytes-missing, get-id ok"},
    {"host bytes lost within a payload, not told",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 < 79 " GET_ID,
     "sync ok, write-memory ok bytes-missing, get-id ok"},
    {"device bytes lost within a reply, told how many",
     SYNC_OK "> 11 EE < 79 " ADDRESS "< 79 > 03 FC < 79 DE !lost<2 < EF " GET_ID,
     "sync ok, read-memory ok bytes-lost, get-id ok"},
    {"device bytes lost within a reply, nobody knows how many",
     SYNC_OK "> 11 EE < 79 " ADDRESS "< 79 > 03 FC < 79 DE !lost< " GET_ID,
     "sync ok, read-memory incomplete/data bytes-lost reply-short, get-id ok"},
    {"adapter gone in a payload, between commands, and a session behind it",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 !gone > 7F < 79 " GET_ID " !gone",
     "sync ok, write-memory disconnected/data, sync ok, get-id ok"},
    {"adapter gone while an answer is due, and in half a command",
     SYNC_OK "> 02 FD !gone > 7F < 79 > 02 !gone",
     "sync ok, get-id disconnected/command, sync ok, get-id disconnected/command"},
    /* 3 of 8 bytes and their checksum, then 7F 7F 00 FF to wake the device: 8 bytes, wrong XOR */
    {"fewer data bytes than announced, the device swallows the next command",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 07 01 02 03 07 > 7F > 7F > 00 FF > 00 < 1F "
             "> 02 FD < 79 01 04 13 79",
     "sync ok, write-memory nack/checksum checksum-mismatch data-short, get-id ok"},
    /* 8 bytes again: 3, their checksum, four 0x7F; a fifth in place of the checksum 00 */
    {"fewer data bytes than announced, the device swallows the host's 0x7F",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 07 01 02 03 07 > 7F > 7F > 7F > 7F > 7F < 1F "
             "> 02 FD < 79 01 04 13 79",
     "sync ok, write-memory nack/checksum checksum-mismatch data-short, get-id ok"},
    {"fewer pages than announced, silence", SYNC_OK "> 44 BB < 79 > 00 05 00 01 00 02 06 > 00 FF",
     "sync ok, extended-erase incomplete/data data-short"},
    {"the device follows a command that the host sends within a payload",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 07 01 02 > 02 FD < 79 01 04 13 79",
     "sync ok, write-memory incomplete/data data-short, get-id ok"},

    /* The count is 4, as if it were not less one; 04 01 02 03 04 give 00, which is taken for data
     */
    {"a count that is one too large, and 0x7F in place of the checksum",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 04 01 02 03 04 00 > 7F < 79 "
             "> 02 FD < 79 01 04 13 79",
     "sync ok, write-memory no-reply/checksum unaligned-length checksum-mismatch data-short "
     "count-too-large, sync ok, get-id ok"},
    {"a count that is one too large, and nothing more",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 04 01 02 03 04 00",
     "sync ok, write-memory incomplete/checksum unaligned-length count-too-large"},
    {"a checksum that misses, where the count is right",
     SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 05",
     "sync ok, write-memory incomplete/checksum"},

    /* Bytes of the host where the device owes an answer */
    {"a byte behind 0x7F: the device is one byte ahead from then on",
     "> 7F 80 < 79 > 00 < 1F > FF > 02 < 1F > FD",
     "sync ok stray-bytes, get nack/command nack-early, get-id nack/command nack-early"},
    {"the same in a record of its own", "> 7F > 80 < 79 > 02 < 1F > FD",
     "sync ok stray-bytes, get-id nack/command nack-early"},
    {"CR and LF behind a command: a pair that is refused",
     SYNC_OK "> 02 FD 0D 0A < 79 01 04 13 79 1F > 02 FD 0D 0A < 79 01 04 13 79 1F",
     "sync ok, get-id ok stray-bytes, get-id ok stray-bytes, +surplus-answer, +surplus-answer"},
    {"a byte behind an address", SYNC_OK "> 21 DE < 79 > 08 00 00 00 08 0A < 79",
     "sync ok, go ok stray-bytes"},
    {"no answer to 0x7F, and a command at once: no stray bytes", "> 7F > 02 FD < 79 01 04 13 79",
     "sync no-reply/sync, get-id ok"},

    /* The last byte */
    {"a wrong byte where the capture ends", SYNC_OK "> 21 DE < 79 > 08 00 00 00 08 < 3F",
     "sync ok, go bad-reply/address not-an-answer"},
    {"the same in a reply", SYNC_OK "> 02 FD < 79 01 04 13 7B",
     "sync ok, get-id bad-reply/reply not-an-answer"},

    /* Read protection */
    {"refused after the protection was removed",
     SYNC_OK "> 00 FF < 79 01 31 31 79 > 92 6D < 79 79 " SYNC_OK
             "> 00 FF < 79 01 31 31 79 > 31 CE < 1F",
     "sync ok, get ok, readout-unprotect ok, sync ok, get ok, write-memory nack/command"},
    {"refused after a command that the protection disables worked",
     SYNC_OK "> 00 FF < 79 02 31 11 31 79 > 11 EE < 79 > 08 00 00 00 08 < 79 > 00 FF < 79 AA "
             "> 31 CE < 1F",
     "sync ok, get ok, read-memory ok, write-memory nack/command"},

    /* Settings */
    {"port without parity", "!8n1 > 7F < 79 > 00 < 1F",
     "sync ok no-parity, get nack/command nack-early"},
    {"port without parity, then with", "!8n1 !8e1 > 7F < 79", "sync ok"},
    {"port with seven bits", "!7e1 > 7F < 79", "sync ok no-parity"},
    {"port without parity, told once", "!8n1 > 7F < 79 !8n1 " GET_ID,
     "sync ok no-parity, get-id ok"},
    {"port without parity, no bootloader", "!8n1 > 12 34", "+skipped-bytes"},
};

static struct script script;

/** Runs items [0, to) of the script, cut before each position in cuts. */
static void run(struct collector *collector, size_t to, const size_t *cuts, size_t cuts_length)
{
    struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    struct btap_usart usart;
    size_t from = 0;

    collector_init(collector);
    memset(&usart, 0xa5, sizeof(usart)); /* whatever was there before */
    btap_usart_init(&usart, &collector->sink, &link);
    for (size_t i = 0; i < cuts_length; i++) {
        script_feed(&script, from, cuts[i], &usart);
        from = cuts[i];
    }
    script_feed(&script, from, to, &usart);
    btap_usart_finish(&usart);
    for (size_t i = 0; i < collector->transactions_length; i++)
        assert_int_equal(collector->transactions[i].n, i + 1);
}

static void __attribute__((format(printf, 2, 3)))
append(char text[TEXT_MAX], const char *format, ...)
{
    const size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + length, TEXT_MAX - length, format, arguments);
    va_end(arguments);
}

static void append_notes(char text[TEXT_MAX], const struct collector *collector, uint64_t n,
                         const char *before)
{
    for (size_t i = 0; i < collector->notes_length; i++)
        if (collector->notes[i].n == n)
            append(text, "%s%s", before, btap_note_name(collector->notes[i].note.id));
}

static const char *erase_name(enum btap_erase erase)
{
    return erase == BTAP_ERASE_MASS    ? "of-all"
           : erase == BTAP_ERASE_BANK1 ? "of-bank-1"
           : erase == BTAP_ERASE_BANK2 ? "of-bank-2"
                                       : "of-reserved";
}

/** What was collected, in the form of struct vector. */
static void summarise(char text[TEXT_MAX], const struct collector *collector)
{
    text[0] = '\0';
    for (size_t i = 0; i < collector->transactions_length; i++) {
        const struct btap_transaction *transaction = &collector->transactions[i];

        append(text, "%s%s %s", i > 0 ? ", " : "", btap_command_name(transaction->command),
               btap_status_name(transaction->status));
        if (transaction->phase != BTAP_PHASE_NONE)
            append(text, "/%s", btap_phase_name(transaction->phase));
        if (transaction->erase > BTAP_ERASE_PAGES)
            append(text, " %s", erase_name(transaction->erase));
        append_notes(text, collector, transaction->n, " ");
    }
    append_notes(text, collector, 0, collector->transactions_length > 0 ? ", +" : "+");
}

static void check(const struct vector *vector, const struct collector *collector)
{
    char actual[TEXT_MAX];

    summarise(actual, collector);
    if (strcmp(actual, vector->expected) != 0)
        fail_msg("%s\n  shows:    %s\n  expected: %s", vector->name, actual, vector->expected);
}

/** Every byte of the script is in exactly one span. */
static void check_coverage(const struct vector *vector, const struct collector *collector)
{
    for (size_t i = 0; i < script.length; i++) {
        const struct btap_origin *at = &script.items[i].at;
        unsigned covered = 0;

        if (script.items[i].is_event)
            continue;
        for (size_t j = 0; j < collector->spans_length; j++) {
            const struct btap_span *span = &collector->spans[j].span;

            covered += span->packet == at->packet && span->offset <= at->offset &&
                       at->offset < span->offset + span->length;
        }
        if (covered != 1)
            fail_msg("%s: byte %u is in %u spans", vector->name, (unsigned)i, covered);
    }
}

static void vectors_decode_as_the_note_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct collector collector;

        script_parse(&script, vectors[i].script);
        run(&collector, script.length, NULL, 0);
        check(&vectors[i], &collector);
        check_coverage(&vectors[i], &collector);
        collector_release(&collector);
    }
}

static void vectors_decode_the_same_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct collector whole;
        struct collector cut;
        size_t every[SCRIPT_MAX];

        script_parse(&script, vectors[i].script);
        run(&whole, script.length, NULL, 0);
        for (size_t a = 0; a < script.length; a++) {
            every[a] = a;
            for (size_t b = a; b < script.length; b++) {
                run(&cut, script.length, (const size_t[]){a, b}, 2);
                collector_assert_same(&whole, &cut);
                collector_release(&cut);
            }
        }
        run(&cut, script.length, every, script.length);
        collector_assert_same(&whole, &cut);
        check_coverage(&vectors[i], &cut);
        collector_release(&cut);
        collector_release(&whole);
    }
}

/** Whether a script is cut behind a byte of the device that is no answer, and is told as that. */
static bool ends_in_stray(const struct script *cut, size_t end, const struct collector *collector)
{
    const struct script_item *last = &cut->items[end - 1];

    return collector->transactions[collector->transactions_length - 1].status == BTAP_BAD_REPLY &&
           last->direction == BTAP_DEVICE_TO_HOST && last->byte != 0x79 && last->byte != 0x1f;
}

/** Everything from `|` on is one command: cut short anywhere, it is incomplete. */
static void prefixes_are_incomplete(void **state)
{
    unsigned checked = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct collector before;
        struct collector collector;
        size_t end;

        script_parse(&script, vectors[i].script);
        if (strchr(vectors[i].script, '|') == NULL)
            continue;
        run(&before, script.marked, NULL, 0);
        for (end = script.marked + 1; end < script.length; end++) {
            run(&collector, end, NULL, 0);
            if (collector.transactions_length > before.transactions_length + 1 ||
                (collector.transactions[before.transactions_length].status != BTAP_INCOMPLETE &&
                 !ends_in_stray(&script, end, &collector)))
                break;
            assert_int_equal(collector.transactions_length, before.transactions_length + 1);
            assert_int_not_equal(collector.transactions[before.transactions_length].phase,
                                 BTAP_PHASE_NONE);
            collector_release(&collector);
            checked++;
        }
        /* What ends the command early is its outcome already, or what follows it. */
        if (end < script.length) {
            char actual[TEXT_MAX];

            summarise(actual, &collector);
            if (strcmp(actual, vectors[i].expected) != 0)
                fail_msg("%s: cut at %u it shows %s", vectors[i].name, (unsigned)end, actual);
            collector_release(&collector);
        }
        collector_release(&before);
    }
    assert_true(checked > 300);
}

static void every_prefix_of_every_vector_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        script_parse(&script, vectors[i].script);
        for (size_t end = 0; end < script.length; end++) {
            struct collector collector;

            run(&collector, end, NULL, 0);
            collector_release(&collector);
        }
    }
}

/** Healthy sessions, whose transactions must come out whatever the capture calls directions. */
#define SESSION                                                                                    \
    SYNC_OK GET GET_ID READ_4 WRITE_4 "> 44 BB < 79 > 00 01 00 02 00 03 00 < 79 " CRC_TO_INITIAL   \
                                      "< 79 79 12 34 56 78 08 > 92 6D < 79 79"

static void directions_are_inferred(void **state)
{
    static const struct vector session = {
        "session", SESSION,
        "sync ok, get ok, get-id ok, read-memory ok, write-memory ok, extended-erase ok, "
        "get-checksum ok, readout-unprotect ok"};
    static const struct {
        enum btap_direction host;
        enum btap_direction device;
        const char *note;
    } views[] = {
        {BTAP_HOST_TO_DEVICE, BTAP_DEVICE_TO_HOST, ""},
        {BTAP_DIRECTION_UNKNOWN, BTAP_DIRECTION_UNKNOWN, ""},
        {BTAP_HOST_TO_DEVICE, BTAP_HOST_TO_DEVICE, "directions-merged"},
        {BTAP_DEVICE_TO_HOST, BTAP_DEVICE_TO_HOST, "directions-merged"},
        {BTAP_DEVICE_TO_HOST, BTAP_HOST_TO_DEVICE, "directions-swapped"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        struct collector collector;

        script_parse(&script, session.script);
        for (size_t j = 0; j < script.length; j++)
            script.items[j].direction =
                script.items[j].direction == BTAP_HOST_TO_DEVICE ? views[i].host : views[i].device;
        run(&collector, script.length, NULL, 0);
        check_coverage(&session, &collector);
        assert_int_equal(collector.notes_length, views[i].note[0] != '\0');
        if (collector.notes_length > 0)
            assert_string_equal(btap_note_name(collector.notes[0].note.id), views[i].note);
        collector.notes_length = 0;
        check(&session, &collector);
        collector_release(&collector);
    }
}

/** Runs one vector and hands out its last transaction; the collector is the caller's. */
static const struct btap_transaction *last_of(struct collector *collector, const char *text)
{
    script_parse(&script, text);
    run(collector, script.length, NULL, 0);
    assert_true(collector->transactions_length > 0);
    return &collector->transactions[collector->transactions_length - 1];
}

static void get_tells_version_and_commands(void **state)
{
    static const uint16_t commands[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31,
                                        0x44, 0x63, 0x73, 0x82, 0x92};
    struct collector collector;
    const struct btap_transaction *get = last_of(&collector, SYNC_OK GET);

    (void)state;
    assert_int_equal(get->has, BTAP_HAS_OPCODE | BTAP_HAS_VERSION);
    assert_int_equal(get->opcode, 0x00);
    assert_int_equal(get->version, 0x31);
    assert_int_equal(get->list_kind, BTAP_LIST_COMMANDS);
    assert_int_equal(get->list_announced, 11);
    assert_int_equal(get->list_length, 11);
    assert_memory_equal(get->list, commands, sizeof(commands));
    assert_int_equal(get->first_packet, 3);
    assert_int_equal(get->last_packet, 4);
    assert_int_equal(get->time, 3000000);
    assert_int_equal(get->duration, 1000000);
    collector_release(&collector);
}

static void get_version_tells_option_bytes(void **state)
{
    struct collector collector;
    const struct btap_transaction *version =
        last_of(&collector, SYNC_OK "> 01 FE < 79 22 05 07 79");

    (void)state;
    assert_int_equal(version->has, BTAP_HAS_OPCODE | BTAP_HAS_VERSION | BTAP_HAS_OPTION_BYTES);
    assert_int_equal(version->version, 0x22);
    assert_int_equal(version->option_bytes[0], 0x05);
    assert_int_equal(version->option_bytes[1], 0x07);
    collector_release(&collector);
}

static void get_id_tells_the_product(void **state)
{
    struct collector collector;

    (void)state;
    assert_int_equal(last_of(&collector, SYNC_OK GET_ID)->pid, 0x413);
    collector_release(&collector);
    assert_int_equal(last_of(&collector, SYNC_OK "> 02 FD < 79 03 47 44 33 32 79")->pid,
                     0x47443332);
    collector_release(&collector);
}

static void read_and_write_tell_address_and_data(void **state)
{
    struct collector collector;
    const struct btap_transaction *write = last_of(&collector, SYNC_OK READ_4 WRITE_4);
    const struct btap_transaction *read = &collector.transactions[1];

    (void)state;
    assert_int_equal(read->address, 0x08000000);
    assert_int_equal(read->length, 4);
    assert_int_equal(read->transferred, 4);
    assert_int_equal(write->address, 0x08000400);
    assert_int_equal(write->length, 4);
    assert_int_equal(write->transferred, 4);
    assert_int_equal(collector.data_length, 2);
    assert_false(collector.data[0].data.written);
    assert_int_equal(collector.data[0].data.address, 0x08000000);
    assert_memory_equal(collector.data[0].data.bytes, "\xDE\xAD\xBE\xEF", 4);
    assert_true(collector.data[1].data.written);
    assert_int_equal(collector.data[1].data.address, 0x08000400);
    assert_int_equal(collector.data[1].data.n, 3);
    assert_memory_equal(collector.data[1].data.bytes, "\x01\x02\x03\x04", 4);
    collector_release(&collector);
}

static void data_behind_a_gap_keeps_its_address(void **state)
{
    struct collector collector;

    (void)state;
    last_of(&collector, SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 !lost>2 > 04 07 < 79");
    assert_int_equal(collector.data_length, 2);
    assert_int_equal(collector.data[1].data.address, 0x08000403);
    assert_int_equal(collector.data[1].data.length, 1);
    assert_int_equal(collector.transactions[1].transferred, 2);
    collector_release(&collector);
}

static void erase_tells_pages_and_codes(void **state)
{
    static const struct {
        const char *script;
        enum btap_erase erase;
        uint32_t pages;
        uint16_t last;
    } cases[] = {
        {SYNC_OK "> 43 BC < 79 > 01 03 05 07 < 79", BTAP_ERASE_PAGES, 2, 5},
        {SYNC_OK "> 43 BC < 79 > FF 00 < 79", BTAP_ERASE_MASS, 0, 0},
        {SYNC_OK "> 44 BB < 79 > 00 01 00 02 01 03 01 < 79", BTAP_ERASE_PAGES, 2, 0x103},
        {SYNC_OK "> 44 BB < 79 > FF FF 00 < 79", BTAP_ERASE_MASS, 0, 0},
        {SYNC_OK "> 44 BB < 79 > FF FE 01 < 79", BTAP_ERASE_BANK1, 0, 0},
        {SYNC_OK "> 44 BB < 79 > FF FD 02 < 79", BTAP_ERASE_BANK2, 0, 0},
        {SYNC_OK "> 44 BB < 79 > FF FC 03 < 1F", BTAP_ERASE_RESERVED, 0, 0},
        {SYNC_OK "> 44 BB < 79 > FF F0 0F < 1F", BTAP_ERASE_RESERVED, 0, 0},
        /* What CubeProgrammer 2.13 sends on F103: page 0 is erased too */
        {SYNC_OK "> 43 BC < 79 > 03 01 03 05 00 04 < 79", BTAP_ERASE_PAGES, 4, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct collector collector;
        const struct btap_transaction *erase = last_of(&collector, cases[i].script);

        assert_int_equal(erase->erase, cases[i].erase);
        assert_int_equal(erase->list_announced, cases[i].pages);
        assert_int_equal(erase->list_length, cases[i].pages);
        assert_int_equal(erase->list_kind, cases[i].pages > 0 ? BTAP_LIST_PAGES : BTAP_LIST_NONE);
        if (cases[i].pages > 0)
            assert_int_equal(erase->list[cases[i].pages - 1], cases[i].last);
        collector_release(&collector);
    }
}

/* Of 03, four bytes and their XOR the last is not in the capture; then the last three. */
static void bytes_that_are_missing_are_counted(void **state)
{
    static const struct {
        const char *script;
        uint32_t missing;
    } cases[] = {
        {SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 < 79", 1},
        {SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 < 79", 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct collector collector;
        const struct btap_transaction *write = last_of(&collector, cases[i].script);

        assert_int_equal(write->notes_length, 1);
        assert_int_equal(write->notes[0].id, BTAP_NOTE_BYTES_MISSING);
        assert_int_equal(write->notes[0].arg[0], cases[i].missing);
        collector_release(&collector);
    }
}

static void write_protect_tells_sectors(void **state)
{
    struct collector collector;
    const struct btap_transaction *protect =
        last_of(&collector, SYNC_OK "> 63 9C < 79 > 01 00 01 00 < 79");

    (void)state;
    assert_int_equal(protect->list_kind, BTAP_LIST_SECTORS);
    assert_int_equal(protect->list_length, 2);
    assert_int_equal(protect->list[0], 0);
    assert_int_equal(protect->list[1], 1);
    collector_release(&collector);
}

static void get_checksum_tells_crc_and_parameters(void **state)
{
    struct collector collector;
    const struct btap_transaction *crc =
        last_of(&collector, SYNC_OK CRC_TO_INITIAL "< 79 79 12 34 56 78 08");

    (void)state;
    assert_int_equal(crc->has, BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH |
                                   BTAP_HAS_POLYNOMIAL | BTAP_HAS_INITIAL | BTAP_HAS_CHECKSUM);
    assert_int_equal(crc->length, 0x100 * 4);
    assert_int_equal(crc->polynomial, 0x04c11db7);
    assert_int_equal(crc->initial, 0xffffffff);
    assert_int_equal(crc->checksum, 0x12345678);
    collector_release(&collector);
    /* A CRC that begins like an ACK, without one before it: told once nothing more comes */
    crc = last_of(&collector, SYNC_OK CRC_TO_INITIAL "< 79 79 34 56 78 63");
    assert_int_equal(crc->status, BTAP_OK);
    assert_int_equal(crc->checksum, 0x79345678);
    collector_release(&collector);
}

static void special_tells_its_packets(void **state)
{
    struct collector collector;
    const struct btap_transaction *special =
        last_of(&collector, SYNC_OK
                "> 50 AF < 79 > 00 11 11 < 79 > 00 02 AA 55 FD < 79 00 03 01 02 03 00 01 2A 79");

    (void)state;
    assert_int_equal(special->subcommand, 0x0011);
    assert_int_equal(special->sent_length, 2);
    assert_int_equal(special->received_length, 3);
    assert_int_equal(special->special_status_length, 1);
    assert_int_equal(special->special_status[0], 0x2a);
    assert_int_equal(special->transferred, 5);
    assert_int_equal(collector.data_length, 0);
    collector_release(&collector);
    special = last_of(&collector, SYNC_OK "> 51 AE < 79 > 00 11 11 < 79 > 00 01 AA AB < 79 "
                                          "> 00 04 01 02 03 04 00 < 79 00 02 00 07 79");
    assert_int_equal(special->sent_length, 1);
    assert_int_equal(special->sent2_length, 4);
    assert_int_equal(special->special_status_length, 2);
    assert_int_equal(special->special_status[1], 7);
    collector_release(&collector);
}

/** One span as a row of the table below. */
struct told {
    enum btap_field field;
    uint32_t length;
    uint64_t value;
    uint64_t n;
    bool bad;
};

static void spans_mark_every_field(void **state)
{
    static const struct told expected[] = {
        {BTAP_FIELD_SYNC, 1, 0x7f, 1, false},     {BTAP_FIELD_ANSWER, 1, 0x79, 1, false},
        {BTAP_FIELD_OPCODE, 1, 0x31, 2, false},   {BTAP_FIELD_COMPLEMENT, 1, 0xce, 2, false},
        {BTAP_FIELD_ANSWER, 1, 0x79, 2, false},   {BTAP_FIELD_ADDRESS, 4, 0x08000400, 2, false},
        {BTAP_FIELD_CHECKSUM, 1, 0x0c, 2, false}, {BTAP_FIELD_ANSWER, 1, 0x79, 2, false},
        {BTAP_FIELD_BYTE_COUNT, 1, 3, 2, false},  {BTAP_FIELD_DATA, 4, 0, 2, false},
        {BTAP_FIELD_CHECKSUM, 1, 0x08, 2, true},  {BTAP_FIELD_ANSWER, 1, 0x1f, 2, false},
    };
    struct collector collector;

    (void)state;
    last_of(&collector, SYNC_OK "> 31 CE < 79 > 08 00 04 00 0C < 79 > 03 01 02 03 04 08 < 1F");
    assert_int_equal(collector.spans_length, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct btap_span *span = &collector.spans[i].span;

        assert_int_equal(span->field, expected[i].field);
        assert_int_equal(span->length, expected[i].length);
        assert_int_equal(span->value, expected[i].value);
        assert_int_equal(span->n, expected[i].n);
        assert_int_equal(span->bad, expected[i].bad);
        assert_true(span->last);
    }
    assert_int_equal(collector.spans[5].span.packet, 5);
    assert_int_equal(collector.spans[5].span.offset, 12);
    assert_int_equal(collector.spans[6].span.offset, 16);
    assert_int_equal(collector.spans[2].copy[0], 0x31);
    collector_release(&collector);
}

/* 3.8: N pages less 1, 0xFFFE is bank 1; 3.7: 0xFF is everything. However the line is cut. */
static void erase_codes_are_no_counts(void **state)
{
    static const struct {
        const char *bytes;
        enum btap_field field;
        uint64_t value;
    } cases[] = {
        {"> 44 BB < 79 > 00 01 00 03 00 04 06 < 79", BTAP_FIELD_PAGES_LESS_1, 1},
        {"> 44 BB < 79 > FF FE 01 < 79", BTAP_FIELD_ERASE_CODE, 0xfffe},
        {"> 44 BB < 79 > FF > FE > 01 < 79", BTAP_FIELD_ERASE_CODE, 0xfffe},
        {"> 43 BC < 79 > FF 00 < 79", BTAP_FIELD_ERASE_CODE, 0xff},
        {"> 43 BC < 79 > 01 03 04 06 < 79", BTAP_FIELD_PAGES_LESS_1, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct collector collector;
        char session[80];
        size_t last = 5; /* behind the synchronisation and the command, each with its answer */

        snprintf(session, sizeof(session), SYNC_OK "%s", cases[i].bytes);
        last_of(&collector, session);
        assert_int_equal(collector.spans[last].span.field, cases[i].field);
        if (!collector.spans[last].span.last)
            last++;
        assert_int_equal(collector.spans[last].span.field, cases[i].field);
        assert_int_equal(collector.spans[last].span.value, cases[i].value);
        collector_release(&collector);
    }
}

static void notes_name_their_values(void **state)
{
    struct collector collector;
    char text[BTAP_NOTE_TEXT_SIZE];

    (void)state;
    last_of(&collector, SYNC_OK "> 00 FE < 1F");
    assert_string_equal(btap_note_text(&collector.notes[0].note, text, sizeof(text)),
                        "0xfe is not the complement of 0x00");
    assert_int_equal(collector.notes[0].note.packet, 3);
    collector_release(&collector);
    last_of(&collector, SYNC_OK "> 21 DE < 79 > 08 00 00 00 09 < 1F");
    assert_string_equal(btap_note_text(&collector.notes[0].note, text, sizeof(text)),
                        "the host's checksum is 0x09, its bytes give 0x08");
    collector_release(&collector);
    last_of(&collector, "> 12 34 56 < 79 > 7F < 79");
    assert_string_equal(btap_note_text(&collector.notes[0].note, text, sizeof(text)),
                        "4 bytes belong to no command");
    assert_int_equal(collector.notes[0].note.packet, 1);
    collector_release(&collector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_decode_as_the_note_says),
        cmocka_unit_test(vectors_decode_the_same_however_they_are_cut),
        cmocka_unit_test(prefixes_are_incomplete),
        cmocka_unit_test(every_prefix_of_every_vector_is_survived),
        cmocka_unit_test(directions_are_inferred),
        cmocka_unit_test(get_tells_version_and_commands),
        cmocka_unit_test(get_version_tells_option_bytes),
        cmocka_unit_test(get_id_tells_the_product),
        cmocka_unit_test(read_and_write_tell_address_and_data),
        cmocka_unit_test(data_behind_a_gap_keeps_its_address),
        cmocka_unit_test(erase_tells_pages_and_codes),
        cmocka_unit_test(bytes_that_are_missing_are_counted),
        cmocka_unit_test(write_protect_tells_sectors),
        cmocka_unit_test(get_checksum_tells_crc_and_parameters),
        cmocka_unit_test(special_tells_its_packets),
        cmocka_unit_test(spans_mark_every_field),
        cmocka_unit_test(erase_codes_are_no_counts),
        cmocka_unit_test(notes_name_their_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
