/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captures of logic analysers: levels of channels in, records of serial lines out. Finds which
 * channels are lines of a UART, which two of them are a conversation, and which of the two is the
 * host's: by what is said, and where that does not tell, by the channels' names.
 */
#ifndef SNIFFER_FORMATS_ANALYSER_H
#define SNIFFER_FORMATS_ANALYSER_H

#include "formats/queue.h"
#include "formats/reader.h"
#include "levels/line.h"

/** Channels that are looked at. */
#define ANALYSER_CHANNELS_MAX 64

/** Bytes of a channel's name that are kept, with a zero. */
#define ANALYSER_NAME_SIZE 24

/** What a channel is by its name. */
enum analyser_use {
    ANALYSER_DATA, /**< a UART's line, or something else that is not known */
    ANALYSER_DTR,
    ANALYSER_RTS,
    ANALYSER_OTHER_CONTROL, /**< reset or a boot pin */
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
    size_t channels_length;
    struct analyser_channel *channels; /**< ANALYSER_CHANNELS_MAX of them */
    size_t left_out;                   /**< channels that there were more */
    size_t conversations_length;
    struct analyser_conversation conversations[ANALYSER_CHANNELS_MAX];
    /** How often one said what the other one answered as bootloaders do: [asking][answering]. */
    uint16_t answers[ANALYSER_CHANNELS_MAX][ANALYSER_CHANNELS_MAX];
    uint8_t control; /**< lines that are active, enum btap_serial_line */
    struct analyser_chunk chunk;
};

/** @param queue takes the records */
void analyser_start(struct analyser *analyser, struct queue *queue);

/**
 * Adds a channel.
 *
 * @param length of the name, which is cut
 * @return its number; ANALYSER_CHANNELS_MAX: it is left out
 */
size_t analyser_add(struct analyser *analyser, const char *name, size_t length);

/**
 * A channel has this level from here on, changed or not; the first time tells what it began with.
 *
 * @param at_ps from 0; none earlier than those before, of all channels
 */
void analyser_level(struct analyser *analyser, size_t channel, int64_t at_ps, bool high);

/** When a sample is taken, in picoseconds. @param rate samples a second, not 0 */
int64_t analyser_time(uint64_t sample, uint64_t rate);

/** The capture ends there: all comes out, and what is to be said of it goes to the reader. */
void analyser_end(struct analyser *analyser, struct reader *reader, int64_t until_ps);

void analyser_release(struct analyser *analyser);

/* Its parts, a file each */

/** What a channel is, and whose bytes are on it, as its name tells. */
void analyser_name(struct analyser_channel *channel);

/** Counts the answers in what was said since the last records, and finds who speaks with whom. */
void analyser_pair(struct analyser *analyser);

/** Makes records of all that was said. */
void analyser_record(struct analyser *analyser);

/** A line of an adapter has this level: DTR and RTS are active where they are low. */
void analyser_control(struct analyser *analyser, const struct analyser_channel *channel, bool high);

/**
 * When the next event of a channel is, in picoseconds.
 *
 * @param taken of its events
 * @return INT64_MAX: there is none
 */
int64_t analyser_next(const struct analyser_channel *channel, size_t taken);

#endif
