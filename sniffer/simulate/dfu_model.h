/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a simulated DFU device consists of.
 */
#ifndef SIMULATE_DFU_MODEL_H
#define SIMULATE_DFU_MODEL_H

#include "simulate/memory.h"

/** The 8 setup bytes (USB 2.0 section 9.3), in host order. */
struct usb_setup {
    uint8_t request_type;
    uint8_t request;
    uint16_t value;
    uint16_t index;
    uint16_t length;
};

enum dfu_outcome {
    DFU_DONE,
    DFU_STALLED,
    DFU_LEFT_BUS,  /**< the device is gone: this transfer and every later one fails */
    DFU_BUS_ERROR, /**< no proper answer on the bus */
    DFU_NO_ANSWER, /**< the host's time-out ends the transfer */
    DFU_TIMED_OUT, /**< the same, told as a time-out */
    DFU_BABBLED,   /**< the device sent more than it was asked for */
    DFU_CUT_SHORT, /**< it sent less, where the host's driver forbids that */
};

struct dfu_answer {
    enum dfu_outcome outcome;
    uint32_t delay_ms; /**< it comes so much later */
    size_t length;     /**< IN: bytes in data */
    uint8_t data[4096];
};

#define DFU_SECTORS_MAX    4
#define DFU_ALTERNATES_MAX 4

/** Index of the string in which a device says why something failed. */
#define DFU_WORDS 17

/** bcdDFU of ST's dialect (UM0424). */
#define DFU_BCD_DFUSE 0x011A

/** A product as its bootloader shows it. */
struct dfu_product {
    const char *name;
    uint16_t vendor;
    uint16_t product;
    uint16_t bcd_device;
    uint16_t transfer_size;
    uint16_t bcd_dfu; /**< 0x011A DfuSe, 0x0110 plain */
    uint8_t attributes;
    const char *alternates[DFU_ALTERNATES_MAX]; /**< interface strings: the memory layouts */
    const char *serial;
    bool serial_not_utf16; /**< GD32 sends plain bytes */
    uint32_t flash_size;
    uint32_t options_start;
    struct sim_run sectors[DFU_SECTORS_MAX];
    uint32_t erase_poll_ms;
    uint32_t write_poll_ms;
    uint32_t mass_erase_poll_ms; /**< what it says */
    uint32_t mass_erase_ms;      /**< how long it really takes */
};

/** Numbers of DFU 1.1 sections 3 and 6.1.2. */
enum dfu_request {
    DFU_DETACH,
    DFU_DNLOAD,
    DFU_UPLOAD,
    DFU_GETSTATUS,
    DFU_CLRSTATUS,
    DFU_GETSTATE,
    DFU_ABORT,
};

enum dfu_state {
    APP_IDLE,
    APP_DETACH,
    DFU_IDLE,
    DFU_DNLOAD_SYNC,
    DFU_DNBUSY,
    DFU_DNLOAD_IDLE,
    DFU_MANIFEST_SYNC,
    DFU_MANIFEST,
    DFU_MANIFEST_WAIT_RESET,
    DFU_UPLOAD_IDLE,
    DFU_ERROR,
};

enum dfu_status {
    STATUS_OK = 0x00,
    STATUS_TARGET = 0x01,
    STATUS_VERIFY = 0x07,
    STATUS_FIRMWARE = 0x0A,
    STATUS_VENDOR = 0x0B,
    STATUS_STALLED_PACKET = 0x0F,
};

/** What the bootloader is asked to do by its requests, as AN3156 names it. */
enum dfu_command {
    DFU_COMMAND_ANY,
    DFU_COMMAND_GET,
    DFU_COMMAND_SET_ADDRESS,
    DFU_COMMAND_ERASE,
    DFU_COMMAND_READ_UNPROTECT,
    DFU_COMMAND_WRITE_MEMORY, /**< plain DFU: download */
    DFU_COMMAND_READ_MEMORY,  /**< plain DFU: upload */
    DFU_COMMAND_LEAVE,        /**< a DNLOAD without data */
    DFU_COMMAND_DETACH,
    DFU_COMMAND_GET_STATUS, /**< one that belongs to no other command */
    DFU_COMMAND_CLEAR_STATUS,
    DFU_COMMAND_GET_STATE,
    DFU_COMMAND_ABORT,
};

