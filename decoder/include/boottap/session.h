/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions: one run of a flashing tool each. Where one begins and ends, its facts, and what each of
 * its commands did to the device's memory. This is the one place that knows; what to think of a
 * session is the diagnosis' (diagnosis.h).
 */
#ifndef BOOTTAP_SESSION_H
#define BOOTTAP_SESSION_H

#include "boottap/event.h"
#include "boottap/link.h"
#include "boottap/product.h"
#include "boottap/transaction.h"
#include "boottap/usb_device.h"

BTAP_BEGIN_DECLARATIONS

/** What a command did to memory. */
enum btap_effect_kind {
    BTAP_EFFECT_ERASE,
    BTAP_EFFECT_WRITE, /**< the host's bytes, which the sink's data callback had before */
    BTAP_EFFECT_READ,  /**< likewise the device's */
};

/** How an erase was asked for. */
enum btap_erase_scope {
    BTAP_SCOPE_PAGE, /**< a page or sector, by number or address */
    BTAP_SCOPE_BANK,
    BTAP_SCOPE_MASS,
    BTAP_SCOPE_UNPROTECT, /**< all, as the read protection was removed (AN3155 section 3.12, AN3156
                               section 5.4, AN5405 section 3.12) */
};

/** How sure it is what an effect covers. */
enum btap_extent {
    BTAP_EXTENT_EXACT,   /**< exactly the range */
    BTAP_EXTENT_WITHIN,  /**< all of the flash, or of the bank, which lies in the range: products of
                              one id have flash of several sizes */
    BTAP_EXTENT_AT,      /**< the page around range.first, or bytes from there on: how many, the
                              capture does not tell; range.last is range.first */
    BTAP_EXTENT_UNKNOWN, /**< the capture does not show where; range means nothing */
};

/** Why a write may not have been programmed as it was sent, though it was acknowledged. */
enum btap_risk_kind {
    BTAP_RISK_AFTER_READ,  /**< the product loses the start of a write that follows a read */
    BTAP_RISK_INSIDE_UNIT, /**< it starts inside a programming unit */
    BTAP_RISK_UNIT_TWICE,  /**< it programs units again that take one write per erase */
    BTAP_RISK_SHORT_END,   /**< it ends inside a programming unit */
    BTAP_RISK_COUNT,
};

/** One effect of a command. */
struct btap_effect {
    enum btap_effect_kind kind;
    enum btap_erase_scope scope; /**< ERASE only */
    enum btap_extent extent;
    uint32_t pages; /**< scope PAGE: how many; 1 unless the extent is UNKNOWN */
    struct btap_range range;
    uint32_t risks; /**< WRITE, in a session: set of 1 << enum btap_risk_kind */
    struct btap_range risk[BTAP_RISK_COUNT]; /**< what each of them endangers, bytes before the
                                                  write included */
};

/** Consumes an effect; valid during the call. */
typedef void btap_effect_handler(void *context, const struct btap_effect *effect);

/**
 * What a transaction did to the device's memory: nothing, unless it ended well and was performed
 * (note erase-not-performed). An erase of pages has an effect for each page whose place is known,
 * and one for all others.
 *
 * @param transaction not NULL
 * @param product of the device; NULL if not known
 * @param device the USB device behind a DFU link; NULL if not known
 * @param handler called for each effect, in the order of the command's list; not NULL
 */
void btap_transaction_effects(const struct btap_transaction *transaction,
                              const struct btap_product *product,
                              const struct btap_usb_device *device, btap_effect_handler *handler,
                              void *context);

/**
 * Whether a transaction erased something: an Erase that ended well and was performed, or the
 * removal of the read protection.
 */
bool btap_transaction_erases(const struct btap_transaction *transaction);

/**
 * What a transaction was to do to memory, whether or not it did: of one that failed, what did not
 * happen. Where no bytes went over, its length counts. Parameters as before.
 */
