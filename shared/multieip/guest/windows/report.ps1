# What is told: the differences from what is wanted, and the one line of the answer.
# Promises: changes nothing, and there is a line whatever fails.

function Get-Differences($Look, $Entry, $State) {
    $eips = @(Get-WantedEips $Look $Entry)
    foreach ($eip in $eips) {
        $text = $eip.ip + '/' + $eip.plen
        $found = @($Look.active | Where-Object { $_.IPAddress -eq $eip.ip })
        if ((Get-Length $Look.active $eip.ip) -ne [string]$eip.plen) {
            $text + ' is not on ' + $Look.name + ' as wanted'
        } elseif ([string]$found[0].AddressState -ne 'Preferred') {
            $text + ' is ' + [string]$found[0].AddressState + ' on ' + $Look.name + ', so it does not answer'
        } elseif ((Get-Length $Look.lasting $eip.ip) -ne [string]$eip.plen) {
            $text + ' is not kept for the next start of Windows'
        }
    }
    if ($eips.Count -gt 0) {
        if (-not (Test-Gateway $Look $eips[0].gateway)) {
            'replies of the EIPs on ' + $Look.name + ' do not leave by ' + $eips[0].gateway
        }
        if (-not (Test-Metric $Look)) {
            'what the instance sends itself may leave by ' + $Look.name + ': its metric is not above that of the other default routes'
        }
        if (-not (Test-Task)) {
            'the task ' + $TaskName + ', which puts back at each start what DHCP changes, is missing or off'
        }
    }
    if ([string]$Look.interface.WeakHostSend -eq 'Enabled') {
        'weak host send is on for ' + $Look.name + ', so replies may leave by another interface: Set-NetIPInterface -InterfaceAlias "' + $Look.name + '" -WeakHostSend Disabled'
    }
    if (-not (Test-Dhcp $Look)) {
        'DHCP is off on ' + $Look.name
    }
    Get-Surplus $Look $eips $State
}

function Get-Surplus($Look, $Eips, $State) {
    $ips = @($Eips | ForEach-Object { $_.ip })
    $records = @()
    if ($State) {
        $records = @($State.records)
    }
    foreach ($record in $records) {
        $there = (Get-Length $Look.active $record.key) + '/' + (Get-Length $Look.lasting $record.key)
        if ($record.kind -eq 'address' -and $ips -notcontains $record.key -and $there -ne $record.first) {
            'surplus: ' + $record.key
        }
    }
}

function Get-Neighbour($Index, $Gateway) {
    $near = @(Get-Found { Get-NetNeighbor -InterfaceIndex $Index -IPAddress $Gateway @Stop })
    if ($near.Count -gt 0) {
        return ([string]$near[0].State).ToUpper()
    }
    return $null
}

# Where a reply goes: the interface and the best default route on it, nothing where two are equally good.
function Get-Leaves($Look) {
    $hops = @($Look.defaults | ForEach-Object { $_.NextHop } | Where-Object { Test-Gateway $Look $_ })
    if ($hops.Count -eq 1) {
        return (ConvertTo-Plain $Look.name) + ' ' + $hops[0]
    }
    if (@($Look.defaults).Count -eq 0) {
        return ''
    }
    return $null
}

function Get-EipReport($Look, $Eip) {
    $one = [ordered]@{ ip = $Eip.ip; present = $false; plen = $null; label = $null; rules_ok = $false; route_ok = $false; leaves = $null; neighbour = $null }
    $found = @($Look.active | Where-Object { $_.IPAddress -eq $Eip.ip })
    if ($found.Count -gt 0) {
        $one.plen = $found[0].PrefixLength
        $one.present = [string]$found[0].AddressState -eq 'Preferred'
        $one.rules_ok = $one.present
        $one.route_ok = Test-Gateway $Look $Eip.gateway
        $one.leaves = Get-Leaves $Look
        $one.neighbour = Get-Neighbour $Look.index $Eip.gateway
    }
    return $one
}

