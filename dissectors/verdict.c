/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

struct verdict_tracker {
    struct btap_session_tracker sessions;
    struct btap_session_sink sink;
    verdict_handler *handler;
    void *context;
    guint64 number; /* of the session that began last; 0: none has */
};

static bool is_told(const struct btap_finding *finding)
{
    return finding->rule->kind == BTAP_RULE_CAUSE || finding->rule->kind == BTAP_RULE_DOUBT;
}

/** Appends words to a list. @return its new end */
static struct shown_words **add_words(struct shown_words **end, const char *label,
                                      const char *words)
{
    if (words[0] == '\0')
        return end;
    *end = wmem_new0(wmem_file_scope(), struct shown_words);
    (*end)->text = wmem_strdup_printf(wmem_file_scope(), "%s: %s", label, words);
    return &(*end)->next;
}

/** Wireshark cuts an expert item at 240 characters: each part of a finding is one. */
static struct shown_words *words_of(const struct btap_session *session,
                                    const struct btap_diagnosis *diagnosis)
{
    struct shown_words *first = NULL;
    struct shown_words **end = &first;
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        const struct btap_finding *finding = &diagnosis->findings[i];
        const struct btap_rule *rule = finding->rule;

        if (!is_told(finding))
            continue;
        end = add_words(end, rule->id, btap_finding_text(finding, text, sizeof(text)));
        end = add_words(end, rule->certainty == BTAP_FACT ? "Why" : "Likely why", rule->why);
        end = add_words(end, "What to do", rule->next);
        end = add_words(end, "Command line", btap_rule_command_line(rule, session->transport));
        end = add_words(end, "Not excluded", rule->not_excluded);
    }
    return first;
}

static void on_begin(void *context, const struct btap_session *session)
{
    struct verdict_tracker *tracker = context;

    tracker->number = session->number;
}

static void on_end(void *context, const struct btap_session *session)
{
    struct verdict_tracker *tracker = context;
    struct btap_diagnosis diagnosis;
    struct shown_verdict *verdict;
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    btap_diagnose(session, &diagnosis);
    switch (diagnosis.verdict) {
    case BTAP_VERDICT_WORKED:
    case BTAP_VERDICT_NO_FAULT:
    case BTAP_VERDICT_NOT_DECODED:
        return;
    case BTAP_VERDICT_CUT_SHORT:
    case BTAP_VERDICT_UNKNOWN:
    case BTAP_VERDICT_FAILED:
        break;
    }
    verdict = wmem_new0(wmem_file_scope(), struct shown_verdict);
    verdict->verdict = diagnosis.verdict;
    verdict->text =
        wmem_strdup(wmem_file_scope(), btap_verdict_text(session, &diagnosis, text, sizeof(text)));
    verdict->words = words_of(session, &diagnosis);
    tracker->handler(tracker->context, session->last_packet, verdict);
}

struct verdict_tracker *verdict_tracker_new(enum btap_transport transport, verdict_handler *handler,
                                            void *context)
{
    struct verdict_tracker *tracker = wmem_new0(wmem_file_scope(), struct verdict_tracker);

    tracker->handler = handler;
    tracker->context = context;
    tracker->sink =
        (struct btap_session_sink){.context = tracker, .begin = on_begin, .end = on_end};
    btap_session_tracker_init(&tracker->sessions, transport, &tracker->sink);
    return tracker;
}

guint32 verdict_session(const struct verdict_tracker *tracker)
{
    return (guint32)tracker->number;
}

static const struct btap_usb_device *device_of(const struct btap_tap *tap,
                                               const struct btap_link *link)
{
    return link->kind == BTAP_LINK_USB ? btap_tap_usb_device(tap, link) : NULL;
}

void verdict_transaction(struct verdict_tracker *tracker, const struct btap_tap *tap,
                         const struct btap_link *link, const struct btap_transaction *transaction)
{
    struct btap_serial_port port;
    const bool port_known = btap_tap_serial_port(tap, link, &port);

    btap_session_at_tool(&tracker->sessions, link->at_tool);
    btap_session_lacks(&tracker->sessions, link->lacks);
    btap_session_until(&tracker->sessions, btap_tap_until(tap));
    if (port_known)
        btap_session_closed(&tracker->sessions, port.closed_packet);
    btap_session_transaction(&tracker->sessions, transaction, device_of(tap, link));
    if (port_known)
        btap_session_port(&tracker->sessions, &port);
}

void verdict_note(struct verdict_tracker *tracker, const struct btap_tap *tap,
                  const struct btap_link *link, const struct btap_note *note)
{
    btap_session_at_tool(&tracker->sessions, link->at_tool);
    btap_session_lacks(&tracker->sessions, link->lacks);
    btap_session_device(&tracker->sessions, device_of(tap, link));
    btap_session_note(&tracker->sessions, 0, note);
}

void verdict_finish(struct verdict_tracker *tracker, const struct btap_tap *tap,
                    const struct btap_link *link)
{
    btap_session_device(&tracker->sessions, device_of(tap, link));
    btap_session_finish(&tracker->sessions);
}
