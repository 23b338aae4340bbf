/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which transactions are shown.
 */
#ifndef SNIFFER_CLI_FILTER_H
#define SNIFFER_CLI_FILTER_H

#include "boottap/link.h"
#include "boottap/product.h"
#include "boottap/transaction.h"

#define FILTER_RANGES_MAX 32
#define FILTER_LINKS_MAX  32

/** What is asked for; a kind with nothing asked for lets everything through. Zero: all. */
struct filter {
    uint32_t transports; /**< bit 1 << enum btap_transport */
    uint32_t commands;   /**< bit 1 << enum btap_command */
    uint32_t statuses;   /**< bit 1 << enum btap_status */
    size_t ranges_length;
    size_t links_length;
    struct btap_range ranges[FILTER_RANGES_MAX];
    char links[FILTER_LINKS_MAX][BTAP_LINK_NAME_SIZE];
};

/* Options for a struct filter, as rows of a table: each adds a comma list to a kind. */

bool filter_add_transports(void *filter, const char *list);
bool filter_add_commands(void *filter, const char *list);
bool filter_add_statuses(void *filter, const char *list);
bool filter_add_ranges(void *filter, const char *list);
bool filter_add_links(void *filter, const char *list);

#define FILTER_HEADING "Which transactions (comma lists; may be repeated):"
#define FILTER_ROW(name, help, parse)                                                              \
    {                                                                                              \
        0, name, "LIST", help, parse, 0                                                            \
    }
#define FILTER_TRANSPORT FILTER_ROW("transport", "usart, dfu, fdcan", filter_add_transports)
#define FILTER_COMMAND   FILTER_ROW("command", "write-memory, erase, ...", filter_add_commands)
#define FILTER_STATUS    FILTER_ROW("status", "ok, nack, error, ...", filter_add_statuses)
#define FILTER_ADDRESS                                                                             \
    FILTER_ROW("address", "0x08000000-0x0801ffff, 0x08000000+2048, 0x08000000", filter_add_ranges)
#define FILTER_LINK FILTER_ROW("link", "as printed: usb:1.5, serial, can:can0", filter_add_links)

/** Says in a message that nothing of a file passes the filter. @param name of the file */
void filter_tell_nothing_left(const struct filter *filter, const char *name);

/** Whether a link is one of those asked for. */
bool filter_link(const struct filter *filter, const struct btap_link *link);

/** Whether a transaction of such a link is one of those asked for. */
bool filter_transaction(const struct filter *filter, const struct btap_transaction *transaction);

/** Whether what belongs to no transaction is shown: not if certain transactions are asked for. */
bool filter_outside(const struct filter *filter);

#endif
