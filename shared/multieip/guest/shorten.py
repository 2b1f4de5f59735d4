"""Makes the guest's program short enough for one command, so that its source can use whole words.

Comments, indentation and awk's blanks go, and names become short ones. What a name is follows from the
language, not from its spelling, so a word of a message or of the answer is never touched:

- awk's program is a closed language: every word that is no keyword, outside strings and patterns, is a name;
- in the shell a name stands after `$` or before `=`, in a list of `local` or `read -r`, after `for`, in
  arithmetic, or after `append`; a function's name is written with an underscore and may stand anywhere.

Locals of different functions share the same few names, which packs well. A function that used a local of
its caller would break by that, so it is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Token = tuple[str, str]

_FUNCTION = re.compile(r"^([a-z_]+)\(\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FUNCTION_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")
# Functions that are called by a name put together at run time.
_PUT_TOGETHER = re.compile(r"(?:runs|start|stop)_[a-z]+|[a-z]+_(?:runs|dhcp)")
_LOCALS = re.compile(r"^ *local ([a-z_ ]+)$", re.MULTILINE)
# Where a name of the shell can stand, in five ways: what is before it, and itself.
_PLACES = re.compile(
    r"(?P<use>\$\{?#?)(?P<used>[a-z_]+)"
    r"|(?P<start>(?:^|(?<=[\s;({&|`]))(?<!-v ))(?P<started>[a-z_]+)(?==)"
    r"|(?P<loop>\bfor (?=[a-z_]+(?: in\b|;))|\bappend )(?P<looped>[a-z_]+)"
    r"|(?P<list>\b(?:local|read -r) )(?P<listed>[a-z_]+(?: [a-z_]+)*)"
    r"|(?P<sum>\$\(\()(?P<summed>[^\n]*?)(?=\)\))",
    re.MULTILINE,
)
_WAYS = (("use", "used"), ("start", "started"), ("loop", "looped"), ("list", "listed"), ("sum", "summed"))
# Names that others give or read: the content around the program, and awk by the environment.
_KEPT = {"wanted", "program", "multieip"}
_AWK_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)|(?P<string>\"(?:\\.|[^\"\\])*\")|(?P<number>\d+)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<blank>[ \t]+)|(?P<line>\n)|(?P<operator>\+\+|--|&&|\|\||[=!<>+\-*/%]=|!~|.)"
)
_AWK_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]])*\]|[^/\\\n])+/")
_BEFORE_A_PATTERN = {*"(,~!&|{;=\n", "&&", "||", "!~", "return"}
_AWK_KEYWORDS = frozenset(
    (  # noqa: SIM905 - a list of words
        "SUBSEP ENVIRON FS OFS RS ORS RSTART RLENGTH BEGIN END NF NR function if else while for in do "
        "break continue return next exit delete print printf split sub gsub substr index length int "
        "match sprintf tolower toupper"
    ).split()
)
# Commands and words of the shell that a function must not take the place of.
_TAKEN = frozenset(
    (  # noqa: SIM905 - a list of words
        "if fi in do ip id cp mv rm ln ls ed ar as at bc dd df du ld nm od pr ps sh su tr wc"
    ).split()
)


def strip(source: str) -> str:
    """Take comments, indentation and empty lines away."""
    lines = (line.strip() for line in source.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#"))


def shorten_program(shell: str, awk: str) -> str:
    """Put both together as one shell program, whose first line is the awk program as a variable's text.

    What awk gives back by `give("name", …)` is a variable of the shell, and what it is given by `-v name=` is
    a variable of its own; both ends get one short name. The same source always ends the same.
    """
    text, variables = _shorten_shell(f"compare_program=''\n{shell}")
    given = re.sub(r'(?<=\bgive\(")[a-z_]+', lambda match: variables[match.group()], awk)
    inner, names = _shorten_awk(given)
    text = re.sub(r"(?<=-v )[a-z_]+(?==)", lambda match: names[match.group()], text)
    return strip(text).replace("=''\n", f"='\n{inner}'\n", 1)


def _shorten_shell(source: str) -> tuple[str, Mapping[str, str]]:
    """Give the shell's functions and variables short names, and tell those of the variables."""
    source = re.sub(r"^ *#.*\n", "", source, flags=re.MULTILINE)
    inner = {match.group(1): _locals(match.group(2)) for match in _FUNCTION.finditer(source)}
    shared = _names_in(_FUNCTION.sub("", source))
    for match in _FUNCTION.finditer(source):
        shared += [name for name in _names_in(match.group(2)) if name not in inner[match.group(1)]]
    borrowed = {name for names in inner.values() for name in names} & set(shared)
    if borrowed:
        raise ValueError(f"local in one function, used in another: {', '.join(sorted(borrowed))}")
    variables = _assign((name for name in shared if name not in _KEPT), _upper())

    def body(match: re.Match[str]) -> str:
        scope = {**variables, **dict(zip(inner[match.group(1)], ascii_lowercase, strict=False))}
        return f"{match.group(1)}() {{\n{_rename(match.group(2), scope)}}}"

    at, parts = 0, []
    for match in _FUNCTION.finditer(source):
        parts += [_rename(source[at : match.start()], variables), body(match)]
        at = match.end()
    text = "".join((*parts, _rename(source[at:], variables)))
    return _shorten_functions(text, inner), variables


