/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cmocka with the headers that it wants before it.
 */
#ifndef BOOTTAP_TEST_H
#define BOOTTAP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
