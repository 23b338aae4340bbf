/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records as www.tcpdump.org/linktypes describes them: LINKTYPE_CAN_SOCKETCAN, LINKTYPE_LINUX_SLL
 * and LINKTYPE_LINUX_SLL2, the last two in front of a Linux struct can_frame or canfd_frame.
 */
#include <stdlib.h>
#include <string.h>

#include "link/link.h"
#include "test.h"

#define SOCKETCAN BTAP_LINKTYPE_CAN_SOCKETCAN
#define SLL       BTAP_LINKTYPE_LINUX_SLL
#define SLL2      BTAP_LINKTYPE_LINUX_SLL2

struct parsed {
    bool ok;
    bool is_can;
    uint32_t interface_id;
    struct btap_can_frame frame;
};

static struct btap_record record_of(uint32_t linktype, const uint8_t *bytes, uint32_t captured)
{
    return (struct btap_record){
        .linktype = linktype,
        .interface_id = 7,
        .packet = 42,
        .time = 1000,
        .bytes = bytes,
        .captured = captured,
        .length = captured,
    };
}

static struct parsed parse(const struct btap_record *record)
{
    struct parsed parsed;

    parsed.ok = link_parse_can(record, &parsed.frame, &parsed.is_can, &parsed.interface_id);
    return parsed;
}

static struct parsed parse_bytes(uint32_t linktype, const uint8_t *bytes, uint32_t captured)
{
    const struct btap_record record = record_of(linktype, bytes, captured);

    return parse(&record);
}

/* struct canfd_frame: flags 01 bit-rate switch, 04 FD. Where the FD flag is left out, so may the
 * others be; classic frames have none. */
static void bit_rate_switch(void **state)
{
    static const struct {
        uint8_t flags;
        uint8_t length;
        bool brs;
        bool known;
    } cases[] = {
        {0x04, 1, false, true},   {0x05, 1, true, true},   {0x01, 1, true, true},
        {0x00, 12, false, false}, {0x00, 1, false, false}, {0x02, 1, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[8 + 12] = {0x00, 0x00, 0x01, 0x11, cases[i].length, cases[i].flags};
        const struct parsed parsed = parse_bytes(SOCKETCAN, bytes, 8u + cases[i].length);

        assert_true(parsed.ok);
        assert_int_equal(parsed.frame.brs, cases[i].brs);
        assert_int_equal(parsed.frame.brs_known, cases[i].known);
    }
}

/* 0x111, length 1, flags 05: FD with bit-rate switch */
static void fd_frame(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x00, 0x01, 0x11, 0x01, 0x05, 0x00, 0x00, 0x5a};
    const struct parsed parsed = parse_bytes(SOCKETCAN, bytes, sizeof(bytes));

    (void)state;
    assert_true(parsed.ok);
    assert_true(parsed.is_can);
    assert_int_equal(parsed.interface_id, 7);
    assert_int_equal(parsed.frame.id, 0x111);
    assert_int_equal(parsed.frame.id_offset, 0);
    assert_ptr_equal(parsed.frame.id_bytes, bytes);
    assert_true(parsed.frame.fd);
    assert_true(parsed.frame.brs);
    assert_true(parsed.frame.brs_known);
    assert_false(parsed.frame.extended);
    assert_false(parsed.frame.remote);
    assert_false(parsed.frame.error);
    assert_int_equal(parsed.frame.direction, BTAP_DIRECTION_UNKNOWN);
    assert_int_equal(parsed.frame.length, 1);
    assert_int_equal(parsed.frame.captured, 1);
    assert_int_equal(parsed.frame.data[0], 0x5a);
    assert_int_equal(parsed.frame.at.packet, 42);
    assert_int_equal(parsed.frame.at.offset, 8);
    assert_int_equal(parsed.frame.at.time, 1000);
}

/* Sockets deliver 16 bytes of a classic frame: the length field counts, not the record's size */
static void classic_frame_in_a_whole_structure(void **state)
{
    static const uint8_t bytes[16] = {0x00, 0x00, 0x00, 0x31, 0x02, 0, 0, 0, 0xaa, 0xbb, 0xcc};
    const struct parsed parsed = parse_bytes(SOCKETCAN, bytes, sizeof(bytes));

    (void)state;
    assert_true(parsed.ok);
    assert_int_equal(parsed.frame.id, 0x31);
    assert_false(parsed.frame.fd);
    assert_int_equal(parsed.frame.length, 2);
    assert_int_equal(parsed.frame.captured, 2);
    assert_int_equal(parsed.frame.data[1], 0xbb);
}

