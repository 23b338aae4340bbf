/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules that hold on every wire about what became of memory: what was read back, what may not have
 * been programmed, and what was started.
 */
#include "diagnosis/tables.h"

/** Single bits are an accident only where far more bytes are right. */
#define FEW_AMONG 20

/** What the bytes that were read back otherwise have in common. */
enum mismatch {
    SAME,
    ELSEWHERE,      /**< they were written to another address */
    AFTER_READ,     /**< the product loses them behind a read */
    SPLIT_UNIT,     /**< a write begins inside their programming unit */
    REWRITTEN,      /**< they were written twice */
    SHORT_UNIT,     /**< a write ends inside their programming unit */
    BLANK_PAGES,    /**< blank, in pages that hold nothing of what was written */
    BLANK,          /**< blank, among others that were programmed */
    NOT_ERASED,     /**< old and new contents combined, without an erase */
    ERASE_NOT_DONE, /**< the same, after an erase that was acknowledged */
    FEW_BITS,
    OLD_PAGES, /**< pages that hold nothing of what was written */
    OTHER,
};

/** Of those that a risk explains, the kind that explains most. */
static enum mismatch riskiest(const struct btap_verification *verification)
{
    static const enum mismatch mismatches[] = {
        [BTAP_RISK_AFTER_READ] = AFTER_READ,
        [BTAP_RISK_INSIDE_UNIT] = SPLIT_UNIT,
        [BTAP_RISK_UNIT_TWICE] = REWRITTEN,
        [BTAP_RISK_SHORT_END] = SHORT_UNIT,
    };
    unsigned most = 0;

    for (unsigned kind = 1; kind < BTAP_RISK_COUNT; kind++)
        if (verification->at_risk[kind] > verification->at_risk[most])
            most = kind;
    return mismatches[most];
}

static uint64_t unexplained(const struct btap_verification *verification)
{
    uint64_t left = verification->different;

    for (unsigned kind = 0; kind < BTAP_RISK_COUNT; kind++)
        left -= verification->at_risk[kind];
    return left;
}

/** Whether the differences are those of whole pages in which nothing was programmed. */
static bool in_whole_pages(const struct btap_session *session)
{
    if (session->done[BTAP_WRITE_UNPROTECT] > 0 ||
        session->untouched_different != session->verification.different ||
        session->untouched_unsized || session->pages_untouched.length == 0 ||
        session->pages_untouched.joined)
        return false;
    for (uint32_t i = 0; i < session->pages_untouched.length; i++)
        if (diagnosis_ranges_touch(&session->programmed, &session->pages_untouched.list[i]))
            return false;
    return true;
}

/** Whether an erase of the session that was acknowledged covers an address. */
static bool was_erased(const struct btap_session *session, uint32_t address)
{
    const struct btap_range byte = {address, address};

    return session->mass_erases > 0 || session->bank_erases > 0 ||
           diagnosis_ranges_touch(&session->erased.ranges, &byte);
}

static enum mismatch mismatch_of(const struct btap_session *session)
{
    const struct btap_verification *verification = &session->verification;
    const struct btap_programming *programming =
        btap_product_programming(diagnosis_product(session));
    const bool erased_to_00 = programming != NULL && programming->erased == 0x00;
    const uint64_t left = unexplained(verification);

    if (verification->different == 0)
        return SAME;
    if (verification->elsewhere)
        return ELSEWHERE;
    /* An STM8 erases what it writes, to 0x00: blank and mixed bytes tell what they do not there. */
    if (btap_session_family(session) == BTAP_FAMILY_STM8)
        return verification->few_bits == left && left * FEW_AMONG <= verification->same ? FEW_BITS
                                                                                        : OTHER;
    if (left == 0)
        return riskiest(verification);
    if ((erased_to_00 ? verification->read_00 : verification->read_ff) == left)
        return in_whole_pages(session) ? BLANK_PAGES : BLANK;
    if (verification->only_cleared == left && !erased_to_00 && session->unerased > 0)
        return NOT_ERASED;
    if (verification->few_bits == left && left * FEW_AMONG <= verification->same)
        return FEW_BITS;
    if (verification->only_cleared == left && !erased_to_00)
        return was_erased(session, verification->first_address) ? ERASE_NOT_DONE : NOT_ERASED;
    return in_whole_pages(session) ? OLD_PAGES : OTHER;
}

/** Tells how many bytes differ, and from where on. */
static bool differs_as(const struct btap_session *session, enum mismatch mismatch,
                       struct btap_finding *finding)
{
    const struct btap_verification *verification = &session->verification;

    finding->arg[0] = (uint32_t)verification->different;
    finding->arg[1] = verification->first_address;
    diagnosis_show(finding, verification->first_packet);
    return mismatch_of(session) == mismatch;
}

