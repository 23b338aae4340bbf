/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB-serial adapter on the bench: transfers in, a log of what the adapter code tells out.
 *
 * The log has one word for each call, in order, with spaces between:
 *   0<2:7904          port 0, device to host, bytes 79 04 at offset 2 of the record
 *   0>0:7f            host to device
 *   0<1!parity        an error or break at offset 1 of the record: parity framing overflow break
 *   0>3!lost5         5 bytes lost
 *   0~dtr+rts-        the lines that are known, in the order dtr rts cts dsr dcd ri
 *   0=115200-8E1      settings; ? for each one that is not known
 */
#ifndef BOOTTAP_ADAPTER_RIG_H
#define BOOTTAP_ADAPTER_RIG_H

#include "boottap/adapter.h"

#define RIG_LOG_SIZE      8192
#define RIG_RECEIVED_SIZE 4096

struct rig {
    struct btap_usb_device device;
    struct btap_adapter adapter;
    struct btap_adapter_output output;
    char log[RIG_LOG_SIZE];
    size_t log_length;
    bool quiet; /**< only count: for input that nobody reads the log of */

    /* All bytes of port 0 by direction (0 host, 1 device), and the lost ones of every port */
    uint8_t received[2][RIG_RECEIVED_SIZE];
    size_t received_length[2];
    uint64_t lost;
};

/** A device of which nothing is known. */
void rig_init(struct rig *rig);

/** The device descriptor becomes known. */
void rig_device(struct rig *rig, uint16_t vendor, uint16_t product, uint16_t bcd_device);

/** The configuration descriptor becomes known, or more of it. */
void rig_interface(struct rig *rig, uint8_t number, uint8_t interface_class, uint8_t subclass);
void rig_endpoint(struct rig *rig, uint8_t address, uint8_t interface, uint8_t attributes,
                  uint16_t max_packet_size);

/** A control transfer that succeeds; hex is its data, NULL for none. */
void rig_control(struct rig *rig, uint8_t request_type, uint8_t request, uint16_t value,
                 uint16_t index, const char *hex);

/** The same, with this outcome. */
void rig_control_status(struct rig *rig, uint8_t request_type, uint8_t request, uint16_t value,
                        uint16_t index, const char *hex, enum btap_usb_status status);

/** A bulk IN completion, a bulk OUT submission, an interrupt IN completion. */
void rig_in(struct rig *rig, uint8_t endpoint, const char *hex);
void rig_out(struct rig *rig, uint8_t endpoint, const char *hex);
void rig_interrupt(struct rig *rig, uint8_t endpoint, const char *hex);

/** A bulk transfer with its bytes, of which the record holds the first captured. */
void rig_bulk(struct rig *rig, uint8_t endpoint, const uint8_t *bytes, uint32_t length,
              uint32_t captured);

/** A bulk OUT completion. */
void rig_out_done(struct rig *rig, uint8_t endpoint, uint32_t submitted, uint32_t length,
                  enum btap_usb_status status);

/** Any transfer. Its data are copied, so that a sanitizer sees what is read beyond them. */
void rig_transfer(struct rig *rig, const struct btap_usb_transfer *transfer);

/** Fails the test unless the log since the last call is this; empties it. */
#define rig_expect(rig, expected) rig_expect_at((rig), (expected), __FILE__, __LINE__)
void rig_expect_at(struct rig *rig, const char *expected, const char *file, int line);

/** Bytes out of hexadecimal digits; spaces are skipped. @return their number, at most size */
size_t rig_parse(const char *hex, uint8_t *bytes, size_t size);

#endif
