/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What live and run share: the options of recordings, and the text of their command lines.
 */
#ifndef SNIFFER_COMMAND_WATCHING_H
#define SNIFFER_COMMAND_WATCHING_H

#include "boottap/version.h"
#include "cli/options.h"
#include "record/outlet.h"
#include "record/recorder.h"

/** -w, for a struct recorder_options. */
extern const struct option_row watching_write_row[];

/** -b and -a, likewise. */
extern const struct option_row watching_limit_rows[];

/** The command line in one line, quoted as a shell wants it, cut where it is too long; allocated.
 */
char *watching_command_line(int argc, char *const *argv);

/** Standard error, which nothing waits for while a wire is followed. */
struct watching_talk {
    struct outlet outlet;
    FILE *stream;
};

/** From here on all that is said goes there. */
void watching_talk_begin(struct watching_talk *talk);

/** No more; what waits is read, or a signal ends waiting. */
void watching_talk_end(struct watching_talk *talk);

/** What recordings name as their application. */
#define WATCHING_APPLICATION "boottap " BTAP_VERSION

#endif
