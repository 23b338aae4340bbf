/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The timeline: SVG whose lengths along the time are per cent, so that it fits any width.
 */
#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "report/part.h"

/** Marks that are drawn in any case, and what each takes. */
#define MARKS_MIN  8u
#define MARK_BYTES 330u

/** Of fewer bytes a plot shows nothing that the lanes do not. */
#define PLOT_SIZE_MIN 256

/** Per cent of the time from which a share has room for its name. */
#define LABELLED_MIN 18

#define NS_PER_S    INT64_C(1000000000)
#define NS_PER_HOUR (3600 * NS_PER_S)

/** Times to per cent of the session. */
struct scale {
    btap_ns first;
    btap_ns length; /**< at least 1 */
};

static struct scale scale_of(const struct timeline *timeline)
{
    const btap_ns length = timeline->last - timeline->first;

    return (struct scale){timeline->first, length > 0 ? length : 1};
}

/** What a time takes of the session, in per cent. */
static double share_of(const struct scale *scale, btap_ns time)
{
    return 100.0 * (double)time / (double)scale->length;
}

static double per_cent(const struct scale *scale, btap_ns time)
{
    return share_of(scale, time - scale->first);
}

/** The first of some distances, times a unit, of which at most 8 fit; 0 if more do of all. */
static btap_ns fitting(const struct scale *scale, btap_ns unit, const btap_ns *steps, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (scale->length / (unit * steps[i]) <= 8)
            return unit * steps[i];
    return 0;
}

/**
 * Distance of the axis' ticks, of which there are up to 8: 1, 2 or 5 times a power of ten, above
 * seconds what divides minutes and hours.
 */
static btap_ns tick_distance(const struct scale *scale)
{
    static const btap_ns powers[] = {1, 2, 5};
    static const btap_ns seconds[] = {1,   2,   5,    10,   20,   30,    60,    120,  300,
                                      600, 900, 1800, 3600, 7200, 14400, 21600, 43200};
    btap_ns tick = 0;

    for (btap_ns power = 1; tick == 0 && power < NS_PER_S; power *= 10)
        tick = fitting(scale, power, powers, 3);
    if (tick == 0)
        tick = fitting(scale, NS_PER_S, seconds, sizeof(seconds) / sizeof(seconds[0]));
    for (btap_ns power = 24 * NS_PER_HOUR; tick == 0 && power < INT64_MAX / 100; power *= 10)
        tick = fitting(scale, power, powers, 3);
    return tick > 0 ? tick : scale->length;
}

static void draw_grid(FILE *to, const struct scale *scale)
{
    const btap_ns tick = tick_distance(scale);

    for (btap_ns at = tick; at < scale->length; at += tick)
        html_print(to, "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>",
                   share_of(scale, at), share_of(scale, at));
}

/** A tick's time, in the unit that suits the distance of ticks. */
static void print_tick(FILE *to, btap_ns at, btap_ns tick)
{
    if (tick >= NS_PER_HOUR)
        html_print(to, "%.0f h", (double)at / (double)NS_PER_HOUR);
    else if (tick >= 60 * NS_PER_S)
        html_print(to, "%.0f min", (double)at / (60 * (double)NS_PER_S));
    else if (tick >= NS_PER_S)
        html_print(to, "%.0f s", (double)at / 1e9);
    else if (tick >= 100000000)
        html_print(to, "%.1f s", (double)at / 1e9);
    else if (tick >= 1000000)
        html_print(to, "%.0f ms", (double)at / 1e6);
    else if (tick >= 100000)
        html_print(to, "%.1f ms", (double)at / 1e6);
    else
        html_print(to, tick >= 1000 ? "%.0f \xc2\xb5s" : "%.3f \xc2\xb5s", (double)at / 1e3);
}

static void draw_axis(FILE *to, const struct scale *scale)
{
    const btap_ns tick = tick_distance(scale);

    fputs("<div class=\"lane axisrow\"><span class=\"name plain\"></span>"
          "<svg class=\"axis\" aria-hidden=\"true\">"
          "<text x=\"0\" y=\"15\">0</text>",
          to);
    for (btap_ns at = tick; at < scale->length; at += tick) {
        if (per_cent(scale, scale->first + at) > 97)
            break;
        html_print(to, "<text class=\"%s\" x=\"%.2f%%\" y=\"15\" text-anchor=\"middle\">",
                   at / tick % 2 == 1 ? "odd" : "", share_of(scale, at));
        print_tick(to, at, tick);
        fputs("</text>", to);
    }
    fputs("</svg><span class=\"amount\"></span></div>\n", to);
}

