/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/wire.h"

enum wire_result wire_send(struct wire *wire, const struct wire_message *message)
{
    return wire->kind->send(wire, message);
}

enum wire_result wire_receive(struct wire *wire, struct wire_received *received, btap_ns deadline)
{
    return wire->kind->receive(wire, received, deadline);
}

enum wire_result wire_reopen(struct wire *wire, btap_ns deadline)
{
    return wire->kind->reopen != NULL ? wire->kind->reopen(wire, deadline) : WIRE_DONE;
}

void wire_close(struct wire *wire)
{
    if (wire != NULL)
        wire->kind->close(wire);
}
