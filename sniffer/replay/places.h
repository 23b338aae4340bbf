/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What lies where a command writes or erases: known to be harmless, or not.
 */
#ifndef SNIFFER_REPLAY_PLACES_H
#define SNIFFER_REPLAY_PLACES_H

#include "replay/device.h"

enum place {
    PLACE_FLASH,
    PLACE_RAM,
    PLACE_OPTION_BYTES,
    PLACE_OTP,
    PLACE_OPTIONS_OR_OTP,  /**< the area that has both on many products */
    PLACE_FLASH_REGISTERS, /**< by which option bytes are written on many products */
    PLACE_REGISTERS,       /**< of another peripheral */
    PLACE_OTHER_MEMORY,    /**< a DFU alternate setting that is not the internal flash */
    PLACE_UNKNOWN,
    PLACE_COUNT,
};

/**
 * What lies in a range, all of it; where it is not one thing, the worse.
 *
 * @param alternate DFU: setting that the command goes through
 * @param last not below first
 */
enum place place_of(const struct plan_device *device, enum btap_transport transport,
                    uint8_t alternate, uint32_t first, uint32_t last);

/** The same of a DFU alternate setting as a whole; PLACE_UNKNOWN where no name tells. */
enum place place_of_alternate(const struct plan_device *device, uint8_t alternate);

/** Name of a DFU alternate setting; NULL if not known. */
const char *place_alternate_name(const struct plan_device *device, uint8_t alternate);

/** `flash`, `the option bytes`, ... */
const char *place_words(enum place place);

#endif
