/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/effect.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "memory/erase.h"

/* AN3155 section 3.13: what the checksum starts with where the host does not say. */
#define CRC_POLYNOMIAL 0x04c11db7u
#define CRC_INITIAL    0xffffffffu

bool effect_any(const struct effect *effect)
{
    return effect->writes + effect->reads + effect->erases > 0 ||
           effect->not_written.commands + effect->not_read.commands > 0;
}

static bool has_note(const struct btap_transaction *transaction, enum btap_note_id id)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (transaction->notes[i].id == id)
            return true;
    return false;
}

bool effect_needs_erase(const struct effect *effect, uint32_t address)
{
    /* Armv7-M's address map; the block of option bytes and one-time-programmable memory. */
    const bool code = address < 0x1ff00000u;
    const bool external = address >= 0x60000000u && address < 0xa0000000u;

    return !effect->plain_dfu && (code || external);
}

static void on_session_end(void *context, const struct btap_session *facts)
{
    struct effect_link *own = context;

    if (own->session != NULL)
        own->session->number = facts->number;
    own->session = NULL;
}

static struct effect_link *new_link(struct effects *effects, const struct btap_link *link)
{
    if (effects->links_length == effects->links_room) {
        effects->links_room = 2 * effects->links_room + 8;
        effects->links =
            reallocate(effects->links, effects->links_room * sizeof(struct effect_link *));
    }
    effects->recent = allocate(sizeof(*effects->recent));
    effects->recent->link = *link;
    effects->recent->sink =
        (struct btap_session_sink){.context = effects->recent, .end = on_session_end};
    btap_session_tracker_init(&effects->recent->tracker, link->transport, &effects->recent->sink);
    effects->links[effects->links_length++] = effects->recent;
    return effects->recent;
}

static struct effect_link *find_link(struct effects *effects, const struct btap_link *link)
{
    if (effects->recent != NULL && btap_link_same(&effects->recent->link, link))
        return effects->recent;
    for (size_t i = 0; i < effects->links_length; i++)
        if (btap_link_same(&effects->links[i]->link, link))
            return effects->recent = effects->links[i];
    return new_link(effects, link);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    payload_add(&find_link(context, link)->payload, data);
}

/** Remembers which alternate setting a slice went through. */
static void take_alternate(struct effect *effect, uint8_t number, const struct payload_slice *slice)
{
    const struct btap_range range = {slice->address, slice->address + slice->length - 1};
    size_t i = 0;

    if (slice->length == 0 || range.last < range.first)
        return;
    while (i < effect->alternates_length && effect->alternates[i].number != number)
        i++;
    if (i == EFFECT_ALTERNATES_MAX)
        return;
    if (i == effect->alternates_length) {
        effect->alternates[effect->alternates_length++] = (struct effect_alternate){number, range};
        return;
    }
    if (range.first < effect->alternates[i].range.first)
        effect->alternates[i].range.first = range.first;
    if (range.last > effect->alternates[i].range.last)
        effect->alternates[i].range.last = range.last;
}

uint8_t effect_alternate(const struct effect *effect, uint32_t address)
{
    for (size_t i = 0; i < effect->alternates_length; i++)
        if (address >= effect->alternates[i].range.first &&
            address <= effect->alternates[i].range.last)
            return effect->alternates[i].number;
    return 0;
}

/** Puts the data where it belongs. */
static void take_slices(const struct payload *payload, struct effect *effect, uint8_t alternate)
{
    struct btap_verification unused = {0};
    const uint8_t *bytes = payload->bytes;

    for (size_t i = 0; i < payload->slices_length; i++) {
        const struct payload_slice *slice = &payload->slices[i];

        take_alternate(effect, alternate, slice);
        if (slice->written) {
            image_write(&effect->written, slice->address, bytes, slice->length);
        } else {
            image_read_back(&effect->written, slice->address, bytes, slice->length, 0, &unused);
            image_write(&effect->read, slice->address, bytes, slice->length);
        }
        bytes += slice->length;
    }
}

/* Sessions */

