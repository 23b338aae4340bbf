/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The page: its frame, and of each session the verdict and the figures. It holds no script, and its
 * policy allows none: whatever a capture holds, it is text.
 */
#include "report/page.h"

#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "report_css.h"

const char *activity_class(enum activity activity)
{
    static const char *const classes[ACTIVITY_COUNT] = {
        [ACTIVITY_CONNECT] = "connect", [ACTIVITY_PROTECT] = "protect", [ACTIVITY_ERASE] = "erase",
        [ACTIVITY_WRITE] = "write",     [ACTIVITY_READ] = "read",       [ACTIVITY_LEAVE] = "leave",
    };

    return classes[activity];
}

const char *activity_label(enum activity activity)
{
    static const char *const labels[ACTIVITY_COUNT] = {
        [ACTIVITY_CONNECT] = "Connect, set up",
        [ACTIVITY_PROTECT] = "Protection",
        [ACTIVITY_ERASE] = "Erase",
        [ACTIVITY_WRITE] = "Write",
        [ACTIVITY_READ] = "Read, check",
        [ACTIVITY_LEAVE] = "Start, leave",
    };

    return labels[activity];
}

/** The listed transaction that has number n, or else shows a packet; 0 for what is not asked. */
static const struct list_item *find_item(const struct report_part *part, uint64_t n,
                                         uint64_t packet)
{
    const struct list *list = part->course != NULL ? &part->course->list : NULL;

    for (size_t i = 0; list != NULL && i < list_length(list); i++) {
        const struct list_item *item = list_item(list, i);

        if (n > 0 ? item->n == n : packet >= item->first_packet && packet <= item->last_packet)
            return item;
    }
    return NULL;
}

bool part_lists(const struct report_part *part, uint64_t n)
{
    return n > 0 && find_item(part, n, 0) != NULL;
}

void part_link(const struct report_part *part, uint64_t n)
{
    if (part_lists(part, n))
        html_print(part->to, "<a href=\"#s%u-%" PRIu64 "\">", part->number, n);
}

void part_link_end(const struct report_part *part, uint64_t n)
{
    if (part_lists(part, n))
        fputs("</a>", part->to);
}

void print_range(FILE *to, struct btap_range range)
{
    html_print(to,
               "0x%08" PRIx32 "\xe2\x80\x93"
               "0x%08" PRIx32,
               range.first, range.last);
}

/** How a verdict looks. */
static const struct {
    const char *class;
    const char *word;
    const char *sign; /**< path in a field of 40 by 40 */
} verdicts[] = {
    [BTAP_VERDICT_WORKED] = {"good", "Worked", "M12 21l6 6 11-13"},
    [BTAP_VERDICT_NO_FAULT] = {"calm", "No fault found", "M13 20h14"},
    [BTAP_VERDICT_CUT_SHORT] = {"warn", "Cut short", "M20 11v12M20 29v.1"},
    [BTAP_VERDICT_FAILED] = {"bad", "Failed", "M14 14l12 12M26 14 14 26"},
};

static void print_sign(FILE *to, enum btap_verdict verdict)
{
    html_print(to,
               "<svg class=\"sign\" viewBox=\"0 0 40 40\" aria-hidden=\"true\"><circle cx=\"20\" "
               "cy=\"20\" r=\"20\"/><path d=\"%s\"/></svg>",
               verdicts[verdict].sign);
}

static void print_evidence(const struct report_part *part, const struct btap_finding *finding)
{
    FILE *to = part->to;

    if (finding->packets_length == 0)
        return;
    fputs("<dt>Evidence</dt><dd>", to);
    for (unsigned i = 0; i < finding->packets_length; i++) {
        const struct list_item *item = find_item(part, 0, finding->packets[i]);

        html_print(to, "%s", i > 0 ? ", " : "");
        part_link(part, item != NULL ? item->n : 0);
        html_print(to, "packet %" PRIu64, finding->packets[i]);
        part_link_end(part, item != NULL ? item->n : 0);
    }
    if (finding->occurrences > finding->packets_length)
        html_print(to, "; %u times in all", (unsigned)finding->occurrences);
    fputs("</dd>", to);
}

