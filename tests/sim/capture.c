/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture.h"

#include "cable.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MAX 16384
#define SENT_MAX   8

/** A submission, whose data macOS records with the completion. */
struct sent {
    uint64_t id; /**< 0: none */
    struct sim_usb_record usb;
    uint8_t setup[8];
    uint32_t length;
    uint8_t data[RECORD_MAX];
};

struct sim_capture {
    struct sim_capture_options options;
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    FILE *file; /**< candump text or pcapng */
    struct sent sent[SENT_MAX];
    struct sim_cable cable;
};

static void die(const char *path, const char *cause)
{
    fprintf(stderr, "%s: %s\n", path, cause);
    exit(2);
}

/** A pcapng block (draft-ietf-opsawg-pcapng section 3.1), little-endian; body is padded to 4. */
static void write_block(FILE *file, uint32_t type, const uint8_t *body, size_t length)
{
    static const uint8_t padding[4] = {0};
    size_t padded = (length + 3) / 4 * 4;
    uint8_t word[4];

    sim_put_le32(word, type);
    fwrite(word, 1, 4, file);
    sim_put_le32(word, (uint32_t)padded + 12);
    fwrite(word, 1, 4, file);
    fwrite(body, 1, length, file);
    fwrite(padding, 1, padded - length, file);
    fwrite(word, 1, 4, file);
}

/** Appends an option (section 3.5). @return the length with it */
static size_t put_option(uint8_t *body, size_t length, uint16_t code, const void *value,
                         size_t size)
{
    sim_put_le16(body + length, code);
    sim_put_le16(body + length + 2, (uint16_t)size);
    if (size)
        memcpy(body + length + 4, value, size);
    return length + 4 + (size + 3) / 4 * 4;
}

/** Section header and the one interface, with its name; its time stamps are in nanoseconds. */
static void begin_pcapng(const struct sim_capture *capture)
{
    const char *description = capture->options.description;
    uint8_t section[16] = {0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0};
    uint8_t interface[256] = {0};
    size_t length = 8; /* link type, snap length */

    memset(section + 8, 0xFF, 8); /* length not told */
    sim_put_le16(interface, (uint16_t)capture->options.linktype);
    length = put_option(interface, length, 2, "port", 4); /* if_name */
    if (description)
        length = put_option(interface, length, 3, description, strlen(description));
    length = put_option(interface, length, 9, "\x09", 1); /* if_tsresol: 10^-9 */
    length = put_option(interface, length, 0, NULL, 0);
    write_block(capture->file, 0x0A0D0D0A, section, sizeof(section));
    write_block(capture->file, 1, interface, length);
}

/** @param comment NULL for none */
static void write_packet_block(const struct sim_capture *capture, sim_ns at, const uint8_t *bytes,
                               size_t length, const char *comment)
{
    uint8_t body[20 + RECORD_MAX + 256] = {0};
    size_t end = 20 + length;

    sim_put_le32(body + 4, (uint32_t)((uint64_t)at >> 32));
    sim_put_le32(body + 8, (uint32_t)at);
    sim_put_le32(body + 12, (uint32_t)length);
    sim_put_le32(body + 16, (uint32_t)length);
    memcpy(body + 20, bytes, length);
    if (comment) {
        end = put_option(body, (end + 3) / 4 * 4, 1, comment, strlen(comment));
        end = put_option(body, end, 0, NULL, 0);
    }
    write_block(capture->file, 6, body, end);
}

struct sim_capture *sim_capture_open(const char *path, const struct sim_capture_options *options)
{
    struct sim_capture *capture = calloc(1, sizeof(*capture));

