/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/analyser/pair.h"

#include <stdio.h>
#include <string.h>

#define SYNC 0x7f
#define ACK  0x79
#define NACK 0x1f

/** In what one line says alone, so many answers are no chance. */
#define MERGED_MIN 2

int64_t analyser_next(const struct analyser_channel *channel, size_t taken)
{
    const struct levels_line *line = &channel->line;
    const struct levels_event *event;

    if (channel->use == ANALYSER_DTR || channel->use == ANALYSER_RTS)
        return taken < line->held_length ? line->held[taken].at_ps : INT64_MAX;
    if (taken == line->events_length)
        return INT64_MAX;
    event = &line->events[taken];
    if (!event->settings)
        return event->character.end_ps;
    /* They are those of what follows. */
    return taken + 1 < line->events_length ? event[1].character.start_ps : 0;
}

static bool is_answer(uint8_t value)
{
    return value == ACK || value == NACK;
}

/** Whether the last thing that a channel said wants an answer. */
static bool asks(const struct analyser_channel *channel)
{
    return channel->said > 0 &&
           (channel->last[0] == SYNC ||
            (channel->said > 1 && (channel->last[1] ^ channel->last[0]) == 0xff));
}

static void hear(struct analyser *analyser, size_t number, const struct uart_character *character)
{
    struct analyser_channel *channel = &analyser->channels[number];

    for (size_t i = 0; i < analyser->channels_length && is_answer(character->value); i++) {
        const struct analyser_channel *asking = &analyser->channels[i];

        /* Since then the channel itself said nothing. */
        if (asks(asking) && (i == number || asking->last_ps > channel->last_ps) &&
            analyser->answers[i][number] < UINT16_MAX)
            analyser->answers[i][number]++;
    }
    if (channel->said == 0)
        channel->first = character->value;
    else if (channel->said == 1)
        channel->second = character->value;
    channel->said++;
    channel->last[1] = channel->last[0];
    channel->last[0] = character->value;
    channel->last_ps = character->end_ps;
}

/** All that was said, in the order in which it was. */
static void hear_all(struct analyser *analyser)
{
    size_t taken[ANALYSER_CHANNELS_MAX] = {0};

    for (;;) {
        int64_t earliest = INT64_MAX;
        size_t number = 0;
        const struct levels_event *event;

        for (size_t i = 0; i < analyser->channels_length; i++) {
            const struct analyser_channel *channel = &analyser->channels[i];
            const int64_t next =
                channel->use == ANALYSER_DATA ? analyser_next(channel, taken[i]) : INT64_MAX;

            if (next < earliest) {
                earliest = next;
                number = i;
            }
        }
        if (earliest == INT64_MAX)
            return;
        event = &analyser->channels[number].line.events[taken[number]++];
        if (!event->settings && event->character.errors == 0)
            hear(analyser, number, &event->character);
    }
}

/* Conversations */

static bool is_free(const struct analyser_channel *channel)
{
    return channel->use == ANALYSER_DATA && channel->line.is_uart && !channel->assigned;
}

/** The channel that a channel speaks with; NULL: none. */
static struct analyser_channel *partner(struct analyser *analyser, size_t number)
{
    const struct analyser_channel *channel = &analyser->channels[number];
    const struct analyser_conversation *conversation;

    if (!channel->assigned)
        return NULL;
    conversation = &analyser->conversations[channel->conversation];
    if (conversation->length < 2)
        return NULL;
    return &analyser->channels[conversation->channels[conversation->channels[0] == number]];
}

static struct analyser_conversation *open_conversation(struct analyser *analyser, size_t number)
{
    struct analyser_channel *channel = &analyser->channels[number];
    struct analyser_conversation *conversation =
        &analyser->conversations[analyser->conversations_length];

    channel->assigned = true;
    channel->conversation = analyser->conversations_length++;
    *conversation = (struct analyser_conversation){.channels = {number}, .length = 1};
    return conversation;
}

static void join(struct analyser *analyser, size_t number, struct analyser_conversation *to)
{
    struct analyser_channel *channel = &analyser->channels[number];

    channel->assigned = true;
    channel->conversation = (size_t)(to - analyser->conversations);
    to->channels[to->length++] = number;
}

