# One run: check, survey, apply and release for the cloud; start and undo for the two tasks.

# A hot-plugged interface and its lease take their time, and questions asked too early fail.
function Wait-Nic($Entry) {
    while ($true) {
        $why = 'no interface has the MAC ' + $Entry.mac + '; attach the ENI'
        $code = 'no-interface'
        try {
            $nic = Get-Nic $Entry.mac
            if ($nic) {
                $why = $nic.Name + ' has no private address ' + $Entry.private + '; enable DHCP on it'
                $code = 'no-private-address'
                if ((Get-Length @(Get-Addresses $nic.ifIndex 'ActiveStore') $Entry.private) -ne '0') {
                    return $nic
                }
            }
        } catch {
            $why = $_.Exception.Message
            $code = Get-Code $why 'read'
        }
        if (-not (Test-TimeLeft)) {
            Stop-Run $code $why
        }
        Start-Sleep -Milliseconds 100
    }
}

# A new address is tentative for some seconds.
function Wait-Preferred($Nic, $Eips) {
    while (Test-TimeLeft) {
        $addresses = @(Get-Addresses $Nic.ifIndex 'ActiveStore')
        $waiting = @($Eips | Where-Object { $ip = $_.ip; $addresses | Where-Object { $_.IPAddress -eq $ip -and [string]$_.AddressState -eq 'Tentative' } })
        if ($waiting.Count -eq 0) {
            return
        }
        Start-Sleep -Milliseconds 250
    }
}

function Test-Able($Nic, $Look, $Eips) {
    if ([Environment]::OSVersion.Version.Build -lt 15063) {
        Stop-Run 'not-supported' 'Windows Server 2016 is not supported: nobody has seen yet that static addresses leave DHCP on there'
    }
    if ($Nic.Name -match '^\d+$') {
        Stop-Run 'conflict' ('the interface is named ' + $Nic.Name + ', which netsh takes for a number; rename it')
    }
    if (-not (Test-Dhcp $Look)) {
        Stop-Run 'dhcp' ('DHCP is off on ' + $Nic.Name + '; enable it: without it the mode does not take effect')
    }
    foreach ($eip in $Eips) {
        $others = @(Get-Found { Get-NetIPAddress -IPAddress $eip.ip -AddressFamily IPv4 -PolicyStore 'ActiveStore' @Stop } | Where-Object { $_.InterfaceIndex -ne $Nic.ifIndex })
        if ($others.Count -gt 0) {
            Stop-Run 'conflict' ('EIP ' + $eip.ip + ' is on ' + $others[0].InterfaceAlias + ' already; take it away there first')
        }
    }
}

# Writes down what will be touched and how it was, then touches it. Whoever finds the journal can go back.
function Invoke-Settings($Nic, $Look, $State, $Old, $Settings) {
    $changes = @(Get-Changes $Look $Settings $Old)
    if (-not $State.released) {
        $State.records = @(Get-Records $Old $Settings $changes)
    }
    $begun = $Old -and @($Old.undo).Count -gt 0
    if ($changes.Count -eq 0 -and -not $begun) {
        return
    }
    $journal = $State.Clone()
    Set-Stamp $journal $Old
    $journal.undo = @(Get-Undo $Old $Settings $changes)
    $journal.old = if ($begun) { $Old.old } else { $Old }
    Set-Task
    $Run.Open += @{ nic = $Nic; state = $journal }
    Write-State $journal
    Set-Timer
    foreach ($change in $changes) {
        if (-not (Test-TimeLeft)) {
            Stop-Run 'time' ('no time was left after ' + $DeadlineMs / 1000 + ' s')
        }
        $Run.Changed = $true
        Invoke-Change $Nic $change
    }
}

function Invoke-Change($Nic, $Change) {
    try {
        Set-Value $Nic $Change.kind $Change.key $Change.value
    } catch {
        if ($Change.kind -eq 'coexistence') {
            Stop-Run 'not-supported' ('this Windows does not take DHCP and static addresses on one interface: ' + $_.Exception.Message)
        }
        throw
    }
}

# How everything was that is about to be touched, the oldest first; DHCP with it, for what switches it off unasked.
function Get-Undo($Old, $Settings, $Changes) {
    $steps = @()
    if ($Old) {
        $steps = @($Old.undo)
    }
    foreach ($setting in @($Settings | Where-Object { $_.kind -eq 'dhcp' })) {
        $steps += @{ kind = 'dhcp'; key = ''; value = 'Enabled' }
    }
    foreach ($change in $Changes) {
        $steps += @{ kind = $change.kind; key = $change.key; value = $change.before }
    }
    return $steps
}

# Goes back, the newest step first; true when everything is as it was.
function Invoke-Undo($Nic, $State) {
    $whole = $true
    $steps = @($State.undo)
    for ($n = $steps.Count - 1; $n -ge 0; $n--) {
        try {
            if ($steps[$n].value -eq 'unknown') {
                Add-Note ($steps[$n].kind + ' of ' + $Nic.Name + ' stays on, because Windows does not tell what it was')
            } else {
                Set-Value $Nic $steps[$n].kind $steps[$n].key $steps[$n].value
            }
        } catch {
            $whole = $false
            Add-Problem 'roll-back' $_.Exception.Message
        }
    }
    return $whole
}