/* Each of the flags, a length over 8, and a record of 72 bytes make a frame FD */
static void fd_is_told_by_flags_length_or_size(void **state)
{
    uint8_t bytes[72] = {0x00, 0x00, 0x00, 0x11, 0x05};

    (void)state;
    assert_false(parse_bytes(SOCKETCAN, bytes, 16).frame.fd);
    for (uint8_t flag = 1; flag <= 4; flag = (uint8_t)(flag << 1)) {
        bytes[5] = flag;
        assert_true(parse_bytes(SOCKETCAN, bytes, 16).frame.fd);
    }
    bytes[5] = 0;
    assert_true(parse_bytes(SOCKETCAN, bytes, 72).frame.fd);
    bytes[4] = 12;
    assert_true(parse_bytes(SOCKETCAN, bytes, 20).frame.fd);
}

/* A snapshot length of 24 leaves 16 of 64 bytes; the size on the wire still tells FD */
static void truncated_frame_yields_what_it_holds(void **state)
{
    static const uint8_t bytes[24] = {0x00, 0x00, 0x00, 0x31, 0x08, 0, 0, 0, 1, 2, 3};
    struct btap_record record = record_of(SOCKETCAN, bytes, sizeof(bytes));
    struct parsed parsed;

    (void)state;
    record.length = 72;
    parsed = parse(&record);
    assert_true(parsed.ok);
    assert_true(parsed.frame.fd);
    assert_int_equal(parsed.frame.length, 8);
    assert_int_equal(parsed.frame.captured, 8);
    record.captured = 10;
    parsed = parse(&record);
    assert_true(parsed.ok);
    assert_int_equal(parsed.frame.length, 8);
    assert_int_equal(parsed.frame.captured, 2);
    record.captured = 8;
    assert_int_equal(parse(&record).frame.captured, 0);
}

static void extended_remote_and_error_frames(void **state)
{
    static const uint8_t extended[16] = {0x80 | 0x18, 0xda, 0xf1, 0x10, 0x01};
    static const uint8_t remote[16] = {0x40, 0x00, 0x01, 0x23, 0x04};
    static const uint8_t error[16] = {0x20, 0x00, 0x00, 0x20, 0x08};
    struct parsed parsed = parse_bytes(SOCKETCAN, extended, 16);

    (void)state;
    assert_true(parsed.frame.extended);
    assert_int_equal(parsed.frame.id, 0x18daf110);
    parsed = parse_bytes(SOCKETCAN, remote, 16);
    assert_true(parsed.frame.remote);
    assert_int_equal(parsed.frame.id, 0x123);
    assert_int_equal(parsed.frame.length, 0);
    parsed = parse_bytes(SOCKETCAN, error, 16);
    assert_true(parsed.frame.error);
    assert_false(parsed.frame.extended);
    assert_int_equal(parsed.frame.id, 0x20);
    assert_int_equal(parsed.frame.length, 8);
}

static void can_xl_is_not_can_for_us(void **state)
{
    static const uint8_t bytes[16] = {0x00, 0x00, 0x00, 0x31, 0x80, 0, 0, 0};
    const struct parsed parsed = parse_bytes(SOCKETCAN, bytes, sizeof(bytes));

    (void)state;
    assert_true(parsed.ok);
    assert_false(parsed.is_can);
}

static void contradictory_lengths_are_malformed(void **state)
{
    static const uint8_t too_long[80] = {0x00, 0x00, 0x00, 0x31, 65, 0x04};
    static const uint8_t short_wire[] = {0x00, 0x00, 0x00, 0x31, 4, 0x04, 0, 0, 1, 2};

    (void)state;
    assert_false(parse_bytes(SOCKETCAN, too_long, 73).ok);
    assert_false(parse_bytes(SOCKETCAN, short_wire, sizeof(short_wire)).ok);
}

