/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What DNLOAD and UPLOAD carry: the commands of AN3156 table 3, blocks of memory, the blocks of a
 * plain DFU image.
 */
#include "dfu/internal.h"

/* Command codes beside those of AN3156 table 3: two-way radios (TYT, MD-380) of 0483:df11. */
#define RADIO_COMMAND  0x91
#define RADIO_COMMAND2 0xa2

/** AN3156 section 4.2 lists 4 command codes, OpenBL a few more bytes. */
#define GET_ANSWER_MAX 16

/** AN3156 sections 5.2, 5.3: command code and address. */
#define ADDRESS_COMMAND_LENGTH 5

/** bcdDFU decides: the bootloaders of STM32MP are plain, and their names begin with '@', too. */
static enum btap_dfu_dialect described_dialect(const struct btap_usb_device *device)
{
    const char *layout = btap_usb_device_layout(device);

    if (device->dfu.known && device->dfu.bcd_dfu != 0)
        return device->dfu.bcd_dfu == BTAP_BCD_DFUSE ? BTAP_DFU_DFUSE : BTAP_DFU_PLAIN;
    if (layout != NULL)
        return btap_partition_parse(layout, NULL) ? BTAP_DFU_PLAIN : BTAP_DFU_DFUSE;
    return BTAP_DFU_DIALECT_UNKNOWN;
}

static void look_at_descriptors(struct btap_dfu *dfu)
{
    if (dfu->described)
        return;
    dfu->described_dialect = described_dialect(dfu->device);
    dfu->described = true;
}

/** DfuSe has no memory in blocks 0 and 1, and no command as long as a first block. */
static bool looks_plain(const struct btap_usb_setup *setup)
{
    return setup->request == DFU_DNLOAD && setup->value < 2 &&
           setup->length > ADDRESS_COMMAND_LENGTH;
}

enum btap_dfu_dialect dfu_settle_dialect(struct btap_dfu *dfu,
                                         const struct btap_usb_control *control)
{
    look_at_descriptors(dfu);
    if (dfu->described_dialect == BTAP_DFU_DFUSE)
        return BTAP_DFU_DFUSE;
    if (control->setup.request == DFU_DNLOAD && dfu_is_command(control))
        dfu->spoken_dialect = BTAP_DFU_DFUSE;
    else if (dfu->spoken_dialect == BTAP_DFU_DIALECT_UNKNOWN &&
             dfu->described_dialect == BTAP_DFU_DIALECT_UNKNOWN && looks_plain(&control->setup))
        dfu->spoken_dialect = BTAP_DFU_PLAIN;
    if (dfu->spoken_dialect != BTAP_DFU_DIALECT_UNKNOWN)
        return dfu->spoken_dialect;
    if (dfu->described_dialect != BTAP_DFU_DIALECT_UNKNOWN)
        return dfu->described_dialect;
    return BTAP_DFU_DFUSE;
}

static enum btap_command command_of_code(uint8_t code)
{
    const struct btap_command_info *info = btap_command_by_opcode(BTAP_DFU, code);

    /* Get is an UPLOAD. */
    return info != NULL && info->command != BTAP_GET ? info->command : BTAP_COMMAND_UNKNOWN;
}

enum btap_command dfu_command(const struct btap_usb_control *control, enum btap_dfu_dialect dialect)
{
    const bool upload = control->setup.request == DFU_UPLOAD;

    if (dialect == BTAP_DFU_PLAIN)
        return upload ? BTAP_UPLOAD : BTAP_DOWNLOAD;
    if (upload)
        return control->setup.value == 0 ? BTAP_GET : BTAP_READ_MEMORY;
    if (control->setup.length == 0)
        return BTAP_LEAVE;
    if (control->setup.value != 0)
        return BTAP_WRITE_MEMORY;
    return control->captured > 0 ? command_of_code(control->data[0]) : BTAP_COMMAND_UNKNOWN;
}

static void take_length(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    dfu->emitter.transaction.length = control->setup.length;
    dfu->emitter.transaction.has |= BTAP_HAS_LENGTH;
}

static void take_address(struct btap_dfu *dfu, uint32_t address)
{
    dfu->emitter.transaction.address = address;
    dfu->emitter.transaction.has |= BTAP_HAS_ADDRESS;
}

/** A block of a plain image. */
static bool is_image(const struct btap_transaction *transaction)
{
    return transaction->command == BTAP_DOWNLOAD || transaction->command == BTAP_UPLOAD;
}

