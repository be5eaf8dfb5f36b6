# Sourced by the other scripts: installs the dependencies where needed and sets `node` to a Node that runs this project.
# Fresh machines have some Node with npm; when it is older than what runs TypeScript sources (22.18), Node 24 comes out of npm.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf 'phone: %s\n' "$*" >&2; }

runs_sources() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' \
    >/dev/null 2>&1
}

# Installed whole (npm writes its own lock last), and from the present lock file as far as we know.
installed() {
  local stamp=$root/node_modules/.phone-lock
  [[ -f $root/node_modules/.package-lock.json ]] || return 1
  [[ ! -f $stamp ]] || cmp -s "$stamp" "$root/package-lock.json"
}

install_dependencies() (
  if ! command -v npm >/dev/null; then
    say "needs Node and npm to begin with, on Debian: apt-get install nodejs npm"
    exit 2
  fi
  cd "$root"
  # two scripts started at once install once
  if command -v flock >/dev/null; then
    exec 9<package.json
    flock 9
    if installed; then exit 0; fi
  fi
  say "installing dependencies, once (about a minute)"
  if ! npm ci --include=dev --include=optional --loglevel=error --no-progress --no-audit --no-fund >/dev/null </dev/null; then
    say "npm ci failed, see above"
    exit 1
  fi
  cp package-lock.json node_modules/.phone-lock
)

setup() {
  installed || install_dependencies
  node=$root/node_modules/.bin/node
  if [[ ${1:-} != pinned ]] && command -v node >/dev/null && runs_sources "$(command -v node)"; then
    node=$(command -v node)
  elif ! runs_sources "$node"; then
    if command -v node >/dev/null && runs_sources "$(command -v node)"; then
      node=$(command -v node)
    else
      say "needs Node 22.18 or newer, and npm has none for this machine; install one from https://nodejs.org"
      exit 2
    fi
  fi
}
