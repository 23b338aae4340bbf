/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/filter.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "cli/options.h"
#include "cli/parse.h"

#define NAMES_SIZE 1024

_Static_assert(BTAP_COMMAND_COUNT <= 32, "commands are bits of a uint32_t");

static const char *transport_name(unsigned value)
{
    return btap_transport_name((enum btap_transport)value);
}

static const char *command_name(unsigned value)
{
    return btap_command_name((enum btap_command)value);
}

static const char *status_name(unsigned value)
{
    return btap_status_name((enum btap_status)value);
}

bool filter_add_transports(void *filter, const char *list)
{
    return option_bits(&((struct filter *)filter)->transports, list, "transport",
                       BTAP_TRANSPORT_COUNT, transport_name);
}

bool filter_add_commands(void *filter, const char *list)
{
    return option_bits(&((struct filter *)filter)->commands, list, "command", BTAP_COMMAND_COUNT,
                       command_name);
}

bool filter_add_statuses(void *filter, const char *list)
{
    return option_bits(&((struct filter *)filter)->statuses, list, "status", BTAP_STATUS_COUNT,
                       status_name);
}

bool filter_add_ranges(void *target, const char *list)
{
    struct filter *filter = target;
    char item[PARSE_ITEM_SIZE];

    while (parse_item(&list, item)) {
        if (filter->ranges_length == FILTER_RANGES_MAX)
            return misused("more than %d address ranges", FILTER_RANGES_MAX);
        if (!parse_range(item, &filter->ranges[filter->ranges_length]))
            return misused("'%s' is no address range; valid are 0x08000000-0x0801ffff, "
                           "0x08000000+2048, 0x08000000",
                           item);
        filter->ranges_length++;
    }
    return true;
}

bool filter_add_links(void *target, const char *list)
{
    struct filter *filter = target;
    char item[PARSE_ITEM_SIZE];

    while (parse_item(&list, item)) {
        if (filter->links_length == FILTER_LINKS_MAX)
            return misused("more than %d links", FILTER_LINKS_MAX);
        if (item[0] == '\0' || strlen(item) >= BTAP_LINK_NAME_SIZE)
            return misused("'%s' is no link's name; links are named as usb:1.5, serial, can:can0",
                           item);
        memcpy(filter->links[filter->links_length++], item, strlen(item) + 1);
    }
    return true;
}

void filter_tell_nothing_left(const struct filter *filter, const char *name)
{
    char links[NAMES_SIZE] = "";
    size_t length = 0;

    for (size_t i = 0; i < filter->links_length && length < sizeof(links); i++)
        length += (size_t)snprintf(links + length, sizeof(links) - length, "%s%s",
                                   i == 0 ? " (--link=" : ",", filter->links[i]);
    message("%s: none of its transactions is one of those asked for%s%s", name, links,
            filter->links_length > 0 ? ")" : "");
}

static bool has_bit(uint32_t bits, unsigned value)
{
    return bits == 0 || (bits >> value & 1) != 0;
}

bool filter_link(const struct filter *filter, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    if (!has_bit(filter->transports, link->transport))
        return false;
    if (filter->links_length == 0)
        return true;
    btap_link_name(link, name, sizeof(name));
    for (size_t i = 0; i < filter->links_length; i++)
        if (strcmp(filter->links[i], name) == 0)
            return true;
    return false;
}

/** Whether the memory that a transaction names touches one of the ranges. */
static bool touches(const struct filter *filter, const struct btap_transaction *transaction)
{
    const bool sized = (transaction->has & BTAP_HAS_LENGTH) != 0 && transaction->length > 0;
    const uint64_t first = transaction->address;
    const uint64_t last = sized ? first + transaction->length - 1 : first;

    if ((transaction->has & BTAP_HAS_ADDRESS) == 0)
        return false;
    for (size_t i = 0; i < filter->ranges_length; i++)
        if (first <= filter->ranges[i].last && last >= filter->ranges[i].first)
            return true;
    return false;
}

bool filter_transaction(const struct filter *filter, const struct btap_transaction *transaction)
{
    return has_bit(filter->commands, transaction->command) &&
           has_bit(filter->statuses, transaction->status) &&
           (filter->ranges_length == 0 || touches(filter, transaction));
}

bool filter_outside(const struct filter *filter)
{
    return filter->commands == 0 && filter->statuses == 0 && filter->ranges_length == 0;
}
