"""Works like `sam package`, but for the engine: uploads code and layers to S3 and puts their URLs into the template.

The rest of the template's text stays as it is. A layer that SAM would build (it has a requirements.txt) is not copied.
Its package holds a .pth file that adds the layer built by ./dev to the import path, as Lambda mounts a layer at /opt.
Unpacking thousands of files for each function would take most of the stack's start time.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tools.paths import LOCAL

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUILT_LAYER = LOCAL / "layer" / "python"
# Lambda treats this directory as site-packages, so its .pth files are read.
MOUNT = "python/lib/python3.13/site-packages/mount.pth"
BUCKET = "local-artifacts"
LOCAL_PATH = re.compile(r"(\b(?:CodeUri|ContentUri): *)([\w./-]+)(?= *(?:[,}#\n]|$))")
NEVER_PACKAGED = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
# The earliest date of a zip file. A fixed date gives the same bytes, and so the same S3 key, for the same code.
EPOCH = (1980, 1, 1, 0, 0, 0)


def source(template: Path, uri: str) -> Path:
    """The directory of a CodeUri or ContentUri. Raises `FileNotFoundError`."""
    path = (template.parent / uri).resolve()
    if not path.is_dir():
        raise FileNotFoundError(f"{template.name} refers to {uri}, but this directory does not exist")
    return path


def contents(directory: Path) -> Iterator[tuple[str, bytes]]:
    """The names and contents of a package's files."""
    if (directory / "requirements.txt").exists():
        yield MOUNT, f"import sys; sys.path.insert(0, {str(BUILT_LAYER)!r})\n".encode()
        return
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        if path.is_file() and not NEVER_PACKAGED.intersection(relative.parts):
            yield relative.as_posix(), path.read_bytes()


def archive(directory: Path) -> bytes:
    """The package as a zip file."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as package:
        for name, content in contents(directory):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return result.getvalue()


def upload(s3: "S3Client", content: bytes, suffix: str) -> str:
    """Upload the content under its hash; the S3 key."""
    key = hashlib.sha256(content).hexdigest()[:32] + suffix
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return key


def package(s3: "S3Client", template: Path) -> str:
    """Upload all code and layers of the template, then the template itself; the template's S3 key."""
    s3.create_bucket(Bucket=BUCKET)
    text = template.read_text()
    addresses = {
        uri: f"s3://{BUCKET}/{upload(s3, archive(source(template, uri)), '.zip')}"
        for uri in {match[2] for match in LOCAL_PATH.finditer(text)}
    }
    return upload(s3, LOCAL_PATH.sub(lambda match: match[1] + addresses[match[2]], text).encode(), ".yaml")
