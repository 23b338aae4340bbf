/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A verdict in words.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diagnosis/rule.h"
#include "model/text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NS_PER_SECOND   1e9

static const char *const verdicts[] = {
    [BTAP_VERDICT_WORKED] = "worked",           [BTAP_VERDICT_NO_FAULT] = "no-fault",
    [BTAP_VERDICT_NOT_DECODED] = "not-decoded", [BTAP_VERDICT_CUT_SHORT] = "cut-short",
    [BTAP_VERDICT_UNKNOWN] = "unknown",         [BTAP_VERDICT_FAILED] = "failed",
};

static const char *const kinds[] = {
    [BTAP_RULE_CAUSE] = "cause",
    [BTAP_RULE_DOUBT] = "doubt",
    [BTAP_RULE_ODDITY] = "oddity",
    [BTAP_RULE_CAPTURE] = "capture",
};

const char *btap_verdict_name(enum btap_verdict verdict)
{
    return (size_t)verdict < COUNT_OF(verdicts) ? verdicts[verdict] : "undefined";
}

const char *btap_rule_kind_name(enum btap_rule_kind kind)
{
    return (size_t)kind < COUNT_OF(kinds) ? kinds[kind] : "unknown";
}

const char *btap_certainty_name(enum btap_certainty certainty)
{
    return certainty == BTAP_FACT ? "fact" : "likely";
}

/** What a conditional finding begins with. */
static const char if_it_failed[] = "If the tool reported an error: ";

