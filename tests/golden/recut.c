/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cuts a serial capture into records of one byte each, and checks that it decodes to the same,
 * record numbers aside.
 */
#include "decoded.h"

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RTAC_SERIAL = 250, RTAC_HEADER = 12 };

static void recut(const char *from, const char *to)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *in = pcap_open_offline(from, error);
    pcap_dumper_t *out = in ? pcap_dump_open(in, to) : NULL;
    struct pcap_pkthdr *header;
    const u_char *bytes;

    if (!out || pcap_datalink(in) != RTAC_SERIAL) {
        fprintf(stderr, "%s: cannot be cut: %s\n", from, in ? pcap_geterr(in) : error);
        exit(1);
    }
    while (pcap_next_ex(in, &header, &bytes) == 1) {
        u_char piece[RTAC_HEADER + 1];
        struct pcap_pkthdr piece_header = *header;

        if (header->caplen <= RTAC_HEADER) {
            pcap_dump((u_char *)out, header, bytes);
            continue;
        }
        piece_header.caplen = piece_header.len = sizeof(piece);
        memcpy(piece, bytes, RTAC_HEADER);
        for (bpf_u_int32 at = RTAC_HEADER; at < header->caplen; at++) {
            piece[RTAC_HEADER] = bytes[at];
            pcap_dump((u_char *)out, &piece_header, piece);
        }
    }
    pcap_dump_close(out);
    pcap_close(in);
}

/** The object without what says where in the file something stands. */
static const char *without_packets(struct json_object *object)
{
    struct json_object *notes;

    json_object_object_del(object, "first_packet");
    json_object_object_del(object, "last_packet");
    if (json_object_object_get_ex(object, "notes", &notes))
        for (size_t i = 0; i < json_object_array_length(notes); i++)
            json_object_object_del(json_object_array_get_idx(notes, i), "packet");
    return json_object_to_json_string(object);
}

int main(int argc, char **argv)
{
    struct decoded whole;
    struct decoded cut;
    size_t differences = 0;

    if (argc != 4) {
        fprintf(stderr, "usage: recut BOOTTAP CAPTURE TEMPORARY\n");
        return 2;
    }
    recut(argv[2], argv[3]);
    decoded_run(&whole, argv[1], argv[2]);
    decoded_run(&cut, argv[1], argv[3]);
    if (whole.length != cut.length) {
        fprintf(stderr, "%zu objects, cut into bytes %zu\n", whole.length, cut.length);
        differences++;
    }
    for (size_t i = 0; i < whole.length && i < cut.length; i++) {
        char *expected = strdup(without_packets(whole.objects[i]));
        const char *got = without_packets(cut.objects[i]);
        if (strcmp(expected, got) != 0 && differences++ < 3)
            fprintf(stderr, "object %zu differs:\n- %s\n+ %s\n", i + 1, expected, got);
        free(expected);
    }
    decoded_free(&whole);
    decoded_free(&cut);
    remove(argv[3]);
    return differences ? 1 : 0;
}
