# Reads what Windows has: adapters, both stores of addresses and default routes, the interface's settings.
# Promises: changes nothing.

function Get-PlainMac($Adapter) {
    $mac = [string]$Adapter.MacAddress
    if (-not $mac) {
        $mac = [string]$Adapter.PermanentAddress
    }
    return $mac.Replace('-', '').Replace(':', '').ToUpper()
}

# Several adapters can carry one MAC: a virtual switch or a team has that of its port.
function Get-Adapters($Mac) {
    $plain = $Mac.Replace(':', '').ToUpper()
    return Get-NetAdapter @Stop | Where-Object { (Get-PlainMac $_) -eq $plain }
}

function Get-Interface($Index, $Store) {
    return Get-Found { Get-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -PolicyStore $Store @Stop }
}

# The one adapter that carries the MAC and IPv4. None at all is nothing; everything in between ends the run.
function Get-Nic($Mac) {
    $all = @(Get-Adapters $Mac)
    if ($all.Count -eq 0) {
        return $null
    }
    $ready = @($all | Where-Object { Get-Interface $_.ifIndex 'ActiveStore' })
    if ($ready.Count -eq 1) {
        return $ready[0]
    }
    $names = @($all | ForEach-Object { $_.Name }) -join ', '
    if ($ready.Count -eq 0) {
        Stop-Run 'enslaved' ('IPv4 is not bound to ' + $names + ', which carries the MAC ' + $Mac + '; take it out of its virtual switch or team, or bind IPv4')
    }
    Stop-Run 'enslaved' ('several interfaces with IPv4 carry the MAC ' + $Mac + ': ' + $names + '; take the ENI out of its virtual switch or team')
}

function Get-Addresses($Index, $Store) {
    return Get-Found { Get-NetIPAddress -InterfaceIndex $Index -AddressFamily IPv4 -PolicyStore $Store @Stop }
}

function Get-Defaults($Index, $Store) {
    return Get-Found { Get-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -PolicyStore $Store @Stop }
}

# The default routes of the instance that are not on these interfaces, each with its whole metric.
function Get-OtherDefaults($Indexes) {
    $routes = @(Get-Found { Get-NetRoute -DestinationPrefix '0.0.0.0/0' -PolicyStore 'ActiveStore' @Stop })
    foreach ($route in @($routes | Where-Object { $Indexes -notcontains $_.InterfaceIndex })) {
        $interface = Get-Interface $route.InterfaceIndex 'ActiveStore'
        if ($interface) {
            @{ index = $route.InterfaceIndex; alias = $route.InterfaceAlias; hop = $route.NextHop; metric = [int]$interface.InterfaceMetric + [int]$route.RouteMetric }
        }
    }
}

function Get-Best($Defaults) {
    $best = $null
    foreach ($route in @($Defaults)) {
        if (-not $best -or $route.metric -lt $best.metric) {
            $best = $route
        }
    }
    return $best
}

function Invoke-Netsh($Words) {
    $said = & netsh.exe $Words
    if ($LASTEXITCODE -ne 0) {
        throw ('netsh ' + ($Words -join ' ') + ': ' + ($said -join ' '))
    }
    return $said
}

# Whether DHCP and static addresses may stand side by side; 'unknown' where Windows does not say so in English.
function Get-Coexistence($Nic) {
    $said = Invoke-Netsh @('interface', 'ipv4', 'show', 'interface', ('interface=' + $Nic.Name), 'level=verbose')
    foreach ($line in @($said)) {
        if ($line -match 'coexistence\s*:\s*(enabled|disabled)\s*$') {
            return $Matches[1].ToLower()
        }
    }
    return 'unknown'
}

# One look at one interface, at what the named kinds of settings need, so that a plan and a report speak of the
# same moment.
function Get-Look($Nic, $Kinds) {
    $index = $Nic.ifIndex
    $look = @{ index = $index; name = $Nic.Name; blind = $false }
    foreach ($kind in $Kinds) {
        switch ($kind) {
            'address' {
                $look.active = @(Get-Addresses $index 'ActiveStore')
                $look.lasting = @(Get-Addresses $index 'PersistentStore')
            }
            'route' {
                $look.defaults = @(Get-Defaults $index 'ActiveStore')
                $look.kept = @(Get-Defaults $index 'PersistentStore')
            }
            'coexistence' { $look.coexistence = Get-Coexistence $Nic }
            'dns' { $look.dns = [string](Get-DnsClient -InterfaceIndex $index @Stop).RegisterThisConnectionsAddress }
            default {
                $look.interface = Get-Interface $index 'ActiveStore'
                $look.template = Get-Interface $index 'PersistentStore'
                if (-not $look.template) {
                    $look.template = $look.interface
                    $look.blind = $true
                }
            }
        }
    }
    return $look
}

function Test-Dhcp($Look) {
    return [string]$Look.interface.Dhcp -eq 'Enabled'
}

# Replies leave by this gateway: no other default route on the interface is as good.
function Test-Gateway($Look, $Gateway) {
    $ours = @($Look.defaults | Where-Object { $_.NextHop -eq $Gateway })
    if ($ours.Count -ne 1) {
        return $false
    }
    $metric = $ours[0].RouteMetric
    return @($Look.defaults | Where-Object { $_.NextHop -ne $Gateway -and $_.RouteMetric -le $metric }).Count -eq 0
}
