/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/fdcan.h"

void btap_fdcan_init(struct btap_fdcan *fdcan, const struct btap_sink *sink, struct btap_link *link)
{
    btap_report_init(&fdcan->report, sink, link);
}

bool btap_fdcan_frame(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    (void)fdcan;
    (void)frame;
    return false;
}

void btap_fdcan_finish(struct btap_fdcan *fdcan)
{
    (void)fdcan;
}
