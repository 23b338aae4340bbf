/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serial_adapter.h"

#include <string.h>
#include <time.h>

#define PACKET_SIZE 64
#define LATENCY     (16 * SIM_MS)

#define EP_IN        1
#define EP_OUT       2
#define EP_INTERRUPT 3

/* FT232R: one vendor interface with a bulk endpoint each way */
static const uint8_t ftdi_device[18] = {18,   0x01, 0x00, 0x02, 0,    0, 0, PACKET_SIZE, 0x03,
                                        0x04, 0x01, 0x60, 0x00, 0x06, 1, 2, 0,           1};
static const uint8_t ftdi_configuration[] = {
    9, 0x02, 32,   0, 1,           1,    0,    0xA0, 45, /* configuration, 90 mA */
    9, 0x04, 0,    0, 2,           0xFF, 0xFF, 0xFF, 2,  /* interface */
    7, 0x05, 0x81, 2, PACKET_SIZE, 0,    0,              /* bulk IN */
    7, 0x05, 0x02, 2, PACKET_SIZE, 0,    0,              /* bulk OUT */
};

/* STM32 Virtual COM Port: CDC-ACM (CDC PSTN 1.2) */
static const uint8_t cdc_device[18] = {18,   0x01, 0x00, 0x02, 2,    0, 0, PACKET_SIZE, 0x83,
                                       0x04, 0x40, 0x57, 0x00, 0x02, 1, 2, 0,           1};
static const uint8_t cdc_configuration[] = {
    9, 0x02, 67,   0,    2,           1,    0,    0xC0, 50, /* configuration */
    9, 0x04, 0,    0,    1,           0x02, 0x02, 0x01, 0,  /* communications interface, ACM */
    5, 0x24, 0x00, 0x10, 1,                                 /* header, CDC 1.10 */
    5, 0x24, 0x01, 0,    1,                                 /* call management */
    4, 0x24, 0x02, 0x02,                                    /* ACM: line coding and lines */
    5, 0x24, 0x06, 0,    1,                                 /* union of interfaces 0 and 1 */
    7, 0x05, 0x83, 3,    8,           0,    16,             /* interrupt IN */
    9, 0x04, 1,    0,    2,           0x0A, 0,    0,    0,  /* data interface */
    7, 0x05, 0x81, 2,    PACKET_SIZE, 0,    0,              /* bulk IN */
    7, 0x05, 0x02, 2,    PACKET_SIZE, 0,    0,              /* bulk OUT */
};

static sim_ns clock_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * SIM_S + time.tv_nsec;
}

static void answer_with(struct dfu_answer *answer, const struct usb_setup *setup,
                        const uint8_t *bytes, size_t length)
{
    answer->length = length < setup->length ? length : setup->length;
    memcpy(answer->data, bytes, answer->length);
}

static void answer_string(struct dfu_answer *answer, const struct usb_setup *setup,
                          const char *text)
{
    uint8_t bytes[64] = {(uint8_t)(2 + 2 * strlen(text)), 0x03};

    for (size_t i = 0; text[i] != '\0'; i++)
        bytes[2 + 2 * i] = (uint8_t)text[i];
    answer_with(answer, setup, bytes, bytes[0]);
}

static void on_descriptor(const struct serial_adapter *adapter, const struct usb_setup *setup,
                          struct dfu_answer *answer)
{
    static const uint8_t languages[] = {4, 0x03, 0x09, 0x04};
    const bool ftdi = adapter->kind == SERIAL_FTDI;

    switch (setup->value) {
    case 0x0100:
        answer_with(answer, setup, ftdi ? ftdi_device : cdc_device, sizeof(ftdi_device));
        break;
    case 0x0200:
        if (ftdi)
            answer_with(answer, setup, ftdi_configuration, sizeof(ftdi_configuration));
        else
            answer_with(answer, setup, cdc_configuration, sizeof(cdc_configuration));
        break;
    case 0x0300:
        answer_with(answer, setup, languages, sizeof(languages));
        break;
    case 0x0301:
        answer_string(answer, setup, ftdi ? "FTDI" : "STMicroelectronics");
        break;
    case 0x0302:
        answer_string(answer, setup, ftdi ? "FT232R USB UART" : "STM32 Virtual COM Port");
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}

static void on_standard(const struct serial_adapter *adapter, const struct usb_setup *setup,
                        struct dfu_answer *answer)
{
    static const uint8_t zero[2];

    if (setup->request == 0x06)
        on_descriptor(adapter, setup, answer);
    else if (setup->request_type & 0x80)
        answer_with(answer, setup, zero, sizeof(zero));
}

/** The bootloader expects 8E1 (AN3155 section 1) and sees anything else as wrong bits. */
static void set_parity(struct serial_adapter *adapter, bool even)
{
    adapter->even_parity = even;
    adapter->device.config.wrong_parity = !even;
}

static void on_ftdi(struct serial_adapter *adapter, const struct usb_setup *setup,
                    struct dfu_answer *answer)
{
    static const uint8_t modem_status[2] = {0x01, 0x60};
    static const uint8_t latency = LATENCY / SIM_MS;

