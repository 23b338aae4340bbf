/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of USB DFU: DfuSe as the STM32 bootloader speaks it (AN3156), and plain DFU 1.1.
 */
#ifndef BOOTTAP_DFU_H
#define BOOTTAP_DFU_H

#include "boottap/event.h"
#include "boottap/report.h"
#include "boottap/usb_device.h"

/** Preferences of a person for what captures do not always tell. */
struct btap_dfu_options {
    uint16_t transfer_size;   /**< wTransferSize; 0: from the descriptor, else from the traffic */
    uint32_t default_address; /**< pointer before any Set Address Pointer */
};

/** AN3156 section 4.1: the pointer's value where the host sets none. */
#define BTAP_DFU_DEFAULT_ADDRESS 0x08000000u

/** State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own. */
struct btap_dfu {
    struct btap_report report;
    const struct btap_usb_device *device;
    struct btap_dfu_options options;
};

/**
 * Starts a decoder.
 *
 * @param sink not NULL; kept, must outlive the decoder
 * @param link not NULL; kept, must outlive the decoder
 * @param device what is known of the device, updated by the caller before each call; not NULL,
 *        kept, must outlive the decoder
 * @param options NULL for the defaults; copied
 */
void btap_dfu_init(struct btap_dfu *dfu, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_usb_device *device, const struct btap_dfu_options *options);

/**
 * Decodes the submission of a control transfer of the device. Requests other than the seven DFU
 * class requests are ignored.
 */
void btap_dfu_submission(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** Decodes the completion of a control transfer of the device. */
void btap_dfu_completion(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** The device left the bus, as seen elsewhere than in a control transfer. */
void btap_dfu_disconnected(struct btap_dfu *dfu, const struct btap_origin *at);

/** Ends the capture: an open transaction is reported with what is known of it. */
void btap_dfu_finish(struct btap_dfu *dfu);

/**
 * Whether a setup packet has the shape of a DFU class request (DFU 1.1 table 3.2): type,
 * request and length.
 *
 * @param[out] certain set to whether hardly any other class has a request of this shape
 *        (GETSTATUS of 6 bytes, GETSTATE, CLRSTATUS, ABORT, DNLOAD of a DfuSe command is decided
 *        by the data); not NULL
 */
bool btap_dfu_request_shape(const struct btap_usb_setup *setup, bool *certain);

#endif
