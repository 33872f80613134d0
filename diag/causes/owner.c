/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "causes/owner.h"

#include <linux/netfilter/x_tables.h>
#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "netfilter/legacy_entry.h"

enum { ANY_FAMILY = NFPROTO_UNSPEC };

static const struct owner ufw = {
	.name = "ufw",
	.kind = OWNER_FIREWALL,
	.advice = "Let ufw accept loopback (where a chain ufw-before-* decides, restore its lines "
		  "for "
		  "lo in /etc/ufw/before*.rules instead, then `ufw reload`)",
	.in = "ufw prepend allow in on lo",
	.out = "ufw prepend allow out on lo",
};

static const struct owner firewalld = {
	.name = "firewalld",
	.kind = OWNER_FIREWALL,
	.advice = "Let firewalld trust loopback (the change is gone with the next reload; add "
		  "--permanent to keep it)",
	.in = "firewall-cmd --zone=trusted --add-interface=lo",
};

static const struct owner fail2ban = {
	.name = "fail2ban",
	.kind = OWNER_FILTER,
	.advice = "Lift the ban; `ignoreip = 127.0.0.1/8 ::1` in jail.local keeps it away",
	.in = "fail2ban-client unban %s",
	.out = "fail2ban-client unban %s",
};

static const struct owner crowdsec = {
	.name = "CrowdSec",
	.kind = OWNER_FILTER,
	.advice = "Lift CrowdSec's decision about this machine itself",
	.in = "cscli decisions delete --ip %s",
	.out = "cscli decisions delete --ip %s",
};

#define NAMED(identifier, its_kind, its_name, its_advice)                                          \
	static const struct owner identifier = {                                                   \
		.name = its_name, .kind = its_kind, .advice = its_advice}

NAMED(fw4, OWNER_FIREWALL, "OpenWrt's fw4",
      "Change /etc/config/firewall or the file in /etc/nftables.d that adds it, then `fw4 reload`");
NAMED(shorewall, OWNER_FIREWALL, "Shorewall",
      "Let /etc/shorewall/policy (and shorewall6) say `$FW $FW ACCEPT`, then `shorewall reload`");
NAMED(csf, OWNER_FIREWALL, "ConfigServer Firewall (csf)",
      "Put the command below into /etc/csf/csfpre.sh, then `csf -r`");
NAMED(nixos, OWNER_FIREWALL, "NixOS' firewall",
      "Add \"lo\" to networking.firewall.trustedInterfaces and rebuild");
NAMED(proxmox, OWNER_FIREWALL, "Proxmox VE's firewall",
      "Change the rules of this host in Proxmox VE; what is changed here is soon undone");
NAMED(nordvpn, OWNER_VPN, "NordVPN", "Update NordVPN: since version 5 its rules accept loopback");
NAMED(mullvad, OWNER_VPN, "Mullvad",
      "Reconnect Mullvad: its rules accept loopback, these do not or are not its own any more");
NAMED(proton, OWNER_VPN, "ProtonVPN",
      "Update ProtonVPN: the kill switch of its present version adds no rules");
NAMED(expressvpn, OWNER_VPN, "ExpressVPN",
      "Reconnect ExpressVPN; its rules return with every connection");
NAMED(pia, OWNER_VPN, "Private Internet Access",
      "Reconnect Private Internet Access; its rules return with every connection");
NAMED(mozilla_vpn, OWNER_VPN, "Mozilla VPN",
      "Reconnect Mozilla VPN; its rules return with every connection");
NAMED(amnezia, OWNER_VPN, "AmneziaVPN",
      "Reconnect AmneziaVPN; its rules return with every connection");
NAMED(ivpn, OWNER_VPN, "IVPN", "Reconnect IVPN; its rules return with every connection");
NAMED(windscribe, OWNER_VPN, "Windscribe",
      "Reconnect Windscribe; its rules return with every connection");
NAMED(warp, OWNER_VPN, "Cloudflare WARP", "Reconnect WARP; its rules return with every connection");
NAMED(wg_quick, OWNER_VPN, "wg-quick",
      "Except loopback (`! -o lo`) in the PostUp lines of the tunnel's configuration");
