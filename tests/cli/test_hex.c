/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions in hexadecimal: what is written of a capture and read again holds the same transactions.
 */
#include "decode/hex.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "program.h"
#include "test.h"

#define OPEN_FOLDERS     8
#define TRANSACTIONS_MAX 4096
#define SESSION          "session.txt"

struct list {
    size_t length;
    struct btap_transaction transactions[TRANSACTIONS_MAX];
};

static struct capture capture;
static struct list written;
static struct list again;
static size_t compared;

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct list *list = context;

    if (link->transport != BTAP_USART)
        return;
    assert_true(list->length < TRANSACTIONS_MAX);
    list->transactions[list->length++] = *transaction;
}

/** Writes a capture's sessions. @return false: there is nothing of a serial line */
static bool write_session(const char *path)
{
    const struct btap_sink sink = {.context = &written, .transaction = on_transaction};
    const struct btap_options options = btap_options_default();
    const struct filter filter = {0};
    struct btap_record record;
    struct hex *hex;
    FILE *to = fopen(SESSION, "w");
    bool any;

    assert_non_null(to);
    assert_true(input_open(&capture.input, path));
    hex = hex_new(to, &filter, &sink);
    btap_tap_init(&capture.tap, hex_sink(hex), &options);
    while (input_next(&capture.input, &record)) {
        hex_record(hex, &record);
        btap_tap_record(&capture.tap, &record);
    }
    btap_tap_finish(&capture.tap);
    input_close(&capture.input);
    hex_end_file(hex);
    any = hex_is_written(hex);
    hex_free(hex);
    fclose(to);
    return any;
}

/** Times and packets are others, what was said is not. */
static void assert_same(const char *name, const struct btap_transaction *a,
                        const struct btap_transaction *b)
{
    /* That the adapter was pulled out is no byte, and has no place in the notation. */
    const bool pulled = a->status == BTAP_DISCONNECTED && b->status == BTAP_INCOMPLETE;

    if (a->command != b->command || (a->status != b->status && !pulled) || a->phase != b->phase ||
        a->has != b->has || a->opcode != b->opcode || a->address != b->address ||
        a->length != b->length || a->transferred != b->transferred || a->version != b->version ||
        a->pid != b->pid || a->checksum != b->checksum || a->erase != b->erase ||
        a->list_length != b->list_length)
        fail_msg("%s: transaction %d is another one", name, (int)a->n);
}

static int check_file(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    const struct btap_sink sink = {.context = &again, .transaction = on_transaction};
    const struct btap_options options = btap_options_default();
    const char *name = path + place->base;

    (void)status;
    if (kind != FTW_F || strstr(name, ".pcap") == NULL || strstr(path, "/reports/") != NULL)
        return 0;
    written.length = 0;
    again.length = 0;
    if (!write_session(path))
        return 0;
    assert_true(capture_read(&capture, SESSION, &options, &sink));
    if (written.length != again.length)
        fail_msg("%s: %zu transactions, and %zu of what was written", name, written.length,
                 again.length);
    for (size_t i = 0; i < written.length; i++)
        assert_same(name, &written.transactions[i], &again.transactions[i]);
    compared++;
    return 0;
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    assert_int_equal(nftw(BOOTTAP_CAPTURES, check_file, OPEN_FOLDERS, FTW_PHYS), 0);
    assert_true(compared > 100);
}

/** Runs a command line that must succeed. @return what it printed, to be freed */
static char *printed(const char *command_line)
{
    struct run run = run_program(command_line);
    char *out = run.out;

    assert_int_equal(run.status, 0);
    run.out = NULL;
    run_release(&run);
    return out;
}

static void a_session_is_printed(void **state)
{
    static const char text[] = "7F > 79\n02 FD > 79 01 04 50 79\n11 EE > 79\n"
                               "08 00*3 08 > 79; 07 F8 > 79 FF*8\n31 CE > ??\n";
    char *out;

    (void)state;
    write_file("typed.txt", text, sizeof(text) - 1);
    out = printed("decode --hex-out - typed.txt");
    assert_string_equal(out, "# boottap hex: host bytes > device bytes, without times\n"
                             "7F > 79\n02 FD > 79 01 04 50 79\n11 EE > 79\n"
                             "08 00 00 00 08 > 79\n07 F8 > 79 FF*8\n31 CE > ??\n");
    free(out);
    out = printed("decode -q --hex 7F>79");
    assert_non_null(strstr(out, "Sync"));
    free(out);
    out = printed("diagnose -q hex:7F>79;02FD>7901045079");
    assert_non_null(strstr(out, "No fault"));
    free(out);
}

static void what_is_wrong_is_told(void **state)
{
    struct run run;

    (void)state;
    run = run_program("decode --hex 7F>7G");
    assert_int_equal(run.status, 2);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err,
                        "boottap: --hex: column 4: '7G': a byte is two hexadecimal digits, "
                        "such as 7F, or ?? where it is not known\n");
    run_release(&run);
    write_file("bad.txt", "7F > 79\n02 FD > 79 0\n", 20);
    run = run_program("decode -q bad.txt");
    assert_int_equal(run.status, 2);
    assert_non_null(strstr(run.err, "line 2, column 12: '0': a byte is two"));
    run_release(&run);
    run = run_program("decode --hex-out out.txt " BOOTTAP_CAPTURES "/dfu-get.pcap");
    assert_int_equal(run.status, 2);
    assert_non_null(
        strstr(run.err, "out.txt: not written, as there are no bytes of a serial line"));
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_session_is_printed),
        cmocka_unit_test(what_is_wrong_is_told),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
