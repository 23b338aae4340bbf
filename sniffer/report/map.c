/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory map: rows of 64 cells, each in the colour of what was done there.
 */
#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "report/part.h"

#define ROW_CELLS     64u
#define ROWS_WANTED   16u
#define CELL_SIZE_MIN 32u
/** Ranges nearer than this stand in one block of rows. */
#define REGION_GAP  16384u
#define REGIONS_MAX 8u
/** Rows of one report, whatever it shows. */
#define ROWS_MAX 512u

/** What a cell shows, the most important first. */
enum cell {
    CELL_REFUSED,
    CELL_DIFFERS,
    CELL_UNERASED,
    CELL_WRITTEN,
    CELL_VERIFIED,
    CELL_READ,
    CELL_ERASED,
    CELL_NONE,
    CELL_COUNT = CELL_NONE,
};

/* Each has a shape of its own beside its colour: how high it stands, and an edge for what is wrong.
 */
static const struct {
    const char *class;
    const char *words;
    unsigned height; /**< per cent of the row's */
} cells[] = {
    [CELL_REFUSED] = {"s-refused", "a command failed here", 100},
    [CELL_DIFFERS] = {"s-differs", "read back, other than written", 100},
    [CELL_UNERASED] = {"s-unerased", "written without an erase in this session", 75},
    [CELL_WRITTEN] = {"s-written", "written", 75},
    [CELL_VERIFIED] = {"s-verified", "written, read back equal", 100},
    [CELL_READ] = {"s-read", "read", 50},
    [CELL_ERASED] = {"s-erased", "erased", 25},
};

/** What a run of cells takes of the page; runs that are drawn in any case. */
#define RUN_BYTES 150u
#define RUNS_MIN  64u

/** The map on its way to the page. */
struct map {
    FILE *to;
    const struct report_course *course;
    const struct memory *memory;
    struct ranges content; /**< what is worth cells: more than only erased */
    uint32_t cell;         /**< bytes a cell stands for */
    unsigned rows;         /**< printed */
    unsigned runs;         /**< of equal cells, drawn */
    unsigned runs_max;
    bool cut;         /**< there were too many */
    bool judge_erase; /**< every erase has its place, so that missing ones show */
    uint64_t used[CELL_COUNT];
};

static bool in_flash(const struct map *map, uint32_t address)
{
    const struct btap_range flash = btap_product_flash(map->course->product);

    return address >= flash.first && address <= flash.last;
}

static enum cell state_of(const struct map *map, struct btap_range range)
{
    const struct memory_count count = memory_count(map->memory, range);

    if (count.refused > 0)
        return CELL_REFUSED;
    if (count.differs > 0)
        return CELL_DIFFERS;
    if (count.written > 0 && count.written == count.verified)
        return CELL_VERIFIED;
    if (count.written > 0 && map->judge_erase && count.erased == 0 &&
        !btap_product_is_stm8(map->course->product) && in_flash(map, range.first))
        return CELL_UNERASED;
    if (count.written > 0)
        return CELL_WRITTEN;
    if (count.read > 0 || count.checked > 0)
        return CELL_READ;
    return count.erased > 0 ? CELL_ERASED : CELL_NONE;
}

/** The range of size bytes from an address on, cut at the end of the address space. */
static struct btap_range stretch_of(uint32_t first, uint64_t size)
{
    const uint64_t last = first + size - 1;

    return (struct btap_range){first, last < UINT32_MAX ? (uint32_t)last : UINT32_MAX};
}

static void draw_cells(struct map *map, uint32_t address, unsigned from, unsigned to,
                       enum cell state)
{
    const struct btap_range range = stretch_of(address + (uint32_t)(from * (uint64_t)map->cell),
                                               (uint64_t)(to - from) * map->cell);

    if (state == CELL_NONE)
        return;
    map->used[state] += to - from;
    map->runs++;
    html_print(
        map->to,
        "<rect class=\"%s\" x=\"%.4f%%\" width=\"%.4f%%\" y=\"%u%%\" height=\"%u%%\"><title>",
        cells[state].class, 100.0 * from / ROW_CELLS, 100.0 * (to - from) / ROW_CELLS,
        100 - cells[state].height, cells[state].height);
    print_range(map->to, range);
    html_print(map->to, ": %s</title></rect>", cells[state].words);
}

