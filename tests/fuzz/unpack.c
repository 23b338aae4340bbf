/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: compressed files, and text in UTF-16. What is read of them does not depend on how
 * much is asked for at once. Of damaged data more or less may come out before the damage is seen.
 */
#include "base/utf16.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/message.h"
#include "checker.h"

/** So much of a file is unpacked: bombs go on for long. */
#define UNPACKED_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/** In the place of the program's. */
void message(const char *format, ...)
{
    (void)format;
}

/** Unpacks a file in steps of a size. @return bytes unpacked */
static size_t unpack_all(int fd, size_t step, uint8_t *to, char trouble[256])
{
    struct unpack *unpack = unpack_new(fd);
    struct utf16 *utf16 = utf16_new(unpack);
    size_t length = 0;
    ssize_t got;

    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    do {
        const size_t room = UNPACKED_MAX - length < step ? UNPACKED_MAX - length : step;

        got = utf16_read(utf16, to + length, room);
        CHECK(got >= 0 && (size_t)got <= room);
        length += (size_t)got;
    } while (got > 0 && length < UNPACKED_MAX);
    snprintf(trouble, 256, "%s",
             length < UNPACKED_MAX && unpack_trouble(unpack) != NULL ? unpack_trouble(unpack) : "");
    utf16_free(utf16);
    unpack_free(unpack);
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static uint8_t whole[UNPACKED_MAX];
    static uint8_t parts[UNPACKED_MAX];
    static int fd = -1;
    char trouble[256];
    char trouble_parts[256];
    size_t unpacked;
    size_t in_parts;

    if (fd < 0)
        fd = memfd_create("file", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, 0) == 0);
    CHECK(pwrite(fd, bytes, length, 0) == (ssize_t)length);
    unpacked = unpack_all(fd, UNPACKED_MAX, whole, trouble);
    in_parts = unpack_all(fd, 61, parts, trouble_parts);
    CHECK(memcmp(whole, parts, in_parts < unpacked ? in_parts : unpacked) == 0);
    if (strstr(trouble, "damaged") == NULL && strstr(trouble_parts, "damaged") == NULL) {
        CHECK(in_parts == unpacked);
        CHECK(strcmp(trouble, trouble_parts) == 0);
    }
    return 0;
}
