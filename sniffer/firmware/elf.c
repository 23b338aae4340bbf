/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ELF files: the sections that are loaded, at their load addresses, as objcopy takes them; of a
 * file without sections, the segments.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "firmware/format.h"

/** What is loaded from a place in the file on, up to where the next stretch begins. */
struct elf_stretch {
    uint64_t offset;
    bool loaded;
    uint64_t address; /**< of what lies at the offset */
};

/** A file in memory. */
struct elf_file {
    Elf *elf;
    const uint8_t *bytes;
    size_t length;
    size_t segments;
    size_t stretches_length;
    size_t stretches_room;
    struct elf_stretch *stretches; /**< by offset */
    uint64_t taken;                /**< bytes so far */
};

static bool refuse(struct firmware *firmware, const char *what)
{
    return firmware_refuse(firmware, "ELF file: %s", what);
}

/** Takes a part of the file. @return false if it lies beyond the end, or above 32 bits */
static bool take(struct firmware *firmware, struct elf_file *file, uint64_t offset, uint64_t size,
                 uint64_t address)
{
    if (offset > file->length || size > file->length - offset)
        return refuse(firmware, "a part of it lies behind its end; the file was cut short");
    file->taken += size;
    if (file->taken > file->length)
        return refuse(firmware, "its parts lie on top of each other");
    return firmware_put(firmware, address, file->bytes + offset, size) ||
           refuse(firmware, "a part of it has an address of more than 32 bits");
}

/** A segment that is loaded from bytes of the file. */
struct elf_segment {
    size_t number;
    uint64_t offset;
    uint64_t end;
    uint64_t address;
};

static int compare_offsets(const void *a, const void *b)
{
    const struct elf_segment *left = a;
    const struct elf_segment *right = b;

    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

static void add_stretch(struct elf_file *file, uint64_t offset, const struct elf_segment *segment)
{
    file->stretches = grow(file->stretches, file->stretches_length, &file->stretches_room,
                           sizeof(*file->stretches));
    file->stretches[file->stretches_length++] = (struct elf_stretch){
        .offset = offset,
        .loaded = segment != NULL,
        .address = segment != NULL ? segment->address + (offset - segment->offset) : 0,
    };
}

/** Those segments that begin at or before a place and are not at their end, the first of the file
 * on top: a heap, for there may be as many segments as the file has room for. */
struct elf_heap {
    size_t length;
    const struct elf_segment **list;
};

static bool swap_if_before(struct elf_heap *heap, size_t child, size_t parent)
{
    const struct elf_segment *segment = heap->list[child];

    if (segment->number > heap->list[parent]->number)
        return false;
    heap->list[child] = heap->list[parent];
    heap->list[parent] = segment;
    return true;
}

static void push(struct elf_heap *heap, const struct elf_segment *segment)
{
    size_t at = heap->length++;

    heap->list[at] = segment;
    while (at > 0 && swap_if_before(heap, at, (at - 1) / 2))
        at = (at - 1) / 2;
}

static void pop(struct elf_heap *heap)
{
    heap->list[0] = heap->list[--heap->length];
    for (size_t at = 0, child; (child = 2 * at + 1) < heap->length; at = child) {
        if (child + 1 < heap->length && heap->list[child + 1]->number < heap->list[child]->number)
            child++;
        if (!swap_if_before(heap, child, at))
            break;
    }
}

/** Cuts the file where another segment begins to count: the first one that holds a place does. */
static void cut_stretches(struct elf_file *file, const struct elf_segment *segments, size_t length)
{
    struct elf_heap heap = {.list = allocate((length + 1) * sizeof(const void *))};
    uint64_t at = 0;

    /* From one begin or end of a segment to the next */
    for (size_t next = 0;;) {
        while (heap.length > 0 && heap.list[0]->end <= at)
            pop(&heap);
        while (next < length && segments[next].offset <= at)
            push(&heap, &segments[next++]);
        add_stretch(file, at, heap.length > 0 ? heap.list[0] : NULL);
        if (heap.length == 0 && next == length)
            break;
        at = heap.length > 0 ? heap.list[0]->end : segments[next].offset;
        if (next < length && segments[next].offset < at)
            at = segments[next].offset;
    }
    free(heap.list);
}

/** Finds which segment counts where. */
static void find_stretches(struct elf_file *file)
{
    struct elf_segment *segments = allocate((file->segments + 1) * sizeof(*segments));
    size_t length = 0;
    GElf_Phdr segment;

    for (size_t i = 0; i < file->segments; i++)
        if (gelf_getphdr(file->elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD &&
            segment.p_filesz > 0)
            segments[length++] = (struct elf_segment){
                i, segment.p_offset, segment.p_offset + segment.p_filesz, segment.p_paddr};
    if (length > 1)
        qsort(segments, length, sizeof(*segments), compare_offsets);
    cut_stretches(file, segments, length);
    free(segments);
}

/** Where a section is loaded: as its segment says, or else at its own address. */
static uint64_t load_address(const struct elf_file *file, const GElf_Shdr *section)
{
    size_t low = 0;
    size_t high = file->stretches_length;
    const struct elf_stretch *stretch;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (file->stretches[middle].offset <= section->sh_offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !file->stretches[low - 1].loaded)
        return section->sh_addr;
    stretch = &file->stretches[low - 1];
    return stretch->address + (section->sh_offset - stretch->offset);
}

/** @param[out] any whether there is a section header that counts */
static bool take_sections(struct firmware *firmware, struct elf_file *file, bool *any)
{
    Elf_Scn *scn = NULL;

    while ((scn = elf_nextscn(file->elf, scn)) != NULL) {
        GElf_Shdr section;

        if (gelf_getshdr(scn, &section) == NULL || (section.sh_flags & SHF_ALLOC) == 0)
            continue;
        *any = true;
        if (section.sh_type != SHT_NOBITS &&
            !take(firmware, file, section.sh_offset, section.sh_size, load_address(file, &section)))
            return false;
    }
    return true;
}

static bool take_segments(struct firmware *firmware, struct elf_file *file)
{
    GElf_Phdr segment;

    for (size_t i = 0; i < file->segments; i++)
        if (gelf_getphdr(file->elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD &&
            !take(firmware, file, segment.p_offset, segment.p_filesz, segment.p_paddr))
            return false;
    return true;
}

static bool parse(struct firmware *firmware, struct elf_file *file)
{
    GElf_Ehdr header;
    bool any = false;

    if (gelf_getehdr(file->elf, &header) == NULL)
        return refuse(firmware, "its header is damaged");
    if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_ARM)
        return refuse(firmware, "not for a 32-bit Arm, little-endian, as an STM32 is");
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        return refuse(firmware, "it is not linked: addresses are not settled");
    if (elf_getphdrnum(file->elf, &file->segments) != 0)
        file->segments = 0;
    find_stretches(file);
    if (!take_sections(firmware, file, &any))
        return false;
    return any || take_segments(firmware, file);
}

bool firmware_parse_elf(struct firmware *firmware, const uint8_t *bytes, size_t length)
{
    struct elf_file file = {.bytes = bytes, .length = length};
    bool valid;

    firmware->placed = true;
    elf_version(EV_CURRENT);
    /* elf_memory() wants a writable image, and writes only where it is asked to. */
    file.elf = elf_memory((char *)(uintptr_t)bytes, length);
    if (file.elf == NULL || elf_kind(file.elf) != ELF_K_ELF) {
        elf_end(file.elf);
        return refuse(firmware, "its header is damaged");
    }
    valid = parse(firmware, &file);
    free(file.stretches);
    elf_end(file.elf);
    return valid;
}
