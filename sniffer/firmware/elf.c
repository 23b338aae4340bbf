/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ELF files: the sections that are loaded, at their load addresses, as objcopy takes them; of a
 * file without sections, the segments.
 */
#include <gelf.h>
#include <libelf.h>

#include "firmware/format.h"

/** A file in memory. */
struct elf_file {
    Elf *elf;
    const uint8_t *bytes;
    size_t length;
    size_t segments;
    uint64_t taken; /**< bytes so far */
};

static bool refuse(const char *what, char problem[FIRMWARE_PROBLEM_SIZE])
{
    snprintf(problem, FIRMWARE_PROBLEM_SIZE, "ELF file: %s", what);
    return false;
}

/** Takes a part of the file. @return false if it lies beyond the end, or above 32 bits */
static bool take(struct firmware *firmware, struct elf_file *file, uint64_t offset, uint64_t size,
                 uint64_t address, char problem[FIRMWARE_PROBLEM_SIZE])
{
    if (offset > file->length || size > file->length - offset)
        return refuse("a part of it lies behind its end; the file was cut short", problem);
    file->taken += size;
    if (file->taken > file->length)
        return refuse("its parts lie on top of each other", problem);
    return firmware_put(firmware, address, file->bytes + offset, size) ||
           refuse("a part of it has an address of more than 32 bits", problem);
}

/** Where a section is loaded: as its segment says, or else at its own address. */
static uint64_t load_address(const struct elf_file *file, const GElf_Shdr *section)
{
    GElf_Phdr segment;

    for (size_t i = 0; i < file->segments; i++)
        if (gelf_getphdr(file->elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD &&
            section->sh_offset >= segment.p_offset &&
            section->sh_offset - segment.p_offset < segment.p_filesz)
            return segment.p_paddr + (section->sh_offset - segment.p_offset);
    return section->sh_addr;
}

/** @param[out] any whether there is a section header that counts */
static bool take_sections(struct firmware *firmware, struct elf_file *file, bool *any,
                          char problem[FIRMWARE_PROBLEM_SIZE])
{
    Elf_Scn *scn = NULL;

    while ((scn = elf_nextscn(file->elf, scn)) != NULL) {
        GElf_Shdr section;

        if (gelf_getshdr(scn, &section) == NULL || (section.sh_flags & SHF_ALLOC) == 0)
            continue;
        *any = true;
        if (section.sh_type != SHT_NOBITS &&
            !take(firmware, file, section.sh_offset, section.sh_size, load_address(file, &section),
                  problem))
            return false;
    }
    return true;
}

static bool take_segments(struct firmware *firmware, struct elf_file *file,
                          char problem[FIRMWARE_PROBLEM_SIZE])
{
    GElf_Phdr segment;

    for (size_t i = 0; i < file->segments; i++)
        if (gelf_getphdr(file->elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD &&
            !take(firmware, file, segment.p_offset, segment.p_filesz, segment.p_paddr, problem))
            return false;
    return true;
}

static bool parse(struct firmware *firmware, struct elf_file *file,
                  char problem[FIRMWARE_PROBLEM_SIZE])
{
    GElf_Ehdr header;
    bool any = false;

    if (gelf_getehdr(file->elf, &header) == NULL)
        return refuse("its header is damaged", problem);
    if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_ARM)
        return refuse("not for a 32-bit Arm, little-endian, as an STM32 is", problem);
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        return refuse("it is not linked: addresses are not settled", problem);
    if (elf_getphdrnum(file->elf, &file->segments) != 0)
        file->segments = 0;
    if (!take_sections(firmware, file, &any, problem))
        return false;
    return any || take_segments(firmware, file, problem);
}

bool firmware_parse_elf(struct firmware *firmware, const uint8_t *bytes, size_t length,
                        char problem[FIRMWARE_PROBLEM_SIZE])
{
    struct elf_file file = {.bytes = bytes, .length = length};
    bool valid;

    firmware->placed = true;
    elf_version(EV_CURRENT);
    /* elf_memory() wants a writable image, and writes only where it is asked to. */
    file.elf = elf_memory((char *)(uintptr_t)bytes, length);
    if (file.elf == NULL || elf_kind(file.elf) != ELF_K_ELF) {
        elf_end(file.elf);
        return refuse("its header is damaged", problem);
    }
    valid = parse(firmware, &file, problem);
    elf_end(file.elf);
    return valid;
}
