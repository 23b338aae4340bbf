/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap report: its page on the sample captures, with hostile strings, and its options.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/html.h"
#include "boottap/version.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

#define DEPTH_MAX     64
#define NAME_SIZE     16
#define CAPTURES_SIZE (64 * 1024)

static const struct sim_capture_options rtac = {.linktype = SIM_RTAC};
static const struct sim_capture_options usbmon = {.linktype = SIM_USBMON_MMAPPED};

/* HTML 13.1.2: void elements have no end tag. A line or rect of SVG may close itself. */
static bool is_void(const char *name)
{
    static const char *const names[] = {"!DOCTYPE", "meta", "input"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/** Reads the tag at text, "<...>". @return its end, after '>' */
static const char *read_tag(const char *text, char name[NAME_SIZE], bool *closing, bool *empty)
{
    size_t length = 0;
    char quote = '\0';

    *closing = text[1] == '/';
    text += *closing ? 2 : 1;
    while (isalnum((unsigned char)*text) || *text == '!') {
        assert_true(length + 1 < NAME_SIZE);
        name[length++] = *text++;
    }
    name[length] = '\0';
    assert_true(length > 0);
    for (; *text != '>' || quote != '\0'; text++) {
        assert_true(*text != '\0');
        assert_true(*text != '<');
        if (quote != '\0')
            quote = *text == quote ? '\0' : quote;
        else if (*text == '"')
            quote = *text;
    }
    *empty = text[-1] == '/';
    return text + 1;
}

/** Every element is closed, in the right order, and none is of a kind that we never write. */
static void assert_balanced(const char *page)
{
    static const char *const known[] = {
        "a",       "article", "b",      "bdi",   "body", "circle",   "code",  "dd",    "div",
        "dl",      "dt",      "footer", "g",     "h1",   "h2",       "h3",    "head",  "header",
        "html",    "label",   "li",     "line",  "main", "nav",      "p",     "path",  "rect",
        "section", "small",   "span",   "style", "svg",  "table",    "tbody", "td",    "text",
        "th",      "thead",   "title",  "tr",    "ul",   "!DOCTYPE", "meta",  "input",
    };
    char open[DEPTH_MAX][NAME_SIZE];
    size_t depth = 0;

    while ((page = strchr(page, '<')) != NULL) {
        char name[NAME_SIZE];
        bool is_known = false;
        bool closing;
        bool empty;

        page = read_tag(page, name, &closing, &empty);
        for (size_t i = 0; i < COUNT_OF(known); i++)
            is_known |= strcmp(name, known[i]) == 0;
        assert_true(is_known);
        if (closing) {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (!empty && !is_void(name)) {
            assert_true(depth < DEPTH_MAX);
            memcpy(open[depth++], name, sizeof(name));
        }
    }
    assert_int_equal(depth, 0);
}

/** How often words are in a text. */
static unsigned count_words(const char *text, const char *words)
{
    unsigned count = 0;

    while ((text = strstr(text, words)) != NULL) {
        text += strlen(words);
        count++;
    }
    return count;
}

/** Every link leads to a place in the page. */
static void assert_links_lead_somewhere(const char *page)
{
    for (const char *link = page; (link = strstr(link, "href=\"")) != NULL; link++) {
        const char *name = link + strlen("href=\"");
        char place[48];

        assert_int_equal(name[0], '#');
        assert_in_range(strcspn(name, "\""), 2, 30);
        snprintf(place, sizeof(place), " id=\"%.*s\"", (int)strcspn(name, "\"") - 1, name + 1);
        assert_int_equal(count_words(page, place), 1);
    }
}

/** A page that is whole, runs nothing and loads nothing. */
static void assert_sound(const char *page)
{
    assert_int_equal(strncmp(page, "<!DOCTYPE html>\n", 16), 0);
    assert_non_null(strstr(page, "content=\"default-src 'none'; style-src 'unsafe-inline'; "
                                 "base-uri 'none'; form-action 'none'\""));
    assert_balanced(page);
    assert_links_lead_somewhere(page);
    assert_null(strstr(page, " src="));
    assert_null(strstr(page, "url("));
    assert_null(strstr(page, "@import"));
    assert_null(strstr(page, "nan%"));
    assert_null(strstr(page, "inf%"));
    /* No length is negative; what is, keeps the keyboard from stopping at each command. */
    assert_int_equal(count_words(page, "=\"-"), count_words(page, " tabindex=\"-1\""));
}

static int is_capture(const struct dirent *entry)
{
    return strstr(entry->d_name, ".pcap") != NULL || strstr(entry->d_name, ".log") != NULL;
}

static void samples_make_sound_pages(void **state)
{
    struct dirent **captures;
    int count = scandir(BOOTTAP_CAPTURES, &captures, is_capture, alphasort);
    const char *every = getenv("BOOTTAP_EVERY");
    const int step = every != NULL ? (int)strtoul(every, NULL, 10) : 1;

    (void)state;
    assert_true(count > 100);
    for (int i = 0; i < count; i++) {
        char command[512];

        snprintf(command, sizeof(command), "report -o - " BOOTTAP_CAPTURES "/%s",
                 captures[i]->d_name);
        free(captures[i]);
        if (i % step == 0) {
            struct run run = run_program(command);

            assert_int_equal(run.status, 0);
            assert_sound(run.out);
            run_release(&run);
        }
    }
    free(captures);
}

/* captures/README.md: the 21st block, 0x08001400, is refused. Ten pages of 2 KiB are erased
   (RM0444: STM32G071), 20 blocks of 256 bytes written. */
static void a_failed_flash(void **state)
{
    struct run run = run_program("report " BOOTTAP_CAPTURES "/stm32flash-write-nack.pcap -o -");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    assert_non_null(strstr(run.out, "<section class=\"card verdict bad\">"));
    assert_non_null(strstr(run.out, "<dt>Written</dt><dd>5" HTML_SPACE "KiB</dd>"));
    assert_non_null(strstr(run.out, "<dt>Erased</dt><dd>20" HTML_SPACE "KiB</dd><dd>10" HTML_SPACE
                                    "pages</dd>"));
    assert_non_null(strstr(run.out, ">Write Memory</a> at <code>0x08001400\xe2\x80\x93"
                                    "0x080014ff</code>: nack"));
    /* The first two rows of 2 KiB are written, of the third the first 1 KiB, and 256 bytes red */
    assert_int_equal(count_words(run.out, "class=\"s-written\" x=\"0.0000%\" width=\"100.0000%\""),
                     2);
    assert_int_equal(count_words(run.out, "class=\"s-written\" x=\"0.0000%\" width=\"50.0000%\""),
                     1);
    assert_int_equal(count_words(run.out, "class=\"s-refused\" x=\"50.0000%\" width=\"12.5000%\""),
                     1);
    assert_non_null(strstr(run.out, "14" HTML_SPACE "KiB erased, nothing written"));
    run_release(&run);
}

/* Its finding is the verdict, which the headline gives: only why is left to say. */
static void the_verdict_is_said_once(void **state)
{
    struct run run = run_program("report " BOOTTAP_CAPTURES "/usart-not-erased.pcap -o -");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_int_equal(count_words(run.out, "read back differ, from"), 1);
    assert_non_null(
        strstr(run.out, "<dt>Likely why</dt><dd class=\"\">Programming only clears bits"));
    run_release(&run);
}

/* captures/README.md: 20480 bytes, each block read back. */
static void a_good_flash(void **state)
{
    struct run run = run_program("report " BOOTTAP_CAPTURES "/stm32flash-write-verify.pcap -o -");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "<section class=\"card verdict good\">"));
    assert_non_null(strstr(run.out, "<dt>Read back</dt><dd>20" HTML_SPACE "KiB</dd>"));
    assert_int_equal(count_words(run.out, "class=\"s-verified\" x=\"0.0000%\" width=\"100.0000%\""),
                     10);
    assert_int_equal(count_words(run.out, "<rect class=\"failed\""), 0);
    run_release(&run);
}

/* captures/README.md: one write of the same 4 bytes for each error number, 1 to 15 (DFU 1.1
   section 6.1.2). */
static void the_same_failure_is_told_once(void **state)
{
    struct run run = run_program("report " BOOTTAP_CAPTURES "/dfu-every-error.pcap -o -");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_int_equal(count_words(run.out, "0x08000003</code>: error, 15" HTML_SPACE "times</li>"),
                     1);
    run_release(&run);
}

/** Replaces a text by one of the same length, all over a file's bytes. @return how often */
static unsigned replace(char *bytes, size_t length, const char *old, const char *new, size_t size)
{
    unsigned count = 0;

    for (size_t i = 0; i + size <= length; i++)
        if (memcmp(bytes + i, old, size) == 0) {
            memcpy(bytes + i, new, size);
            count++;
        }
    return count;
}

/* The name of the memory is a string of the device, in UTF-16 (USB 2.0 section 9.6.7). */
static void a_hostile_device_string(void **state)
{
    static const char old[] = "I\0n\0t\0e\0r\0n\0a\0l\0 \0F\0l\0a\0s\0h";
    static const char new[] = "<\0s\0v\0g\0 \0o\0n\0l\0o\0a\0d\0=\0'\0>";
    FILE *file = fopen(BOOTTAP_CAPTURES "/dfu-download.pcap", "rb");
    char *bytes = malloc(CAPTURES_SIZE);
    struct run run;
    size_t length;

    (void)state;
    assert_non_null(file);
    assert_non_null(bytes);
    length = fread(bytes, 1, CAPTURES_SIZE, file);
    assert_in_range(length, 1, CAPTURES_SIZE - 1);
    fclose(file);
    assert_int_equal(replace(bytes, length, old, new, sizeof(old) - 1), 1);
    write_file("hostile.pcap", bytes, length);
    free(bytes);
    run = run_program("report hostile.pcap -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_null(strstr(run.out, "<svg onload"));
    assert_non_null(strstr(run.out, "&lt;svg onload=&#39;&gt;"));
    run_release(&run);
}

/* An FDCAN Get (AN5405 section 3.1) and its ACK on an interface of a hostile name. */
static void a_hostile_interface_name(void **state)
{
    static const char log[] = "(1.000000) <a/href='\"&gt;> 000##100\n"
                              "(1.000100) <a/href='\"&gt;> 000##179\n";
    struct run run;

    (void)state;
    write_file("hostile.log", log, sizeof(log) - 1);
    run = run_program("report hostile.log -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_null(strstr(run.out, "<a/href"));
    assert_non_null(strstr(run.out, "&lt;a/href=&#39;&quot;&amp;"));
    run_release(&run);
}

static void a_hostile_file_name(void **state)
{
    struct run run;

    (void)state;
    write_dfu_session("<script>alert(1)<", &usbmon);
    run = run_program("report <script>alert(1)< -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_non_null(strstr(run.out, "<title>&lt;script&gt;alert(1)&lt;: "));
    run_release(&run);
}

/* Each Sync begins a session; 64 are shown. */
static void very_many_sessions(void **state)
{
    struct run run;

    (void)state;
    write_usart_session("flash.pcap", &rtac);
    for (int i = 0; i < 70; i++)
        append_capture("flash.pcap", "many.pcap");
    run = run_program("report many.pcap -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_non_null(strstr(run.out, "packets, 70" HTML_SPACE "sessions</p>"));
    assert_non_null(strstr(run.out, "Session 64 of 70, "));
    assert_null(strstr(run.out, "Session 65 of 70, "));
    assert_non_null(
        strstr(run.out, "6" HTML_SPACE "more sessions are left out; 0 of them failed."));
    run_release(&run);
}

/* small_captures.h: the first 256 bytes of the simulated firmware are written and read back. */
static void the_expected_firmware(void **state)
{
    uint8_t firmware[256];
    struct run run;

    (void)state;
    write_usart_session("flash.pcap", &rtac);
    sim_firmware(firmware, sizeof(firmware));
    write_file("<i>.bin", firmware, sizeof(firmware));
    firmware[7] ^= 1;
    write_file("other.bin", firmware, sizeof(firmware));
    run = run_program("report flash.pcap --expect=./<i>.bin -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_non_null(strstr(run.out, "Firmware <bdi>&lt;i&gt;.bin</bdi>"));
    assert_non_null(
        strstr(run.out, "<p class=\"said\">exactly this was sent: 256" HTML_SPACE "bytes at "));
    run_release(&run);
    run = run_program("report flash.pcap --expect=other.bin --expect-address=0x08000000 -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_non_null(
        strstr(run.out, "<p class=\"said\">not what was sent: 256" HTML_SPACE "bytes at "));
    assert_non_null(strstr(run.out, "<li>0x08000007-0x08000007, 1" HTML_SPACE "byte: differs, "));
    run_release(&run);
    run = run_program("report " BOOTTAP_CAPTURES "/stm32flash-read.pcap --expect=other.bin -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_non_null(strstr(run.out, "No session wrote anything: <bdi>other.bin</bdi> was not"));
    run_release(&run);
    run = run_program("report flash.pcap --expect=missing.bin -o -");
    assert_int_equal(run.status, 2);
    assert_string_equal(run.err, "boottap: missing.bin: No such file or directory\n");
    assert_string_equal(run.out, "");
    run_release(&run);
}

/* A page is sent around; the folders of who made it are not in it. */
static void the_name_of_a_file_without_its_folder(void **state)
{
    struct run run;

    (void)state;
    assert_int_equal(mkdir("secret", 0777), 0);
    write_dfu_session("secret/dfu.pcap", &usbmon);
    run = run_program("report ./secret/dfu.pcap -o -");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "<title>dfu.pcap: "));
    assert_non_null(strstr(run.out, "<h1><bdi>dfu.pcap</bdi></h1>"));
    assert_null(strstr(run.out, "secret"));
    run_release(&run);
    assert_int_equal(unlink("secret/dfu.pcap"), 0);
    assert_int_equal(rmdir("secret"), 0);
}

/* As a shell would need it, and without folders. */
static void version_and_command_line(void **state)
{
    uint8_t firmware[1] = {0};
    struct run run;

    (void)state;
    assert_int_equal(mkdir("secret", 0777), 0);
    write_usart_session("secret/a&b.pcap", &rtac);
    write_file("secret/fw.bin", firmware, sizeof(firmware));
    run = run_program("report -rsecret/a&b.pcap --expect=./secret/fw.bin -o -");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "<p>Made by boottap " BTAP_VERSION
                                    ": <code>boottap report &#39;-ra&amp;b.pcap&#39; "
                                    "--expect=fw.bin -o -</code></p>"));
    assert_null(strstr(run.out, "secret"));
    run_release(&run);
    assert_int_equal(unlink("secret/a&b.pcap"), 0);
    assert_int_equal(unlink("secret/fw.bin"), 0);
    assert_int_equal(rmdir("secret"), 0);
}

/* A page stays about as large as it may be, whatever there is to show: 64 sessions of a sample
   with 180 commands, of which each shows what finds room. */
static void a_page_of_many_sessions_stays_small(void **state)
{
    struct run run;

    (void)state;
    for (int i = 0; i < 70; i++)
        append_capture(BOOTTAP_CAPTURES "/stm32flash-write-verify.pcap", "nacks.pcap");
    run = run_program("report nacks.pcap -o -");
    assert_int_equal(run.status, 0);
    assert_sound(run.out);
    assert_int_equal(count_words(run.out, "<article "), 64);
    /* 2 MB is what docs/report.md says. */
    assert_in_range(run.length, 400000, 2000000);
    run_release(&run);
}

static void the_page_becomes_a_file_at_once(void **state)
{
    struct stat status;
    struct run page;
    struct run run;

    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    write_file("page.html", "old", 3);
    run = run_program("report -r dfu.pcap --output=page.html");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err, "");
    page = run_program("report dfu.pcap -o -");
    assert_int_equal(stat("page.html", &status), 0);
    /* The command lines differ: "-r " and "--output=page.html" for "-o -" */
    assert_int_equal(status.st_size, page.length + 17);
    assert_int_equal(status.st_mode & 0600, 0600);
    run_release(&run);
    run_release(&page);
}

static void assert_refused(const char *command, const char *expected)
{
    struct run run = run_program(command);

    assert_string_equal(run.err, expected);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void wrong_command_lines(void **state)
{
    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    assert_refused("report -o a.html", "boottap: report: no capture file is named; try 'boottap "
                                       "help report'\n");
    assert_refused("report dfu.pcap", "boottap: report: no output is named; use -o OUT.html, or "
                                      "-o - for standard output; try 'boottap help report'\n");
    assert_refused("report dfu.pcap dfu.pcap -o a.html",
                   "boottap: report: the capture file is named twice; try 'boottap help report'\n");
    assert_refused("report dfu.pcap -o ./dfu.pcap",
                   "boottap: report: the page would be written over 'dfu.pcap', which is read; try "
                   "'boottap help "
                   "report'\n");
    assert_refused("report dfu.pcap -o a.html --transfer-size=x",
                   "boottap: report: 'x' is no transfer size; it must be a number from 1 to 65535; "
                   "try 'boottap help report'\n");
    assert_refused("report dfu.pcap -o a.html --nonsense",
                   "boottap: report: unknown option '--nonsense'; try 'boottap help report'\n");
    assert_refused("report missing.pcap -o a.html",
                   "boottap: missing.pcap: No such file or directory\n");
    assert_refused("report dfu.pcap -o missing/a.html",
                   "boottap: missing/a.html: No such file or directory\n");
    assert_int_equal(access("a.html", F_OK), -1);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    assert_refused("report dfu.pcap -o /dev/full", "boottap: /dev/full: No space left on device\n");
}

/* What came before the damage is shown, and that it is not all. */
static void a_damaged_capture(void **state)
{
    struct stat status;
    struct run run;

    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    assert_int_equal(stat("dfu.pcap", &status), 0);
    assert_int_equal(truncate("dfu.pcap", status.st_size - 1), 0);
    run = run_program("report dfu.pcap -o -");
    assert_int_equal(run.status, 2);
    assert_sound(run.out);
    assert_non_null(strstr(run.out, "the file could not be read to its end"));
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_make_sound_pages),
        cmocka_unit_test(a_failed_flash),
        cmocka_unit_test(the_verdict_is_said_once),
        cmocka_unit_test(a_good_flash),
        cmocka_unit_test(the_same_failure_is_told_once),
        cmocka_unit_test(a_hostile_device_string),
        cmocka_unit_test(a_hostile_interface_name),
        cmocka_unit_test(a_hostile_file_name),
        cmocka_unit_test(very_many_sessions),
        cmocka_unit_test(the_expected_firmware),
        cmocka_unit_test(the_name_of_a_file_without_its_folder),
        cmocka_unit_test(version_and_command_line),
        cmocka_unit_test(a_page_of_many_sessions_stays_small),
        cmocka_unit_test(the_page_becomes_a_file_at_once),
        cmocka_unit_test(wrong_command_lines),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(a_damaged_capture),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
