/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USART sessions that go well, and the forms of each command.
 */
#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u

enum { WRITE_UNPROTECT = 0x73, READOUT_PROTECT = 0x82, READOUT_UNPROTECT = 0x92 };

static struct usart_host *begin(const char *path, const char *product)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = usart_session_begin(path, product, config, RTAC_BOTH);

    usart_host_open(host);
    return host;
}

static void identify(struct usart_host *host)
{
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_version(host);
    usart_host_get_id(host);
}

/** CubeProgrammer's way in: no Get Version, one byte read at the start of flash. */
static void connect(const char *path)
{
    struct usart_host *host = begin(path, "f405");

    usart_host_sync(host);
    usart_host_get_id(host);
    usart_host_get(host);
    usart_host_read(host, FLASH, 1);
    usart_session_end();
}

/** Erase, write, read back, start: 1000 bytes, so that the last block is short. */
static void flash_with(struct usart_host *host, bool extended)
{
    uint8_t firmware[1000];

    sim_firmware(firmware, sizeof(firmware));
    identify(host);
    if (extended)
        usart_host_extended_erase(host, 0, 0);
    else
        usart_host_erase(host, 0, 0);
    for (uint32_t at = 0; at < sizeof(firmware); at += 256)
        usart_host_write(host, FLASH + at, firmware + at,
                         sizeof(firmware) - at < 256 ? sizeof(firmware) - at : 256);
    for (uint32_t at = 0; at < sizeof(firmware); at += 256)
        usart_host_read(host, FLASH + at,
                        sizeof(firmware) - at < 256 ? sizeof(firmware) - at : 256);
    usart_host_go(host, FLASH);
}

static void flash_f103(const char *path)
{
    flash_with(begin(path, "f103"), false);
    usart_session_end();
}

static void flash_f405(const char *path)
{
    flash_with(begin(path, "f405"), true);
    usart_session_end();
}

static void swapped(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = usart_session_begin(path, "g071", config, RTAC_SWAPPED);

    usart_host_open(host);
    flash_with(host, true);
    usart_session_end();
}

static void merged(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host = usart_session_begin(path, "g071", config, RTAC_MERGED);

    usart_host_open(host);
    flash_with(host, true);
    usart_session_end();
}

static void erase_forms(const char *path)
{
    struct usart_host *host = begin(path, "l476");

    usart_host_sync(host);
    usart_host_extended_erase(host, 3, 7);
    usart_host_special_erase(host, 0xFFFE);
    usart_host_special_erase(host, 0xFFFD);
    usart_host_special_erase(host, 0xFFFF);
    usart_host_special_erase(host, 0xFFF0); /* reserved: NACK */
    usart_session_end();
}

static void erase_f103(const char *path)
{
    static const uint8_t everything[] = {0xFF, 0x00};
    static const uint8_t nothing[] = {0xFF, 0x55};
    struct usart_host *host = begin(path, "f103");

    usart_host_sync(host);
    usart_host_erase(host, 16, 19);
    usart_host_command(host, 0x43);
    usart_host_send(host, everything, sizeof(everything));
    usart_host_acknowledged(host);
    usart_host_command(host, 0x43);
    usart_host_send(host, nothing, sizeof(nothing));
    usart_host_acknowledged(host);
    usart_session_end();
}

/** FF 55 erases nothing: what is written then mixes with what was there. */
static void erase_not_performed(const char *path)
{
    static const uint8_t nothing[] = {0xFF, 0x55};
    static const uint8_t old[] = {0xF0, 0xF0, 0xF0, 0xF0};
    static const uint8_t new[] = {0x3C, 0x3C, 0x3C, 0x3C};
    struct usart_host *host = begin(path, "f103");

    sim_memory_write(&host->device->memory, FLASH, old, sizeof(old));
    identify(host);
    usart_host_command(host, 0x43);
    usart_host_send(host, nothing, sizeof(nothing));
    usart_host_acknowledged(host);
    usart_host_write(host, FLASH, new, sizeof(new));
    usart_host_read(host, FLASH, sizeof(new)); /* 30 30 30 30 */
    usart_session_end();
}

static void write_and_read_back(struct usart_host *host)
{
    uint8_t firmware[256];

    sim_firmware(firmware, sizeof(firmware));
    usart_host_write(host, FLASH, firmware, sizeof(firmware));
    usart_host_read(host, FLASH, sizeof(firmware));
}

/** Removing the read protection is what erases. */
static void unprotect_write(const char *path)
{
    const struct usart_device_config config = {.read_protected = true};
    struct usart_host *host = usart_session_begin(path, "f103", config, RTAC_BOTH);

    usart_host_open(host);
    identify(host);
    usart_host_protection(host, READOUT_UNPROTECT);
    usart_host_wait(host, 50 * SIM_MS);
    usart_host_sync(host);
    write_and_read_back(host);
    usart_session_end();
}

static void bank_erase(const char *path)
{
    struct usart_host *host = begin(path, "l476");

    identify(host);
    usart_host_special_erase(host, 0xFFFE);
    write_and_read_back(host);
    usart_session_end();
}

