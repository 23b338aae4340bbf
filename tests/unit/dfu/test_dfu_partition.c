/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What goes to and comes from the partitions of an STM32MP: the bytes as U-Boot's stm32prog_usb.c
 * and TF-A's stm32cubeprogrammer_usb.c make and take them.
 */
#include <string.h>

#include "dfu_case.h"

static void begin(const char *name)
{
    session_init(&session);
    session.device.dfu =
        (struct btap_dfu_functional){.known = true, .transfer_size = 1024, .bcd_dfu = 0x0110};
    session_know_layout(&session.device, name);
    session_getstatus(&session, 0, 0, IDLE); /* transaction 1 */
}

/** A note of a transaction, beside others on how the device was polled. */
static const struct btap_note *note_of(const struct btap_transaction *transaction,
                                       enum btap_note_id id)
{
    for (uint32_t i = 0; i < transaction->notes_length; i++)
        if (transaction->notes[i].id == id)
            return &transaction->notes[i];
    fail_msg("no note %s", btap_note_name(id));
    return NULL;
}

static const struct collected_span *span_of(enum btap_field field)
{
    for (size_t i = 0; i < collector.spans_length; i++)
        if (collector.spans[i].span.field == field)
            return &collector.spans[i];
    fail_msg("no span of %s", btap_field_name(field));
    return NULL;
}

