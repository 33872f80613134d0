/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of /check: which names of this server does the visitor's browser reach? Pure. */
#ifndef MUXD_CHECK_H
#define MUXD_CHECK_H

/* check.html as it stands in the source, NUL-terminated; made at build. */
extern const char check_html[];

/* What a browser may let the page do, and no more: the value of Content-Security-Policy. */
extern const char check_policy[];

/*
 * Returns the page with the host's name put in, whatever bytes that has, NUL-terminated; the caller
 * frees it. NULL when there is no memory.
 */
char *check_page_new(const char *host);

#endif
