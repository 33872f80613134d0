/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All facts about one machine, as plain structs. A snapshot is made by parsing a bundle (the raw
 * bytes as gathered, live or replayed) and never changes afterwards. Every pointer in it points
 * into the snapshot's own arena or into the bundle it was parsed from, so both must live as long
 * as the snapshot is read.
 *
 * How "unknown" is said: each group of facts starts with a struct mux_source. Unless its presence
 * is MUX_PRESENT, the other fields of the group mean nothing, and `error` says why.
 */
#ifndef MUXDIAG_SNAPSHOT_H
#define MUXDIAG_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- building blocks --------------------------------------------------------------------- */

/* The only answers there are. MUX_UNKNOWN always travels with a reason. */
enum mux_answer { MUX_NO, MUX_YES, MUX_UNKNOWN };

/* How a source of facts answered. */
enum mux_presence {
	MUX_NOT_ASKED, /* this run had no reason or no way to ask (see the question asked) */
	MUX_PRESENT,   /* bytes were read */
	MUX_ABSENT,    /* it does not exist here (ENOENT, protocol not compiled in, …) */
	MUX_DENIED,    /* it could not be read; `error` is the errno */
};

struct mux_source {
	const char *name; /* of the bundle entry, e.g. "file/etc/hosts"; NULL when not asked */
	enum mux_presence presence;
	int error;	/* positive errno; 0 when present */
	bool truncated; /* present, but longer than gather reads */
};

/* Bytes of somebody else's making: not NUL-terminated, may hold anything, never printed raw. */
struct mux_slice {
	const char *data;
	size_t len; /* bytes */
};

struct mux_address {
	int family;	   /* AF_INET, AF_INET6; 0 = no address */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
	uint32_t scope_id; /* interface index of a link-local IPv6 address, else 0 */
};

/* --- the machine ------------------------------------------------------------------------- */

struct mux_machine {
	const char *kernel;	 /* uname release */
	const char *host_name;	 /* gethostname(2) */
	const char *target;	 /* the host asked about when the bundle was gathered; "" if none */
	uint16_t port;		 /* host order; 0 = no port was asked about */
	uint32_t uid;		 /* effective */
	enum mux_answer net_cls; /* is the cgroup controller of that name in use? */
	uint32_t n_cpus;	 /* that there can be, numbered from 0; 0 = not known */
	bool has_gid;
	uint32_t gid;	       /* effective */
	uint64_t capabilities; /* effective set as in /proc/self/status CapEff */
	uint64_t netns;	       /* inode of /proc/self/ns/net; 0 = unknown */
	int64_t time;	       /* seconds since the epoch */
};

/* --- names: files ------------------------------------------------------------------------ */

/* Why glibc's nss_files would not use a line of /etc/hosts as it was meant. */
enum mux_hosts_fault {
	MUX_HOSTS_OK,
	MUX_HOSTS_BAD_ADDRESS, /* the first field is no address that inet_pton takes */
	MUX_HOSTS_NO_NAME,     /* an address without a name */
	MUX_HOSTS_BOM,	       /* a byte order mark in front of the address */
	MUX_HOSTS_BAD_NAME,    /* a name that no lookup can match: trailing dot, comma, bad byte */
	MUX_HOSTS_BINARY,      /* NUL bytes */
};

/*
 * One line of /etc/hosts that matters: it mentions a name of interest or has a fault. glibc answers
 * from it if it is not commented out and has an address (of a family other than 0) and names,
 * whatever `fault` says: "127.0.0.1 localhost, debian5" still serves debian5.
 */
struct mux_hosts_entry {
	size_t line;	/* counted from 1 */
	bool commented; /* the whole entry stands behind a '#': evidence, not an answer */
	bool crlf;
	enum mux_hosts_fault fault;
	struct mux_address address;    /* none for a bad address or a byte order mark */
	const struct mux_slice *names; /* in order: canonical name, then aliases; of more than
					  MUX_HOSTS_MAX_NAMES the first and those of interest */
	size_t n_names;
	struct mux_slice text; /* the line as written, without its line end */
};

