/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A transaction in words.
 */
#include "boottap/transaction.h"

#include <stdarg.h>
#include <stdio.h>

/** Text that grows up to a limit and is cut there. */
struct text {
    char *start;
    size_t size;
    size_t length;
};

static void __attribute__((format(printf, 2, 3))) append(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    if (text->length + 1 >= text->size)
        return;
    va_start(arguments, format);
    length = vsnprintf(text->start + text->length, text->size - text->length, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length;
    if (text->length >= text->size)
        text->length = text->size - 1;
}

/** `3 pages: 0-2`, `2 sectors: 1 5` */
static void append_list(struct text *text, const struct btap_transaction *transaction,
                        const char *singular, const char *plural)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    const uint32_t announced = transaction->list_announced;

    append(text, " %u %s", (unsigned)announced, announced == 1 ? singular : plural);
    if (kept > 0)
        append(text, ":");
    for (uint32_t i = 0; i < kept;) {
        uint32_t run = 1;

        while (i + run < kept && transaction->list[i + run] == transaction->list[i] + run)
            run++;
        if (run > 2) {
            append(text, " %u-%u", (unsigned)transaction->list[i],
                   (unsigned)transaction->list[i + run - 1]);
            i += run;
        } else {
            append(text, " %u", (unsigned)transaction->list[i]);
            i++;
        }
    }
    if (transaction->list_length > kept)
        append(text, " ...");
}

static void append_erase(struct text *text, const struct btap_transaction *transaction)
{
    switch (transaction->erase) {
    case BTAP_ERASE_MASS:
        append(text, " mass");
        return;
    case BTAP_ERASE_BANK1:
        append(text, " bank 1");
        return;
    case BTAP_ERASE_BANK2:
        append(text, " bank 2");
        return;
    case BTAP_ERASE_RESERVED:
        append(text, " reserved code");
        return;
    case BTAP_ERASE_PAGES:
        append_list(text, transaction, "page", "pages");
        return;
    case BTAP_ERASE_ADDRESS:
    case BTAP_ERASE_NONE:
        return;
    }
}

const char *btap_transaction_describe(const struct btap_transaction *transaction, char *text,
                                      size_t size)
{
    struct text words = {.start = text, .size = size};
    const uint32_t has = transaction->has;

    text[0] = '\0';
    append(&words, "%s", btap_command_label(transaction->command));
    if (transaction->command == BTAP_COMMAND_UNKNOWN && (has & BTAP_HAS_OPCODE))
        append(&words, " 0x%02x", transaction->opcode);
    append_erase(&words, transaction);
    if (transaction->list_kind == BTAP_LIST_SECTORS)
        append_list(&words, transaction, "sector", "sectors");
    if (has & BTAP_HAS_ADDRESS)
        append(&words, " 0x%08x", (unsigned)transaction->address);
    if (has & BTAP_HAS_LENGTH)
        append(&words, " %u byte%s", (unsigned)transaction->length,
               transaction->length == 1 ? "" : "s");
    if (has & BTAP_HAS_SUBCOMMAND)
        append(&words, " 0x%04x", transaction->subcommand);
    if (has & BTAP_HAS_VERSION)
        append(&words, " %u.%u", transaction->version >> 4, transaction->version & 0xfu);
    if (transaction->list_kind == BTAP_LIST_COMMANDS)
        append(&words, ", %u commands", (unsigned)transaction->list_length);
    if (has & BTAP_HAS_PID)
        append(&words, " 0x%03x", (unsigned)transaction->pid);
    if (has & BTAP_HAS_CHECKSUM)
        append(&words, " CRC 0x%08x", (unsigned)transaction->checksum);
    if (has & (BTAP_HAS_DFU_STATUS | BTAP_HAS_DFU_STATE)) {
        const bool alone =
            transaction->command == BTAP_GET_STATUS || transaction->command == BTAP_GET_STATE;

        if (alone)
            append(&words, " %s", btap_dfu_state_name(transaction->dfu_state));
        if (alone && (has & BTAP_HAS_DFU_STATUS))
            append(&words, " %s", btap_dfu_status_name(transaction->dfu_status));
    }
    return text;
}

const char *btap_transaction_outcome(const struct btap_transaction *transaction, char *text,
                                     size_t size)
{
    struct text words = {.start = text, .size = size};

    text[0] = '\0';
    append(&words, "%s", btap_status_name(transaction->status));
    if (transaction->status == BTAP_OK)
        return text;
    if (transaction->status == BTAP_DFU_ERROR)
        append(&words, " (%s, %s)", btap_dfu_status_name(transaction->dfu_status),
               btap_phase_name(transaction->phase));
    else
        append(&words, " (%s)", btap_phase_name(transaction->phase));
    return text;
}
