/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/termios.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "port/termios2.h"

static const struct {
    uint32_t request;
    enum termios_request means;
    bool has_rates; /**< struct termios2 */
} requests[] = {
    {TCGETS, TERMIOS_GET, false},
    {TCSETS, TERMIOS_SET, false},
    {TCSETSW, TERMIOS_SET, false},
    {TCSETSF, TERMIOS_SET_FLUSH, false},
    {(uint32_t)TCGETS2, TERMIOS_GET, true},
    {(uint32_t)TCSETS2, TERMIOS_SET, true},
    {(uint32_t)TCSETSW2, TERMIOS_SET, true},
    {(uint32_t)TCSETSF2, TERMIOS_SET_FLUSH, true},
};

static const struct {
    tcflag_t code;
    uint32_t baud;
} rates[] = {
    {B50, 50},           {B75, 75},           {B110, 110},         {B134, 134},
    {B150, 150},         {B200, 200},         {B300, 300},         {B600, 600},
    {B1200, 1200},       {B1800, 1800},       {B2400, 2400},       {B4800, 4800},
    {B9600, 9600},       {B19200, 19200},     {B38400, 38400},     {B57600, 57600},
    {B115200, 115200},   {B230400, 230400},   {B460800, 460800},   {B500000, 500000},
    {B576000, 576000},   {B921600, 921600},   {B1000000, 1000000}, {B1152000, 1152000},
    {B1500000, 1500000}, {B2000000, 2000000}, {B2500000, 2500000}, {B3000000, 3000000},
    {B3500000, 3500000}, {B4000000, 4000000},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum termios_request termios_request(uint32_t request)
{
    for (size_t i = 0; i < COUNT(requests); i++)
        if (requests[i].request == request)
            return requests[i].means;
    return TERMIOS_NONE;
}

static bool has_rates(uint32_t request)
{
    for (size_t i = 0; i < COUNT(requests); i++)
        if (requests[i].request == request)
            return requests[i].has_rates;
    return false;
}

static uint32_t baud_of(tcflag_t code)
{
    for (size_t i = 0; i < COUNT(rates); i++)
        if (rates[i].code == code)
            return rates[i].baud;
    return 0;
}

bool termios_read(const struct trace_call *call, struct termios_settings *settings)
{
    const bool rates_too = has_rates((uint32_t)call->arguments[1]);
    struct termios2 termios = {0};
    tcflag_t rate;

    /* struct termios2 begins as struct termios does, whose end is before the rates. */
    if (!trace_read(call, call->arguments[2], &termios,
                    rates_too ? sizeof(termios) : sizeof(struct termios)))
        return false;
    rate = termios.c_cflag & CBAUD;
    *settings = (struct termios_settings){
        .line.baud = rate == BOTHER && rates_too ? termios.c_ospeed : baud_of(rate),
        .hangs_up = (termios.c_cflag & HUPCL) != 0,
        .is_hung_up = rate == B0,
    };
    termios2_framing(termios.c_cflag, &settings->line);
    settings->is_complete = settings->line.baud != 0;
    return true;
}
