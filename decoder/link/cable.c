/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets of a USB cable become transactions (token, data, handshake; USB 2.0 section 8.5), and
 * transactions of endpoint 0 control transfers (section 8.5.3). Tables are of fixed size.
 */
#include <string.h>

#include "link/packet.h"

enum {
    DIRECTION_IN = 0x80,
    SETUP_SIZE = 8,
    AT_DATA = 1,    /* in the record, behind the PID */
    MISSES_MAX = 3, /* a host tries so often (section 8.6.4, and every controller) */

    /* Standard requests after which data begin with DATA0 again (section 9.4) */
    CLEAR_FEATURE = 1,
    SET_ADDRESS = 5,
    SET_CONFIGURATION = 9,
    SET_INTERFACE = 11,
    TYPE_MASK = 0x60,
};

/** What a packet is joined to. */
struct join {
    struct btap_usb_packets *packets;
    const struct btap_record *record;
    struct btap_cable *cable;
    struct link_urb *urbs;
    size_t length;
};

/* Tables */

static struct btap_cable *cable_of(struct btap_usb_packets *packets, uint32_t interface_id)
{
    struct btap_cable *cable = &packets->cables[0];

    for (size_t i = 0; i < BTAP_CABLES_MAX; i++) {
        struct btap_cable *one = &packets->cables[i];

        if (one->used != 0 && one->interface_id == interface_id) {
            one->used = packets->clock;
            return one;
        }
        if (one->used < cable->used)
            cable = one;
    }
    memset(cable, 0, offsetof(struct btap_cable, data));
    cable->interface_id = interface_id;
    cable->used = packets->clock;
    return cable;
}

/** The control transfers of a device; NULL if none was seen. */
static struct btap_cable_control *find_control(const struct join *join, uint8_t address)
{
    struct btap_cable_control *controls = join->packets->controls;

    for (size_t i = 0; i < BTAP_CABLE_DEVICES_MAX; i++)
        if (controls[i].used != 0 && controls[i].address == address &&
            controls[i].interface_id == join->cable->interface_id)
            return &controls[i];
    return NULL;
}

static struct btap_cable_control *control_of(const struct join *join, uint8_t address)
{
    struct btap_cable_control *control = find_control(join, address);

    if (control != NULL)
        return control;
    control = &join->packets->controls[0];
    for (size_t i = 1; i < BTAP_CABLE_DEVICES_MAX; i++)
        if (join->packets->controls[i].used < control->used)
            control = &join->packets->controls[i];
    memset(control, 0, offsetof(struct btap_cable_control, pieces));
    control->interface_id = join->cable->interface_id;
    control->address = address;
    return control;
}

static struct btap_cable_endpoint *endpoint_of(const struct join *join, uint8_t endpoint)
{
    const struct btap_cable *cable = join->cable;
    struct btap_cable_endpoint *found = &join->packets->endpoints[0];

    for (size_t i = 0; i < BTAP_CABLE_ENDPOINTS_MAX; i++) {
        struct btap_cable_endpoint *one = &join->packets->endpoints[i];

        if (one->used != 0 && one->address == cable->address && one->endpoint == endpoint &&
            one->interface_id == cable->interface_id)
            return one;
        if (one->used < found->used)
            found = one;
    }
    *found = (struct btap_cable_endpoint){
        .interface_id = cable->interface_id,
        .address = cable->address,
        .endpoint = endpoint,
    };
    return found;
}

/** Data of a device's endpoints begin with DATA0 again. */
static void forget_endpoints(const struct join *join, uint8_t address)
{
    for (size_t i = 0; i < BTAP_CABLE_ENDPOINTS_MAX; i++) {
        struct btap_cable_endpoint *one = &join->packets->endpoints[i];

        if (one->address == address && one->interface_id == join->cable->interface_id)
            one->used = 0;
    }
}

/* Halves of transfers */

static struct link_urb *add_urb(struct join *join, enum link_urb_type type,
                                enum link_urb_stage stage, uint64_t id)
{
    struct link_urb *urb = &join->urbs[join->length++];

    *urb = (struct link_urb){
        .id = id,
        .stage = stage,
        .type = type,
        .late = true,
        .interface_id = join->cable->interface_id,
        .device = join->cable->address,
        .at = {.packet = join->record->packet, .time = join->record->time},
        .data = join->cable->data,
    };
    return urb;
}

static void complete(struct join *join, struct btap_cable_control *control,
                     enum btap_usb_status status)
{
    struct link_urb *urb = add_urb(join, LINK_URB_CONTROL, LINK_URB_COMPLETE, control->id);

