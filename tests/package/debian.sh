#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages: what they hold, what they depend on, and what lintian says.
set -eu
. "$(dirname "$0")/lib.sh"
need cmake cpack dpkg-deb dpkg-shlibdeps gzip
build
(cd "$tree" && rm -f ./*.deb && quietly cpack -G DEB)

version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$tree/CMakeCache.txt")
machine=$(dpkg --print-architecture)
triplet=$(cc -print-multiarch)

deb()
{
	echo "$tree/$1_${version}_$machine.deb"
}

# holds PACKAGE PATH...: each is in the package.
holds()
{
	package=$1
	shift
	dpkg-deb --fsys-tarfile "$(deb "$package")" | tar -t | sed 's|^\./||' >"$work/list"
	for path; do
		grep -qx "$path" "$work/list" || fail "$package lacks $path"
	done
}

# depends PACKAGE PATTERN...: its dependencies, each by the pattern at its place.
depends()
{
	package=$1
	shift
	dpkg-deb -f "$(deb "$package")" Depends | sed 's/, /\n/g' | sort >"$work/depends"
	[ "$(wc -l <"$work/depends")" = $# ] || fail "$package: $(cat "$work/depends")"
	for pattern; do
		grep -q "^$pattern" "$work/depends" || fail "$package does not depend on $pattern"
	done
}

for package in muxdiag muxd libmuxdiag1 libmuxdiag-dev; do
	holds "$package" "usr/share/doc/$package/copyright" "usr/share/doc/$package/changelog.gz"
done
holds muxdiag usr/bin/muxdiag usr/share/man/man1/muxdiag.1.gz \
	usr/share/man/man5/muxdiag-snapshot.5.gz usr/share/man/man7/muxdiag-causes.7.gz
holds muxdiag usr/libexec/muxdiag/keep usr/lib/systemd/system/muxdiag-check.service \
	usr/lib/systemd/system/muxdiag-check.timer
holds muxdiag usr/libexec/muxdiag/textfile usr/lib/nagios/plugins/check_muxdiag
for file in prometheus/muxdiag.json prometheus/rules.yml icinga/muxdiag.conf ansible/check.yml \
	ansible/roles/muxdiag/tasks/main.yml kubernetes/daemonset.yml; do
	holds muxdiag "usr/share/doc/muxdiag/examples/$file"
done
holds muxd usr/lib/systemd/system/muxd.service usr/lib/systemd/system/muxd.socket
holds muxd usr/sbin/muxd usr/share/man/man8/muxd.8.gz
holds libmuxdiag1 "usr/lib/$triplet/libmuxdiag.so.1"
holds libmuxdiag-dev usr/share/man/man3/libmuxdiag.3.gz usr/include/muxdiag/muxdiag.h "usr/lib/$triplet/libmuxdiag.so" \
	"usr/lib/$triplet/pkgconfig/libmuxdiag.pc" \
	"usr/lib/$triplet/cmake/muxdiag/muxdiagConfig.cmake"

for program in muxdiag muxd; do
	holds "$program" "usr/share/bash-completion/completions/$program" \
		"usr/share/zsh/vendor-completions/_$program" \
		"usr/share/fish/vendor_completions.d/$program.fish"
done

depends libmuxdiag1 libc6 libc-ares2 libjansson4 libmnl0 libnftnl11
depends muxdiag libc6 "libmuxdiag1 (= $version)"
depends muxd libc6 libgcrypt20 "libmuxdiag1 (= $version)"
depends libmuxdiag-dev "libmuxdiag1 (= $version)" libc-ares-dev libjansson-dev libmnl-dev \
	libnftnl-dev
dpkg-deb -I "$(deb libmuxdiag1)" shlibs | grep -qx "libmuxdiag 1 libmuxdiag1 (>= $version)" ||
	fail 'no shlibs'
dpkg-deb -I "$(deb libmuxdiag1)" triggers | grep -qx 'activate-noawait ldconfig' ||
	fail 'no trigger for ldconfig'
for package in muxdiag muxd libmuxdiag1 libmuxdiag-dev; do
	printf '%-15s %6s KiB installed; %s\n' "$package" \
		"$(dpkg-deb -f "$(deb "$package")" Installed-Size)" \
		"$(dpkg-deb -f "$(deb "$package")" Depends)"
done

if ! command -v lintian >/dev/null; then
	echo 'not asked: lintian is not installed'
	exit 0
fi
lintian --allow-root --no-cfg --fail-on error,warning "$tree"/*.deb || fail 'lintian complains'
