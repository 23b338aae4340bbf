/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/fault_tables.h"

#include <string.h>

/* -- usart: AN3155 -- */

enum {
    U_COMMAND = 1u << 0,
    U_ADDRESS = 1u << 1,
    U_LENGTH = 1u << 2,
    U_DATA = 1u << 3,
    U_POLYNOMIAL = 1u << 4,
    U_INITIAL = 1u << 5,
    U_SUBCOMMAND = 1u << 6,
    U_SECOND_DATA = 1u << 7,
    U_OPERATION = 1u << 8,
    U_REPLY = 1u << 9,
    U_SYNC = 1u << 10,
};

static const struct fault_phase usart_phases[] = {
    {"command", USART_COMMAND},
    {"address", USART_ADDRESS},
    {"length", USART_LENGTH},
    {"data", USART_DATA},
    {"polynomial", USART_POLYNOMIAL},
    {"initial", USART_INITIAL},
    {"subcommand", USART_SUBCOMMAND},
    {"second-data", USART_SECOND_DATA},
    {"operation", USART_OPERATION},
    {"reply", USART_REPLY},
    {"sync", USART_SYNC},
    {NULL, 0},
};

static const struct fault_command usart_commands[] = {
    {"sync", FAULT_ANY_COMMAND, U_SYNC},
    {"get", 0x00, U_COMMAND | U_REPLY},
    {"get-version", 0x01, U_COMMAND | U_REPLY},
    {"get-id", 0x02, U_COMMAND | U_REPLY},
    {"read-memory", 0x11, U_COMMAND | U_ADDRESS | U_LENGTH | U_REPLY},
    {"go", 0x21, U_COMMAND | U_ADDRESS},
    {"write-memory", 0x31, U_COMMAND | U_ADDRESS | U_DATA},
    {"erase", 0x43, U_COMMAND | U_DATA},
    {"extended-erase", 0x44, U_COMMAND | U_DATA},
    {"special", 0x50, U_COMMAND | U_SUBCOMMAND | U_DATA | U_REPLY},
    {"extended-special", 0x51, U_COMMAND | U_SUBCOMMAND | U_DATA | U_SECOND_DATA | U_REPLY},
    {"write-protect", 0x63, U_COMMAND | U_DATA},
    {"write-unprotect", 0x73, U_COMMAND | U_OPERATION},
    {"readout-protect", 0x82, U_COMMAND | U_OPERATION},
    {"readout-unprotect", 0x92, U_COMMAND | U_OPERATION},
    {"get-checksum", 0xA1,
     U_COMMAND | U_ADDRESS | U_LENGTH | U_POLYNOMIAL | U_INITIAL | U_OPERATION | U_REPLY},
    {"any", FAULT_ANY_COMMAND, ~(unsigned)U_SYNC},
    {NULL, 0, 0},
};

static const struct fault_kind usart_kinds[] = {
    {"nack", USART_NACK, FAULT_NO_VALUE, true, 0, FAULT_ANSWERS, "NACK in place of the ACK"},
    {"two-nacks", USART_NACK_TWICE, FAULT_NO_VALUE, true, 0, FAULT_ANSWERS,
     "two NACKs, as some products under read protection"},
    {"silence", USART_SILENCE, FAULT_NO_VALUE, true, 0, FAULT_ANYWHERE, "no answer at all"},
    {"late", USART_LATE, FAULT_MS, false, 0, FAULT_ANSWERS, "the ACK comes after so many ms"},
    {"byte", USART_GARBAGE, FAULT_BYTE, false, 0, FAULT_ANSWERS,
     "this byte in place of the ACK: `byte=0x55`"},
    {"stray", USART_GLITCH, FAULT_BYTE, true, 0x00, FAULT_ANSWERS,
     "one more byte before the ACK, 0x00 or `=BYTE`"},
    {"surplus", USART_SURPLUS, FAULT_BYTE, true, 0x00, FAULT_ANSWERS,
     "one more byte after the ACK, 0x00 or `=BYTE`"},
    {"wrong", USART_WRONG, FAULT_BYTE, true, 0x01, FAULT_REPLIES,
     "the last byte of what a command sends has wrong bits, 0x01 or `=MASK`"},
    {"short", USART_SHORT, FAULT_COUNT, true, 1, FAULT_REPLIES,
     "what a command sends lacks its last byte, or `=COUNT` of them"},
    {"unplug", USART_UNPLUG, FAULT_NO_VALUE, true, 0, FAULT_ANYWHERE,
     "the device vanishes in place of the answer"},
    {"lose", 0, FAULT_COUNT, true, 1, FAULT_BYTES,
     "the host's byte number N is lost: `lose#100`, `lose#100-103`"},
    {"flip", 0, FAULT_BYTE, true, 0x01, FAULT_BYTES,
     "the host's byte number N arrives with wrong bits, 0x01 or `=MASK`"},
    {"parity", 0, FAULT_NO_VALUE, true, 0, FAULT_DEVICE,
     "the host sends no parity bit: ACK to the first byte, then NACKs"},
    {NULL, 0, FAULT_NO_VALUE, true, 0, FAULT_DEVICE, NULL},
};

