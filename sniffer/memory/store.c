/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each level of the tree takes six bits of the address; what the lowest four bits tell apart lies
 * in one cell.
 */
#include "memory/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define LEVEL_BITS  6u
#define SLOTS       (1u << LEVEL_BITS)
#define CELL_SHIFT  4u
#define PAGE_SHIFT  (CELL_SHIFT + LEVEL_BITS) /* of the nodes right above pages */
#define TOP_SHIFT   (PAGE_SHIFT + 3 * LEVEL_BITS)
#define LEVELS      4
#define PAGE_OFFSET (STORE_PAGE_SIZE - 1)

static unsigned slot_index(uint64_t address, unsigned shift)
{
    return (unsigned)(address >> shift) & (SLOTS - 1);
}

static struct store_node **nodes_of(struct store_node *node)
{
    return (struct store_node **)(node + 1);
}

static struct store_cell *cells_of(struct store_node *page)
{
    return (struct store_cell *)(page + 1);
}

static unsigned count_slots(uint64_t present)
{
    return (unsigned)__builtin_popcountll(present);
}

/** Where a slot stands among those that there are. */
static unsigned place_of(const struct store_node *node, unsigned index)
{
    return count_slots(node->present & ((UINT64_C(1) << index) - 1));
}

static bool has_slot(const struct store_node *node, unsigned index)
{
    return (node->present >> index & 1) != 0;
}

/** The slots from an index on. */
static uint64_t slots_from(const struct store_node *node, unsigned index)
{
    return node->present & UINT64_MAX << index;
}

/** Makes slots of a node. @param node NULL: none yet @return the node, perhaps in another place */
static struct store_node *add_slots(struct store_node *node, uint64_t wanted, size_t size)
{
    const uint64_t before = node != NULL ? node->present : 0;
    const uint64_t after = before | wanted;
    unsigned from = count_slots(before);
    unsigned to = count_slots(after);
    uint8_t *slots;

    if (after == before)
        return node;
    if (node == NULL)
        node = allocate(sizeof(*node) + to * size);
    else
        node = reallocate(node, sizeof(*node) + to * size);
    node->present = after;
    slots = (uint8_t *)(node + 1);
    for (unsigned i = SLOTS; to > from && i > 0; i--) {
        const uint64_t slot = UINT64_C(1) << (i - 1);

        if ((before & slot) != 0)
            memmove(slots + --to * size, slots + --from * size, size);
        else if ((after & slot) != 0)
            memset(slots + --to * size, 0, size);
    }
    return node;
}

struct store_node *store_page(struct store_node *top, uint32_t address)
{
    struct store_node *node = top;

    for (unsigned shift = TOP_SHIFT; node != NULL && shift >= PAGE_SHIFT; shift -= LEVEL_BITS) {
        const unsigned index = slot_index(address, shift);

        node = has_slot(node, index) ? nodes_of(node)[place_of(node, index)] : NULL;
    }
    return node;
}

struct store_cell *store_cell(struct store_node *page, uint32_t address)
{
    const unsigned index = slot_index(address, CELL_SHIFT);

    return page != NULL && has_slot(page, index) ? cells_of(page) + place_of(page, index) : NULL;
}

struct store_cell *store_open(struct store_node **top, uint32_t address, uint32_t length,
                              uint8_t state)
{
    const unsigned first = slot_index(address, CELL_SHIFT);
    const unsigned last = slot_index((uint64_t)address + length - 1, CELL_SHIFT);
    struct store_node **at = top;

    for (unsigned shift = TOP_SHIFT; shift >= PAGE_SHIFT; shift -= LEVEL_BITS) {
        const unsigned index = slot_index(address, shift);

        *at = add_slots(*at, UINT64_C(1) << index, sizeof(struct store_node *));
        (*at)->state |= state;
        at = &nodes_of(*at)[place_of(*at, index)];
    }
    *at = add_slots(*at, UINT64_MAX >> (SLOTS - 1 - last) & UINT64_MAX << first,
                    sizeof(struct store_cell));
    (*at)->state |= state;
    return cells_of(*at) + place_of(*at, first);
}

