/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of usbmon's text files (Linux Documentation/usb/usbmon.rst, drivers/usb/mon/mon_text.c):
 *   TAG TIME S|C|E ADDRESS STATUS LENGTH [= DATA | LETTER]
 * TAG is the same in both halves of a transfer. TIME counts microseconds in 32 bits, and people
 * leave it out. ADDRESS is `Ci:1:025:0` (files Nu: type and direction, bus, device, endpoint) or
 * `Ci:025:00` (files Nt: no bus). STATUS is a number, with `:INTERVAL` and more behind it for some
 * types; in a control transfer's submission it is `s` and the five words of the setup, or another
 * letter and five words of `_` where they could not be read. DATA are groups of four bytes, 32
 * bytes at most. A mail program may have broken the line between two groups.
 */
#include <string.h>

#include "base/digits.h"
#include "formats/reader/log.h"
#include "traffic/usb_record.h"

#define WORDS_MAX     96
#define DATA_MAX      256 /* the kernel's own limit is 32 */
#define COLLECTED_MAX 32
#define SETUP_SIZE    8
#define SETUP_WORDS   5
#define GROUP_DIGITS  8
#define ENDPOINT_IN   0x80u
#define ENDPOINTS_MAX 15
#define US_PER_S      1000000
#define NS_PER_US     1000

enum {
    ISOCHRONOUS,
    INTERRUPT,
    CONTROL,
    BULK,
};

/** The words of a line, in their order. */
struct words {
    size_t next;
    size_t length;
    char *word[WORDS_MAX];
};

/** State of a log. */
struct usbmon_text {
    bool started;
    uint32_t interface_id;
    bool timed;
    uint32_t stamp; /**< of the latest line */
    uint64_t us;    /**< its time, that goes on where stamps begin anew */
    bool held;      /**< record waits for the data that may stand in the next line */
    struct usb_record record;
    uint8_t setup[SETUP_SIZE];
    uint8_t data[DATA_MAX];
};

static bool probe(const struct first *first)
{
    static const char *const patterns[] = {"h 9 S w:9:9", "h 9 C w:9:9", "h 9 E w:9:9",
                                           "h S w:9:9",   "h C w:9:9",   "h E w:9:9"};

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (first_line_looks(first, patterns[i]))
            return true;
    return false;
}

/** Cuts a line into its words; those that are too many stay out. */
static struct words split(char *line)
{
    struct words words = {0};
    char *rest = NULL;

    for (char *word = strtok_r(line, " \t", &rest); word != NULL && words.length < WORDS_MAX;
         word = strtok_r(NULL, " \t", &rest))
        words.word[words.length++] = word;
    return words;
}

/** The word that comes next; "" behind the last one. */
static const char *peek(const struct words *words)
{
    return words->next < words->length ? words->word[words->next] : "";
}

/**
 * Reads a number of some base up to a limit.
 *
 * @return what follows it; NULL if there is none
 */
static const char *number(const char *word, unsigned base, uint64_t max, uint64_t *value)
{
    if (digit_value(*word) >= base)
        return NULL;
    for (*value = 0; digit_value(*word) < base; word++) {
        const unsigned digit = digit_value(*word);

        if (*value > (max - digit) / base)
            return NULL;
        *value = *value * base + digit;
    }
    return word;
}

/** A word that is a number and nothing else. */
static bool take_number(struct words *words, unsigned base, uint64_t max, uint64_t *value)
{
    const char *end = number(peek(words), base, max, value);

    if (end == NULL || *end != '\0')
        return false;
    words->next++;
    return true;
}

/** `S`, `C`, `E` */
static bool take_event(struct words *words, struct usb_record *record)
{
    const char *word = peek(words);

    if (*word == '\0' || strchr("SCE", *word) == NULL || word[1] != '\0')
        return false;
    record->completion = *word != 'S';
    record->failed = *word == 'E';
    words->next++;
    return true;
}

static bool take_address(struct words *words, struct usb_record *record)
{
    static const char types[] = "ZICB";
    const char *at = peek(words);
    const char *type = *at != '\0' ? strchr(types, *at) : NULL;
    uint64_t numbers[3];
    size_t count = 0;

    if (type == NULL || (at[1] != 'i' && at[1] != 'o') || at[2] != ':')
        return false;
    record->transfer_type = (uint8_t)(type - types);
    record->endpoint = at[1] == 'i' ? ENDPOINT_IN : 0;
    for (at += 2; *at == ':' && count < 3; count++)
        if ((at = number(at + 1, 10, UINT16_MAX, &numbers[count])) == NULL)
            return false;
    if (count < 2 || *at != '\0' || numbers[count - 2] > INT8_MAX ||
        numbers[count - 1] > ENDPOINTS_MAX)
        return false;
    record->bus = count == 3 ? (uint16_t)numbers[0] : 0;
    record->device = (uint8_t)numbers[count - 2];
    record->endpoint |= (uint8_t)numbers[count - 1];
    words->next++;
    return true;
}

/** The five words of a setup, in the order of its bytes. */
static bool take_setup(struct words *words, uint8_t setup[SETUP_SIZE])
{
    static const uint8_t sizes[SETUP_WORDS] = {1, 1, 2, 2, 2};
    uint64_t value;

    for (size_t i = 0; i < SETUP_WORDS; i++) {
        if (!take_number(words, 16, sizes[i] == 1 ? UINT8_MAX : UINT16_MAX, &value))
            return false;
        for (unsigned byte = 0; byte < sizes[i]; byte++)
            *setup++ = (uint8_t)(value >> 8 * byte);
    }
    return true;
}

