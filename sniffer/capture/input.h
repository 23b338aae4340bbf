/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Capture files of every format, told apart by content. Says itself, in messages, what is wrong
 * with them.
 */
#ifndef SNIFFER_CAPTURE_INPUT_H
#define SNIFFER_CAPTURE_INPUT_H

#include "capture/stream.h"
#include "formats/reader/reader.h"

/** Operand that stands for standard input. */
#define INPUT_STDIN "-"

/** How an operand begins that is traffic itself, in the notation of docs/hex.md. */
#define INPUT_HEX "hex:"

enum input_result {
    INPUT_STOPPED, /**< not read to its end: nobody asked for more, or a signal came */
    INPUT_END,     /**< read to the end */
    INPUT_FAILED,  /**< said in a message; the records before were handed out */
};

/** One capture file. Callers may read stream and result. */
struct input {
    struct stream stream; /**< of the records handed out; its name is the operand */
    enum input_result result;
    bool cut; /**< INPUT_FAILED: not read to its end; else something in it was left out */

    struct reader reader;
    const struct reader_format *format; /**< as the operand says; NULL: the contents tell */
    uint32_t unread_linktype;           /**< of the first packet with one that is not decoded */
    uint64_t unread;                    /**< packets with such a one */
};

/**
 * Opens a capture that is to be decoded.
 *
 * @param path "-" for standard input, or INPUT_HEX and a text; kept
 * @return false if it cannot be read: said in a message, nothing to close
 */
bool input_open(struct input *input, const char *path);

/** The first half of input_open(): the file, whatever is in it. */
bool input_open_file(struct input *input, const char *path);

/** The second half, but for its link type: finds the reader. Nothing is closed here. */
bool input_find_reader(struct input *input);

/**
 * The next record.
 *
 * @param[out] record valid until the next call
 * @return false: there is none, for input->result
 */
bool input_next(struct input *input, struct btap_record *record);

/**
 * Says in a message why a file was not read on, or what of it was skipped.
 *
 * @param packet that could not be read
 * @param before what became of everything before; NULL: there is nothing before
 * @return INPUT_END if there is nothing to say
 */
enum input_result input_explain(const struct input *input, enum reader_result result,
                                uint64_t packet, const char *before);

void input_close(struct input *input);

#endif
