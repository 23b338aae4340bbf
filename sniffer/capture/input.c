/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "capture/kind.h"
#include "formats/formats.h"
#include "formats/reader/probe.h"
#include "formats/serial/hex_words.h"
#include "formats/serial/notation.h"

/* Link types that people hold, by their numbers: libpcap's names for them came late. */
enum {
    ETHERNET = 1,
    WIFI = 105,
    WIFI_RADIOTAP = 127,
};

/** What to do about a link type; "" where no more can be said. */
static const char *advice_for(int datalink)
{
    switch (datalink) {
    case ETHERNET:
    case WIFI:
    case WIFI_RADIOTAP:
        return "; this is a capture of a network: capture on the port, USB bus or CAN interface "
               "that the device is at, which 'boottap list' names";
    default:
        return "";
    }
}

/* DLT_ and LINKTYPE_ values are the same for every link type that the core reads. */
static void refuse_linktype(const struct input *input, int datalink)
{
    const char *name = pcap_datalink_val_to_name(datalink);
    const char *description = pcap_datalink_val_to_description(datalink);
    const char *advice = advice_for(datalink);
    char readable[256] = "";
    size_t length = 0;

    for (uint32_t linktype = 0; linktype <= UINT16_MAX; linktype++)
        if (btap_linktype_supported(linktype) && length < sizeof(readable))
            length += (size_t)snprintf(readable + length, sizeof(readable) - length, "%s%s",
                                       length > 0 ? ", " : "", btap_linktype_name(linktype));
    if (name != NULL)
        message("%s: link type %s (%s) is not one that boottap reads; it reads %s%s",
                input->stream.name, name, description, readable, advice);
    else
        message("%s: link type %d is not one that boottap reads; it reads %s%s", input->stream.name,
                datalink, readable, advice);
}

static bool refuse(const struct input *input, const char *problem)
{
    message("%s: %s", input->stream.name, problem);
    return false;
}

static bool refuse_kind(const struct input *input, const struct kind *kind)
{
    message("%s: %s, which boottap does not read; %s", input->stream.name, kind->name,
            kind->advice);
    return false;
}

/** What a compressed file suffers from is the cause of what a reader finds. */
static const char *trouble_or(const struct input *input, const char *problem)
{
    const char *trouble = reader_trouble(&input->reader);

    return trouble != NULL ? trouble : problem;
}

/**
 * Looks at the first bytes, at more of them as long as they do not show the format: what comes
 * through a pipe comes slowly, and is decoded as it comes.
 *
 * @param[out] format NULL: none that is read
 * @return false: nothing could be read; a message says why
 */
static bool find_format(struct input *input, const struct reader_format **format)
{
    struct reader *reader = &input->reader;
    enum reader_result result = READER_NEXT;
    size_t wanted = 1;

    *format = NULL;
    while (*format == NULL && result == READER_NEXT && wanted <= FIRST_SIZE) {
        result = reader_fill(reader, wanted);
        if (result == READER_UNREADABLE)
            return refuse(input, strerror(errno));
        if (reader->have >= FIRST_SURE) {
            const struct first first = first_from(reader->record, reader->have);

            *format = formats_find(&first);
        }
        wanted = reader->have + 1;
    }
    if (reader->have == 0)
        return refuse(input, trouble_or(input, "the file is empty"));
    return true;
}

/** Text that no format knows: a log of bytes it may be all the same. */
static bool refuse_text(struct input *input, const struct first *first)
{
    const struct probe_count lines = probe_lines(first, hex_words_end);

    if (lines.known <= lines.filled / 2)
        return refuse(input, "text of a kind that boottap does not know; it reads pcap, pcapng and "
                             "other tools' logs");
    return refuse(input, "bytes in hexadecimal, and nothing that tells which side sent them: name "
                         "what stands before them with --marks HOST,DEVICE, or begin lines with "
                         "'TX: ' and 'RX: '");
}

