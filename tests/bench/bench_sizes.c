/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many bytes the state of each decoder takes.
 */
#include <stdio.h>

#include "boottap/tap.h"

int main(void)
{
    printf("usart %zu\ndfu %zu\nfdcan %zu\n", sizeof(struct btap_usart), sizeof(struct btap_dfu),
           sizeof(struct btap_can));
    return 0;
}
