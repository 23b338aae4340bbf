/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extcap/interface.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/letter.h"
#include "base/message.h"
#include "boottap/record.h"
#include "port/serial_list.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct extcap_interface interfaces[] = {
    {"boottap-serial",
     "STM32 bootloader: one line of a serial connection",
     "serial:",
     2,
     2,
     {EXTCAP_PORT, EXTCAP_BAUD}},
    {"boottap-tap",
     "STM32 bootloader: both lines of a serial connection, an adapter on each",
     "tap:",
     3,
     3,
     {EXTCAP_HOST, EXTCAP_DEVICE, EXTCAP_BAUD}},
    {"boottap-proxy",
     "STM32 bootloader: between the flashing tool and its port",
     "proxy:",
     2,
     3,
     {EXTCAP_PORT, EXTCAP_LINK, EXTCAP_RESET}},
};

/** How an option is shown. */
static const struct shown {
    enum extcap_word word;
    enum extcap_word other; /**< names a port that is not in the list; the same: it names none */
    const char *type;
    const char *display;
    const char *tooltip;
    const char *more; /**< further arguments of its line */
} options[] = {
    {EXTCAP_PORT, EXTCAP_OTHER_PORT, "selector", "Serial port", "The port of the adapter", ""},
    {EXTCAP_HOST, EXTCAP_OTHER_HOST, "selector", "Host's line",
     "The adapter that hears the host: its RX on the host's TX", ""},
    {EXTCAP_DEVICE, EXTCAP_OTHER_DEVICE, "selector", "Device's line",
     "The adapter that hears the device: its RX on the device's TX", ""},
    {EXTCAP_BAUD, EXTCAP_BAUD, "unsigned", "Rate", "Bits a second; the framing is 8E1",
     "{range=50,20000000}{default=115200}"},
    {EXTCAP_RESET, EXTCAP_RESET, "string", "Reset",
     "The lines to move when the tool opens the port, to start the bootloader, as stm32flash -i "
     "has them; empty: none",
     ""},
};

const struct extcap_interface *extcap_interface_find(const char *value)
{
    for (size_t i = 0; value != NULL && i < COUNT_OF(interfaces); i++)
        if (strcmp(value, interfaces[i].value) == 0)
            return &interfaces[i];
    message("%s: boottap has no such interface for Wireshark", value != NULL ? value : "(none)");
    return NULL;
}

static const struct shown *shown_of(enum extcap_word word)
{
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (options[i].word == word)
            return &options[i];
    return NULL;
}

bool extcap_word_is_port(enum extcap_word word)
{
    const struct shown *shown = shown_of(word);

    return shown != NULL && shown->other != word;
}

void extcap_print_interfaces(const char *version, FILE *to)
{
    fprintf(to, "extcap {version=%s}{display=boottap}\n", version);
    for (size_t i = 0; i < COUNT_OF(interfaces); i++)
        fprintf(to, "interface {value=%s}{display=%s}\n", interfaces[i].value,
                interfaces[i].display);
}

void extcap_print_dlts(const struct extcap_interface *interface, FILE *to)
{
    (void)interface; /* they are all serial lines */
    fprintf(to, "dlt {number=%d}{name=%s}{display=Serial line}\n", BTAP_LINKTYPE_RTAC_SERIAL,
            btap_linktype_name(BTAP_LINKTYPE_RTAC_SERIAL));
}

/**
 * Prints what comes from outside: braces and line ends mean something to Wireshark, and it shows
 * the rest.
 */
static void print_plain(const char *words, FILE *to)
{
    while (*words != '\0') {
        const struct letter letter = letter_at(words);

        if (letter.kind == LETTER_PLAIN && strchr("{}", *words) == NULL)
            fwrite(words, 1, letter.length, to);
        else
            putc(' ', to);
        words += letter.length;
    }
}

/** The option whose values are printed. */
struct list {
    FILE *to;
    unsigned number;
    bool any;
};

static void print_port(void *context, const struct serial_listed *port)
{
    char words[2 * MACHINE_TEXT_SIZE];
    struct list *list = context;

    fprintf(list->to, "value {arg=%u}{value=", list->number);
    print_plain(port->path, list->to);
    fputs("}{display=", list->to);
    print_plain(port->path, list->to);
    if (port->on_usb) {
        fputs(" (", list->to);
        print_plain(usb_device_words(&port->usb, words, sizeof(words)), list->to);
        putc(')', list->to);
    }
    fprintf(list->to, "}{default=%s}\n", list->any ? "false" : "true");
    list->any = true;
}

/** A selector without a value cannot be shown. */
static void print_ports(const struct machine *machine, unsigned number, FILE *to)
{
    struct list list = {.to = to, .number = number};

    serial_list_each(machine, print_port, &list);
    if (!list.any)
        fprintf(to, "value {arg=%u}{value=}{display=none found}{default=true}\n", number);
}

/** The place of the link for a tool: one of the user's own. */
static void print_link(unsigned number, FILE *to)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");

    fprintf(to,
            "arg {number=%u}{call=--link}{display=Link}{type=string}{tooltip=The symbolic link "
            "that the flashing tool opens in place of the port, with 8N1 (stm32flash -m 8n1)}",
            number);
    if (runtime != NULL && strpbrk(runtime, "{}") == NULL) {
        fputs("{default=", to);
        print_plain(runtime, to);
        fputs("/boottap}\n", to);
    } else {
        fprintf(to, "{default=/tmp/boottap-%lu}\n", (unsigned long)getuid());
    }
}

static void print_option(const struct shown *shown, unsigned number, FILE *to)
{
    const bool port = shown->other != shown->word;

    fprintf(to, "arg {number=%u}{call=--%s}{display=%s}{type=%s}{tooltip=%s}%s%s\n", number,
            extcap_word_name(shown->word), shown->display, shown->type, shown->tooltip, shown->more,
            port ? "{reload=true}{placeholder=Look again}" : "");
    if (port)
        fprintf(to,
                "arg {number=%u}{call=--%s}{display=%s (other)}{type=string}{tooltip=A port that "
                "is not in the list, as a pseudo-terminal is: used in place of it}\n",
                number + 1, extcap_word_name(shown->other), shown->display);
}

void extcap_print_config(const struct extcap_interface *interface, const struct machine *machine,
                         const char *reload, FILE *to)
{
    unsigned number = 0;

    for (size_t i = 0; i < interface->words_length; i++) {
        const enum extcap_word word = interface->words[i];
        const struct shown *shown = shown_of(word);

        if (reload == NULL && shown == NULL)
            print_link(number, to);
        else if (reload == NULL)
            print_option(shown, number, to);
        if (extcap_word_is_port(word) &&
            (reload == NULL || strcmp(reload, extcap_word_name(word)) == 0))
            print_ports(machine, number, to);
        number += extcap_word_is_port(word) ? 2 : 1;
    }
}
