#!/usr/bin/env bash
# Installs a tool into .tools/<name>: keep.sh <name> <file that pins it> <command…>. The command runs in the empty folder that is to
# hold the tool. What it makes is kept in the user's cache for each content of that file, so that the next clone has it at once;
# .tools/<name> is a link to it. Several may run at the same time.
set -euo pipefail
name=$1
pins=$(realpath "$2")
shift 2
cd "$(dirname "$0")/../.."
kept=${XDG_CACHE_HOME:-$HOME/.cache}/keyward/tools/$name-$(cksum <"$pins" | tr ' ' -)
link=$PWD/.tools/$name
mkdir -p "$(dirname "$kept")" "$(dirname "$link")"
(
  if command -v flock >/dev/null; then flock 9; fi # a Mac has none: there, one at a time
  if [ ! -e "$kept/installed" ]; then
    rm -rf "$kept"
    mkdir -p "$kept"
    (cd "$kept" && "$@" && touch installed)
  fi
  [ -L "$link" ] || rm -rf "$link"
  ln -sfn "$kept" "$link"
) 9>"$kept.lock"