/* -- fdcan: AN5405; can: AN3154 -- */

enum {
    C_COMMAND = 1u << 0,
    C_OPERATION = 1u << 1,
    C_DATA = 1u << 2,
    C_SECOND_DATA = 1u << 3,
    C_REPLY = 1u << 4,
    C_SYNC = 1u << 5,
    C_ADDRESS = 1u << 6,
    C_LENGTH = 1u << 7,
    C_SUBCOMMAND = 1u << 8,
    C_STATUS = 1u << 9,
    C_FRAME = 1u << 10,
    C_END = 1u << 11,
};

static const struct fault_phase can_phases[] = {
    {"command", CAN_COMMAND},
    {"operation", CAN_OPERATION},
    {"data", CAN_DATA},
    {"second-data", CAN_SECOND_DATA},
    {"reply", CAN_REPLY},
    {"sync", CAN_DETECTION},
    {"address", CAN_OPERATION},
    {"length", CAN_OPERATION},
    {"subcommand", CAN_OPERATION},
    {"status", CAN_OPERATION},
    {"data", CAN_DATA_FRAME}, /* where the last answer to data is another phase */
    {"operation", CAN_DATA},
    {NULL, 0},
};

static const struct fault_command fdcan_commands[] = {
    {"sync", FAULT_ANY_COMMAND, C_SYNC},
    {"get", 0x00, C_COMMAND | C_REPLY},
    {"get-version", 0x01, C_COMMAND | C_REPLY},
    {"get-id", 0x02, C_COMMAND | C_REPLY},
    {"read-memory", 0x11, C_COMMAND | C_REPLY},
    {"go", 0x21, C_COMMAND | C_ADDRESS},
    {"write-memory", 0x31, C_COMMAND | C_DATA},
    {"erase", 0x44, C_COMMAND | C_OPERATION | C_LENGTH | C_DATA},
    {"special", 0x50, C_COMMAND | C_SUBCOMMAND | C_DATA | C_STATUS},
    {"extended-special", 0x51, C_COMMAND | C_SUBCOMMAND | C_DATA | C_SECOND_DATA | C_STATUS},
    {"write-protect", 0x63, C_COMMAND | C_OPERATION | C_DATA},
    {"write-unprotect", 0x73, C_COMMAND | C_OPERATION},
    {"readout-protect", 0x82, C_COMMAND | C_OPERATION},
    {"readout-unprotect", 0x92, C_COMMAND | C_OPERATION},
    {"any", FAULT_ANY_COMMAND, C_COMMAND | C_OPERATION | C_DATA | C_SECOND_DATA | C_REPLY},
    {NULL, 0, 0},
};

static const struct fault_command can_commands[] = {
    {"sync", FAULT_ANY_COMMAND, C_SYNC},
    {"get", 0x00, C_COMMAND | C_REPLY},
    {"get-version", 0x01, C_COMMAND | C_REPLY},
    {"get-id", 0x02, C_COMMAND | C_REPLY},
    {"speed", 0x03, C_COMMAND | C_OPERATION},
    {"read-memory", 0x11, C_COMMAND | C_REPLY},
    {"go", 0x21, C_COMMAND},
    {"write-memory", 0x31, C_COMMAND | C_FRAME | C_END},
    {"erase", 0x43, C_COMMAND | C_OPERATION | C_LENGTH | C_DATA},
    {"write-protect", 0x63, C_COMMAND | C_FRAME | C_END},
    {"write-unprotect", 0x73, C_COMMAND | C_OPERATION},
    {"readout-protect", 0x82, C_COMMAND | C_OPERATION},
    {"readout-unprotect", 0x92, C_COMMAND | C_OPERATION},
    {"any", FAULT_ANY_COMMAND, C_COMMAND | C_OPERATION | C_FRAME | C_REPLY},
    {NULL, 0, 0},
};

static const struct fault_kind can_kinds[] = {
    {"nack", CAN_NACK, FAULT_NO_VALUE, true, 0, FAULT_ANSWERS, "NACK in place of the ACK"},
    {"silence", CAN_SILENCE, FAULT_NO_VALUE, true, 0, FAULT_ANYWHERE, "no answer at all"},
    {"late", CAN_LATE, FAULT_MS, false, 0, FAULT_ANSWERS, "the ACK comes after so many ms"},
    {"byte", CAN_GARBAGE, FAULT_BYTE, false, 0, FAULT_ANSWERS,
     "a frame with this byte in place of the ACK: `byte=0x55`"},
    {"wrong", CAN_WRONG, FAULT_BYTE, true, 0x01, FAULT_REPLIES,
     "the last byte of what a command sends has wrong bits, 0x01 or `=MASK`"},
    {"short", CAN_SHORT, FAULT_COUNT, true, 1, FAULT_REPLIES,
     "the last frame of what a command sends lacks a byte, or `=COUNT` of them"},
    {"unplug", CAN_UNPLUG, FAULT_NO_VALUE, true, 0, FAULT_ANYWHERE,
     "the device falls silent for good in place of the answer"},
    {NULL, 0, FAULT_NO_VALUE, true, 0, FAULT_DEVICE, NULL},
};

