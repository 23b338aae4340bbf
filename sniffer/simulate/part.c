/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "simulate/series.h"

/* What every bootloader of AN3155 and AN5405 lists (section 3.1 of each). */
static const uint8_t common[] = {0x00, 0x01, 0x02, 0x11, 0x21, 0x31};
static const uint8_t readout[] = {0x82, 0x92};
/* And every one of AN3154 (section 3.2). */
static const uint8_t classic[] = {0x00, 0x01, 0x02, 0x03, 0x11, 0x21,
                                  0x31, 0x43, 0x63, 0x73, 0x82, 0x92};

#define WRITE_PROTECT     0x63
#define WRITE_UNPROTECT   0x73
#define SPECIAL           0x50
#define EXTENDED_SPECIAL  0x51
#define GET_CHECKSUM      0xA1
#define CLASSIC_VERSION   0x20
#define EXTENDED_ERASE    0x44
#define OTP               "@OTP Memory /0x1FFF7800/01*512 e,01*016 e"
#define DEVICE_FEATURE    "@Device Feature/0xFFFF0000/01*004 e"
#define DFU_PAGE_POLL_MS  20
#define DFU_WRITE_POLL_MS 5
#define DFU_MASS_POLL_MS  100

/** Sectors of the product's layout, those of one size together. */
static void set_runs(struct sim_memory *memory, const struct btap_product *product)
{
    struct btap_range sector;
    size_t run = 0;

    for (uint32_t i = 0; btap_product_sector(product, i, &sector); i++) {
        const uint32_t size = sector.last - sector.first + 1;

        if (memory->runs[run].count > 0 && memory->runs[run].size != size && run + 1 < SIM_RUNS_MAX)
            run++;
        memory->runs[run].size = size;
        memory->runs[run].count++;
    }
}

/** Bytes of a range; 0 where it is not known. */
static uint32_t size_of(struct btap_range range)
{
    return range.last == 0 ? 0 : range.last - range.first + 1;
}

static void set_memory(struct sim_memory *memory, const struct btap_product *product)
{
    const struct btap_programming *programming = btap_product_programming(product);

    *memory = (struct sim_memory){
        .flash_start = product->flash_start,
        .flash_size = product->flash_size,
        .ram_start = product->sram.first,
        .ram_size = size_of(product->sram),
        .ram_reserved = product->bootloader_ram_end > product->sram.first
                            ? product->bootloader_ram_end - product->sram.first
                            : 0,
        .system_start = product->system_memory.first,
        .system_size = size_of(product->system_memory),
        .options_start = product->option_bytes.first,
        .options_size = size_of(product->option_bytes),
        .erased = programming != NULL ? programming->erased : 0xFF,
        .is_part = true,
        .no_mass_erase = product->mass_erase == BTAP_MASS_ERASE_NO,
    };
    set_runs(memory, product);
    memory->flash = allocate(memory->flash_size);
    memory->ram = allocate(memory->ram_size + 1);
    memory->system = allocate(memory->system_size + 1);
    memory->options = allocate(memory->options_size + 1);
    sim_memory_fill(memory);
}

/** The command list in the order in which Get tells it. @return how many */
static uint8_t list_commands(const struct sim_series *series, uint8_t erase, bool on_can,
                             uint8_t *commands)
{
    uint8_t length = sizeof(common);

    memcpy(commands, common, sizeof(common));
    commands[length++] = erase;
    /* As the H5 has it; ST's own bootloader names them behind all others. */
    if (series->has_special && series->no_readout)
        commands[length++] = SPECIAL;
    commands[length++] = WRITE_PROTECT;
    commands[length++] = WRITE_UNPROTECT;
    if (!series->no_readout) {
        memcpy(commands + length, readout, sizeof(readout));
        length += sizeof(readout);
    }
    if (series->has_special && !series->no_readout) {
        commands[length++] = SPECIAL;
        commands[length++] = EXTENDED_SPECIAL;
    }
    if (series->has_checksum && !on_can)
        commands[length++] = GET_CHECKSUM;
    return length;
}

