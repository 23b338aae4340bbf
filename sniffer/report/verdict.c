/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of each session the verdict, what is found, and the figures.
 */
#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "report/part.h"

/** How a verdict looks. */
static const struct {
    const char *class;
    const char *word;
    const char *sign; /**< path in a field of 40 by 40 */
} verdicts[] = {
    [BTAP_VERDICT_WORKED] = {"good", "Worked", "M12 21l6 6 11-13"},
    [BTAP_VERDICT_NO_FAULT] = {"calm", "No fault found", "M13 20h14"},
    [BTAP_VERDICT_NOT_DECODED] = {"calm", "Not decoded", "M13 20h14"},
    [BTAP_VERDICT_CUT_SHORT] = {"warn", "Cut short", "M20 11v12M20 29v.1"},
    [BTAP_VERDICT_UNKNOWN] = {"warn", "Not known", "M20 11v12M20 29v.1"},
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
        const struct list_item *item = part_item(part, 0, finding->packets[i]);

        html_print(to, "%s", i > 0 ? ", " : "");
        part_link(part, item != NULL ? item->n : 0);
        html_print(to, "packet" HTML_SPACE "%" PRIu64, finding->packets[i]);
        part_link_end(part, item != NULL ? item->n : 0);
    }
    if (finding->occurrences > finding->packets_length)
        html_print(to, "; %u" HTML_SPACE "times in all", (unsigned)finding->occurrences);
    fputs("</dd>", to);
}

static void print_point(FILE *to, const char *label, const char *class, const char *text)
{
    if (text != NULL && text[0] != '\0')
        html_print(to, "<dt>%s</dt><dd class=\"%s\">%s</dd>", label, class, part_text(text).text);
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
    char verdict[BTAP_DIAGNOSIS_TEXT_SIZE];
    const char *headline = headline_of(part->facts, part->diagnosis, verdict);
    FILE *to = part->to;

    btap_finding_text(finding, text, sizeof(text));
    fputs("<div class=\"finding\">", to);
    /* The headline begins with it, where the finding is the verdict. */
    if (strncmp(headline, text, strlen(text)) != 0) {
        fputs("<p class=\"what\">", to);
        if (rule->certainty == BTAP_LIKELY && rule->why[0] == '\0')
            fputs("<span class=\"tag\">likely</span>", to);
        html_print(to, "%s</p>", part_text(text).text);
    }
    fputs("<dl>", to);
    print_point(to, rule->certainty == BTAP_LIKELY ? "Likely why" : "Why", "", rule->why);
    print_point(to, "What to do", "next", rule->next);
    print_point(to, "Command line", "mono", btap_rule_command_line(rule, part->facts->transport));
    print_point(to, "Not excluded", "", rule->not_excluded);
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

void part_entry(const struct report_part *part)
{
    const enum btap_verdict verdict = part->diagnosis->verdict;
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    html_print(part->to,
               "<li><a class=\"%s\" href=\"#s%u\"><span class=\"tag\">%s</span>"
               "<span>%u. %s</span></a></li>\n",
               verdicts[verdict].class, part->number, verdicts[verdict].word, part->number,
               part_text(headline_of(part->facts, part->diagnosis, text)).text);
}

void part_verdict(const struct report_part *part)
{
    const enum btap_verdict verdict = part->diagnosis->verdict;
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    html_print(part->to, "<section class=\"card verdict %s\">", verdicts[verdict].class);
    print_sign(part->to, verdict);
    html_print(part->to, "<div><p class=\"word\">%s</p><h2>%s</h2></div>", verdicts[verdict].word,
               part_text(headline_of(part->facts, part->diagnosis, text)).text);
    if (print_findings(part, true, false) > 0) {
        fputs("<div class=\"findings\">\n", part->to);
        print_findings(part, true, true);
        fputs("</div>", part->to);
    }
    fputs("</section>\n", part->to);
}

void part_firmware(const struct report_part *part)
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
               part->firmware, part_text(expect_text(expectation, text, sizeof(text))).text);
    if (expectation->runs_length > 0)
        fputs("<ul class=\"runs\">", part->to);
    for (size_t i = 0; i < expectation->runs_length && i < EXPECT_RUNS_MAX; i++)
        html_print(part->to, "<li>%s</li>",
                   part_text(expect_run_text(&expectation->runs[i], text, sizeof(text))).text);
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
    const struct btap_product *product = btap_session_product(facts);
    const char *layout = part->course != NULL ? part->course->layout : "";
    char device[32] = "not identified";
    char detail[128] = "";
    size_t length;

    if (facts->pid_known)
        length =
            (size_t)snprintf(detail, sizeof(detail), "PID" HTML_SPACE "0x%03" PRIx32, facts->pid);
    else
        length = (size_t)snprintf(detail, sizeof(detail), "%s", layout);
    if (facts->usb_vendor != 0)
        snprintf(device, sizeof(device), "USB" HTML_SPACE "%04x:%04x", facts->usb_vendor,
                 facts->usb_product);
    if (facts->version != 0 && length < sizeof(detail))
        snprintf(detail + length, sizeof(detail) - length, "%sbootloader" HTML_SPACE "%u.%u",
                 length > 0 ? ", " : "", (unsigned)facts->version >> 4, facts->version & 0xfu);
    print_figure(part->to, "wide", "Device",
                 product != NULL    ? product->name
                 : facts->pid_known ? "unknown product"
                                    : device,
                 detail);
}

