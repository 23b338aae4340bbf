/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/check.h"

#include "cli/options.h"
#include "cli/parse.h"

static bool set_address(struct firmware_check *check, const char *value)
{
    uint64_t number;

    if (!parse_number(value, UINT32_MAX, &number))
        return misused("'%s' is no address; it must be a number up to 0xffffffff", value);
    check->address = (uint32_t)number;
    check->address_known = true;
    return true;
}

bool firmware_check_take(struct firmware_check *check, int option, const char *value)
{
    if (option == FIRMWARE_CHECK_OPTION_ADDRESS)
        return set_address(check, value);
    check->path = value;
    return true;
}

bool firmware_check_open(struct firmware_check *check)
{
    return check->path == NULL || firmware_read(&check->firmware, check->path);
}

const struct expectation *firmware_check_session(struct firmware_check *check,
                                                 const struct session *session)
{
    const struct effect *effect = session->effect;

    if (check->path == NULL || effect == NULL || effect->writes + effect->not_written.commands == 0)
        return NULL;
    expect_check(effect, &check->firmware, check->address_known ? &check->address : NULL,
                 &check->expectation);
    return &check->expectation;
}

void firmware_check_release(struct firmware_check *check)
{
    firmware_release(&check->firmware);
}
