/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/junit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "base/outfile.h"
#include "base/xml.h"

#define NS_PER_SECOND 1000000000
#define NS_PER_US     1000

void junit_start(struct junit *junit, FILE *to, const char *title)
{
    *junit = (struct junit){.to = to};
    junit->suites = open_memstream(&junit->text, &junit->size);
    if (junit->suites == NULL) {
        message("there is no memory for the JUnit report");
        exit(EXIT_TROUBLE);
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"", to);
    xml_put(to, title);
}

void junit_time(FILE *to, btap_ns time)
{
    fprintf(to, " time=\"%" PRId64 ".%06" PRId64 "\"", time / NS_PER_SECOND,
            time % NS_PER_SECOND / NS_PER_US);
}

static void put_counts(FILE *to, const struct junit_counts *counts)
{
    fprintf(to, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\"",
            counts->tests, counts->failures, counts->errors);
    junit_time(to, counts->time);
}

void junit_suite(struct junit *junit, const char *name, const struct junit_counts *counts)
{
    struct junit_counts *totals = &junit->totals;

    totals->tests += counts->tests;
    totals->failures += counts->failures;
    totals->errors += counts->errors;
    totals->time = btap_ns_sum(totals->time, counts->time);
    fputs("  <testsuite name=\"", junit->suites);
    xml_put(junit->suites, name);
    putc('"', junit->suites);
    put_counts(junit->suites, counts);
    fputs(">\n", junit->suites);
}

void junit_suite_end(struct junit *junit)
{
    fputs("  </testsuite>\n", junit->suites);
}

static void put_capture(FILE *to, const char *name, const struct junit_capture *capture)
{
    fprintf(to, "    <testcase classname=\"boottap.diff.captures\" name=\"%s\"", name);
    if (capture->complete) {
        fputs("/>\n", to);
        return;
    }
    fputs(">\n      <error type=\"incomplete\" message=\"", to);
    xml_put(to, capture->name);
    fputs(" could not be read to its end\"/>\n    </testcase>\n", to);
}

void junit_captures(struct junit *junit, const struct junit_capture captures[static 2])
{
    struct junit_counts counts = {.tests = 2};

    for (unsigned i = 0; i < 2; i++) {
        putc(' ', junit->to);
        xml_put(junit->to, captures[i].name);
        counts.errors += !captures[i].complete;
    }
    junit_suite(junit, "captures", &counts);
    put_capture(junit->suites, "read-a", &captures[0]);
    put_capture(junit->suites, "read-b", &captures[1]);
    junit_suite_end(junit);
}

void junit_end(struct junit *junit)
{
    fclose(junit->suites);
    putc('"', junit->to);
    put_counts(junit->to, &junit->totals);
    fputs(">\n", junit->to);
    fwrite(junit->text, 1, junit->size, junit->to);
    fputs("</testsuites>\n", junit->to);
    free(junit->text);
}

bool junit_write_error(const char *path, const char *command)
{
    const struct junit_counts counts = {.tests = 1, .errors = 1};
    struct junit junit;
    struct outfile out;
    char title[64];

    if (!outfile_open(&out, path))
        return false;
    snprintf(title, sizeof(title), "boottap %s", command);
    junit_start(&junit, out.stream, title);
    junit_suite(&junit, command, &counts);
    fprintf(junit.suites,
            "    <testcase classname=\"boottap.%s\" name=\"result\">\n"
            "      <error type=\"error\" message=\"",
            command);
    xml_put(junit.suites, message_last());
    fputs("\"/>\n    </testcase>\n", junit.suites);
    junit_suite_end(&junit);
    junit_end(&junit);
    return outfile_finish(&out);
}
