/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tap makes of USB transfers, and which decoder it hands them to.
 */
#include "fake_decoders.h"

/* 0483:df11 and 0925:d100, which the real capture shows after the leave */
static const uint8_t rom[18] = {
    18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0x00, 0x22, 1, 2, 3, 1,
};
static const uint8_t application[18] = {
    18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x25, 0x09, 0x00, 0xd1, 0x80, 0x00, 0, 0, 0, 1,
};

static struct control_transfer get_device(const uint8_t descriptor[18])
{
    return (struct control_transfer){
        .setup = {0x80, 0x06, 0x00, 0x01, 0x00, 0x00, 0x12, 0x00},
        .data = descriptor,
        .length = 18,
    };
}

static struct control_transfer give_address(uint8_t address)
{
    return (struct control_transfer){.setup = {0x00, 0x05, address, 0, 0, 0, 0, 0}};
}

/** The four calls that DNLOAD and GETSTATUS must make, whatever the format. */
/* Where data stand apart from the setup, they are a piece of their own. */
static uint32_t data_offset(const struct call *call)
{
    return call->control.pieces_length > 0 ? call->piece.offset : call->control.at.offset;
}

static void assert_dfu_calls(const struct call *call, bool setup_is_apart)
{
    assert_int_equal(call[0].kind, DFU_SUBMISSION);
    assert_int_equal(call[0].link.kind, BTAP_LINK_USB);
    assert_int_equal(call[0].link.transport, BTAP_DFU);
    assert_int_equal(call[0].link.bus, 1);
    assert_int_equal(call[0].link.device, 28);
    assert_true(call[0].control.setup_known);
    assert_true(call[0].control.setup_here);
    assert_int_equal(call[0].control.at.packet, 1);
    assert_int_equal(call[0].control.pieces_length, setup_is_apart);
    if (setup_is_apart)
        assert_int_equal(call[0].piece.packet, 2);
    assert_int_equal(call[0].control.setup.request_type, 0x21);
    assert_int_equal(call[0].control.setup.length, 5);
    assert_int_equal(call[0].control.captured, 5);
    assert_int_equal(call[0].control.length, 5);
    assert_memory_equal(call[0].bytes, set_address, 5);

    assert_int_equal(call[1].kind, DFU_COMPLETION);
    assert_true(call[1].control.setup_known);
    assert_false(call[1].control.setup_here);
    assert_int_equal(call[1].control.setup.request, 1);
    assert_int_equal(call[1].control.status, BTAP_USB_OK);
    assert_int_equal(call[1].control.captured, 0);
    assert_int_equal(call[1].control.length, 0);
    assert_int_equal(call[1].control.sent_length, 5);
    assert_memory_equal(call[1].sent, set_address, 5);

    assert_int_equal(call[2].kind, DFU_SUBMISSION);
    assert_true(call[2].control.setup_here);
    assert_int_equal(call[2].control.setup.request_type, 0xa1);
    assert_int_equal(call[2].control.captured, 0);
    assert_int_equal(call[2].control.length, 0);

    assert_int_equal(call[3].kind, DFU_COMPLETION);
    assert_int_equal(call[3].control.setup.request, 3);
    assert_int_equal(call[3].control.captured, 6);
    assert_int_equal(call[3].control.length, 6);
    assert_memory_equal(call[3].bytes, status_idle, 6);
}

static void dfu_requests_of_every_format(void **state)
{
    static const struct {
        uint32_t setup;  /**< offset of the setup bytes of a submission */
        uint32_t sent;   /**< of the data of DNLOAD */
        uint32_t answer; /**< of the data of GETSTATUS */
    } offsets[USB_FORMAT_COUNT] = {
        [USB_LINUX] = {40, 48, 48},
        [USB_LINUX_MMAPPED] = {40, 64, 64},
        [USB_LINUX_BIG_ENDIAN] = {40, 64, 64},
        [USB_PCAP] = {28, 36, 28},
        [USB_PCAP_OLD] = {28, 28, 28},
        [USB_DARWIN] = {32, 32, 32},
    };

    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++) {
        struct recorder recorder = start(NULL);

        recorder.format = format;
        record_control(&recorder, &dnload);
        record_control(&recorder, &getstatus);
        assert_int_equal(calls_length, 4);
        assert_dfu_calls(calls, format == USB_PCAP_OLD || format == USB_DARWIN);
        assert_int_equal(data_offset(&calls[0]), offsets[format].sent);
        assert_int_equal(calls[0].control.setup_offset, offsets[format].setup);
        assert_int_equal(calls[2].control.setup_offset, offsets[format].setup);
        assert_int_equal(calls[3].control.at.offset, offsets[format].answer);
        assert_int_equal(tap.counters.unpaired, 0);
        assert_int_equal(tap.counters.truncated, 0);
        assert_all_counted(&recorder);
    }
}

