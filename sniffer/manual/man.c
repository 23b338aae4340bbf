/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The manual pages. What help says is taken from its tables; here stands only what help does not
 * say.
 */
#include <ctype.h>
#include <string.h>

#include "command/command.h"
#include "manual/manual.h"
#include "manual/troff.h"
#include "manual/values.h"

#define STATUS_HEADING "Exit status:"

/** Something with its meaning; of a command, or of all (NULL). */
struct remark {
    const char *command;
    const char *name;
    const char *meaning;
};

static const struct remark variables[] = {
    {NULL, "NO_COLOR", "Set and not empty: no colour, unless --color asks for it."},
    {NULL, "TERM", "If it is dumb, no colour either."},
    {"run", "PATH", "Where TOOL is looked for."},
    {"run", "TMPDIR", "Where --diff keeps the recording that it needs, if -w names none (/tmp)."},
    {"simulate", "PATH", "Where the programs are looked for that the kernel's USB bus needs."},
    {0},
};

static const struct remark files[] = {
    {NULL, "/usr/lib/udev/rules.d/60-boottap.rules",
     "Lets users capture USB and flash devices in DFU mode without being root."},
    {NULL, "/dev/usbmonN", "What USB is captured from, once the kernel module usbmon is loaded."},
    {0},
};

static const struct remark examples[] = {
    {"annotate", "boottap annotate flash.pcap annotated.pcapng", "Comments for any Wireshark."},
    {"convert", "boottap convert flash.log flash.pcapng", "A log, for Wireshark."},
    {"decode", "boottap decode -x flash.pcap", "Every field with its bytes."},
    {"decode", "boottap decode --json --status=nack,error flash.pcap",
     "What failed, for programs."},
    {"diagnose", "boottap diagnose --quiet flash.pcap", "The verdict and its cause."},
    {"diagnose", "boottap diagnose --expect fw.hex flash.pcap", "Was exactly this sent?"},
    {"diff", "boottap diff good.pcap bad.pcap", "What differs in meaning."},
    {"extract", "boottap extract flash.pcap -o firmware.hex", "The firmware that was sent."},
    {"list", "boottap list", "What can be captured here."},
    {"live", "boottap live -w flash.pcapng usbmon1", "Watch a USB bus, and record."},
    {"replay", "boottap replay flash.pcapng", "What a replay would send; sends nothing."},
    {"report", "boottap report flash.pcap -o flash.html", "A page for a browser."},
    {"run", "boottap run -- dfu-util -a 0 -s 0x08000000 -D fw.bin",
     "Flash, and learn why it fails."},
    {"simulate", "boottap simulate usart --on /tmp/stm32", "A device for stm32flash -m 8n1."},
    {0},
};

static void print_heading(const char *name, const struct manual_origin *origin, FILE *to)
{
    fputs(".TH ", to);
    for (const char *at = name; *at != '\0'; at++)
        fputc(toupper((unsigned char)*at), to);
    fprintf(to, " 1 %s \"boottap %s\" \"User Commands\"\n", origin->date, origin->version);
}

/** Prints the remarks on a command under a heading; none: not even that. NULL: the program's. */
static void print_remarks(const char *heading, const struct remark *remarks, const char *command,
                          FILE *to)
{
    bool begun = false;

    for (; remarks->name != NULL; remarks++) {
        if (remarks->command != NULL && (command == NULL || strcmp(remarks->command, command) != 0))
            continue;
        if (!begun)
            fprintf(to, ".SH %s\n", heading);
        begun = true;
        fputs(".TP\n.B \"", to);
        troff_text(remarks->name, to);
        fputs("\"\n", to);
        troff_filled(0, remarks->meaning, strlen(remarks->meaning), to);
        fputc('\n', to);
    }
}

static void print_option(const struct command_line *line, const struct option_row *row, FILE *to)
{
    (void)line;
    fputs(".TP\n", to);
    if (row->letter != 0)
        fprintf(to, "\\fB\\-%c\\fR", row->letter);
    if (row->name != NULL) {
        fprintf(to, "%s\\fB\\-\\-", row->letter != 0 ? ", " : "");
        troff_text(row->name, to);
        fputs("\\fR", to);
    }
    if (row->argument != NULL) {
        const bool optional = row->argument[0] == '[';

        fputs(optional ? "[=\\fI" : row->name != NULL ? "=\\fI" : " \\fI", to);
        troff_piece(row->argument + optional, strlen(row->argument) - 2 * optional, to);
        fputs(optional ? "\\fR]" : "\\fR", to);
    }
    fputc('\n', to);
    troff_lines(row->help, strlen(row->help), to);
}

