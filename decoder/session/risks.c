/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes that flash memory may not take as they were sent.
 */
#include "session/risks.h"

#include "session/ranges.h"

static void endanger(struct btap_effect *write, enum btap_risk_kind kind, uint32_t first,
                     uint32_t last)
{
    write->risks |= 1u << kind;
    write->risk[kind] = (struct btap_range){first, last};
}

/** What of a write is programmed again, from the first to the last byte. */
static void check_twice(const struct btap_ranges *since_erase, struct btap_effect *write)
{
    const struct btap_range *range = &write->range;

    for (uint32_t i = 0; i < since_erase->length; i++) {
        const struct btap_range *before = &since_erase->list[i];
        const bool again = (write->risks & 1u << BTAP_RISK_UNIT_TWICE) != 0;
        const uint32_t first = before->first > range->first ? before->first : range->first;
        const uint32_t last = before->last < range->last ? before->last : range->last;

        if (first <= last)
            endanger(write, BTAP_RISK_UNIT_TWICE,
                     again ? write->risk[BTAP_RISK_UNIT_TWICE].first : first, last);
    }
}

static void check(const struct btap_session_tracker *tracker,
                  const struct btap_programming *programming, struct btap_effect *write)
{
    const struct btap_range *range = &write->range;
    const uint32_t unit = programming->unit;
    const uint32_t lost = programming->lost_after_read;
    const uint32_t first_unit = range->first - range->first % unit;
    const uint32_t last_unit = range->last - range->last % unit;

    if (range->first != first_unit)
        endanger(write, BTAP_RISK_INSIDE_UNIT, first_unit, first_unit + (unit - 1));
    if (range->last - last_unit != unit - 1)
        endanger(write, BTAP_RISK_SHORT_END, last_unit, last_unit + (unit - 1));
    if (programming->once && !tracker->since_erase.joined)
        check_twice(&tracker->since_erase, write);
    if (tracker->read_last && lost > 0)
        endanger(write, BTAP_RISK_AFTER_READ, range->first,
                 range->last - range->first < lost ? range->last : range->first + (lost - 1));
}

void session_risks_of_write(struct btap_session_tracker *tracker,
                            const struct btap_transaction *transaction, struct btap_effect *write)
{
    const struct btap_programming *programming = btap_product_programming(tracker->product);
    const struct btap_range flash = btap_product_flash(tracker->product);
    struct btap_session *session = &tracker->session;

    if (write->extent != BTAP_EXTENT_EXACT)
        return;
    if (programming != NULL && write->range.first >= flash.first && write->range.last <= flash.last)
        check(tracker, programming, write);
    for (unsigned kind = 0; kind < BTAP_RISK_COUNT; kind++)
        if ((write->risks & 1u << kind) != 0 && session->risks[kind].writes++ == 0) {
            session->risks[kind].packet = transaction->first_packet;
            session->risks[kind].address = write->range.first;
        }
    session_ranges_add(&tracker->since_erase, write->range.first, write->range.last);
    tracker->read_last = false;
}

void session_risks_after(struct btap_session_tracker *tracker, const struct btap_effect *effect)
{
    switch (effect->kind) {
    case BTAP_EFFECT_READ:
        tracker->read_last = true;
        return;
    case BTAP_EFFECT_ERASE:
        tracker->read_last = false;
        if (effect->extent == BTAP_EXTENT_EXACT || effect->extent == BTAP_EXTENT_WITHIN)
            session_ranges_remove(&tracker->since_erase, effect->range.first, effect->range.last);
        else
            tracker->since_erase = (struct btap_ranges){0};
        return;
    case BTAP_EFFECT_WRITE:
        return;
    }
}
