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

/** Room for what a filter_add_...() says where it returns false. */
#define FILTER_PROBLEM_SIZE 1024

/**
 * Adds a comma list to a kind.
 *
 * @param[out] problem where false is returned: what is wrong and what is valid
 */
bool filter_add_transports(struct filter *filter, const char *list,
                           char problem[FILTER_PROBLEM_SIZE]);
bool filter_add_commands(struct filter *filter, const char *list,
                         char problem[FILTER_PROBLEM_SIZE]);
bool filter_add_statuses(struct filter *filter, const char *list,
                         char problem[FILTER_PROBLEM_SIZE]);
bool filter_add_ranges(struct filter *filter, const char *list, char problem[FILTER_PROBLEM_SIZE]);
bool filter_add_links(struct filter *filter, const char *list, char problem[FILTER_PROBLEM_SIZE]);

/** Whether a link is one of those asked for. */
bool filter_link(const struct filter *filter, const struct btap_link *link);

/** Whether a transaction of such a link is one of those asked for. */
bool filter_transaction(const struct filter *filter, const struct btap_transaction *transaction);

/** Whether what belongs to no transaction is shown: not if certain transactions are asked for. */
bool filter_outside(const struct filter *filter);

#endif
