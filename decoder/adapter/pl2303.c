/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Prolific PL2303: CDC's requests, but wIndex is 0 and odd rates are sent as divisors.
 */
#include "adapter/family.h"

/** Mark of a divisor in the rate's place. */
#define RATE_IS_DIVISOR 0x80000000U
#define DIVISOR_CLOCK   384000000U

/* Interrupt packet: its first byte, where the state stands */
enum {
    STATE_MARK = 0xa1,
    STATE_AT = 8,
};

static const struct adapter_modem_bits state_lines = {
    .dcd = 1 << 0, .dsr = 1 << 1, .ri = 1 << 3, .cts = 1 << 7};
static const struct adapter_error_bits state_errors = {
    .overflow = 1 << 6, .received_break = 1 << 2, .parity = 1 << 5, .framing = 1 << 4};

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

static void control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    if (completion->setup.request_type == ADAPTER_CLASS_INTERFACE_OUT)
        adapter_cdc_request(io, completion, wanted_baud);
}

static void interrupt(struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    if (transfer->captured <= STATE_AT || transfer->data[0] != STATE_MARK)
        return;
    adapter_modem_lines(io, STATE_AT, transfer->data[STATE_AT], &state_lines);
    adapter_errors(io, STATE_AT, transfer->data[STATE_AT], &state_errors);
}

const struct adapter_family adapter_pl2303 = {
    .name = "pl2303",
    .control = control,
    .in = adapter_raw_in,
    .out = adapter_raw_out,
    .interrupt = interrupt,
};
