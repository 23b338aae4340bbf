/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a program was started from a vector table (AN3155 section 3.5, AN3156 section 4.2, AN5405
 * section 3.5: the bootloader takes the stack pointer from the address and the entry from the word
 * behind it).
 */
#include "boottap/session.h"
#include "model/bytes.h"

/* Arm's address map */
#define RAM_FIRST      0x10000000u /* core-coupled memory, the lowest RAM of an STM32 */
#define RAM_END        0x40000000u /* peripherals follow; an empty stack may begin there */
#define EXTERNAL_FIRST 0x60000000u
#define EXTERNAL_END   0xa0000000u
#define WORD           4u

static bool is_external(uint32_t address)
{
    return address >= EXTERNAL_FIRST && address < EXTERNAL_END;
}

/** A stack lies in RAM, a program where code can run; its lowest bit says Thumb. */
static bool is_plausible(const struct btap_vector *vector)
{
    const bool stack =
        (vector->stack >= RAM_FIRST && vector->stack <= RAM_END) || is_external(vector->stack);
    const bool code = vector->reset < RAM_END || is_external(vector->reset);

    return vector->address % WORD == 0 && vector->stack % WORD == 0 && stack &&
           vector->reset % 2 == 1 && code;
}

static struct btap_vector vector_at(uint32_t address, btap_memory_reader *reader, void *context)
{
    struct btap_vector vector = {.address = address};
    uint8_t bytes[8];

    if (!reader(context, address, bytes))
        return vector;
    vector.known = true;
    vector.stack = get_le32(bytes);
    vector.reset = get_le32(bytes + WORD);
    vector.plausible = is_plausible(&vector);
    return vector;
}

void btap_session_started(struct btap_session_tracker *tracker, btap_memory_reader *reader,
                          void *context)
{
    struct btap_session *session = &tracker->session;

    session->start = vector_at(session->start_address, reader, context);
    if (session->written.ranges.length > 0)
        session->image = vector_at(session->written.ranges.list[0].first, reader, context);
}
