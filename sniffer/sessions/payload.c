/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** Whether data go on where a slice ends. */
static bool continues(const struct payload_slice *slice, const struct btap_data *data)
{
    return slice->written == data->written &&
           (uint64_t)slice->address + slice->length == data->address;
}

static void add_slice(struct payload *payload, const struct btap_data *data)
{
    const size_t length = payload->slices_length;

    if (length > 0 && continues(&payload->slices[length - 1], data)) {
        payload->slices[length - 1].length += data->length;
        return;
    }
    payload->slices =
        grow(payload->slices, length, &payload->slices_room, sizeof(*payload->slices));
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
