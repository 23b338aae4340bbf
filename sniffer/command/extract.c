/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap extract: the memory that a session wrote or read, as a firmware file.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/outfile.h"
#include "capture/capture.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "cli/filter.h"
#include "cli/parse.h"
#include "command/command.h"
#include "extract/map.h"
#include "firmware/firmware.h"
#include "sessions/sessions.h"

/** What the command line asks for. */
struct request {
    struct btap_options decoder;
    struct filter filter; /**< links and ranges */
    const char *path;
    const char *output;
    enum firmware_format format;
    bool format_known;
    bool reads;
    bool fills;
    uint8_t fill;
    uint64_t session; /**< 0: the only one */
    bool all;
    bool map;
    bool json; /**< the map as JSON; map is set too */
    bool quiet;
    bool partial;
    const char *cut; /**< the capture, if it was not read to its end; NULL */
};

static bool set_path(void *target, const char *path)
{
    struct request *request = target;

    if (request->path != NULL)
        return misused("two captures are named, '%s' and '%s'", request->path, path);
    request->path = path;
    return true;
}

static bool set_format(void *target, const char *value)
{
    struct request *request = target;

    if (!firmware_format_by_name(value, &request->format) || request->format == FIRMWARE_ELF)
        return option_unknown("format", value, "bin, hex, srec, dfu");
    request->format_known = true;
    return true;
}

static bool set_fill(void *target, const char *value)
{
    struct request *request = target;
    uint64_t number;

    if (!option_number(value, 0, UINT8_MAX, &number, "byte; it must be a number up to 0xff"))
        return false;
    request->fills = true;
    request->fill = (uint8_t)number;
    return true;
}

static bool set_json(void *target, const char *value)
{
    struct request *request = target;

    (void)value;
    request->json = true;
    request->map = true;
    return true;
}