    switch (setup->request) {
    case 0x04: /* SET_DATA: b10-8 parity, 2 = even */
        set_parity(adapter, (setup->value >> 8 & 7) == 2);
        break;
    case 0x05: /* GET_MODEM_STATUS */
        answer_with(answer, setup, modem_status, sizeof(modem_status));
        break;
    case 0x0A: /* GET_LATENCY_TIMER */
        answer_with(answer, setup, &latency, 1);
        break;
    default:
        if (setup->request_type & 0x80)
            answer->outcome = DFU_STALLED;
        break;
    }
}

static void on_cdc(struct serial_adapter *adapter, const struct usb_setup *setup,
                   const uint8_t *data, struct dfu_answer *answer)
{
    switch (setup->request) {
    case 0x20: /* SET_LINE_CODING: the sixth byte is parity, 2 = even */
        if (setup->length == sizeof(adapter->line_coding)) {
            memcpy(adapter->line_coding, data, sizeof(adapter->line_coding));
            set_parity(adapter, adapter->line_coding[5] == 2);
        }
        break;
    case 0x21: /* GET_LINE_CODING */
        answer_with(answer, setup, adapter->line_coding, sizeof(adapter->line_coding));
        break;
    case 0x22: /* SET_CONTROL_LINE_STATE */
    case 0x23: /* SEND_BREAK */
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}

static void on_control(void *context, sim_ns now, const struct usb_setup *setup,
                       const uint8_t *data, struct dfu_answer *answer)
{
    struct serial_adapter *adapter = context;

    (void)now;
    if ((setup->request_type & 0x60) == 0)
        on_standard(adapter, setup, answer);
    else if (adapter->kind == SERIAL_FTDI)
        on_ftdi(adapter, setup, answer);
    else
        on_cdc(adapter, setup, data, answer);
}

static void on_out(void *context, sim_ns now, uint8_t endpoint, const uint8_t *bytes, size_t length)
{
    struct serial_adapter *adapter = context;

    (void)now;
    (void)endpoint;
    for (size_t i = 0; i < length; i++)
        usart_device_receive(&adapter->device, bytes[i]);
}

static void on_emit(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    struct serial_adapter *adapter = context;

    if (length > sizeof(adapter->queue) - adapter->queue_length)
        length = sizeof(adapter->queue) - adapter->queue_length;
    memcpy(adapter->queue + adapter->queue_length, bytes, length);
    adapter->queue_length += length;
    adapter->ready_at = clock_now() + delay_us * SIM_US;
}

/** Takes bytes off the queue; none before the device has sent them. */
static size_t take(struct serial_adapter *adapter, sim_ns now, uint8_t *bytes, size_t size)
{
    size_t length = adapter->queue_length < size ? adapter->queue_length : size;

    if (now < adapter->ready_at)
        return 0;
    memcpy(bytes, adapter->queue, length);
    adapter->queue_length -= length;
    memmove(adapter->queue, adapter->queue + length, adapter->queue_length);
    return length;
}

/** FTDI's line status of the next packet with data: b1 overrun, b2 parity, b3 framing. */
static uint8_t line_status(struct serial_adapter *adapter)
{
    if (!adapter->line_errors)
        return 0x60;
    switch (++adapter->packets) {
    case 2:
        return 0x64;
    case 4:
        return 0x68;
    case 6:
        return 0x62;
    default:
        return 0x60;
    }
}

/** FTDI: every packet starts with modem and line status; an empty one each latency period. */
static bool ftdi_in(struct serial_adapter *adapter, sim_ns now, uint8_t *bytes, size_t size,
                    size_t *length)
{
    const size_t room = (size < PACKET_SIZE ? size : PACKET_SIZE) - 2;

    if (size < 2)
        return false;
    bytes[0] = 0x01;
    bytes[1] = 0x60;
    *length = 2 + take(adapter, now, bytes + 2, room);
    if (*length == 2 && now < adapter->latency_at)
        return false;
    if (*length > 2)
        bytes[1] = line_status(adapter);
    adapter->latency_at = now + LATENCY;
    return true;
}

static bool on_in(void *context, sim_ns now, uint8_t endpoint, uint8_t *bytes, size_t size,
                  size_t *length)
{
    struct serial_adapter *adapter = context;

    if (endpoint != EP_IN)
        return false;
    if (adapter->kind == SERIAL_FTDI)
        return ftdi_in(adapter, now, bytes, size, length);
    *length = take(adapter, now, bytes, size < PACKET_SIZE ? size : PACKET_SIZE);
    return *length > 0;
}

static sim_ns on_due(void *context, sim_ns now)
{
    const struct serial_adapter *adapter = context;

    if (adapter->queue_length > 0)
        return adapter->ready_at;
    return adapter->kind == SERIAL_FTDI ? adapter->latency_at : now + SIM_S;
}

void serial_adapter_init(struct serial_adapter *adapter, enum serial_adapter_kind kind,
                         const struct usart_device_config *config)
{
    struct usart_device_config with_emit = *config;

    with_emit.emit = on_emit;
    with_emit.context = adapter;
    with_emit.wrong_parity = true; /* until the host sets even parity */
    memset(adapter, 0, sizeof(*adapter));
    adapter->kind = kind;
    usart_device_init(&adapter->device, &with_emit);
}

struct usb_function serial_adapter_function(struct serial_adapter *adapter)
{
    return (struct usb_function){
        .context = adapter,
        .control = on_control,
        .out = on_out,
        .in = on_in,
        .due = on_due,
    };
}
