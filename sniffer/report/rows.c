/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables of a report: notes, and transactions.
 */
#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "report/part.h"

/** Above so many rows, only the remarkable ones are printed on paper. */
#define PRINTED_MAX 120u

/** Up to so many rows, the list is as long as it is, without a window of its own. */
#define SHORT_MAX 40u

/** Kinds of notes that are listed in any case, and what each takes. */
#define NOTES_MIN  8u
#define NOTE_BYTES 300u

static struct btap_note note_of(const struct btap_session *facts, enum btap_note_id id)
{
    struct btap_note note = {.id = id, .packet = facts->notes[id].packet};

    memcpy(note.arg, facts->notes[id].arg, sizeof(note.arg));
    return note;
}

static void print_remark(const struct report_part *part, enum btap_note_id id)
{
    const struct btap_note note = note_of(part->facts, id);
    const char *severity = btap_severity_name(btap_note_severity(id));
    char text[BTAP_NOTE_TEXT_SIZE];

    html_print(part->to,
               "<tr><td class=\"%s\"><span class=\"tag\">%s</span></td><td>%s <code class=\"dim\">"
               "%s</code></td><td class=\"num\">%s\xc3\x97</td><td class=\"num\">packet" HTML_SPACE
               "%" PRIu64 "</td></tr>\n",
               btap_note_severity(id) == BTAP_ERROR  ? "bad"
               : btap_note_severity(id) == BTAP_WARN ? "warn"
                                                     : "calm",
               severity, part_text(btap_note_text(&note, text, sizeof(text))).text,
               btap_note_name(id), words_count(part->facts->notes[id].count).text, note.packet);
}

void part_remarks(const struct report_part *part)
{
    const unsigned fitting = NOTES_MIN + part_fitting(part, PART_NOTES_SHARE, NOTE_BYTES);
    unsigned count = 0;

    for (int severity = BTAP_ERROR; severity >= BTAP_NOTE; severity--)
        for (size_t i = 0; i < BTAP_NOTE_COUNT; i++) {
            const enum btap_note_id id = (enum btap_note_id)i;

            if (part->facts->notes[id].count == 0 || (int)btap_note_severity(id) != severity)
                continue;
            if (count == 0)
                fputs("<section class=\"card\"><h3>Notes <small>with the values and the packet of "
                      "the first</small></h3><table class=\"notes\"><thead class=\"unseen\"><tr>"
                      "<th scope=\"col\">Severity</th><th scope=\"col\">Note</th>"
                      "<th scope=\"col\">How often</th><th scope=\"col\">First packet</th></tr>"
                      "</thead><tbody>\n",
                      part->to);
            if (count++ < fitting)
                print_remark(part, id);
        }
    if (count == 0)
        return;
    fputs("</tbody></table>", part->to);
    if (count > fitting)
        html_print(part->to, "<p class=\"caption\">%u more kind%s of notes %s left out.</p>",
                   count - fitting, count - fitting == 1 ? "" : "s",
                   count - fitting == 1 ? "is" : "are");
    fputs("</section>\n", part->to);
}

static void print_notes_of(FILE *to, const struct list_item *item)
{
    char text[BTAP_NOTE_TEXT_SIZE];

    for (uint32_t i = 0; i < item->notes_length; i++) {
        const struct btap_note *note = &item->notes[i];

        html_print(to, "<span class=\"why %s\"><b>%s</b> %s</span>",
                   btap_severity_name(btap_note_severity(note->id)), btap_note_name(note->id),
                   part_text(btap_note_text(note, text, sizeof(text))).text);
    }
    if (item->notes_omitted > 0)
        html_print(to, "<span class=\"why\">%u more</span>", (unsigned)item->notes_omitted);
}

static void print_packets(FILE *to, const struct list_item *item)
{
    html_print(to, "%" PRIu64, item->first_packet);
    if (item->last_packet != item->first_packet)
        html_print(to, "\xe2\x80\x93%" PRIu64, item->last_packet);
}

static void print_item(const struct report_part *part, const struct list_item *item)
{
    FILE *to = part->to;

    html_print(to, "<tr id=\"s%u-%" PRIu64 "\" class=\"%s\"><td class=\"num\">", part->number,
               item->n, list_item_remarkable(item) ? "" : "quiet");
    if (part_is_timed(part))
        html_print(to, "%.6f", (double)(item->time - part->course->timeline.first) / 1e9);
    fputs("</td><td class=\"num packets\">", to);
    print_packets(to, item);
    html_print(to, "</td><td class=\"does %s\">%s", activity_class(activity_of(item->command)),
               part_text(item->description).text);
    print_notes_of(to, item);
    html_print(to, "</td><td class=\"outcome %s\">%s</td><td class=\"num\">%s</td></tr>\n",
               item->status == BTAP_OK ? "ok" : "no", item->outcome,
               part_is_timed(part) ? words_duration(item->duration).text : "");
}