static const struct option_row what_rows[] = {
    {'o', "output", "OUT", "the file to write; - is standard output", option_text,
     offsetof(struct request, output)},
    {0, "format", "FORMAT", "bin, hex, srec, dfu; by OUT's extension if not given", set_format, 0},
    {0, "reads", NULL, "what was read from the device, instead of written to it", option_set,
     offsetof(struct request, reads)},
    {0, "fill", "BYTE", "fill gaps with this, 0xff for instance", set_fill, 0},
    {0, "session", "N", "the session of its link to take, where several wrote something",
     option_session, offsetof(struct request, session)},
    {0, "all", NULL, "a file for each of them: OUT is out.bin, they are out-1.bin, ...", option_set,
     offsetof(struct request, all)},
    {0, "link", "LIST", "sessions of these links only: usb:1.5, serial, can:can0", filter_add_links,
     offsetof(struct request, filter)},
    {0, "address", "LIST", "only these addresses: 0x08000000-0x0801ffff, 0x08000000+2048",
     filter_add_ranges, offsetof(struct request, filter)},
    {0, "map", NULL, "the map of every session on standard output; OUT may be missing", option_set,
     offsetof(struct request, map)},
    {0, "json", NULL, "the same, one JSON object a session", set_json, 0},
    {0, "partial", NULL,
     "also replace OUT where FILE cannot be read to its end,\n"
     "by what could be read",
     option_set, offsetof(struct request, partial)},
    {'q', "quiet", NULL, "no map on standard error", option_set, offsetof(struct request, quiet)},
    {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as FILE", set_path, 0},
    {0},
};

static const struct option_group groups[] = {
    {"", what_rows, 0, 0},
    CAPTURE_OPTIONS(offsetof(struct request, decoder)),
    {"", files_rows, 0, 0},
    {0},
};

static const struct command_line line = {
    .name = "extract",
    .summary = "the memory that was written, as a firmware file",
    .usage = "[OPTION]... [-r] FILE [-o OUT]",
    .about = "Writes the memory contents that a flashing tool sent, as a firmware file.\n"
             "FILE is " CAPTURE_FORMATS ".\n"
             "Only what the device accepted counts. The map of what there is goes to standard "
             "error.\n",
    .groups = groups,
    .ending = "Exit status: 0 done, 1 there is nothing to extract, or the capture lacks some of "
              "it,\n"
              "2 wrong usage, or a file could not be read or written.\n",
    .operand = set_path,
};

static bool is_stdout(const char *path)
{
    return strcmp(path, OUTFILE_STDOUT) == 0;
}

/** Of --all the files are known, and looked at, when the sessions are. */
static bool check_files(const struct request *request)
{
    const struct file_use files[] = {
        {"the image", request->all ? NULL : request->output, true},
        {"the map", request->map ? OUTFILE_STDOUT : NULL, true},
        {"the capture", request->path, false},
    };

    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

/** What is asked for must make sense together. */
static bool complete(struct request *request)
{
    if (request->path == NULL)
        return misused("no capture file is named");
    if (request->output == NULL && !request->map)
        return misused("no file to write is named; give one with -o, or ask for --map");
    if (!check_files(request))
        return false;
    if (request->output == NULL)
        return true;
    if (is_stdout(request->output) && request->map)
        return misused("the map and the contents cannot both go to standard output");
    if (is_stdout(request->output) && request->all)
        return misused("the files of all sessions cannot go to standard output");
    if (request->all && request->session > 0)
        return misused("--all and --session exclude each other");
    if (request->format_known)
        return true;
    if (is_stdout(request->output) || !firmware_format_by_path(request->output, &request->format))
        return misused("'%s' does not tell a format; give one with --format", request->output);
    if (request->format == FIRMWARE_ELF)
        return misused("ELF files are not written; the formats are bin, hex, srec, dfu");
    return true;
}

/* Choosing */

static const struct image *image_of(const struct request *request, const struct effect *effect)
{
    return request->reads ? &effect->read : &effect->written;
}

/** Whether a session has something to extract. */
static bool qualifies(const struct request *request, const struct effect *effect)
{
    return filter_link(&request->filter, &effect->link) &&
           (request->session == 0 || effect->number == request->session) &&
           !image_empty(image_of(request, effect));
}

/** Sessions that have something to extract. */
static size_t count_choices(const struct request *request, const struct sessions *sessions)
{
    size_t count = 0;

    for (size_t i = 0; i < sessions->effects_length; i++)
        count += qualifies(request, sessions->effects[i]);
    return count;
}

/** Says which sessions there are to choose from. */
static void tell_choice(const struct request *request, const struct capture *capture,
                        const struct sessions *sessions)
{
    message("%s: %zu sessions %s memory; choose one with --session and --link, or take --all:",
            capture->input.stream.name, count_choices(request, sessions),
            request->reads ? "read" : "wrote");
    for (size_t i = 0; i < sessions->effects_length; i++)
        if (qualifies(request, sessions->effects[i]))
            effect_print_heading(sessions->effects[i], &capture->input, stderr);
}

static void tell_nothing(const struct request *request, const struct capture *capture,
                         const struct sessions *sessions)
{
    size_t left = 0;

    for (size_t i = 0; i < sessions->effects_length; i++)
        left += filter_link(&request->filter, &sessions->effects[i]->link);
    if (left == 0) {
        filter_tell_nothing_left(&request->filter, capture->input.stream.name);
        return;
    }
    message("%s: no memory was %s in %s", capture->input.stream.name,
            request->reads ? "read" : "written",
            request->session > 0 ? "this session" : "this capture");
}

/** Whether the sessions to extract are of one link. */
static bool one_link(const struct request *request, const struct sessions *sessions)
{
    const struct btap_link *first = NULL;

    for (size_t i = 0; i < sessions->effects_length; i++) {
        const struct effect *effect = sessions->effects[i];

        if (!qualifies(request, effect))
            continue;
        if (first != NULL && !btap_link_same(first, &effect->link))
            return false;
        first = &effect->link;
    }
    return true;
}

/**
 * The file for one session of several: out-2.bin, with the link's name where there are several
 * links, out-usb-1.5-2.bin.
 *
 * @param copy 0, or what makes a name of it that is not taken: out-serial-tty-1.2.bin
 * @return to be freed
 */
static char *session_path(const char *path, const struct effect *effect, bool with_link,
                          size_t copy)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *point = strrchr(name, '.');
    const char *end = point != NULL && point > name ? point : name + strlen(name);
    const size_t size = strlen(path) + BTAP_LINK_NAME_SIZE + 64;
    char link[BTAP_LINK_NAME_SIZE] = "";
    char *own = allocate(size);
    char another[24] = "";

    if (copy > 0)
        snprintf(another, sizeof(another), ".%zu", copy + 1);
    if (with_link)
        btap_link_name(&effect->link, link, sizeof(link));
    for (char *at = link; *at != '\0'; at++)
        if (strchr("/:\\ ", *at) != NULL || *at < ' ' || *at > '~')
            *at = '-';
    snprintf(own, size, "%.*s%s%s-%" PRIu64 "%s%s", (int)(end - path), path, with_link ? "-" : "",
             link, effect->number, another, end);
    return own;
}

static bool is_taken(char *const *paths, size_t length, const char *path)
{
    for (size_t i = 0; i < length; i++)
        if (paths[i] != NULL && strcmp(paths[i], path) == 0)
            return true;
    return false;
}

/** A file for each session of several that qualifies; interfaces may share a name. @return to be
 * freed, as each path, which is NULL for the other sessions */
static char **session_paths(const struct request *request, const struct sessions *sessions)
{
    const bool several = !one_link(request, sessions);
    char **paths = allocate(sessions->effects_length * sizeof(*paths));

    for (size_t i = 0; i < sessions->effects_length; i++) {
        paths[i] = NULL;
        for (size_t copy = 0; qualifies(request, sessions->effects[i]); copy++) {
            char *path = session_path(request->output, sessions->effects[i], several, copy);

            if (!is_taken(paths, i, path)) {
                paths[i] = path;
                break;
            }
            free(path);
        }
    }
    return paths;
}

/* Writing */

/** Collects what has a value and is asked for. */
static struct ranges collect_runs(const struct request *request, const struct image *image)
{
    const struct filter *filter = &request->filter;
    struct ranges runs = {.unlimited = true};
    struct btap_range run;

    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &run);) {
        if (filter->ranges_length == 0)
            ranges_add(&runs, run);
        for (size_t i = 0; i < filter->ranges_length; i++) {
            const struct btap_range *asked = &filter->ranges[i];

            if (asked->first <= run.last && asked->last >= run.first)
                ranges_add(&runs,
                           (struct btap_range){asked->first > run.first ? asked->first : run.first,
                                               asked->last < run.last ? asked->last : run.last});
        }
    }
    return runs;
}

