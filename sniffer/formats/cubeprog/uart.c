/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lines of STM32CubeProgrammer's log that tell of a serial port:
 *   byte 0x7F sent successfully to target
 *   data sent successfully to target: 0x0800000008    or on the next line, without 0x
 *   Received response from target: 0x01045079
 *   Received 4 data bytes from target : 0x01045079
 *   Response received from device: NACK               at lower verbosity all that is told of it
 *   Timeout error occured while waiting for acknowledgement.
 *   Sending GetID command and its XOR:                and other headings: a command begins
 *   RTS low
 *   Port configuration: parity = even, baudrate = 115200, data-bit = 8, stop-bit = 1.0, ...
 * An answer that the tool expects but does not look at is not printed at all.
 */
#include "formats/cubeprog/uart.h"

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "formats/cubeprog/line.h"
#include "traffic/serial_record.h"

#define NACK 0x1f

static uint32_t interface_of(struct log *log)
{
    const struct cubeprog *cube = log->state;
    const uint32_t lacks = BTAP_LACKS_REPLIES | cubeprog_lacks(cube);

    queue_lacks(&log->queue, cubeprog_lacks(cube));
    return queue_interface(&log->queue, BTAP_LINKTYPE_RTAC_SERIAL, "", false, lacks);
}

static void put(struct log *log, struct serial_record *record)
{
    struct cubeprog *cube = log->state;

    record->time = cube->time;
    record->lines = cube->lines;
    serial_record_send(&log->queue.sink, interface_of(log), record);
}

static void put_bytes(struct log *log, enum serial_record_event event, const uint8_t *bytes,
                      size_t length)
{
    struct cubeprog *cube = log->state;

    if (length == 0)
        return;
    cube->traffic = true;
    cube->asked |= event == SERIAL_RECORD_TRANSMITTED;
    cube->newest = event == SERIAL_RECORD_RECEIVED ? bytes[length - 1] : 0;
    put(log, &(struct serial_record){.event = event, .bytes = bytes, .length = length});
}

static void put_comment(struct log *log, const char *comment)
{
    put(log, &(struct serial_record){.event = SERIAL_RECORD_STATUS, .comment = comment});
}

/** What was sent before belongs to a command that is over. */
static void begin_command(struct log *log)
{
    struct cubeprog *cube = log->state;

    if (cube->asked)
        put_comment(log, BTAP_SERIAL_COMMAND_COMMENT);
    cube->asked = false;
}

/* Settings */

static void put_settings(struct log *log)
{
    struct cubeprog *cube = log->state;

    put(log, &(struct serial_record){.event = SERIAL_RECORD_STATUS, .settings = &cube->settings});
}

static void take_stop_bits(struct cubeprog *cube, const char *text)
{
    const char *bits = cubeprog_behind(text, "stop-bit = ");

    if (bits == NULL)
        return;
    if (*bits == '2')
        cube->settings.half_stop_bits = 4;
    else if (*bits == '1')
        cube->settings.half_stop_bits = bits[1] != '\0' && bits[2] == '5' ? 3 : 2;
}

static enum btap_parity parity_of(const char *word)
{
    static const struct {
        const char *word;
        enum btap_parity parity;
    } parities[] = {
        {"even", BTAP_PARITY_EVEN},
        {"odd", BTAP_PARITY_ODD},
        {"none", BTAP_PARITY_NONE},
    };

    for (size_t i = 0; word != NULL && i < sizeof(parities) / sizeof(parities[0]); i++)
        if (strncasecmp(word, parities[i].word, strlen(parities[i].word)) == 0)
            return parities[i].parity;
    return BTAP_PARITY_UNKNOWN;
}

static void take_settings(struct log *log, const char *text)
{
    struct cubeprog *cube = log->state;
    const char *baud = strstr(text, "baudrate = ");
    const char *bits = strstr(text, "data-bit = ");
    const char *parity = strstr(text, "parity = ");

    cube->settings = (struct btap_serial_settings){
        .baud = baud != NULL ? (uint32_t)strtoul(baud + strlen("baudrate = "), NULL, 10) : 0,
        .data_bits =
            bits != NULL ? (uint8_t)(strtoul(bits + strlen("data-bit = "), NULL, 10) % 10) : 0,
        .parity = parity_of(parity != NULL ? parity + strlen("parity = ") : NULL),
    };
    if (strstr(text, "stop-bit") == NULL) {
        cube->after = CUBEPROG_SETTINGS;
        return;
    }
    take_stop_bits(cube, strstr(text, "stop-bit"));
    put_settings(log);
}