/** What a span is, for who points at it. */
static void draw_title(FILE *to, const struct timeline_span *span)
{
    html_print(to, "<title>%s%s%s%s", activity_label(span->activity), span->count > 1 ? ", " : "",
               span->count > 1 ? words_count(span->count).text : "",
               span->count > 1 ? " commands" : "");
    if (span->addressed) {
        fputs(", ", to);
        print_range(to, span->range);
    }
    html_print(to, ", %s%s</title>", words_duration(span->end - span->start).text,
               span->failed ? ", failed" : "");
}

/** Makes a span lead to its transaction. The list is there for the keyboard: no stop at each. */
static void draw_link(const struct report_part *part, uint64_t n)
{
    if (part_lists(part, n))
        html_print(part->to, "<a tabindex=\"-1\" href=\"#s%u-%" PRIu64 "\">", part->number, n);
}

static void draw_busy(FILE *to, const struct scale *scale, const struct timeline_span *span)
{
    const double width = share_of(scale, span->busy);

    if (span->busy == 0 || width < 0.02)
        return;
    html_print(to,
               "<rect class=\"busy\" x=\"%.3f%%\" width=\"%.3f%%\" y=\"70%%\" height=\"14%%\"/>",
               per_cent(scale, span->end) - width, width);
}

static void draw_span(const struct report_part *part, const struct scale *scale,
                      const struct timeline_span *span)
{
    FILE *to = part->to;

    draw_link(part, span->n);
    html_print(to, "<rect class=\"%s\" x=\"%.3f%%\" width=\"%.3f%%\" y=\"%s\" height=\"%s\">",
               span->failed ? "failed" : "span", per_cent(scale, span->start),
               share_of(scale, span->end - span->start), span->failed ? "0" : "22%",
               span->failed ? "100%" : "56%");
    draw_title(to, span);
    fputs("</rect>", to);
    part_link_end(part, span->n);
    draw_busy(to, scale, span);
}

static void draw_lane_head(FILE *to, const char *hue, const char *label)
{
    html_print(to,
               "<div class=\"lane %s\"><span class=\"name\">%s</span><svg class=\"track\" "
               "role=\"img\" aria-label=\"%s over time\">",
               hue, label, label);
}

static void draw_base(FILE *to, const struct scale *scale)
{
    draw_grid(to, scale);
    fputs("<line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"50%\" y2=\"50%\"/>", to);
}

static void draw_amount(FILE *to, btap_ns time, const struct scale *scale)
{
    html_print(to, "<span class=\"amount\"><b>%s</b> %.0f" HTML_SPACE "%%</span>",
               words_duration(time).text, share_of(scale, time));
}

static void draw_lane(const struct report_part *part, const struct scale *scale,
                      enum activity activity)
{
    const struct timeline *timeline = &part->course->timeline;

    if (timeline->counts[activity] == 0)
        return;
    draw_lane_head(part->to, activity_class(activity), activity_label(activity));
    draw_base(part->to, scale);
    for (uint32_t i = 0; i < timeline->length; i++)
        if (timeline->spans[i].activity == activity)
            draw_span(part, scale, &timeline->spans[i]);
    fputs("</svg>", part->to);
    draw_amount(part->to, timeline->times[activity], scale);
    fputs("</div>\n", part->to);
}

static void draw_mark(const struct report_part *part, const struct scale *scale,
                      const struct report_mark *mark)
{
    const bool hard = btap_note_severity(mark->note.id) == BTAP_ERROR;
    char text[BTAP_NOTE_TEXT_SIZE];
    double x = per_cent(scale, mark->time);

    x = x < 0 ? 0 : x > 100 ? 100 : x;
    draw_link(part, mark->n);
    html_print(part->to,
               "<svg x=\"%.3f%%\" y=\"50%%\"><path class=\"diamond %s\" d=\"%s\"><title>%s: "
               "%s</title></path></svg>",
               x, hard ? "hard" : "", hard ? "M-6-6H6V6H-6Z" : "M0-7 6 0 0 7-6 0Z",
               btap_note_name(mark->note.id),
               part_text(btap_note_text(&mark->note, text, sizeof(text))).text);
    part_link_end(part, mark->n);
}