/*
 * /etc/hosts. Only lines that mention a name of interest (the target, localhost, the ip6-
 * aliases, the host name), live or commented out, and the first MUX_HOSTS_MAX_FAULTS faulty
 * ones are kept, in file order; the rest is counted. So a million-line file costs no memory. With
 * more than MUX_HOSTS_MAX_ENTRIES of them the source is marked as truncated.
 */
enum { MUX_HOSTS_MAX_FAULTS = 32, MUX_HOSTS_MAX_ENTRIES = 4096, MUX_HOSTS_MAX_NAMES = 1024 };
struct mux_hosts {
	struct mux_source source;
	const struct mux_hosts_entry *entries;
	size_t n_entries;
	size_t n_lines;
	size_t n_live;	    /* lines that name at least one address for a name */
	size_t n_commented; /* lines that would, were they not commented out */
	size_t n_faults;    /* faulty lines, kept or not */
	bool bom, crlf, binary, final_newline;
};

enum mux_nss_status { MUX_NSS_SUCCESS, MUX_NSS_NOTFOUND, MUX_NSS_UNAVAIL, MUX_NSS_TRYAGAIN };
enum mux_nss_action { MUX_NSS_CONTINUE, MUX_NSS_RETURN, MUX_NSS_MERGE };

struct mux_nss_service {
	struct mux_slice name;		/* "files", "dns", "myhostname", … */
	enum mux_nss_action actions[4]; /* by enum mux_nss_status; glibc's defaults filled in */
};

/*
 * The `hosts:` line of nsswitch.conf. File or line absent: glibc's default, "files dns" in 2.36, is
 * filled in and `line` is 0. A file in which glibc finds a bad [STATUS=action], for whatever
 * database it knows, makes all look-ups fail: presence is MUX_DENIED with EBADMSG, and `line` and
 * `text` are those of the bad line. A last line without its newline is ignored, as by glibc.
 */
struct mux_nsswitch {
	struct mux_source source;
	size_t line;
	const struct mux_nss_service *services;
	size_t n_services;
	struct mux_slice text; /* the line as written */
};

/* Is there a module for a service, libnss_<name>.so.2? */
struct mux_nss_module {
	struct mux_slice service;
	bool found;
};

/* Of the services on the hosts line, but for those that glibc has built in. */
struct mux_nss_modules {
	struct mux_source source;
	const struct mux_nss_module *list;
	size_t n;
	bool nscd; /* another process looks up, and may have other modules */
};

/* One line of the file that HOSTALIASES names; without a target it stands for nothing. */
struct mux_host_alias {
	size_t line; /* counted from 1 */
	struct mux_slice name, target;
};

/* hostname(7): what names without a dot become where name servers are asked. */
struct mux_host_aliases {
	struct mux_source source;
	struct mux_slice path; /* as in the variable; empty = it is not set */
	const struct mux_host_alias *list;
	size_t n;
};

struct mux_resolv {
	struct mux_source source;
	const struct mux_address *nameservers;
	size_t n_nameservers;
	const struct mux_slice *search; /* the last `search` or `domain` line */
	size_t n_search;
	const struct mux_slice *options;
	size_t n_options;
};

/* host.conf(5): `multi` decides whether nss_files gives every line of a name or only the first. */
struct mux_host_conf {
	struct mux_source source;
	bool multi;
	size_t multi_line; /* 0 = default */
};

/* One row of RFC 6724's policy table, from gai.conf(5) or the built-in default. */
struct mux_gai_row {
	struct mux_address prefix;
	unsigned prefix_len;
	int value;
	size_t line; /* 0 = built-in */
};

/* The table in force: glibc drops all built-in rows of a kind as soon as one is configured. */
struct mux_gai {
	struct mux_source source;
	const struct mux_gai_row *labels;
	size_t n_labels;
	const struct mux_gai_row *precedences;
	size_t n_precedences;
	const struct mux_gai_row *scopes4;
	size_t n_scopes4;
};

