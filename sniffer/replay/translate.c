/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/translate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/json.h"
#include "base/message.h"
#include "capture/capture.h"
#include "sessions/sessions.h"

#define OPCODE_GET    0x00
#define OPCODE_GET_ID 0x02

/* Arm's address map */
#define RAM_FIRST 0x20000000u
#define RAM_LAST  0x3fffffffu

/** What of a session its effect does not tell. */
struct played {
    bool mass_erase;
    bool start;
    bool start_known;
    uint32_t start_address;
};

struct translation {
    const char *path;
    char *name; /**< of the capture */
    bool complete;
    struct sessions sessions;
    const struct session *session;
    struct fit_wish wish;
};

static void on_transaction(void *context, struct session_link *link,
                           const struct btap_transaction *transaction)
{
    struct played *played = link->own;

    (void)context;
    if (played == NULL)
        played = link->own = allocate(sizeof(*played));
    if (transaction->status != BTAP_OK)
        return;
    played->mass_erase |= transaction->erase == BTAP_ERASE_MASS;
    if (!btap_command_has(transaction->command, BTAP_TRAIT_STARTS))
        return;
    played->start = true;
    played->start_known = (transaction->has & BTAP_HAS_ADDRESS) != 0;
    played->start_address = transaction->address;
}

static void read_capture(struct translation *translation, const struct translate_source *source)
{
    const struct session_observer observer = {.transaction = on_transaction, .drop = free};
    struct capture *capture = allocate(sizeof(*capture));
    const struct btap_sink sink = sessions_sink(&translation->sessions);
    size_t size;

    sessions_init(&translation->sessions, &capture->tap);
    translation->sessions.keep_effects = true;
    translation->sessions.observer = &observer;
    translation->complete = capture_read(capture, source->path, &source->decoder, &sink);
    sessions_finish(&translation->sessions);
    translation->sessions.observer = NULL;
    size = strlen(capture->input.stream.name) + 1;
    translation->name = memcpy(allocate(size), capture->input.stream.name, size);
    if (translation->complete && translation->sessions.length == 0)
        capture_tell_nothing_found(&capture->input, &capture->tap.counters);
    free(capture);
}

static bool is_asked_for(const struct translate_source *source, const struct session *session)
{
    char name[BTAP_LINK_NAME_SIZE];

    if (session->effect == NULL ||
        (source->session > 0 && session->facts.number != source->session))
        return false;
    return source->link == NULL ||
           strcmp(source->link, btap_link_name(&session->link, name, sizeof(name))) == 0;
}

/** Whether a session wrote or erased, or tried to write. */
static bool is_about_memory(const struct effect *effect)
{
    return effect->writes + effect->erases + effect->not_written.commands > 0;
}

static bool choose(struct translation *translation, const struct translate_source *source)
{
    size_t chosen = 0;
    size_t found = 0;

    for (size_t i = 0; i < translation->sessions.length; i++) {
        const struct session *session = sessions_at(&translation->sessions, i);

        if (!is_asked_for(source, session) || !is_about_memory(session->effect))
            continue;
        chosen = i;
        found++;
    }
    if (found == 1) {
        translation->session = sessions_at(&translation->sessions, chosen);
        return true;
    }
    if (found == 0)
        message("%s: no session that is asked for writes or erases anything", translation->name);
    else
        message("%s: %zu sessions write or erase something; choose one with --link and --session",
                translation->name, found);
    return false;
}

/** Whether what was written is the same memory on any device of the kind. */
static bool is_placed(const struct translation *translation)
{
    const struct effect *effect = translation->session->effect;
    struct btap_range run;
    uint64_t from = 0;

    while (image_next(&effect->written, &from, IMAGE_WRITTEN, &run)) {
        if (btap_memory_needs_erase(run.first) || (run.first >= RAM_FIRST && run.last <= RAM_LAST))
            continue;
        message("%s: 0x%08" PRIx32 "-0x%08" PRIx32
                " is written, which is neither flash memory nor RAM: that is not "
                "translated",
                translation->name, run.first, run.last);
        return false;
    }
    return true;
}

/** Whether all that the session did is known, and can be done elsewhere. */
static bool is_whole(const struct translation *translation)
{
    const struct effect *effect = translation->session->effect;

    if (effect->plain_dfu) {
        message("%s: its DFU device has no addresses, so that it is not known where the image goes "
                "on another wire",
                translation->name);
        return false;
    }
    if (effect->not_written.missing > 0) {
        message("%s: %" PRIu64 " bytes that were written are not in the capture", translation->name,
                effect->not_written.missing);
        return false;
    }
    if (effect->not_written.commands > 0)
        message("%s: %" PRIu64 " write%s failed, the first in packet %" PRIu64
                ": what they were to write is not translated, unless it was written later",
                translation->name, effect->not_written.commands,
                effect->not_written.commands == 1 ? "" : "s", effect->not_written.packet);
    return is_placed(translation);
}

static bool make_wish(struct translation *translation)
{
    const struct image *image = &translation->session->effect->written;
    const struct played *played = translation->session->own;
    struct fit_wish *wish = &translation->wish;
    struct btap_range run;

    wish->image = image;
    wish->mass_erase = played != NULL && played->mass_erase;
    wish->verify = image_count(image, IMAGE_READ_SAME | IMAGE_READ_OTHER | IMAGE_SUMMED) > 0;
    if (!image_first(image, IMAGE_WRITTEN, &run)) {
        if (wish->mass_erase)
            return true;
        message("%s: it writes nothing, and neither the pages that it may have erased nor "
                "protection are translated: those of another device are others",
                translation->name);
        return false;
    }
    wish->start = played != NULL && played->start;
    wish->start_address = wish->start && played->start_known ? played->start_address : run.first;
    return true;
}

