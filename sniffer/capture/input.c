/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/input.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>

#ifdef HAVE_FSETLOCKING
#include <stdio_ext.h>
#endif

#include "base/interrupt.h"
#include "base/message.h"
#include "capture/candump.h"

#define NS_PER_SECOND 1000000000
/* Times are kept where the difference of any two of them fits; 2^62 ns is in the year 2116. */
#define NS_LIMIT (INT64_C(1) << 62)

/** What a file is, by its first bytes. */
struct content {
    unsigned char magic[INPUT_MAGIC_SIZE];
    size_t length;
    const char *refusal; /**< NULL: read it */
    int digits;
};

static const struct content contents[] = {
    /* pcap with nanoseconds, in either byte order */
    {{0xa1, 0xb2, 0x3c, 0x4d}, 4, NULL, 9},
    {{0x4d, 0x3c, 0xb2, 0xa1}, 4, NULL, 9},
    {{0x1f, 0x8b},
     2,
     "compressed with gzip; decompress it first, or: zcat FILE | boottap decode -",
     0},
    {{0x28, 0xb5, 0x2f, 0xfd},
     4,
     "compressed with zstd; decompress it first, or: zstdcat FILE | boottap decode -",
     0},
    {{0xfd, '7', 'z', 'X'},
     4,
     "compressed with xz; decompress it first, or: xzcat FILE | boottap decode -",
     0},
    {{'B', 'Z', 'h'},
     3,
     "compressed with bzip2; decompress it first, or: bzcat FILE | boottap decode -",
     0},
    {{0x04, 0x22, 0x4d, 0x18},
     4,
     "compressed with lz4; decompress it first, or: lz4cat FILE | boottap decode -",
     0},
    {{'P', 'K', 0x03, 0x04}, 4, "a zip archive; unpack it first", 0},
};

/** A section header's block type, the same in either byte order */
static const unsigned char pcapng_magic[INPUT_MAGIC_SIZE] = {'\n', '\r', '\r', '\n'};

static const struct content *find_content(const unsigned char *magic, size_t length)
{
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
        if (length >= contents[i].length &&
            memcmp(magic, contents[i].magic, contents[i].length) == 0)
            return &contents[i];
    return NULL;
}

const char *input_refusal(const unsigned char *magic, size_t length)
{
    const struct content *content = find_content(magic, length);

    return content != NULL ? content->refusal : NULL;
}

static bool is_text(const unsigned char *magic, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((magic[i] < 0x20 || magic[i] > 0x7e) && magic[i] != '\t' && magic[i] != '\n' &&
            magic[i] != '\r')
            return false;
    /* pcapng starts with newline, carriage return, carriage return, newline. */
    return length > 0 && magic[0] != '\n';
}

/** Looks at the first bytes and puts them back: standard input cannot be rewound. */
static bool peek(FILE *file, unsigned char magic[static INPUT_MAGIC_SIZE], size_t *length)
{
    *length = fread(magic, 1, INPUT_MAGIC_SIZE, file);
    if (ferror(file))
        return false;
    for (size_t i = *length; i > 0; i--)
        if (ungetc(magic[i - 1], file) == EOF)
            return false;
    return true;
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
        message("%s: link type %s (%s) is not one that boottap reads; it reads %s", input->name,
                name, description, readable);
    else
        message("%s: link type %d is not one that boottap reads; it reads %s", input->name,
                datalink, readable);
}

static bool open_pcap(struct input *input)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    int datalink;

    input->pcap =
        pcap_fopen_offline_with_tstamp_precision(input->file, PCAP_TSTAMP_PRECISION_NANO, error);
    if (input->pcap == NULL) {
        if (strcmp(error, "unknown file format") == 0)
            message("%s: not a capture; boottap reads pcap, pcapng and the logs of candump -L",
                    input->name);
        else
            message("%s: %s; the capture's header is damaged", input->name, error);
        return false;
    }
    datalink = pcap_datalink(input->pcap);
    if (btap_linktype_supported((uint32_t)datalink)) {
        input->linktype = (uint32_t)datalink;
        return true;
    }
    refuse_linktype(input, datalink);
    return false;
}

