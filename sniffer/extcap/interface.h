/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The interfaces that Wireshark gets, and their options in its dialog.
 */
#ifndef SNIFFER_EXTCAP_INTERFACE_H
#define SNIFFER_EXTCAP_INTERFACE_H

#include <stdio.h>

#include "extcap/request.h"
#include "port/machine.h"

/** Most options of an interface. */
#define EXTCAP_OPTIONS_MAX 3

/** An interface of Wireshark: a kind of source with one operand. */
struct extcap_interface {
    const char *value;   /**< how Wireshark names it: `boottap-serial` */
    const char *display; /**< what it shows */
    const char *kind;    /**< of the operand: `serial:` */
    size_t parts;        /**< so many of the words below are parts of the operand, in order */
    size_t words_length;
    enum extcap_word words[EXTCAP_OPTIONS_MAX];
};

/** @return NULL: a message says that there is no such interface */
const struct extcap_interface *extcap_interface_find(const char *value);

/** Whether a word names a port: then another word may name one that is not in the list. */
bool extcap_word_is_port(enum extcap_word word);

/** What Wireshark asks for, as it wants it. */
void extcap_print_interfaces(const char *version, FILE *to);
void extcap_print_dlts(const struct extcap_interface *interface, FILE *to);

/** @param reload the name of the only option whose values are printed; NULL: all */
void extcap_print_config(const struct extcap_interface *interface, const struct machine *machine,
                         const char *reload, FILE *to);

#endif
