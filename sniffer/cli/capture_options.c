/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/capture_options.h"

#include <stdio.h>
#include <string.h>

#include "cli/parse.h"

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
