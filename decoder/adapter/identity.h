/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which kind of adapter a device is. Internal to the core.
 */
#ifndef DECODER_ADAPTER_IDENTITY_H
#define DECODER_ADAPTER_IDENTITY_H

#include "boottap/adapter.h"

/** Looks at the device's descriptors again if they changed. */
void adapter_identify(struct btap_adapter *adapter);

/** Learns the kind from a request that succeeded, where no descriptors tell. */
void adapter_learn_request(struct btap_adapter *adapter, const struct btap_usb_setup *setup);

/** Learns the kind from a bulk IN completion with data, where nothing better tells. */
void adapter_learn_payload(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer);

#endif