bool input_find_reader(struct input *input)
{
    struct reader *reader = &input->reader;
    const struct reader_format *format;
    const struct kind *kind;
    struct first first;

    if (input->format != NULL)
        format = input->format;
    else if (!find_format(input, &format))
        return false;
    first = first_from(reader->record, reader->have);
    kind = format == NULL ? kind_find(reader->record, reader->have) : NULL;
    if (kind != NULL)
        return refuse_kind(input, kind);
    if (format == NULL && first.length >= FIRST_SURE && first_is_text(&first))
        return refuse_text(input, &first);
    if (!reader_start(reader, format != NULL ? format : &reader_pcap))
        return refuse(input, trouble_or(input, reader->problem));
    input->stream.digits = reader->digits;
    return true;
}

static bool open_path(struct input *input, const char *path)
{
    const bool standard = strcmp(path, INPUT_STDIN) == 0;
    const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    *input = (struct input){.stream.name = standard ? "standard input" : path, .reader.fd = fd};
    if (fd < 0) {
        message("%s: %s", input->stream.name, strerror(errno));
        return false;
    }
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        message("%s: a directory; name the capture files in it", input->stream.name);
        input_close(input);
        return false;
    }
    return true;
}

/** Opens traffic that is typed: the reader's buffer holds all of it. */
static bool open_hex(struct input *input, const char *text)
{
    char problem[NOTATION_PROBLEM_SIZE];
    struct reader *reader = &input->reader;

    *input = (struct input){.stream.name = "--hex", .format = &reader_notation};
    if (!notation_check(text, problem)) {
        message("--hex: %s", problem);
        return false;
    }
    reader->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0) {
        message("/dev/null: %s", strerror(errno));
        return false;
    }
    reader->have = strlen(text);
    reader->size = reader->have;
    reader->buffer = allocate(reader->size);
    memcpy(reader->buffer, text, reader->size);
    reader->record = reader->buffer;
    return true;
}

bool input_open_file(struct input *input, const char *path)
{
    if (strncmp(path, INPUT_HEX, strlen(INPUT_HEX)) == 0)
        return open_hex(input, path + strlen(INPUT_HEX));
    return open_path(input, path);
}

bool input_open(struct input *input, const char *path)
{
    const int32_t *linktype = &input->reader.linktype;

    if (!input_open_file(input, path))
        return false;
    if (input_find_reader(input)) {
        if (*linktype < 0 || btap_linktype_supported((uint32_t)*linktype))
            return true;
        refuse_linktype(input, *linktype);
    }
    input_close(input);
    return false;
}

enum input_result input_explain(const struct input *input, enum reader_result result,
                                uint64_t packet, const char *before)
{
    const char *cause = trouble_or(input, input->reader.problem);

    if (result == READER_END && cause[0] == '\0') {
        if (input->reader.remark[0] != '\0')
            message("%s: %s", input->stream.name, input->reader.remark);
        return INPUT_END;
    }
    if (result == READER_UNREADABLE)
        cause = strerror(errno);
    else if (cause[0] == '\0')
        cause = "the file was cut short";
    if (result == READER_END || before == NULL)
        message("%s: %s", input->stream.name, cause);
    else
        message("%s: packet %" PRIu64 ": %s; everything before %s", input->stream.name, packet,
                cause, before);
    return INPUT_FAILED;
}

/** How reading all records ended. */
static enum input_result end_of(const struct input *input, enum reader_result result)
{
    const bool at_packet = result == READER_CUT_SHORT && input->reader.problem[0] != '\0';
    const enum input_result end = input_explain(input, result, input->stream.packets + 1,
                                                at_packet ? "this packet was read" : "it was read");

    if (end != INPUT_END || input->unread == 0 || input->unread < input->stream.packets)
        return end;
    refuse_linktype(input, (int)input->unread_linktype);
    return INPUT_FAILED;
}

bool input_next(struct input *input, struct btap_record *record)
{
    enum reader_result result;

    if (interrupt_signal != 0)
        return false;
    result = input->reader.format->next(&input->reader, record);
    if (result != READER_NEXT) {
        if (interrupt_signal == 0) {
            input->result = end_of(input, result);
            input->cut = result != READER_END;
        }
        return false;
    }
    stream_count(&input->stream, record);
    if (input->reader.linktype < 0 && !btap_linktype_supported(record->linktype) &&
        input->unread++ == 0)
        input->unread_linktype = record->linktype;
    return true;
}

void input_close(struct input *input)
{
    const int fd = input->reader.fd;

    reader_release(&input->reader);
    if (fd != STDIN_FILENO)
        close(fd);
}
