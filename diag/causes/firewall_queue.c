/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that wait for a program's verdict. */
#include "causes/firewall.h"

/* The reader of one of the rule's queues; NULL = none is known. */
static const struct mux_queue *find_reader(const struct findings *findings,
					   const struct nf_queue *queue)
{
	const struct mux_queues *queues = &findings->evaluation->snapshot->queues;
	size_t i;

	for (i = 0; queue->known && i < queues->n; i++)
		if (queues->list[i].number >= queue->first &&
		    queues->list[i].number - queue->first < queue->total)
			return &queues->list[i];
	return NULL;
}

/* "queue 5", "queues 0 to 3", "a queue" */
static const char *queue_text(struct findings *findings, const struct nf_queue *queue)
{
	if (!queue->known)
		return "a queue";
	if (queue->total < 2)
		return arena_printf(findings->arena, "queue %u", (unsigned)queue->first);
	return arena_printf(findings->arena, "queues %u to %u", (unsigned)queue->first,
			    (unsigned)queue->first + queue->total - 1);
}

static const char *reader_text(struct findings *findings, const struct mux_queue *reader)
{
	if (reader->command.len == 0)
		return arena_printf(findings->arena, "netlink port %u", (unsigned)reader->port);
	return arena_printf(findings->arena, "%s (pid %u)", cause_escape(findings, reader->command),
			    (unsigned)reader->port);
}

const char *firewall_queue_verdict(struct findings *findings, const struct ev_path *path)
{
	const struct nf_queue *queue = &path->decision.queue;
	const struct mux_queue *reader = find_reader(findings, queue);
	const char *text = queue_text(findings, queue);

	if (path->decided)
		return arena_printf(findings->arena, "%s, which no program reads", text);
	if (reader == NULL || reader->command.len == 0)
		return arena_printf(findings->arena, "%s, whose reader does not let them pass",
				    text);
	return arena_printf(findings->arena, "%s, whose reader %s does not let them pass", text,
			    cause_escape(findings, reader->command));
}

void firewall_queue_add(struct findings *findings, struct cause_finding *finding,
			const struct ev_path *path)
{
	const struct nf_queue *queue = &path->decision.queue;
	const struct mux_queue *reader = find_reader(findings, queue);
	const char *text = queue_text(findings, queue);

	if (reader != NULL)
		finding_evidence(
			findings, finding,
			arena_printf(findings->arena, "queue %u", (unsigned)reader->number),
			"read by %s; %llu packets wait, %llu dropped",
			reader_text(findings, reader), (unsigned long long)reader->waiting,
			(unsigned long long)reader->dropped);
	else if (path->decided)
		finding_evidence(findings, finding, text,
				 "no program reads it, and the rule does not say what then "
				 "(bypass): the packets are dropped");
	if (path->decided)
		finding_fix(
			findings, finding,
			arena_printf(findings->arena, "Start the program that is to read %s", text),
			NULL, NULL);
	else
		finding_fix(findings, finding,
			    "Allow loopback connections in the program that reads the queue", NULL,
			    NULL);
}

static int find(struct findings *findings)
{
	return firewall_find_because(findings, &cause_firewall_queue, FIREWALL_QUEUE);
}

const struct cause cause_firewall_queue = {
	.id = "firewall-queue",
	.summary = "a rule hands packets to a program, which does not let them pass or is gone",
	.explanation =
		"A rule hands packets to a program in user space (queue, NFQUEUE) and waits for "
		"its verdict. Application firewalls (OpenSnitch, Portmaster), intrusion "
		"prevention (Suricata, Snort) and tools against censorship (zapret) work like "
		"that. When the program is not running, the packets are dropped, unless the "
		"rule says bypass; when it runs, it decides by its own rules, may wait for "
		"somebody to click, or may be too slow.\n\n"
		"Clients hang: \"Connection timed out\" (ETIMEDOUT). No rule that drops is to "
		"be found, and nothing is logged by the kernel. A datagram does not even fail "
		"at send().\n\n"
		"muxdiag, as root, names the rule, and looks in "
		"/proc/net/netfilter/nfnetlink_queue for a reader of its queue, when a "
		"connection failed. Without a reader the case is clear; with one it is a "
		"conclusion, drawn from a real connection that was not answered. The reader's "
		"netlink port is mostly its process id.\n\n"
		"Start the program, or take its rule out if it is gone for good; or allow "
		"loopback in its own configuration. Accepting what passes lo in front of that "
		"rule keeps loopback from being asked about at all.",
	.find = find,
};