/** Whether two channels may be the two of a conversation. */
static bool may_pair(struct analyser *analyser, size_t a, size_t b)
{
    const struct analyser_channel *left = &analyser->channels[a];
    const struct analyser_channel *right = &analyser->channels[b];

    return a != b && partner(analyser, a) == NULL && partner(analyser, b) == NULL &&
           (is_free(left) || is_free(right)) && left->line.is_uart && right->line.is_uart;
}

static void pair(struct analyser *analyser, size_t a, size_t b)
{
    if (!analyser->channels[a].assigned && !analyser->channels[b].assigned)
        open_conversation(analyser, a);
    if (analyser->channels[a].assigned)
        join(analyser, b, &analyser->conversations[analyser->channels[a].conversation]);
    else
        join(analyser, a, &analyser->conversations[analyser->channels[b].conversation]);
}

static void pair_by_answers(struct analyser *analyser)
{
    for (;;) {
        uint16_t most = 0;
        size_t host = 0;
        size_t device = 0;

        for (size_t i = 0; i < analyser->channels_length; i++)
            for (size_t j = 0; j < analyser->channels_length; j++)
                if (analyser->answers[i][j] > most && may_pair(analyser, i, j)) {
                    most = analyser->answers[i][j];
                    host = i;
                    device = j;
                }
        if (most == 0)
            return;
        pair(analyser, host, device);
    }
}

static void pair_by_names(struct analyser *analyser)
{
    for (size_t i = 0; i < analyser->channels_length; i++)
        for (size_t j = 0; j < analyser->channels_length; j++)
            if (analyser->channels[i].by_name == BTAP_HOST_TO_DEVICE &&
                analyser->channels[j].by_name == BTAP_DEVICE_TO_HOST && may_pair(analyser, i, j))
                pair(analyser, i, j);
}

/** Where two are all that there are, they belong together. */
static void pair_the_only_two(struct analyser *analyser)
{
    size_t lines[2] = {0, 0};
    size_t count = 0;

    for (size_t i = 0; i < analyser->channels_length; i++)
        if (analyser->channels[i].use == ANALYSER_DATA && analyser->channels[i].line.is_uart) {
            lines[count % 2] = i;
            count++;
        }
    if (count == 2 && may_pair(analyser, lines[0], lines[1]))
        pair(analyser, lines[0], lines[1]);
}

/* Directions */

static bool is_merged(const struct analyser *analyser, size_t number)
{
    const struct analyser_channel *channel = &analyser->channels[number];

    return analyser->answers[number][number] >= MERGED_MIN ||
           (channel->said > 1 && channel->first == SYNC && is_answer(channel->second));
}

static enum btap_direction direction_alone(const struct analyser *analyser, size_t number)
{
    const struct analyser_channel *channel = &analyser->channels[number];

    if (is_merged(analyser, number))
        return BTAP_DIRECTION_UNKNOWN;
    if (channel->said > 0 && channel->first == SYNC)
        return BTAP_HOST_TO_DEVICE;
    if (channel->said > 0 && is_answer(channel->first))
        return BTAP_DEVICE_TO_HOST;
    return channel->by_name;
}

/** Whether the first of two is the host's; *known: that shows. */
static bool first_is_host(const struct analyser *analyser, size_t a, size_t b, bool *known)
{
    const struct analyser_channel *left = &analyser->channels[a];
    const struct analyser_channel *right = &analyser->channels[b];
    const bool left_begins = left->said > 0 && left->first == SYNC;
    const bool right_begins = right->said > 0 && right->first == SYNC;

    *known = true;
    if (analyser->answers[a][b] != analyser->answers[b][a])
        return analyser->answers[a][b] > analyser->answers[b][a];
    if (left_begins != right_begins)
        return left_begins;
    *known = left->by_name != right->by_name && left->by_name != BTAP_DIRECTION_UNKNOWN &&
             right->by_name != BTAP_DIRECTION_UNKNOWN;
    return left->by_name == BTAP_HOST_TO_DEVICE;
}

