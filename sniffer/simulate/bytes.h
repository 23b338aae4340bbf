/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Time and numbers as the simulated devices have them.
 */
#ifndef SIMULATE_BYTES_H
#define SIMULATE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Virtual or real time: nanoseconds since the Unix epoch, or a length of time. */
typedef int64_t sim_ns;

#define SIM_US ((sim_ns)1000)
#define SIM_MS (1000 * SIM_US)
#define SIM_S  (1000 * SIM_MS)

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

/** Whether one of several faults is due now, of which this is one more occasion. @param seen counts
 * them; @param times 0: for ever */
static inline bool sim_fault_due(uint32_t *seen, uint32_t skip, uint32_t times)
{
    ++*seen;
    return *seen > skip && (times == 0 || *seen <= skip + times);
}

#endif