static void print_point(FILE *to, const char *label, const char *class, const char *text)
{
    if (text != NULL && text[0] != '\0')
        html_print(to, "<dt>%s</dt><dd class=\"%s\">%s</dd>", label, class, text);
}

/** The verdict without its first word, which the page shows apart. */
static const char *headline_of(const struct btap_session *facts,
                               const struct btap_diagnosis *diagnosis,
                               char text[BTAP_DIAGNOSIS_TEXT_SIZE])
{
    const char *words = btap_verdict_text(facts, diagnosis, text, BTAP_DIAGNOSIS_TEXT_SIZE);
    const char *rest = strstr(words, ": ");

    return rest != NULL ? rest + 2 : words;
}

static void print_finding(const struct report_part *part, const struct btap_finding *finding)
{
    const struct btap_rule *rule = finding->rule;
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];
    char headline[BTAP_DIAGNOSIS_TEXT_SIZE];
    FILE *to = part->to;

    btap_finding_text(finding, text, sizeof(text));
    fputs("<div class=\"finding\"><p class=\"what\">", to);
    if (rule->certainty == BTAP_LIKELY)
        fputs("<span class=\"tag\">likely</span>", to);
    /* The headline says it already, where the finding is the verdict. */
    html_print(to, "%s</p><dl>",
               strcmp(headline_of(part->facts, part->diagnosis, headline), text) != 0 ? text : "");
    print_point(to, "Why", "", rule->why);
    print_point(to, "What to do", "next", rule->next);
    print_point(to, "Cannot be told", "", rule->unknown);
    print_evidence(part, finding);
    fputs("</dl></div>\n", to);
}

/** The findings of some kinds. @return how many */
static unsigned print_findings(const struct report_part *part, bool explaining, bool print)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < part->diagnosis->findings_length; i++) {
        const struct btap_finding *finding = &part->diagnosis->findings[i];
        const enum btap_rule_kind kind = finding->rule->kind;

        if ((kind == BTAP_RULE_CAUSE || kind == BTAP_RULE_DOUBT) != explaining)
            continue;
        if (print)
            print_finding(part, finding);
        count++;
    }
    return count;
}

void part_verdict(const struct report_part *part)
{
    const enum btap_verdict verdict = part->diagnosis->verdict;
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    html_print(part->to, "<section class=\"card verdict %s\">", verdicts[verdict].class);
    print_sign(part->to, verdict);
    html_print(part->to, "<div><p class=\"word\">%s</p><h2>%s</h2></div>", verdicts[verdict].word,
               headline_of(part->facts, part->diagnosis, text));
    if (print_findings(part, true, false) > 0) {
        fputs("<div class=\"findings\">\n", part->to);
        print_findings(part, true, true);
        fputs("</div>", part->to);
    }
    fputs("</section>\n", part->to);
}

/** Whether what was sent is what was expected. */
static void part_firmware(const struct report_part *part)
{
    const struct expectation *expectation = part->expectation;
    const bool holds = expectation != NULL && expect_holds(expectation);
    char text[EXPECT_TEXT_SIZE];

    if (expectation == NULL)
        return;
    html_print(part->to, "<section class=\"card verdict aside %s\">", holds ? "good" : "bad");
    print_sign(part->to, holds ? BTAP_VERDICT_WORKED : BTAP_VERDICT_FAILED);
    html_print(part->to,
               "<div><p class=\"word\">Firmware <bdi>%s</bdi></p><p class=\"said\">%s</p>",
               part->firmware, expect_text(expectation, text, sizeof(text)));
    if (expectation->runs_length > 0)
        fputs("<ul class=\"runs\">", part->to);
    for (size_t i = 0; i < expectation->runs_length && i < EXPECT_RUNS_MAX; i++)
        html_print(part->to, "<li>%s</li>",
                   expect_run_text(&expectation->runs[i], text, sizeof(text)));
    if (expectation->runs_length > EXPECT_RUNS_MAX)
        html_print(part->to, "<li>and %u more</li>",
                   (unsigned)(expectation->runs_length - EXPECT_RUNS_MAX));
    fputs(expectation->runs_length > 0 ? "</ul></div></section>\n" : "</div></section>\n",
          part->to);
}

