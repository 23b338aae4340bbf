/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only DFU's sessions have. Internal to the core.
 */
#ifndef DECODER_SESSION_DFU_H
#define DECODER_SESSION_DFU_H

#include "boottap/session.h"

/** Whether a command begins another image, to another place: a session of its own. */
bool session_dfu_begins(const struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction);

/** Adds what a command shows of the device, before it becomes the session's last one. */
void session_dfu_follow(struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device);

/** A command failed and was kept as the session's last failure. */
void session_dfu_fail(struct btap_session *session, const struct btap_usb_device *device);

/** Whether the tool has given up on a command that is open when the capture ends. */
bool session_dfu_given_up(const struct btap_session_tracker *tracker,
                          const struct btap_transaction *transaction);

#endif
