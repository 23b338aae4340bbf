/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The samples of DFU and FDCAN, replayed to fresh simulated devices: the answers, the end and where
 * it is, the flash memory, and the recording, which tells the same session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "can_wire.h"
#include "dfu_wire.h"
#include "host_judge.h"
#include "program.h"
#include "replay/make.h"
#include "replay/replay.h"
#include "said.h"
#include "test.h"

#define MS ((btap_ns)1000000)

/** Of flash, in a page that every sample erases: what it holds before. */
#define UNTOUCHED_FROM 1024
#define UNTOUCHED_SIZE 16
#define UNTOUCHED      0x5a

/** A replay and how it ends. */
struct sample {
    const char *file;
    const char *device; /**< of the tests' products */
    enum replay_end end;
    size_t sent;              /**< commands of the plan */
    uint64_t first_different; /**< number of the first transaction that is answered otherwise; 0 */
    bool filled;              /**< flash was written before, see assert_untouched() */
    bool writes;              /**< flash is what `boottap extract` makes of the capture */
    struct dfu_device_config dfu;
    struct can_device_config can;
};

static struct dfu_wire *dfu_wire;
static struct can_wire *can_wire;

/** Between commands: nobody stops it, and the logs do not fill. */
static bool stopped(void)
{
    if (dfu_wire != NULL)
        (void)dfu_wire_log(dfu_wire);
    if (can_wire != NULL)
        (void)can_wire_log(can_wire);
    return false;
}

static void read_plan(struct plan *plan, const char *file)
{
    struct make_options options = {.choice = {.path = file, .decoder = btap_options_default()}};

    options.skips.damaged = true;
    assert_true(make_plan(plan, &options));
}

static struct wire *open_device(const struct sample *sample, enum btap_transport transport)
{
    if (transport == BTAP_DFU) {
        dfu_wire = allocate(sizeof(*dfu_wire));
        dfu_wire_open(dfu_wire, sample->device, &sample->dfu);
        return &dfu_wire->wire;
    }
    can_wire = allocate(sizeof(*can_wire));
    can_wire_open(can_wire, sample->device, &sample->can);
    return &can_wire->wire;
}

static uint8_t *flash(void)
{
    return dfu_wire != NULL ? dfu_wire->device.memory.flash : can_wire->device.memory.flash;
}

static void close_device(void)
{
    free(dfu_wire);
    free(can_wire);
    dfu_wire = NULL;
    can_wire = NULL;
}

/** Whether flash holds what the capture wrote. */
static void assert_flash(const char *file)
{
    char line[512];
    struct run run;

    snprintf(line, sizeof(line), "extract -q --fill=0xff -o - --format=bin %s", file);
    run = run_program(line);
    assert_int_equal(run.status, 0);
    if (run.length == 0 || memcmp(flash(), run.out, run.length) != 0)
        fail_msg("%s: flash is not what was written", file);
    run_release(&run);
}

/** The commands of the plan that were sent, in their order, in what the decoder makes of it. */
static void assert_recorded(const struct plan *plan, size_t sent, const struct judge *judge)
{
    size_t at = 0;

    for (size_t i = 0; i < sent; i++) {
        struct plan_command command;

        plan_get(plan, i, &command);
        /* Sent only to a device that has an error to clear */
        if (command.transaction.command == BTAP_CLEAR_STATUS)
            continue;
        while (at < judge->seen_length && (judge->seen[at].command != command.transaction.command ||
                                           judge->seen[at].address != command.transaction.address ||
                                           judge->seen[at].length != command.transaction.length ||
                                           judge->seen[at].status != command.transaction.status))
            at++;
        if (at == judge->seen_length) {
            char words[1024];

            judge_words(judge, words, sizeof(words));
            fail_msg("%s: transaction %llu is not in the recording: %s", plan->name,
                     (unsigned long long)command.transaction.n, words);
        }
        at++;
    }
}

