/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's way in: the serial sources as interfaces of Wireshark (its doc/README.extcap). This
 * program stands in Wireshark's folder of extcaps under another name; Wireshark asks it what it
 * has, and starts it to capture into a pipe.
 */
#ifndef SNIFFER_EXTCAP_EXTCAP_H
#define SNIFFER_EXTCAP_EXTCAP_H

#include <stdbool.h>

/** Whether Wireshark asks: the command line begins as no command does. */
bool extcap_is_asked(int argc, char *const *argv);

/** Does what Wireshark asks for. @return the exit status */
int extcap_run(int argc, char *const *argv);

#endif
