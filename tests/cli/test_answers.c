/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers held against the recorded ones: what counts, what depends on the device, and the words.
 * Sums are those of the CRC catalogue: CRC-32 of "123456789" is 0xcbf43926.
 */
#include <string.h>

#include "replay/answers.h"
#include "test.h"

#define FLASH 0x08000000u
#define RAM   0x20001000u

static const uint8_t digits[] = "123456789";
static const uint8_t others[] = "123456780";
#define DIGITS_LENGTH 9
#define DIGITS_CRC    0xcbf43926u

/** A recorded command and the answer that the device gave. */
struct pair {
    struct plan_command command;
    struct host_answer answer;
};

static struct pair pair_of(enum btap_transport transport, enum btap_command command)
{
    struct pair pair = {.command = {.origin = PLAN_RECORDED}};

    pair.command.transaction.transport = transport;
    pair.command.transaction.command = command;
    pair.answer.transaction = pair.command.transaction;
    return pair;
}

static void place(struct pair *pair, uint32_t address, uint32_t length)
{
    struct btap_transaction *const both[] = {&pair->command.transaction, &pair->answer.transaction};

    for (size_t i = 0; i < 2; i++) {
        both[i]->has |= BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
        both[i]->address = address;
        both[i]->length = length;
    }
}

/** Sets how the recorded device answered, and how this one does. */
static void outcome(struct pair *pair, enum btap_status recorded, enum btap_phase recorded_phase,
                    enum btap_status answered, enum btap_phase answered_phase)
{
    pair->command.transaction.status = recorded;
    pair->command.transaction.phase = recorded_phase;
    pair->answer.transaction.status = answered;
    pair->answer.transaction.phase = answered_phase;
}

/** @return the words; "" of the same */
static const char *take(struct answers *answers, const struct pair *pair)
{
    static char words[512];
    const bool same = answers_take(answers, &pair->command, &pair->answer, words, sizeof(words));

    assert_int_equal(same, words[0] == '\0');
    return words;
}

static const char *take_alone(const struct answer_options *options, const struct pair *pair)
{
    struct answers answers;
    const char *words;

    answers_init(&answers, options);
    words = take(&answers, pair);
    answers_release(&answers);
    return words;
}

static const struct answer_options usual;
static const struct answer_options strict = {.strict = true};

static void the_outcome_counts(void **state)
{
    struct pair pair = pair_of(BTAP_USART, BTAP_WRITE_MEMORY);

    (void)state;
    place(&pair, FLASH, 256);
    outcome(&pair, BTAP_OK, BTAP_PHASE_NONE, BTAP_OK, BTAP_PHASE_NONE);
    assert_string_equal(take_alone(&usual, &pair), "");
    outcome(&pair, BTAP_OK, BTAP_PHASE_NONE, BTAP_NACK, BTAP_PHASE_ADDRESS);
    assert_string_equal(take_alone(&usual, &pair), "status: ok -> nack (address)");
    outcome(&pair, BTAP_NACK, BTAP_PHASE_ADDRESS, BTAP_OK, BTAP_PHASE_NONE);
    assert_string_equal(take_alone(&usual, &pair), "status: nack (address) -> ok");
    outcome(&pair, BTAP_NACK, BTAP_PHASE_ADDRESS, BTAP_NACK, BTAP_PHASE_ADDRESS);
    assert_string_equal(take_alone(&usual, &pair), "");
    outcome(&pair, BTAP_NACK, BTAP_PHASE_ADDRESS, BTAP_NACK, BTAP_PHASE_DATA);
    assert_string_equal(take_alone(&usual, &pair), "phase: address -> data");
    outcome(&pair, BTAP_OK, BTAP_PHASE_NONE, BTAP_NO_REPLY, BTAP_PHASE_DATA);
    assert_string_equal(take_alone(&usual, &pair), "status: ok -> no-reply (data)");
}

