/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/place.h"
#include "base/temporary.h"

#define COPY_SIZE (64 * 1024)

/** Names of a file's extended attributes, and one of their values, are no longer on Linux. */
#define ATTRIBUTES_SIZE (64 * 1024)

/** Short, whatever the file's own name is: a name has 255 bytes at most. */
static const char temporary_name[] = ".boottap-XXXXXX";

/** Whether a path leads to a device or a pipe, which must not give way to a file. */
static bool is_no_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/** The error of what failed last; a stream may have kept only that there was one. */
static const char *cause(void)
{
    return strerror(errno != 0 ? errno : EIO);
}

/** What lists have the access rights of, among other things. What cannot be kept is not. */
static void copy_attributes(const char *from, int to)
{
    char *names = allocate(2 * (size_t)ATTRIBUTES_SIZE);
    char *value = names + ATTRIBUTES_SIZE;
    const ssize_t length = listxattr(from, names, ATTRIBUTES_SIZE);

    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        const ssize_t size = getxattr(from, names + at, value, ATTRIBUTES_SIZE);

        if (size >= 0)
            fsetxattr(to, names + at, value, (size_t)size, 0);
    }
    free(names);
}

/** Owner, group, rights and attributes of the file that is replaced. @return false: not possible */
static bool take_over(const struct outfile *outfile, const struct stat *old)
{
    const int to = fileno(outfile->stream);
    struct stat status;

    if (fstat(to, &status) != 0)
        return false;
    if ((status.st_uid != old->st_uid || status.st_gid != old->st_gid) &&
        fchown(to, old->st_uid, old->st_gid) != 0)
        return false;
    if (fchmod(to, old->st_mode & 07777) != 0)
        return false;
    copy_attributes(outfile->target, to);
    return true;
}

/** The rights that a new file gets: mkstemp() gives less. */
static bool take_usual_rights(const struct outfile *outfile)
{
    const mode_t mask = umask(0);

    umask(mask);
    return fchmod(fileno(outfile->stream), 0666 & ~mask) == 0;
}

/** Removes the temporary file, if there is one. */
static void remove_temporary(struct outfile *outfile)
{
    if (outfile->temporary == NULL)
        return;
    unlink(outfile->temporary);
    temporary_forget(outfile->temporary);
    free(outfile->temporary);
    outfile->temporary = NULL;
}

/** Creates a file in the directory of the target. @return false: errno, nothing is left */
static bool create_beside(struct outfile *outfile)
{
    const size_t length = (size_t)(strrchr(outfile->target, '/') + 1 - outfile->target);
    int descriptor;

    outfile->temporary = allocate(length + sizeof(temporary_name));
    memcpy(outfile->temporary, outfile->target, length);
    memcpy(outfile->temporary + length, temporary_name, sizeof(temporary_name));
    descriptor = temporary_create(outfile->temporary);
    if (descriptor < 0) {
        free(outfile->temporary);
        outfile->temporary = NULL;
        return false;
    }
    outfile->stream = fdopen(descriptor, "w+b");
    return outfile->stream != NULL;
}

/** Of a file that cannot be replaced the contents are, at the end: its directory takes no other
 * file, or not one with its owner. @return false: errno */
static bool open_for_contents(struct outfile *outfile)
{
    remove_temporary(outfile);
    if (outfile->stream != NULL)
        fclose(outfile->stream);
    outfile->stream = tmpfile();
    return outfile->stream != NULL;
}

/** Whether a file cannot be replaced, though it may be written. */
static bool is_kept_from_replacing(int error)
{
    return error == EACCES || error == EPERM || error == EROFS;
}

/** @return false: errno */
static bool open_file(struct outfile *outfile)
{
    struct stat old;
    bool there;

    outfile->target = place_follow(outfile->path);
    if (outfile->target == NULL)
        return false;
    there = stat(outfile->target, &old) == 0;
    /* That its directory could be written is no leave to replace it. */
    if (there && faccessat(AT_FDCWD, outfile->target, W_OK, AT_EACCESS) != 0)
        return false;
    if (!create_beside(outfile))
        return there && is_kept_from_replacing(errno) && open_for_contents(outfile);
    if (there)
        return take_over(outfile, &old) || open_for_contents(outfile);
    return take_usual_rights(outfile);
}

/** Closes what is open and forgets the rest. */
static void release(struct outfile *outfile)
{
    if (outfile->stream != NULL)
        fclose(outfile->stream);
    if (outfile->onto != NULL && outfile->onto != stdout)
        fclose(outfile->onto);
    remove_temporary(outfile);
    free(outfile->target);
    *outfile = (struct outfile){0};
}

