# How changes are made and taken back: first written down with what was there, then made, the newest undone first.
# Promises: after an error everything is as it was, or the journal stays for the timer and the next run.

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
    $journal.undo = @(Get-Undo $Old $Look $Settings $changes)
    $journal.old = if ($begun) { $Old.old } else { $Old }
    Set-Task
    $Run.Open += @{ nic = $Nic; state = $journal }
    Write-State $journal
    Set-Timer
    foreach ($change in $changes) {
        if (-not (Test-TimeLeft)) {
            Stop-Run 'time' ('no time was left after ' + $Run.DeadlineMs / 1000 + ' s')
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

# How everything was that is about to be touched, the oldest first; what an earlier run wrote down stands. Something
# may switch DHCP off unasked, and its default route goes with it: so the routes are among it in any case, and DHCP
# comes back before them.
function Get-Undo($Old, $Look, $Settings, $Changes) {
    $steps = @()
    if ($Old) {
        $steps = @($Old.undo)
    }
    foreach ($setting in @($Settings) + @(New-Setting 'dhcp' '' '')) {
        $touched = $setting.kind -eq 'route' -or $setting.value -eq '' -or (Find-Setting $Changes $setting)
        if ($touched -and -not (Find-Setting $steps $setting)) {
            $steps += @{ kind = $setting.kind; key = $setting.key; value = (Get-Value $Look $setting.kind $setting.key) }
        }
    }
    return $steps
}

function Find-Setting($Settings, $Like) {
    return [bool](@($Settings) | Where-Object { $_.kind -eq $Like.kind -and $_.key -eq $Like.key })
}

# Goes back, the newest step first, and again for what a later step has disturbed; true when everything is as it was.
function Invoke-Undo($Nic, $State) {
    $steps = @($State.undo | Where-Object { $_.value -ne 'unknown' })
    $whole = $false
    for ($pass = 1; $pass -le 3 -and -not $whole; $pass++) {
        $said = @()
        for ($n = $steps.Count - 1; $n -ge 0; $n--) {
            try {
                Set-Value $Nic $steps[$n].kind $steps[$n].key $steps[$n].value
            } catch {
                $said += $_.Exception.Message
            }
        }
        $look = Get-Look $Nic (Get-Kinds)
        $wrong = @($steps | Where-Object { (Get-Value $look $_.kind $_.key) -ne $_.value } | ForEach-Object { $_.kind + ' ' + $_.key })
        $whole = $wrong.Count -eq 0 -and $said.Count -eq 0
    }
    if (-not $whole) {
        Add-Problem 'roll-back' ('not back on ' + $Nic.Name + ': ' + ($wrong -join ', ') + '; ' + ($said -join '; '))
    }
    foreach ($step in @($State.undo | Where-Object { $_.value -eq 'unknown' })) {
        Add-Note ($step.kind + ' of ' + $Nic.Name + ' stays on, because Windows does not tell what it was')
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