/* A file whose content is one line. */
struct mux_line_file {
	struct mux_source source;
	struct mux_slice text; /* first line, trimmed */
};

/* Who may read a file, or the link that stands in its place and leads to nothing. */
struct mux_permission {
	struct mux_slice path; /* without its first slash: "etc/hosts" */
	uint32_t mode;	       /* st_mode; 0 = there is only the link */
	uint32_t uid, gid;
	struct mux_slice link; /* its text; empty = no dangling link */
};

/* Of the files above that there are. */
struct mux_permissions {
	struct mux_source source;
	const struct mux_permission *files;
	size_t n_files;
};

struct mux_variable {
	const char *name;
	struct mux_slice value;
};

struct mux_environment {
	struct mux_source source;
	const struct mux_variable *variables; /* only those that are set */
	size_t n_variables;
};

struct mux_sysctl {
	struct mux_source source;
	const char *path;      /* below /proc/sys, e.g. "net/ipv6/conf/lo/disable_ipv6" */
	struct mux_slice text; /* trimmed */
};

/* --- names: answers ---------------------------------------------------------------------- */

enum mux_resolver { MUX_GETADDRINFO, MUX_CARES };

/* Where a resolver was told to look. */
enum mux_lookup { MUX_LOOKUP_SYSTEM, MUX_LOOKUP_HOSTS, MUX_LOOKUP_DNS };

/* What one resolver answered to one question. */
struct mux_resolution {
	enum mux_resolver resolver;
	enum mux_lookup lookup;
	struct mux_slice name;
	int family;	 /* asked: AF_UNSPEC, AF_INET or AF_INET6 */
	bool addrconfig; /* with AI_ADDRCONFIG */
	bool answered;	 /* false: still out when the deadline passed */
	int status;	 /* 0, or the resolver's own code (EAI_*, ARES_*) */
	int error;	 /* errno beside EAI_SYSTEM, else 0 */
	struct mux_slice status_text;
	int64_t elapsed_us;
	const struct mux_address *addresses; /* in the order given, duplicates kept */
	size_t n_addresses;
};

/* --- links, addresses, routes ------------------------------------------------------------ */

struct mux_link {
	int index;
	struct mux_slice name;
	uint32_t flags; /* IFF_* */
	uint32_t mtu;	/* bytes */
	uint32_t group;
};

struct mux_interface_address {
	int link; /* interface index */
	struct mux_address address;
	uint8_t prefix_len;
	uint8_t scope;	/* RT_SCOPE_* */
	uint32_t flags; /* IFA_F_* */
};

struct mux_rule {
	int family;
	uint32_t priority;
	uint32_t table;
	uint8_t action; /* FR_ACT_* */
	bool selective; /* has any selector, so does not match every packet */
	bool has_realm; /* FRA_FLOW */
	bool has_uids;	/* FRA_UID_RANGE: for these alone */
	uint32_t first_uid, last_uid;
	bool has_mark; /* FRA_FWMARK */
	uint32_t mark;
};

struct mux_route {
	int family;
	uint8_t type; /* RTN_* */
	uint32_t table;
	struct mux_address destination;
	uint8_t prefix_len;
	int link;
	struct mux_address preferred_source;
	bool has_realm;	  /* RTA_FLOW */
	bool has_metrics; /* RTA_METRICS */
};

/* The kernel's own answer (RTM_GETROUTE) for one destination. */
struct mux_route_answer {
	struct mux_address destination;
	int error; /* 0, or the errno the kernel gives: ENETUNREACH, EACCES, EINVAL, … */
	uint8_t type;
	int link;
	struct mux_address source;
};

struct mux_routing {
	struct mux_source links_source, addresses_source, rules_source, routes_source;
	const struct mux_link *links;
	size_t n_links;
	const struct mux_interface_address *addresses;
	size_t n_addresses;
	const struct mux_rule *rules;
	size_t n_rules;
	const struct mux_route *routes; /* table local only */
	size_t n_routes;
	const struct mux_route_answer *answers;
	size_t n_answers;
};

