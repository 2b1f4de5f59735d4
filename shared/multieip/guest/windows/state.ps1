# What is remembered between runs: one file for each MAC, in a folder of our own.
# Promises: a file is whole or the one before; a file that cannot be understood is kept beside and counts as
# lost; a file that cannot be read is a failure.
#
#   asof, run, set   the newest look that this guest was told of: older ones are refused, also after a release
#   eips             the wanted set that stands
#   records          each setting that was touched: kind, key, first (before us) and ours
#   undo, old        while a run is under way: what it touches, as it was, and the state to go back to
#   released         nothing of ours is left; pending: to be released when the interface is back

function Get-StatePath($Mac) {
    return Join-Path $Folder ($Mac.Replace(':', '') + '.json') @Stop
}

function New-State($Entry, $Data) {
    return @{
        v = $Version; mac = $Entry.mac; private = $Entry.private; asof = $Data.asof; run = $Data.run; set = (Get-SetText $Entry)
        eips = @(); records = @(); undo = @(); old = $null; released = $true; pending = $false
    }
}

# A look without a time is compared with nothing and moves nothing.
function Set-Stamp($State, $From) {
    if ($From -and $State.asof -eq 0) {
        $State.asof = $From.asof
        $State.run = $From.run
        $State.set = $From.set
    }
}

# The same state gives the same text, whatever the order of a hashtable.
function ConvertTo-Text($State) {
    return Get-Form $State | ConvertTo-Json -Compress -Depth 9
}

function Get-Form($State) {
    $form = [ordered]@{
        v = $State.v; mac = $State.mac; private = $State.private; asof = $State.asof; run = $State.run; set = $State.set
        eips = @($State.eips | ForEach-Object { [ordered]@{ ip = $_.ip; plen = $_.plen; gateway = $_.gateway; keep = $_.keep } })
        records = @($State.records | ForEach-Object { [ordered]@{ kind = $_.kind; key = $_.key; first = $_.first; ours = $_.ours; leaves = $_.leaves } })
        undo = @($State.undo | ForEach-Object { [ordered]@{ kind = $_.kind; key = $_.key; value = $_.value } })
        old = $null; released = $State.released; pending = $State.pending
    }
    if ($State.old) {
        $form.old = Get-Form $State.old
    }
    return $form
}

function Get-SetText($Entry) {
    $lines = @($Entry.eips | ForEach-Object { $_.ip + '/' + $_.plen + ' ' + $_.gateway + ' ' + $_.keep } | Sort-Object)
    return $Mode + ' ' + ($lines -join ',')
}

function Read-State($Mac) {
    $path = Get-StatePath $Mac
    if (-not [IO.File]::Exists($path)) {
        return
    }
    $text = [IO.File]::ReadAllText($path)
    try {
        $state = $text | ConvertFrom-Json
        if ($state.mac -eq $Mac -and $state.v -ge 2 -and $state.asof -ge 0 -and $null -ne $state.records -and $null -ne $state.undo) {
            return $state
        }
    } catch {
        Add-Note ($path + ' is damaged: ' + $_.Exception.Message)
    }
    if ($Mode -ne 'check' -and $Mode -ne 'survey') {
        Move-Item -LiteralPath $path -Destination ($path + '.bad') -Force @Stop
    }
}

function Read-States {
    if (Test-Path -LiteralPath $Folder @Stop) {
        foreach ($file in @(Get-ChildItem -LiteralPath $Folder -Filter '*.json' @Stop)) {
            $name = $file.BaseName
            if ($name -cmatch '^([0-9a-f]{2}){6}$') {
                Read-State (($name -replace '(..)(?!$)', '$1:'))
            }
        }
    }
}

# On the disk before anything that depends on it: a power loss leaves the old file or the new one.
function Write-Whole($Path, $Text) {
    New-Item -ItemType Directory -Path $Folder -Force @Stop | Out-Null
    $bytes = [Text.Encoding]::ASCII.GetBytes($Text)
    $stream = [IO.File]::Create($Path + '.new')
    try {
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Flush($true)
    } finally {
        $stream.Dispose()
    }
    if ([IO.File]::Exists($Path)) {
        [IO.File]::Replace($Path + '.new', $Path, [NullString]::Value)
    } else {
        [IO.File]::Move($Path + '.new', $Path)
    }
}

function Write-State($State) {
    try {
        Write-Whole (Get-StatePath $State.mac) (ConvertTo-Text $State)
    } catch {
        Stop-Run 'stamp' ('the record of this run cannot be written below ' + $Folder + ', so nothing stays changed: ' + $_.Exception.Message)
    }
}

# Whether the guest has been told of a newer look, or of another set with the same stamp.
function Test-Older($State, $Entry, $Data) {
    return [bool]($State -and $Data.asof -gt 0 -and ($State.asof -gt $Data.asof -or ($State.asof -eq $Data.asof -and $State.set -ne (Get-SetText $Entry))))
}

# The EIPs that this guest has and that a lean set, of a look that may have missed what is bound, does not name.
function Get-Unnamed($State, $Entry, $Data) {
    if ($State -and $Data.lean -and -not $State.pending) {
        $named = @($Entry.eips | ForEach-Object { $_.ip })
        $State.eips | ForEach-Object { $_.ip } | Where-Object { $named -notcontains $_ }
    }
}

# What stands on the interface because of us; a run that was cut off has written what it meant to touch.
function Get-OwnIps($State) {
    if ($State) {
        return $State.records | Where-Object { $_.kind -eq 'address' } | ForEach-Object { $_.key }
    }
}

function Get-OwnHops($State) {
    if ($State) {
        return $State.records | Where-Object { $_.kind -eq 'route' -and $_.ours -eq '1/1' } | ForEach-Object { $_.key }
    }
}

function Find-Record($State, $Kind, $Key) {
    if ($State) {
        return $State.records | Where-Object { $_.kind -eq $Kind -and $_.key -eq $Key } | Select-Object -First 1
    }
}
