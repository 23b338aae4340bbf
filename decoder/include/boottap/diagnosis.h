/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Did it work, and if not, why? Holds the facts of a session (session.h) against tables of rules.
 * Every rule is a cause of failures, or an oddity that one may ignore.
 *
 * Nothing is claimed that the capture does not show: a rule is a fact, or says that it is likely,
 * and names what the bytes cannot exclude.
 */
#ifndef BOOTTAP_DIAGNOSIS_H
#define BOOTTAP_DIAGNOSIS_H

#include "boottap/session.h"

BTAP_BEGIN_DECLARATIONS

/** What became of a session. */
enum btap_verdict {
    BTAP_VERDICT_WORKED,      /**< what the host set out to do was done */
    BTAP_VERDICT_NO_FAULT,    /**< nothing failed; the host erased, wrote, read, started nothing */
    BTAP_VERDICT_NOT_DECODED, /**< no command was decoded, and the traffic shows no failure */
    BTAP_VERDICT_CUT_SHORT,   /**< nothing failed, but the capture ends before the work is done */
    BTAP_VERDICT_UNKNOWN,     /**< nothing failed, and what would tell is not in the file */
    BTAP_VERDICT_FAILED,
};

/** How sure a rule is of what it says. */
enum btap_certainty {
    BTAP_FACT,   /**< the capture shows it */
    BTAP_LIKELY, /**< the most likely explanation of what the capture shows */
};

enum btap_rule_kind {
    BTAP_RULE_CAUSE,   /**< explains the failure of a session */
    BTAP_RULE_DOUBT,   /**< a session that went through, and yet may not have done what it should */
    BTAP_RULE_ODDITY,  /**< looks odd and is harmless */
    BTAP_RULE_CAPTURE, /**< a weakness of the capture */
};

/** A rule in words. The texts are plain English without a full stop at the end. */
struct btap_rule {
    const char *id; /**< kebab-case: `read-protected` */
    enum btap_rule_kind kind;
    enum btap_certainty certainty;
    const char *what; /**< what happened; with up to three unsigned values for printf */
    /** The explanation; "" where what says all. Of a likely cause it begins with the cause, in a
     * clause that ends at the first colon, semicolon or full stop. */
    const char *why;
    const char *next;         /**< what to do; "" where there is nothing to do */
    const char *not_excluded; /**< what the bytes cannot exclude; "" where nothing */
};

/** How many rules there are. */
size_t btap_rules_length(void);

/** A rule by its place, 0 to btap_rules_length() - 1; NULL beyond. */
const struct btap_rule *btap_rule_at(size_t place);

/** A rule by its id; NULL if there is none. @param id zero-terminated, not NULL */
const struct btap_rule *btap_rule_by_id(const char *id);

/**
 * The one command line that helps on a wire where the rule holds. Words in capitals (PORT,
 * FIRMWARE, ADDRESS) are for the user to replace.
 *
 * @param rule not NULL
 * @param transport a value of the enum
 * @return a constant; "" where there is none
 */
const char *btap_rule_command_line(const struct btap_rule *rule, enum btap_transport transport);

/**
 * What the records of a session must tell for a rule to be said of it: where they lack some of it
 * the rule is left out. Of a failed command that was answered, or of which the tool says that it
 * waited in vain, it is said though other answers lack.
 *
 * @param rule not NULL
 * @return a set of enum btap_lack; 0: what it says is there, whatever else lacks
 */
uint32_t btap_rule_needs(const struct btap_rule *rule);

/** Packets that show what a finding says, at most. */
#define BTAP_EVIDENCE_MAX 4

/** A rule that holds for a session. */
struct btap_finding {
    const struct btap_rule *rule;
    uint32_t arg[3];      /**< the values in rule->what */
    uint32_t occurrences; /**< how often; at least 1 */
    /** Words of the device or of a table, with which btap_finding_text() ends; "" none. */
    char quote[BTAP_USB_STRING_SIZE + 2];
    /** Of a command that is open where the capture ends: the cause if the tool reported an error.
     */
    bool conditional;
    uint8_t packets_length;
    uint64_t packets[BTAP_EVIDENCE_MAX]; /**< in their order */
};

/** Findings of a session, at most; rules further down in the table give way. */
#define BTAP_FINDINGS_MAX 12

/** What to think of a session. A plain value but for the rules. */
struct btap_diagnosis {
    enum btap_verdict verdict;
    uint32_t findings_length;
    uint32_t findings_omitted;                       /**< that found no room */
    struct btap_finding findings[BTAP_FINDINGS_MAX]; /**< causes first, the likeliest before all */
};

/**
 * Holds the facts of a session that is over against the rules.
 *
 * @param session not NULL
 * @param[out] diagnosis not NULL
 */
void btap_diagnose(const struct btap_session *session, struct btap_diagnosis *diagnosis);

/** `worked`, `no-fault`, `not-decoded`, `cut-short`, `unknown`, `failed`. Never NULL. */
const char *btap_verdict_name(enum btap_verdict verdict);

/** `cause`, `doubt`, `oddity`, `capture`. Never NULL. */
const char *btap_rule_kind_name(enum btap_rule_kind kind);

/** `fact`, `likely`. Never NULL. */
const char *btap_certainty_name(enum btap_certainty certainty);

/** Room for the texts below with their terminating zero. */
#define BTAP_DIAGNOSIS_TEXT_SIZE 512

/**
 * The verdict, what failed and its most likely cause, without a full stop at the end: `Failed:
 * Extended Erase mass: nack (command). Read protection is on, most likely`, `Worked: erased 10
 * pages, wrote 20480 bytes, ...`.
 *
 * @param session not NULL
 * @param diagnosis of the session; not NULL
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1; BTAP_DIAGNOSIS_TEXT_SIZE is enough
 * @return text
 */
const char *btap_verdict_text(const struct btap_session *session,
                              const struct btap_diagnosis *diagnosis, char *text, size_t size);

/** What a finding says happened, with its values. Parameters and return value likewise. */
const char *btap_finding_text(const struct btap_finding *finding, char *text, size_t size);

/** The cause that a finding names, in a clause. Parameters and return value likewise. */
const char *btap_finding_cause(const struct btap_finding *finding, char *text, size_t size);

/** Room for the text below with its terminating zero. */
#define BTAP_EXPLANATION_SIZE 2048

/**
 * All that a finding says, in sentences: `likely cause read-protected: ... Why: ... What to do: ...
 * Command line: ... Not excluded: ...`, without a full stop at the end.
 *
 * @param finding not NULL
 * @param transport of its session
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1; BTAP_EXPLANATION_SIZE is enough
 * @return text
 */
const char *btap_finding_explanation(const struct btap_finding *finding,
                                     enum btap_transport transport, char *text, size_t size);

/**
 * When a rule is said, from its row of the tables: the wires, the commands and outcomes that it
 * explains, the notes that it wants. What it says of a session holds besides.
 *
 * @param rule not NULL
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1; BTAP_EXPLANATION_SIZE is enough
 * @return text
 */
const char *btap_rule_conditions(const struct btap_rule *rule, char *text, size_t size);

BTAP_END_DECLARATIONS

#endif
