/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Is there a sample for every status that a transport can end with, and for every note?
 */
#include "boottap/note.h"
#include "boottap/transaction.h"
#include "decoded.h"

#include <stdio.h>
#include <string.h>

static bool status_seen[BTAP_TRANSPORT_COUNT][BTAP_STATUS_COUNT];
static bool note_seen[BTAP_NOTE_COUNT];

/** A NACK is a byte of USART and FDCAN; errors, stalls and leaving the bus are USB's. */
static bool can_occur(enum btap_transport transport, enum btap_status status)
{
    switch (status) {
    case BTAP_NACK:
        return transport != BTAP_DFU;
    case BTAP_DFU_ERROR:
    case BTAP_STALL:
    case BTAP_DISCONNECTED:
        return transport == BTAP_DFU;
    default:
        return true;
    }
}

static void see_note(const char *name)
{
    for (int id = 0; id < BTAP_NOTE_COUNT; id++)
        if (strcmp(name, btap_note_name((enum btap_note_id)id)) == 0)
            note_seen[id] = true;
}

static void see(struct json_object *object)
{
    const char *transport = decoded_text(object, "transport");
    const char *status = decoded_text(object, "status");
    struct json_object *notes;

    for (int t = 0; status && t < BTAP_TRANSPORT_COUNT; t++)
        for (int s = 0; s < BTAP_STATUS_COUNT; s++)
            if (strcmp(transport, btap_transport_name((enum btap_transport)t)) == 0 &&
                strcmp(status, btap_status_name((enum btap_status)s)) == 0)
                status_seen[t][s] = true;
    if (json_object_object_get_ex(object, "notes", &notes))
        for (size_t i = 0; i < json_object_array_length(notes); i++)
            see_note(decoded_text(json_object_array_get_idx(notes, i), "id"));
}

static size_t tell_missing(void)
{
    size_t missing = 0;

    for (int t = 0; t < BTAP_TRANSPORT_COUNT; t++) {
        for (int s = 0; s < BTAP_STATUS_COUNT; s++) {
            if (status_seen[t][s] || !can_occur((enum btap_transport)t, (enum btap_status)s))
                continue;
            missing++;
            fprintf(stderr, "no sample of status %s on %s\n", btap_status_name((enum btap_status)s),
                    btap_transport_name((enum btap_transport)t));
        }
    }
    for (int id = 0; id < BTAP_NOTE_COUNT; id++) {
        if (note_seen[id])
            continue;
        missing++;
        fprintf(stderr, "no sample of note %s\n", btap_note_name((enum btap_note_id)id));
    }
    return missing;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct decoded golden;
        if (!decoded_read(&golden, argv[i])) {
            perror(argv[i]);
            return 1;
        }
        for (size_t at = 0; at < golden.length; at++)
            see(golden.objects[at]);
        decoded_free(&golden);
    }
    return tell_missing() ? 1 : 0;
}