/** `RTS low` and the like. @return whether the line is it */
static bool take_line(struct log *log, const char *line)
{
    struct cubeprog *cube = log->state;
    const char *rts = cubeprog_behind(line, "RTS ");
    const char *level = rts != NULL ? rts : cubeprog_behind(line, "DTR ");
    const uint8_t bit = rts != NULL ? BTAP_LINE_RTS : BTAP_LINE_DTR;

    if (level == NULL || (strcmp(level, "low") != 0 && strcmp(level, "high") != 0))
        return false;
    cube->lines = (uint8_t)(*level == 'h' ? cube->lines | bit : cube->lines & ~bit);
    put(log, &(struct serial_record){.event = SERIAL_RECORD_STATUS});
    return true;
}

/* Bytes */

/** `byte 0x7F sent successfully to target`. @return whether the line is it */
static bool take_byte(struct log *log, const char *line)
{
    const char *text = cubeprog_behind(line, "byte 0x");
    uint8_t byte;

    if (text == NULL || digit_value(text[0]) > 15 || digit_value(text[1]) > 15 ||
        strcmp(text + 2, " sent successfully to target") != 0)
        return false;
    byte = (uint8_t)(digit_value(text[0]) << 4 | digit_value(text[1]));
    put_bytes(log, SERIAL_RECORD_TRANSMITTED, &byte, 1);
    return true;
}

/** Bytes behind some words, or on the next line. @return whether the words are there */
static bool take_bytes(struct log *log, char *line, const char *words,
                       enum serial_record_event event, enum cubeprog_after after)
{
    struct cubeprog *cube = log->state;
    const char *behind = cubeprog_behind(line, words);
    char *text;
    uint8_t *bytes;
    size_t length;

    if (behind == NULL)
        return false;
    text = line + (behind - line);
    text += strspn(text, " :");
    if (*text == '\0')
        cube->after = after;
    length = cubeprog_bytes(text, &bytes);
    put_bytes(log, event, bytes, length);
    return true;
}

/** What goes on with what the line before began. @return whether the line does */
static bool take_rest(struct log *log, char *line)
{
    struct cubeprog *cube = log->state;
    const enum cubeprog_after after = cube->after;
    uint8_t *bytes;
    size_t length;

    if (after == CUBEPROG_NOTHING)
        return false;
    if (after == CUBEPROG_SETTINGS) {
        cube->after = CUBEPROG_NOTHING;
        take_stop_bits(cube, line);
        put_settings(log);
        return strstr(line, "stop-bit") != NULL;
    }
    length = cubeprog_bytes(line + strspn(line, " :\t>"), &bytes);
    if (length == 0) {
        cube->after = CUBEPROG_NOTHING;
        return false;
    }
    put_bytes(log, after == CUBEPROG_SENT ? SERIAL_RECORD_TRANSMITTED : SERIAL_RECORD_RECEIVED,
              bytes, length);
    return true;
}

/** @return whether the line tells of no bytes, but of what became of a command */
static bool take_event(struct log *log, const char *line)
{
    static const uint8_t nack = NACK;
    struct cubeprog *cube = log->state;
    const char *sending = cubeprog_behind(line, "Sending ");

    if (cubeprog_behind(line, "Response received from device: NACK") != NULL) {
        if (cube->newest != NACK)
            put_bytes(log, SERIAL_RECORD_RECEIVED, &nack, cube->asked);
    } else if (cubeprog_behind(line, "Timeout error occur") != NULL) {
        cube->timed_out = true;
        if (cube->asked)
            put_comment(log, BTAP_SERIAL_TIMEOUT_COMMENT);
    } else if ((sending != NULL && strstr(sending, " command") != NULL) ||
               cubeprog_behind(line, "Reemission of ") != NULL ||
               cubeprog_behind(line, "UART PORT CLOSE") != NULL ||
               cubeprog_behind(line, "STM32CubeProgrammer") != NULL ||
               cubeprog_behind(line, "is successfully opened") != NULL) {
        begin_command(log);
    } else {
        return false;
    }
    return true;
}

bool cubeprog_uart(struct log *log, char *line)
{
    const char *settings = cubeprog_behind(line, "Port configuration:");

    if (take_rest(log, line))
        return true;
    if (settings != NULL) {
        take_settings(log, settings);
        return true;
    }
    return take_byte(log, line) ||
           take_bytes(log, line, "data sent successfully to target", SERIAL_RECORD_TRANSMITTED,
                      CUBEPROG_SENT) ||
           take_bytes(log, line, "Received response from target", SERIAL_RECORD_RECEIVED,
                      CUBEPROG_RECEIVED) ||
           take_bytes(log, line, "data bytes from target", SERIAL_RECORD_RECEIVED,
                      CUBEPROG_RECEIVED) ||
           take_event(log, line) || take_line(log, line);
}

void cubeprog_uart_end(struct log *log)
{
    struct cubeprog *cube = log->state;

    if (cube->after == CUBEPROG_SETTINGS)
        put_settings(log);
    cube->after = CUBEPROG_NOTHING;
}