void btap_transaction_targets(const struct btap_transaction *transaction,
                              const struct btap_product *product,
                              const struct btap_usb_device *device, btap_effect_handler *handler,
                              void *context);

/** Ranges of addresses that are kept; where there are more, the nearest ones are joined. */
#define BTAP_RANGES_MAX 32

/** Ranges of addresses, in their order, none touching the next. */
struct btap_ranges {
    uint32_t length;
    bool joined; /**< there were too many: entries hold gaps, so that what lies between cannot be
                      told */
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
#define BTAP_BRIEF_WORDS_SIZE 128

/** A command in brief: one that failed, or the last one. */
struct btap_brief {
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
    uint8_t alternate;  /**< DFU: alternate setting in force */
    uint8_t dfu_string; /**< DFU: string in which the device says why; 0 none */
    uint8_t notes_length;
    enum btap_note_id notes[BTAP_NOTES_MAX];
    uint32_t note_args[BTAP_NOTES_MAX][BTAP_NOTE_ARGS]; /**< the values of each */
    bool unprotected; /**< the device had done before what read protection forbids */
    /** As btap_transaction_describe(), cut; of the last command only where the capture ends first.
     */
    char words[BTAP_BRIEF_WORDS_SIZE];
    char outcome[48]; /**< as btap_transaction_outcome(), of one that failed */
};

/** Failed commands that are kept, and explained, until another try of them succeeds. */
#define BTAP_FAILURES_MAX 16

/** Bytes read back that were written before in the session. */
struct btap_verification {
    uint64_t same;
    uint64_t same_erased; /**< of them: 0xFF or 0x00, which an erase may have left */
    uint64_t different;
    uint64_t at_risk[BTAP_RISK_COUNT]; /**< of the different ones: a risk explains them; each counts
                                            for the first of its risks only */
    /* Of the different ones that no risk explains */
    uint64_t only_cleared; /**< no bit is set that was not written */
    uint64_t few_bits;     /**< one or two bits differ */
    uint64_t read_ff;      /**< 0xFF was read */
    uint64_t read_00;
    uint64_t first_packet; /**< of the first difference; valid if different is not 0 */
    uint32_t first_address;
    uint8_t written; /**< there: the byte that was written, and the one read */
    uint8_t read;
    bool elsewhere;             /**< what was read there was written to another address */
    uint32_t elsewhere_address; /**< which */
    /** What was compared, from the first to the last byte; of a single read command. */
    struct btap_range compared;
};

/** Writes that were acknowledged and may not have been programmed as they were sent. */
struct btap_risk {
    uint32_t writes;
    uint64_t packet;  /**< that shows the first of them */
    uint32_t address; /**< of the first one */
};

/** What lies where the program was started, or at the start of what was written. */
struct btap_vector {
    bool known;
    bool plausible; /**< it can be a vector table */
    uint32_t address;
    uint32_t stack; /**< initial stack pointer */
    uint32_t reset; /**< reset vector */
};

/**
 * What a USART session tells of the parity bit. A byte without it passes a receiver that wants even
 * parity (AN3155 section 1) only if it has an odd number of ones and a pause behind it: then the
 * stop bit and the idle line look like parity and stop bit.
 */
struct btap_parity_evidence {
    uint32_t fits;    /**< commands refused at once whose bytes cannot pass so */
    uint32_t groups;  /**< addresses in flash that were refused: one of their bytes cannot pass */
    uint32_t against; /**< what passed and cannot, and what can pass and was refused for no other
                           reason */
};

/** Why a USB capture shows no bootloader. */
enum btap_absence {
    BTAP_ABSENCE_NONE,
    BTAP_ABSENCE_LISTED,             /**< a tool read what a device in DFU mode has, and no more */
    BTAP_ABSENCE_NEVER_ASKED,        /**< a device in DFU mode got no DFU request */
    BTAP_ABSENCE_ENUMERATION_FAILED, /**< a device's descriptors could not be read */
    BTAP_ABSENCE_NO_DEVICE,          /**< nothing like a device in DFU mode */
};

/** A dfuERROR that a GETSTATUS or GETSTATE of its own found: no failed command accounts for it. */
struct btap_device_error {
    uint64_t packet;         /**< that shows it; 0: there is none, or it was overcome */
    uint64_t cause;          /**< packet of the command before it; 0 none */
    enum btap_command after; /**< that command; UNKNOWN: the device was in dfuERROR to begin with */
    uint8_t status;          /**< bStatus; 0: a GETSTATE found it, which does not tell */
    uint8_t string;          /**< iString; 0 none */
    uint32_t cleared;        /**< CLRSTATUS requests after which it was still there */
};

/** One run of a tool: what it did. A plain value. */
struct btap_session {
    enum btap_transport transport;
    uint64_t number; /**< from 1 within its link */
    /** What a tool's system calls carried: what it did not read, or threw away, does not show. */
    bool at_tool;
    uint32_t lacks; /**< what its records cannot tell: a set of enum btap_lack */
    /** Commands that erase, write, start or protect something (BTAP_EFFORT_WORK) whose last answer
     * the records do not hold. */
    uint64_t unlogged;
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

