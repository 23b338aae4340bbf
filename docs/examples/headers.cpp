// SPDX-License-Identifier: GPL-2.0-or-later
//
// The core's headers from C++: all of them, and a call that must find its C function.
#include <boottap/boottap.h>

#include <cstdio>
#include <cstring>

static_assert(BTAP_VERSION_NUMBER >= 0x000100, "since 0.1.0");

int main()
{
    const btap_product *product = btap_product_by_pid(0x410);

    std::printf("boottap %s: %s, %s\n", BTAP_VERSION, btap_command_label(BTAP_WRITE_MEMORY),
                product != nullptr ? product->name : "?");
    return product != nullptr && std::strcmp(btap_transport_name(BTAP_FDCAN), "fdcan") == 0 ? 0 : 1;
}
