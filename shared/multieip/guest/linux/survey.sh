# The survey: everything on every interface, told nothing. It is left out of the other modes' program, whose bytes are
# few. Promises: nothing is changed.

survey() {
  local line
  surveyed=' '
  each_file "$state_files" survey_state
  read_links || return 1
  survey_links=$link_text
  while [ -n "$survey_links" ]; do
    line=${survey_links%%"$new_line"*}
    survey_links=${survey_links#"$line"}
    survey_links=${survey_links#"$new_line"}
    case $line in
      *link/ether*) survey_other "${line#*link/ether }" ;;
    esac
  done
}

# survey_state FILE MAC: a set that is kept is checked as if it were asked for.
survey_state() {
  select_nic "$2"
  case $state_lines in
    *"eip "*) surveyed="$surveyed$2 " ;;
    *) return 0 ;;
  esac
  suit_features
  read_links && look_closely "$state_lines" survey || return 1
  know_manager
  if [ -n "$bad_text$conflict_text" ]; then
    run_state=differs
    add_problem differs "$bad_text$conflict_text"
  fi
  tell_nic
}

survey_other() {
  local one
  one=${1%% *}
  case $surveyed in
    *" $one "*) return 0 ;;
  esac
  surveyed="$surveyed$one "
  [ ${#nics_json} -lt 4200 ] || return 0
  select_nic "$one"
  features=-
  [ -n "$get_text" ] || ask_routes ''
  compare_kernel survey || return 1
  case $nic_json in
    *'"name":null'* | *'"addresses":[]'*) return 0 ;;
  esac
  know_manager
  tell_nic
}
