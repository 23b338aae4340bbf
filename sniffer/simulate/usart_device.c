/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AN3155, section by section, as the device sees it.
 */
#include "simulate/usart_device.h"

#include <string.h>

enum {
    ACK = 0x79,
    NACK = 0x1F,

    GET = 0x00,
    GET_VERSION = 0x01,
    GET_ID = 0x02,
    GET_GD_ID = 0x06, /* GD32VW553 only */
    READ = 0x11,
    GO = 0x21,
    WRITE = 0x31,
    ERASE = 0x43,
    EXTENDED_ERASE = 0x44,
    SPECIAL = 0x50,
    EXTENDED_SPECIAL = 0x51,
    WRITE_PROTECT = 0x63,
    WRITE_UNPROTECT = 0x73,
    READOUT_PROTECT = 0x82,
    READOUT_UNPROTECT = 0x92,
    GET_CHECKSUM = 0xA1,
};

/** How long things take, in microseconds. */
enum {
    ANSWER_US = 100,
    PROGRAM_US = 5000,
    PAGE_ERASE_US = 20000,
    MASS_ERASE_US = 300000,
    PROTECT_US = 50000,
    KNOWN_SUBCOMMAND = 0x0001, /* the only one that the model knows */
};

/** What the bytes that come in are. */
enum step {
    STEP_COMMAND,
    STEP_ADDRESS,
    STEP_READ_LENGTH,
    STEP_WRITE_DATA,
    STEP_ERASE_PAGES,
    STEP_EXTENDED_ERASE_PAGES,
    STEP_SECTORS,
    STEP_WORDS,
    STEP_POLYNOMIAL,
    STEP_INITIAL,
    STEP_SUBCOMMAND,
    STEP_SPECIAL_DATA,
    STEP_SECOND_DATA,
};

static void emit(struct usart_device *device, uint32_t delay_us, const uint8_t *bytes,
                 size_t length)
{
    device->config.emit(device->config.context, delay_us, bytes, length);
}

static void expect(struct usart_device *device, enum step step, size_t need)
{
    device->step = (int)step;
    device->need = need;
    device->length = 0;
}

static void next_command(struct usart_device *device)
{
    expect(device, STEP_COMMAND, 2);
}

/** The fault that is due at this answer; NULL if none. */
static const struct usart_fault *due_fault(struct usart_device *device, enum usart_phase phase)
{
    const struct usart_fault *due = NULL;

    for (size_t i = 0; i < device->config.faults_length; i++) {
        struct usart_fault *fault = &device->config.faults[i];
        if (fault->phase != phase ||
            (phase != USART_SYNC && fault->opcode >= 0 && fault->opcode != device->opcode))
            continue;
        if (sim_fault_due(&fault->seen, fault->skip, fault->times) && !due)
            due = fault;
    }
    return due;
}

static void nack(struct usart_device *device)
{
    static const uint8_t byte = NACK;
    emit(device, ANSWER_US, &byte, 1);
    next_command(device);
}

static void unplug(struct usart_device *device)
{
    device->unplugged = true;
    device->gone = true;
}

/** Acknowledges, unless a fault is due. False: the command is aborted. */
static bool acknowledge(struct usart_device *device, enum usart_phase phase, uint32_t delay_us)
{
    static const uint8_t nacks[] = {NACK, NACK};
    uint8_t bytes[2] = {ACK, 0};
    const struct usart_fault *fault = due_fault(device, phase);

    if (!fault) {
        emit(device, delay_us, bytes, 1);
        return true;
    }
    switch (fault->kind) {
    case USART_LATE:
        emit(device, fault->delay_us, bytes, 1);
        return true;
    case USART_GLITCH:
        bytes[0] = fault->byte;
        bytes[1] = ACK;
        emit(device, delay_us, bytes, 2);
        return true;
    case USART_NACK:
        emit(device, delay_us, nacks, 1);
        break;
    case USART_NACK_TWICE:
        emit(device, delay_us, nacks, 2);
        break;
    case USART_GARBAGE:
        emit(device, delay_us, &fault->byte, 1);
        break;
    case USART_SURPLUS:
        bytes[1] = fault->byte;
        emit(device, delay_us, bytes, 2);
        return true;
    case USART_UNPLUG:
        unplug(device);
        break;
    case USART_SILENCE:
    case USART_SHORT:
    case USART_WRONG:
        break;
    }
    next_command(device);
    return false;
}

