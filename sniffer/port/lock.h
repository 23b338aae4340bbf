/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A lock that keeps two replays off one device. It is taken before the device is opened: opening a
 * serial port already moves DTR and RTS.
 *
 * It is an abstract Unix socket that bears the device's name. That is gone with the process,
 * however it ends; it needs no directory that all users may write, as a file with flock() would; it
 * holds between users, root too; and whoever finds it taken can ask the kernel who has it. It
 * reaches as far as the network namespace: from one container to another flock() on the open port,
 * or the claim of a USB interface, still stands between two programs.
 */
#ifndef SNIFFER_PORT_LOCK_H
#define SNIFFER_PORT_LOCK_H

/**
 * Takes a lock.
 *
 * @param device the same for every way to name a device: `tty 4:64`, `can can0`, `usb 1-1.2`; less
 *        than 80 characters
 * @param name of it, for a message
 * @return descriptor, to be closed with lock_release(); -1: a message says who has it
 */
int lock_take(const char *device, const char *name);

/** @param lock -1: none */
void lock_release(int lock);

#endif
