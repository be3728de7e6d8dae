# tools/progress.sh: what tools/run and tools/setup show while a long command runs; sourced by them.
#
# progress NAME COMMAND...
#   Runs the command with its output in a file and returns its exit code.  From the second second on,
#   the last line of that output is shown with the elapsed time: on a terminal as one line that is
#   rewritten every second, elsewhere as a line every two seconds.  A command that fails has the end of
#   its output printed.  The command stays in the foreground, so that Ctrl-C reaches it.

progress_ticker= progress_output=

# Ends the display and removes the file; for the traps of the callers, too.
progress_stop() {
  if [ -n "$progress_ticker" ]; then
    kill "$progress_ticker" 2>/dev/null || true
    wait "$progress_ticker" 2>/dev/null || true
    progress_ticker=
    [ ! -t 2 ] || printf '\r\033[K' >&2
  fi
  [ -z "$progress_output" ] || rm -f "$progress_output"
  progress_output=
}

progress_tick() { # NAME: shows the last line of the output, for as long as the caller lives
  local began=$SECONDS line width
  trap - INT TERM EXIT
  while sleep $([ -t 2 ] && echo 1 || echo 2); do
    kill -0 "$$" 2>/dev/null || exit 0
    line=$(tail -c 2000 "$progress_output" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1)
    line=$(printf '%s: %d s  %s' "$1" $((SECONDS - began)) "$line")
    if [ -t 2 ]; then
      width=$(stty size 2>/dev/null <&2 | cut -d ' ' -f 2) || true
      [ "${width:-0}" -gt 0 ] || width=80
      printf '\r\033[K%s' "${line:0:$((width - 1))}" >&2
    else
      printf '%s\n' "$line" >&2
    fi
  done
}

progress() { # NAME COMMAND...
  local name=$1 code=0
  shift
  progress_output=$(mktemp "${TMPDIR:-/tmp}/kless-progress.XXXXXX")
  progress_tick "$name" &
  progress_ticker=$!
  "$@" >"$progress_output" 2>&1 </dev/null || code=$?
  local output=$progress_output
  progress_output=
  progress_stop
  if [ "$code" != 0 ]; then
    # Ninja names what failed after "FAILED:", and finishes what it had begun.
    { grep -A 40 -m 1 '^FAILED: ' "$output" || tail -n 25 "$output"; } >&2
  fi
  rm -f "$output"
  return "$code"
}
