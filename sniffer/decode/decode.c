/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "capture/capture.h"

struct decode {
    const struct decode_options *options;
    struct output *output;
    struct btap_sink sink;
    struct collect collect;
    uint64_t shown; /**< transactions, of all files */
    uint64_t found; /**< transactions of this file, shown or not */
    bool done;      /**< what else comes is not shown */
    bool failed;    /**< writing did not succeed */
    struct input input;
    struct btap_tap tap;
};

static void check_written(struct decode *decode)
{
    if (!ferror(decode->options->output.to))
        return;
    message("standard output: %s", strerror(errno));
    decode->failed = true;
    decode->done = true;
}

static bool wants_link(const struct decode *decode, const struct btap_link *link)
{
    return !decode->done && filter_link(&decode->options->filter, link);
}

/** Tells what lies outside transactions, if anything does, and forgets it. */
static void tell_outside(struct decode *decode, struct collected *collected)
{
    if (collected->n == 0 && collected->fields_length > 0 && wants_link(decode, collected->link) &&
        filter_outside(&decode->options->filter) && decode->output->outside != NULL) {
        decode->output->outside(decode->output, collected->link, collected);
        check_written(decode);
    }
    collected_clear(collected);
}

static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct decode *decode = context;
    struct collected *collected = collect_link(&decode->collect, link);

    if (!collected_accepts(collected, span))
        tell_outside(decode, collected);
    collected_add_span(collected, span);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct decode *decode = context;

    collected_add_data(collect_link(&decode->collect, link), data);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct decode *decode = context;

    if (decode->output->note == NULL || !wants_link(decode, link) ||
        (n == 0 && !filter_outside(&decode->options->filter)))
        return;
    decode->output->note(decode->output, link, n, note);
    check_written(decode);
}

static void tell_transaction(struct decode *decode, const struct btap_link *link,
                             const struct btap_transaction *transaction,
                             const struct collected *collected)
{
    if (!wants_link(decode, link))
        return;
    if (!filter_transaction(&decode->options->filter, transaction)) {
        if (decode->output->skipped != NULL)
            decode->output->skipped(decode->output, link);
        return;
    }
    decode->output->transaction(decode->output, link, transaction, collected);
    if (++decode->shown == decode->options->count)
        decode->done = true;
    check_written(decode);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct decode *decode = context;
    struct collected *collected = NULL;

    decode->found++;
    if (decode->sink.span != NULL || decode->sink.data != NULL) {
        collected = collect_link(&decode->collect, link);
        if (collected->n != transaction->n && collected->fields_length > 0)
            tell_outside(decode, collected);
    }
    tell_transaction(decode, link, transaction, collected);
    if (collected != NULL)
        collected_clear(collected);
}

/** Decodes the open file. */
static void decode_input(struct decode *decode)
{
    struct output *output = decode->output;
    const uint64_t shown = decode->shown;
    struct btap_record record;

    decode->found = 0;
    btap_tap_init(&decode->tap, &decode->sink, &decode->options->decoder);
    output->input = &decode->input;
    output->tap = &decode->tap;
    if (output->begin_file != NULL)
        output->begin_file(output);
    while (!decode->done && input_next(&decode->input, &record))
        btap_tap_record(&decode->tap, &record);
    btap_tap_finish(&decode->tap);
    for (size_t i = 0; i < decode->collect.length; i++)
        tell_outside(decode, decode->collect.links[i]);
    collect_release(&decode->collect);
    if (output->end_file != NULL && !decode->failed)
        output->end_file(output);
    if (decode->found == 0 && decode->input.result == INPUT_END)
        capture_tell_nothing_found(&decode->input, &decode->tap.counters);
    else if (decode->found > 0 && decode->shown == shown && !decode->done)
        filter_tell_nothing_left(&decode->options->filter, decode->input.name);
}

static int decode_file(struct decode *decode, const char *path)
{
    if (!input_open(&decode->input, path))
        return EXIT_TROUBLE;
    decode_input(decode);
    input_close(&decode->input);
    return decode->input.result == INPUT_FAILED || decode->failed ? EXIT_TROUBLE : EXIT_DONE;
}

static struct output *new_output(const struct decode_options *options)
{
    if (options->summary)
        return output_summary_new(&options->output);
    return options->output.json ? output_json_new(&options->output)
                                : output_text_new(&options->output);
}

/** What nobody reads is not computed. */
static struct btap_sink sink_for(struct decode *decode)
{
    const struct decode_options *options = decode->options;
    struct btap_sink sink = {
        .context = decode,
        .note = on_note,
        .transaction = on_transaction,
    };

    if (options->output.fields)
        sink.span = on_span;
    if (options->output.json && !options->summary)
        sink.data = on_data;
    return sink;
}

int decode_files(const struct decode_options *options, const char *const *paths, size_t length)
{
    struct decode *decode = allocate(sizeof(*decode));
    int status = EXIT_DONE;

    decode->options = options;
    decode->output = new_output(options);
    decode->sink = sink_for(decode);
    collect_init(&decode->collect);
    interrupt_catch();
    for (size_t i = 0; i < length && !decode->done && interrupt_signal == 0; i++)
        if (decode_file(decode, paths[i]) != EXIT_DONE)
            status = EXIT_TROUBLE;
    if (fflush(options->output.to) != 0 && !decode->failed) {
        message("standard output: %s", strerror(errno));
        status = EXIT_TROUBLE;
    }
    free(decode->output);
    free(decode);
    interrupt_die();
    return status;
}
