/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An output that prints into memory, and values to give it.
 */
#ifndef CLI_OUTPUT_FIXTURE_H
#define CLI_OUTPUT_FIXTURE_H

#include "decode/output.h"

/** 2015-07-10 05:50:52 UTC */
#define SESSION_START (INT64_C(1436507452) * 1000000000)

/** An output and what surrounds it. */
struct output_fixture {
    struct output *output;
    struct stream stream;
    struct btap_tap tap;
    char *text; /**< what was printed, after output_text_of() */
    size_t size;
    FILE *to;
};

/** Starts an output on a file `capture.pcap` whose first packet is of SESSION_START. */
struct output_fixture *new_fixture(struct output *(*new_output)(const struct output_options *),
                                   struct output_options options);

/** Ends the file. @return what was printed so far */
const char *end_file(struct output_fixture *fixture);
void free_fixture(struct output_fixture *fixture);

/** Fills what a decoder's spans would have: a field of some bytes, in one packet. */
void collect_field(struct collected *collected, uint64_t n, enum btap_field field, uint64_t packet,
                   uint32_t offset, const void *bytes, uint32_t length, uint64_t value);

/** serial, n as given: Write Memory of 256 bytes at 0x08000400, packets 5 to 9, 1.5 ms. */
struct btap_transaction write_transaction(uint64_t n);

extern const struct btap_link serial_link;
extern const struct btap_link can_link; /**< can:vcan0 */
extern const struct btap_link usb_link; /**< usb:1.28 */

#endif
