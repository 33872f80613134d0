/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What decides how much load a machine and one server on it can take: limits, queues, ports,
 * processors, memory, and how the server answered a few requests. Gathered for a preflight only.
 * As in snapshot.h, a group whose source is not MUX_PRESENT means nothing; numbers that a source
 * does not have are -1.
 */
#ifndef MUXDIAG_CAPACITY_H
#define MUXDIAG_CAPACITY_H

#include <muxdiag/snapshot.h>

/* A limit that is none. */
#define MUX_UNLIMITED INT64_MAX

enum { MUX_MAX_CPUS = 1024 };

/* Some of the processors, by number. */
struct mux_cpu_set {
	uint64_t bits[MUX_MAX_CPUS / 64];
};

/* proc_pid_limits(5), the soft ones. */
struct mux_limits {
	struct mux_source source;
	int64_t open_files; /* RLIMIT_NOFILE */
	int64_t processes;  /* RLIMIT_NPROC */
};

/* proc_pid_status(5) */
struct mux_process_status {
	struct mux_source source;
	int64_t threads;
	int64_t tracer; /* 0 = nobody */
	struct mux_cpu_set cpus;
	size_t n_cpus; /* in `cpus` */
};

/* One process that matters: a server's, or the one that gathered. */
struct mux_process {
	int pid;
	struct mux_slice command;
	struct mux_limits limits;
	struct mux_process_status status;
	struct mux_source files_source;
	int64_t open_files; /* of files_source: how many descriptors it has now */
};

/* What a control group and its parents allow, the least of each; version 1 and 2 alike. */
struct mux_quota {
	struct mux_source source;
	struct mux_slice cpu_path;    /* of the group that limits the processor time */
	double cpus;		      /* processor time per time; 0 = not limited */
	int64_t throttled;	      /* periods in which it was stopped, so far; -1 = not known */
	int64_t throttled_us;	      /* for how long; -1 = not known */
	struct mux_slice memory_path; /* of the group that limits the memory */
	int64_t memory_max;	      /* bytes; MUX_UNLIMITED */
	int64_t memory_now;	      /* bytes, of that group; -1 = not known */
	struct mux_slice pids_path;   /* of the group that leaves the fewest threads */
	int64_t pids_max;	      /* processes and threads; MUX_UNLIMITED */
	int64_t pids_now;	      /* of that group; -1 = not known */
};

/* What tells how a server was built and started; see base/build.def of the sources. */
struct mux_build_word {
	struct mux_slice kind;	  /* "library", "mapping", "folder", "argument", "variable" */
	struct mux_slice word;	  /* what was found */
	struct mux_slice program; /* for which it has its meaning; empty = any */
};

struct mux_build {
	struct mux_source source;
	const struct mux_build_word *words;
	size_t n_words;
	bool terminal;		 /* its standard output or error is one */
	struct mux_slice random; /* the device of random numbers that it has open; empty = none */
	int unread;		 /* errno of what could not be looked through; 0 = all was */
};

/* power_supply(7) */
struct mux_power_supply {
	struct mux_slice name, type; /* "Mains", "Battery", "USB", … */
	int online;		     /* -1 = not said */
};

/* What an idle processor may do (cpuidle). */
struct mux_idle_state {
	struct mux_slice name;
	int64_t latency_us; /* to wake up from it */
	bool disabled;
};

/* A weakness of the processors, and what the kernel does about it. */
struct mux_weakness {
	struct mux_slice name, text;
};

struct mux_hardware {
	struct mux_source source;
	const struct mux_power_supply *supplies;
	size_t n_supplies;
	struct mux_slice idle_driver, idle_governor; /* empty = none */
	const struct mux_idle_state *idle_states;    /* of the first processor */
	size_t n_idle_states;
	const struct mux_weakness *weaknesses;
	size_t n_weaknesses;
};

/* /proc/pressure: percentages of the last ten seconds. */
struct mux_pressure {
	struct mux_source source;
	double some10; /* of the time somebody waited */
};

/* The first line of /proc/stat, in ticks since the machine began. */
struct mux_cpu_time {
	struct mux_source source;
	int64_t total, idle, steal;
};

