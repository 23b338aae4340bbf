/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions as text: the verdict, what failed and why, what to do.
 */
#include <inttypes.h>

#include "base/line.h"
#include "base/paragraph.h"
#include "diagnose/diagnose.h"

#define COLOUR_GOOD  "\033[32m"
#define COLOUR_BAD   "\033[31m"
#define COLOUR_WEAK  "\033[2m"
#define COLOUR_RESET "\033[0m"

/** Column of the words beside a label. */
#define TEXT_COLUMN 17

static const char *colour_of(enum btap_verdict verdict)
{
    return verdict == BTAP_VERDICT_FAILED || verdict == BTAP_VERDICT_CUT_SHORT ||
                   verdict == BTAP_VERDICT_UNKNOWN
               ? COLOUR_BAD
               : COLOUR_GOOD;
}

/** A label and the column of the words beside it. */
static struct paragraph labelled(const struct diagnose_output *output, const char *label)
{
    return (struct paragraph){
        .label = label,
        .before = output->colour ? COLOUR_WEAK : NULL,
        .after = output->colour ? COLOUR_RESET : NULL,
        .column = TEXT_COLUMN,
    };
}

/** Prints words beside a label. */
static void print_words(const struct diagnose_output *output, const char *label, const char *words)
{
    const struct paragraph paragraph = labelled(output, label);

    paragraph_print(&paragraph, words, output->to);
}

static void print_optional(const struct diagnose_output *output, const char *label,
                           const char *words)
{
    if (words[0] != '\0')
        print_words(output, label, words);
}

static const char *packets_in_words(const struct btap_finding *finding, char *words, size_t size)
{
    size_t length = 0;

    words[0] = '\0';
    for (uint8_t i = 0; i < finding->packets_length; i++) {
        const int added = snprintf(words + length, size - length, "%s%" PRIu64, i > 0 ? ", " : "",
                                   finding->packets[i]);

        if (added < 0 || (size_t)added >= size - length)
            break;
        length += (size_t)added;
    }
    if (finding->occurrences > 1 && length < size)
        snprintf(words + length, size - length, " (%u times)", (unsigned)finding->occurrences);
    return words;
}

/** The verdict, what failed and why. */
static void print_verdict(const struct diagnose_output *output, const struct session *session)
{
    const enum btap_verdict verdict = session->diagnosis.verdict;
    const struct paragraph paragraph = {
        .before = output->colour ? colour_of(verdict) : NULL,
        .after = output->colour ? COLOUR_RESET : NULL,
        .column = 2,
    };
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    paragraph_print(&paragraph,
                    btap_verdict_text(&session->facts, &session->diagnosis, words, sizeof(words)),
                    output->to);
}

/** Which session it is. */
static void print_place(const struct diagnose_output *output, const struct session *session)
{
    const char *name = output->name;
    const struct btap_session *facts = &session->facts;
    char link[BTAP_LINK_NAME_SIZE];
    char words[LINE_SIZE];

    snprintf(words, sizeof(words), "%s%s%s, session %" PRIu64 ", packets %" PRIu64 "-%" PRIu64,
             name != NULL ? name : "", name != NULL ? ": " : "",
             btap_link_name(&session->link, link, sizeof(link)), facts->number, facts->first_packet,
             facts->last_packet);
    print_words(output, "session", words);
}

static void print_device(const struct diagnose_output *output, const struct btap_session *facts)
{
    const struct btap_product *product = btap_session_product(facts);
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    int length = 0;

    words[0] = '\0';
    if (facts->pid_known)
        length = snprintf(words, sizeof(words), "%s (PID 0x%03" PRIx32 ")",
                          product != NULL ? product->name : "unknown product", facts->pid);
    else if (product != NULL)
        length = snprintf(words, sizeof(words), "%s", product->name);
    else if (facts->usb_vendor != 0)
        length = snprintf(words, sizeof(words), "%sUSB %04x:%04x",
                          btap_session_family(facts) == BTAP_FAMILY_STM32MP ? "STM32MP, " : "",
                          facts->usb_vendor, facts->usb_product);
    if (facts->version != 0 && length >= 0)
        snprintf(words + length, sizeof(words) - (size_t)length, "%sbootloader protocol %u.%u",
                 length > 0 ? ", " : "", (unsigned)facts->version >> 4, facts->version & 0xfu);
    print_optional(output, "device", words);
}

