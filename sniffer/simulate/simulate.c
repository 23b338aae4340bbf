/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/simulate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "base/outfile.h"
#include "simulate/stage.h"

#define CAN_PLACE "can:"
#define USB_PLACE "vhci"

/** @return false: a message says why */
static bool load(struct stage *stage)
{
    const char *path = stage->wanted->flash;
    struct sim_memory *memory = &stage->part.memory;
    FILE *file = path != NULL ? fopen(path, "rbe") : NULL;
    size_t length;
    bool longer;
    int cause;

    if (path == NULL || (file == NULL && errno == ENOENT))
        return path == NULL || outfile_check(path);
    if (file == NULL) {
        message("%s: %s", path, strerror(errno));
        return false;
    }
    errno = 0;
    length = fread(memory->flash, 1, memory->flash_size, file);
    cause = errno;
    longer = fgetc(file) != EOF;
    if (ferror(file))
        message("%s: cannot be read: %s", path, strerror(cause));
    else if (longer)
        message("%s: longer than the %u KiB of flash of %s, from byte %zu on", path,
                (unsigned)(memory->flash_size / 1024), stage->part.product->name, length);
    length = ferror(file) || longer ? 1 : 0;
    fclose(file);
    return length == 0 && outfile_check(path);
}

/** @return false: a message says why */
static bool set(struct stage *stage)
{
    const struct simulation *wanted = stage->wanted;
    const struct btap_product *product = wanted->product != NULL
                                             ? part_find(wanted->product, wanted->kind)
                                             : part_default(wanted->kind);
    const struct btap_programming *programming = btap_product_programming(product);

    if (product == NULL)
        return false;
    for (size_t i = 0; i < wanted->faults_length; i++)
        if (!faults_add(&stage->faults, wanted->kind, wanted->faults[i]))
            return false;
    part_init(&stage->part, product);
    if (!faults_fit(&stage->faults, &stage->part.usart))
        return false;
    if (wanted->whole_units && programming != NULL && programming->once)
        stage->part.memory.unit = programming->unit;
    sim_memory_protect_all(&stage->part.memory, wanted->write_protected);
    return load(stage) && log_open(&stage->log, wanted->log);
}

static int serve(struct stage *stage)
{
    switch (stage->wanted->kind) {
    case SIM_USART:
        return stage_usart(stage);
    case SIM_DFU:
        return stage_dfu(stage);
    case SIM_FDCAN:
    case SIM_CAN:
        return stage_can(stage);
    }
    return EXIT_TROUBLE;
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool simulation_check(const struct simulation *simulation)
{
    const char *on = simulation->on;

    switch (simulation->kind) {
    case SIM_USART:
        if (!begins(on, CAN_PLACE) && strcmp(on, USB_PLACE) != 0)
            return true;
        message("--on %s: usart needs a path for the link to its pseudo-terminal", on);
        return false;
    case SIM_DFU:
        if (strcmp(on, USB_PLACE) == 0)
            return true;
        message("--on %s: dfu can be plugged into the software USB bus only, --on " USB_PLACE, on);
        return false;
    case SIM_FDCAN:
    case SIM_CAN:
        if (begins(on, CAN_PLACE) && on[strlen(CAN_PLACE)] != '\0')
            return true;
        message("--on %s: %s needs a CAN interface, such as --on can:vcan0", on,
                simulation->kind == SIM_FDCAN ? "fdcan" : "can");
        return false;
    }
    return false;
}

int simulation_run(const struct simulation *simulation)
{
    static struct stage stage;
    int status = EXIT_TROUBLE;

    stage = (struct stage){.wanted = simulation};
    if (set(&stage)) {
        stage_catch_signals();
        status = serve(&stage);
        if (!stage_keep(&stage))
            status = EXIT_TROUBLE;
        log_event(&stage.log, "ended");
        if (log_failed())
            status = EXIT_TROUBLE;
        log_close(&stage.log);
    }
    part_free(&stage.part);
    return status;
}
