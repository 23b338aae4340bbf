/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How much a command may carry, by the application notes.
 */
#ifndef SNIFFER_REPLAY_LIMITS_H
#define SNIFFER_REPLAY_LIMITS_H

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
/** Page numbers of an Erase of classic CAN, and sectors of its Write Protect (AN3154 sections 3.9
 * and 3.10): the number less one is a byte, of which 255 means all pages. */
#define CHECK_CAN_PAGES   255
#define CHECK_CAN_SECTORS 256
/** AN3156 sections 4.1 and 5.1: bytes of a block where no descriptor tells. */
#define CHECK_BLOCK_MAX 2048
/** AN3155 section 3.7, page numbers of an Erase; section 3.9, sectors of a Write Protect. */
#define CHECK_ERASE_PAGES   255
#define CHECK_WRITE_SECTORS 256
/** AN3156 sections 4.1 and 5.1: the first block that holds memory. */
#define CHECK_FIRST_BLOCK 2

#endif