/** Appends runs of pages as DfuSe writes them: `04*016Kg,01*064Kg` (UM0424). */
static void describe_flash(struct part *part)
{
    const struct sim_memory *memory = &part->memory;
    int at = snprintf(part->layout, sizeof(part->layout), "@Internal Flash  /0x%08X/",
                      (unsigned)memory->flash_start);

    for (size_t i = 0; i < SIM_RUNS_MAX && memory->runs[i].count > 0; i++) {
        const struct sim_run *run = &memory->runs[i];
        const bool in_kib = run->size % 1024 == 0;

        at += snprintf(part->layout + at, sizeof(part->layout) - (size_t)at, "%s%02u*%03u%cg",
                       i > 0 ? "," : "", (unsigned)run->count,
                       (unsigned)(in_kib ? run->size / 1024 : run->size), in_kib ? 'K' : ' ');
    }
}

static void describe_dfu(struct part *part, const struct sim_series *series)
{
    const struct sim_memory *memory = &part->memory;
    size_t alternates = 0;

    describe_flash(part);
    part->dfu = (struct dfu_product){
        .name = part->product->name,
        .vendor = 0x0483,
        .product = 0xDF11,
        .bcd_device = 0x2200,
        .transfer_size = series->transfer_size,
        .bcd_dfu = DFU_BCD_DFUSE,
        .attributes = 0x0B,
        .serial = "205F37913556",
        .flash_size = memory->flash_size,
        .options_start = memory->options_start,
        .erase_poll_ms = DFU_PAGE_POLL_MS,
        .write_poll_ms = DFU_WRITE_POLL_MS,
        .mass_erase_poll_ms = DFU_MASS_POLL_MS,
        .mass_erase_ms = DFU_MASS_POLL_MS,
    };
    part->dfu.alternates[alternates++] = part->layout;
    if (memory->options_size > 0) {
        snprintf(part->options, sizeof(part->options), "@Option Bytes  /0x%08X/01*%03u e",
                 (unsigned)memory->options_start, (unsigned)memory->options_size);
        part->dfu.alternates[alternates++] = part->options;
    }
    if (series->has_otp) {
        part->dfu.alternates[alternates++] = OTP;
        part->dfu.alternates[alternates] = DEVICE_FEATURE;
    }
}

static void describe_can(struct part *part, const struct sim_series *series)
{
    const struct btap_product *product = part->product;

    part->fdcan = (struct can_product){
        .name = product->name,
        .pid = product->pid,
        .version = series->fdcan_version,
        .commands = part->fdcan_commands,
        .commands_length = list_commands(series, EXTENDED_ERASE, true, part->fdcan_commands),
        .flash_size = product->flash_size,
        .page_size = part->memory.runs[0].size,
        .dialect = &can_dialect_fd,
    };
    part->can = part->fdcan;
    part->can.version = CLASSIC_VERSION;
    part->can.commands = classic;
    part->can.commands_length = sizeof(classic);
    part->can.dialect = &can_dialect_classic;
}

void part_init(struct part *part, const struct btap_product *product)
{
    const struct sim_series *series = series_of(product);

    *part = (struct part){.product = product};
    set_memory(&part->memory, product);
    part->usart = (struct usart_product){
        .name = product->name,
        .pid = product->pid,
        .version = series->usart_version,
        .commands = part->commands,
        .commands_length = list_commands(series, product->erase_opcode, false, part->commands),
        .flash_size = product->flash_size,
        .page_size = part->memory.runs[0].size,
    };
    describe_can(part, series);
    describe_dfu(part, series);
}

void part_free(struct part *part)
{
    free(part->memory.flash);
    free(part->memory.ram);
    free(part->memory.system);
    free(part->memory.options);
}