static void ignored_aspects_do_not_count(void **state)
{
    const struct answer_options options = {.ignored = BTAP_ASPECT_BIT(BTAP_ASPECT_STATUS) |
                                                      BTAP_ASPECT_BIT(BTAP_ASPECT_PHASE)};
    struct pair pair = pair_of(BTAP_USART, BTAP_GO);

    (void)state;
    outcome(&pair, BTAP_OK, BTAP_PHASE_NONE, BTAP_NACK, BTAP_PHASE_ADDRESS);
    assert_string_equal(take_alone(&options, &pair), "");
}

static void what_the_device_is_counts_if_strict(void **state)
{
    struct pair get = pair_of(BTAP_USART, BTAP_GET);
    struct pair version = pair_of(BTAP_FDCAN, BTAP_GET_VERSION);

    (void)state;
    get.command.transaction.list_kind = BTAP_LIST_COMMANDS;
    get.command.transaction.list_length = 2;
    get.command.transaction.list_announced = 2;
    get.command.transaction.list[1] = 0x11;
    get.answer.transaction = get.command.transaction;
    get.answer.transaction.list[1] = 0x21;
    assert_string_equal(take_alone(&usual, &get), "");
    assert_string_equal(take_alone(&strict, &get), "list: 0 17 -> 0 33");

    version.command.transaction.has = BTAP_HAS_VERSION | BTAP_HAS_OPTION_BYTES | BTAP_HAS_REPLY_ID;
    version.command.transaction.version = 0x31;
    version.command.transaction.reply_id = 0x111;
    version.answer.transaction = version.command.transaction;
    version.answer.transaction.version = 0x30;
    version.answer.transaction.option_bytes[1] = 7;
    version.answer.transaction.reply_id = 1;
    assert_string_equal(take_alone(&usual, &version), "");
    assert_string_equal(take_alone(&strict, &version),
                        "version: 3.1 -> 3.0, option_bytes: 0x0000 -> 0x0007, "
                        "reply_id: 0x111 -> 0x001");
}

/** The id is held against the plan's by who sends it, before anything changes. */
static void another_id_is_not_told_here(void **state)
{
    struct pair pair = pair_of(BTAP_USART, BTAP_GET_ID);

    (void)state;
    pair.command.transaction.has = BTAP_HAS_PID;
    pair.command.transaction.pid = 0x413;
    pair.answer.transaction = pair.command.transaction;
    pair.answer.transaction.pid = 0x410;
    assert_string_equal(take_alone(&strict, &pair), "");
}

static struct pair read_of(uint32_t address, const uint8_t *bytes)
{
    struct pair pair = pair_of(BTAP_USART, BTAP_READ_MEMORY);

    place(&pair, address, DIGITS_LENGTH);
    pair.command.transaction.transferred = DIGITS_LENGTH;
    pair.command.has_crc32 = true;
    pair.command.crc32 = DIGITS_CRC;
    pair.answer.data = (uint8_t *)(uintptr_t)bytes;
    pair.answer.length = DIGITS_LENGTH;
    return pair;
}

static struct pair write_of(uint32_t address, uint32_t length)
{
    struct pair pair = pair_of(BTAP_USART, BTAP_WRITE_MEMORY);

    place(&pair, address, length);
    return pair;
}

#define OTHER_SUM "crc32: 0xcbf43926 -> 0x"

static void data_count_where_the_replay_wrote_them(void **state)
{
    const struct pair other = read_of(FLASH + 16, others);
    const struct pair equal = read_of(FLASH + 16, digits);
    const struct pair before = write_of(FLASH, 24);
    const struct pair rest = write_of(FLASH + 24, 8);
    struct answers answers;

    (void)state;
    answers_init(&answers, &usual);
    assert_string_equal(take(&answers, &other), "");
    /* Bytes 16 to 23 of 16 to 24 */
    assert_string_equal(take(&answers, &before), "");
    assert_string_equal(take(&answers, &other), "");
    assert_string_equal(take(&answers, &rest), "");
    assert_string_equal(take(&answers, &equal), "");
    assert_memory_equal(take(&answers, &other), OTHER_SUM, sizeof(OTHER_SUM) - 1);
    answers_release(&answers);
    assert_memory_equal(take_alone(&strict, &other), OTHER_SUM, sizeof(OTHER_SUM) - 1);
    assert_string_equal(take_alone(&strict, &equal), "");
}

