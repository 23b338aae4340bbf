/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The link layer's parsers: one capture record in, what it holds out. Internal to the core.
 */
#ifndef DECODER_LINK_LINK_H
#define DECODER_LINK_LINK_H

#include "boottap/detail/urb_table.h"
#include "boottap/event.h"
#include "boottap/record.h"
#include "model/bytes.h"

/** What a RTAC serial record (LINKTYPE 250) holds; members that no flag announces are not set. */
struct link_rtac {
    bool has_chunk; /**< data: chunk is set */
    bool has_event; /**< an error, lost bytes, settings: event is set; it comes before the chunk */
    bool has_lines; /**< lines and lines_known hold the state of the lines at this record */
    uint8_t lines;
    uint8_t lines_known;
    struct btap_serial_chunk chunk; /**< direction as recorded: TX is the host; no bytes where the
                                         record was cut before its payload */
    struct btap_serial_event event;
};

/**
 * Reads a comment in which a tool says something: BTAP_SERIAL_TIMEOUT_COMMENT or
 * BTAP_SERIAL_COMMAND_COMMENT.
 *
 * @param text not zero-terminated; may be NULL if length is 0
 * @param[out] kind set where true is returned
 * @return false if it is another comment
 */
bool link_parse_serial_word(const char *text, uint32_t length, enum btap_serial_event_kind *kind);

/**
 * Reads what btap_serial_comment() writes.
 *
 * @param text not zero-terminated; may be NULL if length is 0
 * @param[out] settings set where true is returned
 * @return false if it is another comment
 */
bool link_parse_serial_comment(const char *text, uint32_t length,
                               struct btap_serial_settings *settings);

/**
 * Parses a RTAC serial record.
 *
 * @return false if it is malformed (shorter than its header, unknown event type)
 */
bool link_parse_rtac(const struct btap_record *record, struct link_rtac *rtac);

/**
 * Parses a record of LINKTYPE 227, 113 or 276.
 *
 * @param[out] frame set where true is returned and *is_can is true. Its direction is
 *        HOST_TO_DEVICE in a cooked record that the recording machine sent, else the record's own
 * @param[out] is_can false for a cooked record of another kind of interface, or CAN XL
 * @param[out] interface_id the cooked header's interface number, else the record's own
 * @return false if it is malformed: shorter than its header, or announcing more payload than the
 *         frame was long on the wire
 */
bool link_parse_can(const struct btap_record *record, struct btap_can_frame *frame, bool *is_can,
                    uint32_t *interface_id);

/** Which half of a USB transfer a record holds. */
enum link_urb_stage {
    LINK_URB_SUBMIT,
    LINK_URB_DATA, /**< old USBPcap: the data stage of a control transfer on its own */
    LINK_URB_COMPLETE,
    LINK_URB_FAILED, /**< the submission itself failed */
};

enum link_urb_type {
    LINK_URB_ISOCHRONOUS,
    LINK_URB_INTERRUPT,
    LINK_URB_CONTROL,
    LINK_URB_BULK,
    LINK_URB_OTHER,
};

/** One half of a USB transfer, as all captures of a host's transfers record it. */
struct link_urb {
    uint64_t id;
    enum link_urb_stage stage;
    enum link_urb_type type;
    bool late;    /**< data to the device come with the completion, too */
    bool untyped; /**< bulk or interrupt: only the device's descriptors tell which */
    uint32_t interface_id;
    uint16_t bus;
    uint16_t device;
    uint8_t endpoint; /**< b7 set = IN, where the record tells */
    bool setup_known;
    uint32_t setup_offset; /**< in the record */
    struct btap_usb_setup setup;
    enum btap_usb_status status; /**< BTAP_USB_OK in a submission */
    int32_t raw_status;
    uint32_t length; /**< submission: requested; completion: actual (USBPcap OUT: 0); failed: 0;
                        never less than captured */
    struct btap_origin at; /**< of data[0] */
    const uint8_t *data;   /**< not NULL, even where captured is 0 */
    uint32_t captured;     /**< bytes at data */
    /** Where the data stand if not together at `at`; NULL: there. */
    const struct btap_usb_piece *pieces;
    uint32_t pieces_length;
};

/** Sets the setup of a URB from its 8 bytes, which stand at offset in the record. */
static inline void link_urb_read_setup(struct link_urb *urb, const uint8_t *bytes, uint32_t offset)
{
    urb->setup_offset = offset;
    urb->setup = (struct btap_usb_setup){
        .request_type = bytes[0],
        .request = bytes[1],
        .value = get_le16(bytes + 2),
        .index = get_le16(bytes + 4),
        .length = get_le16(bytes + 6),
    };
}

/** Parses a record of LINKTYPE 220 or 189. @return false if it is malformed */
bool link_parse_usbmon(const struct btap_record *record, struct link_urb *urb);

/** Parses a record of LINKTYPE 249. @return false if it is malformed */
bool link_parse_usbpcap(const struct btap_record *record, struct link_urb *urb);

/** Parses a record of LINKTYPE 266. @return false if it is malformed */
bool link_parse_darwin(const struct btap_record *record, struct link_urb *urb);

/** Empties the table of submissions that wait for their completion. */
void link_urb_table_init(struct btap_urb_table *table);

/**
 * Enters a submission. One of the same id, bus, device and endpoint gives way to it, and where
 * the table is full, the oldest one.
 *
 * @param[out] lost set to whether a submission gave way, whose completion is therefore missing
 * @return the entry, its key, setup and length set; valid until the next submission
 */
struct btap_urb_pending *link_urb_submit(struct btap_urb_table *table, const struct link_urb *urb,
                                         bool *lost);

/** The submission of this completion; NULL if it is not in the table. */
struct btap_urb_pending *link_urb_find(struct btap_urb_table *table, const struct link_urb *urb);

/** The submissions by age: the one after `pending`, or the oldest if that is NULL; NULL: none. */
struct btap_urb_pending *link_urb_next(struct btap_urb_table *table,
                                       const struct btap_urb_pending *pending);

/** Takes an entry out of the table. It holds its values until the next submission. */
void link_urb_release(struct btap_urb_table *table, struct btap_urb_pending *pending);

#endif