/** Warnings and errors, in a lane of their own. */
static void draw_marks(const struct report_part *part, const struct scale *scale)
{
    const struct report_course *course = part->course;
    const unsigned fitting = MARKS_MIN + part_fitting(part, PART_NOTES_SHARE, MARK_BYTES);

    if (course->marks_length == 0)
        return;
    draw_lane_head(part->to, "alarm", "Warnings");
    draw_base(part->to, scale);
    for (size_t i = 0; i < course->marks_length && i < fitting; i++)
        draw_mark(part, scale, &course->marks[i]);
    html_print(part->to, "</svg><span class=\"amount\"><b>%u</b>%s</span></div>\n",
               (unsigned)course->marks_length,
               course->marks_length == REPORT_MARKS_MAX ? " or more" : "");
}

static void draw_share(FILE *to, const char *hue, const char *label, btap_ns time, double *x,
                       const struct scale *scale)
{
    const double width = share_of(scale, time);

    if (time == 0)
        return;
    html_print(to,
               "<g class=\"%s\"><rect class=\"span\" x=\"%.3f%%\" width=\"%.3f%%\" y=\"0\" "
               "height=\"100%%\"><title>%s: %s, %.1f %%</title></rect>",
               hue, *x, width, label, words_duration(time).text, width);
    if (*x > 0)
        html_print(to, "<line class=\"cut\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"0\" y2=\"100%%\"/>",
                   *x, *x);
    if (width > LABELLED_MIN)
        html_print(to, "<text x=\"%.3f%%\" y=\"17\" text-anchor=\"middle\">%s</text>",
                   *x + width / 2, label);
    fputs("</g>", to);
    *x += width;
}

/** Where the time went: all of the session, divided up. */
static void draw_budget(const struct report_part *part, const struct scale *scale)
{
    const struct timeline *timeline = &part->course->timeline;
    double x = 0;

    fputs("<div class=\"lane budget\"><span class=\"name plain\">Where time went</span>"
          "<svg role=\"img\" aria-label=\"Where time went\">",
          part->to);
    for (unsigned i = 0; i < ACTIVITY_COUNT; i++)
        draw_share(part->to, activity_class((enum activity)i), activity_label((enum activity)i),
                   timeline->times[i], &x, scale);
    draw_share(part->to, "idle", "Between commands", timeline_idle(timeline), &x, scale);
    html_print(part->to, "</svg><span class=\"amount\"><b>%s</b></span></div>\n",
               words_duration(timeline->last - timeline->first).text);
}

static void draw_idle(const struct report_part *part, const struct scale *scale)
{
    const btap_ns idle = timeline_idle(&part->course->timeline);

    if (idle == 0)
        return;
    fputs("<div class=\"lane idle\"><span class=\"name\">Between</span><svg class=\"axis\" "
          "aria-hidden=\"true\"><text x=\"0\" y=\"15\">the host had no command under way</text>"
          "</svg>",
          part->to);
    draw_amount(part->to, idle, scale);
    fputs("</div>\n", part->to);
}

/** The addresses that the plot shows. */
struct window {
    double low;
    double length; /**< at least 1 */
};

/** Per cent of the plot's height, from its top; out of the window below 0 or above 100. */
static double height_of(const struct window *window, double address)
{
    return 97.0 - 94.0 * (address - window->low) / window->length;
}

static double clipped(double value)
{
    return value < 0 ? 0 : value > 100 ? 100 : value;
}

/** The largest stretch of the memory that was written, read or refused. */
static bool find_window(const struct memory *memory, struct btap_range *window)
{
    struct ranges touched = memory_touched(memory, false);
    uint64_t best = 0;

    for (size_t i = 0; i < touched.length;) {
        struct btap_range stretch = touched.list[i++];
        uint64_t size = (uint64_t)stretch.last - stretch.first + 1;

        /* What is nearer than what it joins is large belongs to it. */
        while (i < touched.length && touched.list[i].first - stretch.last <= size + 1024) {
            size += (uint64_t)touched.list[i].last - touched.list[i].first + 1;
            stretch.last = touched.list[i++].last;
        }
        if (size > best) {
            best = size;
            *window = stretch;
        }
    }
    ranges_release(&touched);
    return best > 0;
}

static void draw_cross(FILE *to, const struct scale *scale, const struct timeline_span *span,
                       double y)
{
    html_print(to, "<svg x=\"%.3f%%\" y=\"%.3f%%\"><path class=\"cross\" d=\"M-5-5 5 5M5-5-5 5\">",
               per_cent(scale, span->start / 2 + span->end / 2), y);
    draw_title(to, span);
    fputs("</path></svg>", to);
}