    uint64_t stm8_routines_n; /**< USART: the first command that wrote to where an STM8's ROM calls
                                   its routines; 0: none did */
    bool stm8_address; /**< USART: the device took an address that only an STM8's bootloader serves
                        */

    /* USART and FDCAN: sets of the opcodes that the device took, and refused, without anything
       wrong in the host's bytes */
    uint32_t accepted[8];
    uint32_t refused[8];
    uint8_t refused_first;
    uint64_t refused_packet; /**< that shows the first refusal; 0 if there is none */
    uint8_t denied;          /**< the first opcode refused that every ST bootloader takes, read
                                  protection or not (AN3155 table 2), unless Get does not list it */
    uint64_t denied_packet;  /**< that shows it; 0 if there is none */
    struct btap_parity_evidence parity;
    uint64_t unprotect_packet; /**< that shows the removal of the read protection, if the session
                                    did not set it again; or 0 */
    uint64_t protect_packet;   /**< that shows Readout Protect, if it was not undone; or 0 */

    /* What was done */
    struct btap_work erased;
    struct btap_work written;
    struct btap_work read;
    uint64_t erased_pages;
    uint64_t mass_erases; /**< of everything, by Erase or by removing the read protection */
    uint64_t bank_erases;
    bool erase_unsized; /**< pages were erased whose place is not known */
    /** Bytes written to flash that no erase of the session covers; 0 where that cannot be told:
     * after an erase whose place is not known for certain, or of more ranges than are kept. */
    uint64_t unerased;
    uint64_t unerased_packet; /**< that shows the first of them */
    uint32_t unerased_address;
    uint32_t writes_tried;        /**< Write Memory commands, repetitions included */
    uint32_t writes_failed;       /**< of them; not where the device refuses the command at once */
    uint64_t write_failed_packet; /**< that shows the first of them */
    uint32_t write_longest;       /**< bytes */
    uint32_t write_longest_done;  /**< of those that ended well */
    uint64_t page_0_packet;       /**< an erase that lists page 0 behind others; 0 if none */
    uint64_t late_sync_packet;    /**< a late answer to 0x7F, after an erase without one; or 0 */
    btap_ns late_sync;            /**< how late, where there is one */
    struct btap_risk risks[BTAP_RISK_COUNT];
    uint32_t absent_page;        /**< an acknowledged erase named this page, which the product does
                                      not have */
    uint64_t absent_page_packet; /**< that shows it; 0 if none did */
    struct btap_verification verification;
    /** Pages that held nothing, or almost nothing, of what was written to them when they were read
     * back; and bytes that held it. */
    struct btap_ranges pages_untouched;
    struct btap_ranges programmed;
    uint64_t untouched_different; /**< the different bytes in such pages */
    bool untouched_unsized;       /**< some of these pages are of unknown size */
    struct btap_serial_port port;
    enum btap_absence absence;
    bool answered_before; /**< in an earlier session of this link the device answered */
    bool started;         /**< Go or Leave ended well */
    uint32_t start_address;
    struct btap_vector start;    /**< there, where the capture shows what was written */
    struct btap_vector image;    /**< at the lowest address written to flash */
    bool after_start;            /**< the device was started before, and did not answer in the
                                      bootloader since */
    uint64_t application_packet; /**< bytes that the bootloader does not mean, after a start in this
                                      session; 0 if none */
    bool unprotected; /**< since the read protection was last set, the device did what read
                           protection forbids, or the protection was removed */

