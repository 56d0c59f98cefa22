#!/usr/bin/env bash
# The main job, start to finish: music, then network monitoring. Argument: the cassette program.
# Reads the real event files in $EVENTS (../shared/data/sparkify) where they are; makes its own otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
cassette=${1:-build/release/cassette}
work=$(mktemp -d "${TMPDIR:-/tmp}/cassette-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
export CASSETTE_ON="$work/data"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ cassette %s\033[0m\n' "$*"; "$cassette" "$@"; }

events=${EVENTS:-../shared/data/sparkify}
session=338 item=4 user=10 user_session=182 song='All Hands Against His Own'
if [ ! -d "$events" ]; then
  say "The real event files are not here: making some like them"
  events=$work/events
  run generate music "$events"
fi

say "1. The questions, and the tables that follow from them"
run design models/music.yaml --source "$events" --svg "$work/music.svg"

say "2. Thirty daily files into three tables"
run run models/music.yaml --source "$events" --rejects "$work/rejects.csv"

if [ "$events" = "$work/events" ]; then
  # Questions that these files can answer: a session of some songs, and a song that some people heard.
  first() { "$cassette" shell --format csv -e "$1" | awk -F, 'NR > 1 && !/"/ && $1 < 6' | sort -t, -k1,1nr | sed -n 1p; }
  IFS=, read -r _ user user_session \
    < <(first 'SELECT count(*), user_id, session_id FROM music.songs_by_user_session GROUP BY user_id, session_id;')
  IFS=, read -r _ song < <(first 'SELECT count(*), song_title FROM music.users_by_song GROUP BY song_title;')
  IFS=, read -r item session \
    < <(first "SELECT item_in_session, session_id FROM music.songs_by_session WHERE session_id = $user_session;")
fi

say "3. The three answers"
run query models/music.yaml songs_by_session session_id="$session" item_in_session="$item"
run query models/music.yaml songs_by_user_session user_id="$user" session_id="$user_session"
run query models/music.yaml users_by_song song_title="$song"

say "4. Network monitoring: 200 resources, 5 metrics, every 5 minutes, a year"
run design models/network.yaml
run run models/network.yaml

say "5. The two answers: an hour over the year's end, and which metrics a resource has"
run query models/network.yaml metrics_by_resource_week resource=router-000 'collected_at>=2025-12-28 23:50Z' 'collected_at<2025-12-29 00:10Z'
run query models/network.yaml metrics_by_resource_week resource=router-000 'collected_at>=2025-12-28 23:50Z' 'collected_at<2025-12-29 00:10Z' --explain
run query models/network.yaml metrics_by_resource_list resource=router-000

say "What it takes on disk"
run admin tablestats
