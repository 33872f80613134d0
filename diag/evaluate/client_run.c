/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From addresses to an end. What one address does to a connect() comes from the evaluation's
 * candidates; a strategy strings several together. Times are those of the client's own clock, not
 * of muxdiag's probes, which wait for nothing that the kernel has already told them.
 */
#include "evaluate/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/client_words.h"
#include "evaluate/infer.h"

/* An ICMP error on an unanswered SYN is kept as a soft error until the next retransmission, 1 s
 * later (tcp_v4_err(), tcp_v6_err()); measured on lo. */
enum { SOFT_ERROR_MS = 1020 };

/* A resolver that answers sooner is none that a person notices. */
enum { NOTICEABLE_US = 50 * 1000 };

/* --- one address ------------------------------------------------------------------------- */

enum attempt_end { ATTEMPT_CONNECTS, ATTEMPT_FAILS, ATTEMPT_UNKNOWN };

struct attempt {
	enum attempt_end end;
	const struct mux_address *address;
	int error;	  /* of ATTEMPT_FAILS */
	bool local;	  /* connect() itself failed: nothing was sent */
	bool useless;	  /* it connects, and gets nothing of use */
	bool own;	  /* it was the client that had waited for long enough */
	int64_t ms;	  /* until it ends */
	const char *text; /* of ATTEMPT_UNKNOWN */
};

/* A run while it is followed. */
struct run {
	const struct ev_context *context;
	const struct evaluation *evaluation;
	const struct ev_client *client;
	const struct ev_addresses *addresses;
	int64_t now_ms;
	struct attempt failed; /* the one that the client reports */
	bool has_failed;
	struct ev_client_result *ret;
};

static int64_t read_sysctl(const struct ev_context *context, const char *path, int64_t otherwise)
{
	const struct mux_snapshot *snapshot = context->snapshot;
	uint64_t value;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++) {
		const struct mux_sysctl *sysctl = &snapshot->sysctls[i];

		if (strcmp(sysctl->path, path) != 0)
			continue;
		if (sysctl->source.presence == MUX_ABSENT)
			return 0;
		if (sysctl->source.presence == MUX_PRESENT &&
		    slice_parse_u64(sysctl->text, 10, &value) == 0 && value <= INT8_MAX)
			return (int64_t)value;
	}
	return otherwise;
}

/*
 * How long the kernel waits for an answer to a SYN. It retransmits after 1 s `linear` + 1 times,
 * then after 2, 4, 8 … s, and gives up when a timer ends later than (2^(retries + 1) - 1) s
 * (retransmits_timed_out(), tcp_retransmit_timer()); measured for 1 to 6 retries.
 */
static int64_t kernel_patience_ms(const struct ev_context *context)
{
	int64_t retries = read_sysctl(context, "net/ipv4/tcp_syn_retries", 6);
	int64_t linear = read_sysctl(context, "net/ipv4/tcp_syn_linear_timeouts", 4);
	int64_t longest_s = 120, limit_s, elapsed_s = 0, gap_s = 1;

	if (retries < 1)
		retries = 1;
	limit_s = retries <= 6 ? (1 << (retries + 1)) - 1 : 127 + (retries - 6) * longest_s;
	while (elapsed_s < limit_s) {
		elapsed_s += gap_s;
		if (linear > 0)
			linear--;
		else
			gap_s = gap_s * 2 < longest_s ? gap_s * 2 : longest_s;
	}
	return elapsed_s * 1000;
}

static void hang(const struct run *run, struct attempt *attempt)
{
	attempt->error = ETIMEDOUT;
	attempt->ms = kernel_patience_ms(run->context);
	attempt->own = run->client->address_ms != 0 && run->client->address_ms < attempt->ms;
	if (attempt->own)
		attempt->ms = run->client->address_ms;
}

static void reject(const struct run *run, struct attempt *attempt, int error)
{
	const struct ev_client *client = run->client;
	bool at_once = client->reads_at_once ||
		       (client->polls && ev_wire_address(attempt->address).family == AF_INET);

	attempt->error = error;
	attempt->ms = at_once ? 0 : SOFT_ERROR_MS;
}