/** What the setup packet of a block tells: number, length, address. */
static void take_block(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    uint32_t address = 0;

    transaction->block = control->setup.value;
    transaction->has |= BTAP_HAS_BLOCK;
    take_length(dfu, control);
    if (dfu->device->dfu.known && dfu->device->dfu.transfer_size > 0 &&
        control->setup.length > dfu->device->dfu.transfer_size)
        emit_note(&dfu->emitter, BTAP_NOTE_OVER_TRANSFER_SIZE, &control->at, control->setup.length,
                  dfu->device->dfu.transfer_size, 0);
    if (is_image(transaction)) {
        dfu_take_partition(dfu);
        dfu_follow_image(dfu, control);
    } else if (dfu_block_address(dfu, control, &address)) {
        take_address(dfu, address);
        dfu_check_layout(dfu, &control->at);
    }
}

/** Where the block stands: in memory, or in a plain image. @return false if nowhere */
static bool locate_block(const struct btap_dfu *dfu, uint32_t *address)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;

    *address = transaction->address;
    if (transaction->has & BTAP_HAS_ADDRESS)
        return true;
    if (!is_image(transaction))
        return false;
    *address = dfu_image_offset(dfu, transaction->block, transaction->length);
    return true;
}

/** Tells memory from an address on. */
static void tell_data(struct btap_dfu *dfu, const struct btap_usb_control *control,
                      uint32_t address)
{
    uint32_t offset = 0;
    uint32_t left = control->captured;
    struct btap_usb_piece piece;

    for (uint32_t from = 0; dfu_next_piece(control, &offset, &left, &piece); from = offset) {
        struct btap_data data = {
            .packet = piece.packet,
            .offset = piece.offset,
            .address = address + from,
            .length = piece.length,
            .bytes = control->data + from,
            .written = control->setup.request == DFU_DNLOAD,
        };

        emit_data(&dfu->emitter, &data);
    }
}

/** Tells the contents of the block that the open transaction is about, written or read. */
static void tell_block(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    uint32_t address;
    bool located;

    dfu_note_cut(dfu, control);
    if (control->captured == 0 || dfu->payload_gone)
        return;
    if (dfu_is_phase(dfu)) {
        dfu_tell_phase(dfu, control);
        return;
    }
    dfu->emitter.transaction.transferred = control->captured;
    located = locate_block(dfu, &address);
    if (is_image(&dfu->emitter.transaction) && located && address == 0)
        dfu_tell_image(dfu, control);
    else
        dfu_span(dfu, control, BTAP_FIELD_DATA, 0, control->captured, 0);
    if (located)
        tell_data(dfu, control, address);
}

/** AN3156 sections 5.2 to 5.4. */
static bool length_fits(enum btap_command command, uint16_t length)
{
    if (length == 1)
        return command != BTAP_SET_ADDRESS;
    return length == ADDRESS_COMMAND_LENGTH && command != BTAP_READ_UNPROTECT;
}

static void take_address_operand(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const uint8_t *data = control->data;
    const uint32_t address =
        data[1] | (uint32_t)data[2] << 8 | (uint32_t)data[3] << 16 | (uint32_t)data[4] << 24;

    dfu_span(dfu, control, BTAP_FIELD_ADDRESS, 1, 4, address);
    take_address(dfu, address);
}

static void note_unknown_command(struct btap_dfu *dfu, const struct btap_origin *at, uint8_t code)
{
    const bool radio = code == RADIO_COMMAND || code == RADIO_COMMAND2;

    emit_note(&dfu->emitter, radio ? BTAP_NOTE_RADIO_COMMAND : BTAP_NOTE_UNKNOWN_DFUSE_COMMAND, at,
              code, 0, 0);
}

/** AN3156 sections 5.2 to 5.4: command code, and for two of the commands an address. */
static void take_command(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    const uint16_t length = control->setup.length;
    bool addressed;

    dfu_note_cut(dfu, control);
    if (control->captured == 0) {
        take_length(dfu, control);
        return;
    }
    transaction->opcode = control->data[0];
    transaction->has |= BTAP_HAS_OPCODE;
    dfu_span(dfu, control, BTAP_FIELD_OPCODE, 0, 1, control->data[0]);
    addressed = (transaction->command == BTAP_SET_ADDRESS || transaction->command == BTAP_ERASE) &&
                length >= ADDRESS_COMMAND_LENGTH && control->captured >= ADDRESS_COMMAND_LENGTH;
    if (addressed)
        take_address_operand(dfu, control);
    else if (control->captured > 1)
        dfu_span(dfu, control, BTAP_FIELD_DATA, 1, control->captured - 1, 0);
    if (transaction->command == BTAP_COMMAND_UNKNOWN) {
        take_length(dfu, control);
        note_unknown_command(dfu, &control->at, control->data[0]);
    } else if (!length_fits(transaction->command, length)) {
        emit_note(&dfu->emitter, BTAP_NOTE_COMMAND_LENGTH, &control->at, control->data[0], length,
                  0);
    }
    if (transaction->command == BTAP_ERASE)
        transaction->erase = length == 1 ? BTAP_ERASE_MASS
                             : addressed ? BTAP_ERASE_ADDRESS
                                         : BTAP_ERASE_NONE;
    if (addressed)
        dfu_check_layout(dfu, &control->at);
}

