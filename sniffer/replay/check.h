/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a command can be sent as the protocol has it: what stands in a file may be anything.
 */
#ifndef SNIFFER_REPLAY_CHECK_H
#define SNIFFER_REPLAY_CHECK_H

#include "replay/plan.h"

/** Room for the words of check_command(). */
#define CHECK_WORDS_SIZE 128

/** AN3155 and AN5405: bytes of a Read or Write Memory. */
#define CHECK_TRANSFER_MAX 256
/** AN3155 section 3.14, AN5405 section 3.12: bytes of a packet of Special; the second one of
 * Extended Special. */
#define CHECK_SPECIAL_MAX  128
#define CHECK_SPECIAL2_MAX 1024
/** Page numbers in the one frame that a device reads after an FDCAN Erase (AN5405 section 3.7). */
#define CHECK_FRAME_PAGES 32
/** Sectors in the command frame of an FDCAN Write Protect, behind their number. */
#define CHECK_FRAME_SECTORS 63
/** AN3156 sections 4.1 and 5.1: bytes of a block where no descriptor tells. */
#define CHECK_BLOCK_MAX 2048

/**
 * Checks a command against the protocol: it is complete, lengths, counts and page numbers are those
 * of the application notes and of the product, and addresses do not wrap.
 *
 * @param command transaction, payload and payload_length are used
 * @param[out] words why not, CHECK_WORDS_SIZE bytes; "" if it can be sent
 */
bool check_command(const struct plan_device *device, const struct plan_command *command,
                   char *words);

#endif
