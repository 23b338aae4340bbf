/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What must be allowed, and how much it must be agreed to.
 */
#ifndef SNIFFER_REPLAY_PERMISSION_H
#define SNIFFER_REPLAY_PERMISSION_H

/** What --allow names; bits. */
enum plan_permission {
    PLAN_WRITE = 1 << 0,     /**< Write Memory, Download */
    PLAN_ERASE = 1 << 1,     /**< Erase, Extended Erase */
    PLAN_GO = 1 << 2,        /**< Go */
    PLAN_LEAVE = 1 << 3,     /**< Leave DFU mode, Detach */
    PLAN_PROTECT = 1 << 4,   /**< Readout Protect, Write Protect */
    PLAN_UNPROTECT = 1 << 5, /**< Readout Unprotect, Read Unprotect, Write Unprotect */
    PLAN_SPECIAL = 1 << 6,   /**< Special, Extended Special, and what no note explains */
    PLAN_PERMISSIONS = 7,
};

/** `write`, `erase`, ... in the order of the bits; NULL above. */
const char *plan_permission_name(unsigned bit);

/** How much a command must be agreed to beside its permission. */
enum plan_risk {
    PLAN_ASKS,         /**< it asks and reads; needs nothing */
    PLAN_CHANGES,      /**< its permission is enough */
    PLAN_CONFIRM,      /**< and it is named and confirmed: protection, option bytes, OTP */
    PLAN_IRREVERSIBLE, /**< and it needs --allow-irreversible: what it does may not be undone */
};

#endif