static struct effect *new_session(struct effects *effects, const struct effect_link *own,
                                  const struct btap_transaction *transaction)
{
    struct effect *effect;

    if (effects->length == EFFECTS_MAX)
        return NULL;
    effect = allocate(sizeof(*effect));
    effects->list[effects->length++] = effect;
    effect->link = own->link;
    effect->first_packet = transaction->first_packet;
    effect->first = transaction->time;
    effect->product = own->product;
    effect->vendor = UINT16_MAX;
    effect->usb_product = UINT16_MAX;
    effect->usb_device = UINT16_MAX;
    return effect;
}

/** The session that a transaction belongs to; NULL if it found no room. */
static struct effect *session_of(struct effects *effects, struct effect_link *own,
                                 const struct btap_transaction *transaction)
{
    if (own->session == NULL)
        own->session = new_session(effects, own, transaction);
    if (own->session == NULL)
        return NULL;
    own->session->transactions++;
    if (transaction->last_packet > own->session->last_packet)
        own->session->last_packet = transaction->last_packet;
    if (transaction->time + transaction->duration > own->session->last)
        own->session->last = transaction->time + transaction->duration;
    return own->session;
}

/* Checksums */

/** The STM32's CRC unit: words, least significant byte first in memory, fed MSB first. */
static uint32_t crc_word(uint32_t crc, uint32_t polynomial, const uint8_t bytes[4])
{
    crc ^= bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    for (int bit = 0; bit < 32; bit++)
        crc = crc & 0x80000000u ? crc << 1 ^ polynomial : crc << 1;
    return crc;
}

/** The sum over a range. @return false if some of it is not known */
static bool sum(const struct image *image, const struct btap_transaction *transaction,
                uint32_t *crc)
{
    const uint32_t polynomial =
        transaction->has & BTAP_HAS_POLYNOMIAL ? transaction->polynomial : CRC_POLYNOMIAL;

    *crc = transaction->has & BTAP_HAS_INITIAL ? transaction->initial : CRC_INITIAL;
    for (uint32_t at = 0; at < transaction->length; at += 4) {
        uint8_t word[4];

        for (uint32_t i = 0; i < 4; i++) {
            const uint32_t address = transaction->address + at + i;

            if ((image_get(image, address, &word[i]) & IMAGE_WRITTEN) == 0 &&
                !image_erased(image, address))
                return false;
        }
        *crc = crc_word(*crc, polynomial, word);
    }
    return true;
}

static void take_checksum(struct effect *effect, const struct btap_transaction *transaction)
{
    const uint32_t asked = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH | BTAP_HAS_CHECKSUM;
    const struct btap_range range = {transaction->address,
                                     transaction->address + transaction->length - 1};
    struct btap_range written;
    uint32_t crc;

    if ((transaction->has & asked) != asked || transaction->length == 0 ||
        transaction->length % 4 != 0 || range.last < range.first ||
        transaction->length > EFFECT_SUMMED_MAX - effect->summed ||
        !image_next(&effect->written, range.first, IMAGE_WRITTEN, IMAGE_WRITTEN, &written) ||
        written.first > range.last)
        return;
    effect->summed += transaction->length;
    if (!sum(&effect->written, transaction, &crc))
        return;
    if (crc == transaction->checksum) {
        effect->checksums++;
        image_mark(&effect->written, &range, IMAGE_SUMMED);
    } else {
        effect->checksums_other++;
    }
}

/* Transactions */

static void count_failure(struct effect_failures *failures,
                          const struct btap_transaction *transaction)
{
    if (failures->commands++ == 0) {
        failures->n = transaction->n;
        failures->packet = transaction->first_packet;
        failures->address = transaction->address;
        failures->status = transaction->status;
    }
}

/** Bytes that went over the line and are not in the capture. */
static uint64_t missing(const struct btap_transaction *transaction, uint64_t known)
{
    /* A DFU device may answer with less than it was asked for. */
    if (transaction->transport == BTAP_DFU && !has_note(transaction, BTAP_NOTE_TRUNCATED) &&
        !has_note(transaction, BTAP_NOTE_DATA_NOT_KEPT))
        return 0;
    return known < transaction->length ? transaction->length - known : 0;
}

