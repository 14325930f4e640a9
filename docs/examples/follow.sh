#!/bin/sh
# Follows the signals of BetterBot with curl alone, as server-sent events: each once, in order, whatever happens to
# the connection.
#
#   BETTERBOT_TOKEN=bb_… follow.sh [URL]
#   BETTERBOT_TOKEN=bb_… follow.sh 'http://127.0.0.1:8787/v1/events?severity=high'
#
# Prints one JSON object a line. The id of the last event is kept in the file that BETTERBOT_POSITION names
# (follow.id). Without that file it begins with what comes next; with a file that holds 0, at the beginning.
set -eu
url=${1:-http://127.0.0.1:8787/v1/events}
position=${BETTERBOT_POSITION:-follow.id}
: "${BETTERBOT_TOKEN:?is not set; betterbot token create NAME --role viewer makes one}"

# Lines of one stream: `id:` is kept once its event was printed, and heartbeats are left out.
read_events() {
  id='' kind='' data=''
  while IFS= read -r line; do
    case $line in
      'id: '*) id=${line#id: } ;;
      'event: '*) kind=${line#event: } ;;
      'data: '*) data=${line#data: } ;;
      '')
        [ -z "$data" ] || [ "$kind" = heartbeat ] || printf '%s\n' "$data"
        if [ -n "$id" ]; then
          printf '%s\n' "$id" >"$position.new"
          mv "$position.new" "$position"
        fi
        id='' kind='' data=''
        ;;
      '{'*'"status":'*)
        # A problem instead of a stream. Only some go away by themselves.
        printf '%s\n' "$line" >&2
        case $line in *'"status":429,'* | *'"status":5'*) ;; *) return 1 ;; esac
        ;;
    esac
  done
}

wait=1
while :; do
  began=$(date +%s)
  # The headers go in on standard input: anybody on this machine can read a command's arguments.
  {
    printf 'Authorization: Bearer %s\n' "$BETTERBOT_TOKEN"
    if [ -s "$position" ]; then printf 'Last-Event-ID: %s\n' "$(cat "$position")"; fi
  } | {
    # Heartbeats come every 15 s at least; a connection that brings nothing for 45 s is dead.
    curl --silent --show-error --no-buffer --fail-with-body --noproxy '*' --header @- \
      --speed-limit 1 --speed-time 45 "$url" || :
    # A problem has no line end.
    echo
  } | read_events
  # What stayed open for a while was well: begin with short waits again.
  [ $(($(date +%s) - began)) -lt 60 ] || wait=1
  sleep "$wait"
  [ "$wait" -ge 30 ] || wait=$((wait * 2))
done
