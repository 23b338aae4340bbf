/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON output: the keys that docs/decode.md promises, in their order, and valid whatever comes in.
 */
#include <json-c/json.h>
#include <string.h>

#include "base/json.h"
#include "output_fixture.h"
#include "test.h"

static void print(struct output_fixture *fixture, const struct btap_transaction *transaction)
{
    fixture->output->transaction(fixture->output,
                                 transaction->transport == BTAP_DFU     ? &usb_link
                                 : transaction->transport == BTAP_FDCAN ? &can_link
                                                                        : &serial_link,
                                 transaction, NULL);
}

/** The line that one transaction becomes, without notes. */
static void assert_line(const struct btap_transaction *transaction, const char *expected)
{
    struct output_fixture *fixture = new_fixture(output_json_new, (struct output_options){0});

    print(fixture, transaction);
    assert_string_equal(end_file(fixture), expected);
    free_fixture(fixture);
}

/** A transaction with nothing special about time and place. */
static struct btap_transaction plain(enum btap_transport transport, enum btap_command command)
{
    return (struct btap_transaction){
        .transport = transport,
        .command = command,
        .n = 1,
        .first_packet = 1,
        .last_packet = 2,
        .time = SESSION_START,
        .duration = 1000,
    };
}

#define PLACE                                                                                      \
    "\"n\":1,\"time\":1436507452.000000,\"time_ns\":1436507452000000000,\"duration\":0.000001,"    \
    "\"first_packet\":1,\"last_packet\":"                                                          \
    "2,"
#define USART_PLACE                                                                                \
    "{\"type\":\"transaction\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\"," PLACE
#define DFU_PLACE                                                                                  \
    "{\"type\":\"transaction\",\"v\":1,\"transport\":\"dfu\",\"link\":\"usb:1.28\"," PLACE
#define FDCAN_PLACE                                                                                \
    "{\"type\":\"transaction\",\"v\":1,\"transport\":\"fdcan\",\"link\":\"can:vcan0\"," PLACE

static void a_write_has_address_length_and_outcome(void **state)
{
    struct btap_transaction transaction = write_transaction(3);

    (void)state;
    assert_line(
        &transaction,
        "{\"type\":\"transaction\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\",\"n\":3,"
        "\"time\":1436507452.002500,\"time_ns\":1436507452002500000,\"duration\":0.001500,"
        "\"first_packet\":5,\"last_packet\":9,"
        "\"command\":\"write-memory\",\"opcode\":49,\"status\":\"ok\","
        "\"address\":134218752,\"length\":256,\"transferred\":256}\n");
    transaction.status = BTAP_NACK;
    transaction.phase = BTAP_PHASE_CHECKSUM;
    transaction.transferred = 0;
    assert_line(
        &transaction,
        "{\"type\":\"transaction\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\",\"n\":3,"
        "\"time\":1436507452.002500,\"time_ns\":1436507452002500000,\"duration\":0.001500,"
        "\"first_packet\":5,\"last_packet\":9,"
        "\"command\":\"write-memory\",\"opcode\":49,\"status\":\"nack\","
        "\"phase\":\"checksum\","
        "\"address\":134218752,\"length\":256,\"transferred\":0}\n");
}

static void get_has_version_and_commands(void **state)
{
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_GET);

    (void)state;
    transaction.has = BTAP_HAS_VERSION;
    transaction.version = 0x31;
    transaction.list_kind = BTAP_LIST_COMMANDS;
    transaction.list_announced = 2;
    transaction.list_length = 2;
    transaction.list[0] = 0x00;
    transaction.list[1] = 0xa1;
    assert_line(&transaction, USART_PLACE "\"command\":\"get\",\"status\":\"ok\","
                                          "\"version\":\"3.1\",\"commands\":[0,161]}\n");
}