    /* DFU */
    bool plain;                    /**< the device takes images (DFU 1.1), not DfuSe's commands */
    enum btap_usb_refusal stalled; /**< a standard request that the device stalled */
    uint8_t stalled_value;         /**< the configuration or alternate setting asked for */
    uint64_t stalled_packet;
    struct btap_device_error error;
    uint64_t phase_packet;             /**< STM32MP: that shows the phase last told; 0: none was */
    uint8_t phase;                     /**< the partition that the device asked for then */
    bool needs_detach;                 /**< and whether it wanted DFU_DETACH */
    uint32_t longest_sent;             /**< longest block that the device took, in bytes */
    uint32_t longest_received;         /**< and gave */
    uint8_t target_alternate;          /**< of the first failure, else of the last command */
    char target[BTAP_USB_STRING_SIZE]; /**< its name, a memory layout or partition; "" unknown */
    char reason[BTAP_USB_STRING_SIZE]; /**< what the device says of a failure or error, in its own
                                            words; "" nothing */

    /* What failed */
    uint32_t failures_length; /**< that nothing made up for; the first BTAP_FAILURES_MAX are kept */
    uint32_t retried;         /**< failed commands whose repetition succeeded */
    struct btap_brief failures[BTAP_FAILURES_MAX];
    struct btap_brief last; /**< the last command */
};

/** Consumes what happens to the sessions of a link. Any member but context may be NULL. */
struct btap_session_sink {
    void *context;
    /** A session begins; its number, time and first packet are known. */
    void (*begin)(void *context, const struct btap_session *session);
    /** A command of the session had this effect; before the facts of the command are added. */
    void (*effect)(void *context, const struct btap_session *session,
                   const struct btap_transaction *transaction, const struct btap_effect *effect);
    /** A session is over; its facts are complete, and valid during the call. */
    void (*end)(void *context, const struct btap_session *session);
};

/** State for the sessions of one link, caller-owned. Its members are its own. */
struct btap_session_tracker {
    const struct btap_session_sink *sink;
    const struct btap_product *product; /**< of the link's device, as its last Get ID answered */
    bool open;                          /**< session holds something */
    bool ended;    /**< the device was started or left: the next command begins another session */
    bool reset;    /**< the device resets by itself: the next Sync goes on with this session */
    bool answered; /**< the device answered on this link */
    bool error_accounted;           /**< DFU: a command that failed accounts for dfuERROR */
    uint8_t image_alternate;        /**< plain DFU: where the last image went */
    btap_ns until;                  /**< the capture goes on till then; 0 unknown */
    uint64_t closed_packet;         /**< where the serial port was closed last; 0: nowhere */
    bool read_last;                 /**< the last command that moved memory was a read */
    struct btap_ranges since_erase; /**< written, and not erased since */
    struct btap_session session;
};

BTAP_STATIC_ASSERT(sizeof(struct btap_session_tracker) < 16 * 1024,
                   "the sessions of a link stay small");

/**
 * Starts with no session.
 *
 * @param transport of the link
 * @param sink not NULL; kept, must outlive the tracker
 */
void btap_session_tracker_init(struct btap_session_tracker *tracker, enum btap_transport transport,
                               const struct btap_session_sink *sink);

/**
 * Goes on where an earlier tracker of the same link was given up. To be called before the first
 * transaction or note.
 *
 * @param number of the last session of the link
 * @param answered whether the device answered in it, or before
 */
void btap_session_after(struct btap_session_tracker *tracker, uint64_t number, bool answered);

/**
 * Consumes a finished transaction with its notes. The sink is called for the session before, if the
 * transaction begins another, then for the beginning, then for the effects.
 *
 * @param device what is known of the device behind a DFU link; NULL if nothing
 */
void btap_session_transaction(struct btap_session_tracker *tracker,
                              const struct btap_transaction *transaction,
                              const struct btap_usb_device *device);

/** Consumes a note. Those that belong to a transaction (n not 0) are ignored: it brings them
 * itself. */
void btap_session_note(struct btap_session_tracker *tracker, uint64_t n,
                       const struct btap_note *note);

/**
 * What kind of device a session is with, by all that its facts tell. Facts, rules and words that
 * hold of STM32 only are not for others.
 *
 * @param session not NULL
 */
enum btap_family btap_session_family(const struct btap_session *session);

/**
 * The product of a session's device: by its product id, or of an STM8 by its bootloader's version.
 *
 * @param session not NULL
 * @return NULL if not known
 */
const struct btap_product *btap_session_product(const struct btap_session *session);

/**
 * Consumes the comparison of a read command's data with what was written before in the session; to
 * be called after its transaction. first_packet and the members after it count where there is a
 * difference.
 *
 * @param device as for the transaction
 */
void btap_session_readback(struct btap_session_tracker *tracker,
                           const struct btap_verification *readback,
                           const struct btap_usb_device *device);

/**
 * Reads what the session left in memory.
 *
 * @param[out] bytes set where true is returned
 * @return false if the capture does not tell
 */
typedef bool btap_memory_reader(void *context, uint32_t address, uint8_t bytes[8]);

/**
 * Looks at what a program was started from; to be called after the transaction of a Go or Leave
 * that ended well.
 *
 * @param reader not NULL
 */
void btap_session_started(struct btap_session_tracker *tracker, btap_memory_reader *reader,
                          void *context);

/**
 * Consumes the time until which the capture goes on: what is open for long then was given up. To be
 * called before the transactions that end with the capture.
 */
void btap_session_until(struct btap_session_tracker *tracker, btap_ns until);

/**
 * Consumes what is known of the device behind a DFU link: it may have said in a string why a
 * command failed, which the host reads afterwards. To be called before the link's end.
 *
 * @param device NULL if nothing is known
 */
void btap_session_device(struct btap_session_tracker *tracker,
                         const struct btap_usb_device *device);

/**
 * Consumes whether the link holds what a tool's system calls carried, as a link's at_tool. To be
 * called before its first transaction or note.
 */
void btap_session_at_tool(struct btap_session_tracker *tracker, bool at_tool);

/** Consumes what the link's records cannot tell, as a link's lacks. To be called likewise. */
void btap_session_lacks(struct btap_session_tracker *tracker, uint32_t lacks);

/**
 * Consumes where the host closed the serial port, or opened it anew, last: a command that is open
 * then was given up. To be called likewise. @param packet 0: nowhere
 */
void btap_session_closed(struct btap_session_tracker *tracker, uint64_t packet);

/** Consumes what is known of the serial port, at any time. */
void btap_session_port(struct btap_session_tracker *tracker, const struct btap_serial_port *port);

/** Ends the capture: the open session is over. */
void btap_session_finish(struct btap_session_tracker *tracker);

/**
 * Why a capture without any session shows no DFU device, where it is one of USB: the flashing tool
 * then said "No DFU capable USB device", or the like. To be called at the end of the capture.
 *
 * @param presence what the tap saw of USB; not NULL
 * @param[out] link the device, or where there is none its bus; set where true is returned
 * @param[out] session without transactions; likewise
 * @return false if the capture has no USB traffic, or that of a serial adapter
 */
bool btap_session_absence(const struct btap_usb_presence *presence, struct btap_link *link,
                          struct btap_session *session);

BTAP_END_DECLARATIONS

#endif
