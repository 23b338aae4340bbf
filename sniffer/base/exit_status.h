/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the program's exit statuses mean; a contract with scripts.
 */
#ifndef SNIFFER_BASE_EXIT_STATUS_H
#define SNIFFER_BASE_EXIT_STATUS_H

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FINDING = 1, /**< the flash failed, a difference: what the command was asked to find */
    EXIT_TROUBLE = 2, /**< wrong usage, or input or output failed */
};

#endif