/* Packet type 4 (sent by us), ARPHRD_CAN 280, protocol 000D; the id in the host's order */
static const uint8_t sll_fd[] = {
    0x00, 0x04, 0x01, 0x18, 0x00, 0x00, 0,    0,    0,    0,    0, 0, 0, 0, 0x00, 0x0d, /**/
    0x02, 0x05, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x04, 0x13,
};

static void cooked_frame_has_the_id_in_host_order(void **state)
{
    struct btap_record record = record_of(SLL, sll_fd, sizeof(sll_fd));
    uint8_t swapped[sizeof(sll_fd)];
    struct parsed parsed = parse(&record);

    (void)state;
    assert_true(parsed.ok);
    assert_true(parsed.is_can);
    assert_int_equal(parsed.interface_id, 7);
    assert_int_equal(parsed.frame.id, 0x502);
    assert_int_equal(parsed.frame.id_offset, 16);
    assert_ptr_equal(parsed.frame.id_bytes, sll_fd + 16);
    assert_int_equal(parsed.frame.at.offset, 24);
    assert_int_equal(parsed.frame.length, 2);
    assert_int_equal(parsed.frame.data[0], 0x04);
    assert_true(parsed.frame.fd);
    assert_int_equal(parsed.frame.direction, BTAP_HOST_TO_DEVICE);

    memcpy(swapped, sll_fd, sizeof(swapped));
    memcpy(swapped + 16, (const uint8_t[]){0x00, 0x00, 0x05, 0x02}, 4);
    record.bytes = swapped;
    record.big_endian = true;
    assert_int_equal(parse(&record).frame.id, 0x502);
}

/* The protocol field decides, not the flags that the kernel left */
static void cooked_frame_is_fd_by_its_protocol(void **state)
{
    uint8_t bytes[sizeof(sll_fd)];

    (void)state;
    memcpy(bytes, sll_fd, sizeof(bytes));
    bytes[15] = 0x0c;
    bytes[21] = 0x04;
    assert_false(parse_bytes(SLL, bytes, sizeof(bytes)).frame.fd);
    bytes[15] = 0x0d;
    bytes[21] = 0x00;
    assert_true(parse_bytes(SLL, bytes, sizeof(bytes)).frame.fd);
}

/* A classic frame of 9 bytes cannot be */
static void cooked_classic_frame_holds_eight_bytes(void **state)
{
    uint8_t bytes[16 + 72] = {0};

    (void)state;
    memcpy(bytes, sll_fd, 24);
    bytes[15] = 0x0c;
    bytes[20] = 8;
    assert_true(parse_bytes(SLL, bytes, sizeof(bytes)).ok);
    bytes[20] = 9;
    assert_false(parse_bytes(SLL, bytes, sizeof(bytes)).ok);
}

/* Packet types 0 to 3 do not tell who sent a CAN frame; the container's own word is kept */
static void other_packet_types_tell_no_direction(void **state)
{
    uint8_t bytes[sizeof(sll_fd)];
    struct btap_record record = record_of(SLL, bytes, sizeof(bytes));

    (void)state;
    memcpy(bytes, sll_fd, sizeof(bytes));
    for (uint8_t type = 0; type < 4; type++) {
        bytes[1] = type;
        assert_int_equal(parse(&record).frame.direction, BTAP_DIRECTION_UNKNOWN);
    }
    record.direction = BTAP_HOST_TO_DEVICE;
    assert_int_equal(parse(&record).frame.direction, BTAP_HOST_TO_DEVICE);
}

/* Protocol 000C, interface 3, hardware type 280, packet type 1 */
static void cooked_v2_frame_tells_its_interface(void **state)
{
    static const uint8_t bytes[] = {
        0x00, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x01, 0x18,
        0x01, 0x00, 0,    0,    0,    0,    0,    0,    0,    0, /**/
        0x79, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x1f,
    };
    const struct parsed parsed = parse_bytes(SLL2, bytes, sizeof(bytes));

    (void)state;
    assert_true(parsed.ok);
    assert_true(parsed.is_can);
    assert_int_equal(parsed.interface_id, 3);
    assert_int_equal(parsed.frame.id, 0x79);
    assert_int_equal(parsed.frame.at.offset, 28);
    assert_false(parsed.frame.fd);
    assert_int_equal(parsed.frame.data[0], 0x1f);
    assert_int_equal(parsed.frame.direction, BTAP_DIRECTION_UNKNOWN);
}