/** Some of the commands of a gap: `4812 more Write Memory commands, 256 bytes each`. */
static void print_kind(FILE *to, const struct list_kind *kind, const char *more)
{
    html_print(to, "%s" HTML_SPACE "%s%s command%s", words_count(kind->count).text, more,
               btap_command_label(kind->command), kind->count == 1 ? "" : "s");
    if (!kind->sized)
        return;
    html_print(to, ", %u", (unsigned)kind->shortest);
    if (kind->longest != kind->shortest)
        html_print(to, " to" HTML_SPACE "%u", (unsigned)kind->longest);
    html_print(to, HTML_SPACE "byte%s%s", kind->longest == 1 ? "" : "s",
               kind->count > 1 ? " each" : "");
}

/** A row in the place of transactions that are not listed. */
static void print_gap(FILE *to, const struct list_gap *gap)
{
    uint64_t others = gap != NULL ? gap->count : 0;

    if (gap == NULL)
        return;
    html_print(to, "<tr class=\"gap%s\"><td colspan=\"5\">\xe2\x80\xa6 ",
               gap->failed > 0 ? " no" : "");
    for (uint32_t i = 0; i < gap->kinds_length; i++) {
        fputs(i > 0 ? "; " : "", to);
        print_kind(to, &gap->kinds[i], i > 0 ? "" : "more ");
        others -= gap->kinds[i].count;
    }
    if (others > 0)
        html_print(to, "; %s" HTML_SPACE "others", words_count(others).text);
    if (gap->failed > 0)
        html_print(to, ". %s of them did not end well", words_count(gap->failed).text);
    fputs("</td></tr>\n", to);
}

static void print_rows(const struct report_part *part)
{
    const struct list *list = &part->course->list;

    fputs("<table class=\"list\"><thead><tr><th scope=\"col\" class=\"num\">Time / s</th>"
          "<th scope=\"col\" class=\"num packets\">Packets</th><th scope=\"col\">Command</th>"
          "<th scope=\"col\">Outcome</th><th scope=\"col\" class=\"num\">Took</th></tr>"
          "</thead><tbody>\n",
          part->to);
    for (size_t i = 0; i < list_length(list); i++) {
        const struct list_item *item = list_item(list, i);

        print_gap(part->to, item->before);
        print_item(part, item);
    }
    fputs("</tbody></table>", part->to);
}

/** Two radio buttons, which hide or show rows by style alone. */
static void print_choices(const struct report_part *part)
{
    html_print(part->to,
               "<input class=\"choose all\" type=\"radio\" name=\"r%u\" id=\"all%u\" checked>"
               "<input class=\"choose only\" type=\"radio\" name=\"r%u\" id=\"only%u\">"
               "<div class=\"choices\"><label class=\"for-all\" for=\"all%u\">All</label>"
               "<label class=\"for-only\" for=\"only%u\">Remarkable</label></div>",
               part->number, part->number, part->number, part->number, part->number, part->number);
}

static bool any_remarkable(const struct list *list)
{
    for (size_t i = 0; i < list_length(list); i++)
        if (list_item_remarkable(list_item(list, i)))
            return true;
    return false;
}

void part_transactions(const struct report_part *part)
{
    const struct list *list = &part->course->list;
    const bool many = list_length(list) > PRINTED_MAX;

    html_print(part->to, "<section class=\"card rows %s\"><h3>Transactions <small>",
               many ? "many" : "");
    if (list->added > list_length(list))
        html_print(part->to, "%s of %s: what is repeated, and what finds no room, is counted",
                   words_count(list_length(list)).text, words_count(list->added).text);
    else
        html_print(part->to, "%s", words_count(list->added).text);
    fputs("</small></h3>\n", part->to);
    if (many)
        html_print(part->to,
                   "<p class=\"caption printed\">On paper, only the remarkable ones%s.</p>\n",
                   any_remarkable(list) ? "" : ", of which there are none");
    print_choices(part);
    html_print(part->to,
               "<div class=\"scroll %s\" tabindex=\"0\" role=\"region\" "
               "aria-label=\"Transactions of session %u\">\n",
               list_length(list) > SHORT_MAX ? "" : "short", part->number);
    print_rows(part);
    fputs("</div></section>\n", part->to);
}
