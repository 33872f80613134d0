/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all formats of paths share: words and sentences. */
#include "render/path.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "render/render.h"

const char *path_verdict_word(enum mux_path_verdict verdict)
{
	static const char *const words[] = {
		[MUX_PATH_ACCEPT] = "accept",	[MUX_PATH_DROP] = "drop",
		[MUX_PATH_REJECT] = "reject",	[MUX_PATH_QUEUE] = "queue",
		[MUX_PATH_UNKNOWN] = "unknown",
	};

	return (size_t)verdict < sizeof(words) / sizeof(words[0]) ? words[verdict] : "unknown";
}

const char *path_result_word(const struct mux_path *path)
{
	const char *name;

	switch (path->result) {
	case MUX_PATH_CONNECTED:
		return "connected";
	case MUX_PATH_TIMEOUT:
		return "timeout";
	case MUX_PATH_ERROR:
		name = strerrorname_np(path->error);
		return name != NULL ? name : "unknown";
	case MUX_PATH_NOT_KNOWN:
		break;
	}
	return "unknown";
}

const char *path_protocol_word(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? "tcp" : protocol == IPPROTO_UDP ? "udp" : "icmp";
}

void path_add_endpoint(struct str *str, const struct mux_path_question *question)
{
	char text[ADDR_TEXT_MAX];

	str_add(str, addr_format_port(&question->destination, question->destination_port, text));
}

static void add_place(struct str *str, const char *how, const struct mux_path_place *place)
{
	if (place->table == NULL)
		return;
	str_add(str, how);
	if (place->position == 0)
		str_add(str, "the policy");
	else
		str_addf(str, "rule %zu", place->position);
	str_add(str, " of ");
	if (place->legacy)
		str_add(str, "legacy ");
	render_add(str, place->family);
	str_add(str, " ");
	render_add(str, place->table);
	str_add(str, " ");
	render_add(str, place->chain);
	str_addf(str, " (hook %s)", place->hook);
}

/* How the client sees it. */
static void add_result(struct str *str, const struct mux_path *path)
{
	bool tcp = path->question.protocol == IPPROTO_TCP;

	switch (path->result) {
	case MUX_PATH_CONNECTED:
		str_add(str, tcp ? "connect() succeeds" : "the answer arrives");
		break;
	case MUX_PATH_TIMEOUT:
		str_add(str, tcp ? "connect() times out" : "no answer arrives");
		break;
	case MUX_PATH_ERROR:
		str_addf(str, "%s fails with %s", tcp ? "connect()" : "the client's call",
			 path_result_word(path));
		break;
	case MUX_PATH_NOT_KNOWN:
		str_add(str, "what the client sees is not known");
		break;
	}
}

void path_add_summary(struct str *str, const struct mux_path *path)
{
	static const char *const done[] = {
		[MUX_PATH_DROP] = "is dropped",
		[MUX_PATH_REJECT] = "is rejected",
		[MUX_PATH_QUEUE] = "is queued to a program that decides",
		[MUX_PATH_UNKNOWN] = "may or may not arrive",
	};

	if (path->verdict == MUX_PATH_ACCEPT) {
		str_add(str, "nothing is in the way");
	} else {
		str_addf(str, "the %s %s", path->packet, done[path->verdict]);
		add_place(str, path->verdict == MUX_PATH_UNKNOWN ? ", because of " : " by ",
			  &path->place);
	}
	if (path->verdict == MUX_PATH_UNKNOWN && path->reason != NULL) {
		str_add(str, ": ");
		render_add(str, path->reason);
	}
	if (path->unless != NULL) {
		str_add(str, ", or by ");
		render_add(str, path->unless);
	}
	str_add(str, "; ");
	add_result(str, path);
	if (path->verdict == MUX_PATH_ACCEPT && path->listening == MUX_NO)
		str_add(str, ", because nobody listens");
}

bool path_step_matters(const struct mux_path_step *step)
{
	if (step->decides || step->matches == MUX_UNKNOWN)
		return true;
	return step->matches == MUX_YES && step->verdict[0] != '\0';
}

enum mux_status mux_paths_status(const struct mux_paths *paths)
{
	enum mux_status status = MUX_STATUS_OK;
	size_t i;

	for (i = 0; i < paths->n_paths; i++) {
		switch (paths->paths[i].verdict) {
		case MUX_PATH_ACCEPT:
			break;
		case MUX_PATH_DROP:
		case MUX_PATH_REJECT:
			return MUX_STATUS_FAILS;
		default:
			status = MUX_STATUS_UNKNOWN;
			break;
		}
	}
	return status;
}

int mux_paths_render(const struct mux_paths *paths, const char *target,
		     const struct mux_render_options *options, char **ret_text, size_t *ret_len)
{
	struct path_page page = {paths, target, options, arena_new()};
	int error = -EINVAL;

	if (page.arena == NULL)
		return -ENOMEM;
	if (options->format == MUX_FORMAT_TEXT)
		error = path_text(&page, ret_text, ret_len);
	else if (options->format == MUX_FORMAT_JSON)
		error = path_json(&page, ret_text, ret_len);
	else if (options->format == MUX_FORMAT_SVG)
		error = path_svg(&page, ret_text, ret_len);
	arena_free(page.arena);
	return error;
}
