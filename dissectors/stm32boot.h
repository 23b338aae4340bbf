/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The dissector's parts among themselves.
 */
#ifndef STM32BOOT_H
#define STM32BOOT_H

#include <epan/packet.h>

#include "store.h"

/** What the taps of the dissector hand on. */
struct stm32boot_tap {
    const struct shown_frame *frame;
    tvbuff_t *record; /**< from record_of_frame(), which the spans' offsets are in */
};

/** One end of every conversation; stm32boot_device_end() is the other. */
#define STM32BOOT_HOST_END "host"

/** Registers the protocol, its fields, notes, preferences, taps. */
void proto_register_stm32boot(void);

/** Attaches the dissector to the wires, to Decode As and behind all other dissectors. */
void proto_reg_handoff_stm32boot(void);

/** Registers what columns.c and tree.c show. @param proto of stm32boot */
void stm32boot_register_tree(int proto);

/** Registers Statistics, of tap `stm32boot`. */
void stm32boot_register_statistics(int proto);

/** Registers Conversations and Endpoints, of tap `stm32boot`. */
void stm32boot_register_conversations(int proto);

/** How Conversations names the device in a session: `usb:1.12, session 2`. @return in a scope */
char *stm32boot_device_end(wmem_allocator_t *scope, const struct shown_link *link, guint32 session);

/** Registers File, Export Objects. @return its tap */
int stm32boot_register_export(int proto);

/** Registers Follow, of tap `stm32boot_follow`. */
void stm32boot_register_follow(int proto);

/** How long a command took. */
static inline nstime_t stm32boot_duration(const struct btap_transaction *transaction)
{
    return (nstime_t){
        .secs = (time_t)(transaction->duration / 1000000000),
        .nsecs = (int)(transaction->duration % 1000000000),
    };
}

/** Sets Protocol and Info, and the packet's addresses where the wire has none. */
void stm32boot_set_columns(packet_info *pinfo, const struct shown_frame *frame);

/** Room for what Info tells of a frame, which Wireshark cuts there. */
#define STM32BOOT_WORDS_SIZE COL_MAX_INFO_LEN

/** What Info tells of a frame. @return words; "" for nothing */
const char *stm32boot_words(const packet_info *pinfo, const struct shown_frame *frame,
                            char words[STM32BOOT_WORDS_SIZE]);

/** Adds all that is shown of a frame to the tree, and its expert items. */
void stm32boot_add_tree(proto_tree *tree, tvbuff_t *record, packet_info *pinfo,
                        const struct shown_frame *frame);

#endif
