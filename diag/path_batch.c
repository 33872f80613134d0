/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/path.h>

#include "command.h"
#include "options.h"

enum { N_FIELDS = 5, MAX_LINES = 1 << 20 };

struct batch {
	struct mux_path_question *questions;
	char **ids; /* from malloc(3) */
	size_t n, room;
};

static void batch_free(struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->n; i++)
		free(batch->ids[i]);
	free(batch->ids);
	free(batch->questions);
}

/* --- reading ----------------------------------------------------------------------------- */

static int complain_line(size_t number, const char *what, const char *text)
{
	char escaped[128];

	fprintf(stderr, "muxdiag: line %zu: %s '%s'\n", number, what,
		options_escape(text, escaped, sizeof(escaped)));
	return COMMAND_USAGE;
}

static bool parse_port(const char *text, uint16_t *ret_port)
{
	size_t len = strspn(text, "0123456789");
	unsigned long port = strtoul(text, NULL, 10);

	if (len == 0 || len > 5 || text[len] != '\0' || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

static bool parse_protocol(const char *text, uint8_t *ret_protocol)
{
	if (strcmp(text, "tcp") == 0)
		*ret_protocol = IPPROTO_TCP;
	else if (strcmp(text, "udp") == 0)
		*ret_protocol = IPPROTO_UDP;
	else if (strcmp(text, "icmp") == 0)
		*ret_protocol = IPPROTO_ICMP;
	else
		return false;
	return true;
}

static bool parse_family(const char *text, struct mux_address *ret_address)
{
	const uint32_t loopback_be = htonl(INADDR_LOOPBACK);

	memset(ret_address, 0, sizeof(*ret_address));
	if (strcmp(text, "4") == 0) {
		ret_address->family = AF_INET;
		memcpy(ret_address->bytes, &loopback_be, sizeof(loopback_be));
		return true;
	}
	if (strcmp(text, "6") != 0)
		return false;
	ret_address->family = AF_INET6;
	ret_address->bytes[15] = 1;
	return true;
}

/* Splits the line into its fields. Returns how many there are, at most N_FIELDS + 1. */
static size_t split(char *line, char *fields[static N_FIELDS + 1])
{
	char *rest = NULL, *field;
	size_t n = 0;

	for (field = strtok_r(line, " \t\r\n", &rest); field != NULL && n <= N_FIELDS;
	     field = strtok_r(NULL, " \t\r\n", &rest))
		fields[n++] = field;
	return n;
}

static int parse_line(char *line, size_t number, struct mux_path_question *question, char **ret_id)
{
	char *fields[N_FIELDS + 1];
	size_t n = split(line, fields);

	/* UDP and TCP carry 4 bytes, an echo request none. */
	*question = (struct mux_path_question){.has_payload = true, .n_payload = 4};
	if (n != N_FIELDS)
		return complain_line(
			number, "ID PROTOCOL FAMILY SOURCE-PORT DESTINATION-PORT expected, not",
			n == 0 ? "" : fields[0]);
	if (!parse_protocol(fields[1], &question->protocol))
		return complain_line(number, "the protocol is tcp, udp or icmp, not", fields[1]);
	if (!parse_family(fields[2], &question->destination))
		return complain_line(number, "the family is 4 or 6, not", fields[2]);
	if (!parse_port(fields[3], &question->source_port))
		return complain_line(number, "0 to 65535 is a port, not", fields[3]);
	if (!parse_port(fields[4], &question->destination_port))
		return complain_line(number, "0 to 65535 is a port, not", fields[4]);
	if (question->protocol == IPPROTO_ICMP)
		question->n_payload = 0;
	*ret_id = strdup(fields[0]);
	return *ret_id == NULL ? COMMAND_INTERNAL : 0;
}

static bool grow(struct batch *batch)
{
	size_t room = batch->room == 0 ? 64 : batch->room * 2;
	void *questions, *ids;

	if (batch->n < batch->room)
		return true;
	questions = reallocarray(batch->questions, room, sizeof(*batch->questions));
	if (questions == NULL)
		return false;
	batch->questions = questions;
	ids = reallocarray(batch->ids, room, sizeof(*batch->ids));
	if (ids == NULL)
		return false;
	batch->ids = ids;
	batch->room = room;
	return true;
}

static int read_lines(FILE *input, struct batch *batch)
{
	char *line = NULL;
	size_t size = 0, number = 0;
	int status = 0;

	while (status == 0 && getline(&line, &size, input) >= 0) {
		number++;
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		if (batch->n == MAX_LINES || !grow(batch)) {
			status = complain_line(number, "too many lines at", line);
			break;
		}
		status = parse_line(line, number, &batch->questions[batch->n],
				    &batch->ids[batch->n]);
		if (status == 0)
			batch->n++;
	}
	free(line);
	return status;
}

/* --- answering --------------------------------------------------------------------------- */

/* One word: blanks would end it. */
static void print_word(FILE *out, const char *text)
{
	fputc(' ', out);
	if (text == NULL || text[0] == '\0')
		fputc('-', out);
	for (; text != NULL && *text != '\0'; text++)
		if (*text == ' ' || *text == '\t')
			fprintf(out, "\\x%02x", (unsigned)*text);
		else
			fputc(*text, out);
}

static void print_place(FILE *out, const struct mux_path_place *place)
{
	print_word(out, place->family);
	print_word(out, place->table);
	print_word(out, place->chain);
	if (place->table == NULL)
		fputs(" -", out);
	else if (place->position == 0)
		fputs(" policy", out);
	else if (place->legacy)
		fprintf(out, " %zu", place->position);
	else
		fprintf(out, " %llu", (unsigned long long)place->handle);
}

static const char *result_word(const struct mux_path *path)
{
	switch (path->result) {
	case MUX_PATH_CONNECTED:
		return "connected";
	case MUX_PATH_TIMEOUT:
		return "timeout";
	case MUX_PATH_ERROR:
		return strerrorname_np(path->error);
	case MUX_PATH_NOT_KNOWN:
		break;
	}
	return "unknown";
}

/* Why it is not known which rule decides; NULL if it is. */
static const char *why_unknown(const struct mux_path *path, char *buffer, size_t size)
{
	if (path->verdict == MUX_PATH_QUEUE)
		return "a program behind the queue decides";
	if (path->verdict == MUX_PATH_UNKNOWN)
		return path->reason;
	if (path->unless == NULL)
		return NULL;
	snprintf(buffer, size, "it dies, here or by %s", path->unless);
	return buffer;
}

static void print_answer(FILE *out, const char *id, const struct mux_path *path)
{
	static const char *const verdicts[] = {
		[MUX_PATH_ACCEPT] = "ACCEPT",
		[MUX_PATH_DROP] = "DROP",
		[MUX_PATH_REJECT] = "REJECT",
	};
	char buffer[512];
	const char *why;

	/* The server's data comes after all that is judged here. */
	if (path->after_request) {
		fprintf(out, "%s ACCEPT - - - -\t%s\n", id, result_word(path));
		return;
	}
	why = why_unknown(path, buffer, sizeof(buffer));
	fprintf(out, "%s %s", id, why != NULL ? "UNKNOWN" : verdicts[path->verdict]);
	print_place(out, &path->place);
	fprintf(out, "\t%s", result_word(path));
	if (why != NULL)
		fprintf(out, "\t%s", why);
	fputc('\n', out);
}

static int print_answers(const struct batch *batch, const struct mux_paths *paths)
{
	char *text = NULL;
	size_t len = 0, i;
	FILE *out = open_memstream(&text, &len);
	int status = COMMAND_INTERNAL;

	if (out == NULL)
		return status;
	for (i = 0; i < batch->n; i++)
		print_answer(out, batch->ids[i], &paths->paths[i]);
	if (fclose(out) == 0)
		status = command_print(text, len);
	free(text);
	return status;
}

static int complain(int status, const struct mux_error *error)
{
	fprintf(stderr, "muxdiag: %s\n", error->message);
	return status;
}

static int answer(const struct batch *batch, const struct mux_bundle *bundle)
{
	struct mux_error error = {0};
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);
	const struct mux_paths *paths = NULL;
	int status;

	if (snapshot != NULL)
		paths = mux_paths_evaluate(snapshot, batch->questions, batch->n, false, &error);
	status = paths != NULL ? print_answers(batch, paths) : complain(COMMAND_INTERNAL, &error);
	mux_paths_free(paths);
	mux_snapshot_free(snapshot);
	return status;
}

int path_batch(FILE *input, const char *replay, const char *record)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle = NULL;
	struct batch batch = {0};
	int status = read_lines(input, &batch);

	if (status != 0)
		goto out;
	bundle = replay != NULL ? mux_bundle_load(replay, &error)
				: mux_gather_paths(batch.questions, batch.n, &error);
	if (bundle == NULL) {
		status = complain(replay != NULL ? COMMAND_USAGE : COMMAND_INTERNAL, &error);
		goto out;
	}
	if (record != NULL && mux_bundle_save(bundle, record, &error) != 0)
		status = complain(COMMAND_INTERNAL, &error);
	if (status == 0)
		status = answer(&batch, bundle);
out:
	mux_bundle_free(bundle);
	batch_free(&batch);
	return status;
}
