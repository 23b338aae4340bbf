/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the part that is tested says on standard error.
 */
#ifndef CLI_SAID_H
#define CLI_SAID_H

/** From here on it is kept and not printed. */
void said_begin(void);

/** No longer. @return what was said, valid until the next one */
const char *said_end(void);

#endif
