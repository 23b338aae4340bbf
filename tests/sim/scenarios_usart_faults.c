/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USART sessions in which something goes wrong: the device, the line, the host or the recorder.
 */
#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u

static struct usart_host *begin_with(const char *path, const char *product,
                                     struct usart_device_config config)
{
    struct usart_host *host = usart_session_begin(path, product, config, RTAC_BOTH);

    usart_host_open(host);
    return host;
}

static struct usart_host *begin_fault(const char *path, struct usart_fault fault)
{
    const struct usart_device_config config = {.faults_length = 1, .faults = {fault}};
    return begin_with(path, "f405", config);
}

static void send(struct usart_host *host, const uint8_t *bytes, size_t length)
{
    usart_host_send(host, bytes, length);
    usart_host_acknowledged(host);
}

#define SEND(host, ...)                                                                            \
    send(host, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void two_nacks(const char *path)
{
    const struct usart_device_config config = {.read_protected = true, .two_nacks = true};
    struct usart_host *host = begin_with(path, "f405", config);

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_id(host);
    usart_host_read(host, FLASH, 4);
    usart_host_drain(host, 10 * SIM_MS);
    usart_host_special_erase(host, 0xFFFF);
    usart_host_drain(host, 10 * SIM_MS);
    usart_session_end();
}

/** A NACK for every reason that a host can give, at each phase. */
static void nack_phases(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "u575", config);

    usart_host_sync(host);
    usart_host_get(host);
    SEND(host, 0x99, 0x66);         /* unknown command */
    SEND(host, 0x11, 0xEF);         /* complement wrong by one bit */
    usart_host_command(host, 0x11); /* read: address checksum wrong */
    SEND(host, 0x08, 0x00, 0x00, 0x00, 0x09);
    usart_host_read(host, 0x60000000, 4); /* no memory there */
    usart_host_command(host, 0x11);       /* length and complement: seen on L151 */
    usart_host_address(host, FLASH);
    SEND(host, 0x03, 0xFD);
    usart_host_go(host, 0x40000000); /* no memory there */
    usart_host_command(host, 0x31);  /* write: data checksum wrong */
    usart_host_address(host, FLASH);
    SEND(host, 0x03, 0x11, 0x22, 0x33, 0x44, 0x48); /* 03^11^22^33^44 = 47 */
    usart_host_command(host, 0x44);                 /* erase: list checksum wrong */
    SEND(host, 0x00, 0x00, 0x00, 0x05, 0x04);
    usart_host_command(host, 0x63); /* sectors: checksum wrong */
    SEND(host, 0x00, 0x02, 0x03);
    usart_host_command(host, 0xA1); /* checksum over nothing */
    usart_host_address(host, FLASH);
    SEND(host, 0x00, 0x00, 0x00, 0x00, 0x00);
    usart_host_command(host, 0xA1); /* polynomial: checksum wrong */
    usart_host_address(host, FLASH);
    SEND(host, 0x00, 0x00, 0x00, 0x01, 0x01);
    SEND(host, 0x04, 0xC1, 0x1D, 0xB7, 0x00); /* 04^C1^1D^B7 = 6F */
    usart_host_command(host, 0xA1);           /* initial value: checksum wrong */
    usart_host_address(host, FLASH);
    SEND(host, 0x00, 0x00, 0x00, 0x01, 0x01);
    SEND(host, 0x04, 0xC1, 0x1D, 0xB7, 0x6F);
    SEND(host, 0xFF, 0xFF, 0xFF, 0xFF, 0x01);
    usart_host_command(host, 0x50); /* sub-command: checksum wrong */
    SEND(host, 0x00, 0x01, 0x00);
    usart_session_end();
}

/** The device is asked for an erase that it cannot do, and for one that its options forbid. */
static void erase_refused(const char *path)
{
    struct usart_host *host = begin_fault(
        path, (struct usart_fault){.kind = USART_NACK, .opcode = 0x44, .phase = USART_DATA});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_special_erase(host, 0xFFFF);
    usart_host_extended_erase(host, 0, 3);
    usart_session_end();
}