static void records_are_counted_as_decoded_once_the_link_decodes(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    engage = false;
    record_control(&recorder, &dnload); /* other classes have such requests, too */
    assert_int_equal(tap.counters.foreign, 2);
    record_control(&recorder, &getstatus);
    assert_int_equal(tap.counters.decoded, 2);
    engage = true;
    record_control(&recorder, &dnload);
    assert_int_equal(tap.counters.decoded, 4);
}

/* Standard requests of a DFU device matter to its decoder, too: SET_CONFIGURATION, SET_INTERFACE */
static void the_decoder_gets_every_control_transfer_of_its_device(void **state)
{
    const struct control_transfer first = {.setup = {0x01, 11, 1, 0, 0, 0, 0, 0}};
    const struct control_transfer second = {.setup = {0x01, 11, 2, 0, 0, 0, 0, 0}};
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &first);
    assert_int_equal(calls_length, 0); /* nothing shows a DFU device yet */
    record_control(&recorder, &getstatus);
    record_control(&recorder, &second);
    assert_int_equal(calls_length, 4);
    assert_int_equal(calls[3].control.setup.request, 11);
    assert_int_equal(calls[2].alternate, 1);
    assert_int_equal(calls[3].alternate, 2); /* what it tells of the device is known by then */
    assert_int_equal(tap.counters.events, 4);
    assert_int_equal(tap.counters.decoded, 2);
}

static void devices_are_kept_apart(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &getstatus);
    recorder.device = 29;
    record_control(&recorder, &getstatus);
    recorder.device = 28;
    recorder.bus = 2;
    record_control(&recorder, &getstatus);
    recorder.bus = 1;
    recorder.interface_id = 1; /* another machine's, or the same bus captured twice */
    record_control(&recorder, &getstatus);
    recorder.interface_id = 0;
    record_control(&recorder, &getstatus);
    assert_int_equal(calls_length, 10);
    assert_int_equal(calls[2].link.device, 29);
    assert_int_equal(calls[4].link.bus, 2);
    assert_int_equal(calls[6].link.interface_id, 1);
    assert_int_equal(calls[6].link.transactions, 1);
    assert_int_equal(calls[8].link.bus, 1);
    assert_int_equal(calls[8].link.device, 28);
    assert_int_equal(calls[8].link.transactions, 3); /* the third call of this link */
}

/* USB class 03: HID's GET_REPORT and others have shapes of DFU requests. */
static void a_device_without_a_dfu_interface_gets_no_dfu_decoder(void **state)
{
    static const uint8_t hid[] = {
        9, 2, 25,   0, 1, 1,    0,    0xa0, 50, /**/
        9, 4, 0,    0, 1, 0x03, 0x01, 0x01, 0,  /**/
        7, 5, 0x81, 3, 8, 0,    10,
    };
    const struct control_transfer get_configuration = {
        .setup = {0x80, 0x06, 0x00, 0x02, 0x00, 0x00, 25, 0x00},
        .data = hid,
        .length = sizeof(hid),
    };
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &get_configuration);
    record_control(&recorder, &getstatus);
    record_transfer(&recorder, 0x81, true, status_idle, 6);
    assert_int_equal(calls_length, 0);
    assert_int_equal(tap.counters.events, 2);
    assert_int_equal(tap.counters.foreign, 4);
}

static void stalls_reach_the_decoder(void **state)
{
    struct control_transfer stalled = getstatus;

    (void)state;
    stalled.stalled = true;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++) {
        struct recorder recorder = start(NULL);

        recorder.format = format;
        record_control(&recorder, &stalled);
        assert_int_equal(calls_length, 2);
        assert_int_equal(calls[1].kind, DFU_COMPLETION);
        assert_int_equal(calls[1].control.status, BTAP_USB_STALL);
        assert_int_equal(calls[1].control.captured, 0);
    }
}

/* As the converter of a public capture writes: what was said at the submission is not said again.
 */
