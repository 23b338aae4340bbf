/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/dfu.h"

void btap_dfu_init(struct btap_dfu *dfu, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_usb_device *device, const struct btap_dfu_options *options)
{
    btap_report_init(&dfu->report, sink, link);
    dfu->device = device;
    (void)options;
}

void btap_dfu_submission(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    (void)dfu;
    (void)control;
}

void btap_dfu_completion(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    (void)dfu;
    (void)control;
}

void btap_dfu_disconnected(struct btap_dfu *dfu, const struct btap_origin *at)
{
    (void)dfu;
    (void)at;
}

void btap_dfu_finish(struct btap_dfu *dfu)
{
    (void)dfu;
}

bool btap_dfu_request_shape(const struct btap_usb_setup *setup, bool *certain)
{
    (void)setup;
    *certain = false;
    return false;
}
