/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trace message as a value. */
#ifndef ORACLE_EVENT_H
#define ORACLE_EVENT_H

#include "trace.h"

/* Reads an NFT_MSG_TRACE. Returns false, with *ret undefined, for any other message. */
bool event_parse(const struct nlmsghdr *header, struct event *ret);

#endif