function Get-NicReport($Nic, $Entry) {
    $report = [ordered]@{
        mac = $Entry.mac; name = $null; block = $null; dhcp = 'unknown'; private = $Entry.private; private_present = $false
        addresses = @(); eips = @(); manager = 'Windows ' + [Environment]::OSVersion.Version.ToString(); writer = 'windows'
        persistent = $false; stamp = $null; sysctls = @{ rp_filter = $null; arp_ignore = $null; arp_announce = $null }
    }
    $state = Read-State $Entry.mac
    if ($state -and $state.asof -gt 0) {
        $report.stamp = @{ asof = $state.asof; run = $state.run }
    }
    if (-not $Nic) {
        $report.eips = @($Entry.eips | Where-Object { -not $_.keep } | ForEach-Object { Get-EipReport @{ active = @() } $_ })
        return $report
    }
    $look = Get-Look $Nic @('address', 'route', 'interface')
    $report.name = ConvertTo-Plain $Nic.Name
    $report.dhcp = if (Test-Dhcp $look) { 'yes' } else { 'no' }
    $report.addresses = @($look.active | ForEach-Object { $_.IPAddress + '/' + $_.PrefixLength })
    $report.private_present = @($look.active | Where-Object { $_.IPAddress -eq $Entry.private }).Count -gt 0
    $wanted = @(Get-WantedEips $look $Entry)
    $report.eips = @($wanted | ForEach-Object { Get-EipReport $look $_ })
    $kept = @($wanted | Where-Object { (Get-Length $look.lasting $_.ip) -eq [string]$_.plen })
    $report.persistent = $kept.Count -eq $wanted.Count -and (Test-Task)
    return $report
}

# A report that fails costs its own place only.
function Add-NicReport($Entry) {
    $nic = $null
    try {
        $nic = Get-Nic $Entry.mac
        $Run.Nics += Get-NicReport $nic $Entry
    } catch {
        $Run.State = if ($Run.State -eq 'ok') { 'failed' } else { $Run.State }
        Add-Problem 'read' ('the state of ' + $Entry.mac + ' cannot be read: ' + $_.Exception.Message)
        $Run.Nics += Get-NicReport $null $Entry
    }
}

# By which interface the cloud's own services are reached, null when Windows does not tell. Which ENI that is, and
# whether it may be, the cloud knows.
function Get-ServiceReport {
    $report = [ordered]@{ dev = $null; mac = $null }
    try {
        $found = @(Find-NetRoute -RemoteIPAddress '100.100.100.200' @Stop | Where-Object { $_.PSObject.Properties.Name -contains 'NextHop' })
        if ($found.Count -eq 1) {
            $adapters = @(Get-NetAdapter @Stop | Where-Object { $_.ifIndex -eq $found[0].InterfaceIndex })
            $report.dev = ConvertTo-Plain $found[0].InterfaceAlias
            foreach ($adapter in $adapters) {
                $report.mac = (Get-PlainMac $adapter).ToLower() -replace '(..)(?!$)', '$1:'
            }
        }
    } catch {
        $report.dev = $null
        Add-Problem 'read' ('the way to 100.100.100.200 cannot be read: ' + $_.Exception.Message)
    }
    return $report
}

function Get-DefaultReport($Before) {
    $report = [ordered]@{ dev = $null; via = $null; unchanged = $true }
    $best = Get-Best @(Get-OtherDefaults @())
    if ($best) {
        $report.dev = ConvertTo-Plain $best.alias
        $report.via = $best.hop
    }
    if ($Before -and (-not $best -or $best.index -ne $Before.index -or $best.hop -ne $Before.hop)) {
        $report.unchanged = $false
    }
    return $report
}

function Add-Remarks($Entry) {
    $nic = Get-Nic $Entry.mac
    if ($nic) {
        $network = @(Get-Found { Get-NetConnectionProfile -InterfaceIndex $nic.ifIndex @Stop })
        if ($network.Count -gt 0) {
            Add-Note ('the network of ' + $nic.Name + ' is ' + [string]$network[0].NetworkCategory + ': the firewall rules of that profile decide what the EIPs answer')
        }
        $gateways = @($Entry.eips | ForEach-Object { $_.gateway } | Select-Object -Unique)
        if ($gateways.Count -eq 1 -and (Test-Gateway (Get-Look $nic @('route')) $gateways[0])) {
            Add-Note ('everything of ' + $nic.Name + ' leaves by one gateway, so the private address ' + $Entry.private + ' answers its own subnet only')
        }
    }
}
