/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of what comes before the first DFU request: a device that nobody asks, that cannot be read,
 * that is not there, or that refuses how a host begins (USB 2.0 section 9).
 */
#include "diagnosis/tables.h"

static bool never_asked(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->first_packet);
    return session->absence == BTAP_ABSENCE_NEVER_ASKED &&
           session->stalled == BTAP_USB_REFUSED_NOTHING;
}

/** Whether the device stalled what a host begins with, and nothing came of the session. */
static bool stalled(const struct btap_session *session, enum btap_usb_refusal what,
                    struct btap_finding *finding)
{
    finding->arg[0] = session->stalled_value;
    diagnosis_show(finding, session->stalled_packet);
    return session->stalled == what && session->written.commands == 0 &&
           session->read.commands == 0 && session->erased.commands == 0 && !session->started &&
           session->failures_length == 0;
}

static bool interface_stalled(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    return stalled(session, BTAP_USB_REFUSED_INTERFACE, finding) && session->stalled_value == 0;
}

static bool alternate_stalled(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    return stalled(session, BTAP_USB_REFUSED_INTERFACE, finding) && session->stalled_value != 0;
}

static bool configuration_stalled(const struct btap_session *session,
                                  const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)failed;
    return stalled(session, BTAP_USB_REFUSED_CONFIGURATION, finding);
}

static bool enumeration_failed(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->first_packet);
    return session->absence == BTAP_ABSENCE_ENUMERATION_FAILED;
}

static bool nothing_there(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->absence == BTAP_ABSENCE_NO_DEVICE;
}

static const struct diagnosis_rule rules[] = {
    {.needs = NOTHING,
     .text = {"dfu-never-asked", CAUSE, LIKELY,
              "A device describes itself as one in DFU mode, and nobody sends it a DFU request",
              "The flashing tool did not get hold of it, most likely: no permission (Linux: udev "
              "rule), no driver (Windows: WinUSB), or it looked for another id or serial number",
              "Let dfu-util -l list the device, as root too; install the udev rule or driver, and "
              "see what ids the tool was given",
              "that no tool was started at all while this was recorded"},
     .command_line = {[BTAP_DFU] = "dfu-util -l"},
     .sessionwide = true,
     .transports = DFU,
     .also = never_asked},
    {.needs = NOTHING,
     .text =
         {"set-interface-stalled", CAUSE, LIKELY,
          "The device stalls SET_INTERFACE, and the host does no more with it",
          "USB 2.0 section 9.4.10 allows that to a device with one alternate setting; some hosts "
          "(libusb before 1.0.25 on macOS) give up then",
          "Update the tool and its libusb (1.0.25 or later), or have the device's firmware "
          "accept alternate setting 0",
          "another reason for which the tool stopped"},
     .sessionwide = true,
     .transports = DFU,
     .also = interface_stalled},
    {.needs = NOTHING,
     .text = {"alternate-refused", CAUSE, LIKELY, "The device stalls alternate setting %u",
              "Most likely it has no such alternate setting",
              "See which it has (dfu-util -l), and choose one of them (dfu-util -a)",
              "a device that accepts no SET_INTERFACE at all"},
     .sessionwide = true,
     .transports = DFU,
     .also = alternate_stalled},
    {.needs = NOTHING,
     .text = {"set-configuration-stalled", CAUSE, LIKELY, "The device stalls SET_CONFIGURATION %u",
              "Without a configuration it takes no DFU request; most likely its firmware is at "
              "fault, or the host asks for a configuration that it does not have",
              "Plug it in again, reset it into DFU mode; try another port and PC", "any of these"},
     .sessionwide = true,
     .transports = DFU,
     .also = configuration_stalled},
    {.needs = NOTHING,
     .text = {"enumeration-failed", CAUSE, LIKELY,
              "A device's descriptor cannot be read: the transfer fails on the bus",
              "Data do not get through, most likely for the cable, a hub, or a 48 MHz clock that "
              "is off (the bootloader measures the crystal, AN2606)",
              "Try another cable and port, without a hub; check the crystal against AN2606, and "
              "the supply of the USB pins",
              "whether this device is an STM32 at all"},
     .sessionwide = true,
     .transports = DFU,
     .also = enumeration_failed},
    {.needs = NOTHING,
     .text = {"no-dfu-device", CAUSE, LIKELY,
              "No device in DFU mode shows on this bus, and no DFU request",
              "The part is not in its bootloader, or the bootloader has chosen another interface "
              "(noise on a UART's RX pin is enough), most likely; or it is not connected",
              "Reset the part with BOOT0 high and USB connected, nothing on the other bootloader "
              "pins (AN2606); see whether dmesg or the device manager notices it",
              "a device on another bus, or one that was there before the recording began"},
     .families = STM32,
     .sessionwide = true,
     .transports = DFU,
     .also = nothing_there},
};

const struct diagnosis_table diagnosis_usb = DIAGNOSIS_TABLE(rules);
