/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells a service manager how far we are: sd_notify(3)'s protocol, one datagram. */
#ifndef MUXD_NOTIFY_H
#define MUXD_NOTIFY_H

/*
 * Sends a state such as "READY=1" to the socket that $NOTIFY_SOCKET names, if it names one. Nobody
 * waits for us to be heard: errors are not reported, and a manager that does not listen is waited
 * for no longer than a second.
 */
void notify_manager(const char *state);

/* Sends "READY=1" with the number of this process, which another may have started for it. */
void notify_ready(void);

/* Sends "RELOADING=1" with the time that systemd wants beside it. */
void notify_reloading(void);

#endif
