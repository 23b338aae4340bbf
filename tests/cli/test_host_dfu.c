/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of DFU on simulated devices: what it sends, by AN3156 and DFU 1.1; what it makes of the
 * answers, as the decoder does.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "dfu_wire.h"
#include "host_judge.h"
#include "said.h"
#include "test.h"

#define MS 1000000

struct rig {
    struct dfu_wire wire;
    struct judge judge;
    struct plan_device device;
    struct gate *gate;
    struct host *host;
    struct host_answer answer;
    uint8_t data[HOST_DATA_MAX];
};

static struct rig *start(const char *product, const struct dfu_device_config *config,
                         const struct host_options *options)
{
    const struct host_options quick = {.patience = 200 * (btap_ns)MS};
    struct rig *rig = allocate(sizeof(*rig));

    dfu_wire_open(&rig->wire, product, config);
    judge_start(&rig->judge);
    rig->gate = gate_new(&rig->wire.wire, &judge_permit, &rig->device, &rig->judge.sink);
    rig->host = host_dfu.open(rig->gate, &rig->device, options != NULL ? options : &quick);
    rig->answer.data = rig->data;
    return rig;
}

static void finish(struct rig *rig)
{
    judge_settle(&rig->judge);
    host_dfu.close(rig->host);
    gate_free(rig->gate);
    free(rig);
}

/* Commands as a plan has them */

static struct plan_command command(enum btap_command of)
{
    struct plan_command made = host_own_command(BTAP_DFU, of);

    made.origin = PLAN_RECORDED;
    /* An UPLOAD carries no code. */
    if (of == BTAP_GET)
        made.transaction.has = 0;
    return made;
}

static struct plan_command addressed(enum btap_command of, uint32_t address)
{
    struct plan_command made = command(of);

    made.transaction.has |= BTAP_HAS_ADDRESS;
    made.transaction.address = address;
    made.transaction.erase = of == BTAP_ERASE ? BTAP_ERASE_ADDRESS : BTAP_ERASE_NONE;
    return made;
}

static struct plan_command mass_erase(void)
{
    struct plan_command made = command(BTAP_ERASE);

    made.transaction.erase = BTAP_ERASE_MASS;
    return made;
}

static struct plan_command block(enum btap_command of, uint16_t number, uint32_t length,
                                 const uint8_t *payload)
{
    struct plan_command made = command(of);

    made.transaction.has |= BTAP_HAS_BLOCK | BTAP_HAS_LENGTH;
    made.transaction.block = number;
    made.transaction.length = length;
    made.payload = payload;
    made.payload_length = payload != NULL ? length : 0;
    return made;
}

static struct plan_command memory(enum btap_command of, uint16_t number, uint32_t address,
                                  uint32_t length, const uint8_t *payload)
{
    struct plan_command made = block(of, number, length, payload);

    made.transaction.has |= BTAP_HAS_ADDRESS;
    made.transaction.address = address;
    return made;
}

static enum host_end perform(struct rig *rig, struct plan_command made)
{
    const enum host_end end = host_dfu.perform(rig->host, &made, &rig->answer);

    if (end != HOST_REFUSED)
        judge_keep(&rig->judge, &rig->answer);
    return end;
}

static void assert_answer(struct rig *rig, struct plan_command made, enum btap_status status,
                          enum btap_phase phase)
{
    assert_int_equal(perform(rig, made), HOST_ANSWERED);
    assert_string_equal(btap_status_name(rig->answer.transaction.status), btap_status_name(status));
    assert_string_equal(btap_phase_name(rig->answer.transaction.phase), btap_phase_name(phase));
}

static void assert_ok(struct rig *rig, struct plan_command made)
{
    assert_answer(rig, made, BTAP_OK, BTAP_PHASE_NONE);
}

static void assert_log(struct rig *rig, const char *expected)
{
    assert_string_equal(dfu_wire_log(&rig->wire), expected);
}

static void begin(struct rig *rig, struct plan_command first)
{
    assert_int_equal(host_dfu.begin(rig->host, &first, &rig->answer), HOST_ANSWERED);
    assert_int_equal(rig->answer.transaction.status, BTAP_OK);
}

/** Begun, and nothing in the log. */
static struct rig *begun(const char *product, const struct dfu_device_config *config)
{
    struct rig *rig = start(product, config, NULL);

    begin(rig, command(BTAP_GET_STATUS));
    (void)dfu_wire_log(&rig->wire);
    return rig;
}

static const uint8_t eight[] = {1, 2, 3, 4, 5, 6, 7, 8};

/* AN3156 sections 5.1 to 5.5: what each command sends. Each GETSTATUS twice: it starts the work,
 * and sees it done. */