const char *btap_finding_text(const struct btap_finding *finding, char *text, size_t size)
{
    char *const words = text;

    if (finding->conditional) {
        const int length = snprintf(text, size, "%s", if_it_failed);

        if (length < 0 || (size_t)length >= size)
            return words;
        text += length;
        size -= (size_t)length;
    }
    /* The texts are the constant ones of the table. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const int length = snprintf(text, size, finding->rule->what, finding->arg[0], finding->arg[1],
                                finding->arg[2]);
#pragma GCC diagnostic pop
    if (finding->quote[0] != '\0' && length > 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, ": %s", finding->quote);
    return words;
}

/** The explanation's first clause. */
static size_t clause_length(const char *why)
{
    size_t length = 0;

    for (; why[length] != '\0'; length++)
        if (strchr(":;.", why[length]) != NULL && (why[length + 1] == ' ' || why[length + 1] == 0))
            break;
    return length;
}

const char *btap_finding_cause(const struct btap_finding *finding, char *text, size_t size)
{
    const struct btap_rule *rule = finding->rule;

    if (rule->certainty == BTAP_FACT || rule->why[0] == '\0')
        return btap_finding_text(finding, text, size);
    snprintf(text, size, "%s%.*s", finding->conditional ? if_it_failed : "",
             (int)clause_length(rule->why), rule->why);
    return text;
}

/** A sentence under construction, its parts set off by commas. */
struct sentence {
    struct text text;
    unsigned parts;
};

static void begin_part(struct sentence *sentence)
{
    text_append(&sentence->text, "%s", sentence->parts++ == 0 ? "" : ", ");
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void append_span(struct sentence *sentence, const struct btap_ranges *ranges)
{
    if (ranges->length == 0)
        return;
    text_append(&sentence->text, " at 0x%08x-0x%08x", (unsigned)ranges->list[0].first,
                (unsigned)ranges->list[ranges->length - 1].last);
    if (ranges->joined)
        text_append(&sentence->text, " in many pieces");
    else if (ranges->length > 1)
        text_append(&sentence->text, " in %u pieces", (unsigned)ranges->length);
}

static void append_erased(struct sentence *sentence, const struct btap_session *session)
{
    if (session->erased.commands == 0)
        return;
    if (session->mass_erases > 0) {
        begin_part(sentence);
        text_append(&sentence->text, "erased everything");
    }
    if (session->bank_erases > 0) {
        begin_part(sentence);
        text_append(&sentence->text, "erased %" PRIu64 " bank%s", session->bank_erases,
                    plural(session->bank_erases));
    }
    if (session->erased_pages > 0) {
        begin_part(sentence);
        text_append(&sentence->text, "erased %" PRIu64 " page%s", session->erased_pages,
                    plural(session->erased_pages));
        if (!session->erase_unsized)
            append_span(sentence, &session->erased.ranges);
    }
}

static void append_work(struct sentence *sentence, const struct btap_session *session,
                        const struct btap_work *work, const char *verb, const char *preposition)
{
    /* A plain device has places for images in place of addresses. */
    const bool told = work == &session->written || session->written.commands == 0;
    const char *place = session->plain && told ? session->target : "";
    const double seconds = (double)(work->last - work->first) / NS_PER_SECOND;

    if (work->commands == 0)
        return;
    begin_part(sentence);
    text_append(&sentence->text, "%s %" PRIu64 " byte%s", verb, work->bytes, plural(work->bytes));
    if (place[0] != '\0')
        text_append(&sentence->text, " %s \"%s\"", preposition, place);
    append_span(sentence, &work->ranges);
    if (work->commands > 1 && seconds > 0 && (session->lacks & BTAP_LACKS_TIMES) == 0)
        text_append(&sentence->text, " (%.1f kB/s)", (double)work->bytes / seconds / 1000.0);
}

static void append_verification(struct sentence *sentence, const struct btap_session *session)
{
    const struct btap_verification *verification = &session->verification;

    if (verification->same == 0 && verification->different == 0)
        return;
    begin_part(sentence);
    if (verification->different == 0)
        text_append(&sentence->text, "verified %" PRIu64 " of them by reading back",
                    verification->same);
    else
        text_append(&sentence->text, "%" PRIu64 " bytes read back differ", verification->different);
}

/** Changes of protection and other commands that move no memory. */
static void append_commands(struct sentence *sentence, const struct btap_session *session)
{
    static const enum btap_command named[] = {
        BTAP_WRITE_PROTECT,     BTAP_WRITE_UNPROTECT,  BTAP_READOUT_PROTECT,
        BTAP_READOUT_UNPROTECT, BTAP_READ_UNPROTECT,   BTAP_GET_CHECKSUM,
        BTAP_SPECIAL,           BTAP_EXTENDED_SPECIAL, BTAP_DETACH,
    };

    for (size_t i = 0; i < COUNT_OF(named); i++)
        if (session->done[named[i]] > 0) {
            begin_part(sentence);
            text_append(&sentence->text, "%s", btap_command_label(named[i]));
        }
}

static void append_done(struct sentence *sentence, const struct btap_session *session)
{
    append_commands(sentence, session);
    append_erased(sentence, session);
    append_work(sentence, session, &session->written, "wrote", "to");
    append_verification(sentence, session);
    if (session->verification.same == 0 && session->verification.different == 0)
        append_work(sentence, session, &session->read, "read", "from");
    if (session->started) {
        begin_part(sentence);
        text_append(&sentence->text, "%s at 0x%08x",
                    diagnosis_start_doubtful(session) ? "told to start" : "started",
                    (unsigned)session->start_address);
    }
    if (sentence->parts == 0 && session->transactions == 0)
        text_append(&sentence->text, "no command");
    else if (sentence->parts == 0)
        text_append(&sentence->text, "%" PRIu64 " command%s, nothing erased, written or read",
                    session->transactions, plural(session->transactions));
    if ((session->lacks & BTAP_LACKS_TIMES) == 0)
        text_append(&sentence->text, "; %.3f s", (double)session->duration / NS_PER_SECOND);
}

static void append_failed(struct sentence *sentence, const struct btap_session *session,
                          const struct btap_diagnosis *diagnosis)
{
    const struct btap_brief *failed = &session->failures[0];
    const struct btap_finding *finding = &diagnosis->findings[0];
    const bool explained = diagnosis->findings_length > 0;
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    if (session->failures_length > 0)
        text_append(&sentence->text, "%s: %s", failed->words, failed->outcome);
    else if (explained)
        text_append(&sentence->text, "%s", btap_finding_text(finding, words, sizeof(words)));
    if (session->failures_length > 1)
        text_append(&sentence->text, ", and %u more failed command%s",
                    (unsigned)session->failures_length - 1, plural(session->failures_length - 1));
    /* A fact without a failed command has been told already. */
    if (explained && (session->failures_length > 0 || finding->rule->certainty == BTAP_LIKELY))
        text_append(&sentence->text, ". %s", btap_finding_cause(finding, words, sizeof(words)));
}

static void append_undecoded(struct sentence *sentence, const struct btap_diagnosis *diagnosis)
{
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    text_append(&sentence->text, "%s",
                diagnosis->findings_length > 0
                    ? btap_finding_text(&diagnosis->findings[0], words, sizeof(words))
                    : "no command of a protocol that is known");
}

static const char *why_open(const struct btap_session *session)
{
    if (!diagnosis_knows_answer(session, NULL))
        return ". The log ends there, which tells nothing of the device";
    return diagnosis_sees_silence(session) ? ". The recorder was stopped, or the device fell silent"
                                           : ". The tool was stopped, or read nothing more";
}

/** A command that is open at the end, and what was done before. */
static void append_open(struct sentence *sentence, const struct btap_session *session,
                        const struct btap_diagnosis *diagnosis)
{
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    text_append(&sentence->text, "%s is open when the capture ends", session->last.words);
    if (session->last.phase != BTAP_PHASE_NONE)
        text_append(&sentence->text, " (%s)", btap_phase_name(session->last.phase));
    text_append(&sentence->text, "%s", why_open(session));
    for (uint32_t i = 0; i < diagnosis->findings_length; i++)
        if (diagnosis->findings[i].conditional)
            text_append(&sentence->text, ". %s",
                        btap_finding_cause(&diagnosis->findings[i], words, sizeof(words)));
    text_append(&sentence->text, ". Before: ");
    append_done(sentence, session);
}

const char *btap_verdict_text(const struct btap_session *session,
                              const struct btap_diagnosis *diagnosis, char *text, size_t size)
{
    struct sentence sentence = {.text = text_begin(text, size)};

    switch (diagnosis->verdict) {
    case BTAP_VERDICT_WORKED:
        text_append(&sentence.text, "Worked: ");
        append_done(&sentence, session);
        break;
    case BTAP_VERDICT_NO_FAULT:
        text_append(&sentence.text, "No fault found in the traffic: ");
        append_done(&sentence, session);
        break;
    case BTAP_VERDICT_NOT_DECODED:
        text_append(&sentence.text, "Not decoded: ");
        append_undecoded(&sentence, diagnosis);
        break;
    case BTAP_VERDICT_CUT_SHORT:
        text_append(&sentence.text, "Cut short: ");
        append_open(&sentence, session, diagnosis);
        break;
    case BTAP_VERDICT_UNKNOWN:
        text_append(&sentence.text,
                    "Not known whether it worked: the log holds no answer to %" PRIu64
                    " command%s of the work. Nothing failed in what it holds: ",
                    session->unlogged, plural(session->unlogged));
        append_done(&sentence, session);
        break;
    case BTAP_VERDICT_FAILED:
        text_append(&sentence.text, "Failed: ");
        append_failed(&sentence, session, diagnosis);
        break;
    }
    return text;
}