# The record that stood before the run, with the stamp of the newest look.
function Restore-State($State) {
    $old = $State.old
    if (-not $old) {
        $old = New-State @{ mac = $State.mac; private = $State.private; eips = @() } @{ asof = $State.asof; run = $State.run }
    }
    $old.asof = $State.asof
    $old.run = $State.run
    $old.set = $State.set
    Write-State $old
}

# After a failure: everything goes back; what does not stays in the journal, for the timer and the next run.
function Undo-Open {
    $whole = $true
    $open = @($Run.Open)
    $Run.Done = @()
    for ($n = $open.Count - 1; $n -ge 0; $n--) {
        try {
            if (Invoke-Undo $open[$n].nic $open[$n].state) {
                Restore-State $open[$n].state
            } else {
                $whole = $false
            }
        } catch {
            $whole = $false
            Add-Problem 'roll-back' $_.Exception.Message
        }
    }
    if ($whole) {
        $Run.Changed = $false
        Close-Run
    }
    $Run.Open = @()
}

# Nothing is left to go back to, so the timer has nothing to do, and a task without an interface goes.
function Close-Run {
    try {
        foreach ($done in $Run.Done) {
            Write-State $done
        }
        if (@(Read-States | Where-Object { @($_.undo).Count -gt 0 }).Count -eq 0) {
            Remove-Task $TimerName
        }
        Remove-Idle
    } catch {
        Add-Problem 'roll-back' $_.Exception.Message
    }
}

function Invoke-Apply($Entry, $Data) {
    $old = Read-State $Entry.mac
    Stop-Older $old $Entry $Data
    $nic = Wait-Nic $Entry
    $look = Get-Look $nic (Get-Kinds)
    $eips = @(Get-WantedEips $look $Entry)
    $state = New-State $Entry $Data
    if ($eips.Count -eq 0) {
        Invoke-Back $nic $look $old $state
        return
    }
    $state.eips = $eips
    $state.released = $false
    Test-Able $nic $look $eips
    Invoke-Settings $nic $look $state $old @(Get-WantedSettings $look $eips $old)
    Set-Task
    Wait-Preferred $nic $eips
    $differences = @(Get-Differences (Get-Look $nic (Get-Kinds)) $Entry $state)
    if ($differences.Count -gt 0) {
        throw ('not as wanted after the change: ' + ($differences -join '; '))
    }
    Add-Done $state $old
}

# This interface is as wanted: what is to stand in its record once all are.
function Add-Done($State, $Old) {
    $State.records = @($State.records | Where-Object { -not ($_.leaves -and $_.ours -eq $_.first -and ($_.first -eq '0/0' -or $_.first -eq '-/-')) })
    foreach ($record in $State.records) {
        $record.leaves = $false
    }
    Set-Stamp $State $Old
    if ($Run.Open.Count -gt 0 -or -not $Old -or (ConvertTo-Text $Old) -ne (ConvertTo-Text $State)) {
        $Run.Done += $State
    }
}

# Back to what was there before us.
function Invoke-Back($Nic, $Look, $Old, $State) {
    if ($Old) {
        $State.records = @($Old.records)
        $settings = @(Get-ReleaseSettings $Look $Old)
        Invoke-Settings $Nic $Look $State $Old $settings
        $left = @(Get-Changes (Get-Look $Nic (Get-Kinds)) $settings $null | ForEach-Object { $_.kind + ' ' + $_.key })
        if ($left.Count -gt 0) {
            throw ('not as before after the change: ' + ($left -join '; '))
        }
    }
    $State.records = @()
    Add-Done $State $Old
}

function Invoke-Release($Entry, $Data) {
    $old = Read-State $Entry.mac
    Stop-Older $old $Entry $Data
    $state = New-State $Entry $Data
    $nic = Get-Nic $Entry.mac
    if (-not $nic) {
        Save-Pending $Entry $old $state
        return
    }
    $look = Get-Look $nic (Get-Kinds)
    if (-not $old) {
        Invoke-Settings $nic $look $state $null @(Get-NamedSettings $Entry.eips)
        if (-not (Test-Lost $nic)) {
            $state.records = @()
            Add-Done $state $null
        }
        return
    }
    Invoke-Back $nic $look $old $state
}

# Windows keeps the addresses of an interface that is gone, and they are up again when it returns.
function Save-Pending($Entry, $Old, $State) {
    if (-not $Old -or ($Old.released -and -not $Old.pending)) {
        Add-Note ('no interface has the MAC ' + $Entry.mac + ', and there is no record of anything of ours on it')
        return
    }
    $State.eips = @($Old.eips)
    $State.records = @($Old.records)
    $State.undo = @($Old.undo)
    $State.old = $Old.old
    $State.released = $false
    $State.pending = $true
    Set-Stamp $State $Old
    Write-State $State
    $Run.Changed = $true
    $Run.State = 'failed'
    Add-Problem 'no-interface' ('no interface has the MAC ' + $Entry.mac + '; Windows keeps its addresses in the registry, and the task ' + $TaskName + ' takes them away when the interface is back')
}

