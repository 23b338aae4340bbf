/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/stage.h"

#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/line.h"
#include "base/outfile.h"

static volatile sig_atomic_t resets;

static void on_reset(int number)
{
    (void)number;
    resets = 1;
}

bool stage_is_over(void)
{
    return interrupt_signal != 0 || log_failed();
}

bool stage_is_reset(void)
{
    const bool reset = resets != 0;

    resets = 0;
    return reset;
}

void stage_ready(struct stage *stage, const char *place)
{
    log_event(&stage->log, "plugged-in");
    if (log_failed())
        return;
    print_line(stdout, "%s", place);
    fflush(stdout);
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

void stage_catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_reset};
    sigset_t reset;

    interrupt_catch_waiting(&(sigset_t){0});
    sigemptyset(&reset);
    sigaddset(&reset, SIGUSR1);
    sigprocmask(SIG_BLOCK, &reset, NULL);
    sigaction(SIGUSR1, &action, NULL);
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
