/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap simulate: a simulated device, to try tools on.
 */
#include <string.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "base/place.h"
#include "cli/files.h"
#include "command/command.h"
#include "simulate/fault.h"
#include "simulate/simulate.h"

struct request {
    struct simulation simulation;
    bool has_kind;
};

#define WANTED(member) offsetof(struct request, simulation.member)

#define SLOWEST   1000
#define POLL_MAX  0xFFFFFF /* bwPollTimeout has three bytes */
#define BAUD_MAX  100000000
#define LIST_WORD "list"

static bool option_fault(void *target, const char *value)
{
    struct simulation *simulation = target;

    if (simulation->faults_length == SIMULATION_FAULTS_MAX)
        return misused("no more than %d faults", SIMULATION_FAULTS_MAX);
    simulation->faults[simulation->faults_length++] = value;
    return true;
}

static bool option_slow(void *target, const char *value)
{
    uint64_t number;

    if (!option_number(value, 0, SLOWEST, &number, "factor; it must be a number up to 1000"))
        return false;
    *(uint32_t *)target = (uint32_t)number;
    return true;
}

static bool option_poll(void *target, const char *value)
{
    struct simulation *simulation = target;

    simulation->polls = true;
    return option_number(value, 0, POLL_MAX, &simulation->poll_ms,
                         "time; it must be milliseconds, up to 0xffffff");
}

static bool option_baud(void *target, const char *value)
{
    return option_number(value, 1, BAUD_MAX, target, "rate; it must be a number of bits a second");
}

static const struct option_row place_rows[] = {
    {0, "on", "PLACE",
     "usart: a path, which becomes a symbolic link to a pseudo-terminal;\n"
     "fdcan, can: can:IFACE; dfu: vhci, the kernel's software USB bus",
     option_text, WANTED(on)},
    {0, "product", "PART",
     "which STM32: 0x413, STM32F405RG, F405; 'list' shows them. Without it\n"
     "usart is an STM32G07x, dfu and can an STM32F405, fdcan an STM32G47x",
     option_text, WANTED(product)},
    {0, "flash", "FILE", "load flash memory from FILE if it is there, and keep it there",
     option_text, WANTED(flash)},
    {0, "log", "FILE", "write what reached the device and what it answered, a line each",
     option_text, WANTED(log)},
    {0},
};

static const struct option_row state_rows[] = {
    {0, "read-protected", NULL, "readout protection is on", option_set, WANTED(read_protected)},
    {0, "write-protected", NULL, "all of flash is write-protected", option_set,
     WANTED(write_protected)},
    {0, "application", NULL, "usart, fdcan, can: no bootloader runs: nothing answers", option_set,
     WANTED(application)},
    {0, "restart", NULL,
     "after Go or Leave return to the bootloader: usart once the host closes\n"
     "the port, others half a second later; else SIGUSR1 resets",
     option_set, WANTED(restart)},
    {0, "text", "TEXT", "usart: what the application says when it starts", option_text,
     WANTED(text)},
    {0, "whole-units", NULL,
     "flash takes only whole programming units, once after an erase, as parts\n"
     "with error correction; what else is written is lost without a word",
     option_set, WANTED(whole_units)},
    {0},
};

static const struct option_row time_rows[] = {
    {0, "baud", "RATE", "usart: bytes take as long as on a line of this rate", option_baud,
     WANTED(baud)},
    {0, "slow", "FACTOR", "erasing and writing take so many times as long; 0: no time", option_slow,
     WANTED(slow)},
    {0, "poll", "MS", "dfu: the bwPollTimeout of every operation", option_poll,
     offsetof(struct request, simulation)},
    {0},
};

static const struct option_row fault_rows[] = {
    {0, "fault", "FAULT",
     "KIND[=VALUE]@COMMAND[.PHASE][#WHEN], up to 16 times; 'list' shows kinds,\n"
     "commands and phases: nack@write-memory.address#3, late=500@get,\n"
     "unplug@write-memory.data#10, silence@read-memory#2+, lose#100, parity",
     option_fault, offsetof(struct request, simulation)},
    {0},
};

static const struct option_group groups[] = {
    {"", place_rows, 0, 0},
    {"What state it is in:", state_rows, 0, 0},
    {"How long things take:", time_rows, 0, 0},
    {"What goes wrong:", fault_rows, 0, 0},
    {0},
};

static bool take_kind(void *target, const char *value)
{
    static const char *const kinds[] = {
        [SIM_USART] = "usart", [SIM_DFU] = "dfu", [SIM_FDCAN] = "fdcan", [SIM_CAN] = "can"};
    struct request *request = target;

    if (request->has_kind)
        return misused("'%s': one device at a time", value);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i], value) == 0) {
            request->simulation.kind = (enum sim_kind)i;
            request->has_kind = true;
            return true;
        }
    return option_unknown("device", value, "usart, dfu, fdcan, can");
}

static const struct command_line line = {
    .name = "simulate",
    .summary = "a simulated device, to try flashing tools on",
    .usage = "usart|dfu|fdcan|can --on PLACE [OPTION]...",
    .about = "Is an STM32 in its system-memory bootloader, without a board: flashing tools talk to "
             "it as\n"
             "to a real one. Prints its place on a line when it is there, and serves whoever comes "
             "until\n"
             "it is interrupted. fdcan is AN5405's bootloader, can that of classic CAN (AN3154).\n"
             "A pseudo-terminal has no parity: stm32flash needs -m 8n1.\n",
    .groups = groups,
    .ending = "SIGUSR1 resets the device into its bootloader. docs/simulate.md explains every "
              "fault.\n"
              "Exit status: 0 interrupted, or unplugged by a fault; 2 wrong usage, or the place "
              "cannot be had.\n",
    .operand = take_kind,
};

/** Prints what was asked for by the word. @return whether something was */
static bool print_lists(const struct simulation *simulation)
{
    bool printed = false;

    if (simulation->product != NULL && strcmp(simulation->product, LIST_WORD) == 0) {
        part_list(simulation->kind, stdout);
        printed = true;
    }
    for (size_t i = 0; i < simulation->faults_length; i++)
        if (strcmp(simulation->faults[i], LIST_WORD) == 0) {
            faults_list(simulation->kind, stdout);
            printed = true;
        }
    return printed;
}

static bool check_files(const struct simulation *simulation)
{
    const char *log = simulation->log;
    const struct file_use files[] = {
        {"the device's flash memory", simulation->flash, true},
        {"the log", log != NULL && strcmp(log, PLACE_STANDARD) == 0 ? NULL : log, true},
        {"standard output", PLACE_STANDARD, true},
        {"the link to the device", simulation->kind == SIM_USART ? simulation->on : NULL, true},
    };

    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

static int run(int argc, char **argv)
{
    struct request request = {.simulation = {.slow = 1}};
    const struct simulation *simulation = &request.simulation;
    int status;

    if (!options_parse(&line, argc, argv, &request, &status))
        return status;
    if (!request.has_kind) {
        misused("which device: usart, dfu, fdcan or can?");
        return EXIT_TROUBLE;
    }
    if (print_lists(simulation))
        return EXIT_DONE;
    if (simulation->on == NULL) {
        misused("where is the device to be? --on PLACE");
        return EXIT_TROUBLE;
    }
    if (!simulation_check(simulation) || !check_files(simulation))
        return EXIT_TROUBLE;
    return simulation_run(simulation);
}

const struct command simulate_command = {.line = &line, .run = run};
