/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/note.h"

#include "model/text.h"

static const struct {
    const char *name;
    enum btap_severity severity;
    const char *text;
} notes[] = {
#define BTAP_NOTE_DEF(id, name, severity, text) [BTAP_NOTE_##id] = {name, severity, text},
#include "boottap/notes_dfu.def"
#include "boottap/notes_fdcan.def"
#include "boottap/notes_link.def"
#include "boottap/notes_usart.def"
#undef BTAP_NOTE_DEF
};

static bool known(enum btap_note_id id)
{
    return (unsigned)id < BTAP_NOTE_COUNT;
}

const char *btap_note_name(enum btap_note_id id)
{
    return known(id) ? notes[id].name : "unknown";
}

enum btap_severity btap_note_severity(enum btap_note_id id)
{
    return known(id) ? notes[id].severity : BTAP_NOTE;
}

/** A value, or a bit of one, and its name. */
struct name {
    uint32_t value;
    const char *name;
};

/** Linux's errno numbers in a transfer's status (Documentation/driver-api/usb/error-codes.rst). */
static const struct name errors[] = {
    {2, "ENOENT"},       {18, "EXDEV"},      {19, "ENODEV"},     {32, "EPIPE"},      {62, "ETIME"},
    {63, "ENOSR"},       {70, "ECOMM"},      {71, "EPROTO"},     {75, "EOVERFLOW"},  {84, "EILSEQ"},
    {104, "ECONNRESET"}, {108, "ESHUTDOWN"}, {110, "ETIMEDOUT"}, {121, "EREMOTEIO"},
};

/** SocketCAN's classes of error frames (linux/can/error.h). */
static const struct name error_classes[] = {
    {0x001, "transmit time-out"},
    {0x002, "lost arbitration"},
    {0x004, "controller problem"},
    {0x008, "protocol violation"},
    {0x010, "transceiver status"},
    {0x020, "no acknowledge"},
    {0x040, "bus off"},
    {0x080, "bus error"},
    {0x100, "controller restarted"},
    {0x200, "error counters"},
};

/** Statuses from its negative on are errno numbers, others are Windows'. */
#define ERRNO_MAX 4095

static void append_status(struct text *text, uint32_t status)
{
    const uint32_t number = 0 - status;

    if (number > ERRNO_MAX) {
        text_append(text, " with status 0x%08x", (unsigned)status);
        return;
    }
    text_append(text, " with status -%u", (unsigned)number);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].value == number)
            text_append(text, " (%s)", errors[i].name);
}

static void append_classes(struct text *text, uint32_t classes)
{
    const char *before = ": ";

    for (size_t i = 0; i < sizeof(error_classes) / sizeof(error_classes[0]); i++)
        if ((classes & error_classes[i].value) != 0) {
            text_append(text, "%s%s", before, error_classes[i].name);
            classes &= ~error_classes[i].value;
            before = ", ";
        }
    if (classes != 0)
        text_append(text, "%sclasses 0x%x", before, (unsigned)classes);
}

/** What no conversion of printf says. */
static void append_words(const struct btap_note *note, struct text *text)
{
    switch (note->id) {
    case BTAP_NOTE_BYTES_LOST:
        if (note->arg[0] > 0)
            text_append(text, ": %u", (unsigned)note->arg[0]);
        return;
    case BTAP_NOTE_STILL_BUSY:
    case BTAP_NOTE_BUSY_CLEARED:
        if (note->arg[2] != 0)
            text_append(text, ", %u ms after an answer that asked for %u ms",
                        (unsigned)note->arg[0], (unsigned)note->arg[1]);
        return;
    case BTAP_NOTE_CAN_ERROR:
        append_classes(text, note->arg[0]);
        return;
    case BTAP_NOTE_TRANSFER_FAILED:
        append_status(text, note->arg[0]);
        return;
    default:
        return;
    }
}

const char *btap_note_text(const struct btap_note *note, char *text, size_t size)
{
    struct text words = text_begin(text, size);

    /* The texts are the constant ones of the lists; values that a text does not name are ignored.
     */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    text_append(&words, known(note->id) ? notes[note->id].text : "unknown note", note->arg[0],
                note->arg[1], note->arg[2]);
#pragma GCC diagnostic pop
    append_words(note, &words);
    return text;
}
