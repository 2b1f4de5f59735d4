# Only one run at a time; the mutex of a run that was killed is free.
$Lock = New-Object System.Threading.Mutex($false, 'Global\multieip-guest')
$Program = $MyInvocation.MyCommand.ScriptBlock.ToString()
$Entries = @([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Wanted)) | ConvertFrom-Json | ForEach-Object { $_ })
$Before = Get-Best '192.0.2.1' $null
try {
    try {
        $held = $Lock.WaitOne(60000)
    } catch [System.Threading.AbandonedMutexException] {
        $held = $true
    }
    if (-not $held) {
        throw 'another run holds the lock for more than 60 s; wait for its end'
    }
    if (-not (Test-Data $Entries)) {
        throw 'the data of this script are damaged; render it again'
    }
    foreach ($entry in $Entries) {
        $nic = Get-Nic $entry.mac
        $known = Read-State $entry.mac
        if ($Mode -eq 'release') {
            if ($nic) {
                Invoke-Release $nic $entry $known
            } else {
                Remove-Saved $entry.mac
            }
            continue
        }
        if ($Mode -eq 'apply') {
            Invoke-Apply (Wait-Nic $entry) $entry $known
        } elseif (-not $nic) {
            Add-Problem 'no-interface' ('no interface has the MAC ' + $entry.mac + '; attach the ENI')
            $State = 'differs'
        } else {
            $differences = Get-Differences $nic $entry
            if ($differences.Count -gt 0) {
                Add-Problem 'differs' ($differences -join '; ')
                $State = 'differs'
            }
        }
    }
} catch {
    $State = 'failed'
    Add-Problem $Mode $_.Exception.Message
    foreach ($step in $Undo) {
        try {
            Invoke-Undo $step
        } catch {
            Add-Problem 'roll-back' $_.Exception.Message
        }
    }
    $Changed = $false
}
$Service = Get-Best '100.100.100.200' $null
$Default = Get-Best '192.0.2.1' $null
$ServiceOk = $true
foreach ($entry in $Entries) {
    $nic = Get-Nic $entry.mac
    if ($nic -and $Service -and $Service.InterfaceIndex -eq $nic.ifIndex) {
        $ServiceOk = $false
        Add-Problem 'service-route' ('100.64.0.0/10 leaves by ' + $nic.Name + ', not by the primary interface; Cloud Assistant needs it')
    }
    if ($Mode -eq 'release') {
        $entry.eips = @()
    }
    $Nics += Get-Report $nic $entry
}
$Notes += 'Windows sends everything of an interface by one gateway: the private address answers its own subnet only'
$DefaultReport = [ordered]@{ dev = $null; via = $null; unchanged = $true }
if ($Default) {
    $DefaultReport.dev = ConvertTo-Plain $Default.InterfaceAlias
    $DefaultReport.via = $Default.NextHop
}
if ($Before -and (-not $Default -or $Default.InterfaceIndex -ne $Before.InterfaceIndex -or $Default.NextHop -ne $Before.NextHop)) {
    $DefaultReport.unchanged = $false
}
$Answer = [ordered]@{
    v = 1; mode = $Mode; state = $State; changed = $Changed; simulated = $false; nics = @($Nics)
    service_route = @{ ok = $ServiceOk }; default_route = $DefaultReport; tools = @(); problems = @($Problems); notes = @($Notes)
}
[Console]::Out.WriteLine('multieip-answer: ' + ($Answer | ConvertTo-Json -Compress -Depth 8))
if ($State -eq 'failed') {
    exit 1
}
exit 0
