/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "boottap/usart.h"

/** Room of a side; where it is full, all goes by time. */
#define BYTES_MAX  32768
#define PIECES_MAX 256

/** Nothing is held back for so long: a time that is so much earlier is that of a clock set back. */
#define CLOCK_STEP ((btap_ns)1000000000)

/** What was read of a side at once: bytes, or an error. */
struct piece {
    struct order_time time;
    btap_ns since;                  /**< it came after this: the line was empty then */
    enum serial_record_event error; /**< where length is 0 */
    size_t length;                  /**< bytes that are left of it */
};

/** What is held of a side. */
struct lane {
    enum btap_direction from;
    btap_ns empty;                   /**< when it was seen so last: CLOCK_MONOTONIC */
    struct piece pieces[PIECES_MAX]; /**< a ring */
    size_t first;
    size_t pieces_length;
    uint8_t bytes[BYTES_MAX]; /**< from head to tail */
    size_t head;
    size_t tail;
};

struct order {
    struct order_sink sink;
    btap_ns window;
    btap_ns latest; /**< time of what was handed over last */
    struct lane lanes[2];
    /** Bytes at the head of a lane that are in order, and not handed over yet. */
    struct lane *run_lane; /**< NULL: none */
    size_t run_length;
    btap_ns run_time;
    struct btap_sink deaf;
    struct btap_link link;
    struct btap_usart usart;
};

struct order *order_open(const struct order_sink *sink, btap_ns window)
{
    struct order *order = allocate(sizeof(*order));

    order->sink = *sink;
    order->window = window;
    order->lanes[0].from = BTAP_HOST_TO_DEVICE;
    order->lanes[1].from = BTAP_DEVICE_TO_HOST;
    order->link = (struct btap_link){.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    btap_usart_init(&order->usart, &order->deaf, &order->link);
    return order;
}

static struct lane *lane_of(struct order *order, enum btap_direction from)
{
    return &order->lanes[from == BTAP_HOST_TO_DEVICE ? 0 : 1];
}

/** @return NULL: none is held */
static const struct piece *head_of(const struct lane *lane)
{
    return lane->pieces_length > 0 ? &lane->pieces[lane->first] : NULL;
}

/** Times do not go back where the protocol turned the order round, but where the clock did. */
static btap_ns in_order(struct order *order, btap_ns time)
{
    if (time > order->latest || order->latest - time > CLOCK_STEP)
        order->latest = time;
    return order->latest;
}

static void hand_over_run(struct order *order)
{
    struct lane *lane = order->run_lane;

    if (lane == NULL)
        return;
    order->sink.bytes(order->sink.context, lane->from, in_order(order, order->run_time),
                      lane->bytes + lane->head, order->run_length);
    lane->head += order->run_length;
    if (lane->head == lane->tail) {
        lane->head = 0;
        lane->tail = 0;
    }
    order->run_lane = NULL;
    order->run_length = 0;
}

static void drop_piece(struct lane *lane)
{
    lane->first = (lane->first + 1) % PIECES_MAX;
    lane->pieces_length--;
}

/** The next byte of a lane is in order. */
static void take_byte(struct order *order, struct lane *lane, struct piece *piece)
{
    struct btap_serial_chunk chunk = {
        .at.time = piece->time.recorded, .direction = lane->from, .length = 1};

    if (order->run_lane != lane || order->run_time != piece->time.recorded)
        hand_over_run(order);
    order->run_lane = lane;
    order->run_time = piece->time.recorded;
    chunk.bytes = lane->bytes + lane->head + order->run_length;
    btap_usart_chunk(&order->usart, &chunk);
    order->run_length++;
    if (--piece->length == 0)
        drop_piece(lane);
}

static void take(struct order *order, struct lane *lane)
{
    struct piece *piece = &lane->pieces[lane->first];

    if (piece->length > 0) {
        take_byte(order, lane, piece);
        return;
    }
    hand_over_run(order);
    order->sink.error(order->sink.context, lane->from, in_order(order, piece->time.recorded),
                      piece->error);
    drop_piece(lane);
}

/** Whether what is at the head of a lane came before anything of the other one. */
static bool is_first(const struct order *order, const struct lane *lane)
{
    const struct lane *other = &order->lanes[lane == &order->lanes[0] ? 1 : 0];
    const struct piece *theirs = head_of(other);
    const btap_ns read = head_of(lane)->time.monotonic;

    return (theirs != NULL ? theirs->since : other->empty) - read >= order->window;
}

/** Both have something, and the protocol does not tell. The host comes first where the times are
 * the same. */
static struct lane *read_first(struct order *order)
{
    const btap_ns host = head_of(&order->lanes[0])->time.monotonic;
    const btap_ns device = head_of(&order->lanes[1])->time.monotonic;

