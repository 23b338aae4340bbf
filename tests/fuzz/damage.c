/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "damage.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHANGES_MAX 4
#define RANGE_MAX   64

struct damage {
    const struct damage_input *inputs;
    size_t count;
    uint64_t random;
    int file;
    uint8_t *bytes; /* of DAMAGE_LENGTH_MAX, the file's */
    size_t length;
};

/** Below a limit that is not 0; xorshift64*, S. Vigna: An experimental exploration of Marsaglia's
 *  xorshift generators, scrambled. */
static size_t below(struct damage *damage, size_t limit)
{
    uint64_t x = damage->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    damage->random = x;
    return (size_t)((x * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % limit;
}

/** A place in the bytes, and how many from there on: at least one. The bytes are not empty. */
static size_t range(struct damage *damage, size_t *length)
{
    const size_t at = below(damage, damage->length);
    const size_t rest = damage->length - at;

    *length = 1 + below(damage, rest < RANGE_MAX ? rest : RANGE_MAX);
    return at;
}

/** Makes room of a length at a place, as far as there is some. @return how much */
static size_t open_gap(struct damage *damage, size_t at, size_t length)
{
    const size_t left = DAMAGE_LENGTH_MAX - damage->length;

    length = length < left ? length : left;
    memmove(damage->bytes + at + length, damage->bytes + at, damage->length - at);
    damage->length += length;
    return length;
}

static void change_byte(struct damage *damage)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x1f, 0x79, 0x7f, 0x80, 0xfe, 0xff};
    uint8_t *byte = damage->bytes + below(damage, damage->length);

    switch (below(damage, 3)) {
    case 0:
        *byte ^= (uint8_t)(1u << below(damage, 8));
        break;
    case 1:
        *byte = telling[below(damage, sizeof(telling))];
        break;
    default:
        *byte = (uint8_t)below(damage, 256);
        break;
    }
}

static void cut_out(struct damage *damage)
{
    size_t length;
    const size_t at = range(damage, &length);

    memmove(damage->bytes + at, damage->bytes + at + length, damage->length - at - length);
    damage->length -= length;
}

static void repeat(struct damage *damage)
{
    uint8_t part[RANGE_MAX];
    size_t length;
    const size_t at = range(damage, &length);

    memcpy(part, damage->bytes + at, length);
    length = open_gap(damage, at, length);
    memcpy(damage->bytes + at, part, length);
}

/** Bytes of another input, in the place of some or between them. */
static void mix(struct damage *damage, bool between)
{
    const struct damage_input *other = &damage->inputs[below(damage, damage->count)];
    size_t length, from;
    const size_t at = range(damage, &length);

    if (other->length < length)
        return;
    from = below(damage, other->length - length + 1);
    if (between)
        length = open_gap(damage, at, length);
    memcpy(damage->bytes + at, other->bytes + from, length);
}

static void change(struct damage *damage)
{
    switch (below(damage, 8)) {
    case 0:
        cut_out(damage);
        break;
    case 1:
        repeat(damage);
        break;
    case 2:
        mix(damage, false);
        break;
    case 3:
        mix(damage, true);
        break;
    case 4:
        damage->length = below(damage, damage->length + 1);
        break;
    default:
        change_byte(damage);
        break;
    }
}

struct damage *damage_open(const struct damage_input *inputs, size_t count, const char *path)
{
    struct damage *damage = malloc(sizeof(*damage));
    void *bytes;

    if (damage == NULL)
        return NULL;
    *damage = (struct damage){.inputs = inputs,
                              .count = count,
                              .random = 1,
                              .file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (damage->file >= 0 && ftruncate(damage->file, DAMAGE_LENGTH_MAX) == 0) {
        bytes = mmap(NULL, DAMAGE_LENGTH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, damage->file, 0);
        if (bytes != MAP_FAILED) {
            damage->bytes = bytes;
            return damage;
        }
    }
    if (damage->file >= 0)
        close(damage->file);
    free(damage);
    return NULL;
}

struct damage_input damage_next(struct damage *damage)
{
    const struct damage_input *input = &damage->inputs[below(damage, damage->count)];

    if (ftruncate(damage->file, DAMAGE_LENGTH_MAX) != 0)
        return (struct damage_input){.bytes = NULL};
    damage->length = input->length < DAMAGE_LENGTH_MAX ? input->length : DAMAGE_LENGTH_MAX;
    if (damage->length > 0)
        memcpy(damage->bytes, input->bytes, damage->length);
    for (size_t changes = 1 + below(damage, CHANGES_MAX); changes > 0 && damage->length > 0;
         changes--)
        change(damage);
    if (ftruncate(damage->file, (off_t)damage->length) != 0)
        return (struct damage_input){.bytes = NULL};
    return (struct damage_input){.bytes = damage->bytes, .length = damage->length};
}

void damage_close(struct damage *damage)
{
    munmap(damage->bytes, DAMAGE_LENGTH_MAX);
    close(damage->file);
    free(damage);
}