static void setup_bytes_repeated_in_a_completion(void **state)
{
    static const uint8_t repeated[70] = {
        1,           0,    0,    0,    0x80, 0x88, 0xff, 0xff, /* 0 id */
        'C',         2,    0,    28,   1,    0,    0,    0,    /**/
        0,           0,    0,    0,    0,    0,    0,    0,    /**/
        0,           0,    0,    0,    0,    0,    0,    0,    /**/
        0,           0,    0,    0,    6,    0,    0,    0,    /* 32 length 0, captured 6 */
        0xa1,        0x03, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, /* 40 setup */
        [69] = 0x77,
    };
    struct recorder recorder = start(NULL);

    (void)state;
    record_submission(&recorder, &getstatus);
    assert_true(recorder.id == 0xffff888000000001u);
    record_bytes(&recorder, BTAP_LINKTYPE_USB_LINUX_MMAPPED, repeated, sizeof(repeated));
    assert_int_equal(calls_length, 2);
    assert_false(calls[1].control.setup_here);
    assert_int_equal(calls[1].control.captured, 6); /* bmRequestType tells that these are IN data */
    assert_int_equal(calls[1].bytes[5], 0x77);
    assert_int_equal(tap.counters.unpaired, 0);
}

/* The snapshot length may end within a record of USBPcap's before the setup bytes do. */
static void a_submission_without_its_setup_bytes_is_not_told(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.format = USB_PCAP;
    record_control(&recorder, &getstatus);
    recorder.snap = 35;
    record_control(&recorder, &dnload);
    assert_int_equal(calls_length, 3);
    assert_int_equal(calls[2].kind, DFU_COMPLETION);
    assert_false(calls[2].control.setup_known);
    assert_int_equal(tap.counters.truncated, 1);
    assert_int_equal(tap.counters.unpaired, 0);
}

/* Linux: the controller refuses the URB (usbmon event 'E'), here with -19 */
static void a_submission_that_fails_is_completed_by_that(void **state)
{
    static const uint8_t failed[64] = {
        1,   0, 0,    0,  0x80, 0x88, 0xff, 0xff, /* 0 id */
        'E', 2, 0x80, 28, 1,    0,    '-',  'E',  /**/
        0,   0, 0,    0,  0,    0,    0,    0,    /**/
        0,   0, 0,    0,  0xed, 0xff, 0xff, 0xff, /* 28 status */
        6,   0, 0,    0,  0,    0,    0,    0,    /* 32 length */
    };
    struct recorder recorder = start(NULL);

    (void)state;
    record_submission(&recorder, &getstatus);
    record_bytes(&recorder, BTAP_LINKTYPE_USB_LINUX_MMAPPED, failed, sizeof(failed));
    assert_int_equal(calls_length, 2);
    assert_int_equal(calls[1].control.status, BTAP_USB_GONE);
    assert_int_equal(calls[1].control.raw_status, -19);
    assert_int_equal(calls[1].control.setup.request, 3);
    assert_int_equal(calls[1].control.length, 0);
    btap_tap_finish(&tap);
    assert_int_equal(tap.counters.unpaired, 0);
    assert_int_equal(tap.counters.truncated, 0);
}

/* Lost halves */

static void a_completion_without_submission(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    record_completion(&recorder, &getstatus); /* of an unknown device: nobody to tell */
    assert_int_equal(calls_length, 0);
    record_control(&recorder, &getstatus);
    record_completion(&recorder, &getstatus);
    assert_int_equal(calls_length, 3);
    assert_false(calls[2].control.setup_known);
    assert_int_equal(calls[2].control.captured, 6); /* the IN bit of the endpoint tells */
    assert_int_equal(tap.counters.unpaired, 2);
    assert_all_counted(&recorder);
}

static void a_submission_without_completion(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    record_submission(&recorder, &getstatus);
    record_submission(&recorder, &getstatus);
    assert_int_equal(tap.counters.unpaired, 0); /* they may still come */
    recorder.id--;
    record_submission(&recorder, &getstatus); /* the same id: now one cannot */
    assert_int_equal(tap.counters.unpaired, 1);
    btap_tap_finish(&tap);
    assert_int_equal(tap.counters.unpaired, 3);
}

static void more_urbs_under_way_than_fit(void **state)
{
    struct recorder recorder = start(NULL);
    uint64_t first = recorder.id;

    (void)state;
    for (int i = 0; i < BTAP_URBS_MAX + 6; i++)
        record_submission(&recorder, &getstatus);
    assert_int_equal(tap.counters.unpaired, 6);
    recorder.id = first + 5;
    record_completion(&recorder, &getstatus); /* the sixth, which gave way */
    assert_false(calls[calls_length - 1].control.setup_known);
    assert_int_equal(tap.counters.unpaired, 7);
    record_completion(&recorder, &getstatus); /* the seventh */
    assert_true(calls[calls_length - 1].control.setup_known);
    assert_int_equal(tap.counters.unpaired, 7);
}