    if (!capture)
        die(path, "out of memory");
    capture->options = *options;
    if (options->linktype == SIM_CANDUMP || options->pcapng) {
        capture->file = fopen(path, "wb");
        if (!capture->file)
            die(path, "cannot be written");
        if (options->pcapng)
            begin_pcapng(capture);
        return capture;
    }
    capture->pcap = pcap_open_dead_with_tstamp_precision(
        (int)options->linktype, options->snaplen ? (int)options->snaplen : 262144,
        options->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
    if (!capture->pcap)
        die(path, "libpcap refuses the link type");
    capture->dumper = pcap_dump_open(capture->pcap, path);
    if (!capture->dumper)
        die(path, pcap_geterr(capture->pcap));
    return capture;
}

void sim_capture_close(struct sim_capture *capture)
{
    if (capture->file) {
        fclose(capture->file);
    } else {
        pcap_dump_close(capture->dumper);
        pcap_close(capture->pcap);
    }
    free(capture);
}

enum sim_linktype sim_capture_linktype(const struct sim_capture *capture)
{
    return capture->options.linktype;
}

static void write_record(struct sim_capture *capture, sim_ns at, const uint8_t *bytes,
                         size_t length)
{
    struct pcap_pkthdr header = {.len = (uint32_t)length, .caplen = (uint32_t)length};

    if (capture->options.pcapng) {
        write_packet_block(capture, at, bytes, length, NULL);
        return;
    }
    if (capture->options.snaplen && header.caplen > capture->options.snaplen)
        header.caplen = capture->options.snaplen;
    header.ts.tv_sec = at / SIM_S;
    header.ts.tv_usec = capture->options.nanoseconds ? at % SIM_S : at % SIM_S / SIM_US;
    pcap_dump((u_char *)capture->dumper, &header, bytes);
    /* A recorder that is stopped at any moment leaves whole records. */
    pcap_dump_flush(capture->dumper);
}

void sim_write_rtac(struct sim_capture *capture, sim_ns at, enum sim_rtac event, uint8_t lines,
                    const uint8_t *bytes, size_t length)
{
    uint8_t record[12 + 4096] = {0};

    sim_put_be32(record, (uint32_t)(at / SIM_S));
    sim_put_be32(record + 4, (uint32_t)(at % SIM_S / SIM_US));
    record[8] = (uint8_t)event;
    record[9] = lines;
    if (length)
        memcpy(record + 12, bytes, length);
    write_record(capture, at, record, 12 + length);
}

void sim_write_rtac_comment(struct sim_capture *capture, sim_ns at, uint8_t lines,
                            const char *comment)
{
    uint8_t record[12] = {0};

    sim_put_be32(record, (uint32_t)(at / SIM_S));
    sim_put_be32(record + 4, (uint32_t)(at % SIM_S / SIM_US));
    record[8] = RTAC_STATUS;
    record[9] = lines;
    if (capture->options.pcapng)
        write_packet_block(capture, at, record, sizeof(record), comment);
    else
        write_record(capture, at, record, sizeof(record));
}

/** Host order, as the kernel writes usbmon's fields. */
static void put_native(uint8_t *at, const void *value, size_t length)
{
    memcpy(at, value, length);
}

static void write_usbmon(struct sim_capture *capture, const struct sim_usb_record *usb)
{
    uint8_t record[RECORD_MAX] = {0};
    size_t header = capture->options.linktype == SIM_USBMON ? 48 : 64;
    bool in = (usb->endpoint & 0x80) != 0;
    uint32_t captured = usb->data ? usb->length : 0;
    int64_t seconds = usb->at / SIM_S;
    int32_t microseconds = (int32_t)(usb->at % SIM_S / SIM_US);
    int32_t status = usb->completion ? (int32_t)usb->status : -115;

    put_native(record, &usb->id, 8);
    record[8] = usb->completion ? 'C' : 'S';
    record[9] = (uint8_t)usb->transfer;
    record[10] = usb->endpoint;
    record[11] = usb->device;
    put_native(record + 12, &usb->bus, 2);
    record[14] = usb->setup ? 0 : '-';
    if (!usb->data)
        record[15] = (usb->completion == in) ? 0 : in ? '<' : '>';
    put_native(record + 16, &seconds, 8);
    put_native(record + 24, &microseconds, 4);
    put_native(record + 28, &status, 4);
    put_native(record + 32, &usb->length, 4);
    put_native(record + 36, &captured, 4);
    if (usb->setup)
        memcpy(record + 40, usb->setup, 8);
    if (usb->data)
        memcpy(record + header, usb->data, usb->length);
    write_record(capture, usb->at, record, header + captured);
}

static uint32_t usbd_status(enum sim_usb_status status)
{
    switch (status) {
    case USB_OK:
        return 0x00000000;
    case USB_CANCELLED:
        return 0xC0010000;
    case USB_STALLED:
        return 0xC0000004;
    case USB_PROTOCOL_ERROR:
        return 0xC0000011;
    case USB_BABBLE:
        return 0xC0000012;
    case USB_SHORT_READ:
        return 0xC0000009;
    case USB_GONE:
        return 0xC0007000;
    case USB_TIMEOUT:
        return 0xC0006000;
    }
    return 0x80000000;
}

static void write_usbpcap(struct sim_capture *capture, const struct sim_usb_record *usb)
{
    uint8_t record[RECORD_MAX] = {0};
    bool control = usb->transfer == USB_CONTROL;
    size_t header = control ? 28 : 27;
    size_t length = 0;

    if (usb->setup) {
        memcpy(record + header, usb->setup, 8);
        length = 8;
    }
    if (usb->data) {
        memcpy(record + header + length, usb->data, usb->length);
        length += usb->length;
    }
    sim_put_le16(record, (uint16_t)header);
    sim_put_le32(record + 2, (uint32_t)usb->id);
    sim_put_le32(record + 6, (uint32_t)(usb->id >> 32));
    sim_put_le32(record + 10, usb->completion ? usbd_status(usb->status) : 0);
    /* URB functions: class or vendor request 0x1B, bulk or interrupt transfer 0x09. */
    sim_put_le16(record + 14, control ? 0x001B : 0x0009);
    record[16] = usb->completion ? 1 : 0;
    sim_put_le16(record + 17, usb->bus);
    sim_put_le16(record + 19, usb->device);
    record[21] = usb->endpoint;
    record[22] = (uint8_t)usb->transfer;
    sim_put_le32(record + 23, (uint32_t)length);
    if (control)
        record[27] = usb->completion ? 3 : 0;
    write_record(capture, usb->at, record, header + length);
}

static uint32_t io_return(enum sim_usb_status status)
{
    switch (status) {
    case USB_OK:
        return 0x00000000;
    case USB_CANCELLED:
        return 0xE00002EB; /* aborted */
    case USB_STALLED:
        return 0xE0005000;
    case USB_PROTOCOL_ERROR:
        return 0xE00002ED; /* not responding */
    case USB_BABBLE:
        return 0xE00002E8; /* overrun */
    case USB_SHORT_READ:
        return 0xE00002E7; /* underrun */
    case USB_GONE:
        return 0xE00002C0; /* no device */
    case USB_TIMEOUT:
        return 0xE0004051;
    }
    return 0xE00002BC; /* general error */
}

/** The place of a submission's data; a new one where there is none. */
static struct sent *sent_of(struct sim_capture *capture, uint64_t id)
{
    struct sent *vacant = NULL;

