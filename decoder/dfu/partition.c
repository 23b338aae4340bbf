/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The partitions of an STM32MP (AN5275; U-Boot, stm32prog_usb.c; TF-A, stm32cubeprogrammer_usb.c):
 * what a transfer is about, the phase that the device is in, the head of an image.
 */
#include <string.h>

#include "dfu/internal.h"
#include "model/bytes.h"

/* Answer to GetPhase, least significant byte first: partition, load address, offset, more. */
#define PHASE_LENGTH 9
/* What sets the phase, most significant byte first: partition, offset. */
#define SET_PHASE_LENGTH 5

/** Load address where there is none. */
#define NO_ADDRESS 0xffffffffu

/* Head of an STM32 image, least significant byte first (U-Boot, stm32image.c) */
#define IMAGE_MAGIC     0x53544d32u /**< "STM2" */
#define IMAGE_SIGNATURE 4
#define IMAGE_CHECKSUM  68
#define IMAGE_VERSION   72
#define IMAGE_LENGTH    76
#define IMAGE_ENTRY     80
#define IMAGE_RESERVED  84
#define IMAGE_LOAD      88
#define IMAGE_HEAD      92

/** Head of a firmware image package (TF-A, firmware_image_package.h), least significant first. */
#define FIP_MAGIC 0xaa640001u

static bool is_partition(const struct btap_transaction *transaction, uint8_t id)
{
    return (transaction->has & BTAP_HAS_PARTITION) != 0 && transaction->partition == id;
}

void dfu_take_partition(struct btap_dfu *dfu)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    const char *target = btap_usb_device_target(dfu->device);
    struct btap_partition partition;

    if (target == NULL) /* no descriptor tells, and there is one such name only */
        target = btap_usb_device_layout(dfu->device);
    if (target == NULL || !btap_partition_parse(target, &partition))
        return;
    transaction->has |= BTAP_HAS_PARTITION;
    transaction->partition = partition.id;
    memcpy(transaction->words, partition.name, sizeof(partition.name));
}

bool dfu_is_phase(const struct btap_dfu *dfu)
{
    return is_partition(&dfu->emitter.transaction, BTAP_PARTITION_COMMAND);
}

static void rest(struct btap_dfu *dfu, const struct btap_usb_control *control, uint32_t from)
{
    if (control->captured > from)
        dfu_span(dfu, control, BTAP_FIELD_DATA, from, control->captured - from, 0);
}

/** The device's words of why it gives up; printable ones. */
static void keep_words(struct btap_transaction *transaction, const uint8_t *bytes, uint32_t length)
{
    size_t kept = 0;

    if (length == 0)
        return;
    for (uint32_t i = 0; i < length && kept < sizeof(transaction->words) - 1; i++)
        if (bytes[i] >= 0x20 && bytes[i] <= 0x7e)
            transaction->words[kept++] = (char)bytes[i];
    transaction->words[kept] = '\0';
    transaction->has |= BTAP_HAS_DEVICE_WORDS;
}

static void told_phase(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    const uint8_t *data = control->data;

    transaction->has |= BTAP_HAS_NEXT_PARTITION;
    transaction->next_partition = data[0];
    transaction->load_offset = get_le32(data + 5);
    if (get_le32(data + 1) != NO_ADDRESS) {
        transaction->has |= BTAP_HAS_LOAD_ADDRESS;
        transaction->load_address = get_le32(data + 1);
    }
    dfu_span(dfu, control, BTAP_FIELD_NEXT_PARTITION, 0, 1, data[0]);
    dfu_span(dfu, control, BTAP_FIELD_LOAD_ADDRESS, 1, 4, get_le32(data + 1));
    dfu_span(dfu, control, BTAP_FIELD_LOAD_OFFSET, 5, 4, transaction->load_offset);
    if (control->captured == PHASE_LENGTH)
        return;
    if (data[0] == BTAP_PARTITION_LAYOUT) {
        transaction->needs_detach = data[PHASE_LENGTH] != 0;
        dfu_span(dfu, control, BTAP_FIELD_NEEDS_DETACH, PHASE_LENGTH, 1, data[PHASE_LENGTH]);
        rest(dfu, control, PHASE_LENGTH + 1);
    } else if (data[0] == BTAP_PARTITION_RESET) {
        keep_words(transaction, data + PHASE_LENGTH, control->captured - PHASE_LENGTH);
        dfu_span(dfu, control, BTAP_FIELD_DEVICE_WORDS, PHASE_LENGTH,
                 control->captured - PHASE_LENGTH, 0);
    } else {
        rest(dfu, control, PHASE_LENGTH);
    }
}

