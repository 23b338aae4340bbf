/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transactions as JSON, an object a line. docs/decode.md describes the keys.
 */
#include "base/allocate.h"
#include "base/transaction_json.h"
#include "decode/output.h"

static void add_boolean(struct json_object *object, const char *key)
{
    json_object_object_add(object, key, json_object_new_boolean(1));
}

/** An object with what every line has. */
static struct json_object *new_object(const char *type, const struct output *output,
                                      const struct btap_link *link)
{
    struct json_object *object = json_line_new(type);

    if (output->options.several_files)
        json_add_text(object, "file", output->stream->name);
    json_add_link(object, link);
    return object;
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

static void print_transaction(struct output *output, const struct btap_link *link,
                              const struct btap_transaction *transaction,
                              const struct collected *collected)
{
    struct json_object *object = new_object("transaction", output, link);

    json_add_transaction(object, transaction, output->stream->digits);
    if (collected != NULL && collected->has_crc32)
        json_add_number(object, "crc32", collected->crc32);
    if (output->options.notes)
        json_add_notes(object, transaction);
    if (output->options.fields)
        add_fields(object, link, collected);
    json_print(object, output->options.to);
}

static void print_note(struct output *output, const struct btap_link *link, uint64_t n,
                       const struct btap_note *note)
{
    struct json_object *object;

    if (n != 0 || !output->options.notes)
        return;
    object = new_object("note", output, link);
    json_add_time(object, note->time, output->stream->digits);
    json_add_number(object, "first_packet", note->packet);
    json_add_number(object, "last_packet", note->packet);
    json_object_array_add(json_add_array(object, "notes"), json_note(note));
    json_print(object, output->options.to);
}

static void print_outside(struct output *output, const struct btap_link *link,
                          const struct collected *collected)
{
    struct json_object *object = new_object("bytes", output, link);
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
        .transaction = print_transaction,
        .note = print_note,
        .outside = print_outside,
    };
    return output;
}
