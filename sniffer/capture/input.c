/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/message.h"

/** Each is asked before the next one. */
static const struct reader_format *const formats[] = {
    &reader_pcapng,
    &reader_candump,
    &reader_pcap,
};

/** Compressed files, which are known and not read. */
static const struct compression {
    const char *first;
    const char *name;
    const char *reader; /**< prints what is in them */
} compressions[] = {
    {"\x1f\x8b", "gzip", "zcat"},          {"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
    {"\xfd\x37\x7a\x58", "xz", "xzcat"},   {"BZh", "bzip2", "bzcat"},
    {"\x04\x22\x4d\x18", "lz4", "lz4cat"},
};

/** Whether a file begins so; then the reader's problem says what to do instead. */
static bool is_compressed(struct reader *reader)
{
    for (size_t i = 0; i < sizeof(compressions) / sizeof(compressions[0]); i++) {
        const struct compression *one = &compressions[i];

        if (reader->have < strlen(one->first) ||
            memcmp(reader->record, one->first, strlen(one->first)) != 0)
            continue;
        reader_damaged(reader,
                       "compressed with %s; decompress it first, or: %s FILE | "
                       "boottap decode -",
                       one->name, one->reader);
        return true;
    }
    return false;
}

static const struct reader_format *find_format(const struct reader *reader)
{
    const size_t length = reader->have < READER_FIRST_SIZE ? reader->have : READER_FIRST_SIZE;

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i]->probe(reader->record, length))
            return formats[i];
    return NULL;
}

/* DLT_ and LINKTYPE_ values are the same for every link type that the core reads. */
static void refuse_linktype(const struct input *input, int datalink)
{
    const char *name = pcap_datalink_val_to_name(datalink);
    const char *description = pcap_datalink_val_to_description(datalink);
    char readable[256] = "";
    size_t length = 0;

    for (uint32_t linktype = 0; linktype <= UINT16_MAX; linktype++)
        if (btap_linktype_supported(linktype) && length < sizeof(readable))
            length += (size_t)snprintf(readable + length, sizeof(readable) - length, "%s%s",
                                       length > 0 ? ", " : "", btap_linktype_name(linktype));
    if (name != NULL)
        message("%s: link type %s (%s) is not one that boottap reads; it reads %s",
                input->stream.name, name, description, readable);
    else
        message("%s: link type %d is not one that boottap reads; it reads %s", input->stream.name,
                datalink, readable);
}

static bool refuse(const struct input *input, const char *problem)
{
    message("%s: %s", input->stream.name, problem);
    return false;
}

bool input_find_reader(struct input *input)
{
    struct reader *reader = &input->reader;
    const struct reader_format *format;

    if (reader_fill(reader, READER_FIRST_SIZE) == READER_UNREADABLE)
        return refuse(input, strerror(errno));
    if (reader->have == 0)
        return refuse(input, "the file is empty");
    if (is_compressed(reader))
        return refuse(input, reader->problem);
    if (reader->have >= 4 && memcmp(reader->record, "PK\x03\x04", 4) == 0)
        return refuse(input, "a zip archive; unpack it first");
    format = find_format(reader);
    if (format == NULL)
        return refuse(input, "a text file, but no log of candump -L (a line there starts with the "
                             "time: \"(1436509052.249713) can0 123##1DEADBEEF\")");
    if (!reader_start(reader, format))
        return refuse(input, reader->problem);
    input->stream.digits = reader->digits;
    return true;
}

bool input_open_file(struct input *input, const char *path)
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
    const char *cause = input->reader.problem;

    if (result == READER_END && cause[0] == '\0')
        return INPUT_END;
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