/** AN3156 section 5.5: the device jumps to the program at the address pointer. */
static void take_leave(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    take_address(dfu, dfu->pointer);
    if (!dfu->pointer_set)
        emit_note(&dfu->emitter, BTAP_NOTE_LEAVE_WITHOUT_ADDRESS, &control->at, dfu->pointer, 0, 0);
}

void dfu_take_download(struct btap_dfu *dfu, const struct btap_usb_control *control,
                       enum btap_dfu_dialect dialect)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;

    if (dialect == BTAP_DFU_DFUSE && dfu->described_dialect == BTAP_DFU_PLAIN &&
        !dfu->dialect_told) {
        dfu->dialect_told = true;
        emit_note(&dfu->emitter, BTAP_NOTE_WRONG_DIALECT, &control->at, dfu->device->dfu.bcd_dfu, 0,
                  0);
    }
    switch (transaction->command) {
    case BTAP_LEAVE:
        take_leave(dfu, control);
        dfu->resets = true;
        break;
    case BTAP_WRITE_MEMORY:
        take_block(dfu, control);
        tell_block(dfu, control);
        dfu->resets =
            (transaction->has & BTAP_HAS_ADDRESS) && dfu_is_option_bytes(dfu, transaction->address);
        if (dfu->resets)
            emit_note(&dfu->emitter, BTAP_NOTE_OPTION_BYTES_WRITTEN, &control->at, 0, 0, 0);
        break;
    case BTAP_DOWNLOAD:
        take_block(dfu, control);
        tell_block(dfu, control);
        dfu->resets = transaction->length == 0;
        break;
    default:
        take_command(dfu, control);
        dfu->resets = transaction->command == BTAP_READ_UNPROTECT;
        break;
    }
}

void dfu_take_upload(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (dfu->emitter.transaction.command != BTAP_GET)
        take_block(dfu, control);
}

/** AN3156 section 4.2. OpenBL pads the list with zeros. */
static void take_commands(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    uint32_t length = control->captured;

    while (length > 1 && control->data[length - 1] == 0)
        length--;
    dfu->emitter.transaction.list_kind = BTAP_LIST_COMMANDS;
    for (uint32_t i = 0; i < length; i++) {
        emit_list(&dfu->emitter, control->data[i]);
        dfu_span(dfu, control, BTAP_FIELD_SUPPORTED, i, 1, control->data[i]);
    }
    dfu->emitter.transaction.list_announced = dfu->emitter.transaction.list_length;
    if (length < control->captured)
        dfu_span(dfu, control, BTAP_FIELD_PADDING, length, control->captured - length, 0);
}

static void take_get_answer(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    const bool list = control->length > 0 && control->length <= GET_ANSWER_MAX &&
                      control->captured > 0 && control->data[0] == 0;
    const bool undecided = dfu->described_dialect == BTAP_DFU_DIALECT_UNKNOWN &&
                           dfu->spoken_dialect == BTAP_DFU_DIALECT_UNKNOWN;

    if (!list && undecided && control->length > GET_ANSWER_MAX) {
        dfu->spoken_dialect = BTAP_DFU_PLAIN;
        transaction->command = BTAP_UPLOAD;
        take_block(dfu, control);
        tell_block(dfu, control);
        return;
    }
    dfu_note_cut(dfu, control);
    transaction->transferred = control->captured;
    if (list) {
        take_commands(dfu, control);
        return;
    }
    emit_note(&dfu->emitter, BTAP_NOTE_GET_ANSWER_UNUSUAL, &control->at, control->length, 0, 0);
    if (control->captured > 0)
        dfu_span(dfu, control, BTAP_FIELD_DATA, 0, control->captured, 0);
}

void dfu_take_uploaded(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (dfu->emitter.transaction.command == BTAP_GET) {
        take_get_answer(dfu, control);
        return;
    }
    tell_block(dfu, control);
    if (control->length < control->setup.length)
        emit_note(&dfu->emitter, BTAP_NOTE_SHORT_UPLOAD, &control->at, control->length,
                  control->setup.length, 0);
}
