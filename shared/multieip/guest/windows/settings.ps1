# One setting of one interface: how it is read as text and how it is made what is wanted.
# Promises: touches the interface that it is given and no other; a setting that is right already is left alone.
#
#   kind         key   value
#   dhcp               Enabled, Disabled
#   coexistence        enabled, disabled, unknown
#   dns                True, False: whether the interface's addresses are registered
#   ignore             active/persistent: whether default routes by DHCP are left out
#   metric             active/persistent: auto, or a number
#   address      EIP   active/persistent: prefix length, 0 for none
#   route        hop   active/persistent: metric of the default route, - for none

function Get-Length($Addresses, $Ip) {
    $found = @($Addresses | Where-Object { $_.IPAddress -eq $Ip })
    if ($found.Count -gt 0) {
        return [string]$found[0].PrefixLength
    }
    return '0'
}

function Get-Weight($Defaults, $Hop) {
    $found = @($Defaults | Where-Object { $_.NextHop -eq $Hop })
    if ($found.Count -gt 0) {
        return [string]$found[0].RouteMetric
    }
    return '-'
}

function Get-Ignore($Interface) {
    return [string]$Interface.IgnoreDefaultRoutes
}

function Get-Metric($Interface) {
    if ([string]$Interface.AutomaticMetric -eq 'Enabled') {
        return 'auto'
    }
    return [string]$Interface.InterfaceMetric
}

function Get-Value($Look, $Kind, $Key) {
    switch ($Kind) {
        'dhcp' { return [string]$Look.interface.Dhcp }
        'coexistence' { return $Look.coexistence }
        'dns' { return $Look.dns }
        'ignore' { return (Get-Ignore $Look.interface) + '/' + (Get-Ignore $Look.template) }
        'metric' { return (Get-Metric $Look.interface) + '/' + (Get-Metric $Look.template) }
        'address' { return (Get-Length $Look.active $Key) + '/' + (Get-Length $Look.lasting $Key) }
        'route' { return (Get-Weight $Look.defaults $Key) + '/' + (Get-Weight $Look.kept $Key) }
    }
}

# "Exists already" and "not found" are no failures while the value comes right: the stores drift apart, and a
# command that fails may have done half of its work. What the persistent store has of an interface's own settings
# cannot be read everywhere; there, a step is made that is not refused.
function Set-Value($Nic, $Kind, $Key, $Value) {
    $said = ''
    $done = $false
    for ($n = 0; $n -le 6; $n++) {
        $look = Get-Look $Nic @($Kind)
        $have = Get-Value $look $Kind $Key
        if (($have -eq $Value -and ($done -or -not $look.blind)) -or ($have -eq 'unknown' -and $done)) {
            return
        }
        if ($n -eq 6) {
            throw ($Kind + ' ' + $Key + ' of ' + $Nic.Name + ' stays ' + $have + ' instead of ' + $Value + '; ' + $said)
        }
        $done = $true
        try {
            Step-Value $Nic $Kind $Key $have $Value $n ([bool]$said)
        } catch {
            $said = $_.Exception.Message
            $done = $false
        }
    }
}

# One step, the $Try-th, from what is there to what is wanted; $Refused when an earlier step was refused.
function Step-Value($Nic, $Kind, $Key, $Have, $Value, $Try, $Refused) {
    $index = $Nic.ifIndex
    switch ($Kind) {
        'dhcp' { Set-NetIPInterface -InterfaceIndex $index -AddressFamily IPv4 -Dhcp $Value @Stop }
        'coexistence' { Invoke-Netsh @('interface', 'ipv4', 'set', 'interface', ('interface=' + $Nic.Name), ('dhcpstaticipcoexistence=' + $Value), 'store=persistent') | Out-Null }
        'dns' { Set-DnsClient -InterfaceIndex $index -RegisterThisConnectionsAddress ($Value -eq 'True') @Stop }
        'ignore' {
            Set-Ignore $index ($Value.Split('/')[0]) 'ActiveStore'
            Set-Ignore $index ($Value.Split('/')[1]) 'PersistentStore'
        }
        'metric' {
            Set-Metric $index ($Value.Split('/')[0]) 'ActiveStore'
            Set-Metric $index ($Value.Split('/')[1]) 'PersistentStore'
        }
        'address' { Step-Address $Nic.Name $Key ($Have.Split('/')) ($Value.Split('/')) $Refused }
        'route' { Step-Route $index $Key ($Have.Split('/')) ($Value.Split('/')) $Try }
    }
}

