/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The version of the decoder core. The build takes the project's version from here.
 */
#ifndef BOOTTAP_VERSION_H
#define BOOTTAP_VERSION_H

#define BTAP_VERSION_MAJOR 0
#define BTAP_VERSION_MINOR 1
#define BTAP_VERSION_PATCH 0
#define BTAP_VERSION       "0.1.0"

/** One number that grows with the version: `#if BTAP_VERSION_NUMBER >= 0x000200` for 0.2.0. */
#define BTAP_VERSION_NUMBER                                                                        \
    (BTAP_VERSION_MAJOR << 16 | BTAP_VERSION_MINOR << 8 | BTAP_VERSION_PATCH)

#endif
