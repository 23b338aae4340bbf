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

/** A run of bytes of the answer. */
struct part {
    const uint8_t *bytes; /**< NULL: it is not there */
    size_t length;
};

#define ALIGNED(length) (((size_t)(length) + 3) & ~(size_t)3)

static struct part part_from(struct part whole, size_t at)
{
    if (whole.bytes == NULL || at > whole.length)
        return (struct part){0};
    return (struct part){whole.bytes + at, whole.length - at};
}

/** What an attribute of this type holds, in a run of them. */
static struct part find(struct part run, unsigned type)
{
    struct rtattr header;

    while (run.length >= sizeof(header)) {
        memcpy(&header, run.bytes, sizeof(header));
        if (header.rta_len < sizeof(header) || header.rta_len > run.length)
            break;
        if ((header.rta_type & NLA_TYPE_MASK) == type)
            return (struct part){run.bytes + sizeof(header), header.rta_len - sizeof(header)};
        run = part_from(run, ALIGNED(header.rta_len));
    }
    return (struct part){0};
}

/** 0 where there is none. */
static uint32_t rate_of(struct part data, unsigned type)
{
    const struct part attribute = find(data, type);
    struct can_bittiming timing;

    if (attribute.length < sizeof(timing))
        return 0;
    memcpy(&timing, attribute.bytes, sizeof(timing));
    return timing.bitrate;
}

bool can_rates_read(const void *answer, size_t length, struct can_rates *rates)
{
    struct nlmsghdr header;
    struct part information;
    struct part kind;
    struct part data;

    *rates = (struct can_rates){0};
    if (length < sizeof(header))
        return false;
    memcpy(&header, answer, sizeof(header));
    if (header.nlmsg_type != RTM_NEWLINK || header.nlmsg_len > length)
        return false;
    information = find(part_from((struct part){answer, header.nlmsg_len},
                                 NLMSG_LENGTH(ALIGNED(sizeof(struct ifinfomsg)))),
                       IFLA_LINKINFO);
    kind = find(information, IFLA_INFO_KIND);
    if (kind.bytes == NULL)
        return false;
    snprintf(rates->kind, sizeof(rates->kind), "%.*s", (int)kind.length, (const char *)kind.bytes);
    data = find(information, IFLA_INFO_DATA);
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
    uint8_t answer[16384];
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t got = -1;

    *rates = (struct can_rates){0};
    if (fd < 0)
        return false;
    if (request.link.ifi_index > 0 && send(fd, &request, sizeof(request), 0) >= 0)
        got = recv(fd, answer, sizeof(answer), 0);
    close(fd);
    return got > 0 && can_rates_read(answer, (size_t)got, rates);
}