static void set_phase(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    const uint32_t value = get_be32(control->data + 1);

    transaction->has |= BTAP_HAS_NEXT_PARTITION;
    transaction->next_partition = control->data[0];
    dfu_span(dfu, control, BTAP_FIELD_NEXT_PARTITION, 0, 1, control->data[0]);
    if (control->data[0] == BTAP_PARTITION_RESET) { /* U-Boot starts what lies there */
        transaction->has |= BTAP_HAS_LOAD_ADDRESS;
        transaction->load_address = value;
        dfu_span(dfu, control, BTAP_FIELD_LOAD_ADDRESS, 1, 4, value);
    } else {
        transaction->load_offset = value;
        dfu_span(dfu, control, BTAP_FIELD_LOAD_OFFSET, 1, 4, value);
    }
    rest(dfu, control, SET_PHASE_LENGTH);
}

void dfu_tell_phase(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;
    const bool upload = control->setup.request == DFU_UPLOAD;

    if (upload && control->captured >= PHASE_LENGTH)
        told_phase(dfu, control);
    else if (!upload && control->captured >= SET_PHASE_LENGTH)
        set_phase(dfu, control);
    else
        rest(dfu, control, 0);
    if ((transaction->has & BTAP_HAS_NEXT_PARTITION) == 0)
        return;
    dfu->asked = transaction->next_partition;
    dfu->asked_known = true;
}

static void tell_stm32_image(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    static const struct {
        uint8_t offset;
        enum btap_field field;
    } words[] = {
        {IMAGE_CHECKSUM, BTAP_FIELD_IMAGE_CHECKSUM}, {IMAGE_VERSION, BTAP_FIELD_IMAGE_VERSION},
        {IMAGE_LENGTH, BTAP_FIELD_IMAGE_LENGTH},     {IMAGE_ENTRY, BTAP_FIELD_IMAGE_ENTRY},
        {IMAGE_RESERVED, BTAP_FIELD_PADDING},        {IMAGE_LOAD, BTAP_FIELD_IMAGE_LOAD},
    };
    const uint8_t *data = control->data;

    emit_note(&dfu->emitter, BTAP_NOTE_STM32_IMAGE, &control->at, get_le32(data + IMAGE_LENGTH),
              get_le32(data + IMAGE_ENTRY), 0);
    dfu_span(dfu, control, BTAP_FIELD_IMAGE_MAGIC, 0, 4, get_be32(data));
    dfu_span(dfu, control, BTAP_FIELD_IMAGE_SIGNATURE, IMAGE_SIGNATURE,
             IMAGE_CHECKSUM - IMAGE_SIGNATURE, 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        dfu_span(dfu, control, words[i].field, words[i].offset, 4,
                 get_le32(data + words[i].offset));
    rest(dfu, control, IMAGE_HEAD);
}

/** What the first block of a download says of all of it. */
static void note_partition(struct btap_dfu *dfu, const struct btap_origin *at)
{
    const uint8_t id = dfu->emitter.transaction.partition;

    if (id == BTAP_PARTITION_OTP)
        emit_note(&dfu->emitter, BTAP_NOTE_OTP_WRITTEN, at, 0, 0, 0);
    /* OTP and PMIC may be written in any phase. */
    if (dfu->asked_known && id != dfu->asked && id < BTAP_PARTITION_COMMAND &&
        dfu->asked < BTAP_PARTITION_COMMAND)
        emit_note(&dfu->emitter, BTAP_NOTE_OTHER_PARTITION, at, id, dfu->asked, 0);
}

void dfu_tell_image(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;
    const bool sent = control->setup.request == DFU_DNLOAD;

    if (sent && (transaction->has & BTAP_HAS_PARTITION))
        note_partition(dfu, &control->at);
    if (control->captured >= IMAGE_HEAD && get_be32(control->data) == IMAGE_MAGIC) {
        tell_stm32_image(dfu, control);
        return;
    }
    if (is_partition(transaction, BTAP_PARTITION_OTP) && control->captured >= 4) {
        dfu_span(dfu, control, BTAP_FIELD_OTP_VERSION, 0, 4, get_le32(control->data));
        rest(dfu, control, 4);
        return;
    }
    if (control->captured >= 4 && get_le32(control->data) == FIP_MAGIC)
        emit_note(&dfu->emitter, BTAP_NOTE_FIP_IMAGE, &control->at, 0, 0, 0);
    rest(dfu, control, 0);
}
