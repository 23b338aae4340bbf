/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: what Wireshark asks an extcap for.
 */
#include "extcap/request.h"

#include "arguments.h"
#include "base/message.h"
#include "checker.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

void message(const char *format, ...)
{
    (void)format;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct arguments arguments;
    struct extcap_request request;

    arguments_make(&arguments, bytes, length);
    if (!extcap_request_read(&request, arguments.count, arguments.list))
        return 0;
    CHECK(request.action <= EXTCAP_CAPTURE);
    for (int i = 0; i < EXTCAP_WORDS; i++) {
        const char *value = extcap_value(&request, (enum extcap_word)i);

        CHECK(value == NULL || (value >= arguments.text &&
                                value + strlen(value) <= arguments.text + ARGUMENTS_SIZE));
    }
    return 0;
}
