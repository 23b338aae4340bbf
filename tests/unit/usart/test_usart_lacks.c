/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The USART decoder on records of a file that need not hold every answer, against conversations
 * worked out by hand from AN3155: whatever is missing, it stays in step.
 */
#include "boottap/usart.h"

#include <stdio.h>
#include <string.h>

#include "test.h"
#include "usart_script.h"

#define TEXT_MAX 512

#define SYNC_OK "> 7F < 79 "
/* Section 3.4: address with its checksum, one byte with its complement */
#define READ_UNLOGGED "> 11 EE > 08 00 00 00 08 > 00 FF "
#define GET_ID        "> 02 FD < 79 01 04 50 79 "

/** Each transaction as its command, status and phase, and its notes of what was not logged. */
static const struct {
    uint32_t lacks;
    const char *script;
    const char *expected;
} cases[] = {
    /* A read of which the host's bytes alone are there; then a command that was answered */
    {BTAP_LACKS_REPLIES, SYNC_OK READ_UNLOGGED GET_ID,
     "sync ok, read-memory incomplete/length not-logged, get-id ok"},
    /* The same, where the log ends; and where the tool says that another command begins */
    {BTAP_LACKS_REPLIES, SYNC_OK READ_UNLOGGED,
     "sync ok, read-memory incomplete/length not-logged"},
    {BTAP_LACKS_REPLIES, SYNC_OK "> 11 EE !command > 00 FF < 1F",
     "sync ok, read-memory incomplete/command not-logged, get nack/command"},
    /* Without these words: no address begins as Get does */
    {BTAP_LACKS_REPLIES, SYNC_OK "> 11 EE > 00 FF < 1F",
     "sync ok, read-memory incomplete/command not-logged, get nack/command"},
    /* An answer to some phases only */
    {BTAP_LACKS_REPLIES, SYNC_OK "> 11 EE > 08 00 00 00 08 < 79 > 00 FF < 79 AA " GET_ID,
     "sync ok, read-memory ok not-logged, get-id ok"},
    {BTAP_LACKS_REPLIES, SYNC_OK "> 11 EE < 79 > 08 00 00 00 08 > 00 FF < 1F",
     "sync ok, read-memory nack/length not-logged"},
    /* Writes and an erase: a page number is no command, though it may look like one */
    {BTAP_LACKS_REPLIES, SYNC_OK "> 31 CE > 08 00 00 00 08 > 00 FF FF > 31 CE < 1F",
     "sync ok, write-memory incomplete/data not-logged, write-memory nack/command"},
    {BTAP_LACKS_REPLIES, SYNC_OK "> 43 BC > 00 FF FF " GET_ID,
     "sync ok, erase incomplete/data not-logged, get-id ok"},
    /* The tool waited in vain: nobody answered, whatever else lacks */
    {BTAP_LACKS_REPLIES, "> 7F !timeout > 7F !timeout", "sync no-reply/sync, sync no-reply/sync"},
    {BTAP_LACKS_REPLIES, SYNC_OK "> 02 FD !timeout " GET_ID,
     "sync ok, get-id no-reply/command, get-id ok"},
    {BTAP_LACKS_REPLIES, SYNC_OK "> 11 EE > 08 00 00 00 08 !timeout",
     "sync ok, read-memory no-reply/address not-logged"},
    /* Words of a tool about a command that is over mean nothing */
    {BTAP_LACKS_REPLIES, SYNC_OK GET_ID "!timeout !command", "sync ok, get-id ok"},
    /* A file that has all answers: the host went on without one */
    {0, SYNC_OK "> 11 EE > 08 00 00 00 08 " GET_ID,
     "sync ok, read-memory no-reply/command, get-id ok"},
    {0, SYNC_OK "> 11 EE !command " GET_ID, "sync ok, read-memory no-reply/command, get-id ok"},
    /* Data of a read that the file cuts off */
    {BTAP_LACKS_DATA, SYNC_OK "> 11 EE < 79 > 08 00 00 00 08 < 79 > 03 FC < 79 AA " GET_ID,
     "sync ok, read-memory incomplete/data not-logged, get-id ok"},
    {0, SYNC_OK "> 11 EE < 79 > 08 00 00 00 08 < 79 > 03 FC < 79 AA " GET_ID,
     "sync ok, read-memory no-reply/data, get-id ok"},
};

static char text[TEXT_MAX];

static void append(const char *words)
{
    strncat(text, words, sizeof(text) - strlen(text) - 1);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    (void)context;
    assert_int_equal(transaction->lacks, link->lacks);
    append(text[0] != '\0' ? ", " : "");
    append(btap_command_name(transaction->command));
    append(" ");
    append(btap_status_name(transaction->status));
    if (transaction->status != BTAP_OK) {
        append("/");
        append(btap_phase_name(transaction->phase));
    }
    for (uint32_t i = 0; i < transaction->notes_length; i++)
        if (transaction->notes[i].id == BTAP_NOTE_ANSWER_NOT_LOGGED)
            append(" not-logged");
}

static void decode(const struct script *script, uint32_t lacks, size_t piece)
{
    const struct btap_sink sink = {.transaction = on_transaction};
    struct btap_link link = {.transport = BTAP_USART, .lacks = lacks};
    struct btap_usart usart;

    text[0] = '\0';
    btap_usart_init(&usart, &sink, &link);
    for (size_t i = 0; i < script->length; i += piece)
        script_feed(script, i, i + piece < script->length ? i + piece : script->length, &usart);
    btap_usart_finish(&usart);
}

static void answers_that_are_not_logged(void **state)
{
    static struct script script;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        script_parse(&script, cases[i].script);
        /* In records, and byte by byte */
        decode(&script, cases[i].lacks, SCRIPT_MAX);
        assert_string_equal(text, cases[i].expected);
        decode(&script, cases[i].lacks, 1);
        assert_string_equal(text, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_are_not_logged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