/** Copies what is asked for: filling gaps must not bring back the rest. */
static void copy_runs(const struct image *from, const struct ranges *runs, struct image *to)
{
    uint8_t bytes[4096];

    for (size_t i = 0; i < runs->length; i++) {
        const uint64_t end = (uint64_t)runs->list[i].last + 1;

        for (uint64_t at = runs->list[i].first; at < end; at += sizeof(bytes)) {
            const uint32_t part = end - at < sizeof(bytes) ? (uint32_t)(end - at) : sizeof(bytes);

            image_copy(from, (uint32_t)at, part, 0, bytes);
            image_write(to, (uint32_t)at, bytes, part);
        }
    }
}

/** Whether the runs fit the format; fills gaps if that is asked for. */
static bool fit(const struct request *request, const struct effect *effect, struct ranges *runs)
{
    const bool must_be_one =
        request->format == FIRMWARE_BIN || (request->format == FIRMWARE_DFU && effect->plain_dfu);
    const struct btap_range *gap_before;
    uint64_t gap;

    if (runs->length > 1 && request->fills) {
        runs->list[0].last = runs->list[runs->length - 1].last;
        runs->length = 1;
    }
    if (range_length(&runs->list[0]) > FIRMWARE_SIZE_MAX) {
        message("extract: 0x%08" PRIx32 "-0x%08" PRIx32 " would be more than 256 MiB; choose a "
                "part with --address",
                runs->list[0].first, runs->list[0].last);
        return false;
    }
    if (runs->length == 1 || !must_be_one)
        return true;
    gap_before = &runs->list[1];
    gap = (uint64_t)gap_before->first - runs->list[0].last - 1;
    message("extract: %s has no place for gaps, and there %s %zu, the first at 0x%08" PRIx32
            " of %" PRIu64 " byte%s; fill them with --fill=0xff, choose a part with --address, or "
            "write hex, srec%s",
            request->format == FIRMWARE_BIN ? "a binary" : "a plain DFU file",
            runs->length == 2 ? "is" : "are", runs->length - 1, runs->list[0].last + 1, gap,
            gap == 1 ? "" : "s", effect->plain_dfu ? "" : " or dfu");
    return false;
}

