/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Did it work, and if not, why? Cuts the transactions of a link into sessions, one run of a
 * flashing tool each, keeps of each session the facts that matter, and holds them against a table
 * of rules. Every rule is a cause of failures, or an oddity that one may ignore.
 *
 * Nothing is claimed that the capture does not show: a rule is a fact, or says that it is likely,
 * and names what the bytes cannot exclude.
 */
#ifndef BOOTTAP_DIAGNOSIS_H
#define BOOTTAP_DIAGNOSIS_H

#include "boottap/link.h"
#include "boottap/product.h"
#include "boottap/tap.h"
#include "boottap/transaction.h"
#include "boottap/usb_device.h"

BTAP_BEGIN_DECLARATIONS

/** What became of a session. */
enum btap_verdict {
    BTAP_VERDICT_WORKED,    /**< what the host set out to do was done */
    BTAP_VERDICT_NO_FAULT,  /**< nothing failed; the host erased, wrote, read, started nothing */
    BTAP_VERDICT_CUT_SHORT, /**< nothing failed, but the capture ends before the work is done */
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
    const char *what;    /**< what happened; with up to three unsigned values for printf */
    const char *why;     /**< the explanation; "" where what says all */
    const char *next;    /**< what to do; "" where there is nothing to do */
    const char *unknown; /**< what the bytes cannot exclude; "" where nothing */
};

/** How many rules there are. */
size_t btap_rules_length(void);

/** A rule by its place, 0 to btap_rules_length() - 1; NULL beyond. */
const struct btap_rule *btap_rule_at(size_t place);

/** Packets that show what a finding says, at most. */
#define BTAP_EVIDENCE_MAX 4

/** A rule that holds for a session. */
struct btap_finding {
    const struct btap_rule *rule;
    uint32_t arg[3];      /**< the values in rule->what */
    uint32_t occurrences; /**< how often; at least 1 */
    uint8_t packets_length;
    uint64_t packets[BTAP_EVIDENCE_MAX]; /**< in their order */
};

/** Findings of a session, at most; rules further down in the table give way. */
#define BTAP_FINDINGS_MAX 12

/** Ranges of addresses that are kept; where there are more, the nearest ones are joined. */
#define BTAP_RANGES_MAX 32

/** Ranges of addresses, in their order, none touching the next. */
struct btap_ranges {
    uint32_t length;
    bool joined; /**< there were too many: some list entries hold gaps */
    struct btap_range list[BTAP_RANGES_MAX];
};

/** What was done of one kind: erased, written, ... */
struct btap_work {
    uint32_t commands; /**< that ended well */
    uint64_t bytes;    /**< of payload; erase: of pages whose size is known */
    btap_ns first;     /**< start of the first command; valid if commands is not 0 */
    btap_ns last;      /**< outcome of the last one */
    struct btap_ranges ranges;
};

/** Room for the words of a command; only long lists of pages are cut. */
#define BTAP_STEP_WORDS_SIZE 128

/** A command in short: the one that failed. */
struct btap_step {
    uint64_t n;
    uint64_t first_packet;
    uint64_t last_packet;
    btap_ns time;
    enum btap_command command;
    enum btap_status status;
    enum btap_phase phase;
    uint32_t has;
    uint8_t opcode;
    uint8_t dfu_status;
    uint8_t dfu_state;
    enum btap_erase erase;
    uint32_t address;
    uint32_t length;
    uint32_t transferred;
    uint32_t list_announced;
    uint32_t list_length;
    uint32_t list_sent; /**< USART: pages of an erase whose list the device filled up with bytes of
                             the next command; 0: it did not */
    btap_ns duration;
    btap_ns busy;             /**< DFU: how long the device was seen busy */
    uint32_t polls;           /**< DFU: GETSTATUS requests */
    uint32_t poll_timeout_ms; /**< DFU: the largest time-out that the device gave */
    uint16_t subcommand;
    uint16_t list_last; /**< largest entry of the list */
    bool after_reset;   /**< the device has just reset and was not synchronised again */
    bool clean;         /**< no note says that the host's bytes were wrong */
    uint8_t notes_length;
    enum btap_note_id notes[BTAP_NOTES_MAX];
    char words[BTAP_STEP_WORDS_SIZE]; /**< as btap_transaction_describe(), cut; "" for last */
    char outcome[48];                 /**< as btap_transaction_outcome() */
};

