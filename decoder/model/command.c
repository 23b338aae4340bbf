/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/command.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The words of the table for bits of enum btap_trait. */
enum {
    RESTRICTED = BTAP_TRAIT_RESTRICTED,
    READS = BTAP_TRAIT_READS,
    WRITES = BTAP_TRAIT_WRITES,
    ERASES = BTAP_TRAIT_ERASES,
    WIPES = BTAP_TRAIT_WIPES,
    PROTECTS = BTAP_TRAIT_PROTECTS,
    STARTS = BTAP_TRAIT_STARTS,
    LEAVES = BTAP_TRAIT_LEAVES,
    UNREFUSED = BTAP_TRAIT_UNREFUSED,
};

static const struct btap_command_info commands[] = {
#define OPCODE(transport, command, opcode, name, label, effort, traits)                            \
    {BTAP_##transport, BTAP_##command, opcode, name, label, BTAP_EFFORT_##effort, traits},
#define REQUEST(transport, command, name, label, effort, traits)                                   \
    {BTAP_##transport, BTAP_##command, -1, name, label, BTAP_EFFORT_##effort, traits},
#include "model/commands.def"
#undef OPCODE
#undef REQUEST
};

/* Where each row stands. */
enum row {
#define OPCODE(transport, command, opcode, name, label, effort, traits) ROW_##transport##_##command,
#define REQUEST(transport, command, name, label, effort, traits)        ROW_##transport##_##command,
#include "model/commands.def"
#undef OPCODE
#undef REQUEST
};

/** Row of an opcode, counted from 1; 0: none. */
static const uint8_t by_opcode[BTAP_TRANSPORT_COUNT][256] = {
#define OPCODE(transport, command, opcode, name, label, effort, traits)                            \
    [BTAP_##transport][opcode] = ROW_##transport##_##command + 1,
#define REQUEST(transport, command, name, label, effort, traits)
#include "model/commands.def"
#undef OPCODE
#undef REQUEST
};

/** The first row of a command. Rows of one command agree in all but transport, opcode, restriction.
 */
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
    if ((unsigned)transport >= BTAP_TRANSPORT_COUNT || by_opcode[transport][opcode] == 0)
        return NULL;
    return &commands[by_opcode[transport][opcode] - 1];
}

enum btap_effort btap_command_effort(enum btap_command command)
{
    const struct btap_command_info *info = find_command(command);

    return info != NULL ? info->effort : BTAP_EFFORT_PROBE;
}

bool btap_command_has(enum btap_command command, uint32_t traits)
{
    const struct btap_command_info *info = find_command(command);

    return info != NULL && (info->traits & traits) != 0;
}