/** How a replay ended. */
struct outcome {
    struct replay_result result;
    uint64_t first_different; /**< number of the transaction; 0 */
    struct judge judge;
    struct plan plan;
    char file[256];
    char said[2048];
};

static void play(const struct sample *sample, struct outcome *outcome)
{
    const struct replay_options options = {
        .permit = judge_permit, .host = {.patience = 40 * MS}, .accept_unknown = true};
    const struct answer_options answer_options = {.strict = false};
    struct plan *plan = &outcome->plan;
    struct answers answers;
    struct gate *gate;

    snprintf(outcome->file, sizeof(outcome->file), "%s%s",
             sample->file[0] == '/' ? "" : BOOTTAP_CAPTURES "/", sample->file);
    close_device(); /* of a test that failed */
    said_begin();
    read_plan(plan, outcome->file);
    judge_start(&outcome->judge);
    answers_init(&answers, &answer_options);
    gate = gate_new(open_device(sample, plan->transport), &options.permit, &plan->device,
                    &outcome->judge.sink);
    if (sample->filled)
        memset(flash() + UNTOUCHED_FROM, UNTOUCHED, UNTOUCHED_SIZE);
    replay_run(plan, gate, &options, &answers, stopped, &outcome->result);
    gate_free(gate);
    answers_release(&answers);
    btap_tap_finish(&outcome->judge.tap);
    snprintf(outcome->said, sizeof(outcome->said), "%s", said_end());
    outcome->first_different = 0;
    if (outcome->result.different > 0) {
        struct plan_command command;

        plan_get(plan, outcome->result.first_different, &command);
        outcome->first_different = command.transaction.n;
    }
}

static void done(struct outcome *outcome)
{
    free(outcome->judge.seen);
    free(outcome->judge.answers);
    plan_release(&outcome->plan);
    close_device();
}

static void assert_end(const struct sample *sample, const struct outcome *outcome)
{
    const struct replay_result *result = &outcome->result;

    if (result->end != sample->end || result->sent != sample->sent ||
        outcome->first_different != sample->first_different)
        fail_msg("%s: end %d after %zu commands, the first difference at %llu: %s; %s; %s",
                 sample->file, (int)result->end, result->sent,
                 (unsigned long long)outcome->first_different, result->words, result->flash,
                 outcome->said);
}

static void replay(const struct sample *sample)
{
    static struct outcome outcome;

    play(sample, &outcome);
    assert_end(sample, &outcome);
    assert_recorded(&outcome.plan, outcome.result.sent - (outcome.first_different != 0),
                    &outcome.judge);
    if (sample->writes)
        assert_flash(outcome.file);
    done(&outcome);
}

static void replay_all(const struct sample *samples, size_t length)
{
    for (size_t i = 0; i < length; i++)
        replay(&samples[i]);
}

/*
 * What becomes of each sample, by the note of captures/README.md and AN3156 or AN5405: a device of
 * the recorded kind answers as the recorded one did, where nothing in the capture came from a fault
 * that this one does not have. What a capture does not wholly hold is left out.
 */

