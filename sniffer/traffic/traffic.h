/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What sources of live traffic hand over: interfaces and records, in the shape in which they are
 * recorded.
 */
#ifndef SNIFFER_TRAFFIC_TRAFFIC_H
#define SNIFFER_TRAFFIC_TRAFFIC_H

#include "boottap/record.h"

/** An interface of a recording: one line, bus or device, with one link type. */
struct traffic_interface {
    uint32_t linktype;       /**< enum btap_linktype */
    const char *name;        /**< `usbmon1`, `vcan0`, `ttyUSB0`; not NULL */
    const char *description; /**< a line for people; NULL: none */
    const char *filter;   /**< what of its traffic is left out or kept, in words; NULL: nothing */
    const char *hardware; /**< the device behind it; NULL: not known */
    uint32_t snap_length; /**< longest record; 0: no limit */
    uint64_t speed;       /**< bits a second; 0: not known or it changes */
    /** Records hold what a tool's system calls carried, and not what the line did. */
    bool at_tool;
    uint32_t lacks; /**< what its records cannot tell: a set of enum btap_lack */
};

/** One record. */
struct traffic_record {
    uint32_t interface_id; /**< as the sink numbered it */
    btap_ns time;          /**< since 1970 */
    enum btap_direction direction;
    const uint8_t *bytes; /**< as the link type wants them, header and all; valid during the call */
    uint32_t captured;
    uint32_t length;     /**< on the wire: captured or more */
    const char *comment; /**< of the packet, UTF-8; NULL: none. Valid during the call */
    uint64_t left_out;   /**< for a recording: records of the interface that it lacks before this */
};

/** Consumes live traffic. Sources call it from their own functions only, in one thread. */
struct traffic_sink {
    void *context;
    /** Adds an interface, whose strings are valid during the call. @return its number, from 0 */
    uint32_t (*interface)(void *context, const struct traffic_interface *interface);
    /** Takes a record. Records of one source come in the order of their times. */
    void (*record)(void *context, const struct traffic_record *record);
};

/**
 * Copies a record with its bytes and its comment, to be kept.
 *
 * @param[out] size bytes that the copy takes; not NULL
 * @return one piece of memory, which the caller frees
 */
struct traffic_record *traffic_record_copy(const struct traffic_record *record, size_t *size);

/** What a source knows of its losses, for an interface. */
struct traffic_statistics {
    bool known;        /**< the members below are */
    uint64_t received; /**< records, lost ones too */
    uint64_t dropped;  /**< lost for want of room, in the kernel or the driver */
    uint64_t left_out; /**< by the recorder, whatever is known, as its reader was too slow */
};

#endif
