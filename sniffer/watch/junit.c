/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/junit.h"

#include <inttypes.h>
#include <string.h>

#include "base/junit.h"
#include "base/line.h"
#include "base/xml.h"

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
    if (one->failure == NULL) {
        fputs("\"/>\n", to);
        return;
    }
    fputs("\">\n      <failure>", to);
    put_lines(to, one->failure);
    fputs("</failure>\n    </testcase>\n", to);
}

void watch_print_suite(FILE *to, const struct junit_case *cases, size_t length)
{
    size_t failures = 0;

    if (length == 0)
        return;
    for (size_t i = 0; i < length; i++)
        failures += cases[i].failure != NULL;
    fputs("  <testsuite name=\"", to);
    xml_put(to, cases[0].suite);
    fprintf(to, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", length, failures);
    for (size_t i = 0; i < length; i++)
        print_case(to, &cases[i]);
    fputs("  </testsuite>\n", to);
}

static void print_session(FILE *to, const struct session *session, struct firmware_check *check)
{
    const struct expectation *expectation = firmware_check_session(check, session);
    char link[BTAP_LINK_NAME_SIZE];
    char name[BTAP_LINK_NAME_SIZE + 32];
    char verdict[BTAP_DIAGNOSIS_TEXT_SIZE];
    char answer[EXPECT_TEXT_SIZE];
    struct junit_case cases[2] = {{"session", name, NULL}};
    size_t length = 1;

    snprintf(name, sizeof(name), "%s, session %" PRIu64,
             btap_link_name(&session->link, link, sizeof(link)), session->facts.number);
    btap_verdict_text(&session->facts, &session->diagnosis, verdict, sizeof(verdict));
    if (session_failed(&session->diagnosis))
        cases[0].failure = verdict;
    if (expectation != NULL) {
        cases[length++] = (struct junit_case){
            "session", check->path,
            expect_holds(expectation) ? NULL : expect_text(expectation, answer, sizeof(answer))};
    }
    watch_print_suite(to, cases, length);
}

void watch_print_junit(const struct watch *watch, struct firmware_check *check, const char *title,
                       const struct junit_case *cases, size_t length, FILE *to)
{
    const struct sessions *sessions = watch_sessions(watch);

    junit_start(to, title);
    for (size_t i = 0; i < length; i++)
        watch_print_suite(to, &cases[i], 1);
    for (size_t i = 0; i < sessions->length; i++)
        print_session(to, &sessions->list[i], check);
    if (sessions->length == 0 && check->path != NULL) {
        const struct junit_case missing = {"session", check->path,
                                           "no session was seen: it was not flashed"};

        watch_print_suite(to, &missing, 1);
    }
    junit_end(to);
}