static void what_each_command_sends(void **state)
{
    struct rig *rig = start("f072", &(struct dfu_device_config){0}, NULL);

    (void)state;
    begin(rig, addressed(BTAP_SET_ADDRESS, 0x08000000));
    assert_log(rig, "SET_INTERFACE 0\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.command, BTAP_GET_STATUS);
    assert_int_equal(rig->answer.transaction.dfu_state, 2);
    assert_ok(rig, addressed(BTAP_ERASE, 0x08001000));
    assert_log(rig, "DNLOAD 0 4100100008\nGETSTATUS\nGETSTATUS\n");
    assert_ok(rig, mass_erase());
    assert_log(rig, "DNLOAD 0 41\nGETSTATUS\nGETSTATUS\n");
    assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08001000));
    assert_log(rig, "DNLOAD 0 2100100008\nGETSTATUS\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.polls, 2);
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 2, 0x08001000, 8, eight));
    assert_log(rig, "DNLOAD 2 0102030405060708\nGETSTATUS\nGETSTATUS\n");
    assert_memory_equal(rig->wire.device.memory.flash + 0x1000, eight, 8);
    /* wTransferSize is 2048: block 3 is at 0x08001800. */
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 3, 0x08001800, 4, eight));
    assert_log(rig, "DNLOAD 3 01020304\nGETSTATUS\nGETSTATUS\n");
    assert_memory_equal(rig->wire.device.memory.flash + 0x1800, eight, 4);
    assert_ok(rig, command(BTAP_ABORT));
    assert_ok(rig, command(BTAP_GET_STATE));
    assert_ok(rig, command(BTAP_GET_STATUS));
    assert_log(rig, "ABORT\nGETSTATE\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.dfu_state, 2);
    assert_ok(rig, memory(BTAP_READ_MEMORY, 2, 0x08001000, 8, NULL));
    assert_log(rig, "UPLOAD 2 *8\n");
    assert_int_equal(rig->answer.length, 8);
    assert_memory_equal(rig->data, eight, 8);
    assert_ok(rig, command(BTAP_GET));
    assert_log(rig, "UPLOAD 0 *4\n");
    assert_int_equal(rig->answer.transaction.list_length, 4);
    assert_int_equal(rig->answer.transaction.list[3], 0x92);
    assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08000000));
    (void)dfu_wire_log(&rig->wire);
    assert_ok(rig, addressed(BTAP_LEAVE, 0x08000000));
    assert_log(rig, "DNLOAD 2\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.dfu_state, 7);
    finish(rig);
}

/** A request that is no poll, so that the decoder ends what is open. */
static void settle(struct rig *rig)
{
    if (!rig->wire.device.gone)
        assert_int_not_equal(perform(rig, command(BTAP_ABORT)), HOST_REFUSED);
    finish(rig);
}

/* What a plan without the recorded preparations needs. */

static void sets_the_pointer_where_it_differs(void **state)
{
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});

    (void)state;
    /* Nobody knows where it is. 0x08002000 - (4 - 2) * 2048 = 0x08001000 */
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 4, 0x08002000, 8, eight));
    assert_log(rig, "GETSTATUS\nDNLOAD 0 2100100008\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 4 0102030405060708\nGETSTATUS\nGETSTATUS\n");
    assert_memory_equal(rig->wire.device.memory.flash + 0x2000, eight, 8);
    /* The next block needs none, another place does. */
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 5, 0x08002800, 8, eight));
    assert_log(rig, "DNLOAD 5 0102030405060708\nGETSTATUS\nGETSTATUS\n");
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 2, 0x08004000, 8, eight));
    assert_log(rig, "DNLOAD 0 2100400008\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 2 0102030405060708\nGETSTATUS\nGETSTATUS\n");
    /* An erase may have moved it. */
    assert_ok(rig, addressed(BTAP_ERASE, 0x08008000));
    (void)dfu_wire_log(&rig->wire);
    assert_ok(rig, memory(BTAP_READ_MEMORY, 2, 0x08004000, 8, NULL));
    assert_log(rig, "DNLOAD 0 2100400008\nGETSTATUS\nGETSTATUS\nABORT\nGETSTATUS\n"
                    "UPLOAD 2 *8\n");
    assert_memory_equal(rig->data, eight, 8);
    assert_ok(rig, addressed(BTAP_LEAVE, 0x08000000));
    assert_log(rig, "ABORT\nGETSTATUS\nDNLOAD 0 2100000008\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 2\nGETSTATUS\n");
    finish(rig);
}

/** The address that it needs is refused: that is the command's answer. */
static void a_pointer_that_is_refused(void **state)
{
    const struct plan_command made = memory(BTAP_WRITE_MEMORY, 2, 0x60000000, 8, eight);
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});

    (void)state;
    assert_int_equal(host_dfu.perform(rig->host, &made, &rig->answer), HOST_ANSWERED);
    assert_int_equal(rig->answer.transaction.command, BTAP_WRITE_MEMORY);
    assert_int_equal(rig->answer.transaction.status, BTAP_DFU_ERROR);
    assert_int_equal(rig->answer.transaction.phase, BTAP_PHASE_OPERATION);
    assert_int_equal(rig->answer.transaction.dfu_status, STATUS_TARGET);
    assert_log(rig, "GETSTATUS\nDNLOAD 0 2100000060\nGETSTATUS\nGETSTATUS\n");
    settle(rig);
}