/* USBPcap before 1.5.0.0, joined in the middle of a transfer or with records lost */
static void lost_stages_of_the_old_usbpcap(void **state)
{
    static const uint8_t out_data[] = {
        28, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 1, 0, 28, 0, 0, 2, 1, 0, 0, 0, 1, 0x41,
    };
    static const uint8_t in_data[] = {
        28, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 1, 1, 0, 28, 0, 0, 2, 1, 0, 0, 0, 1, 0x05,
    };
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.format = USB_PCAP_OLD;
    record_control(&recorder, &getstatus);
    calls_length = 0;
    record_bytes(&recorder, BTAP_LINKTYPE_USBPCAP, out_data, sizeof(out_data));
    assert_int_equal(calls_length, 0); /* data without a request say nothing */
    record_bytes(&recorder, BTAP_LINKTYPE_USBPCAP, in_data, sizeof(in_data));
    assert_int_equal(calls_length, 1);
    assert_false(calls[0].control.setup_known);
    assert_int_equal(calls[0].bytes[0], 0x05);
    assert_int_equal(tap.counters.unpaired, 2);
    assert_all_counted(&recorder);
}

static void the_old_usbpcap_tells_a_submission_late_if_its_data_never_come(void **state)
{
    struct control_transfer without = dnload;
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.format = USB_PCAP;
    without.length = 0; /* stage 0 with the setup bytes alone, then stage 3 */
    record_control(&recorder, &without);
    assert_int_equal(calls_length, 2);
    assert_int_equal(calls[0].kind, DFU_SUBMISSION);
    assert_int_equal(calls[0].control.at.packet, 1);
    assert_int_equal(calls[0].control.captured, 0);
    assert_int_equal(calls[0].control.length, 5);
    assert_int_equal(calls[1].kind, DFU_COMPLETION);
    assert_int_equal(calls[1].control.at.packet, 2);
}

/* macOS: the data never came, as the capture ends before. */
static void a_submission_without_its_completion_is_told_at_the_end(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.format = USB_DARWIN;
    record_control(&recorder, &getstatus);
    record_submission(&recorder, &dnload);
    assert_int_equal(calls_length, 2);
    btap_tap_finish(&tap);
    assert_int_equal(calls[2].kind, DFU_SUBMISSION);
    assert_int_equal(calls[2].control.at.packet, 3);
    assert_int_equal(calls[2].control.captured, 0);
    assert_int_equal(calls[3].kind, DFU_FINISH);
    assert_int_equal(tap.counters.unpaired, 1);
}

/* Enumeration */

static void another_device_at_the_same_address_starts_anew(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    const struct control_transfer get_application = get_device(application);
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &get_rom);
    record_control(&recorder, &getstatus);
    record_control(&recorder, &get_rom);
    assert_int_equal(calls_length, 4); /* the same device: nothing special */
    record_control(&recorder, &get_application);
    assert_int_equal(calls_length, 8);
    assert_int_equal(calls[4].kind, DFU_SUBMISSION);
    assert_int_equal(calls[5].kind, DFU_DISCONNECTED);
    assert_int_equal(calls[5].at.packet, 8);
    assert_int_equal(calls[6].kind, DFU_FINISH);
    assert_int_equal(calls[7].kind, DFU_COMPLETION);
    assert_int_equal(tap.usb[0].device.product, 0xd100);
}

static void the_reset_of_a_device_ends_its_session(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    const struct control_transfer address = give_address(28);
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &get_rom);
    record_control(&recorder, &getstatus);
    recorder.device = 0;
    record_control(&recorder, &address);
    assert_int_equal(calls_length, 3);
    assert_int_equal(calls[2].kind, DFU_DISCONNECTED);
    recorder.device = 28;
    record_control(&recorder, &get_rom);
    assert_int_equal(calls_length, 5); /* the same device: its decoder goes on */
    assert_int_equal(calls[4].kind, DFU_COMPLETION);
}

static void an_address_given_out_again_is_another_device(void **state)
{
    const struct control_transfer get_application = get_device(application);
    const struct control_transfer address = give_address(28);
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &getstatus); /* its descriptors are not in the capture */
    recorder.device = 0;
    record_control(&recorder, &address);
    recorder.device = 28;
    calls_length = 0;
    record_control(&recorder, &get_application);
    assert_int_equal(calls[1].kind, DFU_DISCONNECTED);
    assert_int_equal(calls[2].kind, DFU_FINISH);
}

/* AN3156 section 5.4: after Read Unprotect the host "has to wait until the device is enumerated".
 */