/** The first slot from an index on that may hold what is needed; SLOTS if there is none. */
static unsigned next_slot(struct store_node *node, unsigned from, uint8_t needs)
{
    unsigned place = place_of(node, from);

    for (uint64_t left = slots_from(node, from); left != 0; left &= left - 1, place++)
        if ((nodes_of(node)[place]->state & needs) == needs)
            return (unsigned)__builtin_ctzll(left);
    return SLOTS;
}

bool store_seek(struct store_node *top, uint64_t *at, uint64_t end, uint8_t needs,
                struct store_node **page)
{
    struct store_node *node = top;
    unsigned shift = TOP_SHIFT;

    while (node != NULL && *at < end) {
        const unsigned from = slot_index(*at, shift);
        const unsigned index = next_slot(node, from, needs);
        const uint64_t above = *at >> shift >> LEVEL_BITS;

        if (index == SLOTS) {
            /* Nothing here: on behind this node. */
            *at = (above + 1) << LEVEL_BITS << shift;
            node = top;
            shift = TOP_SHIFT;
            continue;
        }
        if (index > from)
            *at = (above << LEVEL_BITS | index) << shift;
        node = nodes_of(node)[place_of(node, index)];
        if (shift == PAGE_SHIFT) {
            *page = node;
            return *at < end;
        }
        shift -= LEVEL_BITS;
    }
    return false;
}

/** Goes to the next page of a walk. */
static bool turn_page(struct store_node *top, struct store_walk *walk)
{
    uint64_t next;

    if (!store_seek(top, &walk->at, walk->end, walk->needs, &walk->page))
        return false;
    walk->page_address = (uint32_t)walk->at & ~PAGE_OFFSET;
    walk->rest.first = (uint32_t)walk->at & PAGE_OFFSET;
    next = (uint64_t)walk->page_address + STORE_PAGE_SIZE;
    walk->at = next < walk->end ? next : walk->end;
    walk->rest.last = (uint32_t)(walk->at - 1) & PAGE_OFFSET;
    return true;
}

struct store_cell *store_next(struct store_node *top, struct store_walk *walk)
{
    for (;;) {
        const unsigned from = walk->rest.first / STORE_CELL_SIZE;
        const uint64_t left = walk->page != NULL && from < SLOTS ? slots_from(walk->page, from) : 0;
        const unsigned index = left != 0 ? (unsigned)__builtin_ctzll(left) : SLOTS;
        const uint32_t offset = index * STORE_CELL_SIZE;

        if (index < SLOTS && offset <= walk->rest.last) {
            walk->address = walk->page_address + offset;
            walk->first = index == from ? walk->rest.first - offset : 0;
            walk->last = walk->rest.last - offset < STORE_CELL_SIZE ? walk->rest.last - offset
                                                                    : STORE_CELL_SIZE - 1;
            walk->rest.first = offset + STORE_CELL_SIZE;
            return cells_of(walk->page) + place_of(walk->page, index);
        }
        if (!turn_page(top, walk))
            return NULL;
    }
}

/** What all that is below a node may hold. */
static uint8_t state_below(struct store_node *node)
{
    const unsigned slots = count_slots(node->present);
    uint8_t state = 0;

    for (unsigned i = 0; i < slots; i++)
        state |= nodes_of(node)[i]->state;
    return state;
}

void store_settle(struct store_node *top, uint32_t address, uint8_t state)
{
    struct store_node *path[LEVELS];
    struct store_node *node = top;
    unsigned depth = 0;

    for (unsigned shift = TOP_SHIFT; shift >= PAGE_SHIFT; shift -= LEVEL_BITS) {
        path[depth++] = node;
        node = nodes_of(node)[place_of(node, slot_index(address, shift))];
    }
    if (node->state == state)
        return;
    node->state = state;
    while (depth-- > 0)
        path[depth]->state = state_below(path[depth]);
}

void store_release(struct store_node *top)
{
    while (top != NULL) {
        struct store_node *above = NULL;
        struct store_node *node = top;
        unsigned shift = TOP_SHIFT;

        /* The last leaf, or a node that has become one */
        while (shift >= PAGE_SHIFT && node->present != 0) {
            above = node;
            node = nodes_of(node)[count_slots(node->present) - 1];
            shift -= LEVEL_BITS;
        }
        if (above == NULL)
            top = NULL;
        else
            above->present &= above->present - 1; /* one less; which one does not matter here */
        free(node);
    }
}
