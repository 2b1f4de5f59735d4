# Configures EIPs on secondary ENIs of Windows Server 2016 and later, found by MAC. $Mode and $Wanted stand above.
# Windows PowerShell 5.1. DHCP stays on beside the static addresses; the primary default route keeps winning.
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
# For questions to which "there is none" is an answer.
$Quiet = @{ ErrorAction = 'SilentlyContinue' }
# Not below ProgramData, where users may write: the system runs what is in here.
$Folder = Join-Path $env:SystemRoot 'multieip'
$TaskName = 'multieip-guest'
# From Windows 10 1703, that is Windows Server 2019, on, an interface may have DHCP and persistent addresses.
$Coexists = [Environment]::OSVersion.Version.Build -ge 15063
$State = 'ok'
$Changed = $false
$Problems = @()
$Notes = @()
$Nics = @()
$Undo = @()

function ConvertTo-Plain($Text) {
    return ([string]$Text) -replace '[^ -~]', '?'
}

function Add-Problem($Code, $Text) {
    $script:Problems += [ordered]@{ code = $Code; text = (ConvertTo-Plain $Text) }
}

function Get-Mask($Length) {
    $octets = @(0, 8, 16, 24) | ForEach-Object {
        $bits = [Math]::Min(8, [Math]::Max(0, $Length - $_))
        256 - [Math]::Pow(2, 8 - $bits)
    }
    return ($octets -join '.')
}

# The data were checked where they come from; here they are checked again.
function Test-Data($Entries) {
    foreach ($entry in $Entries) {
        if ($entry.mac -cnotmatch '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' -or @($entry.eips).Count -gt 10) {
            return $false
        }
        if ($Mode -eq 'apply' -and @($entry.eips | ForEach-Object { $_.gateway } | Select-Object -Unique).Count -gt 1) {
            return $false
        }
        $ips = @($entry.private) + @($entry.eips | ForEach-Object { $_.ip; $_.gateway })
        foreach ($ip in $ips) {
            if ($ip -cnotmatch '^(\d{1,3}\.){3}\d{1,3}$') {
                return $false
            }
        }
        foreach ($eip in @($entry.eips)) {
            if ($eip.plen -isnot [int] -or $eip.plen -lt 8 -or $eip.plen -gt 30) {
                return $false
            }
        }
    }
    return $true
}

function Get-Nic($Mac) {
    $wantedMac = $Mac.Replace(':', '-').ToUpper()
    return Get-NetAdapter | Where-Object { $_.MacAddress -eq $wantedMac } | Select-Object -First 1
}

# A single object has no Count here: whoever needs a list writes @() around the call.
function Get-Own($Index) {
    return Get-NetIPAddress -InterfaceIndex $Index -AddressFamily IPv4 @Quiet
}

# The default routes on one interface; an interface that has none is no error.
function Get-Defaults($Index) {
    return Get-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -PolicyStore ActiveStore @Quiet
}

function Get-Best($Remote, $Local) {
    if ($Local) {
        $found = Find-NetRoute -RemoteIPAddress $Remote -LocalIPAddress $Local @Quiet
    } else {
        $found = Find-NetRoute -RemoteIPAddress $Remote @Quiet
    }
    return @($found) | Where-Object { $_ -and $_.PSObject.Properties.Name -contains 'NextHop' } | Select-Object -First 1
}

function Invoke-Netsh($Arguments) {
    $said = & netsh.exe $Arguments
    if ($LASTEXITCODE -ne 0) {
        throw ('netsh ' + ($Arguments -join ' ') + ': ' + ($said -join ' '))
    }
}

function Get-StatePath($Mac) {
    return Join-Path $Folder ($Mac.Replace(':', '') + '.json')
}

function Read-State($Mac) {
    $path = Get-StatePath $Mac
    if (Test-Path -LiteralPath $path) {
        return Get-Content -LiteralPath $path -Raw | ConvertFrom-Json
    }
    return $null
}

# The state is written before the first change, so that a run that is cut off is known to the next one.
function Write-State($Mac, $Value) {
    New-Item -ItemType Directory -Path $Folder -Force | Out-Null
    $path = Get-StatePath $Mac
    Set-Content -LiteralPath ($path + '.new') -Value ($Value | ConvertTo-Json -Compress -Depth 5) -Encoding Ascii
    Move-Item -LiteralPath ($path + '.new') -Destination $path -Force
}

# What has to go: what the state knows and is not wanted.
function Get-Surplus($Known, $Wanted, $Present) {
    $keep = @($Wanted | ForEach-Object { $_.ip })
    $had = @()
    if ($Known) {
        $had = @($Known.eips | ForEach-Object { $_.ip })
    }
    return $Present | Where-Object { $had -contains $_.IPAddress -and $keep -notcontains $_.IPAddress } | ForEach-Object { $_.IPAddress }
}

function Get-Missing($Wanted, $Present) {
    return $Wanted | Where-Object {
        $eip = $_
        -not ($Present | Where-Object { $_.IPAddress -eq $eip.ip -and $_.PrefixLength -eq $eip.plen })
    }
}
