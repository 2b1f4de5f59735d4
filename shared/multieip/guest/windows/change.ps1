# Apply and release of one interface.
# Promises: what is not ours is refused or left alone, and every wait ends with the one deadline.

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
    $ips = @($Eips | ForEach-Object { $_.ip })
    $others = @(Get-Found { Get-NetIPAddress -AddressFamily IPv4 -PolicyStore ActiveStore @Stop } | Where-Object { $ips -contains $_.IPAddress -and $_.InterfaceIndex -ne $Nic.ifIndex })
    if ($others.Count -gt 0) {
        Stop-Run 'conflict' ('EIP ' + $others[0].IPAddress + ' is on ' + $others[0].InterfaceAlias + ' already; take it away there first')
    }
}

# Nothing is touched, and the answer tells what this guest has and goes on having.
function Stop-Refused($State, $Entry, $Data) {
    if (Test-Older $State $Entry $Data) {
        $Run.Held = Get-Held $State
        Stop-Run 'older' ('this guest has been told of a newer look: ' + $State.asof + ' by ' + $State.run)
    }
    $unnamed = @(Get-Unnamed $State $Entry $Data)
    if ($unnamed.Count -gt 0) {
        $Run.Held = Get-Held $State
        Stop-Run 'unnamed' ('this guest has ' + ($unnamed -join ' ') + ', which a lean look has not shown')
    }
}

function Get-Held($State) {
    return [ordered]@{ mac = $State.mac; asof = $State.asof; run = $State.run; eips = @($State.eips) }
}

function Invoke-Apply($Entry, $Data) {
    $old = Read-State $Entry.mac
    Stop-Refused $old $Entry $Data
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
    Stop-Refused $old $Entry $Data
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
