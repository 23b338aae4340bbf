/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extcap/request.h"

#include <string.h>

#include "base/message.h"

static const char *const words[EXTCAP_WORDS] = {
    [EXTCAP_INTERFACE] = "extcap-interface",
    [EXTCAP_VERSION] = "extcap-version",
    [EXTCAP_FILTER] = "extcap-capture-filter",
    [EXTCAP_RELOAD] = "extcap-reload-option",
    [EXTCAP_OPTION_NAME] = "extcap-config-option-name",
    [EXTCAP_OPTION_VALUE] = "extcap-config-option-value",
    [EXTCAP_FIFO] = "fifo",
    [EXTCAP_CONTROL_IN] = "extcap-control-in",
    [EXTCAP_CONTROL_OUT] = "extcap-control-out",
    [EXTCAP_PORT] = "port",
    [EXTCAP_OTHER_PORT] = "otherport",
    [EXTCAP_HOST] = "host",
    [EXTCAP_OTHER_HOST] = "otherhost",
    [EXTCAP_DEVICE] = "device",
    [EXTCAP_OTHER_DEVICE] = "otherdevice",
    [EXTCAP_BAUD] = "baud",
    [EXTCAP_LINK] = "link",
    [EXTCAP_RESET] = "reset",
};

/* Words without a value. */
static const struct {
    const char *word;
    enum extcap_action action;
} actions[] = {
    {"extcap-interfaces", EXTCAP_LIST_INTERFACES},
    {"extcap-dlts", EXTCAP_LIST_DLTS},
    {"extcap-config", EXTCAP_LIST_CONFIG},
    {"extcap-cleanup-postkill", EXTCAP_CLEAN_UP},
    {"capture", EXTCAP_CAPTURE},
};

const char *extcap_word_name(enum extcap_word word)
{
    return words[word];
}

static bool take_action(struct extcap_request *request, const char *word)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(word, actions[i].word) == 0) {
            request->action = actions[i].action;
            return true;
        }
    return false;
}

/** The word with a value that an option is; EXTCAP_WORDS if it is none. */
static enum extcap_word find_word(const char *option)
{
    const size_t length = strcspn(option, "=");
    unsigned word = 0;

    while (word < EXTCAP_WORDS &&
           (strncmp(option, words[word], length) != 0 || words[word][length] != '\0'))
        word++;
    return (enum extcap_word)word;
}

bool extcap_request_read(struct extcap_request *request, int argc, char *const *argv)
{
    *request = (struct extcap_request){0};
    for (int i = 1; i < argc; i++) {
        const char *option = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : "";
        const char *value = strchr(option, '=');
        enum extcap_word word;

        if (take_action(request, option))
            continue;
        word = find_word(option);
        if (word == EXTCAP_WORDS) {
            message("unknown option '%s' from Wireshark", argv[i]);
            return false;
        }
        if (value == NULL && i + 1 == argc) {
            message("option '%s' has no value", argv[i]);
            return false;
        }
        request->values[word] = value != NULL ? value + 1 : argv[++i];
    }
    return true;
}

const char *extcap_value(const struct extcap_request *request, enum extcap_word word)
{
    const char *value = request->values[word];

    return value != NULL && value[0] != '\0' ? value : NULL;
}
