/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

static void check_written(struct show *show)
{
    if (!ferror(show->options->output.to))
        return;
    show->done = true;
    show->unread = errno == EPIPE;
    if (show->unread)
        return;
    message("%s: %s", show->options->name, strerror(errno));
    show->failed = true;
}

static bool wants_link(const struct show *show, const struct btap_link *link)
{
    return !show->done && filter_link(&show->options->filter, link);
}

/** Tells what lies outside transactions, if anything does, and forgets it. */
static void tell_outside(struct show *show, struct collected *collected)
{
    if (collected->n == 0 && collected->fields_length > 0 && wants_link(show, &collected->link) &&
        filter_outside(&show->options->filter) && show->output->outside != NULL) {
        show->output->outside(show->output, &collected->link, collected);
        check_written(show);
    }
    collected_clear(collected);
}

/** What is collected of a link: what another left at its place is told before. */
static struct collected *collected_of(struct show *show, const struct btap_link *link)
{
    struct collected *collected = collect_link(&show->collect, link);

    if (!btap_link_same(&collected->link, link)) {
        tell_outside(show, collected);
        collected_start(collected, link);
    }
    return collected;
}

static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct show *show = context;
    struct collected *collected = collected_of(show, link);

    if (!collected_accepts(collected, span))
        tell_outside(show, collected);
    collected_add_span(collected, span);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct show *show = context;

    collected_add_data(collected_of(show, link), data);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct show *show = context;

    if (show->output->note == NULL || !wants_link(show, link) ||
        (n == 0 && !filter_outside(&show->options->filter)))
        return;
    show->output->note(show->output, link, n, note);
    check_written(show);
}

static void tell_transaction(struct show *show, const struct btap_link *link,
                             const struct btap_transaction *transaction,
                             const struct collected *collected)
{
    if (!wants_link(show, link))
        return;
    if (!filter_transaction(&show->options->filter, transaction)) {
        if (show->output->skipped != NULL)
            show->output->skipped(show->output, link);
        return;
    }
    show->output->transaction(show->output, link, transaction, collected);
    if (++show->shown == show->options->count)
        show->done = true;
    check_written(show);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct show *show = context;
    struct collected *collected = NULL;

    show->found++;
    if (show->sink.span != NULL || show->sink.data != NULL) {
        collected = collected_of(show, link);
        if (collected->n != transaction->n && collected->fields_length > 0)
            tell_outside(show, collected);
    }
    tell_transaction(show, link, transaction, collected);
    if (collected != NULL)
        collected_clear(collected);
}

static struct output *new_output(const struct show_options *options)
{
    if (options->summary)
        return output_summary_new(&options->output);
    return options->output.json ? output_json_new(&options->output)
                                : output_text_new(&options->output);
}

/** What nobody reads is not computed. */
static struct btap_sink sink_for(struct show *show)
{
    const struct show_options *options = show->options;
    struct btap_sink sink = {
        .context = show,
        .note = on_note,
        .transaction = on_transaction,
    };

    if (options->output.fields)
        sink.span = on_span;
    if (options->output.json && !options->summary)
        sink.data = on_data;
    return sink;
}

void show_init(struct show *show, const struct show_options *options)
{
    *show = (struct show){.options = options, .output = new_output(options)};
    show->sink = sink_for(show);
    collect_init(&show->collect);
}

const struct btap_sink *show_sink(const struct show *show)
{
    return &show->sink;
}

void show_begin(struct show *show, const struct stream *stream, const struct btap_tap *tap)
{
    struct output *output = show->output;

    show->found = 0;
    output->stream = stream;
    output->tap = tap;
    if (output->begin_file != NULL)
        output->begin_file(output);
}

void show_end(struct show *show)
{
    for (size_t i = 0; i < show->collect.length; i++)
        tell_outside(show, show->collect.links[i]);
    collect_release(&show->collect);
    if (show->output->end_file != NULL && !show->failed && !show->unread)
        show->output->end_file(show->output);
}

bool show_flush(struct show *show)
{
    if (!show->failed && !show->unread && fflush(show->options->output.to) != 0)
        check_written(show);
    return !show->failed;
}

void show_release(struct show *show)
{
    collect_release(&show->collect);
    free(show->output);
}
