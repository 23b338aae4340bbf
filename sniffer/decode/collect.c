/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/collect.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/exit_status.h"
#include "base/message.h"

void collect_init(struct collect *collect)
{
    memset(collect, 0, sizeof(*collect));
}

void collect_release(struct collect *collect)
{
    for (size_t i = 0; i < collect->length; i++)
        free(collect->links[i]);
    collect_init(collect);
}

void collected_clear(struct collected *collected)
{
    collected->n = 0;
    collected->has_crc32 = false;
    collected->crc32 = 0;
    collected->fields_length = 0;
    collected->fields_omitted = 0;
    collected->bytes_length = 0;
}

void collected_start(struct collected *collected, const struct btap_link *link)
{
    collected->link = *link;
    collected_clear(collected);
}

static struct collected *new_link(struct collect *collect, const struct btap_link *link)
{
    struct collected *collected;

    /* A link's address is that of a channel of the tap, and there are no more than these. */
    if (collect->length == BTAP_CHANNELS_MAX)
        return collect->links[0];
    collected = malloc(sizeof(*collected));
    if (collected == NULL) {
        message("out of memory");
        exit(EXIT_TROUBLE);
    }
    collected->place = link;
    collected_start(collected, link);
    collect->links[collect->length++] = collected;
    return collected;
}

struct collected *collect_link(struct collect *collect, const struct btap_link *link)
{
    if (collect->recent != NULL && collect->recent->place == link)
        return collect->recent;
    for (size_t i = 0; i < collect->length; i++)
        if (collect->links[i]->place == link)
            return collect->recent = collect->links[i];
    return collect->recent = new_link(collect, link);
}

bool collected_accepts(const struct collected *collected, const struct btap_span *span)
{
    if (collected->fields_length == 0)
        return true;
    if (collected->n != span->n)
        return false;
    /* What is outside may go on for ever; it is printed in pieces. */
    return span->n != 0 || (collected->fields_length < COLLECT_FIELDS_MAX &&
                            collected->bytes_length + span->length <= COLLECT_BYTES_MAX);
}

/** The field that a span goes on with; NULL if it starts a new one. */
static struct collected_field *continued(struct collected *collected, const struct btap_span *span)
{
    struct collected_field *last;

    if (collected->fields_length == 0)
        return NULL;
    last = &collected->fields[collected->fields_length - 1];
    if (last->field != span->field || last->direction != span->direction)
        return NULL;
    /* Bytes without a value of their own are one run, however many pieces they came in. */
    if (last->complete && btap_field_base(span->field) != BTAP_BASE_NONE)
        return NULL;
    return last;
}

static struct collected_field *new_field(struct collected *collected, const struct btap_span *span)
{
    struct collected_field *field;

    if (collected->fields_length == COLLECT_FIELDS_MAX) {
        collected->fields_omitted++;
        return NULL;
    }
    field = &collected->fields[collected->fields_length++];
    *field = (struct collected_field){
        .field = span->field,
        .direction = span->direction,
        .first_packet = span->packet,
        .offset = span->offset,
        .start = collected->bytes_length,
        .bytes_known = true,
    };
    return field;
}

static void keep_bytes(struct collected *collected, struct collected_field *field,
                       const struct btap_span *span)
{
    const uint32_t room = COLLECT_BYTES_MAX - collected->bytes_length;
    const uint32_t kept = span->length < room ? span->length : room;

    field->length += span->length;
    if (span->bytes == NULL)
        field->bytes_known = false;
    if (!field->bytes_known)
        return;
    memcpy(collected->bytes + collected->bytes_length, span->bytes, kept);
    collected->bytes_length += kept;
    field->kept += kept;
}

void collected_add_span(struct collected *collected, const struct btap_span *span)
{
    struct collected_field *field = continued(collected, span);

    if (collected->fields_length == 0)
        collected->n = span->n;
    if (field == NULL)
        field = new_field(collected, span);
    if (field == NULL)
        return;
    field->last_packet = span->packet;
    field->bad |= span->bad;
    field->complete = span->last;
    if (span->last)
        field->value = span->value;
    keep_bytes(collected, field, span);
}

void collected_add_data(struct collected *collected, const struct btap_data *data)
{
    const uLong before = collected->has_crc32 ? collected->crc32 : crc32(0, NULL, 0);

    collected->crc32 = (uint32_t)crc32(before, data->bytes, data->length);
    collected->has_crc32 = true;
}