static void direct(struct analyser *analyser, const struct analyser_conversation *conversation)
{
    const size_t *numbers = conversation->channels;
    struct analyser_channel *first = &analyser->channels[numbers[0]];
    struct analyser_channel *second = &analyser->channels[numbers[1]];
    bool known;
    bool host;

    if (conversation->length == 1) {
        first->direction = direction_alone(analyser, numbers[0]);
        return;
    }
    host = first_is_host(analyser, numbers[0], numbers[1], &known);
    if (!known) {
        first->direction = second->direction = BTAP_DIRECTION_UNKNOWN;
        return;
    }
    first->direction = host ? BTAP_HOST_TO_DEVICE : BTAP_DEVICE_TO_HOST;
    second->direction = host ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
}

/* Interfaces */

/** Whether the line of one that says nothing may be among the channels: it idles all the time. */
static bool has_silent_line(const struct analyser *analyser, const struct analyser_channel *beside)
{
    for (size_t i = 0; i < analyser->channels_length; i++) {
        const struct analyser_channel *channel = &analyser->channels[i];

        if (channel->use == ANALYSER_DATA && channel->line.started && channel->line.edges == 0 &&
            channel->line.high != beside->line.uart.format.inverted)
            return true;
    }
    return false;
}

/** `Channel 0+1`: what both names begin with stands once. */
static void join_names(const char *first, const char *second, char name[BTAP_INTERFACE_NAME_SIZE])
{
    size_t common = 0;
    size_t length = 0;

    for (size_t i = 0; first[i] != '\0' && first[i] == second[i]; i++)
        if (first[i] == ' ' || first[i] == '_')
            common = i + 1;
    for (; length < BTAP_INTERFACE_NAME_SIZE - 2 && first[length] != '\0'; length++)
        name[length] = first[length];
    name[length++] = '+';
    for (size_t i = common; second[i] != '\0' && length < BTAP_INTERFACE_NAME_SIZE - 1; i++)
        name[length++] = second[i];
    name[length] = '\0';
}

/** No two interfaces have one name, though names are cut. */
static void make_unique(const struct analyser *analyser, char name[BTAP_INTERFACE_NAME_SIZE])
{
    const struct queue *queue = analyser->queue;
    char plain[BTAP_INTERFACE_NAME_SIZE];

    for (size_t i = 0; i < queue->interfaces_length; i++)
        if (strcmp(queue->interfaces[i].name, name) == 0) {
            memcpy(plain, name, sizeof(plain));
            snprintf(name, BTAP_INTERFACE_NAME_SIZE, "%u:%.11s",
                     (unsigned)queue->interfaces_length % 100 + 1, plain);
            return;
        }
}

static void name_interface(struct analyser *analyser, struct analyser_conversation *conversation)
{
    const struct analyser_channel *first = &analyser->channels[conversation->channels[0]];
    const struct analyser_channel *second = &analyser->channels[conversation->channels[1]];
    char name[BTAP_INTERFACE_NAME_SIZE] = "";
    uint32_t lacks = 0;

    if (conversation->length == 2)
        join_names(first->name, second->name, name);
    else
        memcpy(name, first->name, sizeof(name) - 1);
    make_unique(analyser, name);
    if (conversation->length == 1 && first->direction == BTAP_HOST_TO_DEVICE &&
        !has_silent_line(analyser, first))
        lacks = BTAP_LACKS_REPLIES;
    conversation->interface_id =
        queue_interface(analyser->queue, BTAP_LINKTYPE_RTAC_SERIAL, name, false, lacks);
}

void analyser_pair(struct analyser *analyser)
{
    const size_t before = analyser->conversations_length;

    hear_all(analyser);
    pair_by_answers(analyser);
    pair_by_names(analyser);
    pair_the_only_two(analyser);
    for (size_t i = 0; i < analyser->channels_length; i++)
        if (is_free(&analyser->channels[i]))
            open_conversation(analyser, i);
    for (size_t i = 0; i < analyser->conversations_length; i++) {
        struct analyser_conversation *conversation = &analyser->conversations[i];

        direct(analyser, conversation);
        if (i >= before)
            name_interface(analyser, conversation);
        else if (conversation->length == 2)
            analyser->queue->interfaces[conversation->interface_id].lacks = 0;
    }
}