/* --- listeners --------------------------------------------------------------------------- */

struct mux_listener {
	int family; /* of the socket: an AF_INET6 one on :: without v6only serves IPv4 too */
	struct mux_address address;
	uint16_t port; /* host order */
	enum mux_answer v6only;
	int link; /* bound with SO_BINDTODEVICE; 0 = any */
	uint32_t uid;
	uint64_t inode;
	uint32_t queued;  /* accept queue now */
	uint32_t backlog; /* its limit; the queue is full when queued > backlog */
	int pid;	  /* 0 = not readable */
	struct mux_slice command;
	char state; /* of the process, as in /proc/PID/stat: 'T' is stopped; 0 = not readable */
	int group;  /* process group; 0 = not readable */
	/* Of the process: open now, and RLIMIT_NOFILE; the limit is 0 where they are not known. */
	int64_t descriptors, descriptor_limit;
};

struct mux_listeners {
	struct mux_source source4, source6; /* the AF_INET and the AF_INET6 dump */
	const struct mux_listener *sockets;
	size_t n_sockets;
};

/* A socket that listens under a path. */
struct mux_unix_socket {
	struct mux_slice path;
	uint64_t inode;
};

/* The sockets of this network namespace that are connected to one address and port, or wait in
 * TIME_WAIT for it. */
struct mux_destination {
	struct mux_address address;
	int64_t in_use;	   /* in any state but TIME_WAIT */
	int64_t time_wait; /* closed by the client */
	bool at_least;	   /* there are more: they were too many to count */
};

struct mux_destinations {
	struct mux_source source;
	const struct mux_destination *list;
	size_t n;
};

/* --- firewall ---------------------------------------------------------------------------- */

struct mux_nft_table {
	uint8_t family; /* NFPROTO_* */
	struct mux_slice name;
	uint64_t handle;
	uint32_t flags; /* NFT_TABLE_F_* */
};

struct mux_nft_chain {
	uint8_t family;
	struct mux_slice table, name;
	uint64_t handle;
	uint32_t uses; /* rules in it, and rules and elements that lead to it */
	bool base;     /* hook, priority, policy, type mean something */
	uint32_t hook; /* NF_INET_*, or NF_NETDEV_* for netdev */
	int32_t priority;
	uint32_t policy; /* NF_DROP, NF_ACCEPT */
	struct mux_slice type;
	struct mux_slice device; /* netdev and inet ingress, when there is exactly one */
	bool has_counters;
	uint64_t packets, bytes; /* of the policy */
};

/* A rule as the kernel sent it; its expressions are decoded by the evaluator, from these bytes. */
struct mux_nft_rule {
	uint64_t handle;
	struct mux_slice expressions; /* payload of NFTA_RULE_EXPRESSIONS */
	struct mux_slice user_data;   /* payload of NFTA_RULE_USERDATA: comments */
};

/* All rules of one chain, in order. Only chains that were asked for are here. */
struct mux_nft_chain_rules {
	struct mux_source source;
	uint8_t family;
	struct mux_slice table, chain;
	const struct mux_nft_rule *rules;
	size_t n_rules;
};

struct mux_nft_set {
	uint8_t family;
	struct mux_slice table, name;
	uint32_t flags; /* NFT_SET_* */
	uint32_t key_type, key_len, data_type, data_len;
};

struct mux_nft_object {
	uint8_t family;
	struct mux_slice table, name;
	uint32_t type; /* NFT_OBJECT_* */
	uint64_t handle;
};

/*
 * The kernel's answer to one look-up in a set (NFT_MSG_GETSETELEM by key; when that says ENOENT, of
 * the catch-all element). Sets are never dumped: only keys that an evaluation asked for are here.
 */
