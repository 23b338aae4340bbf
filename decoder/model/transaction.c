/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A transaction in words, and what its notes mean for it.
 */
#include "boottap/transaction.h"

#include "boottap/product.h"
#include "model/text.h"

/** Tools wait for no answer so long; for that of an erase stm32flash waits 35 s. */
#define PATIENCE_NS       5000000000
#define PATIENCE_ERASE_NS 40000000000

/** A list is broken off where less room than this is left, so that no number of it is cut. */
#define LIST_RESERVE 24

/** Length of the run of successive numbers from an entry of the list on. */
static uint32_t run_length(const struct btap_transaction *transaction, uint32_t start)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    uint32_t run = 1;

    while (start + run < kept && transaction->list[start + run] == transaction->list[start] + run)
        run++;
    return run;
}

/** `3 pages: 0-2`, `2 sectors: 1 5` */
static void append_list(struct text *text, const struct btap_transaction *transaction,
                        const char *singular, const char *plural)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    const uint32_t announced = transaction->list_announced;
    uint32_t shown = 0;

    text_append(text, " %u %s%s", (unsigned)announced, announced == 1 ? singular : plural,
                kept > 0 ? ":" : "");
    while (shown < kept && text->length + LIST_RESERVE < text->size) {
        const uint32_t run = run_length(transaction, shown);
        const unsigned first = transaction->list[shown];

        if (run > 2)
            text_append(text, " %u-%u", first, (unsigned)(first + run - 1));
        else
            text_append(text, " %u", first);
        shown += run > 2 ? run : 1;
    }
    if (shown > 0 && (shown < transaction->list_length || shown < announced))
        text_append(text, " ...");
}

static void append_erase(struct text *text, const struct btap_transaction *transaction)
{
    switch (transaction->erase) {
    case BTAP_ERASE_MASS:
        text_append(text, " mass");
        return;
    case BTAP_ERASE_BANK1:
        text_append(text, " bank 1");
        return;
    case BTAP_ERASE_BANK2:
        text_append(text, " bank 2");
        return;
    case BTAP_ERASE_RESERVED:
        text_append(text, " reserved code");
        return;
    case BTAP_ERASE_PAGES:
        append_list(text, transaction, "page", "pages");
        return;
    case BTAP_ERASE_ADDRESS:
    case BTAP_ERASE_NONE:
        return;
    }
}

/** Where the image goes, or comes from. */
static void append_partition(struct text *text, const struct btap_transaction *transaction)
{
    if (!(transaction->has & BTAP_HAS_PARTITION))
        return;
    if (!(transaction->has & BTAP_HAS_DEVICE_WORDS) && transaction->words[0] != '\0')
        text_append(text, " %s", transaction->words);
    text_append(text, " (0x%02x)", transaction->partition);
}

/** What the device wants next, or is told to. */
static void append_phase(struct text *text, const struct btap_transaction *transaction)
{
    if (!(transaction->has & BTAP_HAS_NEXT_PARTITION))
        return;
    text_append(text, ", phase 0x%02x", transaction->next_partition);
    if (transaction->has & BTAP_HAS_LOAD_ADDRESS)
        text_append(text, " at 0x%08x", (unsigned)transaction->load_address);
    if (transaction->load_offset != 0)
        text_append(text, " from byte %u", (unsigned)transaction->load_offset);
    if (transaction->needs_detach)
        text_append(text, ", detach wanted");
    if (transaction->has & BTAP_HAS_DEVICE_WORDS)
        text_append(text, ", \"%s\"", transaction->words);
}

/** Where in memory, and how much of it. */
static void append_memory(struct text *text, const struct btap_transaction *transaction)
{
    if (transaction->has & BTAP_HAS_ADDRESS) {
        text_word(text, " ");
        text_address(text, transaction->address);
    } else if (transaction->has & BTAP_HAS_BLOCK) {
        text_append(text, " block %u", transaction->block);
    }
    if (!(transaction->has & BTAP_HAS_LENGTH))
        return;
    text_word(text, " ");
    text_decimal(text, transaction->length);
    text_word(text, transaction->length == 1 ? " byte" : " bytes");
    if (transaction->transferred > 0 && transaction->transferred < transaction->length)
        text_append(text, " (%u seen)", (unsigned)transaction->transferred);
}

const struct btap_product *btap_transaction_product(const struct btap_transaction *transaction)
{
    uint32_t listed[8] = {0};

    if (transaction->has & BTAP_HAS_PID)
        return btap_product_by_pid(transaction->pid);
    if (transaction->transport != BTAP_USART || transaction->list_kind != BTAP_LIST_COMMANDS)
        return NULL;
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        listed[(transaction->list[i] & 0xff) / 32] |= 1u << (transaction->list[i] % 32);
    return btap_product_lists_stm8(listed) ? btap_product_stm8(transaction->version) : NULL;
}