static void the_names_of_partitions(void **state)
{
    static const struct {
        const char *text;
        bool parses;
        uint8_t id;
        const char *name;
    } cases[] = {
        {"@Partition0 /0x00/1*256Ke", true, 0x00, "Partition0"},
        {"@FlashLayout/0x00/1*256Ke", true, 0x00, "FlashLayout"},
        {"@virtual /0xF1/1*512Ba", true, 0xf1, "virtual"},
        {"@u-boot-env/0x0e/1*16Ke", true, 0x0e, "u-boot-env"},
        {"@ /0x21/1*1Ge", true, 0x21, ""},
        {"@a-name-of-more-than-twenty-three /0x21/1*1Me", true, 0x21, "a-name-of-more-than-twe"},
        {"@Internal Flash  /0x08000000/04*016Kg", false, 0, ""},
        {"@FSBL /0x100/1*1Me", false, 0, ""},
        {"@FSBL /0x01/", false, 0, ""},
        {"FSBL /0x01/1*1Me", false, 0, ""},
        {"", false, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct btap_partition partition = {0};

        assert_int_equal(btap_partition_parse(cases[i].text, &partition), cases[i].parses);
        assert_int_equal(btap_partition_parse(cases[i].text, NULL), cases[i].parses);
        assert_int_equal(partition.id, cases[i].id);
        assert_string_equal(partition.name, cases[i].name);
    }
}

static void a_download_goes_to_a_partition(void **state)
{
    char text[BTAP_DESCRIBE_SIZE];
    const struct btap_transaction *download;

    (void)state;
    begin("@FSBL /0x01/1*1Me");
    session_write(&session, 0, session_pattern(), 1024);
    dfu_case_play();
    download = session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(download->has & BTAP_HAS_PARTITION, BTAP_HAS_PARTITION);
    assert_int_equal(download->partition, 0x01);
    assert_string_equal(btap_transaction_describe(download, text, sizeof(text)),
                        "Download FSBL (0x01) block 0 1024 bytes");
    assert_int_equal(download->transferred, 1024);
}

/* Phase 3, to 0x2ffc2400, from byte 0x1000 on; then the two of TF-A's end, and one of an error. */
static void the_phase_is_told(void **state)
{
    static const uint8_t told[] = {0x03, 0x00, 0x24, 0xfc, 0x2f, 0x00, 0x10, 0x00, 0x00};
    static const uint8_t ends[] = {0x00, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x01};
    static const uint8_t gives_up[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0,   0,   0,
                                       0,    'n',  'o',  ' ',  'F',  'I', 'P', '\n'};
    const struct btap_transaction *upload;
    char text[BTAP_DESCRIBE_SIZE];

    (void)state;
    begin("@virtual /0xF1/1*512Ba");
    session_upload(&session, 0, 512, told, sizeof(told));
    session_upload(&session, 0, 512, ends, sizeof(ends));
    session_upload(&session, 0, 512, gives_up, sizeof(gives_up));
    session_upload(&session, 0, 512, told, 8);
    dfu_case_play();

    upload = session_expect(&collector, 2, BTAP_UPLOAD, BTAP_OK);
    assert_int_equal(upload->next_partition, 3);
    assert_int_equal(upload->load_address, 0x2ffc2400);
    assert_int_equal(upload->load_offset, 0x1000);
    assert_false(upload->needs_detach);
    assert_int_equal(upload->transferred, 0); /* it is no memory */
    assert_string_equal(btap_transaction_describe(upload, text, sizeof(text)),
                        "Upload virtual (0xf1) block 0 512 bytes, phase 0x03 at 0x2ffc2400 from "
                        "byte 4096");
    assert_int_equal(span_of(BTAP_FIELD_NEXT_PARTITION)->span.value, 3);
    assert_int_equal(span_of(BTAP_FIELD_LOAD_ADDRESS)->span.value, 0x2ffc2400);
    assert_int_equal(span_of(BTAP_FIELD_LOAD_OFFSET)->span.value, 0x1000);

    upload = session_expect(&collector, 3, BTAP_UPLOAD, BTAP_OK);
    assert_int_equal(upload->has & (BTAP_HAS_NEXT_PARTITION | BTAP_HAS_LOAD_ADDRESS),
                     BTAP_HAS_NEXT_PARTITION);
    assert_true(upload->needs_detach);
    assert_int_equal(span_of(BTAP_FIELD_NEEDS_DETACH)->span.value, 1);

    upload = session_expect(&collector, 4, BTAP_UPLOAD, BTAP_OK);
    assert_string_equal(upload->words, "no FIP");
    assert_string_equal(btap_transaction_describe(upload, text, sizeof(text)),
                        "Upload (0xf1) block 0 512 bytes, phase 0xff, \"no FIP\"");

    upload = session_expect(&collector, 5, BTAP_UPLOAD, BTAP_OK);
    assert_int_equal(upload->has & BTAP_HAS_NEXT_PARTITION, 0); /* cut short */
    assert_int_equal(collector.data_length, 0);
}

/* Most significant byte first, other than in what is told */
static void the_phase_is_set(void **state)
{
    static const uint8_t set[] = {0x10, 0x00, 0x02, 0x00, 0x00};
    static const uint8_t start[] = {0xff, 0xc2, 0x00, 0x00, 0x40};
    const struct btap_transaction *download;

    (void)state;
    begin("@virtual /0xF1/1*512Ba");
    session_write(&session, 0, set, sizeof(set));
    session_write(&session, 0, start, sizeof(start));
    dfu_case_play();
    download = session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(download->next_partition, 0x10);
    assert_int_equal(download->load_offset, 0x20000);
    assert_int_equal(download->has & BTAP_HAS_LOAD_ADDRESS, 0);
    download = session_expect(&collector, 3, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(download->load_address, 0xc2000040);
    assert_int_equal(collector.data_length, 0);
}

/* U-Boot's struct stm32_header_v1: version 0x00010000, 0x2000 bytes, entry and load address */
static void an_stm32_image(void **state)
{
    uint8_t image[256] = {'S', 'T', 'M', '2'};
    const struct btap_transaction *download;
    const struct btap_note *note;

    (void)state;
    memcpy(image + 68, "\x78\x56\x34\x12", 4);
    memcpy(image + 72, "\x00\x00\x01\x00", 4);
    memcpy(image + 76, "\x00\x20\x00\x00", 4);
    memcpy(image + 80, "\x00\x30\xfc\x2f", 4);
    memcpy(image + 88, "\x00\x25\xfc\x2f", 4);
    begin("@FSBL /0x01/1*1Me");
    session_write(&session, 0, image, sizeof(image));
    session_write(&session, 1, image, sizeof(image)); /* in the middle it is data */
    dfu_case_play();
    download = session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK);
    note = note_of(download, BTAP_NOTE_STM32_IMAGE);
    assert_int_equal(note->arg[0], 0x2000);
    assert_int_equal(note->arg[1], 0x2ffc3000);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_MAGIC)->span.value, 0x53544d32);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_SIGNATURE)->span.length, 64);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_CHECKSUM)->span.value, 0x12345678);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_VERSION)->span.value, 0x00010000);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_LENGTH)->span.value, 0x2000);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_ENTRY)->span.value, 0x2ffc3000);
    assert_int_equal(span_of(BTAP_FIELD_IMAGE_LOAD)->span.value, 0x2ffc2500);
    assert_int_equal(session_expect(&collector, 3, BTAP_DOWNLOAD, BTAP_OK)->notes_length, 0);
    assert_int_equal(collector.data_length, 2);
}

