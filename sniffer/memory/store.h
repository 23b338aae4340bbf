/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where an image keeps its bytes: a tree over the addresses whose nodes hold only what there is, so
 * that neither room nor time depends on how far apart bytes lie.
 */
#ifndef SNIFFER_MEMORY_STORE_H
#define SNIFFER_MEMORY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "boottap/product.h"

/** Bytes that a leaf of the tree covers, and those that it keeps together. */
#define STORE_PAGE_SIZE 1024u
#define STORE_CELL_SIZE 16u

#define STORE_ADDRESSES ((uint64_t)UINT32_MAX + 1)

/** Bytes that lie side by side, with their marks (enum image_mark). */
struct store_cell {
    uint8_t bytes[STORE_CELL_SIZE];
    uint16_t marks[STORE_CELL_SIZE];
};

/** What the bytes below a node may be; 0: whatever they are. */
enum store_state {
    STORE_LIVE = 1 << 0,    /**< some have a value */
    STORE_CERTAIN = 1 << 1, /**< some have one of which nothing was erased that it is not known */
};

/** A node of the tree. Up to 64 slots stand behind it: nodes, or in a page, a leaf, cells. */
struct store_node {
    uint64_t present; /**< which slots there are */
    uint8_t state;    /**< set of enum store_state */
};

/** A way through the cells of a range. The first three members are the caller's to set. */
struct store_walk {
    uint64_t at;
    uint64_t end;
    uint8_t needs; /**< pages that may not hold this are left out */

    struct store_node *page;
    uint32_t page_address;
    struct btap_range rest; /**< of the page, as offsets */
    /* Of the cell that was found: which of its bytes are in the range */
    uint32_t address; /**< of its first byte */
    uint32_t first;
    uint32_t last;
};

/** The next cell of a walk. @return NULL if there is none */
struct store_cell *store_next(struct store_node *top, struct store_walk *walk);

/** The page that holds an address; NULL if there is none. @param top NULL: an empty tree */
struct store_node *store_page(struct store_node *top, uint32_t address);

/** The cell of a page that holds an address; NULL if there is none. */
struct store_cell *store_cell(struct store_node *page, uint32_t address);

/**
 * Makes cells where there are none, which are zero.
 *
 * @param[in,out] top of the tree
 * @param length bytes from the address on, at least 1, all in one page
 * @param state what the page, and all nodes above it, hold from now on
 * @return the cell that holds address; the cells of the others follow it
 */
struct store_cell *store_open(struct store_node **top, uint32_t address, uint32_t length,
                              uint8_t state);

/** The next page from an address on that may hold what is needed. @return false if there is none
 * before end. @param[in,out] at set to the page, or left where it is if that lies in it */
bool store_seek(struct store_node *top, uint64_t *at, uint64_t end, uint8_t needs,
                struct store_node **page);

/** Says what a page holds after its cells have changed. */
void store_settle(struct store_node *top, uint32_t address, uint8_t state);

/** Frees all nodes. */
void store_release(struct store_node *top);

#endif
