/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session_rig.h"

struct btap_session_tracker tracker;
struct btap_transaction transaction;
struct btap_session last;
size_t sessions;
char course[256];
btap_ns now;

static void add_course(char what)
{
    const size_t length = strlen(course);

    assert_true(length + 1 < sizeof(course));
    course[length] = what;
    course[length + 1] = '\0';
}

static void on_begin(void *context, const struct btap_session *session)
{
    assert_ptr_equal(context, course);
    assert_int_equal(session->number, sessions + 1);
    assert_int_equal(session->transactions, 0);
    add_course('B');
}

static void on_effect(void *context, const struct btap_session *session,
                      const struct btap_transaction *of, const struct btap_effect *effect)
{
    assert_ptr_equal(context, course);
    assert_int_equal(session->number, sessions + 1);
    assert_ptr_equal(of, &transaction);
    add_course("ewr"[effect->kind]);
}

static void on_end(void *context, const struct btap_session *session)
{
    assert_ptr_equal(context, course);
    last = *session;
    sessions++;
    add_course('E');
}

void begin(enum btap_transport transport)
{
    static const struct btap_session_sink sink = {course, on_begin, on_effect, on_end};

    memset(&tracker, 0xa5, sizeof(tracker)); /* whatever was there before */
    btap_session_tracker_init(&tracker, transport, &sink);
    memset(&transaction, 0, sizeof(transaction));
    transaction.transport = transport;
    sessions = 0;
    course[0] = '\0';
    now = 1000 * SECOND;
}

void make(enum btap_command command, enum btap_status status)
{
    const struct btap_transaction next = {
        .transport = transaction.transport,
        .command = command,
        .status = status,
        .phase = status == BTAP_OK ? BTAP_PHASE_NONE : BTAP_PHASE_DATA,
        .n = transaction.n + 1,
        .first_packet = 2 * transaction.n + 1,
        .last_packet = 2 * transaction.n + 2,
        .time = now,
        .duration = SECOND / 1000,
    };

    transaction = next;
    now += SECOND / 100;
}

void add_note(enum btap_note_id id)
{
    transaction.notes[transaction.notes_length++].id = id;
}

void end_command(void)
{
    btap_session_transaction(&tracker, &transaction, NULL);
}

void send_command(enum btap_command command, enum btap_status status)
{
    make(command, status);
    end_command();
}

void identify(uint32_t pid)
{
    make(BTAP_GET_ID, BTAP_OK);
    transaction.has = BTAP_HAS_PID;
    transaction.pid = pid;
    end_command();
}

void write_at(uint32_t address)
{
    make(BTAP_WRITE_MEMORY, BTAP_OK);
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = address;
    transaction.length = 16;
    transaction.transferred = 16;
    end_command();
}

void erase(enum btap_erase kind, uint16_t page)
{
    make(BTAP_ERASE, BTAP_OK);
    transaction.erase = kind;
    if (kind == BTAP_ERASE_PAGES) {
        transaction.list_kind = BTAP_LIST_PAGES;
        transaction.list_length = 1;
        transaction.list[0] = page;
    }
    end_command();
}

const struct btap_session *finish(void)
{
    btap_session_finish(&tracker);
    return &last;
}
