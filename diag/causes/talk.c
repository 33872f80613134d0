/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/talk.h"

#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/words.h"

enum {
	SHOWN = 40,
};

const struct ev_candidate *talk_find(const struct evaluation *evaluation, enum mux_speech speech)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    ev_speech(&evaluation->candidates[i]) == speech)
			return &evaluation->candidates[i];
	return NULL;
}

uint32_t talk_waiting(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	const struct mux_listeners *later = &evaluation->snapshot->later;
	size_t i;

	if (candidate->listen.listener == NULL || !ev_is_silent(candidate))
		return 0;
	for (i = 0; i < later->n_sockets; i++)
		if (later->sockets[i].inode == candidate->listen.listener->inode)
			return later->sockets[i].queued;
	return 0;
}

/* --- in words ---------------------------------------------------------------------------- */

static void add_first_line(struct str *text, struct mux_slice bytes)
{
	size_t len = 0;

	while (len < bytes.len && len < SHOWN && bytes.data[len] != '\r' && bytes.data[len] != '\n')
		len++;
	str_add(text, "\"");
	str_add_escaped(text, (struct mux_slice){bytes.data, len});
	str_add(text, len < bytes.len && len == SHOWN ? "…\"" : "\"");
}

static void add_answer(struct str *text, const struct mux_talk *talk)
{
	if (talk->status != 0) {
		str_addf(text, "answers HTTP %d", talk->status);
		if (talk->instance.len != 0 || talk->server.len != 0) {
			str_add(text, talk->instance.len != 0 ? " (Muxd-Instance: " : " (Server: ");
			str_add_escaped(text,
					talk->instance.len != 0 ? talk->instance : talk->server);
			str_add(text, ")");
		}
	} else if (talk->speech == MUX_SPEECH_TLS) {
		str_add(text, "answers in TLS");
	} else {
		if (talk->protocol != NULL)
			str_addf(text, "answers in %s: ", talk->protocol);
		else
			str_add(text, "answers ");
		add_first_line(text, talk->bytes);
	}
}

const char *talk_text(struct arena *arena, const struct mux_talk *talk)
{
	const char *duration = words_duration(arena, talk->elapsed_us), *done;
	struct str text;

	str_init(&text, arena);
	if (talk->speech != MUX_SPEECH_NONE)
		add_answer(&text, talk);
	else if (!talk->finished)
		str_addf(&text, "no answer for %s", duration);
	else if (talk->error != 0)
		str_add(&text, words_error(arena, talk->error));
	else
		str_add(&text, "ends the connection without a word");
	if (talk->finished)
		str_addf(&text, " after %s", duration);
	done = str_done(&text);
	return done != NULL ? done : "";
}

static void add_one(struct findings *findings, struct cause_finding *finding,
		    const struct mux_talk *talk, const char *words)
{
	if (talk == NULL)
		return;
	finding_evidence(findings, finding,
			 arena_printf(findings->arena, "%s %s", words,
				      words_endpoint(findings->arena, &talk->address, talk->port)),
			 "%s", talk_text(findings->arena, talk));
}

void talk_add(struct findings *findings, struct cause_finding *finding,
	      const struct ev_candidate *candidate)
{
	add_one(findings, finding, candidate->http, "HEAD / to");
	add_one(findings, finding, candidate->tls, "TLS to");
	add_one(findings, finding, candidate->instance, "HEAD /healthz to");
}

const char *talk_identity(struct arena *arena, const struct ev_candidate *candidate)
{
	const struct mux_talk *http = candidate->http, *instance = candidate->instance;
	struct str text;

	str_init(&text, arena);
	if (instance != NULL && instance->instance.len != 0) {
		str_add_escaped(&text, instance->instance);
	} else if (http != NULL && http->server.len != 0) {
		str_add(&text, "Server: ");
		str_add_escaped(&text, http->server);
	} else {
		return NULL;
	}
	return str_done(&text);
}

const char *talk_url(struct findings *findings, const char *scheme)
{
	const struct mux_target *target = &findings->evaluation->target;
	struct mux_target bare = *target;
	struct str text;

	if (target->port == (strcmp(scheme, "https") == 0 ? 443 : 80))
		bare.port = 0;
	str_init(&text, findings->arena);
	str_addf(&text, "%s://", scheme);
	/* words_target() has brackets only beside a port. */
	if (bare.port == 0 && strchr(target->host, ':') != NULL)
		str_addf(&text, "[%s]", words_target(findings->arena, &bare));
	else
		str_add(&text, words_target(findings->arena, &bare));
	str_add_escaped(&text, slice_of(target->path[0] != '\0' ? target->path : "/"));
	return str_done(&text);
}
