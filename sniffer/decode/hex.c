/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/hex.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** Bytes on a line, so that a forum does not fold it. */
#define LINE_BYTES 16

/** So many equal bytes are written as one and their number. */
#define REPEAT_MIN 4

/** Records that are kept for bytes that are told of late. */
#define KEPT 64

/** How the comment begins that carries what RTAC records have no place for. */
#define SETTINGS BTAP_SERIAL_COMMENT

/* An RTAC serial record (www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html) */
enum {
    RTAC_EVENT = 8, /**< 1 and 3 are data that the host sent, 2 and 4 of the device */
    RTAC_LINES = 9,
    RTAC_SIZE = 12,
};

struct kept {
    uint64_t packet;
    uint32_t length;
    uint8_t *bytes;
};

struct hex {
    FILE *to;
    const struct filter *filter;
    const struct btap_sink *next;
    struct btap_sink sink;
    struct kept kept[KEPT];
    bool begun;
    bool has_link;
    struct btap_link link;
    /* The exchange in hand */
    enum btap_direction direction;
    unsigned on_line; /**< bytes on the line so far, or what takes as much room */
    bool has_byte;    /**< one is held back, as others like it may follow */
    uint8_t byte;
    uint64_t count; /**< of them */
    uint8_t lines;  /**< that were told active */
    enum btap_direction
        recorded; /**< of the record in hand, where it tells; else of the exchange */
};

/** What separates a word from the one before. */
static const char *gap(const struct hex *hex)
{
    return hex->on_line == 0 && hex->direction == BTAP_HOST_TO_DEVICE ? "" : " ";
}

static void put_bytes(struct hex *hex)
{
    if (!hex->has_byte)
        return;
    hex->has_byte = false;
    if (hex->count >= REPEAT_MIN) {
        fprintf(hex->to, "%s%02X*%" PRIu64, gap(hex), hex->byte, hex->count);
        hex->on_line += 2;
        return;
    }
    for (; hex->count > 0; hex->count--, hex->on_line++)
        fprintf(hex->to, "%s%02X", gap(hex), hex->byte);
}

/** The line is full, or the exchange is over. */
static void end_line(struct hex *hex)
{
    put_bytes(hex);
    if (hex->on_line > 0 || hex->direction == BTAP_DEVICE_TO_HOST)
        fputc('\n', hex->to);
    hex->on_line = 0;
    hex->direction = BTAP_HOST_TO_DEVICE;
}

static void begin(struct hex *hex)
{
    if (!hex->begun)
        fputs("# boottap hex: host bytes > device bytes, without times\n", hex->to);
    hex->begun = true;
}

/** What follows is a side's: what is on the line stays, where that goes on or is answered. */
static void turn_to(struct hex *hex, enum btap_direction direction)
{
    static const char *const starts[] = {
        [BTAP_DIRECTION_UNKNOWN] = "<>",
        [BTAP_HOST_TO_DEVICE] = "",
        [BTAP_DEVICE_TO_HOST] = "- >",
    };

    begin(hex);
    if (hex->on_line > 0 && hex->direction == direction && hex->on_line < LINE_BYTES)
        return;
    put_bytes(hex);
    if (hex->on_line > 0 && hex->direction == BTAP_HOST_TO_DEVICE &&
        direction == BTAP_DEVICE_TO_HOST) {
        fputs(" >", hex->to);
        hex->direction = direction;
        return;
    }
    end_line(hex);
    fputs(starts[direction], hex->to);
    hex->direction = direction;
}

static void put_byte(struct hex *hex, enum btap_direction direction, uint8_t byte)
{
    if (hex->has_byte && hex->byte == byte && hex->direction == direction) {
        hex->count++;
        return;
    }
    put_bytes(hex);
    turn_to(hex, direction);
    hex->has_byte = true;
    hex->byte = byte;
    hex->count = 1;
}

static void put_unknown(struct hex *hex, enum btap_direction direction, uint64_t count)
{
    put_bytes(hex);
    turn_to(hex, direction);
    fprintf(hex->to, "%s??", gap(hex));
    if (count > 1)
        fprintf(hex->to, "*%" PRIu64, count);
    hex->on_line += 2;
}

/** What is no byte, on a line of its own. */
static void put_event(struct hex *hex, const char *words)
{
    begin(hex);
    end_line(hex);
    fprintf(hex->to, "[%s]\n", words);
}

/** Bytes and events of another link follow. */
static void use_link(struct hex *hex, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];
    char words[BTAP_LINK_NAME_SIZE + 8];

    if (hex->has_link && btap_link_same(&hex->link, link))
        return;
    if (hex->has_link) {
        snprintf(words, sizeof(words), "link %s", btap_link_name(link, name, sizeof(name)));
        put_event(hex, words);
    }
    hex->has_link = true;
    hex->link = *link;
}

static bool wants(const struct hex *hex, const struct btap_link *link)
{
    return link->transport == BTAP_USART && filter_link(hex->filter, link);
}

