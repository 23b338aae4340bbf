/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What device a session is with.
 */
#include "boottap/dfuse_layout.h"
#include "boottap/session.h"

static enum btap_family family_on_usart(const struct btap_session *session)
{
    const bool listed = session->commands_known && btap_product_lists_stm8(session->commands);
    /* Other lists are those of STM32; a product id is none of an STM8. */
    const bool served = session->stm8_address && !session->commands_known && !session->pid_known;

    return listed || served ? BTAP_FAMILY_STM8 : BTAP_FAMILY_STM32;
}

enum btap_family btap_session_family(const struct btap_session *session)
{
    switch (session->transport) {
    case BTAP_USART:
        return family_on_usart(session);
    case BTAP_DFU:
        return session->plain && btap_partition_parse(session->target, NULL) ? BTAP_FAMILY_STM32MP
                                                                             : BTAP_FAMILY_STM32;
    case BTAP_FDCAN:
    case BTAP_CAN:
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return BTAP_FAMILY_STM32;
}

const struct btap_product *btap_session_product(const struct btap_session *session)
{
    if (btap_session_family(session) == BTAP_FAMILY_STM8)
        return btap_product_stm8(session->version);
    return session->pid_known ? btap_product_by_pid(session->pid) : NULL;
}
