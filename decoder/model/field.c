/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "boottap/command.h"
#include "boottap/sink.h"

static const struct {
    const char *name;
    const char *label;
    enum btap_field_base base;
} fields[] = {
#define BTAP_FIELD_DEF(id, name, label, base) [BTAP_FIELD_##id] = {name, label, base},
#include "boottap/fields.def"
#undef BTAP_FIELD_DEF
};

/* DFU 1.1 table 3.2, AN3156 table 1 */
static const char *const dfu_requests[] = {
    "DFU_DETACH",    "DFU_DNLOAD",   "DFU_UPLOAD", "DFU_GETSTATUS",
    "DFU_CLRSTATUS", "DFU_GETSTATE", "DFU_ABORT",
};

static bool known(enum btap_field field)
{
    return (unsigned)field < BTAP_FIELD_COUNT;
}

const char *btap_field_name(enum btap_field field)
{
    return known(field) ? fields[field].name : "unknown";
}

const char *btap_field_label(enum btap_field field)
{
    return known(field) ? fields[field].label : "Unknown";
}

enum btap_field_base btap_field_base(enum btap_field field)
{
    return known(field) ? fields[field].base : BTAP_BASE_NONE;
}

static const char *opcode_label(enum btap_transport transport, uint8_t opcode)
{
    const struct btap_command_info *info = btap_command_by_opcode(transport, opcode);

    return info != NULL ? info->label : btap_command_label(BTAP_COMMAND_UNKNOWN);
}

const char *btap_field_value_name(enum btap_transport transport, enum btap_field field,
                                  uint64_t value)
{
    switch (btap_field_base(field)) {
    case BTAP_BASE_OPCODE:
        return opcode_label(transport, (uint8_t)value);
    case BTAP_BASE_ANSWER:
        /* AN3155 and AN5405, "Communication safety" */
        return value == 0x79 ? "ACK" : value == 0x1f ? "NACK" : NULL;
    case BTAP_BASE_DFU_STATUS:
        return btap_dfu_status_name((uint8_t)value);
    case BTAP_BASE_DFU_STATE:
        return btap_dfu_state_name((uint8_t)value);
    case BTAP_BASE_DFU_REQUEST:
        return value < sizeof(dfu_requests) / sizeof(dfu_requests[0]) ? dfu_requests[value]
                                                                      : "unknown";
    default:
        return NULL;
    }
}

const char *btap_field_value(enum btap_transport transport, enum btap_field field, uint64_t value,
                             char *text, size_t size)
{
    const unsigned number = (unsigned)value;
    const char *name = btap_field_value_name(transport, field, value);

    switch (btap_field_base(field)) {
    case BTAP_BASE_DEC:
        snprintf(text, size, "%" PRIu64, value);
        return text;
    case BTAP_BASE_LESS_1:
        snprintf(text, size, "%" PRIu64 " (%" PRIu64 ")", value, value + 1);
        return text;
    case BTAP_BASE_HEX8:
        snprintf(text, size, "0x%02x", number);
        return text;
    case BTAP_BASE_HEX16:
        snprintf(text, size, "0x%04x", number);
        return text;
    case BTAP_BASE_HEX32:
        snprintf(text, size, "0x%08x", number);
        return text;
    case BTAP_BASE_OPCODE:
    case BTAP_BASE_ANSWER:
        snprintf(text, size, "0x%02x%s%s", number, name != NULL ? " " : "",
                 name != NULL ? name : "");
        return text;
    case BTAP_BASE_VERSION:
        snprintf(text, size, "%u.%u", number >> 4, number & 0xf);
        return text;
    case BTAP_BASE_DFU_STATUS:
    case BTAP_BASE_DFU_STATE:
    case BTAP_BASE_DFU_REQUEST:
        snprintf(text, size, "%u %s", number, name);
        return text;
    case BTAP_BASE_NONE:
        break;
    }
    text[0] = '\0';
    return text;
}