static void get_version_and_get_id_have_what_they_answer(void **state)
{
    struct btap_transaction version = plain(BTAP_USART, BTAP_GET_VERSION);
    struct btap_transaction id = plain(BTAP_USART, BTAP_GET_ID);

    (void)state;
    version.has = BTAP_HAS_VERSION | BTAP_HAS_OPTION_BYTES;
    version.version = 0x22;
    version.option_bytes[1] = 255;
    assert_line(&version, USART_PLACE "\"command\":\"get-version\",\"status\":\"ok\","
                                      "\"version\":\"2.2\",\"option_bytes\":[0,255]}\n");
    id.has = BTAP_HAS_PID;
    id.pid = 0x413;
    assert_line(&id, USART_PLACE "\"command\":\"get-id\",\"status\":\"ok\",\"pid\":1043}\n");
}

static void an_erase_has_pages_or_a_name(void **state)
{
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_EXTENDED_ERASE);

    (void)state;
    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_announced = 3;
    transaction.list_length = 2;
    transaction.list[0] = 7;
    transaction.list[1] = 500;
    assert_line(&transaction, USART_PLACE "\"command\":\"extended-erase\",\"status\":\"ok\","
                                          "\"pages\":[7,500],\"announced\":3}\n");
    transaction.erase = BTAP_ERASE_MASS;
    transaction.list_kind = BTAP_LIST_NONE;
    assert_line(&transaction, USART_PLACE "\"command\":\"extended-erase\",\"status\":\"ok\","
                                          "\"erase\":\"mass\"}\n");
    transaction.erase = BTAP_ERASE_BANK2;
    assert_line(&transaction, USART_PLACE "\"command\":\"extended-erase\",\"status\":\"ok\","
                                          "\"erase\":\"bank2\"}\n");
    transaction.erase = BTAP_ERASE_RESERVED;
    assert_line(&transaction, USART_PLACE "\"command\":\"extended-erase\",\"status\":\"ok\","
                                          "\"erase\":\"reserved\"}\n");
}

static void write_protect_has_sectors(void **state)
{
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_WRITE_PROTECT);

    (void)state;
    transaction.list_kind = BTAP_LIST_SECTORS;
    transaction.list_announced = 1;
    transaction.list_length = 1;
    transaction.list[0] = 5;
    assert_line(&transaction,
                USART_PLACE "\"command\":\"write-protect\",\"status\":\"ok\",\"sectors\":[5]}\n");
}

static void get_checksum_has_polynomial_initial_value_and_crc(void **state)
{
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_GET_CHECKSUM);

    (void)state;
    transaction.has = BTAP_HAS_CHECKSUM | BTAP_HAS_POLYNOMIAL | BTAP_HAS_INITIAL;
    transaction.checksum = 0xdeadbeef;
    transaction.polynomial = 0x04c11db7;
    transaction.initial = 0xffffffff;
    assert_line(&transaction, USART_PLACE "\"command\":\"get-checksum\",\"status\":\"ok\","
                                          "\"checksum\":3735928559,\"polynomial\":79764919,"
                                          "\"initial\":4294967295}\n");
}

static void special_has_lengths_and_status(void **state)
{
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_EXTENDED_SPECIAL);

    (void)state;
    transaction.has = BTAP_HAS_SUBCOMMAND | BTAP_HAS_SPECIAL_STATUS;
    transaction.subcommand = 0x54;
    transaction.sent_length = 4;
    transaction.sent2_length = 1024;
    transaction.received_length = 0;
    transaction.special_status_length = 2;
    transaction.special_status[1] = 0xa5;
    assert_line(&transaction, USART_PLACE "\"command\":\"extended-special\",\"status\":\"ok\","
                                          "\"subcommand\":84,\"sent_length\":4,"
                                          "\"sent2_length\":1024,\"received_length\":0,"
                                          "\"special_status_length\":2,"
                                          "\"special_status\":\"00a5\"}\n");
    /* Longer than what is kept */
    transaction.command = BTAP_SPECIAL;
    transaction.special_status_length = 300;
    assert_line(&transaction, USART_PLACE "\"command\":\"special\",\"status\":\"ok\","
                                          "\"subcommand\":84,\"sent_length\":4,"
                                          "\"received_length\":0,\"special_status_length\":300,"
                                          "\"special_status\":"
                                          "\"00a50000000000000000000000000000\"}\n");
}