static void draw_row(struct map *map, uint32_t address)
{
    enum cell state = CELL_NONE;
    unsigned from = 0;

    html_print(map->to,
               "<div class=\"memrow\"><code>0x%08" PRIx32 "</code><div class=\"cells\"><svg>",
               address);
    for (unsigned i = 0; i < ROW_CELLS; i++) {
        const uint64_t at = address + (uint64_t)i * map->cell;
        const enum cell next =
            at > UINT32_MAX ? CELL_NONE : state_of(map, stretch_of((uint32_t)at, map->cell));

        if (next == state)
            continue;
        draw_cells(map, address, from, i, state);
        from = i;
        state = next;
    }
    draw_cells(map, address, from, ROW_CELLS, state);
    fputs("</svg></div></div>\n", map->to);
    map->rows++;
}

/** One line for addresses where nothing was written or read. */
static void draw_stretch(const struct map *map, struct btap_range range)
{
    const uint64_t erased = ranges_cover(&map->memory->image->erased, range);
    const uint64_t size = (uint64_t)range.last - range.first + 1;

    html_print(map->to,
               "<div class=\"memrow stretch\"><code>0x%08" PRIx32 "</code><div class=\"%s\">%s ",
               range.first, erased > 0 ? "erase" : "", words_bytes(size).text);
    if (erased == 0)
        fputs("not touched", map->to);
    else if (erased == size)
        fputs("erased, nothing written", map->to);
    else
        html_print(map->to, "nothing written, %s of them erased", words_bytes(erased).text);
    fputs("</div></div>\n", map->to);
}

/** Where the next row with content begins, from an address on; after last if there is none. */
static uint64_t next_content(const struct map *map, uint64_t from, uint32_t last, uint64_t row)
{
    const size_t i =
        from <= UINT32_MAX ? ranges_find(&map->content, (uint32_t)from) : map->content.length;
    uint64_t first;

    if (i == map->content.length)
        return (uint64_t)last + 1;
    first = map->content.list[i].first;
    if (first <= from)
        return from;
    return first > last ? (uint64_t)last + 1 : first - first % row;
}

static const char *name_of(const struct map *map, uint32_t address)
{
    const struct btap_product *product = map->course->product;

    if (in_flash(map, address))
        return "Flash memory";
    if (product == NULL)
        return "Memory";
    if (address >= product->sram.first && address <= product->sram.last)
        return "RAM";
    if (address >= product->option_bytes.first && address <= product->option_bytes.last)
        return "Option bytes";
    if (address >= product->system_memory.first && address <= product->system_memory.last)
        return "System memory";
    return "Memory";
}

static void draw_rows(struct map *map, struct btap_range region)
{
    const uint64_t row = (uint64_t)map->cell * ROW_CELLS;
    uint64_t at = region.first - region.first % row;

    while (at <= region.last) {
        const uint64_t content = next_content(map, at, region.last, row);

        if (content > at) {
            const uint64_t from = at > region.first ? at : region.first;

            draw_stretch(map,
                         (struct btap_range){
                             (uint32_t)from,
                             (uint32_t)(content - 1 < region.last ? content - 1 : region.last)});
            at = content;
            continue;
        }
        if (map->rows == ROWS_MAX || map->runs > map->runs_max) {
            map->cut = true;
            return;
        }
        draw_row(map, (uint32_t)at);
        at += row;
    }
}

static void draw_region(struct map *map, struct btap_range region)
{
    html_print(map->to, "<div class=\"region\"><p><b>%s</b> <code>", name_of(map, region.first));
    print_range(map->to, region);
    html_print(map->to, "</code> <span class=\"dim\">%s</span></p>\n",
               words_bytes((uint64_t)region.last - region.first + 1).text);
    draw_rows(map, region);
    fputs("</div>\n", map->to);
}

/** Everything that was touched, in regions that lie apart. */
static void draw_regions(struct map *map)
{
    struct ranges all = memory_touched(map->memory, true);
    unsigned regions = 0;

    for (size_t i = 0; i < all.length;) {
        struct btap_range region = all.list[i++];

        while (i < all.length && all.list[i].first - region.last <= REGION_GAP)
            region.last = all.list[i++].last;
        if (regions++ < REGIONS_MAX)
            draw_region(map, region);
    }
    if (regions > REGIONS_MAX)
        html_print(map->to, "<p class=\"caption\">%u more region%s left out.</p>\n",
                   regions - REGIONS_MAX, regions - REGIONS_MAX == 1 ? " is" : "s are");
    if (map->cut)
        fputs("<p class=\"caption\">The rest of the memory is left out.</p>\n", map->to);
    ranges_release(&all);
}

