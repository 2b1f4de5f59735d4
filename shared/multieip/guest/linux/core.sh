# Configures EIPs on secondary ENIs, found by MAC, and keeps them. POSIX sh with `local`, awk, and iproute2
# or busybox's ip. Arguments: MODE [WANTED [WAIT]], see main.sh.
# This file promises the parts of the answer and the loop; it reads and changes nothing.
# shellcheck disable=SC3043 # local is in every shell that Linux has as sh
# shellcheck disable=SC2015 # in `a && b || c` the last is the refusal, whoever failed
# shellcheck disable=SC2317 # functions are called by for_lines, by each_file and by names put together
set -uf
trap '' PIPE
umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
keeper_version=1
our_home=/etc/multieip
new_line='
'
run_state=ok was_changed=false nics_json='' problem_list='' note_list='' tool_list='' kernel_error=''
held_json=null detached_list=''

# clean_text TEXT: sets `cleaned`, which can stand between quotes in the answer.
clean_text() {
  case $1 in
    *[!\ -!#-[\]-~]*) cleaned=$(printf %s "$1" | tr '\n\t' '  ' | tr -cd ' !#-[]-~') ;;
    *) cleaned=$1 ;;
  esac
  [ ${#cleaned} -le 400 ] || cleaned=$(printf %.397s "$cleaned")...
}

add_problem() {
  clean_text "$2"
  [ ${#problem_list} -gt 2500 ] || problem_list="$problem_list${problem_list:+,}{\"code\":\"$1\",\"text\":\"$cleaned\"}"
}

add_note() {
  clean_text "$1"
  case ",$note_list," in
    *",\"$cleaned\","*) ;;
    *) [ ${#note_list} -gt 900 ] || note_list="$note_list${note_list:+,}\"$cleaned\"" ;;
  esac
}

# fail_with CODE TEXT: the answer says why; the caller goes no further.
fail_with() {
  run_state=failed
  add_problem "$1" "$2"
  return 1
}

# for_lines TEXT FUNCTION [ARGUMENTS]: calls FUNCTION ARGUMENTS WORDS for each line; the first failure ends it.
for_lines() {
  local rest line
  rest=$1
  shift
  while [ -n "$rest" ]; do
    line=${rest%%"$new_line"*}
    rest=${rest#"$line"}
    rest=${rest#"$new_line"}
    # shellcheck disable=SC2086 # the line is split into its words
    [ -z "$line" ] || "$@" $line || return 1
  done
}

# append NAME LINE: to the list of that name.
append() {
  eval "$1=\${$1}\${$1:+\$new_line}\$2"
}

# A file is the old one or the new one, never half of it.
put_file() {
  local part
  part=$1.new
  { printf '%s\n' "${3%"$new_line"}" >"$part" && { [ "$2" = 600 ] || chmod "$2" "$part"; } && mv -f "$part" "$1"; } 2>/dev/null && return 0
  rm -f "$part" 2>/dev/null
  kernel_error="@write|$1"
  return 1
}

# join_lines LINE...: sets `joined_text`.
join_lines() {
  local line
  joined_text=''
  for line; do
    joined_text=$joined_text$line$new_line
  done
}

# has_eips FILE: whether a state file holds a set.
has_eips() {
  local word
  while read -r word _; do
    [ "$word" != eip ] || return 0
  done <"$1"
  return 1
}

state_files='*.nic'
# A copy that was cut off has a longer name and is no way back.
way_files='undo-*:??/token'

# each_file PATTERN FUNCTION: calls it with the path of every such file of ours and the MAC in that.
each_file() {
  local path one
  set +f
  for path in "$our_home"/$1; do
    set -f
    [ -f "$path" ] || continue
    one=${path#"$our_home/"}
    one=${one#undo-}
    "$2" "$path" "${one%%[./]*}" || return 1
  done
  set -f
}

# is_late: every wait of a run counts, that for the lock, too. Where sleep knows no tenths it takes a second.
is_late() {
  local now
  read -r now _ </proc/uptime
  [ $((${now%.*} - run_start)) -ge "$wait_limit" ] && return 0
  sleep 0.1 2>/dev/null || sleep 1
  return 1
}
