/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/command.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct btap_command_info commands[] = {
    /* AN3155 table 2 */
    {BTAP_USART, BTAP_SYNC, 0x7f, "sync", "Sync"},
    {BTAP_USART, BTAP_GET, 0x00, "get", "Get"},
    {BTAP_USART, BTAP_GET_VERSION, 0x01, "get-version", "Get Version"},
    {BTAP_USART, BTAP_GET_ID, 0x02, "get-id", "Get ID"},
    {BTAP_USART, BTAP_READ_MEMORY, 0x11, "read-memory", "Read Memory"},
    {BTAP_USART, BTAP_GO, 0x21, "go", "Go"},
    {BTAP_USART, BTAP_WRITE_MEMORY, 0x31, "write-memory", "Write Memory"},
    {BTAP_USART, BTAP_ERASE, 0x43, "erase", "Erase"},
    {BTAP_USART, BTAP_EXTENDED_ERASE, 0x44, "extended-erase", "Extended Erase"},
    {BTAP_USART, BTAP_SPECIAL, 0x50, "special", "Special"},
    {BTAP_USART, BTAP_EXTENDED_SPECIAL, 0x51, "extended-special", "Extended Special"},
    {BTAP_USART, BTAP_WRITE_PROTECT, 0x63, "write-protect", "Write Protect"},
    {BTAP_USART, BTAP_WRITE_UNPROTECT, 0x73, "write-unprotect", "Write Unprotect"},
    {BTAP_USART, BTAP_READOUT_PROTECT, 0x82, "readout-protect", "Readout Protect"},
    {BTAP_USART, BTAP_READOUT_UNPROTECT, 0x92, "readout-unprotect", "Readout Unprotect"},
    {BTAP_USART, BTAP_GET_CHECKSUM, 0xa1, "get-checksum", "Get Checksum"},
    /* AN5405 section 1 and table 2 */
    {BTAP_FDCAN, BTAP_SYNC, -1, "sync", "Sync"},
    {BTAP_FDCAN, BTAP_GET, 0x00, "get", "Get"},
    {BTAP_FDCAN, BTAP_GET_VERSION, 0x01, "get-version", "Get Version"},
    {BTAP_FDCAN, BTAP_GET_ID, 0x02, "get-id", "Get ID"},
    {BTAP_FDCAN, BTAP_READ_MEMORY, 0x11, "read-memory", "Read Memory"},
    {BTAP_FDCAN, BTAP_GO, 0x21, "go", "Go"},
    {BTAP_FDCAN, BTAP_WRITE_MEMORY, 0x31, "write-memory", "Write Memory"},
    {BTAP_FDCAN, BTAP_ERASE, 0x44, "erase", "Erase"},
    {BTAP_FDCAN, BTAP_SPECIAL, 0x50, "special", "Special"},
    {BTAP_FDCAN, BTAP_EXTENDED_SPECIAL, 0x51, "extended-special", "Extended Special"},
    {BTAP_FDCAN, BTAP_WRITE_PROTECT, 0x63, "write-protect", "Write Protect"},
    {BTAP_FDCAN, BTAP_WRITE_UNPROTECT, 0x73, "write-unprotect", "Write Unprotect"},
    {BTAP_FDCAN, BTAP_READOUT_PROTECT, 0x82, "readout-protect", "Readout Protect"},
    {BTAP_FDCAN, BTAP_READOUT_UNPROTECT, 0x92, "readout-unprotect", "Readout Unprotect"},
    /* AN3156 table 3: codes that DNLOAD with wValue 0 carries, and UPLOAD with wValue 0 lists */
    {BTAP_DFU, BTAP_GET, 0x00, "get", "Get"},
    {BTAP_DFU, BTAP_SET_ADDRESS, 0x21, "set-address", "Set Address Pointer"},
    {BTAP_DFU, BTAP_ERASE, 0x41, "erase", "Erase"},
    {BTAP_DFU, BTAP_READ_UNPROTECT, 0x92, "read-unprotect", "Read Unprotect"},
    /* AN3156 tables 1 and 3, DFU 1.1 section 3: what the request alone tells */
    {BTAP_DFU, BTAP_DETACH, -1, "detach", "Detach"},
    {BTAP_DFU, BTAP_WRITE_MEMORY, -1, "write-memory", "Write Memory"},
    {BTAP_DFU, BTAP_READ_MEMORY, -1, "read-memory", "Read Memory"},
    {BTAP_DFU, BTAP_LEAVE, -1, "leave", "Leave DFU mode"},
    {BTAP_DFU, BTAP_CLEAR_STATUS, -1, "clear-status", "Clear Status"},
    {BTAP_DFU, BTAP_ABORT, -1, "abort", "Abort"},
    {BTAP_DFU, BTAP_GET_STATE, -1, "get-state", "Get State"},
    {BTAP_DFU, BTAP_GET_STATUS, -1, "get-status", "Get Status"},
    {BTAP_DFU, BTAP_DOWNLOAD, -1, "download", "Download"},
    {BTAP_DFU, BTAP_UPLOAD, -1, "upload", "Upload"},
};

static const struct btap_command_info *find_command(enum btap_command command)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (commands[i].command == command)
            return &commands[i];
    return NULL;
}

const char *btap_command_name(enum btap_command command)
{
    const struct btap_command_info *info = find_command(command);

    return info != NULL ? info->name : "unknown";
}

const char *btap_command_label(enum btap_command command)
{
    const struct btap_command_info *info = find_command(command);

    return info != NULL ? info->label : "Unknown command";
}

bool btap_command_by_name(const char *name, enum btap_command *command)
{
    enum btap_command found = BTAP_COMMAND_UNKNOWN;

    for (size_t i = 0; i < COUNT_OF(commands) && found == BTAP_COMMAND_UNKNOWN; i++)
        if (strcmp(commands[i].name, name) == 0)
            found = commands[i].command;
    if (found == BTAP_COMMAND_UNKNOWN && strcmp(name, "unknown") != 0)
        return false;
    if (command != NULL)
        *command = found;
    return true;
}

const struct btap_command_info *btap_command_by_opcode(enum btap_transport transport,
                                                       uint8_t opcode)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (commands[i].transport == transport && commands[i].opcode == opcode)
            return &commands[i];
    return NULL;
}
