"""The ports that read a draft: the HTML of its body, and the patterns of its query."""

from dataclasses import dataclass

from optout.messages.markup import Parse
from optout.subscribers.expression import Compile


@dataclass(frozen=True, slots=True)
class Readers:
    """An HTML parser, and a compiler of regular expressions."""

    parse_html: Parse
    compile_pattern: Compile
