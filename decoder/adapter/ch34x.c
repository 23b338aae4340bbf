/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WCH CH340, CH341, and what WCH's own driver asks of CH343 and kin.
 */
#include "adapter/family.h"

enum {
    READ_VERSION = 0x5f,
    WRITE_REGISTERS = 0x9a,
    SERIAL_INIT = 0xa1,
    MODEM_CONTROL = 0xa4,
};

enum {
    REGISTER_BREAK = 0x05,
    REGISTER_PRESCALER = 0x12,
    REGISTER_DIVISOR = 0x13,
    REGISTER_LCR = 0x18,
};

enum {
    BREAK_OFF = 1 << 0, /**< of REGISTER_BREAK */
    LCR_SIZE = 3,       /**< plus 5 */
    LCR_TWO_STOP_BITS = 1 << 2,
    LCR_PARITY = 1 << 3,
    LCR_EVEN = 1 << 4,
    LCR_MARK_SPACE = 1 << 5,
    LCR_TRANSMITTER = 1 << 6,
};

/* Low byte of SERIAL_INIT's wValue where its high byte is an LCR */
enum {
    INIT_CH341 = 0x9c,
    INIT_CH343 = 0x8c,
};

enum {
    /** Chips before this version are 8N1 whatever is asked of them. */
    FIRST_WITH_LCR = 0x30,
    /** At most so fast is a 00 sent where the chip has no break (Linux asks for 46 baud). */
    BREAK_BAUD_MAX = 50,
};

/** 48 MHz / (2^(12 - 3 ps - fact) x divider); 0 if the registers make no rate. */
static uint32_t rate(uint8_t prescaler, uint8_t divisor)
{
    const unsigned shift = 12 - 3U * (prescaler & 3) - ((prescaler >> 2) & 1);
    const uint32_t divider = (256U - divisor) << shift;

    return (48000000 + divider / 2) / divider;
}

static void set_framing(const struct adapter_io *io, struct btap_serial_settings *settings,
                        uint8_t lcr)
{
    static const uint8_t parity[4] = {1, 2, 3, 4}; /* odd, even, mark, space */
    const uint8_t version = io->adapter->ch34x.version;

    if (version != 0 && version < FIRST_WITH_LCR)
        adapter_framing(settings, 8, 0, 0);
    else
        adapter_framing(settings, 5U + (lcr & LCR_SIZE),
                        (lcr & LCR_PARITY) != 0 ? parity[(lcr >> 4) & 3] : 0,
                        (lcr & LCR_TWO_STOP_BITS) != 0 ? 2 : 0);
}

/** Framing that no request sets, since the chip knows no other. */
static void keep_to_8n1(const struct adapter_io *io)
{
    struct btap_serial_settings settings = adapter_port(io)->settings;

    set_framing(io, &settings, 0);
    adapter_settings(io, &settings);
}

static void take_version(const struct adapter_io *io, uint8_t version)
{
    io->adapter->ch34x.version = version;
    if (version != 0 && version < FIRST_WITH_LCR)
        keep_to_8n1(io);
}

static void write_register(const struct adapter_io *io, struct btap_serial_settings *settings,
                           uint8_t number, uint8_t value)
{
    if (number == REGISTER_PRESCALER)
        io->adapter->ch34x.prescaler = value;
    else if (number == REGISTER_DIVISOR)
        io->adapter->ch34x.divisor = value;
    else if (number == REGISTER_LCR)
        set_framing(io, settings, value);
}

static bool writes(uint16_t registers, uint8_t number)
{
    return (registers & 0xff) == number || registers >> 8 == number;
}

static void write_registers(const struct adapter_io *io, uint16_t registers, uint16_t values)
{
    struct btap_serial_settings settings = adapter_port(io)->settings;
    const bool prescaler = writes(registers, REGISTER_PRESCALER);
    const bool divisor = writes(registers, REGISTER_DIVISOR);

    write_register(io, &settings, (uint8_t)registers, (uint8_t)values);
    write_register(io, &settings, (uint8_t)(registers >> 8), (uint8_t)(values >> 8));
    if (prescaler && divisor)
        io->adapter->ch34x.rate_known = true;
    if ((prescaler || divisor) && io->adapter->ch34x.rate_known)
        settings.baud = adapter_usual_baud(
            rate(io->adapter->ch34x.prescaler, io->adapter->ch34x.divisor), NULL);
    adapter_settings(io, &settings);
    if (registers == (REGISTER_LCR << 8 | REGISTER_BREAK) && (values & BREAK_OFF) == 0 &&
        (values & LCR_TRANSMITTER << 8) == 0)
        adapter_host_break(io);
}

