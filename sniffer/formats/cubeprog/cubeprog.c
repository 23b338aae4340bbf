/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of STM32CubeProgrammer with -vb 3, as its window and its command line print them and its
 * -log option writes them, of a serial port and of USB. A line is
 *   HH:MM:SS:mmm : TEXT     window; before version 2 in whole seconds
 *   HH:MM:SS:mmm TEXT       -log
 *   TEXT                    command line
 * and programs that use its library put words of their own before it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "formats/cubeprog/uart.h"
#include "formats/cubeprog/usb.h"

#define MS_PER_DAY ((int64_t)24 * 3600 * 1000)
#define NS_PER_MS  1000000

/** The time of a line stands in its first characters. */
#define CLOCK_WITHIN 40

/* Lines of no bytes, as far as no time before them shows that they are the tool's */
static const char *const other_lines[] = {
    "Activating device",
    "BootLoader protocol",
    "Chip ID",
    "Device",
    "Download",
    "Erasing",
    "Error:",
    "File",
    "Flash sector erase",
    "Full received response",
    "Mass erase",
    "Memory Programming",
    "No Init bits",
    "Opening",
    "STM32CubeProgrammer",
    "Size",
    "Status:",
    "Time elapsed",
    "USB speed",
    "Wait ends after",
    "Warning:",
    "bFlushRet",
    "bytesToWrite",
    "size of bytes",
    "waitForBytesWritten",
    "----",
    "|_",
};

/** Two digits; 100: others. */
static unsigned two_digits(const char *text)
{
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
        return 100;
    return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
}

/** A time of day. @return how long it is; 0: none stands there */
static size_t clock_of(const char *text, int64_t *ms, bool *has_ms)
{
    const unsigned hours = two_digits(text);
    unsigned minutes;
    unsigned seconds;

    if (hours >= 24 || text[2] != ':')
        return 0;
    minutes = two_digits(text + 3);
    if (minutes >= 60 || text[5] != ':')
        return 0;
    seconds = two_digits(text + 6);
    if (seconds >= 61)
        return 0;
    *ms = ((int64_t)(hours * 60 + minutes) * 60 + seconds) * 1000;
    *has_ms = text[8] != '\0' && strchr(":.,", text[8]) != NULL &&
              isdigit((unsigned char)text[9]) && two_digits(text + 10) < 100 &&
              !isdigit((unsigned char)text[12]);
    if (!*has_ms)
        return 8;
    *ms += (int64_t)(text[9] - '0') * 100 + two_digits(text + 10);
    return 12;
}

/** Takes the time of a line, if it has one. @return what stands behind it, or the line */
static char *take_clock(struct cubeprog *cube, char *line)
{
    int64_t ms;
    size_t length;

    cube->timed = false;
    for (size_t i = 0; i < CLOCK_WITHIN && line[i] != '\0'; i++) {
        if (i > 0 && isdigit((unsigned char)line[i - 1]))
            continue;
        length = clock_of(line + i, &ms, &cube->timed);
        if (length == 0)
            continue;
        /* A clock that goes back by more than half a day passed midnight. */
        if (cube->clock_ms - ms > MS_PER_DAY / 2)
            cube->days_ms += MS_PER_DAY;
        cube->clock_ms = ms;
        cube->time = (cube->days_ms + ms) * NS_PER_MS;
        return line + i + length;
    }
    return line;
}

static bool is_other(const char *line)
{
    line += strspn(line, " \t>");
    for (size_t i = 0; i < sizeof(other_lines) / sizeof(other_lines[0]); i++)
        if (strncmp(line, other_lines[i], strlen(other_lines[i])) == 0)
            return true;
    return false;
}

static enum log_line take(struct log *log, char *line, size_t length)
{
    struct cubeprog *cube = log->state;
    char *text = take_clock(cube, line);

    (void)length;
    if (cubeprog_usb(log, text) || cubeprog_uart(log, text) || text != line || is_other(line))
        return LOG_KNOWN;
    return LOG_UNKNOWN;
}

/** What a log of lower verbosity does tell; the bootloader has even parity (AN3155 section 1). */
static void tell_no_bytes(struct log *log)
{
    const struct cubeprog *cube = log->state;
    const enum btap_parity parity = cube->settings.parity;
    const char *port = "";

    if (parity == BTAP_PARITY_NONE)
        port = "; the port had no parity, where the bootloader wants 8E1, even parity";
    else if (parity == BTAP_PARITY_ODD)
        port = "; the port had odd parity, where the bootloader wants 8E1, even parity";
    /* With no bytes at all, other lines do not matter. */
    log->unknown = 0;
    reader_remark(
        log->reader,
        "a log of STM32CubeProgrammer that does not hold the bytes: run the tool again with "
        "-vb 3 and save what it prints%s%s",
        cube->timed_out ? "; it tells that no answer came in time" : "", port);
}

static void end(struct log *log)
{
    const struct cubeprog *cube = log->state;

    cubeprog_uart_end(log);
    cubeprog_usb_end(log);
    if (!cube->traffic)
        tell_no_bytes(log);
}

static void release(struct log *log)
{
    cubeprog_usb_release(log->state);
}

static const struct log_format format = {
    .state_size = sizeof(struct cubeprog),
    .line = take,
    .end = end,
    .release = release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

/** What such logs say of a bridge's CAN: no answer of the device is in them. */
static bool only_can(const struct first *first)
{
    return first_has(first, "CAN peripheral parameters") &&
           !first_has(first, "sent successfully to target");
}

static bool probe(const struct first *first)
{
    return first_is_text(first) && !only_can(first) &&
           (first_has(first, "STM32CubeProgrammer API v") ||
            first_has(first, "STM32CubeProgrammer v") ||
            first_has(first, "sent successfully to target") ||
            first_has(first, "Received response from target") ||
            ((first_has(first, "DFU State = ") || first_has(first, "DFU state = ")) &&
             first_has(first, "DFU status = ")));
}

/** What the tool says of a serial port at any verbosity, where its name is not quoted with it. */
static bool probe_words(const struct first *first)
{
    return first_is_text(first) && !only_can(first) && !probe(first) &&
           (first_has(first, "Activating device: KO") ||
            first_has(first, "Activating device: OK") ||
            first_has(first, "Port configuration: parity = ") ||
            first_has(first, "Timeout error occured while waiting for acknowledgement"));
}

const struct reader_format reader_cubeprog = {
    .kind = {KIND_CAPTURE, "a log of STM32CubeProgrammer", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};

const struct reader_format reader_cubeprog_words = {
    .kind = {KIND_CAPTURE, "a log of STM32CubeProgrammer", "", probe_words},
    .start = start,
    .next = log_next,
    .release = log_release,
};