/* The errno that an ICMP error ends in: icmp_err_convert[], tab_unreach[] (RFC 792, RFC 4443). */
static int icmp_error(int family, uint8_t code)
{
	static const int errors4[] = {
		ENETUNREACH,  EHOSTUNREACH, ENOPROTOOPT,  ECONNREFUSED, EMSGSIZE,
		EOPNOTSUPP,   ENETUNREACH,  EHOSTDOWN,	  ENONET,	ENETUNREACH,
		EHOSTUNREACH, ENETUNREACH,  EHOSTUNREACH, EHOSTUNREACH,
	};
	static const int errors6[] = {
		ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES,
	};

	if (family == AF_INET)
		return code < sizeof(errors4) / sizeof(errors4[0]) ? errors4[code] : EHOSTUNREACH;
	return code < sizeof(errors6) / sizeof(errors6[0]) ? errors6[code] : EHOSTUNREACH;
}

/* No connection was tried: the first stage that fails says how it would end. */
static void foresee(const struct run *run, const struct ev_candidate *candidate,
		    struct attempt *attempt)
{
	const struct ev_path *paths[] = {&candidate->output, &candidate->input};
	struct mux_address wire = ev_wire_address(&candidate->address);
	size_t i;

	if (candidate->route.passes == MUX_NO) {
		attempt->error = candidate->route.error;
		attempt->local = true;
		if (attempt->error == ETIMEDOUT || attempt->error == 0)
			hang(run, attempt);
		return;
	}
	for (i = 0; i < 2; i++) {
		const struct nf_reject *answer = &paths[i]->decision.reject;

		if (paths[i]->passes != MUX_NO)
			continue;
		if (!paths[i]->decided || paths[i]->decision.kind != NF_KIND_REJECT)
			hang(run, attempt);
		else if (answer->kind == NF_REJECT_TCP_RESET)
			attempt->error = ECONNREFUSED;
		else
			reject(run, attempt, icmp_error(wire.family, answer->code));
		return;
	}
	if (candidate->listen.queue_full)
		hang(run, attempt);
	else
		attempt->error = ECONNREFUSED;
}

static const struct ev_candidate *find_candidate(const struct run *run,
						 const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < run->evaluation->n_candidates; i++)
		if (addr_equal(&run->evaluation->candidates[i].address, address))
			return &run->evaluation->candidates[i];
	return NULL;
}

static struct attempt try_address(const struct run *run, size_t i)
{
	const struct mux_address *address = &run->addresses->list[i];
	const struct ev_candidate *candidate = find_candidate(run, address);
	struct attempt attempt = {.end = ATTEMPT_UNKNOWN, .address = address};

	if (candidate == NULL || candidate->works == MUX_UNKNOWN) {
		attempt.text = candidate != NULL ? candidate->text : "that address was not tried";
		return attempt;
	}
	attempt.end = candidate->works == MUX_YES ? ATTEMPT_CONNECTS : ATTEMPT_FAILS;
	attempt.useless = candidate->useless;
	if (candidate->works == MUX_YES)
		return attempt;
	switch (ev_fate_of(candidate)) {
	case EV_FATE_SILENT:
		hang(run, &attempt);
		break;
	case EV_FATE_ICMP:
		reject(run, &attempt, candidate->tcp->error);
		break;
	case EV_FATE_RESET:
	case EV_FATE_LOCAL:
		attempt.error = candidate->tcp->error;
		attempt.local = ev_fate_of(candidate) == EV_FATE_LOCAL;
		break;
	case EV_FATE_CONNECTED:
	case EV_FATE_NONE:
		foresee(run, candidate, &attempt);
		break;
	}
	return attempt;
}

/* --- how it ends ------------------------------------------------------------------------- */

/* The first connection that comes about is the one that is used, whoever is behind it. */
static void end_working(struct run *run, const struct attempt *attempt, int64_t at_ms)
{
	run->ret->works = attempt->useless ? MUX_NO : MUX_YES;
	run->ret->useless = attempt->useless;
	run->ret->after_ms = at_ms;
	run->ret->address = *attempt->address;
}

static void end_unknown(struct run *run, const char *text)
{
	run->ret->works = MUX_UNKNOWN;
	run->ret->text = text;
}

