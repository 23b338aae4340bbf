/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What reader and writer of pcap files share (draft-ietf-opsawg-pcap section 4).
 */
#ifndef SNIFFER_FORMATS_CAPTURE_FILE_PCAP_H
#define SNIFFER_FORMATS_CAPTURE_FILE_PCAP_H

#include <stdint.h>

#define PCAP_MAGIC_US 0xA1B2C3D4u /**< times in microseconds */
#define PCAP_MAGIC_NS 0xA1B23C4Du
#define PCAP_MAJOR    2
#define PCAP_MINOR    4

/** Bytes of the longest record of a link type: longer ones count as damage, as they do for
 * Wireshark and libpcap, in pcapng too. */
uint32_t pcap_record_max(uint32_t linktype);

#endif
