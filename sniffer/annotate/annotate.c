/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Twice through the file: what is to be said at its start is known at its end only.
 */
#include "annotate/annotate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "annotate/remarks.h"
#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/outfile.h"
#include "capture/blocks.h"
#include "capture/input.h"

/* Of a section's length in its header, and what stands for "not given" (pcapng section 4.1) */
#define SECTION_LENGTH_OFFSET 16
#define SECTION_LENGTH_SIZE   8

/** In so much a file shows what it is: its first block is hardly ever longer than some hundred
 * bytes. */
#define BEGINNING_SIZE ((uint64_t)1024 * 1024)

struct annotate {
    struct input input;
    struct outfile out;
    struct blocks blocks;
    bool finished;     /**< the output is in its place, or a message said why not */
    bool cut;          /**< it was not read to its end */
    uint64_t read;     /**< blocks in the first pass */
    uint64_t sections; /**< begun in the second pass */
    uint64_t unplaced; /**< comments whose block takes none */
    struct {
        off_t at; /**< of the length of the section in hand, in the output; -1: not given there */
        uint64_t length;
        uint64_t growth;
        bool big_endian;
    } section;
    struct remarks remarks;
};

/** Copies so many bytes at most, fewer where there are no more. @return false: errno */
static bool copy(int from, FILE *to, uint64_t most)
{
    char bytes[BUFSIZ];
    ssize_t length = 1;

    while (most > 0 && interrupt_signal == 0 && length > 0) {
        length = read(from, bytes, most < sizeof(bytes) ? (size_t)most : sizeof(bytes));
        if (length < 0 && errno != EINTR)
            return false;
        if (length > 0 && fwrite(bytes, 1, (size_t)length, to) != (size_t)length)
            return false;
        most -= length > 0 ? (uint64_t)length : 0;
    }
    return fflush(to) == 0;
}

/** Whether what a file begins with is a capture; else a message says what is wrong with it. */
static bool begins_as_capture(const struct input *input, int fd)
{
    struct input beginning = {.stream.name = input->stream.name, .reader.fd = fd};
    const bool found = lseek(fd, 0, SEEK_SET) == 0 && input_find_reader(&beginning);

    reader_release(&beginning.reader);
    return found;
}

/** Moves what can be read only once into a file, the rest of it if its beginning is good. @return
 * false if that failed; a message says why */
static bool spool(struct input *input)
{
    FILE *file = tmpfile();
    const int from = input->reader.fd;
    bool done = file != NULL && copy(from, file, BEGINNING_SIZE);

    if (done && (interrupt_signal != 0 || !begins_as_capture(input, fileno(file)))) {
        fclose(file);
        return false;
    }
    done = done && fseeko(file, 0, SEEK_END) == 0 && copy(from, file, UINT64_MAX) &&
           lseek(fileno(file), 0, SEEK_SET) == 0 && dup2(fileno(file), from) >= 0;
    if (!done)
        message("%s: %s", input->stream.name, strerror(errno));
    if (file != NULL)
        fclose(file);
    return done;
}

/** Opens the input so that it can be read twice. @return false if that failed; a message says why
 */
static bool open_input(struct annotate *annotate, const char *from)
{
    struct input *input = &annotate->input;
    struct stat status;
    bool regular;

    if (!input_open_file(input, from))
        return false;
    regular = input->reader.fd != STDIN_FILENO && fstat(input->reader.fd, &status) == 0 &&
              S_ISREG(status.st_mode);
    if ((regular || spool(input)) && input_find_reader(input))
        return true;
    input_close(input);
    return false;
}

/** Decodes everything. @return an exit status */
static int first_pass(struct annotate *annotate)
{
    struct blocks *blocks = &annotate->blocks;
    struct pcapng_block block;
    enum reader_result result = READER_NEXT;

    blocks->reader = &annotate->input.reader;
    blocks->program = "boottap annotate";
    while (interrupt_signal == 0 && (result = blocks_next(blocks, &block)) == READER_NEXT) {
        annotate->read++;
        remarks_take(&annotate->remarks, &block, blocks->packets);
    }
    if (result == READER_NEXT ||
        input_explain(&annotate->input, result, blocks->packets + 1,
                      annotate->read > 0 ? "it was read" : NULL) != INPUT_END) {
        annotate->cut = result != READER_NEXT && result != READER_END;
        return EXIT_TROUBLE;
    }
    return EXIT_DONE;
}

/** Between the passes. */
static void begin_again(struct annotate *annotate)
{
    if (annotate->cut)
        remarks_cut(&annotate->remarks);
    remarks_again(&annotate->remarks, annotate->blocks.reader->until);
}

static void put_length(struct annotate *annotate)
{
    const uint64_t length = annotate->section.length + annotate->section.growth;
    const bool big_endian = annotate->section.big_endian;
    uint8_t bytes[SECTION_LENGTH_SIZE];

    pcapng_put32(bytes + (big_endian ? 0 : 4), big_endian, (uint32_t)(length >> 32));
    pcapng_put32(bytes + (big_endian ? 4 : 0), big_endian, (uint32_t)length);
    fwrite(bytes, 1, sizeof(bytes), annotate->out.stream);
}

/** Where a section tells how long it is, it is as much longer as its blocks have grown. */
static void end_section(struct annotate *annotate)
{
    FILE *stream = annotate->out.stream;

    if (annotate->section.at < 0 || annotate->section.growth == 0)
        return;
    if (fseeko(stream, annotate->section.at, SEEK_SET) == 0)
        put_length(annotate);
    fseeko(stream, 0, SEEK_END);
}

