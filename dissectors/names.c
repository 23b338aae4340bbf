/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

#include <string.h>

#include "boottap/command.h"

#define NO_OPCODE   (-1)
#define NUMBER_ACK  0x79
#define NUMBER_NACK 0x1f

/**
 * Appends a name to a list that is still open, once whatever its capitals: Wireshark takes a word
 * of a filter in any, but from 4.2 on a word that two rows have only as it is shown.
 */
static void add_name(GArray *names, guint32 value, const char *name)
{
    const value_string row = {value, name};

    for (guint i = 0; i < names->len; i++)
        if (g_ascii_strcasecmp(g_array_index(names, value_string, i).strptr, name) == 0)
            return;
    g_array_append_val(names, row);
}

/** And with spaces, where people would not write the hyphens. */
static void add_word(GArray *names, guint32 value, const char *word)
{
    add_name(names, value, word);
    if (strchr(word, '-') != NULL)
        add_name(names, value, g_strdelimit(wmem_strdup(wmem_epan_scope(), word), "-", ' '));
}

static GArray *open_names(void)
{
    return g_array_new(TRUE, TRUE, sizeof(value_string));
}

/** The list, which ends in a row of zeros, for the life of the program. */
static const value_string *close_names(GArray *names)
{
    const value_string *list =
        wmem_memdup(wmem_epan_scope(), names->data, (names->len + 1) * sizeof(value_string));

    g_array_free(names, TRUE);
    return list;
}

/** The opcode that a wire has for a command. */
static gint opcode_on(enum btap_transport transport, enum btap_command command)
{
    for (gint opcode = 0; opcode <= UINT8_MAX; opcode++) {
        const struct btap_command_info *info = btap_command_by_opcode(transport, (guint8)opcode);

        if (info != NULL && info->command == command)
            return opcode;
    }
    return NO_OPCODE;
}

/** The opcode that a command has on every wire that gives it one, and that no other command has. */
static gint common_opcode(enum btap_command command)
{
    gint common = NO_OPCODE;

    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++) {
        const gint opcode = opcode_on((enum btap_transport)i, command);

        if (opcode != NO_OPCODE && common != NO_OPCODE && opcode != common)
            return NO_OPCODE;
        if (opcode != NO_OPCODE)
            common = opcode;
    }
    for (int i = 0; i < BTAP_TRANSPORT_COUNT && common != NO_OPCODE; i++) {
        const struct btap_command_info *info =
            btap_command_by_opcode((enum btap_transport)i, (guint8)common);

        if (info != NULL && info->command != command)
            return NO_OPCODE;
    }
    return common;
}

guint32 number_of_command(enum btap_command command)
{
    static guint32 numbers[BTAP_COMMAND_COUNT];
    static bool known;

    for (int i = 0; i < BTAP_COMMAND_COUNT && !known; i++) {
        const gint opcode = common_opcode((enum btap_command)i);

        numbers[i] = opcode != NO_OPCODE ? (guint32)opcode : 0x100u + (guint32)i;
    }
    known = true;
    return numbers[command];
}

gint opcode_beside_number(const struct btap_transaction *transaction)
{
    if (number_of_command(transaction->command) <= UINT8_MAX ||
        !(transaction->has & BTAP_HAS_OPCODE))
        return NO_OPCODE;
    return transaction->opcode;
}

guint32 number_of_status(enum btap_status status)
{
    return status == BTAP_OK ? NUMBER_ACK : status == BTAP_NACK ? NUMBER_NACK : (guint32)status;
}

const value_string *names_of_commands(void)
{
    GArray *names = open_names();

    for (int i = 0; i < BTAP_COMMAND_COUNT; i++) {
        const enum btap_command command = (enum btap_command)i;

        add_word(names, number_of_command(command), btap_command_name(command));
        add_name(names, number_of_command(command), btap_command_label(command));
    }
    return close_names(names);
}

const value_string *names_of_statuses(void)
{
    GArray *names = open_names();

    for (int i = 0; i < BTAP_STATUS_COUNT; i++)
        add_word(names, number_of_status((enum btap_status)i),
                 btap_status_name((enum btap_status)i));
    add_name(names, number_of_status(BTAP_OK), "ACK");
    add_name(names, number_of_status(BTAP_NO_REPLY), "timeout");
    return close_names(names);
}

const value_string *names_of_phases(void)
{
    GArray *names = open_names();

    for (int i = 0; i < BTAP_PHASE_COUNT; i++)
        add_word(names, (guint32)i, btap_phase_name((enum btap_phase)i));
    return close_names(names);
}

const value_string *names_of_directions(void)
{
    static const value_string names[] = {
        {BTAP_HOST_TO_DEVICE, "host to device"},
        {BTAP_HOST_TO_DEVICE, "host-to-device"},
        {BTAP_HOST_TO_DEVICE, "host"},
        {BTAP_DEVICE_TO_HOST, "device to host"},
        {BTAP_DEVICE_TO_HOST, "device-to-host"},
        {BTAP_DEVICE_TO_HOST, "device"},
        {0, NULL},
    };

    return names;
}