def _shorten_functions(text: str, functions: Iterable[str]) -> str:
    own = {name for name in functions if _FUNCTION_NAME.fullmatch(name) and not _PUT_TOGETHER.fullmatch(name)}
    taken = _TAKEN | set(re.findall(r"\w+", text))
    used = (name for name in _FUNCTION_NAME.findall(text) if name in own)
    short = _assign(used, (word for word in _lower() if word not in taken))
    return _FUNCTION_NAME.sub(lambda match: short.get(match.group(), match.group()), text)


def _locals(body: str) -> list[str]:
    return list(dict.fromkeys(name for line in _LOCALS.findall(body) for name in line.split()))


def _rename(text: str, names: Mapping[str, str]) -> str:
    def place(match: re.Match[str]) -> str:
        before, name = next(way for way in _WAYS if match.group(way[1]) is not None)
        words = re.sub(r"[a-z_]+", lambda word: names.get(word.group(), word.group()), match.group(name))
        return match.group(before) + words

    return _PLACES.sub(place, text)


def _names_in(text: str) -> list[str]:
    """List the names in order of their use, each as often as it stands there."""
    return [
        word
        for match in _PLACES.finditer(text)
        for _, name in _WAYS
        for word in re.findall(r"[a-z_]+", match.group(name) or "")
        if word != "_"
    ]


def _shorten_awk(source: str) -> tuple[str, Mapping[str, str]]:
    """Give awk's functions, variables and parameters short names, and take its blanks away."""
    tokens = list(_awk_tokens(source))
    scopes = list(_awk_scopes(tokens))
    free = [
        text
        for (kind, text), scope in zip(tokens, scopes, strict=True)
        if kind == "word" and text not in scope and text not in _AWK_KEYWORDS
    ]
    names = _assign(free, (word for word in _upper() if word not in _AWK_KEYWORDS))
    out: list[str] = []
    last: Token = ("line", "")
    for (kind, text), scope in zip(tokens, scopes, strict=True):
        if kind == "blank":
            out.append(" ")
            continue
        word = (scope.get(text) or names.get(text, text)) if kind == "word" else text
        if out and out[-1] == " " and not _needs_blank(last, (kind, word)):
            out.pop()
        out.append(word)
        last = (kind, word)
    return re.sub(r" *\n[ \n]*", "\n", "".join(out)).lstrip(), names


def _needs_blank(last: Token, now: Token) -> bool:
    """Tell whether two tokens would be read as one, or a variable before a parenthesis as a call."""
    wordy = {"word", "number"}
    if last[0] in wordy and now[0] in wordy:
        return True
    if last[0] == "word" and now[1] == "(" and last[1] not in _AWK_KEYWORDS:
        return True
    return last[1][-1:] in {"+", "-"} and now[1][:1] in {"+", "-"}


def _awk_tokens(source: str) -> Iterator[Token]:
    at, before = 0, "\n"
    while at < len(source):
        kind = "pattern"
        match = _AWK_PATTERN.match(source, at) if before in _BEFORE_A_PATTERN else None
        if match is None:
            match = _AWK_TOKEN.match(source, at)
            if match is None or match.lastgroup is None:
                raise ValueError(f"this is not awk: {source[at : at + 40]!r}")
            kind = match.lastgroup
        at = match.end()
        if kind != "comment":
            yield kind, match.group()
        if kind not in {"comment", "blank"}:
            before = match.group()


def _awk_scopes(tokens: Sequence[Token]) -> Iterator[Mapping[str, str]]:
    """Give for each token the short names of the parameters of the function that it stands in."""
    scope: Mapping[str, str] = {}
    depth = 0
    for at, token in enumerate(tokens):
        if token == ("word", "function"):
            closing = tokens.index(("operator", ")"), at)
            names = [text for kind, text in tokens[at:closing] if kind == "word"][2:]
            scope = dict(zip(names, ascii_lowercase, strict=False))
        depth += {("operator", "{"): 1, ("operator", "}"): -1}.get(token, 0)
        yield scope
        if token == ("operator", "}") and depth == 0:
            scope = {}


def _assign(names: Iterable[str], words: Iterator[str]) -> dict[str, str]:
    """Give the shortest words to the most frequent names."""
    counts = Counter(names)
    return dict(zip(sorted(counts, key=lambda name: (-counts[name], name)), words, strict=False))


def _upper() -> Iterator[str]:
    yield from ascii_uppercase
    for first, second in product(ascii_uppercase, ascii_lowercase + digits):
        yield first + second


def _lower() -> Iterator[str]:
    yield from ascii_letters
    for first, second in product(ascii_lowercase, ascii_lowercase + digits):
        yield first + second
