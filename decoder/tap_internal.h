/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tap's files share. Internal to the core.
 */
#ifndef BOOTTAP_TAP_INTERNAL_H
#define BOOTTAP_TAP_INTERNAL_H

#include "boottap/tap.h"

struct btap_urb;

/** Which counter a record belongs to. */
enum btap_outcome {
    BTAP_OUTCOME_DECODED,
    BTAP_OUTCOME_EVENT,
    BTAP_OUTCOME_FOREIGN,
    BTAP_OUTCOME_MALFORMED,
    BTAP_OUTCOME_UNSUPPORTED,
};

/** Whether bootloader traffic was seen on a link. */
static inline bool btap_channel_decodes(const struct btap_channel *channel)
{
    return channel->link.transactions > 0;
}

/** Sets the sink that keeps quiet about links on which no bootloader was seen yet. */
void btap_tap_init_quiet(struct btap_tap *tap);

/**
 * Opens a channel and starts its decoder; where all are in use, the one unused longest is closed.
 *
 * @param link identity of the new channel; copied
 * @param slot of a USB link; NULL for others
 * @param holder where the channel's pointer is kept, set here, and to NULL when it is closed;
 *        NULL for none
 */
struct btap_channel *btap_channel_open(struct btap_tap *tap, const struct btap_link *link,
                                       const struct btap_usb_slot *slot,
                                       struct btap_channel **holder,
                                       const struct btap_record *record);

/** Reports what is open and starts the decoder anew. The link keeps counting. */
void btap_channel_restart(struct btap_tap *tap, struct btap_channel *channel,
                          const struct btap_usb_slot *slot);

/** Closes a channel because others need its place. */
void btap_channel_evict(struct btap_tap *tap, struct btap_channel *channel,
                        const struct btap_record *record);

/** Reports what is open. */
void btap_channel_finish(struct btap_channel *channel);

/** Routes a usbmon or USBPcap record. */
enum btap_outcome btap_tap_usb(struct btap_tap *tap, const struct btap_record *record);

/** Follows the requests of an enumeration that fail and succeed. */
void btap_tap_follow_enumeration(struct btap_tap *tap, const struct btap_urb *urb,
                                 const struct btap_usb_control *completion,
                                 const struct btap_record *record);

/** Takes what the descriptors of a device newly tell: it may be in DFU mode, and back there. */
void btap_tap_follow_dfu_mode(struct btap_tap *tap, struct btap_usb_slot *slot,
                              const struct btap_usb_control *completion,
                              const struct btap_record *record);

/** Counts what is still under way at the end of the capture. */
void btap_tap_usb_finish(struct btap_tap *tap);

/** Tells on a link that a record was cut, if the link is one that decodes. */
void btap_channel_truncated(struct btap_channel *channel, const struct btap_origin *at,
                            uint32_t captured, uint32_t length);

#endif
