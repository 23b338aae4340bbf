/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/transaction_json.h"

#include <string.h>

#include "boottap/product.h"

static void add_list(struct json *json, const struct btap_transaction *transaction)
{
    static const char *const keys[] = {
        [BTAP_LIST_COMMANDS] = "commands",
        [BTAP_LIST_PAGES] = "pages",
        [BTAP_LIST_SECTORS] = "sectors",
    };
    const uint32_t kept = btap_transaction_list_kept(transaction);
    const struct btap_product *product = btap_transaction_product(transaction);

    json_open_list(json, keys[transaction->list_kind]);
    for (uint32_t i = 0; i < kept; i++)
        json_add_number(json, NULL, transaction->list[i]);
    json_close_list(json);
    if (transaction->list_kind == BTAP_LIST_COMMANDS && product != NULL)
        json_add_text(json, "product", product->name);
    /* The command announces more than its list holds, or the list more than is kept. */
    if (transaction->list_announced > kept)
        json_add_number(json, "announced", transaction->list_announced);
}

static void add_byte_pair(struct json *json, const char *key, uint64_t number)
{
    json_open_list(json, key);
    json_add_number(json, NULL, number >> 8);
    json_add_number(json, NULL, number & 0xff);
    json_close_list(json);
}

void json_add_version(struct json *json, const char *key, uint64_t version)
{
    char words[8];

    snprintf(words, sizeof(words), "%u.%u", (unsigned)version >> 4 & 0xf, (unsigned)version & 0xf);
    json_add_text(json, key, words);
}

void json_add_product(struct json *json, uint32_t pid)
{
    const struct btap_product *product = btap_product_by_pid(pid);

    json_add_number(json, "pid", pid);
    if (product != NULL)
        json_add_text(json, "product", product->name);
}

/** The word that a number stands for; a state of DFU that has none as its number. */
static void add_word(struct json *json, const char *key, enum btap_format format, uint64_t number)
{
    const char *word = btap_format_word(format, number);

    if (format != BTAP_FORMAT_COMMAND && strcmp(word, "unknown") == 0)
        json_add_number(json, key, number);
    else
        json_add_text(json, key, word);
}

static void add_member(struct json *json, const struct btap_transaction *transaction,
                       enum btap_member member, uint64_t number, int digits)
{
    const enum btap_format format = btap_member_format(member);
    const char *key = btap_member_key(member);

    switch (format) {
    case BTAP_FORMAT_DECIMAL:
    case BTAP_FORMAT_HEX2:
    case BTAP_FORMAT_HEX3:
    case BTAP_FORMAT_HEX4:
    case BTAP_FORMAT_HEX8:
        json_add_number(json, key, number);
        return;
    case BTAP_FORMAT_VERSION:
        json_add_version(json, key, number);
        return;
    case BTAP_FORMAT_BYTE_PAIR:
        add_byte_pair(json, key, number);
        return;
    case BTAP_FORMAT_TIME:
        json_add_time(json, (btap_ns)number, digits);
        return;
    case BTAP_FORMAT_SECONDS:
        json_add_seconds(json, key, (btap_ns)number, digits);
        return;
    case BTAP_FORMAT_MILLISECONDS:
        json_add_milliseconds(json, key, (btap_ns)number);
        return;
    case BTAP_FORMAT_WHOLE_MILLISECONDS:
        json_add_number(json, key, number / 1000000);
        return;
    case BTAP_FORMAT_ERASE:
        /* Pages and an address have keys of their own. */
        if (number == BTAP_ERASE_PAGES || number == BTAP_ERASE_ADDRESS)
            return;
        add_word(json, key, format, number);
        return;
    case BTAP_FORMAT_COMMAND:
    case BTAP_FORMAT_STATUS:
    case BTAP_FORMAT_PHASE:
    case BTAP_FORMAT_DFU_STATE:
    case BTAP_FORMAT_DFU_STATUS:
        add_word(json, key, format, number);
        return;
    case BTAP_FORMAT_LIST:
        add_list(json, transaction);
        return;
    case BTAP_FORMAT_BOOLEAN:
        json_add_boolean(json, key, number != 0);
        return;
    case BTAP_FORMAT_WORDS:
        json_add_text(json, key, transaction->words);
        return;
    case BTAP_FORMAT_STATUS_BYTES:
        json_add_hex(json, key, transaction->special_status,
                     btap_transaction_status_kept(transaction));
        return;
    }
}

/** Whether only a recording has the member: when, where and with which outcome. */
static bool is_recorded(enum btap_member member)
{
    return member == BTAP_MEMBER_N || member == BTAP_MEMBER_TIME ||
           member == BTAP_MEMBER_DURATION || member == BTAP_MEMBER_FIRST_PACKET ||
           member == BTAP_MEMBER_LAST_PACKET || member == BTAP_MEMBER_STATUS;
}

static void add_members(struct json *json, const struct btap_transaction *transaction,
                        bool recorded, int digits)
{
    for (unsigned i = 0; i < BTAP_MEMBER_COUNT; i++) {
        const enum btap_member member = (enum btap_member)i;
        uint64_t number;

        if ((recorded || !is_recorded(member)) && btap_member_number(transaction, member, &number))
            add_member(json, transaction, member, number, digits);
    }
}

void json_add_transaction(struct json *json, const struct btap_transaction *transaction, int digits)
{
    add_members(json, transaction, true, digits);
}

void json_add_command(struct json *json, const struct btap_transaction *transaction)
{
    add_members(json, transaction, false, 0);
}

void json_add_note(struct json *json, const struct btap_note *note)
{
    char text[BTAP_NOTE_TEXT_SIZE];

    json_open_object(json, NULL);
    json_add_text(json, "id", btap_note_name(note->id));
    json_add_text(json, "severity", btap_severity_name(btap_note_severity(note->id)));
    json_add_number(json, "packet", note->packet);
    json_add_text(json, "text", btap_note_text(note, text, sizeof(text)));
    json_close_object(json);
}

void json_add_notes(struct json *json, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_notes_kept(transaction);

    json_open_list(json, "notes");
    for (uint32_t i = 0; i < kept; i++)
        json_add_note(json, &transaction->notes[i]);
    json_close_list(json);
    if (transaction->notes_length > kept)
        json_add_number(json, "notes_omitted", transaction->notes_length - kept);
}