/** What a command sends after its ACK. */
static void reply(struct usart_device *device, uint8_t *bytes, size_t length)
{
    const struct usart_fault *fault = due_fault(device, USART_REPLY);

    if (fault && fault->kind == USART_UNPLUG) {
        unplug(device);
        return;
    }
    if (fault && fault->kind == USART_SILENCE) {
        next_command(device);
        return;
    }
    if (fault && fault->kind == USART_SHORT)
        length -= fault->byte < length ? fault->byte : length;
    else if (fault && fault->kind == USART_WRONG)
        bytes[length - 1] ^= fault->byte;
    emit(device, 0, bytes, length);
    next_command(device);
}

static void reset_after(struct usart_device *device)
{
    device->synchronised = false;
    next_command(device);
}

static bool is_restricted(uint8_t opcode)
{
    /* AN3155 table 2, footnote 3. */
    switch (opcode) {
    case READ:
    case GO:
    case WRITE:
    case ERASE:
    case EXTENDED_ERASE:
    case WRITE_PROTECT:
    case WRITE_UNPROTECT:
    case READOUT_PROTECT:
        return true;
    default:
        return false;
    }
}

static void answer_get(struct usart_device *device)
{
    const struct usart_product *product = device->config.product;
    uint8_t bytes[3 + 256];

    bytes[0] = product->commands_length; /* version and commands, minus 1 */
    bytes[1] = device->config.version;
    memcpy(bytes + 2, product->commands, product->commands_length);
    bytes[2 + product->commands_length] = ACK;
    reply(device, bytes, 3u + product->commands_length);
}

static void answer_get_version(struct usart_device *device)
{
    uint8_t bytes[] = {device->config.version, 0x00, 0x00, ACK};

    reply(device, bytes, sizeof(bytes));
}

static void answer_get_id(struct usart_device *device)
{
    uint8_t bytes[4] = {1, 0, 0, ACK};

    sim_put_be16(bytes + 1, device->config.product->pid);
    reply(device, bytes, sizeof(bytes));
}

static void answer_get_gd_id(struct usart_device *device)
{
    uint8_t bytes[6] = {3, 'V', 'W', '5', '5', ACK};

    reply(device, bytes, sizeof(bytes));
}

/** Protection commands without data: a second answer, then a reset. */
static void protect(struct usart_device *device, bool readout, bool on)
{
    if (readout && !on) {
        sim_memory_wipe(&device->memory);
        device->config.read_protected = false;
    } else if (readout) {
        device->config.read_protected = true;
    } else {
        sim_memory_protect_all(&device->memory, false);
    }
    if (acknowledge(device, USART_OPERATION, readout && !on ? MASS_ERASE_US : PROTECT_US))
        reset_after(device);
}

static void start_command(struct usart_device *device, uint8_t opcode)
{
    switch (opcode) {
    case GET:
        answer_get(device);
        break;
    case GET_VERSION:
        answer_get_version(device);
        break;
    case GET_ID:
        answer_get_id(device);
        break;
    case GET_GD_ID:
        answer_get_gd_id(device);
        break;
    case ERASE:
        expect(device, STEP_ERASE_PAGES, 1);
        break;
    case EXTENDED_ERASE:
        expect(device, STEP_EXTENDED_ERASE_PAGES, 2);
        break;
    case WRITE_PROTECT:
        expect(device, STEP_SECTORS, 1);
        break;
    case SPECIAL:
    case EXTENDED_SPECIAL:
        expect(device, STEP_SUBCOMMAND, 3);
        break;
    case WRITE_UNPROTECT:
        protect(device, false, false);
        break;
    case READOUT_PROTECT:
        protect(device, true, true);
        break;
    case READOUT_UNPROTECT:
        protect(device, true, false);
        break;
    default: /* Read, Go, Write, Get Checksum */
        expect(device, STEP_ADDRESS, 5);
        break;
    }
}

