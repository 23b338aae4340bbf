/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/note.h"

#include <stdio.h>

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

const char *btap_note_text(const struct btap_note *note, char *text, size_t size)
{
    /* The texts are the constant ones of the lists; values that a text does not name are ignored.
     */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, size, known(note->id) ? notes[note->id].text : "unknown note", note->arg[0],
             note->arg[1], note->arg[2]);
#pragma GCC diagnostic pop
    return text;
}
