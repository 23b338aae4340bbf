/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The public headers' common ground in C and C++: numbers, truth, and how declarations begin.
 */
#ifndef BOOTTAP_DETAIL_LANGUAGE_H
#define BOOTTAP_DETAIL_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The headers are C11 and compile as C++11: these three are where the two differ. */
#ifdef __cplusplus
#define BTAP_BEGIN_DECLARATIONS extern "C" {
#define BTAP_END_DECLARATIONS   }
#define BTAP_STATIC_ASSERT      static_assert
#else
#define BTAP_BEGIN_DECLARATIONS
#define BTAP_END_DECLARATIONS
#define BTAP_STATIC_ASSERT _Static_assert
#endif

#endif
