/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"

bool capture_read(struct capture *capture, const char *path, const struct btap_options *options,
                  const struct btap_sink *sink)
{
    struct btap_record record;

    if (!input_open(&capture->input, path))
        return false;
    btap_tap_init(&capture->tap, sink, options);
    while (input_next(&capture->input, &record))
        btap_tap_record(&capture->tap, &record);
    btap_tap_recorded_until(&capture->tap, capture->input.reader.until);
    btap_tap_finish(&capture->tap);
    input_close(&capture->input);
    return capture->input.result != INPUT_FAILED;
}

/** Appends `, 3 WORDS` where there are any. */
static void append_count(char *text, size_t size, uint64_t number, const char *words)
{
    const size_t length = strlen(text);

    if (number > 0)
        snprintf(text + length, size - length, ", %" PRIu64 " %s", number, words);
}

void capture_tell_nothing_found(const struct input *input, const struct btap_counters *counters)
{
    char more[256] = "";

    append_count(more, sizeof(more), counters->truncated, "cut short by a snapshot length");
    append_count(more, sizeof(more), counters->unsupported, "of link types that are not read");
    append_count(
        more, sizeof(more), counters->splits,
        "for a hub that splits transactions, which boottap does not follow: record between "
        "hub and device");
    message("%s: no bootloader traffic found in its %" PRIu64 " packet%s (%" PRIu64
            " of other devices or protocols, %" PRIu64 " malformed%s)",
            input->stream.name, input->stream.packets, input->stream.packets == 1 ? "" : "s",
            counters->foreign, counters->malformed, more);
}