/** One figure; detail may be "". */
static void print_figure(FILE *to, const char *class, const char *label, const char *value,
                         const char *detail)
{
    html_print(to, "<div class=\"%s\"><dt>%s</dt><dd>%s</dd>", class, label, value);
    if (detail[0] != '\0')
        html_print(to, "<dd>%s</dd>", detail);
    fputs("</div>", to);
}

static void print_device(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;
    const struct btap_product *product = facts->pid_known ? btap_product_by_pid(facts->pid) : NULL;
    const char *layout = part->course != NULL ? part->course->layout : "";
    char device[32] = "not identified";
    char detail[128] = "";
    size_t length;

    if (facts->pid_known)
        length = (size_t)snprintf(detail, sizeof(detail), "PID 0x%03" PRIx32, facts->pid);
    else
        length = (size_t)snprintf(detail, sizeof(detail), "%s", layout);
    if (facts->usb_vendor != 0)
        snprintf(device, sizeof(device), "USB %04x:%04x", facts->usb_vendor, facts->usb_product);
    if (facts->version != 0 && length < sizeof(detail))
        snprintf(detail + length, sizeof(detail) - length, "%sbootloader %u.%u",
                 length > 0 ? ", " : "", (unsigned)facts->version >> 4, facts->version & 0xfu);
    print_figure(part->to, "wide", "Device",
                 product != NULL    ? product->name
                 : facts->pid_known ? "unknown product"
                                    : device,
                 detail);
}

/** The rate of a work, in the unit of the verdict; "" if it cannot be told. */
static const char *rate_of(const struct btap_work *work, char words[HTML_WORDS_SIZE])
{
    const double seconds = (double)(work->last - work->first) / 1e9;

    words[0] = '\0';
    if (work->commands > 0 && work->bytes > 0 && seconds > 0)
        snprintf(words, HTML_WORDS_SIZE, "%.1f kB/s", (double)work->bytes / seconds / 1e3);
    return words;
}

static void print_erased(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;
    char bytes[HTML_WORDS_SIZE];
    char pages[HTML_WORDS_SIZE];
    char detail[HTML_WORDS_SIZE + 8];

    if (facts->erased.commands == 0)
        return;
    if (facts->mass_erases > 0 || facts->bank_erases > 0) {
        const bool all = part->course == NULL || part->course->memory.mass_erased;

        print_figure(part->to, "", "Erased", all ? "all" : "a bank", all ? "mass erase" : "");
        return;
    }
    snprintf(detail, sizeof(detail), "%s page%s", words_count(facts->erased_pages, pages),
             facts->erased_pages == 1 ? "" : "s");
    if (facts->erased.bytes > 0)
        print_figure(part->to, "", "Erased", words_bytes(facts->erased.bytes, bytes), detail);
    else
        print_figure(part->to, "", "Erased", detail, "");
}

static void print_verified(const struct report_part *part)
{
    const struct btap_verification *verification = &part->facts->verification;
    char words[HTML_WORDS_SIZE];
    char value[HTML_WORDS_SIZE + 8];
    char detail[HTML_WORDS_SIZE + 24];

    if (part->facts->written.bytes == 0)
        return;
    if (verification->same + verification->different == 0) {
        print_figure(part->to, "", "Read back", "nothing", "not verified");
        return;
    }
    if (verification->different == 0) {
        print_figure(part->to, "", "Read back", words_bytes(verification->same, words),
                     "equal to what was written");
        return;
    }
    snprintf(detail, sizeof(detail), "first at 0x%08" PRIx32, verification->first_address);
    snprintf(value, sizeof(value), "%s differ", words_bytes(verification->different, words));
    print_figure(part->to, "alarm", "Read back", value, detail);
}