/* DFU 1.1 section 6.1.2: bState 5 dfuDNLOAD-IDLE, bStatus 0 OK; 11 and up are no states */
static void dfu_has_states_and_polls(void **state)
{
    struct btap_transaction transaction = plain(BTAP_DFU, BTAP_WRITE_MEMORY);

    (void)state;
    transaction.has = BTAP_HAS_BLOCK | BTAP_HAS_DFU_STATUS | BTAP_HAS_POLLS;
    transaction.block = 2;
    transaction.dfu_state = 5;
    transaction.polls = 2;
    transaction.busy = 72499999;
    transaction.poll_timeout_ms = 72;
    transaction.alternate = 1;
    assert_line(&transaction,
                DFU_PLACE "\"command\":\"write-memory\",\"status\":\"ok\",\"block\":2,"
                          "\"dfu_state\":\"dfuDNLOAD-IDLE\",\"dfu_status\":\"OK\",\"polls\":2,"
                          "\"busy_ms\":72.499,\"poll_timeout_ms\":72,\"alternate\":1}\n");
    transaction = plain(BTAP_DFU, BTAP_GET_STATE);
    transaction.has = BTAP_HAS_DFU_STATE;
    transaction.dfu_state = 11;
    assert_line(&transaction, DFU_PLACE "\"command\":\"get-state\",\"status\":\"ok\","
                                        "\"dfu_state\":11,\"alternate\":0}\n");
}

static void fdcan_has_identifiers(void **state)
{
    struct btap_transaction transaction = plain(BTAP_FDCAN, BTAP_GO);

    (void)state;
    transaction.has = BTAP_HAS_CAN_ID | BTAP_HAS_REPLY_ID;
    transaction.request_id = 0x521;
    transaction.reply_id = 0x111;
    assert_line(&transaction, FDCAN_PLACE "\"command\":\"go\",\"status\":\"ok\","
                                          "\"request_id\":1313,\"reply_id\":273}\n");
}

static void the_payload_has_its_crc32(void **state)
{
    static struct collected collected = {.has_crc32 = true, .crc32 = 0xcbf43926};
    struct output_fixture *fixture = new_fixture(output_json_new, (struct output_options){0});
    const struct btap_transaction transaction = plain(BTAP_USART, BTAP_WRITE_MEMORY);

    (void)state;
    fixture->output->transaction(fixture->output, &serial_link, &transaction, &collected);
    assert_string_equal(end_file(fixture), USART_PLACE
                        "\"command\":\"write-memory\",\"status\":\"ok\",\"crc32\":3421780262}\n");
    free_fixture(fixture);
}

static void notes_are_listed(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.notes = true});
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_SYNC);

    (void)state;
    print(fixture, &transaction);
    transaction.notes_length = 1;
    transaction.notes[0] =
        (struct btap_note){.id = BTAP_NOTE_TRUNCATED, .arg = {40, 64}, .packet = 2};
    print(fixture, &transaction);
    assert_string_equal(
        end_file(fixture), USART_PLACE
        "\"command\":\"sync\",\"status\":\"ok\",\"notes\":[]}\n" USART_PLACE
        "\"command\":\"sync\",\"status\":\"ok\",\"notes\":[{\"id\":\"truncated-packet\","
        "\"severity\":\"warn\",\"packet\":2,\"text\":\"the record holds 40 of 64 bytes, "
        "the rest was not recorded\"}]}\n");
    free_fixture(fixture);
}

