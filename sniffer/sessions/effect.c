/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/effect.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/* AN3155 section 3.13: what the checksum starts with where the host does not say. */
#define CRC_POLYNOMIAL 0x04c11db7u
#define CRC_INITIAL    0xffffffffu

/** Bytes that are looked for at other addresses: fewer are alike by chance. */
#define ELSEWHERE_MIN 16

bool effect_writes(const struct effect *effect)
{
    return effect->writes + effect->not_written.commands > 0;
}

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
    return !effect->plain_dfu && !btap_product_is_stm8(effect->product) &&
           btap_memory_needs_erase(address);
}

bool effect_holds_firmware(const struct effect *effect, uint32_t address)
{
    return effect->plain_dfu || effect_needs_erase(effect, address) ||
           (btap_product_is_stm8(effect->product) && btap_product_lasts(effect->product, address));
}

/** Remembers which alternate setting a slice went through. */
static void note_alternate(struct effect *effect, uint8_t number, const struct payload_slice *slice)
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

/** Looks for what was read and is not what was written there: bytes that tell a place from others,
 * most of them wrong. Once in a session: the search is slow. */
static void find_elsewhere(struct effect *effect, const struct payload_slice *slice,
                           const uint8_t *bytes, struct btap_verification *readback)
{
    bool plain = true;

    for (uint32_t i = 1; i < slice->length && plain; i++)
        plain = bytes[i] == bytes[0];
    if (effect->searched || plain || slice->length < ELSEWHERE_MIN ||
        readback->different < slice->length / 2)
        return;
    effect->searched = true;
    readback->elsewhere = image_find(&effect->written, bytes, slice->length, slice->address,
                                     &readback->elsewhere_address);
}

/** Whether what is read can be what was written: images of plain devices have no addresses, and
 * each alternate setting has its own. */
static bool reads_back(const struct effect *effect, const struct btap_transaction *transaction,
                       const struct payload_slice *slice)
{
    return effect->plain_dfu ? transaction->alternate == effect->image_alternate
                             : btap_product_lasts(effect->product, slice->address);
}

/** Puts the data where it belongs. What changes by itself proves nothing when it is read back. */
static void add_slices(struct effect *effect, const struct payload *payload,
                       const struct btap_transaction *transaction,
                       struct btap_verification *readback)
{
    const uint8_t *bytes = payload->bytes;

    for (size_t i = 0; i < payload->slices_length; i++) {
        const struct payload_slice *slice = &payload->slices[i];

        note_alternate(effect, transaction->alternate, slice);
        if (slice->written) {
            effect->image_alternate = transaction->alternate;
            image_write(&effect->written, slice->address, bytes, slice->length);
            *effect->summable += (uint64_t)EFFECT_SUMMED_EACH * slice->length;
        } else {
            if (reads_back(effect, transaction, slice)) {
                image_read_back(&effect->written, slice->address, bytes, slice->length,
                                slice->packet, readback);
                find_elsewhere(effect, slice, bytes, readback);
            }
            if (effect->keep_reads)
                image_write(&effect->read, slice->address, bytes, slice->length);
        }
        bytes += slice->length;
    }
}

/* Checksums */

/** What each value of the CRC's first byte makes of the others, for one polynomial. */
struct crc_table {
    uint32_t of[256];
};

static void fill_table(struct crc_table *table, uint32_t polynomial)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte << 24;

        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x80000000u ? crc << 1 ^ polynomial : crc << 1;
        table->of[byte] = crc;
    }
}

/** The STM32's CRC unit: words, least significant byte first in memory, fed MSB first. */
static uint32_t crc_word(uint32_t crc, const struct crc_table *table, const uint8_t bytes[4])
{
    for (int i = 3; i >= 0; i--)
        crc = crc << 8 ^ table->of[crc >> 24 ^ bytes[i]];
    return crc;
}

/** Whether the contents of a range are known: written, or else erased. */
static bool is_known(const struct image *image, const struct btap_range *range)
{
    if (ranges_cover(&image->erased, *range) == range_length(range))
        return true;
    for (uint64_t at = range->first; at <= range->last; at++) {
        uint8_t value;

        if ((image_get(image, (uint32_t)at, &value) & IMAGE_WRITTEN) == 0 &&
            !ranges_hold(&image->erased, (uint32_t)at))
            return false;
    }
    return true;
}

/** The sum over a range of whole words. @return false if some of it is not known */
static bool sum(const struct image *image, const struct btap_transaction *transaction,
                const struct btap_range *range, uint32_t *crc)
{
    const uint32_t polynomial =
        transaction->has & BTAP_HAS_POLYNOMIAL ? transaction->polynomial : CRC_POLYNOMIAL;
    struct crc_table table;
    uint8_t bytes[1024];
    uint32_t part;

    if (!is_known(image, range))
        return false;
    fill_table(&table, polynomial);
    *crc = transaction->has & BTAP_HAS_INITIAL ? transaction->initial : CRC_INITIAL;
    for (uint32_t at = 0; at < transaction->length; at += part) {
        const uint32_t left = transaction->length - at;

        part = left < sizeof(bytes) ? left : sizeof(bytes);
        image_copy(image, range->first + at, part, 0xff, bytes);
        for (uint32_t i = 0; i < part; i += 4)
            *crc = crc_word(*crc, &table, bytes + i);
    }
    return true;
}

