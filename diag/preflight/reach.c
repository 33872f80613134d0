/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the tool come to the right server at once, and does it answer as a benchmark needs? */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate/client.h"
#include "preflight/preflight.h"

static const char requests[] = "requests to the server";

/* Returns the n-th request of that kind that was made, or NULL. */
static const struct mux_request *find_request(const struct preflight *preflight, const char *kind,
					      int number)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	size_t i;

	for (i = 0; i < reach->n_requests; i++)
		if (slice_is(reach->requests[i].kind, kind) && reach->requests[i].number == number)
			return &reach->requests[i];
	return NULL;
}

/* --- the address --------------------------------------------------------------------------- */

static const struct ev_client_result *find_client(const struct preflight *preflight)
{
	const struct evaluation *evaluation = preflight->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_clients; i++)
		if (strcmp(evaluation->clients[i].client->name, preflight->tool->client) == 0)
			return &evaluation->clients[i];
	return NULL;
}

/* Returns the first address of the target that a client in its order would meet in vain before it
 * comes to the one that works, or NULL. */
static const struct ev_candidate *find_detour(const struct preflight *preflight)
{
	const struct evaluation *evaluation = preflight->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!candidate->name->of_target)
			continue;
		if (candidate == preflight->candidate)
			return NULL;
		if (candidate->works == MUX_NO)
			return candidate;
	}
	return NULL;
}

static void say_detour(struct preflight *preflight, const struct preflight_check *check,
		       const struct ev_candidate *detour, const struct ev_client_result *client)
{
	char first[ADDR_TEXT_MAX], then[ADDR_TEXT_MAX];
	const char *use;
	struct fit *fit;

	addr_format(&detour->address, first);
	addr_format_port(&preflight->candidate->address, preflight->evaluation->target.port, then);
	fit = fit_add(preflight, check, MUX_FIT_WARNING,
		      "the name stands for %s first, where nobody answers", first);
	fit_see(preflight, fit, "addresses", "%s", detour->text);
	if (client != NULL && client->text != NULL)
		fit_see(preflight, fit, client->client->title, "%s", client->text);
	fit_expect(preflight, fit, "every new connection costs one more, in vain, to %s%s", first,
		   client != NULL && client->works == MUX_NO ? ", and this tool fails there" : "");
	fit_want(preflight, fit, "the first address that the tool tries is the server's");
	use = arena_printf(preflight->arena, "http://%s%s", then,
			   preflight->evaluation->target.path);
	fit_mend(preflight, fit, "Name the address that works", use, NULL);
}

static void run_address_order(struct preflight *preflight, const struct preflight_check *check)
{
	const struct ev_client_result *client = find_client(preflight);
	const struct ev_candidate *detour;
	char address[ADDR_TEXT_MAX];
	struct fit *fit;

	if (preflight->candidate == NULL)
		return;
	detour = find_detour(preflight);
	if (detour != NULL) {
		say_detour(preflight, check, detour, client);
		return;
	}
	fit = fit_add(preflight, check, MUX_FIT_OK, "the tool connects to %s",
		      addr_format(&preflight->candidate->address, address));
	if (client != NULL && client->text != NULL)
		fit_see(preflight, fit, client->client->title, "%s", client->text);
}

const struct preflight_check preflight_address_order = {
	.id = "address-order", .subject = "reach", .run = run_address_order};

/* --- the response -------------------------------------------------------------------------- */

/* Returns how long the first answer to the check of the target took; 0 when there was none. */
static int64_t checked_us(const struct preflight *preflight)
{
	const struct mux_talk *talk =
		preflight->candidate == NULL ? NULL : preflight->candidate->http;

	return talk != NULL && talk->bytes.len != 0 ? talk->elapsed_us : 0;
}

/* A server that is slow by intent cannot be told from one that hangs. */
static void say_not_yet(struct preflight *preflight, const struct preflight_check *check,
			int64_t patience_us)
{
	uint64_t concurrency = preflight->capacity->load.concurrency;
	int64_t least_us =
		checked_us(preflight) > patience_us ? checked_us(preflight) : patience_us;
	double patience_ms = (double)patience_us / 1000;
	struct fit *fit = fit_add(preflight, check, MUX_FIT_UNKNOWN,
				  "what the server answers is not known: no answer within %.0f ms",
				  patience_ms);

	fit_see(preflight, fit, requests, "no whole response within %.0f ms", patience_ms);
	if (checked_us(preflight) != 0)
		fit_see(preflight, fit, "HEAD, before", "answered after %.0f ms",
			(double)checked_us(preflight) / 1000);
	if (least_us > 0)
		fit_expect(preflight, fit,
			   "if it hangs, no request is answered; if it is that slow, %llu "
			   "connections make at most %llu requests a second",
			   (unsigned long long)concurrency,
			   (unsigned long long)(concurrency * 1000000 / (uint64_t)least_us));
	fit_want(preflight, fit, "a whole response of HTTP/1");
	fit_mend(preflight, fit, "Give it longer", "muxdiag preflight --timeout 5000 …", NULL);
}

