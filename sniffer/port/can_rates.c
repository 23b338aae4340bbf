/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rtnetlink (the manual page rtnetlink(7), linux/can/netlink.h).
 */
#include "port/can_rates.h"

#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** An attribute of this type in a run of them; NULL: there is none. */
static const struct rtattr *find(const struct rtattr *first, size_t length, unsigned type)
{
    for (const struct rtattr *one = first; RTA_OK(one, length); one = RTA_NEXT(one, length))
        if ((one->rta_type & NLA_TYPE_MASK) == type)
            return one;
    return NULL;
}

static const struct rtattr *find_inside(const struct rtattr *nest, unsigned type)
{
    return nest == NULL ? NULL : find(RTA_DATA(nest), RTA_PAYLOAD(nest), type);
}

/** 0 where there is none. */
static uint32_t rate_of(const struct rtattr *data, unsigned type)
{
    const struct rtattr *attribute = find_inside(data, type);
    struct can_bittiming timing;

    if (attribute == NULL || RTA_PAYLOAD(attribute) < sizeof(timing))
        return 0;
    memcpy(&timing, RTA_DATA(attribute), sizeof(timing));
    return timing.bitrate;
}

bool can_rates_read(const void *answer, size_t length, struct can_rates *rates)
{
    const struct nlmsghdr *header = answer;
    const struct rtattr *information;
    const struct rtattr *kind;
    const struct rtattr *data;

    *rates = (struct can_rates){0};
    if (!NLMSG_OK(header, length) || header->nlmsg_type != RTM_NEWLINK ||
        header->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
        return false;
    information = find(IFLA_RTA(NLMSG_DATA(header)), IFLA_PAYLOAD(header), IFLA_LINKINFO);
    kind = find_inside(information, IFLA_INFO_KIND);
    if (kind == NULL)
        return false;
    snprintf(rates->kind, sizeof(rates->kind), "%.*s", (int)RTA_PAYLOAD(kind),
             (const char *)RTA_DATA(kind));
    data = find_inside(information, IFLA_INFO_DATA);
    rates->nominal = rate_of(data, IFLA_CAN_BITTIMING);
    rates->data = rate_of(data, IFLA_CAN_DATA_BITTIMING);
    return true;
}

bool can_rates_ask(const char *interface, struct can_rates *rates)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } request = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                   .nlmsg_type = RTM_GETLINK,
                   .nlmsg_flags = NLM_F_REQUEST},
        .link = {.ifi_index = (int)if_nametoindex(interface)},
    };
    union {
        struct nlmsghdr header; /* for its alignment */
        uint8_t bytes[16384];
    } answer;
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t got = -1;

    *rates = (struct can_rates){0};
    if (fd < 0)
        return false;
    if (request.link.ifi_index > 0 && send(fd, &request, sizeof(request), 0) >= 0)
        got = recv(fd, &answer, sizeof(answer), 0);
    close(fd);
    return got > 0 && can_rates_read(&answer, (size_t)got, rates);
}