/** WCH's drivers set rate and framing at once; Linux sends 0 and 0. */
static void serial_init(const struct adapter_io *io, uint16_t value, uint16_t index)
{
    struct btap_serial_settings settings = adapter_port(io)->settings;
    const unsigned form = value & 0xff;

    if (form != INIT_CH341 && form != INIT_CH343)
        return;
    set_framing(io, &settings, (uint8_t)(value >> 8));
    if (form == INIT_CH341) {
        io->adapter->ch34x.prescaler = (uint8_t)index;
        io->adapter->ch34x.divisor = (uint8_t)(index >> 8);
        io->adapter->ch34x.rate_known = true;
        settings.baud = adapter_usual_baud(rate((uint8_t)index, (uint8_t)(index >> 8)), NULL);
    } else {
        settings.baud = 0;
    }
    adapter_settings(io, &settings);
}

static void control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;

    if (setup->request_type == ADAPTER_VENDOR_DEVICE_IN && setup->request == READ_VERSION) {
        if (completion->captured > 0)
            take_version(io, completion->data[0]);
    } else if (setup->request_type == ADAPTER_VENDOR_DEVICE_OUT &&
               setup->request == WRITE_REGISTERS) {
        write_registers(io, setup->value, setup->index);
    } else {
        adapter_ch343_control(io, completion);
    }
}

/** Requests A1 and A4 are port 0's; A2 and A5, B1 and B4, B2 and B5 those of ports 1 to 3. */
void adapter_ch343_control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;
    const unsigned block = setup->request & 0xf0;
    unsigned request;
    unsigned port;

    if (setup->request_type != ADAPTER_VENDOR_DEVICE_OUT || (block != 0xa0 && block != 0xb0))
        return;
    request = (setup->request & 0x0f) | 0xa0;
    port = block == 0xb0 ? 2 : 0;
    if (request == SERIAL_INIT + 1 || request == MODEM_CONTROL + 1) {
        request--;
        port++;
    }
    io->port = (uint8_t)port;
    if (request == SERIAL_INIT)
        serial_init(io, setup->value, setup->index);
    else if (request == MODEM_CONTROL)
        adapter_host_lines(io, ~(unsigned)setup->value >> 5, 3); /* a clear bit is an active line */
}

static void take_out(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    const uint32_t baud = adapter_port(io)->settings.baud;

    if (baud != 0 && baud <= BREAK_BAUD_MAX && transfer->length == 1 && transfer->captured == 1 &&
        transfer->data[0] == 0)
        adapter_host_break(io);
    else
        adapter_raw_out(io, transfer);
}

/** Byte 0 tells of errors, byte 2 the inverted modem lines. */
static void interrupt(struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    static const struct adapter_modem_bits modem_bits = {
        .cts = 1 << 0, .dsr = 1 << 1, .ri = 1 << 2, .dcd = 1 << 3};
    const uint8_t *data = transfer->data;

    if (transfer->captured < 4)
        return;
    adapter_modem_lines(io, 2, (uint8_t)~data[2], &modem_bits);
    if ((data[0] & 0x02) != 0)
        adapter_error(io, 0, BTAP_SERIAL_OVERFLOW);
    if ((data[0] & 0x44) == 0x44)
        adapter_error(io, 0, BTAP_SERIAL_FRAMING_ERROR);
    else if ((data[0] & 0x04) != 0)
        adapter_error(io, 0, BTAP_SERIAL_PARITY_ERROR);
}

const struct adapter_family adapter_ch34x = {
    .name = "ch34x",
    .control = control,
    .in = adapter_raw_in,
    .out = take_out,
    .interrupt = interrupt,
};
