/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USART sessions through each of the USB-serial adapters, as usbmon and USBPcap record them.
 */
#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u

/** Sync, identification, erase, and the first block of a firmware. */
static void begin_flash(struct usart_host *host, uint8_t firmware[300])
{
    sim_firmware(firmware, 300);
    usart_host_open(host);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_id(host);
    usart_host_extended_erase(host, 0, 0);
    usart_host_write(host, FLASH, firmware, 256);
}

/** The whole, with a short second block, read back, start. */
static void flash(struct usart_host *host)
{
    uint8_t firmware[300];

    begin_flash(host, firmware);
    usart_host_write(host, FLASH + 256, firmware + 256, 44);
    usart_host_read(host, FLASH, 256);
    usart_host_read(host, FLASH + 256, 44);
    usart_host_go(host, FLASH);
}

static void flash_through(const char *path, enum adapter_kind kind, bool enumerated,
                          enum sim_linktype linktype)
{
    const struct usart_device_config config = {0};

    flash(usart_session_begin_usb(path, "g071", config, kind, enumerated, linktype));
    usart_session_end();
}

static void cdc_acm(const char *path)
{
    flash_through(path, ADAPTER_CDC_ACM, true, SIM_USBMON_MMAPPED);
}

static void ftdi(const char *path)
{
    flash_through(path, ADAPTER_FTDI, true, SIM_USBMON_MMAPPED);
}

static void cp210x(const char *path)
{
    flash_through(path, ADAPTER_CP210X, true, SIM_USBMON_MMAPPED);
}

static void ch34x(const char *path)
{
    flash_through(path, ADAPTER_CH34X, true, SIM_USBMON_MMAPPED);
}

static void pl2303(const char *path)
{
    flash_through(path, ADAPTER_PL2303, true, SIM_USBMON_MMAPPED);
}

/** usbmon started after the adapter was plugged in: no descriptor. */
static void ftdi_late(const char *path)
{
    flash_through(path, ADAPTER_FTDI, false, SIM_USBMON_MMAPPED);
}

static void cdc_acm_189(const char *path)
{
    flash_through(path, ADAPTER_CDC_ACM, false, SIM_USBMON);
}

static void ftdi_usbpcap(const char *path)
{
    flash_through(path, ADAPTER_FTDI, true, SIM_USBPCAP);
}

static void cp210x_darwin(const char *path)
{
    flash_through(path, ADAPTER_CP210X, false, SIM_DARWIN);
}

static void ftdi_packets(const char *path)
{
    flash_through(path, ADAPTER_FTDI, false, SIM_USB_2_0);
}

/** The port is opened as 8N1: sync works, then each command is refused after its first byte. */
static void ftdi_no_parity(const char *path)
{
    static const uint8_t get = 0x00;
    const struct usart_device_config config = {.wrong_parity = true};
    struct usart_host *host =
        usart_session_begin_usb(path, "g071", config, ADAPTER_FTDI, true, SIM_USBMON_MMAPPED);

    host->settings.parity = 'N';
    usart_host_open(host);
    usart_host_sync(host);
    usart_host_send(host, &get, 1);
    usart_host_acknowledged(host);
    usart_host_send(host, &get, 1);
    usart_host_acknowledged(host);
    usart_session_end();
}

/** Event mode: a parity error goes with its byte, and 0xEC in the data is escaped. */
static void cp210x_errors(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host =
        usart_session_begin_usb(path, "g071", config, ADAPTER_CP210X, true, SIM_USBMON_MMAPPED);
    static const uint8_t data[] = {0xEC, 0x00, 0xEC, 0xEC};

    usart_session()->adapter.error_events = true;
    usart_host_open(host);
    usart_host_sync(host);
    usart_host_write(host, FLASH, data, sizeof(data));
    usart_host_read(host, FLASH, sizeof(data));
    host->wire->error(host->wire, host->clock.now, SERIAL_PARITY);
    usart_host_get_id(host);
    usart_session_end();
}

/** A parity error in each adapter's own words, before a Get ID. */
static void error_through(const char *path, enum adapter_kind kind)
{
    const struct usart_device_config config = {0};
    struct usart_host *host =
        usart_session_begin_usb(path, "g071", config, kind, true, SIM_USBMON_MMAPPED);

    usart_host_open(host);
    usart_host_sync(host);
    host->wire->error(host->wire, host->clock.now, SERIAL_PARITY);
    usart_host_get_id(host);
    usart_session_end();
}

static void ftdi_errors(const char *path)
{
    error_through(path, ADAPTER_FTDI);
}

static void cdc_acm_errors(const char *path)
{
    error_through(path, ADAPTER_CDC_ACM);
}

static void ch34x_errors(const char *path)
{
    error_through(path, ADAPTER_CH34X);
}

static void pl2303_errors(const char *path)
{
    error_through(path, ADAPTER_PL2303);
}

/** The adapter leaves the bus in the middle of the second block's data. */
static void ftdi_unplugged(const char *path)
{
    const struct usart_device_config config = {0};
    struct usart_host *host =
        usart_session_begin_usb(path, "g071", config, ADAPTER_FTDI, true, SIM_USBMON_MMAPPED);
    uint8_t firmware[300];

    begin_flash(host, firmware);
    usart_host_command(host, 0x31);
    usart_host_address(host, FLASH + 256);
    usart_host_send(host, (const uint8_t[]){43}, 1);
    usart_host_send(host, firmware + 256, 22);
    usart_host_wait(host, 3 * SIM_MS);
    adapter_wire_unplug(&usart_session()->adapter, host->clock.now);
    usart_session_end();
}

const struct scenario adapter_scenarios[] = {
    {"adapter-cdc-acm.pcap", cdc_acm},
    {"adapter-ftdi.pcap", ftdi},
    {"adapter-cp210x.pcap", cp210x},
    {"adapter-ch34x.pcap", ch34x},
    {"adapter-pl2303.pcap", pl2303},
    {"adapter-ftdi-late.pcap", ftdi_late},
    {"adapter-cdc-acm-189.pcap", cdc_acm_189},
    {"adapter-ftdi-usbpcap.pcap", ftdi_usbpcap},
    {"adapter-cp210x-darwin.pcap", cp210x_darwin},
    {"adapter-ftdi-packets.pcap", ftdi_packets},
    {"adapter-ftdi-no-parity.pcap", ftdi_no_parity},
    {"adapter-ftdi-unplugged.pcap", ftdi_unplugged},
    {"adapter-cp210x-errors.pcap", cp210x_errors},
    {"adapter-ftdi-errors.pcap", ftdi_errors},
    {"adapter-cdc-acm-errors.pcap", cdc_acm_errors},
    {"adapter-ch34x-errors.pcap", ch34x_errors},
    {"adapter-pl2303-errors.pcap", pl2303_errors},
    {NULL, NULL},
};
