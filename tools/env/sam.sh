# The commands that need SAM CLI and the Python version of the template's runtime. Sourced by ./dev.

RUNTIME=3.13
HOST_BUILD="$ENVIRONMENTS/build" # BUILD in local/settings.py

# Without a region here: it would beat that of the profile. `validate` has one in samconfig.toml.
sam() { SAM_CLI_TELEMETRY=0 "$ENVIRONMENTS/sam/bin/sam" "$@"; }

# sam build runs python3.13 from PATH, where it must not find a broken shim.
runtime_on_path() {
    local found
    found=$(real_python "$RUNTIME") || return 1
    PATH="$(dirname "$found"):$PATH"
}

NO_RUNTIME=69 # .ci/run skips the build after this exit code

need_runtime() {
    runtime_on_path && return 0
    say "· Python $RUNTIME was not found; installing it with uv"
    need uv
    "$UV" python install --quiet "$RUNTIME" && runtime_on_path && return 0
    say "dev: sam build needs Python $RUNTIME, the Lambda runtime of the template. Install it with pyenv, uv or your package manager."
    exit $NO_RUNTIME
}

host_architecture() { case "$(uname -m)" in aarch64 | arm64) echo arm64 ;; *) echo x86_64 ;; esac; }

# The same build as for AWS, but with wheels for this machine. Repeated if a source file is newer.
build_for_host() {
    local template="$HOST_BUILD/template.yaml"
    if [ -f "$template" ] && [ -z "$(find template.yaml functions layers -name '__pycache__' -prune -o \
        -type f -newer "$template" -print | head -n 1)" ]; then
        return 0
    fi
    say "· building $HOST_BUILD with sam build, for this machine"
    sam build --build-dir "$HOST_BUILD" --parameter-overrides "Architecture=$(host_architecture)" >&2
    touch "$template"
}

sam_build() {
    need sam
    say "· sam validate"
    sam validate
    say "· sam validate --lint"
    sam validate --lint
    need_runtime
    say "· sam build"
    sam build "$@"
}

# The questions come before the build. `sam deploy` asks none: only a person at a terminal confirms the changes.
sam_deploy() {
    local settled line arguments=()
    need dev
    settled=$("$ENVIRONMENTS/dev/bin/python" -m tools.deploy "$@") || exit
    while IFS= read -r line; do arguments+=("$line"); done <<<"$settled"
    sam_build
    sam deploy "${arguments[@]}"
}

sam_invoke() {
    [ $# -gt 0 ] || die "name a function by its logical ID, for example: ./dev invoke RepzoCheck"
    need engine handler layer dev sam
    need_runtime
    build_for_host
    exec "$ENVIRONMENTS/dev/bin/python" -m local.commands.invoke "$@"
}