/** Failed commands that are kept, and explained, until another try of them succeeds. */
#define BTAP_FAILURES_MAX 16

/** Bytes read back that were written before in the session. */
struct btap_verification {
    uint64_t same;
    uint64_t different;
    uint64_t only_cleared; /**< of the different ones: no bit is set that was not written */
    uint64_t first_packet; /**< of the first difference; valid if different is not 0 */
    uint32_t first_address;
    uint8_t written; /**< there: the byte that was written, and the one read */
    uint8_t read;
};

/** What is known of the serial port of a USART link. */
struct btap_port {
    bool parity_even;      /**< the host opened it as the bootloader wants it */
    bool lines_known;      /**< DTR and RTS are in the capture */
    uint64_t moved_packet; /**< where one of them changed first; 0 if none did */
};

/** Why a USB capture shows no bootloader. */
enum btap_absence {
    BTAP_ABSENCE_NONE,
    BTAP_ABSENCE_NEVER_ASKED,        /**< a device in DFU mode got no DFU request */
    BTAP_ABSENCE_ENUMERATION_FAILED, /**< a device's descriptors could not be read */
    BTAP_ABSENCE_NO_DEVICE,          /**< nothing like a device in DFU mode */
};

/** One run of a tool: what it did and what to think of it. A plain value but for the rules. */
struct btap_session {
    enum btap_transport transport;
    uint64_t number; /**< from 1 within its link */
    uint64_t transactions;
    uint64_t first_n; /**< 0 if there is no transaction */
    uint64_t last_n;
    uint64_t first_packet;
    uint64_t last_packet;
    btap_ns time;     /**< of first_packet */
    btap_ns duration; /**< to the last outcome */
    uint64_t counts[BTAP_STATUS_COUNT];
    uint64_t done[BTAP_COMMAND_COUNT]; /**< commands that ended well */
    struct {
        uint32_t count;
        uint64_t packet;              /**< that shows the first one */
        uint32_t arg[BTAP_NOTE_ARGS]; /**< of the first one */
    } notes[BTAP_NOTE_COUNT];

    /* The device */
    bool pid_known;
    bool commands_known; /**< Get was answered */
    uint8_t version;     /**< protocol version, 0x31 = 3.1; 0 unknown */
    uint16_t usb_vendor; /**< 0 unknown */
    uint16_t usb_product;
    uint32_t pid;
    uint32_t commands[8]; /**< set of the opcodes that Get lists */

    /* USART and FDCAN: sets of the opcodes that the device took, and refused, without anything
       wrong in the host's bytes */
    uint32_t accepted[8];
    uint32_t refused[8];
    uint8_t refused_first;
    uint64_t refused_packet; /**< that shows the first refusal; 0 if there is none */

    /* What was done */
    struct btap_work erased;
    struct btap_work written;
    struct btap_work read;
    uint64_t erased_pages;
    uint64_t mass_erases; /**< of everything, by Erase or by removing the read protection */
    uint64_t bank_erases;
    bool erase_unsized;       /**< pages were erased whose place is not known */
    uint64_t unerased;        /**< bytes written to flash that no erase of the session covers */
    uint64_t unerased_packet; /**< that shows the first of them */
    uint32_t unerased_address;
    uint32_t writes_tried;        /**< Write Memory commands, repetitions included */
    uint32_t writes_failed;       /**< of them; not where the device refuses the command at once */
    uint64_t write_failed_packet; /**< that shows the first of them */
    uint32_t write_longest;       /**< bytes */
    uint64_t page_0_packet;       /**< an erase that lists page 0 behind others; 0 if none */
    uint64_t late_sync_packet;    /**< a late answer to 0x7F, after an erase without one; or 0 */
    btap_ns late_sync;            /**< how late, where there is one */
    struct btap_verification verification;
    struct btap_port port;
    enum btap_absence absence;
    bool started; /**< Go or Leave ended well */
    uint32_t start_address;

    /* What failed */
    uint32_t failures_length; /**< that nothing made up for; the first BTAP_FAILURES_MAX are kept */
    uint32_t retried;         /**< failed commands whose repetition succeeded */
    struct btap_step failures[BTAP_FAILURES_MAX];
    struct btap_step last; /**< the last command */