static void a_device_that_had_to_leave_comes_back_elsewhere(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    const struct control_transfer get_application = get_device(application);

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct recorder recorder = start(NULL);

        leaving = i < 2;
        record_control(&recorder, &get_rom);
        record_control(&recorder, &getstatus);
        recorder.device = 29;
        record_control(&recorder, i == 1 ? &get_application : &get_rom);
        assert_int_equal(calls_length, i == 0 ? 3 : 2);
        if (i == 0)
            assert_int_equal(calls[2].kind, DFU_DISCONNECTED);
        record_control(&recorder, &get_rom);
        assert_int_equal(calls_length, i == 0 ? 3 : 2);
    }
    leaving = false;
}

/* USB 2.0 section 9.4.6: only a SET_ADDRESS that succeeds gives the address away. */
static void an_address_that_was_not_given_out_changes_nothing(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    struct control_transfer others[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        others[i] = give_address(28);
    others[0].stalled = true;
    others[1].setup[1] = 0x09; /* SET_CONFIGURATION */
    others[2].setup[0] = 0x01; /* SET_INTERFACE's recipient */
    others[3].setup[2] = 29;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct recorder recorder = start(NULL);

        record_control(&recorder, &get_rom);
        record_control(&recorder, &getstatus);
        recorder.device = 0;
        record_control(&recorder, &others[i]);
        assert_int_equal(calls_length, 2);
        others[i] = give_address(28);
        record_completion(&recorder, &others[i]); /* without its submission */
        assert_int_equal(calls_length, 2);
    }
}

/* There is room for it: a device that was seen once, with the first record, stays. */
static void a_second_device_takes_the_place_of_none(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    record_submission(&recorder, &getstatus);
    recorder.device = 29;
    record_submission(&recorder, &getstatus);
    assert_int_equal(tap.counters.evicted_links, 0);
    assert_int_equal(calls_length, 2);
    assert_non_null(btap_tap_usb_device(&tap, &calls[0].link));
    assert_non_null(btap_tap_usb_device(&tap, &calls[1].link));
}

/* The one that was heard of least lately gives way, with all that was known of it. */
static void a_device_too_many_takes_the_place_of_the_oldest(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    struct recorder recorder = start(NULL);
    struct btap_link link;

    (void)state;
    for (uint16_t device = 1; device <= BTAP_USB_DEVICES_MAX; device++) {
        recorder.device = (uint16_t)(100 + device);
        record_control(&recorder, &get_rom);
    }
    recorder.device = 101;
    record_control(&recorder, &get_rom); /* the first is heard of again */
    recorder.device = 99;
    record_control(&recorder, &getstatus);
    link = calls[calls_length - 1].link;
    assert_int_equal(link.device, 99);
    assert_non_null(btap_tap_usb_device(&tap, &link));
    assert_false(btap_tap_usb_device(&tap, &link)->descriptor_known);
    link.device = 101;
    assert_non_null(btap_tap_usb_device(&tap, &link));
    link.device = 102;
    assert_null(btap_tap_usb_device(&tap, &link));
    link.device = 103;
    assert_non_null(btap_tap_usb_device(&tap, &link));
}

/* Both links of an adapter with two ports end with its place. */
static void an_adapter_that_gives_way_gives_all_its_ports(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    struct recorder recorder = start(NULL);

    (void)state;
    record_transfer(&recorder, 0x01, false, sync, sizeof(sync));
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    for (uint16_t device = 1; device <= BTAP_USB_DEVICES_MAX; device++) {
        recorder.device = (uint16_t)(100 + device);
        record_control(&recorder, &get_rom);
    }
    assert_int_equal(tap.counters.evicted_links, 2);
}

/** USB 2.0 section 11.24.2.7: wPortStatus, wPortChange of port 1; b0 of each is the connection. */
static void record_port(struct recorder *recorder, uint8_t status, uint8_t change)
{
    const uint8_t data[4] = {status, 1, change, 0};
    const struct control_transfer get_port = {
        .setup = {0xa3, 0, 0, 0, 1, 0, 4, 0}, .data = data, .length = 4};

    recorder->device = 1;
    record_control(recorder, &get_port);
    recorder->device = 28;
}

/** The hub's port is all that shows a device gone that is not asked again. */
static void a_device_that_a_hub_lost_last_is_disconnected(void **state)
{
    const struct control_transfer get_mouse = get_device(application);

    (void)state;
    /* 0: it leaves; 1: the port changed for something else; 2: the device still answers later;
       3: another device may be meant; 4: it had to leave, and so it is the one */
    for (int i = 0; i < 5; i++) {
        struct recorder recorder = start(NULL);

        record_control(&recorder, &getstatus);
        if (i > 2) {
            recorder.device = 30;
            record_control(&recorder, &get_mouse);
        }
        leaving = i == 4;
        record_port(&recorder, i == 1, 1);
        if (i == 2)
            record_control(&recorder, &getstatus);
        tap.usb[0].dfu->decoder.emitter.open = true;
        calls_length = 0;
        btap_tap_finish(&tap);
        assert_int_equal(calls[0].kind, i == 0 || i == 4 ? DFU_DISCONNECTED : DFU_FINISH);
        leaving = false;
    }
}