NAMED(tailscale, OWNER_VPN, "Tailscale",
      "Restart tailscaled: its rules return with every start, whatever is changed here");
NAMED(netbird, OWNER_VPN, "NetBird", "Change the access policy in NetBird");
NAMED(sing_box, OWNER_VPN, "sing-box",
      "Except loopback in the tun inbound (route_exclude_address)");
NAMED(clash, OWNER_VPN, "Clash (mihomo, OpenClash)",
      "Except loopback in its configuration; its rules return with every start");
NAMED(v2raya, OWNER_VPN, "v2rayA",
      "Except loopback in its configuration; its rules return with every start");
NAMED(opensnitch, OWNER_FILTER, "OpenSnitch",
      "Make a rule in OpenSnitch that always allows the destination 127.0.0.0/8, and one for ::1");
NAMED(portmaster, OWNER_FILTER, "Portmaster",
      "Turn \"Force Block Device-Local Connections\" off in Portmaster");
NAMED(sshguard, OWNER_FILTER, "SSHGuard", "Add the address to SSHGuard's whitelist and restart it");
NAMED(docker, OWNER_CONTAINER, "Docker",
      "Docker makes its rules anew at every start: change how the port is published instead");
NAMED(netavark, OWNER_CONTAINER, "Podman (netavark)",
      "Podman makes its rules anew: `podman network reload --all` restores them");
NAMED(cni, OWNER_CONTAINER, "a CNI plug-in",
      "The plug-in makes its rules anew with every container: change its configuration");
NAMED(kube_proxy, OWNER_CONTAINER, "Kubernetes (kube-proxy, kubelet)",
      "Change the service or the configuration of kube-proxy: it makes its rules anew");
NAMED(calico, OWNER_CONTAINER, "Calico",
      "Change the host endpoint's policy in Calico: it makes its rules anew");
NAMED(cilium, OWNER_CONTAINER, "Cilium", "Change the policy in Cilium: it makes its rules anew");
NAMED(istio, OWNER_CONTAINER, "Istio",
      "Exclude the port (traffic.sidecar.istio.io/excludeOutboundPorts)");
NAMED(libvirt, OWNER_CONTAINER, "libvirt",
      "Change the definition of the virtual network; libvirt makes its rules anew");
NAMED(lxd, OWNER_CONTAINER, "LXD or Incus",
      "Change the configuration of the network; LXD and Incus make its rules anew");

#undef NAMED

/* What gives an owner away: the decider's table, and the beginning of a chain's name. */
struct sign {
	const struct owner *owner;
	uint8_t family;
	const char *table; /* NULL = any */
	const char *chain; /* NULL = any */
	/* Its chains beside it in the table make the table's policies its own, too. */
	bool policies;
};

