/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bundle as a folder: manifest.json, and one file per entry, named like the entry. A folder may
 * come from anybody, so nothing is read through a link or from outside it, and the manifest decides
 * nothing but which file is which entry.
 *
 * The manifest: {"format": 1, "tool": "muxdiag 1.2.3", "byte_order": "little", "pointer_bits": 64,
 * "entries": [{"name": …, "file": … or "error": "ENOENT", "truncated": true}]}
 */
#ifndef MUX_GATHER_FOLDER_H
#define MUX_GATHER_FOLDER_H

#include <muxdiag/muxdiag.h>

enum { FOLDER_FORMAT = 1, FOLDER_ERRNO_MAX = 16 };

/* "little" or "big": of this machine. */
extern const char folder_byte_order[];

/*
 * The name of an errno, which is the same on every machine, unlike its number; its number where it
 * has no name, because the kernel lets out some of its own (524, ENOTSUPP), written to `number`.
 */
const char *folder_errno_name(int error, char number[static FOLDER_ERRNO_MAX]);

/* Undoes folder_errno_name(); EIO for what this machine does not know. */
int folder_errno(const char *name);

/* Puts the message, escaped, into *reterr, which may be NULL. Returns -error. */
int folder_fail(struct mux_error *reterr, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
