/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was read back of what was written: which of it was programmed, and which pages were not
 * touched.
 */
#include "session/pages.h"
#include "session/ranges.h"

/** A block of which so much less is right than wrong holds what was there before: the few bytes
 * that are right are so by chance. */
#define CHANCE 8

static void add_counts(struct btap_verification *sum, const struct btap_verification *part)
{
    if (sum->different == 0 && part->different > 0) {
        sum->first_packet = part->first_packet;
        sum->first_address = part->first_address;
        sum->written = part->written;
        sum->read = part->read;
    }
    if (part->elsewhere && !sum->elsewhere) {
        sum->elsewhere = true;
        sum->elsewhere_address = part->elsewhere_address;
    }
    sum->same += part->same;
    sum->same_erased += part->same_erased;
    sum->different += part->different;
    for (unsigned kind = 0; kind < BTAP_RISK_COUNT; kind++)
        sum->at_risk[kind] += part->at_risk[kind];
    sum->only_cleared += part->only_cleared;
    sum->few_bits += part->few_bits;
    sum->read_ff += part->read_ff;
    sum->read_00 += part->read_00;
}

/** Takes note of the pages of a block that holds nothing of what was written to it. */
static void add_untouched(struct btap_session_tracker *tracker,
                          const struct btap_verification *readback,
                          const struct btap_usb_device *device)
{
    struct btap_session *session = &tracker->session;
    struct btap_range first;
    struct btap_range last;

    session->untouched_different += readback->different;
    if (session_page_at(tracker->product, device, readback->compared.first, &first) &&
        session_page_at(tracker->product, device, readback->compared.last, &last))
        session_ranges_add(&session->pages_untouched, first.first, last.last);
    else
        session->untouched_unsized = true;
}

void btap_session_readback(struct btap_session_tracker *tracker,
                           const struct btap_verification *readback,
                           const struct btap_usb_device *device)
{
    const uint64_t programmed = readback->same - readback->same_erased;

    add_counts(&tracker->session.verification, readback);
    if (readback->different > CHANCE * programmed)
        add_untouched(tracker, readback, device);
    else if (programmed > 0)
        session_ranges_add(&tracker->session.programmed, readback->compared.first,
                           readback->compared.last);
}
