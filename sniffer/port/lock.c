/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/lock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/message.h"

/** A name that begins with a zero is no file's. @return length of the address */
static socklen_t make_address(struct sockaddr_un *address, const char *device)
{
    const size_t room = sizeof(address->sun_path) - 1;
    const int length = snprintf(address->sun_path + 1, room, "boottap replay %s", device);

    address->sun_family = AF_UNIX;
    address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                       ((size_t)length < room ? (size_t)length : room - 1));
}

static int open_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/** Who listens at an address: the kernel tells whoever connects to it. @return 0: not known */
static long find_owner(const struct sockaddr_un *address, socklen_t length)
{
    const int fd = open_socket();
    struct ucred owner = {.pid = 0};
    socklen_t size = sizeof(owner);

    if (fd < 0)
        return 0;
    if (connect(fd, (const struct sockaddr *)address, length) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0)
        owner.pid = 0;
    close(fd);
    return owner.pid;
}

static void explain(const struct sockaddr_un *address, socklen_t length, const char *name,
                    int cause)
{
    const long owner = cause == EADDRINUSE ? find_owner(address, length) : 0;

    if (owner > 0)
        message("%s: another replay has it (process %ld); end that first", name, owner);
    else if (cause == EADDRINUSE)
        message("%s: another replay has it; end that first", name);
    else
        message("%s: it cannot be kept from other replays: %s", name, strerror(cause));
}

int lock_take(const char *device, const char *name)
{
    struct sockaddr_un address;
    const socklen_t length = make_address(&address, device);
    const int fd = open_socket();

    /* It listens so that others can ask who has it; nobody is ever answered. */
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, length) == 0 &&
        listen(fd, SOMAXCONN) == 0)
        return fd;
    explain(&address, length, name, errno);
    if (fd >= 0)
        close(fd);
    return -1;
}

void lock_release(int lock)
{
    if (lock >= 0)
        close(lock);
}
