/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What decode prints: transactions as text or JSON, or totals.
 */
#ifndef SNIFFER_DECODE_OUTPUT_H
#define SNIFFER_DECODE_OUTPUT_H

#include <stdio.h>

#include "base/time_format.h"
#include "boottap/tap.h"
#include "capture/stream.h"
#include "decode/collect.h"

struct output_options {
    FILE *to;
    bool fields;        /**< with every field and its bytes */
    bool notes;         /**< with notes */
    bool colour;        /**< text: for a terminal */
    bool several_files; /**< name the file */
    bool json;          /**< totals: as JSON */
    enum time_style time_style;
};

/** First member of every output. Callbacks but transaction may be NULL. */
struct output {
    struct output_options options;
    const struct stream *stream; /**< the file in hand, or what is live */
    const struct btap_tap *tap;  /**< that decodes it */
    void (*begin_file)(struct output *output);
    /** collected holds the transaction's fields and payload, as far as options ask for them. */
    void (*transaction)(struct output *output, const struct btap_link *link,
                        const struct btap_transaction *transaction,
                        const struct collected *collected);
    /** A transaction that the filter left out: its notes do not count. */
    void (*skipped)(struct output *output, const struct btap_link *link);
    /** Every note; n is 0 for one that belongs to no transaction. */
    void (*note)(struct output *output, const struct btap_link *link, uint64_t n,
                 const struct btap_note *note);
    /** Fields outside any transaction. */
    void (*outside)(struct output *output, const struct btap_link *link,
                    const struct collected *collected);
    void (*end_file)(struct output *output);
};

/** The outputs, allocated; the caller frees. The program ends if memory does. */
struct output *output_text_new(const struct output_options *options);
struct output *output_json_new(const struct output_options *options);
struct output *output_summary_new(const struct output_options *options);

#endif
