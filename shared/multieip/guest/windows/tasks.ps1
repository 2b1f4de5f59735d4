# The kept program and its two tasks: one at each start of Windows and at each new connection, and one that ends
# what a run that was cut off has begun.
# Promises: only the tasks and the file named here; a kept program that is newer than this one stays.

function Get-ProgramPath {
    return Join-Path $Folder 'guest.ps1' @Stop
}

function Get-KeptVersion {
    $path = Get-ProgramPath
    if ([IO.File]::Exists($path) -and [IO.File]::ReadAllText($path) -match '^# multieip-program (\d+)') {
        return [int]$Matches[1]
    }
    return 0
}

function Get-KeptText {
    return '# multieip-program ' + $Version + "`n" + '$Mode = [string]$args[0]; $Wanted = ""; $Program = $null' + "`n" + $Program
}

# The program is there, and it is this one or a newer one.
function Test-Program {
    $kept = Get-KeptVersion
    return $kept -gt $Version -or ($kept -eq $Version -and (-not $Program -or [IO.File]::ReadAllText((Get-ProgramPath)) -eq (Get-KeptText)))
}

function Get-Task($Name) {
    return Get-Found { Get-ScheduledTask -TaskName $Name @Stop }
}

function Test-Task {
    $task = Get-Task $TaskName
    return [bool]($task -and [string]$task.State -ne 'Disabled' -and (Get-KeptVersion) -gt 0)
}

function Get-TaskXml($Triggers, $Word) {
    $shell = $env:SystemRoot + '\System32\WindowsPowerShell\v1.0\powershell.exe'
    return '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers>' + $Triggers + '</Triggers>' +
        '<Principals><Principal id="A"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>' +
        '<Settings><MultipleInstancesPolicy>Queue</MultipleInstancesPolicy><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>' +
        '<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries><StartWhenAvailable>true</StartWhenAvailable><ExecutionTimeLimit>PT10M</ExecutionTimeLimit></Settings>' +
        '<Actions Context="A"><Exec><Command>' + $shell + '</Command><Arguments>-NoProfile -NonInteractive -ExecutionPolicy Bypass -File "' + (Get-ProgramPath) + '" ' + $Word + '</Arguments></Exec></Actions></Task>'
}

function Set-Task {
    $current = Test-Program
    if (-not $current -and (Get-KeptVersion) -le $Version) {
        Write-Whole (Get-ProgramPath) (Get-KeptText)
    }
    if (-not $current -or -not (Test-Task)) {
        $subscription = '&lt;QueryList&gt;&lt;Query&gt;&lt;Select Path="Microsoft-Windows-NetworkProfile/Operational"&gt;*[System[EventID=10000]]&lt;/Select&gt;&lt;/Query&gt;&lt;/QueryList&gt;'
        $triggers = '<BootTrigger/><EventTrigger><Subscription>' + $subscription + '</Subscription></EventTrigger>'
        Register-ScheduledTask -TaskName $TaskName -Xml (Get-TaskXml $triggers 'start') -Force @Stop | Out-Null
    }
}

# The dead man: it goes on where this process ends without a word.
function Set-Timer {
    $when = [DateTime]::Now.AddSeconds($TimerSeconds).ToString('s')
    Register-ScheduledTask -TaskName $TimerName -Xml (Get-TaskXml ('<TimeTrigger><StartBoundary>' + $when + '</StartBoundary></TimeTrigger>') 'undo') -Force @Stop | Out-Null
}

function Remove-Task($Name) {
    if (Get-Task $Name) {
        Unregister-ScheduledTask -TaskName $Name -Confirm:$false @Stop
    }
}

# Where no interface is ours any more, neither is a task or a program.
function Remove-Idle {
    if (@(Read-States | Where-Object { -not $_.released -or $_.pending -or @($_.undo).Count -gt 0 }).Count -eq 0) {
        Remove-Task $TaskName
        if ([IO.File]::Exists((Get-ProgramPath))) {
            Remove-Item -LiteralPath (Get-ProgramPath) @Stop
        }
    }
}
