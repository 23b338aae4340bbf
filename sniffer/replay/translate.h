/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --translate: what a session of a capture did to memory, to be done to a device on another wire by
 * its own commands. What it will need is known before the device is opened; the commands only when
 * the device has said who it is.
 */
#ifndef SNIFFER_REPLAY_TRANSLATE_H
#define SNIFFER_REPLAY_TRANSLATE_H

#include <stdio.h>

#include "boottap/tap.h"
#include "replay/fit.h"

/** Which session. */
struct translate_source {
    const char *path;
    const char *link; /**< only this one, as decode prints it; NULL: any */
    uint64_t session; /**< only this one of each link; 0: any */
    struct btap_options decoder;
};

struct translation;

/**
 * Reads what the session did: the one that writes or erases, if there is one only. Messages say
 * what goes wrong, and what of the capture cannot be done on another wire.
 *
 * @return NULL: nothing can be translated
 */
struct translation *translation_read(const struct translate_source *source);

/** NULL is none. */
void translation_free(struct translation *translation);

/** Permissions that it will need on a wire; bits of enum plan_permission. */
uint32_t translation_needs(const struct translation *translation, enum btap_transport transport);

/** Begins an empty plan for a wire: by commands that ask who the device is and what it can, where
 * it does not say so by itself. */
void translation_begin(const struct translation *translation, struct plan *plan,
                       enum btap_transport transport);

/**
 * Goes on with the commands that do it, by what plan->device says now; problems are the plan's.
 *
 * @param erase_opcode USART: that of the device's answer to Get; 0: not known
 */
void translation_finish(const struct translation *translation, struct plan *plan,
                        uint8_t erase_opcode);

/** Prints what will be done, as far as that is known without the device; as JSON one object. */
void translation_print(const struct translation *translation, enum btap_transport transport,
                       bool json, FILE *to);

#endif