static int write_file(const struct request *request, const char *path,
                      const struct firmware_output *output, const struct image *image)
{
    struct outfile outfile;

    if ((request->cut != NULL && !outfile_takes_part(path, request->cut, request->partial)) ||
        !outfile_open(&outfile, path))
        return EXIT_TROUBLE;
    outfile.part_of = request->cut;
    /* An error stays in the stream, and outfile_finish() tells it. */
    firmware_write(output, image, outfile.stream);
    return outfile_finish(&outfile) ? EXIT_DONE : EXIT_TROUBLE;
}

/** The alternate setting of each run, for a DFU file. @return to be freed */
static uint8_t *find_alternates(const struct effect *effect, const struct ranges *runs)
{
    uint8_t *alternates = allocate(runs->length);

    for (size_t i = 0; i < runs->length; i++)
        alternates[i] = effect_alternate(effect, runs->list[i].first);
    return alternates;
}

static int write_runs(const struct request *request, const struct effect *effect,
                      const struct ranges *runs, const struct image *image, const char *path)
{
    uint8_t *alternates = find_alternates(effect, runs);
    const struct firmware_output output = {
        .format = request->format,
        .runs = runs->list,
        .runs_length = runs->length,
        .alternates = alternates,
        .fill = request->fill,
        .placed = !effect->plain_dfu,
        .partial = request->cut != NULL,
        .vendor = effect->vendor,
        .product = effect->usb_product,
        .device = effect->usb_device,
    };
    const int status = write_file(request, path, &output, image);

    free(alternates);
    return status;
}

/** Tells of bytes that the file should have. @return whether there are any */
static bool tell_missing(const struct request *request, const struct effect *effect,
                         const char *path)
{
    const uint64_t missing =
        request->reads ? effect->not_read.missing : effect->not_written.missing;

    if (missing > 0)
        message("%s: %" PRIu64 " byte%s that %s %s are not in the capture and not in this file",
                path, missing, missing == 1 ? "" : "s", missing == 1 ? "was" : "were",
                request->reads ? "read" : "written");
    return missing > 0;
}

static int write_session(const struct request *request, const struct effect *effect,
                         const char *path)
{
    const struct image *image = image_of(request, effect);
    struct ranges runs = collect_runs(request, image);
    struct image asked = {0};
    int status = EXIT_TROUBLE;

    copy_runs(image, &runs, &asked);
    if (runs.length == 0) {
        message("extract: nothing lies at the addresses asked for");
        status = EXIT_FINDING;
    } else if (files_spare(&(struct file_use){"the image", path, true}, &request->path, 1) &&
               fit(request, effect, &runs)) {
        status = write_runs(request, effect, &runs, &asked, path);
    }
    image_release(&asked);
    ranges_release(&runs);
    if (status == EXIT_DONE && tell_missing(request, effect, path))
        status = EXIT_FINDING;
    return status;
}

static void print_map(const struct request *request, const struct capture *capture,
                      const struct effect *effect, FILE *to)
{
    if (request->json) {
        effect_print_map_json(effect, &capture->input, request->reads, to);
        return;
    }
    effect_print_heading(effect, &capture->input, to);
    effect_print_map(effect, request->reads, to);
}

