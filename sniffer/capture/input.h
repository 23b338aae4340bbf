/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Capture files: pcap through libpcap, pcapng with all that its interfaces tell (libpcap hides
 * their names and wants them to be of one link type), and the logs of candump -L, told apart by
 * content. Prints what is wrong with them itself, as messages.
 */
#ifndef SNIFFER_CAPTURE_INPUT_H
#define SNIFFER_CAPTURE_INPUT_H

#include <stdio.h>

#include "boottap/tap.h"
#include "capture/blocks.h"

/** Operand that stands for standard input. */
#define INPUT_STDIN "-"

/** Read at once: many records for one system call, and still in the processor's cache. */
#define INPUT_BUFFER_SIZE (64 * 1024)

enum input_result {
    INPUT_END,     /**< read to the end */
    INPUT_STOPPED, /**< input_stop() was called, or a signal came (interrupt.h) */
    INPUT_FAILED,  /**< told in a message; the records before were handed out */
};

/** What a file is, by its first bytes. */
enum input_format {
    INPUT_PCAP,
    INPUT_PCAPNG,
    INPUT_CANDUMP,
};

/** One capture file. Callers may read name to digits. */
struct input {
    const char *name; /**< the operand; `standard input` for "-" */
    uint64_t packets; /**< records handed out */
    btap_ns first;    /**< time of the first of them */
    int digits;       /**< of its times after the point: 6, or 9 as soon as they have as many */

    FILE *file;
    enum input_format format;
    struct pcap *pcap; /**< NULL for all but pcap files */
    struct blocks blocks;
    uint32_t linktype;   /**< of a pcap file, or of the first packet with one that is not read */
    uint64_t unreadable; /**< packets of link types that are not read */
    bool stop;
    void (*on_record)(void *context, const struct btap_record *record);
    void *context;
    char buffer[INPUT_BUFFER_SIZE];
};

/**
 * Opens a capture.
 *
 * @param path "-" for standard input; kept
 * @return false if it cannot be read: told in a message, nothing to close
 */
bool input_open(struct input *input, const char *path);

/** Reads all records. on_record gets each, valid during the call. */
enum input_result input_read(struct input *input,
                             void (*on_record)(void *context, const struct btap_record *record),
                             void *context);

/** So many first bytes of a file are enough for input_refusal(). */
#define INPUT_MAGIC_SIZE 4

/** Why files that start so are not read: compressed, an archive. NULL: nothing is known of it. */
const char *input_refusal(const unsigned char *magic, size_t length);

/** Makes input_read() return after the record in hand. */
void input_stop(struct input *input);

void input_close(struct input *input);

#endif
