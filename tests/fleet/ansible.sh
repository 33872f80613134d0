#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible role with three hosts that are this machine, each with the recorded troubles of another,
# one that is never reached and one that has no muxdiag.
set -eu
: "${MUXDIAG:?names no program}"
tests=$(cd "$(dirname "$0")/.." && pwd)
contrib=$tests/../contrib/ansible
command -v ansible-playbook >/dev/null || {
	echo 'SKIPPED: there is no ansible-playbook'
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
	cat "$work/output"
	echo "FAILED: $*"
	exit 1
}

cp -R "$contrib/." "$work/play"
cd "$work/play"
cat >inventory.yml <<-END
	all:
	  vars:
	    ansible_connection: local
	    ansible_python_interpreter: /usr/bin/python3
	    muxdiag_become: false
	    muxdiag_target: localhost:8000
	    muxdiag_program: $MUXDIAG
	  hosts:
	    one:
	      muxdiag_arguments: [--replay, $tests/scenarios/firewall-output-drop/bundle]
	    two:
	      muxdiag_arguments: [--replay, $tests/scenarios/accept-queue-full/bundle]
	    three:
	      muxdiag_arguments: [--replay, $tests/scenarios/healthy/bundle]
	    hostile:
	      muxdiag_program: $work/hostile
	    unreached:
	      ansible_connection: ssh
	      ansible_host: 127.0.0.1
	      ansible_port: 1
	    without:
	      muxdiag_program: /nonexistent/muxdiag
END
cat >"$work/hostile" <<-'END'
	#!/bin/sh
	echo '{"findings": [], "a": "{{ lookup(\"pipe\", \"touch executed\") }} {% raw %}", "n": null, "\u00e4": "é\n"}'
END
chmod +x "$work/hostile"
export ANSIBLE_LOCAL_TEMP="$work/tmp" ANSIBLE_REMOTE_TEMP="$work/tmp" ANSIBLE_NOCOLOR=1 \
	ANSIBLE_HOME="$work/home" ANSIBLE_LOCALHOST_WARNING=false LC_ALL=C.UTF-8

# plays STATUS ARGUMENT...
plays()
{
	expected=$1 status=0
	shift
	ansible-playbook -i inventory.yml check.yml "$@" >"$work/output" 2>&1 || status=$?
	[ "$status" = "$expected" ] || fail "ansible-playbook $* ends with $status"
}

# counted HOST PATTERN: what the last line says of the host.
counted()
{
	grep -E "^$1 *: .*$2" "$work/output" >/dev/null || fail "$1 is not: $2"
}

plays 0 --syntax-check

# With names from folders of before, and no failure for what is an answer.
mkdir results
echo stale | tee results/unreached.json >results/without.json
plays 4
for host in one two three; do
	counted "$host" 'changed=0 +unreachable=0 +failed=0'
done
counted unreached 'unreachable=1'
counted without 'failed=1'
[ "$(echo results/*)" = 'results/hostile.json results/one.json results/three.json results/two.json' ] ||
	fail 'other hosts have answers'
cmp results/one.json "$tests/scenarios/firewall-output-drop/expect.json"
cmp results/two.json "$tests/scenarios/accept-queue-full/expect.json"
cmp results/three.json "$tests/scenarios/healthy/expect.json"
"$work/hostile" | cmp - results/hostile.json
[ ! -e executed ] || fail 'it obeys what a host says'
grep -qE 'firewall-output-drop +warning +1 +one' "$work/output" || fail 'the summary names nobody'

# Only to say what would be done: it looks, and touches nothing, not even a folder.
mv results kept
plays 0 --limit one,two,three --check --diff
counted one 'changed=0 +unreachable=0 +failed=0'
[ ! -e results ] || fail 'it has written something'
# Where the packages would have to be installed first there is nothing to look with.
if sudo -n true 2>/dev/null; then
	touch some.deb
	plays 0 --limit without -e '{"muxdiag_packages": ["some.deb"]}' --check
	counted without 'changed=2 +unreachable=0 +failed=0'
else
	echo 'not asked: sudo does not make us root'
fi

if command -v ansible-lint >/dev/null; then
	ansible-lint --offline --nocolor >"$work/output" 2>&1 || fail 'ansible-lint complains'
else
	echo 'not asked: ansible-lint is not installed'
fi
