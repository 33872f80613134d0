/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On loopback SYN, SYN/ACK and ACK are sent and received before connect() returns, so the counts of
 * an undisturbed one are exact. What is in these tables was measured for every hook, both families
 * and every kind of answer; a count that is not in them has somebody else's packets in it.
 */
#include "evaluate/counts.h"

enum { ANY = -2 };

struct row {
	int64_t out_requests, out_transmits, in_receives, in_delivers, listen_overflows;
	enum ev_end end;
};

static const struct row silences[] = {
	{1, 0, 0, 0, 0, EV_END_OUTPUT},	       {1, 1, 0, 0, 0, EV_END_LINK},
	{1, ANY, 1, 0, 0, EV_END_INPUT},       {1, ANY, 1, 1, 1, EV_END_QUEUE},
	{2, 1, 1, 1, 0, EV_END_REPLY_OUTPUT},  {2, 2, 1, 1, 0, EV_END_REPLY_LINK},
	{2, ANY, 2, 1, 0, EV_END_REPLY_INPUT},
};

/* The reset of a rule is not counted as made here for IPv6 (nf_send_reset6()). */
static const struct row refusals[] = {
	{ANY, 1, 1, 1, 0, EV_END_OUTPUT},
	{ANY, 2, 2, 1, 0, EV_END_INPUT},
	{2, ANY, 2, 2, 0, EV_END_PORT},
};

static bool fits(int64_t wanted, int64_t counted)
{
	return wanted == ANY || wanted == counted;
}

static enum ev_end find(const struct row *rows, size_t n, const struct mux_counters *counters)
{
	size_t i;

	for (i = 0; counters->known && i < n; i++)
		if (fits(rows[i].out_requests, counters->out_requests) &&
		    fits(rows[i].out_transmits, counters->out_transmits) &&
		    fits(rows[i].in_receives, counters->in_receives) &&
		    fits(rows[i].in_delivers, counters->in_delivers) &&
		    fits(rows[i].listen_overflows, counters->listen_overflows))
			return rows[i].end;
	return EV_END_UNKNOWN;
}

enum ev_end ev_counts_of_silence(const struct mux_counters *counters)
{
	return find(silences, sizeof(silences) / sizeof(silences[0]), counters);
}

enum ev_end ev_counts_of_refusal(const struct mux_counters *counters)
{
	return find(refusals, sizeof(refusals) / sizeof(refusals[0]), counters);
}

static const struct ev_loss losses[] = {
	[EV_END_OUTPUT] =
		{MUX_STAGE_OUTPUT, false,
		 "dropped on the way out (OUTPUT, POSTROUTING), by a rule for TCP, or left "
		 "in a queue there: the kernel counted a packet as made and not as sent"},
	[EV_END_LINK] = {MUX_STAGE_INPUT, false,
			 "dropped at the ingress of lo, by a netdev or inet chain or a traffic "
			 "filter: the kernel counted a packet as sent and not as received"},
	[EV_END_INPUT] =
		{MUX_STAGE_INPUT, false,
		 "dropped on the way in (PREROUTING, INPUT): the kernel counted a packet as "
		 "received and gave it to nobody"},
	[EV_END_REPLY_OUTPUT] = {MUX_STAGE_OUTPUT, true,
				 "the answer (SYN/ACK) is dropped on its way out (OUTPUT, "
				 "POSTROUTING): the SYN was delivered, and the kernel counted an "
				 "answer as made and not as sent"},
	[EV_END_REPLY_LINK] = {MUX_STAGE_INPUT, true,
			       "the answer (SYN/ACK) is dropped at the ingress of lo: the kernel "
			       "counted it as sent and not as received"},
	[EV_END_REPLY_INPUT] =
		{MUX_STAGE_INPUT, true,
		 "the answer (SYN/ACK) is dropped on its way in (PREROUTING, INPUT): "
		 "the SYN was delivered, and the kernel counted an answer as received "
		 "and gave it to nobody"},
};

const struct ev_loss *ev_counts_loss(enum ev_end end)
{
	return (size_t)end < sizeof(losses) / sizeof(losses[0]) && losses[end].text != NULL
		       ? &losses[end]
		       : NULL;
}