struct mux_nft_element {
	struct mux_source source; /* MUX_ABSENT: the set has no element for the key */
	uint8_t family;
	struct mux_slice table, set;
	struct mux_slice key;	 /* as it was asked for, of the set's key_len */
	struct mux_slice data;	 /* payload of NFTA_SET_ELEM_DATA; empty = the element has none */
	struct mux_slice object; /* name in NFTA_SET_ELEM_OBJREF; empty = none */
	/* Counters, limits and the like on the element: payloads of NFTA_SET_ELEM_EXPR (one) and of
	 * NFTA_SET_ELEM_EXPRESSIONS (a list, as in a rule); empty = none. */
	struct mux_slice expression, expressions;
};

struct mux_nftables {
	struct mux_source source;
	uint32_t generation;
	bool changing; /* the generation moved while we read, again and again */
	const struct mux_nft_table *tables;
	size_t n_tables;
	const struct mux_nft_chain *chains;
	size_t n_chains;
	const struct mux_nft_chain_rules *rules;
	size_t n_rules; /* chains in `rules` */
	const struct mux_nft_set *sets;
	size_t n_sets;
	const struct mux_nft_object *objects;
	size_t n_objects;
	const struct mux_nft_element *elements;
	size_t n_elements;
};

/* One legacy table: struct ipt_get_entries' or ip6t_get_entries' payload, with its geometry. */
struct mux_xtables_table {
	struct mux_source source;
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	struct mux_slice name;
	uint32_t valid_hooks;
	uint32_t hook_entry[5], underflow[5]; /* by NF_INET_*: offsets into entries */
	uint32_t n_entries;
	struct mux_slice entries;
};

struct mux_xtables {
	struct mux_source names4, names6; /* /proc/net/ip{,6}_tables_names */
	const struct mux_xtables_table *tables;
	size_t n_tables;
};

/* A queue that rules hand packets to (NFQUEUE), and that a program reads. */
struct mux_queue {
	uint16_t number;
	uint32_t port;		  /* the reader's netlink port, mostly its process id */
	uint64_t waiting;	  /* packets */
	uint64_t dropped;	  /* packets, because the queue or the socket was full */
	struct mux_slice command; /* of the process with that id; empty = there is none */
};

/* Looked at only when a probe did not connect. MUX_ABSENT: no program can read any. */
struct mux_queues {
	struct mux_source source;
	const struct mux_queue *list;
	size_t n;
};

/* The table of flows; looked at only when a probe did not connect. */
struct mux_conntrack {
	struct mux_source source;
	uint64_t count, max;
};

/* --- control group ----------------------------------------------------------------------- */

/* Where a BPF program of a control group is asked. */
enum mux_cgroup_hook {
	MUX_CGROUP_SOCK_CREATE, /* socket(2) */
	MUX_CGROUP_CONNECT4,	/* connect(2) of an AF_INET socket */
	MUX_CGROUP_CONNECT6,
	MUX_CGROUP_SENDMSG4, /* sendmsg(2) of an unconnected UDP socket */
	MUX_CGROUP_SENDMSG6,
	MUX_CGROUP_EGRESS, /* every packet that a socket of the group sends */
	MUX_CGROUP_INGRESS,
	MUX_N_CGROUP_HOOKS
};

struct mux_cgroup_program {
	enum mux_cgroup_hook hook;
	uint32_t id;
	struct mux_slice name; /* empty = none, or not for us to know */
};

/* The version 2 control group of the process that gathered, and the BPF programs in force there,
 * those of its parents included. */
struct mux_cgroup {
	struct mux_source source;
	struct mux_slice path; /* as in /proc/self/cgroup */
	const struct mux_cgroup_program *programs;
	size_t n_programs;
};

/* --- where the asking process lives --------------------------------------------------------- */

