"""Does what `sam package` does, on the engine: code and layers to S3, and their addresses into the template's text.

The text is otherwise left as it is. A layer that SAM would build (it has a requirements.txt) is taken from where ./dev
built it with wheels for this machine.
"""

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).resolve().parent.parent
BUILT_LAYER = ROOT / ".local" / "layer"
BUCKET = "local-artifacts"
LOCAL_PATH = re.compile(r"^(\s*(?:CodeUri|ContentUri): *)([\w./-]+) *$", re.MULTILINE)
NEVER_PACKAGED = {".pytest_cache", ".mypy_cache", ".ruff_cache"}
# Zip files know no earlier date; a fixed one gives the same bytes, hence the same key, for the same code.
EPOCH = (1980, 1, 1, 0, 0, 0)


def source(template: Path, uri: str) -> Path:
    """The directory that a CodeUri or ContentUri stands for."""
    path = (template.parent / uri).resolve()
    if not path.is_dir():
        raise FileNotFoundError(f"{template.name} names {uri}, and there is no such directory")
    return BUILT_LAYER if (path / "requirements.txt").exists() else path


def archive(directory: Path) -> bytes:
    """The directory as a zip file. Compiled modules go along only where they stay valid after unpacking."""
    excluded = NEVER_PACKAGED if directory == BUILT_LAYER else NEVER_PACKAGED | {"__pycache__"}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as package:
        for path in sorted(directory.rglob("*")):
            relative = path.relative_to(directory)
            if path.is_file() and not excluded.intersection(relative.parts):
                entry = zipfile.ZipInfo(relative.as_posix(), EPOCH)
                entry.external_attr = 0o644 << 16
                package.writestr(entry, path.read_bytes())
    return content.getvalue()


def upload(s3: "S3Client", content: bytes, suffix: str) -> str:
    """Store under the content's hash; the key."""
    key = hashlib.sha256(content).hexdigest()[:32] + suffix
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return key


def package(s3: "S3Client", template: Path) -> str:
    """Upload everything the template names and then the template; its key."""
    s3.create_bucket(Bucket=BUCKET)
    text = template.read_text()
    addresses = {
        uri: f"s3://{BUCKET}/{upload(s3, archive(source(template, uri)), '.zip')}"
        for uri in {match[2] for match in LOCAL_PATH.finditer(text)}
    }
    return upload(s3, LOCAL_PATH.sub(lambda match: match[1] + addresses[match[2]], text).encode(), ".yaml")