static void say_no_response(struct preflight *preflight, const struct preflight_check *check,
			    int error)
{
	struct fit *fit = fit_add(preflight, check, MUX_FIT_FAIL, "the server gives no response");

	fit_see(preflight, fit, requests, "%s", strerrordesc_np(error));
	fit_expect(preflight, fit, "no request of the run will be answered");
	fit_want(preflight, fit, "a whole response of HTTP/1");
}

static void run_response_status(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	const struct mux_request *first = find_request(preflight, "new", 1);
	int64_t patience_us = preflight_patience_us(preflight);
	struct fit *fit;

	if (reach->source.presence != MUX_PRESENT) {
		if (preflight->candidate != NULL)
			fit_add_unknown(preflight, check, &reach->source,
					"what the server answers (only http is spoken)");
		return;
	}
	if (patience_us >= 0) {
		say_not_yet(preflight, check, patience_us);
		return;
	}
	if (first == NULL || first->error != 0) {
		say_no_response(preflight, check, first == NULL ? reach->error : first->error);
		return;
	}
	if (first->status >= 200 && first->status < 300) {
		fit = fit_add(preflight, check, MUX_FIT_OK, "the server answers with %d",
			      first->status);
	} else {
		fit = fit_add(preflight, check,
			      first->status < 400 && first->status >= 300 ? MUX_FIT_WARNING
									  : MUX_FIT_FAIL,
			      "the server answers with status %d", first->status);
		fit_expect(preflight, fit,
			   "the run measures how fast the server can say that, not the page");
		fit_want(preflight, fit, "200: error pages and redirections are cheap");
	}
	fit_see(preflight, fit, requests, "status %d, %lld bytes of body, after %.2f ms",
		first->status, (long long)first->body, (double)first->elapsed_us / 1000);
}

const struct preflight_check preflight_response_status = {
	.id = "response-status", .subject = "reach", .run = run_response_status};

static void run_response_length(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_request *first = find_request(preflight, "new", 1);
	const struct mux_request *second = find_request(preflight, "new", 2);
	bool ab = preflight->tool->http10;
	struct fit *fit;

	if (first == NULL || second == NULL || first->error != 0 || second->error != 0)
		return;
	if (first->body == second->body) {
		fit = fit_add(preflight, check, MUX_FIT_OK, "the length of the page is the same");
	} else {
		fit = fit_add(preflight, check, ab ? MUX_FIT_WARNING : MUX_FIT_INFO,
			      "the length of the page varies");
		fit_expect(preflight, fit, "%s",
			   ab ? "ab counts most requests as failed (Length)"
			      : "the work per request varies with it");
		fit_want(preflight, fit, "the same length each time, so that runs can be compared");
		if (ab)
			fit_mend(preflight, fit, "Tell ab that the length may vary", "ab -l", NULL);
	}
	fit_see(preflight, fit, requests, "%lld bytes of body, then %lld", (long long)first->body,
		(long long)second->body);
}

const struct preflight_check preflight_response_length = {
	.id = "response-length", .subject = "reach", .run = run_response_length};

static void run_keepalive(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_request *first = find_request(preflight, "kept", 1);
	const struct mux_request *second = find_request(preflight, "kept", 2);
	bool wanted = !preflight_opens_many(preflight), kept;
	struct fit *fit;

	if (first == NULL || first->error != 0)
		return;
	kept = second != NULL && second->error == 0;
	if (wanted && !kept) {
		fit = fit_add(preflight, check, MUX_FIT_FAIL,
			      "the server does not keep connections");
		fit_expect(preflight, fit,
			   "each request opens a connection, whatever the tool is told: the run "
			   "measures connect() too");
		fit_want(preflight, fit, "%s",
			 preflight->tool->http10
				 ? "a second answer on one connection: ab speaks HTTP/1.0, so the "
				   "server must answer \"Connection: keep-alive\""
				 : "a second answer on one connection");
	} else if (!wanted && kept) {
		fit = fit_add(preflight, check, MUX_FIT_INFO,
			      "the server would keep connections, the load opens one for each "
			      "request");
		fit_expect(preflight, fit,
			   "the run measures connect() and accept() more than the server");
		if (preflight->tool->http10)
			fit_mend(preflight, fit, "Measure requests apart from connections", "ab -k",
				 NULL);
	} else {
		fit = fit_add(preflight, check, MUX_FIT_OK, "connections are %s as the load wants",
			      wanted ? "kept" : "closed");
	}
	fit_see(preflight, fit, requests, "%s, and the server said that it would %s",
		kept ? "a second one was answered on the same connection"
		     : "the connection did not serve a second one",
		first->keeps ? "keep it" : "close it");
}

