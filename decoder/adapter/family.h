/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What each family of adapters is to the dispatcher. Internal to the core.
 */
#ifndef DECODER_ADAPTER_FAMILY_H
#define DECODER_ADAPTER_FAMILY_H

#include "adapter/port.h"

/** bmRequestType values (USB 2.0 section 9.3). */
enum {
    ADAPTER_CLASS_INTERFACE_OUT = 0x21,
    ADAPTER_CLASS_INTERFACE_IN = 0xa1,
    ADAPTER_VENDOR_DEVICE_OUT = 0x40,
    ADAPTER_VENDOR_DEVICE_IN = 0xc0,
    ADAPTER_VENDOR_INTERFACE_OUT = 0x41,
    ADAPTER_VENDOR_INTERFACE_IN = 0xc1,
};

/** How the adapters of one family talk. Every function may be NULL: nothing to learn there. */
struct adapter_family {
    const char *name;
    /** A control transfer that succeeded and whose setup is known. io->port is for it to set. */
    void (*control)(struct adapter_io *io, const struct btap_usb_control *completion);
    /** A bulk IN completion with data; captured is at most length. */
    void (*in)(const struct adapter_io *io, const struct btap_usb_transfer *transfer);
    /** A bulk OUT submission with data; captured is at most length. */
    void (*out)(const struct adapter_io *io, const struct btap_usb_transfer *transfer);
    /** An interrupt IN completion with data; io->port is 0 where no descriptors tell. */
    void (*interrupt)(struct adapter_io *io, const struct btap_usb_transfer *transfer);
};

extern const struct adapter_family adapter_cdc_acm;
extern const struct adapter_family adapter_ftdi;
extern const struct adapter_family adapter_cp210x;
extern const struct adapter_family adapter_ch34x;
extern const struct adapter_family adapter_pl2303;

/* Between families */

/**
 * A class request to an interface, in CDC's form.
 *
 * @param wanted_baud what a rate that is sent stands for; NULL: itself
 */
void adapter_cdc_request(struct adapter_io *io, const struct btap_usb_control *completion,
                         uint32_t (*wanted_baud)(const struct btap_usb_device *device,
                                                 uint32_t sent));

/** CH343 and kin have CDC descriptors, but WCH's own driver talks to them in other requests. */
void adapter_ch343_control(struct adapter_io *io, const struct btap_usb_control *completion);

/** Whether IN data start as every FTDI packet does. length at least 2. */
bool adapter_ftdi_fits(const uint8_t *data);

/** Whether they look like an FTDI's with nothing left to send, as most of its packets do. */
bool adapter_ftdi_fits_well(const uint8_t *data);

#endif
