/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extcap/extcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/line.h"
#include "base/message.h"
#include "boottap/version.h"
#include "command/command.h"
#include "extcap/interface.h"
#include "record/outlet.h"

bool extcap_is_asked(int argc, char *const *argv)
{
    return argc > 1 && (strncmp(argv[1], "--extcap-", strlen("--extcap-")) == 0 ||
                        strcmp(argv[1], "--capture") == 0);
}

/** A part of the operand; NULL: it was not given. */
static const char *part_of(const struct extcap_request *request, enum extcap_word word)
{
    /* The word behind a port's names one that is not in the list. */
    const char *other =
        extcap_word_is_port(word) ? extcap_value(request, (enum extcap_word)(word + 1)) : NULL;

    return other != NULL ? other : extcap_value(request, word);
}

/** Writes the source's operand, `serial:PORT,BAUD`. @return false: a message says what is missing
 */
static bool write_operand(const struct extcap_request *request,
                          const struct extcap_interface *interface, struct line *operand)
{
    line_text(operand, interface->kind);
    for (size_t i = 0; i < interface->parts; i++) {
        const enum extcap_word word = interface->words[i];
        const char *part = part_of(request, word);

        if (part == NULL && extcap_word_is_port(word)) {
            message("%s: no port is chosen; choose one in the interface's options (tshark: -o "
                    "extcap.boottap_%.*s.%s:PORT)",
                    interface->value, (int)strlen(interface->kind) - 1, interface->kind,
                    extcap_word_name(word));
            return false;
        }
        if (part == NULL)
            break;
        if (strchr(part, ',') != NULL) {
            message("%s: '%s' has a comma in it, which stands between ports; use a link with "
                    "another name",
                    interface->value, part);
            return false;
        }
        line_text(operand, i > 0 ? "," : "");
        line_text(operand, part);
    }
    operand->text[operand->length] = '\0';
    return true;
}

/** Keeps what the program says from now on. @return the descriptor for tell_kept(); -1: none */
static int keep_messages(FILE *kept)
{
    const int standard = dup(STDERR_FILENO);

    if (kept != NULL && standard >= 0)
        dup2(fileno(kept), STDERR_FILENO);
    return standard;
}

/** Says what was kept if something went wrong: Wireshark shows whatever an extcap says as an error,
 * the verdict on the traffic too. */
static void tell_kept(FILE *kept, int standard, bool wrong)
{
    char text[LINE_SIZE];

    if (standard >= 0) {
        dup2(standard, STDERR_FILENO);
        close(standard);
    }
    if (kept == NULL)
        return;
    rewind(kept);
    while (wrong && fgets(text, sizeof(text), kept) != NULL)
        fputs(text, stderr);
    fclose(kept);
}

/** What `boottap live -q -w FIFO OPERAND` does. @return its exit status */
static int run_live(const struct extcap_request *request, const struct extcap_interface *interface)
{
    static char live[] = "live";
    static char quiet[] = "-q";
    static char write[] = "-w";
    static char reset[] = "--reset";
    const char *lines = extcap_value(request, EXTCAP_RESET);
    const char *fifo = extcap_value(request, EXTCAP_FIFO);
    char *argv[8] = {live, quiet, write, (char *)(uintptr_t)fifo};
    struct line operand;
    int argc = 4;

    line_start(&operand);
    if (!write_operand(request, interface, &operand))
        return EXIT_TROUBLE;
    argv[argc++] = operand.text;
    if (lines != NULL) {
        argv[argc++] = reset;
        argv[argc++] = (char *)(uintptr_t)lines;
    }
    return live_command.run(argc, argv);
}

/** Captures into Wireshark's pipe. */
static int capture(const struct extcap_request *request, const struct extcap_interface *interface)
{
    FILE *kept = tmpfile();
    const int standard = keep_messages(kept);
    /* Wireshark waits without end where an extcap ends that never opened its pipe. */
    const int pipe = outlet_hold(extcap_value(request, EXTCAP_FIFO));
    const int status = run_live(request, interface);

    tell_kept(kept, standard, status == EXIT_TROUBLE);
    if (pipe >= 0)
        close(pipe);
    return status == EXIT_TROUBLE ? EXIT_TROUBLE : EXIT_DONE;
}

/** Refuses a filter of packets. @return false: there is one */
static bool takes_filter(const struct extcap_request *request)
{
    return extcap_value(request, EXTCAP_FILTER) == NULL;
}

int extcap_run(int argc, char *const *argv)
{
    struct extcap_request request;
    const struct extcap_interface *interface;

    if (!extcap_request_read(&request, argc, argv))
        return EXIT_TROUBLE;
    if (request.action == EXTCAP_LIST_INTERFACES) {
        extcap_print_interfaces(BTAP_VERSION, stdout);
        return EXIT_DONE;
    }
    /* What may be left is a link that leads nowhere, and gives way to the next one. */
    if (request.action == EXTCAP_CLEAN_UP)
        return EXIT_DONE;
    interface = extcap_interface_find(extcap_value(&request, EXTCAP_INTERFACE));
    if (interface == NULL)
        return EXIT_TROUBLE;
    switch (request.action) {
    case EXTCAP_NOTHING:
        /* Wireshark asks whether a filter is right; words are a refusal. */
        if (!takes_filter(&request))
            puts("a serial line has no capture filter; filter what is displayed");
        return EXIT_DONE;
    case EXTCAP_LIST_INTERFACES:
    case EXTCAP_CLEAN_UP:
        break;
    case EXTCAP_LIST_DLTS:
        extcap_print_dlts(interface, stdout);
        break;
    case EXTCAP_LIST_CONFIG:
        extcap_print_config(interface, &machine_here, extcap_value(&request, EXTCAP_RELOAD),
                            stdout);
        break;
    case EXTCAP_CAPTURE:
        if (takes_filter(&request) && extcap_value(&request, EXTCAP_FIFO) != NULL)
            return capture(&request, interface);
        message("%s: %s", interface->value,
                takes_filter(&request) ? "Wireshark names no pipe (--fifo)"
                                       : "a serial line has no capture filter; filter what is "
                                         "displayed");
        return EXIT_TROUBLE;
    }
    return EXIT_DONE;
}