/* TF-A's firmware_image_package.h: 0xAA640001 */
static void a_fip_and_an_otp_structure(void **state)
{
    static const uint8_t fip[] = {0x01, 0x00, 0x64, 0xaa, 0x78, 0x56, 0x34, 0x12};
    static const uint8_t otp[] = {0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00};

    (void)state;
    begin("@Partition3 /0x03/1*16Me");
    session_write(&session, 0, fip, sizeof(fip));
    dfu_case_play();
    note_of(session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK), BTAP_NOTE_FIP_IMAGE);
    collector_release(&collector);

    begin("@OTP/0xf2/1*776Be");
    session_upload(&session, 0, 1024, otp, sizeof(otp));
    session_write(&session, 0, otp, sizeof(otp));
    dfu_case_play();
    assert_int_equal(span_of(BTAP_FIELD_OTP_VERSION)->span.value, 2);
    assert_true(transaction_has_note(session_expect(&collector, 3, BTAP_DOWNLOAD, BTAP_OK),
                                     BTAP_NOTE_OTP_WRITTEN));
    assert_false(transaction_has_note(session_expect(&collector, 2, BTAP_UPLOAD, BTAP_OK),
                                      BTAP_NOTE_OTP_WRITTEN));
}

static void learn_fsbl(struct btap_usb_device *device)
{
    session_know_layout(device, "@FSBL /0x01/1*1Me");
}

/* The device asks for 3, the host sends 1. */
static void another_partition_than_the_one_asked_for(void **state)
{
    static const uint8_t told[] = {0x03, 0x00, 0x24, 0xfc, 0x2f, 0, 0, 0, 0};
    const struct btap_note *note;

    (void)state;
    begin("@virtual /0xF1/1*512Ba");
    session_upload(&session, 0, 512, told, sizeof(told));
    session_submit(&session, 0x21, 6, 0, NULL, 0)->learn = learn_fsbl;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_write(&session, 0, session_pattern(), 1024);
    session_write(&session, 1, session_pattern(), 1024);
    dfu_case_play();
    note =
        note_of(session_expect(&collector, 4, BTAP_DOWNLOAD, BTAP_OK), BTAP_NOTE_OTHER_PARTITION);
    assert_int_equal(note->arg[0], 1);
    assert_int_equal(note->arg[1], 3);
    assert_int_equal(session_expect(&collector, 5, BTAP_DOWNLOAD, BTAP_OK)->notes_length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_names_of_partitions),
        cmocka_unit_test_setup_teardown(a_download_goes_to_a_partition, dfu_case_start,
                                        dfu_case_stop),
        cmocka_unit_test_setup_teardown(the_phase_is_told, dfu_case_start, dfu_case_stop),
        cmocka_unit_test_setup_teardown(the_phase_is_set, dfu_case_start, dfu_case_stop),
        cmocka_unit_test_setup_teardown(an_stm32_image, dfu_case_start, dfu_case_stop),
        cmocka_unit_test_setup_teardown(a_fip_and_an_otp_structure, dfu_case_start, dfu_case_stop),
        cmocka_unit_test_setup_teardown(another_partition_than_the_one_asked_for, dfu_case_start,
                                        dfu_case_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