    return &order->lanes[host <= device ? 0 : 1];
}

static struct lane *next_of_both(struct order *order)
{
    const enum btap_direction turn = btap_usart_turn(&order->usart);

    for (size_t i = 0; i < 2; i++)
        if (is_first(order, &order->lanes[i]))
            return &order->lanes[i];
    return turn == BTAP_DIRECTION_UNKNOWN ? read_first(order) : lane_of(order, turn);
}

/** @return NULL: nothing may go */
static struct lane *next_lane(struct order *order)
{
    const bool host = order->lanes[0].pieces_length > 0;
    const bool device = order->lanes[1].pieces_length > 0;
    struct lane *lane = &order->lanes[host ? 0 : 1];
    enum btap_direction turn;

    if (host && device)
        return next_of_both(order);
    if (!host && !device)
        return NULL;
    turn = btap_usart_turn(&order->usart);
    return turn == lane->from || turn == BTAP_DIRECTION_UNKNOWN || is_first(order, lane) ? lane
                                                                                         : NULL;
}

void order_settle(struct order *order)
{
    struct lane *lane;

    while ((lane = next_lane(order)) != NULL)
        take(order, lane);
    hand_over_run(order);
}

void order_note_empty(struct order *order, enum btap_direction from, btap_ns now)
{
    lane_of(order, from)->empty = now;
}

/** Hands over everything: nothing more that came before it is to be expected. */
static void settle_all(struct order *order)
{
    const btap_ns empty[] = {order->lanes[0].empty, order->lanes[1].empty};

    order->lanes[0].empty = INT64_MAX;
    order->lanes[1].empty = INT64_MAX;
    order_settle(order);
    order->lanes[0].empty = empty[0];
    order->lanes[1].empty = empty[1];
}

/** Adds a piece. @param length of its bytes, which the caller adds */
static struct lane *add_piece(struct order *order, enum btap_direction from,
                              const struct piece *piece)
{
    struct lane *lane = lane_of(order, from);
    struct piece *added;

    if (lane->pieces_length == PIECES_MAX || BYTES_MAX - (lane->tail - lane->head) < piece->length)
        settle_all(order);
    memmove(lane->bytes, lane->bytes + lane->head, lane->tail - lane->head);
    lane->tail -= lane->head;
    lane->head = 0;
    added = &lane->pieces[(lane->first + lane->pieces_length++) % PIECES_MAX];
    *added = *piece;
    added->since = lane->empty;
    return lane;
}

void order_add(struct order *order, enum btap_direction from, struct order_time time,
               const uint8_t *bytes, size_t length)
{
    const struct piece piece = {.time = time, .length = length};
    struct lane *lane = add_piece(order, from, &piece);

    memcpy(lane->bytes + lane->tail, bytes, length);
    lane->tail += length;
}

void order_add_error(struct order *order, enum btap_direction from, struct order_time time,
                     enum serial_record_event event)
{
    const struct piece piece = {.time = time, .error = event};

    add_piece(order, from, &piece);
}

btap_ns order_deadline(const struct order *order)
{
    btap_ns deadline = INT64_MAX;

    for (size_t i = 0; i < 2; i++) {
        const struct piece *piece = head_of(&order->lanes[i]);

        if (piece != NULL && piece->time.monotonic + order->window < deadline)
            deadline = piece->time.monotonic + order->window;
    }
    return deadline;
}

btap_ns order_held(const struct order *order)
{
    btap_ns held = INT64_MAX;

    for (size_t i = 0; i < 2; i++) {
        const struct piece *piece = head_of(&order->lanes[i]);

        if (piece != NULL && piece->time.recorded < held)
            held = piece->time.recorded;
    }
    return held;
}

void order_close(struct order *order)
{
    settle_all(order);
    free(order);
}
