/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transactions as JSON, an object a line. docs/decode.md describes the keys.
 */
#include "base/allocate.h"
#include "base/transaction_json.h"
#include "decode/output.h"

/** Begins an object with what every line has. */
static void begin(struct json *json, const char *type, const struct output *output,
                  const struct btap_link *link)
{
    json_begin(json, output->options.to, type);
    if (output->options.several_files)
        json_add_text(json, "file", output->stream->name);
    json_add_link(json, link);
}

static void add_field(struct json *json, const struct btap_link *link,
                      const struct collected *collected, const struct collected_field *field)
{
    char text[BTAP_FIELD_VALUE_SIZE];

    json_open_object(json, NULL);
    json_add_text(json, "name", btap_field_name(field->field));
    json_add_text(json, "direction", btap_direction_name(field->direction));
    json_add_number(json, "packet", field->first_packet);
    if (field->last_packet != field->first_packet)
        json_add_number(json, "last_packet", field->last_packet);
    json_add_number(json, "offset", field->offset);
    json_add_number(json, "length", field->length);
    if (field->bytes_known)
        json_add_hex(json, "bytes", collected->bytes + field->start, field->kept);
    if (field->complete && btap_field_base(field->field) != BTAP_BASE_NONE) {
        json_add_number(json, "value", field->value);
        json_add_text(
            json, "text",
            btap_field_value(link->transport, field->field, field->value, text, sizeof(text)));
    }
    if (field->bad)
        json_add_boolean(json, "bad", true);
    json_close_object(json);
}

static void add_fields(struct json *json, const struct btap_link *link,
                       const struct collected *collected)
{
    json_open_list(json, "fields");
    for (uint32_t i = 0; i < collected->fields_length; i++)
        add_field(json, link, collected, &collected->fields[i]);
    json_close_list(json);
    if (collected->fields_omitted > 0)
        json_add_number(json, "fields_omitted", collected->fields_omitted);
}

static void print_transaction(struct output *output, const struct btap_link *link,
                              const struct btap_transaction *transaction,
                              const struct collected *collected)
{
    struct json json;

    begin(&json, "transaction", output, link);
    json_add_transaction(&json, transaction, output->stream->digits);
    if (collected != NULL && collected->has_crc32)
        json_add_number(&json, "crc32", collected->crc32);
    if (output->options.notes)
        json_add_notes(&json, transaction);
    if (output->options.fields)
        add_fields(&json, link, collected);
    json_end(&json);
}

static void print_note(struct output *output, const struct btap_link *link, uint64_t n,
                       const struct btap_note *note)
{
    struct json json;

    if (n != 0 || !output->options.notes)
        return;
    begin(&json, "note", output, link);
    if ((link->lacks & BTAP_LACKS_TIMES) == 0)
        json_add_time(&json, note->time, output->stream->digits);
    json_add_number(&json, "first_packet", note->packet);
    json_add_number(&json, "last_packet", note->packet);
    json_open_list(&json, "notes");
    json_add_note(&json, note);
    json_close_list(&json);
    json_end(&json);
}

static void print_outside(struct output *output, const struct btap_link *link,
                          const struct collected *collected)
{
    const uint32_t last = collected->fields_length - 1;
    struct json json;

    begin(&json, "bytes", output, link);
    json_add_number(&json, "first_packet", collected->fields[0].first_packet);
    json_add_number(&json, "last_packet", collected->fields[last].last_packet);
    add_fields(&json, link, collected);
    json_end(&json);
}

struct output *output_json_new(const struct output_options *options)
{
    struct output *output = allocate(sizeof(*output));

    *output = (struct output){
        .options = *options,
        .transaction = print_transaction,
        .note = print_note,
        .outside = print_outside,
    };
    return output;
}
