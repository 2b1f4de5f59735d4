# What the interface has, and what differs.
function Get-Differences($Nic, $Entry) {
    $wrong = @()
    $present = @(Get-Own $Nic.ifIndex)
    foreach ($eip in @($Entry.eips)) {
        $best = Get-Best '192.0.2.1' $eip.ip
        if (@(Get-Missing @($eip) $present).Count -gt 0) {
            $wrong += $eip.ip + '/' + $eip.plen + ' is not on ' + $Nic.Name + ' as wanted'
        } elseif (-not $best -or $best.InterfaceIndex -ne $Nic.ifIndex -or $best.NextHop -ne $eip.gateway) {
            $wrong += 'replies of ' + $eip.ip + ' do not leave by ' + $eip.gateway
        }
    }
    $surplus = @(Get-Surplus (Read-State $Entry.mac) @($Entry.eips) $present)
    if ($surplus.Count -gt 0) {
        $wrong += 'surplus: ' + ($surplus -join ' ')
    }
    if (-not (Test-Dhcp $Nic)) {
        $wrong += 'DHCP is off'
    }
    return ,$wrong
}

function Get-Report($Nic, $Entry) {
    $report = [ordered]@{
        mac = $Entry.mac; name = $null; block = $null; dhcp = 'unknown'; private = $Entry.private; private_present = $false
        addresses = @(); eips = @(); manager = 'Windows ' + [Environment]::OSVersion.Version.ToString(); writer = 'windows'
        persistent = $false; sysctls = @{ rp_filter = $null; arp_ignore = $null; arp_announce = $null }
    }
    $present = @()
    if ($Nic) {
        $present = @(Get-Own $Nic.ifIndex)
        $report.name = ConvertTo-Plain $Nic.Name
        $report.dhcp = if (Test-Dhcp $Nic) { 'yes' } else { 'no' }
        $report.addresses = @($present | ForEach-Object { $_.IPAddress + '/' + $_.PrefixLength })
        $report.private_present = @($present | Where-Object { $_.IPAddress -eq $Entry.private }).Count -gt 0
    }
    $lasting = @()
    if ($Nic) {
        $lasting = @(Get-NetIPAddress -InterfaceIndex $Nic.ifIndex -AddressFamily IPv4 -PolicyStore PersistentStore @Quiet | ForEach-Object { $_.IPAddress })
    }
    $tasked = [bool](Get-ScheduledTask -TaskName $TaskName @Quiet)
    $report.persistent = @($Entry.eips | Where-Object { $lasting -notcontains $_.ip }).Count -eq 0 -or $tasked
    foreach ($eip in @($Entry.eips)) {
        $address = @($present | Where-Object { $_.IPAddress -eq $eip.ip })
        $one = [ordered]@{ ip = $eip.ip; present = $address.Count -gt 0; plen = $null; label = $null; rules_ok = $address.Count -gt 0; route_ok = $false; neighbour = $null }
        if ($address.Count -gt 0) {
            $one.plen = $address[0].PrefixLength
            $best = Get-Best '192.0.2.1' $eip.ip
            $one.route_ok = [bool]($best -and $best.InterfaceIndex -eq $Nic.ifIndex -and $best.NextHop -eq $eip.gateway)
            $near = Get-NetNeighbor -InterfaceIndex $Nic.ifIndex -IPAddress $eip.gateway @Quiet | Select-Object -First 1
            if ($near) {
                $one.neighbour = ([string]$near.State).ToUpper()
            }
        }
        $report.eips += $one
    }
    return $report
}
