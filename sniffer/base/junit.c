/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/junit.h"

#include "base/message.h"
#include "base/outfile.h"
#include "base/xml.h"

static void print_capture(FILE *to, const char *name, const struct junit_capture *capture)
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

void junit_start(FILE *to, const char *title)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"", to);
    xml_put(to, title);
    fputs("\">\n", to);
}

void junit_begin(FILE *to, const char *title, const struct junit_capture captures[static 2])
{
    unsigned errors = !captures[0].complete;

    errors += !captures[1].complete;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"", to);
    xml_put(to, title);
    for (unsigned i = 0; i < 2; i++) {
        putc(' ', to);
        xml_put(to, captures[i].name);
    }
    fprintf(to, "\">\n  <testsuite name=\"captures\" tests=\"2\" failures=\"0\" errors=\"%u\">\n",
            errors);
    print_capture(to, "read-a", &captures[0]);
    print_capture(to, "read-b", &captures[1]);
    fputs("  </testsuite>\n", to);
}

void junit_end(FILE *to)
{
    fputs("</testsuites>\n", to);
}

bool junit_write_error(const char *path, const char *command)
{
    struct outfile out;

    if (!outfile_open(&out, path))
        return false;
    fprintf(out.stream,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"boottap %s\">\n"
            "  <testsuite name=\"%s\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
            "    <testcase classname=\"boottap.%s\" name=\"result\">\n"
            "      <error type=\"error\" message=\"",
            command, command, command);
    xml_put(out.stream, message_last());
    fputs("\"/>\n    </testcase>\n  </testsuite>\n", out.stream);
    junit_end(out.stream);
    return outfile_finish(&out);
}
