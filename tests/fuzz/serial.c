/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serial.h"

#include <stdlib.h>

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static uint32_t piece_length(enum serial_cut cut, uint32_t left, uint32_t *random)
{
    switch (cut) {
    case SERIAL_SINGLE_BYTES:
        return 1;
    case SERIAL_RANDOM:
        return 1 + next_random(random) % left;
    case SERIAL_WHOLE:
        break;
    }
    return left;
}

static void feed_chunk(struct btap_usart *usart, struct btap_serial_chunk chunk,
                       enum serial_cut cut, uint32_t *random)
{
    const uint8_t *bytes = chunk.bytes;
    uint32_t left = chunk.length;

    while (left > 0) {
        uint8_t *copy;

        chunk.length = piece_length(cut, left, random);
        copy = checker_copy(bytes, chunk.length);
        chunk.bytes = copy;
        btap_usart_chunk(usart, &chunk);
        free(copy);
        bytes += chunk.length;
        left -= chunk.length;
        chunk.at.offset += chunk.length;
    }
}

static void feed_event(struct btap_usart *usart, struct btap_serial_event event,
                       struct input *input)
{
    const uint8_t values = input_u8(input);

    event.direction = values % 3;
    event.count = values >> 2;
    event.lines = values;
    event.lines_known = input_u8(input);
    event.settings = (struct btap_serial_settings){
        .baud = event.lines_known * 1200u,
        .data_bits = values >> 4,
        .parity = values % (BTAP_PARITY_SPACE + 1),
        .half_stop_bits = values >> 6,
    };
    btap_usart_event(usart, &event);
}

void serial_run(struct checker *checker, const uint8_t *bytes, size_t length, enum serial_cut cut,
                uint32_t seed)
{
    struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    struct input input = {bytes, length};
    struct btap_origin at = {.time = 1600000000000000000};
    struct btap_usart usart;

    checker_init(checker);
    btap_usart_init(&usart, &checker->sink, &link);
    while (input.left > 0) {
        const uint8_t step = input_u8(&input);
        size_t taken = (step & 0x3f) + 1u;

        at.time += input_delay_ns(&input);
        if (step >> 6 == 3)
            taken = 0;
        const uint8_t *chunk = input_bytes(&input, &taken);
        at.packet = checker_packet(checker, chunk, (uint32_t)taken, at.time);
        if (at.packet == 0)
            break;
        if (step >> 6 == 3)
            feed_event(&usart,
                       (struct btap_serial_event){
                           .at = at, .kind = (step & 0x3f) % (BTAP_SERIAL_COMMAND + 1)},
                       &input);
        else if (taken > 0)
            feed_chunk(
                &usart,
                (struct btap_serial_chunk){
                    .at = at, .direction = step >> 6, .bytes = chunk, .length = (uint32_t)taken},
                cut, &seed);
    }
    btap_usart_finish(&usart);
}