# Public addresses of unknown origin: not ours to take away without a record, and not ours to call nothing.
function Test-Lost($Nic) {
    $look = Get-Look $Nic @('address')
    $left = @($look.active) + @($look.lasting) | Where-Object { [string]$_.PrefixOrigin -eq 'Manual' -and -not (Test-Private $_.IPAddress) } | ForEach-Object { $_.IPAddress }
    $ips = @($left | Select-Object -Unique)
    if ($ips.Count -gt 0) {
        $Run.State = 'failed'
        Add-Problem 'state-lost' ('there is no record of what was configured on ' + $Nic.Name + '; these public addresses stay: ' + ($ips -join ' ') + '; remove them by hand if they are not wanted')
    }
    return $ips.Count -gt 0
}

function Test-Private($Ip) {
    return $Ip -match '^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)'
}

function Stop-Older($State, $Entry, $Data) {
    if (Test-Older $State $Entry $Data) {
        $Run.Older = [ordered]@{ mac = $State.mac; asof = $State.asof; run = $State.run; eips = @($State.eips) }
        Stop-Run 'older' ('this guest has been told of a newer look: ' + $State.asof + ' by ' + $State.run)
    }
}

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

# What the records say is wanted, one interface after the other: those that are there first.
function Invoke-Start {
    $states = @(Read-States)
    foreach ($there in @($true, $false)) {
        foreach ($state in $states) {
            try {
                if ([bool](Get-Adapters $state.mac) -eq $there) {
                    Resume-State $state
                }
            } catch {
                $Run.State = 'failed'
                Add-Problem 'start' ($state.mac + ': ' + $_.Exception.Message)
                Undo-Open
            }
        }
    }
}

function Resume-State($Known) {
    $state = $Known
    if (@($state.undo).Count -gt 0) {
        Invoke-Rescue $state
        $state = Read-State $state.mac
    }
    $entry = @{ mac = $state.mac; private = $state.private; eips = @($state.eips) }
    $again = New-State $entry @{ asof = $state.asof; run = $state.run }
    $again.set = $state.set
    if ($state.pending) {
        $nic = Get-Nic $state.mac
        if ($nic) {
            Invoke-Back $nic (Get-Look $nic (Get-Kinds)) $state $again
        }
    } elseif (-not $state.released) {
        $nic = Wait-Nic $entry
        $look = Get-Look $nic (Get-Kinds)
        Test-Able $nic $look $entry.eips
        $again.eips = $entry.eips
        $again.released = $false
        Invoke-Settings $nic $look $again $state @(Get-WantedSettings $look $entry.eips $state)
        Add-Done $again $state
    }
    Close-Run
    $Run.Open = @()
    $Run.Done = @()
}

# A run was cut off: the interface goes back to what it was before that run.
function Invoke-Rescue($State) {
    $nic = Get-Nic $State.mac
    if ($nic -and (Invoke-Undo $nic $State)) {
        Restore-State $State
        return
    }
    throw ('a run that was cut off cannot be undone yet on ' + $State.mac)
}

function Invoke-Timer {
    foreach ($state in @(Read-States | Where-Object { @($_.undo).Count -gt 0 })) {
        Invoke-Rescue $state
    }
    Remove-Task $TimerName
    Remove-Idle
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

# Only one run at a time; the mutex of a run that was killed is free.
function Wait-Lock {
    $lock = New-Object System.Threading.Mutex $false, 'Global\multieip-guest'
    $held = $false
    try {
        $held = $lock.WaitOne(60000)
    } catch [System.Threading.AbandonedMutexException] {
        $held = $true
    }
    if (-not $held) {
        Stop-Run 'locked' 'another run holds the lock for more than 60 s; wait for its end'
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

function Invoke-Run {
    $Run.Lock = Wait-Lock
    $Run.Data = Get-Data
    $Run.Indexes = @($Run.Data.nics | ForEach-Object { Get-Adapters $_.mac } | ForEach-Object { $_.ifIndex })
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
    $service = Test-ServiceRoute
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
        service_route = @{ ok = $service }; default_route = $default; tools = @(); problems = @($Run.Problems); notes = @($Run.Notes)
        detached = @(Get-Detached)
    }
    if ($Run.Older) {
        $answer.older = $Run.Older
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
        service_route = @{ ok = $false }; default_route = @{ dev = $null; via = $null; unchanged = $false }; tools = @(); problems = @($Run.Problems); notes = @($Run.Notes)
    }
    return $answer | ConvertTo-Json -Compress -Depth 9
}

try {
    Invoke-Run
} catch {
    $Run.State = if ($Run.Older) { 'older' } else { 'failed' }
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
