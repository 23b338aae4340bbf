/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Prolific PL2303: CDC's requests, but wIndex is 0 and odd rates are sent as divisors.
 */
#include "adapter/family.h"
#include "model/bytes.h"

enum {
    SET_LINE_CODING = 0x20,
    SET_CONTROL_LINE_STATE = 0x22,
    SEND_BREAK = 0x23,
};

enum { LINE_CODING_SIZE = 7 };

/** Mark of a divisor in the rate's place. */
#define RATE_IS_DIVISOR 0x80000000U
#define DIVISOR_CLOCK   384000000U

/* Interrupt packet: its first byte, where the state stands */
enum {
    STATE_MARK = 0xa1,
    STATE_AT = 8,
};

/** TA and TB: 11 bits of divisor, 4 of exponent of 2. */
static uint32_t rate_ta(uint32_t coded)
{
    const uint32_t mantissa = coded & 0x7ff;
    const unsigned exponent = ((coded >> 12) & 0xe) | ((coded >> 16) & 1);

    return mantissa == 0 ? 0 : (DIVISOR_CLOCK / mantissa) >> exponent;
}

/** HX and older: 9 bits of divisor, 3 of exponent of 4. */
static uint32_t rate_hx(uint32_t coded)
{
    const uint32_t mantissa = coded & 0x1ff;
    const unsigned exponent = (coded >> 9) & 7;

    return mantissa == 0 ? 0 : (DIVISOR_CLOCK / mantissa) >> (2 * exponent);
}

/** TA is bcdUSB 2.00 and bcdDevice 3.00, TB 2.00 and 5.00; HX has a 3.00 too. */
static bool is_ta_or_tb(const struct btap_usb_device *device)
{
    return device->descriptor_known && device->bcd_usb == 0x0200 &&
           (device->bcd_device == 0x0300 || device->bcd_device == 0x0500);
}

/**
 * Without the device's numbers, what the form of HX cannot be is TA's: it has no b13-16, and with
 * an exponent, which comes from shifting right by 2, its divisor has b7 or b8 set.
 */
static bool is_ta_form(const struct btap_usb_device *device, uint32_t coded)
{
    return is_ta_or_tb(device) || (coded & 0x1e000) != 0 ||
           ((coded & 0xe00) != 0 && (coded & 0x180) == 0);
}

static uint32_t wanted_baud(const struct btap_usb_device *device, uint32_t coded)
{
    if ((coded & RATE_IS_DIVISOR) == 0)
        return coded;
    coded &= ~RATE_IS_DIVISOR;
    return adapter_usual_baud(is_ta_form(device, coded) ? rate_ta(coded) : rate_hx(coded), NULL);
}

static void set_line_coding(const struct adapter_io *io, const struct btap_usb_control *completion)
{
    struct btap_serial_settings settings;

    if (completion->sent_length < LINE_CODING_SIZE)
        return;
    settings.baud = wanted_baud(io->adapter->device, get_le32(completion->sent));
    adapter_framing(&settings, completion->sent[6], completion->sent[5], completion->sent[4]);
    adapter_settings(io, &settings);
}

static void control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;
    const int lines = ((setup->value & 1) != 0 ? BTAP_LINE_DTR : 0) |
                      ((setup->value & 2) != 0 ? BTAP_LINE_RTS : 0);

    if (setup->request_type != ADAPTER_CLASS_INTERFACE_OUT)
        return;
    if (setup->request == SET_LINE_CODING)
        set_line_coding(io, completion);
    else if (setup->request == SET_CONTROL_LINE_STATE)
        adapter_lines(io, 0, (uint8_t)lines, BTAP_LINE_DTR | BTAP_LINE_RTS);
    else if (setup->request == SEND_BREAK && setup->value != 0)
        adapter_host_break(io);
}

static void interrupt(struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    static const struct {
        uint8_t bit;
        enum btap_serial_event_kind kind;
    } errors[] = {
        {1 << 6, BTAP_SERIAL_OVERFLOW},
        {1 << 2, BTAP_SERIAL_BREAK},
        {1 << 5, BTAP_SERIAL_PARITY_ERROR},
        {1 << 4, BTAP_SERIAL_FRAMING_ERROR},
    };
    uint8_t state;
    int lines;

    if (transfer->captured <= STATE_AT || transfer->data[0] != STATE_MARK)
        return;
    state = transfer->data[STATE_AT];
    lines = ((state & 0x01) != 0 ? BTAP_LINE_DCD : 0) | ((state & 0x02) != 0 ? BTAP_LINE_DSR : 0) |
            ((state & 0x08) != 0 ? BTAP_LINE_RI : 0) | ((state & 0x80) != 0 ? BTAP_LINE_CTS : 0);
    adapter_lines(io, STATE_AT, (uint8_t)lines,
                  BTAP_LINE_DCD | BTAP_LINE_DSR | BTAP_LINE_RI | BTAP_LINE_CTS);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if ((state & errors[i].bit) != 0)
            adapter_error(io, STATE_AT, errors[i].kind);
}

const struct adapter_family adapter_pl2303 = {
    .name = "pl2303",
    .control = control,
    .in = adapter_raw_in,
    .out = adapter_raw_out,
    .interrupt = interrupt,
};
