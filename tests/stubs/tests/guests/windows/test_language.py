"""The PowerShell that is played: its ideas of arrays, null, comparison and errors, and where it ends."""

from __future__ import annotations

import pytest

from localcloud.guests.windows import NotPlayedError, PlayedWindows


def lines(script: str, windows: PlayedWindows | None = None) -> list[str]:
    """Run a script and return what it puts out, each object as text."""
    ran = (windows or PlayedWindows()).run(script)
    assert ran.code == 0, ran
    return list(ran.lines)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        # A pipeline carries the elements of an array, and one object is no array.
        ("$a = @(1, 2, 3); $a.Count", ["3"]),
        ("$a = @(1, 2) + 3; $a.Count", ["3"]),
        ("$a = @(); $a += @{ x = 1 }; $a.Count", ["1"]),
        ("$a = 1, 2 | ForEach-Object { $_ + 1 }; $a -join ','", ["2,3"]),
        ("@(1, 2, 3 | Where-Object { $_ -gt 1 }).Count", ["2"]),
        ("@(1 | Where-Object { $_ -gt 1 }).Count", ["0"]),
        ("$x = ,@(1, 2); @($x).Count", ["1"]),
        ("function F { return ,@(1, 2) }; $x = F; $x.Count", ["2"]),
        ("function F { 1; 2 }; @(F).Count", ["2"]),
        ("function F { return }; @(F).Count", ["0"]),
        ("function F { return $null }; @(F).Count", ["1"]),
        # Over null a loop makes no round and a pipeline one.
        ("$n = 0; foreach ($x in $null) { $n++ }; $n", ["0"]),
        ("@($null | ForEach-Object { 'once' }).Count", ["1"]),
        # The left side decides the type; strings are compared in any case, arrays are filtered.
        ("'ABC' -eq 'abc'", ["True"]),
        ("'10' -eq 10", ["True"]),
        ("10 -eq '10'", ["True"]),
        ("@('a', 'b', 'A') -eq 'a'", ["a", "A"]),
        ("@('a', 'b') -contains 'B'", ["True"]),
        ("@('a', 'b') -notcontains 'c'", ["True"]),
        ("$null -eq $false", ["False"]),
        ("'abc' -cmatch '^A'", ["False"]),
        ("'abc' -match '^(A)b'; $Matches[1]", ["True", "a"]),
        ("'aabb' -replace '(..)(?!$)', '$1:'", ["aa:bb"]),
        ("'CmdletizationQuery_NotFound_X,Y' -notlike 'CmdletizationQuery_NotFound*'", ["False"]),
        # Numbers: a quotient is whole where nothing is lost.
        ("'a' + 90000 / 1000 + ' s'", ["a90 s"]),
        ("256 - [Math]::Pow(2, 8)", ["0"]),
        ("[string](7 % 2)", ["1"]),
        ("5 -is [int]; 5000000000 -is [int]; '5' -is [int]", ["True", "False", "False"]),
        # Truth.
        ("if (@()) { 'yes' } else { 'no' }", ["no"]),
        ("if (@(0)) { 'yes' } else { 'no' }", ["no"]),
        ("if (@(0, 0)) { 'yes' } else { 'no' }", ["yes"]),
        ("-not ''", ["True"]),
        # Functions see their callers' variables and change their own.
        ("$x = 1; function F { $x = 2; $x }; F; $x", ["2", "1"]),
        ("function F($Block) { & $Block }; function G { $y = 5; F { $y } }; G", ["5"]),
        ("$h = @{ n = 0 }; function F { $h.n += 1 }; F; F; $h.n", ["2"]),
        ("1, 2 | ForEach-Object { $last = $_ }; $last", ["2"]),
        # Flow.
        ("foreach ($x in 1, 2, 3) { if ($x -eq 2) { continue }; $x }", ["1", "3"]),
        ("while ($true) { 'once'; break }", ["once"]),
        ("for ($n = 2; $n -ge 0; $n--) { $n }", ["2", "1", "0"]),
        ("switch ('b') { 'a' { 1 }\n'b' { 2 }\ndefault { 3 }\n}", ["2"]),
        ("function F($K) { switch ($K) { 'a' { return 1 }\ndefault { return 2 }\n} }; F 'z'", ["2"]),
        ("$r = if ($true) { 1 } else { 2 }; $r", ["1"]),
        # Errors.
        ("try { throw 'no' } catch { $_.Exception.Message }", ["no"]),
        ("try { try { throw 'no' } catch { throw } } catch { $_.Exception.Message + '!' }", ["no!"]),
        ("try { 1 } finally { 2 }", ["1", "2"]),
        ("function F { try { return 1 } finally { 2 } }; @(F).Count", ["2"]),
        # Text.
        ("'a:b'.Split(':')[1]; 'Ab'.ToUpper(); 'a-b'.Replace('-', '')", ["b", "AB", "ab"]),
        ('"x`ny"', ["x\ny"]),
        ("'it''s'", ["it's"]),
        # JSON, as 5.1 has it.
        ("'[1,2]' | ConvertFrom-Json | ForEach-Object { 'one object' }", ["one object"]),
        ("[ordered]@{ a = @(1); b = $null; c = @{ d = $true } } | ConvertTo-Json -Compress -Depth 3",
         ['{"a":[1],"b":null,"c":{"d":true}}']),
    ],
)  # fmt: skip
def test_it_means_what_powershell_means(script: str, said: list[str]) -> None:
    """Each line is one of PowerShell's own rules."""
    assert lines(script) == said


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("$x", "cannot be retrieved because it has not been set"),
        ("$x = $null; $x.y", "'y' cannot be found"),
        ("$x = @{ a = 1 }; $x.b", "'b' cannot be found"),
        ("$x = 5; $x.Count", "'Count' cannot be found"),
        ("$x = @(1); $x[1]", "outside the bounds"),
        ("$x = [ordered]@{ a = 1 }; $x.Clone()", "has no method 'Clone'"),
        ("$null | ConvertFrom-Json", "because it is null"),
        ("'{' | ConvertFrom-Json", "Invalid JSON"),
        ("[int]'x'", "Cannot convert value"),
        ("throw 'no'", "no"),
    ],
)
def test_strict_mode_refuses(script: str, error: str) -> None:
    """What strict mode refuses ends the script with 1."""
    ran = PlayedWindows().run(script)

    assert ran.code == 1
    assert error in ran.lines[-1]


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("Get-Process", "command Get-Process"),
        ("Get-NetAdapter -Physical -ErrorAction Stop", "physical"),
        ("Get-NetAdapter", "without -ErrorAction Stop"),
        ("Set-NetIPInterface -InterfaceIndex 3 -Dhcp Enabled -ErrorAction Stop", "addressfamily"),
        ("[IO.Path]::GetTempPath()", r"\[IO.Path\]::GetTempPath"),
        ('$x = "a $y"', "string with a variable"),
        ("$script:x = 1", "variable"),
        ("1 -shl 2", "operator|expression"),
        ("class X { }", "statement"),
        ("do { 1 } while ($true)", "statement"),
        ("$x = 1; $x -bor 2", "operator|expression"),
        ("netsh.exe interface ipv4 reset", "netsh|without"),
        ("'a' | Sort-Object -Descending", "descending"),
        ("function F($A) { $A }; F 1 2", "2 arguments"),
    ],
)
def test_what_is_not_played_is_named(script: str, name: str) -> None:
    """Nothing is guessed: the run ends with the construct, the command or the parameter."""
    with pytest.raises(NotPlayedError, match=name):
        PlayedWindows().run(script)


def test_a_hashtable_is_listed_in_no_order_to_rely_on() -> None:
    """Two with the same keys can come out differently; ordered ones cannot."""
    script = "@{ a = 1; b = 2; c = 3; d = 4 } | ConvertTo-Json -Compress -Depth 2"
    assert len({lines(script)[0] for _ in range(20)}) > 1
    assert len({lines(script.replace("@{", "[ordered]@{"))[0] for _ in range(20)}) == 1


def test_exit_codes_and_words() -> None:
    """`exit` ends with its code, and a file's words are its arguments."""
    windows = PlayedWindows()
    ran = windows.run("$args[0]; exit 1; 'never'", "start")

    assert (ran.code, ran.lines) == (1, ("start",))


def test_an_abandoned_lock_is_caught_by_its_type() -> None:
    """The exception inside of what a method threw is what `catch` looks at."""
    windows = PlayedWindows()
    windows.mutex = "abandoned"
    script = """
$lock = New-Object System.Threading.Mutex $false, 'Global\\multieip-guest'
try { $lock.WaitOne(5) }
catch [System.IO.IOException] { 'wrong' }
catch [System.Threading.AbandonedMutexException] { 'right' }
"""
    assert lines(script, windows) == ["right"]
