/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output_fixture.h"

#include "base/allocate.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

const struct btap_link serial_link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
const struct btap_link can_link = {
    .kind = BTAP_LINK_CAN, .transport = BTAP_FDCAN, .interface = "vcan0"};
const struct btap_link usb_link = {
    .kind = BTAP_LINK_USB, .transport = BTAP_DFU, .bus = 1, .device = 28};

struct output_fixture *new_fixture(struct output *(*new_output)(const struct output_options *),
                                   struct output_options options)
{
    struct output_fixture *fixture = allocate(sizeof(*fixture));

    fixture->to = open_memstream(&fixture->text, &fixture->size);
    assert_non_null(fixture->to);
    options.to = fixture->to;
    fixture->stream.name = "capture.pcap";
    fixture->stream.digits = 6;
    fixture->stream.first = SESSION_START;
    fixture->stream.packets = 20;
    fixture->output = new_output(&options);
    fixture->output->stream = &fixture->stream;
    fixture->output->tap = &fixture->tap;
    if (fixture->output->begin_file != NULL)
        fixture->output->begin_file(fixture->output);
    return fixture;
}

const char *end_file(struct output_fixture *fixture)
{
    if (fixture->output->end_file != NULL)
        fixture->output->end_file(fixture->output);
    fflush(fixture->to);
    return fixture->text;
}

void free_fixture(struct output_fixture *fixture)
{
    fclose(fixture->to);
    free(fixture->text);
    free(fixture->output);
    free(fixture);
}

void collect_field(struct collected *collected, uint64_t n, enum btap_field field, uint64_t packet,
                   uint32_t offset, const void *bytes, uint32_t length, uint64_t value)
{
    const struct btap_span span = {
        .n = n,
        .packet = packet,
        .offset = offset,
        .length = length,
        .direction = BTAP_HOST_TO_DEVICE,
        .field = field,
        .bytes = bytes,
        .value = value,
        .last = true,
    };

    collected_add_span(collected, &span);
}

struct btap_transaction write_transaction(uint64_t n)
{
    return (struct btap_transaction){
        .transport = BTAP_USART,
        .command = BTAP_WRITE_MEMORY,
        .n = n,
        .first_packet = 5,
        .last_packet = 9,
        .time = SESSION_START + 2500000,
        .duration = 1500000,
        .has = BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
        .opcode = 0x31,
        .address = 0x08000400,
        .length = 256,
        .transferred = 256,
    };
}
