# Sourced by bin/run, bin/test and bin/dermavis: the Python of the project and the packages it needs.
# Nothing here is downloaded but the pinned packages of requirements*.txt; what is installed is remembered by the
# sum of those files, so that a second start installs nothing.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$root/.venv"
installer="uv==0.13.9"
unset PYTHONDONTWRITEBYTECODE # compiled once, each start is seconds shorter

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# install_system PACKAGE…: by apt when we may; otherwise prints the one command that a person must run, and fails.
install_system() {
    if is_root && command -v apt-get >/dev/null; then
        say "Installation de : $*"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1 && return 0
    fi
    say "Il manque : $*. Lancez cette commande, puis recommencez :"
    say "    sudo apt-get update && sudo apt-get install -y $*"
    return 1
}

suits() { command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if suits "$candidate"; then command -v "$candidate"; return 0; fi
    done
    install_system python3 python3-venv || return 1
    if suits python3; then command -v python3; return 0; fi
    say "DermAvis demande Python 3.11 ou plus récent ; ce système n’en a pas."
    return 1
}

make_venv() {
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip' 2>/dev/null; then return 0; fi
    local python version
    python="$(find_python)" || exit 1
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install_system "python$version-venv" || exit 1
    fi
    say "Préparation de l’environnement Python $version…"
    rm -rf "$venv"
    "$python" -m venv "$venv" || stop "L’environnement Python n’a pas pu être créé dans $venv."
}

sum_of() { (cd "$root" && cat "$@" | sha256sum | cut -d' ' -f1); }
remembers() { [ -f "$venv/.installed-$1" ] && [ "$(cat "$venv/.installed-$1")" = "$2" ]; }

install_by_pip() { "$venv/bin/python" -m pip install --quiet --no-input --no-compile --disable-pip-version-check "$@"; }

# The same packages by uv, which fetches them side by side: some 20 s where pip takes over a minute. Fails without a word
# where uv does not run or cannot reach what pip reaches.
install_quickly() {
    local index
    [ -z "${PIP_NO_INDEX:-}" ] || return 1
    install_by_pip "$installer" >/dev/null 2>&1 || return 1
    index="$("$venv/bin/python" -m pip config get :env:.index-url 2>/dev/null \
        || "$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)"
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "$@" 2>/dev/null
}

# install_requirements NAME FILE…: installs the files once; NAME is the mark that remembers their sum.
install_requirements() {
    local name="$1" arguments=() file
    shift
    if remembers "$name" "$(sum_of "$@")"; then return 0; fi
    say "Installation des bibliothèques (une fois)…"
    for file in "$@"; do arguments+=(-r "$root/$file"); done
    install_quickly "${arguments[@]}" || install_by_pip "${arguments[@]}" \
        || stop "L’installation des bibliothèques a échoué : vérifiez la connexion, puis recommencez."
    sum_of "$@" >"$venv/.installed-$name"
    sum_of requirements.txt >"$venv/.installed-runtime"
}

one_at_a_time() {
    exec 9>"$root/.venv.lock"
    flock 9
    "$@"
    exec 9>&-
}

# prepare_environment: what running needs. prepare_development: what testing needs besides.
prepare_environment() { one_at_a_time prepare runtime requirements.txt; }
prepare_development() { one_at_a_time prepare development requirements.txt requirements-dev.txt; }

prepare() {
    make_venv
    install_requirements "$@"
}