static void on_command(struct usart_device *device, const uint8_t *bytes)
{
    const struct usart_product *product = device->config.product;

    device->opcode = bytes[0];
    if ((bytes[0] ^ bytes[1]) != 0xFF ||
        !memchr(product->commands, bytes[0], product->commands_length)) {
        nack(device);
        return;
    }
    if (device->config.read_protected && is_restricted(bytes[0])) {
        nack(device);
        if (device->config.two_nacks)
            nack(device);
        return;
    }
    if (acknowledge(device, USART_COMMAND, ANSWER_US))
        start_command(device, bytes[0]);
}

/** What was written runs now. */
static void start_application(struct usart_device *device)
{
    device->gone = true;
    if (device->memory.is_part && device->config.text)
        emit(device, ANSWER_US, (const uint8_t *)device->config.text, strlen(device->config.text));
}

static void on_address(struct usart_device *device, const uint8_t *bytes)
{
    bool for_write = device->opcode == WRITE;
    bool lacks_nack = device->opcode == WRITE || device->opcode == READ;

    if (sim_xor(bytes, 5) != 0) {
        nack(device);
        return;
    }
    device->address = sim_be32(bytes);
    if (device->opcode == GO ? !sim_memory_starts(&device->memory, device->address)
                             : !sim_memory_valid(&device->memory, device->address, for_write)) {
        /* AN3155 table 3: before V3.1 the command ends without a NACK. */
        if (device->config.nack_missing && lacks_nack)
            next_command(device);
        else
            nack(device);
        return;
    }
    if (!acknowledge(device, USART_ADDRESS, ANSWER_US))
        return;
    if (device->opcode == READ)
        expect(device, STEP_READ_LENGTH, 2);
    else if (device->opcode == WRITE)
        expect(device, STEP_WRITE_DATA, 1);
    else if (device->opcode == GET_CHECKSUM)
        expect(device, STEP_WORDS, 5);
    else
        start_application(device);
}

static void on_read_length(struct usart_device *device, const uint8_t *bytes)
{
    uint8_t data[256];
    size_t length = bytes[0] + 1u;

    if ((bytes[0] ^ bytes[1]) != 0xFF) {
        nack(device);
        return;
    }
    if (!acknowledge(device, USART_LENGTH, ANSWER_US))
        return;
    sim_memory_read(&device->memory, device->address, data, length);
    reply(device, data, length);
}

/** True once all bytes of a group are there whose size its first bytes tell. */
static bool complete(struct usart_device *device, size_t need)
{
    device->need = need;
    return device->length >= need;
}

static void on_write_data(struct usart_device *device, const uint8_t *bytes)
{
    size_t length = bytes[0] + 1u;

    if (!complete(device, 1 + length + 1))
        return;
    if (sim_xor(bytes, device->need) != 0) {
        nack(device);
        return;
    }
    sim_memory_write(&device->memory, device->address, bytes + 1, length);
    if (!acknowledge(device, USART_DATA, PROGRAM_US))
        return;
    /* AN3155 section 3.6: new option bytes come into force by a reset */
    if (device->memory.is_part && device->address == device->memory.options_start)
        reset_after(device);
    else
        next_command(device);
}

static void on_erase_pages(struct usart_device *device, const uint8_t *bytes)
{
    size_t pages = bytes[0] + 1u;
    uint32_t took = MASS_ERASE_US;

    if (!complete(device, bytes[0] == 0xFF ? 2 : 1 + pages + 1))
        return;
    if (bytes[0] == 0xFF && device->memory.no_mass_erase) {
        nack(device);
        return;
    }
    if (bytes[0] == 0xFF) {
        if (bytes[1] == 0x00)
            sim_memory_erase_all(&device->memory);
        else
            took = ANSWER_US; /* not performed, yet ACKed (AN3155 section 3.7, note) */
    } else if (sim_xor(bytes, device->need) != 0) {
        nack(device);
        return;
    } else {
        for (size_t i = 0; i < pages; i++)
            sim_memory_erase_page(&device->memory, bytes[1 + i]);
        took = (uint32_t)pages * PAGE_ERASE_US;
    }
    if (acknowledge(device, USART_DATA, took))
        next_command(device);
}

