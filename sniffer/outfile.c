/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "output.h"

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

/** A device or a pipe must not give way to a file. */
static bool may_replace(const struct outfile *outfile)
{
    struct stat status;

    if (stat(outfile->target, &status) != 0)
        return true;
    if (S_ISREG(status.st_mode))
        return true;
    message("%s: not a regular file; write to standard output (-) instead", outfile->name);
    return false;
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

static void release(struct outfile *outfile)
{
    free(outfile->target);
    free(outfile->temporary);
    *outfile = (struct outfile){0};
}

bool outfile_open(struct outfile *outfile, const char *path)
{
    *outfile = (struct outfile){.name = path};
    if (strcmp(path, OUTFILE_STDOUT) == 0) {
        outfile->name = "standard output";
        outfile->stream = tmpfile();
        if (outfile->stream == NULL)
            message("no temporary file: %s", strerror(errno));
        return outfile->stream != NULL;
    }
    outfile->target = follow(path);
    if (outfile->target == NULL)
        message("%s: %s", outfile->name, strerror(errno));
    else if (may_replace(outfile) && open_beside(outfile))
        return true;
    release(outfile);
    return false;
}

/** Copies the stream from its start to standard output. @return false: errno */
static bool copy_to_stdout(FILE *stream)
{
    char *bytes = allocate(COPY_SIZE);
    size_t length;
    bool copied = true;

    rewind(stream);
    while (copied && (length = fread(bytes, 1, COPY_SIZE, stream)) > 0)
        copied = fwrite(bytes, 1, length, stdout) == length;
    free(bytes);
    return copied && !ferror(stream) && fflush(stdout) == 0;
}

bool outfile_finish(struct outfile *outfile)
{
    bool done = fflush(outfile->stream) == 0 && !ferror(outfile->stream);

    if (done && outfile->target == NULL)
        done = copy_to_stdout(outfile->stream);
    else if (done)
        done = rename(outfile->temporary, outfile->target) == 0;
    if (!done) {
        message("%s: %s", outfile->name, strerror(errno));
        outfile_discard(outfile);
        return false;
    }
    fclose(outfile->stream);
    release(outfile);
    return true;
}

void outfile_discard(struct outfile *outfile)
{
    fclose(outfile->stream);
    if (outfile->temporary != NULL)
        unlink(outfile->temporary);
    release(outfile);
}
