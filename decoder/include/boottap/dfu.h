/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of USB DFU: DfuSe as the STM32 bootloader speaks it (AN3156), and plain DFU 1.1.
 *
 * A DNLOAD command is one transaction with the GETSTATUS requests that trigger and await it; it
 * ends where an answer leaves dfuDNBUSY, with `error` where that is dfuERROR. Every other request
 * is a transaction of its own. A get-status that reports dfuERROR is itself `ok`, with a note that
 * tells the error.
 *
 * The address of a block is pointer + (block - 2) * transfer size (AN3156 sections 4.1, 5.1). The
 * transfer size is that of the options, else wTransferSize of the functional descriptor, else the
 * largest block of memory that was asked for so far. Where the note's words, "the length of the
 * data buffer", give another address, a note says so.
 *
 * Plain DFU has no addresses: a download or upload has its block and length, and the slices of
 * data stand at their offset in the image: blocks before it * length of a block. Images begin with
 * block 0, of some hosts (snagboot) with block 2; blocks that the capture lacks leave a gap. The
 * DNLOAD of length 0 that ends
 * a download is a `download` of length 0 there, and `leave` in DfuSe.
 */
#ifndef BOOTTAP_DFU_H
#define BOOTTAP_DFU_H

#include "boottap/detail/emitter.h"
#include "boottap/dfuse_layout.h"
#include "boottap/event.h"
#include "boottap/usb_device.h"

BTAP_BEGIN_DECLARATIONS

/** Preferences of a person for what captures do not always show. */
struct btap_dfu_options {
    uint16_t transfer_size;   /**< wTransferSize; 0: from the descriptor, else from the traffic */
    uint32_t default_address; /**< pointer before any Set Address Pointer */
};

/** AN3156 section 4.1: the pointer's value where the host sets none. */
#define BTAP_DFU_DEFAULT_ADDRESS 0x08000000u

/** What the device speaks over the requests of DFU 1.1. */
enum btap_dfu_dialect {
    BTAP_DFU_DIALECT_UNKNOWN,
    BTAP_DFU_DFUSE, /**< AN3156: commands in block 0, memory from block 2 on */
    BTAP_DFU_PLAIN, /**< DFU 1.1: an image, block by block */
};

/** How far the open transaction is. */
enum btap_dfu_step {
    BTAP_DFU_REQUESTED, /**< its request is submitted */
    BTAP_DFU_ACCEPTED,  /**< DNLOAD: completed; GETSTATUS has it executed */
    BTAP_DFU_WORKING,   /**< DNLOAD: a GETSTATUS answer says that the device is at work */
};

/** What became of the last GETSTATUS of the open transaction. */
enum btap_dfu_poll {
    BTAP_DFU_POLL_NONE,
    BTAP_DFU_POLL_PENDING,
    BTAP_DFU_POLL_ANSWERED,
    BTAP_DFU_POLL_STALLED,
    BTAP_DFU_POLL_FAILED,     /**< on the bus */
    BTAP_DFU_POLL_UNREADABLE, /**< answered, but not with a status, or the capture lacks it */
};

/** bState where the capture does not show it. */
#define BTAP_DFU_STATE_UNKNOWN 0xff

/** Halves of requests that can wait for certainty: two requests, and a GETSTATUS. */
#define BTAP_DFU_HELD_MAX 5
/** Bytes of its data that such a half keeps. */
#define BTAP_DFU_HELD_BYTES 128

/** Half of a control transfer that could be DFU, from before that was certain. */
struct btap_dfu_half {
    struct btap_origin at;
    struct btap_usb_setup setup;
    bool completion;
    bool setup_here;
    bool in_pieces; /**< what is kept stands at piece */
    uint8_t kept_length;
    struct btap_usb_piece piece;
    uint32_t setup_offset;
    uint32_t length;
    int32_t raw_status;
    enum btap_usb_status status;
    uint8_t kept[BTAP_DFU_HELD_BYTES];
};

/** State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own. */
struct btap_dfu {
    struct btap_emitter emitter;
    const struct btap_usb_device *device;
    struct btap_dfu_options options;

    /* Whether this is DFU at all. Other classes' requests look alike. */
    bool certain;
    bool replaying;     /**< held halves are being decoded */
    bool payload_gone;  /**< the data that are being decoded stand in no record at hand */
    uint16_t interface; /**< where certain: wIndex of the DFU requests */
    uint8_t held_length;
    struct btap_dfu_half held[BTAP_DFU_HELD_MAX];