/** A device that counts in smaller blocks than the recorded one: each at its own address. */
static void another_transfer_size(void **state)
{
    struct rig *rig = begun("h743", &(struct dfu_device_config){0});

    (void)state;
    rig->device.usb_known = true;
    rig->device.usb.dfu.known = true;
    rig->device.usb.dfu.transfer_size = 2048;
    assert_ok(rig, memory(BTAP_WRITE_MEMORY, 4, 0x08001000, 8, eight));
    assert_log(rig, "GETSTATUS\nDNLOAD 0 2100100008\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 2 0102030405060708\nGETSTATUS\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.block, 2);
    settle(rig);
}

static void a_block_that_is_too_large(void **state)
{
    static const uint8_t bytes[4096];
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});

    (void)state;
    assert_int_equal(perform(rig, memory(BTAP_WRITE_MEMORY, 2, 0x08000000, 2049, bytes)),
                     HOST_REFUSED);
    assert_int_equal(perform(rig, memory(BTAP_READ_MEMORY, 2, 0x08000000, 4096, NULL)),
                     HOST_REFUSED);
    assert_int_equal(perform(rig, command(BTAP_COMMAND_UNKNOWN)), HOST_REFUSED);
    assert_int_equal(perform(rig, command(BTAP_ERASE)), HOST_REFUSED);
    assert_int_equal(perform(rig, memory(BTAP_WRITE_MEMORY, 1, 0x08000000, 8, eight)),
                     HOST_REFUSED);
    /* Data that the capture lacks */
    assert_int_equal(perform(rig, memory(BTAP_WRITE_MEMORY, 2, 0x08000000, 64, NULL)),
                     HOST_REFUSED);
    assert_log(rig, "");
    finish(rig);
}

/* DFU 1.1 section 6.1.2, AN3156 section 4: between a download and an upload stands an ABORT. */
static void between_downloads_and_uploads(void **state)
{
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});

    (void)state;
    assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08000000));
    (void)dfu_wire_log(&rig->wire);
    assert_ok(rig, memory(BTAP_READ_MEMORY, 2, 0x08000000, 2048, NULL));
    assert_ok(rig, memory(BTAP_READ_MEMORY, 3, 0x08000800, 2048, NULL));
    assert_ok(rig, addressed(BTAP_ERASE, 0x08000000));
    assert_log(rig, "ABORT\nGETSTATUS\nUPLOAD 2 *2048\nUPLOAD 3 *2048\nABORT\nGETSTATUS\n"
                    "DNLOAD 0 4100000008\nGETSTATUS\nGETSTATUS\n");
    settle(rig);
}

/** What was recorded as refused for the host's own fault is so again. */
static void a_recorded_fault_of_the_host(void **state)
{
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});
    struct plan_command recorded = memory(BTAP_READ_MEMORY, 2, 0x08000000, 64, NULL);

    (void)state;
    recorded.transaction.status = BTAP_STALL;
    recorded.transaction.phase = BTAP_PHASE_REQUEST;
    assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08000000));
    (void)dfu_wire_log(&rig->wire);
    assert_answer(rig, recorded, BTAP_STALL, BTAP_PHASE_REQUEST);
    assert_log(rig, "UPLOAD 2 *64 STALL\n");
    settle(rig);
}

