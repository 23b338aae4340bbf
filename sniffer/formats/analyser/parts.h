/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a capture of a logic analyser is made of, for the files that read one (analyser.h).
 */
#ifndef SNIFFER_FORMATS_ANALYSER_PARTS_H
#define SNIFFER_FORMATS_ANALYSER_PARTS_H

#include "formats/reader/queue.h"
#include "levels/line.h"
#include "levels/usb.h"

/** Channels that are looked at. */
#define ANALYSER_CHANNELS_MAX 64

/** No capture is so long, and its picoseconds fit 64 bits. */
#define ANALYSER_SECONDS_MAX 9e6

/** Bytes of a channel's name that are kept, with a zero. */
#define ANALYSER_NAME_SIZE 24

/** What a channel is by its name. */
enum analyser_use {
    ANALYSER_DATA, /**< a UART's line, or something else that is not known */
    ANALYSER_DTR,
    ANALYSER_RTS,
    ANALYSER_OTHER_CONTROL, /**< reset or a boot pin */
    ANALYSER_USB_DP,        /**< D+ and D- of a full-speed USB cable */
    ANALYSER_USB_DM,
};

/** A channel; callers may read. */
struct analyser_channel {
    char name[ANALYSER_NAME_SIZE];
    enum analyser_use use;
    enum btap_direction by_name; /**< whose bytes are on it, as its name tells */
    struct levels_line line;
    /* The rest is set once the line is known to be a UART's. */
    bool assigned; /**< to a conversation */
    size_t conversation;
    enum btap_direction direction;
    size_t taken;    /**< of the line's events */
    bool spoke;      /**< there was a character without an error */
    uint8_t first;   /**< the first one */
    uint8_t second;  /**< and the next, if there was one */
    uint64_t said;   /**< so many there were */
    uint8_t last[2]; /**< the last one, and that before it */
    int64_t last_ps;
};

/** One or two lines that belong together: an interface. */
struct analyser_conversation {
    uint32_t interface_id;
    size_t channels[2];
    size_t length;                        /**< of them */
    struct btap_serial_settings settings; /**< told last */
    btap_ns time;                         /**< of the last record: none goes back */
};

/** Bytes that make one record, as they follow one another. */
struct analyser_chunk {
    size_t length;
    size_t channel;
    int64_t start_ps;
    int64_t end_ps;
    uint8_t bytes[1024];
};

/** Start with zero, then analyser_start(); analyser_release() at the end. */
struct analyser {
    struct queue *queue;
    btap_ns origin; /**< when the capture begins, since 1970; 0: not told. Callers may set it */
    size_t channels_length;
    struct analyser_channel *channels; /**< ANALYSER_CHANNELS_MAX of them */
    size_t left_out;                   /**< channels that there were more */
    size_t conversations_length;
    struct analyser_conversation conversations[ANALYSER_CHANNELS_MAX];
    /** How often one said what the other one answered as bootloaders do: [asking][answering]. */
    uint16_t answers[ANALYSER_CHANNELS_MAX][ANALYSER_CHANNELS_MAX];
    uint8_t control; /**< lines that are active, enum btap_serial_line */
    struct analyser_chunk chunk;
    struct levels_usb usb;
    uint32_t usb_interface;
};

#endif
