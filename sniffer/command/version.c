/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap version: which boottap it is, and what it runs with.
 */
#include <libserialport.h>
#include <libusb.h>
#include <lzma.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

#include "base/exit_status.h"
#include "base/wrap.h"
#include "boottap/version.h"
#include "command/command.h"

#define TEXT_SIZE 512

int command_version(void)
{
    const struct libusb_version *usb = libusb_get_version();
    char text[TEXT_SIZE];

    printf("boottap %s\n", BTAP_VERSION);
    snprintf(text, sizeof(text),
             "with %s, libserialport %s, libusb %u.%u.%u, zlib %s, liblzma %s, "
             "libzstd %s, libzip %s\n",
             pcap_lib_version(), sp_get_package_version_string(), usb->major, usb->minor,
             usb->micro, zlibVersion(), lzma_version_string(), ZSTD_versionString(),
             zip_libzip_version());
    wrap_print(text, stdout);
    return EXIT_DONE;
}
