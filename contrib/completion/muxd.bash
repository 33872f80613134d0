# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The options the program says itself, in its help.

_muxd()
{
	local program=${1/#\~/$HOME} current=$2 option=$3

	if [[ $current == = ]]; then
		current=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $option in
	--mux) mapfile -t COMPREPLY < <(compgen -W 'exact seed' -- "$current") ;;
	--access-log)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	--listen | --port | --workers | --connections | --*-timeout) COMPREPLY=() ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null |
			sed 's/^  --help, /&\n  /' | sed -nE 's/^  (--[a-z-]+).*/\1/p')" -- "$current")
		;;
	esac
}

complete -F _muxd muxd
