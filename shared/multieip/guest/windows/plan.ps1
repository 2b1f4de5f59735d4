# What has to change, as data: the same list is carried out, kept for the way back, and undone.
# Promises: reads only.

# $Leaves: not wanted any more, so its record goes once the setting is what it was before us.
function New-Setting($Kind, $Key, $Value, $Leaves) {
    return @{ kind = $Kind; key = $Key; value = $Value; leaves = [bool]$Leaves }
}

# The wanted EIPs: those that must be there, and of those that may stay the ones that are there.
function Get-WantedEips($Look, $Entry) {
    return $Entry.eips | Where-Object { -not $_.keep -or (Get-Length $Look.active $_.ip) -ne '0' -or (Get-Length $Look.lasting $_.ip) -ne '0' }
}

# Above every other way out of the instance, so that what the instance sends itself never leaves by an EIP.
function Get-LeastMetric($Look) {
    $most = 0
    foreach ($route in @(Get-OtherDefaults $Run.Indexes)) {
        if ($route.metric -gt $most) {
            $most = $route.metric
        }
    }
    return [Math]::Min(9000, $most + 1000)
}

function Test-Metric($Look) {
    return [string]$Look.interface.AutomaticMetric -ne 'Enabled' -and $Look.interface.InterfaceMetric -ge (Get-LeastMetric $Look)
}

# What a look has to take in for these settings to be judged.
function Get-Kinds {
    $kinds = @('address', 'route', 'interface', 'coexistence')
    if (Test-Domain) {
        $kinds += 'dns'
    }
    return $kinds
}

# A member of a domain registers its addresses, and clients would then find it by an EIP.
function Test-Domain {
    return (Get-CimInstance -ClassName Win32_ComputerSystem @Stop).PartOfDomain
}

# Every setting of the interface that is ours to decide, in the order in which it has to be made.
function Get-WantedSettings($Look, $Eips, $State) {
    New-Setting 'dhcp' '' 'Enabled'
    New-Setting 'coexistence' '' 'enabled'
    if (Test-Domain) {
        New-Setting 'dns' '' 'False'
    }
    New-Setting 'ignore' '' 'Enabled/Enabled'
    if (-not (Test-Metric $Look)) {
        $least = [string](Get-LeastMetric $Look)
        New-Setting 'metric' '' ($least + '/' + $least)
    }
    $ips = @($Eips | ForEach-Object { $_.ip })
    foreach ($ip in @(Get-OwnIps $State | Where-Object { $ips -notcontains $_ })) {
        New-Setting 'address' $ip (Find-Record $State 'address' $ip).first $true
    }
    foreach ($eip in $Eips) {
        New-Setting 'address' $eip.ip ([string]$eip.plen + '/' + $eip.plen)
    }
    Get-WantedRoutes $Look $Eips[0].gateway $State
}

# One best default on the interface, by the EIPs' gateway. One by DHCP has metric 0, and nothing is better than that.
function Get-WantedRoutes($Look, $Gateway, $State) {
    New-Setting 'route' $Gateway '1/1'
    $former = @(Get-OwnHops $State)
    $hops = @($Look.defaults | ForEach-Object { $_.NextHop }) + $former
    foreach ($hop in @($hops | Where-Object { $_ -ne $Gateway } | Select-Object -Unique)) {
        $leaves = $former -contains $hop
        $target = Get-Value $Look 'route' $hop
        if ($leaves) {
            $target = (Find-Record $State 'route' $hop).first
        }
        $parts = @($target.Split('/'))
        if ($parts[0] -ne '-' -and [int]$parts[0] -lt 900) {
            $target = '900/' + $parts[1]
        }
        New-Setting 'route' $hop $target $leaves
    }
}

# The way back to what was there before us, the newest first. What somebody has changed since is theirs and stays;
# a default route that is gone went because of us.
function Get-ReleaseSettings($Look, $State) {
    $records = @($State.records)
    $own = @($records | Where-Object { $_.kind -eq 'address' -and $_.first -eq '0/0' } | ForEach-Object { $_.key })
    for ($n = $records.Count - 1; $n -ge 0; $n--) {
        $record = $records[$n]
        if (Test-Ours $Look $record $own) {
            New-Setting $record.kind $record.key $record.first $true
        }
    }
}

function Test-Ours($Look, $Record, $Own) {
    if ($Record.kind -eq 'address' -or $Record.kind -eq 'dhcp' -or $Record.ours -eq '1/1') {
        return $true
    }
    if ($Record.kind -eq 'coexistence') {
        $others = @(@($Look.active) + @($Look.lasting) | Where-Object { [string]$_.PrefixOrigin -eq 'Manual' -and $Own -notcontains $_.IPAddress })
        return $Record.first -eq 'disabled' -and $others.Count -eq 0
    }
    $have = Get-Value $Look $Record.kind $Record.key
    return $have -eq $Record.ours -or ($Record.kind -eq 'route' -and $have -like '-/*')
}

# Without a record, only what the release names can be told from what others have made.
function Get-NamedSettings($Eips) {
    foreach ($eip in @($Eips)) {
        New-Setting 'route' $eip.gateway '-/-' $true
        New-Setting 'address' $eip.ip '0/0' $true
    }
}

# The settings that are not as wanted, each with what it is now. Where Windows cannot say, our record can.
function Get-Changes($Look, $Settings, $State) {
    foreach ($setting in @($Settings)) {
        $have = Get-Value $Look $setting.kind $setting.key
        if ($have -ne $setting.value -and ($have -ne 'unknown' -or -not (Find-Record $State $setting.kind $setting.key))) {
            @{ kind = $setting.kind; key = $setting.key; value = $setting.value; before = $have }
        }
    }
}

# What was there before us is remembered the first time that we touch it, and the order with it: the way back is
# the other way round.
function Get-Records($State, $Settings, $Changes) {
    if ($State) {
        foreach ($record in @($State.records)) {
            $setting = @($Settings | Where-Object { $_.kind -eq $record.kind -and $_.key -eq $record.key })
            if ($setting.Count -gt 0) {
                New-Record $setting[0] $record.first
            } else {
                $record
            }
        }
    }
    foreach ($setting in @($Settings | Where-Object { -not (Find-Record $State $_.kind $_.key) })) {
        $change = @($Changes | Where-Object { $_.kind -eq $setting.kind -and $_.key -eq $setting.key })
        $first = $setting.value
        if ($change.Count -gt 0) {
            $first = $change[0].before
        }
        New-Record $setting $first
    }
}

function New-Record($Setting, $First) {
    return @{ kind = $Setting.kind; key = $Setting.key; first = $First; ours = $Setting.value; leaves = $Setting.leaves }
}