static const struct sign signs[] = {
	{&ufw, ANY_FAMILY, NULL, "ufw-", true},
	{&ufw, ANY_FAMILY, NULL, "ufw6-", true},
	{&firewalld, ANY_FAMILY, "firewalld", NULL, false},
	{&firewalld, ANY_FAMILY, NULL, "INPUT_ZONES", true},
	{&fw4, NFPROTO_INET, "fw4", NULL, false},
	{&shorewall, ANY_FAMILY, NULL, "shorewall", true},
	{&csf, ANY_FAMILY, NULL, "LOCALINPUT", true},
	{&csf, ANY_FAMILY, NULL, "LOCALOUTPUT", true},
	{&nixos, ANY_FAMILY, NULL, "nixos-", false},
	{&nixos, NFPROTO_INET, "nixos-fw", NULL, false},
	{&proxmox, ANY_FAMILY, NULL, "PVEFW-", false},
	{&proxmox, ANY_FAMILY, "proxmox-firewall", NULL, false},
	{&fail2ban, ANY_FAMILY, NULL, "f2b-", false},
	{&fail2ban, ANY_FAMILY, "f2b-table", NULL, false},
	{&crowdsec, ANY_FAMILY, "crowdsec", NULL, false},
	{&crowdsec, ANY_FAMILY, "crowdsec6", NULL, false},
	{&crowdsec, ANY_FAMILY, NULL, "CROWDSEC_", false},
	{&sshguard, ANY_FAMILY, "sshguard", NULL, false},
	{&sshguard, ANY_FAMILY, NULL, "sshguard", false},
	{&opensnitch, ANY_FAMILY, "opensnitch", NULL, false},
	{&portmaster, ANY_FAMILY, NULL, "PORTMASTER-", false},
	{&nordvpn, ANY_FAMILY, "nordvpn", NULL, false},
	{&mullvad, ANY_FAMILY, "mullvad", NULL, false},
	{&proton, ANY_FAMILY, "protonvpn", NULL, false},
	{&proton, ANY_FAMILY, NULL, "PROTONVPN", true},
	{&expressvpn, ANY_FAMILY, NULL, "evpn.", false},
	{&expressvpn, ANY_FAMILY, NULL, "xvpn", false},
	{&pia, ANY_FAMILY, NULL, "piavpn.", false},
	{&mozilla_vpn, ANY_FAMILY, NULL, "mozvpn.", false},
	{&amnezia, ANY_FAMILY, NULL, "amvpn.", false},
	{&ivpn, ANY_FAMILY, NULL, "IVPN-", false},
	{&windscribe, ANY_FAMILY, NULL, "windscribe_", false},
	{&warp, ANY_FAMILY, "cloudflare-warp", NULL, false},
	{&wg_quick, ANY_FAMILY, "wg-quick-", NULL, false},
	{&tailscale, ANY_FAMILY, NULL, "ts-", false},
	{&netbird, ANY_FAMILY, "netbird", NULL, false},
	{&netbird, ANY_FAMILY, NULL, "NETBIRD-", false},
	{&sing_box, ANY_FAMILY, "sing-box", NULL, false},
	{&clash, ANY_FAMILY, "mihomo", NULL, false},
	{&clash, ANY_FAMILY, "clash", NULL, false},
	{&clash, ANY_FAMILY, NULL, "openclash", false},
	{&v2raya, ANY_FAMILY, "v2raya", NULL, false},
	{&docker, ANY_FAMILY, "docker-bridges", NULL, false},
	{&docker, ANY_FAMILY, NULL, "DOCKER", false},
	{&netavark, ANY_FAMILY, "netavark", NULL, false},
	{&netavark, ANY_FAMILY, NULL, "NETAVARK", false},
	{&cni, ANY_FAMILY, NULL, "CNI-", false},
	{&kube_proxy, ANY_FAMILY, "kube-proxy", NULL, false},
	{&kube_proxy, ANY_FAMILY, NULL, "KUBE-", false},
	{&calico, ANY_FAMILY, "calico", NULL, false},
	{&calico, ANY_FAMILY, NULL, "cali-", false},
	{&cilium, ANY_FAMILY, NULL, "CILIUM_", false},
	{&istio, ANY_FAMILY, NULL, "ISTIO_", false},
	{&libvirt, ANY_FAMILY, "libvirt_network", NULL, false},
	{&libvirt, ANY_FAMILY, NULL, "LIBVIRT_", false},
	{&lxd, ANY_FAMILY, "lxd", NULL, false},
	{&lxd, ANY_FAMILY, "incus", NULL, false},
};

/* A table's name ends with the tunnel's where it ends with a hyphen here. */
static bool is_table(const struct sign *sign, const struct nf_decision *decision)
{
	size_t len;

	if (sign->family != ANY_FAMILY && sign->family != decision->family)
		return false;
	if (sign->table == NULL)
		return true;
	len = strlen(sign->table);
	return sign->table[len - 1] == '-' ? slice_starts_with(decision->table, sign->table)
					   : slice_is(decision->table, sign->table);
}

static const char *name_place(struct findings *findings, const char *what, const char *family,
			      struct mux_slice name)
{
	return arena_printf(findings->arena, "%s %s%s%s", what, family, *family != '\0' ? " " : "",
			    cause_escape(findings, name));
}

