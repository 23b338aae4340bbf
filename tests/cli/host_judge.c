/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "test.h"

const struct gate_permit judge_permit = {
    .allowed = (1u << PLAN_PERMISSIONS) - 1, .confirmed = true, .irreversible = true};

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    struct judge *judge = context;

    judge->linktype = interface->linktype;
    return 0;
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct judge *judge = context;
    const struct btap_record one = {
        .linktype = judge->linktype,
        .packet = ++judge->packets,
        .time = record->time,
        .direction = record->direction,
        .bytes = record->bytes,
        .captured = record->captured,
        .length = record->length,
    };

    btap_tap_record(&judge->tap, &one);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct judge *judge = context;

    (void)link;
    assert_true(judge->seen_length < JUDGE_ANSWERS_MAX);
    judge->seen[judge->seen_length++] = *transaction;
}

void judge_start(struct judge *judge)
{
    memset(judge, 0, sizeof(*judge));
    judge->sink = (struct traffic_sink){judge, on_interface, on_record};
    judge->consumer = (struct btap_sink){.context = judge, .transaction = on_transaction};
    judge->seen = allocate(JUDGE_ANSWERS_MAX * sizeof(*judge->seen));
    judge->answers = allocate(JUDGE_ANSWERS_MAX * sizeof(*judge->answers));
    btap_tap_init(&judge->tap, &judge->consumer, NULL);
}

void judge_keep(struct judge *judge, const struct host_answer *answer)
{
    /* Of nothing that was sent */
    if (answer->transaction.last_packet < answer->transaction.first_packet)
        return;
    assert_true(judge->answers_length < JUDGE_ANSWERS_MAX);
    judge->answers[judge->answers_length++] = answer->transaction;
}

void judge_words(const struct judge *judge, char *words, size_t size)
{
    size_t length = 0;

    words[0] = '\0';
    for (size_t i = 0; i < judge->seen_length && length < size; i++) {
        char outcome[BTAP_DESCRIBE_SIZE];

        length +=
            (size_t)snprintf(words + length, size - length, "%s%s %s", i > 0 ? ", " : "",
                             btap_command_name(judge->seen[i].command),
                             btap_transaction_outcome(&judge->seen[i], outcome, sizeof(outcome)));
    }
}

/** Members that both must tell alike, whatever the transport. */
static const enum btap_member judged[] = {
    BTAP_MEMBER_COMMAND,      BTAP_MEMBER_OPCODE,          BTAP_MEMBER_STATUS,
    BTAP_MEMBER_PHASE,        BTAP_MEMBER_ADDRESS,         BTAP_MEMBER_LENGTH,
    BTAP_MEMBER_ERASE,        BTAP_MEMBER_VERSION,         BTAP_MEMBER_OPTION_BYTES,
    BTAP_MEMBER_PID,          BTAP_MEMBER_SUBCOMMAND,      BTAP_MEMBER_SENT_LENGTH,
    BTAP_MEMBER_SENT2_LENGTH, BTAP_MEMBER_RECEIVED_LENGTH, BTAP_MEMBER_SPECIAL_STATUS_LENGTH,
    BTAP_MEMBER_BLOCK,        BTAP_MEMBER_DFU_STATE,       BTAP_MEMBER_DFU_STATUS,
    BTAP_MEMBER_POLLS,        BTAP_MEMBER_POLL_TIMEOUT,    BTAP_MEMBER_ALTERNATE,
    BTAP_MEMBER_REQUEST_ID,   BTAP_MEMBER_REPLY_ID,        BTAP_MEMBER_TRANSFERRED,
    BTAP_MEMBER_LIST,         BTAP_MEMBER_STATUS_STRING,
};

static void assert_alike(const struct btap_transaction *seen, const struct btap_transaction *told)
{
    for (size_t i = 0; i < COUNT_OF(judged); i++) {
        uint64_t numbers[2];
        const bool has[] = {btap_member_number(seen, judged[i], &numbers[0]),
                            btap_member_number(told, judged[i], &numbers[1])};

        if (has[0] != has[1] || (has[0] && numbers[0] != numbers[1]))
            fail_msg("%s at packet %llu: %s is %llu to the decoder, %llu to the host",
                     btap_command_name(told->command), (unsigned long long)told->first_packet,
                     btap_member_key(judged[i]), has[0] ? (unsigned long long)numbers[0] : 0,
                     has[1] ? (unsigned long long)numbers[1] : 0);
    }
    assert_int_equal(seen->list_length, told->list_length);
    assert_memory_equal(seen->list, told->list,
                        btap_transaction_list_kept(seen) * sizeof(seen->list[0]));
    assert_memory_equal(seen->special_status, told->special_status,
                        btap_transaction_status_kept(seen));
}

static const struct btap_transaction *find(const struct judge *judge, uint64_t packet)
{
    for (size_t i = 0; i < judge->seen_length; i++)
        if (judge->seen[i].first_packet == packet)
            return &judge->seen[i];
    return NULL;
}

void judge_release(struct judge *judge)
{
    free(judge->seen);
    free(judge->answers);
}

void judge_settle(struct judge *judge)
{
    btap_tap_finish(&judge->tap);
    for (size_t i = 0; i < judge->answers_length; i++) {
        const struct btap_transaction *told = &judge->answers[i];
        const struct btap_transaction *seen = find(judge, told->first_packet);

        if (seen == NULL)
            fail_msg("%s at packet %llu is nothing to the decoder",
                     btap_command_name(told->command), (unsigned long long)told->first_packet);
        else
            assert_alike(seen, told);
    }
    judge_release(judge);
    judge->seen = NULL;
    judge->answers = NULL;
}