static void end_failing(struct run *run, const char *words, const struct attempt *attempt,
			int64_t at_ms)
{
	const struct client_failure failure = {.address = attempt->address,
					       .error = attempt->error};

	run->ret->works = MUX_NO;
	run->ret->after_ms = at_ms;
	run->ret->says = client_words(run->context, words, &failure);
}

static void remember(struct run *run, const struct attempt *attempt)
{
	if (!run->has_failed || !run->client->first_error)
		run->failed = *attempt;
	run->has_failed = true;
}

/* Its own patience is shorter than all the waiting: does it end here? */
static bool is_out_of_patience(const struct run *run, int64_t at_ms)
{
	return run->client->patience_ms != 0 && at_ms >= run->client->patience_ms;
}

static void end_impatient(struct run *run, const struct attempt *attempt)
{
	const struct ev_client *client = run->client;
	struct attempt last = *attempt;

	last.error = ETIMEDOUT;
	end_failing(run,
		    client->says_impatient != NULL ? client->says_impatient : client->says_error,
		    &last, client->patience_ms);
}

static void end_all_failed(struct run *run, int64_t at_ms)
{
	const struct ev_client *client = run->client;
	const char *words = client->says_error;

	if (run->failed.error == ETIMEDOUT && client->says_timed_out != NULL)
		words = client->says_timed_out;
	if (run->failed.local && client->says_local != NULL)
		words = client->says_local;
	if (run->failed.own && client->says_impatient != NULL)
		words = client->says_impatient;
	if (client->tries > 1)
		at_ms *= client->tries;
	end_failing(run, words, &run->failed, at_ms);
}

/* --- strategies -------------------------------------------------------------------------- */

/* One after the other; all but the last are given up after delay_ms where that is their way. */
static void run_in_order(struct run *run, size_t n)
{
	bool aborts = run->client->strategy == EV_ABORTING;
	size_t i;

	for (i = 0; i < n; i++) {
		struct attempt attempt = try_address(run, i);

		if (attempt.end == ATTEMPT_UNKNOWN) {
			end_unknown(run, attempt.text);
			return;
		}
		if (attempt.end == ATTEMPT_CONNECTS) {
			end_working(run, &attempt, run->now_ms);
			return;
		}
		if (aborts && i + 1 < n && attempt.ms > run->client->delay_ms) {
			attempt.ms = run->client->delay_ms;
			attempt.error = ETIMEDOUT;
		}
		run->now_ms += attempt.ms;
		remember(run, &attempt);
		if (is_out_of_patience(run, run->now_ms)) {
			end_impatient(run, &attempt);
			return;
		}
	}
	end_all_failed(run, run->now_ms);
}

/* The first of all that connect is taken, and they start in their order. */
static void run_eyeballs(struct run *run)
{
	int64_t start_ms = run->now_ms, end_ms = run->now_ms;
	size_t i;

	for (i = 0; i < run->addresses->n; i++) {
		struct attempt attempt = try_address(run, i);
		int64_t wait_ms = run->client->delay_ms;

		if (attempt.end == ATTEMPT_UNKNOWN) {
			end_unknown(run, attempt.text);
			return;
		}
		if (attempt.end == ATTEMPT_CONNECTS) {
			end_working(run, &attempt, start_ms);
			return;
		}
		/* The last error is that of the attempt that ends last. */
		if (start_ms + attempt.ms >= end_ms)
			remember(run, &attempt);
		if (start_ms + attempt.ms > end_ms)
			end_ms = start_ms + attempt.ms;
		start_ms += attempt.ms < wait_ms ? attempt.ms : wait_ms;
	}
	if (is_out_of_patience(run, end_ms))
		end_impatient(run, &run->failed);
	else
		end_all_failed(run, end_ms);
}

/* Only when the last of all connects has ended does it begin, with the first that worked. */
static void run_every(struct run *run)
{
	struct attempt works = {.end = ATTEMPT_UNKNOWN};
	size_t i;

	for (i = run->addresses->n; i-- > 0;) {
		struct attempt attempt = try_address(run, i);

		if (attempt.end == ATTEMPT_UNKNOWN) {
			end_unknown(run, attempt.text);
			return;
		}
		run->now_ms += attempt.ms;
		if (attempt.end == ATTEMPT_CONNECTS)
			works = attempt;
		else
			remember(run, &attempt);
	}
	if (works.end == ATTEMPT_CONNECTS)
		end_working(run, &works, run->now_ms);
	else
		end_all_failed(run, run->now_ms);
}