function Set-Ignore($Index, $Value, $Store) {
    Set-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -IgnoreDefaultRoutes $Value -PolicyStore $Store @Stop
}

function Set-Metric($Index, $Value, $Store) {
    if ($Value -eq 'auto') {
        Set-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -AutomaticMetric Enabled -PolicyStore $Store @Stop
    } else {
        Set-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -AutomaticMetric Disabled -InterfaceMetric ([int]$Value) -PolicyStore $Store @Stop
    }
}

function Get-Mask($Length) {
    $octets = @(0, 8, 16, 24) | ForEach-Object {
        $bits = [Math]::Min(8, [Math]::Max(0, $Length - $_))
        256 - [Math]::Pow(2, 8 - $bits)
    }
    return ($octets -join '.')
}

function Add-Address($Name, $Ip, $Length, $Store) {
    Invoke-Netsh @('interface', 'ipv4', 'add', 'address', ('name=' + $Name), ('address=' + $Ip), ('mask=' + (Get-Mask ([int]$Length))), 'skipassource=false', ('store=' + $Store)) | Out-Null
}

function Remove-Address($Name, $Ip, $Store) {
    Invoke-Netsh @('interface', 'ipv4', 'delete', 'address', ('name=' + $Name), ('address=' + $Ip), ('store=' + $Store)) | Out-Null
}

# New-NetIPAddress switches DHCP off, so netsh does it. An address that stands in the active store only can keep
# the persistent one from being written; then it goes for a moment.
function Step-Address($Name, $Ip, $Have, $Want, $Refused) {
    if ($Have[0] -ne '0' -and $Have[0] -ne $Want[0]) {
        Remove-Address $Name $Ip 'active'
    } elseif ($Have[1] -ne '0' -and $Have[1] -ne $Want[1]) {
        Remove-Address $Name $Ip 'persistent'
    } elseif ($Have[1] -ne $Want[1]) {
        if ($Refused -and $Have[0] -ne '0') {
            Remove-Address $Name $Ip 'active'
        } else {
            Add-Address $Name $Ip $Want[1] 'persistent'
        }
    } else {
        Add-Address $Name $Ip $Want[0] 'active'
    }
}

function Remove-Default($Index, $Hop, $Store) {
    Remove-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -PolicyStore $Store -Confirm:$false @Stop
}

function Set-Default($Index, $Hop, $Metric, $Store) {
    Set-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -RouteMetric $Metric -PolicyStore $Store @Stop
}

# The persistent copy of a route has been seen to stay without an error; the older program takes it away.
function Remove-LastingDefault($Index, $Hop, $Try) {
    if ($Try % 2 -eq 0) {
        Remove-Default $Index $Hop 'PersistentStore'
        return
    }
    $said = & route.exe delete 0.0.0.0 mask 0.0.0.0 $Hop if $Index
    if ($LASTEXITCODE -ne 0) {
        throw ('route delete 0.0.0.0 by ' + $Hop + ': ' + ($said -join ' '))
    }
}

# A route goes into the persistent store together with the active one only.
function Step-Route($Index, $Hop, $Have, $Want, $Try) {
    $lacks = $Have[1] -eq '-' -and $Want[1] -ne '-'
    if ($Have[1] -ne '-' -and $Want[1] -eq '-') {
        Remove-LastingDefault $Index $Hop $Try
    } elseif ($Have[0] -ne '-' -and ($Want[0] -eq '-' -or $lacks)) {
        Remove-Default $Index $Hop 'ActiveStore'
    } elseif ($lacks) {
        New-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -RouteMetric ([int]$Want[1]) @Stop | Out-Null
    } elseif ($Have[0] -eq '-') {
        New-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -RouteMetric ([int]$Want[0]) -PolicyStore ActiveStore @Stop | Out-Null
    } elseif ($Have[0] -ne $Want[0]) {
        Set-Default $Index $Hop ([int]$Want[0]) 'ActiveStore'
    } else {
        Set-Default $Index $Hop ([int]$Want[1]) 'PersistentStore'
    }
}
