/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The device's state machine (DFU 1.1 appendix A), as requests move it.
 */
#include "dfu/internal.h"

/* What a request does to a state: the next state, or one of these. */
#define REFUSE 0xfe
#define TOLD   0xfd /* the answer tells */
#define DFUSE  0xfc /* AN3156 section 5.5: leave is accepted here too; DFU 1.1 refuses it */

/** A DNLOAD of length 0 is a request of its own kind. */
#define END_OF_DOWNLOAD DFU_REQUESTS

/*
 * The columns are the seven requests and END_OF_DOWNLOAD. GETSTATUS is accepted everywhere: its
 * answer is what tells the state, and in dfuDNBUSY and dfuMANIFEST the poll time-out decides.
 */
/* clang-format off */
static const uint8_t transitions[DFU_STATES][DFU_REQUESTS + 1] = {
    /*                                 DETACH  DNLOAD  UPLOAD  GETST   CLRST   GETSTATE ABORT   END */
    [DFU_APP_IDLE]            = { 1,      REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_APP_DETACH]          = { REFUSE, REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_IDLE]                = { REFUSE, 3,      9,      TOLD,   REFUSE, TOLD,    2,      DFUSE  },
    [DFU_DNLOAD_SYNC]         = { REFUSE, REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_DNBUSY]              = { REFUSE, REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_DNLOAD_IDLE]         = { REFUSE, 3,      REFUSE, TOLD,   REFUSE, TOLD,    2,      6      },
    [DFU_MANIFEST_SYNC]       = { REFUSE, REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_MANIFEST]            = { REFUSE, REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_MANIFEST_WAIT_RESET] = { REFUSE, REFUSE, REFUSE, TOLD,   REFUSE, TOLD,    REFUSE, REFUSE },
    [DFU_UPLOAD_IDLE]         = { REFUSE, REFUSE, 9,      TOLD,   REFUSE, TOLD,    2,      REFUSE },
    [DFU_ERROR_STATE]         = { REFUSE, REFUSE, REFUSE, TOLD,   2,      TOLD,    REFUSE, REFUSE },
};
/* clang-format on */

static uint8_t column(const struct btap_usb_setup *setup)
{
    if (setup->request == DFU_DNLOAD && setup->length == 0)
        return END_OF_DOWNLOAD;
    return setup->request;
}

uint8_t dfu_next_state(uint8_t state, const struct btap_usb_setup *setup,
                       enum btap_dfu_dialect dialect, bool *allowed)
{
    uint8_t next;

    *allowed = true;
    if (state >= DFU_STATES)
        return BTAP_DFU_STATE_UNKNOWN;
    next = transitions[state][column(setup)];
    if (next == DFUSE)
        next = dialect == BTAP_DFU_DFUSE ? DFU_MANIFEST_SYNC : REFUSE;
    *allowed = next != REFUSE;
    if (next == TOLD)
        return state;
    return next == REFUSE ? BTAP_DFU_STATE_UNKNOWN : next;
}
