# SPDX-License-Identifier: GPL-2.0-only
#
# fish completion for vfioguard.  What may stand where comes from the program's own
# table (vfioguard --complete).  No name is ever evaluated.

function __vfioguard_complete
    set -l typed (commandline -opc) (commandline -ct)
    set -lx PATH $PATH /usr/local/sbin /usr/sbin
    # A word that is still empty is one, too.
    test (count $typed) -gt 1; or set -a typed ''
    for candidate in (vfioguard --complete $typed[2..-1] 2>/dev/null)
        if test "$candidate" = /
            __fish_complete_path (commandline -ct)
        else
            echo $candidate
        end
    end
end

complete -c vfioguard -f -a '(__vfioguard_complete)'
