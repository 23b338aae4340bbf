/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: records through the tap into the diagnosis of each link. Whatever they are, verdicts
 * must be whole and their texts fit.
 *
 * The input is the link type (an index), then records: the interface, a delay, the number of
 * captured bytes (2 bytes, MSB first), the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "boottap/diagnosis.h"
#include "boottap/tap.h"
#include "checker.h"
#include "input.h"

#define RECORDS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/** In the order of make_seeds.c. */
static const uint32_t linktypes[] = {
    BTAP_LINKTYPE_RTAC_SERIAL, BTAP_LINKTYPE_USB_LINUX_MMAPPED, BTAP_LINKTYPE_USB_LINUX,
    BTAP_LINKTYPE_USBPCAP,     BTAP_LINKTYPE_CAN_SOCKETCAN,     BTAP_LINKTYPE_LINUX_SLL,
    BTAP_LINKTYPE_LINUX_SLL2,  BTAP_LINKTYPE_USB_DARWIN,        BTAP_LINKTYPE_USB_2_0,
};

/** The sessions of each transport: links that share one make the odder sessions. */
static struct btap_session_tracker trackers[BTAP_TRANSPORT_COUNT];
static uint64_t sessions;
static uint64_t last_packet;

static void check_range(const struct btap_ranges *ranges)
{
    CHECK(ranges->length <= BTAP_RANGES_MAX);
    for (uint32_t i = 0; i < ranges->length; i++) {
        CHECK(ranges->list[i].first <= ranges->list[i].last);
        CHECK(i == 0 || ranges->list[i - 1].last < ranges->list[i].first);
    }
}

static void check_finding(const struct btap_finding *finding)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    CHECK(finding->rule != NULL && finding->occurrences > 0);
    CHECK(finding->packets_length <= BTAP_EVIDENCE_MAX);
    for (uint8_t i = 0; i < finding->packets_length; i++) {
        CHECK(finding->packets[i] > 0 && finding->packets[i] <= last_packet);
        CHECK(i == 0 || finding->packets[i - 1] < finding->packets[i]);
    }
    CHECK(strlen(btap_finding_text(finding, text, sizeof(text))) > 0);
}

static void on_session(void *context, const struct btap_session *session)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];
    struct btap_diagnosis diagnosis;
    bool explained = false;

    (void)context;
    sessions++;
    btap_diagnose(session, &diagnosis);
    CHECK(diagnosis.findings_length <= BTAP_FINDINGS_MAX);
    CHECK(session->duration >= 0);
    for (uint32_t i = 0; i < diagnosis.findings_length; i++) {
        check_finding(&diagnosis.findings[i]);
        explained = explained || (diagnosis.findings[i].rule->kind == BTAP_RULE_CAUSE &&
                                  !diagnosis.findings[i].conditional);
    }
    CHECK(explained == (diagnosis.verdict == BTAP_VERDICT_FAILED));
    check_range(&session->erased.ranges);
    check_range(&session->written.ranges);
    check_range(&session->read.ranges);
    CHECK(strlen(btap_verdict_text(session, &diagnosis, text, sizeof(text))) > 0);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    (void)context;
    btap_session_note(&trackers[link->transport], n, note);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    (void)context;
    btap_session_transaction(&trackers[link->transport], transaction,
                             btap_tap_usb_device(context, link));
}

static struct btap_record take_record(struct input *input, uint32_t linktype, btap_ns *time)
{
    struct btap_record record = {.linktype = linktype, .interface_id = input_u8(input)};
    size_t captured;

    *time += input_delay_ns(input);
    record.time = *time;
    captured = input_u16(input);
    record.bytes = input_bytes(input, &captured);
    record.captured = (uint32_t)captured;
    record.length = record.captured;
    return record;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct btap_tap tap;
    const struct btap_sink sink = {.context = &tap, .note = on_note, .transaction = on_transaction};
    struct input input = {bytes, length};
    const uint32_t linktype =
        linktypes[input_u8(&input) % (sizeof(linktypes) / sizeof(linktypes[0]))];
    btap_ns time = 1600000000000000000;
    static const struct btap_session_sink session_sink = {.end = on_session};
    struct btap_usb_presence presence;
    struct btap_session session;
    struct btap_link link;

    sessions = 0;
    last_packet = 0;
    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        btap_session_tracker_init(&trackers[i], (enum btap_transport)i, &session_sink);
    btap_tap_init(&tap, &sink, NULL);
    while (input.left > 0 && last_packet < RECORDS_MAX) {
        struct btap_record record = take_record(&input, linktype, &time);
        uint8_t *copy = checker_copy(record.bytes, record.captured);

        record.packet = ++last_packet;
        record.bytes = copy;
        btap_tap_record(&tap, &record);
        free(copy);
    }
    btap_tap_finish(&tap);
    for (int i = 0; i < BTAP_TRANSPORT_COUNT; i++)
        btap_session_finish(&trackers[i]);
    presence = btap_tap_usb_presence(&tap);
    if (sessions == 0 && btap_session_absence(&presence, &link, &session))
        on_session(NULL, &session);
    return 0;
}
