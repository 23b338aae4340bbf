/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The yardstick: reads a capture with libpcap, as the simplest program would, and does nothing
 * with it. Prints the number of packets.
 */
#include <pcap/pcap.h>
#include <stdio.h>

static void on_packet(unsigned char *user, const struct pcap_pkthdr *header,
                      const unsigned char *bytes)
{
    unsigned long *packets = (void *)user;

    (void)header;
    (void)bytes;
    (*packets)++;
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE] = "usage: bench_read_loop FILE";
    pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    unsigned long packets = 0;

    if (pcap == NULL || pcap_loop(pcap, -1, on_packet, (unsigned char *)&packets) != 0) {
        fprintf(stderr, "%s\n", pcap != NULL ? pcap_geterr(pcap) : error);
        return 2;
    }
    pcap_close(pcap);
    printf("%lu\n", packets);
    return 0;
}
