/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_TERMINAL_H
#define SYS_TERMINAL_H
/*
 * terminal: what standard output and standard error can show.
 */
#include <stdbool.h>
#include <stddef.h>

enum { TERMINAL_WIDTH = 80 };

bool terminal_is(int fd);

/* Colour only on a terminal, not under NO_COLOR (not empty) and not with TERM=dumb. */
bool terminal_has_colour(int fd);

/* Columns; TERMINAL_WIDTH when it is not a terminal or does not say. */
size_t terminal_width(int fd);

#endif