static void add_checksum(struct effect *effect, const struct btap_transaction *transaction)
{
    const uint32_t asked = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH | BTAP_HAS_CHECKSUM;
    const struct btap_range range = {transaction->address,
                                     transaction->address + transaction->length - 1};
    uint32_t crc;

    if ((transaction->has & asked) != asked || transaction->length == 0 ||
        transaction->length % 4 != 0 || range.last < range.first ||
        image_empty_in(&effect->written, &range))
        return;
    if (transaction->length > *effect->summable) {
        effect->checksums_left++;
        return;
    }
    *effect->summable -= transaction->length;
    if (!sum(&effect->written, transaction, &range, &crc))
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

static void add_memory(struct effect *effect, const struct btap_transaction *transaction,
                       const struct payload *payload, uint64_t *count,
                       struct effect_failures *failures, struct btap_verification *readback)
{
    const size_t known = payload->n == transaction->n ? payload->length : 0;
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
        add_slices(effect, payload, transaction, readback);
}

/** What the transaction tells about the device. */
static void add_identity(struct effect *effect, const struct btap_transaction *transaction,
                         const struct btap_usb_device *device)
{
    if (transaction->command == BTAP_DOWNLOAD || transaction->command == BTAP_UPLOAD)
        effect->plain_dfu = true;
    if (device != NULL && device->descriptor_known) {
        effect->vendor = device->vendor;
        effect->usb_product = device->product;
        effect->usb_device = device->bcd_device;
    }
}

struct effect *effect_new(const struct btap_link *link, const struct btap_transaction *transaction,
                          size_t *pages, uint64_t *summable, bool keep_reads)
{
    struct effect *effect = allocate(sizeof(*effect));

    effect->link = *link;
    effect->first_packet = transaction->first_packet;
    effect->first = transaction->time;
    effect->vendor = UINT16_MAX;
    effect->usb_product = UINT16_MAX;
    effect->usb_device = UINT16_MAX;
    effect->written.room = pages;
    effect->read.room = pages;
    effect->summable = summable;
    effect->keep_reads = keep_reads;
    return effect;
}

void effect_free(struct effect *effect)
{
    if (effect == NULL)
        return;
    image_release(&effect->written);
    image_release(&effect->read);
    free(effect);
}

void effect_erase(struct effect *effect, const struct btap_transaction *transaction,
                  const struct btap_effect *erase)
{
    if ((erase->extent == BTAP_EXTENT_EXACT || erase->extent == BTAP_EXTENT_WITHIN) &&
        image_erase(&effect->written, &erase->range))
        return;
    /* It may have been any of what was written before. */
    image_mark(&effect->written, &(struct btap_range){0, UINT32_MAX}, IMAGE_UNCERTAIN);
    if (effect->unplaced_n != transaction->n)
        effect->erases_unplaced++;
    effect->unplaced_n = transaction->n;
}

void effect_risks(struct effect *effect, const struct btap_effect *write)
{
    for (unsigned kind = 0; kind < BTAP_RISK_COUNT; kind++)
        if (write->risks & 1u << kind)
            image_mark(&effect->written, &write->risk[kind],
                       (enum image_mark)(IMAGE_AFTER_READ << kind));
}

bool effect_read_memory(void *context, uint32_t address, uint8_t bytes[8])
{
    const struct effect *effect = context;

    for (uint32_t i = 0; i < 8; i++)
        if (!(image_get(&effect->written, address + i, &bytes[i]) & IMAGE_WRITTEN) &&
            !ranges_hold(&effect->written.erased, address + i))
            return false;
    return true;
}

void effect_transaction(struct effect *effect, const struct btap_transaction *transaction,
                        const struct payload *payload, const struct btap_usb_device *device,
                        const struct btap_product *product, struct btap_verification *readback)
{
    const btap_ns end = transaction->time + transaction->duration;

    effect->transactions++;
    effect->product = product;
    if (transaction->last_packet > effect->last_packet)
        effect->last_packet = transaction->last_packet;
    if (end > effect->last)
        effect->last = end;
    add_identity(effect, transaction, device);
    effect->erases += btap_transaction_erases(transaction);
    if (transaction->command == BTAP_GET_CHECKSUM) {
        if (transaction->status == BTAP_OK)
            add_checksum(effect, transaction);
    } else if (btap_command_has(transaction->command, BTAP_TRAIT_WRITES)) {
        add_memory(effect, transaction, payload, &effect->writes, &effect->not_written, readback);
    } else if (btap_command_has(transaction->command, BTAP_TRAIT_READS)) {
        add_memory(effect, transaction, payload, &effect->reads, &effect->not_read, readback);
    }
}
