/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The members of a transaction, each with its key, its number and how that is read.
 */
#include "boottap/transaction.h"

#include <string.h>

static const struct {
    const char *key;
    enum btap_format format;
} members[] = {
#define BTAP_MEMBER_DEF(id, key, format, present, number)                                          \
    [BTAP_MEMBER_##id] = {key, BTAP_FORMAT_##format},
#define BTAP_COMPARED_DEF(id, key, format, present, number, how)                                   \
    BTAP_MEMBER_DEF(id, key, format, present, number)
#include "boottap/transaction.def"
#undef BTAP_MEMBER_DEF
#undef BTAP_COMPARED_DEF
};

const char *btap_member_key(enum btap_member member)
{
    return (unsigned)member < BTAP_MEMBER_COUNT ? members[member].key : "unknown";
}

enum btap_format btap_member_format(enum btap_member member)
{
    return (unsigned)member < BTAP_MEMBER_COUNT ? members[member].format : BTAP_FORMAT_DECIMAL;
}

bool btap_member_number(const struct btap_transaction *t, enum btap_member member, uint64_t *number)
{
    switch (member) {
#define HAS(bit)   ((t->has & BTAP_HAS_##bit) != 0)
#define LACKS(bit) ((t->lacks & BTAP_LACKS_##bit) != 0)
#define BTAP_MEMBER_DEF(id, key, format, present, value)                                           \
    case BTAP_MEMBER_##id:                                                                         \
        *number = (uint64_t)(value);                                                               \
        return present;
#define BTAP_COMPARED_DEF(id, key, format, present, value, how)                                    \
    BTAP_MEMBER_DEF(id, key, format, present, value)
#include "boottap/transaction.def"
#undef BTAP_MEMBER_DEF
#undef BTAP_COMPARED_DEF
    case BTAP_MEMBER_COUNT:
        break;
    }
    *number = 0;
    return false;
}

const char *btap_format_word(enum btap_format format, uint64_t number)
{
    switch (format) {
    case BTAP_FORMAT_COMMAND:
        return btap_command_name((enum btap_command)number);
    case BTAP_FORMAT_STATUS:
        return btap_status_name((enum btap_status)number);
    case BTAP_FORMAT_PHASE:
        return btap_phase_name((enum btap_phase)number);
    case BTAP_FORMAT_ERASE:
        return btap_erase_name((enum btap_erase)number);
    case BTAP_FORMAT_DFU_STATE:
        return btap_dfu_state_name((uint8_t)number);
    case BTAP_FORMAT_DFU_STATUS:
        return btap_dfu_status_name((uint8_t)number);
    case BTAP_FORMAT_DECIMAL:
    case BTAP_FORMAT_HEX2:
    case BTAP_FORMAT_HEX3:
    case BTAP_FORMAT_HEX4:
    case BTAP_FORMAT_HEX8:
    case BTAP_FORMAT_VERSION:
    case BTAP_FORMAT_BYTE_PAIR:
    case BTAP_FORMAT_TIME:
    case BTAP_FORMAT_SECONDS:
    case BTAP_FORMAT_MILLISECONDS:
    case BTAP_FORMAT_WHOLE_MILLISECONDS:
    case BTAP_FORMAT_LIST:
    case BTAP_FORMAT_STATUS_BYTES:
    case BTAP_FORMAT_BOOLEAN:
    case BTAP_FORMAT_WORDS:
        break;
    }
    return NULL;
}