    /* What the descriptors tell, looked up again after each transfer that may change them. */
    bool described;    /**< described_dialect is up to date */
    bool dialect_told; /**< a note tells that the host does not keep to it */
    bool region_known;
    enum btap_dfu_dialect described_dialect;
    struct btap_layout_region region; /**< of the last address that was looked up */

    /* The session */
    enum btap_dfu_dialect spoken_dialect; /**< as the host's requests show */
    uint8_t state;                        /**< bState, as far as the capture shows it */
    bool present;                         /**< there was a request since the device came up */
    bool transferred;       /**< there was a DNLOAD or UPLOAD since the device came up */
    bool cleared;           /**< there was a CLRSTATUS since the device came up */
    bool exit_expected;     /**< the device does not answer any more, as it must */
    bool pointer_set;       /**< pointer is from a Set Address Pointer command */
    bool pointer_uncertain; /**< a command that may have set it is missing or failed */
    uint32_t pointer;
    uint16_t largest_block; /**< largest wLength of a block of memory */
    uint16_t assumed_size;  /**< transfer size that a note says is assumed; 0: none */

    /* The plain image in transfer */
    uint16_t image_first;  /**< number of its first block */
    uint16_t image_block;  /**< bytes of its first block; 0: the capture does not show it */
    uint16_t image_last;   /**< number of the last block that was seen */
    uint32_t image_rounds; /**< how often wBlockNum went over from 65535 to 0 */

    /* STM32MP */
    bool asked_known;
    uint8_t asked; /**< partition of the phase that the device told, or that was set */

    /* The open transaction */
    uint8_t request;    /**< bRequest */
    uint8_t next_state; /**< state once its request is accepted */
    enum btap_dfu_step step;
    enum btap_dfu_poll poll;
    bool resets;        /**< the device leaves the bus where it succeeds */
    bool manifesting;   /**< it has succeeded, unless a further GETSTATUS finds otherwise */
    bool early_told;    /**< a note tells that the host polls before the poll time-out */
    uint32_t wait_ms;   /**< bwPollTimeout of the last answer */
    btap_ns answered;   /**< time of the last answer */
    btap_ns busy_since; /**< time of the first answer in dfuDNBUSY */
    uint32_t busy_answers;
};

BTAP_STATIC_ASSERT(sizeof(struct btap_dfu) < 4096, "the state of a link stays under 4 KiB");

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
 * Takes the submission of a control transfer of the device. Requests other than the seven DFU class
 * requests (DFU 1.1 table 3.2) to a DFU interface are ignored.
 */
void btap_dfu_submission(struct btap_dfu *dfu, const struct btap_usb_control *control);

/**
 * Takes the completion of a control transfer of the device. Standard requests matter here: a
 * SET_CONFIGURATION starts the session anew, others may change what is known of the device.
 */
void btap_dfu_completion(struct btap_dfu *dfu, const struct btap_usb_control *control);

/**
 * The device left the bus, as seen elsewhere than in a control transfer. After leave,
 * read-unprotect and a write of the option bytes it must do so, and an open one of these is `ok`
 * then.
 */
void btap_dfu_disconnected(struct btap_dfu *dfu, const struct btap_origin *at);

/** Whether the device has accepted a command that makes it leave the bus, and was not seen since.
 */
bool btap_dfu_leaving(const struct btap_dfu *dfu);

/** Ends the capture: an open transaction is reported as `incomplete`. */
void btap_dfu_finish(struct btap_dfu *dfu);

/**
 * Whether a setup packet has the shape of a DFU class request (DFU 1.1 table 3.2): type, request,
 * direction and length. Other classes have requests of the same shape, so that the decoder tells
 * nothing before an answer, a descriptor or a DfuSe command shows that the device speaks DFU.
 *
 * @param[out] certain set to whether hardly any other class has a request of this shape:
 *        GETSTATUS, CLRSTATUS, GETSTATE and ABORT with wValue 0, and DNLOAD and UPLOAD of 128
 *        bytes or more (UPLOAD from block 2 on); not NULL
 */
bool btap_dfu_request_shape(const struct btap_usb_setup *setup, bool *certain);

BTAP_END_DECLARATIONS

#endif
