/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "boottap/dfuse_layout.h"

/** Most payload of one transaction: the largest control transfer. */
#define PAYLOAD_MAX 65536u

/* AN2606: internal flash starts here, and no STM32 has more than 4 MiB of it. */
#define FLASH_FIRST  0x08000000u
#define FLASH_LAST   0x083fffffu
#define LASTING_LAST 0x0fffffffu

/** What is kept of a link, empty at first; NULL where there is no room for one more. */
static struct report_link *find_link(struct report *report, const struct btap_link *link)
{
    struct report_link *own;

    for (size_t i = report->links_length; i > 0; i--)
        if (btap_link_same(&report->links[i - 1]->link, link))
            return report->links[i - 1];
    if (report->links_length == REPORT_LINKS_MAX)
        return NULL;
    own = allocate(sizeof(*own));
    own->link = *link;
    report->links[report->links_length++] = own;
    return own;
}

/** Makes room for so many bytes of payload. */
static void reserve(struct report_payload *payload, uint32_t length)
{
    uint8_t *bytes;

    if (length <= payload->room)
        return;
    payload->room = length < PAYLOAD_MAX / 16 ? PAYLOAD_MAX / 16 : PAYLOAD_MAX;
    bytes = allocate(payload->room);
    if (payload->length > 0)
        memcpy(bytes, payload->bytes, payload->length);
    free(payload->bytes);
    payload->bytes = bytes;
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct report *report = context;
    struct report_link *own = find_link(report, link);
    struct report_payload *payload;

    sessions_data(&report->sessions, link, data);
    if (own == NULL)
        return;
    payload = &own->payload;
    if (!payload->started || payload->n != data->n) {
        payload->started = true;
        payload->n = data->n;
        payload->address = data->address;
        payload->length = 0;
    }
    /* Slices of one transaction follow each other. */
    if (data->address != payload->address + payload->length ||
        data->length > PAYLOAD_MAX - payload->length)
        return;
    reserve(payload, payload->length + data->length);
    memcpy(payload->bytes + payload->length, data->bytes, data->length);
    payload->length += data->length;
}

static void add_mark(struct report_course *course, uint64_t n, const struct btap_note *note)
{
    if (btap_note_severity(note->id) < BTAP_WARN || course->marks_length == REPORT_MARKS_MAX)
        return;
    course->marks[course->marks_length++] = (struct report_mark){note->time, n, *note};
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct report *report = context;
    const uint64_t before = sessions_count(&report->sessions);
    struct report_link *own = find_link(report, link);

    sessions_note(&report->sessions, link, n, note);
    /* A note may begin a session. */
    if (own != NULL && sessions_count(&report->sessions) > before)
        own->course = NULL;
    if (n == 0 && own != NULL && own->course != NULL)
        add_mark(own->course, 0, note);
}

/** The range of addresses from first on, cut at the end of the address space. */
static struct btap_range range_of(uint32_t first, uint32_t length)
{
    const uint32_t room = UINT32_MAX - first;

    return (struct btap_range){first, length > 0 && length - 1 > room ? UINT32_MAX
                                      : length > 0                    ? first + length - 1
                                                                      : first};
}

/** Whether a device's memory layout tells where its flash lies, in one piece. */
static bool flash_of_layout(const struct btap_usb_device *device, struct btap_range *flash)
{
    const char *text = device != NULL ? btap_usb_device_layout(device) : NULL;
    struct btap_layout layout;
    uint64_t end = 0;

    if (text == NULL)
        return false;
    btap_layout_parse(text, &layout);
    for (uint32_t i = 0; i < layout.regions_length; i++) {
        const struct btap_layout_region *region = &layout.regions[i];

        if (i == 0)
            flash->first = region->address;
        else if (region->address != end)
            return false;
        end = (uint64_t)region->address + (uint64_t)region->pages * region->page_size;
    }
    if (flash->first != FLASH_FIRST || end <= FLASH_FIRST || end > (uint64_t)FLASH_LAST + 1)
        return false;
    flash->last = (uint32_t)end - 1;
    return true;
}

/** Where the device's flash lies. @return false if the capture does not tell */
static bool flash_of(const struct report_course *course, const struct btap_usb_device *device,
                     struct btap_range *flash)
{
    const struct btap_product *product = course->product;

