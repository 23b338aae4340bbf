/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which product a text means. The table's names stand for several parts each: `STM32F405/407/415`,
 * `STM32G07x/G08x`, `STM32F302xB/C,F303xB/C,F358`.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/line.h"
#include "base/message.h"
#include "base/suggest.h"
#include "simulate/part.h"
#include "simulate/series.h"

#define FAMILY    "STM32"
#define NAME_SIZE 48
#define PID_MAX   0xFFFu
#define NAMED_MAX 8u /* a message names no more products */

static const struct {
    const char *name;
    uint16_t usual; /**< the product where none is named */
} kinds[] = {
    [SIM_USART] = {"usart", 0x460},
    [SIM_DFU] = {"dfu", 0x413},
    [SIM_FDCAN] = {"fdcan", 0x469},
    [SIM_CAN] = {"can", 0x413},
};

/** Whether the product's bootloader speaks on the wire, and enough is known of its memory. */
static bool can_be(const struct btap_product *product, enum sim_kind kind)
{
    struct btap_range sector;

    if (series_of(product) == NULL || product->erase_opcode == 0 ||
        !btap_product_sector(product, 0, &sector))
        return false;
    switch (kind) {
    case SIM_USART:
        return true;
    case SIM_DFU:
        return series_has_dfu(product);
    case SIM_FDCAN:
        return series_has_fdcan(product);
    case SIM_CAN:
        return series_has_can(product);
    }
    return false;
}

/** The next product of the table that this wire has, from *pid; NULL: no more. */
static const struct btap_product *next(uint32_t *pid, enum sim_kind kind)
{
    while (*pid <= PID_MAX) {
        const struct btap_product *product = btap_product_by_pid((*pid)++);

        if (product != NULL && can_be(product, kind))
            return product;
    }
    return NULL;
}

void part_list(enum sim_kind kind, FILE *to)
{
    const struct btap_product *product;

    for (uint32_t pid = 0; (product = next(&pid, kind)) != NULL;)
        fprintf(to, "0x%03x %-32s %5u KiB flash, %s\n", (unsigned)product->pid, product->name,
                (unsigned)(product->flash_size / 1024), product->sectors);
}

const struct btap_product *part_default(enum sim_kind kind)
{
    return btap_product_by_pid(kinds[kind].usual);
}

/** Whether a part's name begins as a name of the table, in which x stands for anything; either may
 * be the longer one. Both without the family. */
static bool fits(const char *name, const char *text)
{
    for (; *name != '\0' && *text != '\0'; name++, text++)
        if (*name != 'x' && toupper((unsigned char)*name) != toupper((unsigned char)*text))
            return false;
    return true;
}

/**
 * Puts a further part of a name in its place: `407` behind `F405` is F407, `F303xB` stands for
 * itself.
 */
static void join(char name[static NAME_SIZE], const char *piece, size_t length)
{
    const size_t before = strlen(name);
    const bool whole = length >= 3 && isalpha((unsigned char)piece[0]);
    const size_t kept = whole || before < length ? 0 : before - length;

    if (kept + length >= NAME_SIZE)
        return;
    memcpy(name + kept, piece, length);
    name[kept + length] = '\0';
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static const char *without_family(const char *text)
{
    return has_prefix(text, FAMILY) && text[strlen(FAMILY)] != '\0' ? text + strlen(FAMILY) : text;
}

/**
 * Takes the next part out of a product's name, without the family.
 *
 * @param[in,out] name the rest of it
 * @param[in,out] part the part before it, "" at first
 * @return false: there is none, or words about the parts begin
 */
static bool next_part(const char **name, char part[static NAME_SIZE])
{
    size_t length;

    if (**name == '\0' || **name == ' ')
        return false;
    if (has_prefix(*name, FAMILY))
        *name += strlen(FAMILY);
    length = strcspn(*name, "/, ");
    join(part, *name, length);
    *name += length;
    *name += strspn(*name, "/,");
    return true;
}

/** Whether the text names a part of the product, or is a piece of its name. */
static bool names(const struct btap_product *product, const char *text)
{
    const char *name = product->name;
    char part[NAME_SIZE] = "";

    text = without_family(text);
    while (next_part(&name, part))
        if (fits(part, text))
            return true;
    return strlen(text) >= 3 && strcasestr(product->name, text) != NULL;
}

/** Asks which part may be meant. Of a longer word, only as much as a part's name has is compared.
 */
static void consider_parts(struct suggestion *suggestion, const struct btap_product *product)
{
    const char *typed = suggestion->word;
    const char *name = product->name;
    char part[NAME_SIZE] = "";
    char start[NAME_SIZE];

    while (next_part(&name, part)) {
        snprintf(start, sizeof(start), "%.*s", (int)strlen(part), typed);
        suggestion->word = start;
        suggest_consider(suggestion, part);
    }
    suggestion->word = typed;
}

/** Says which ones a text may mean. */
static void tell_several(const char *text, enum sim_kind kind)
{
    const struct btap_product *product;
    struct line line;
    const char *before = "";

    line_start(&line);
    for (uint32_t pid = 0; (product = next(&pid, kind)) != NULL;) {
        if (!names(product, text))
            continue;
        line_format(&line, "%s0x%03x %s", before, (unsigned)product->pid, product->name);
        before = ", ";
    }
    message("product '%s' may be several, name one by its id: %.*s", text, (int)line.length,
            line.text);
}

/** Says why there is none. */
static void tell_none(const char *text, enum sim_kind kind)
{
    struct suggestion suggestion = {0};
    const struct btap_product *product;

    for (uint32_t pid = 0; pid <= PID_MAX; pid++) {
        product = btap_product_by_pid(pid);
        if (product == NULL || !names(product, text))
            continue;
        message("the bootloader of %s does not speak %s, or too little is known of it; "
                "'boottap simulate %s --product list' shows those that can be simulated",
                product->name, kinds[kind].name, kinds[kind].name);
        return;
    }
    suggestion.word = without_family(text);
    for (uint32_t pid = 0; (product = next(&pid, kind)) != NULL;)
        consider_parts(&suggestion, product);
    message("product '%s' is not known%s; 'boottap simulate %s --product list' shows them", text,
            suggest_words(&suggestion, FAMILY), kinds[kind].name);
}

/** By its id; NULL: the text is no id. */
static const struct btap_product *by_id(const char *text)
{
    char *end;
    const unsigned long pid = strtoul(text, &end, 16);

    if (!has_prefix(text, "0x") || *end != '\0' || pid > PID_MAX)
        return NULL;
    return btap_product_by_pid((uint32_t)pid);
}

const struct btap_product *part_find(const char *text, enum sim_kind kind)
{
    const struct btap_product *found = by_id(text);
    const struct btap_product *product;
    size_t matches = 0;

    if (found != NULL && can_be(found, kind))
        return found;
    if (found != NULL) {
        tell_none(found->name, kind);
        return NULL;
    }
    for (uint32_t pid = 0; (product = next(&pid, kind)) != NULL;)
        if (names(product, text)) {
            found = product;
            matches++;
        }
    if (matches == 1)
        return found;
    if (matches > NAMED_MAX)
        message("product '%s' may be any of %zu; 'boottap simulate %s --product list' shows them",
                text, matches, kinds[kind].name);
    else if (matches > 1)
        tell_several(text, kind);
    else
        tell_none(text, kind);
    return NULL;
}
