/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a printed rule has in it that costs more than a comparison. */
#ifndef MUX_PREFLIGHT_RULE_WORDS_H
#define MUX_PREFLIGHT_RULE_WORDS_H

#include <stdbool.h>

struct rule_words {
	bool limits; /* accepts or drops only so many, or so many a second */
	bool logs;
	bool queues;   /* asks a program */
	unsigned sets; /* look-ups */
};

/* Reads a rule in the syntax of nft or of `iptables -S`; what is quoted is somebody's text. */
struct rule_words rule_words_read(const char *rule);

#endif
