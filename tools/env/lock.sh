# Updates the lock files from their .in files: the newest allowed versions, with hashes, for every platform.
compile() { # IN
    say "· updating ${1%.in}.txt"
    "$UV" pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$1" --output-file "${1%.in}.txt"
}
compile layers/deps/requirements.in
for input in tools/env/requirements/*.in; do compile "$input"; done