static void draw_legend(const struct map *map)
{
    fputs("<ul class=\"legend\">", map->to);
    for (size_t i = 0; i < CELL_COUNT; i++)
        if (map->used[i] > 0)
            html_print(map->to,
                       "<li><svg aria-hidden=\"true\"><rect class=\"%s\" width=\"100%%\" "
                       "y=\"%u%%\" height=\"%u%%\"/></svg>%s</li>",
                       cells[i].class, 100 - cells[i].height, cells[i].height, cells[i].words);
    html_print(map->to, "<li>a cell is %s</li></ul>\n", words_bytes(map->cell).text);
}

static void draw_refusals(const struct report_part *part)
{
    const struct report_course *course = part->course;

    if (course->refusals_length == 0)
        return;
    fputs("<ul class=\"refusals\">", part->to);
    for (size_t i = 0; i < course->refusals_length; i++) {
        const struct report_refusal *refusal = &course->refusals[i];

        fputs("<li>", part->to);
        part_link(part, refusal->n);
        html_text(part->to, btap_command_label(refusal->command));
        part_link_end(part, refusal->n);
        fputs(" at <code>", part->to);
        print_range(part->to, refusal->range);
        html_print(part->to, "</code>: %s", btap_status_name(refusal->status));
        if (refusal->count > 1)
            html_print(part->to, ", %s" HTML_SPACE "times", words_count(refusal->count).text);
        fputs("</li>", part->to);
    }
    fputs("</ul>\n", part->to);
}

/** What the map cannot show. */
static void draw_caveats(const struct map *map)
{
    const struct memory *memory = map->memory;

    if (memory->unplaced > 0)
        html_print(map->to,
                   "<p class=\"caption\">%s erased page%s not in the map: the capture does not "
                   "tell where %s.</p>\n",
                   words_count(memory->unplaced).text, memory->unplaced == 1 ? " is" : "s are",
                   memory->unplaced == 1 ? "it lies" : "they lie");
    if (memory->bank_unplaced)
        fputs("<p class=\"caption\">A bank was erased; its extent is not in the map.</p>\n",
              map->to);
    if (memory->mass_erased && !memory->sized)
        fputs("<p class=\"caption\">All of the flash was erased. How large it is, the capture does "
              "not tell.</p>\n",
              map->to);
    if (memory->missing > 0)
        html_print(map->to,
                   "<p class=\"caption\">The capture lacks %s of what was written: the map lacks "
                   "them, on a serial line or a CAN bus the whole write.</p>\n",
                   words_bytes(memory->missing).text);
    if (memory->image->unkept > 0)
        html_print(
            map->to,
            "<p class=\"caption\">The map lacks %s of what was written: there was no more room "
            "for it.</p>\n",
            words_bytes(memory->image->unkept).text);
}

/** Bytes of a cell, a power of two, with which size bytes make about as many rows as wanted. */
static uint32_t cell_for(uint64_t size)
{
    uint32_t cell = CELL_SIZE_MIN;

    while ((uint64_t)cell * ROW_CELLS * ROWS_WANTED < size && cell < 1u << 24)
        cell *= 2;
    return cell;
}

void part_memory(const struct report_part *part)
{
    const struct memory *memory = &part->course->memory;
    struct map map = {
        .to = part->to,
        .course = part->course,
        .memory = memory,
        .content = memory_touched(memory, false),
        .runs_max = RUNS_MIN + part_fitting(part, PART_MAP_SHARE, RUN_BYTES),
        .judge_erase = memory->unplaced == 0 && !memory->bank_erased && !memory->mass_erased,
    };
    const bool content = map.content.length > 0;

    if (!content)
        map.content = memory_touched(memory, true);
    if (map.content.length == 0 && memory->unplaced == 0 && memory->missing == 0 &&
        !memory->bank_erased && !memory->mass_erased)
        return;
    map.cell = cell_for(ranges_size(&map.content));
    fputs("<section class=\"card\"><h3>Memory map</h3>\n", part->to);
    draw_regions(&map);
    if (map.content.length > 0)
        draw_legend(&map);
    draw_refusals(part);
    draw_caveats(&map);
    fputs("</section>\n", part->to);
    ranges_release(&map.content);
}
