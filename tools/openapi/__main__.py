"""`./dev openapi` writes the document; `--check` asks whether what is written is what the code says."""

import argparse

from tools.openapi.document import HOME, text


def main() -> None:
    """Exit 1 when the check finds another text than the handlers' own."""
    parser = argparse.ArgumentParser(prog="./dev openapi")
    parser.add_argument("--check", action="store_true", help="change nothing; say whether it is current")
    options = parser.parse_args()
    current = text()
    if HOME.exists() and HOME.read_text() == current:
        print("docs/openapi.json is current.")
    elif options.check:
        raise SystemExit("docs/openapi.json is not what the handlers say: run ./dev openapi")
    else:
        HOME.write_text(current)
        print("docs/openapi.json is renewed.")


if __name__ == "__main__":
    main()
