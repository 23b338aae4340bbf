/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/check.h"

static bool set_address(void *target, const char *value)
{
    struct firmware_check *check = target;
    uint64_t number;

    check->address_known = option_number(value, 0, UINT32_MAX, &number,
                                         "address; it must be a number up to 0xffffffff");
    if (check->address_known)
        check->address = (uint32_t)number;
    return check->address_known;
}

const struct option_row firmware_check_options[] = {
    {0, "expect", "FIRMWARE",
     ".bin, .hex, .srec, .dfu or .elf: was exactly this sent, was all of\n"
     "it erased before, was it verified, what differs and where",
     option_text, offsetof(struct firmware_check, path)},
    {0, "expect-address", "ADDR",
     "where a FIRMWARE without addresses begins; without this option\n"
     "the lowest address that was written is taken",
     set_address, 0},
    {0},
};

bool firmware_check_open(struct firmware_check *check)
{
    return check->path == NULL || firmware_read(&check->firmware, check->path);
}

const struct expectation *firmware_check_session(struct firmware_check *check,
                                                 const struct session *session)
{
    const struct effect *effect = session->effect;

    if (check->path == NULL || effect == NULL || !effect_writes(effect))
        return NULL;
    expect_check(effect, &check->firmware, check->address_known ? &check->address : NULL,
                 &check->expectation);
    return &check->expectation;
}

void firmware_check_release(struct firmware_check *check)
{
    firmware_release(&check->firmware);
}
