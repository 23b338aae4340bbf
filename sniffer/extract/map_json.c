/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extract/map.h"

static void add_bounds(struct json *json, const struct btap_range *range)
{
    json_add_number(json, "first", range->first);
    json_add_number(json, "last", range->last);
    json_add_number(json, "length", range_length(range));
}

static void add_range(struct json *json, const struct btap_range *range)
{
    json_open_object(json, NULL);
    add_bounds(json, range);
    json_close_object(json);
}

static void add_erased(struct json *json, const struct effect *effect,
                       const struct effect_region *region)
{
    if (!effect_needs_erase(effect, region->range.first))
        return;
    json_add_number(json, "erased", region->erased);
    if (region->erased < range_length(&region->range) && effect->erases_unplaced > 0)
        json_add_boolean(json, "erased_unknown", true);
}

static void print_regions(struct json *json, const struct effect *effect, const struct image *image)
{
    struct btap_range run;

    json_open_list(json, "regions");
    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &run);) {
        const struct effect_region region = effect_region(image, &run);

        json_open_object(json, NULL);
        add_bounds(json, &run);
        json_add_number(json, "crc32", region.crc32);
        if (effect->link.transport == BTAP_DFU && !effect->plain_dfu)
            json_add_number(json, "alternate", effect_alternate(effect, run.first));
        if (image == &effect->written) {
            add_erased(json, effect, &region);
            json_add_number(json, "read_same", region.read_same);
            json_add_number(json, "read_different", region.read_other);
            json_add_number(json, "checksummed", region.summed);
        }
        json_close_object(json);
    }
    json_close_list(json);
}

/** What lies between the regions. */
static void print_gaps(struct json *json, const struct image *image)
{
    struct btap_range run;
    struct btap_range gap = {0};
    bool first = true;

    json_open_list(json, "gaps");
    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &run); first = false) {
        gap.last = run.first - 1;
        if (!first)
            add_range(json, &gap);
        gap.first = run.last + 1;
    }
    json_close_list(json);
}

static void print_ranges(struct json *json, const char *key, const struct ranges *ranges)
{
    json_open_list(json, key);
    for (size_t i = 0; i < ranges->length; i++)
        add_range(json, &ranges->list[i]);
    json_close_list(json);
}

/** The runs with a mark. */
static void print_marked(struct json *json, const char *key, const struct image *image,
                         enum image_mark mark)
{
    struct btap_range run;

    json_open_list(json, key);
    for (uint64_t from = 0; image_next(image, &from, mark, &run);)
        add_range(json, &run);
    json_close_list(json);
}

static void add_failures(struct json *json, const struct effect_failures *failures)
{
    json_add_number(json, "failed", failures->commands);
    json_add_number(json, "missing", failures->missing);
    json_add_number(json, "addresses_assumed", failures->assumed);
    if (failures->commands == 0)
        return;
    json_open_object(json, "first_failed");
    json_add_number(json, "n", failures->n);
    json_add_number(json, "packet", failures->packet);
    json_add_number(json, "address", failures->address);
    json_add_text(json, "status", btap_status_name(failures->status));
    json_close_object(json);
}

void effect_print_map_json(const struct effect *effect, const struct input *input, bool reads,
                           FILE *to)
{
    const struct image *image = reads ? &effect->read : &effect->written;
    struct json json;

    json_begin(&json, to, "map");
    json_add_link(&json, &effect->link);
    json_add_number(&json, "session", effect->number);
    if ((effect->link.lacks & BTAP_LACKS_TIMES) == 0) {
        json_add_time(&json, effect->first, input->stream.digits);
        json_add_seconds(&json, "duration", effect->last - effect->first, input->stream.digits);
    }
    json_add_number(&json, "first_packet", effect->first_packet);
    json_add_number(&json, "last_packet", effect->last_packet);
    if (effect->product != NULL)
        json_add_text(&json, "product", effect->product->name);
    json_add_text(&json, "contents", reads ? "read" : "written");
    json_add_boolean(&json, "complete", !input->cut);
    print_regions(&json, effect, image);
    print_gaps(&json, image);
    if (!reads) {
        print_marked(&json, "repeated", image, IMAGE_REPEATED);
        print_marked(&json, "wiped", image, IMAGE_WIPED);
        print_ranges(&json, "erased", &image->erased);
        json_add_number(&json, "erases", effect->erases);
        json_add_number(&json, "erases_unplaced", effect->erases_unplaced);
        json_add_number(&json, "checksums_different", effect->checksums_other);
        if (effect->checksums_left > 0)
            json_add_number(&json, "checksums_not_compared", effect->checksums_left);
    }
    print_marked(&json, reads ? "changed" : "overlaps", image, IMAGE_CHANGED);
    add_failures(&json, reads ? &effect->not_read : &effect->not_written);
    json_end(&json);
}
