/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What boottap run records: a tool's system calls on a serial port, with the settings that it made.
 */
#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u

/** The port is opened as 8N1: sync works, then each command is refused after its first byte. */
static void no_parity(const char *path)
{
    static const uint8_t get = 0x00;
    const struct usart_device_config config = {.wrong_parity = true};
    struct usart_host *host = usart_session_begin_run(path, "g071", config);

    host->settings.parity = 'N';
    usart_host_open(host);
    usart_host_sync(host);
    usart_host_send(host, &get, 1);
    usart_host_acknowledged(host);
    usart_host_send(host, &get, 1);
    usart_host_acknowledged(host);
    usart_session_end();
}

/** The tool reads nothing after 0x7F, three times; whether anything came it does not tell. */
static void nothing_read(const char *path)
{
    struct usart_host *host = usart_session_begin_run(
        path, "g071",
        (struct usart_device_config){
            .faults_length = 1,
            .faults = {{.kind = USART_SILENCE, .opcode = -1, .phase = USART_SYNC}}});

    usart_host_open(host);
    for (int i = 0; i < 3; i++)
        usart_host_sync(host);
    usart_session_end();
}

/** The tool ends in the middle of a write. */
static void ended_early(const char *path)
{
    static const uint8_t some[] = {0xFF, 0x01, 0x02, 0x03};
    const struct usart_device_config config = {0};
    struct usart_host *host = usart_session_begin_run(path, "f405", config);

    usart_host_open(host);
    usart_host_sync(host);
    usart_host_command(host, 0x31);
    usart_host_address(host, FLASH);
    usart_host_send(host, some, sizeof(some));
    usart_session_end();
}

const struct scenario run_scenarios[] = {
    {"run-no-parity.pcapng", no_parity},
    {"run-nothing-read.pcapng", nothing_read},
    {"run-ended-early.pcapng", ended_early},
    {NULL, NULL},
};
