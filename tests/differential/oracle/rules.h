/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ORACLE_RULES_H
#define ORACLE_RULES_H

#include "trace.h"

/* Returns whether the rule that made this event answers when it drops: nftables' reject or the
 * REJECT of xtables. False if the rule is gone. */
bool rule_is_reject(const struct event *event);

#endif
