# Finds a Python and creates the environments below .local/ from the hash-pinned lock files.
# Sourced by ./dev, in the project's root.

ENVIRONMENTS=.local

say() { printf '%s\n' "$*" >&2; }
die() { say "dev: $*"; exit 1; }

# Prints the path of the real interpreter, also if a virtual environment is active.
# A pythonX.Y on PATH may be a broken shim, so every candidate is run.
interpreter() {
    "$1" -c 'import os, sys
base = getattr(sys, "_base_executable", None) or sys.executable
if sys.version_info < (3, 11) or sys.version_info.releaselevel != "final":
    sys.exit(1)
print(os.path.realpath(base) if os.path.exists(os.path.realpath(base)) else base)' 2>/dev/null
}

candidates() { # VERSION, such as 3.13
    type -ap "python$1" || true
    ls -1d "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/"python$1" \
        "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"/cpython-"$1".*/bin/"python$1" \
        /usr/local/bin/"python$1" /opt/homebrew/bin/"python$1" 2>/dev/null | sort -rV || true
}

real_python() { # VERSION: prints the first interpreter of this version that runs
    local candidate found
    while read -r candidate; do
        found=$(interpreter "$candidate") && [ -n "$found" ] && printf '%s\n' "$found" && return 0
    done < <(candidates "$1")
    return 1
}

find_python() { # prefers the template's runtime, then the other supported versions, then newer ones
    local version found
    for version in 3.13 3.12 3.11 3.14 3.15 3.16; do
        found=$(real_python "$version") && printf '%s\n' "$found" && return 0
    done
    found=$(interpreter python3) && [ -n "$found" ] && printf '%s\n' "$found" && return 0
    return 1
}

use_python() {
    [ -z "${PYTHON:-}" ] || return 0
    PYTHON=$(find_python) ||
        die "Python 3.11 or newer is required, but none was found. On Debian or Ubuntu: sudo apt install python3 python3-venv"
    PYTHON_ID="$PYTHON $("$PYTHON" -c 'import platform; print(platform.python_version(), platform.machine())')"
}

# Only one ./dev sets up environments at a time; a second one waits. The lock belongs to the open file, so it outlives
# the Python process that takes it and ends with this shell.
lock() {
    mkdir -p "$ENVIRONMENTS"
    exec 9>"$ENVIRONMENTS/lock"
    "$PYTHON" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null && return 0
    say "· waiting for another ./dev command that is setting up the environments"
    "$PYTHON" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}
unlock() { exec 9>&-; }

# An environment is up to date if its stamp has the same lock file, Python and path (a venv cannot be moved).
stamp() { printf '%s\n%s\n' "$PYTHON_ID" "$PWD"; cat "$@"; }
current() { local name=$1; shift; stamp "$@" | cmp -s - "$ENVIRONMENTS/$name/.stamp"; }
finish() { local name=$1; shift; stamp "$@" >"$ENVIRONMENTS/$name/.stamp"; }

make_uv() {
    local lockfile=tools/env/requirements/boot.txt boot="$ENVIRONMENTS/boot"
    UV="$PWD/$boot/bin/uv"
    if ! current boot "$lockfile"; then
        say "· installing $boot: the package installer uv (with $PYTHON_ID)"
        rm -rf "$boot"
        if "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null && "$PYTHON" -m venv "$boot"; then
            "$boot/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lockfile"
        elif "$PYTHON" -m pip --version >/dev/null 2>&1; then
            "$PYTHON" -m pip install -q --root-user-action ignore --disable-pip-version-check --require-hashes --target "$boot" -r "$lockfile"
        else
            die "$PYTHON has neither venv nor pip. On Debian or Ubuntu: sudo apt install python3-venv"
        fi
        finish boot "$lockfile"
    fi
    local pip_python="$boot/bin/python"
    [ -x "$pip_python" ] || pip_python=$PYTHON
    eval "$("$pip_python" tools/env/pip_settings.py)"
}

uv() { # shows progress on a terminal only
    if [ -t 2 ]; then "$UV" "$@"; else "$UV" "$@" --quiet; fi
}

make_environment() { # NAME LOCKFILE PURPOSE [INSTALL-OPTION]
    local name=$1 lockfile=$2 path="$ENVIRONMENTS/$1"
    current "$name" "$lockfile" && return 0
    [ -n "${UV:-}" ] || make_uv
    say "· installing $path: $3"
    rm -rf "$path"
    "$UV" venv --quiet --no-project --python "$PYTHON" "$path"
    uv pip install --python "$path/bin/python" --require-hashes ${4:-} -r "$lockfile"
    finish "$name" "$lockfile"
}

make_layer() { # the deps layer as built by `sam build`, but with wheels for this machine
    local lockfile=layers/deps/requirements.txt path="$ENVIRONMENTS/layer"
    current layer "$lockfile" && return 0
    [ -n "${UV:-}" ] || make_uv
    say "· installing $path: the functions' packages, for this machine"
    rm -rf "$path"
    uv pip install --python "$ENVIRONMENTS/handler/bin/python" --target "$path/python" --require-hashes \
        --compile-bytecode -r "$lockfile"
    finish layer "$lockfile"
}

need() { # NAME...: creates or updates the environments that a command needs
    local name
    use_python
    lock
    for name in "$@"; do
        case "$name" in
            # Compiled now, because many processes start from these two environments and none writes into them.
            engine) make_environment engine tools/env/requirements/engine.txt "the AWS emulator" --compile-bytecode ;;
            handler) make_environment handler tools/env/requirements/handler.txt "the packages of the Lambda runtime" --compile-bytecode ;;
            layer) make_layer ;;
            dev) make_environment dev tools/env/requirements/dev.txt "tests, linters and type checks" ;;
            sam) make_environment sam tools/env/requirements/sam.txt "SAM CLI" ;;
            uv) [ -n "${UV:-}" ] || make_uv ;;
        esac
    done
    unlock
}
