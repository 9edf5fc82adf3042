# Shared by bin/run and bin/test: what must be on the machine before anything can be built.
# Sourced, not run.

say() { if [ -t 2 ]; then printf '\033[1m== %s\033[0m\n' "$*" >&2; else printf '== %s\n' "$*" >&2; fi; }
die() { printf '\nfettle: %s\n' "$*" >&2; exit 1; }

# Puts Debian packages on the machine, only those that are missing.
need() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "please install what these Debian packages hold, then run this again: ${missing[*]}"
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "these packages are missing and sudo is not here; as root: apt-get install ${missing[*]}"
    as=(sudo)
  fi
  say "Installing ${missing[*]}"
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 \
    || die "apt-get could not install ${missing[*]}"
}

# Finds a Swift toolchain of 6.2 or newer and puts it on the path; says how to get one otherwise.
need_swift() {
  local place version
  if ! command -v swift >/dev/null; then
    for place in "$HOME/.local/share/swiftly/bin" /opt/swift/usr/bin /usr/local/swift/usr/bin; do
      [ -x "$place/swift" ] && PATH="$place:$PATH" && break
    done
  fi
  command -v swift >/dev/null || no_swift "The Swift toolchain is not on this machine."
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
  [ -n "$version" ] || no_swift "swift is here but does not say its version."
  if [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" != 6.2 ]; then
    no_swift "Swift $version is here; Fettle needs 6.2 or newer."
  fi
}

no_swift() {
  cat >&2 <<TEXT

$1
Get it from https://www.swift.org/install/linux/ — the shortest way on Debian:

  sudo apt-get install -y curl gnupg2 ca-certificates
  curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz
  tar zxf swiftly-\$(uname -m).tar.gz
  ./swiftly init --quiet-shell-followup
  . ~/.local/share/swiftly/env.sh

Then run this again.
TEXT
  exit 1
}

build_packages=(ca-certificates git pkg-config tzdata libsqlite3-dev libsodium-dev libxlsxwriter-dev libqrencode-dev libpq-dev)
