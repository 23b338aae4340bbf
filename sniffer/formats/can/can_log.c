/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/can/can_log.h"

#include <string.h>

#include "traffic/can_record.h"

#define RAW_DLC_OFFSET 7 /* of a classic frame: its length code, where that is over 8 */

/** What each length code of FD says. */
static const uint8_t fd_lengths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};

void can_log_interface(struct can_told *told, struct word name)
{
    const size_t most = sizeof(told->interface) - 1;

    memset(told->interface, 0, sizeof(told->interface));
    if (name.length > 0)
        memcpy(told->interface, name.at, name.length < most ? name.length : most);
}

bool can_log_direction(struct can_told *told, struct word word)
{
    if (word_is(word, "Tx"))
        told->direction = BTAP_HOST_TO_DEVICE;
    else if (!word_is(word, "Rx"))
        return false;
    return true;
}

bool can_log_id(struct can_told *told, uint64_t id, bool extended)
{
    if (id > (extended ? CAN_LOG_EXTENDED_MAX : CAN_LOG_STANDARD_MAX))
        return false;
    told->frame.can_id = (canid_t)id | (extended ? CAN_EFF_FLAG : 0);
    return true;
}

bool can_log_dlc(struct can_told *told, uint64_t dlc)
{
    if (dlc >= sizeof(fd_lengths))
        return false;
    told->frame.len = fd_lengths[dlc];
    if (!told->fd && dlc > CAN_MAX_DLEN) {
        told->frame.len = CAN_MAX_DLEN;
        ((uint8_t *)&told->frame)[RAW_DLC_OFFSET] = (uint8_t)dlc;
    }
    return true;
}

bool can_log_length(struct can_told *told, uint64_t length)
{
    if (length > (told->fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN))
        return false;
    told->frame.len = (uint8_t)length;
    return true;
}

bool can_log_data(struct can_told *told, const struct words *words, size_t from, unsigned base)
{
    for (size_t i = 0; i < told->frame.len; i++) {
        uint64_t byte;

        if (from + i >= words->length || !word_number(words->at[from + i], base, UINT8_MAX, &byte))
            return false;
        told->frame.data[i] = (uint8_t)byte;
    }
    return true;
}

void can_log_remote(struct can_told *told)
{
    if (told->frame.len > CAN_MAX_DLEN)
        told->frame.len = CAN_MAX_DLEN;
    told->frame.can_id |= CAN_RTR_FLAG;
    told->fd = false;
}

void can_log_error(struct can_told *told, uint32_t classes)
{
    told->frame = (struct canfd_frame){.can_id = CAN_ERR_FLAG | classes, .len = CAN_ERR_DLC};
    told->fd = false;
}

void can_log_bus_error(struct can_told *told)
{
    can_log_error(told, CAN_ERR_PROT | CAN_ERR_BUSERROR);
}

void can_log_put(struct queue *queue, const struct can_told *told, uint32_t lacks)
{
    const uint32_t id =
        queue_interface(queue, BTAP_LINKTYPE_CAN_SOCKETCAN, told->interface, false, lacks);
    const btap_ns time = btap_time_within(told->time);
    struct canfd_frame frame = told->frame;

    if (told->flags_untold)
        can_record_send_untold(&queue->sink, id, time, told->direction, &frame);
    else
        can_record_send(&queue->sink, id, time, told->direction, &frame,
                        told->fd ? CANFD_MTU : CAN_MTU);
}
