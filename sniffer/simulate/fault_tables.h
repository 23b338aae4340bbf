/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The names of faults, commands and phases. Internal to the room.
 */
#ifndef SIMULATE_FAULT_TABLES_H
#define SIMULATE_FAULT_TABLES_H

#include "simulate/part.h"

/** What stands behind the = of a fault. */
enum fault_value {
    FAULT_NO_VALUE,
    FAULT_BYTE,
    FAULT_COUNT,
    FAULT_MS,
    FAULT_STATUS, /**< a DFU status, by name or number */
};

/** Where a fault can be. */
enum fault_place {
    FAULT_ANSWERS,  /**< at any answer: @COMMAND.PHASE */
    FAULT_ANYWHERE, /**< in place of what a command sends too */
    FAULT_REPLIES,  /**< in what a command sends: @COMMAND */
    FAULT_REQUESTS, /**< dfu: at what a DNLOAD starts: @COMMAND */
    FAULT_BYTES,    /**< usart: at a byte of the host: #N */
    FAULT_DEVICE,   /**< everywhere: neither */
};

struct fault_kind {
    const char *name;
    int kind; /**< of the wire's own enum */
    enum fault_value value;
    bool value_may_lack;
    uint32_t usual; /**< where it does */
    enum fault_place place;
    const char *help;
};

/** A command with the bits of its phases. */
struct fault_command {
    const char *name;
    int code; /**< opcode; dfu: enum dfu_command */
    unsigned phases;
};

/** A phase by its name; of one command there may be several with the same number. */
struct fault_phase {
    const char *name;
    int phase; /**< of the wire's own enum */
};

/** All of a wire; each list ends with a row without name. */
struct fault_tables {
    const char *wire;
    const struct fault_kind *kinds;
    const struct fault_command *commands;
    const struct fault_phase
        *phases;     /**< a command's bits count in its order; the first is usual */
    unsigned reply;  /**< bit of the phase of what a command sends */
    unsigned answer; /**< bits of those in which it answers only */
};

#define FAULT_ANY_COMMAND (-1)

const struct fault_tables *fault_tables_of(enum sim_kind kind);

/** Number of a DFU status by its name (DFU 1.1 section 6.1.2), case ignored. */
bool fault_status(const char *name, size_t length, uint32_t *status);

#endif