enum dfu_misbehaviour {
    DFU_FAULT_STALL,   /**< and dfuERROR with status; 0: errSTALLEDPKT */
    DFU_FAULT_LEAVE,   /**< unplugged: this transfer fails and the device is gone */
    DFU_FAULT_OUTCOME, /**< the transfer ends with outcome */
    DFU_FAULT_ANSWER,  /**< other bytes in place of the answer */
    DFU_FAULT_STATUS,  /**< the operation that this request starts ends with status */
    DFU_FAULT_LATE,    /**< the answer comes after ms */
    DFU_FAULT_BUSY,    /**< the operation that this DNLOAD starts takes ms */
    DFU_FAULT_POLL,    /**< and its bwPollTimeout is ms */
    DFU_FAULT_WRONG,   /**< the last byte of the data is wrong by byte */
    DFU_FAULT_SHORT,   /**< the data lack their last bytes: byte tells how many */
};

struct dfu_fault {
    enum dfu_misbehaviour kind;
    enum dfu_request request;
    enum dfu_command command; /**< the requests of this one only */
    uint32_t skip;            /**< this many such requests are right first */
    uint32_t times;           /**< 0 for ever */
    enum dfu_status status;
    enum dfu_outcome outcome;
    uint32_t ms;
    uint8_t byte;
    uint8_t reply_length; /**< ANSWER */
    uint8_t reply[8];
    uint32_t seen;
};

#define DFU_FAULTS_MAX 16

struct dfu_device_config {
    const struct dfu_product *product;
    const struct sim_memory *memory; /**< a part's; NULL: one of the product's sizes */
    bool firmware_corrupt;           /**< starts in dfuERROR, errFIRMWARE */
    bool read_protected;
    bool application;            /**< plain DFU: run-time mode, appIDLE */
    bool stall_while_busy;       /**< L4: GETSTATUS stalls until the operation is over */
    bool stuck_busy;             /**< H743 rev V: stays dfuDNBUSY until CLRSTATUS, twice */
    bool clear_status_stalls;    /**< C5: CLRSTATUS outside dfuERROR stalls */
    bool leave_without_status;   /**< GD32: gone on the zero-length DNLOAD itself */
    bool needs_address_to_leave; /**< C071: leaves only after a Set Address Pointer */
    bool never_busy;             /**< goes to dfuDNLOAD-IDLE at the first GETSTATUS */
    bool set_interface_stalls;
    bool set_configuration_stalls;
    const char *words; /**< string DFU_WORDS, to which an answer to GETSTATUS may point */
    size_t faults_length;
    struct dfu_fault faults[DFU_FAULTS_MAX];
};

#define DFU_BLOCK_MAX 4096

/** A time that a fault sets. */
struct dfu_time {
    bool given;
    uint32_t ms;
};

struct dfu_device {
    struct dfu_device_config config;
    struct sim_memory memory;
    struct sim_room room; /**< of memory where the configuration brings none */
    enum dfu_state state;
    enum dfu_status status;
    bool gone;
    bool resets;    /**< it is gone because it resets: it comes back by itself */
    bool unplugged; /**< it is gone for good */
    uint8_t alternate;
    uint8_t configuration;
    uint32_t pointer;
    bool pointer_set;
    uint16_t block;           /**< of the DNLOAD that waits for its GETSTATUS */
    enum dfu_status failure;  /**< how the operation at work ends */
    bool leaves_when_done;    /**< it ends in a reset */
    enum dfu_command command; /**< of the last DNLOAD */
    struct dfu_time takes;
    struct dfu_time polls;
    uint32_t poll_ms; /**< as GETSTATUS says */
    sim_ns busy_until;
    uint32_t stuck_clears; /**< H743: CLRSTATUS requests seen in dfuDNBUSY */
    uint32_t plain_offset; /**< plain DFU: bytes transferred so far */
    size_t length;
    uint8_t buffer[DFU_BLOCK_MAX];
};

#endif
