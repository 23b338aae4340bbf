/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/termios2.h"

/* Not termios.h: the two define a struct of the same name. */
#include <asm/termbits.h>
#include <sys/ioctl.h>

static bool get(int fd, struct termios2 *termios)
{
    return ioctl(fd, TCGETS2, termios) == 0;
}

static enum btap_parity parity_of(tcflag_t flags)
{
    if ((flags & PARENB) == 0)
        return BTAP_PARITY_NONE;
    if (flags & CMSPAR)
        return flags & PARODD ? BTAP_PARITY_MARK : BTAP_PARITY_SPACE;
    return flags & PARODD ? BTAP_PARITY_ODD : BTAP_PARITY_EVEN;
}

static tcflag_t parity_flags(enum btap_parity parity)
{
    switch (parity) {
    case BTAP_PARITY_ODD:
        return PARENB | PARODD;
    case BTAP_PARITY_EVEN:
        return PARENB;
    case BTAP_PARITY_MARK:
        return PARENB | PARODD | CMSPAR;
    case BTAP_PARITY_SPACE:
        return PARENB | CMSPAR;
    case BTAP_PARITY_NONE:
    case BTAP_PARITY_UNKNOWN:
        break;
    }
    return 0;
}

static uint8_t data_bits_of(tcflag_t flags)
{
    switch (flags & CSIZE) {
    case CS5:
        return 5;
    case CS6:
        return 6;
    case CS7:
        return 7;
    default:
        return 8;
    }
}

static tcflag_t data_flags(uint8_t data_bits)
{
    static const tcflag_t flags[] = {CS5, CS6, CS7, CS8};

    return data_bits < 5 || data_bits > 8 ? CS8 : flags[data_bits - 5];
}

/** In halves. Where there are 5 data bits the second stop bit is half a one. */
static uint8_t half_stop_bits_of(tcflag_t flags)
{
    if ((flags & CSTOPB) == 0)
        return 2;
    return (flags & CSIZE) == CS5 ? 3 : 4;
}

void termios2_framing(unsigned int cflag, struct btap_serial_settings *settings)
{
    settings->data_bits = data_bits_of(cflag);
    settings->parity = parity_of(cflag);
    settings->half_stop_bits = half_stop_bits_of(cflag);
}

bool termios2_settings(int fd, struct btap_serial_settings *settings)
{
    struct termios2 termios;

    if (!get(fd, &termios))
        return false;
    settings->baud = termios.c_ospeed;
    termios2_framing(termios.c_cflag, settings);
    return true;
}

bool termios2_configure(int fd, const struct btap_serial_settings *settings)
{
    struct termios2 termios;

    if (!get(fd, &termios))
        return false;
    termios.c_cflag &=
        ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT | CSIZE | PARENB | PARODD | CMSPAR | CSTOPB);
    termios.c_cflag |= BOTHER | data_flags(settings->data_bits) | parity_flags(settings->parity) |
                       (settings->half_stop_bits > 2 ? CSTOPB : 0);
    termios.c_ispeed = settings->baud;
    termios.c_ospeed = settings->baud;
    return ioctl(fd, TCSETS2, &termios) == 0;
}

bool termios2_set_mode(int fd, enum termios2_mode mode)
{
    struct termios2 termios;

    if (!get(fd, &termios))
        return false;
    /* IGNPAR would drop the bytes that are wrong, IGNBRK the breaks. */
    termios.c_iflag = mode == TERMIOS2_MARKED ? PARMRK | INPCK : 0;
    termios.c_oflag = 0;
    termios.c_lflag = mode == TERMIOS2_TOLD ? EXTPROC : 0;
    termios.c_cflag &= ~(tcflag_t)(HUPCL | CRTSCTS);
    termios.c_cflag |= CREAD | CLOCAL;
    /* With 0 "none now" would look like "hung up". */
    termios.c_cc[VMIN] = 1;
    termios.c_cc[VTIME] = 0;
    return ioctl(fd, TCSETS2, &termios) == 0;
}
