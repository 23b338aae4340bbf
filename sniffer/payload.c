/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payload.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

static void add_slice(struct payload *payload, const struct btap_data *data)
{
    struct payload_slice *last =
        payload->slices_length > 0 ? &payload->slices[payload->slices_length - 1] : NULL;

    if (last != NULL && last->written == data->written &&
        (uint64_t)last->address + last->length == data->address) {
        last->length += data->length;
        return;
    }
    if (payload->slices_length == payload->slices_room) {
        payload->slices_room = 2 * payload->slices_room + 8;
        payload->slices =
            reallocate(payload->slices, payload->slices_room * sizeof(*payload->slices));
    }
    payload->slices[payload->slices_length++] =
        (struct payload_slice){data->address, data->length, data->packet, data->written};
}

void payload_add(struct payload *payload, const struct btap_data *data)
{
    if (payload->n != data->n)
        payload_clear(payload);
    payload->n = data->n;
    add_slice(payload, data);
    if (payload->room - payload->length < data->length) {
        payload->room = 2 * (payload->length + data->length);
        payload->bytes = reallocate(payload->bytes, payload->room);
    }
    memcpy(payload->bytes + payload->length, data->bytes, data->length);
    payload->length += data->length;
}

void payload_clear(struct payload *payload)
{
    payload->n = 0;
    payload->slices_length = 0;
    payload->length = 0;
}

void payload_release(struct payload *payload)
{
    free(payload->slices);
    free(payload->bytes);
    *payload = (struct payload){0};
}