static bool open_pcapng(struct input *input)
{
    input->format = INPUT_PCAPNG;
    if (blocks_start(&input->blocks, input->file) == BLOCKS_NEXT)
        return true;
    message("%s: %s", input->name, input->blocks.problem);
    return false;
}

/** Chooses the reader by the first bytes. @return false where there is none, told in a message */
static bool open_content(struct input *input)
{
    unsigned char magic[INPUT_MAGIC_SIZE];
    const struct content *content;
    size_t length;

    if (!peek(input->file, magic, &length)) {
        message("%s: %s", input->name, strerror(errno));
        return false;
    }
    if (length == 0) {
        message("%s: the file is empty", input->name);
        return false;
    }
    content = find_content(magic, length);
    if (content != NULL && content->refusal != NULL) {
        message("%s: %s", input->name, content->refusal);
        return false;
    }
    if (magic[0] == '(') {
        input->format = INPUT_CANDUMP;
        return true;
    }
    if (length == sizeof(magic) && memcmp(magic, pcapng_magic, sizeof(magic)) == 0)
        return open_pcapng(input);
    if (is_text(magic, length)) {
        message("%s: a text file, but no log of candump -L (a line there starts with the time: "
                "\"(1436509052.249713) can0 123##1DEADBEEF\")",
                input->name);
        return false;
    }
    if (content != NULL)
        input->digits = content->digits;
    return open_pcap(input);
}

static bool open_file(struct input *input, const char *path)
{
    static char stdin_buffer[INPUT_BUFFER_SIZE]; /* outlives every input, as the stream does */
    char *buffer = input->buffer;
    struct stat status;

    if (strcmp(path, INPUT_STDIN) == 0) {
        input->name = "standard input";
        input->file = stdin;
        buffer = stdin_buffer;
    } else {
        input->file = fopen(path, "rb");
    }
    if (input->file == NULL) {
        message("%s: %s", input->name, strerror(errno));
        return false;
    }
    if (fstat(fileno(input->file), &status) == 0 && S_ISDIR(status.st_mode)) {
        message("%s: a directory; name the capture files in it", input->name);
        return false;
    }
    setvbuf(input->file, buffer, _IOFBF, INPUT_BUFFER_SIZE);
#ifdef HAVE_FSETLOCKING
    /* Only this thread reads; taking the stream's lock twice a record costs as much as decoding. */
    __fsetlocking(input->file, FSETLOCKING_BYCALLER);
#endif
    return true;
}

bool input_open(struct input *input, const char *path)
{
    *input = (struct input){.name = path, .digits = 6};
    if (open_file(input, path) && open_content(input))
        return true;
    input_close(input);
    return false;
}

static btap_ns time_of(const struct timeval *time)
{
    if (time->tv_sec < 0)
        return 0;
    if (time->tv_sec > NS_LIMIT / NS_PER_SECOND - 1)
        return NS_LIMIT;
    return (btap_ns)time->tv_sec * NS_PER_SECOND + time->tv_usec;
}

static bool must_stop(const struct input *input)
{
    return input->stop || interrupt_signal != 0;
}

/** Completes a record and hands it out. */
static void hand_out(struct input *input, struct btap_record *record)
{
    record->packet = ++input->packets;
    if (record->packet == 1)
        input->first = record->time;
    if (input->digits == 6 && record->time % 1000 != 0)
        input->digits = 9;
    input->on_record(input->context, record);
}

static bool host_is_big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return first == 0;
}

static void on_packet(unsigned char *user, const struct pcap_pkthdr *header,
                      const unsigned char *bytes)
{
    struct input *input = (void *)user;
    struct btap_record record = {
        .linktype = input->linktype,
        /* libpcap brings the headers that are in the capturing host's order into ours. */
        .big_endian = host_is_big_endian(),
        .time = time_of(&header->ts),
        .bytes = bytes,
        .captured = header->caplen,
        .length = header->len,
    };

    hand_out(input, &record);
    if (must_stop(input))
        pcap_breakloop(input->pcap);
}

