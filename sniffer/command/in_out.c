/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/in_out.h"

#include "cli/files.h"

static bool set_from(void *target, const char *path)
{
    struct in_out *in_out = target;

    if (in_out->from != NULL)
        return misused("two captures to read are named, '%s' and '%s'", in_out->from, path);
    in_out->from = path;
    return true;
}

static bool set_to(void *target, const char *path)
{
    struct in_out *in_out = target;

    if (in_out->to != NULL)
        return misused("two files to write are named, '%s' and '%s'", in_out->to, path);
    in_out->to = path;
    return true;
}

const struct option_row in_out_rows[] = {
    {'r', "read", "FILE", "the same as IN", set_from, 0},
    {'w', "write", "FILE", "the same as OUT.pcapng", set_to, 0},
    {0},
};

bool in_out_operand(void *request, const char *path)
{
    const struct in_out *in_out = request;

    return in_out->from == NULL ? set_from(request, path) : set_to(request, path);
}

bool in_out_check(const struct in_out *in_out)
{
    const struct file_use files[] = {
        {"the copy", in_out->to, true},
        {"the capture", in_out->from, false},
    };

    if (in_out->from == NULL)
        return misused("no capture file is named");
    if (in_out->to == NULL)
        return misused("no file to write is named");
    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}
