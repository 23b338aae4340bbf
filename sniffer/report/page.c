/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The page that holds the parts. It holds no script, and its policy allows none: whatever a capture
 * holds, it is text.
 */
#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "boottap/version.h"
#include "report/part.h"
#include "report_css.h"

static const char *wire_of(enum btap_transport transport)
{
    switch (transport) {
    case BTAP_USART:
        return "USART (AN3155)";
    case BTAP_DFU:
        return "USB DFU (AN3156)";
    case BTAP_FDCAN:
        return "CAN FD (AN5405)";
    case BTAP_CAN:
        return "classic CAN (AN3154)";
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return "";
}

/** A session has that much in any case. */
#define SESSION_BYTES_MIN 8192
/** What a span takes of the page: in its lane, and where the addresses are drawn. */
#define SPAN_BYTES 400
/** Fewer spans than this would be one a lane. */
#define SPANS_MIN 24

/** The last part of a path: where a file lay is of no use to those who are sent the page. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/** Bytes that a session may take: what is left of the page is shared by those that are to come. */
static size_t room_of(FILE *to, unsigned sessions)
{
    const long at = ftell(to);
    const long left = at >= 0 && at < REPORT_BYTES_MAX ? REPORT_BYTES_MAX - at : 0;
    const long share = left / (long)sessions;

    return share > SESSION_BYTES_MIN ? (size_t)share : SESSION_BYTES_MIN;
}

/** Cuts a course down to what finds room, so that links lead to what is there. */
static void fit_course(const struct report_part *part, struct report_course *course)
{
    timeline_reduce(&course->timeline,
                    SPANS_MIN + part_fitting(part, PART_TIMELINE_SHARE, SPAN_BYTES));
    list_fit(&course->list, part->room / 100 * PART_LIST_SHARE);
}

static void print_session(FILE *to, struct report *report, const struct report_capture *capture,
                          unsigned number, unsigned shown)
{
    const struct session *session = sessions_at(&report->sessions, number - 1);
    struct report_course *course = session->own;
    const struct report_part part = {
        .room = room_of(to, shown - number + 1),
        .to = to,
        .number = number,
        .facts = &session->facts,
        .diagnosis = &session->diagnosis,
        .course = course,
        .expectation = firmware_check_session(capture->check, session),
        .firmware = capture->check->path != NULL ? base_name(capture->check->path) : "",
    };
    char name[BTAP_LINK_NAME_SIZE];
    const bool timed = part_is_timed(&part);

    if (course != NULL)
        fit_course(&part, course);
    html_print(to, "<article class=\"session\" id=\"s%u\">\n<p class=\"head\">", number);
    if (report->sessions.length > 1)
        html_print(to, "Session %u of %s, ", number,
                   words_count(sessions_count(&report->sessions)).text);
    html_print(to,
               "%s on <bdi>%s</bdi>, <span class=\"whole\">%s</span>%spackets" HTML_SPACE "%" PRIu64
               " to %" PRIu64 "</p>\n",
               wire_of(session->facts.transport),
               btap_link_name(&session->link, name, sizeof(name)),
               timed ? words_moment(session->facts.time).text : "", timed ? ", " : "",
               session->facts.first_packet, session->facts.last_packet);
    part_verdict(&part);
    part_firmware(&part);
    part_figures(&part);
    if (course != NULL) {
        part_timeline(&part);
        part_memory(&part);
    }
    part_oddities(&part);
    part_remarks(&part);
    if (course != NULL)
        part_transactions(&part);
    else if (session->facts.transactions > 0)
        fputs("<p class=\"caption\">There was no room for the course of this session. "
              "boottap decode shows its commands.</p>\n",
              to);
    fputs("</article>\n", to);
}

static void print_contents(FILE *to, struct report *report)
{
    if (report->sessions.length < 2)
        return;
    fputs("<nav aria-label=\"Sessions\"><ul>\n", to);
    for (unsigned i = 0; i < report->sessions.length; i++) {
        const struct session *session = sessions_at(&report->sessions, i);

        part_entry(&(struct report_part){
            .to = to,
            .number = i + 1,
            .facts = &session->facts,
            .diagnosis = &session->diagnosis,
        });
    }
    fputs("</ul></nav>\n", to);
}

/** A firmware that no session even tried to write. */
static void print_not_flashed(FILE *to, struct report *report, const struct report_capture *capture)
{
    if (capture->check->path == NULL || report->sessions.omitted_wrote)
        return;
    for (size_t i = 0; i < report->sessions.length; i++)
        if (firmware_check_session(capture->check, sessions_at(&report->sessions, i)) != NULL)
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
          "<meta name=\"generator\" content=\"boottap " BTAP_VERSION "\">\n",
          to);
    html_print(to, "<title>%s: bootloader traffic</title>\n<style>\n", base_name(capture->name));
    fputs(report_css, to);
    fputs("</style>\n</head>\n<body>\n", to);
}

static void print_title(FILE *to, struct report *report, const struct report_capture *capture)
{
    const uint64_t sessions = sessions_count(&report->sessions);

    html_print(to,
               "<header><p class=\"mark\">boottap report</p><h1><bdi>%s</bdi></h1>"
               "<p class=\"sub\">",
               base_name(capture->name));
    if (capture->packets > 0)
        html_print(to, "recorded <span class=\"whole\">%s</span>, ",
                   words_moment(capture->first).text);
    html_print(to, "%s" HTML_SPACE "packet%s, %s" HTML_SPACE "session%s",
               words_count(capture->packets).text, capture->packets == 1 ? "" : "s",
               words_count(sessions).text, sessions == 1 ? "" : "s");
    if (!capture->complete)
        fputs("; the file could not be read to its end", to);
    if (capture->truncated > 0)
        html_print(to, "; %s" HTML_SPACE "packet%s cut short", words_count(capture->truncated).text,
                   capture->truncated == 1 ? " is" : "s are");
    if (capture->malformed > 0)
        html_print(to, "; %s" HTML_SPACE "packet%s malformed", words_count(capture->malformed).text,
                   capture->malformed == 1 ? " is" : "s are");
    fputs("</p></header>\n", to);
}

/** Of the sessions that are not shown: how many they are, how many failed, and where to look. */
static void print_left_out(FILE *to, const struct sessions *sessions)
{
    if (sessions->omitted > 0)
        html_print(to,
                   "<p class=\"caption\">%s" HTML_SPACE
                   "more session%s left out; %s of them failed. "
                   "boottap diagnose tells what became of them.</p>\n",
                   words_count(sessions->omitted).text, sessions->omitted == 1 ? " is" : "s are",
                   words_count(sessions->omitted_failed).text);
}

void report_write(FILE *to, struct report *report, const struct report_capture *capture)
{
    const unsigned shown = (unsigned)report->sessions.length;

    print_head(to, capture);
    print_title(to, report, capture);
    fputs("<main>\n", to);
    print_not_flashed(to, report, capture);
    print_contents(to, report);
    for (unsigned i = 0; i < shown; i++)
        print_session(to, report, capture, i + 1, shown);
    if (report->sessions.length == 0)
        fputs("<section class=\"card\"><h2>No bootloader traffic was found in this capture</h2>"
              "</section>\n",
              to);
    print_left_out(to, &report->sessions);
    html_print(to,
               "</main>\n<footer><p>Made by boottap " BTAP_VERSION ": <code>%s</code></p>"
               "<p>Times are UTC. Packets are numbered as in Wireshark. This page is complete in "
               "itself and loads nothing.</p></footer>\n</body>\n</html>\n",
               capture->command_line);
}
