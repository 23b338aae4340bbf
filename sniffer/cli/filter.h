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
#define FILTER_TRANSPORT                                                                           \
    {                                                                                              \
        0, "transport", "LIST", "usart, dfu, fdcan", filter_add_transports, 0                      \
    }
#define FILTER_COMMAND                                                                             \
    {                                                                                              \
        0, "command", "LIST", "write-memory, erase, ...", filter_add_commands, 0                   \
    }
#define FILTER_STATUS                                                                              \
    {                                                                                              \
        0, "status", "LIST", "ok, nack, error, ...", filter_add_statuses, 0                        \
    }
#define FILTER_ADDRESS                                                                             \
    {                                                                                              \
        0, "address", "LIST", "0x08000000-0x0801ffff, 0x08000000+2048, 0x08000000",                \
            filter_add_ranges, 0                                                                   \
    }
#define FILTER_LINK                                                                                \
    {                                                                                              \
        0, "link", "LIST", "as printed: usb:1.5, serial, can:can0", filter_add_links, 0            \
    }

/** Whether a link is one of those asked for. */
bool filter_link(const struct filter *filter, const struct btap_link *link);

/** Whether a transaction of such a link is one of those asked for. */
bool filter_transaction(const struct filter *filter, const struct btap_transaction *transaction);

/** Whether what belongs to no transaction is shown: not if certain transactions are asked for. */
bool filter_outside(const struct filter *filter);

#endif