/* -- dfu: AN3156 -- */

enum {
    D_REQUEST = 1u << 0,
    D_STATUS = 1u << 1,
};

/* The phase is the request: DNLOAD or UPLOAD and the like, or the GETSTATUS that awaits the end. */
static const struct fault_phase dfu_phases[] = {
    {"request", -1},
    {"status", DFU_GETSTATUS},
    {NULL, 0},
};

static const struct fault_command dfu_commands[] = {
    {"get", DFU_COMMAND_GET, D_REQUEST},
    {"set-address", DFU_COMMAND_SET_ADDRESS, D_REQUEST | D_STATUS},
    {"erase", DFU_COMMAND_ERASE, D_REQUEST | D_STATUS},
    {"read-unprotect", DFU_COMMAND_READ_UNPROTECT, D_REQUEST | D_STATUS},
    {"write-memory", DFU_COMMAND_WRITE_MEMORY, D_REQUEST | D_STATUS},
    {"read-memory", DFU_COMMAND_READ_MEMORY, D_REQUEST},
    {"leave", DFU_COMMAND_LEAVE, D_REQUEST | D_STATUS},
    {"clear-status", DFU_COMMAND_CLEAR_STATUS, D_REQUEST},
    {"abort", DFU_COMMAND_ABORT, D_REQUEST},
    {"get-state", DFU_COMMAND_GET_STATE, D_REQUEST},
    {"get-status", DFU_COMMAND_GET_STATUS, D_REQUEST},
    {NULL, 0, 0},
};

static const struct fault_kind dfu_kinds[] = {
    {"stall", DFU_FAULT_STALL, FAULT_NO_VALUE, true, 0, FAULT_ANSWERS,
     "the request is stalled, dfuERROR with errSTALLEDPKT follows"},
    {"error", DFU_FAULT_STATUS, FAULT_STATUS, true, STATUS_VENDOR, FAULT_REQUESTS,
     "the operation ends in dfuERROR with errVENDOR or `=STATUS`: `error=errWRITE`"},
    {"silence", DFU_FAULT_OUTCOME, FAULT_NO_VALUE, true, 0, FAULT_ANSWERS,
     "the transfer is never answered: the host's time-out ends it"},
    {"late", DFU_FAULT_LATE, FAULT_MS, false, 0, FAULT_ANSWERS,
     "the transfer is answered after so many ms"},
    {"busy", DFU_FAULT_BUSY, FAULT_MS, false, 0, FAULT_REQUESTS,
     "the operation takes so many ms in dfuDNBUSY, whatever it announced"},
    {"poll", DFU_FAULT_POLL, FAULT_MS, false, 0, FAULT_REQUESTS,
     "the operation announces so many ms as bwPollTimeout"},
    {"wrong", DFU_FAULT_WRONG, FAULT_BYTE, true, 0x01, FAULT_REPLIES,
     "the last byte of the data has wrong bits, 0x01 or `=MASK`"},
    {"short", DFU_FAULT_SHORT, FAULT_COUNT, true, 1, FAULT_REPLIES,
     "the data lack their last byte, or `=COUNT` of them"},
    {"unplug", DFU_FAULT_LEAVE, FAULT_NO_VALUE, true, 0, FAULT_ANSWERS,
     "the device leaves the bus in place of the answer"},
    {"corrupt", 0, FAULT_NO_VALUE, true, 0, FAULT_DEVICE,
     "the device starts in dfuERROR with errFIRMWARE"},
    {NULL, 0, FAULT_NO_VALUE, true, 0, FAULT_DEVICE, NULL},
};

static const struct fault_tables tables[] = {
    [SIM_USART] = {"usart", usart_kinds, usart_commands, usart_phases, U_REPLY, ~(unsigned)U_REPLY},
    [SIM_DFU] = {"dfu", dfu_kinds, dfu_commands, dfu_phases, D_REQUEST, D_REQUEST | D_STATUS},
    [SIM_FDCAN] = {"fdcan", can_kinds, fdcan_commands, can_phases, C_REPLY, ~(unsigned)C_REPLY},
    [SIM_CAN] = {"can", can_kinds, can_commands, can_phases, C_REPLY, ~(unsigned)C_REPLY},
};

const struct fault_tables *fault_tables_of(enum sim_kind kind)
{
    return &tables[kind];
}

/* DFU 1.1 section 6.1.2, bStatus */
static const char *const statuses[] = {
    "OK",      "errTARGET", "errFILE",    "errWRITE",      "errERASE",    "errCHECK_ERASED",
    "errPROG", "errVERIFY", "errADDRESS", "errNOTDONE",    "errFIRMWARE", "errVENDOR",
    "errUSBR", "errPOR",    "errUNKNOWN", "errSTALLEDPKT",
};

bool fault_status(const char *name, size_t length, uint32_t *status)
{
    for (uint32_t i = 1; i < SIM_COUNT(statuses); i++)
        if (strlen(statuses[i]) == length && strncasecmp(statuses[i], name, length) == 0) {
            *status = i;
            return true;
        }
    return false;
}