static void print_options(const struct command_line *line, FILE *to)
{
    fputs(".SH OPTIONS\n", to);
    for (const struct option_group *group = line->groups; group->rows != NULL; group++) {
        if (group->heading != NULL && group->heading[0] != '\0') {
            fputs(".SS \"", to);
            troff_piece(group->heading, strcspn(group->heading, ":"), to);
            fputs("\"\n", to);
        }
        for (const struct option_row *row = group->rows; row->help != NULL; row++)
            print_option(line, row, to);
    }
    print_option(line, &options_help_row, to);
}

/** What help says below the options, up to the exit statuses. */
static void print_ending(const struct command_line *line, FILE *to)
{
    const char *statuses = strstr(line->ending, STATUS_HEADING);
    const size_t length =
        statuses != NULL ? (size_t)(statuses - line->ending) : strlen(line->ending);

    if (length > 0) {
        fputs(".SH NOTES\n", to);
        troff_lines(line->ending, length, to);
    }
    troff_statuses(line->ending, to);
}

void manual_command(const struct command_line *line, const struct manual_origin *origin, FILE *to)
{
    char name[64];

    snprintf(name, sizeof(name), "boottap-%s", line->name);
    print_heading(name, origin, to);
    fputs(".SH NAME\n", to);
    troff_text(name, to);
    fputs(" \\- ", to);
    troff_filled(strlen(name) + 5, line->summary, strlen(line->summary), to);
    fprintf(to, "\n.SH SYNOPSIS\n.B boottap %s\n", line->name);
    troff_filled(0, line->usage, strlen(line->usage), to);
    fputs("\n.SH DESCRIPTION\n", to);
    troff_lines(line->about, strlen(line->about), to);
    print_options(line, to);
    print_ending(line, to);
    print_remarks("ENVIRONMENT", variables, line->name, to);
    print_remarks("EXAMPLES", examples, line->name, to);
    fputs(".SH SEE ALSO\n.BR boottap (1)\n", to);
}

static void print_term(const char *term, const char *meaning, FILE *to)
{
    fputs(".TP\n.B ", to);
    troff_text(term, to);
    fputc('\n', to);
    troff_filled(0, meaning, strlen(meaning), to);
    fputc('\n', to);
}

void manual_program(const struct manual_origin *origin, FILE *to)
{
    print_heading("boottap", origin, to);
    fputs(".SH NAME\nboottap \\- explain what a flashing tool and an STM32 bootloader say\n"
          ".SH SYNOPSIS\n.B boottap\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIOPERAND\\fR]...\n.br\n"
          ".B boottap\n.IR FILE ...\n.br\n"
          ".B boottap help\n[\\fICOMMAND\\fR|\\fITOPIC\\fR]\n.br\n.B boottap version\n"
          ".SH DESCRIPTION\n",
          to);
    troff_lines(program_summary, strlen(program_summary), to);
    fputs(".PP\nCaptures without a command are diagnosed.\n", to);
    fputs(".SH COMMANDS\nEach has a page of its own: boottap\\-\\fICOMMAND\\fR(1).\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        print_term(commands[i]->line->name, commands[i]->line->summary, to);
    fputs(".SH TOPICS OF HELP\n", to);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        print_term(topic->name, topic->summary, to);
    for (const struct help_topic *kind = help_kinds; kind->name != NULL; kind++)
        print_term(kind->name, kind->summary, to);
    fputs(".SH EXIT STATUS\n", to);
    print_term("0", "Done, and nothing was found that failed or differs.", to);
    print_term("1", "A finding: a flash failed, captures differ, an answer is another one.", to);
    print_term("2", "Wrong usage, or something could not be read or written.", to);
    print_remarks("ENVIRONMENT", variables, NULL, to);
    print_remarks("FILES", files, NULL, to);
    fputs(".SH EXAMPLES\nA flash and its replay without hardware:\n", to);
    troff_lines(program_examples, strlen(program_examples), to);
    fputs(".SH SEE ALSO\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, ".BR boottap\\-%s (1),\n", commands[i]->line->name);
    fputs(".BR dfu\\-util (1),\n.BR stm32flash (1),\n.BR tshark (1),\n.BR wireshark (1)\n", to);
}