/* One request to the server, as the tool would make it. */
struct mux_request {
	struct mux_slice kind;	 /* "new", "kept", "http10-kept" */
	int number;		 /* on its connection, from 1 */
	int error;		 /* errno; 0 = a whole response came */
	int status;		 /* of HTTP; 0 = that was no HTTP */
	int64_t body;		 /* bytes of it */
	int64_t elapsed_us;	 /* with connect() for the first of a connection */
	bool server_closed;	 /* it closed the connection behind the response */
	bool keeps;		 /* it said that it would not */
	struct mux_slice server; /* the Server field; empty = none */
};

/* What the server did with a few requests. */
struct mux_reach {
	struct mux_source source;
	struct mux_address address; /* where they went */
	int error;		    /* errno of connect(); 0 = connected */
	int64_t elapsed_us;	    /* of connect() */
	const struct mux_request *requests;
	size_t n_requests;
	/* Requests one after the other, on one connection or each on its own. */
	size_t n_baseline;
	bool baseline_kept;
	int64_t median_us, p99_us, least_us; /* of n_baseline */
	/* net.netfilter.nf_conntrack_count before, and with a connection more; -1 = not known. */
	int64_t conntrack_before, conntrack_with;
};

/* The load that is planned, as it was recorded. */
struct mux_load {
	uint32_t concurrency;
	uint64_t requests; /* 0 = not counted: the run ends by time */
	bool keepalive;
	char tool[32]; /* "ab", …; "" = not said */
};

/* One of the kernel's counters: "TcpExt" "ListenOverflows". */
struct mux_counter {
	struct mux_slice group, name;
	int64_t before, after;
};

/* So much of the requests was answered within that time. */
struct mux_percentile {
	double percent;
	int64_t ms;
};

/* What was counted and seen while a load ran. */
struct mux_run {
	struct mux_source source;
	int64_t elapsed_us;
	int64_t samples;		    /* how often the queue was looked at */
	int64_t peak_queue;		    /* most connections that waited to be accepted */
	int64_t peak_backlog, peak_us;	    /* of the socket with the most; when, from the start */
	struct mux_source counters_source;  /* of all of them */
	const struct mux_counter *counters; /* that are in both, and went up */
	size_t n_counters;
	/* Packets for which a processor's queue had no room (net.core.netdev_max_backlog), in all
	 * network namespaces; -1 = not known. */
	int64_t backlog_drops;
	int64_t conntrack_drops; /* -1 = not known */
	struct mux_cpu_time cpu_before, cpu_after;
	struct mux_quota self_before, self_after, server_before, server_after;
	int64_t server_ticks; /* processor time of the first server process; -1 = not known */
	int64_t ticks_per_s;
	bool server_ended;
	/* The command that was run, if one was. */
	struct mux_slice command;		  /* its name; empty = none */
	int command_status;			  /* as a shell's $? */
	int64_t command_cpu_us;			  /* user and system time, of its children, too */
	const struct mux_percentile *percentiles; /* as it printed them, rising; ab's only */
	size_t n_percentiles;
};

struct mux_capacity {
	struct mux_load load;
	struct mux_process self;
	const struct mux_process *servers; /* that hold a listening socket of the port */
	size_t n_servers;
	struct mux_source file_nr_source;
	int64_t files_used, files_max; /* in the whole machine */
	struct mux_source sockstat_source;
	int64_t time_wait; /* in this network namespace */
	int64_t tcp_pages; /* memory of TCP's buffers, in pages */
	struct mux_source load_source;
	double load1;	 /* average of one minute */
	int64_t threads; /* in the whole machine; -1 = not known */
	struct mux_cpu_time cpu_time;
	struct mux_pressure cpu_pressure, memory_pressure;
	struct mux_source memory_source;
	int64_t memory_total, memory_available, swap_total, swap_free; /* bytes */
	struct mux_source online_source;
	struct mux_cpu_set online;
	size_t n_online;
	struct mux_quota self_quota, server_quota;
	struct mux_build server_build; /* of the first server */
	struct mux_hardware hardware;
	struct mux_line_file governor, preference, boost, no_turbo, clocksource, huge_pages, tracer;
	struct mux_source lockdep_source; /* there is one only in a kernel that checks its locks */
	struct mux_source packet_source;
	size_t n_packet_sockets; /* that see the packets of lo */
	struct mux_source link_source;
	uint32_t lo_mtu;
	struct mux_slice lo_qdisc;
	struct mux_destinations destinations;
	struct mux_reach reach;
};

#endif
