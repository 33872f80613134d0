/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libmuxdiag: why does connecting to localhost fail, and what to use instead?
 *
 *	struct mux_question question = {.target = {.host = "localhost", .port = 8000}};
 *	struct mux_error error;
 *	struct mux_bundle *bundle = mux_gather(&question, &error);
 *	const struct mux_snapshot *facts = mux_snapshot_parse(bundle, &error);
 *	struct mux_report *report = mux_diagnose(facts, NULL, &error);
 *
 * The data flows one way: bundle (raw bytes) → snapshot (facts) → report (findings) → text. The
 * library neither prints nor exits, keeps no global state, and every call may be made from any
 * thread as long as one object is used by one thread at a time.
 */
#ifndef MUXDIAG_MUXDIAG_H
#define MUXDIAG_MUXDIAG_H

#include <muxdiag/report.h>
#include <muxdiag/snapshot.h>

#if defined(__GNUC__)
#define MUX_API __attribute__((visibility("default")))
#else
#define MUX_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Why a call failed, for a person. Filled only on failure. */
struct mux_error {
	int code;	   /* positive errno */
	char message[512]; /* one line, already safe for a terminal; no trailing newline */
};

/* --- targets ----------------------------------------------------------------------------- */

/* A parsed TARGET: host, host:port, [v6]:port, or an http or https URL. */
struct mux_target {
	char host[254];	 /* name or address literal, without brackets; NUL-terminated */
	uint16_t port;	 /* host order; 0 = none given */
	char scheme[6];	 /* "http", "https", or "" when the target was no URL */
	char path[1024]; /* of the URL, from the first '/'; "" when the target was no URL */
};

/*
 * Parses TARGET text into *ret_target.
 * Returns 0, or -EINVAL with *reterr saying what is wrong with it: impossible port, name or label
 * too long (RFC 1035 section 2.3.4: 253 and 63 bytes), control or non-ASCII bytes, unknown scheme,
 * user information. *ret_target is untouched on failure.
 */
MUX_API int mux_target_parse(const char *text, struct mux_target *ret_target,
			     struct mux_error *reterr);

/* --- gather, record, replay -------------------------------------------------------------- */

/* What is still out while gathering; for a live line. Called from mux_gather() only. */
struct mux_progress {
	void (*waiting)(void *context, const char *what, int64_t elapsed_us);
	void *context;
};

struct mux_question {
	struct mux_target target;
	int timeout_ms;	      /* for everything together; 0 = MUX_DEFAULT_TIMEOUT_MS */
	const char *root_dir; /* where /etc is looked for; NULL = / */
	bool connect_only;    /* makes connections, but says nothing on them */
	const struct mux_progress *progress; /* NULL = silent */
	/* How long a silent SYN to this machine itself is waited for; 0 = MUX_LOOPBACK_PROBE_MS.
	 * What lo does not answer within 50 ms is lost: it would be sent again after a second. */
	int loopback_ms;
};

enum { MUX_DEFAULT_TIMEOUT_MS = 1000, MUX_LOOPBACK_PROBE_MS = 300 };

/* The raw bytes of every source, as gathered. Opaque. */
struct mux_bundle;

/*
 * Looks at this machine. Sends to the target's addresses only when question->target has a port. To
 * a server that may speak HTTP or TLS it says the first words of one of them, over one address of
 * each family.
 * Takes at most question->timeout_ms, whatever hangs, and as long as the kernel needs for the rules
 * that matter (half a second for 30 000 in one chain); what could not be read is recorded with its
 * errno and is not an error. Starts a helper process and reaps it; starts no thread here.
 * Returns the bundle, to be freed with mux_bundle_free(), or NULL with *reterr (-ENOMEM and the
 * like).
 */
MUX_API struct mux_bundle *mux_gather(const struct mux_question *question,
				      struct mux_error *reterr);

/*
 * Writes the bundle as the folder `directory`, which is made and must not exist or be empty. Only
 * its owner may read it: hosts files, proxy passwords and firewall rules are in it.
 * Returns 0 or -errno with *reterr.
 */
MUX_API int mux_bundle_save(const struct mux_bundle *bundle, const char *directory,
			    struct mux_error *reterr);

/*
 * Reads a folder written by mux_bundle_save(), on any machine of the same byte order.
 * Returns the bundle, or NULL with *reterr: -ENOENT, -EINVAL for a damaged or foreign manifest,
 * -EFBIG, -ENOMEM.
 */
MUX_API struct mux_bundle *mux_bundle_load(const char *directory, struct mux_error *reterr);

/* Frees the bundle. NULL is allowed. */
MUX_API void mux_bundle_free(struct mux_bundle *bundle);

/* --- watching ---------------------------------------------------------------------------- */

/* Announcements of what an answer depends on. Opaque. */
struct mux_watch;