static void what_is_known_of_a_device_can_be_asked(void **state)
{
    const struct control_transfer get_rom = get_device(rom);
    struct recorder recorder = start(NULL);
    struct btap_link link;

    (void)state;
    record_control(&recorder, &get_rom);
    record_control(&recorder, &getstatus);
    link = calls[0].link;
    assert_int_equal(btap_tap_usb_device(&tap, &link)->product, 0xdf11);
    link.device = 29;
    assert_null(btap_tap_usb_device(&tap, &link));
    link.device = 28;
    link.kind = BTAP_LINK_CAN;
    assert_null(btap_tap_usb_device(&tap, &link));
}

static void a_device_gone_on_another_endpoint_is_disconnected(void **state)
{
    /* Interrupt IN completion of endpoint 1, device 28, bus 1, status -108 */
    static const uint8_t gone[64] = {
        1, 0, 0, 0, 0, 0, 0, 0, 'C', 1, 0x81, 28, 1,    0,    '-',  '<',
        0, 0, 0, 0, 0, 0, 0, 0, 0,   0, 0,    0,  0x94, 0xff, 0xff, 0xff,
    };
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &getstatus);
    record_bytes(&recorder, BTAP_LINKTYPE_USB_LINUX_MMAPPED, gone, sizeof(gone));
    assert_int_equal(calls_length, 3);
    assert_int_equal(calls[2].kind, DFU_DISCONNECTED);
    assert_int_equal(calls[2].at.packet, 3);
}

/** What cancels them ends the port's use, unless the host reads again. */
static void a_port_is_closed_where_its_reads_are_cancelled(void **state)
{
    /* Bulk IN of endpoint 2, device 28, bus 1: completion with status -2, then a submission */
    static const uint8_t cancelled[64] = {
        1, 0, 0, 0, 0, 0, 0, 0, 'C', 3, 0x82, 28, 1,    0,    '-',  '<',
        0, 0, 0, 0, 0, 0, 0, 0, 0,   0, 0,    0,  0xfe, 0xff, 0xff, 0xff,
    };
    static const uint8_t submitted[64] = {
        1, 0, 0, 0, 0, 0, 0, 0, 'S', 3, 0x82, 28, 1,    0,    '-',  '<',
        0, 0, 0, 0, 0, 0, 0, 0, 0,   0, 0,    0,  0x8d, 0xff, 0xff, 0xff,
    };
    struct recorder recorder = start(NULL);
    struct btap_serial_port port;
    const struct btap_link *link;

    (void)state;
    record_control(&recorder, &set_line_coding);
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    link = &tap.usb[0].uarts[0]->link;
    assert_true(btap_tap_serial_port(&tap, link, &port));
    assert_int_equal(port.closed_packet, 0);
    record_bytes(&recorder, BTAP_LINKTYPE_USB_LINUX_MMAPPED, cancelled, sizeof(cancelled));
    assert_true(btap_tap_serial_port(&tap, link, &port));
    assert_int_equal(port.closed_packet, tap.clock);
    record_bytes(&recorder, BTAP_LINKTYPE_USB_LINUX_MMAPPED, submitted, sizeof(submitted));
    assert_true(btap_tap_serial_port(&tap, link, &port));
    assert_int_equal(port.closed_packet, 0);
}

static void an_adapter_gone_is_disconnected(void **state)
{
    /* Bulk IN completion of endpoint 2, device 28, bus 1, status -108, with the byte 79 */
    static const uint8_t gone[65] = {
        1, 0, 0, 0, 0, 0, 0, 0, 'C', 3,    0x82, 28,   1,    0, '-', 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0,   0x94, 0xff, 0xff, 0xff, 1, 0,   0, 0, 1, [64] = 0x79,
    };
    struct recorder recorder = start(NULL);

    (void)state;
    record_control(&recorder, &set_line_coding);
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    record_bytes(&recorder, BTAP_LINKTYPE_USB_LINUX_MMAPPED, gone, sizeof(gone));
    assert_true(calls_length >= 3);
    assert_int_equal(calls[calls_length - 2].kind, USART_CHUNK);
    assert_int_equal(calls[calls_length - 2].bytes[0], 0x79);
    assert_int_equal(calls[calls_length - 1].kind, USART_DISCONNECTED);
    assert_int_equal(calls[calls_length - 1].at.packet, 5);
}

