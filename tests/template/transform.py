"""Prints template.yaml as CloudFormation gets it, transformed by SAM; run by a Python that has samtranslator."""

import json
import os
import re
import sys
from pathlib import Path

from samtranslator.translator.transform import transform  # type: ignore[import-not-found, unused-ignore]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-not-found, unused-ignore]


def main() -> None:
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    # `sam package` would have put the code into a bucket.
    text = re.sub(r"((?:CodeUri|ContentUri): )\S+", r"\1s3://bucket/key", Path(sys.argv[1]).read_text())
    template = yaml_parse(text)
    parameters = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    json.dump(transform(template, parameters, None), sys.stdout)


if __name__ == "__main__":
    main()
