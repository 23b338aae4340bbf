/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/transaction_json.h"

#include <string.h>

#include "boottap/product.h"

static void add_list(struct json_object *object, const struct btap_transaction *transaction)
{
    static const char *const keys[] = {
        [BTAP_LIST_COMMANDS] = "commands",
        [BTAP_LIST_PAGES] = "pages",
        [BTAP_LIST_SECTORS] = "sectors",
    };
    const uint32_t kept = btap_transaction_list_kept(transaction);
    struct json_object *array = json_add_array(object, keys[transaction->list_kind]);

    for (uint32_t i = 0; i < kept; i++)
        json_object_array_add(array, json_object_new_int(transaction->list[i]));
    /* The command announces more than its list holds, or the list more than is kept. */
    if (transaction->list_announced > kept)
        json_add_number(object, "announced", transaction->list_announced);
}

static void add_byte_pair(struct json_object *object, const char *key, uint64_t number)
{
    struct json_object *array = json_add_array(object, key);

    json_object_array_add(array, json_object_new_uint64(number >> 8));
    json_object_array_add(array, json_object_new_uint64(number & 0xff));
}

void json_add_version(struct json_object *object, const char *key, uint64_t version)
{
    char words[8];

    snprintf(words, sizeof(words), "%u.%u", (unsigned)version >> 4 & 0xf, (unsigned)version & 0xf);
    json_add_text(object, key, words);
}

void json_add_product(struct json_object *object, uint32_t pid)
{
    const struct btap_product *product = btap_product_by_pid(pid);

    json_add_number(object, "pid", pid);
    if (product != NULL)
        json_add_text(object, "product", product->name);
}

/** The word that a number stands for; a state of DFU that has none as its number. */
static void add_word(struct json_object *object, const char *key, enum btap_format format,
                     uint64_t number)
{
    const char *word = btap_format_word(format, number);

    if (format != BTAP_FORMAT_COMMAND && strcmp(word, "unknown") == 0)
        json_add_number(object, key, number);
    else
        json_add_text(object, key, word);
}

static void add_member(struct json_object *object, const struct btap_transaction *transaction,
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
        json_add_number(object, key, number);
        return;
    case BTAP_FORMAT_VERSION:
        json_add_version(object, key, number);
        return;
    case BTAP_FORMAT_BYTE_PAIR:
        add_byte_pair(object, key, number);
        return;
    case BTAP_FORMAT_TIME:
        json_add_time(object, (btap_ns)number, digits);
        return;
    case BTAP_FORMAT_SECONDS:
        json_add_seconds(object, key, (btap_ns)number, digits);
        return;
    case BTAP_FORMAT_MILLISECONDS:
        json_add_milliseconds(object, key, (btap_ns)number);
        return;
    case BTAP_FORMAT_WHOLE_MILLISECONDS:
        json_add_number(object, key, number / 1000000);
        return;
    case BTAP_FORMAT_ERASE:
        /* Pages and an address have keys of their own. */
        if (number == BTAP_ERASE_PAGES || number == BTAP_ERASE_ADDRESS)
            return;
        add_word(object, key, format, number);
        return;
    case BTAP_FORMAT_COMMAND:
    case BTAP_FORMAT_STATUS:
    case BTAP_FORMAT_PHASE:
    case BTAP_FORMAT_DFU_STATE:
    case BTAP_FORMAT_DFU_STATUS:
        add_word(object, key, format, number);
        return;
    case BTAP_FORMAT_LIST:
        add_list(object, transaction);
        return;
    case BTAP_FORMAT_STATUS_BYTES:
        json_add_hex(object, key, transaction->special_status,
                     btap_transaction_status_kept(transaction));
        return;
    }
}

void json_add_transaction(struct json_object *object, const struct btap_transaction *transaction,
                          int digits)
{
    for (unsigned i = 0; i < BTAP_MEMBER_COUNT; i++) {
        const enum btap_member member = (enum btap_member)i;
        uint64_t number;

        if (btap_member_number(transaction, member, &number))
            add_member(object, transaction, member, number, digits);
    }
}

struct json_object *json_note(const struct btap_note *note)
{
    struct json_object *object = json_object_new_object();
    char text[BTAP_NOTE_TEXT_SIZE];

    json_add_text(object, "id", btap_note_name(note->id));
    json_add_text(object, "severity", btap_severity_name(btap_note_severity(note->id)));
    json_add_number(object, "packet", note->packet);
    json_add_text(object, "text", btap_note_text(note, text, sizeof(text)));
    return object;
}

void json_add_notes(struct json_object *object, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_notes_kept(transaction);
    struct json_object *array = json_add_array(object, "notes");

    for (uint32_t i = 0; i < kept; i++)
        json_object_array_add(array, json_note(&transaction->notes[i]));
    if (transaction->notes_length > kept)
        json_add_number(object, "notes_omitted", transaction->notes_length - kept);
}