/** The same, and the size of a programming unit. */
static bool differs_in_unit(const struct btap_session *session, enum mismatch mismatch,
                            struct btap_finding *finding)
{
    const struct btap_programming *programming =
        btap_product_programming(diagnosis_product(session));

    finding->arg[2] = programming != NULL ? programming->unit : 0;
    return programming != NULL && differs_as(session, mismatch, finding);
}

/** The condition of a rule about one kind of difference. */
#define DIFFERS(condition, how, mismatch)                                                          \
    static bool condition(const struct btap_session *session, const struct btap_brief *failed,     \
                          struct btap_finding *finding)                                            \
    {                                                                                              \
        (void)failed;                                                                              \
        return how(session, mismatch, finding);                                                    \
    }

DIFFERS(lost_after_read, differs_as, AFTER_READ)
DIFFERS(split_unit, differs_in_unit, SPLIT_UNIT)
DIFFERS(short_unit, differs_in_unit, SHORT_UNIT)
DIFFERS(rewritten, differs_as, REWRITTEN)
DIFFERS(not_erased, differs_as, NOT_ERASED)
DIFFERS(erase_not_done, differs_as, ERASE_NOT_DONE)
DIFFERS(few_bits, differs_as, FEW_BITS)
DIFFERS(not_programmed, differs_as, BLANK)
DIFFERS(differs, differs_as, OTHER)

static bool read_elsewhere(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->verification.first_address;
    finding->arg[1] = session->verification.elsewhere_address;
    diagnosis_show(finding, session->verification.first_packet);
    return mismatch_of(session) == ELSEWHERE;
}

static bool pages_untouched(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)failed;
    return differs_as(session, BLANK_PAGES, finding) || differs_as(session, OLD_PAGES, finding);
}

/* Nothing was read back */

static bool not_read_back(const struct btap_session *session)
{
    return session->verification.same == 0 && session->verification.different == 0;
}

/** Tells how many writes run a risk, the size of a programming unit, and where the first begins. A
 * rule of the series that nobody has seen on this product is not enough. */
static bool risky(const struct btap_session *session, enum btap_risk_kind kind,
                  struct btap_finding *finding)
{
    const struct btap_programming *programming =
        btap_product_programming(diagnosis_product(session));
    const struct btap_risk *risk = &session->risks[kind];

    finding->arg[0] = risk->writes;
    finding->arg[1] = risk->address;
    finding->arg[2] = programming != NULL ? programming->unit : 0;
    diagnosis_show(finding, risk->packet);
    return risk->writes > 0 && programming != NULL && programming->certain;
}

static bool maybe_lost_after_read(const struct btap_session *session,
                                  const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)failed;
    return not_read_back(session) && risky(session, BTAP_RISK_AFTER_READ, finding);
}

static bool maybe_split_unit(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    (void)failed;
    return not_read_back(session) && risky(session, BTAP_RISK_INSIDE_UNIT, finding);
}

static bool maybe_rewritten(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)failed;
    return not_read_back(session) && risky(session, BTAP_RISK_UNIT_TWICE, finding);
}

static bool ends_in_unit(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    (void)failed;
    return session->risks[BTAP_RISK_INSIDE_UNIT].writes == 0 &&
           session->verification.at_risk[BTAP_RISK_SHORT_END] == 0 &&
           risky(session, BTAP_RISK_SHORT_END, finding);
}

static bool written_unerased(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = (uint32_t)session->unerased;
    finding->arg[1] = session->unerased_address;
    diagnosis_show(finding, session->unerased_packet);
    /* A capture that begins in mid-stream may have missed the erase. */
    return session->unerased > 0 && not_read_back(session) &&
           (session->done[BTAP_SYNC] > 0 || session->done[BTAP_GET_ID] > 0 ||
            session->done[BTAP_GET_STATUS] > 0);
}

static bool absent_page(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->absent_page;
    diagnosis_show(finding, session->absent_page_packet);
    return session->absent_page_packet != 0;
}

/* What was started */

static bool started_beside_table(const struct btap_session *session,
                                 const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->start_address;
    finding->arg[1] = session->image.address;
    return diagnosis_start_doubtful(session) && session->image.plausible;
}

static bool started_without_table(const struct btap_session *session,
                                  const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)failed;
    finding->arg[0] = session->start_address;
    return diagnosis_start_doubtful(session) && !session->image.plausible;
}

static bool sent_to_application(const struct btap_session *session, const struct btap_brief *failed,
                                struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->application_packet != 0 ? session->application_packet
                                                             : session->first_packet);
    return session->application_packet != 0 || (session->after_start && session->transactions > 0);
}

