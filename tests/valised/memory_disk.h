/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_MEMORY_DISK_H
#define TESTS_VALISED_MEMORY_DISK_H
/*
 * memory_disk: a disk for custody in memory, which can be cut off from power, filled up, failed
 * at any call, and made to lie.
 *
 * Each file has what was written and what is durable.  A power cut leaves of an append that was
 * not synced any beginning of it (`torn` bytes).  replace() is durable when it returns 0; when
 * it is failed, the old file is there, or (fail_late) already the new one.
 */
#include <stdbool.h>

#include "valised/vault_disk.h"

enum { MEMORY_FILES = 8 };

struct memory_file {
	char name[32];
	struct buf now;
	struct buf durable;
	bool is_there;	       /* among what was written */
	bool is_there_durable; /* after a power cut */
};

struct memory_disk {
	struct memory_file files[MEMORY_FILES];
	long calls;	/* that change something, so far */
	long fail_at;	/* this one fails; negative: none */
	int fail;	/* with this */
	bool fail_late; /* a replace() that fails has happened all the same */
	bool fail_on;	/* and all that follow fail as well */
	bool is_lying;	/* sync() says it is done and does nothing: a planted fault */
};

void memory_disk_init(struct memory_disk *disk);
void memory_disk_done(struct memory_disk *disk);
struct vault_disk memory_disk_table(struct memory_disk *disk);

/* What is left after a power cut; torn: bytes of an append without sync that made it. */
void memory_disk_cut(struct memory_disk *disk, size_t torn);

/* Bytes that a power cut would lose. */
bool memory_disk_is_dirty(const struct memory_disk *disk);

/* The file of that name, or NULL. */
struct memory_file *memory_disk_file(struct memory_disk *disk, const char *name);

/* The same files as durable bytes; `to` is a disk already. */
void memory_disk_restore(const struct memory_disk *from, struct memory_disk *to);

/* A copy of the durable bytes of all files into an empty disk: a thief's. */
void memory_disk_copy(const struct memory_disk *from, struct memory_disk *to);

#endif
