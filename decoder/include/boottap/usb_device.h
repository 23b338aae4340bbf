/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a capture shows of a USB device: descriptors, strings, the alternate setting in force.
 * Everything may be missing: captures often start after enumeration.
 */
#ifndef BOOTTAP_USB_DEVICE_H
#define BOOTTAP_USB_DEVICE_H

#include "boottap/event.h"

BTAP_BEGIN_DECLARATIONS

/** The STM32 bootloader's DFU mode (AN2606). */
#define BTAP_USB_VENDOR_ST      0x0483
#define BTAP_USB_PRODUCT_ST_DFU 0xdf11

#define BTAP_USB_INTERFACES_MAX 16 /**< alternate settings that are kept, of all interfaces */
#define BTAP_USB_ENDPOINTS_MAX  16
#define BTAP_USB_STRINGS_MAX    16  /**< strings that are kept: layouts (starting with '@') first */
#define BTAP_USB_STRING_SIZE    128 /**< a string descriptor holds at most 126 characters */

struct btap_usb_interface {
    uint8_t number;
    uint8_t alternate;
    uint8_t interface_class;
    uint8_t interface_subclass;
    uint8_t interface_protocol;
    uint8_t string_index; /**< iInterface; 0 none */
};

struct btap_usb_endpoint {
    uint8_t address;    /**< b7 set = IN */
    uint8_t interface;  /**< number of the interface it belongs to */
    uint8_t attributes; /**< b0-1: transfer type */
    uint16_t max_packet_size;
};

struct btap_usb_string {
    uint8_t index;                   /**< 0: this slot is free */
    char text[BTAP_USB_STRING_SIZE]; /**< printable ASCII, others as '?'; zero-terminated */
};

/** bcdDFU of DfuSe (UM0424); DFU 1.1 section 4.1.3 knows 0x0100 and 0x0110. */
#define BTAP_BCD_DFUSE 0x011au

/** DFU functional descriptor (DFU 1.1 section 4.1.3). */
struct btap_dfu_functional {
    bool known;
    uint8_t attributes; /**< b0 can download, b1 can upload, b2 manifestation tolerant, b3 will
                           detach */
    uint16_t detach_timeout_ms;
    uint16_t transfer_size;
    uint16_t bcd_dfu; /**< BTAP_BCD_DFUSE, else plain DFU; 0 in descriptors too short for it */
};

/** Standard requests without which a host does not use an interface (USB 2.0 section 9.4). */
enum btap_usb_refusal {
    BTAP_USB_REFUSED_NOTHING,
    BTAP_USB_REFUSED_CONFIGURATION, /**< SET_CONFIGURATION was stalled */
    BTAP_USB_REFUSED_INTERFACE,     /**< SET_INTERFACE was stalled */
};

struct btap_usb_device {
    bool descriptor_known; /**< the members up to device_class hold values */
    uint16_t vendor;
    uint16_t product;
    uint16_t bcd_device;
    uint16_t bcd_usb;
    uint8_t max_packet_size0;
    uint8_t device_class;

    bool configuration_known; /**< interfaces, endpoints and, where there is one, dfu hold values */
    bool configuration_cut; /**< the capture holds the descriptor's beginning: there may be more */
    uint8_t configuration;  /**< bConfigurationValue of what they describe */
    uint8_t interfaces_length;
    uint8_t endpoints_length;
    struct btap_usb_interface interfaces[BTAP_USB_INTERFACES_MAX];
    struct btap_usb_endpoint endpoints[BTAP_USB_ENDPOINTS_MAX];
    struct btap_dfu_functional dfu;

    struct btap_usb_string strings[BTAP_USB_STRINGS_MAX];
    struct btap_usb_string latest; /**< the last one that was read, also where it found no room */

    enum btap_usb_refusal refused; /**< the last such request, until one of its kind succeeds */
    uint8_t refused_value;         /**< the configuration or alternate setting asked for */
    uint64_t refused_packet;       /**< that shows it */
    btap_ns refused_time;