static void a_write_that_failed_wrote_nothing(void **state)
{
    const struct pair other = read_of(FLASH, others);
    struct pair write = write_of(FLASH, 16);
    struct answers answers;

    (void)state;
    outcome(&write, BTAP_NACK, BTAP_PHASE_DATA, BTAP_NACK, BTAP_PHASE_DATA);
    answers_init(&answers, &usual);
    assert_string_equal(take(&answers, &write), "");
    assert_string_equal(take(&answers, &other), "");
    answers_release(&answers);
}

static void ram_changes_by_itself(void **state)
{
    const struct pair other = read_of(RAM, others);
    const struct pair write = write_of(RAM, 16);
    struct answers answers;

    (void)state;
    answers_init(&answers, &usual);
    assert_string_equal(take(&answers, &write), "");
    assert_string_equal(take(&answers, &other), "");
    answers_release(&answers);
}

static void masked_memory_does_not_count(void **state)
{
    struct answer_options options = {.strict = false};
    const struct pair write = write_of(FLASH, 64);
    const struct pair beside = read_of(FLASH, others);
    const struct pair inside = read_of(FLASH + 12, others);
    struct answers answers;

    (void)state;
    ranges_add(&options.masked, (struct btap_range){FLASH + 20, FLASH + 20});
    answers_init(&answers, &options);
    assert_string_equal(take(&answers, &write), "");
    assert_string_equal(take(&answers, &inside), "");
    assert_string_not_equal(take(&answers, &beside), "");
    answers_release(&answers);
    ranges_release(&options.masked);
}

static void fewer_bytes_are_another_answer(void **state)
{
    const struct pair write = write_of(FLASH, 64);
    struct pair read = read_of(FLASH, digits);
    struct answers answers;

    (void)state;
    read.answer.length = 4;
    answers_init(&answers, &usual);
    assert_string_equal(take(&answers, &write), "");
    /* CRC-32 of "1234" */
    assert_string_equal(take(&answers, &read),
                        "transferred: 9 -> 4, crc32: 0xcbf43926 -> 0x9be3e0a3");
    answers_release(&answers);
}

static void a_checksum_counts_over_what_was_written(void **state)
{
    const struct pair write = write_of(FLASH, 64);
    struct pair pair = pair_of(BTAP_USART, BTAP_GET_CHECKSUM);
    struct answers answers;

    (void)state;
    place(&pair, FLASH, 64);
    pair.command.transaction.has |= BTAP_HAS_CHECKSUM;
    pair.command.transaction.checksum = 0x1234;
    pair.answer.transaction = pair.command.transaction;
    pair.answer.transaction.checksum = 0x1235;
    answers_init(&answers, &usual);
    assert_string_equal(take(&answers, &pair), "");
    assert_string_equal(take(&answers, &write), "");
    assert_string_equal(take(&answers, &pair), "checksum: 0x00001234 -> 0x00001235");
    answers_release(&answers);
}

static struct pair status_of(uint8_t recorded, uint8_t answered)
{
    struct pair pair = pair_of(BTAP_DFU, BTAP_GET_STATUS);

    pair.command.transaction.has = BTAP_HAS_DFU_STATUS;
    pair.command.transaction.dfu_state = recorded;
    pair.answer.transaction = pair.command.transaction;
    pair.answer.transaction.dfu_state = answered;
    return pair;
}

/** DFU 1.1 section 6.1.2: dfuIDLE 2, dfuDNLOAD-IDLE 5, dfuERROR 10. */
static void what_a_dfu_device_did_before_does_not_count(void **state)
{
    const struct pair leading = status_of(2, 10);
    struct pair refused = pair_of(BTAP_DFU, BTAP_CLEAR_STATUS);
    struct pair erase = pair_of(BTAP_DFU, BTAP_ERASE);
    struct answers answers;

    (void)state;
    outcome(&refused, BTAP_OK, BTAP_PHASE_NONE, BTAP_STALL, BTAP_PHASE_REQUEST);
    answers_init(&answers, &usual);
    assert_string_equal(take(&answers, &leading), "");
    assert_string_equal(take(&answers, &refused), "");
    assert_string_equal(take(&answers, &erase), "");
    assert_string_equal(take(&answers, &leading), "dfu_state: dfuIDLE -> dfuERROR");
    assert_string_equal(take(&answers, &refused), "status: ok -> stall (request)");
    answers_release(&answers);
    outcome(&refused, BTAP_OK, BTAP_PHASE_NONE, BTAP_DISCONNECTED, BTAP_PHASE_REQUEST);
    assert_string_equal(take_alone(&usual, &refused), "status: ok -> disconnected (request)");
}