/* Looked at only when a probe did not connect. */
struct mux_surroundings {
	struct mux_source source;
	enum mux_answer first_netns; /* is it the network namespace that the machine booted with? */
	enum mux_answer no_new_privs; /* no_new_privs of prctl(2): a sandbox, or a strict service */
	enum mux_answer seccomp;      /* a seccomp filter, or strict mode */
	bool docker, podman;	      /* they have left their mark in the root directory */
	struct mux_slice cgroup;      /* /proc/self/cgroup */
	struct mux_slice modules;     /* security modules in force, by commas; empty = not known */
	struct mux_slice label;	      /* what the security module calls this process; or empty */
	bool selinux_enforcing;
	struct mux_slice release;   /* the kernel's */
	struct mux_slice parameter; /* what the kernel was told about IPv6 at boot; or empty */
	bool ipv6_off;		    /* the module parameter ipv6.disable is set */
};

/* A socket that listens on the port in another network namespace. */
struct mux_stranger {
	struct mux_address address;
	uint32_t uid;
	int pid;    /* as seen from here */
	bool holds; /* that process has the socket; else it is just another of its namespace */
	struct mux_slice command;
	struct mux_slice cgroup; /* /proc/PID/cgroup */
	struct mux_slice name;	 /* that ip-netns(8) gave the namespace; or empty */
};

/* Looked for only when nobody listens on the port here. */
struct mux_strangers {
	struct mux_source source;
	size_t n_namespaces; /* others that were seen */
	bool cut;	     /* there were more than there was time for */
	const struct mux_stranger *sockets;
	size_t n_sockets;
};

/* --- probes ------------------------------------------------------------------------------ */

enum mux_protocol { MUX_ICMP = 1, MUX_TCP = 6, MUX_UDP = 17 }; /* MUX_ICMP: ICMPv6, too */

/*
 * Packets of one family in the whole network namespace during a connect(), which on loopback is
 * when all of them are sent: others' may be among them, and none of its own is missing.
 */
struct mux_counters {
	bool known;		  /* false: nothing is */
	int64_t out_requests;	  /* made here, before OUTPUT */
	int64_t out_transmits;	  /* sent, after POSTROUTING; -1 = the kernel does not count it */
	int64_t in_receives;	  /* arrived, before PREROUTING */
	int64_t in_delivers;	  /* given to TCP, UDP, ICMP: after INPUT */
	int64_t listen_overflows; /* met a full accept queue; both families; -1 = not known */
};

/* What one real connect() or send() met. */
struct mux_probe {
	enum mux_protocol protocol;
	struct mux_address address;
	uint16_t port;	     /* host order */
	uint16_t local_port; /* host order; 0 = none was bound */
	bool finished;	     /* false: silent until the deadline */
	bool self;	     /* it was connected to itself, which counts as refused */
	bool connected;	     /* TCP: the handshake was completed. UDP: the datagram was taken */
	int error;	     /* first errno seen, from connect, send, SO_ERROR or the error queue */
	uint8_t icmp_origin; /* SO_EE_ORIGIN_ICMP, _ICMP6, or 0: no ICMP error came */
	uint8_t icmp_type, icmp_code;
	int64_t elapsed_us;	      /* until the answer, or until we stopped waiting */
	struct mux_counters counters; /* TCP: what went by while connect() ran */
};

/* --- what servers answer --------------------------------------------------------------------- */

/* What we said on a connection. */
enum mux_words {
	MUX_WORDS_HTTP,	    /* HEAD / */
	MUX_WORDS_TLS,	    /* a ClientHello */
	MUX_WORDS_INSTANCE, /* HEAD /healthz, of a server that calls itself muxd */
};

/* What the server speaks, by the first bytes it said. */
enum mux_speech {
	MUX_SPEECH_NONE, /* it said nothing */
	MUX_SPEECH_HTTP,
	MUX_SPEECH_TLS, /* a record of TLS, or HTTP that complains of not being spoken to in TLS */
	MUX_SPEECH_OTHER, /* `protocol` names it where its first words are known */
};

/* What became of one further connection to a server, behind the probes. */
struct mux_talk {
	enum mux_words words;
	struct mux_address address;
	uint16_t port;	    /* host order */
	bool finished;	    /* false: silent until the deadline */
	bool closed;	    /* the server ended it */
	int error;	    /* 0, or the errno that ended it */
	int64_t elapsed_us; /* until its first byte, or until it was over without any */
	struct mux_slice bytes;
	enum mux_speech speech;
	const char *protocol;	   /* "SSH", "Redis"; NULL = not known */
	int status;		   /* of HTTP; 0 = none */
	struct mux_slice server;   /* the field Server; empty = none */
	struct mux_slice instance; /* the field Muxd-Instance */
};