static void the_root_hub_is_no_device(void **state)
{
    static const uint8_t change[] = {0x02};
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.device = 1;
    record_transfer(&recorder, 0x81, true, change, sizeof(change));
    assert_int_equal(calls_length, 0);
    assert_int_equal(tap.counters.foreign, 2);
    assert_int_equal(tap.usb[0].used, 0);
}

/* Windows numbers devices from 1 as well. CDC notification: parity error (PSTN 1.2 table 31) */
static void device_1_of_usbpcap_is_no_root_hub(void **state)
{
    static const uint8_t notification[] = {0xa1, 0x20, 0, 0, 0, 0, 2, 0, 0x20, 0};
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.format = USB_PCAP;
    recorder.device = 1;
    record_control(&recorder, &set_line_coding);
    record_transfer(&recorder, 0x82, true, notification, sizeof(notification));
    assert_int_equal(calls[calls_length - 1].event.kind, BTAP_SERIAL_PARITY_ERROR);
}

/* USB-serial adapters */

static void a_cdc_adapter_feeds_a_usart_decoder(void **state)
{
    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++) {
        struct recorder recorder = start(NULL);

        recorder.format = format;
        record_control(&recorder, &set_line_coding);
        record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
        record_transfer(&recorder, 0x81, false, ack, sizeof(ack));
        assert_int_equal(calls_length, 3);
        assert_int_equal(calls[0].kind, USART_EVENT);
        assert_int_equal(calls[0].event.kind, BTAP_SERIAL_SETTINGS);
        assert_int_equal(calls[0].event.settings.baud, 115200);
        assert_int_equal(calls[0].event.settings.parity, BTAP_PARITY_EVEN);
        assert_int_equal(calls[1].kind, USART_CHUNK);
        assert_int_equal(calls[1].chunk.direction, BTAP_HOST_TO_DEVICE);
        assert_int_equal(calls[1].chunk.length, 1);
        assert_int_equal(calls[1].bytes[0], 0x7f);
        assert_int_equal(calls[1].link.kind, BTAP_LINK_USB_SERIAL);
        assert_int_equal(calls[1].link.transport, BTAP_USART);
        assert_int_equal(calls[1].link.bus, 1);
        assert_int_equal(calls[1].link.device, 28);
        assert_int_equal(calls[1].link.port, 0);
        assert_int_equal(calls[2].chunk.direction, BTAP_DEVICE_TO_HOST);
        assert_int_equal(calls[2].bytes[0], 0x79);
        assert_int_equal(tap.counters.decoded, 2);
        assert_int_equal(tap.counters.unpaired, 0);
        assert_int_equal(tap.counters.truncated, 0);
        assert_all_counted(&recorder);
    }
}

static void an_unknown_device_is_foreign_until_it_shows_a_bootloader(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    engage = false;
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    assert_int_equal(tap.counters.foreign, 2);
    engage = true;
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    assert_int_equal(tap.counters.decoded, 1);
    assert_int_equal(tap.counters.events, 1); /* the completion has nothing to decode */
    assert_int_equal(tap.counters.foreign, 2);
}

/* A disk's command block (USB Mass Storage Bulk-Only 5.1) and data: nothing for a decoder. */
static void large_transfers_of_an_unknown_device_are_not_decoded(void **state)
{
    static const uint8_t block[31] = {'U', 'S', 'B', 'C', 0x7f};
    static const uint8_t data[512] = {0x79};
    const struct control_transfer get_rom = get_device(rom);
    const struct control_transfer get_application = get_device(application);
    struct recorder recorder = start(NULL);

    (void)state;
    record_transfer(&recorder, 0x02, false, block, sizeof(block));
    record_transfer(&recorder, 0x81, false, data, sizeof(data));
    assert_int_equal(calls_length, 0);
    assert_int_equal(tap.counters.foreign, 4);
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    record_transfer(&recorder, 0x81, false, data, sizeof(data));
    assert_int_equal(calls_length, 2);

    record_control(&recorder, &get_rom);
    record_control(&recorder, &get_application); /* of another device, again unknown */
    calls_length = 0;
    record_transfer(&recorder, 0x81, false, data, sizeof(data));
    assert_int_equal(calls_length, 0);
}

