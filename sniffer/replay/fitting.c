/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/fitting.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/allocate.h"

struct btap_transaction fitting_command(const struct fitting *fitting, enum btap_command command)
{
    return (struct btap_transaction){
        .transport = fitting->plan->transport,
        .command = command,
        .alternate = fitting->alternate,
    };
}

struct btap_transaction fitting_opcode(const struct fitting *fitting, uint8_t opcode)
{
    const struct btap_command_info *info = btap_command_by_opcode(fitting->plan->transport, opcode);
    struct btap_transaction request = fitting_command(fitting, info->command);

    request.has = BTAP_HAS_OPCODE;
    request.opcode = opcode;
    if (fitting->plan->transport == BTAP_FDCAN) {
        request.has |= BTAP_HAS_CAN_ID;
        request.request_id = (uint16_t)(fitting->wish->can_base | opcode);
    }
    return request;
}

struct btap_transaction fitting_at(struct btap_transaction request, uint32_t address,
                                   uint32_t length)
{
    request.has |= BTAP_HAS_ADDRESS;
    request.address = address;
    if (length > 0) {
        request.has |= BTAP_HAS_LENGTH;
        request.length = length;
    }
    return request;
}

void fitting_add(const struct fitting *fitting, const struct btap_transaction *request)
{
    plan_add(fitting->plan, &(struct plan_command){.origin = PLAN_FITTED, .transaction = *request});
}

void fitting_add_contents(const struct fitting *fitting, const struct btap_transaction *request)
{
    const uint32_t address = request->has & BTAP_HAS_ADDRESS
                                 ? request->address
                                 : fitting->plain_first + request->block * fitting->plain_size;
    uint8_t *bytes = allocate(request->length + 1);
    struct plan_command command = {
        .origin = PLAN_FITTED,
        .transaction = *request,
        .has_crc32 = true,
    };

    image_copy(fitting->wish->image, address, request->length, fitting->fill, bytes);
    command.crc32 = (uint32_t)crc32(0, bytes, request->length);
    if (btap_command_has(request->command, BTAP_TRAIT_WRITES)) {
        command.payload = bytes;
        command.payload_length = request->length;
    }
    plan_add(fitting->plan, &command);
    free(bytes);
}
