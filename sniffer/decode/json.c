/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transactions as JSON, an object a line. docs/decode.md describes the keys.
 */
#include <string.h>

#include "base/allocate.h"
#include "base/json.h"
#include "decode/output.h"

static void add_boolean(struct json_object *object, const char *key)
{
    json_object_object_add(object, key, json_object_new_boolean(1));
}

/** An object with what every line has. */
static struct json_object *new_object(const struct output *output, const struct btap_link *link)
{
    struct json_object *object = json_object_new_object();
    char name[BTAP_LINK_NAME_SIZE];

    if (output->options.several_files)
        json_add_foreign_text(object, "file", output->input->name);
    json_add_text(object, "transport", btap_transport_name(link->transport));
    json_add_foreign_text(object, "link", btap_link_name(link, name, sizeof(name)));
    return object;
}

static void add_numbers(struct json_object *object, const char *key,
                        const struct btap_transaction *transaction)
{
    struct json_object *array = json_add_array(object, key);

    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        json_object_array_add(array, json_object_new_int(transaction->list[i]));
}

static void add_list(struct json_object *object, const struct btap_transaction *transaction)
{
    switch (transaction->list_kind) {
    case BTAP_LIST_COMMANDS:
        add_numbers(object, "commands", transaction);
        break;
    case BTAP_LIST_PAGES:
        add_numbers(object, "pages", transaction);
        break;
    case BTAP_LIST_SECTORS:
        add_numbers(object, "sectors", transaction);
        break;
    case BTAP_LIST_NONE:
        return;
    }
    /* The command announces more than its list holds, or the list more than is kept. */
    if (transaction->list_announced > btap_transaction_list_kept(transaction))
        json_add_number(object, "announced", transaction->list_announced);
}

static void add_erase(struct json_object *object, const struct btap_transaction *transaction)
{
    switch (transaction->erase) {
    case BTAP_ERASE_MASS:
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
    case BTAP_ERASE_RESERVED:
        json_add_text(object, "erase", btap_erase_name(transaction->erase));
        return;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_PAGES:
    case BTAP_ERASE_ADDRESS:
        return;
    }
}

static void add_memory(struct json_object *object, const struct btap_transaction *transaction)
{
    const uint32_t has = transaction->has;

    if (has & BTAP_HAS_ADDRESS)
        json_add_number(object, "address", transaction->address);
    if (has & BTAP_HAS_LENGTH)
        json_add_number(object, "length", transaction->length);
    if ((has & BTAP_HAS_LENGTH) || transaction->transferred > 0)
        json_add_number(object, "transferred", transaction->transferred);
    add_erase(object, transaction);
}

static void add_device(struct json_object *object, const struct btap_transaction *transaction)
{
    const uint32_t has = transaction->has;
    char version[8];

    if (has & BTAP_HAS_VERSION) {
        snprintf(version, sizeof(version), "%u.%u", (unsigned)transaction->version >> 4,
                 transaction->version & 0xfu);
        json_add_text(object, "version", version);
    }
    if (has & BTAP_HAS_OPTION_BYTES) {
        struct json_object *array = json_add_array(object, "option_bytes");

        json_object_array_add(array, json_object_new_int(transaction->option_bytes[0]));
        json_object_array_add(array, json_object_new_int(transaction->option_bytes[1]));
    }
    if (has & BTAP_HAS_PID)
        json_add_number(object, "pid", transaction->pid);
    if (has & BTAP_HAS_CHECKSUM)
        json_add_number(object, "checksum", transaction->checksum);
    if (has & BTAP_HAS_POLYNOMIAL)
        json_add_number(object, "polynomial", transaction->polynomial);
    if (has & BTAP_HAS_INITIAL)
        json_add_number(object, "initial", transaction->initial);
}

static void add_special(struct json_object *object, const struct btap_transaction *transaction)
{
    const uint32_t kept = transaction->special_status_length < BTAP_SPECIAL_STATUS_MAX
                              ? transaction->special_status_length
                              : BTAP_SPECIAL_STATUS_MAX;

    if (!(transaction->has & BTAP_HAS_SUBCOMMAND))
        return;
    json_add_number(object, "subcommand", transaction->subcommand);
    json_add_number(object, "sent_length", transaction->sent_length);
    if (transaction->command == BTAP_EXTENDED_SPECIAL)
        json_add_number(object, "sent2_length", transaction->sent2_length);
    json_add_number(object, "received_length", transaction->received_length);
    if (transaction->has & BTAP_HAS_SPECIAL_STATUS) {
        json_add_number(object, "special_status_length", transaction->special_status_length);
        json_add_hex(object, "special_status", transaction->special_status, kept);
    }
}

/** A state or status by its name in the DFU specification, or its number where it has none there.
 */
static void add_dfu_name(struct json_object *object, const char *key, const char *name,
                         uint8_t number)
{
    if (strcmp(name, "unknown") == 0)
        json_add_number(object, key, number);
    else
        json_add_text(object, key, name);
}