static void explain_damage(const struct input *input, const char *cause)
{
    const char *advice = "what follows is damaged; everything before it was read";

    if (strncmp(cause, "truncated", strlen("truncated")) == 0)
        advice = "the file was cut short; everything before this packet was read";
    message("%s: packet %" PRIu64 ": %s; %s", input->name, input->packets + 1, cause, advice);
}

static enum input_result read_pcap(struct input *input)
{
    const int result = pcap_loop(input->pcap, -1, on_packet, (unsigned char *)input);

    if (must_stop(input))
        return INPUT_STOPPED;
    if (result == PCAP_ERROR) {
        explain_damage(input, pcap_geterr(input->pcap));
        return INPUT_FAILED;
    }
    return INPUT_END;
}

/** How reading a pcapng file ended. */
static enum input_result end_of_blocks(const struct input *input, enum blocks_result result)
{
    const char *cause = result == BLOCKS_CUT_SHORT ? "the file was cut short"
                        : result == BLOCKS_DAMAGED ? input->blocks.problem
                                                   : strerror(errno);

    if (must_stop(input))
        return INPUT_STOPPED;
    if (result != BLOCKS_END) {
        message("%s: packet %" PRIu64 ": %s; everything before it was read", input->name,
                input->packets + 1, cause);
        return INPUT_FAILED;
    }
    if (input->unreadable == 0 || input->unreadable < input->packets)
        return INPUT_END;
    refuse_linktype(input, (int)input->linktype);
    return INPUT_FAILED;
}

static enum input_result read_pcapng(struct input *input)
{
    enum blocks_result result = BLOCKS_NEXT;
    struct pcapng_block block;

    while (!must_stop(input) && (result = blocks_next(&input->blocks, &block)) == BLOCKS_NEXT) {
        if (!block.packet)
            continue;
        if (!btap_linktype_supported(block.record.linktype) && input->unreadable++ == 0)
            input->linktype = block.record.linktype;
        hand_out(input, &block.record);
    }
    return end_of_blocks(input, result);
}

static enum input_result read_candump(struct input *input)
{
    struct candump_reader reader = {.file = input->file};
    struct btap_record record;

    while (!must_stop(input) && candump_next(&reader, &record))
        hand_out(input, &record);
    if (must_stop(input))
        return INPUT_STOPPED;
    if (ferror(input->file)) {
        message("%s: packet %" PRIu64 ": %s; everything before it was read", input->name,
                input->packets + 1, strerror(errno));
        return INPUT_FAILED;
    }
    if (reader.malformed > 0) {
        message("%s: packet %" PRIu64 ": line %" PRIu64 " is not as candump -L writes it; "
                "skipped %" PRIu64 " such line%s",
                input->name, reader.malformed_packet, reader.malformed_line, reader.malformed,
                reader.malformed == 1 ? "" : "s");
        return INPUT_FAILED;
    }
    return INPUT_END;
}

enum input_result input_read(struct input *input,
                             void (*on_record)(void *context, const struct btap_record *record),
                             void *context)
{
    input->on_record = on_record;
    input->context = context;
    switch (input->format) {
    case INPUT_PCAPNG:
        return read_pcapng(input);
    case INPUT_CANDUMP:
        return read_candump(input);
    default:
        return read_pcap(input);
    }
}

void input_stop(struct input *input)
{
    input->stop = true;
}

void input_close(struct input *input)
{
    blocks_release(&input->blocks);
    if (input->pcap != NULL)
        pcap_close(input->pcap); /* closes the file, but not standard input */
    else if (input->file != NULL && input->file != stdin)
        fclose(input->file);
    input->pcap = NULL;
    input->file = NULL;
}
