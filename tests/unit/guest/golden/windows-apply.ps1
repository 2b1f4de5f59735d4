# multieip-guest v1 apply
$Mode = 'apply'
$Wanted = 'W3sibWFjIjoiMDA6MTY6M2U6MTI6ZTc6MDEiLCJwcml2YXRlIjoiMTAuMC4wLjIwIiwiZWlwcyI6W3siaXAiOiIxOTguNTEuMTAwLjIwMCIsInBsZW4iOjI0LCJnYXRld2F5IjoiMTk4LjUxLjEwMC4xIn0seyJpcCI6IjE5OC41MS4xMDAuMjAxIiwicGxlbiI6MjQsImdhdGV3YXkiOiIxOTguNTEuMTAwLjEifSx7ImlwIjoiMTk4LjUxLjEwMC4yMDIiLCJwbGVuIjoyNCwiZ2F0ZXdheSI6IjE5OC41MS4xMDAuMSJ9LHsiaXAiOiIxOTguNTEuMTAwLjIwMyIsInBsZW4iOjI0LCJnYXRld2F5IjoiMTk4LjUxLjEwMC4xIn0seyJpcCI6IjE5OC41MS4xMDAuMjA0IiwicGxlbiI6MjQsImdhdGV3YXkiOiIxOTguNTEuMTAwLjEifSx7ImlwIjoiMTk4LjUxLjEwMC4yMDUiLCJwbGVuIjoyNCwiZ2F0ZXdheSI6IjE5OC41MS4xMDAuMSJ9LHsiaXAiOiIxOTguNTEuMTAwLjIwNiIsInBsZW4iOjI0LCJnYXRld2F5IjoiMTk4LjUxLjEwMC4xIn0seyJpcCI6IjE5OC41MS4xMDAuMjA3IiwicGxlbiI6MjQsImdhdGV3YXkiOiIxOTguNTEuMTAwLjEifSx7ImlwIjoiMTk4LjUxLjEwMC4yMDgiLCJwbGVuIjoyNCwiZ2F0ZXdheSI6IjE5OC41MS4xMDAuMSJ9LHsiaXAiOiIxOTguNTEuMTAwLjIwOSIsInBsZW4iOjI0LCJnYXRld2F5IjoiMTk4LjUxLjEwMC4xIn1dfV0='
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$Quiet = @{ ErrorAction = 'SilentlyContinue' }
$Folder = Join-Path $env:SystemRoot 'multieip'
$TaskName = 'multieip-guest'
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
function Get-Own($Index) {
return Get-NetIPAddress -InterfaceIndex $Index -AddressFamily IPv4 @Quiet
}
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
function Write-State($Mac, $Value) {
New-Item -ItemType Directory -Path $Folder -Force | Out-Null
$path = Get-StatePath $Mac
Set-Content -LiteralPath ($path + '.new') -Value ($Value | ConvertTo-Json -Compress -Depth 5) -Encoding Ascii
Move-Item -LiteralPath ($path + '.new') -Destination $path -Force
}
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
function Set-Weight($Index, $Hop, $Metric) {
Set-NetRoute -InterfaceIndex $Index -DestinationPrefix '0.0.0.0/0' -NextHop $Hop -RouteMetric $Metric -PolicyStore ActiveStore
}
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