static void draw_block(FILE *to, const struct scale *scale, const struct timeline_span *span,
                       double top, double bottom)
{
    html_print(to,
               "<g class=\"%s\"><rect class=\"block %s\" x=\"%.3f%%\" width=\"%.3f%%\" "
               "y=\"%.3f%%\" height=\"%.3f%%\">",
               activity_class(span->activity), span->failed ? "failed" : "",
               per_cent(scale, span->start), share_of(scale, span->end - span->start), top,
               bottom - top);
    draw_title(to, span);
    fputs("</rect></g>", to);
}

static void draw_trace(FILE *to, const struct scale *scale, const struct window *window,
                       const struct timeline_span *span)
{
    html_print(to,
               "<g class=\"%s\"><line class=\"trace %s\" x1=\"%.3f%%\" y1=\"%.3f%%\" x2=\"%.3f%%\" "
               "y2=\"%.3f%%\">",
               activity_class(span->activity), span->failed ? "failed" : "",
               per_cent(scale, span->start), height_of(window, span->range.first),
               per_cent(scale, span->end), height_of(window, (double)span->range.last + 1));
    draw_title(to, span);
    fputs("</line></g>", to);
}

static void draw_at_address(FILE *to, const struct scale *scale, const struct window *window,
                            const struct timeline_span *span)
{
    const double top = clipped(height_of(window, (double)span->range.last + 1));
    const double bottom = clipped(height_of(window, span->range.first));

    if (!span->addressed || top >= 100 || bottom <= 0)
        return;
    if (span->activity == ACTIVITY_ERASE || span->scattered)
        draw_block(to, scale, span, top, bottom);
    else
        draw_trace(to, scale, window, span);
    if (span->failed)
        draw_cross(to, scale, span, (top + bottom) / 2);
}

/**
 * Addresses over time: an erase is a block, what is written or read a line that climbs, or a block
 * where there are too many for lines.
 */
static void draw_course(const struct report_part *part, const struct scale *scale)
{
    const struct timeline *timeline = &part->course->timeline;
    struct btap_range range;
    struct window window;

    if (!find_window(&part->course->memory, &range) || range.last - range.first < PLOT_SIZE_MIN)
        return;
    window = (struct window){range.first, (double)range.last - range.first + 1};
    html_print(part->to,
               "<div class=\"lane course\"><span class=\"name\"><code>0x%08" PRIx32
               "</code><span>address</span><code>0x%08" PRIx32 "</code></span><svg class=\"plot\" "
               "role=\"img\" aria-label=\"Addresses over time\">",
               range.last, range.first);
    draw_grid(part->to, scale);
    /* Erases lie behind what came after them. */
    for (unsigned erases = 1; erases < 2; erases--)
        for (uint32_t i = 0; i < timeline->length; i++)
            if ((timeline->spans[i].activity == ACTIVITY_ERASE) == (erases == 1))
                draw_at_address(part->to, scale, &window, &timeline->spans[i]);
    fputs("</svg><span class=\"amount\"></span></div>\n", part->to);
}

/** Whether commands are drawn together that do not follow each other in memory. */
static bool any_scattered(const struct timeline *timeline)
{
    for (uint32_t i = 0; i < timeline->length; i++)
        if (timeline->spans[i].scattered && timeline->spans[i].activity != ACTIVITY_ERASE)
            return true;
    return false;
}

void part_timeline(const struct report_part *part)
{
    const struct timeline *timeline = &part->course->timeline;
    const struct scale scale = scale_of(timeline);

    if (!part_is_timed(part))
        return;
    html_print(part->to, "<section class=\"card\"><h3>Timeline <small>%s</small></h3>\n",
               words_duration(timeline->last - timeline->first).text);
    draw_budget(part, &scale);
    for (unsigned i = 0; i < ACTIVITY_COUNT; i++)
        draw_lane(part, &scale, (enum activity)i);
    draw_marks(part, &scale);
    draw_idle(part, &scale);
    draw_course(part, &scale);
    draw_axis(part->to, &scale);
    if (any_scattered(timeline))
        fputs(
            "<p class=\"caption\">A shaded block stands for commands that are too many to draw one "
            "by one.</p>\n",
            part->to);
    if (timeline->busy > 0)
        html_print(part->to,
                   "<p class=\"caption\">The dark stripe is time in which the device said that it "
                   "was busy: %s in all.</p>\n",
                   words_duration(timeline->busy).text);
    fputs("</section>\n", part->to);
}
