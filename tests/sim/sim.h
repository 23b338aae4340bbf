/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the simulated devices, hosts and recorders share. Nothing here, nor in any other file of
 * tests/sim, comes from decoder/: these programs are its opponents and have their own constants.
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Virtual or real time: nanoseconds since the Unix epoch, or a length of time. */
typedef int64_t sim_ns;

#define SIM_US ((sim_ns)1000)
#define SIM_MS (1000 * SIM_US)
#define SIM_S  (1000 * SIM_MS)

/** Where every virtual clock starts: 2026-01-01 00:00:00 UTC. */
#define SIM_EPOCH (1767225600 * SIM_S)

/** A virtual clock; hosts move it, recorders read it. */
struct sim_clock {
    sim_ns now;
};

#define SIM_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void sim_put_be16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void sim_put_be32(uint8_t *at, uint32_t value)
{
    sim_put_be16(at, (uint16_t)(value >> 16));
    sim_put_be16(at + 2, (uint16_t)value);
}

static inline void sim_put_le16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void sim_put_le32(uint8_t *at, uint32_t value)
{
    sim_put_le16(at, (uint16_t)value);
    sim_put_le16(at + 2, (uint16_t)(value >> 16));
}

static inline uint16_t sim_be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t sim_be32(const uint8_t *at)
{
    return (uint32_t)sim_be16(at) << 16 | sim_be16(at + 2);
}

static inline uint16_t sim_le16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t sim_le32(const uint8_t *at)
{
    return sim_le16(at) | (uint32_t)sim_le16(at + 2) << 16;
}

static inline uint8_t sim_xor(const uint8_t *bytes, size_t length)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum ^= bytes[i];
    return sum;
}

/** The firmware that every scenario flashes: no byte run repeats within 20 KiB. */
void sim_firmware(uint8_t *bytes, size_t length);

#endif