static void dfu_samples(void **state)
{
    static const struct sample samples[] = {
        /* Erase, write, leave; the device is on the bus again, or not. */
        {"dfu-back-at-once.pcap", "l476", REPLAY_SAME, .sent = 6, .writes = true},
        {"dfu-back-in-bootloader.pcap", "l476", REPLAY_SAME, .sent = 6, .writes = true},
        {"dfu-back-later.pcap", "l476", REPLAY_SAME, .sent = 6, .writes = true},
        {"dfu-download.pcap", "f072", REPLAY_SAME, .sent = 13, .writes = true},
        {"dfu-download-189.pcap", "f072", REPLAY_SAME, .sent = 13, .writes = true},
        {"dfu-download-usbpcap.pcap", "f072", REPLAY_SAME, .sent = 13, .writes = true},
        {"dfu-gd32.pcap", "gd32", REPLAY_SAME, .sent = 5, .writes = true},
        {"dfu-gd32.pcap", "gd32", REPLAY_SAME, .sent = 5, .writes = true,
         .dfu = {.leave_without_status = true}},
        {"kernel-dfu-download.pcap", "f072", REPLAY_SAME, .sent = 16, .writes = true},
        {"kernel-dfu-download.pcap", "f072", REPLAY_SAME, .sent = 16, .writes = true,
         .dfu = {.firmware_corrupt = true}},
        {"dfu-download-0.9.pcap", "f072", REPLAY_SAME, .sent = 10, .writes = true,
         .dfu = {.firmware_corrupt = true}},
        {"dfu-plain.pcap", "plain", REPLAY_SAME, .sent = 8},
        {"dfu-upload.pcap", "f072", REPLAY_SAME, .sent = 7},
        {"kernel-dfu-upload.pcap", "f072", REPLAY_SAME, .sent = 10},
        {"dfu-get.pcap", "f405", REPLAY_SAME, .sent = 5},
        {"dfu-mass-erase.pcap", "f405", REPLAY_SAME, .sent = 3},
        {"dfu-option-bytes.pcap", "f072", REPLAY_SAME, .sent = 3},
        {"dfu-read-unprotect.pcap", "f072", REPLAY_SAME, .sent = 2,
         .dfu = {.read_protected = true}},
        {"dfu-off-layout.pcap", "f072", REPLAY_SAME, .sent = 4},
        {"dfu-stall-busy.pcap", "l476", REPLAY_SAME, .sent = 3, .dfu = {.stall_while_busy = true}},
        {"dfu-detach.pcap", "plain", REPLAY_SAME, .sent = 2},
        /* Refusals that come again */
        {"dfu-bad-address.pcap", "f072", REPLAY_SAME, .sent = 5},
        {"dfu-forbidden.pcap", "l476", REPLAY_SAME, .sent = 8},
        {"dfu-read-protected.pcap", "f072", REPLAY_SAME, .sent = 7,
         .dfu = {.read_protected = true}},
        {"kernel-dfu-protected.pcap", "f072", REPLAY_SAME, .sent = 4,
         .dfu = {.read_protected = true}},
        {"dfu-leave-failed.pcap", "f072", REPLAY_SAME, .sent = 2,
         .dfu = {.needs_address_to_leave = true}},
        {"dfu-leave-refused.pcap", "f072", REPLAY_SAME, .sent = 6,
         .dfu = {.needs_address_to_leave = true}},
        /* A failed try is left out, and the second one sent */
        {"dfu-bus-error.pcap", "f072", REPLAY_SAME, .sent = 3},
        {"dfu-failed-transfers.pcap", "f072", REPLAY_SAME, .sent = 4},
        {"dfu-hasty.pcap", "f072", REPLAY_SAME, .sent = 3},
        {"dfu-no-answer.pcap", "f072", REPLAY_SAME, .sent = 2},
        /* This device is not protected: the read, and not the state behind it, is the first */
        {"dfu-read-protected.pcap", "f072", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"kernel-dfu-protected.pcap", "f072", REPLAY_DIFFERENT, .sent = 4, .first_different = 4},
        /* Faults that this device does not have */
        {"dfu-bus-failed.pcap", "l476", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"dfu-host-gave-up.pcap", "l476", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"dfu-poll-stalled.pcap", "l476", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"dfu-poll-stalled-last.pcap", "l476", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"dfu-stuck-busy.pcap", "h743", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"dfu-write-error.pcap", "f072", REPLAY_DIFFERENT, .sent = 4, .first_different = 5},
        {"dfu-unplug.pcap", "f072", REPLAY_DIFFERENT, .sent = 5, .first_different = 5},
        {"kernel-dfu-unplugged.pcap", "f072", REPLAY_DIFFERENT, .sent = 12, .first_different = 12},
        {"kernel-dfu-stalled.pcap", "f072", REPLAY_DIFFERENT, .sent = 12, .first_different = 12},
        {"dfu-odd-answers.pcap", "f072", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        /* Commands of DfuSe for a plain device are no firmware */
        {"dfu-wrong-dialect.pcap", "plain", REPLAY_REFUSED, .sent = 1},
        {"dfu-dialect-refused.pcap", "plain", REPLAY_REFUSED, .sent = 1},
    };

    (void)state;
    replay_all(samples, COUNT_OF(samples));
}

static void fdcan_samples(void **state)
{
    static const struct sample samples[] = {
        {"fdcan-flash.pcap", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-flash-sll.pcap", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-flash-sll2.pcap", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-flash-pcapng.pcapng", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-flash-candump.log", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-flash-no-flags.pcap", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-other-nodes.pcap", "g474", REPLAY_SAME, .sent = 9, .writes = true},
        {"fdcan-flash-111.pcap", "h563", REPLAY_SAME, .sent = 9, .writes = true,
         .can = {.replies = CAN_REPLY_111}},
        {"fdcan-flash-h7.pcap", "h743", REPLAY_SAME, .sent = 9, .writes = true,
         .can = {.replies = CAN_REPLY_H7}},
        {"fdcan-flash-l5.pcap", "l552", REPLAY_SAME, .sent = 9, .writes = true,
         .can = {.replies = CAN_REPLY_OPCODE}},
        {"kernel-fdcan-any.pcap", "g474", REPLAY_SAME, .sent = 7, .writes = true},
        {"kernel-fdcan-candump.log", "g474", REPLAY_SAME, .sent = 7, .writes = true},
        {"kernel-fdcan-socketcan.pcap", "g474", REPLAY_SAME, .sent = 7, .writes = true},
        {"fdcan-recorded-twice.pcap", "g474", REPLAY_SAME, .sent = 3, .writes = true},
        {"fdcan-midstream.pcap", "g474", REPLAY_SAME, .sent = 3},
        {"fdcan-erase-forms.pcap", "g474", REPLAY_SAME, .sent = 4},
        {"fdcan-special.pcap", "g474", REPLAY_SAME, .sent = 4},
        {"fdcan-erase-one-list-ack.pcap", "l552", REPLAY_SAME, .sent = 3,
         .can = {.one_list_ack = true}},
        {"fdcan-protection.pcap", "g474", REPLAY_SAME, .sent = 5},
        {"fdcan-read-protected.pcap", "g474", REPLAY_SAME, .sent = 7,
         .can = {.read_protected = true}},
        {"fdcan-silent-protection.pcap", "h743", REPLAY_SAME, .sent = 3,
         .can = {.read_protected = true, .silent_if_protected = true}},
        {"fdcan-no-reply.pcap", "g474", REPLAY_SAME, .sent = 2},
        {"fdcan-error-frames.pcap", "g474", REPLAY_SAME, .sent = 2},
        /* Protocol 2.2, before its detection frame and after it */
        {"fdcan-detection-silent.pcap", "c092", REPLAY_SAME, .sent = 3,
         .can = {.detection_required = true, .detection_silent = true}},
        {"fdcan-detection.pcap", "c092", REPLAY_DIFFERENT, .sent = 1, .first_different = 1,
         .can = {.detection_required = true}},
        {"fdcan-detection.pcap", "c092", REPLAY_DIFFERENT, .sent = 1, .first_different = 1},
        /* Older ones refuse it */
        {"fdcan-detection-refused.pcap", "g474", REPLAY_SAME, .sent = 1},
        {"fdcan-detection-unknown.pcap", "g474", REPLAY_SAME, .sent = 2},
        /* Faults that this device does not have */
        {"fdcan-nacks.pcap", "g474", REPLAY_DIFFERENT, .sent = 4, .first_different = 4},
        {"fdcan-refused-at-once.pcap", "g474", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        {"fdcan-silent-protection.pcap", "h743", REPLAY_DIFFERENT, .sent = 2, .first_different = 2},
        /* Another product */
        {"fdcan-flash.pcap", "h743", REPLAY_WRONG_DEVICE, .sent = 3},
        {"fdcan-erase-list-readback.pcap", "h743", REPLAY_WRONG_DEVICE, .sent = 1},
    };

    (void)state;
    replay_all(samples, COUNT_OF(samples));
}

/** Classic devices take nothing before 0x79. */
#define CLASSIC .can = {.detection_required = true}

static void classic_can_samples(void **state)
{
    static const struct sample samples[] = {
        {"can-flash.pcap", "f405", REPLAY_SAME, .sent = 10, .writes = true, CLASSIC},
        {"can-flash-candump.log", "f405", REPLAY_SAME, .sent = 10, .writes = true, CLASSIC},
        {"can-other-nodes.pcap", "f405", REPLAY_SAME, .sent = 10, .writes = true, CLASSIC},
        {"can-flash-openbl.pcap", "f405", REPLAY_SAME, .sent = 10, .writes = true,
         .can = {.detection_required = true, .rest_by_bytes = true}},
        {"can-flash.pcap", "f405", REPLAY_SAME, .sent = 10, .writes = true,
         .can = {.detection_required = true, .one_list_ack = true}},
        {"can-forms.pcap", "f405", REPLAY_SAME, .sent = 15,
         .can = {.detection_required = true, .three_mass_acks = true}},
        {"can-read-protected.pcap", "f405", REPLAY_SAME, .sent = 6,
         .can = {.detection_required = true, .read_protected = true}},
        /* Another product */
        {"can-flash.pcap", "f105", REPLAY_WRONG_DEVICE, .sent = 4, CLASSIC},
    };

    (void)state;
    replay_all(samples, COUNT_OF(samples));
}

/* The one public capture of a real ROM lies beside the project, as for test_rom_capture.c. */
static void the_capture_of_a_real_rom(void **state)
{
    static const struct sample sample = {SHARED_CAPTURES "/stm32_dfu_install.usbmon-fixed.pcap",
                                         "f072",
                                         REPLAY_SAME,
                                         .sent = 44,
                                         .writes = true,
                                         .dfu = {.firmware_corrupt = true}};

    (void)state;
    if (access(sample.file, R_OK) != 0)
        skip();
    replay(&sample);
}

/** Nothing was erased or written. */
static void assert_untouched(void)
{
    for (size_t i = 0; i < UNTOUCHED_SIZE; i++)
        assert_int_equal(flash()[UNTOUCHED_FROM + i], UNTOUCHED);
}

/* Another layout: nothing is sent that changes it. */
static void another_device_is_not_changed(void **state)
{
    static const char *const devices[] = {"l476", "f405", "h743", "gd32"};
    static struct outcome outcome;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(devices); i++) {
        const struct sample sample = {"dfu-download.pcap", devices[i], .filled = true};

        play(&sample, &outcome);
        assert_int_equal(outcome.result.end, REPLAY_WRONG_DEVICE);
        assert_non_null(
            strstr(outcome.result.words, "this is another device: alternate setting 0"));
        assert_string_equal(outcome.result.flash, "the flash memory is as it was");
        assert_untouched();
        done(&outcome);
    }
}

/* DNLOADs 1 to 3 erase, then each write has one before it that sets the pointer: transactions 2 to
 * 10. Each fails in each way: it ends there. */
static void a_download_that_fails_somewhere(void **state)
{
    static const struct dfu_fault faults[] = {
        {.kind = DFU_FAULT_STALL},
        {.kind = DFU_FAULT_STATUS, .status = 3 /* errWRITE */},
        {.kind = DFU_FAULT_OUTCOME, .outcome = DFU_NO_ANSWER},
        {.kind = DFU_FAULT_LEAVE},
    };
    static struct outcome outcome;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        for (uint32_t n = 1; n <= 9; n++) {
            const bool gone = faults[i].kind == DFU_FAULT_LEAVE;
            struct sample sample = {"dfu-download.pcap", "f072", REPLAY_DIFFERENT, .sent = n + 1,
                                    .first_different = n + 1};
            char name[32];

            if (gone) {
                sample.end = REPLAY_GONE;
                sample.sent = n;
                sample.first_different = 0;
            }
            sample.dfu.faults_length = 1;
            sample.dfu.faults[0] = faults[i];
            sample.dfu.faults[0].request = DFU_DNLOAD;
            sample.dfu.faults[0].skip = n - 1;
            sample.dfu.faults[0].times = 1;
            play(&sample, &outcome);
            assert_end(&sample, &outcome);
            snprintf(name, sizeof(name), "transaction %u, ", n + 1);
            assert_non_null(strstr(outcome.result.words, name));
            done(&outcome);
        }
}

/* 2 KiB pages, by the layout of the alternate setting: three erased, the second write is not done.
 */
static void the_state_of_the_flash_of_a_device_with_several_alternates(void **state)
{
    struct sample sample = {"dfu-download.pcap", "f072", REPLAY_DIFFERENT, .sent = 8,
                            .first_different = 8};
    static struct outcome outcome;

    (void)state;
    sample.dfu.faults_length = 1;
    sample.dfu.faults[0] =
        (struct dfu_fault){.kind = DFU_FAULT_STALL, .request = DFU_DNLOAD, .skip = 6, .times = 1};
    play(&sample, &outcome);
    assert_end(&sample, &outcome);
    assert_string_equal(outcome.result.flash,
                        "0x08000000-0x080017ff erased, written up to 0x080007ff: not a complete "
                        "firmware, 2952 bytes are missing; run it again");
    done(&outcome);
}

/* Every command of the sample fails at its first answer. */
static void an_fdcan_command_that_fails(void **state)
{
    static const enum can_misbehaviour kinds[] = {CAN_NACK, CAN_GARBAGE, CAN_UNPLUG};
    static struct outcome outcome;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        for (uint32_t n = 2; n <= 9; n++) {
            struct sample sample = {"fdcan-flash.pcap",   "g474",
                                    REPLAY_DIFFERENT,     .sent = n,
                                    .first_different = n, .filled = true};

            sample.can.faults_length = 1;
            sample.can.faults[0] = (struct can_fault){.kind = kinds[i],
                                                      .opcode = -1,
                                                      .phase = CAN_COMMAND,
                                                      .skip = n - 1,
                                                      .times = 1,
                                                      .byte = 0x55};
            play(&sample, &outcome);
            assert_end(&sample, &outcome);
            if (n <= 4)
                assert_untouched();
            done(&outcome);
        }
}

/* 100 bytes come in frames of 64, the last one filled up: a wrong byte is one of the 100. */
static void wrong_data_of_a_read(void **state)
{
    struct sample sample = {"fdcan-flash.pcap", "g474", REPLAY_DIFFERENT, .sent = 8,
                            .first_different = 8};

    (void)state;
    sample.can.faults_length = 1;
    sample.can.faults[0] = (struct can_fault){
        .kind = CAN_WRONG, .opcode = 0x11, .phase = CAN_REPLY, .skip = 1, .times = 1, .byte = 1};
    static struct outcome outcome;

    play(&sample, &outcome);
    assert_end(&sample, &outcome);
    assert_non_null(strstr(outcome.result.words, "crc32"));
    done(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dfu_samples),
        cmocka_unit_test(fdcan_samples),
        cmocka_unit_test(classic_can_samples),
        cmocka_unit_test(the_capture_of_a_real_rom),
        cmocka_unit_test(another_device_is_not_changed),
        cmocka_unit_test(a_download_that_fails_somewhere),
        cmocka_unit_test(the_state_of_the_flash_of_a_device_with_several_alternates),
        cmocka_unit_test(an_fdcan_command_that_fails),
        cmocka_unit_test(wrong_data_of_a_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