static void more_notes_than_are_kept_are_counted(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.notes = true});
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_SYNC);

    (void)state;
    transaction.notes_length = BTAP_NOTES_MAX + 5;
    for (size_t i = 0; i < BTAP_NOTES_MAX; i++)
        transaction.notes[i].id = BTAP_NOTE_TRUNCATED;
    print(fixture, &transaction);
    assert_non_null(strstr(end_file(fixture), "}],\"notes_omitted\":5}\n"));
    free_fixture(fixture);
}

static void a_note_of_no_transaction_has_no_command(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.notes = true});
    const struct btap_note note = {
        .id = BTAP_NOTE_TRUNCATED, .arg = {40, 64}, .packet = 7, .time = SESSION_START};

    (void)state;
    fixture->output->note(fixture->output, &serial_link, 0, &note);
    fixture->output->note(fixture->output, &serial_link, 4, &note);
    assert_string_equal(end_file(fixture),
                        "{\"type\":\"note\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\","
                        "\"time\":1436507452.000000,\"time_ns\":1436507452000000000,"
                        "\"first_packet\":7,\"last_packet\":7,\"notes\":["
                        "{\"id\":\"truncated-packet\",\"severity\":\"warn\",\"packet\":7,"
                        "\"text\":\"the record holds 40 of 64 bytes, the rest was not "
                        "recorded\"}]}\n");
    free_fixture(fixture);
}

static void fields_have_place_bytes_and_value(void **state)
{
    static struct collected collected;
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.fields = true});
    const struct btap_transaction transaction = plain(BTAP_USART, BTAP_GO);

    (void)state;
    collected_clear(&collected);
    collect_field(&collected, 1, BTAP_FIELD_ADDRESS, 6, 12, "\x08\x00\x04\x00", 4, 0x08000400);
    collect_field(&collected, 1, BTAP_FIELD_DATA, 7, 13, "ab", 2, 0);
    fixture->output->transaction(fixture->output, &serial_link, &transaction, &collected);
    assert_string_equal(
        end_file(fixture), USART_PLACE
        "\"command\":\"go\",\"status\":\"ok\",\"fields\":["
        "{\"name\":\"address\",\"direction\":\"host\",\"packet\":6,\"offset\":12,\"length\":4,"
        "\"bytes\":\"08000400\",\"value\":134218752,\"text\":\"0x08000400\"},"
        "{\"name\":\"data\",\"direction\":\"host\",\"packet\":7,\"offset\":13,\"length\":2,"
        "\"bytes\":\"6162\"}]}\n");
    free_fixture(fixture);
}

static void fields_outside_transactions_have_no_command(void **state)
{
    static struct collected collected;
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.fields = true});

    (void)state;
    collected_clear(&collected);
    collect_field(&collected, 0, BTAP_FIELD_SKIPPED, 6, 12, "Z", 1, 0);
    fixture->output->outside(fixture->output, &serial_link, &collected);
    assert_string_equal(end_file(fixture),
                        "{\"type\":\"bytes\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\","
                        "\"first_packet\":6,"
                        "\"last_packet\":6,\"fields\":[{\"name\":\"skipped\","
                        "\"direction\":\"host\",\"packet\":6,\"offset\":12,\"length\":1,"
                        "\"bytes\":\"5a\"}]}\n");
    free_fixture(fixture);
}

static void nanoseconds_are_kept(void **state)
{
    struct output_fixture *fixture = new_fixture(output_json_new, (struct output_options){0});
    struct btap_transaction transaction = plain(BTAP_USART, BTAP_SYNC);

    (void)state;
    fixture->stream.digits = 9;
    transaction.time += 123456789;
    transaction.duration = 7;
    print(fixture, &transaction);
    assert_string_equal(
        end_file(fixture),
        "{\"type\":\"transaction\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\",\"n\":1,"
        "\"time\":1436507452.123456789,\"time_ns\":1436507452123456789,\"duration\":0.000000007,"
        "\"first_packet\":1,\"last_packet\":2,\"command\":\"sync\","
        "\"status\":\"ok\"}\n");
    free_fixture(fixture);
}