    if (product == NULL || product->flash_size == 0)
        return flash_of_layout(device, flash);
    *flash = range_of(product->flash_start, product->flash_size);
    return true;
}

/** Adds what a page of an erase covers. */
static void add_page(struct report_course *course, uint32_t page, struct timeline_span *span)
{
    struct btap_range sector;

    if (course->product == NULL || !btap_product_sector(course->product, page, &sector)) {
        course->memory.unplaced += !span->failed;
        return;
    }
    if (span->failed)
        ranges_add(&course->memory.refused, sector);
    else
        memory_erase(&course->memory, sector);
    if (!span->addressed || sector.first < span->range.first)
        span->range.first = sector.first;
    if (!span->addressed || sector.last > span->range.last)
        span->range.last = sector.last;
    span->addressed = true;
}

/** Adds the page at an address, whose size the device's layout tells. */
static void add_page_at(struct report_course *course, uint32_t address,
                        const struct btap_usb_device *device, struct timeline_span *span)
{
    const char *text = device != NULL ? btap_usb_device_layout(device) : NULL;
    const struct btap_layout_region *region = NULL;
    struct btap_layout layout;

    if (text != NULL) {
        btap_layout_parse(text, &layout);
        region = btap_layout_find(&layout, address);
    }
    span->addressed = true;
    span->range = range_of(address, 0);
    if (region != NULL && region->page_size > 0) {
        const uint32_t into = (address - region->address) % region->page_size;

        span->range = range_of(address - into, region->page_size);
    }
    if (span->failed)
        ranges_add(&course->memory.refused, span->range);
    else if (region != NULL)
        memory_erase(&course->memory, span->range);
    else
        course->memory.unplaced++;
}

static void add_erase(struct report_course *course, const struct btap_transaction *transaction,
                      const struct btap_usb_device *device, struct timeline_span *span)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);

    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        for (uint32_t i = 0; i < kept; i++)
            add_page(course, transaction->list[i], span);
        return;
    case BTAP_ERASE_ADDRESS:
        add_page_at(course, transaction->address, device, span);
        return;
    case BTAP_ERASE_MASS:
        span->addressed = flash_of(course, device, &span->range);
        if (span->failed)
            return;
        if (span->addressed)
            memory_erase(&course->memory, span->range);
        course->memory.mass_erased = true;
        return;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        course->memory.bank_erased |= !span->failed;
        return;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
        return;
    }
}

/** Flash and what lies about it; RAM, registers and option bytes change by themselves. */
static bool is_lasting(uint32_t address)
{
    return address >= FLASH_FIRST && address <= LASTING_LAST;
}

/** Adds what a command that names an address and a length did there. */
static void add_transfer(struct report_course *course, const struct btap_transaction *transaction,
                         const struct report_payload *payload, struct timeline_span *span)
{
    const bool own = payload->started && payload->n == transaction->n;
    const uint32_t length =
        transaction->transferred > 0 ? transaction->transferred : transaction->length;
    struct memory *memory = &course->memory;

    if (!(transaction->has & BTAP_HAS_ADDRESS))
        return;
    span->addressed = true;
    span->range = range_of(transaction->address, length);
    if (span->failed)
        ranges_add(&memory->refused, span->range);
    else if (transaction->command == BTAP_GET_CHECKSUM)
        ranges_add(&memory->checked, span->range);
    if (!own || transaction->command == BTAP_GET_CHECKSUM)
        return;
    if (span->activity == ACTIVITY_READ && is_lasting(payload->address))
        memory_read(memory, payload->address, payload->bytes, payload->length);
    else if (span->activity == ACTIVITY_READ)
        ranges_add(&memory->read, range_of(payload->address, payload->length));
    else if (!span->failed)
        memory_write(memory, payload->address, payload->bytes, payload->length);
}