static void protection(const char *path)
{
    struct usart_host *host = begin(path, "f405");

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_write_protect(host, 0, 2);
    usart_host_wait(host, 50 * SIM_MS);
    usart_host_sync(host);
    usart_host_protection(host, WRITE_UNPROTECT);
    usart_host_wait(host, 50 * SIM_MS);
    usart_host_sync(host);
    usart_host_protection(host, READOUT_PROTECT);
    usart_host_wait(host, 50 * SIM_MS);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_read(host, FLASH, 256); /* NACK at once */
    usart_host_protection(host, READOUT_UNPROTECT);
    usart_host_wait(host, 50 * SIM_MS);
    usart_host_sync(host);
    usart_host_read(host, FLASH, 16);
    usart_session_end();
}

static void checksum_with(const char *path, bool full, bool one_ack)
{
    const struct usart_device_config config = {.short_checksum = !full,
                                               .one_checksum_ack = one_ack};
    struct usart_host *host = usart_session_begin(path, "u575", config, RTAC_BOTH);

    usart_host_open(host);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_checksum(host, FLASH, 256, full);
    usart_host_get_id(host);
    usart_session_end();
}

static void checksum(const char *path)
{
    checksum_with(path, true, false);
}

static void checksum_one_ack(const char *path)
{
    checksum_with(path, true, true);
}

static void special(const char *path)
{
    static const uint8_t data[] = {0xDE, 0xAD, 0xBE, 0xEF};
    uint8_t packet[300];
    struct usart_host *host = begin(path, "u575");

    sim_firmware(packet, sizeof(packet));
    usart_host_sync(host);
    usart_host_special(host, 0x0001, data, sizeof(data));
    usart_host_special(host, 0x0001, data, 0);
    usart_host_special(host, 0x1234, data, sizeof(data)); /* no such sub-command */
    usart_host_extended_special(host, 0x0001, data, sizeof(data), packet, sizeof(packet));
    usart_session_end();
}

/** Special with more than 128 bytes: NACK as soon as the size is told. */
static void special_too_long(const char *path)
{
    static const uint8_t subcommand[] = {0x00, 0x01, 0x01};
    static const uint8_t size[] = {0x00, 0x81};
    struct usart_host *host = begin(path, "u575");

    usart_host_sync(host);
    usart_host_command(host, 0x50);
    usart_host_send(host, subcommand, sizeof(subcommand));
    usart_host_acknowledged(host);
    usart_host_send(host, size, sizeof(size));
    usart_host_acknowledged(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** GD32VW553: no Get Version and Get ID, a command of its own. */
static void gd32vw(const char *path)
{
    uint8_t reply[6];
    struct usart_host *host = begin(path, "gd32vw");

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_command(host, 0x06);
    usart_host_receive(host, reply, sizeof(reply));
    usart_host_read(host, FLASH, 240);
    usart_session_end();
}

/** The recorder starts while a flash is under way. */
static void midstream(const char *path)
{
    static const uint8_t first[] = {0x03, 0x11, 0x22, 0x33, 0x44, 0x47};
    static const uint8_t second[] = {0x55, 0x66, 0x77, 0x88};
    struct usart_host *host = begin(path, "f405");
    struct rtac_wire *recorder = &usart_session()->rtac;

    recorder->off = true;
    identify(host);
    usart_host_command(host, 0x31);
    recorder->off = false;
    usart_host_address(host, FLASH);
    usart_host_send(host, first, sizeof(first));
    usart_host_acknowledged(host);
    usart_host_write(host, FLASH + 4, second, sizeof(second));
    usart_host_read(host, FLASH, 8);
    usart_session_end();
}

/** The recorder stops in the middle of a Write Memory. */
static void incomplete(const char *path)
{
    static const uint8_t some[] = {0xFF, 0x01, 0x02, 0x03};
    struct usart_host *host = begin(path, "f405");

    usart_host_sync(host);
    usart_host_command(host, 0x31);
    usart_host_address(host, FLASH);
    usart_host_send(host, some, sizeof(some));
    usart_session_end();
}

const struct scenario usart_scenarios[] = {
    {"usart-connect.pcap", connect},
    {"usart-flash-f103.pcap", flash_f103},
    {"usart-flash-f405.pcap", flash_f405},
    {"usart-swapped.pcap", swapped},
    {"usart-merged.pcap", merged},
    {"usart-erase-forms.pcap", erase_forms},
    {"usart-erase-f103.pcap", erase_f103},
    {"usart-protection.pcap", protection},
    {"usart-checksum.pcap", checksum},
    {"usart-checksum-one-ack.pcap", checksum_one_ack},
    {"usart-special.pcap", special},
    {"usart-special-too-long.pcap", special_too_long},
    {"usart-gd32vw.pcap", gd32vw},
    {"usart-midstream.pcap", midstream},
    {"usart-incomplete.pcap", incomplete},
    {"usart-erase-not-performed.pcap", erase_not_performed},
    {"usart-unprotect-write.pcap", unprotect_write},
    {"usart-bank-erase.pcap", bank_erase},
    {NULL, NULL},
};
