/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a decoder emits: spans, memory data, notes, transactions.
 */
#ifndef BOOTTAP_SINK_H
#define BOOTTAP_SINK_H

#include "boottap/link.h"
#include "boottap/note.h"
#include "boottap/transaction.h"
#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** How a field's value is shown. */
enum btap_field_base {
    BTAP_BASE_NONE,        /**< only its bytes */
    BTAP_BASE_DEC,         /**< decimal */
    BTAP_BASE_LESS_1,      /**< decimal, and in parentheses the count that it means, one more */
    BTAP_BASE_HEX8,        /**< 0x%02x */
    BTAP_BASE_HEX16,       /**< 0x%04x */
    BTAP_BASE_HEX32,       /**< 0x%08x */
    BTAP_BASE_OPCODE,      /**< 0x%02x and the command's label in the link's transport */
    BTAP_BASE_ANSWER,      /**< 0x79 ACK, 0x1f NACK */
    BTAP_BASE_VERSION,     /**< 0x31 = 3.1 */
    BTAP_BASE_DFU_STATUS,  /**< number and name */
    BTAP_BASE_DFU_STATE,   /**< number and name */
    BTAP_BASE_DFU_REQUEST, /**< number and DFU_DNLOAD ... */
};

/** The fields: BTAP_FIELD_ and the first column of fields.def. */
enum btap_field {
#define BTAP_FIELD_DEF(id, name, label, base) BTAP_FIELD_##id,
#include "boottap/fields.def"
#undef BTAP_FIELD_DEF
    BTAP_FIELD_COUNT,
};

/** Kebab-case name of a field, `address`; never NULL. */
const char *btap_field_name(enum btap_field field);
/** Name of a field in words, `Address`; never NULL. */
const char *btap_field_label(enum btap_field field);
/** How the field's value is shown. */
enum btap_field_base btap_field_base(enum btap_field field);

/**
 * The name of a field's value: `ACK`, `Extended Erase`, `dfuDNBUSY`.
 *
 * @param transport whose command table names opcodes
 * @return `unknown` or `Unknown command` for a value out of the notes; NULL where the base has no
 *         names, and for an answer that is neither ACK nor NACK
 */
const char *btap_field_value_name(enum btap_transport transport, enum btap_field field,
                                  uint64_t value);

/** Room for btap_field_value()'s longest answer with its terminating zero. */
#define BTAP_FIELD_VALUE_SIZE 64

/**
 * A field's value in words, by its base: `0x08000400`, `0x79 ACK`, `3.1`.
 *
 * @param transport whose command table names opcodes
 * @param[out] text receives the words, zero-terminated, cut to size; "" for BTAP_BASE_NONE
 * @param size bytes at text, at least 1
 * @return text
 */
const char *btap_field_value(enum btap_transport transport, enum btap_field field, uint64_t value,
                             char *text, size_t size);

/**
 * "These bytes of this record are this field of that transaction." A field that is spread over
 * several records comes as several spans in order, the last of them marked.
 */
struct btap_span {
    uint64_t n; /**< transaction; 0 for bytes outside any (garbage, text, other traffic) */
    uint64_t packet;
    uint32_t offset; /**< in the record's captured bytes */
    uint32_t length; /**< bytes, at least 1 */
    enum btap_direction direction;
    enum btap_field field;
    const uint8_t *bytes; /**< length bytes, valid during the callback; NULL if gone by then */
    uint64_t value;       /**< of the whole field; valid where last is set and it has a base */
    bool last;            /**< the field is complete with this span */
    bool bad; /**< the value is not what it must be: a wrong checksum, a wrong complement */
};

/** A slice of memory contents, written or read. Whether it took effect is the transaction's status.
 */
struct btap_data {
    uint64_t n;
    uint64_t packet;
    uint32_t offset;
    uint32_t address; /**< target address of the first byte */
    uint32_t length;
    const uint8_t *bytes; /**< valid during the callback */
    bool written;         /**< true: host to memory, false: memory to host */
};

/**
 * The consumer. Every callback may be NULL: what none consumes is not computed. Callbacks come in
 * the order of the capture's bytes; for one transaction its spans, data and notes come before it.
 */
struct btap_sink {
    void *context; /**< handed to every callback */
    void (*span)(void *context, const struct btap_link *link, const struct btap_span *span);
    void (*data)(void *context, const struct btap_link *link, const struct btap_data *data);
    /** n is the transaction that the note belongs to, 0 for one that belongs to none. */
    void (*note)(void *context, const struct btap_link *link, uint64_t n,
                 const struct btap_note *note);
    void (*transaction)(void *context, const struct btap_link *link,
                        const struct btap_transaction *transaction);
};

BTAP_END_DECLARATIONS

#endif