const struct preflight_check preflight_keepalive = {
	.id = "keepalive", .subject = "reach", .run = run_keepalive};

/* --- the server ---------------------------------------------------------------------------- */

/* Words in the Server field of servers that their own manuals call unfit for load. */
static const char *const development_servers[] = {
	"Werkzeug/", "SimpleHTTP/", "BaseHTTP/",	  "WSGIServer/", "Python/",
	"WEBrick/",  "webpack-dev", "Development Server", "vite",	 NULL,
};

static bool contains(struct mux_slice text, const char *word)
{
	return text.len != 0 && memmem(text.data, text.len, word, strlen(word)) != NULL;
}

static void run_development_server(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_request *first = find_request(preflight, "new", 1);
	const char *server;
	struct fit *fit;
	size_t i;

	if (first == NULL || first->error != 0)
		return;
	server = first->server.len != 0 ? preflight_escape(preflight, first->server)
					: "(no Server field)";
	for (i = 0; development_servers[i] != NULL; i++)
		if (contains(first->server, development_servers[i]))
			break;
	if (development_servers[i] == NULL) {
		fit = fit_add(preflight, check, MUX_FIT_OK, "no development server");
	} else {
		fit = fit_add(preflight, check, MUX_FIT_WARNING, "it is a development server: %s",
			      server);
		fit_expect(preflight, fit,
			   "a small accept queue, one process, a log line for each request: far "
			   "below what the same program does behind a real server");
		fit_want(preflight, fit,
			 "the server that production uses, e.g. gunicorn, uvicorn "
			 "or a build without the development server");
		if (contains(first->server, "Werkzeug/"))
			fit_mend(preflight, fit, "Run the same application behind gunicorn",
				 "gunicorn --workers 2 --backlog 4096 MODULE:app", NULL);
	}
	fit_see(preflight, fit, requests, "Server: %s", server);
}

const struct preflight_check preflight_development_server = {
	.id = "development-server", .subject = "reach", .run = run_development_server};

/* Listening sockets of the port that belong to programs of different names. */
static void run_several_servers(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_listeners *listeners = &preflight->snapshot->listeners;
	const struct mux_listener *first = NULL, *other = NULL;
	struct fit *fit;
	size_t i;

	for (i = 0; i < listeners->n_sockets; i++) {
		const struct mux_listener *listener = &listeners->sockets[i];

		if (listener->port != preflight->evaluation->target.port || listener->pid == 0)
			continue;
		if (first == NULL)
			first = listener;
		else if (other == NULL && listener->pid != first->pid &&
			 !slice_equal(listener->command, first->command))
			other = listener;
	}
	if (first == NULL)
		return;
	if (other == NULL) {
		fit = fit_add(preflight, check, MUX_FIT_OK, "one program listens on the port");
	} else {
		fit = fit_add(preflight, check, MUX_FIT_WARNING, "two programs listen on the port");
		fit_expect(preflight, fit, "which one is measured depends on the address");
		fit_want(preflight, fit, "one program, so that all connections are its own");
		fit_see(preflight, fit, "listening sockets", "%s",
			preflight_listener_text(preflight, other));
	}
	fit_see(preflight, fit, "listening sockets", "%s",
		preflight_listener_text(preflight, first));
}

const struct preflight_check preflight_several_servers = {
	.id = "several-servers", .subject = "reach", .run = run_several_servers};

/* --- the baseline -------------------------------------------------------------------------- */

static void run_baseline(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	uint64_t n = preflight->capacity->load.requests;
	int64_t rate = preflight_rate(preflight);
	struct fit *fit;

	if (reach->source.presence != MUX_PRESENT || reach->n_baseline == 0)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO,
		      "one request alone takes %.2f ms (median of %zu)",
		      (double)reach->median_us / 1000, reach->n_baseline);
	fit_see(preflight, fit, requests, "least %.2f ms, median %.2f ms, 99 %% within %.2f ms, %s",
		(double)reach->least_us / 1000, (double)reach->median_us / 1000,
		(double)reach->p99_us / 1000,
		reach->baseline_kept ? "on one connection" : "each on its own connection");
	if (rate > 0 && n != 0)
		fit_expect(preflight, fit, "some %lld requests a second, so %llu take about %.1f s",
			   (long long)rate, (unsigned long long)n, (double)n / (double)rate);
}

const struct preflight_check preflight_baseline = {
	.id = "baseline", .subject = "reach", .run = run_baseline};
