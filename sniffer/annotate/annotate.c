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

#include "annotate/remarks.h"
#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/outfile.h"
#include "capture/blocks.h"
#include "capture/input.h"

/* Of a section's length in its header, and what stands for "not told" (pcapng section 4.1) */
#define SECTION_LENGTH_OFFSET 16
#define SECTION_LENGTH_SIZE   8

struct annotate {
    const char *name; /**< of the input */
    FILE *file;
    struct outfile out;
    struct blocks blocks;
    uint64_t read;     /**< blocks in the first pass */
    uint64_t sections; /**< begun in the second pass */
    uint64_t unplaced; /**< comments whose block takes none */
    struct {
        off_t at; /**< of the length of the section in hand, in the output; -1: not told there */
        uint64_t length;
        uint64_t growth;
        bool big_endian;
    } section;
    struct remarks remarks;
};

/** Copies what can be read only once into a file. @return NULL: told in a message */
static FILE *spool(FILE *from, const char *name)
{
    char *bytes = allocate(INPUT_BUFFER_SIZE);
    FILE *to = tmpfile();
    size_t length;

    while (to != NULL && interrupt_signal == 0 &&
           (length = fread(bytes, 1, INPUT_BUFFER_SIZE, from)) > 0)
        fwrite(bytes, 1, length, to);
    free(bytes);
    if (to != NULL && !ferror(from) && fflush(to) == 0 && !ferror(to)) {
        rewind(to);
        return to;
    }
    message("%s: %s", name, strerror(errno));
    if (to != NULL)
        fclose(to);
    return NULL;
}

static bool open_input(struct annotate *annotate, const char *from, const char *to)
{
    const bool standard = strcmp(from, INPUT_STDIN) == 0;
    FILE *file = standard ? stdin : fopen(from, "rb");
    struct stat status;

    annotate->name = standard ? "standard input" : from;
    if (file == NULL) {
        message("%s: %s", annotate->name, strerror(errno));
        return false;
    }
    annotate->file = file;
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode))
        message("%s: a directory; name a capture file in it", annotate->name);
    else if (outfile_is_input(to, from))
        message("%s: input and output are the same file; name another for the output", to);
    else if (!standard && S_ISREG(status.st_mode))
        return true;
    else {
        annotate->file = spool(file, annotate->name);
        if (!standard)
            fclose(file);
        return annotate->file != NULL;
    }
    if (!standard)
        fclose(file);
    return false;
}

/** Says why the input was not read on. */
static void explain(const struct annotate *annotate, enum blocks_result result)
{
    const struct blocks *blocks = &annotate->blocks;
    const char *cause = result == BLOCKS_UNREADABLE ? strerror(errno)
                        : result == BLOCKS_DAMAGED  ? blocks->problem
                                                    : "the file was cut short";

    message("%s: packet %" PRIu64 ": %s; everything before it is in the output", annotate->name,
            blocks->packets + 1, cause);
}

static void tell_skipped_lines(const struct annotate *annotate)
{
    const struct candump_reader *log = &annotate->blocks.log;

    message("%s: packet %" PRIu64 ": line %" PRIu64 " is not as candump -L writes it; "
            "skipped %" PRIu64 " such line%s",
            annotate->name, log->malformed_packet, log->malformed_line, log->malformed,
            log->malformed == 1 ? "" : "s");
}

/** Says what is the matter with a file that holds no blocks. */
static void refuse(const struct annotate *annotate, enum blocks_result result)
{
    unsigned char magic[INPUT_MAGIC_SIZE];
    const char *refusal;

    if (result == BLOCKS_UNREADABLE) {
        message("%s: %s", annotate->name, strerror(errno));
        return;
    }
    rewind(annotate->file);
    refusal = input_refusal(magic, fread(magic, 1, sizeof(magic), annotate->file));
    message("%s: %s", annotate->name, refusal != NULL ? refusal : annotate->blocks.problem);
}

