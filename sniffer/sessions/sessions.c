/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "memory/erase.h"
#include "memory/image.h"
#include "sessions/payload.h"

/** The flash of every STM32. Elsewhere memory changes by itself: RAM, registers, option bytes. */
#define FLASH_FIRST 0x08000000u
#define FLASH_LAST  0x0fffffffu

struct sessions_link {
    struct btap_link link;
    struct sessions *sessions;
    struct btap_diagnosis diagnosis;
    struct payload payload;
    const struct btap_product *product; /**< NULL: not known */
    struct image memory;                /**< what the session wrote */
};

void sessions_init(struct sessions *sessions, const struct btap_tap *tap)
{
    memset(sessions, 0, sizeof(*sessions));
    sessions->tap = tap;
}

/** Makes room for one more element. @return the array, moved perhaps */
static void *grow(void *array, size_t length, size_t *size, size_t element)
{
    void *larger;

    if (length < *size)
        return array;
    *size = *size == 0 ? 8 : 2 * *size;
    larger = allocate(*size * element);
    if (length > 0)
        memcpy(larger, array, length * element);
    free(array);
    return larger;
}

/** Appends a session, whose members are the caller's to fill. */
static struct session *add_session(struct sessions *sessions)
{
    sessions->list =
        grow(sessions->list, sessions->length, &sessions->size, sizeof(struct session));
    return &sessions->list[sessions->length++];
}

bool session_failed(const struct btap_session *facts)
{
    return facts->verdict == BTAP_VERDICT_FAILED || facts->verdict == BTAP_VERDICT_CUT_SHORT;
}

static void on_session(void *context, const struct btap_session *facts)
{
    struct sessions_link *own = context;
    struct sessions *sessions = own->sessions;
    struct session *session;

    image_release(&own->memory);
    if (sessions->length == SESSIONS_MAX) {
        sessions->omitted++;
        sessions->omitted_failed += session_failed(facts);
        return;
    }
    session = add_session(sessions);
    session->link = own->link;
    session->facts = *facts;
}

/** A USB capture without a bootloader gets a session that says why. */
static void add_absence(struct sessions *sessions)
{
    struct session session;

    if (btap_diagnosis_absence(sessions->tap, &session.link, &session.facts))
        *add_session(sessions) = session;
}

static struct sessions_link *find_link(struct sessions *sessions, const struct btap_link *link)
{
    struct sessions_link *own;

    if (sessions->recent != NULL && btap_link_same(&sessions->recent->link, link))
        return sessions->recent;
    for (size_t i = 0; i < sessions->links_length; i++)
        if (btap_link_same(&sessions->links[i]->link, link))
            return sessions->recent = sessions->links[i];
    own = allocate(sizeof(*own));
    own->link = *link;
    own->sessions = sessions;
    btap_diagnosis_init(&own->diagnosis, link->transport, on_session, own);
    sessions->links = grow(sessions->links, sessions->links_length, &sessions->links_size,
                           sizeof(struct sessions_link *));
    sessions->links[sessions->links_length++] = own;
    return sessions->recent = own;
}

void sessions_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    payload_add(&find_link(context, link)->payload, data);
}

void sessions_note(void *context, const struct btap_link *link, uint64_t n,
                   const struct btap_note *note)
{
    if (n == 0)
        btap_diagnosis_note(&find_link(context, link)->diagnosis, n, note);
}

/** Whether memory holds there what was written, until it is erased. */
static bool is_lasting(const struct btap_transaction *transaction, uint32_t address)
{
    return transaction->command == BTAP_DOWNLOAD || transaction->command == BTAP_UPLOAD ||
           (address >= FLASH_FIRST && address <= FLASH_LAST);
}

/** What was erased cannot be read back; where that is not known, it may be all. */
static void take_erase(struct sessions_link *own, const struct btap_transaction *transaction,
                       const struct btap_usb_device *device)
{
    if (transaction->has & BTAP_HAS_PID)
        own->product = btap_product_by_pid(transaction->pid);
    if (erase_happened(transaction) &&
        !erase_apply(&own->memory, transaction, own->product, device))
        image_release(&own->memory);
}

static void take_payload(struct sessions_link *own, const struct btap_transaction *transaction)
{
    const struct payload *payload = &own->payload;
    const uint8_t *bytes = payload->bytes;
    struct btap_verification result = {0};

    if (transaction->status != BTAP_OK || payload->n != transaction->n)
        return;
    for (size_t i = 0; i < payload->slices_length; i++) {
        const struct payload_slice *slice = &payload->slices[i];

        if (is_lasting(transaction, slice->address) && slice->written)
            image_write(&own->memory, slice->address, bytes, slice->length);
        else if (is_lasting(transaction, slice->address))
            image_read_back(&own->memory, slice->address, bytes, slice->length, slice->packet,
                            &result);
        bytes += slice->length;
    }
    btap_diagnosis_readback(&own->diagnosis, &result);
}

static void take_port(struct sessions_link *own, const struct btap_usart *usart)
{
    const struct btap_port port = {
        .parity_even = usart->settings.parity == BTAP_PARITY_EVEN,
        /* RTAC records cannot tell "not known" from "inactive": an open port has one active. */
        .lines_known = usart->lines_moved_packet != 0 ||
                       (usart->lines & usart->lines_known & (BTAP_LINE_DTR | BTAP_LINE_RTS)) != 0,
        .moved_packet = usart->lines_moved_packet,
    };

    btap_diagnosis_port(&own->diagnosis, &port);
}

void sessions_transaction(void *context, const struct btap_link *link,
                          const struct btap_transaction *transaction)
{
    struct sessions *sessions = context;
    struct sessions_link *own = find_link(sessions, link);
    const struct btap_usart *usart = btap_tap_serial_port(sessions->tap, link);
    const struct btap_usb_device *device =
        link->kind == BTAP_LINK_USB ? btap_tap_usb_device(sessions->tap, link) : NULL;

    btap_diagnosis_until(&own->diagnosis, sessions->tap->until);
    btap_diagnosis_transaction(&own->diagnosis, transaction, device);
    if (usart != NULL)
        take_port(own, usart);
    take_erase(own, transaction, device);
    take_payload(own, transaction);
    payload_clear(&own->payload);
}

static int compare_time(const void *a, const void *b)
{
    const struct session *left = a;
    const struct session *right = b;

    if (left->facts.first_packet != right->facts.first_packet)
        return left->facts.first_packet < right->facts.first_packet ? -1 : 1;
    return 0;
}

void sessions_finish(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->links_length; i++)
        btap_diagnosis_finish(&sessions->links[i]->diagnosis);
    if (sessions->length == 0)
        add_absence(sessions);
    if (sessions->length > 1)
        qsort(sessions->list, sessions->length, sizeof(sessions->list[0]), compare_time);
}

uint64_t sessions_count(const struct sessions *sessions)
{
    return sessions->length + sessions->omitted;
}

void sessions_release(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->links_length; i++) {
        image_release(&sessions->links[i]->memory);
        payload_release(&sessions->links[i]->payload);
        free(sessions->links[i]);
    }
    free(sessions->links);
    free(sessions->list);
    sessions_init(sessions, sessions->tap);
}