/** A cause or doubt with all that is to say about it. */
static void print_cause(const struct diagnose_output *output, const struct btap_finding *finding,
                        enum btap_transport transport)
{
    const struct paragraph command_line = labelled(output, "command line");
    const struct btap_rule *rule = finding->rule;
    const char *copied = btap_rule_command_line(rule, transport);
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    char text[2 * BTAP_DIAGNOSIS_TEXT_SIZE];

    btap_finding_text(finding, words, sizeof(words));
    snprintf(text, sizeof(text), "%s [%s]", words, rule->id);
    print_words(output, rule->kind == BTAP_RULE_CAUSE ? "what happened" : "but", text);
    if (finding->packets_length > 0)
        print_words(output, "packets", packets_in_words(finding, words, sizeof(words)));
    print_optional(output, rule->certainty == BTAP_FACT ? "why" : "likely why", rule->why);
    print_optional(output, "what to do", rule->next);
    if (copied[0] != '\0')
        paragraph_print_unbroken(&command_line, copied, output->to);
    print_optional(output, "not excluded", rule->not_excluded);
}

static void print_remark(const struct diagnose_output *output, const struct btap_finding *finding)
{
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    char packets[128];
    char text[2 * BTAP_DIAGNOSIS_TEXT_SIZE];
    const bool shown = finding->packets_length > 0;

    btap_finding_text(finding, words, sizeof(words));
    snprintf(text, sizeof(text), "%s [%s%s%s]", words, finding->rule->id, shown ? ", packet " : "",
             shown ? packets_in_words(finding, packets, sizeof(packets)) : "");
    print_words(output, finding->rule->kind == BTAP_RULE_CAPTURE ? "capture" : "harmless", text);
}

static bool is_remark(const struct btap_finding *finding)
{
    return finding->rule->kind == BTAP_RULE_ODDITY || finding->rule->kind == BTAP_RULE_CAPTURE;
}

/** What there was no room for. */
static void print_omitted(const struct diagnose_output *output, const struct btap_session *facts,
                          const struct btap_diagnosis *diagnosis)
{
    char words[128];

    if (facts->failures_length > BTAP_FAILURES_MAX) {
        snprintf(words, sizeof(words), "%" PRIu32 " more failed commands",
                 facts->failures_length - BTAP_FAILURES_MAX);
        print_words(output, "not explained", words);
    }
    if (diagnosis->findings_omitted > 0) {
        snprintf(words, sizeof(words), "%" PRIu32 " more findings", diagnosis->findings_omitted);
        print_words(output, "left out", words);
    }
}

static void print_expectation(const struct diagnose_output *output,
                              const struct expectation *expectation)
{
    char words[EXPECT_TEXT_SIZE];
    const size_t kept =
        expectation->runs_length < EXPECT_RUNS_MAX ? expectation->runs_length : EXPECT_RUNS_MAX;

    print_words(output, "firmware", expect_text(expectation, words, sizeof(words)));
    for (size_t i = 0; i < kept; i++)
        print_words(output, "", expect_run_text(&expectation->runs[i], words, sizeof(words)));
    if (expectation->runs_length > kept) {
        snprintf(words, sizeof(words), "and %zu more", expectation->runs_length - kept);
        print_words(output, "", words);
    }
}

void diagnose_print_text(const struct diagnose_output *output, const struct session *session,
                         const struct expectation *expectation)
{
    const struct btap_session *facts = &session->facts;
    const struct btap_diagnosis *diagnosis = &session->diagnosis;

    print_verdict(output, session);
    print_place(output, session);
    if (!output->quiet)
        print_device(output, facts);
    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        if (!is_remark(&diagnosis->findings[i]))
            print_cause(output, &diagnosis->findings[i], facts->transport);
        else if (!output->quiet)
            print_remark(output, &diagnosis->findings[i]);
    }
    print_omitted(output, facts, diagnosis);
    if (expectation != NULL)
        print_expectation(output, expectation);
}