/** @return EXIT_FINDING if there is none */
static int print_maps(const struct request *request, const struct capture *capture,
                      const struct sessions *sessions)
{
    int status = EXIT_FINDING;

    for (size_t i = 0; i < sessions->effects_length; i++) {
        const struct effect *effect = sessions->effects[i];

        if (!filter_link(&request->filter, &effect->link) || !effect_any(effect) ||
            (request->session > 0 && request->session != effect->number))
            continue;
        print_map(request, capture, effect, stdout);
        status = EXIT_DONE;
    }
    return status;
}

/** Writes a session, or each to a file of its own. @return the worst exit status of them */
static int write_sessions(const struct request *request, const struct capture *capture,
                          const struct sessions *sessions)
{
    char **paths = request->all ? session_paths(request, sessions) : NULL;
    int worst = EXIT_DONE;

    for (size_t i = 0; i < sessions->effects_length; i++) {
        const struct effect *effect = sessions->effects[i];
        int status;

        if (!qualifies(request, effect))
            continue;
        if (!request->map && !request->quiet)
            print_map(request, capture, effect, stderr);
        status = write_session(request, effect, paths != NULL ? paths[i] : request->output);
        if (status > worst)
            worst = status;
    }
    for (size_t i = 0; paths != NULL && i < sessions->effects_length; i++)
        free(paths[i]);
    free(paths);
    return worst;
}

/** Writes what is asked for, if that is clear. */
static int write_choice(const struct request *request, const struct capture *capture,
                        const struct sessions *sessions)
{
    const size_t choices = count_choices(request, sessions);

    if (choices == 0) {
        tell_nothing(request, capture, sessions);
        return EXIT_FINDING;
    }
    if (choices > 1 && !request->all) {
        tell_choice(request, capture, sessions);
        return EXIT_TROUBLE;
    }
    return write_sessions(request, capture, sessions);
}

static int extract(const struct request *request, const struct capture *capture,
                   const struct sessions *sessions)
{
    int status = EXIT_DONE;

    if (request->output != NULL && outfile_is_interrupted(request->output))
        return EXIT_TROUBLE;
    if (sessions->effects_length == 0) {
        capture_tell_nothing_found(&capture->input, &capture->tap.counters);
        return EXIT_FINDING;
    }
    if (sessions->omitted_transactions > 0)
        message("%s: %" PRIu64 " transactions of sessions after the first %zu are left out",
                capture->input.stream.name, sessions->omitted_transactions, sessions->length);
    /* Who reads the map may go (head): the file is there by then. */
    if (request->output != NULL)
        status = write_choice(request, capture, sessions);
    if (request->map && print_maps(request, capture, sessions) != EXIT_DONE &&
        request->output == NULL) {
        tell_nothing(request, capture, sessions);
        status = EXIT_FINDING;
    }
    return status;
}

static int run_request(struct request *request)
{
    struct capture *capture = allocate(sizeof(*capture));
    struct sessions *sessions = allocate(sizeof(*sessions));
    const struct btap_sink sink = sessions_sink(sessions);
    int status = EXIT_TROUBLE;
    bool whole;

    sessions_init(sessions, &capture->tap);
    sessions->keep_effects = true;
    sessions->keep_reads = true;
    interrupt_catch();
    whole = capture_read(capture, request->path, &request->decoder, &sink);
    sessions_finish(sessions);
    if (capture->input.cut)
        request->cut = capture->input.stream.name;
    /* What stands before the damage is extracted all the same. */
    if (whole)
        status = extract(request, capture, sessions);
    else if (sessions->effects_length > 0)
        extract(request, capture, sessions);
    sessions_release(sessions);
    free(sessions);
    free(capture);
    interrupt_die();
    return status;
}

static int run(int argc, char **argv)
{
    struct request request = {.decoder = btap_options_default(), .fill = 0xff};
    int status;

    if (options_parse(&line, argc, argv, &request, &status) && complete(&request))
        status = run_request(&request);
    return status;
}

const struct command extract_command = {.line = &line, .run = run};
