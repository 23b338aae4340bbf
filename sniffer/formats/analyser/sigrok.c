/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions of sigrok and PulseView (.sr): a zip archive of `version` (1 or 2), `metadata` (an INI
 * file) and samples, `logic-1` in version 1, `logic-1-1` and so on in version 2. A sample has
 * unitsize bytes, the least one first; probe N is bit N - 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/allocate.h"
#include "base/temporary.h"
#include "base/unpack.h"
#include "formats/analyser/analyser.h"
#include "formats/analyser/sigrok_metadata.h"

#define BUFFER_SIZE  ((size_t)64 * 1024)
#define METADATA_MAX 65536

/** So many samples are compared at once where nothing changes. */
#define SAMPLES_AT_ONCE 64

struct session {
    struct queue queue;
    struct analyser analyser;
    struct sigrok_metadata metadata;
    size_t channel_of[ANALYSER_CHANNELS_MAX]; /**< by bit */
    uint64_t mask;                            /**< bits that have a channel */
    zip_t *zip;
    zip_file_t *file; /**< the piece that is read; NULL: none */
    unsigned piece;   /**< of the samples, from 1; 0: none was opened yet */
    bool single;      /**< there is one piece, without a number */
    bool ended;
    char trouble[160];
    uint64_t samples; /**< that were read */
    uint64_t before;  /**< the last of them */
    size_t have;      /**< bytes in the buffer */
    uint8_t *buffer;
};

static bool probe(const struct first *first)
{
    return FIRST_BYTES(first, 0, "PK\x03\x04") &&
           (FIRST_BYTES(first, 30, "version") || FIRST_BYTES(first, 30, "metadata") ||
            FIRST_BYTES(first, 30, "logic-1"));
}

static bool refuse(struct reader *reader, const char *problem)
{
    reader_damaged(reader, "%s", problem);
    return false;
}

/* The archive: its directory stands at its end */

static bool write_all(int fd, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return true;
}

/** A file without a name, which nobody has to remove. @return -1: errno */
static int nameless_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/boottap-XXXXXX",
             folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    fd = temporary_create(path);
    if (fd < 0)
        return -1;
    unlink(path);
    temporary_forget(path);
    return fd;
}

