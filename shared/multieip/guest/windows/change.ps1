# Changing one interface.
# What was done can be undone: the newest step first.
function Add-Undo($Step) {
    $script:Changed = $true
    $script:Undo = @($Step) + $script:Undo
}

function Invoke-Undo($Step) {
    switch ($Step.kind) {
        'add' { Add-Address $Step.nic $Step.eip }
        'remove' { Remove-Address $Step.nic $Step.ip }
        'metric' { Restore-Metric $Step.index $Step.automatic $Step.metric }
        'weight' { Set-Weight $Step.index $Step.hop $Step.metric }
        'route' { Remove-Default $Step.index $Step.hop }
        'state' { Write-State $Step.mac $Step.value }
        'no-state' { Remove-Saved $Step.mac }
        'coexistence' { Set-Coexistence $Step.nic 'disabled' }
    }
}

# A route by DHCP stands in the active store only; its weight is forgotten with the next lease, and set again
# by the next run.
function Set-Weight($Index, $Hop, $Metric) {
    Set-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -RouteMetric $Metric -PolicyStore ActiveStore
}

# DHCP and static addresses on one interface.
function Set-Coexistence($Nic, $Value) {
    Invoke-Netsh @('interface', 'ipv4', 'set', 'interface', $Nic.Name, ('dhcpstaticipcoexistence=' + $Value), 'store=persistent')
}

function Remove-Default($Index, $Hop) {
    Remove-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -Confirm:$false
}

function Add-Address($Nic, $Eip) {
    if ($Coexists) {
        Invoke-Netsh @('interface', 'ipv4', 'add', 'address', $Nic.Name, $Eip.ip, (Get-Mask $Eip.plen), 'skipassource=false', 'store=persistent')
    } else {
        New-NetIPAddress -InterfaceIndex $Nic.ifIndex -IPAddress $Eip.ip -PrefixLength $Eip.plen -PolicyStore ActiveStore -SkipAsSource $false | Out-Null
    }
}

function Remove-Address($Nic, $Ip) {
    Remove-NetIPAddress -InterfaceIndex $Nic.ifIndex -IPAddress $Ip -Confirm:$false
}

# One best default on the interface, by the EIPs' gateway, and worse than the primary interface's for all else.
function Set-Routes($Nic, $Gateway) {
    $index = $Nic.ifIndex
    $primary = Get-Best '192.0.2.1' $null
    if ($primary -and $primary.InterfaceIndex -ne $index) {
        $first = Get-NetIPInterface -InterfaceIndex $primary.InterfaceIndex -AddressFamily IPv4
        $now = Get-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4
        $least = $first.InterfaceMetric + 1000
        if ($now.InterfaceMetric -lt $least) {
            $auto = $now.AutomaticMetric
            $metric = $now.InterfaceMetric
            Set-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4 -AutomaticMetric Disabled -InterfaceMetric $least
            Add-Undo @{ kind = 'metric'; index = $index; automatic = $auto; metric = $metric }
        }
    }
    $defaults = @(Get-Defaults $index)
    foreach ($route in @($defaults | Where-Object { $_.NextHop -ne $Gateway -and $_.RouteMetric -lt 900 })) {
        $hop = $route.NextHop
        $metric = $route.RouteMetric
        Set-Weight $index $hop 900
        Add-Undo @{ kind = 'weight'; index = $index; hop = $hop; metric = $metric }
    }
    if (-not ($defaults | Where-Object { $_.NextHop -eq $Gateway })) {
        New-NetRoute -InterfaceIndex $index -DestinationPrefix '0.0.0.0/0' -NextHop $Gateway -RouteMetric 1 | Out-Null
        Add-Undo @{ kind = 'route'; index = $index; hop = $Gateway }
    }
}

function Restore-Metric($Index, $Automatic, $Metric) {
    if ([string]$Automatic -eq 'Enabled') {
        Set-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -AutomaticMetric Enabled
    } else {
        Set-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -AutomaticMetric Disabled -InterfaceMetric $Metric
    }
}

