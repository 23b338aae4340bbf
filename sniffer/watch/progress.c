/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/append.h"
#include "base/clock.h"

/** Bytes, of how many, how fast, and for how long still. */
static void append_written(char *text, size_t size, const struct btap_work *written,
                           uint64_t expected, btap_ns now)
{
    const btap_ns took = now - written->first;
    const uint64_t rate =
        took > 0 ? written->bytes * 1000 / ((uint64_t)took / CLOCK_NS_PER_MS + 1) : 0;

    append_format(text, size, ", %" PRIu64, written->bytes);
    if (expected > 0)
        append_format(text, size, " of %" PRIu64, expected);
    append_format(text, size, " bytes written");
    if (rate == 0)
        return;
    append_format(text, size, ", %" PRIu64 ".%" PRIu64 " kB/s", rate / 1000, rate % 1000 / 100);
    if (expected > written->bytes)
        append_format(text, size, ", %" PRIu64 " s left", (expected - written->bytes) / rate + 1);
}

const char *progress_text(const struct session_link *link,
                          const struct btap_transaction *transaction, uint64_t expected,
                          btap_ns now, char *text, size_t size)
{
    const struct btap_session *facts = &link->tracker.session;
    char words[BTAP_DESCRIBE_SIZE];

    snprintf(text, size, "%s: ", btap_link_name(&link->link, words, sizeof(words)));
    append_format(text, size, "%s", btap_transaction_describe(transaction, words, sizeof(words)));
    if (facts->written.commands > 0)
        append_written(text, size, &facts->written, expected, now);
    if (facts->verification.same > 0)
        append_format(text, size, ", %" PRIu64 " verified", facts->verification.same);
    if (facts->failures_length > 0)
        append_format(text, size, ", %" PRIu32 " failed", facts->failures_length);
    return text;
}
