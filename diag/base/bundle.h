/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The raw bytes of every source, as gathered: name → bytes or errno. It knows nothing of what the
 * bytes mean, and nothing of folders (gather/folder.c writes and reads those).
 *
 * Names are paths of printable ASCII without "..", e.g. "file/etc/hosts"; the table in
 * gather/sources.def lists them.
 */
#ifndef MUX_BASE_BUNDLE_H
#define MUX_BASE_BUNDLE_H

#include <muxdiag/snapshot.h>

struct mux_bundle;

struct bundle_entry {
	const char *name;
	struct mux_slice bytes; /* empty when error is set */
	int error;		/* positive errno; 0 = present */
	bool truncated;
};

/* Returns an empty bundle, to be freed with mux_bundle_free(), or NULL when out of memory. */
struct mux_bundle *bundle_new(void);

/*
 * Adds an entry; the bundle takes its own copy of name and bytes. An entry of that name is
 * replaced, and its bytes stay valid until the bundle is freed, because a snapshot may point into
 * them. Returns 0, -EINVAL for a name that could leave a folder, -ENOMEM.
 */
int bundle_put(struct mux_bundle *bundle, const char *name, struct mux_slice bytes);

/* As bundle_put(), but takes over `data` (from malloc) instead of copying; frees it on failure. */
int bundle_take(struct mux_bundle *bundle, const char *name, char *data, size_t len,
		bool truncated);

/* Records that the source could not be read. Returns 0 or a negative errno as bundle_put(). */
int bundle_put_error(struct mux_bundle *bundle, const char *name, int error);

/* Appends bytes to the entry of that name, which is made when missing. Returns 0 or -errno. */
int bundle_append(struct mux_bundle *bundle, const char *name, struct mux_slice bytes);

/* Removes all entries whose names begin with the prefix. Their names and bytes stay valid until the
 * bundle is freed. */
void bundle_remove(struct mux_bundle *bundle, const char *prefix);

/* Returns the entry of that name, or NULL. */
const struct bundle_entry *bundle_find(const struct mux_bundle *bundle, const char *name);

/* Returns the i-th entry in the order they were first added, or NULL past the end. */
const struct bundle_entry *bundle_at(const struct mux_bundle *bundle, size_t i);

/* Fills a struct mux_source for the entry of that name: absent for ENOENT, denied for any other
 * errno, not asked when there is no such entry. Returns the entry's bytes, or the empty slice. */
struct mux_slice bundle_source(const struct mux_bundle *bundle, const char *name,
			       struct mux_source *ret_source);

/* Is the name one that bundle_put() takes? */
bool bundle_name_is_safe(const char *name);

#endif
