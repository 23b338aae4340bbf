/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A replay to a device from beginning to end: agreed to, opened, sent, watched, reported.
 */
#ifndef SNIFFER_REPLAY_SESSION_H
#define SNIFFER_REPLAY_SESSION_H

#include "replay/replay.h"
#include "replay/target.h"
#include "replay/translate.h"
#include "watch/watch.h"

/** What the command line asks for. */
struct replay_request {
    struct target target;
    /** permit.confirmed: --yes; identified and context are set here. */
    struct replay_options replay;
    struct answer_options answers;
    /** decoder, record, quiet and colour are used; the rest is set here. */
    struct watch_options watch;
    FILE *to; /**< where the differences go: standard output; NULL: they are not printed */
    bool json;
    bool colour;       /**< of the differences */
    size_t context;    /**< equal transactions around a difference */
    const char *junit; /**< file for a report, "-" for standard output, alone; NULL: none */
    /** --translate: what is to be done, which makes the plan when the device is known; NULL. */
    const struct translation *translation;
};

/**
 * Plays a plan. Whatever stands against it is found before the device is opened: a problem of the
 * plan, another wire, a permission that is missing (each is named), what must be confirmed and is
 * neither by --yes nor on a terminal, what needs --allow-irreversible. Messages say so.
 *
 * @param plan made; with a translation empty: it is filled in
 * @param request kept while it lasts
 * @return an exit status: EXIT_FINDING if the device answered unlike the recorded one, is another
 *         one, or vanished; EXIT_TROUBLE if nothing was sent, or what was asked for could not be
 *         written
 */
int replay_to(struct plan *plan, struct replay_request *request);

/**
 * Reports, as asked for, a replay for which there is no plan to be had; a message said so.
 *
 * @param plan with the capture's name
 * @param words why
 */
void replay_refuse(struct plan *plan, struct replay_request *request, const char *words);

#endif