/* AN3155 section 3: a command is two bytes; three at once are something else's. */
static void a_device_that_is_sent_three_bytes_at_once_shows_no_bootloader(void **state)
{
    static const uint8_t three[] = {0x02, 0xfd, 0x00};
    static const uint8_t answer[] = {0x79};
    struct recorder recorder = start(NULL);

    (void)state;
    record_transfer(&recorder, 0x02, false, three, 3);
    record_transfer(&recorder, 0x81, false, answer, sizeof(answer));
    assert_int_equal(calls_length, 0);
    record_transfer(&recorder, 0x02, false, three, 2);
    record_transfer(&recorder, 0x81, false, answer, sizeof(answer));
    assert_int_equal(calls_length, 2);
}

/* The decoders of these tests tell a note when they finish. */
static void nothing_is_told_of_an_adapter_that_shows_no_bootloader(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    engage = false;
    record_control(&recorder, &set_line_coding);
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    btap_tap_finish(&tap);
    assert_int_equal(notes_length, 0);

    recorder = start(NULL);
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    btap_tap_finish(&tap);
    assert_int_equal(notes_length, 1);
}

static void cut_adapter_payload_is_told_as_lost(void **state)
{
    static const uint8_t bytes[] = {0x11, 0xee, 0x08, 0x00};
    struct recorder recorder = start(NULL);

    (void)state;
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    recorder.snap = 66;
    record_transfer(&recorder, 0x02, false, bytes, sizeof(bytes));
    assert_int_equal(calls_length, 3);
    assert_int_equal(calls[1].chunk.length, 2);
    assert_int_equal(calls[2].kind, USART_EVENT);
    assert_int_equal(calls[2].event.kind, BTAP_SERIAL_LOST);
    assert_int_equal(calls[2].event.count, 2);
    assert_int_equal(notes_length, 1);
    assert_int_equal(last_note.id, BTAP_NOTE_TRUNCATED);
    assert_int_equal(last_note.arg[0], 66);
    assert_int_equal(last_note.arg[1], 68);
    assert_int_equal(tap.counters.truncated, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dfu_requests_of_every_format),
        cmocka_unit_test(records_are_counted_as_decoded_once_the_link_decodes),
        cmocka_unit_test(the_decoder_gets_every_control_transfer_of_its_device),
        cmocka_unit_test(devices_are_kept_apart),
        cmocka_unit_test(a_device_without_a_dfu_interface_gets_no_dfu_decoder),
        cmocka_unit_test(stalls_reach_the_decoder),
        cmocka_unit_test(setup_bytes_repeated_in_a_completion),
        cmocka_unit_test(a_submission_without_its_setup_bytes_is_not_told),
        cmocka_unit_test(a_submission_that_fails_is_completed_by_that),
        cmocka_unit_test(a_completion_without_submission),
        cmocka_unit_test(a_submission_without_completion),
        cmocka_unit_test(more_urbs_under_way_than_fit),
        cmocka_unit_test(lost_stages_of_the_old_usbpcap),
        cmocka_unit_test(the_old_usbpcap_tells_a_submission_late_if_its_data_never_come),
        cmocka_unit_test(a_submission_without_its_completion_is_told_at_the_end),
        cmocka_unit_test(another_device_at_the_same_address_starts_anew),
        cmocka_unit_test(the_reset_of_a_device_ends_its_session),
        cmocka_unit_test(an_address_given_out_again_is_another_device),
        cmocka_unit_test(a_device_that_had_to_leave_comes_back_elsewhere),
        cmocka_unit_test(an_address_that_was_not_given_out_changes_nothing),
        cmocka_unit_test(a_second_device_takes_the_place_of_none),
        cmocka_unit_test(a_device_too_many_takes_the_place_of_the_oldest),
        cmocka_unit_test(an_adapter_that_gives_way_gives_all_its_ports),
        cmocka_unit_test(what_is_known_of_a_device_can_be_asked),
        cmocka_unit_test(a_device_that_a_hub_lost_last_is_disconnected),
        cmocka_unit_test(a_device_gone_on_another_endpoint_is_disconnected),
        cmocka_unit_test(an_adapter_gone_is_disconnected),
        cmocka_unit_test(a_port_is_closed_where_its_reads_are_cancelled),
        cmocka_unit_test(the_root_hub_is_no_device),
        cmocka_unit_test(device_1_of_usbpcap_is_no_root_hub),
        cmocka_unit_test(a_cdc_adapter_feeds_a_usart_decoder),
        cmocka_unit_test(an_unknown_device_is_foreign_until_it_shows_a_bootloader),
        cmocka_unit_test(large_transfers_of_an_unknown_device_are_not_decoded),
        cmocka_unit_test(a_device_that_is_sent_three_bytes_at_once_shows_no_bootloader),
        cmocka_unit_test(nothing_is_told_of_an_adapter_that_shows_no_bootloader),
        cmocka_unit_test(cut_adapter_payload_is_told_as_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
