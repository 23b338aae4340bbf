/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/analyser/analyser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "formats/analyser/name.h"
#include "formats/analyser/pair.h"
#include "formats/analyser/record.h"

/** A channel that changes so often carries something. */
#define BUSY 64

void analyser_start(struct analyser *analyser, struct queue *queue)
{
    analyser->queue = queue;
    analyser->channels = allocate(ANALYSER_CHANNELS_MAX * sizeof(*analyser->channels));
}

size_t analyser_add(struct analyser *analyser, const char *name, size_t length)
{
    struct analyser_channel *channel;

    if (analyser->channels_length == ANALYSER_CHANNELS_MAX) {
        analyser->left_out++;
        return ANALYSER_CHANNELS_MAX;
    }
    channel = &analyser->channels[analyser->channels_length];
    if (length >= sizeof(channel->name))
        length = sizeof(channel->name) - 1;
    memcpy(channel->name, name, length);
    analyser_name(channel);
    return analyser->channels_length++;
}

/** What the first line speaks that is a UART's: others speak the same, most likely. */
static const struct uart_format *hint(const struct analyser *analyser)
{
    for (size_t i = 0; i < analyser->channels_length; i++)
        if (analyser->channels[i].line.is_uart)
            return &analyser->channels[i].line.uart.format;
    return NULL;
}

/** All that the channels said so far becomes records. */
static void settle(struct analyser *analyser, int64_t until_ps, bool ends)
{
    for (size_t i = 0; i < analyser->channels_length; i++)
        if (analyser->channels[i].use == ANALYSER_DATA)
            levels_line_settle(&analyser->channels[i].line, until_ps, ends, hint(analyser));
    analyser_pair(analyser);
    analyser_record(analyser);
}

void analyser_level(struct analyser *analyser, size_t channel, int64_t at_ps, bool high)
{
    struct analyser_channel *one = &analyser->channels[channel];

    if (!one->line.started) {
        levels_line_start(&one->line, high);
        analyser_control(analyser, one, high);
    }
    if (one->use == ANALYSER_USB_DP || one->use == ANALYSER_USB_DM) {
        one->line.edges++;
        analyser_usb(analyser, one, at_ps, high);
        return;
    }
    if (!levels_line_edge(&one->line, at_ps, high))
        return;
    /* What is no UART's must not hurry those that are. */
    if (one->use != ANALYSER_DATA || levels_line_settle(&one->line, at_ps, false, hint(analyser)))
        settle(analyser, at_ps, false);
}

int64_t analyser_time(uint64_t sample, uint64_t rate)
{
    const uint64_t seconds = sample / rate;

    if (seconds >= INT64_MAX / LEVELS_PS_PER_S)
        return INT64_MAX / 2;
    return (int64_t)seconds * LEVELS_PS_PER_S +
           (int64_t)((double)(sample % rate) * ((double)LEVELS_PS_PER_S / (double)rate));
}

/** Appends the names of channels that are busy, and no UART's. @return how many */
static size_t name_busy(const struct analyser *analyser, char *text, size_t size)
{
    size_t count = 0;
    size_t length = 0;

    for (size_t i = 0; i < analyser->channels_length; i++) {
        const struct analyser_channel *channel = &analyser->channels[i];

        if (channel->use != ANALYSER_DATA || channel->line.is_uart || channel->line.edges < BUSY)
            continue;
        count++;
        if (length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%s", count > 1 ? ", " : "",
                                       channel->name);
    }
    return count;
}

/** How many channels have levels at all; *edges: changes of all of them. */
static size_t count_started(const struct analyser *analyser, uint64_t *edges)
{
    size_t count = 0;

    *edges = 0;
    for (size_t i = 0; i < analyser->channels_length; i++) {
        count += analyser->channels[i].line.started;
        *edges += analyser->channels[i].line.edges;
    }
    return count;
}

static void tell(const struct analyser *analyser, struct reader *reader)
{
    char busy[160] = "";
    const size_t count = name_busy(analyser, busy, sizeof(busy));
    uint64_t edges;

    if (count_started(analyser, &edges) == 0)
        reader_damaged(reader,
                       "it holds no levels of a digital channel; record the lines as digital "
                       "channels, and export those");
    else if (edges == 0)
        reader_damaged(reader, "none of its channels changes; were the probes on the lines, with "
                               "ground, while the tool ran?");
    else if (analyser->conversations_length == 0 && analyser->usb.packets == 0)
        reader_damaged(reader, "none of its channels carries a UART; record the lines RX and TX, "
                               "with at least 8 samples a bit (1 MHz for 115200 baud)");
    else if (analyser->left_out > 0)
        snprintf(reader->remark, sizeof(reader->remark),
                 "its channels after the first %d were left out", ANALYSER_CHANNELS_MAX);
    else if (count > 0)
        snprintf(reader->remark, sizeof(reader->remark), "no UART was found on %s, left out: %s",
                 count == 1 ? "a channel that changes" : "channels that change", busy);
}

void analyser_end(struct analyser *analyser, struct reader *reader, int64_t until_ps)
{
    settle(analyser, until_ps, true);
    reader->until = analyser_ns(analyser, until_ps);
    tell(analyser, reader);
}

void analyser_release(struct analyser *analyser)
{
    for (size_t i = 0; i < analyser->channels_length; i++)
        levels_line_release(&analyser->channels[i].line);
    free(analyser->channels);
    *analyser = (struct analyser){0};
}
