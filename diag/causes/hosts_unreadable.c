/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts cannot be read: by whoever asks, or, as root sees from the file's mode, by everybody
 * else. The same goes for the files that say where and in which order to look for names; without
 * them the resolver takes its defaults, which localhost outlives.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"
#include "causes/words.h"

/* One of the files, and what is the matter with it. */
struct file {
	const char *path; /* without its first slash */
	const struct mux_source *source;
	const struct mux_permission *permission; /* NULL = not known */
};

static const struct mux_permission *permission_of(const struct mux_snapshot *snapshot,
						  const char *path)
{
	const struct mux_permissions *permissions = &snapshot->permissions;
	size_t i;

	for (i = 0; i < permissions->n_files; i++)
		if (slice_is(permissions->files[i].path, path))
			return &permissions->files[i];
	return NULL;
}

/* Errors that every reader of that identity meets; others are ours or the content's. */
static bool is_denied(const struct file *file)
{
	static const int errors[] = {EACCES, EPERM, EISDIR, ELOOP, ENOTDIR, EINVAL};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (file->source->presence == MUX_DENIED && file->source->error == errors[i])
			return true;
	return false;
}

static bool is_dangling(const struct file *file)
{
	return file->source->presence == MUX_ABSENT && file->permission != NULL &&
	       file->permission->link.len != 0;
}

/* Could we read it, but not everybody? */
static bool is_private(const struct file *file)
{
	return file->source->presence == MUX_PRESENT && file->permission != NULL &&
	       file->permission->mode != 0 && (file->permission->mode & S_IROTH) == 0;
}

static enum mux_severity severity_of(const struct evaluation *evaluation, const struct file *file)
{
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	const struct ev_name *name = subject_name(evaluation);

	if (file->source != &hosts->source || name == NULL || name->literal ||
	    !hosts_are_asked(evaluation))
		return MUX_SEVERITY_INFO;
	if (is_private(file))
		return hosts_has(hosts, evaluation->target.host, 0) ? MUX_SEVERITY_WARNING
								    : MUX_SEVERITY_INFO;
	return subject_resolves(evaluation) ? MUX_SEVERITY_INFO : MUX_SEVERITY_CRITICAL;
}

static void add_evidence(struct findings *findings, struct cause_finding *finding,
			 const struct file *file)
{
	const char *place = arena_printf(findings->arena, "/%s", file->path);
	const struct mux_permission *permission = file->permission;

	if (file->source->presence == MUX_DENIED)
		finding_evidence(findings, finding, place, "%s",
				 words_error(findings->arena, file->source->error));
	if (permission != NULL && permission->mode != 0)
		finding_evidence(findings, finding, place, "mode %04o, owner %u, group %u",
				 (unsigned)permission->mode & 07777u, (unsigned)permission->uid,
				 (unsigned)permission->gid);
	else if (is_dangling(file))
		finding_evidence(findings, finding, place, "link to %s",
				 cause_escape(findings, permission->link));
}

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct file *file)
{
	static const char usual[] = "printf '127.0.0.1\\tlocalhost\\n"
				    "::1\\tlocalhost ip6-localhost ip6-loopback\\n' > /etc/hosts";
	const struct mux_permission *permission = file->permission;
	bool is_hosts = file->source == &findings->evaluation->snapshot->hosts.source;

	if (permission != NULL && permission->mode != 0 && (permission->mode & S_IROTH) == 0)
		finding_fix(findings, finding,
			    arena_printf(findings->arena, "Let everybody read /%s", file->path),
			    arena_printf(findings->arena, "chmod a+r /%s", file->path), NULL);
	else if (is_hosts && (is_dangling(file) || file->source->error == EISDIR))
		finding_fix(findings, finding, "Put a file with the usual lines in its place",
			    "mv /etc/hosts /etc/hosts.old", usual);
	else
		return;
	if (is_dangling(file)) {
		hosts_adds(findings, finding, "127.0.0.1\tlocalhost");
		hosts_adds(findings, finding, "::1\tlocalhost ip6-localhost ip6-loopback");
	}
}

static const char *title_of(struct findings *findings, const struct file *file)
{
	if (is_private(file))
		return arena_printf(findings->arena, "users other than its owner%s cannot read /%s",
				    (file->permission->mode & S_IRGRP) != 0 ? " and group" : "",
				    file->path);
	if (is_dangling(file))
		return arena_printf(findings->arena, "/%s is a link to %s, which is not there",
				    file->path, cause_escape(findings, file->permission->link));
	if (file->source->error == EISDIR)
		return arena_printf(findings->arena, "/%s is a directory", file->path);
	if (file->source->error == EINVAL)
		return arena_printf(findings->arena, "/%s is no regular file", file->path);
	return arena_printf(findings->arena, "/%s cannot be read (%s)", file->path,
			    words_error(findings->arena, file->source->error));
}

static void report(struct findings *findings, const struct file *file)
{
	enum mux_severity severity = severity_of(findings->evaluation, file);
	struct cause_finding *finding;

	finding = finding_add(findings, &cause_hosts_unreadable, severity);
	finding_title(findings, finding, "%s", title_of(findings, file));
	add_evidence(findings, finding, file);
	if (is_private(file))
		finding_hit(finding,
			    "programs of other users; their resolver passes the file over");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0, 0);
	add_fix(findings, finding, file);
}

static int find(struct findings *findings)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	struct file files[] = {
		{"etc/hosts", &snapshot->hosts.source, NULL},
		{"etc/nsswitch.conf", &snapshot->nsswitch.source, NULL},
		{"etc/resolv.conf", &snapshot->resolv.source, NULL},
		{"etc/gai.conf", &snapshot->gai.source, NULL},
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		files[i].permission = permission_of(snapshot, files[i].path);
		if (is_denied(&files[i]) || is_private(&files[i]) ||
		    (i == 0 && is_dangling(&files[i])))
			report(findings, &files[i]);
	}
	return finding_result(findings);
}

const struct cause cause_hosts_unreadable = {
	.id = "hosts-unreadable",
	.summary = "/etc/hosts, or a file that says how names are looked up, cannot be read",
	.explanation =
		"The resolver runs inside each program, with that program's rights. Where "
		"/etc/hosts "
		"has a mode such as 0600, is a directory (a container whose file to mount was not "
		"there), or a link to a file that is gone, the resolver passes it over without a "
		"word and asks the next service.\n\n"
		"With a wrong mode everything works for root, and for nobody else: \"Name or "
		"service "
		"not known\" for localhost in the service, and not in the shell of the "
		"administrator. A umask of 077 during an edit, or a copy from a private folder, is "
		"how it comes about. Without nsswitch.conf, resolv.conf or gai.conf the resolver "
		"takes its defaults: files, then DNS, a name server on this machine, the order of "
		"RFC 6724; that is for information only.\n\n"
		"Without root the failure itself is seen. With root it cannot be, so muxdiag looks "
		"at mode and owner of the files; access control lists and security modules are not "
		"looked at.\n\n"
		"Let everybody read the file (mode 0644), or put a file in the place of the "
		"directory or link.",
	.find = find,
};