/** The bytes of a span, out of what is kept where they are gone. NULL: not even there */
static const uint8_t *bytes_of(const struct hex *hex, const struct btap_span *span)
{
    const struct kept *kept = &hex->kept[span->packet % KEPT];

    if (span->bytes != NULL)
        return span->bytes;
    if (kept->packet != span->packet || span->offset > kept->length ||
        span->length > kept->length - span->offset)
        return NULL;
    return kept->bytes + span->offset;
}

static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct hex *hex = context;
    const uint8_t *bytes = bytes_of(hex, span);

    if (wants(hex, link)) {
        use_link(hex, link);
        if (bytes == NULL)
            put_unknown(hex, span->direction, span->length);
        for (uint32_t i = 0; bytes != NULL && i < span->length; i++)
            put_byte(hex, span->direction, bytes[i]);
    }
    if (hex->next != NULL && hex->next->span != NULL)
        hex->next->span(hex->next->context, link, span);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct hex *hex = context;

    hex->next->data(hex->next->context, link, data);
}

static const char *event_words(enum btap_note_id id)
{
    if (id == BTAP_NOTE_PARITY_ERROR)
        return "parity error";
    if (id == BTAP_NOTE_FRAMING_ERROR)
        return "framing error";
    if (id == BTAP_NOTE_OVERFLOW)
        return "overrun";
    return id == BTAP_NOTE_BREAK ? "break" : NULL;
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct hex *hex = context;
    const char *words = event_words(note->id);

    if (wants(hex, link) && (words != NULL || note->id == BTAP_NOTE_BYTES_LOST)) {
        use_link(hex, link);
        if (words != NULL)
            put_event(hex, words);
        else if (note->arg[0] > 0)
            put_unknown(hex, hex->recorded, note->arg[0]);
        else
            put_event(hex, "bytes lost");
    }
    if (hex->next != NULL && hex->next->note != NULL)
        hex->next->note(hex->next->context, link, n, note);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct hex *hex = context;

    if (hex->next != NULL && hex->next->transaction != NULL)
        hex->next->transaction(hex->next->context, link, transaction);
}

struct hex *hex_new(FILE *to, const struct filter *filter, const struct btap_sink *next)
{
    struct hex *hex = allocate(sizeof(*hex));

    hex->to = to;
    hex->filter = filter;
    hex->next = next;
    hex->direction = BTAP_HOST_TO_DEVICE;
    hex->sink = (struct btap_sink){
        .context = hex,
        .span = on_span,
        .data = next != NULL && next->data != NULL ? on_data : NULL,
        .note = on_note,
        .transaction = on_transaction,
    };
    return hex;
}

const struct btap_sink *hex_sink(const struct hex *hex)
{
    return &hex->sink;
}

/** What a serial record tells beside bytes. */
static void take_state(struct hex *hex, const struct btap_record *record)
{
    static const char *const names[] = {"CTS", "DCD", "DSR", "RTS", "DTR", "RI"};
    const size_t prefix = strlen(SETTINGS);
    char words[64] = "lines";
    uint8_t lines;

    if (record->captured < RTAC_SIZE ||
        (hex->has_link && hex->link.interface_id != record->interface_id))
        return;
    if (record->bytes[RTAC_EVENT] >= 1 && record->bytes[RTAC_EVENT] <= 4)
        hex->recorded =
            record->bytes[RTAC_EVENT] % 2 == 1 ? BTAP_HOST_TO_DEVICE : BTAP_DEVICE_TO_HOST;
    lines = record->bytes[RTAC_LINES] & 0x3f;
    if (lines != hex->lines) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if ((lines >> i & 1) != 0)
                snprintf(words + strlen(words), sizeof(words) - strlen(words), " %s", names[i]);
        put_event(hex, words);
        hex->lines = lines;
    }
    if (record->comment_length > prefix && record->comment_length < prefix + sizeof(words) &&
        memcmp(record->comment, SETTINGS, prefix) == 0) {
        snprintf(words, sizeof(words), "%.*s", (int)(record->comment_length - prefix),
                 record->comment + prefix);
        put_event(hex, words);
    }
}

void hex_record(struct hex *hex, const struct btap_record *record)
{
    struct kept *kept = &hex->kept[record->packet % KEPT];

    kept->packet = record->packet;
    kept->length = record->captured;
    kept->bytes = reallocate(kept->bytes, record->captured + 1);
    if (record->captured > 0)
        memcpy(kept->bytes, record->bytes, record->captured);
    hex->recorded = hex->direction;
    if (record->linktype == BTAP_LINKTYPE_RTAC_SERIAL)
        take_state(hex, record);
}

void hex_end_file(struct hex *hex)
{
    if (hex->begun)
        end_line(hex);
    hex->has_link = false;
    hex->lines = 0;
    for (size_t i = 0; i < KEPT; i++)
        hex->kept[i].packet = 0;
}

bool hex_is_written(const struct hex *hex)
{
    return hex->begun;
}

void hex_free(struct hex *hex)
{
    for (size_t i = 0; i < KEPT; i++)
        free(hex->kept[i].bytes);
    free(hex);
}
