/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Wireshark asks for, as it stands on the command line.
 */
#ifndef SNIFFER_EXTCAP_REQUEST_H
#define SNIFFER_EXTCAP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

/** Words that Wireshark or a user may give, each with a value. */
enum extcap_word {
    EXTCAP_INTERFACE,
    EXTCAP_VERSION,
    EXTCAP_FILTER,
    EXTCAP_RELOAD,
    EXTCAP_OPTION_NAME, /**< of newer releases; there is nothing that it would change */
    EXTCAP_OPTION_VALUE,
    EXTCAP_FIFO,
    EXTCAP_CONTROL_IN,
    EXTCAP_CONTROL_OUT,
    EXTCAP_PORT,
    EXTCAP_OTHER_PORT,
    EXTCAP_HOST,
    EXTCAP_OTHER_HOST,
    EXTCAP_DEVICE,
    EXTCAP_OTHER_DEVICE,
    EXTCAP_BAUD,
    EXTCAP_LINK,
    EXTCAP_RESET,
    EXTCAP_WORDS,
};

/** What is to be done. */
enum extcap_action {
    EXTCAP_NOTHING,
    EXTCAP_CLEAN_UP, /**< after a capture that Wireshark killed */
    EXTCAP_LIST_INTERFACES,
    EXTCAP_LIST_DLTS,
    EXTCAP_LIST_CONFIG,
    EXTCAP_CAPTURE,
};

struct extcap_request {
    enum extcap_action action;
    const char *values[EXTCAP_WORDS]; /**< NULL: not given */
};

/** The option of a word, without its dashes: `port`. */
const char *extcap_word_name(enum extcap_word word);

/**
 * Reads a command line.
 *
 * @return false: a message says what is not understood
 */
bool extcap_request_read(struct extcap_request *request, int argc, char *const *argv);

/** What was given for a word, and is not empty; NULL: nothing. */
const char *extcap_value(const struct extcap_request *request, enum extcap_word word);

#endif
