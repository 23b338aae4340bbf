/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: what kind of file it is.
 */
#include "capture/kind.h"

#include <stdlib.h>

#include "checker.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = checker_copy(bytes, length);
    const struct kind *kind = length > 0 ? kind_find(copy, length) : NULL;

    if (kind != NULL) {
        const struct kind *refused = kind_find_no_firmware(copy, length, false);
        const struct kind *refused_raw = kind_find_no_firmware(copy, length, true);

        CHECK(kind->name[0] != '\0' &&
              (kind->advice[0] != '\0' || kind->kind_class == KIND_CAPTURE));
        CHECK(refused == (kind->kind_class == KIND_FIRMWARE ? NULL : kind));
        CHECK(refused_raw == NULL || refused_raw == refused);
    }
    free(copy);
    return 0;
}
