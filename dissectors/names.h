/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The words of commands, statuses, phases and directions as Wireshark's value strings. A filter may
 * name each as `decode --json` does or as the application notes do, in capitals or not; Wireshark
 * refuses a word that is not among them.
 */
#ifndef STM32BOOT_NAMES_H
#define STM32BOOT_NAMES_H

#include <epan/packet.h>

#include "boottap/transaction.h"

/** Numbers of commands are below it. */
#define NAMES_COMMANDS_END (0x100u + BTAP_COMMAND_COUNT)

/**
 * A command's number in filters. It is the command's opcode where that is the same on every wire
 * and stands for nothing else on any; else one that is no byte.
 */
guint32 number_of_command(enum btap_command command);

/**
 * The opcode of a command whose number is none, so that filters may name that too.
 *
 * @return -1 if its number is its opcode, or it has none
 */
gint opcode_beside_number(const struct btap_transaction *transaction);

/** A status's number in filters: an ACK's byte for `ok`, a NACK's for `nack`. */
guint32 number_of_status(enum btap_status status);

/** Names for filters and the tree; the first of a number is the one that is shown. */
const value_string *names_of_commands(void);
const value_string *names_of_statuses(void);
const value_string *names_of_phases(void);
const value_string *names_of_directions(void);

#endif
