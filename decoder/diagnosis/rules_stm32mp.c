/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of the STM32MP's boot stages on USB: the ROM, TF-A and U-Boot take an image for each
 * partition (AN5275), tell in which phase they are, and start one another.
 */
#include <stdio.h>

#include "boottap/dfuse_layout.h"
#include "diagnosis/tables.h"

#define STAGES                                                                                     \
    "the ROM takes the FSBL (0x01), TF-A then the SSBL or FIP (0x03), U-Boot what the "            \
    "FlashLayout "                                                                                 \
    "lists"

static bool gave_up(const struct btap_session *session, const struct btap_brief *failed,
                    struct btap_finding *finding)
{
    char quoted[sizeof(finding->quote)];

    (void)failed;
    diagnosis_show(finding, session->phase_packet);
    if (session->reason[0] != '\0') {
        snprintf(quoted, sizeof(quoted), "\"%.*s\"", (int)sizeof(quoted) - 3, session->reason);
        diagnosis_quote(finding, quoted);
    }
    return session->phase_packet != 0 && session->phase == BTAP_PARTITION_RESET;
}

/** The first block of all, in an alternate setting whose name is known. */
static bool first_block(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    struct btap_partition partition;

    if (session->written.commands > 0 || failed->length == 0 ||
        !btap_partition_parse(session->target, &partition))
        return false;
    finding->arg[0] = partition.id;
    return true;
}

static bool detach_wanted(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    diagnosis_show(finding, session->phase_packet);
    return session->needs_detach && session->done[BTAP_DETACH] == 0 &&
           session->failures_length == 0;
}

static bool image_taken(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->failures_length == 0 &&
           (session->written.commands > 0 || session->done[BTAP_DETACH] > 0);
}

static const struct diagnosis_rule rules[] = {
    {.needs = NOTHING,
     .text = {"phase-reset", CAUSE, FACT, "The device gives up, and tells phase 0xff",
              "It does so when it cannot go on: in its own words, where it gave any",
              "Read its console (UART); check the FlashLayout file, and that each image is meant "
              "for the partition that it goes to",
              ""},
     .families = STM32MP,
     .sessionwide = true,
     .transports = DFU,
     .also = gave_up},
    {.needs = NOTHING,
     .text = {"other-partition", CAUSE, LIKELY,
              "Partition 0x%02x is refused, the device had asked for 0x%02x",
              "The device takes its partitions in its own order, which it tells, and most likely "
              "refuses this one for that",
              "Send what it asks for: " STAGES, "an image that the device does not accept"},
     .families = STM32MP,
     .transports = DFU,
     .commands = BIT(BTAP_DOWNLOAD),
     .failed_note = {NOTE(OTHER_PARTITION)}},
    {.needs = NOTHING,
     .text = {"partition-refused", CAUSE, LIKELY,
              "The device refuses the first block for partition 0x%02x",
              "It is most likely not what this boot stage takes: " STAGES,
              "Look at the names of the alternate settings (dfu-util -l), and choose by name: "
              "dfu-util -a NAME -D FILE; after each image the device enumerates anew",
              "an image that is damaged, or not signed as the part wants it"},
     .families = STM32MP,
     .transports = DFU,
     .commands = BIT(BTAP_DOWNLOAD),
     .statuses = BIT(BTAP_STALL) | BIT(BTAP_DFU_ERROR),
     .also = first_block},
    {.needs = NOTHING,
     .text = {"detach-missing", DOUBT, LIKELY,
              "The device asks for DFU_DETACH, and none follows in the capture",
              "It starts what it was given when it gets DFU_DETACH, and most likely still waits",
              "Send it: dfu-util -e, or -R behind the download",
              "a capture that was stopped too early"},
     .families = STM32MP,
     .sessionwide = true,
     .transports = DFU,
     .also = detach_wanted},
    {.needs = NOTHING,
     .text = {"next-stage", ODDITY, FACT,
              "The device left the bus with its image: what it has started enumerates by itself",
              "", "", ""},
     .families = STM32MP,
     .sessionwide = true,
     .transports = DFU,
     .note = {NOTE(DEVICE_LEFT), NOTE(DEVICE_GONE)},
     .also = image_taken},
};

const struct diagnosis_table diagnosis_stm32mp = DIAGNOSIS_TABLE(rules);