/* Ethernet (hardware type 1) and CAN XL (protocol 000E) */
static void cooked_records_of_other_kinds(void **state)
{
    uint8_t bytes[sizeof(sll_fd)];
    struct parsed parsed;

    (void)state;
    memcpy(bytes, sll_fd, sizeof(bytes));
    bytes[15] = 0x0e;
    parsed = parse_bytes(SLL, bytes, sizeof(bytes));
    assert_true(parsed.ok);
    assert_false(parsed.is_can);
    memcpy(bytes, sll_fd, sizeof(bytes));
    bytes[2] = 0x00;
    bytes[3] = 0x01;
    parsed = parse_bytes(SLL, bytes, 16);
    assert_true(parsed.ok);
    assert_false(parsed.is_can);
}

/* Memory of exactly the record's size lets the address sanitizer see any read behind it */
static void every_shorter_record_is_safe(void **state)
{
    static const uint8_t full[20 + 72] = {0x00, 0x0d, 0x01, 0x18, 0, 0, 0, 3,
                                          0x01, 0x18, 0x04, 0,    0, 0, 0, 0x0d};
    static const struct {
        uint32_t linktype;
        uint32_t header;
    } kinds[] = {{SOCKETCAN, 8}, {SLL, 24}, {SLL2, 28}};

    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++)
        for (uint32_t size = 0; size <= sizeof(full); size++) {
            uint8_t *bytes = size > 0 ? malloc(size) : NULL;
            struct btap_record record = record_of(kinds[kind].linktype, bytes, size);
            struct parsed parsed;

            if (size > 0)
                memcpy(bytes, full, size);
            record.length = sizeof(full);
            parsed = parse(&record);
            if (size < kinds[kind].header)
                assert_false(parsed.ok && parsed.is_can);
            else
                assert_true(parsed.ok);
            if (parsed.ok && parsed.is_can)
                assert_true(parsed.frame.captured + kinds[kind].header <= size);
            free(bytes);
        }
}

/* "any" records other interfaces, too: one of Ethernet (ARPHRD 1), of which the header is all. */
static void a_cooked_header_alone(void **state)
{
    static const uint8_t sll[16] = {0x00, 0x00, 0x00, 0x01};
    static const uint8_t sll2[20] = {[9] = 0x01};
    static const uint8_t can[16] = {0x00, 0x00, 0x01, 0x18, [15] = 0x0c};
    struct parsed parsed = parse_bytes(SLL, sll, sizeof(sll));

    (void)state;
    assert_true(parsed.ok);
    assert_false(parsed.is_can);
    assert_false(parse_bytes(SLL, sll, sizeof(sll) - 1).ok);
    parsed = parse_bytes(SLL2, sll2, sizeof(sll2));
    assert_true(parsed.ok);
    assert_false(parsed.is_can);
    assert_false(parse_bytes(SLL2, sll2, sizeof(sll2) - 1).ok);
    assert_false(parse_bytes(SLL, can, sizeof(can)).ok); /* there must be a frame */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cooked_header_alone),
        cmocka_unit_test(fd_frame),
        cmocka_unit_test(bit_rate_switch),
        cmocka_unit_test(classic_frame_in_a_whole_structure),
        cmocka_unit_test(fd_is_told_by_flags_length_or_size),
        cmocka_unit_test(truncated_frame_yields_what_it_holds),
        cmocka_unit_test(extended_remote_and_error_frames),
        cmocka_unit_test(can_xl_is_not_can_for_us),
        cmocka_unit_test(contradictory_lengths_are_malformed),
        cmocka_unit_test(cooked_frame_has_the_id_in_host_order),
        cmocka_unit_test(cooked_frame_is_fd_by_its_protocol),
        cmocka_unit_test(cooked_classic_frame_holds_eight_bytes),
        cmocka_unit_test(other_packet_types_tell_no_direction),
        cmocka_unit_test(cooked_v2_frame_tells_its_interface),
        cmocka_unit_test(cooked_records_of_other_kinds),
        cmocka_unit_test(every_shorter_record_is_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