static void print_commands(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;
    const uint64_t failed = facts->transactions - facts->counts[BTAP_OK];
    char count[HTML_WORDS_SIZE];
    char number[HTML_WORDS_SIZE];
    char detail[HTML_WORDS_SIZE + 16];

    snprintf(detail, sizeof(detail), failed > 0 ? "%s did not end well" : "all ended well",
             words_count(failed, number));
    print_figure(part->to, failed > 0 ? "alarm" : "", "Commands",
                 words_count(facts->transactions, count), facts->transactions > 0 ? detail : "");
}

void part_figures(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;
    char words[HTML_WORDS_SIZE];
    char rate[HTML_WORDS_SIZE];

    fputs("<dl class=\"card figures\">", part->to);
    print_device(part);
    print_figure(part->to, "", "Time", words_duration(facts->duration, words), "");
    print_erased(part);
    if (facts->written.commands > 0)
        print_figure(part->to, "", "Written", words_bytes(facts->written.bytes, words),
                     rate_of(&facts->written, rate));
    if (facts->read.commands > 0 && facts->written.commands == 0)
        print_figure(part->to, "", "Read", words_bytes(facts->read.bytes, words),
                     rate_of(&facts->read, rate));
    print_verified(part);
    print_commands(part);
    fputs("</dl>\n", part->to);
}

/** Oddities and weaknesses of the capture: one may know them, none explains a failure. */
static void print_oddities(const struct report_part *part)
{
    if (print_findings(part, false, false) == 0)
        return;
    fputs("<section class=\"card aside calm\"><h3>Good to know <small>none of it explains a "
          "failure</small></h3><div class=\"findings\">\n",
          part->to);
    print_findings(part, false, true);
    fputs("</div></section>\n", part->to);
}

static const char *wire_of(enum btap_transport transport)
{
    switch (transport) {
    case BTAP_USART:
        return "USART (AN3155)";
    case BTAP_DFU:
        return "USB DFU (AN3156)";
    case BTAP_FDCAN:
        return "CAN FD (AN5405)";
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return "";
}

/** The last part of a path: where a file lay is of no use to those who are sent the page. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static void print_session(FILE *to, const struct report *report,
                          const struct report_capture *capture, unsigned number)
{
    const struct session *session = &report->sessions.list[number - 1];
    const struct report_course *course = session->own;
    const struct report_part part = {
        .to = to,
        .number = number,
        .facts = &session->facts,
        .diagnosis = &session->diagnosis,
        .course = course,
        .expectation = firmware_check_session(capture->check, session),
        .firmware = capture->check->path != NULL ? base_name(capture->check->path) : "",
    };
    char name[BTAP_LINK_NAME_SIZE];
    char count[HTML_WORDS_SIZE];
    char moment[HTML_WORDS_SIZE];

    html_print(to, "<article class=\"session\" id=\"s%u\">\n<p class=\"head\">", number);
    if (report->sessions.length > 1)
        html_print(to, "Session %u of %s, ", number,
                   words_count(sessions_count(&report->sessions), count));
    html_print(to, "%s on <bdi>%s</bdi>, %s, packets %" PRIu64 " to %" PRIu64 "</p>\n",
               wire_of(session->facts.transport),
               btap_link_name(&session->link, name, sizeof(name)),
               words_moment(session->facts.time, moment), session->facts.first_packet,
               session->facts.last_packet);
    part_verdict(&part);
    part_firmware(&part);
    part_figures(&part);
    if (course != NULL) {
        part_timeline(&part);
        part_memory(&part);
    }
    print_oddities(&part);
    part_remarks(&part);
    if (course != NULL)
        part_transactions(&part);
    else if (session->facts.transactions > 0)
        fputs("<p class=\"caption\">There was no room for the course of this session. "
              "boottap decode shows its commands.</p>\n",
              to);
    fputs("</article>\n", to);
}

static unsigned sessions_shown(const struct report *report)
{
    return (unsigned)(report->sessions.length < REPORT_SESSIONS_MAX ? report->sessions.length
                                                                    : REPORT_SESSIONS_MAX);
}

static void print_contents(FILE *to, const struct report *report)
{
    const unsigned shown = sessions_shown(report);

    if (report->sessions.length < 2)
        return;
    fputs("<nav aria-label=\"Sessions\"><ul>\n", to);
    for (unsigned i = 0; i < shown; i++) {
        const struct session *session = &report->sessions.list[i];
        const enum btap_verdict verdict = session->diagnosis.verdict;
        char text[BTAP_DIAGNOSIS_TEXT_SIZE];

        html_print(to,
                   "<li><a class=\"%s\" href=\"#s%u\"><span class=\"tag\">%s</span>"
                   "<span>%u. %s</span></a></li>\n",
                   verdicts[verdict].class, i + 1, verdicts[verdict].word, i + 1,
                   headline_of(&session->facts, &session->diagnosis, text));
    }
    fputs("</ul></nav>\n", to);
}

/** A firmware that no session even tried to write. */
static void print_not_flashed(FILE *to, const struct report *report,
                              const struct report_capture *capture)
{
    if (capture->check->path == NULL)
        return;
    for (size_t i = 0; i < report->sessions.length; i++)
        if (firmware_check_session(capture->check, &report->sessions.list[i]) != NULL)
            return;
    html_print(to,
               "<section class=\"card aside bad verdict\"><div></div><p>No session wrote anything: "
               "<bdi>%s</bdi> was not flashed</p></section>\n",
               base_name(capture->check->path));
}

static void print_head(FILE *to, const struct report_capture *capture)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<meta name=\"generator\" content=\"boottap\">\n",
          to);
    html_print(to, "<title>%s: bootloader traffic</title>\n<style>\n", base_name(capture->name));
    fputs(report_css, to);
    fputs("</style>\n</head>\n<body>\n", to);
}

