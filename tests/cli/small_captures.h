/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captures of small sessions between simulated hosts and devices.
 */
#ifndef CLI_SMALL_CAPTURES_H
#define CLI_SMALL_CAPTURES_H

#include "../sim/capture.h"

/**
 * USART at a F405 (PID 0x413, protocol 3.1): Sync, Get ID, Extended Erase of pages 0 and 1, Write
 * Memory 256 bytes at 0x08000000, Read Memory of the same. Five transactions, all ok.
 */
void write_usart_session(const char *path, const struct sim_capture_options *options);

/** FDCAN at a G474: Get ID, Write Memory 64 bytes at 0x08000000. Two transactions, both ok. */
void write_fdcan_session(const char *path, const struct sim_capture_options *options);

/** DfuSe at a F405: set address 0x08000000, write 2048 bytes, leave. */
void write_dfu_session(const char *path, const struct sim_capture_options *options);

/** DfuSe, begun after enumeration and without a set address: writes 512 bytes as block 3. */
void write_dfu_block(const char *path);

/** Puts the records of one pcap file behind those of another, which may not be there yet. */
void append_capture(const char *from, const char *to);

#endif
