/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Privileges are needed to open sources and for nothing else.
 */
#ifndef SNIFFER_LIVE_PRIVILEGES_H
#define SNIFFER_LIVE_PRIVILEGES_H

#include <stdbool.h>

/**
 * Gives up what is not needed once the sources are open, before files are written: they belong to
 * the user who called the program. Not to be undone.
 *
 * - setuid root: becomes the user who started it.
 * - root by sudo: becomes the user who called sudo (SUDO_UID, SUDO_GID).
 * - root itself: stays it, so as to write where root may, and keeps CAP_DAC_OVERRIDE only.
 * - anybody else: loses what capabilities the program's file gave.
 *
 * @return false: it did not succeed; a message says why
 */
bool privileges_drop(void);

#endif
