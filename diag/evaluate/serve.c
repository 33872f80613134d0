/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/serve.h"

#include <string.h>

#include "base/slice.h"

enum { PATIENCE_US = 90 * 1000 }; /* less than that is no silence */

enum mux_speech ev_speech(const struct ev_candidate *candidate)
{
	const struct mux_talk *http = candidate->http, *tls = candidate->tls;

	/* A server of TLS may tell in HTTP what it wants, but not the other way round. */
	if (tls != NULL && tls->speech == MUX_SPEECH_TLS)
		return MUX_SPEECH_TLS;
	if (http != NULL && http->speech != MUX_SPEECH_NONE)
		return http->speech;
	return tls != NULL ? tls->speech : MUX_SPEECH_NONE;
}

static bool is_silent(const struct mux_talk *talk)
{
	return talk != NULL && !talk->finished && talk->bytes.len == 0 &&
	       talk->elapsed_us >= PATIENCE_US;
}

bool ev_is_silent(const struct ev_candidate *candidate)
{
	return ev_speech(candidate) == MUX_SPEECH_NONE &&
	       (is_silent(candidate->http) || is_silent(candidate->tls));
}

/* Only an end that came from the server. */
static bool is_dead(const struct mux_talk *talk)
{
	return talk->bytes.len == 0 && talk->finished && talk->closed;
}

bool ev_is_dead(const struct ev_candidate *candidate)
{
	return candidate->http != NULL && candidate->tls != NULL && is_dead(candidate->http) &&
	       is_dead(candidate->tls);
}

bool ev_expects_http(const struct mux_target *target)
{
	static const struct {
		uint16_t first, last;
	} usual[] = {{80, 81},	   {3000, 3010}, {4000, 4000}, {4200, 4200}, {5000, 5010},
		     {5173, 5179}, {8000, 8099}, {8180, 8180}, {8888, 8888}};
	uint16_t port = target->port;
	size_t i;

	if (target->scheme[0] != '\0')
		return true;
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (port >= usual[i].first && port <= usual[i].last)
			return true;
	return false;
}

/* What publishes the ports of containers, as its process is called. */
static const struct ev_hop hops[] = {
	{"docker-proxy", "Docker"},
	{"rootlessport", "rootless podman or Docker"},
	{"rootlessport-c", "rootless podman or Docker"},
	{"rootlesskit", "rootless Docker"},
	{"slirp4netns", "slirp4netns"},
	{"conmon", "podman"},
	{"pasta", "podman"},
	{"pasta.avx2", "podman"},
	{"passt", "a virtual machine"},
	{"kube-proxy", "Kubernetes"},
	{"kubectl", "kubectl port-forward"},
	{"wslrelay.exe", "WSL"},
};

const struct ev_hop *ev_hop(const struct ev_candidate *candidate)
{
	const struct mux_listener *listener = candidate->listen.listener;
	size_t i;

	for (i = 0; listener != NULL && i < sizeof(hops) / sizeof(hops[0]); i++)
		if (slice_is(listener->command, hops[i].command))
			return &hops[i];
	return NULL;
}

static bool is_stopped(const struct mux_listener *listener)
{
	return listener != NULL && (listener->state == 'T' || listener->state == 't');
}

static bool fails_target(const struct mux_target *target, const struct ev_candidate *candidate)
{
	switch (ev_speech(candidate)) {
	case MUX_SPEECH_HTTP:
		return strcmp(target->scheme, "https") == 0;
	case MUX_SPEECH_TLS:
		return target->scheme[0] != '\0' && strcmp(target->scheme, "https") != 0;
	case MUX_SPEECH_OTHER:
		return target->scheme[0] != '\0';
	case MUX_SPEECH_NONE:
		break;
	}
	if (ev_is_dead(candidate))
		return target->scheme[0] != '\0' || ev_hop(candidate) != NULL;
	return ev_is_silent(candidate) && is_stopped(candidate->listen.listener);
}

/* Without its process being known, what listens on the same port may well be the same. */
static bool is_same_server(const struct mux_listener *a, const struct mux_listener *b)
{
	return a != NULL && b != NULL && (a->pid == b->pid || a->pid == 0 || b->pid == 0);
}

static bool was_talked_to(const struct ev_candidate *candidate)
{
	return candidate->http != NULL || candidate->tls != NULL;
}

static bool has_useless_twin(const struct ev_candidate *candidate,
			     const struct ev_candidate *others, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (others[i].useless && was_talked_to(&others[i]) &&
		    is_same_server(others[i].listen.listener, candidate->listen.listener))
			return true;
	return false;
}

void ev_judge_servers(const struct ev_context *context, struct ev_candidate *candidates, size_t n)
{
	const struct evaluation *before = context->before;
	size_t i;

	for (i = 0; i < n; i++)
		candidates[i].useless = candidates[i].works == MUX_YES &&
					was_talked_to(&candidates[i]) &&
					fails_target(context->target, &candidates[i]);
	for (i = 0; i < n; i++) {
		struct ev_candidate *candidate = &candidates[i];

		if (candidate->works != MUX_YES || was_talked_to(candidate))
			continue;
		candidate->useless =
			has_useless_twin(candidate, candidates, n) ||
			(before != NULL &&
			 has_useless_twin(candidate, before->candidates, before->n_candidates));
	}
}