static bool backs_up(const struct run *run, const struct attempt *waiting, struct attempt *ret)
{
	size_t i;

	if (waiting->address->family != AF_INET6 || waiting->ms <= run->client->delay_ms)
		return false;
	for (i = 0; i < run->addresses->n; i++)
		if (run->addresses->list[i].family == AF_INET) {
			*ret = try_address(run, i);
			return ret->end == ATTEMPT_CONNECTS;
		}
	return false;
}

/* Only a second connection that succeeds is of use: else the first one's end is waited for, and
 * IPv4 has its turn after it (BackupIPv4ConnectCommand of aria2). */
static void run_backed_up(struct run *run)
{
	struct attempt backup;
	size_t i;

	for (i = 0; i < run->addresses->n; i++) {
		struct attempt attempt = try_address(run, i);

		if (attempt.end == ATTEMPT_UNKNOWN) {
			end_unknown(run, attempt.text);
			return;
		}
		if (attempt.end == ATTEMPT_CONNECTS) {
			end_working(run, &attempt, run->now_ms);
			return;
		}
		if (backs_up(run, &attempt, &backup)) {
			end_working(run, &backup, run->now_ms + run->client->delay_ms);
			return;
		}
		run->now_ms += attempt.ms;
		remember(run, &attempt);
	}
	end_all_failed(run, run->now_ms);
}

static void run_addresses(struct run *run)
{
	switch (run->client->strategy) {
	case EV_IN_ORDER:
	case EV_ABORTING:
		run_in_order(run, run->addresses->n);
		break;
	case EV_FIRST_ONLY:
		run_in_order(run, 1);
		break;
	case EV_EYEBALLS:
		run_eyeballs(run);
		break;
	case EV_BACKED_UP:
		run_backed_up(run);
		break;
	case EV_EVERY:
		run_every(run);
		break;
	}
}

/* --- all together ------------------------------------------------------------------------ */

static void run_names(struct run *run, const struct ev_client_names *names)
{
	const struct client_failure failure = {.status = names->status, .text = names->text};

	if (names->elapsed_us >= NOTICEABLE_US)
		run->now_ms = names->elapsed_us / 1000;
	if (names->known == MUX_YES) {
		run_addresses(run);
	} else if (names->known == MUX_UNKNOWN) {
		end_unknown(run, names->text);
	} else {
		run->ret->works = MUX_NO;
		run->ret->after_ms = run->now_ms;
		run->ret->says = client_words(run->context, run->client->says_nameless, &failure);
	}
}

void ev_client_run(const struct ev_context *context, const struct evaluation *evaluation,
		   const struct ev_client *client, struct ev_client_result *ret)
{
	const struct mux_variable *proxy = client_proxy(context, client);
	struct ev_client_names names;
	struct run run = {
		.context = context,
		.evaluation = evaluation,
		.client = client,
		.addresses = &names.addresses,
		.ret = ret,
	};

	memset(ret, 0, sizeof(*ret));
	ret->client = client;
	if (proxy != NULL) {
		ret->works = MUX_UNKNOWN;
		ret->proxy = proxy;
		ret->text =
			arena_printf(context->arena, "asks the proxy of %s instead", proxy->name);
	} else {
		ev_client_resolve(context, evaluation, client, &names);
		ret->aloof = names.aloof;
		run_names(&run, &names);
	}
	client_describe(context, ret);
}

int ev_clients_run(const struct ev_context *context, struct evaluation *evaluation)
{
	struct ev_client_result *results =
		arena_array(context->arena, ev_n_clients, sizeof(*results));
	size_t i;

	if (results == NULL)
		return -ENOMEM;
	for (i = 0; i < ev_n_clients; i++)
		ev_client_run(context, evaluation, &ev_clients[i], &results[i]);
	evaluation->clients = results;
	evaluation->n_clients = ev_n_clients;
	return 0;
}