struct translation *translation_read(const struct translate_source *source)
{
    struct translation *translation = allocate(sizeof(*translation));

    read_capture(translation, source);
    if (translation->complete && translation->sessions.length > 0 && choose(translation, source) &&
        is_whole(translation) && make_wish(translation))
        return translation;
    translation_free(translation);
    return NULL;
}

void translation_free(struct translation *translation)
{
    if (translation == NULL)
        return;
    for (size_t i = 0; i < translation->sessions.length; i++)
        free(translation->sessions.list[i].own);
    sessions_release(&translation->sessions);
    free(translation->name);
    free(translation);
}

uint32_t translation_needs(const struct translation *translation, enum btap_transport transport)
{
    const struct fit_wish *wish = &translation->wish;
    uint32_t needs = PLAN_ERASE;

    if (!image_empty(wish->image))
        needs |= PLAN_WRITE;
    if (wish->start)
        needs |= transport == BTAP_DFU ? PLAN_LEAVE : PLAN_GO;
    return needs;
}

static void ask(struct plan *plan, uint8_t opcode)
{
    const struct btap_command_info *info = btap_command_by_opcode(plan->transport, opcode);
    struct plan_command command = {
        .origin = PLAN_FITTED,
        .transaction = {.transport = plan->transport,
                        .command = info->command,
                        .has = BTAP_HAS_OPCODE,
                        .opcode = opcode},
    };

    if (plan->transport == BTAP_FDCAN) {
        command.transaction.has |= BTAP_HAS_CAN_ID;
        command.transaction.request_id = opcode;
    }
    plan_add(plan, &command);
}

void translation_begin(const struct translation *translation, struct plan *plan,
                       enum btap_transport transport)
{
    plan->name = translation->name;
    plan->transport = transport;
    switch (transport) {
    case BTAP_USART:
    case BTAP_FDCAN:
    case BTAP_CAN:
        ask(plan, OPCODE_GET);
        ask(plan, OPCODE_GET_ID);
        return;
    case BTAP_DFU:
    case BTAP_TRANSPORT_COUNT:
        break;
    }
}

void translation_finish(const struct translation *translation, struct plan *plan,
                        uint8_t erase_opcode)
{
    struct fit_wish wish = translation->wish;

    wish.erase_opcode = erase_opcode;
    fit_commands(plan, &plan->device, &wish);
}

/* What will be done */

static void print_text(const struct translation *translation, uint32_t needs, FILE *to)
{
    const struct fit_wish *wish = &translation->wish;
    const char *between = " ";
    struct btap_range run;
    uint64_t from = 0;

    fprintf(to, "erase   %s\n",
            wish->mass_erase ? "all of the flash memory, or the pages that hold the image"
                             : "the pages that hold the image, by the device's own layout");
    while (image_next(wish->image, &from, IMAGE_WRITTEN, &run))
        fprintf(to, "write   0x%08" PRIx32 "-0x%08" PRIx32 "  %" PRIu64 " bytes\n", run.first,
                run.last, range_length(&run));
    if (wish->verify)
        fputs("read    the same, and compare\n", to);
    if (wish->start)
        fprintf(to, "start   0x%08" PRIx32 "\n", wish->start_address);
    fputs("needs   --allow", to);
    for (unsigned bit = 0; bit < PLAN_PERMISSIONS; bit++)
        if (needs & 1u << bit) {
            fprintf(to, "%s%s", between, plan_permission_name(bit));
            between = ",";
        }
    putc('\n', to);
}

static void print_json(const struct translation *translation, enum btap_transport transport,
                       uint32_t needs, FILE *to)
{
    const struct fit_wish *wish = &translation->wish;
    struct btap_range run;
    uint64_t from = 0;
    struct json json;

    json_begin(&json, to, "translation");
    json_add_text(&json, "capture", translation->name);
    json_add_number(&json, "session", translation->session->facts.number);
    json_add_text(&json, "to", btap_transport_name(transport));
    json_add_text(&json, "erase", wish->mass_erase ? "mass" : "pages");
    json_open_list(&json, "writes");
    while (image_next(wish->image, &from, IMAGE_WRITTEN, &run)) {
        json_open_object(&json, NULL);
        json_add_number(&json, "address", run.first);
        json_add_number(&json, "length", range_length(&run));
        json_close_object(&json);
    }
    json_close_list(&json);
    json_add_boolean(&json, "verify", wish->verify);
    if (wish->start)
        json_add_number(&json, "start", wish->start_address);
    json_open_list(&json, "needs");
    for (unsigned bit = 0; bit < PLAN_PERMISSIONS; bit++)
        if (needs & 1u << bit)
            json_add_text(&json, NULL, plan_permission_name(bit));
    json_close_list(&json);
    json_end(&json);
}

void translation_print(const struct translation *translation, enum btap_transport transport,
                       bool json, FILE *to)
{
    const uint32_t needs = translation_needs(translation, transport);

    if (json)
        print_json(translation, transport, needs, to);
    else
        print_text(translation, needs, to);
}