    /* What to think of it */
    enum btap_verdict verdict;
    uint32_t findings_length;
    uint32_t findings_omitted;                       /**< that found no room */
    struct btap_finding findings[BTAP_FINDINGS_MAX]; /**< causes first, the likeliest before all */
};

/** Takes a session that is over; valid during the call. */
typedef void btap_session_handler(void *context, const struct btap_session *session);

/** State of the diagnosis of one link, caller-owned. Its members are the diagnosis' own. */
struct btap_diagnosis {
    btap_session_handler *handler;
    void *context;
    bool open;     /**< session holds something */
    bool ended;    /**< the device was started or left: the next command begins another session */
    bool reset;    /**< the device resets by itself: the next Sync goes on with this session */
    btap_ns until; /**< the capture goes on till then; 0 unknown */
    struct btap_session session;
};

BTAP_STATIC_ASSERT(sizeof(struct btap_diagnosis) < 16 * 1024,
                   "the diagnosis of a link stays small");

/**
 * Starts the diagnosis of a link.
 *
 * @param handler called for each session when it is over; not NULL
 * @param context handed to it
 */
void btap_diagnosis_init(struct btap_diagnosis *diagnosis, enum btap_transport transport,
                         btap_session_handler *handler, void *context);

/**
 * Takes a finished command with its notes.
 *
 * @param device what is known of the device behind a DFU link; NULL if nothing
 */
void btap_diagnosis_transaction(struct btap_diagnosis *diagnosis,
                                const struct btap_transaction *transaction,
                                const struct btap_usb_device *device);

/** Takes a note. Those that belong to a transaction are ignored: it brings them itself. */
void btap_diagnosis_note(struct btap_diagnosis *diagnosis, uint64_t n,
                         const struct btap_note *note);

/**
 * Takes the comparison of a read command's data with what was written before; to be called after
 * its transaction. first_packet and the members after it count where there is a difference.
 */
void btap_diagnosis_readback(struct btap_diagnosis *diagnosis,
                             const struct btap_verification *readback);

/** Takes the time until which the capture goes on: what is open for long then was given up. To be
 * called before the transactions that end with the capture. */
void btap_diagnosis_until(struct btap_diagnosis *diagnosis, btap_ns until);

/** Takes what is known of the serial port, at any time. */
void btap_diagnosis_port(struct btap_diagnosis *diagnosis, const struct btap_port *port);

/** Ends the capture: the open session is told. */
void btap_diagnosis_finish(struct btap_diagnosis *diagnosis);

/**
 * Why a capture without any session shows no DFU device, where it is one of USB: the flashing tool
 * then said "No DFU capable USB device", or the like. To be called at the end of the capture.
 *
 * @param tap that took the whole capture; not NULL
 * @param[out] link the device, or where there is none its bus; set where true is returned
 * @param[out] session without transactions, judged; likewise
 * @return false if the capture has no USB traffic, or that of a serial adapter
 */
bool btap_diagnosis_absence(const struct btap_tap *tap, struct btap_link *link,
                            struct btap_session *session);

/** `worked`, `no-fault`, `cut-short`, `failed`. Never NULL. */
const char *btap_verdict_name(enum btap_verdict verdict);

/** `cause`, `doubt`, `oddity`, `capture`. Never NULL. */
const char *btap_rule_kind_name(enum btap_rule_kind kind);

/** `fact`, `likely`. Never NULL. */
const char *btap_certainty_name(enum btap_certainty certainty);

/** Room for the texts below with their terminating zero. */
#define BTAP_DIAGNOSIS_TEXT_SIZE 512

/**
 * The verdict in one sentence, without a full stop: `Failed: Extended Erase mass: nack (command)`,
 * `Worked: erased 10 pages, wrote 20480 bytes, ...`.
 *
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1; BTAP_DIAGNOSIS_TEXT_SIZE is enough
 * @return text
 */
const char *btap_session_text(const struct btap_session *session, char *text, size_t size);

/** What a finding says happened, with its values. Parameters and return value likewise. */
const char *btap_finding_text(const struct btap_finding *finding, char *text, size_t size);

BTAP_END_DECLARATIONS

#endif