/* Power-up in dfuERROR, errFIRMWARE (wire-facts, capture of a real ROM) */
static void a_device_in_error(void **state)
{
    const struct dfu_device_config corrupt = {.firmware_corrupt = true};
    struct rig *rig = start("f072", &corrupt, NULL);

    (void)state;
    begin(rig, addressed(BTAP_ERASE, 0x08000000));
    assert_log(rig, "SET_INTERFACE 0\nGETSTATUS\nCLRSTATUS\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.dfu_state, 10);
    assert_int_equal(rig->answer.transaction.dfu_status, 10);
    assert_ok(rig, addressed(BTAP_ERASE, 0x08000000));
    assert_log(rig, "DNLOAD 0 4100000008\nGETSTATUS\nGETSTATUS\n");
    settle(rig);

    /* The plan has it all. */
    rig = start("f072", &corrupt, NULL);
    begin(rig, command(BTAP_GET_STATUS));
    assert_ok(rig, command(BTAP_GET_STATUS));
    assert_ok(rig, command(BTAP_CLEAR_STATUS));
    assert_ok(rig, command(BTAP_GET_STATUS));
    assert_log(rig, "SET_INTERFACE 0\nGETSTATUS\nCLRSTATUS\nGETSTATUS\n");
    settle(rig);
}

/** C5: CLRSTATUS elsewhere than in dfuERROR is refused; it is not sent, and answered as recorded.
 */
static void clear_status_where_nothing_is_wrong(void **state)
{
    struct rig *rig = begun("f072", &(struct dfu_device_config){.clear_status_stalls = true});
    struct plan_command recorded = command(BTAP_CLEAR_STATUS);

    (void)state;
    assert_int_equal(host_dfu.perform(rig->host, &recorded, &rig->answer), HOST_ANSWERED);
    assert_int_equal(rig->answer.transaction.status, BTAP_OK);
    assert_log(rig, "GETSTATUS\n");
    recorded.transaction.status = BTAP_STALL;
    recorded.transaction.phase = BTAP_PHASE_REQUEST;
    assert_int_equal(host_dfu.perform(rig->host, &recorded, &rig->answer), HOST_ANSWERED);
    assert_int_equal(rig->answer.transaction.status, BTAP_STALL);
    assert_log(rig, "");
    settle(rig);
}

static void as_recorded_is_as_recorded(void **state)
{
    const struct host_options options = {.as_recorded = true, .patience = 200 * (btap_ns)MS};
    struct rig *rig =
        start("f072", &(struct dfu_device_config){.clear_status_stalls = true}, &options);

    (void)state;
    assert_answer(rig, command(BTAP_CLEAR_STATUS), BTAP_STALL, BTAP_PHASE_REQUEST);
    assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08000000));
    assert_answer(rig, memory(BTAP_READ_MEMORY, 2, 0x08000000, 64, NULL), BTAP_STALL,
                  BTAP_PHASE_REQUEST);
    assert_log(rig, "SET_INTERFACE 0\nCLRSTATUS STALL\nDNLOAD 0 2100000008\nGETSTATUS\n"
                    "GETSTATUS\nUPLOAD 2 *64 STALL\n");
    settle(rig);
}

/* Alternate settings: memories of their own (UM0424) */

static void alternates(void **state)
{
    struct rig *rig = begun("f405", &(struct dfu_device_config){0});
    struct plan_command option_bytes = addressed(BTAP_SET_ADDRESS, 0x1fffc000);

    (void)state;
    option_bytes.transaction.alternate = 1;
    assert_ok(rig, option_bytes);
    assert_log(rig, "SET_INTERFACE 1\nGETSTATUS\nDNLOAD 0 2100c0ff1f\nGETSTATUS\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.alternate, 1);
    option_bytes = memory(BTAP_READ_MEMORY, 2, 0x1fffc000, 16, NULL);
    option_bytes.transaction.alternate = 1;
    assert_ok(rig, option_bytes);
    assert_log(rig, "ABORT\nGETSTATUS\nUPLOAD 2 *16\n");
    settle(rig);
}

/** Of macOS: a device that stalls SET_INTERFACE is at its first one. */
static void alternates_that_are_refused(void **state)
{
    const struct dfu_device_config config = {.set_interface_stalls = true};
    struct rig *rig = begun("f405", &config);
    struct plan_command option_bytes = addressed(BTAP_SET_ADDRESS, 0x1fffc000);

    (void)state;
    assert_ok(rig, addressed(BTAP_ERASE, 0x08000000));
    (void)dfu_wire_log(&rig->wire);
    option_bytes.transaction.alternate = 1;
    assert_int_equal(perform(rig, option_bytes), HOST_REFUSED);
    assert_log(rig, "SET_INTERFACE 1 STALL\n");
    settle(rig);
}

/* Faults */

static struct dfu_fault at(enum dfu_misbehaviour kind, enum dfu_request request, uint32_t skip,
                           uint32_t times)
{
    return (struct dfu_fault){.kind = kind, .request = request, .skip = skip, .times = times};
}

static struct rig *faulty(struct dfu_fault fault)
{
    struct dfu_device_config config = {.faults_length = 1, .faults = {fault}};

    return begun("f072", &config);
}

/** The command, then one that must go well: the device is brought to where it takes it. */
static void assert_fault(struct dfu_fault fault, struct plan_command made, enum btap_status status,
                         enum btap_phase phase)
{
    struct rig *rig = faulty(fault);

    assert_answer(rig, made, status, phase);
    assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08000000));
    settle(rig);
}