static void add_dfu(struct json_object *object, const struct btap_transaction *transaction)
{
    const uint32_t has = transaction->has;

    if (transaction->transport != BTAP_DFU)
        return;
    if (has & BTAP_HAS_BLOCK)
        json_add_number(object, "block", transaction->block);
    if (has & (BTAP_HAS_DFU_STATUS | BTAP_HAS_DFU_STATE))
        add_dfu_name(object, "dfu_state", btap_dfu_state_name(transaction->dfu_state),
                     transaction->dfu_state);
    if (has & BTAP_HAS_DFU_STATUS)
        add_dfu_name(object, "dfu_status", btap_dfu_status_name(transaction->dfu_status),
                     transaction->dfu_status);
    if (has & BTAP_HAS_POLLS) {
        json_add_number(object, "polls", transaction->polls);
        json_add_milliseconds(object, "busy_ms", transaction->busy);
        json_add_number(object, "poll_timeout_ms", transaction->poll_timeout_ms);
    }
    json_add_number(object, "alternate", transaction->alternate);
}

static struct json_object *note_object(const struct btap_note *note)
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
        json_object_array_add(array, note_object(&transaction->notes[i]));
    if (transaction->notes_length > kept)
        json_add_number(object, "notes_omitted", transaction->notes_length - kept);
}

static struct json_object *field_object(const struct btap_link *link,
                                        const struct collected *collected,
                                        const struct collected_field *field)
{
    struct json_object *object = json_object_new_object();
    char text[BTAP_FIELD_VALUE_SIZE];

    json_add_text(object, "name", btap_field_name(field->field));
    json_add_text(object, "direction", btap_direction_name(field->direction));
    json_add_number(object, "packet", field->first_packet);
    if (field->last_packet != field->first_packet)
        json_add_number(object, "last_packet", field->last_packet);
    json_add_number(object, "offset", field->offset);
    json_add_number(object, "length", field->length);
    if (field->bytes_known)
        json_add_hex(object, "bytes", collected->bytes + field->start, field->kept);
    if (field->complete && btap_field_base(field->field) != BTAP_BASE_NONE) {
        json_add_number(object, "value", field->value);
        json_add_text(
            object, "text",
            btap_field_value(link->transport, field->field, field->value, text, sizeof(text)));
    }
    if (field->bad)
        add_boolean(object, "bad");
    return object;
}

static void add_fields(struct json_object *object, const struct btap_link *link,
                       const struct collected *collected)
{
    struct json_object *array = json_add_array(object, "fields");

    for (uint32_t i = 0; i < collected->fields_length; i++)
        json_object_array_add(array, field_object(link, collected, &collected->fields[i]));
    if (collected->fields_omitted > 0)
        json_add_number(object, "fields_omitted", collected->fields_omitted);
}

static void add_outcome(struct json_object *object, const struct btap_transaction *transaction)
{
    json_add_text(object, "command", btap_command_name(transaction->command));
    if (transaction->has & BTAP_HAS_OPCODE)
        json_add_number(object, "opcode", transaction->opcode);
    json_add_text(object, "status", btap_status_name(transaction->status));
    if (transaction->status != BTAP_OK)
        json_add_text(object, "phase", btap_phase_name(transaction->phase));
}

void json_add_transaction(struct json_object *object, const struct btap_transaction *transaction,
                          int digits)
{
    json_add_number(object, "n", transaction->n);
    json_add_seconds(object, "time", transaction->time, digits);
    json_add_seconds(object, "duration", transaction->duration, digits);
    json_add_number(object, "first_packet", transaction->first_packet);
    json_add_number(object, "last_packet", transaction->last_packet);
    add_outcome(object, transaction);
    add_memory(object, transaction);
    add_device(object, transaction);
    add_list(object, transaction);
    add_special(object, transaction);
    add_dfu(object, transaction);
    if (transaction->has & BTAP_HAS_CAN_ID)
        json_add_number(object, "request_id", transaction->request_id);
    if (transaction->has & BTAP_HAS_REPLY_ID)
        json_add_number(object, "reply_id", transaction->reply_id);
}

static void json_transaction(struct output *output, const struct btap_link *link,
                             const struct btap_transaction *transaction,
                             const struct collected *collected)
{
    struct json_object *object = new_object(output, link);

    json_add_transaction(object, transaction, output->input->digits);
    if (collected != NULL && collected->has_crc32)
        json_add_number(object, "crc32", collected->crc32);
    if (output->options.notes)
        json_add_notes(object, transaction);
    if (output->options.fields)
        add_fields(object, link, collected);
    json_print(object, output->options.to);
}

static void json_note(struct output *output, const struct btap_link *link, uint64_t n,
                      const struct btap_note *note)
{
    struct json_object *object;

    if (n != 0 || !output->options.notes)
        return;
    object = new_object(output, link);
    json_add_seconds(object, "time", note->time, output->input->digits);
    json_add_number(object, "first_packet", note->packet);
    json_add_number(object, "last_packet", note->packet);
    json_object_array_add(json_add_array(object, "notes"), note_object(note));
    json_print(object, output->options.to);
}

static void json_outside(struct output *output, const struct btap_link *link,
                         const struct collected *collected)
{
    struct json_object *object = new_object(output, link);
    const uint32_t last = collected->fields_length - 1;

    json_add_number(object, "first_packet", collected->fields[0].first_packet);
    json_add_number(object, "last_packet", collected->fields[last].last_packet);
    add_fields(object, link, collected);
    json_print(object, output->options.to);
}

struct output *output_json_new(const struct output_options *options)
{
    struct output *output = allocate(sizeof(*output));

    *output = (struct output){
        .options = *options,
        .transaction = json_transaction,
        .note = json_note,
        .outside = json_outside,
    };
    return output;
}
