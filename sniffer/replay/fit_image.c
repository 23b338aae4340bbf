/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Another image in place of the one that a capture's host wrote.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "firmware/firmware.h"
#include "replay/fit.h"

/** What the recorded commands tell of how the image is to be flashed. */
struct recorded {
    size_t first;    /**< index of the first erase or write; plan's length: none */
    size_t last;     /**< of the last write */
    bool writes;     /**< there is one */
    uint32_t lowest; /**< address that a write begins at */
    struct fit_wish wish;
};

static bool changes_memory(const struct btap_transaction *transaction)
{
    return btap_command_has(transaction->command, BTAP_TRAIT_WRITES | BTAP_TRAIT_ERASES);
}

static void note_write(struct recorded *recorded, const struct btap_transaction *transaction,
                       size_t index)
{
    if (!recorded->writes) {
        recorded->lowest = transaction->address;
        recorded->wish.first_block = transaction->block;
    }
    if (transaction->address < recorded->lowest)
        recorded->lowest = transaction->address;
    if (transaction->length > recorded->wish.write_size)
        recorded->wish.write_size = transaction->length;
    recorded->writes = true;
    recorded->last = index;
}

static void note(struct recorded *recorded, const struct btap_transaction *transaction,
                 size_t index)
{
    struct fit_wish *wish = &recorded->wish;

    if (changes_memory(transaction) && index < recorded->first)
        recorded->first = index;
    wish->mass_erase |= transaction->erase == BTAP_ERASE_MASS;
    if (transaction->has & BTAP_HAS_CAN_ID)
        wish->can_base = transaction->request_id & 0x700;
    if (btap_command_has(transaction->command, BTAP_TRAIT_ERASES) &&
        transaction->transport == BTAP_USART)
        wish->erase_opcode = transaction->opcode;
    if (btap_command_has(transaction->command, BTAP_TRAIT_WRITES))
        note_write(recorded, transaction, index);
    else if (recorded->writes && btap_command_has(transaction->command, BTAP_TRAIT_READS))
        wish->verify = true;
}

/** Looks through the plan. */
static void look(const struct plan *plan, struct recorded *recorded)
{
    struct unpacked *room = allocate(sizeof(*room));

    *recorded = (struct recorded){.first = plan->length};
    for (size_t i = 0; i < plan->length; i++) {
        steps_get(&plan->steps, i, room);
        note(recorded, &room->transaction, i);
    }
    free(room);
}

/** Commands taken out of a plan, which is about to change. */
struct end {
    size_t length;
    struct plan_command *commands;
    uint8_t *payload; /**< of all of them */
};

/** Index of the first command that starts or leaves, after another; with what goes before it: the
 * address that DFU starts at. */
static size_t find_end(const struct plan *plan, size_t after)
{
    struct plan_command before;
    size_t first = after;

    while (first < plan->length && !(plan->items[first].needs & (PLAN_GO | PLAN_LEAVE)))
        first++;
    if (first == after || first == plan->length)
        return first;
    plan_get(plan, first - 1, &before);
    return before.transaction.command == BTAP_SET_ADDRESS ? first - 1 : first;
}

static void take_end(const struct plan *plan, size_t after, struct end *end)
{
    const size_t first = find_end(plan, after);
    size_t at = 0;

    end->length = plan->length - first;
    end->commands = allocate((end->length + 1) * sizeof(*end->commands));
    end->payload = allocate(plan->payload_length + 1);
    for (size_t i = 0; i < end->length; i++) {
        struct plan_command *command = &end->commands[i];

        plan_get(plan, first + i, command);
        if (command->payload == NULL)
            continue;
        memcpy(end->payload + at, command->payload, command->payload_length);
        command->payload = end->payload + at;
        at += command->payload_length;
    }
}

static void put_end(struct plan *plan, const struct end *end)
{
    for (size_t i = 0; i < end->length; i++)
        plan_add(plan, &end->commands[i]);
    free(end->commands);
    free(end->payload);
}

void fit_image(struct plan *plan, const struct image *image)
{
    struct recorded recorded;
    struct end end;
    size_t before;

    look(plan, &recorded);
    if (!recorded.writes) {
        plan_refuse(plan, 0, 0, "nothing that an image could take the place of is written");
        return;
    }
    take_end(plan, recorded.last + 1, &end);
    before = plan->length;
    plan_cut(plan, recorded.first);
    plan->left_out[PLAN_REPLACED] += before - recorded.first - end.length;
    recorded.wish.image = image;
    fit_commands(plan, &plan->device, &recorded.wish);
    put_end(plan, &end);
}

/** Copies an image to where it is to begin. */
static void move_image(const struct image *from, uint32_t by, struct image *to)
{
    struct btap_range run;
    uint64_t at = 0;
    uint8_t bytes[STORE_PAGE_SIZE];

    while (image_next(from, &at, IMAGE_WRITTEN, &run))
        for (uint64_t next = run.first; next <= run.last; next += sizeof(bytes)) {
            const uint64_t left = (uint64_t)run.last + 1 - next;
            const uint32_t part = left < sizeof(bytes) ? (uint32_t)left : sizeof(bytes);

            image_copy(from, (uint32_t)next, part, 0xff, bytes);
            image_write(to, by + (uint32_t)next, bytes, part);
        }
}

bool fit_image_file(struct plan *plan, const char *path, const uint32_t *address)
{
    struct recorded recorded;
    struct firmware *firmware = allocate(sizeof(*firmware));
    struct image *moved = allocate(sizeof(*moved));
    bool read = firmware_read(firmware, path);

    if (read && firmware->placed) {
        fit_image(plan, &firmware->image);
    } else if (read) {
        look(plan, &recorded);
        move_image(&firmware->image, address != NULL ? *address : recorded.lowest, moved);
        fit_image(plan, moved);
    }
    if (read)
        firmware_release(firmware);
    image_release(moved);
    free(moved);
    free(firmware);
    return read;
}
