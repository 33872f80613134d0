/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of this machine that listen under a path: where databases may be that have no port. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum {
	MAX_LINES = 20 * 1000,
	MAX_FOUND = 128,
	LISTENS = 0x10000, /* __SO_ACCEPTCON, in the flags that unix_seq_show() prints */
};

/* "ffff8881: 00000002 00000000 00010000 0001 01 26841 /run/postgresql/.s.PGSQL.5432" */
static bool take_line(const char *line, struct str *records)
{
	unsigned flags, inode;
	int path = 0;

	if (sscanf(line, "%*x: %*x %*x %x %*x %*x %u %n", &flags, &inode, &path) != 2 ||
	    (flags & LISTENS) == 0 || path == 0 || line[path] != '/')
		return false;
	record_add(records, "path", slice_trim(slice_of(line + path)));
	record_add_number(records, "inode", inode);
	record_end(records);
	return true;
}

int gather_unix_sockets(struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	FILE *file = fopen("/proc/net/unix", "re");
	int error = file == NULL ? errno : 0, n, found = 0;
	struct mux_slice bytes;
	struct str records;
	char line[512];

	if (arena == NULL) {
		error = -ENOMEM;
		goto out;
	}
	if (file == NULL) {
		error = bundle_put_error(bundle, "unix", error);
		goto out;
	}
	str_init(&records, arena);
	for (n = 0; n < MAX_LINES && found < MAX_FOUND && fgets(line, sizeof(line), file) != NULL;
	     n++)
		found += take_line(line, &records);
	bytes = slice_of(str_done(&records));
	error = arena_failed(arena) ? -ENOMEM : bundle_put(bundle, "unix", bytes);
out:
	if (file != NULL)
		fclose(file);
	arena_free(arena);
	return error;
}
