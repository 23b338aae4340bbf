/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the DFU decoder share. Internal to the core.
 */
#ifndef DECODER_DFU_INTERNAL_H
#define DECODER_DFU_INTERNAL_H

#include "boottap/dfu.h"
#include "model/dfu_values.h"
#include "model/emit.h"

/** bRequest (DFU 1.1 table 3.2, AN3156 table 1). */
enum dfu_request {
    DFU_DETACH,
    DFU_DNLOAD,
    DFU_UPLOAD,
    DFU_GETSTATUS,
    DFU_CLRSTATUS,
    DFU_GETSTATE,
    DFU_ABORT,
    DFU_REQUESTS,
};

/** Answer to DFU_GETSTATUS (DFU 1.1 section 6.1.2). */
#define DFU_STATUS_LENGTH 6

struct dfu_answer {
    uint8_t status;           /**< bStatus */
    uint8_t state;            /**< bState */
    uint32_t poll_timeout_ms; /**< bwPollTimeout */
};

/* dfu_recognise.c */

/** Whether a setup packet is a DFU request to the device's DFU interface. */
bool dfu_ours(const struct btap_dfu *dfu, const struct btap_usb_setup *setup);

/** Whether this half of a request makes it certain that the device speaks DFU. */
bool dfu_convinces(const struct btap_dfu *dfu, const struct btap_usb_control *control,
                   bool completion);

/** Keeps a half until there is certainty; the oldest request gives way. */
void dfu_hold(struct btap_dfu *dfu, const struct btap_usb_control *control, bool completion);

/** The control transfer half that a held one was; valid as long as half is. */
struct btap_usb_control dfu_unhold(const struct btap_dfu_half *half);

/** Whether an answer of this length and with these bytes is one to GETSTATUS. */
bool dfu_status_plausible(const uint8_t *bytes, uint32_t captured, uint32_t length);

/** Whether DNLOAD data are a command of AN3156 table 3 in its right length. */
bool dfu_is_command(const struct btap_usb_control *control);

/* dfu_state.c */

/**
 * State in which an accepted request leaves the device (DFU 1.1 appendix A).
 *
 * @param state may be BTAP_DFU_STATE_UNKNOWN
 * @param[out] allowed false if the device must refuse the request; true where state is unknown
 * @return BTAP_DFU_STATE_UNKNOWN where that cannot be told
 */
uint8_t dfu_next_state(uint8_t state, const struct btap_usb_setup *setup,
                       enum btap_dfu_dialect dialect, bool *allowed);

/* dfu_memory.c */

/**
 * Target address of a block of memory, and the notes on how it was found.
 *
 * @return false for block 1, which has none
 */
bool dfu_block_address(struct btap_dfu *dfu, const struct btap_usb_control *control,
                       uint32_t *address);

/** Follows the blocks of a plain image: where it begins, how long they are. */
void dfu_follow_image(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** Offset of a block in a plain image. */
uint32_t dfu_image_offset(const struct btap_dfu *dfu, uint16_t block, uint32_t length);

/** wTransferSize, for a block of this length. */
uint32_t dfu_transfer_size(const struct btap_dfu *dfu, uint32_t length);

/** Notes where the layout does not hold the address, or denies the open transaction's command. */
void dfu_check_layout(struct btap_dfu *dfu, const struct btap_origin *at);

/** Whether the address lies in the option bytes, the write of which resets the device. */
bool dfu_is_option_bytes(struct btap_dfu *dfu, uint32_t address);

/* dfu_payload.c */

/** The dialect in force; a DNLOAD or UPLOAD may settle it. */
enum btap_dfu_dialect dfu_settle_dialect(struct btap_dfu *dfu,
                                         const struct btap_usb_control *control);

/** The command that a DNLOAD or UPLOAD stands for. */
enum btap_command dfu_command(const struct btap_usb_control *control,
                              enum btap_dfu_dialect dialect);

/** Puts what the submission of a DNLOAD holds into the open transaction. */
void dfu_take_download(struct btap_dfu *dfu, const struct btap_usb_control *control,
                       enum btap_dfu_dialect dialect);

/** Puts what the submission of an UPLOAD holds into the open transaction. */
void dfu_take_upload(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** Takes the data of a completed UPLOAD into the open transaction. */
void dfu_take_uploaded(struct btap_dfu *dfu, const struct btap_usb_control *control);

/* partition.c */

/** Tells which partition of an STM32MP the open transfer is about, where the names tell it. */
void dfu_take_partition(struct btap_dfu *dfu);

/** Whether that is the one that is no memory: the device's phase. */
bool dfu_is_phase(const struct btap_dfu *dfu);

/** Takes the phase that was told or set. */
void dfu_tell_phase(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** Spans and notes of an image's first block. */
void dfu_tell_image(struct btap_dfu *dfu, const struct btap_usb_control *control);

/* dfu_answer.c */

/** Spans of the setup bytes, where they stand in this record. */
void dfu_setup_spans(struct btap_dfu *dfu, const struct btap_usb_control *control);

/**
 * Takes a GETSTATUS answer into the open transaction.
 *
 * @return false if it is none, which a note tells
 */
bool dfu_take_status(struct btap_dfu *dfu, const struct btap_usb_control *control,
                     struct dfu_answer *answer);

/** Takes a GETSTATE answer into the session's state. @return false as above */
bool dfu_take_state(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** Note with the meaning of an error status. */
void dfu_note_error(struct btap_dfu *dfu, const struct btap_origin *at, uint8_t status);

/** Note that tells why a transfer got no answer. */
void dfu_note_failure(struct btap_dfu *dfu, const struct btap_usb_control *control);

/** Note where the record holds less than the transfer had. */
void dfu_note_cut(struct btap_dfu *dfu, const struct btap_usb_control *control);

/**
 * Where the next of some bytes of the data stand together.
 *
 * @param[in,out] offset of the first of them in data; moves on behind the piece
 * @param[in,out] left so many of them; what the piece holds is taken off
 * @return false: there are none left
 */
bool dfu_next_piece(const struct btap_usb_control *control, uint32_t *offset, uint32_t *left,
                    struct btap_usb_piece *piece);

/** Span of a number at data + offset, the whole field. */
void dfu_span(struct btap_dfu *dfu, const struct btap_usb_control *control, enum btap_field field,
              uint32_t offset, uint32_t length, uint64_t value);

#endif