/** The rate of a work, in the unit of the verdict; "" if it cannot be told. */
static struct words rate_of(const struct btap_session *facts, const struct btap_work *work)
{
    const double seconds = (double)(work->last - work->first) / 1e9;
    struct words words = {""};

    if (work->commands > 0 && work->bytes > 0 && seconds > 0 &&
        (facts->lacks & BTAP_LACKS_TIMES) == 0)
        snprintf(words.text, HTML_WORDS_SIZE, "%.1f" HTML_SPACE "kB" HTML_SLASH "s",
                 (double)work->bytes / seconds / 1e3);
    return words;
}

static void print_erased(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;
    char detail[HTML_WORDS_SIZE + 8];

    if (facts->erased.commands == 0 && facts->mass_erases == 0)
        return;
    if (facts->mass_erases > 0 || facts->bank_erases > 0) {
        const bool all = part->course == NULL || part->course->memory.mass_erased;

        print_figure(part->to, "", "Erased", all ? "all" : "a bank", all ? "mass erase" : "");
        return;
    }
    snprintf(detail, sizeof(detail), "%s" HTML_SPACE "page%s",
             words_count(facts->erased_pages).text, facts->erased_pages == 1 ? "" : "s");
    if (facts->erased.bytes > 0)
        print_figure(part->to, "", "Erased", words_bytes(facts->erased.bytes).text, detail);
    else
        print_figure(part->to, "", "Erased", detail, "");
}

static void print_verified(const struct report_part *part)
{
    const struct btap_verification *verification = &part->facts->verification;
    char value[HTML_WORDS_SIZE + 8];
    char detail[HTML_WORDS_SIZE + 24];

    if (part->facts->written.bytes == 0)
        return;
    if (verification->same + verification->different == 0) {
        print_figure(part->to, "", "Read back", "nothing", "not verified");
        return;
    }
    if (verification->different == 0) {
        print_figure(part->to, "", "Read back", words_bytes(verification->same).text,
                     "equal to what was written");
        return;
    }
    snprintf(detail, sizeof(detail), "first at 0x%08" PRIx32, verification->first_address);
    snprintf(value, sizeof(value), "%s differ", words_bytes(verification->different).text);
    print_figure(part->to, "alarm", "Read back", value, detail);
}

static void print_commands(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;
    const uint64_t failed = facts->transactions - facts->counts[BTAP_OK];
    char detail[HTML_WORDS_SIZE + 24];

    snprintf(detail, sizeof(detail), failed > 0 ? "%s did not end well" : "all ended well",
             words_count(failed).text);
    print_figure(part->to, failed > 0 ? "alarm" : "", "Commands",
                 words_count(facts->transactions).text, facts->transactions > 0 ? detail : "");
}

void part_figures(const struct report_part *part)
{
    const struct btap_session *facts = part->facts;

    fputs("<dl class=\"card figures\">", part->to);
    print_device(part);
    if (part_is_timed(part))
        print_figure(part->to, "", "Time", words_duration(facts->duration).text, "");
    print_erased(part);
    if (facts->written.commands > 0)
        print_figure(part->to, "", "Written", words_bytes(facts->written.bytes).text,
                     rate_of(facts, &facts->written).text);
    if (facts->read.commands > 0 && facts->written.commands == 0)
        print_figure(part->to, "", "Read", words_bytes(facts->read.bytes).text,
                     rate_of(facts, &facts->read).text);
    print_verified(part);
    print_commands(part);
    fputs("</dl>\n", part->to);
}

void part_oddities(const struct report_part *part)
{
    if (print_findings(part, false, false) == 0)
        return;
    fputs("<section class=\"card aside calm\"><h3>Good to know <small>none of it explains a "
          "failure</small></h3><div class=\"findings\">\n",
          part->to);
    print_findings(part, false, true);
    fputs("</div></section>\n", part->to);
}
