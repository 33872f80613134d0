/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules under test: loading them and taking them away. */
#ifndef ORACLE_RULESET_H
#define ORACLE_RULESET_H

#include "oracle.h"

struct nft_ctx;

/* Loads a file. backend is nft (libnftables, in this process) or iptables-nft, ip6tables-nft,
 * iptables-legacy, ip6tables-legacy (the restore program). Returns 0 or -errno. */
int ruleset_load(struct nft_ctx *nft, const char *backend, const char *path,
		 struct failure *failure);

/* Removes everything that is nftables'. Returns 0 or -errno. */
int ruleset_flush(struct nft_ctx *nft, struct failure *failure);

/* Runs nft commands from memory. Returns 0 or -errno. */
int ruleset_command(struct nft_ctx *nft, const char *text, struct failure *failure);

/* A context bound to the present namespace, its messages kept back; NULL when out of memory. The
 * caller ends it with nft_ctx_free(). */
struct nft_ctx *ruleset_context(void);

#endif
