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
from itertools import islice, product
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
# Names that DHCP clients give their hook.
_KEPT |= {"reason", "ip", "mask", "lease", "new_ip_address", "new_subnet_mask", "new_dhcp_lease_time"}
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


_SPACED = {
    "\\\n": "",
    " && ": "&&",
    " || ": "||",
    "&&\n": "&&",
    "||\n": "||",
    " ;;\n": ";;\n",
    ";;\nesac": "\nesac",
    "; then\n": ";then\n",
    "; do\n": ";do\n",
}


def strip(source: str) -> str:
    """Take comments, indentation and empty lines away."""
    lines = (line.strip() for line in source.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#"))


class ShortNames:
    """Gives short names, first the shell's variables, then its functions, then awk's.

    `chosen` has other ones, in the order of `given` of an earlier use with the same source.
    """

    def __init__(self, chosen: Sequence[Sequence[str]] = ()) -> None:
        """Take the usual words, or the chosen ones."""
        self._chosen = list(chosen)
        self.given: list[list[str]] = []

    def assign(self, names: Iterable[str], words: Iterator[str]) -> dict[str, str]:
        """Give the words of one letter to the most frequent names, the others in the order of first use."""
        counts = Counter(names)
        order = {name: at for at, name in enumerate(counts)}
        given = list(islice(words, len(counts)))
        single = sum(len(word) == 1 for word in given)
        frequent = sorted(counts, key=lambda name: (-counts[name], name))
        if self._chosen:
            given = list(self._chosen.pop(0))
        self.given.append(given)
        later = sorted(frequent[single:], key=order.__getitem__)
        return dict(zip([*frequent[:single], *later], given, strict=True))


def shorten_program(shell: str, awk: str, names: ShortNames | None = None) -> str:
    """Put both together as one shell program, whose first line is the awk program as a variable's text.

    What awk gives back by `give("name", …)` is a variable of the shell, and what it is given by `-v name=` is
    a variable of its own; both ends get one short name. The same source always ends the same.
    """
    names = names or ShortNames()
    text, variables = _shorten_shell(f"compare_program=''\n{shell}", names)
    given = re.sub(r'(?<=\bgive\(")[a-z_]+', lambda match: variables.get(match.group(), match.group()), awk)
    inner, own = _shorten_awk(given, names)
    text = re.sub(r"(?<=-v )[a-z_]+(?==)", lambda match: own[match.group()], text)
    return _tighten(strip(text)).replace("=''\n", f"='\n{inner}'\n", 1)


def _tighten(shell: str) -> str:
    """Take blanks and ends of lines away that the shell does not need; none of them stands in a text."""
    for spaced, tight in _SPACED.items():
        shell = shell.replace(spaced, tight)
    return shell


def _shorten_shell(source: str, names: ShortNames) -> tuple[str, Mapping[str, str]]:
    """Give the shell's functions and variables short names, and tell those of the variables."""
    source = re.sub(r"^ *#.*\n", "", source, flags=re.MULTILINE)
    inner = {match.group(1): _locals(match.group(2)) for match in _FUNCTION.finditer(source)}
    shared = _names_in(_FUNCTION.sub("", source))
    for match in _FUNCTION.finditer(source):
        shared += [name for name in _names_in(match.group(2)) if name not in inner[match.group(1)]]
    borrowed = {name for names in inner.values() for name in names} & set(shared)
    if borrowed:
        raise ValueError(f"local in one function, used in another: {', '.join(sorted(borrowed))}")
    letters = _share(inner.values())
    most = len(set(letters.values()))
    variables = names.assign((name for name in shared if name not in _KEPT), _beside(most))

    def body(match: re.Match[str]) -> str:
        scope = {**variables, **{name: letters[name] for name in inner[match.group(1)]}}
        return f"{match.group(1)}() {{\n{_rename(match.group(2), scope)}}}"

    at, parts = 0, []
    for match in _FUNCTION.finditer(source):
        parts += [_rename(source[at : match.start()], variables), body(match)]
        at = match.end()
    text = "".join((*parts, _rename(source[at:], variables)))
    return _shorten_functions(text, inner, names), variables


def _shorten_functions(text: str, functions: Iterable[str], names: ShortNames) -> str:
    own = {name for name in functions if _FUNCTION_NAME.fullmatch(name) and not _PUT_TOGETHER.fullmatch(name)}
    taken = _TAKEN | set(re.findall(r"\w+", text))
    used = (name for name in _FUNCTION_NAME.findall(text) if name in own)
    short = names.assign(used, (word for word in _lower() if word not in taken))
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


def _shorten_awk(source: str, names: ShortNames) -> tuple[str, Mapping[str, str]]:
    """Give awk's functions, variables and parameters short names, and take its blanks away."""
    tokens = list(_awk_tokens(source))
    scopes = list(_awk_scopes(tokens))
    free = [
        text
        for (kind, text), scope in zip(tokens, scopes, strict=True)
        if kind == "word" and text not in scope and text not in _AWK_KEYWORDS
    ]
    most = len({letter for scope in scopes for letter in scope.values()})
    own = names.assign(free, (word for word in _beside(most) if word not in _AWK_KEYWORDS))
    out: list[str] = []
    last: Token = ("line", "")
    for (kind, text), scope in zip(tokens, scopes, strict=True):
        if kind == "blank":
            out.append(" ")
            continue
        word = (scope.get(text) or own.get(text, text)) if kind == "word" else text
        if out and out[-1] == " " and not _needs_blank(last, (kind, word)):
            out.pop()
        out.append(word)
        last = (kind, word)
    return re.sub(r" *\n[ \n]*", "\n", "".join(out)).lstrip(), own


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
    heads = [at for at, token in enumerate(tokens) if token == ("word", "function")]
    parameters = {at: _parameters(tokens, at) for at in heads}
    letters = _share(parameters.values())
    scope: Mapping[str, str] = {}
    depth = 0
    for at, token in enumerate(tokens):
        if at in parameters:
            scope = {name: letters[name] for name in parameters[at]}
        depth += {("operator", "{"): 1, ("operator", "}"): -1}.get(token, 0)
        yield scope
        if token == ("operator", "}") and depth == 0:
            scope = {}


def _parameters(tokens: Sequence[Token], head: int) -> list[str]:
    closing = tokens.index(("operator", ")"), head)
    return [text for kind, text in tokens[head:closing] if kind == "word"][2:]


def _share(functions: Iterable[Sequence[str]]) -> dict[str, str]:
    """Give each local one letter wherever it stands, and none twice in one function: like looks alike."""
    functions = list(functions)
    counts = Counter(name for names in functions for name in names)
    letters: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        beside = {letters.get(other) for names in functions if name in names for other in names}
        letters[name] = next(letter for letter in ascii_lowercase if letter not in beside)
    return letters


def _beside(most: int) -> Iterator[str]:
    """Give names that are none of the first lower letters, which the locals of functions have."""
    yield from ascii_uppercase
    yield from ascii_lowercase[most:]
    for first, second in product(ascii_uppercase, ascii_lowercase + digits):
        yield first + second


def _lower() -> Iterator[str]:
    yield from ascii_letters
    for first, second in product(ascii_lowercase, ascii_lowercase + digits):
        yield first + second