/** AN3155 table 3: Read of 0x60000000 is left without a NACK, its length is the next command. */
static void nack_missing(const char *path)
{
    const struct usart_device_config config = {.version = 0x30, .nack_missing = true};
    struct usart_host *host = begin_with(path, "f405", config);

    usart_host_sync(host);
    usart_host_get(host);
    host->timeout = 200 * SIM_MS;
    usart_host_command(host, 0x11);
    usart_host_address(host, 0x60000000); /* silence */
    SEND(host, 0x0F, 0xF0);               /* 16 bytes: taken as command 0x0F, NACK */
    usart_host_get_id(host);
    usart_session_end();
}

/** stm32flash's and stm32loader's way: the second 0x7F is NACKed, so the device is there. */
static void already_synced(const char *path)
{
    const struct usart_device_config config = {.synchronised = true};
    struct usart_host *host = begin_with(path, "f405", config);

    host->timeout = 500 * SIM_MS;
    usart_host_sync(host); /* silence */
    usart_host_sync(host); /* NACK */
    usart_host_get(host);
    usart_session_end();
}

/** The tool is started again, the device is not: it takes 7F and Get's first byte for a command. */
static void misaligned(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);

    host->timeout = 200 * SIM_MS;
    usart_host_sync(host);
    usart_host_get_id(host);
    usart_host_wait(host, 2 * SIM_S);
    usart_host_sync(host); /* silence: half a command */
    usart_host_get(host);  /* 7F 00: NACK, and FF is half a command */
    usart_host_sync(host); /* FF 7F: NACK */
    usart_host_get(host);
    usart_session_end();
}

static void glitch(const char *path)
{
    struct usart_host *host =
        begin_fault(path, (struct usart_fault){.kind = USART_GLITCH, .phase = USART_SYNC});

    usart_host_sync(host);
    usart_host_drain(host, 10 * SIM_MS);
    usart_host_get_id(host);
    usart_session_end();
}

static void bad_reply(const char *path)
{
    struct usart_host *host = begin_fault(path, (struct usart_fault){.kind = USART_GARBAGE,
                                                                     .opcode = 0x31,
                                                                     .phase = USART_ADDRESS,
                                                                     .times = 1,
                                                                     .byte = 0x55});
    static const uint8_t words[] = {1, 2, 3, 4};

    usart_host_sync(host);
    usart_host_get_id(host);
    usart_host_write(host, FLASH, words, sizeof(words));
    usart_host_wait(host, 100 * SIM_MS);
    usart_host_write(host, FLASH, words, sizeof(words));
    usart_session_end();
}

/** Nobody there: the host tries three times. */
static void no_reply(const char *path)
{
    struct usart_host *host =
        begin_fault(path, (struct usart_fault){.kind = USART_SILENCE, .phase = USART_SYNC});

    for (int i = 0; i < 3; i++)
        usart_host_sync(host);
    usart_session_end();
}

/** The device stays silent after an address once; the host starts the command anew. */
static void retry(const char *path)
{
    struct usart_host *host = begin_fault(
        path, (struct usart_fault){
                  .kind = USART_SILENCE, .opcode = 0x11, .phase = USART_ADDRESS, .times = 1});

    usart_host_sync(host);
    usart_host_read(host, FLASH, 16);
    usart_host_read(host, FLASH, 16);
    usart_session_end();
}

