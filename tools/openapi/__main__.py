"""`./dev openapi` writes docs/openapi.json; with `--check` it only reports whether the file is up to date."""

import argparse

from tools.openapi.document import HOME, text


def main() -> None:
    """Exit with 1 if the check finds an outdated file."""
    parser = argparse.ArgumentParser(prog="./dev openapi", description="Generate docs/openapi.json from the handlers.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the file is out of date")
    options = parser.parse_args()
    current = text()
    if HOME.exists() and HOME.read_text() == current:
        print("docs/openapi.json is up to date.")
    elif options.check:
        raise SystemExit("docs/openapi.json is out of date; update it with: ./dev openapi")
    else:
        HOME.write_text(current)
        print("docs/openapi.json has been updated.")


if __name__ == "__main__":
    main()