/*
 * Starts to listen for changes of links, addresses, routes, nftables, and the files below
 * root_dir/etc (NULL = /etc). Returns the watch, to be freed with mux_watch_free(), or NULL with
 * *reterr.
 */
MUX_API struct mux_watch *mux_watch_new(const char *root_dir, struct mux_error *reterr);

/* Returns the errno for which changes of nftables will not be seen, or 0. Legacy tables, listening
 * sockets and most sysctls announce nothing to anybody. */
MUX_API int mux_watch_firewall_error(const struct mux_watch *watch);

/*
 * Waits until something has changed and the changes pause for a moment, at most timeout_ms
 * (negative = for ever). Returns 0 with *ret_text as one line that says what, already escaped, to
 * be freed with free(); NULL = nothing changed. Returns -EINTR after a signal, -ENOMEM.
 */
MUX_API int mux_watch_wait(struct mux_watch *watch, int timeout_ms, char **ret_text);

/* Frees the watch. NULL is allowed. */
MUX_API void mux_watch_free(struct mux_watch *watch);

/* --- facts, findings --------------------------------------------------------------------- */

/*
 * Parses all facts. The snapshot borrows from the bundle, which must outlive it.
 * Returns the snapshot, to be freed with mux_snapshot_free(), or NULL with *reterr (-ENOMEM).
 * Damaged bytes are facts too: they end as MUX_DENIED with EBADMSG in the source concerned.
 */
MUX_API const struct mux_snapshot *mux_snapshot_parse(const struct mux_bundle *bundle,
						      struct mux_error *reterr);

/* Frees the snapshot. NULL is allowed. */
MUX_API void mux_snapshot_free(const struct mux_snapshot *snapshot);

/*
 * Evaluates the snapshot for `target` and explains. With target NULL the one the bundle was
 * gathered for is used. Another target is answered as far as the bundle holds facts for it.
 * Returns the report, which borrows from the snapshot, or NULL with *reterr (-ENOMEM).
 */
MUX_API struct mux_report *mux_diagnose(const struct mux_snapshot *snapshot,
					const struct mux_target *target, struct mux_error *reterr);

/*
 * As mux_diagnose(), for one client: status, headline and report->clients are about it alone.
 * client is a name that mux_client_name() returns. Fails with -EINVAL for another.
 */
MUX_API struct mux_report *mux_diagnose_client(const struct mux_snapshot *snapshot,
					       const struct mux_target *target, const char *client,
					       struct mux_error *reterr);

/*
 * Follows a connection's packets to every address of the report's target on this machine, of a
 * target without addresses to what may be used instead, and fills report->paths; they are none
 * when the target has no port. Takes about as long as the rules are
 * many, which is why mux_diagnose() does not do it. A second call changes nothing. Returns 0, or
 * -ENOMEM and then report->paths is as it was.
 */
MUX_API int mux_report_follow(struct mux_report *report);

/* Returns the name of the client with that number, best known first, or NULL behind the last. */
MUX_API const char *mux_client_name(size_t number);

/* Frees the report. NULL is allowed. */
MUX_API void mux_report_free(struct mux_report *report);

/* --- the catalogue of causes --------------------------------------------------------------- */

/* Returns the id of the cause with that number, most often met first, or NULL behind the last. */
MUX_API const char *mux_cause_id(size_t number);

/* Returns what the cause is, as one sentence without a full stop, or NULL behind the last. */
MUX_API const char *mux_cause_summary(size_t number);

/* Returns what happens, who notices, how it is told apart and what helps, as paragraphs with an
 * empty line between them; lines are as long as their paragraph. NULL behind the last. */
MUX_API const char *mux_cause_explanation(size_t number);

/* --- rendering --------------------------------------------------------------------------- */

enum mux_format {
	MUX_FORMAT_TEXT,
	MUX_FORMAT_JSON,
	MUX_FORMAT_PROMETHEUS, /* of reports only, for node_exporter's textfile collector */
	MUX_FORMAT_HTML,       /* of reports only; draws the paths of mux_report_follow() */
	MUX_FORMAT_SVG,	       /* of paths only, see muxdiag/path.h */
};

struct mux_render_options {
	enum mux_format format;
	bool colour;   /* ANSI colours in text */
	int verbosity; /* -1: the first sentence only; 0: first screen; 1: everything */
};

/*
 * Renders the report into a newly allocated, NUL-terminated buffer, to be freed with free().
 * Whatever came from the machine is escaped. Returns 0, -ENOMEM, or -EINVAL for an unknown format.
 */
MUX_API int mux_render(const struct mux_report *report, const struct mux_render_options *options,
		       char **ret_text, size_t *ret_len);

/* Returns the library's version, "major.minor.patch". */
MUX_API const char *mux_version(void);

#ifdef __cplusplus
}
#endif

#endif