    uint8_t selected_configuration; /**< of the last SET_CONFIGURATION that succeeded; 0 none */
    uint8_t selected_interface;     /**< of the last SET_INTERFACE that succeeded */
    uint8_t selected_alternate;
    bool alternate_known; /**< such a request came after the last SET_CONFIGURATION */
};

/** Nothing known yet. */
void btap_usb_device_init(struct btap_usb_device *device);

/**
 * Consumes a completed control transfer: GET_DESCRIPTOR (device, configuration, string),
 * SET_INTERFACE, SET_CONFIGURATION; of the last two also that the device stalled them. Any other
 * transfer, one that failed in another way and malformed descriptors change nothing.
 */
void btap_usb_device_control(struct btap_usb_device *device,
                             const struct btap_usb_control *completion);

/** Whether a completed control transfer brought a whole device descriptor. */
bool btap_usb_device_brings_descriptor(const struct btap_usb_control *completion);

/** Whether it brought the device descriptor of another device than the one that is known. */
bool btap_usb_device_is_other(const struct btap_usb_device *device,
                              const struct btap_usb_control *completion);

/** Whether the descriptors tell of a device in DFU mode (DFU 1.1 section 4.2), or of ST's one. */
bool btap_usb_device_in_dfu_mode(const struct btap_usb_device *device);

/**
 * Whether a completed control transfer is one without which no enumeration succeeds, whatever came
 * of it: SET_ADDRESS, or GET_DESCRIPTOR for the device or its configuration. Devices may well
 * refuse others.
 */
bool btap_usb_device_enumerates(const struct btap_usb_control *completion);

/**
 * Whether descriptors tell every interface: what is not among them, the device does not have.
 */
bool btap_usb_device_interfaces_known(const struct btap_usb_device *device);

/** Whether the device may speak DFU: not where descriptors tell every interface and none does. */
bool btap_usb_device_may_be_dfu(const struct btap_usb_device *device);

/** Text of a string descriptor; NULL if the capture does not hold it. index 1-255. */
const char *btap_usb_device_string(const struct btap_usb_device *device, uint8_t index);

/**
 * Name of the alternate setting in force, as its interface descriptor gives it: a DfuSe memory
 * layout, or what a plain device calls the place where an image goes (a partition of an STM32MP).
 *
 * @return NULL if unknown or ambiguous
 */
const char *btap_usb_device_target(const struct btap_usb_device *device);

/**
 * The DfuSe memory layout of the alternate setting in force: the string of its interface
 * descriptor, or where no descriptor tells, the only string that starts with '@'.
 *
 * @return NULL if unknown or ambiguous
 */
const char *btap_usb_device_layout(const struct btap_usb_device *device);

/** What a capture shows of USB as a whole, beside the traffic of bootloaders. */
struct btap_usb_presence {
    bool seen;    /**< the capture has USB traffic; else nothing below means anything */
    bool adapter; /**< with a serial adapter in it */
    bool at_tool; /**< it holds what a tool said to devices that it opened, and nothing of others */
    uint32_t lacks; /**< what its records cannot tell: a set of enum btap_lack */
    /** The device in DFU mode, else the one whose descriptors cannot be read, else the bus. */
    enum btap_usb_shown {
        BTAP_USB_SHOWS_DFU_MODE,
        BTAP_USB_SHOWS_DFU_NAMES, /**< likewise, and a tool read the names of its memories */
        BTAP_USB_SHOWS_FAILED_ENUMERATION,
        BTAP_USB_SHOWS_NEITHER,
    } shown;
    uint32_t interface_id;
    uint16_t bus;
    uint16_t address; /**< 0: none, or it did not get as far as an address */
    uint64_t packet;  /**< that shows it: the descriptors, the first failure, the first of all */
    btap_ns time;     /**< of the packet */
    enum btap_usb_refusal refused; /**< by the device in DFU mode; then packet shows that */
    uint8_t refused_value;         /**< the configuration or alternate setting asked for */
    uint16_t vendor;               /**< in DFU mode; 0 not known */
    uint16_t product;
};

BTAP_END_DECLARATIONS

#endif
