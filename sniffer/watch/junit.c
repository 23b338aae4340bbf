/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/junit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/line.h"
#include "base/xml.h"

/** Puts the first line of text. */
static void put_first_line(FILE *to, const char *text)
{
    const size_t length = strcspn(text, "\n");
    char *line = allocate(length + 1);

    memcpy(line, text, length);
    xml_put(to, line);
    free(line);
}

/** Puts text of several lines as such. */
static void put_lines(FILE *to, const char *text)
{
    char part[256];

    while (*text != '\0') {
        size_t length = 0;

        while (text[length] != '\0' && text[length] != '\n' && length + 4 < sizeof(part)) {
            const size_t letter = utf8_length(text + length);

            length += letter > 0 ? letter : 1;
        }
        memcpy(part, text, length);
        part[length] = '\0';
        xml_put(to, part);
        text += length;
        if (*text == '\n')
            putc(*text++, to);
    }
}

static void print_case(FILE *to, const struct junit_case *one)
{
    fputs("    <testcase classname=\"boottap.", to);
    xml_put(to, one->suite);
    fputs("\" name=\"", to);
    xml_put(to, one->name);
    putc('"', to);
    junit_time(to, one->time);
    if (one->failure == NULL) {
        fputs("/>\n", to);
        return;
    }
    fputs(">\n      <failure message=\"", to);
    put_first_line(to, one->failure);
    fputs("\">", to);
    put_lines(to, one->failure);
    fputs("</failure>\n    </testcase>\n", to);
}

void watch_print_suite(struct junit *junit, const struct junit_case *cases, size_t length)
{
    struct junit_counts counts = {.tests = length};

    if (length == 0)
        return;
    for (size_t i = 0; i < length; i++) {
        counts.failures += cases[i].failure != NULL;
        counts.time = btap_ns_sum(counts.time, cases[i].time);
    }
    junit_suite(junit, cases[0].suite, &counts);
    for (size_t i = 0; i < length; i++)
        print_case(junit->suites, &cases[i]);
    junit_suite_end(junit);
}

static void print_session(struct junit *junit, const struct session *session,
                          struct firmware_check *check)
{
    const struct expectation *expectation = firmware_check_session(check, session);
    char link[BTAP_LINK_NAME_SIZE];
    char name[BTAP_LINK_NAME_SIZE + 32];
    char verdict[BTAP_DIAGNOSIS_TEXT_SIZE];
    char answer[EXPECT_TEXT_SIZE];
    struct junit_case cases[2] = {{"session", name, NULL, session->facts.duration}};
    size_t length = 1;

    snprintf(name, sizeof(name), "%s, session %" PRIu64,
             btap_link_name(&session->link, link, sizeof(link)), session->facts.number);
    btap_verdict_text(&session->facts, &session->diagnosis, verdict, sizeof(verdict));
    if (session_failed(&session->diagnosis))
        cases[0].failure = verdict;
    if (expectation != NULL) {
        cases[length++] = (struct junit_case){
            "session", check->path,
            expect_holds(expectation) ? NULL : expect_text(expectation, answer, sizeof(answer)), 0};
    }
    watch_print_suite(junit, cases, length);
}

void watch_print_junit(struct watch *watch, struct firmware_check *check, const char *title,
                       const struct junit_case *cases, size_t length, FILE *to)
{
    struct sessions *sessions = watch_sessions(watch);
    struct junit junit;

    junit_start(&junit, to, title);
    for (size_t i = 0; i < length; i++)
        watch_print_suite(&junit, &cases[i], 1);
    for (size_t i = 0; i < sessions->length; i++)
        print_session(&junit, sessions_at(sessions, i), check);
    if (sessions->length == 0 && check->path != NULL) {
        const struct junit_case missing = {"session", check->path,
                                           "no session was seen: it was not flashed", 0};

        watch_print_suite(&junit, &missing, 1);
    }
    junit_end(&junit);
}
