/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can_vectors.h"

#include <string.h>

/* What goes on behind an exchange that may be cut; on both wires the same but for a second ACK that
 * CAN FD's Go may have */
static const char *const read_and_go[] = {"011 08 00 00 00 07", "011 79", "011 8*a5", "011 79",
                                          "021 08 00 00 00",    "021 79", NULL};
static const char *const read_and_go_lines[] = {"Read Memory 0x08000000 8 bytes | ok",
                                                "Go 0x08000000 | ok"};

static size_t frames_of(const struct can_vector *vector)
{
    size_t count = 0;

    while (count < CAN_VECTOR_FRAMES && vector->frames[count] != NULL)
        count++;
    return count;
}

static size_t transactions_of(const struct can_vector *vector)
{
    size_t count = 0;

    while (count < CAN_VECTOR_TRANSACTIONS && vector->transactions[count] != NULL)
        count++;
    return count;
}

/** Feeds the vector's first frames, with what must go before them. Returns transactions before. */
static size_t feed_vector(struct can_rig *rig, const struct can_vector *vector, size_t frames)
{
    if (vector->joined)
        can_rig_feed_all(rig, can_rig_preamble);
    for (size_t i = 0; i < frames; i++)
        can_rig_feed_text(rig, vector->frames[i]);
    return vector->joined ? 1 : 0;
}

/** Each byte of the data of a frame that a transaction begins with is in exactly one span. */
static void assert_command_frames_are_covered(const struct can_rig *rig,
                                              const struct can_vector *vector, size_t before)
{
    for (size_t i = before; i < rig->collector.transactions_length; i++) {
        const uint64_t packet = rig->collector.transactions[i].first_packet;
        const size_t at = (size_t)packet - 1 - (vector->joined ? 4 : 0);
        uint8_t data[64];
        const struct btap_can_frame frame = can_rig_frame(rig, vector->frames[at], data);
        size_t covered = 0;

        for (size_t j = 0; j < rig->collector.spans_length; j++) {
            const struct btap_span *span = &rig->collector.spans[j].span;

            covered += span->packet == packet && span->offset >= 8 ? span->length : 0;
        }
        if (covered != frame.length)
            fail_msg("frame %s: %zu of %u bytes are in spans", vector->frames[at], covered,
                     (unsigned)frame.length);
    }
}

void can_vectors_decode(const struct can_vectors *vectors)
{
    for (size_t i = 0; i < vectors->length; i++) {
        const struct can_vector *vector = &vectors->list[i];
        struct can_rig rig;
        size_t before;

        print_message("  %s\n", vector->name);
        can_rig_open_on(&rig, vectors->transport);
        before = feed_vector(&rig, vector, frames_of(vector));
        btap_can_finish(&rig.can);
        if (before > 0)
            can_rig_assert_line(&rig, 0, can_rig_preamble_line);
        for (size_t j = 0; j < transactions_of(vector); j++)
            can_rig_assert_line(&rig, before + j, vector->transactions[j]);
        assert_int_equal(rig.collector.transactions_length, before + transactions_of(vector));
        can_rig_assert_loose_notes(&rig, vector->loose);
        assert_command_frames_are_covered(&rig, vector, before);
        can_rig_close(&rig);
    }
}

/** The last transaction of a cut rig: incomplete, or as it is in the whole rig. */
static void assert_cut(const struct can_rig *rig, const struct can_vector *vector, size_t before)
{
    const size_t length = rig->collector.transactions_length;
    const struct btap_transaction *last = &rig->collector.transactions[length - 1];

    for (size_t i = before; i + 1 < length; i++)
        if (rig->collector.transactions[i].status != BTAP_INCOMPLETE)
            can_rig_assert_line(rig, i, vector->transactions[i - before]);
    if (last->status == BTAP_INCOMPLETE) {
        assert_true(last->phase != BTAP_PHASE_NONE);
        return;
    }
    if (vector->ends_early || length - before < transactions_of(vector) || vector->loose != NULL)
        return;
    fail_msg("%s: complete before its end", vector->name);
}

void can_vectors_cut(const struct can_vectors *vectors)
{
    for (size_t i = 0; i < vectors->length; i++)
        for (size_t cut = 1; cut < frames_of(&vectors->list[i]); cut++) {
            struct can_rig rig;
            size_t before;

            can_rig_open_on(&rig, vectors->transport);
            before = feed_vector(&rig, &vectors->list[i], cut);
            btap_can_finish(&rig.can);
            if (rig.collector.transactions_length > before)
                assert_cut(&rig, &vectors->list[i], before);
            can_rig_close(&rig);
        }
}