static void begin_section(struct annotate *annotate, const struct pcapng_block *block)
{
    const uint8_t *length = block->bytes + SECTION_LENGTH_OFFSET;
    const bool big_endian = block->big_endian;
    const uint64_t high = pcapng_get32(length + (big_endian ? 0 : 4), big_endian);
    const uint64_t low = pcapng_get32(length + (big_endian ? 4 : 0), big_endian);
    const bool given = (high << 32 | low) != UINT64_MAX;

    end_section(annotate);
    annotate->sections++;
    annotate->section.at = given ? ftello(annotate->out.stream) + SECTION_LENGTH_OFFSET : -1;
    annotate->section.length = high << 32 | low;
    annotate->section.growth = 0;
    annotate->section.big_endian = big_endian;
}

static void write_block(struct annotate *annotate, const struct pcapng_block *block)
{
    struct remarks *remarks = &annotate->remarks;
    const char *const *comments = NULL;
    size_t length = 0;
    uint32_t growth;

    if (block->type == PCAPNG_SECTION_HEADER) {
        begin_section(annotate, block);
        comments = remarks_of_section(remarks, annotate->sections, &length);
    } else if (block->packet) {
        comments = remarks_of_packet(remarks, &block->record, &length);
    }
    growth = pcapng_growth(block, comments, length);
    /* The length of a section does not count its header. */
    if (block->type != PCAPNG_SECTION_HEADER)
        annotate->section.growth += growth;
    if (!pcapng_takes_comments(block, comments, length))
        annotate->unplaced += length;
    pcapng_write(annotate->out.stream, block, comments, length);
}

/** Writes as many blocks as were decoded: a file that is still recorded has grown since. @return
 * false: not all of them are there any more, which a message says */
static bool second_pass(struct annotate *annotate)
{
    struct blocks *blocks = &annotate->blocks;
    struct pcapng_block block;

    blocks_release(blocks);
    reader_release(blocks->reader);
    if (lseek(blocks->reader->fd, 0, SEEK_SET) != 0 || !input_find_reader(&annotate->input))
        return false;
    annotate->section.at = -1;
    for (uint64_t i = 0; i < annotate->read && interrupt_signal == 0; i++) {
        if (blocks_next(blocks, &block) != READER_NEXT) {
            message("%s: changed while it was read", annotate->input.stream.name);
            return false;
        }
        write_block(annotate, &block);
    }
    if (interrupt_signal != 0)
        return false;
    end_section(annotate);
    return true;
}

static void tell_left_out(const struct annotate *annotate)
{
    const uint64_t omitted = annotate->remarks.omitted;

    if (annotate->unplaced > 0)
        message("%s: comments left out: %" PRIu64
                ", their blocks take none (simple packet blocks, or "
                "damaged options)",
                annotate->input.stream.name, annotate->unplaced);
    if (annotate->remarks.sessions.omitted > 0)
        message("%s: verdicts left out: %" PRIu64 ", of sessions after the first %zu",
                annotate->input.stream.name, annotate->remarks.sessions.omitted,
                annotate->remarks.sessions.length);
    if (annotate->remarks.unkept > 0)
        message(
            "%s: comments left out: %" PRIu64
            ", on packets and sections that were over when it showed what to say of them; there "
            "are more such than are kept, and decode shows them",
            annotate->input.stream.name, annotate->remarks.unkept);
    if (omitted > 0)
        message("%s: comments left out: %" PRIu64 ", beyond %d of one packet",
                annotate->input.stream.name, omitted, COMMENTS_PER_PACKET_MAX);
}

static int write_output(struct annotate *annotate, const char *to, bool partial)
{
    const char *from = annotate->input.stream.name;

    if ((annotate->cut && !outfile_takes_part(to, from, partial)) ||
        !outfile_open(&annotate->out, to))
        return EXIT_TROUBLE;
    if (annotate->cut)
        annotate->out.part_of = from;
    if (!second_pass(annotate)) {
        outfile_discard(&annotate->out);
        return EXIT_TROUBLE;
    }
    annotate->finished = true;
    if (!outfile_finish(&annotate->out))
        return EXIT_TROUBLE;
    tell_left_out(annotate);
    if (annotate->remarks.transactions == 0)
        message("%s: no bootloader traffic found in its %" PRIu64 " packet%s%s",
                annotate->input.stream.name, annotate->blocks.packets,
                annotate->blocks.packets == 1 ? "" : "s",
                annotate->remarks.sessions.length == 0 ? "; nothing was added" : "");
    return EXIT_DONE;
}

int annotate_file(const struct annotate_options *options, const char *from, const char *to)
{
    struct annotate *annotate = allocate(sizeof(*annotate));
    int status = EXIT_TROUBLE;

    interrupt_catch();
    if (open_input(annotate, from)) {
        remarks_init(&annotate->remarks, &options->decoder, options->notes);
        status = first_pass(annotate);
        begin_again(annotate);
        if (annotate->read > 0 && interrupt_signal == 0 &&
            write_output(annotate, to, options->partial) != EXIT_DONE)
            status = EXIT_TROUBLE;
        remarks_release(&annotate->remarks);
        blocks_release(&annotate->blocks);
        input_close(&annotate->input);
    }
    if (!annotate->finished)
        outfile_is_interrupted(to);
    free(annotate);
    interrupt_die();
    return status;
}
