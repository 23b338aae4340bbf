/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/message.h"

#define COPY_SIZE (64 * 1024)

static const char suffix[] = ".XXXXXX";

/** The file that a path leads to, which need not be there yet. Allocated. */
static char *follow(const char *path)
{
    char *target = realpath(path, NULL);

    if (target != NULL || errno != ENOENT)
        return target;
    return strdup(path);
}

bool outfile_is_input(const char *path, const char *input)
{
    const bool standard = strcmp(input, OUTFILE_STDOUT) == 0;
    struct stat one;
    struct stat other;

    return strcmp(path, OUTFILE_STDOUT) != 0 && stat(path, &one) == 0 && S_ISREG(one.st_mode) &&
           (standard ? fstat(STDIN_FILENO, &other) : stat(input, &other)) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/** Whether a path leads to a device or a pipe, which must not give way to a file. */
static bool is_no_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/** The rights that the file had, or that a new one would get: mkstemp() gives less. */
static void set_rights(const struct outfile *outfile)
{
    const mode_t mask = umask(0);
    struct stat status;

    umask(mask);
    if (stat(outfile->target, &status) == 0)
        fchmod(fileno(outfile->stream), status.st_mode & 0777);
    else
        fchmod(fileno(outfile->stream), 0666 & ~mask);
}

static bool open_beside(struct outfile *outfile)
{
    const size_t length = strlen(outfile->target);
    int descriptor;

    outfile->temporary = allocate(length + sizeof(suffix));
    memcpy(outfile->temporary, outfile->target, length);
    memcpy(outfile->temporary + length, suffix, sizeof(suffix));
    descriptor = mkstemp(outfile->temporary);
    if (descriptor >= 0) {
        outfile->stream = fdopen(descriptor, "w+b");
        if (outfile->stream != NULL) {
            set_rights(outfile);
            return true;
        }
        close(descriptor);
        unlink(outfile->temporary);
    }
    message("%s: %s", outfile->name, strerror(errno));
    return false;
}

/** Closes what is open and forgets the rest. */
static void release(struct outfile *outfile)
{
    if (outfile->stream != NULL)
        fclose(outfile->stream);
    if (outfile->onto != NULL && outfile->onto != stdout)
        fclose(outfile->onto);
    free(outfile->target);
    free(outfile->temporary);
    *outfile = (struct outfile){0};
}

/** Opens what all is copied to at the end, and where it is kept until then. */
static bool open_onto(struct outfile *outfile)
{
    if (outfile->onto == NULL)
        outfile->onto = fopen(outfile->name, "wb");
    if (outfile->onto != NULL)
        outfile->stream = tmpfile();
    if (outfile->stream == NULL)
        message("%s: %s", outfile->name, strerror(errno));
    return outfile->stream != NULL;
}

static bool open_target(struct outfile *outfile)
{
    outfile->target = follow(outfile->name);
    if (outfile->target != NULL)
        return open_beside(outfile);
    message("%s: %s", outfile->name, strerror(errno));
    return false;
}

bool outfile_check(const char *path)
{
    struct outfile outfile;
    struct stat status;

    if (strcmp(path, OUTFILE_STDOUT) == 0)
        return true;
    /* To open a pipe is to wait for who reads it, and to close it ends that. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        if (access(path, W_OK) == 0)
            return true;
        message("%s: %s", path, strerror(errno));
        return false;
    }
    if (!outfile_open(&outfile, path))
        return false;
    outfile_discard(&outfile);
    return true;
}

bool outfile_open(struct outfile *outfile, const char *path)
{
    const bool standard = strcmp(path, OUTFILE_STDOUT) == 0;

    *outfile = (struct outfile){
        .name = standard ? "standard output" : path,
        .onto = standard ? stdout : NULL,
    };
    if (standard || is_no_file(path) ? open_onto(outfile) : open_target(outfile))
        return true;
    release(outfile);
    return false;
}

/** Copies a stream from its start. @return false: errno */
static bool copy(FILE *from, FILE *to)
{
    char *bytes = allocate(COPY_SIZE);
    size_t length;
    bool copied = true;

    rewind(from);
    while (copied && (length = fread(bytes, 1, COPY_SIZE, from)) > 0)
        copied = fwrite(bytes, 1, length, to) == length;
    free(bytes);
    return copied && !ferror(from) && fflush(to) == 0;
}

bool outfile_finish(struct outfile *outfile)
{
    bool done = fflush(outfile->stream) == 0 && !ferror(outfile->stream);

    if (done && outfile->onto != NULL)
        done = copy(outfile->stream, outfile->onto);
    else if (done)
        done = rename(outfile->temporary, outfile->target) == 0;
    if (!done) {
        message("%s: %s", outfile->name, strerror(errno));
        outfile_discard(outfile);
        return false;
    }
    release(outfile);
    return true;
}

void outfile_discard(struct outfile *outfile)
{
    if (outfile->temporary != NULL)
        unlink(outfile->temporary);
    release(outfile);
}
