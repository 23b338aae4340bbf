/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Damaged copies of a corpus's inputs, without a guide: for tests that must be short and give the
 * same result each time. What finds new paths is libFuzzer (scripts/fuzz.sh).
 */
#ifndef BOOTTAP_FUZZ_DAMAGE_H
#define BOOTTAP_FUZZ_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

/** As scripts/fuzz.sh has it. */
#define DAMAGE_LENGTH_MAX 4096

struct damage_input {
    const uint8_t *bytes;
    size_t length;
};

struct damage;

/**
 * @param inputs at least one, which stay the caller's and where they are
 * @param path a file that holds the newest damaged input at any time, also when the program is
 * killed
 * @return NULL where the file or memory cannot be had, with errno
 */
struct damage *damage_open(const struct damage_input *inputs, size_t count, const char *path);

/**
 * The next damaged input, valid until the next call; bytes are NULL where the file fails, with
 * errno. The sequence is the same in every run.
 */
struct damage_input damage_next(struct damage *damage);

void damage_close(struct damage *damage);

#endif
