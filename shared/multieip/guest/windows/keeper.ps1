# What the two tasks do, without a cloud: at a start and at a new connection the records are made true again, and
# what a run that was cut off has begun is undone.

# What the records say is wanted, one interface after the other. Who is not there is not waited for: its coming is a
# new connection, and a command that waits for the lock has 60 s.
function Invoke-Start {
    $Run.DeadlineMs = 30000
    foreach ($state in @(Read-States)) {
        try {
            if (@(Get-Adapters $state.mac).Count -gt 0) {
                Resume-State $state
            }
        } catch {
            $Run.State = 'failed'
            Add-Problem 'start' ($state.mac + ': ' + $_.Exception.Message)
            Undo-Open
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