void can_vectors_between_others(const struct can_vectors *vectors)
{
    for (size_t i = 0; i < vectors->length; i++) {
        const struct can_vector *vector = &vectors->list[i];
        struct can_rig plain;

        if (vector->alone)
            continue;
        can_rig_open_on(&plain, vectors->transport);
        feed_vector(&plain, vector, frames_of(vector));
        btap_can_finish(&plain.can);
        for (size_t position = 0; position <= frames_of(vector); position++) {
            struct can_rig mixed;

            can_rig_open_on(&mixed, vectors->transport);
            if (vector->joined)
                can_rig_feed_all(&mixed, can_rig_preamble);
            for (size_t frame = 0; frame <= frames_of(vector); frame++) {
                if (frame == position)
                    can_rig_feed_foreign(&mixed);
                if (frame < frames_of(vector))
                    can_rig_feed_text(&mixed, vector->frames[frame]);
            }
            btap_can_finish(&mixed.can);
            collector_assert_same(&plain.collector, &mixed.collector);
            assert_int_equal(mixed.can.foreign, plain.can.foreign + 6);
            can_rig_close(&mixed);
        }
        can_rig_close(&plain);
    }
}

/** One exchange, whole, in which nothing went wrong. */
static bool is_healthy(const struct can_vector *vector)
{
    static const char ending[] = " | ok";
    const char *line = vector->transactions[0];
    const size_t length = strlen(line);

    return transactions_of(vector) == 1 && vector->loose == NULL && !vector->late &&
           length > strlen(ending) && strcmp(line + length - strlen(ending), ending) == 0;
}

/** The transactions that were told are these, those aside that are incomplete where cut is true. */
static void assert_told(const struct can_rig *rig, const char *const *lines, size_t count,
                        const char *vector, size_t cut)
{
    size_t told = 0;

    for (size_t i = 0; i < rig->collector.transactions_length; i++) {
        if (cut > 0 && told == 0 && rig->collector.transactions[i].status == BTAP_INCOMPLETE)
            continue;
        if (told == count)
            fail_msg("%s, %zu frames cut: too many transactions", vector, cut);
        can_rig_assert_line(rig, i, lines[told++]);
    }
    if (told != count)
        fail_msg("%s, %zu frames cut: too few transactions", vector, cut);
}

void can_vectors_joined(const struct can_vectors *vectors)
{
    for (size_t i = 0; i < vectors->length; i++) {
        const struct can_vector *vector = &vectors->list[i];

        if (!is_healthy(vector))
            continue;
        for (size_t cut = 0; cut <= frames_of(vector); cut++) {
            const char *lines[] = {vector->transactions[0], read_and_go_lines[0],
                                   read_and_go_lines[1]};
            struct can_rig rig;

            if (cut > 0 && vector->ambiguous)
                continue;
            print_message("  %s, %zu frames cut\n", vector->name, cut);
            can_rig_open_on(&rig, vectors->transport);
            for (size_t frame = cut; frame < frames_of(vector); frame++)
                can_rig_feed_text(&rig, vector->frames[frame]);
            can_rig_feed_all(&rig, read_and_go);
            btap_can_finish(&rig.can);
            assert_told(&rig, cut > 0 ? lines + 1 : lines, cut > 0 ? 2 : 3, vector->name, cut);
            can_rig_assert_loose_notes(&rig, NULL);
            can_rig_close(&rig);
        }
    }
}

void can_vectors_unheard(const struct can_vectors *vectors)
{
    static const struct btap_sink sink = {.context = NULL};
    struct can_rig rig;

    for (size_t i = 0; i < vectors->length; i++) {
        can_rig_open_on(&rig, vectors->transport);
        btap_can_init(&rig.can, &sink, &rig.link, NULL);
        feed_vector(&rig, &vectors->list[i], frames_of(&vectors->list[i]));
        btap_can_finish(&rig.can);
        assert_int_equal(rig.link.transactions,
                         transactions_of(&vectors->list[i]) + (vectors->list[i].joined ? 1 : 0));
        can_rig_close(&rig);
    }
}