static void on_extended_erase_pages(struct usart_device *device, const uint8_t *bytes)
{
    uint16_t code = sim_be16(bytes);
    size_t pages = code + 1u;
    uint32_t took = MASS_ERASE_US;

    if (!complete(device, code >= 0xFFF0 ? 3 : 2 + 2 * pages + 1))
        return;
    if (sim_xor(bytes, device->need) != 0 || (code >= 0xFFF0 && code < 0xFFFD) ||
        (code >= 0xFFFD && device->memory.no_mass_erase)) {
        nack(device);
        return;
    }
    if (code == 0xFFFF) {
        sim_memory_erase_all(&device->memory);
    } else if (code >= 0xFFFD) {
        sim_memory_erase_bank(&device->memory, 0xFFFEu - code);
    } else {
        for (size_t i = 0; i < pages; i++)
            sim_memory_erase_page(&device->memory, sim_be16(bytes + 2 + 2 * i));
        took = (uint32_t)pages * PAGE_ERASE_US;
    }
    if (acknowledge(device, USART_DATA, took))
        next_command(device);
}

static void on_sectors(struct usart_device *device, const uint8_t *bytes)
{
    if (!complete(device, 1 + bytes[0] + 1u + 1))
        return;
    if (sim_xor(bytes, device->need) != 0) {
        nack(device);
        return;
    }
    sim_memory_protect(&device->memory, bytes + 1, bytes[0] + 1u);
    if (acknowledge(device, USART_DATA, PROTECT_US))
        reset_after(device);
}

static void answer_checksum(struct usart_device *device)
{
    uint8_t bytes[5];

    sim_put_be32(bytes, sim_memory_crc(&device->memory, device->address, device->words,
                                       device->polynomial, device->initial));
    bytes[4] = sim_xor(bytes, 4);
    reply(device, bytes, sizeof(bytes));
}

static void on_words(struct usart_device *device, const uint8_t *bytes)
{
    device->words = sim_be32(bytes);
    if (sim_xor(bytes, 5) != 0 || device->words == 0 ||
        device->words > device->memory.flash_size / 4) {
        nack(device);
        return;
    }
    if (!acknowledge(device, USART_LENGTH, ANSWER_US))
        return;
    if (!device->config.short_checksum) {
        expect(device, STEP_POLYNOMIAL, 5);
        return;
    }
    device->polynomial = 0x04C11DB7;
    device->initial = 0xFFFFFFFF;
    if (acknowledge(device, USART_OPERATION, ANSWER_US))
        answer_checksum(device);
}

static void on_polynomial(struct usart_device *device, const uint8_t *bytes)
{
    device->polynomial = sim_be32(bytes);
    if (sim_xor(bytes, 5) != 0)
        nack(device);
    else if (acknowledge(device, USART_POLYNOMIAL, ANSWER_US))
        expect(device, STEP_INITIAL, 5);
}

static void on_initial(struct usart_device *device, const uint8_t *bytes)
{
    device->initial = sim_be32(bytes);
    if (sim_xor(bytes, 5) != 0)
        nack(device);
    else if (acknowledge(device, USART_INITIAL, ANSWER_US) &&
             (device->config.one_checksum_ack || acknowledge(device, USART_OPERATION, ANSWER_US)))
        answer_checksum(device);
}

static void on_subcommand(struct usart_device *device, const uint8_t *bytes)
{
    if (sim_xor(bytes, 3) != 0 || sim_be16(bytes) != KNOWN_SUBCOMMAND)
        nack(device);
    else if (acknowledge(device, USART_SUBCOMMAND, ANSWER_US))
        expect(device, STEP_SPECIAL_DATA, 2);
}

