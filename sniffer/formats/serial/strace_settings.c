/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/strace_settings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "formats/reader/scan.h"

/* The kernel's bits that the C library has no names for */
#define MARK_OR_SPACE 010000000000u /* CMSPAR */

/** Rates as bits and as numbers. */
static const struct {
    uint32_t bits;
    uint32_t baud;
} rates[] = {
    {B1200, 1200},     {B1800, 1800},     {B2400, 2400},       {B4800, 4800},
    {B9600, 9600},     {B19200, 19200},   {B38400, 38400},     {B57600, 57600},
    {B115200, 115200}, {B230400, 230400}, {B460800, 460800},   {B500000, 500000},
    {B576000, 576000}, {B921600, 921600}, {B1000000, 1000000}, {B2000000, 2000000},
};

static const struct {
    tcflag_t bits;
    uint8_t data_bits;
} sizes[] = {{CS5, 5}, {CS6, 6}, {CS7, 7}, {CS8, 8}};

/** Flags as strace names them: bits of c_cflag. */
static const struct {
    const char *name;
    uint32_t bit;
} flags[] = {
    {"CS6", CS6},
    {"CS7", CS7},
    {"CS8", CS8},
    {"CSTOPB", CSTOPB},
    {"PARENB", PARENB},
    {"PARODD", PARODD},
    {"CMSPAR", MARK_OR_SPACE},
};

/** Whether a word stands among others that `|`, a comma or a brace ends. */
static bool has_flag(const char *at, size_t length, const char *name)
{
    const size_t size = strlen(name);

    for (size_t i = 0; i + size <= length; i++)
        if (strncmp(at + i, name, size) == 0 && (i == 0 || at[i - 1] == '|') &&
            (i + size == length || at[i + size] == '|'))
            return true;
    return false;
}

/** `B57600`, the number behind the letter. @return 0: it is none, as that of BOTHER */
static uint32_t named_rate(const char *at)
{
    uint64_t number;

    if (!scan_word(&at, "B") || !scan_decimal(&at, &number) || number > UINT32_MAX)
        return 0;
    return (uint32_t)number;
}

static void use_bits(uint32_t bits, struct btap_serial_settings *settings)
{
    const bool odd = (bits & PARODD) != 0;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if ((bits & CSIZE) == sizes[i].bits)
            settings->data_bits = sizes[i].data_bits;
    settings->half_stop_bits = (bits & CSTOPB) != 0 ? 4 : 2;
    if ((bits & PARENB) == 0)
        settings->parity = BTAP_PARITY_NONE;
    else if ((bits & MARK_OR_SPACE) != 0)
        settings->parity = odd ? BTAP_PARITY_MARK : BTAP_PARITY_SPACE;
    else
        settings->parity = odd ? BTAP_PARITY_ODD : BTAP_PARITY_EVEN;
}

/** `c_ospeed=B115200`, of termios2 also a number */
static void use_speed(const char *termios, struct btap_serial_settings *settings)
{
    const char *at = strstr(termios, "c_ospeed=");
    uint64_t number;

    if (at == NULL)
        return;
    at += strlen("c_ospeed=");
    if (*at == 'B')
        settings->baud = named_rate(at);
    else if (scan_decimal(&at, &number) && number <= UINT32_MAX)
        settings->baud = (uint32_t)number;
}

/** What stands as `c_cflag=B57600|CS8|CREAD`, or as a number */
static void use_flags(const char *at, struct btap_serial_settings *settings)
{
    const size_t length = strcspn(at, ", }");
    uint32_t bits = 0;

    if (at[0] == '0' && at[1] == 'x') {
        bits = (uint32_t)strtoul(at, NULL, 16);
        for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
            if ((bits & (CBAUD | CBAUDEX)) == rates[i].bits)
                settings->baud = rates[i].baud;
        use_bits(bits, settings);
        return;
    }
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (has_flag(at, length, flags[i].name))
            bits |= flags[i].bit;
    use_bits(bits, settings);
    settings->baud = named_rate(at);
}

bool strace_settings(const char *termios, struct btap_serial_settings *settings)
{
    const char *at;

    *settings = (struct btap_serial_settings){0};
    if (!scan_word(&termios, "{"))
        return false;
    if (*termios == 'B') {
        settings->baud = named_rate(termios);
        return settings->baud > 0;
    }
    at = strstr(termios, "c_cflag=");
    if (at == NULL)
        at = strstr(termios, "c_cflags=");
    if (at == NULL)
        return false;
    use_flags(strchr(at, '=') + 1, settings);
    use_speed(termios, settings);
    return true;
}

bool strace_lines(const char *bits, uint8_t *lines)
{
    static const struct {
        const char *name;
        uint32_t bit;
        uint8_t line;
    } names[] = {
        {"TIOCM_DTR", TIOCM_DTR, BTAP_LINE_DTR}, {"TIOCM_RTS", TIOCM_RTS, BTAP_LINE_RTS},
        {"TIOCM_CTS", TIOCM_CTS, BTAP_LINE_CTS}, {"TIOCM_DSR", TIOCM_DSR, BTAP_LINE_DSR},
        {"TIOCM_CAR", TIOCM_CAR, BTAP_LINE_DCD}, {"TIOCM_CD", TIOCM_CAR, BTAP_LINE_DCD},
        {"TIOCM_RNG", TIOCM_RNG, BTAP_LINE_RI},  {"TIOCM_RI", TIOCM_RNG, BTAP_LINE_RI},
    };
    unsigned long number = 0;
    size_t length;

    if (!scan_word(&bits, "["))
        return false;
    length = strcspn(bits, "]");
    if (bits[0] == '0' && bits[1] == 'x')
        number = strtoul(bits, NULL, 16);
    *lines = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((number & names[i].bit) != 0 || has_flag(bits, length, names[i].name))
            *lines |= names[i].line;
    return true;
}