/* --- a traced packet --------------------------------------------------------------------- */

enum mux_trace_kind {
	MUX_TRACE_POLICY = 1, /* a base chain's end: its policy */
	MUX_TRACE_RETURN = 2, /* any other chain's end */
	MUX_TRACE_RULE = 3,   /* a rule that matched; of handle 0: the end of a chain */
};

/* What the kernel says of the packet once for each base chain. */
struct mux_trace_packet {
	struct mux_address source, destination;
	uint8_t protocol;			/* IPPROTO_* */
	uint16_t source_port, destination_port; /* host order; of an ICMP echo its identifier */
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;
	bool has_data; /* bytes behind the TCP header */
};

/* One report of the kernel (NFT_MSG_TRACE). */
struct mux_trace_event {
	uint32_t id; /* the same for one pass of one packet, and used again later */
	enum mux_trace_kind kind;
	uint8_t family; /* NFPROTO_* of the table */
	struct mux_slice table, chain;
	uint64_t handle; /* of the rule; 0 = none */
	bool has_verdict;
	int32_t verdict;	 /* NF_*, the high half included, or NFT_CONTINUE and the like */
	struct mux_slice target; /* of NFT_JUMP and NFT_GOTO */
	bool has_packet;
	struct mux_trace_packet packet;
	int in_link, out_link; /* interface indexes; 0 = none */
};

/* What became of one real packet, as the kernel tells. */
struct mux_trace {
	struct mux_source source;
	/* How its sender saw it end; of an echo request the port is 0, the local one its
	 * identifier. */
	struct mux_probe probe;
	struct mux_address local; /* the packet's source; of no family if it was never sent */
	struct mux_slice table;	  /* our own, whose chains are called HOOK/PRIORITY */
	bool lost;		  /* the kernel, or we, had no room for every report */
	enum mux_answer changed;  /* did the rules change between their reading and the end? */
	const struct mux_trace_event *events;
	size_t n_events;
};

/* --- all of it --------------------------------------------------------------------------- */

struct mux_snapshot {
	struct mux_machine machine;
	struct mux_hosts hosts;
	struct mux_nsswitch nsswitch;
	struct mux_nss_modules nss_modules;
	struct mux_host_aliases host_aliases;
	struct mux_resolv resolv;
	struct mux_host_conf host_conf;
	struct mux_gai gai;
	struct mux_line_file host_name_file;
	struct mux_permissions permissions;
	struct mux_environment environment;
	const struct mux_sysctl *sysctls;
	size_t n_sysctls;
	const struct mux_resolution *resolutions;
	size_t n_resolutions;
	struct mux_routing routing;
	struct mux_listeners listeners; /* TCP */
	struct mux_destinations destinations;
	struct mux_listeners udp; /* UDP sockets that are not connected */
	/* Looked for only when nobody listens on the port: TCP of every port, UDP of that port. */
	struct mux_listeners neighbours, udp_neighbours;
	/* Only then, too: sockets that are connected to themselves on it, and those under a path.
	 */
	struct mux_listeners selves;
	struct mux_source unix_source;
	const struct mux_unix_socket *unix_sockets;
	size_t n_unix_sockets;
	/* The listeners once more, when one of the talks was not answered. */
	struct mux_listeners later;
	struct mux_nftables nftables;
	struct mux_xtables xtables;
	struct mux_queues queues;
	struct mux_conntrack conntrack;
	struct mux_cgroup cgroup;
	struct mux_surroundings surroundings;
	struct mux_strangers strangers;
	const struct mux_probe *probes;
	size_t n_probes;
	const struct mux_talk *talks;
	size_t n_talks;
	struct mux_trace trace;
};

#endif