static void add_refusal(struct report_course *course, const struct btap_transaction *transaction,
                        const struct timeline_span *span)
{
    if (!span->failed || !span->addressed)
        return;
    for (size_t i = 0; i < course->refusals_length; i++) {
        struct report_refusal *refusal = &course->refusals[i];

        if (refusal->command == transaction->command && refusal->status == transaction->status &&
            refusal->range.first == span->range.first && refusal->range.last == span->range.last) {
            refusal->count++;
            return;
        }
    }
    if (course->refusals_length == REPORT_REFUSALS_MAX)
        return;
    course->refusals[course->refusals_length++] = (struct report_refusal){
        .n = transaction->n,
        .count = 1,
        .command = transaction->command,
        .status = transaction->status,
        .range = span->range,
    };
}

/** What the transaction tells about the device. */
static void add_identity(struct report_course *course, const struct btap_transaction *transaction,
                         const struct btap_usb_device *device)
{
    const char *text = device != NULL ? btap_usb_device_layout(device) : NULL;
    struct btap_layout layout;

    if (transaction->has & BTAP_HAS_PID)
        course->product = btap_product_by_pid(transaction->pid);
    if (course->layout[0] == '\0' && text != NULL) {
        btap_layout_parse(text, &layout);
        memcpy(course->layout, layout.name, sizeof(course->layout));
    }
}

static void add_transaction(struct report_course *course, const struct report_link *link,
                            const struct btap_transaction *transaction,
                            const struct btap_usb_device *device)
{
    struct timeline_span span = {
        .activity = activity_of(transaction->command),
        .failed = transaction->status != BTAP_OK,
        .start = transaction->time,
        .end = transaction->time + transaction->duration,
        .busy = transaction->busy,
        .count = 1,
        .n = transaction->n,
    };

    course->last_n = transaction->n;
    add_identity(course, transaction, device);
    if (span.activity == ACTIVITY_ERASE)
        add_erase(course, transaction, device, &span);
    else if (span.activity == ACTIVITY_WRITE || span.activity == ACTIVITY_READ)
        add_transfer(course, transaction, &link->payload, &span);
    add_refusal(course, transaction, &span);
    timeline_add(&course->timeline, &span);
    list_add(&course->list, transaction);
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        add_mark(course, transaction->n, &transaction->notes[i]);
}

/** A new course for the link's session; NULL if there is no room. */
static struct report_course *begin_course(struct report *report, const struct btap_link *link,
                                          uint64_t n)
{
    struct report_course *course;

    if (report->courses_length == REPORT_SESSIONS_MAX)
        return NULL;
    course = allocate(sizeof(*course));
    course->link = *link;
    course->first_n = n;
    course->memory.room = &report->pages;
    report->courses[report->courses_length++] = course;
    return course;
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct report *report = context;
    const uint64_t before = sessions_count(&report->sessions);
    struct report_link *own = find_link(report, link);

    report->transactions++;
    sessions_transaction(&report->sessions, link, transaction);
    if (own != NULL) {
        /* A session of this link that is over now was so before this transaction. */
        if (own->course == NULL || transaction->n <= own->course->last_n ||
            sessions_count(&report->sessions) > before)
            own->course = begin_course(report, link, transaction->n);
        if (own->course != NULL)
            add_transaction(own->course, own, transaction, btap_tap_usb_device(report->tap, link));
        own->payload.started = false;
    }
}

void report_init(struct report *report, const struct btap_tap *tap)
{
    *report = (struct report){.tap = tap, .pages = MEMORY_PAGES_MAX};
    sessions_init(&report->sessions, tap);
}

struct btap_sink report_sink(struct report *report)
{
    return (struct btap_sink){
        .context = report,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
}

void report_finish(struct report *report)
{
    sessions_finish(&report->sessions);
}

struct report_course *report_course_of(const struct report *report, const struct session *session)
{
    for (size_t i = 0; i < report->courses_length; i++) {
        struct report_course *course = report->courses[i];

        if (!course->shown && btap_link_same(&course->link, &session->link) &&
            course->first_n == session->facts.first_n)
            return course;
    }
    return NULL;
}

void report_release(struct report *report)
{
    for (size_t i = 0; i < report->courses_length; i++) {
        memory_release(&report->courses[i]->memory);
        list_release(&report->courses[i]->list);
        free(report->courses[i]);
    }
    for (size_t i = 0; i < report->links_length; i++) {
        free(report->links[i]->payload.bytes);
        free(report->links[i]);
    }
    sessions_release(&report->sessions);
}
