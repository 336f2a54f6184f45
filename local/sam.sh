# The commands that need SAM CLI, and a real Python of the template's runtime beside it. Sourced by ./dev.

RUNTIME=3.13
HOST_BUILD="$ENVIRONMENTS/build"

sam() {
    SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}" "$ENVIRONMENTS/sam/bin/sam" "$@"
}

# sam build takes python3.13 from PATH, and a shim there that points nowhere does not do.
runtime_on_path() {
    local found
    if ! found=$(real_python "$RUNTIME"); then
        say "· no Python $RUNTIME here; trying to install it with uv"
        need uv
        "$UV" python install --quiet "$RUNTIME" && found=$(real_python "$RUNTIME") ||
            die "sam build needs Python $RUNTIME, the template's runtime; install it (with pyenv, uv or your system) and try again"
    fi
    PATH="$(dirname "$found"):$PATH"
}

host_architecture() { case "$(uname -m)" in aarch64 | arm64) echo arm64 ;; *) echo x86_64 ;; esac; }

# The same build as for AWS, but with wheels that run on this machine; made again when a source is newer.
build_for_host() {
    local template="$HOST_BUILD/template.yaml"
    if [ -f "$template" ] && [ -z "$(find template.yaml functions layers -name '__pycache__' -prune -o \
        -type f -newer "$template" -print | head -n 1)" ]; then
        return 0
    fi
    say "· $HOST_BUILD: sam build for this machine"
    sam build --build-dir "$HOST_BUILD" --parameter-overrides "Architecture=$(host_architecture)" >&2
    touch "$template"
}

sam_build() {
    need sam
    runtime_on_path
    say "· sam validate"
    sam validate
    say "· sam validate --lint"
    sam validate --lint
    say "· sam build"
    sam build "$@"
}

sam_deploy() {
    sam_build
    sam deploy --guided "$@"
}

sam_invoke() {
    [ $# -gt 0 ] || die "which function? Say its logical id, such as: ./dev invoke RepzoCheck"
    need engine handler layer dev sam
    runtime_on_path
    build_for_host
    exec "$ENVIRONMENTS/dev/bin/python" -m local.invoke --build "$HOST_BUILD" "$@"
}
