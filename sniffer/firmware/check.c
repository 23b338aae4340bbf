/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/check.h"

#include "cli/options.h"
#include "cli/parse.h"

static bool set_address(struct firmware_check *check, const char *value)
{
    uint64_t number;

    if (!parse_number(value, UINT32_MAX, &number))
        return misused("'%s' is no address; it must be a number up to 0xffffffff", value);
    check->address = (uint32_t)number;
    check->address_known = true;
    return true;
}

bool firmware_check_take(struct firmware_check *check, int option, const char *value)
{
    if (option == FIRMWARE_CHECK_OPTION_ADDRESS)
        return set_address(check, value);
    check->path = value;
    return true;
}

bool firmware_check_open(struct firmware_check *check)
{
    return check->path == NULL || firmware_read(&check->firmware, check->path);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct firmware_check *check = context;

    if (check->beside.data != NULL)
        check->beside.data(check->beside.context, link, data);
    check->effects.sink.data(&check->effects, link, data);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct firmware_check *check = context;

    if (check->beside.note != NULL)
        check->beside.note(check->beside.context, link, n, note);
    check->effects.sink.note(&check->effects, link, n, note);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct firmware_check *check = context;

    if (check->beside.transaction != NULL)
        check->beside.transaction(check->beside.context, link, transaction);
    check->effects.sink.transaction(&check->effects, link, transaction);
}

struct btap_sink firmware_check_start(struct firmware_check *check, const struct btap_tap *tap,
                                      const struct btap_sink *beside)
{
    effects_init(&check->effects, tap);
    check->beside = *beside;
    if (check->path == NULL)
        return *beside;
    return (struct btap_sink){
        .context = check,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
}

void firmware_check_finish(struct firmware_check *check)
{
    effects_finish(&check->effects);
}

/** What a session wrote; NULL if it tried to write nothing. */
static const struct effect *find_writing(const struct effects *effects,
                                         const struct session *session)
{
    for (size_t i = 0; i < effects->length; i++) {
        const struct effect *effect = effects->list[i];

        if (effect->number == session->facts.number &&
            btap_link_same(&effect->link, &session->link))
            return effect->writes + effect->not_written.commands > 0 ? effect : NULL;
    }
    return NULL;
}

const struct expectation *firmware_check_session(struct firmware_check *check,
                                                 const struct session *session)
{
    const struct effect *effect = find_writing(&check->effects, session);

    if (effect == NULL)
        return NULL;
    expect_check(effect, &check->firmware, check->address_known ? &check->address : NULL,
                 &check->expectation);
    return &check->expectation;
}

void firmware_check_end(struct firmware_check *check)
{
    effects_release(&check->effects);
}

void firmware_check_release(struct firmware_check *check)
{
    firmware_release(&check->firmware);
}
