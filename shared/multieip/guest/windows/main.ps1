# One run: check, survey, apply and release for the cloud; start and undo for the two tasks.
# Promises: one line of answer whatever happens, and no end but 0 and 1.

function Invoke-Check($Entry) {
    $nic = Get-Nic $Entry.mac
    if (-not $nic) {
        Add-Problem 'no-interface' ('no interface has the MAC ' + $Entry.mac + '; attach the ENI')
        $Run.State = 'differs'
        return
    }
    $look = Get-Look $nic @('address', 'route', 'interface')
    $differences = @(Get-Differences $look $Entry (Read-State $Entry.mac))
    if ($differences.Count -gt 0) {
        Add-Problem 'differs' ($differences -join '; ')
        $Run.State = 'differs'
    }
}

# Every interface with IPv4, and what the records say is on it.
function Get-SurveyEntries {
    foreach ($adapter in @(Get-NetAdapter @Stop | Where-Object { Get-Interface $_.ifIndex 'ActiveStore' })) {
        $plain = (Get-PlainMac $adapter).ToLower()
        if ($plain -match '^([0-9a-f]{2}){6}$') {
            $entry = @{ mac = $plain -replace '(..)(?!$)', '$1:'; private = $null; eips = @() }
            $state = Read-State $entry.mac
            if ($state) {
                $entry.eips = @($state.eips)
            }
            foreach ($address in @(Get-Addresses $adapter.ifIndex 'ActiveStore' | Where-Object { [string]$_.PrefixOrigin -eq 'Dhcp' })) {
                $entry.private = $address.IPAddress
            }
            $entry
        }
    }
}

function Get-Data {
    if (-not $Wanted) {
        return $Run.Data
    }
    $data = Expand-Text $Wanted | ConvertFrom-Json
    if (-not (Test-Data $data)) {
        Stop-Run 'data' 'the data of this script are damaged; render it again'
    }
    return $data
}

# The data were checked where they come from; here they are checked again.
function Test-Data($Data) {
    foreach ($entry in @($Data.nics)) {
        $gateways = @($entry.eips | ForEach-Object { $_.gateway } | Select-Object -Unique)
        $ips = @($entry.private) + @($entry.eips | ForEach-Object { $_.ip; $_.gateway })
        if ($entry.mac -cnotmatch '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' -or @($entry.eips).Count -gt 10 -or ($Mode -eq 'apply' -and $gateways.Count -gt 1)) {
            return $false
        }
        if (@($ips | Where-Object { $_ -cnotmatch '^(\d{1,3}\.){3}\d{1,3}$' }).Count -gt 0) {
            return $false
        }
        if (@($entry.eips | Where-Object { $_.plen -isnot [int] -or $_.plen -lt 8 -or $_.plen -gt 30 -or $_.keep -isnot [bool] }).Count -gt 0) {
            return $false
        }
    }
    return $true
}

# Only one run at a time; the mutex of a run that was killed is free. What only reads has less time for its answer.
function Wait-Lock {
    $seconds = 60
    if ($Mode -eq 'check' -or $Mode -eq 'survey') {
        $seconds = 30
    }
    $lock = New-Object System.Threading.Mutex $false, 'Global\multieip-guest'
    $held = $false
    try {
        $held = $lock.WaitOne($seconds * 1000)
    } catch [System.Threading.AbandonedMutexException] {
        $held = $true
    }
    if (-not $held) {
        Stop-Run 'locked' ('another run holds the lock for more than ' + $seconds + ' s; wait for its end')
    }
    return $lock
}

function Invoke-Entries($Data) {
    foreach ($entry in @($Data.nics)) {
        switch ($Mode) {
            'check' { Invoke-Check $entry }
            'apply' { Invoke-Apply $entry $Data }
            'release' { Invoke-Release $entry $Data }
        }
    }
    if ($Mode -ne 'check') {
        foreach ($done in $Run.Done) {
            Write-State $done
        }
        $Run.Done = @()
        Close-Run
    }
}

# The interfaces that are ours, now or by a record: none of them is the way out of the instance.
function Get-OwnIndexes($Data) {
    $macs = @($Data.nics | ForEach-Object { $_.mac }) + @(Read-States | Where-Object { -not $_.released } | ForEach-Object { $_.mac })
    foreach ($mac in @($macs | Select-Object -Unique)) {
        Get-Adapters $mac | ForEach-Object { $_.ifIndex }
    }
}

function Invoke-Run {
    $Run.Lock = Wait-Lock
    $Run.Data = Get-Data
    $Run.Indexes = @(Get-OwnIndexes $Run.Data)
    $Run.Before = Get-Best @(Get-OtherDefaults $Run.Indexes)
    switch ($Mode) {
        'start' { Invoke-Start }
        'undo' { Invoke-Timer }
        'survey' { $Run.Data.nics = @(Get-SurveyEntries) }
        default { Invoke-Entries $Run.Data }
    }
}

# ENIs that a set is still kept for and that are not attached.
function Get-Detached {
    foreach ($state in @(Read-States)) {
        if ((-not $state.released) -and @(Get-Adapters $state.mac).Count -eq 0) {
            $state.mac
        }
    }
}

function Get-Answer {
    $service = Get-ServiceReport
    $default = Get-DefaultReport $Run.Before
    foreach ($entry in @($Run.Data.nics)) {
        $shown = @{ mac = $entry.mac; private = $entry.private; eips = @($entry.eips) }
        if ($Mode -eq 'release') {
            $shown.eips = @()
        } else {
            Add-Remarks $shown
        }
        Add-NicReport $shown
    }
    $answer = [ordered]@{
        v = 1; mode = $Mode; state = $Run.State; changed = $Run.Changed; simulated = $false; nics = @($Run.Nics)
        service_route = $service; default_route = $default; tools = @(); problems = @($Run.Problems); notes = @($Run.Notes)
        detached = @(Get-Detached)
    }
    if ($Run.Held) {
        $answer.held = $Run.Held
    }
    $kept = Get-KeptVersion
    if ($kept -gt 0) {
        $answer.keeper = $kept
    }
    return $answer | ConvertTo-Json -Compress -Depth 9
}

# Where not even the report can be made, there is still a line that says so.
function Get-LastAnswer($Text) {
    $Run.State = 'failed'
    Add-Problem 'read' $Text
    $answer = [ordered]@{
        v = 1; mode = $Mode; state = 'failed'; changed = $Run.Changed; simulated = $false; nics = @()
        service_route = @{ dev = $null; mac = $null }; default_route = @{ dev = $null; via = $null; unchanged = $false }; tools = @(); problems = @($Run.Problems); notes = @($Run.Notes)
    }
    return $answer | ConvertTo-Json -Compress -Depth 9
}

try {
    Invoke-Run
} catch {
    $Run.State = if ($Run.Held) { $Run.Code } else { 'failed' }
    Add-Problem (Get-Code $_.Exception.Message $Mode) $_.Exception.Message
    Undo-Open
}
try {
    $Line = Get-Answer
} catch {
    $Line = Get-LastAnswer ('the state cannot be reported: ' + $_.Exception.Message)
}
[Console]::Out.WriteLine('multieip-answer: ' + $Line)
if ($Run.State -eq 'failed') {
    exit 1
}
exit 0