/** Whether where a DfuSe command reads or writes had to be guessed. */
static bool is_assumed(const struct btap_transaction *transaction)
{
    return has_note(transaction, BTAP_NOTE_DEFAULT_POINTER) ||
           has_note(transaction, BTAP_NOTE_TRANSFER_SIZE_ASSUMED) ||
           has_note(transaction, BTAP_NOTE_POINTER_UNCERTAIN);
}

static void take_memory(struct effect_link *own, struct effect *effect,
                        const struct btap_transaction *transaction, uint64_t *count,
                        struct effect_failures *failures)
{
    const size_t known = own->payload.n == transaction->n ? own->payload.length : 0;
    uint64_t lacking;

    if (transaction->status != BTAP_OK) {
        count_failure(failures, transaction);
        return;
    }
    ++*count;
    lacking = missing(transaction, known);
    failures->missing += lacking;
    failures->assumed += is_assumed(transaction);
    /* Which bytes of a serial line or a bus are missing is not known; USB's are those at the end.
     */
    if (known > 0 && (lacking == 0 || transaction->transport == BTAP_DFU))
        take_slices(&own->payload, effect, transaction->alternate);
}

/** What the transaction tells about the device. */
static void take_identity(struct effect_link *own, struct effect *effect,
                          const struct btap_transaction *transaction,
                          const struct btap_usb_device *device)
{
    if (transaction->has & BTAP_HAS_PID) {
        own->product = btap_product_by_pid(transaction->pid);
        effect->product = own->product;
    }
    if (transaction->command == BTAP_DOWNLOAD || transaction->command == BTAP_UPLOAD)
        effect->plain_dfu = true;
    if (device != NULL && device->descriptor_known) {
        effect->vendor = device->vendor;
        effect->usb_product = device->product;
        effect->usb_device = device->bcd_device;
    }
}

/** @param device NULL if none is known */
static void take_effect(struct effect_link *own, struct effect *effect,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
    switch (transaction->command) {
    case BTAP_WRITE_MEMORY:
    case BTAP_DOWNLOAD:
        take_memory(own, effect, transaction, &effect->writes, &effect->not_written);
        return;
    case BTAP_READ_MEMORY:
    case BTAP_UPLOAD:
        take_memory(own, effect, transaction, &effect->reads, &effect->not_read);
        return;
    case BTAP_ERASE:
    case BTAP_EXTENDED_ERASE:
    case BTAP_READOUT_UNPROTECT:
    case BTAP_READ_UNPROTECT:
        if (!erase_happened(transaction))
            return;
        effect->erases++;
        if (!erase_apply(&effect->written, transaction, effect->product, device))
            effect->erases_unplaced++;
        return;
    case BTAP_GET_CHECKSUM:
        if (transaction->status == BTAP_OK)
            take_checksum(effect, transaction);
        return;
    default:
        return;
    }
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct effects *effects = context;
    struct effect_link *own = find_link(effects, link);
    const struct btap_usb_device *device = NULL;
    struct effect *effect;

    if (effects->tap != NULL && link->kind == BTAP_LINK_USB)
        device = btap_tap_usb_device(effects->tap, link);
    btap_session_transaction(&own->tracker, transaction, device);
    effect = session_of(effects, own, transaction);
    if (effect == NULL) {
        effects->omitted++;
    } else {
        take_identity(own, effect, transaction, device);
        take_effect(own, effect, transaction, device);
    }
    payload_clear(&own->payload);
}

/** A note may begin a session. */
static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    if (n == 0)
        btap_session_note(&find_link(context, link)->tracker, n, note);
}

void effects_init(struct effects *effects, const struct btap_tap *tap)
{
    memset(effects, 0, sizeof(*effects));
    effects->tap = tap;
    effects->sink = (struct btap_sink){
        .context = effects,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
}

void effects_finish(struct effects *effects)
{
    for (size_t i = 0; i < effects->links_length; i++)
        btap_session_finish(&effects->links[i]->tracker);
}

void effects_release(struct effects *effects)
{
    for (size_t i = 0; i < effects->length; i++) {
        image_release(&effects->list[i]->written);
        image_release(&effects->list[i]->read);
        free(effects->list[i]);
    }
    for (size_t i = 0; i < effects->links_length; i++) {
        payload_release(&effects->links[i]->payload);
        free(effects->links[i]);
    }
    free(effects->links);
    effects_init(effects, effects->tap);
}
