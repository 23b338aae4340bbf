/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "convert/convert.h"

#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/outfile.h"
#include "capture/blocks.h"
#include "capture/input.h"

/** Writes what is read. @return why reading ended; READER_NEXT: a signal came */
static enum reader_result copy(struct blocks *blocks, FILE *to)
{
    struct pcapng_block block;
    enum reader_result result = READER_NEXT;

    while (interrupt_signal == 0 && (result = blocks_next(blocks, &block)) == READER_NEXT)
        pcapng_write(to, &block, NULL, 0);
    return result;
}

/** @param out open; closed here @return an exit status */
static int convert(struct input *input, struct outfile *out, bool partial)
{
    struct blocks blocks = {.reader = &input->reader, .program = "boottap convert"};
    const enum reader_result result = copy(&blocks, out->stream);
    const char *from = input->stream.name;
    const bool whole = input_explain(input, result, blocks.packets + 1,
                                     blocks.packets > 0 ? "it was read" : NULL) == INPUT_END;
    const bool cut = result != READER_END;

    blocks_release(&blocks);
    if (interrupt_signal != 0 || (cut && !outfile_takes_part(out->path, from, partial))) {
        outfile_discard(out);
        return EXIT_TROUBLE;
    }
    if (cut)
        out->part_of = from;
    return outfile_finish(out) && whole ? EXIT_DONE : EXIT_TROUBLE;
}

int convert_file(const char *from, const char *to, bool partial)
{
    struct input input;
    struct outfile out;
    int status = EXIT_TROUBLE;

    interrupt_catch();
    if (input_open_file(&input, from)) {
        if (input_find_reader(&input) && outfile_open(&out, to))
            status = convert(&input, &out, partial);
        input_close(&input);
    }
    if (status != EXIT_DONE)
        outfile_is_interrupted(to);
    interrupt_die();
    return status;
}