/** The status, or what stands in its place. */
static bool take_status(struct usbmon_text *log, struct words *words, struct usb_record *record)
{
    static const int32_t in_progress = -115;
    const char *word = peek(words);
    const bool negative = *word == '-';
    uint64_t value;

    record->status = record->completion ? 0 : in_progress;
    words->next++;
    if (strcmp(word, "s") == 0) {
        record->setup = log->setup;
        return take_setup(words, log->setup);
    }
    if (strncmp(peek(words), "__", 2) == 0) {
        words->next += SETUP_WORDS;
        return *word != '\0' && word[1] == '\0';
    }
    if (strcmp(word, "-") == 0)
        return true;
    word = number(word + negative, 10, INT32_MAX, &value);
    if (word == NULL || (*word != '\0' && *word != ':'))
        return false;
    record->status = negative ? -(int32_t)value : (int32_t)value;
    return true;
}

/** Groups of bytes, as many as stand there. @return false: something else stands there, too */
static bool take_data(struct usbmon_text *log, struct words *words, struct usb_record *record)
{
    for (; words->next < words->length; words->next++) {
        const char *word = peek(words);
        const size_t digits = strlen(word);

        if (digits > GROUP_DIGITS || digits % 2 != 0)
            return false;
        for (size_t i = 0; i < digits; i += 2) {
            const unsigned high = digit_value(word[i]);
            const unsigned low = digit_value(word[i + 1]);

            if (high > 15 || low > 15)
                return false;
            if (record->captured < DATA_MAX && record->captured < record->length)
                log->data[record->captured++] = (uint8_t)(high << 4 | low);
        }
    }
    return true;
}

/** Descriptors of isochronous packets, which hold nothing of interest, stand before the length. */
static void skip_isochronous(struct words *words)
{
    if (words->next + 1 < words->length)
        words->next++;
    while (strchr(peek(words), ':') != NULL)
        words->next++;
}

/** What stands behind the address. */
static bool take_rest(struct usbmon_text *log, struct words *words, struct usb_record *record)
{
    uint64_t length;

    if (!take_status(log, words, record))
        return false;
    if (record->transfer_type == ISOCHRONOUS)
        skip_isochronous(words);
    if (!take_number(words, 10, INT32_MAX, &length))
        return false;
    record->length = (uint32_t)length;
    if (strcmp(peek(words), "=") != 0)
        return words->length - words->next <= 1;
    words->next++;
    /* What such packets hold stands behind their descriptors, of which not all are printed. */
    if (record->transfer_type == ISOCHRONOUS)
        return true;
    record->data = log->data;
    record->data_length = record->length;
    return take_data(log, words, record);
}

/**
 * Takes the time of a line. Stamps of 32 bits begin anew after 72 minutes, and with another
 * machine's log; a line that is late by less than a second stands behind others of its time.
 */
static btap_ns time_of(struct usbmon_text *log, uint32_t stamp)
{
    const uint32_t late = log->stamp - stamp;
    uint64_t us;

    if (log->timed && late > 0 && late <= US_PER_S) {
        us = log->us > late ? log->us - late : 0;
    } else {
        us = log->us += log->timed ? stamp - log->stamp : stamp;
        log->timed = true;
        log->stamp = stamp;
    }
    return (btap_ns)us * NS_PER_US;
}

static void send_held(struct log *log)
{
    struct usbmon_text *state = log->state;

    if (state->held)
        usb_record_send(&log->queue.sink, state->interface_id, &state->record, NULL);
    state->held = false;
}

/** Whether the line ends before the data do that the kernel would have printed. */
static bool may_go_on(const struct usb_record *record)
{
    return record->data != NULL && record->captured < record->length &&
           record->captured < COLLECTED_MAX;
}

/** The rest of the data of the line before, which was broken. */
static enum log_line go_on(struct log *log, struct words *words)
{
    struct usbmon_text *state = log->state;
    struct usb_record longer = state->record;

    if (!state->held || !may_go_on(&state->record) || !take_data(state, words, &longer))
        return LOG_UNKNOWN;
    state->record = longer;
    return LOG_KNOWN;
}

static enum log_line line(struct log *log, char *line, size_t length)
{
    struct usbmon_text *state = log->state;
    struct usb_record record = {0};
    uint64_t stamp = 0;
    struct words words;
    bool timed;

    (void)length;
    /* What is no line of usbmon comes again without the marks of a quotation, and stays whole. */
    if (digit_value(line[strspn(line, " \t")]) > 15)
        return LOG_UNKNOWN;
    words = split(line);
    if (!take_number(&words, 16, UINT64_MAX, &record.id))
        return go_on(log, &words);
    timed = take_number(&words, 10, UINT32_MAX, &stamp);
    if (!take_event(&words, &record) || !take_address(&words, &record)) {
        words.next = 0;
        return go_on(log, &words);
    }
    send_held(log);
    if (!take_rest(state, &words, &record))
        return LOG_DAMAGED;
    if (!state->started)
        state->interface_id = queue_interface(&log->queue, BTAP_LINKTYPE_USB_LINUX_MMAPPED, "",
                                              false, BTAP_LACKS_DATA);
    state->started = true;
    if (!timed)
        queue_lacks(&log->queue, BTAP_LACKS_TIMES);
    record.time = timed ? time_of(state, (uint32_t)stamp) : (btap_ns)state->us * NS_PER_US;
    state->record = record;
    state->held = true;
    if (!may_go_on(&record))
        send_held(log);
    return LOG_KNOWN;
}

static bool start(struct reader *reader)
{
    static const struct log_format format = {
        .state_size = sizeof(struct usbmon_text),
        .line = line,
        .end = send_held,
    };

    reader->digits = 6;
    return log_start(reader, &format);
}

const struct reader_format reader_usbmon_text = {
    .kind = {KIND_CAPTURE, "text of usbmon", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