/** What the device says of itself. */
static void append_device(struct text *text, const struct btap_transaction *transaction)
{
    const bool lists = transaction->list_kind == BTAP_LIST_COMMANDS;
    const struct btap_product *product = btap_transaction_product(transaction);

    if (lists)
        text_append(text, " %u command%s", (unsigned)transaction->list_length,
                    transaction->list_length == 1 ? "" : "s");
    if (transaction->has & BTAP_HAS_VERSION)
        text_append(text, lists ? ", version %u.%u" : " %u.%u", transaction->version >> 4,
                    transaction->version & 0xfu);
    if (transaction->has & BTAP_HAS_BIT_RATE)
        text_append(text, " %u kbit/s", (unsigned)transaction->bit_rate / 1000);
    if (transaction->has & BTAP_HAS_PID)
        text_append(text, " 0x%03x", (unsigned)transaction->pid);
    if (product != NULL)
        text_append(text, " (%s)", product->name);
    if (transaction->has & BTAP_HAS_CHECKSUM)
        text_append(text, ", CRC 0x%08x", (unsigned)transaction->checksum);
}

static void append_special(struct text *text, const struct btap_transaction *transaction)
{
    const unsigned sent = (unsigned)transaction->sent_length + transaction->sent2_length;

    if (!(transaction->has & BTAP_HAS_SUBCOMMAND))
        return;
    text_append(text, " 0x%04x", transaction->subcommand);
    if (sent > 0)
        text_append(text, ", %u byte%s sent", sent, sent == 1 ? "" : "s");
    if (transaction->received_length > 0)
        text_append(text, ", %u byte%s received", transaction->received_length,
                    transaction->received_length == 1 ? "" : "s");
}

/** State and status where the command is to ask for them. */
static void append_dfu(struct text *text, const struct btap_transaction *transaction)
{
    if (transaction->command != BTAP_GET_STATUS && transaction->command != BTAP_GET_STATE)
        return;
    if (transaction->has & (BTAP_HAS_DFU_STATUS | BTAP_HAS_DFU_STATE))
        text_append(text, " %s", btap_dfu_state_name(transaction->dfu_state));
    if (transaction->has & BTAP_HAS_DFU_STATUS)
        text_append(text, " %s", btap_dfu_status_name(transaction->dfu_status));
}

const char *btap_transaction_describe(const struct btap_transaction *transaction, char *text,
                                      size_t size)
{
    struct text words = text_begin(text, size);

    text_word(&words, btap_command_label(transaction->command));
    if (transaction->command == BTAP_COMMAND_UNKNOWN && (transaction->has & BTAP_HAS_OPCODE))
        text_append(&words, " 0x%02x", transaction->opcode);
    append_erase(&words, transaction);
    if (transaction->list_kind == BTAP_LIST_SECTORS)
        append_list(&words, transaction, "sector", "sectors");
    append_partition(&words, transaction);
    append_memory(&words, transaction);
    append_phase(&words, transaction);
    append_special(&words, transaction);
    append_device(&words, transaction);
    append_dfu(&words, transaction);
    return text;
}

const char *btap_transaction_outcome(const struct btap_transaction *transaction, char *text,
                                     size_t size)
{
    struct text words = text_begin(text, size);
    const bool reason = transaction->status == BTAP_DFU_ERROR &&
                        (transaction->has & BTAP_HAS_DFU_STATUS) != 0 &&
                        transaction->dfu_status != 0;

    text_word(&words, btap_status_name(transaction->status));
    if (transaction->status == BTAP_OK)
        return text;
    if (reason)
        text_append(&words, " (%s, %s)", btap_dfu_status_name(transaction->dfu_status),
                    btap_phase_name(transaction->phase));
    else
        text_append(&words, " (%s)", btap_phase_name(transaction->phase));
    return text;
}

bool btap_transaction_is_answered(const struct btap_transaction *transaction)
{
    switch (transaction->status) {
    case BTAP_OK:
    case BTAP_NACK:
    case BTAP_DFU_ERROR:
    case BTAP_STALL:
        return true;
    case BTAP_NO_REPLY:
    case BTAP_BAD_REPLY:
    case BTAP_DISCONNECTED:
    case BTAP_INCOMPLETE:
    case BTAP_STATUS_COUNT:
        break;
    }
    return false;
}

bool btap_transaction_waited(const struct btap_transaction *transaction, btap_ns until)
{
    const bool slow =
        btap_command_has(transaction->command, BTAP_TRAIT_ERASES | BTAP_TRAIT_PROTECTS);

    return until - (transaction->time + transaction->duration) >=
           (slow ? PATIENCE_ERASE_NS : PATIENCE_NS);
}

bool btap_transaction_is_harmless(const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        switch (transaction->notes[i].id) {
        case BTAP_NOTE_ALREADY_SYNCED:
        case BTAP_NOTE_CAN_ALREADY_SYNCED:
        case BTAP_NOTE_DETECTION_REFUSED:
        case BTAP_NOTE_CLEAR_STATUS_STALLED:
            return true;
        default:
            break;
        }
    }
    return false;
}