/** A hasty host saw dfuDNBUSY last; this one waited. */
static void how_often_was_polled_does_not_count(void **state)
{
    struct pair pair = pair_of(BTAP_DFU, BTAP_WRITE_MEMORY);

    (void)state;
    pair.command.transaction.has = BTAP_HAS_DFU_STATUS | BTAP_HAS_POLLS;
    pair.command.transaction.dfu_state = 4;
    pair.command.transaction.polls = 1;
    pair.command.transaction.busy = 1000;
    pair.answer.transaction = pair.command.transaction;
    pair.answer.transaction.dfu_state = 5;
    pair.answer.transaction.polls = 4;
    pair.answer.transaction.busy = 4000;
    assert_string_equal(take_alone(&usual, &pair), "");
}

static void the_replays_own_commands_must_succeed(void **state)
{
    struct pair pair = pair_of(BTAP_USART, BTAP_GET_ID);
    struct pair sync = pair_of(BTAP_USART, BTAP_SYNC);

    (void)state;
    pair.command.origin = PLAN_ADDED;
    assert_string_equal(take_alone(&usual, &pair), "");
    outcome(&pair, BTAP_OK, BTAP_PHASE_NONE, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(take_alone(&usual, &pair), "status: ok -> nack (command)");
    /* In synchronism already: half a command, refused */
    sync.command.origin = PLAN_ADDED;
    outcome(&sync, BTAP_OK, BTAP_PHASE_NONE, BTAP_NACK, BTAP_PHASE_SYNC);
    assert_string_equal(take_alone(&usual, &sync), "");
}

static void what_is_read_back_must_be_the_image(void **state)
{
    struct pair equal = read_of(FLASH, digits);
    struct pair other = read_of(FLASH, others);

    (void)state;
    equal.command.origin = PLAN_FITTED;
    other.command.origin = PLAN_FITTED;
    assert_string_equal(take_alone(&usual, &equal), "");
    assert_memory_equal(take_alone(&usual, &other), OTHER_SUM, sizeof(OTHER_SUM) - 1);
}

static void words_are_cut_to_their_room(void **state)
{
    struct pair pair = pair_of(BTAP_USART, BTAP_GO);
    struct answers answers;
    char words[12];

    (void)state;
    outcome(&pair, BTAP_OK, BTAP_PHASE_NONE, BTAP_NACK, BTAP_PHASE_ADDRESS);
    answers_init(&answers, &usual);
    assert_false(answers_take(&answers, &pair.command, &pair.answer, words, sizeof(words)));
    assert_string_equal(words, "status: ok ");
    answers_release(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_outcome_counts),
        cmocka_unit_test(ignored_aspects_do_not_count),
        cmocka_unit_test(what_the_device_is_counts_if_strict),
        cmocka_unit_test(another_id_is_not_told_here),
        cmocka_unit_test(data_count_where_the_replay_wrote_them),
        cmocka_unit_test(a_write_that_failed_wrote_nothing),
        cmocka_unit_test(ram_changes_by_itself),
        cmocka_unit_test(masked_memory_does_not_count),
        cmocka_unit_test(fewer_bytes_are_another_answer),
        cmocka_unit_test(a_checksum_counts_over_what_was_written),
        cmocka_unit_test(what_a_dfu_device_did_before_does_not_count),
        cmocka_unit_test(how_often_was_polled_does_not_count),
        cmocka_unit_test(the_replays_own_commands_must_succeed),
        cmocka_unit_test(what_is_read_back_must_be_the_image),
        cmocka_unit_test(words_are_cut_to_their_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