static const struct diagnosis_rule rules[] = {
    /* What was read back is not what was written */
    {.needs = NOTHING,
     .text = {"read-elsewhere", CAUSE, LIKELY,
              "What is read at 0x%08x is what was written to 0x%08x",
              "The host reads another place than it wrote, most likely: it counts blocks in other "
              "units than the device (DFU: wTransferSize), or its addresses are off by a block",
              "Compare the addresses of writes and reads; read the range that was written",
              "an image that repeats itself, memory that shows at two addresses"},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .also = read_elsewhere},
    {.needs = NOTHING,
     .text = {"lost-after-read", CAUSE, LIKELY,
              "%u bytes read back differ, from 0x%08x on: the start of writes that follow a read",
              "The bootloader of the STM32H72x/H73x loses the first 32 bytes of a write that "
              "follows a Read Memory and acknowledges them all the same; that is known, and most "
              "likely what happened here",
              "Write everything first, and read it back at the end",
              "flash that wears out, an unstable supply"},
     .sessionwide = true,
     .also = lost_after_read},
    {.needs = NOTHING,
     .text = {"split-unit", CAUSE, LIKELY,
              "%u bytes read back differ, from 0x%08x on: a write begins inside their programming "
              "unit of %u bytes",
              "This flash is programmed in whole units at multiples of their size; a write that "
              "begins inside one is acknowledged and not programmed, or spoils it, most likely",
              "Erase the page, then write whole units: begin at a multiple of the unit, and fill "
              "the last one with 0xFF",
              "flash that wears out, an unstable supply"},
     .sessionwide = true,
     .also = split_unit},
    {.needs = NOTHING,
     .text =
         {"rewritten-unit", CAUSE, LIKELY,
          "%u bytes read back differ, from 0x%08x on, which were written more than once since "
          "the last erase",
          "Programming only clears bits, and flash with error correction takes one write per "
          "unit and erase: most likely the second write was combined with the first, or dropped",
          "Erase the page before it is written again; write each place once",
          "flash that wears out, an unstable supply"},
     .sessionwide = true,
     .also = rewritten},
    {.needs = NOTHING,
     .text = {"short-unit", CAUSE, LIKELY,
              "%u bytes read back differ, from 0x%08x on: a write ends inside their programming "
              "unit of %u bytes",
              "This flash is programmed in whole units; the last one, which the write does not "
              "fill, was acknowledged and not programmed, most likely",
              "Erase the page, and fill the last unit with 0xFF",
              "write protection of the page, flash that wears out, an unstable supply"},
     .sessionwide = true,
     .also = short_unit},
    {.needs = REPLIES,
     .text = {"not-erased", CAUSE, LIKELY,
              "%u bytes read back differ from what was written, from 0x%08x on, and only in bits "
              "that should be 1",
              "The flash was not erased before, most likely: programming can only clear bits, so "
              "that the old and the new contents are combined",
              "Erase these pages first, then write again",
              "an erase before the capture began, and memory that wears out"},
     .sessionwide = true,
     .also = not_erased},
    {.needs = NOTHING,
     .text = {"erase-without-effect", CAUSE, LIKELY,
              "%u bytes read back differ from what was written, from 0x%08x on, and only in bits "
              "that should be 1, though an erase there was acknowledged",
              "The write was programmed over old contents: most likely the acknowledged erase did "
              "not take place, or erased other pages than the tool believes (bank layout: nDBANK "
              "of the F7, DB1M of the F4)",
              "Compare the tool's page layout with the part's; erase this page by itself and read "
              "it, then write again",
              "memory that wears out; a second write that the capture lacks"},
     .sessionwide = true,
     .also = erase_not_done},
    {.needs = NOTHING,
     .text = {"bits-differ", CAUSE, LIKELY,
              "%u bytes read back differ from what was written, from 0x%08x on, in one or two bits "
              "each",
              "Single bits flip on the line, where no checksum covers what is read (USART), by a "
              "weak supply, or in memory that wears out: most likely one of these",
              "Read it again: if other bits differ now, it is the line or the supply; else erase "
              "and write once more",
              "any of these"},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .also = few_bits},
    {.needs = NOTHING,
     .text =
         {"pages-untouched", CAUSE, LIKELY,
          "%u bytes read back differ from what was written, from 0x%08x on: whole pages hold "
          "nothing of it",
          "These pages are write-protected, most likely: the bootloader acknowledges their erases "
          "and writes and does not perform them (AN3155, AN3156, AN5405)",
          "Read the option bytes; only if they protect these pages, remove that, and flash "
          "again",
          "a supply that is too weak for programming, pages that are mapped to another bank"},
     .families = STM32,
     .sessionwide = true,
     .also = pages_untouched},
    {.needs = NOTHING,
     .text = {"not-programmed", CAUSE, LIKELY,
              "%u bytes read back, from 0x%08x on, are blank, though their write was acknowledged",
              "The bootloader does not check what it programs. Most likely the write does not fit "
              "the flash's programming units (some take only whole units of 8, 16 or 32 bytes), or "
              "the supply was too weak",
              "Write whole units, aligned to their size; check the supply; then erase and write "
              "again",
              "write protection, if it covers just the pages that are blank"},
     .sessionwide = true,
     .also = not_programmed},
    {.needs = NOTHING,
     .text = {"read-back-differs", CAUSE, FACT,
              "%u bytes read back differ from what was written, from 0x%08x on, though every "
              "write was acknowledged",
              "They are neither blank nor a mixture of old and new, and in pages that hold other "
              "bytes rightly, or of unknown size: the capture does not tell why",
              "Read again and compare; check that the range read is the one that was written, and "
              "the supply",
              "write protection, a bank that is mapped elsewhere, damage on the line, memory that "
              "wears out"},
     .families = ANY_DEVICE,
     .sessionwide = true,
     .also = differs},

    /* It went through, and yet */
    {.needs = REPLIES | DATA,
     .text = {"maybe-lost-after-read", DOUBT, LIKELY,
              "Writes that follow a read: %u, the first at 0x%08x; nothing was read back since",
              "The bootloader of the STM32H72x/H73x loses the first 32 bytes of a write that "
              "follows a Read Memory, and acknowledges them: most likely they are missing",
              "Read everything back now, and write again what differs, without a read between",
              "a revision that does not do so"},
     .sessionwide = true,
     .also = maybe_lost_after_read},
    {.needs = REPLIES | DATA,
     .text = {"maybe-split-unit", DOUBT, LIKELY,
              "Writes that begin inside a programming unit: %u, the first at 0x%08x; a unit has %u "
              "bytes",
              "Such a write is acknowledged, and most likely not programmed as it was sent",
              "Read it back and compare; write whole units, at multiples of their size",
              "a bootloader that puts the pieces together"},
     .sessionwide = true,
     .also = maybe_split_unit},
    {.needs = REPLIES | DATA,
     .text =
         {"maybe-rewritten-unit", DOUBT, LIKELY,
          "Writes to places that were written before and not erased since: %u, the first at 0x%08x",
          "This flash takes one write per unit and erase: the second is most likely dropped, or "
          "spoils the first, unless both are the same",
          "Read it back and compare; erase before each write", "the same bytes written again"},
     .sessionwide = true,
     .also = maybe_rewritten},
    {.needs = REPLIES,
     .text = {"written-without-erase", DOUBT, FACT,
              "%u bytes were written, from 0x%08x on, that no erase of this session covers",
              "Programming can only clear bits: unless the flash was blank, old and new contents "
              "are combined",
              "Read it back and compare, or erase first", "an erase before the capture began"},
     .sessionwide = true,
     .also = written_unerased},
    {.needs = NOTHING,
     .text = {"absent-page-erased", DOUBT, LIKELY,
              "The device acknowledges the erase of page %u, which this product does not have",
              "The list most likely is not what the host means (a count or byte order that is "
              "wrong), so that other pages were erased, or fewer",
              "Compare the page numbers with the part's page size and flash size",
              "a part with more pages than its product id is known for"},
     .sessionwide = true,
     .also = absent_page},
    {.needs = REPLIES,
     .text = {"start-beside-table", DOUBT, LIKELY,
              "The program is started at 0x%08x, where no vector table was written; the image has "
              "one at 0x%08x",
              "The device takes the stack pointer from that address and the entry from the word "
              "behind it: with anything else there the program most likely crashes",
              "Start at the vector table: the address of the image, not of its reset handler or "
              "the entry that a HEX file names",
              "a program that sets up its own stack"},
     .sessionwide = true,
     .also = started_beside_table},
    {.needs = NOTHING,
     .text = {"start-without-table", DOUBT, LIKELY,
              "The program is started at 0x%08x, where no vector table can be",
              "The device takes the stack pointer from that address and the entry from the word "
              "behind it: with anything else there the program most likely crashes",
              "Give the address of the program's vector table, a multiple of 4 and mostly the "
              "start of the flash",
              "what lies there, if it was not written in this capture"},
     .sessionwide = true,
     .also = started_without_table},

    /* Harmless */
    {.needs = NOTHING,
     .text =
         {"short-last-unit", ODDITY, FACT,
          "Writes that end inside a programming unit: %u, the first at 0x%08x; a unit has %u bytes",
          "", "", ""},
     .sessionwide = true,
     .also = ends_in_unit},
    {.needs = REPLIES,
     .text = {"sent-to-application", ODDITY, LIKELY,
              "The device was started: what the host sends since goes to the application, as when "
              "CubeProgrammer goes on asking for the id",
              "", "", ""},
     .sessionwide = true,
     .also = sent_to_application},
};

const struct diagnosis_table diagnosis_memory = DIAGNOSIS_TABLE(rules);