/* A file name and an interface name of every kind of byte: the line must parse and hold them. */
static void hostile_names_make_valid_json(void **state)
{
    const struct btap_link hostile = {
        .kind = BTAP_LINK_CAN, .transport = BTAP_FDCAN, .interface = "\"\\\033\n\xff\xc3\xa9\xc2"};
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.several_files = true});
    const struct btap_transaction transaction = plain(BTAP_FDCAN, BTAP_GO);
    struct json_tokener *tokener = json_tokener_new_ex(8);
    struct json_object *object;
    struct json_object *value;
    const char *line;

    (void)state;
    /* No flags: with JSON_TOKENER_STRICT json-c 0.18 takes bytes beyond ASCII for control
     * characters. */
    fixture->stream.name = "a\"b/\xf0\x9f\x98\x80\xed\xa0\x80";
    fixture->output->transaction(fixture->output, &hostile, &transaction, NULL);
    line = end_file(fixture);
    assert_int_equal(strchr(line, '\n') - line, strlen(line) - 1);
    for (const char *byte = line; *byte != '\n'; byte++)
        assert_true((unsigned char)*byte >= 0x20);
    object = json_tokener_parse_ex(tokener, line, (int)strlen(line));
    assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
    assert_true(json_object_object_get_ex(object, "link", &value));
    assert_string_equal(json_object_get_string(value),
                        "can:\"\\\033\n\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
    assert_true(json_object_object_get_ex(object, "file", &value));
    assert_string_equal(json_object_get_string(value),
                        "a\"b/\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    json_object_put(object);
    json_tokener_free(tokener);
    free_fixture(fixture);
}

/* RFC 8259 section 7: \u and four digits, in surrogates above U+FFFF. C1, DEL and bidirectional
 * controls. */
static void what_a_terminal_would_obey_stands_as_numbers(void **state)
{
    const struct btap_link hostile = {.kind = BTAP_LINK_CAN,
                                      .transport = BTAP_FDCAN,
                                      /* NOLINTNEXTLINE(misc-misleading-bidirectional) */
                                      .interface = "\xc2\x9b\x7f\xe2\x80\xae\"\\\xc3\xa9"};
    struct output_fixture *fixture =
        new_fixture(output_json_new, (struct output_options){.several_files = true});
    const struct btap_transaction transaction = plain(BTAP_FDCAN, BTAP_GO);

    (void)state;
    fixture->stream.name = "a\xf0\x9f\xbf\xbe\xef\xbf\xbf";
    fixture->output->transaction(fixture->output, &hostile, &transaction, NULL);
    assert_non_null(strstr(end_file(fixture),
                           "\"file\":\"a\\ud83f\\udffe\\uffff\","
                           "\"transport\":\"fdcan\",\"link\":\"can:\\u009b\\u007f"
                           "\\u202e\\\"\\\\\xc3\xa9\","));
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_has_address_length_and_outcome),
        cmocka_unit_test(get_has_version_and_commands),
        cmocka_unit_test(get_version_and_get_id_have_what_they_answer),
        cmocka_unit_test(an_erase_has_pages_or_a_name),
        cmocka_unit_test(write_protect_has_sectors),
        cmocka_unit_test(get_checksum_has_polynomial_initial_value_and_crc),
        cmocka_unit_test(special_has_lengths_and_status),
        cmocka_unit_test(dfu_has_states_and_polls),
        cmocka_unit_test(fdcan_has_identifiers),
        cmocka_unit_test(the_payload_has_its_crc32),
        cmocka_unit_test(notes_are_listed),
        cmocka_unit_test(more_notes_than_are_kept_are_counted),
        cmocka_unit_test(a_note_of_no_transaction_has_no_command),
        cmocka_unit_test(fields_have_place_bytes_and_value),
        cmocka_unit_test(fields_outside_transactions_have_no_command),
        cmocka_unit_test(nanoseconds_are_kept),
        cmocka_unit_test(hostile_names_make_valid_json),
        cmocka_unit_test(what_a_terminal_would_obey_stands_as_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
