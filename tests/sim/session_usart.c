/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session_usart.h"
#include "products.h"

static struct usart_session session;

struct usart_session *usart_session(void)
{
    return &session;
}

struct usart_host *usart_session_begin(const char *path, const char *product,
                                       struct usart_device_config config, enum rtac_view view)
{
    const struct sim_capture_options options = {.linktype = SIM_RTAC};

    config.product = usart_product_by_name(product);
    session.capture = sim_capture_open(path, &options);
    rtac_wire_init(&session.rtac, session.capture, view);
    usart_host_init(&session.host, &session.rtac.wire, &session.device, &config);
    return &session.host;
}

struct usart_host *usart_session_begin_run(const char *path, const char *product,
                                           struct usart_device_config config)
{
    const struct sim_capture_options options = {
        .linktype = SIM_RTAC,
        .pcapng = true,
        .description = "boottap run: /dev/ttyS0",
    };

    config.product = usart_product_by_name(product);
    session.capture = sim_capture_open(path, &options);
    rtac_wire_init(&session.rtac, session.capture, RTAC_BOTH);
    session.rtac.tells_settings = true;
    usart_host_init(&session.host, &session.rtac.wire, &session.device, &config);
    return &session.host;
}

struct usart_host *usart_session_begin_usb(const char *path, const char *product,
                                           struct usart_device_config config,
                                           enum adapter_kind kind, bool enumerated,
                                           enum sim_linktype linktype)
{
    const struct sim_capture_options options = {.linktype = linktype};

    config.product = usart_product_by_name(product);
    session.capture = sim_capture_open(path, &options);
    adapter_wire_init(&session.adapter, session.capture, kind, enumerated);
    usart_host_init(&session.host, &session.adapter.wire, &session.device, &config);
    return &session.host;
}

void usart_session_end(void)
{
    sim_capture_close(session.capture);
}
