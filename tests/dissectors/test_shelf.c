/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the plugin keeps of each frame comes back as it was, from its own files without Wireshark's
 * engine: the file scope is here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "records.h"
#include "shelf.h"

static wmem_allocator_t *scope;

wmem_allocator_t *wmem_file_scope(void)
{
    return scope;
}

static int start(void **state)
{
    (void)state;
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    shelf_start();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    shelf_stop();
    assert_null(shelf_newest(1));
    wmem_destroy_allocator(scope);
    return 0;
}

/* The shelf */

static void put(guint32 number, const void *bytes, size_t size)
{
    const struct pack_buffer records = {.bytes = g_memdup2(bytes, size), .length = size};

    shelf_put(number, &records);
    g_free(records.bytes);
}

static void assert_chunk(const guint8 *chunk, const void *bytes, size_t size)
{
    const struct shelf_chunk opened = shelf_open(chunk);

    assert_int_equal(opened.end - opened.records, size);
    assert_memory_equal(opened.records, bytes, size);
}

static void test_frames_have_their_own(void **state)
{
    (void)state;
    assert_null(shelf_newest(0));
    assert_null(shelf_newest(G_MAXUINT32));
    put(1, "one", 3);
    put(5000, "far", 3);
    assert_chunk(shelf_newest(1), "one", 3);
    assert_chunk(shelf_newest(5000), "far", 3);
    assert_null(shelf_newest(2));
    assert_null(shelf_newest(3000));
    assert_null(shelf_open(shelf_newest(1)).before);
}

static void test_chunks_know_the_one_before(void **state)
{
    const guint8 *newest;

    (void)state;
    put(7, "first", 5);
    put(8, "other", 5);
    put(7, "second", 6);
    newest = shelf_newest(7);
    assert_chunk(newest, "second", 6);
    assert_chunk(shelf_open(newest).before, "first", 5);
    assert_null(shelf_open(shelf_open(newest).before).before);
    shelf_clear(7);
    assert_null(shelf_newest(7));
    put(7, "third", 5);
    assert_null(shelf_open(shelf_newest(7)).before);
    shelf_clear(100000);
    assert_null(shelf_newest(100000));
}

/** Chunks of all sizes, those that fill a block and those that get one of their own. */
static void test_sizes(void **state)
{
    static guint8 bytes[70000];

    (void)state;
    for (guint i = 0; i < sizeof(bytes); i++)
        bytes[i] = (guint8)(i * 7);
    for (guint i = 0; i < 300; i++)
        put(i, bytes + i, i % 20 == 0 ? 69000 : i * 10);
    for (guint i = 0; i < 300; i++)
        assert_chunk(shelf_newest(i), bytes + i, i % 20 == 0 ? 69000 : i * 10);
}

/* Records */

static const struct shown_link links[] = {
    {.stream = 0, .identity = {.transport = BTAP_USART}},
    {.stream = 1, .identity = {.transport = BTAP_DFU}},
};
static const guint8 *packed_transaction;

static const struct shown_link *find_link(guint32 stream)
{
    return &links[stream];
}

static const guint8 *find_transaction(guint32 index)
{
    assert_int_equal(index, 300);
    return packed_transaction;
}

static const struct shown_frame *frame_of(guint32 number)
{
    const struct record_context context = {
        .scope = scope, .link = find_link, .transaction = find_transaction};

    return unpack_frame(&context, shelf_newest(number), number);
}

static void put_packed(guint32 number, struct pack_buffer *packed)
{
    shelf_put(number, packed);
    packed->length = 0;
}

static void test_spans(void **state)
{
    const struct shown_span least = {.link = &links[0]};
    const struct shown_span most = {
        .link = &links[1],
        .value = G_MAXUINT64,
        .transaction = G_MAXUINT32,
        .offset = G_MAXUINT32 - 1,
        .length = G_MAXUINT32 - 2,
        .field = BTAP_FIELD_COUNT - 1,
        .direction = BTAP_DEVICE_TO_HOST,
        .last = true,
        .bad = true,
        .hindsight = true,
    };
    struct pack_buffer packed = {0};
    const struct shown_frame *frame;
    const struct shown_span *span;

    (void)state;
    pack_span(&packed, &least);
    put_packed(1, &packed);
    pack_span(&packed, &most);
    put_packed(1, &packed);
    g_free(packed.bytes);
    frame = frame_of(1);
    /* The first one is the frame's; that of all is what others ask for. */
    assert_ptr_equal(frame->link, &links[0]);
    assert_int_equal(frame->transports, 1u << BTAP_USART | 1u << BTAP_DFU);
    assert_false(frame->hindsight);
    span = frame->spans;
    assert_ptr_equal(span->link, &links[0]);
    assert_true(span->value == 0 && span->transaction == 0 && span->offset == 0);
    assert_false(span->last || span->bad || span->hindsight);
    assert_int_equal(span->direction, BTAP_DIRECTION_UNKNOWN);
    span = span->next;
    assert_ptr_equal(span->link, &links[1]);
    assert_true(span->value == G_MAXUINT64);
    assert_int_equal(span->transaction, G_MAXUINT32);
    assert_int_equal(span->offset, G_MAXUINT32 - 1);
    assert_int_equal(span->length, G_MAXUINT32 - 2);
    assert_int_equal(span->field, BTAP_FIELD_COUNT - 1);
    assert_int_equal(span->direction, BTAP_DEVICE_TO_HOST);
    assert_true(span->last && span->bad && span->hindsight);
    assert_null(span->next);
}

