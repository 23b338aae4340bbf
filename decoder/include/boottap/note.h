/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Notes: what a person should know beside a command's outcome. Every note has an id of its own;
 * the lists are in notes_*.def, one a part of the core.
 */
#ifndef BOOTTAP_NOTE_H
#define BOOTTAP_NOTE_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** The ids: BTAP_NOTE_ and the first column of the lists. */
enum btap_note_id {
#define BTAP_NOTE_DEF(id, name, severity, text) BTAP_NOTE_##id,
#include "boottap/notes_dfu.def"
#include "boottap/notes_fdcan.def"
#include "boottap/notes_link.def"
#include "boottap/notes_usart.def"
#undef BTAP_NOTE_DEF
    BTAP_NOTE_COUNT,
};

/** How many values a note's text can name. */
#define BTAP_NOTE_ARGS 3

/** Room for btap_note_text()'s longest answer with its terminating zero. */
#define BTAP_NOTE_TEXT_SIZE 256

/** One note. A plain value: holds no pointer. */
struct btap_note {
    enum btap_note_id id;
    uint32_t arg[BTAP_NOTE_ARGS]; /**< the values in its text, in that order; unused ones are 0 */
    uint64_t packet;              /**< record that shows it */
    btap_ns time;                 /**< of that record */
};

/** Kebab-case id as in JSON and in Wireshark's filters: `complement-mismatch`. Never NULL. */
const char *btap_note_name(enum btap_note_id id);

/** Severity of every note with this id. */
enum btap_severity btap_note_severity(enum btap_note_id id);

/**
 * The note in words, with its values, without a full stop at the end.
 *
 * @param note not NULL
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1
 * @return text
 */
const char *btap_note_text(const struct btap_note *note, char *text, size_t size);

BTAP_END_DECLARATIONS

#endif