static void stalls(void **state)
{
    (void)state;
    assert_fault(at(DFU_FAULT_STALL, DFU_DNLOAD, 0, 1), mass_erase(), BTAP_STALL,
                 BTAP_PHASE_REQUEST);
    /* The GETSTATUS before the command is the first one. */
    assert_fault(at(DFU_FAULT_STALL, DFU_GETSTATUS, 1, 1), mass_erase(), BTAP_STALL,
                 BTAP_PHASE_STATUS);
    /* The simulated device goes to dfuERROR by it, and says so when it is asked again. */
    assert_fault(at(DFU_FAULT_STALL, DFU_GETSTATUS, 2, 1), mass_erase(), BTAP_DFU_ERROR,
                 BTAP_PHASE_OPERATION);
    assert_fault(at(DFU_FAULT_STALL, DFU_UPLOAD, 0, 1), command(BTAP_GET), BTAP_STALL,
                 BTAP_PHASE_REQUEST);
    assert_fault(at(DFU_FAULT_STALL, DFU_GETSTATUS, 0, 1), command(BTAP_GET_STATUS), BTAP_STALL,
                 BTAP_PHASE_REQUEST);
    assert_fault(at(DFU_FAULT_STALL, DFU_GETSTATE, 0, 1), command(BTAP_GET_STATE), BTAP_STALL,
                 BTAP_PHASE_REQUEST);
    assert_fault(at(DFU_FAULT_STALL, DFU_ABORT, 0, 1), command(BTAP_ABORT), BTAP_STALL,
                 BTAP_PHASE_REQUEST);
    assert_fault(at(DFU_FAULT_STALL, DFU_DETACH, 0, 1), command(BTAP_DETACH), BTAP_STALL,
                 BTAP_PHASE_REQUEST);
}

/** A device that stalls GETSTATUS for ever, once it was busy: it is asked some times more. */
static void stalls_for_ever(void **state)
{
    struct rig *rig = faulty(at(DFU_FAULT_STALL, DFU_GETSTATUS, 2, 0));

    (void)state;
    assert_answer(rig, mass_erase(), BTAP_STALL, BTAP_PHASE_STATUS);
    assert_log(rig, "GETSTATUS\nDNLOAD 0 41\nGETSTATUS\nGETSTATUS STALL\nGETSTATUS STALL\n"
                    "GETSTATUS STALL\nGETSTATUS STALL\nGETSTATUS STALL\nGETSTATUS STALL\n");
    settle(rig);
}

static void failed_transfers(void **state)
{
    static const enum dfu_outcome outcomes[] = {DFU_BUS_ERROR, DFU_NO_ANSWER, DFU_TIMED_OUT,
                                                DFU_BABBLED, DFU_CUT_SHORT};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct dfu_fault fault = at(DFU_FAULT_OUTCOME, DFU_DNLOAD, 0, 1);

        fault.outcome = outcomes[i];
        assert_fault(fault, mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_REQUEST);
        fault.request = DFU_UPLOAD;
        assert_fault(fault, command(BTAP_GET), BTAP_NO_REPLY, BTAP_PHASE_REQUEST);
        fault.request = DFU_GETSTATUS;
        assert_fault(fault, command(BTAP_GET_STATUS), BTAP_NO_REPLY, BTAP_PHASE_REQUEST);
        fault.skip = 1;
        assert_fault(fault, mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_STATUS);
        fault.skip = 2;
        assert_fault(fault, mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_STATUS);
    }
}

static struct dfu_fault answers(uint32_t skip, uint8_t length, uint8_t status, uint8_t state)
{
    struct dfu_fault fault = at(DFU_FAULT_ANSWER, DFU_GETSTATUS, skip, 1);

    fault.reply_length = length;
    fault.reply[0] = status;
    fault.reply[4] = state;
    fault.reply[5] = 17;
    return fault;
}

static void unreadable_answers(void **state)
{
    (void)state;
    assert_fault(answers(1, 6, 0, 99), mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_STATUS);
    assert_fault(answers(1, 6, 16, 4), mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_STATUS);
    assert_fault(answers(2, 3, 0, 0), mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_STATUS);
    assert_fault(answers(0, 3, 0, 0), command(BTAP_GET_STATUS), BTAP_BAD_REPLY, BTAP_PHASE_REPLY);
    /* dfuUPLOAD-IDLE: nothing that a DNLOAD leads to */
    assert_fault(answers(1, 6, 0, 9), mass_erase(), BTAP_BAD_REPLY, BTAP_PHASE_STATUS);
}

