/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a file cannot tell is no finding: each sample is diagnosed as if its records lacked
 * something. No rule that needs it is said then, and all others as before.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "boottap/diagnosis.h"
#include "boottap/tap.h"
#include "capture/input.h"
#include "sessions/sessions.h"
#include "test.h"

#define RULES_MAX   512
#define SAMPLES_MIN 150

/** How often each rule is said of a file. */
struct said {
    uint32_t rules[RULES_MAX];
    /** The causes are about commands that were answered, or the bus tells that nobody heard them.
     */
    bool answered;
};

static bool was_answered(const struct btap_brief *failed)
{
    for (uint8_t i = 0; i < failed->notes_length; i++)
        if (failed->notes[i] == BTAP_NOTE_CAN_NO_ACKNOWLEDGE)
            return true;
    return failed->status != BTAP_NO_REPLY && failed->status != BTAP_INCOMPLETE;
}

static void count_rules(struct said *said, const struct session *session)
{
    const struct btap_diagnosis *diagnosis = &session->diagnosis;

    for (uint32_t i = 0; i < session->facts.failures_length && i < BTAP_FAILURES_MAX; i++)
        said->answered &= was_answered(&session->facts.failures[i]);
    for (uint32_t i = 0; i < diagnosis->findings_length; i++)
        for (size_t rule = 0; rule < btap_rules_length(); rule++)
            said->rules[rule] += btap_rule_at(rule) == diagnosis->findings[i].rule;
}

/** Diagnoses a file as if its records lacked this. */
static void diagnose(const char *path, uint32_t lacks, struct said *said)
{
    static struct btap_tap tap;
    static struct sessions sessions;
    struct btap_record record;
    struct btap_sink sink;
    struct input input;

    *said = (struct said){.answered = true};
    assert_true(input_open(&input, path));
    sink = sessions_sink(&sessions);
    btap_tap_init(&tap, &sink, NULL);
    sessions_init(&sessions, &tap);
    while (input_next(&input, &record)) {
        record.lacks |= lacks;
        btap_tap_record(&tap, &record);
    }
    btap_tap_finish(&tap);
    sessions_finish(&sessions);
    for (size_t i = 0; i < sessions.length; i++)
        count_rules(said, sessions_at(&sessions, i));
    sessions_release(&sessions);
    input_close(&input);
}

/** Rules that are said only because something lacks. */
static bool speaks_of_lack(const struct btap_rule *rule)
{
    return strcmp(rule->id, "answers-not-logged") == 0 || strcmp(rule->id, "data-not-logged") == 0;
}

/** Whether something was said that needs this. */
static bool lost_any(uint32_t lack, const struct said *all)
{
    for (size_t i = 0; i < btap_rules_length(); i++)
        if ((btap_rule_needs(btap_rule_at(i)) & lack) != 0 && all->rules[i] > 0)
            return true;
    return false;
}

static size_t wrong;

static void complain(const char *path, uint32_t lack, const char *rule, const char *what)
{
    print_message("%s without %s: %s %s\n", path, btap_lack_name((enum btap_lack)lack), rule, what);
    wrong++;
}

/** Where a rule is not said any more, others may be in its place. */
static void compare(const char *path, uint32_t lack, const struct said *all,
                    const struct said *lacking)
{
    const bool others = lost_any(lack, all);

    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_rule *rule = btap_rule_at(i);
        const bool needed = (btap_rule_needs(rule) & lack) != 0;

        if (needed && lacking->rules[i] > 0 &&
            !(lack == BTAP_LACKS_REPLIES && rule->kind == BTAP_RULE_CAUSE && lacking->answered))
            complain(path, lack, rule->id, "is said, and needs it");
        else if (!needed && lacking->rules[i] < all->rules[i])
            complain(path, lack, rule->id, "is not said any more");
        else if (!needed && !speaks_of_lack(rule) && !others && lacking->rules[i] > all->rules[i])
            complain(path, lack, rule->id, "was not said before");
    }
}

static void check_sample(const char *path)
{
    struct said all;
    struct said lacking;

    diagnose(path, 0, &all);
    for (uint32_t lack = 1; lack <= BTAP_LACKS_ALL; lack <<= 1) {
        diagnose(path, lack, &lacking);
        compare(path, lack, &all, &lacking);
    }
}

static void no_rule_is_said_for_want_of_what_it_needs(void **state)
{
    DIR *folder = opendir(BOOTTAP_CAPTURES);
    struct dirent *entry;
    size_t samples = 0;
    char path[512];

    (void)state;
    assert_non_null(folder);
    assert_true(btap_rules_length() < RULES_MAX);
    while ((entry = readdir(folder)) != NULL) {
        if (strstr(entry->d_name, ".pcap") == NULL)
            continue;
        snprintf(path, sizeof(path), "%s/%s", BOOTTAP_CAPTURES, entry->d_name);
        check_sample(path);
        samples++;
    }
    closedir(folder);
    assert_true(samples > SAMPLES_MIN);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rule_is_said_for_want_of_what_it_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
