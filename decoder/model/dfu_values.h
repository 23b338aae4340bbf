/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The values of GETSTATUS (DFU 1.1 section 6.1.2) that have a meaning for the decoder, for sessions
 * and for the diagnosis.
 */
#ifndef DECODER_MODEL_DFU_VALUES_H
#define DECODER_MODEL_DFU_VALUES_H

/** bState. */
enum dfu_state {
    DFU_APP_IDLE,
    DFU_APP_DETACH,
    DFU_IDLE,
    DFU_DNLOAD_SYNC,
    DFU_DNBUSY,
    DFU_DNLOAD_IDLE,
    DFU_MANIFEST_SYNC,
    DFU_MANIFEST,
    DFU_MANIFEST_WAIT_RESET,
    DFU_UPLOAD_IDLE,
    DFU_ERROR_STATE,
    DFU_STATES,
};

/** bStatus. */
enum dfu_status {
    DFU_STATUS_OK,
    DFU_ERR_TARGET,
    DFU_ERR_FILE,
    DFU_ERR_WRITE,
    DFU_ERR_ERASE,
    DFU_ERR_CHECK_ERASED,
    DFU_ERR_PROG,
    DFU_ERR_VERIFY,
    DFU_ERR_ADDRESS,
    DFU_ERR_NOTDONE,
    DFU_ERR_FIRMWARE,
    DFU_ERR_VENDOR,
    DFU_ERR_USBR,
    DFU_ERR_POR,
    DFU_ERR_UNKNOWN,
    DFU_ERR_STALLEDPKT,
    DFU_STATUSES,
};

#endif