# Windows Server 2016 keeps addresses beside DHCP only until it restarts: a task puts them back.
function Set-Task($Mac) {
    if ($Mac) {
        Set-Content -LiteralPath (Join-Path $Folder ($Mac.Replace(':', '') + '.ps1')) -Value $Program -Encoding Ascii
        $line = '-NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "Get-ChildItem ''' + $Folder + ''' -Filter *.ps1 | ForEach-Object { & $_.FullName }"'
        $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument $line
        $trigger = New-ScheduledTaskTrigger -AtStartup
        Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $trigger -User 'SYSTEM' -RunLevel Highest -Force | Out-Null
    } elseif (Get-ScheduledTask -TaskName $TaskName @Quiet) {
        Unregister-ScheduledTask -TaskName $TaskName -Confirm:$false
    }
}

function Test-Elsewhere($Nic, $Wanted) {
    foreach ($eip in $Wanted) {
        $other = Get-NetIPAddress -IPAddress $eip.ip -AddressFamily IPv4 @Quiet | Where-Object { $_.InterfaceIndex -ne $Nic.ifIndex }
        if ($other) {
            throw ('EIP ' + $eip.ip + ' is on another interface already; take it away there first')
        }
    }
}

function Test-Dhcp($Nic) {
    return [string](Get-NetIPInterface -InterfaceIndex $Nic.ifIndex -AddressFamily IPv4).Dhcp -eq 'Enabled'
}

function Invoke-Apply($Nic, $Entry, $Known) {
    $wanted = @($Entry.eips)
    Test-Elsewhere $Nic $wanted
    $present = @(Get-Own $Nic.ifIndex)
    if (-not (Test-Dhcp $Nic)) {
        throw ('DHCP is off on ' + $Nic.Name + '; enable it: without it the mode does not take effect')
    }
    $missing = @(Get-Missing $wanted $present)
    $surplus = @(Get-Surplus $Known $wanted $present)
    $before = $Known
    $value = @{ mac = $Entry.mac; eips = $wanted; automatic = $null; metric = $null }
    if ($Known) {
        $value.automatic = $Known.automatic
        $value.metric = $Known.metric
    } else {
        $interface = Get-NetIPInterface -InterfaceIndex $Nic.ifIndex -AddressFamily IPv4
        $value.automatic = [string]$interface.AutomaticMetric
        $value.metric = $interface.InterfaceMetric
    }
    if ($missing.Count -gt 0 -or $surplus.Count -gt 0 -or -not $Known) {
        $mac = $Entry.mac
        if ($before) {
            Add-Undo @{ kind = 'state'; mac = $mac; value = $before }
        } else {
            Add-Undo @{ kind = 'no-state'; mac = $mac }
        }
        $journal = $value.Clone()
        if ($before) {
            $journal.eips = @($wanted) + @($before.eips)
        }
        Write-State $mac $journal
    }
    if ($missing.Count -gt 0 -and $Coexists) {
        Set-Coexistence $Nic 'enabled'
        if (-not $before) {
            Add-Undo @{ kind = 'coexistence'; nic = $Nic }
        }
    }
    foreach ($ip in $surplus) {
        $old = @($present | Where-Object { $_.IPAddress -eq $ip })[0]
        $back = @{ ip = $ip; plen = $old.PrefixLength }
        Remove-Address $Nic $ip
        Add-Undo @{ kind = 'add'; nic = $Nic; eip = $back }
    }
    foreach ($eip in $missing) {
        $ip = $eip.ip
        $wrong = @($present | Where-Object { $_.IPAddress -eq $ip })
        if ($wrong.Count -gt 0) {
            $back = @{ ip = $ip; plen = $wrong[0].PrefixLength }
            Remove-Address $Nic $ip
            Add-Undo @{ kind = 'add'; nic = $Nic; eip = $back }
        }
        Add-Address $Nic $eip
        Add-Undo @{ kind = 'remove'; nic = $Nic; ip = $ip }
    }
    Set-Routes $Nic $wanted[0].gateway
    Wait-Preferred $Nic $wanted
    $differences = Get-Differences $Nic $Entry
    if ($differences.Count -gt 0) {
        throw ('not as wanted after the change: ' + ($differences -join '; '))
    }
    if ($Changed) {
        Write-State $Entry.mac $value
        if (-not $Coexists) {
            Set-Task $Entry.mac
        }
    }
}

# A hot-plugged interface and its lease take their time.
function Wait-Nic($Entry) {
    for ($n = 0; $n -lt 60; $n++) {
        $nic = Get-Nic $Entry.mac
        if ($nic -and @(Get-Own $nic.ifIndex | Where-Object { $_.IPAddress -eq $Entry.private }).Count -gt 0) {
            return $nic
        }
        Start-Sleep -Seconds 1
    }
    if ($nic) {
        throw ($nic.Name + ' has no private address ' + $Entry.private + '; enable DHCP on it')
    }
    throw ('no interface has the MAC ' + $Entry.mac + '; attach the ENI')
}

# A new address is tentative for some seconds.
function Wait-Preferred($Nic, $Wanted) {
    for ($n = 0; $n -lt 40; $n++) {
        $ready = @(Get-Own $Nic.ifIndex | Where-Object { [string]$_.AddressState -eq 'Preferred' } | ForEach-Object { $_.IPAddress })
        if (-not ($Wanted | Where-Object { $ready -notcontains $_.ip })) {
            return
        }
        Start-Sleep -Milliseconds 250
    }
}

function Invoke-Release($Nic, $Entry, $Known) {
    $gone = @($Entry.eips)
    if ($Known) {
        $gone += @($Known.eips)
    }
    $hops = @($gone | ForEach-Object { $_.gateway } | Select-Object -Unique)
    foreach ($route in @(Get-Defaults $Nic.ifIndex | Where-Object { $hops -contains $_.NextHop })) {
        $script:Changed = $true
        Remove-Default $Nic.ifIndex $route.NextHop
    }
    foreach ($route in @(Get-Defaults $Nic.ifIndex | Where-Object { $_.RouteMetric -eq 900 })) {
        Set-Weight $Nic.ifIndex $route.NextHop 0
    }
    $ips = @($gone | ForEach-Object { $_.ip })
    foreach ($address in @(Get-Own $Nic.ifIndex | Where-Object { $ips -contains $_.IPAddress })) {
        $script:Changed = $true
        Remove-Address $Nic $address.IPAddress
    }
    if ($Known) {
        $script:Changed = $true
        Restore-Metric $Nic.ifIndex $Known.automatic $Known.metric
        if ($Coexists) {
            Set-Coexistence $Nic 'disabled'
        }
    }
    if (-not (Test-Dhcp $Nic)) {
        Set-NetIPInterface -InterfaceIndex $Nic.ifIndex -AddressFamily IPv4 -Dhcp Enabled
    }
    Remove-Saved $Entry.mac
}

function Remove-Saved($Mac) {
    Remove-Item -LiteralPath (Get-StatePath $Mac) @Quiet
    Remove-Item -LiteralPath (Join-Path $Folder ($Mac.Replace(':', '') + '.ps1')) @Quiet
    if ((Test-Path -LiteralPath $Folder) -and -not (Get-ChildItem -LiteralPath $Folder)) {
        Remove-Item -LiteralPath $Folder
        Set-Task $null
    }
}
