/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void checker_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, condition);
    abort();
}

/** FNV-1a over the value's bytes. */
static void add(struct checker *checker, enum checker_kind kind, uint64_t value)
{
    uint64_t hash = checker->outcome[kind];

    for (int shift = 0; shift < 64; shift += 8)
        hash = (hash ^ (value >> shift & 0xff)) * 0x100000001b3u;
    checker->outcome[kind] = hash;
}

static struct checker_link *find_link(struct checker *checker, const struct btap_link *link)
{
    CHECK(link != NULL);
    for (size_t i = 0; i < checker->links_length; i++)
        if (checker->links[i].link == link)
            return &checker->links[i];
    CHECK(checker->links_length < CHECKER_LINKS);
    checker->links[checker->links_length] = (struct checker_link){.link = link};
    return &checker->links[checker->links_length++];
}

/** Whatever size a caller has, the text ends within it and nothing beyond is written. */
static void check_text(const char *text, const char *returned, size_t size)
{
    CHECK(returned == text);
    CHECK(memchr(text, '\0', size) != NULL);
    CHECK(text[size] == '\x7e');
}

#define CHECK_TEXT(size, call)                                                                     \
    do {                                                                                           \
        char text[BTAP_DESCRIBE_SIZE + 1];                                                         \
        const size_t text_size = (size);                                                           \
        memset(text, '\x7e', sizeof(text));                                                        \
        check_text(text, (call), text_size);                                                       \
    } while (0)

static void check_link(const struct btap_link *link)
{
    CHECK(link->transport < BTAP_TRANSPORT_COUNT);
    CHECK(link->kind <= BTAP_LINK_CAN);
    CHECK(memchr(link->interface, '\0', sizeof(link->interface)) != NULL);
    CHECK_TEXT(BTAP_LINK_NAME_SIZE, btap_link_name(link, text, text_size));
    CHECK_TEXT(3, btap_link_name(link, text, text_size));
}

/** n is that of the transaction that is told next on the link, or 0. */
static void check_number(struct checker *checker, const struct btap_link *link, uint64_t n)
{
    struct checker_link *known = find_link(checker, link);

    check_link(link);
    if (n == 0)
        return;
    if (n == 1)
        known->told = 0; /* a new link where an old one was */
    CHECK(n == known->told + 1);
    CHECK(n <= link->transactions);
}

static const struct checker_packet *check_place(const struct checker *checker, uint64_t packet,
                                                uint32_t offset, uint32_t length)
{
    const struct checker_packet *record;

    CHECK(packet >= 1 && packet <= checker->packets);
    record = &checker->packet[packet];
    CHECK(length >= 1);
    CHECK(offset <= record->length && length <= record->length - offset);
    return record;
}

static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct checker *checker = context;
    const struct checker_packet *record =
        check_place(checker, span->packet, span->offset, span->length);

    check_number(checker, link, span->n);
    CHECK(span->field < BTAP_FIELD_COUNT);
    CHECK(span->direction <= BTAP_DEVICE_TO_HOST);
    if (span->bytes != NULL)
        CHECK(memcmp(span->bytes, record->bytes + span->offset, span->length) == 0);
    CHECK(btap_field_name(span->field)[0] != '\0');
    CHECK(btap_field_label(span->field)[0] != '\0');
    CHECK_TEXT(BTAP_FIELD_VALUE_SIZE,
               btap_field_value(link->transport, span->field, span->value, text, text_size));
    CHECK_TEXT(4, btap_field_value(link->transport, span->field, span->value, text, text_size));

    /* Pieces of a field make no difference: every byte adds what it is and where. */
    for (uint32_t i = 0; i < span->length; i++) {
        add(checker, CHECKER_SPANS, span->n << 16 | (uint64_t)span->field << 8);
        add(checker, CHECKER_SPANS, span->packet << 32 | (span->offset + i));
    }
    if (span->last && btap_field_base(span->field) != BTAP_BASE_NONE)
        add(checker, CHECKER_SPANS, span->value << 1 | span->bad);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct checker *checker = context;
    const struct checker_packet *record =
        check_place(checker, data->packet, data->offset, data->length);

    CHECK(data->n != 0);
    check_number(checker, link, data->n);
    CHECK(data->bytes != NULL);
    CHECK(memcmp(data->bytes, record->bytes + data->offset, data->length) == 0);
    for (uint32_t i = 0; i < data->length; i++)
        add(checker, CHECKER_DATA, (uint64_t)(data->address + i) << 1 | data->written);
}