    urb->device = control->address;
    urb->endpoint = control->setup[0] & DIRECTION_IN;
    urb->status = status;
    urb->length = control->length;
    urb->data = control->data;
    urb->captured = control->captured;
    urb->pieces = control->pieces;
    urb->pieces_length = control->pieces_length;
    control->active = false;
}

/** The device took a setup packet. */
static void begin(struct join *join)
{
    const struct btap_cable *cable = join->cable;
    struct btap_cable_control *control = control_of(join, cable->address);
    struct link_urb *urb;

    if (cable->captured < SETUP_SIZE)
        return;
    /* The host did not hear the first acknowledgement. */
    if (control->active && !control->begun && memcmp(control->setup, cable->data, SETUP_SIZE) == 0)
        return;
    if (control->active)
        complete(join, control, control->refused ? BTAP_USB_TIMEOUT : BTAP_USB_BUS_ERROR);
    control->used = join->packets->clock;
    control->active = true;
    control->begun = false;
    control->refused = false;
    control->misses = 0;
    control->toggle = LINK_PID_DATA1;
    control->id = ++join->packets->id;
    control->length = 0;
    control->captured = 0;
    control->pieces_length = 0;
    memcpy(control->setup, cable->data, SETUP_SIZE);
    urb = add_urb(join, LINK_URB_CONTROL, LINK_URB_SUBMIT, control->id);
    urb->endpoint = control->setup[0] & DIRECTION_IN;
    urb->at = (struct btap_origin){.packet = cable->at.packet, .time = cable->at.time};
    urb->setup_known = true;
    link_urb_read_setup(urb, control->setup, AT_DATA);
}

/** Adds a packet to the data stage. */
static void add_data(struct btap_cable_control *control, const struct btap_cable *cable)
{
    const uint32_t room = BTAP_CABLE_DATA_MAX - control->captured;
    const uint32_t taken = cable->captured < room ? cable->captured : room;

    /* Behind a gap nothing has its place. */
    if (control->captured == control->length && taken > 0 &&
        control->pieces_length < BTAP_CABLE_PIECES_MAX) {
        control->pieces[control->pieces_length++] =
            (struct btap_usb_piece){cable->at.packet, cable->at.offset, taken};
        memcpy(control->data + control->captured, cable->data, taken);
        control->captured += taken;
    }
    control->length += cable->length;
}

static bool wants_data(const struct btap_cable_control *control)
{
    return (control->setup[6] | control->setup[7]) != 0;
}

/** Whether data of a direction belong to the data stage, and not to the status stage after it. */
static bool is_data_stage(const struct btap_cable_control *control, bool in)
{
    return wants_data(control) && in == ((control->setup[0] & DIRECTION_IN) != 0);
}

/** Requests after which the device's endpoints begin anew. */
static void follow_request(const struct join *join, const struct btap_cable_control *control)
{
    const uint8_t request = control->setup[1];

    if ((control->setup[0] & TYPE_MASK) != 0)
        return;
    if (request == SET_ADDRESS)
        forget_endpoints(join, control->setup[2]);
    else if (request == CLEAR_FEATURE || request == SET_CONFIGURATION || request == SET_INTERFACE)
        forget_endpoints(join, control->address);
}

/** A transaction of endpoint 0 was acknowledged. */
static void control_moved(struct join *join)
{
    const struct btap_cable *cable = join->cable;
    struct btap_cable_control *control = find_control(join, cable->address);

    if (control == NULL || !control->active)
        return;
    control->used = join->packets->clock;
    control->begun = true;
    control->refused = false;
    control->misses = 0;
    if (is_data_stage(control, cable->token == LINK_PID_IN)) {
        if (cable->data_pid != control->toggle)
            return;
        control->toggle = control->toggle == LINK_PID_DATA1 ? LINK_PID_DATA0 : LINK_PID_DATA1;
        add_data(control, cable);
        return;
    }
    follow_request(join, control);
    complete(join, control, BTAP_USB_OK);
}

/** Half of a transfer that is one packet. */
static void add_moved(struct join *join, enum link_urb_stage stage, uint8_t endpoint)
{
    const struct btap_cable *cable = join->cable;
    struct link_urb *urb = add_urb(join, LINK_URB_BULK, stage, join->packets->id);

    urb->untyped = true;
    urb->endpoint = endpoint;
    urb->at = cable->at;
    if (stage == LINK_URB_COMPLETE) {
        urb->captured = cable->captured;
        urb->length = cable->length;
    }
}

