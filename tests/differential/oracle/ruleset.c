/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ruleset.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "space.h"

struct nft_ctx *ruleset_context(void)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (nft == NULL)
		return NULL;
	if (nft_ctx_buffer_output(nft) != 0 || nft_ctx_buffer_error(nft) != 0) {
		nft_ctx_free(nft);
		return NULL;
	}
	return nft;
}

/* The first line says it all; the others show the place. */
static int nft_failure(struct nft_ctx *nft, struct failure *failure)
{
	const char *text = nft_ctx_get_error_buffer(nft);
	int len = text != NULL ? (int)strcspn(text, "\n") : 0;

	return fail(failure, 0, "nft: %.*s", len, text);
}

int ruleset_command(struct nft_ctx *nft, const char *text, struct failure *failure)
{
	int status = nft_run_cmd_from_buffer(nft, text);

	(void)nft_ctx_get_output_buffer(nft);
	return status == 0 ? 0 : nft_failure(nft, failure);
}

int ruleset_flush(struct nft_ctx *nft, struct failure *failure)
{
	return ruleset_command(nft, "flush ruleset", failure);
}

static int restore(const char *backend, const char *path, struct failure *failure)
{
	char program[64], error_path[] = "/tmp/oracle-restore-XXXXXX";
	char *argv[] = {program, NULL};
	char line[200] = "";
	FILE *errors = NULL;
	int status, fd = mkstemp(error_path);

	if (fd < 0)
		return fail(failure, errno, "no temporary file");
	snprintf(program, sizeof(program), "%s-restore", backend);
	status = space_run(argv, path, NULL, error_path);
	if (status != 0) {
		errors = fdopen(fd, "r");
		if (errors != NULL && fgets(line, sizeof(line), errors) != NULL)
			line[strcspn(line, "\n")] = '\0';
		status = fail(failure, 0, "%s: status %d: %s", program, status, line);
	}
	if (errors != NULL)
		fclose(errors);
	else
		close(fd);
	unlink(error_path);
	return status;
}

int ruleset_load(struct nft_ctx *nft, const char *backend, const char *path,
		 struct failure *failure)
{
	static const char *const programs[] = {"iptables-nft", "ip6tables-nft", "iptables-legacy",
					       "ip6tables-legacy"};
	int status;

	if (strcmp(backend, "nft") == 0) {
		status = nft_run_cmd_from_filename(nft, path);
		(void)nft_ctx_get_output_buffer(nft);
		return status == 0 ? 0 : nft_failure(nft, failure);
	}
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strcmp(backend, programs[i]) == 0)
			return restore(backend, path, failure);
	}
	return fail(failure, 0, "no backend %s", backend);
}
