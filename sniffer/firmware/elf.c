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
    elf_end(file.elf);
    return valid;
}
