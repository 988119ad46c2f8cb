#!/usr/bin/env bash
# Makes this checkout ready to run: system packages, uv, and .venv as requirements.lock says. Run it again at any
# time; where nothing is missing it ends at once.
#   scripts/setup.sh            what Deckcast needs
#   scripts/setup.sh --tests    and what its tests need (PostgreSQL, Chromium, promtool)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runtime_packages=(libreoffice-impress bubblewrap fontconfig fonts-crosextra-carlito fonts-crosextra-caladea
  fonts-liberation2 fonts-noto-core fonts-wqy-microhei fonts-symbola)
test_packages=(postgresql chromium libatomic1)
packages=("${runtime_packages[@]}")
ready=.venv/.ready
stamp=$ready
case "${1:-}" in
  "") ;;
  --tests) packages+=("${test_packages[@]}"); stamp=$ready-tests ;;
  *) sed -n '2,5p' "$0"; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }
stop() { say "setup: $*"; exit 1; }
key() { cat requirements.lock pyproject.toml scripts/setup.sh | sha256sum | cut -d' ' -f1; }
installed() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do installed "$package" || echo "$package"; done
  if ! command -v uv >/dev/null && [ ! -x .uv/bin/uv ]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
  else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

apt_install() {
  as_root apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >.setup.log 2>&1
}

install_system_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null && { ! command -v sudo >/dev/null || [ ! -t 0 ]; }; then
    stop "some system packages are missing and need the system's administrator. Please run as root: $command"
  fi
  say "Installing ${#missing[@]} system packages: ${missing[*]}"
  as_root apt-get update -qq >.setup.log 2>&1 || as_root apt-get update -qq >.setup.log 2>&1 || true
  # The tests start PostgreSQL servers of their own: no server should be left running on this machine.
  if [[ " ${missing[*]} " == *" postgresql "* ]] && ! installed postgresql-common; then
    apt_install postgresql-common || apt_install postgresql-common || apt_failed "$command"
    as_root sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  fi
  apt_install "${missing[@]}" || { sleep 3; apt_install "${missing[@]}"; } || apt_failed "$command"
  rm -f .setup.log
}

apt_failed() {
  tail -n 5 .setup.log >&2
  stop "the system packages could not be installed (all of the output is in .setup.log). Please try: $1"
}

check_other_system() {
  local program
  for program in soffice bwrap fc-list; do
    command -v "$program" >/dev/null || stop "there is no apt-get here and '$program' is missing. Please install" \
      "LibreOffice Impress, bubblewrap, fontconfig and the fonts Carlito, Caladea, Liberation, Noto and Symbola."
  done
}

find_uv() {
  if [ -x .uv/bin/uv ]; then uv=.uv/bin/uv; return; fi
  if command -v uv >/dev/null; then uv=uv; return; fi
  say "Installing uv into .uv"
  python3 -m venv .uv
  .uv/bin/pip install -q --disable-pip-version-check uv || .uv/bin/pip install -q --disable-pip-version-check uv ||
    stop "uv could not be installed. Is the network there? Run the same command again when it is."
  uv=.uv/bin/uv
}

install_python_packages() {
  say "Installing the Python packages into .venv"
  if ! .venv/bin/python -c '' 2>/dev/null; then rm -rf .venv; "$uv" venv -q --python '>=3.11' .venv; fi
  export VIRTUAL_ENV=$PWD/.venv
  "$uv" pip sync -q --require-hashes requirements.lock || "$uv" pip sync -q --require-hashes requirements.lock ||
    stop "the Python packages could not be installed. Is the network there? Run the same command again when it is."
  "$uv" pip install -q --no-deps --no-build-isolation --editable .
}

# Of Prometheus only promtool is wanted: the package would start a server.
unpack_promtool() {
  local folder
  if command -v promtool >/dev/null || [ -x .tools/promtool ] || ! command -v apt-get >/dev/null; then return; fi
  folder=$(mktemp -d)
  if (cd "$folder" && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .) >.setup.log 2>&1; then
    install -D "$folder/usr/bin/promtool" .tools/promtool
  else
    say "promtool could not be fetched: the tests of the alert rules need it."
  fi
  rm -rf "$folder"
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(key)" ]; then exit 0; fi
command -v python3 >/dev/null || stop "Python 3.11 or newer is missing. Please install python3 and python3-venv."
if command -v apt-get >/dev/null; then install_system_packages; else check_other_system; fi
find_uv
install_python_packages
if [ "$stamp" != "$ready" ]; then unpack_promtool; fi
key >"$ready"
key >"$stamp"
