/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a connection's packets ended, from what the kernel counted while connect() ran. */
#ifndef MUX_EVALUATE_COUNTS_H
#define MUX_EVALUATE_COUNTS_H

#include <muxdiag/report.h>

/* Where the last packet was seen, in the order they meet. */
enum ev_end {
	EV_END_UNKNOWN,
	EV_END_OUTPUT,	     /* the SYN was made and never sent: OUTPUT, POSTROUTING */
	EV_END_LINK,	     /* sent and never received: egress or ingress of the link */
	EV_END_INPUT,	     /* received and given to nobody: PREROUTING, INPUT */
	EV_END_QUEUE,	     /* given to a socket whose accept queue was full */
	EV_END_REPLY_OUTPUT, /* the answer was made and never sent */
	EV_END_REPLY_LINK,   /* the answer was sent and never received */
	EV_END_REPLY_INPUT,  /* the answer was received and given to nobody */
	EV_END_PORT,	     /* nothing was lost: the SYN and its answer were both delivered */
};

/* Returns where the packets of a connect() ended that was not answered. Others' packets in the
 * counts make it EV_END_UNKNOWN. */
enum ev_end ev_counts_of_silence(const struct mux_counters *counters);

/* Returns where the SYN ended that was answered by a reset or an ICMP error: EV_END_OUTPUT or
 * EV_END_INPUT when a rule answered, EV_END_PORT when the port did. */
enum ev_end ev_counts_of_refusal(const struct mux_counters *counters);

/* A packet that got lost, for people. */
struct ev_loss {
	enum mux_stage stage;
	bool reply; /* it was the answer */
	const char *text;
};

/* Returns what an end means, or NULL where no packet was lost on its way. */
const struct ev_loss *ev_counts_loss(enum ev_end end);

#endif