/** Opens what all is copied to at the end, and where it is kept until then. @return false: errno */
static bool open_onto(struct outfile *outfile)
{
    if (outfile->onto == NULL)
        outfile->onto = fopen(outfile->path, "wbe");
    if (outfile->onto != NULL)
        outfile->stream = tmpfile();
    return outfile->stream != NULL;
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

/** Whether a file is there that holds something. */
static bool is_taken(const char *path)
{
    struct stat status;

    return strcmp(path, OUTFILE_STDOUT) != 0 && stat(path, &status) == 0 &&
           S_ISREG(status.st_mode) && status.st_size > 0;
}

bool outfile_takes_part(const char *path, const char *input, bool asked)
{
    if (asked || !is_taken(path))
        return true;
    message("%s: kept as it was, as %s could not be read to its end; --partial replaces it with "
            "what could be read",
            path, input);
    return false;
}

static const char *name_of(const char *path)
{
    return strcmp(path, OUTFILE_STDOUT) == 0 ? "standard output" : path;
}

bool outfile_is_interrupted(const char *path)
{
    if (!interrupt_breaks_off())
        return false;
    message("%s: not written, as a signal came (%s)%s", name_of(path), strsignal(interrupt_signal),
            is_taken(path) ? "; the file is what it was before" : "");
    return true;
}

bool outfile_open(struct outfile *outfile, const char *path)
{
    const bool standard = strcmp(path, OUTFILE_STDOUT) == 0;

    *outfile = (struct outfile){
        .path = path,
        .name = name_of(path),
        .onto = standard ? stdout : NULL,
    };
    if (outfile_is_interrupted(path))
        return false;
    errno = 0;
    if (standard || is_no_file(path) ? open_onto(outfile) : open_file(outfile))
        return true;
    message("%s: %s", outfile->name, cause());
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
    copied = copied && !ferror(from) && fflush(to) == 0;
    free(bytes);
    return copied;
}

/** Makes room first: a file that there is no room for stays as it was. @return false: errno */
static bool make_room(int descriptor, off_t length)
{
    struct stat old;
    int error;

    if (fstat(descriptor, &old) != 0)
        return false;
    error = length > old.st_size ? posix_fallocate(descriptor, 0, length) : 0;
    if (error == 0)
        return true;
    if (ftruncate(descriptor, old.st_size) != 0)
        error = errno;
    errno = error;
    return false;
}

/** Puts new contents in a file, which no signal breaks off. @return false: errno */
static bool write_over(FILE *from, const char *path)
{
    FILE *to = fopen(path, "r+be");
    const off_t length = ftello(from);
    sigset_t all;
    sigset_t before;
    bool done;

    if (to == NULL)
        return false;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    done = length >= 0 && make_room(fileno(to), length) && copy(from, to) &&
           ftruncate(fileno(to), length) == 0;
    done = fclose(to) == 0 && done;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return done;
}

/** What a network drive could not keep shows when it is closed. @return false: errno */
static bool replace(struct outfile *outfile)
{
    FILE *stream = outfile->stream;

    outfile->stream = NULL;
    if (fclose(stream) != 0 || rename(outfile->temporary, outfile->target) != 0)
        return false;
    temporary_forget(outfile->temporary);
    free(outfile->temporary);
    outfile->temporary = NULL;
    return true;
}

/** @return false: errno, or 0 */
static bool put(struct outfile *outfile)
{
    errno = 0;
    if (fflush(outfile->stream) != 0 || ferror(outfile->stream))
        return false;
    if (outfile->onto != NULL)
        return copy(outfile->stream, outfile->onto);
    if (outfile->temporary == NULL)
        return write_over(outfile->stream, outfile->target);
    return replace(outfile);
}

bool outfile_finish(struct outfile *outfile)
{
    bool done = !outfile_is_interrupted(outfile->path);

    if (done && !put(outfile)) {
        message("%s: %s", outfile->name, cause());
        done = false;
    }
    if (done && outfile->part_of != NULL)
        message("%s: is partial: %s could not be read to its end", outfile->name, outfile->part_of);
    release(outfile);
    return done;
}

void outfile_discard(struct outfile *outfile)
{
    release(outfile);
}

const char *outfile_failure(FILE *stream)
{
    errno = 0;
    if (fflush(stream) == 0 && putc('\n', stream) != EOF)
        fflush(stream);
    return errno != 0 ? strerror(errno) : "not all of it could be written";
}
