# SPDX-License-Identifier: GPL-2.0-or-later

# The options that take an argument, and those that take none, as the help has them.
function __muxd_options
    muxd --help | string replace -rf '^  (--[a-z-]+)(?: [A-Z:]+)?  +(.*)' '$1\t$2'
    printf '%s\n' --help --version
end

complete -c muxd -f -a '(__muxd_options)'
complete -c muxd -f -r -l mux -a 'exact seed'
complete -c muxd -F -r -l access-log
for option in port listen workers connections header-timeout body-timeout idle-timeout \
        write-timeout drain-timeout
    complete -c muxd -x -l $option
end
