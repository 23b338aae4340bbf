/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/capture_options.h"

#include <string.h>

#include "formats/serial/marks.h"

static bool set_serial_direction(void *target, const char *value)
{
    static const char *const names[] = {
        [BTAP_SERIAL_AS_RECORDED] = "recorded",
        [BTAP_SERIAL_SWAPPED] = "swapped",
        [BTAP_SERIAL_MERGED] = "merged",
    };
    enum btap_serial_view *view = target;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], value) == 0) {
            *view = (enum btap_serial_view)i;
            return true;
        }
    return option_unknown("serial direction", value, "recorded, swapped, merged");
}

static bool set_transfer_size(void *target, const char *value)
{
    uint16_t *size = target;
    uint64_t number;

    if (!option_number(value, 1, UINT16_MAX, &number,
                       "transfer size; it must be a number from 1 to 65535"))
        return false;
    *size = (uint16_t)number;
    return true;
}

static bool set_dfu_address(void *target, const char *value)
{
    uint32_t *address = target;
    uint64_t number;

    if (!option_number(value, 0, UINT32_MAX, &number,
                       "address; it must be a number up to 0xffffffff"))
        return false;
    *address = (uint32_t)number;
    return true;
}

static bool set_marks(void *target, const char *value)
{
    (void)target;
    return marks_set(value) ||
           misused("'%s' is not two marks with a comma between them, the host's first", value);
}

const struct option_row capture_options[] = {
    {0, "serial-direction", "VIEW",
     "who sent a byte: as recorded (default), swapped,\n"
     "or merged: told by the protocol alone",
     set_serial_direction, offsetof(struct btap_options, serial_view)},
    {0, "marks", "HOST,DEVICE",
     "logs: what stands before the host's bytes, and before the\n"
     "device's (TX,RX and many more are known)",
     set_marks, 0},
    {0, "transfer-size", "N", "DFU: the device's wTransferSize, if the capture does not tell",
     set_transfer_size, offsetof(struct btap_options, dfu.transfer_size)},
    {0, "dfu-address", "ADDR", "DFU: address pointer before the host sets one (0x08000000)",
     set_dfu_address, offsetof(struct btap_options, dfu.default_address)},
    {0, "can-bootloader", NULL,
     "CAN: take the first frame and all others for a\n"
     "bootloader's",
     option_set, offsetof(struct btap_options, can.bootloader)},
    {0},
};
