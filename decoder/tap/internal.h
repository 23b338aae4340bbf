/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tap's files share. Internal to the core.
 */
#ifndef DECODER_TAP_INTERNAL_H
#define DECODER_TAP_INTERNAL_H

#include "boottap/tap.h"

struct link_urb;

/** Which counter a record belongs to. */
enum tap_outcome {
    TAP_OUTCOME_DECODED,
    TAP_OUTCOME_EVENT,
    TAP_OUTCOME_FOREIGN,
    TAP_OUTCOME_MALFORMED,
    TAP_OUTCOME_UNSUPPORTED,
};

/** Whether bootloader traffic was seen on a link. */
static inline bool tap_channel_decodes(const struct btap_channel *channel)
{
    return channel->link.transactions > 0;
}

/** Whether descriptors or requests tell that a device is a serial adapter. */
static inline bool tap_is_adapter(const struct btap_usb_slot *slot)
{
    return slot->adapter.evidence >= BTAP_ADAPTER_BY_REQUESTS && !slot->adapter.not_serial;
}

/** Sets the sink that keeps quiet about links on which no bootloader was seen yet. */
void tap_init_quiet(struct btap_tap *tap);

/**
 * Opens a channel and starts its decoder; where all are in use, the one unused longest is closed.
 *
 * @param link identity of the new channel; copied
 * @param slot of a USB link; NULL for others
 * @param holder where the channel's pointer is kept, set here, and to NULL when it is closed;
 *        NULL for none
 */
struct btap_channel *tap_channel_open(struct btap_tap *tap, const struct btap_link *link,
                                      const struct btap_usb_slot *slot,
                                      struct btap_channel **holder,
                                      const struct btap_record *record);

/** Reports what is open and starts the decoder anew. The link keeps counting. */
void tap_channel_restart(struct btap_tap *tap, struct btap_channel *channel,
                         const struct btap_usb_slot *slot);

/** Closes a channel because others need its place. */
void tap_channel_evict(struct btap_tap *tap, struct btap_channel *channel,
                       const struct btap_record *record);

/** Reports what is open. */
void tap_channel_finish(struct btap_channel *channel);

/** Routes a record of a host's transfers: usbmon, USBPcap, macOS. */
enum tap_outcome tap_usb(struct btap_tap *tap, const struct btap_record *record);

/** Routes a packet of a USB cable. */
enum tap_outcome tap_usb_packet(struct btap_tap *tap, const struct btap_record *record);

/** Follows the requests of an enumeration that fail and succeed. */
void tap_follow_enumeration(struct btap_tap *tap, const struct link_urb *urb,
                            const struct btap_usb_control *completion,
                            const struct btap_record *record);

/** Takes what the descriptors of a device newly tell: it may be in DFU mode, and back there. */
void tap_follow_dfu_mode(struct btap_tap *tap, struct btap_usb_slot *slot,
                         const struct btap_usb_control *completion,
                         const struct btap_record *record);

/** Follows who reads the names of a device's memories. */
void tap_follow_names(struct btap_usb_slot *slot, const struct btap_usb_control *completion);

/** Ends the capture for a device that left the bus last of all, as its hub said. */
void tap_usb_end(struct btap_tap *tap);

/** Tells submissions whose data were to come, and did not until the end of the capture. */
void tap_usb_tell_held(struct btap_tap *tap);

/** Counts what is still under way at the end of the capture. */
void tap_usb_finish(struct btap_tap *tap);

/** Tells on a link that a record was cut, if the link is one that decodes. */
void tap_channel_truncated(struct btap_channel *channel, const struct btap_origin *at,
                           uint32_t captured, uint32_t length);

#endif
