# The interface at hand and its state file (data.awk says what stands in it). Promises: the old state file or
# the new one is there, never half of it; where it cannot be written nothing is changed.

# read_wanted: sets asof, run_name, front, wanted_nics (MAC PRIVATE BLOCK), orphans (MACs whose state holds a wanted
# EIP) and, where what the state has forbids the set, run_state and held_json.
read_wanted() {
  all_states='' is_whole=n
  each_file "$state_files" note_state
  join_lines @want "$wanted" @state "$all_states" @end
  compare_text -v mode=data -v mode_name="$mode" -v front=5 && [ "$is_whole" = y ]
}

note_state() {
  local line
  while read -r line; do
    append all_states "$line"
  done <"$1"
}

# select_nic MAC PRIVATE BLOCK: everything that is known of one ENI before anything is looked at. What others call
# "the interface at hand" is these names: mac, state_file, undo_home, private, block, state_lines, held_asof,
# held_run, features, and after a look device, index.
select_nic() {
  mac=$1 private=${2:-} block=${3:-} state_lines='' held_state='' held_asof='' held_run='' features='' device='' index=''
  nic_json='' manager=none persistent=false kept=n dhcp_word=unknown bad_text='' batch_lines='' gone_lines=''
  has_private=0 is_up=0 is_dynamic=0 new_state='' drop_lines='' route_out=${route_out:-}
  neigh_text='' asked_gateways=''
  state_file=$our_home/$mac.nic undo_home=$our_home/undo-$mac
  load_state "$state_file"
}

# load_state FILE: the state's lines, and of them what the shell itself needs.
load_state() {
  local path kind rest
  path=$1
  [ -f "$path" ] || return 0
  while read -r kind rest; do
    case $kind in
      asof) held_asof=${rest%% *} held_run=${rest#* } ;;
      nic)
        # shellcheck disable=SC2086 # words of our own
        set -- $rest
        private=${private:-$2} block=$3 features=$5 held_state="nic $*"
        # Without a wanted set the priority is the one that was asked for.
        [ -n "$wanted" ] || front=$4
        ;;
      *)
        append state_lines "$kind $rest"
        append held_state "$kind $rest"
        ;;
    esac
  done <"$path"
}

# write_state LINES: what is wanted from now on, with the look that it comes from.
write_state() {
  local head
  head=${1%%"$new_line"*}
  if [ -n "$asof$held_asof" ]; then
    head="$head${new_line}asof ${asof:-$held_asof} ${run_name:-$held_run}"
  fi
  put_file "$state_file" 600 "$head${1#"${1%%"$new_line"*}"}"
}
