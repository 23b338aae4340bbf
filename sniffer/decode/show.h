/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The way of transactions from the tap's sink through the filter to an output, wherever the records
 * come from.
 */
#ifndef SNIFFER_DECODE_SHOW_H
#define SNIFFER_DECODE_SHOW_H

#include "boottap/tap.h"
#include "cli/filter.h"
#include "decode/output.h"

struct show_options {
    struct filter filter;
    struct output_options output;
    bool summary;
    uint64_t count;   /**< transactions after which to stop; 0: no limit */
    const char *name; /**< of where it is printed, for messages: `standard output` */
};

/** Readers look at shown to failed. */
struct show {
    uint64_t shown; /**< transactions, of all files */
    uint64_t found; /**< transactions since show_begin(), shown or not */
    bool done;      /**< what else comes is not shown */
    bool failed;    /**< writing did not succeed: a message said so */
    bool unread;    /**< it goes into a pipe that nobody reads any more, which is no failure */

    const struct show_options *options;
    struct output *output;
    struct collect collect;
    struct btap_sink sink;
};

/** @param options kept */
void show_init(struct show *show, const struct show_options *options);

/** What to call for what the tap emits; a callback that nobody needs is NULL. */
const struct btap_sink *show_sink(const struct show *show);

/** Begins a file, or what is live. @param stream kept @param tap kept */
void show_begin(struct show *show, const struct stream *stream, const struct btap_tap *tap);

/** Ends it, after the tap's end. */
void show_end(struct show *show);

/** Writes what is buffered. @return false if writing failed, now or before: a message said so */
bool show_flush(struct show *show);

void show_release(struct show *show);

#endif
