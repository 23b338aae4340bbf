/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/sessions.h"

#include <inttypes.h>

#include "base/message.h"

/** Tells of the sessions that found no room. @return whether one of them failed */
static bool tell_omitted(const struct sessions *sessions, const char *name)
{
    if (sessions->omitted == 0)
        return false;
    message("%s: %" PRIu64 " sessions after the first %zu are left out, %" PRIu64 " of them failed",
            name, sessions->omitted, sessions->length, sessions->omitted_failed);
    return sessions->omitted_failed > 0;
}

struct diagnose_result diagnose_print_sessions(const struct diagnose_output *output,
                                               struct sessions *sessions,
                                               struct firmware_check *check,
                                               const struct filter *filter, bool json,
                                               const char *name)
{
    struct diagnose_result result = {.failed = tell_omitted(sessions, name)};

    for (size_t i = 0; i < sessions->length; i++) {
        const struct session *session = sessions_at(sessions, i);
        const struct expectation *expectation;

        if (!filter_link(filter, &session->link))
            continue;
        expectation = firmware_check_session(check, session);
        (json ? diagnose_print_json : diagnose_print_text)(output, session, expectation);
        result.printed++;
        result.decoded += session->diagnosis.verdict != BTAP_VERDICT_NOT_DECODED;
        result.checked += expectation != NULL;
        result.failed |= session_failed(&session->diagnosis) ||
                         (expectation != NULL && !expect_holds(expectation));
    }
    return result;
}
