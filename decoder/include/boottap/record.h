/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One record of a capture, as its container holds it, and the link types that are read.
 */
#ifndef BOOTTAP_RECORD_H
#define BOOTTAP_RECORD_H

#include <stddef.h>

#include "boottap/event.h"
#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** The LINKTYPE_ values that the core reads (www.tcpdump.org/linktypes.html). */
enum btap_linktype {
    BTAP_LINKTYPE_LINUX_SLL = 113,
    BTAP_LINKTYPE_USB_LINUX = 189,
    BTAP_LINKTYPE_USB_LINUX_MMAPPED = 220,
    BTAP_LINKTYPE_CAN_SOCKETCAN = 227,
    BTAP_LINKTYPE_USBPCAP = 249,
    BTAP_LINKTYPE_RTAC_SERIAL = 250,
    BTAP_LINKTYPE_USB_DARWIN = 266,
    BTAP_LINKTYPE_LINUX_SLL2 = 276,
    BTAP_LINKTYPE_USB_2_0 = 288, /**< packets of a USB cable, of unknown speed */
    BTAP_LINKTYPE_USB_2_0_LOW_SPEED = 293,
    BTAP_LINKTYPE_USB_2_0_FULL_SPEED = 294,
    BTAP_LINKTYPE_USB_2_0_HIGH_SPEED = 295,
};

/** One record of a capture. */
struct btap_record {
    uint32_t
        linktype; /**< LINKTYPE_ value; others than enum btap_linktype are counted and skipped */
    uint32_t interface_id; /**< of the interface in its capture; 0 where there is one only */
    const char *interface; /**< its name, zero-terminated; NULL if not known. Not kept */
    uint64_t packet;       /**< record number, from 1 */
    btap_ns time;
    bool big_endian; /**< byte order of headers that are in the capturing host's order */
    enum btap_direction direction; /**< where the container says it (pcapng flags, candump -x) */
    const uint8_t *bytes;          /**< captured bytes; may be NULL if captured is 0. Not kept */
    uint32_t captured;             /**< bytes at bytes */
    uint32_t length; /**< bytes on the wire, at least captured unless the file is damaged */
    /** RTAC: the packet's first comment that begins with BTAP_SERIAL_COMMENT; NULL: none. Not
     * zero-terminated, not kept. */
    const char *comment;
    uint32_t comment_length; /**< bytes at comment */
    /** What a tool's system calls carried, and not what the line did: that nothing came in means
     * that the tool read nothing. */
    bool at_tool;
    uint32_t lacks; /**< what its file cannot tell: a set of enum btap_lack */
    /** Stands for what the recorder knew of a device, and was not on the wire. */
    bool added;
};

/** Whether the core reads records of this LINKTYPE_ value. */
bool btap_linktype_supported(uint32_t linktype);

/** Name of a supported link type, `RTAC_SERIAL`; NULL for others. */
const char *btap_linktype_name(uint32_t linktype);

/** How the description of an interface (pcapng: if_description) begins whose records hold what a
 * tool's system calls carried; what follows says more to people. */
#define BTAP_AT_TOOL "boottap run: "

/** The same of an interface whose records were made from a log, or the like. */
#define BTAP_FROM_LOG "boottap log: "

/** Room for btap_interface_description()'s longest answer to words of 256 bytes. */
#define BTAP_DESCRIPTION_SIZE 384

/**
 * Writes the description of an interface, so that what its records are stays known in a capture:
 * `boottap log: without replies, times: STM32CubeProgrammer`.
 *
 * @param lacks a set of enum btap_lack
 * @param words for people; not NULL
 * @param[out] text receives the description, zero-terminated, cut to size
 * @param size bytes at text, at least 1
 * @return text; words where there is nothing to add
 */
const char *btap_interface_description(bool at_tool, uint32_t lacks, const char *words, char *text,
                                       size_t size);

/**
 * Takes what such a description says into a record: at_tool and lacks.
 *
 * @param record not NULL
 * @param description length bytes, which need no terminating zero; not kept
 */
void btap_record_description(struct btap_record *record, const char *description, size_t length);

/** How the comment of a record begins that was added. */
#define BTAP_ADDED_COMMENT "added by boottap"

/** How the comment begins that carries what RTAC records have no place for. */
#define BTAP_SERIAL_COMMENT "boottap serial: "

/**
 * Takes one of a packet's comments into its record, if it is of a form that says something: rate
 * and framing of a serial port (the first such one), or that the record was added.
 *
 * @param record with its link type; not NULL
 * @param comment length bytes, which need no terminating zero; kept in the record
 */
void btap_record_comment(struct btap_record *record, const char *comment, uint32_t length);

/** The comment of a STATUS_CHANGE record where the tool says that it waited for an answer in vain.
 */
#define BTAP_SERIAL_TIMEOUT_COMMENT BTAP_SERIAL_COMMENT "the tool waited in vain"

/** The same where the tool says that it begins a command: what it sent before is over. */
#define BTAP_SERIAL_COMMAND_COMMENT BTAP_SERIAL_COMMENT "a command begins"

/** Room for btap_serial_comment()'s longest answer with its terminating zero. */
#define BTAP_SERIAL_COMMENT_SIZE 64

/**
 * Writes the packet comment that carries rate and framing of a serial port: a STATUS_CHANGE record
 * with it tells them from there on, `boottap serial: 115200 8E1`.
 *
 * Rate, data bits, parity, stop bits: the letter is N, O, E, M or S, the last number 1, 1.5 or 2,
 * and `?` stands for each that is not known.
 *
 * @param settings not NULL
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1; BTAP_SERIAL_COMMENT_SIZE is always enough
 * @return text
 */
const char *btap_serial_comment(const struct btap_serial_settings *settings, char *text,
                                size_t size);

BTAP_END_DECLARATIONS

#endif
