/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A scripted AN5405 host in virtual time: it talks to a simulated device on a recorded bus.
 */
#ifndef SIM_HOST_FDCAN_H
#define SIM_HOST_FDCAN_H

#include "capture.h"
#include "sim.h"
#include "simulate/can_device.h"

#define FDCAN_PENDING_MAX 64

struct fdcan_pending {
    sim_ns due;
    struct sim_can_frame frame;
};

struct fdcan_host {
    struct sim_clock clock;
    struct sim_capture *capture;
    struct can_device *device;
    uint32_t base;    /**< added to every command's identifier */
    bool classic;     /**< sends classic frames, which an FD device does not take */
    bool dummy_byte;  /**< protection commands carry one byte 00 */
    bool other_nodes; /**< traffic of other nodes between the frames */
    uint32_t foreign; /**< frames of other nodes so far */
    sim_ns timeout;
    size_t pending_length;
    struct fdcan_pending pending[FDCAN_PENDING_MAX];
};

void fdcan_host_init(struct fdcan_host *host, struct sim_capture *capture,
                     struct can_device *device, const struct can_device_config *config);

void fdcan_host_wait(struct fdcan_host *host, sim_ns time);
void fdcan_host_send(struct fdcan_host *host, uint32_t id, const uint8_t *bytes, size_t length);

/** Puts a frame on the bus that is not for the device: another node's, or an error frame. */
void fdcan_host_foreign(struct fdcan_host *host, const struct sim_can_frame *frame);

/** Puts an FD frame on the bus whose sender is played by hand. */
void fdcan_host_say(struct fdcan_host *host, uint32_t id, const uint8_t *bytes, size_t length);

/** The next frame of the device within the time-out; false if none came. */
bool fdcan_host_receive(struct fdcan_host *host, struct sim_can_frame *frame);
bool fdcan_host_acknowledged(struct fdcan_host *host);
void fdcan_host_drain(struct fdcan_host *host, sim_ns time);

/* Commands as the note has them; false as soon as an answer is not ACK. */
bool fdcan_host_detect(struct fdcan_host *host);
bool fdcan_host_get(struct fdcan_host *host);
bool fdcan_host_get_version(struct fdcan_host *host);
bool fdcan_host_get_id(struct fdcan_host *host);
bool fdcan_host_read(struct fdcan_host *host, uint32_t address, size_t length);
bool fdcan_host_go(struct fdcan_host *host, uint32_t address);
bool fdcan_host_write(struct fdcan_host *host, uint32_t address, const uint8_t *bytes,
                      size_t length);
bool fdcan_host_erase_pages(struct fdcan_host *host, uint16_t first, uint16_t last);
bool fdcan_host_special_erase(struct fdcan_host *host, uint16_t code);
bool fdcan_host_write_protect(struct fdcan_host *host, uint8_t first, uint8_t last);
bool fdcan_host_protection(struct fdcan_host *host, uint8_t opcode);
bool fdcan_host_special(struct fdcan_host *host, uint16_t subcommand, const uint8_t *bytes,
                        size_t length);
bool fdcan_host_extended_special(struct fdcan_host *host, uint16_t subcommand, const uint8_t *first,
                                 size_t first_length, const uint8_t *second, size_t second_length);

#endif
