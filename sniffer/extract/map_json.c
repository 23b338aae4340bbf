/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extract/map.h"

static struct json_object *new_range(const struct btap_range *range)
{
    struct json_object *object = json_object_new_object();

    json_add_number(object, "first", range->first);
    json_add_number(object, "last", range->last);
    json_add_number(object, "length", range_length(range));
    return object;
}

static void add_erased(struct json_object *object, const struct effect *effect,
                       const struct effect_region *region)
{
    if (!effect_needs_erase(effect, region->range.first))
        return;
    json_add_number(object, "erased", region->erased);
    if (region->erased < range_length(&region->range) && effect->erases_unplaced > 0)
        json_object_object_add(object, "erased_unknown", json_object_new_boolean(true));
}

static void print_regions(struct json_stream *stream, const struct effect *effect,
                          const struct image *image)
{
    struct btap_range run;

    json_stream_list(stream, "regions");
    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &run);) {
        const struct effect_region region = effect_region(image, &run);
        struct json_object *entry = new_range(&run);

        json_add_number(entry, "crc32", region.crc32);
        if (effect->link.transport == BTAP_DFU && !effect->plain_dfu)
            json_add_number(entry, "alternate", effect_alternate(effect, run.first));
        if (image == &effect->written) {
            add_erased(entry, effect, &region);
            json_add_number(entry, "read_same", region.read_same);
            json_add_number(entry, "read_different", region.read_other);
            json_add_number(entry, "checksummed", region.summed);
        }
        json_stream_entry(stream, entry);
    }
}

/** What lies between the regions. */
static void print_gaps(struct json_stream *stream, const struct image *image)
{
    struct btap_range run;
    struct btap_range gap = {0};
    bool first = true;

    json_stream_list(stream, "gaps");
    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &run); first = false) {
        gap.last = run.first - 1;
        if (!first)
            json_stream_entry(stream, new_range(&gap));
        gap.first = run.last + 1;
    }
}

static void print_ranges(struct json_stream *stream, const char *key, const struct ranges *ranges)
{
    json_stream_list(stream, key);
    for (size_t i = 0; i < ranges->length; i++)
        json_stream_entry(stream, new_range(&ranges->list[i]));
}

/** The runs with a mark. */
static void print_marked(struct json_stream *stream, const char *key, const struct image *image,
                         enum image_mark mark)
{
    struct btap_range run;

    json_stream_list(stream, key);
    for (uint64_t from = 0; image_next(image, &from, mark, &run);)
        json_stream_entry(stream, new_range(&run));
}

static void add_failures(struct json_object *object, const struct effect_failures *failures)
{
    struct json_object *first;

    json_add_number(object, "failed", failures->commands);
    json_add_number(object, "missing", failures->missing);
    json_add_number(object, "addresses_assumed", failures->assumed);
    if (failures->commands == 0)
        return;
    first = json_add_object(object, "first_failed");
    json_add_number(first, "n", failures->n);
    json_add_number(first, "packet", failures->packet);
    json_add_number(first, "address", failures->address);
    json_add_text(first, "status", btap_status_name(failures->status));
}

void effect_print_map_json(const struct effect *effect, const struct input *input, bool reads,
                           FILE *to)
{
    const struct image *image = reads ? &effect->read : &effect->written;
    struct json_stream stream = {.to = to};
    struct json_object *object = json_line_new("map");

    json_add_link(object, &effect->link);
    json_add_number(object, "session", effect->number);
    json_add_time(object, effect->first, input->stream.digits);
    json_add_seconds(object, "duration", effect->last - effect->first, input->stream.digits);
    json_add_number(object, "first_packet", effect->first_packet);
    json_add_number(object, "last_packet", effect->last_packet);
    if (effect->product != NULL)
        json_add_text(object, "product", effect->product->name);
    json_add_text(object, "contents", reads ? "read" : "written");
    json_object_object_add(object, "complete", json_object_new_boolean(!input->cut));
    json_stream_members(&stream, object);
    print_regions(&stream, effect, image);
    print_gaps(&stream, image);
    if (!reads) {
        print_marked(&stream, "repeated", image, IMAGE_REPEATED);
        print_marked(&stream, "wiped", image, IMAGE_WIPED);
        print_ranges(&stream, "erased", &image->erased);
        object = json_object_new_object();
        json_add_number(object, "erases", effect->erases);
        json_add_number(object, "erases_unplaced", effect->erases_unplaced);
        json_add_number(object, "checksums_different", effect->checksums_other);
        if (effect->checksums_left > 0)
            json_add_number(object, "checksums_not_compared", effect->checksums_left);
        json_stream_members(&stream, object);
    }
    print_marked(&stream, reads ? "changed" : "overlaps", image, IMAGE_CHANGED);
    object = json_object_new_object();
    add_failures(object, reads ? &effect->not_read : &effect->not_written);
    json_stream_members(&stream, object);
    json_stream_end(&stream);
}