    for (size_t i = 0; i < SENT_MAX; i++) {
        if (capture->sent[i].id == id)
            return &capture->sent[i];
        if (capture->sent[i].id == 0)
            vacant = &capture->sent[i];
    }
    if (!vacant)
        die("capture", "more transfers at once than can be kept");
    *vacant = (struct sent){.id = id};
    return vacant;
}

static void write_darwin(struct sim_capture *capture, const struct sim_usb_record *usb)
{
    static const uint8_t types[] = {[USB_INTERRUPT] = 3, [USB_CONTROL] = 0, [USB_BULK] = 2};
    uint8_t record[RECORD_MAX] = {0};
    struct sent *sent = sent_of(capture, usb->id);
    size_t length = 32;

    record[1] = 0x01; /* version 1.00 */
    record[2] = 32;
    record[3] = usb->completion ? 1 : 0;
    sim_put_le32(record + 4, usb->length);
    sim_put_le32(record + 8, usb->completion ? io_return(usb->status) : 0);
    sim_put_le32(record + 16, (uint32_t)usb->id);
    sim_put_le32(record + 20, (uint32_t)(usb->id >> 32));
    sim_put_le32(record + 24, (uint32_t)usb->bus << 24 | 0x00200000);
    record[28] = 1; /* full speed */
    record[29] = usb->device;
    record[30] = usb->endpoint;
    record[31] = types[usb->transfer];
    if (usb->setup) {
        memcpy(record + length, usb->setup, 8);
        length += 8;
    }
    if (usb->data && !usb->completion) {
        sent->length = usb->length;
        memcpy(sent->data, usb->data, usb->length);
    } else if (usb->data) {
        memcpy(record + length, usb->data, usb->length);
        length += usb->length;
    } else if (usb->completion) {
        memcpy(record + length, sent->data,
               usb->length < sent->length ? usb->length : sent->length);
        length += usb->length < sent->length ? usb->length : sent->length;
    }
    if (usb->completion)
        sent->id = 0;
    write_record(capture, usb->at, record, length);
}

static void write_packet(void *context, sim_ns at, const uint8_t *bytes, size_t length)
{
    write_record(context, at, bytes, length);
}

/** The whole transfer stands where it ends. */
static void write_cable(struct sim_capture *capture, const struct sim_usb_record *usb)
{
    struct sent *sent = sent_of(capture, usb->id);

    if (!usb->completion) {
        sent->usb = *usb;
        sent->length = usb->data ? usb->length : 0;
        if (usb->data)
            memcpy(sent->data, usb->data, usb->length);
        if (usb->setup) {
            memcpy(sent->setup, usb->setup, 8);
            sent->usb.setup = sent->setup;
        }
        return;
    }
    if (usb->data)
        sim_cable_transfer(&capture->cable, &sent->usb, usb, usb->data, usb->length, write_packet,
                           capture);
    else
        sim_cable_transfer(&capture->cable, &sent->usb, usb, sent->data, sent->length, write_packet,
                           capture);
    sent->id = 0;
}

void sim_write_usb(struct sim_capture *capture, const struct sim_usb_record *record)
{
    if (capture->options.linktype == SIM_DARWIN)
        write_darwin(capture, record);
    else if (capture->options.linktype == SIM_USB_2_0)
        write_cable(capture, record);
    else if (capture->options.linktype == SIM_USBPCAP)
        write_usbpcap(capture, record);
    else
        write_usbmon(capture, record);
}

static void write_candump(struct sim_capture *capture, sim_ns at, const struct sim_can_frame *frame)
{
    fprintf(capture->file, "(%" PRId64 ".%06" PRId64 ") can0 ", at / SIM_S, at % SIM_S / SIM_US);
    fprintf(capture->file, frame->extended || frame->error ? "%08" PRIX32 : "%03" PRIX32,
            frame->id | (frame->error ? 0x20000000u : 0));
    fprintf(capture->file, frame->fd ? "##%X" : "#", frame->rate_switch ? 1u : 0u);
    for (size_t i = 0; i < frame->length; i++)
        fprintf(capture->file, "%02X", frame->data[i]);
    fputc('\n', capture->file);
}

/** The kernel's struct can_frame or canfd_frame; returns its length. */
static size_t fill_can(const struct sim_capture *capture, uint8_t *at,
                       const struct sim_can_frame *frame, bool big_endian_id)
{
    uint32_t id =
        frame->id | (frame->extended ? 0x80000000u : 0) | (frame->error ? 0x20000000u : 0);

    if (big_endian_id)
        sim_put_be32(at, id);
    else
        put_native(at, &id, 4);
    at[4] = frame->length;
    if (frame->fd && !capture->options.without_can_flags)
        at[5] = (uint8_t)(0x04 | (frame->rate_switch ? 0x01 : 0));
    memcpy(at + 8, frame->data, frame->length);
    if (capture->options.payload_only)
        return 8u + frame->length;
    return frame->fd ? 72 : 16;
}

void sim_write_can(struct sim_capture *capture, sim_ns at, const struct sim_can_frame *frame)
{
    uint8_t record[20 + 72] = {0};
    uint16_t protocol = frame->fd ? 0x000D : 0x000C;

    switch (capture->options.linktype) {
    case SIM_CANDUMP:
        write_candump(capture, at, frame);
        break;
    case SIM_SLL:
        sim_put_be16(record, 1);       /* broadcast: what Linux gives every CAN frame */
        sim_put_be16(record + 2, 280); /* ARPHRD_CAN */
        sim_put_be16(record + 14, protocol);
        write_record(capture, at, record, 16 + fill_can(capture, record + 16, frame, false));
        break;
    case SIM_SLL2:
        sim_put_be16(record, protocol);
        sim_put_be32(record + 4, 3);
        sim_put_be16(record + 8, 280);
        record[10] = 1;
        write_record(capture, at, record, 20 + fill_can(capture, record + 20, frame, false));
        break;
    default:
        write_record(capture, at, record, fill_can(capture, record, frame, true));
        break;
    }
}
