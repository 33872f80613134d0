/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Behind netinet/in.h, whose names it then does not define again. */
#include <linux/netfilter.h>

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };

const char *packet_name(enum packet packet)
{
	static const char *const names[] = {
		[PACKET_SYN] = "syn",	     [PACKET_SYNACK] = "synack<", [PACKET_ACK] = "ack",
		[PACKET_DATA] = "data",	     [PACKET_RST] = "rst<",	  [PACKET_QUERY] = "query",
		[PACKET_ANSWER] = "answer<",
	};

	return packet < N_PACKETS ? names[packet] : "noise";
}

/* --- whose packet is it ------------------------------------------------------------------ */

static enum packet classify_tcp(const struct probe *probe, const struct header *header)
{
	bool from_client = header->source == probe->source;

	/* NAT may have changed both ports. */
	if (!from_client && header->destination != probe->source)
		from_client = header->destination == probe->port;
	if (header->flags & TCP_RST)
		return from_client ? PACKET_NOISE : PACKET_RST;
	if (header->flags & TCP_SYN)
		return header->flags & TCP_ACK ? PACKET_SYNACK : PACKET_SYN;
	if (!from_client || header->flags & TCP_FIN)
		return PACKET_NOISE;
	return header->has_payload ? PACKET_DATA : PACKET_ACK;
}

static enum packet classify_udp(const struct probe *probe, const struct header *header)
{
	if (header->source == probe->source)
		return PACKET_QUERY;
	if (header->destination == probe->source || header->destination != probe->port)
		return PACKET_ANSWER;
	return PACKET_QUERY;
}

static enum packet classify_echo(const struct header *header)
{
	enum { ECHO_REQUEST = 8, ECHO_REQUEST6 = 128 };

	return header->icmp_type == ECHO_REQUEST || header->icmp_type == ECHO_REQUEST6
		       ? PACKET_QUERY
		       : PACKET_ANSWER;
}

static enum packet classify(const struct probe *probe, const struct header *header)
{
	bool ours = header->source == probe->source || header->destination == probe->source;
	bool others =
		header->source >= ORACLE_FIRST_SOURCE || header->destination >= ORACLE_FIRST_SOURCE;

	if (header->protocol != probe->protocol || (!ours && others))
		return PACKET_NOISE;
	if (header->protocol == IPPROTO_TCP)
		return classify_tcp(probe, header);
	if (header->protocol == IPPROTO_UDP)
		return classify_udp(probe, header);
	return classify_echo(header);
}

/* --- passes ------------------------------------------------------------------------------ */

static struct pass *find_pass(struct story *story, uint32_t id)
{
	for (unsigned i = story->n_passes; i-- > 0;) {
		if (story->passes[i].id == id)
			return &story->passes[i];
	}
	return NULL;
}

/* An id is made from the address of the packet in memory and its interface: it comes again. */
static struct pass *pass_of(struct story *story, const struct event *event, bool begins)
{
	struct pass *pass = find_pass(story, event->id);
	enum packet packet;

	if (!event->header.present)
		return pass;
	packet = classify(story->probe, &event->header);
	if (pass != NULL && !begins && pass->packet == packet &&
	    pass->incoming == event->header.incoming)
		return pass;
	if (story->n_passes == STORY_MAX_PASSES) {
		story->overflow = true;
		return NULL;
	}
	pass = &story->passes[story->n_passes++];
	*pass = (struct pass){
		.id = event->id, .packet = packet, .incoming = event->header.incoming};
	return pass;
}

static bool is_drop(const struct event *event)
{
	uint32_t verdict = event->verdict;

	if (!event->has_verdict)
		return false;
	/* Negative ones are jump and the like; of the others the high half is an errno or a
	 * queue. Nobody reads queues here. */
	if (verdict & 0x80000000u)
		return false;
	verdict &= NF_VERDICT_MASK;
	return verdict == NF_DROP || verdict == NF_QUEUE;
}

void story_take(const struct event *event, void *data)
{
	struct story *story = data;
	bool own = strcmp(event->table, story->own_table) == 0;
	struct pass *pass =
		pass_of(story, event,
			own && strcmp(event->chain, "begin") == 0 && event->type == EVENT_RULE);

	if (pass == NULL)
		return;
	if (own) {
		snprintf(pass->last_sentinel, sizeof(pass->last_sentinel), "%.63s", event->chain);
		if (strcmp(event->chain, "end") == 0)
			pass->ended = true;
	}
	if (!pass->dropped && is_drop(event)) {
		pass->dropped = true;
		pass->drop = *event;
	}
}

/* --- the end ----------------------------------------------------------------------------- */

/* A packet that leaves comes in again, unless it is lost in between. */
static bool came_in(const struct story *story, const struct pass *left)
{
	for (unsigned i = 0; i < story->n_passes; i++) {
		const struct pass *pass = &story->passes[i];

		if (pass > left && pass->incoming && pass->packet == left->packet)
			return true;
	}
	return false;
}

enum ending story_end(const struct story *story, const struct pass **ret_pass)
{
	*ret_pass = NULL;
	for (int packet = 0; packet < N_PACKETS; packet++) {
		for (unsigned i = 0; i < story->n_passes; i++) {
			const struct pass *pass = &story->passes[i];

			if ((int)pass->packet != packet)
				continue;
			*ret_pass = pass;
			if (pass->dropped)
				return ENDING_DROPPED;
			if (pass->incoming ? !pass->ended : !came_in(story, pass))
				return ENDING_VANISHED;
			*ret_pass = NULL;
		}
	}
	return ENDING_PASSED;
}
