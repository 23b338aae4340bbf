/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/decode.h"

#include <stdlib.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "capture/capture.h"

struct decode {
    const struct decode_options *options;
    struct show show;
    struct input input;
    struct btap_tap tap;
};

/** Decodes the open file. */
static void decode_input(struct decode *decode)
{
    struct show *show = &decode->show;
    const uint64_t shown = show->shown;
    struct btap_record record;

    btap_tap_init(&decode->tap, show_sink(show), &decode->options->decoder);
    show_begin(show, &decode->input.stream, &decode->tap);
    while (!show->done && input_next(&decode->input, &record))
        btap_tap_record(&decode->tap, &record);
    btap_tap_recorded_until(&decode->tap, decode->input.reader.until);
    btap_tap_finish(&decode->tap);
    show_end(show);
    if (show->found == 0 && decode->input.result == INPUT_END)
        capture_tell_nothing_found(&decode->input, &decode->tap.counters);
    else if (show->found > 0 && show->shown == shown && !show->done)
        filter_tell_nothing_left(&decode->options->show.filter, decode->input.stream.name);
}

static int decode_file(struct decode *decode, const char *path)
{
    if (!input_open(&decode->input, path))
        return EXIT_TROUBLE;
    decode_input(decode);
    input_close(&decode->input);
    return decode->input.result == INPUT_FAILED || decode->show.failed ? EXIT_TROUBLE : EXIT_DONE;
}

int decode_files(const struct decode_options *options, const char *const *paths, size_t length)
{
    struct decode *decode = allocate(sizeof(*decode));
    int status = EXIT_DONE;

    decode->options = options;
    show_init(&decode->show, &options->show);
    interrupt_catch();
    for (size_t i = 0; i < length && !decode->show.done && interrupt_signal == 0; i++)
        if (decode_file(decode, paths[i]) != EXIT_DONE)
            status = EXIT_TROUBLE;
    if (!show_flush(&decode->show))
        status = EXIT_TROUBLE;
    show_release(&decode->show);
    free(decode);
    interrupt_die();
    return status;
}
