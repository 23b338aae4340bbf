/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "parse.h"

static void on_record(void *context, const struct btap_record *record)
{
    struct capture *capture = context;

    btap_tap_record(&capture->tap, record);
}

bool capture_read(struct capture *capture, const char *path, const struct btap_options *options,
                  const struct btap_sink *sink)
{
    enum input_result result;

    if (!input_open(&capture->input, path))
        return false;
    btap_tap_init(&capture->tap, sink, options);
    result = input_read(&capture->input, on_record, capture);
    btap_tap_finish(&capture->tap);
    input_close(&capture->input);
    return result != INPUT_FAILED;
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
    char more[160] = "";

    append_count(more, sizeof(more), counters->truncated, "cut short by a snapshot length");
    append_count(more, sizeof(more), counters->unsupported, "of link types that are not read");
    message("%s: no bootloader traffic found in its %" PRIu64 " packet%s (%" PRIu64
            " of other devices or protocols, %" PRIu64 " malformed%s)",
            input->name, input->packets, input->packets == 1 ? "" : "s", counters->foreign,
            counters->malformed, more);
}

static bool take_serial_direction(struct btap_options *options, const char *value,
                                  char problem[FILTER_PROBLEM_SIZE])
{
    static const char *const names[] = {
        [BTAP_SERIAL_AS_RECORDED] = "recorded",
        [BTAP_SERIAL_SWAPPED] = "swapped",
        [BTAP_SERIAL_MERGED] = "merged",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], value) == 0) {
            options->serial_view = (enum btap_serial_view)i;
            return true;
        }
    snprintf(problem, FILTER_PROBLEM_SIZE,
             "unknown serial direction '%s'; known are recorded, swapped, merged", value);
    return false;
}

static bool take_transfer_size(struct btap_options *options, const char *value,
                               char problem[FILTER_PROBLEM_SIZE])
{
    uint64_t number;

    if (parse_number(value, UINT16_MAX, &number) && number > 0) {
        options->dfu.transfer_size = (uint16_t)number;
        return true;
    }
    snprintf(problem, FILTER_PROBLEM_SIZE,
             "'%s' is no transfer size; it must be a number from 1 to 65535", value);
    return false;
}

static bool take_dfu_address(struct btap_options *options, const char *value,
                             char problem[FILTER_PROBLEM_SIZE])
{
    uint64_t number;

    if (parse_number(value, UINT32_MAX, &number)) {
        options->dfu.default_address = (uint32_t)number;
        return true;
    }
    snprintf(problem, FILTER_PROBLEM_SIZE,
             "'%s' is no address; it must be a number up to 0xffffffff", value);
    return false;
}

bool capture_option_take(struct btap_options *options, int option, const char *value,
                         char problem[FILTER_PROBLEM_SIZE])
{
    switch (option) {
    case CAPTURE_OPTION_SERIAL_DIRECTION:
        return take_serial_direction(options, value, problem);
    case CAPTURE_OPTION_TRANSFER_SIZE:
        return take_transfer_size(options, value, problem);
    default:
        return take_dfu_address(options, value, problem);
    }
}