static void check_note(const struct checker *checker, const struct btap_note *note)
{
    CHECK(note->id < BTAP_NOTE_COUNT);
    CHECK(btap_note_severity(note->id) <= BTAP_ERROR);
    CHECK(btap_note_name(note->id)[0] != '\0');
    CHECK(note->packet >= 1 && note->packet <= checker->packets);
    CHECK(note->time == checker->packet[note->packet].time);
    CHECK_TEXT(BTAP_NOTE_TEXT_SIZE, btap_note_text(note, text, text_size));
    CHECK_TEXT(1, btap_note_text(note, text, text_size));
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct checker *checker = context;

    check_number(checker, link, n);
    check_note(checker, note);
    add(checker, CHECKER_NOTES, n << 16 | note->id);
    add(checker, CHECKER_NOTES, note->packet);
    for (size_t i = 0; i < BTAP_NOTE_ARGS; i++)
        add(checker, CHECKER_NOTES, note->arg[i]);
}

static void check_transaction(const struct checker *checker,
                              const struct btap_transaction *transaction)
{
    CHECK(transaction->command < BTAP_COMMAND_COUNT);
    CHECK(transaction->status < BTAP_STATUS_COUNT);
    CHECK(transaction->phase < BTAP_PHASE_COUNT);
    CHECK((transaction->phase == BTAP_PHASE_NONE) == (transaction->status == BTAP_OK));
    CHECK(transaction->first_packet >= 1);
    CHECK(transaction->last_packet >= transaction->first_packet);
    CHECK(transaction->last_packet <= checker->packets);
    CHECK(transaction->time == checker->packet[transaction->first_packet].time);
    CHECK(transaction->duration >= 0);
    CHECK(transaction->busy >= 0);
    CHECK(transaction->erase <= BTAP_ERASE_RESERVED);
    CHECK(transaction->list_kind <= BTAP_LIST_SECTORS);
    CHECK(btap_command_name(transaction->command)[0] != '\0');
    CHECK(btap_command_label(transaction->command)[0] != '\0');
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        check_note(checker, &transaction->notes[i]);
    CHECK_TEXT(BTAP_DESCRIBE_SIZE, btap_transaction_describe(transaction, text, text_size));
    CHECK_TEXT(9, btap_transaction_describe(transaction, text, text_size));
    CHECK_TEXT(BTAP_DESCRIBE_SIZE, btap_transaction_outcome(transaction, text, text_size));
    CHECK_TEXT(1, btap_transaction_outcome(transaction, text, text_size));
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct checker *checker = context;
    const uint64_t told[] = {
        transaction->n,
        transaction->command,
        transaction->status,
        transaction->phase,
        transaction->first_packet,
        transaction->last_packet,
        (uint64_t)transaction->duration,
        transaction->has,
        transaction->opcode,
        transaction->address,
        transaction->length,
        transaction->transferred,
        transaction->version,
        transaction->pid,
        transaction->checksum,
        transaction->subcommand,
        transaction->dfu_state,
        transaction->dfu_status,
        transaction->polls,
        (uint64_t)transaction->busy,
        transaction->erase,
        transaction->list_kind,
        transaction->list_announced,
        transaction->list_length,
        transaction->notes_length,
    };

    CHECK(transaction->n != 0);
    CHECK(transaction->transport == link->transport);
    check_number(checker, link, transaction->n);
    check_transaction(checker, transaction);
    find_link(checker, link)->told = transaction->n;
    checker->transactions++;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        add(checker, CHECKER_TRANSACTIONS, told[i]);
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        add(checker, CHECKER_TRANSACTIONS, transaction->list[i]);
}

void checker_init(struct checker *checker)
{
    checker->packets = 0;
    checker->links_length = 0;
    checker->transactions = 0;
    for (size_t i = 0; i < CHECKER_KINDS; i++)
        checker->outcome[i] = 0xcbf29ce484222325u;
    checker->sink = (struct btap_sink){
        .context = checker,
        .span = on_span,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
}

void checker_assert_same(const struct checker *a, const struct checker *b)
{
    CHECK(a->transactions == b->transactions);
    CHECK(a->outcome[CHECKER_TRANSACTIONS] == b->outcome[CHECKER_TRANSACTIONS]);
    CHECK(a->outcome[CHECKER_NOTES] == b->outcome[CHECKER_NOTES]);
    CHECK(a->outcome[CHECKER_DATA] == b->outcome[CHECKER_DATA]);
    CHECK(a->outcome[CHECKER_SPANS] == b->outcome[CHECKER_SPANS]);
}

uint64_t checker_packet(struct checker *checker, const uint8_t *bytes, uint32_t length,
                        btap_ns time)
{
    if (checker->packets == CHECKER_PACKETS)
        return 0;
    checker->packet[++checker->packets] = (struct checker_packet){bytes, length, time};
    return checker->packets;
}

uint8_t *checker_copy(const uint8_t *bytes, size_t length)
{
    uint8_t *copy;

    if (length == 0)
        return NULL;
    copy = malloc(length);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, length);
    return copy;
}