static void print_title(FILE *to, const struct report *report, const struct report_capture *capture)
{
    const uint64_t sessions = sessions_count(&report->sessions);
    char packets[HTML_WORDS_SIZE];
    char count[HTML_WORDS_SIZE];
    char moment[HTML_WORDS_SIZE];

    html_print(to,
               "<header><p class=\"mark\">boottap report</p><h1><bdi>%s</bdi></h1>"
               "<p class=\"sub\">",
               base_name(capture->name));
    if (capture->packets > 0)
        html_print(to, "recorded %s, ", words_moment(capture->first, moment));
    html_print(to, "%s packet%s, %s session%s", words_count(capture->packets, packets),
               capture->packets == 1 ? "" : "s", words_count(sessions, count),
               sessions == 1 ? "" : "s");
    if (!capture->complete)
        fputs("; the file could not be read to its end", to);
    if (capture->truncated > 0)
        html_print(to, "; %s packets are cut short", words_count(capture->truncated, packets));
    if (capture->malformed > 0)
        html_print(to, "; %s packets are malformed", words_count(capture->malformed, packets));
    fputs("</p></header>\n", to);
}

/** The sessions above the first that are shown: how many, and whether any of them failed. */
static void print_left_out(FILE *to, const struct sessions *sessions, size_t shown)
{
    uint64_t failed = sessions->omitted_failed;
    char count[HTML_WORDS_SIZE];
    char words[HTML_WORDS_SIZE];

    for (size_t i = shown; i < sessions->length; i++)
        failed += session_failed(&sessions->list[i].diagnosis);
    if (sessions_count(sessions) > shown)
        html_print(
            to, "<p class=\"caption\">%s more sessions are left out, %s of which failed.</p>\n",
            words_count(sessions_count(sessions) - shown, count), words_count(failed, words));
}

void report_write(FILE *to, const struct report *report, const struct report_capture *capture)
{
    const unsigned shown = sessions_shown(report);

    print_head(to, capture);
    print_title(to, report, capture);
    fputs("<main>\n", to);
    print_not_flashed(to, report, capture);
    print_contents(to, report);
    for (unsigned i = 0; i < shown; i++)
        print_session(to, report, capture, i + 1);
    if (report->sessions.length == 0)
        fputs("<section class=\"card\"><h2>No bootloader traffic was found in this capture</h2>"
              "</section>\n",
              to);
    print_left_out(to, &report->sessions, shown);
    fputs("</main>\n<footer>Times are UTC. Packets are numbered as in Wireshark. This page is "
          "complete in itself and loads nothing.</footer>\n</body>\n</html>\n",
          to);
}
