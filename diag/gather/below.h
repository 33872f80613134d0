/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening what lies below a directory that somebody else filled, without leaving it. */
#ifndef MUX_GATHER_BELOW_H
#define MUX_GATHER_BELOW_H

/* What happens to symbolic links on the way. */
enum below_links {
	BELOW_FOLLOW, /* followed, as if the directory were / (RESOLVE_IN_ROOT of openat2(2)) */
	BELOW_REFUSE, /* ELOOP, wherever in the path (RESOLVE_NO_SYMLINKS) */
};

/*
 * Opens the relative path below the directory, with flags as for open(2); O_CLOEXEC is added.
 * Where the kernel or its seccomp filter has no openat2(2), BELOW_FOLLOW refuses links too: a file
 * that is not read beats one from outside. Returns a descriptor or -errno.
 */
int below_open(int directory, const char *path, int flags, enum below_links links);

#endif
