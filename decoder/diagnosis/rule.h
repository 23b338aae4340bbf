/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A rule: what it says, and when it holds. The words that the tables of rules are written in, and
 * the conditions that several of them use.
 */
#ifndef DECODER_DIAGNOSIS_RULE_H
#define DECODER_DIAGNOSIS_RULE_H

#include "boottap/diagnosis.h"

/** Notes that a rule may name. */
#define RULE_NOTES_MAX 4

/** A note's id as it stands in a rule; 0 is none. */
#define NOTE(id) (BTAP_NOTE_##id + 1)

/* The words that the tables are written in. */
#define BIT(value) (1u << (value))
#define SILENT     (BIT(BTAP_NO_REPLY) | BIT(BTAP_INCOMPLETE))
#define REFUSED    BIT(BTAP_NACK)
#define ERASES     (BIT(BTAP_ERASE) | BIT(BTAP_EXTENDED_ERASE))
#define WRITES     BIT(BTAP_WRITE_MEMORY)
#define READS      BIT(BTAP_READ_MEMORY)
#define USART      BIT(BTAP_USART)
#define DFU        BIT(BTAP_DFU)
#define FDCAN      BIT(BTAP_FDCAN)
#define CAN        BIT(BTAP_CAN)
#define STM32      BIT(BTAP_FAMILY_STM32)
#define STM8       BIT(BTAP_FAMILY_STM8)
#define STM32MP    BIT(BTAP_FAMILY_STM32MP)
#define ANY_DEVICE (STM32 | STM8 | STM32MP)
#define CAUSE      BTAP_RULE_CAUSE
#define DOUBT      BTAP_RULE_DOUBT
#define ODDITY     BTAP_RULE_ODDITY
#define CAPTURE    BTAP_RULE_CAPTURE
#define FACT       BTAP_FACT
#define LIKELY     BTAP_LIKELY

/* What a rule needs of the capture: enum btap_lack. A rule that infers something from what is not
 * there (no answer, no pause, no read) needs what would show it. */
#define REPLIES    BTAP_LACKS_REPLIES
#define TIMES      BTAP_LACKS_TIMES
#define POLL_TIMES BTAP_LACKS_POLL_TIMES
#define DATA       BTAP_LACKS_DATA
#define NOTHING    BIT(31) /**< what it says is there, whatever else lacks */

/* What a cause supposes; it does not hold where the capture refutes that. */
#define READ_PROTECTION BIT(0) /**< it is on, and forbids the failed command */
#define BLOCK_TOO_LONG  BIT(1) /**< the device takes no block of this length */

/** The device has taken the command, and what follows it is refused or not answered. */
#define AFTER_COMMAND (BIT(BTAP_PHASE_DATA) | BIT(BTAP_PHASE_CHECKSUM) | BIT(BTAP_PHASE_OPERATION))

/** On the wires whose bootloader has Readout Unprotect. */
#define CURE_PROTECTION                                                                            \
    "See the option bytes; if read protection is on, Readout Unprotect (0x92) removes it and "     \
    "erases the whole flash. Then flash again"

/** Whether a rule's special condition holds. step is NULL for rules that need no failed command. */
typedef bool rule_condition(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding);

/**
 * A rule holds where everything that it names is so. Causes are tried for each failed command,
 * from the top of the tables down: the first that holds explains the command. So special ones
 * stand before general ones.
 */
struct diagnosis_rule {
    /** What the capture must tell for it: a set of the needs above, or NOTHING. Where a session's
     * records lack some of it the rule is not said; but of a failed command that was answered, or
     * surely was not, it is said though other replies lack. */
    uint32_t needs;
    struct btap_rule text;
    bool sessionwide;  /**< about the session as a whole, not about a failed command */
    bool explains_all; /**< a sessionwide cause that accounts for every failed command */
    uint32_t families; /**< 1 << enum btap_family; 0 is all but the STM8, whose ROM, tools and cures
                            are others than those that most rules speak of */
    uint32_t transports; /**< sets of bits 1 << value; 0 is any */
    uint32_t commands;
    uint32_t statuses;
    uint32_t phases;
    uint32_t dfu_statuses; /**< the bStatus that the device gave as reason */
    uint32_t supposes;     /**< set of the suppositions above */
    bool clean;            /**< nothing wrong was seen in the host's bytes */
    bool silence;          /**< it says that the device was silent: diagnosis_sees_silence() */
    uint16_t failed_note[RULE_NOTES_MAX]; /**< the failed command has one of these notes */
    uint16_t note[RULE_NOTES_MAX];        /**< the session has one of these notes */
    uint32_t verdicts;                    /**< as the causes have it: 1 << enum btap_verdict */
    const char *command_line[BTAP_TRANSPORT_COUNT]; /**< btap_rule_command_line(); NULL: none */
    rule_condition *also;
};

/* Conditions that several tables use. */

/** The device said nothing at all. */
rule_condition diagnosis_never_answered;
/** The same, and the host asked for something. */
rule_condition diagnosis_asked_in_vain;
/** The opposite of diagnosis_sees_silence(). */
rule_condition diagnosis_only_reads;
/** The device said something, or was not asked. */
rule_condition diagnosis_answered;
/** Nothing failed that was not made up for. */
rule_condition diagnosis_went_well;
/** The host does not speak the protocol of another bootloader. */
rule_condition diagnosis_no_other_bootloader;
/** No command was seen. */
rule_condition diagnosis_no_transactions;
/** The failed command's address becomes the finding's value; it has one. */
rule_condition diagnosis_tell_address;
/** The failed command's opcode becomes the finding's value. */
rule_condition diagnosis_tell_opcode;
/** The device has just reset by itself. */
rule_condition diagnosis_after_reset;

/**
 * Whether silence in the recording is silence on the line. What a tool reads from a serial port or
 * a CAN socket is not all that comes: it may throw bytes away or not wait for them. A USB transfer
 * tells its end in any case.
 */
bool diagnosis_sees_silence(const struct btap_session *session);

/** Whether it is known how a failed command was answered: the records would hold an answer, or show
 * one, or something tells that none came, as a tool that says that it waited in vain. */
bool diagnosis_knows_answer(const struct btap_session *session, const struct btap_brief *failed);

/** Whether the capture refutes one of a set of suppositions about a failed command. */
bool diagnosis_refuted(uint32_t suppositions, const struct btap_session *session,
                       const struct btap_brief *failed);

/** Whether an opcode is in a set of them, as a session has them. */
bool diagnosis_has_opcode(const uint32_t set[8], unsigned opcode);

/** An address with its four bytes in the other order. */
uint32_t diagnosis_reversed(uint32_t address);

/** Whether what was started cannot be a vector table, by what the capture shows. */
bool diagnosis_start_doubtful(const struct btap_session *session);

/** Whether a range has an address in common with some others. */
bool diagnosis_ranges_touch(const struct btap_ranges *ranges, const struct btap_range *range);

/** The product of a session's device; NULL if not known. */
const struct btap_product *diagnosis_product(const struct btap_session *session);

/** The values of a note of a command; NULL if it has none such. */
const uint32_t *diagnosis_brief_args(const struct btap_brief *brief, enum btap_note_id id);

/** Whether a note is among those of a command. */
bool diagnosis_brief_has(const struct btap_brief *brief, enum btap_note_id id);

/** Has the finding end with words that the rule cannot know. @return true */
bool diagnosis_quote(struct btap_finding *finding, const char *words);

/** Makes a packet the finding's evidence. @return true, for a condition to return */
bool diagnosis_show(struct btap_finding *finding, uint64_t packet);

#endif
