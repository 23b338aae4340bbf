/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All of the decoder core's headers.
 *
 * For the whole way from the records of a capture to verdicts: a struct btap_tap (tap.h) takes the
 * records and hands transactions, notes, spans and memory contents to a struct btap_sink (sink.h).
 *
 * Memory and threads. Every state is a struct of fixed size that the caller owns and does not move
 * while it is in use; nothing is allocated, and there are no globals but constant tables. So every
 * function is re-entrant, and two threads may work on two states at once; one state belongs to one
 * thread at a time. Functions that take no state may be called from anywhere. Callbacks run in the
 * call that caused them; what they are given is valid until they return, and they must not call
 * into the state that called them, but for functions that take it as const.
 *
 * Cost. Every function takes time in proportion to the bytes that it is given, or to the fixed size
 * of its state.
 */
#ifndef BOOTTAP_BOOTTAP_H
#define BOOTTAP_BOOTTAP_H

#include "boottap/adapter.h"
#include "boottap/can.h"
#include "boottap/command.h"
#include "boottap/comparison.h"
#include "boottap/dfu.h"
#include "boottap/dfuse_layout.h"
#include "boottap/diagnosis.h"
#include "boottap/event.h"
#include "boottap/link.h"
#include "boottap/note.h"
#include "boottap/product.h"
#include "boottap/record.h"
#include "boottap/session.h"
#include "boottap/sink.h"
#include "boottap/tap.h"
#include "boottap/transaction.h"
#include "boottap/types.h"
#include "boottap/usart.h"
#include "boottap/usb_device.h"
#include "boottap/version.h"

#endif
