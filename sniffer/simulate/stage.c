/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/stage.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/outfile.h"

#define CAN_PLACE "can:"
#define USB_PLACE "vhci"

static volatile sig_atomic_t resets;

static void on_reset(int number)
{
    (void)number;
    resets = 1;
}

bool stage_is_over(void)
{
    return interrupt_signal != 0;
}

bool stage_is_reset(void)
{
    const bool reset = resets != 0;

    resets = 0;
    return reset;
}

void stage_ready(struct stage *stage, const char *place)
{
    printf("%s\n", place);
    fflush(stdout);
    log_event(&stage->log, "plugged-in");
}

void stage_pause(sim_ns time)
{
    const sim_ns end = clock_monotonic() + time;
    sim_ns left = time;

    /* Short waits are exact, long ones end with a signal. */
    while (left >= SIM_MS && !stage_is_over()) {
        interrupt_poll(NULL, 0, left / SIM_MS > INT32_MAX ? INT32_MAX : (int)(left / SIM_MS));
        left = end - clock_monotonic();
    }
    if (left > 0 && left < SIM_MS) {
        const struct timespec rest = {0, (long)left};

        nanosleep(&rest, NULL);
    }
}

void stage_work(const struct stage *stage, uint32_t us)
{
    stage_pause((sim_ns)us * stage->wanted->slow * SIM_US);
}

/** @return false: a message says why */
static bool load(struct stage *stage)
{
    const char *path = stage->wanted->flash;
    struct sim_memory *memory = &stage->part.memory;
    FILE *file = path != NULL ? fopen(path, "rbe") : NULL;
    size_t length;
    bool longer;

    if (path == NULL || (file == NULL && errno == ENOENT))
        return path == NULL || outfile_check(path);
    if (file == NULL) {
        message("%s: %s", path, strerror(errno));
        return false;
    }
    length = fread(memory->flash, 1, memory->flash_size, file);
    longer = fgetc(file) != EOF;
    if (ferror(file))
        message("%s: cannot be read", path);
    else if (longer)
        message("%s: longer than the %u KiB of flash of %s, from byte %zu on", path,
                (unsigned)(memory->flash_size / 1024), stage->part.product->name, length);
    length = ferror(file) || longer ? 1 : 0;
    fclose(file);
    return length == 0 && outfile_check(path);
}

bool stage_keep(struct stage *stage)
{
    struct sim_memory *memory = stage->memory;
    struct outfile out;

    if (stage->wanted->flash == NULL || memory == NULL || !memory->changed)
        return true;
    memory->changed = false;
    if (!outfile_open(&out, stage->wanted->flash))
        return false;
    fwrite(memory->flash, 1, memory->flash_size, out.stream);
    return outfile_finish(&out);
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

/** SIGUSR1 is the reset button; it comes through where the program waits. */
static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_reset};
    sigset_t reset;

    interrupt_catch_waiting(&(sigset_t){0});
    sigemptyset(&reset);
    sigaddset(&reset, SIGUSR1);
    sigprocmask(SIG_BLOCK, &reset, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

static int serve(struct stage *stage)
{
    switch (stage->wanted->kind) {
    case SIM_USART:
        return stage_usart(stage);
    case SIM_DFU:
        return stage_dfu(stage);
    case SIM_FDCAN:
        return stage_fdcan(stage);
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
        if (begins(on, CAN_PLACE) && on[strlen(CAN_PLACE)] != '\0')
            return true;
        message("--on %s: fdcan needs a CAN interface, such as --on can:vcan0", on);
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
        catch_signals();
        status = serve(&stage);
        if (!stage_keep(&stage))
            status = EXIT_TROUBLE;
        log_event(&stage.log, "ended");
        log_close(&stage.log);
    }
    part_free(&stage.part);
    return status;
}