/** Size, data and checksum of Special's packets; true once they are there and right. */
static bool special_packet(struct usart_device *device, const uint8_t *bytes, size_t limit)
{
    size_t size = sim_be16(bytes);

    if (size > limit) {
        nack(device);
        return false;
    }
    if (!complete(device, 2 + size + 1))
        return false;
    if (sim_xor(bytes, device->need) != 0) {
        nack(device);
        return false;
    }
    return true;
}

static void on_special_data(struct usart_device *device, const uint8_t *bytes)
{
    /* Two bytes of data and one of status; no checksum in this direction. */
    uint8_t bytes_back[] = {0x00, 0x02, 0xCA, 0xFE, 0x00, 0x01, 0x00, ACK};

    if (!special_packet(device, bytes, 128) || !acknowledge(device, USART_DATA, ANSWER_US))
        return;
    if (device->opcode == EXTENDED_SPECIAL) {
        expect(device, STEP_SECOND_DATA, 2);
        return;
    }
    reply(device, bytes_back, sizeof(bytes_back));
}

static void on_second_data(struct usart_device *device, const uint8_t *bytes)
{
    uint8_t bytes_back[] = {0x00, 0x01, 0x00, ACK};

    if (!special_packet(device, bytes, 1024) || !acknowledge(device, USART_SECOND_DATA, ANSWER_US))
        return;
    reply(device, bytes_back, sizeof(bytes_back));
}

static void (*const handlers[])(struct usart_device *, const uint8_t *) = {
    [STEP_COMMAND] = on_command,         [STEP_ADDRESS] = on_address,
    [STEP_READ_LENGTH] = on_read_length, [STEP_WRITE_DATA] = on_write_data,
    [STEP_ERASE_PAGES] = on_erase_pages, [STEP_EXTENDED_ERASE_PAGES] = on_extended_erase_pages,
    [STEP_SECTORS] = on_sectors,         [STEP_WORDS] = on_words,
    [STEP_POLYNOMIAL] = on_polynomial,   [STEP_INITIAL] = on_initial,
    [STEP_SUBCOMMAND] = on_subcommand,   [STEP_SPECIAL_DATA] = on_special_data,
    [STEP_SECOND_DATA] = on_second_data,
};

void usart_device_init(struct usart_device *device, const struct usart_device_config *config)
{
    device->config = *config;
    if (device->config.version == 0)
        device->config.version = config->product->version;
    if (config->memory)
        device->memory = *config->memory;
    else
        sim_memory_init(&device->memory, &device->room, config->product->flash_size,
                        config->product->page_size);
    device->unplugged = false;
    usart_device_reset(device);
    device->synchronised = config->synchronised;
    device->received = 0;
}

void usart_device_reset(struct usart_device *device)
{
    device->synchronised = false;
    device->gone = false;
    device->opcode = 0;
    next_command(device);
}

/** An even-parity receiver takes a byte of a host without parity only now and then. */
static bool passes_parity(uint8_t byte)
{
    int ones = 0;
    for (int bit = 0; bit < 8; bit++)
        ones += byte >> bit & 1;
    return ones % 2 == 1;
}

static void on_byte_of_application(struct usart_device *device)
{
    const char *text = device->config.text;
    if (text)
        emit(device, ANSWER_US, (const uint8_t *)text, strlen(text));
}

void usart_device_receive(struct usart_device *device, uint8_t byte)
{
    const struct usart_device_config *config = &device->config;

    device->received++;
    if (config->application) {
        on_byte_of_application(device);
        return;
    }
    if (device->gone || (config->lose_at && device->received >= config->lose_at &&
                         device->received < config->lose_at + config->lose_count))
        return;
    if (config->flip_at == device->received)
        byte ^= config->flip_mask;
    if (!device->synchronised) {
        if (byte == 0x7F && acknowledge(device, USART_SYNC, ANSWER_US))
            device->synchronised = true;
        return;
    }
    if (config->wrong_parity && !passes_parity(byte)) {
        nack(device);
        return;
    }
    if (device->length == sizeof(device->buffer))
        nack(device);
    device->buffer[device->length++] = byte;
    if (device->length >= device->need)
        handlers[device->step](device, device->buffer);
}
