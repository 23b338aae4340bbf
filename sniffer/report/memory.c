/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/memory.h"

void memory_release(struct memory *memory)
{
    ranges_release(&memory->read);
    ranges_release(&memory->checked);
    ranges_release(&memory->refused);
}

struct memory_count memory_count(const struct memory *memory, struct btap_range range)
{
    const struct image *image = memory->image;

    return (struct memory_count){
        .erased = ranges_cover(&image->erased, range),
        .written = image_count_in(image, &range, IMAGE_WRITTEN),
        .verified = image_count_in(image, &range, IMAGE_READ_SAME),
        .differs = image_count_in(image, &range, IMAGE_READ_OTHER),
        .read = ranges_cover(&memory->read, range),
        .checked = ranges_cover(&memory->checked, range),
        .refused = ranges_cover(&memory->refused, range),
    };
}

static void add_all(struct ranges *ranges, const struct ranges *others)
{
    for (size_t i = 0; i < others->length; i++)
        ranges_add(ranges, others->list[i]);
}

struct ranges memory_touched(const struct memory *memory, bool with_erased)
{
    struct ranges touched = {0};
    struct btap_range run;

    for (uint64_t from = 0; image_next(memory->image, &from, IMAGE_WRITTEN, &run);)
        ranges_add(&touched, run);
    add_all(&touched, &memory->read);
    add_all(&touched, &memory->checked);
    add_all(&touched, &memory->refused);
    if (with_erased && (!memory->mass_erased || memory->sized))
        add_all(&touched, &memory->image->erased);
    return touched;
}