/** Copies what cannot be read out of order: a pipe, or what a compressed file holds. */
static int spool(struct reader *reader)
{
    const int fd = nameless_file();
    enum reader_result result = READER_NEXT;

    if (fd < 0) {
        reader_damaged(reader, "no temporary file for it: %s", strerror(errno));
        return -1;
    }
    do {
        if (!write_all(fd, reader->record, reader->have)) {
            reader_damaged(reader, "no temporary file for it: %s", strerror(errno));
            close(fd);
            return -1;
        }
        reader_advance(reader, reader->have);
        result = reader_fill(reader, 1);
    } while (result == READER_NEXT);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/** A descriptor of the archive that can be read in any order. @return -1: refused */
static int archive_of(struct reader *reader)
{
    struct stat status;
    int fd;

    if (reader->unpack == NULL || unpack_packing(reader->unpack) != NULL ||
        fstat(reader->fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        lseek(reader->fd, 0, SEEK_SET) != 0)
        return spool(reader);
    fd = fcntl(reader->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        reader_damaged(reader, "%s", strerror(errno));
    return fd;
}

static bool open_archive(struct reader *reader, struct session *session)
{
    const int fd = archive_of(reader);
    zip_error_t error;
    int code;

    if (fd < 0)
        return false;
    session->zip = zip_fdopen(fd, 0, &code);
    if (session->zip != NULL)
        return true;
    close(fd);
    zip_error_init_with_code(&error, code);
    reader_damaged(reader, "its zip archive is damaged or cut short: %s",
                   zip_error_strerror(&error));
    zip_error_fini(&error);
    return false;
}

/** Reads a small file of the archive. @return its text, zero-terminated; NULL: there is none */
static char *read_member(struct session *session, const char *name, size_t max)
{
    zip_file_t *file = zip_fopen(session->zip, name, 0);
    char *text;
    zip_int64_t length;

    if (file == NULL)
        return NULL;
    text = allocate(max + 1);
    length = zip_fread(file, text, max);
    zip_fclose(file);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

static bool check_version(struct reader *reader, struct session *session)
{
    char *text = read_member(session, "version", 8);
    const long version = text != NULL ? strtol(text, NULL, 10) : 0;

    free(text);
    if (version == 1 || version == 2)
        return true;
    if (version == 0)
        return refuse(reader, "no session of sigrok: the archive holds no version");
    reader_damaged(reader, "a session of sigrok in version %ld, which boottap does not know",
                   version);
    return false;
}

static bool read_metadata(struct reader *reader, struct session *session)
{
    char *text = read_member(session, "metadata", METADATA_MAX);
    const char *problem = "no session of sigrok: the archive holds no metadata";

    if (text != NULL)
        problem = sigrok_metadata_read(text, &session->metadata);
    free(text);
    return problem == NULL || refuse(reader, problem);
}

static void add_channels(struct session *session)
{
    const struct sigrok_metadata *metadata = &session->metadata;

    for (size_t i = 0; i < SIGROK_PROBES_MAX; i++)
        if (metadata->names[i][0] != '\0') {
            session->channel_of[i] =
                analyser_add(&session->analyser, metadata->names[i], strlen(metadata->names[i]));
            session->mask |= UINT64_C(1) << i;
        }
}

static bool start(struct reader *reader)
{
    struct session *session = allocate(sizeof(*session));

    reader->state = session;
    queue_init(&session->queue);
    if (!open_archive(reader, session) || !check_version(reader, session) ||
        !read_metadata(reader, session))
        return false;
    analyser_start(&session->analyser, &session->queue);
    add_channels(session);
    session->buffer = allocate(BUFFER_SIZE + session->metadata.unit_size);
    return true;
}

/* Samples */

static uint64_t sample_at(const uint8_t *bytes, size_t size)
{
    uint64_t sample = 0;

    for (size_t i = size < 8 ? size : 8; i-- > 0;)
        sample = sample << 8 | bytes[i];
    return sample;
}

static void take_sample(struct session *session, uint64_t sample)
{
    const bool begins = session->samples == 0;
    uint64_t changed = begins ? session->mask : (sample ^ session->before) & session->mask;
    const int64_t at_ps =
        changed != 0 ? analyser_time(session->samples, session->metadata.rate) : 0;

    while (changed != 0) {
        const int bit = __builtin_ctzll(changed);

        analyser_level(&session->analyser, session->channel_of[bit], at_ps, sample >> bit & 1);
        changed &= changed - 1;
    }
    session->before = sample;
    session->samples++;
}

static void take_samples(struct session *session)
{
    const size_t size = session->metadata.unit_size;
    const size_t many = SAMPLES_AT_ONCE * size;
    const uint8_t *at = session->buffer;
    size_t left = session->have;

    while (left >= size) {
        take_sample(session, sample_at(at, size));
        at += size;
        left -= size;
        while (left >= many && memcmp(at - size, at, many) == 0) {
            session->samples += SAMPLES_AT_ONCE;
            at += many;
            left -= many;
        }
    }
    memmove(session->buffer, at, left);
    session->have = left;
}

/** Opens the next piece of the samples. @return false: there is none */
static bool open_piece(struct session *session)
{
    char name[SIGROK_FILE_SIZE + 16];

    if (session->single)
        return false;
    snprintf(name, sizeof(name), "%s-%u", session->metadata.file, ++session->piece);
    if (session->piece == 1 && zip_name_locate(session->zip, name, 0) < 0) {
        session->single = true;
        snprintf(name, sizeof(name), "%s", session->metadata.file);
    }
    if (zip_name_locate(session->zip, name, 0) < 0)
        return false;
    session->file = zip_fopen(session->zip, name, 0);
    if (session->file == NULL)
        snprintf(session->trouble, sizeof(session->trouble), "its samples cannot be read: %s",
                 zip_strerror(session->zip));
    return session->file != NULL;
}

/** Reads on. @return false: there is nothing more */
static bool read_samples(struct session *session)
{
    zip_int64_t got;

    if (session->file == NULL && !open_piece(session))
        return false;
    got = zip_fread(session->file, session->buffer + session->have, BUFFER_SIZE);
    if (got < 0)
        snprintf(session->trouble, sizeof(session->trouble), "its samples are damaged: %s",
                 zip_file_strerror(session->file));
    if (got > 0) {
        session->have += (size_t)got;
        take_samples(session);
    } else {
        zip_fclose(session->file);
        session->file = NULL;
    }
    return got >= 0;
}

static enum reader_result next(struct reader *reader, struct btap_record *record)
{
    struct session *session = reader->state;

    while (!queue_next(&session->queue, record)) {
        if (session->ended)
            return reader->problem[0] != '\0' && session->trouble[0] != '\0' ? READER_DAMAGED
                                                                             : READER_END;
        if (read_samples(session))
            continue;
        session->ended = true;
        analyser_end(&session->analyser, reader,
                     analyser_time(session->samples, session->metadata.rate));
        if (session->trouble[0] != '\0')
            reader_damaged(reader, "%s", session->trouble);
    }
    return READER_NEXT;
}

static void release(struct reader *reader)
{
    struct session *session = reader->state;

    if (session->file != NULL)
        zip_fclose(session->file);
    if (session->zip != NULL)
        zip_discard(session->zip);
    analyser_release(&session->analyser);
    queue_release(&session->queue);
    free(session->buffer);
}

const struct reader_format reader_sigrok = {
    .kind = {KIND_CAPTURE, "a session of sigrok or PulseView (.sr)", "", probe},
    .start = start,
    .next = next,
    .release = release,
};