/** Decodes everything. @return an exit status */
static int first_pass(struct annotate *annotate)
{
    struct blocks *blocks = &annotate->blocks;
    struct pcapng_block block;
    enum blocks_result result = blocks_start(blocks, annotate->file);

    while (result == BLOCKS_NEXT && interrupt_signal == 0) {
        result = blocks_next(blocks, &block);
        if (result != BLOCKS_NEXT)
            break;
        annotate->read++;
        remarks_take(&annotate->remarks, &block, blocks->packets);
    }
    remarks_again(&annotate->remarks);
    if (result == BLOCKS_NEXT)
        return EXIT_TROUBLE;
    if (result != BLOCKS_END && annotate->read == 0)
        refuse(annotate, result);
    else if (result != BLOCKS_END)
        explain(annotate, result);
    else if (blocks->log.malformed > 0)
        tell_skipped_lines(annotate);
    else
        return EXIT_DONE;
    return EXIT_TROUBLE;
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
    const bool told = (high << 32 | low) != UINT64_MAX;

    end_section(annotate);
    annotate->sections++;
    annotate->section.at = told ? ftello(annotate->out.stream) + SECTION_LENGTH_OFFSET : -1;
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

/** Writes as many blocks as were decoded: a file that is still recorded has grown since. */
static void second_pass(struct annotate *annotate)
{
    struct blocks *blocks = &annotate->blocks;
    struct pcapng_block block;

    blocks_release(blocks);
    rewind(annotate->file);
    if (blocks_start(blocks, annotate->file) != BLOCKS_NEXT)
        return;
    annotate->section.at = -1;
    for (uint64_t i = 0; i < annotate->read && interrupt_signal == 0; i++) {
        if (blocks_next(blocks, &block) != BLOCKS_NEXT) {
            message("%s: changed while it was read", annotate->name);
            return;
        }
        write_block(annotate, &block);
    }
    end_section(annotate);
}

static void tell_left_out(const struct annotate *annotate)
{
    const uint64_t omitted = annotate->remarks.omitted;

    if (annotate->unplaced > 0)
        message("%s: comments left out: %" PRIu64
                ", their blocks take none (simple packet blocks, or "
                "damaged options)",
                annotate->name, annotate->unplaced);
    if (annotate->remarks.sessions.omitted > 0)
        message("%s: verdicts left out: %" PRIu64 ", of sessions after the first %d",
                annotate->name, annotate->remarks.sessions.omitted, SESSIONS_MAX);
    if (omitted > 0)
        message("%s: comments left out: %" PRIu64 ", beyond %d of one packet", annotate->name,
                omitted, COMMENTS_PER_PACKET_MAX);
}

static int write_output(struct annotate *annotate, const char *to)
{
    if (!outfile_open(&annotate->out, to))
        return EXIT_TROUBLE;
    second_pass(annotate);
    if (interrupt_signal != 0) {
        outfile_discard(&annotate->out);
        return EXIT_TROUBLE;
    }
    if (!outfile_finish(&annotate->out))
        return EXIT_TROUBLE;
    tell_left_out(annotate);
    if (annotate->remarks.transactions == 0)
        message("%s: no bootloader traffic found in its %" PRIu64 " packet%s%s", annotate->name,
                annotate->blocks.packets, annotate->blocks.packets == 1 ? "" : "s",
                annotate->remarks.sessions.length == 0 ? "; nothing was added" : "");
    return EXIT_DONE;
}

int annotate_file(const struct annotate_options *options, const char *from, const char *to)
{
    struct annotate *annotate = allocate(sizeof(*annotate));
    int status = EXIT_TROUBLE;

    interrupt_catch();
    if (open_input(annotate, from, to)) {
        remarks_init(&annotate->remarks, &options->decoder, options->notes);
        status = first_pass(annotate);
        if (annotate->read > 0 && interrupt_signal == 0 && write_output(annotate, to) != EXIT_DONE)
            status = EXIT_TROUBLE;
        remarks_release(&annotate->remarks);
        blocks_release(&annotate->blocks);
        fclose(annotate->file);
    }
    free(annotate);
    interrupt_die();
    return status;
}
