/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients that obey a proxy variable ask the proxy for this very machine, unless no_proxy excepts
 * its name: what works for one client then is a 502 of another host for the next. */
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/subject.h"
#include "evaluate/client.h"
#include "evaluate/client_words.h"

/* More are counted, not named. */
enum { MOST_NAMES = 4 };

/* Is the target this machine? For others a proxy is what was wanted. */
static bool is_here(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && (addr_is_loopback(&candidate->address) ||
						   candidate->route.state == EV_ROUTE_LOCAL))
			return true;
	}
	return subject_is_called(evaluation, "localhost");
}

static bool is_asked_about(const struct evaluation *evaluation,
			   const struct ev_client_result *result)
{
	return result->proxy != NULL &&
	       (evaluation->only == NULL || evaluation->only == result->client);
}

/* Returns the first client that no_proxy would have kept from the proxy, or NULL. */
static const struct ev_client_result *find_captured(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_clients; i++) {
		const struct ev_client_result *result = &evaluation->clients[i];

		if (is_asked_about(evaluation, result) && result->client->proxy != EV_PROXY_ALWAYS)
			return result;
	}
	return NULL;
}

/* Returns the leading "http://", or nothing. */
static struct mux_slice scheme_of(struct mux_slice value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789+-.";
	size_t n = 0;

	while (n < value.len && memchr(letters, value.data[n], sizeof(letters) - 1) != NULL)
		n++;
	if (value.len - n < 3 || memcmp(value.data + n, "://", 3) != 0)
		return (struct mux_slice){value.data, 0};
	return (struct mux_slice){value.data, n + 3};
}

/* "http://…@proxy:3128": whatever may be a name, a password or a token is left out. */
static const char *value_text(struct findings *findings, struct mux_slice value)
{
	const char *at = memrchr(value.data, '@', value.len);
	struct str text;

	if (at == NULL)
		return cause_escape(findings, value);
	str_init(&text, findings->arena);
	str_add_escaped(&text, scheme_of(value));
	str_add(&text, "***");
	str_add_escaped(&text, (struct mux_slice){at, value.len - (size_t)(at - value.data)});
	return str_done(&text) != NULL ? text.data : "";
}

/* Was the variable of client `i` that of an earlier one? */
static bool is_repeated(const struct evaluation *evaluation, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (is_asked_about(evaluation, &evaluation->clients[j]) &&
		    evaluation->clients[j].proxy == evaluation->clients[i].proxy)
			return true;
	return false;
}

static void add_evidence(struct findings *findings, struct cause_finding *finding)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_variable *except = client_no_proxy(&evaluation->snapshot->environment);
	size_t i;

	for (i = 0; i < evaluation->n_clients; i++) {
		const struct ev_client_result *result = &evaluation->clients[i];

		if (is_asked_about(evaluation, result) && !is_repeated(evaluation, i))
			finding_evidence(findings, finding, "environment", "%s=%s",
					 result->proxy->name,
					 value_text(findings, result->proxy->value));
	}
	if (except != NULL)
		finding_evidence(findings, finding, "environment", "%s=%s", except->name,
				 cause_escape(findings, except->value));
	else
		finding_evidence(findings, finding, "environment", "no_proxy is not set");
}

/* "curl, Python urllib and 4 more ask the proxy instead" */
static const char *captured_text(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i, n = 0, total = 0;
	struct str text;

	for (i = 0; i < evaluation->n_clients; i++)
		total += is_asked_about(evaluation, &evaluation->clients[i]);
	str_init(&text, findings->arena);
	for (i = 0; i < evaluation->n_clients && n < MOST_NAMES; i++) {
		if (!is_asked_about(evaluation, &evaluation->clients[i]))
			continue;
		str_addf(&text, "%s%s",
			 n == 0		  ? ""
			 : n + 1 == total ? " and "
					  : ", ",
			 evaluation->clients[i].client->title);
		n++;
	}
	if (n < total)
		str_addf(&text, " and %zu more", total - n);
	str_add(&text, total == 1 ? " asks the proxy instead" : " ask the proxy instead");
	return str_done(&text) != NULL ? text.data : "";
}

/* What was excepted before stays so. */
static void add_fix(struct findings *findings, struct cause_finding *finding)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_variable *except = client_no_proxy(&evaluation->snapshot->environment);
	const char *host = evaluation->target.host;
	struct str value, command;

	str_init(&value, findings->arena);
	if (except != NULL)
		str_addf(&value, "%.*s,", (int)except->value.len, except->value.data);
	str_add(&value, "localhost,127.0.0.1,::1");
	if (!subject_is_called(evaluation, "localhost") && strcmp(host, "127.0.0.1") != 0 &&
	    strcmp(host, "::1") != 0)
		str_addf(&value, ",%s", host);
	str_init(&command, findings->arena);
	str_add(&command, "export no_proxy=");
	str_add_shell(&command, slice_of(str_done(&value)));
	finding_fix(findings, finding, "Except this machine from the proxy", str_done(&command),
		    NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_VARIABLE,
					.variable = {"no_proxy", slice_of(str_done(&value))}});
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_client_result *captured = find_captured(evaluation);
	struct cause_finding *finding;

	if (captured == NULL || !is_here(evaluation))
		return 0;
	finding = finding_add(findings, &cause_proxy_captures_localhost, MUX_SEVERITY_WARNING);
	finding_title(findings, finding,
		      "%s sends requests for %s to a proxy, and no_proxy does not except it",
		      captured->proxy->name,
		      cause_escape(findings, slice_of(evaluation->target.host)));
	add_evidence(findings, finding);
	finding_hit(finding, captured_text(findings));
	add_fix(findings, finding);
	return finding_result(findings);
}

const struct cause cause_proxy_captures_localhost = {
	.id = "proxy-captures-localhost",
	.summary = "a proxy variable makes clients ask a proxy for this machine",
	.explanation = "A proxy variable such as http_proxy is set, and no_proxy does not "
		       "except this machine. Clients that obey the variable ask the proxy "
		       "for localhost, and the proxy then looks on its own machine.\n\n"
		       "The answer is a 502, 503 or 504 with the proxy's own page, \"cannot "
		       "resolve localhost\", or the timeout of a proxy out of reach. curl, "
		       "wget and Python's libraries obey the variable also for localhost; "
		       "Go's never does. So one client works and the next one does not.\n\n"
		       "muxdiag reads its own environment, that of the shell which started "
		       "it: a service may have other variables. Passwords in the variable "
		       "are not shown. What the proxy would answer is not tried.\n\n"
		       "Add localhost,127.0.0.1,::1 to no_proxy. For one command use the "
		       "client's own option, such as `curl --noproxy '*'`.",
	.find = find,
};
