/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/outfile.h"
#include "capture/capture.h"
#include "decode/hex.h"

struct decode {
    const struct decode_options *options;
    struct show show;
    struct input input;
    struct btap_tap tap;
    struct hex *hex; /**< NULL: not asked for */
    struct outfile out;
    bool hex_only; /**< it goes to where transactions would */
};

/** Decodes the open file. */
static void decode_input(struct decode *decode)
{
    struct show *show = &decode->show;
    const uint64_t shown = show->shown;
    struct btap_record record;

    btap_tap_init(&decode->tap, decode->hex != NULL ? hex_sink(decode->hex) : show_sink(show),
                  &decode->options->decoder);
    if (!decode->hex_only)
        show_begin(show, &decode->input.stream, &decode->tap);
    else
        show->found = 0;
    while (!show->done && input_next(&decode->input, &record)) {
        if (decode->hex != NULL)
            hex_record(decode->hex, &record);
        btap_tap_record(&decode->tap, &record);
    }
    btap_tap_recorded_until(&decode->tap, decode->input.reader.until);
    btap_tap_finish(&decode->tap);
    if (!decode->hex_only)
        show_end(show);
    if (decode->hex != NULL)
        hex_end_file(decode->hex);
    if (decode->hex_only)
        return;
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

/** Opens what the sessions are written to in hexadecimal. */
static bool open_hex(struct decode *decode)
{
    const struct decode_options *options = decode->options;
    const char *path = options->hex_out;

    if (path == NULL)
        return true;
    if (!outfile_open(&decode->out, path))
        return false;
    decode->hex_only = strcmp(path, OUTFILE_STDOUT) == 0;
    decode->hex = hex_new(decode->out.stream, &options->show.filter,
                          decode->hex_only ? NULL : show_sink(&decode->show));
    return true;
}

/** @return false: it was not written, which a message said */
static bool close_hex(struct decode *decode)
{
    bool any;

    if (decode->hex == NULL)
        return true;
    any = hex_is_written(decode->hex);
    hex_free(decode->hex);
    if (any)
        return outfile_finish(&decode->out);
    message("%s: not written, as there are no bytes of a serial line", decode->out.name);
    outfile_discard(&decode->out);
    return false;
}

int decode_files(const struct decode_options *options, const char *const *paths, size_t length)
{
    struct decode *decode = allocate(sizeof(*decode));
    bool failed;

    decode->options = options;
    show_init(&decode->show, &options->show);
    interrupt_catch();
    failed = !open_hex(decode);
    if (failed)
        length = 0;
    for (size_t i = 0; i < length && !decode->show.done && interrupt_signal == 0; i++)
        if (decode_file(decode, paths[i]) != EXIT_DONE)
            failed = true;
    if (!close_hex(decode) || !show_flush(&decode->show))
        failed = true;
    show_release(&decode->show);
    free(decode);
    interrupt_die();
    return failed ? EXIT_TROUBLE : EXIT_DONE;
}