static void errors(void **state)
{
    struct dfu_fault fault = at(DFU_FAULT_STATUS, DFU_DNLOAD, 0, 1);
    struct rig *rig;

    (void)state;
    fault.status = STATUS_VERIFY;
    assert_fault(fault, mass_erase(), BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    rig = faulty(fault);
    assert_answer(rig, mass_erase(), BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    assert_int_equal(rig->answer.transaction.dfu_status, 7);
    assert_int_equal(rig->answer.transaction.dfu_state, 10);
    assert_int_equal(rig->answer.transaction.polls, 2);
    settle(rig);
    /* AN3156 section 5.3 under read protection: errVENDOR, at once */
    rig = begun("f072", &(struct dfu_device_config){.read_protected = true});
    assert_answer(rig, mass_erase(), BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    assert_int_equal(rig->answer.transaction.dfu_status, 11);
    assert_int_equal(rig->answer.transaction.polls, 1);
    settle(rig);
    /* The string that says why (DFU 1.1 section 6.1.2) */
    rig = faulty(answers(1, 6, 11, 10));
    assert_answer(rig, mass_erase(), BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    assert_int_equal(rig->answer.transaction.dfu_string, 17);
    settle(rig);
}

/* Devices' own ways (wire-facts) */

static void slower_than_stated(void **state)
{
    struct rig *rig = begun("f405", &(struct dfu_device_config){0});

    (void)state;
    /* F405: a mass erase that says 100 ms and takes 32 s */
    rig->wire.product.mass_erase_ms = 20;
    assert_ok(rig, mass_erase());
    assert_int_equal(rig->answer.transaction.polls, 21);
    assert_true(rig->answer.transaction.busy >= 15 * (btap_ns)MS);
    assert_int_equal(rig->answer.transaction.poll_timeout_ms, 1);
    settle(rig);

    /* L4: GETSTATUS is stalled meanwhile. */
    rig = begun("l476", &(struct dfu_device_config){.stall_while_busy = true});
    rig->wire.product.mass_erase_ms = 4;
    rig->wire.product.mass_erase_poll_ms = 2;
    assert_ok(rig, mass_erase());
    settle(rig);

    rig = begun("f072", &(struct dfu_device_config){.never_busy = true});
    assert_ok(rig, mass_erase());
    assert_int_equal(rig->answer.transaction.polls, 1);
    settle(rig);
}

/** H743: stays dfuDNBUSY; two CLRSTATUS bring it back. */
static void stuck_at_work(void **state)
{
    const struct host_options impatient = {.patience = 20 * (btap_ns)MS};
    struct rig *rig = start("h743", &(struct dfu_device_config){.stuck_busy = true}, &impatient);

    (void)state;
    begin(rig, command(BTAP_GET_STATUS));
    assert_answer(rig, addressed(BTAP_ERASE, 0x08000000), BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
    (void)dfu_wire_log(&rig->wire);
    /* A poll from now on is none of the erase. */
    assert_answer(rig, addressed(BTAP_ERASE, 0x08020000), BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
    assert_memory_equal(dfu_wire_log(&rig->wire),
                        "CLRSTATUS\nGETSTATUS\nCLRSTATUS\nGETSTATUS\nDNLOAD 0 4100000208\n", 60);
    assert_ok(rig, command(BTAP_CLEAR_STATUS));
    settle(rig);
}

/** Of a command that the recorded device did not end either, no full patience is needed. */
static void recorded_as_stuck(void **state)
{
    const struct host_options patient = {.patience = 0};
    struct rig *rig = start("h743", &(struct dfu_device_config){.stuck_busy = true}, &patient);
    struct plan_command recorded = addressed(BTAP_ERASE, 0x08000000);

    (void)state;
    begin(rig, command(BTAP_GET_STATUS));
    recorded.transaction.status = BTAP_NO_REPLY;
    recorded.transaction.phase = BTAP_PHASE_OPERATION;
    recorded.transaction.duration = 5 * (btap_ns)MS;
    assert_answer(rig, recorded, BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
    settle(rig);
}

/* Devices that leave */

static void unplugged(void **state)
{
    static const struct {
        enum dfu_request request;
        uint32_t skip;
        enum btap_phase phase;
    } cases[] = {
        {DFU_DNLOAD, 0, BTAP_PHASE_REQUEST},
        {DFU_GETSTATUS, 1, BTAP_PHASE_STATUS},
        {DFU_GETSTATUS, 2, BTAP_PHASE_OPERATION},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig *rig = faulty(at(DFU_FAULT_LEAVE, cases[i].request, cases[i].skip, 1));

        assert_int_equal(perform(rig, mass_erase()), HOST_GONE);
        assert_int_equal(rig->answer.transaction.status, BTAP_DISCONNECTED);
        assert_int_equal(rig->answer.transaction.phase, cases[i].phase);
        assert_int_equal(
            host_dfu.perform(rig->host,
                             &(struct plan_command){
                                 .transaction = {.transport = BTAP_DFU, .command = BTAP_ABORT}},
                             &rig->answer),
            HOST_GONE);
        host_dfu.rest(rig->host);
        finish(rig);
    }
}

/* AN3156 section 5.5, and how devices differ */
static void leaving(void **state)
{
    struct rig *rig = begun("gd32", &(struct dfu_device_config){.leave_without_status = true});

    (void)state;
    /* Gone on the DNLOAD itself */
    assert_ok(rig, addressed(BTAP_LEAVE, 0x08000000));
    assert_log(rig, "GETSTATUS\nDNLOAD 0 2100000008\nGETSTATUS\nGETSTATUS\nDNLOAD 2 GONE\n");
    finish(rig);

    /* C071 takes no Leave without an address. */
    rig = begun("f072", &(struct dfu_device_config){.needs_address_to_leave = true});
    assert_ok(rig, addressed(BTAP_LEAVE, 0x08000000));
    finish(rig);
}

static void coming_back(void **state)
{
    struct rig *rig = begun("f072", &(struct dfu_device_config){.read_protected = true});
    struct plan_command status = command(BTAP_GET_STATUS);

    (void)state;
    status.transaction.has |= BTAP_HAS_DFU_STATUS; /* the recorded device answered */
    status.transaction.dfu_state = 2;
    rig->wire.comes_back = true;
    /* AN3156 section 5.4: the device resets; the GETSTATUS after that finds nobody. */
    assert_ok(rig, command(BTAP_READ_UNPROTECT));
    assert_log(rig, "GETSTATUS\nDNLOAD 0 92\nGETSTATUS\nGETSTATUS GONE\n");
    assert_int_equal(rig->wire.reopened, 0);
    assert_ok(rig, addressed(BTAP_ERASE, 0x08000000));
    assert_log(rig, "back\nSET_INTERFACE 0\nGETSTATUS\nDNLOAD 0 4100000008\nGETSTATUS\n"
                    "GETSTATUS\n");
    assert_ok(rig, addressed(BTAP_LEAVE, 0x08000000));
    (void)dfu_wire_log(&rig->wire);
    assert_ok(rig, status);
    assert_log(rig, "back\nSET_INTERFACE 0\nGETSTATUS\n");
    /* It does not come back. */
    rig->wire.comes_back = false;
    assert_ok(rig, addressed(BTAP_LEAVE, 0x08000000));
    (void)dfu_wire_log(&rig->wire);
    /* One that the recorded device did not answer is the end of the leave. */
    assert_ok(rig, command(BTAP_GET_STATUS));
    assert_log(rig, "GETSTATUS GONE\n");
    assert_int_equal(perform(rig, status), HOST_GONE);
    finish(rig);
}

static void option_bytes(void **state)
{
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});
    struct plan_command made = memory(BTAP_WRITE_MEMORY, 2, 0x1ffff800, 8, eight);

    (void)state;
    made.transaction.alternate = 1;
    assert_ok(rig, made);
    assert_log(rig, "SET_INTERFACE 1\nGETSTATUS\nDNLOAD 0 2100f8ff1f\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 2 0102030405060708\nGETSTATUS\nGETSTATUS GONE\n");
    finish(rig);
}

/* Plain DFU 1.1: blocks, and an empty one that ends the image */
static void plain_dfu(void **state)
{
    static uint8_t image[1024];
    struct rig *rig = begun("plain", &(struct dfu_device_config){0});

    (void)state;
    memset(image, 0x5a, sizeof(image));
    assert_ok(rig, block(BTAP_DOWNLOAD, 0, 1024, image));
    assert_ok(rig, block(BTAP_DOWNLOAD, 1, 8, eight));
    assert_ok(rig, block(BTAP_DOWNLOAD, 2, 0, NULL));
    assert_log(rig, "GETSTATUS\nDNLOAD 0 5a5a5a5a5a5a5a5a\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 1 0102030405060708\nGETSTATUS\nGETSTATUS\n"
                    "DNLOAD 2\nGETSTATUS\nGETSTATUS\n");
    assert_int_equal(rig->answer.transaction.dfu_state, 2);
    assert_memory_equal(rig->wire.device.memory.flash, image, 1024);
    assert_memory_equal(rig->wire.device.memory.flash + 1024, eight, 8);
    assert_ok(rig, block(BTAP_UPLOAD, 0, 1024, NULL));
    assert_memory_equal(rig->data, image, 1024);
    (void)dfu_wire_log(&rig->wire);
    /* An image that is given up midway */
    host_dfu.rest(rig->host);
    assert_log(rig, "ABORT\n");
    host_dfu.rest(rig->host);
    assert_log(rig, "");
    assert_ok(rig, block(BTAP_DOWNLOAD, 0, 1024, image));
    (void)dfu_wire_log(&rig->wire);
    host_dfu.rest(rig->host);
    assert_log(rig, "ABORT\n");
    settle(rig);
}

/** Waits are the device's, and end with patience, whatever it asks for. */
static void hostile_waits(void **state)
{
    const struct host_options impatient = {.patience = 30 * (btap_ns)MS};
    struct dfu_fault fault = answers(1, 6, 0, 4);
    struct dfu_device_config config = {.faults_length = 1};
    struct rig *rig;

    (void)state;
    fault.times = 0;
    fault.reply[1] = fault.reply[2] = fault.reply[3] = 0xff; /* 4.6 hours */
    config.faults[0] = fault;
    rig = start("f072", &config, &impatient);
    begin(rig, command(BTAP_GET_STATUS));
    assert_answer(rig, mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
    assert_int_equal(rig->answer.transaction.poll_timeout_ms, 0xffffff);
    settle(rig);
    /* None at all: it is not asked without end. */
    fault.reply[1] = fault.reply[2] = fault.reply[3] = 0;
    config.faults[0] = fault;
    rig = start("f072", &config, &impatient);
    begin(rig, command(BTAP_GET_STATUS));
    assert_answer(rig, mass_erase(), BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
    assert_true(rig->answer.transaction.polls < 100);
    settle(rig);
}

/** Whatever a device says to GETSTATUS, each command ends, and with an outcome. */
static void anything_at_all(void **state)
{
    const struct host_options impatient = {.patience = 1 * (btap_ns)MS};
    uint32_t number = 1;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        const struct plan_command commands[] = {
            mass_erase(), addressed(BTAP_LEAVE, 0x08000000), command(BTAP_READ_UNPROTECT),
            command(BTAP_CLEAR_STATUS), memory(BTAP_READ_MEMORY, 2, 0x08000000, 64, NULL)};
        struct dfu_device_config config = {.faults_length = 4};
        struct rig *rig;

        for (size_t j = 0; j < config.faults_length; j++) {
            number = number * 1664525 + 1013904223;
            config.faults[j] = answers((number >> 8) % 12, 6, (uint8_t)((number >> 12) % 17),
                                       (uint8_t)((number >> 20) % 12));
        }
        rig = start("f072", &config, &impatient);
        begin(rig, command(BTAP_GET_STATUS));
        for (size_t j = 0; j < COUNT_OF(commands) && !rig->wire.device.gone; j++) {
            said_begin();
            (void)perform(rig, commands[j]);
            said_end();
            assert_int_equal(rig->answer.transaction.status == BTAP_OK,
                             rig->answer.transaction.phase == BTAP_PHASE_NONE);
        }
        rig->judge.answers_length = 0;
        finish(rig);
    }
}

/** As dfu-util 0.11 flashes: all pages erased, then an address and a block each. */
static void a_whole_flash(void **state)
{
    static uint8_t firmware[5000];
    struct rig *rig = begun("f072", &(struct dfu_device_config){0});

    (void)state;
    for (size_t i = 0; i < sizeof(firmware); i++)
        firmware[i] = (uint8_t)(i * 7 + i / 256);
    memset(rig->wire.device.memory.flash, 0, 8192);
    assert_ok(rig, command(BTAP_GET_STATUS));
    for (uint32_t page = 0; page < 3; page++)
        assert_ok(rig, addressed(BTAP_ERASE, 0x08000000 + page * 2048));
    for (uint32_t i = 0; i < sizeof(firmware); i += 2048) {
        const uint32_t length = sizeof(firmware) - i < 2048 ? (uint32_t)sizeof(firmware) - i : 2048;

        assert_ok(rig, addressed(BTAP_SET_ADDRESS, 0x08000000 + i));
        assert_ok(rig, memory(BTAP_WRITE_MEMORY, 2, 0x08000000 + i, length, firmware + i));
    }
    assert_ok(rig, command(BTAP_ABORT));
    assert_ok(rig, command(BTAP_GET_STATUS));
    assert_memory_equal(rig->wire.device.memory.flash, firmware, sizeof(firmware));
    assert_int_equal(rig->wire.device.memory.flash[6144], 0);
    /* Not a transfer more than dfu-util's own: 2 + 3 * 3 + 3 * 6 + 2, and the alternate setting */
    finish(rig);
}

static void who_it_is(void **state)
{
    struct rig *rig = begun("gd32", &(struct dfu_device_config){0});
    struct host_identity identity;

    (void)state;
    assert_int_equal(host_dfu.identify(rig->host, &identity, &rig->answer), HOST_ANSWERED);
    assert_false(identity.pid_known);
    assert_int_equal(identity.usb->vendor, 0x28e9);
    assert_log(rig, "");
    finish(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_command_sends),
        cmocka_unit_test(sets_the_pointer_where_it_differs),
        cmocka_unit_test(a_pointer_that_is_refused),
        cmocka_unit_test(another_transfer_size),
        cmocka_unit_test(a_block_that_is_too_large),
        cmocka_unit_test(between_downloads_and_uploads),
        cmocka_unit_test(a_recorded_fault_of_the_host),
        cmocka_unit_test(a_device_in_error),
        cmocka_unit_test(clear_status_where_nothing_is_wrong),
        cmocka_unit_test(as_recorded_is_as_recorded),
        cmocka_unit_test(alternates),
        cmocka_unit_test(alternates_that_are_refused),
        cmocka_unit_test(stalls),
        cmocka_unit_test(stalls_for_ever),
        cmocka_unit_test(failed_transfers),
        cmocka_unit_test(unreadable_answers),
        cmocka_unit_test(errors),
        cmocka_unit_test(slower_than_stated),
        cmocka_unit_test(stuck_at_work),
        cmocka_unit_test(recorded_as_stuck),
        cmocka_unit_test(unplugged),
        cmocka_unit_test(leaving),
        cmocka_unit_test(coming_back),
        cmocka_unit_test(option_bytes),
        cmocka_unit_test(plain_dfu),
        cmocka_unit_test(hostile_waits),
        cmocka_unit_test(anything_at_all),
        cmocka_unit_test(a_whole_flash),
        cmocka_unit_test(who_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
