/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Prints what boottap list --json prints on a machine with one of each, which it makes in the
 * current directory.
 */
#include <stdio.h>

#include "full_machine.h"
#include "list/list.h"

int main(void)
{
    full_machine_fill();
    list_print(&full_machine, true, stdout);
    return 0;
}
