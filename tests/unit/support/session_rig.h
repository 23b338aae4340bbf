/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands fed to the session tracker, one a call, and what it emits.
 */
#ifndef BOOTTAP_SESSION_RIG_H
#define BOOTTAP_SESSION_RIG_H

#include <string.h>

#include "boottap/session.h"
#include "test.h"

#define SECOND ((btap_ns)1000000000)
#define FLASH  0x08000000u
/* 128 pages of 1 KiB */
#define PID_F103 0x410

extern struct btap_session_tracker tracker;
extern struct btap_transaction transaction; /**< the last command */
extern struct btap_session last;            /**< the last session that ended */
extern size_t sessions;                     /**< that ended */
extern char course[256];                    /**< B begin, effects by their kind: e w r, E end */
extern btap_ns now;

/** A new link. */
void begin(enum btap_transport transport);

/** The next command, of a millisecond, to be completed by the test; 10 ms behind the last. */
void make(enum btap_command command, enum btap_status status);
/** A note of the command that was made. */
void add_note(enum btap_note_id id);
/** Feeds the command that was made. */
void end_command(void);

/** make() and end_command() */
void send_command(enum btap_command command, enum btap_status status);
void identify(uint32_t pid);
/** 16 bytes */
void write_at(uint32_t address);
/** Of one page, where it is pages. */
void erase(enum btap_erase kind, uint16_t page);

/** Ends the capture. */
const struct btap_session *finish(void);

#endif
