/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * can_device INTERFACE PRODUCT: a simulated FDCAN bootloader on a CAN interface of Linux, until it
 * is killed.
 */
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "simulate/fdcan_device.h"

static void on_emit(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    const int *can = context;
    const struct timespec delay = {delay_us / 1000000, (long)(delay_us % 1000000) * 1000};
    struct canfd_frame out = {
        .can_id = frame->id | (frame->extended ? CAN_EFF_FLAG : 0),
        .len = frame->length,
        .flags = frame->rate_switch ? CANFD_BRS : 0,
    };

    memcpy(out.data, frame->data, frame->length);
    nanosleep(&delay, NULL);
    if (write(*can, &out, frame->fd ? CANFD_MTU : CAN_MTU) < 0)
        perror("can_device: write");
}

static int open_can(const char *interface)
{
    struct sockaddr_can address = {.can_family = AF_CAN};
    struct ifreq request = {0};
    const int on = 1;
    const int can = socket(PF_CAN, SOCK_RAW, CAN_RAW);

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    if (can < 0 || ioctl(can, SIOCGIFINDEX, &request) < 0 ||
        setsockopt(can, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof(on)) < 0)
        return -1;
    address.can_ifindex = request.ifr_ifindex;
    return bind(can, (struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : can;
}

static void receive(struct fdcan_device *device, const struct canfd_frame *in, size_t size)
{
    struct sim_can_frame frame = {
        .id = in->can_id & CAN_EFF_MASK,
        .extended = in->can_id & CAN_EFF_FLAG,
        .error = in->can_id & CAN_ERR_FLAG,
        .fd = size == CANFD_MTU,
        .rate_switch = in->flags & CANFD_BRS,
        .length = in->len,
    };

    memcpy(frame.data, in->data, in->len);
    fdcan_device_receive(device, &frame);
}

int main(int argc, char **argv)
{
    static struct fdcan_device device;
    int can = argc == 3 ? open_can(argv[1]) : -1;
    struct fdcan_device_config config = {.emit = on_emit, .context = &can};
    struct canfd_frame in;
    ssize_t size;

    if (argc != 3) {
        fprintf(stderr, "usage: can_device INTERFACE PRODUCT\n");
        return 2;
    }
    config.product = fdcan_product_by_name(argv[2]);
    if (can < 0 || config.product == NULL) {
        fprintf(stderr, "can_device: no such interface or product\n");
        return 1;
    }
    fdcan_device_init(&device, &config);
    while ((size = read(can, &in, sizeof(in))) == CAN_MTU || size == CANFD_MTU)
        receive(&device, &in, (size_t)size);
    perror("can_device: read");
    return 1;
}