static void test_other_records(void **state)
{
    const struct shown_data data = {
        .transaction = 300, .offset = 12, .address = 0xFFFFFF00, .length = 256, .written = true};
    const struct btap_note note = {.id = BTAP_NOTE_COUNT - 1, .arg = {1, G_MAXUINT32}};
    struct shown_verdict first = {.text = "first"};
    struct shown_verdict second = {.text = "second"};
    struct pack_buffer packed = {0};
    const struct shown_frame *frame;

    (void)state;
    pack_data(&packed, &links[0], &data, false);
    pack_note(&packed, &links[0], &note, true);
    pack_verdict(&packed, &links[0], &first, true);
    pack_verdict(&packed, &links[0], &second, true);
    put_packed(4, &packed);
    pack_completion(&packed, &links[1], 4, shelf_newest(4));
    put_packed(5, &packed);
    g_free(packed.bytes);

    frame = frame_of(5);
    assert_int_equal(frame->request, 4);
    assert_ptr_equal(frame->link, &links[1]);
    frame = frame->requested;
    assert_int_equal(frame->data->frame, 4);
    assert_int_equal(frame->data->transaction, 300);
    assert_int_equal(frame->data->offset, 12);
    assert_int_equal(frame->data->address, 0xFFFFFF00);
    assert_int_equal(frame->data->length, 256);
    assert_true(frame->data->written);
    assert_null(frame->data->bytes);
    assert_int_equal(frame->notes->note.id, BTAP_NOTE_COUNT - 1);
    assert_int_equal(frame->notes->note.arg[1], G_MAXUINT32);
    assert_true(frame->notes->hindsight);
    assert_string_equal(frame->verdicts->text, "second");
    assert_string_equal(frame->verdicts->next->text, "first");
}

/** With a list of pages, in frames that go forth and back. */
static void test_transaction(void **state)
{
    static const guint32 parts[] = {70000, 3, 80000};
    struct btap_transaction emitted = {.command = BTAP_ERASE,
                                       .n = G_MAXUINT64,
                                       .duration = 5,
                                       .list_kind = BTAP_LIST_PAGES,
                                       .list_length = 3,
                                       .list = {1, 0, 0xFFFF}};
    const struct shown_transaction transaction = {
        .link = &links[1],
        .emitted = &emitted,
        .session = 17,
        .flows = {{3, 4096}, {2, G_MAXUINT32}},
        .written_bytes = G_MAXUINT64,
        .read_bytes = 1,
        .outcome_frame = 80000,
        .failed = true,
        .parts_length = G_N_ELEMENTS(parts),
        .parts = parts,
    };
    struct pack_buffer packed = {0};
    const struct shown_transaction *found;

    (void)state;
    pack_transaction(&packed, &transaction);
    packed_transaction = shelf_copy(packed.bytes, packed.length);
    assert_int_equal(unpack_outcome_frame(packed_transaction), 80000);
    assert_int_equal(unpack_session(packed_transaction), 17);
    packed.length = 0;
    pack_outcome(&packed, &links[1], 300, true);
    put_packed(80000, &packed);
    g_free(packed.bytes);

    found = frame_of(80000)->outcomes->transaction;
    assert_true(frame_of(80000)->outcomes->hindsight);
    assert_int_equal(found->index, 300);
    assert_ptr_equal(found->link, &links[1]);
    assert_int_equal(found->session, 17);
    assert_int_equal(found->flows[0].bytes, 4096);
    assert_int_equal(found->flows[1].frames, 2);
    assert_true(found->written_bytes == G_MAXUINT64 && found->read_bytes == 1 && found->failed);
    assert_int_equal(found->parts_length, 3);
    assert_memory_equal(found->parts, parts, sizeof(parts));
    assert_true(found->emitted->n == G_MAXUINT64);
    assert_int_equal(found->emitted->command, BTAP_ERASE);
    assert_memory_equal(found->emitted->list, emitted.list, 3 * sizeof(emitted.list[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frames_have_their_own, start, stop),
        cmocka_unit_test_setup_teardown(test_chunks_know_the_one_before, start, stop),
        cmocka_unit_test_setup_teardown(test_sizes, start, stop),
        cmocka_unit_test_setup_teardown(test_spans, start, stop),
        cmocka_unit_test_setup_teardown(test_other_records, start, stop),
        cmocka_unit_test_setup_teardown(test_transaction, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
