/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files that check commands share; each checks those of one wire.
 */
#ifndef SNIFFER_REPLAY_CHECK_PARTS_H
#define SNIFFER_REPLAY_CHECK_PARTS_H

#include "replay/limits.h"
#include "replay/plan.h"

/** What is checked, and what of it was found wrong first. */
struct check {
    const struct plan_device *device;
    const struct plan_command *command;
    const struct btap_transaction *transaction;
    char *words;
};

/** Says what is wrong. @return false */
bool check_wrong(const struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** check_wrong(): the command is another wire's. */
bool check_no_command(const struct check *check);

/** Whether the capture holds members; bits of enum btap_has. */
bool check_has(const struct check *check, uint32_t members);

/* Each is false if something is wrong, which is told. */

bool check_address(const struct check *check);

/** Address and length of memory, which must not reach above 32 bits. */
bool check_range(const struct check *check, uint32_t min, uint32_t max);

/** The host's bytes must be there, all of them. */
bool check_payload(const struct check *check, uint32_t length);

/** A list as it is sent, of so many entries at most, none above the highest. */
bool check_list(const struct check *check, enum btap_list kind, uint32_t max, uint16_t highest);

/**
 * What an Erase of USART, FDCAN or CAN erases.
 *
 * @param max, highest page numbers, as of check_list()
 * @param banks banks can be erased, too
 */
bool check_erase(const struct check *check, uint32_t max, uint16_t highest, bool banks);

/** Special, Extended Special of USART or FDCAN. */
bool check_special(const struct check *check);

/** What must be there of a command. */
typedef bool (*check_rule)(const struct check *check);

/** Of one that is nothing but its code. @return true */
bool check_nothing_more(const struct check *check);

/** By a wire's table; NULL: no command of it. @param note the wire's application note */
bool check_by_rule(const struct check *check, const check_rule *rules, const char *note);

/* By wire: AN3155, AN3156 and DFU 1.1, AN5405, AN3154 */

bool check_usart(const struct check *check);
bool check_dfu(const struct check *check);
bool check_fdcan(const struct check *check);
bool check_can(const struct check *check);

#endif