/** A transaction of another endpoint was acknowledged: both halves of a transfer. */
static void bulk_moved(struct join *join)
{
    const struct btap_cable *cable = join->cable;
    const uint8_t endpoint =
        (uint8_t)(cable->endpoint | (cable->token == LINK_PID_IN ? DIRECTION_IN : 0));
    struct btap_cable_endpoint *last = endpoint_of(join, endpoint);
    const bool repeated = last->used != 0 && last->pid == cable->data_pid &&
                          last->crc == cable->crc && last->length == cable->length;

    last->used = join->packets->clock;
    last->pid = cable->data_pid;
    last->crc = cable->crc;
    last->length = cable->length;
    if (repeated)
        return;
    join->packets->id++;
    add_moved(join, LINK_URB_SUBMIT, endpoint);
    add_moved(join, LINK_URB_COMPLETE, endpoint);
}

/* Packets */

/** The transaction under way had no end: nothing answered. */
static void give_up(struct join *join)
{
    struct btap_cable *cable = join->cable;
    struct btap_cable_control *control;

    if (cable->token == 0 || cable->endpoint != 0 || cable->split)
        return;
    control = find_control(join, cable->address);
    if (control == NULL || !control->active)
        return;
    control->begun |= cable->token != LINK_PID_SETUP;
    control->refused = false;
    if (++control->misses == MISSES_MAX)
        complete(join, control, BTAP_USB_BUS_ERROR);
}

static void take_token(struct join *join, const struct link_packet *packet)
{
    struct btap_cable *cable = join->cable;
    const bool follows_split = cable->token == LINK_PID_SPLIT;

    if (!follows_split)
        give_up(join);
    cable->split = follows_split;
    cable->token = (uint8_t)packet->pid;
    cable->data_pid = 0;
    cable->address = packet->address;
    cable->endpoint = packet->endpoint;
    if (packet->pid == LINK_PID_SPLIT)
        join->packets->splits++;
    else if (packet->pid == LINK_PID_SOF)
        cable->token = 0;
}

static void take_data(struct join *join, const struct link_packet *packet)
{
    struct btap_cable *cable = join->cable;

    if (cable->token != LINK_PID_OUT && cable->token != LINK_PID_IN &&
        cable->token != LINK_PID_SETUP)
        return;
    cable->data_pid = (uint8_t)packet->pid;
    cable->crc = packet->crc;
    cable->captured = packet->captured;
    cable->length = packet->length;
    cable->at = (struct btap_origin){
        .packet = join->record->packet,
        .offset = AT_DATA,
        .time = join->record->time,
    };
    if (packet->captured > 0)
        memcpy(cable->data, packet->data, packet->captured);
}

/** ACK, or NYET, by which a fast device takes data and wants a moment. */
static void take_acknowledgement(struct join *join)
{
    const struct btap_cable *cable = join->cable;

    if (cable->data_pid == 0)
        return;
    if (cable->endpoint != 0)
        bulk_moved(join);
    else if (cable->token == LINK_PID_SETUP)
        begin(join);
    else
        control_moved(join);
}

/** NAK or STALL. */
static void take_refusal(struct join *join, bool stall)
{
    struct btap_cable_control *control = find_control(join, join->cable->address);

    if (join->cable->endpoint != 0 || control == NULL || !control->active)
        return;
    control->begun = true;
    control->refused = true;
    control->misses = 0;
    if (stall)
        complete(join, control, BTAP_USB_STALL);
}

static void take_handshake(struct join *join, const struct link_packet *packet)
{
    struct btap_cable *cable = join->cable;

    if (!cable->split && cable->token != 0 && cable->token != LINK_PID_SPLIT) {
        if (packet->pid == LINK_PID_NAK || packet->pid == LINK_PID_STALL)
            take_refusal(join, packet->pid == LINK_PID_STALL);
        else if (cable->token != LINK_PID_PING)
            take_acknowledgement(join);
    }
    cable->token = 0;
}

size_t link_join_packet(struct btap_usb_packets *packets, const struct btap_record *record,
                        const struct link_packet *packet,
                        struct link_urb urbs[static LINK_PACKET_URBS_MAX])
{
    struct join join = {.packets = packets, .record = record, .urbs = urbs};

    packets->clock++;
    join.cable = cable_of(packets, record->interface_id);
    switch (packet->pid) {
    case LINK_PID_OUT:
    case LINK_PID_IN:
    case LINK_PID_SETUP:
    case LINK_PID_PING:
    case LINK_PID_SOF:
    case LINK_PID_SPLIT:
        take_token(&join, packet);
        break;
    case LINK_PID_DATA0:
    case LINK_PID_DATA1:
    case LINK_PID_DATA2:
    case LINK_PID_MDATA:
        take_data(&join, packet);
        break;
    case LINK_PID_ACK:
    case LINK_PID_NAK:
    case LINK_PID_STALL:
    case LINK_PID_NYET:
        take_handshake(&join, packet);
        break;
    case LINK_PID_PRE:
    case LINK_PID_EXTENDED:
        break;
    }
    return join.length;
}