/** The ACK of a mass erase comes after the host gave up waiting. */
static void late_answer(const char *path)
{
    struct usart_host *host = begin_fault(
        path, (struct usart_fault){
                  .kind = USART_LATE, .opcode = 0x44, .phase = USART_DATA, .delay_us = 9000000});

    usart_host_sync(host);
    host->timeout = 5 * SIM_S;
    usart_host_special_erase(host, 0xFFFF);
    usart_host_sync(host); /* given up, tries from the start: half a command, no answer */
    usart_host_sync(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** The same with the next command sent before the answer comes. */
static void late_answer_to_next(const char *path)
{
    struct usart_host *host = begin_fault(
        path, (struct usart_fault){
                  .kind = USART_LATE, .opcode = 0x44, .phase = USART_DATA, .delay_us = 9000000});

    usart_host_sync(host);
    host->timeout = 5 * SIM_S;
    usart_host_special_erase(host, 0xFFFF);
    usart_host_command(host, 0x02); /* takes the erase's ACK for its own */
    usart_host_drain(host, 1 * SIM_S);
    usart_host_get_id(host);
    usart_session_end();
}

static void surplus(const char *path)
{
    struct usart_host *host = begin_fault(
        path, (struct usart_fault){
                  .kind = USART_SURPLUS, .opcode = 0x31, .phase = USART_DATA, .byte = 0x79});
    static const uint8_t words[] = {1, 2, 3, 4};

    usart_host_sync(host);
    usart_host_write(host, FLASH, words, sizeof(words));
    usart_host_drain(host, 1 * SIM_MS);
    usart_host_get_id(host);
    usart_session_end();
}

static void short_reply(const char *path)
{
    const struct usart_device_config config = {
        .short_checksum = true,
        .faults_length = 2,
        .faults = {{.kind = USART_SHORT, .opcode = 0x11, .phase = USART_REPLY, .byte = 6},
                   {.kind = USART_WRONG, .opcode = 0xA1, .phase = USART_REPLY, .byte = 0x01}}};
    struct usart_host *host = begin_with(path, "u575", config);

    usart_host_sync(host);
    usart_host_read(host, FLASH, 16); /* 10 of 16 bytes */
    usart_host_checksum(host, FLASH, 4, false);
    usart_host_get_id(host);
    usart_session_end();
}

static void echo(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);
    static const uint8_t words[] = {0xA5, 0x5A, 0x3C, 0xC3};

    host->echo = true;
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_id(host);
    usart_host_write(host, FLASH, words, sizeof(words));
    usart_host_read(host, FLASH, sizeof(words));
    usart_session_end();
}

/** An application runs: it prints its prompt at every byte. */
static void application(const char *path)
{
    const struct usart_device_config config = {.application = true, .text = "? unknown\r\n"};
    struct usart_host *host = begin_with(path, "f405", config);

    for (int i = 0; i < 2; i++) {
        usart_host_sync(host);
        usart_host_drain(host, 100 * SIM_MS);
    }
    usart_session_end();
}

/** The receiver of the host's port reports errors; the recorder loses bytes. */
static void line_errors(const char *path)
{
    static const enum serial_error errors[] = {SERIAL_PARITY, SERIAL_FRAMING, SERIAL_OVERRUN,
                                               SERIAL_BREAK, SERIAL_LOST};
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);

    usart_host_sync(host);
    for (size_t i = 0; i < SIM_COUNT(errors); i++) {
        host->wire->error(host->wire, host->clock.now, errors[i]);
        usart_host_wait(host, 5 * SIM_MS);
        usart_host_get_id(host);
    }
    usart_session_end();
}

/**
 * The adapter loses 3 of 16 bytes: the device goes on waiting and takes the next command's bytes
 * for data.
 */
static struct usart_host *begin_short(const char *path, sim_ns timeout)
{
    static const uint8_t cut[] = {0x0F, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);

    host->timeout = timeout;
    usart_host_sync(host);
    usart_host_command(host, 0x31);
    usart_host_address(host, FLASH);
    send(host, cut, sizeof(cut)); /* silence */
    usart_host_get_id(host);      /* 02 FD: data, silence */
    return host;
}

/** Then the sum is wrong. */
static void data_short(const char *path)
{
    struct usart_host *host = begin_short(path, 300 * SIM_MS);

    usart_host_get_id(host); /* 02: data; FD: the sum, which should be FE: NACK */
    usart_host_get_id(host);
    usart_session_end();
}