/* By the decider's own table and chain. */
static const struct sign *find_own(struct findings *findings, const struct nf_decision *decision,
				   const char **ret_why)
{
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!is_table(&signs[i], decision))
			continue;
		if (signs[i].chain == NULL) {
			*ret_why = name_place(findings, "table", nf_family_name(decision->family),
					      decision->table);
			return &signs[i];
		}
		if (slice_starts_with(decision->chain, signs[i].chain)) {
			*ret_why = name_place(findings, "chain", "", decision->chain);
			return &signs[i];
		}
	}
	return NULL;
}

/* Whose policies are those of a table that has that chain, too? */
static const struct sign *find_by_neighbour(const struct nf_decision *decision,
					    struct mux_slice neighbour)
{
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (signs[i].policies && is_table(&signs[i], decision) &&
		    slice_starts_with(neighbour, signs[i].chain))
			return &signs[i];
	return NULL;
}

static const struct sign *find_in_nftables(struct findings *findings,
					   const struct nf_decision *decision, const char **ret_why)
{
	const struct mux_nftables *nftables = &findings->evaluation->snapshot->nftables;
	const struct sign *sign;
	size_t i;

	for (i = 0; i < nftables->n_chains; i++) {
		const struct mux_nft_chain *chain = &nftables->chains[i];

		if (chain->family != decision->family ||
		    !slice_equal(chain->table, decision->table))
			continue;
		sign = find_by_neighbour(decision, chain->name);
		if (sign != NULL) {
			*ret_why = name_place(findings, "chain", "", chain->name);
			return sign;
		}
	}
	return NULL;
}

/* A user chain begins with an ERROR entry that holds its name. */
static const struct sign *find_in_table(struct findings *findings,
					const struct mux_xtables_table *table,
					const struct nf_decision *decision, const char **ret_why)
{
	const struct sign *sign;
	struct nf_entry entry;
	size_t at;

	for (at = 0; nf_entry_read(table, at, &entry); at += entry.len) {
		struct mux_slice name = entry.target_info;

		if (!slice_is(entry.target_name, XT_ERROR_TARGET))
			continue;
		name.len = strnlen(name.data, name.len);
		sign = find_by_neighbour(decision, name);
		if (sign != NULL) {
			*ret_why = name_place(findings, "chain", "", name);
			return sign;
		}
	}
	return NULL;
}

static const struct sign *find_in_xtables(struct findings *findings,
					  const struct nf_decision *decision, const char **ret_why)
{
	const struct mux_xtables *xtables = &findings->evaluation->snapshot->xtables;
	size_t i;

	for (i = 0; i < xtables->n_tables; i++)
		if (xtables->tables[i].source.presence == MUX_PRESENT &&
		    xtables->tables[i].family == decision->family &&
		    slice_equal(xtables->tables[i].name, decision->table))
			return find_in_table(findings, &xtables->tables[i], decision, ret_why);
	return NULL;
}

const struct owner *owner_find(struct findings *findings, const struct nf_decision *decision,
			       const char **ret_why)
{
	const struct sign *sign = find_own(findings, decision, ret_why);

	if (sign == NULL && decision->by_policy)
		sign = decision->backend == NF_LEGACY
			       ? find_in_xtables(findings, decision, ret_why)
			       : find_in_nftables(findings, decision, ret_why);
	return sign != NULL ? sign->owner : NULL;
}

/* Puts the address into the command. */
static const char *complete(struct findings *findings, const char *command, int family)
{
	const char *gap = strstr(command, "%s");

	if (gap == NULL)
		return command;
	return arena_printf(findings->arena, "%.*s%s%s", (int)(gap - command), command,
			    family == AF_INET6 ? "::1" : "127.0.0.1", gap + 2);
}

void owner_add(struct findings *findings, struct cause_finding *finding,
	       const struct nf_decision *decision, bool out, int family)
{
	const char *why = "", *command;
	const struct owner *owner = owner_find(findings, decision, &why);

	if (owner == NULL)
		return;
	command = out ? owner->out : owner->in;
	finding_evidence(findings, finding, "owner", "%s (%s)", owner->name, why);
	finding_fix(findings, finding, owner->advice,
		    command != NULL ? complete(findings, command, family) : NULL, NULL);
}
