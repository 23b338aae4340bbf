/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A scripted DFU host in virtual time: it talks to a simulated device, as dfu-util does, and its
 * control transfers are recorded.
 */
#ifndef SIM_HOST_DFU_H
#define SIM_HOST_DFU_H

#include "capture.h"
#include "sim.h"
#include "simulate/dfu_device.h"

struct dfu_host {
    struct sim_clock clock;
    struct sim_capture *capture;
    struct dfu_device *device;
    uint8_t address; /**< of the device on its bus */
    uint16_t bus;
    uint64_t urbs;
    uint64_t records;     /**< halves so far, the lost one included */
    uint64_t lost_record; /**< number of the first half that the capture lacks, from 1; 0 none */
    uint64_t lost_count;  /**< how many of them; 0 is taken as 1 */
    struct dfu_answer answer; /**< of the last transfer */
};

/** What GETSTATUS answers (DFU 1.1 section 6.1.2). */
struct dfu_report {
    uint8_t status;
    uint8_t state;
    uint32_t poll_ms;
};

void dfu_host_init(struct dfu_host *host, struct sim_capture *capture, struct dfu_device *device,
                   const struct dfu_device_config *config);

void dfu_host_wait(struct dfu_host *host, sim_ns time);

/** A control transfer; OUT data of setup->length bytes, or NULL. True if it succeeded. */
bool dfu_host_control(struct dfu_host *host, const struct usb_setup *setup, const uint8_t *data);

/** Reads the descriptors and strings as Linux and dfu-util do. */
void dfu_host_enumerate(struct dfu_host *host);

/** Reads them as Linux alone does: of the alternate settings' names that of the first. */
void dfu_host_attach(struct dfu_host *host);

/** Reads the alternate settings' names, as dfu-util -l does. */
void dfu_host_list(struct dfu_host *host);

/* One request each. */
bool dfu_host_set_interface(struct dfu_host *host, uint8_t alternate);
bool dfu_host_download(struct dfu_host *host, uint16_t block, const uint8_t *bytes, size_t length);
bool dfu_host_upload(struct dfu_host *host, uint16_t block, size_t length);
bool dfu_host_get_status(struct dfu_host *host, struct dfu_report *report);
bool dfu_host_get_state(struct dfu_host *host);
bool dfu_host_clear_status(struct dfu_host *host);
bool dfu_host_abort(struct dfu_host *host);
bool dfu_host_detach(struct dfu_host *host);

/** Polls until the device is no longer busy; true if it is then not in dfuERROR. */
bool dfu_host_poll(struct dfu_host *host);

/** Reads a string descriptor. */
bool dfu_host_read_string(struct dfu_host *host, uint8_t index);

/* A DNLOAD and its polls. */
bool dfu_host_set_address(struct dfu_host *host, uint32_t address);
bool dfu_host_erase(struct dfu_host *host, uint32_t address);
bool dfu_host_mass_erase(struct dfu_host *host);
bool dfu_host_read_unprotect(struct dfu_host *host);
bool dfu_host_write(struct dfu_host *host, uint16_t block, const uint8_t *bytes, size_t length);

/** Zero-length DNLOAD with the given block, and its GETSTATUS. */
bool dfu_host_leave(struct dfu_host *host, uint16_t block);

/** SET_INTERFACE, GETSTATUS, and CLRSTATUS or ABORT until the device is idle. */
void dfu_host_start(struct dfu_host *host, uint8_t alternate);

#endif