/** The same, and the host gives up after one command. */
static void data_short_last(const char *path)
{
    begin_short(path, 500 * SIM_MS);
    usart_session_end();
}

/** A bit flips between host and device: the sum is right in the capture, NACKed all the same. */
static void flipped_bit(const char *path)
{
    /* Byte 20 of the host: 7F, 31 CE, 08 00 00 00 08, 0F, then data. */
    const struct usart_device_config config = {.flip_at = 20, .flip_mask = 0x10};
    struct usart_host *host = begin_with(path, "f405", config);
    uint8_t data[16];

    sim_firmware(data, sizeof(data));
    usart_host_sync(host);
    usart_host_write(host, FLASH, data, sizeof(data)); /* NACK */
    usart_host_write(host, FLASH, data, sizeof(data));
    usart_session_end();
}

/** The recorder misses 8 bytes of a block that the device got whole. */
static void bytes_missing(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);
    uint8_t group[18] = {0x0F};

    sim_firmware(group + 1, 16);
    group[17] = sim_xor(group, 17);
    usart_host_sync(host);
    usart_host_command(host, 0x31);
    usart_host_address(host, FLASH);
    host->unrecorded = 8;
    send(host, group, sizeof(group));
    usart_host_get_id(host);
    usart_session_end();
}

/** Somebody types on the line in the middle of a session. */
static void out_of_step(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);
    struct serial_wire *wire = host->wire;
    static const uint8_t noise[] = {0x0D, 0x61, 0x62, 0x63, 0x0D, 0x33, 0x80};

    usart_host_sync(host);
    usart_host_get_id(host);
    wire->transmit(wire, host->clock.now, noise, sizeof(noise)); /* the device does not get it */
    usart_host_wait(host, 500 * SIM_MS);
    usart_host_get_id(host);
    usart_host_get_version(host);
    usart_session_end();
}

/** Verify fails: nothing was erased, so old and new bits are mixed. */
static void not_erased(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);
    static const uint8_t old[] = {0xF0, 0xF0, 0xF0, 0xF0};
    static const uint8_t new[] = {0x3C, 0x3C, 0x3C, 0x3C};

    usart_host_sync(host);
    usart_host_write(host, FLASH, old, sizeof(old));
    usart_host_write(host, FLASH, new, sizeof(new));
    usart_host_read(host, FLASH, sizeof(new)); /* 30 30 30 30 */
    usart_session_end();
}

/** A length that is no multiple of 4 (AN3155 figure 12, note 2). */
static void unaligned(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = begin_with(path, "f405", config);
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7};

    usart_host_sync(host);
    usart_host_write(host, FLASH, data, sizeof(data));
    usart_session_end();
}

const struct scenario usart_fault_scenarios[] = {
    {"usart-two-nacks.pcap", two_nacks},
    {"usart-nack-phases.pcap", nack_phases},
    {"usart-erase-refused.pcap", erase_refused},
    {"usart-nack-missing.pcap", nack_missing},
    {"usart-already-synced.pcap", already_synced},
    {"usart-misaligned.pcap", misaligned},
    {"usart-glitch.pcap", glitch},
    {"usart-bad-reply.pcap", bad_reply},
    {"usart-no-reply.pcap", no_reply},
    {"usart-retry.pcap", retry},
    {"usart-late-answer.pcap", late_answer},
    {"usart-late-answer-to-next.pcap", late_answer_to_next},
    {"usart-surplus.pcap", surplus},
    {"usart-short-reply.pcap", short_reply},
    {"usart-echo.pcap", echo},
    {"usart-application.pcap", application},
    {"usart-line-errors.pcap", line_errors},
    {"usart-data-short.pcap", data_short},
    {"usart-data-short-last.pcap", data_short_last},
    {"usart-flipped-bit.pcap", flipped_bit},
    {"usart-bytes-missing.pcap", bytes_missing},
    {"usart-out-of-step.pcap", out_of_step},
    {"usart-not-erased.pcap", not_erased},
    {"usart-unaligned.pcap", unaligned},
    {NULL, NULL},
};
