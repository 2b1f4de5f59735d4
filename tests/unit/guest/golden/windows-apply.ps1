# multieip-guest v1 apply
$Mode = 'apply'
$Wanted = '...'
$Packed = '...'
function Expand-Text($Packed) {
$stream = New-Object IO.MemoryStream (,[Convert]::FromBase64String($Packed))
$plain = New-Object IO.Compression.GZipStream $stream, ([IO.Compression.CompressionMode]::Decompress)
return (New-Object IO.StreamReader $plain).ReadToEnd()
}
try {
$Program = Expand-Text $Packed
$Block = [scriptblock]::Create($Program)
} catch {
'multieip-answer: {"mode":"apply","v":1,"state":"failed","changed":false,"simulated":false,"nics":[],"service_route":{"dev":null,"mac":null},"default_route":{"dev":null,"via":null,"unchanged":true},"tools":[],"problems":[{"code":"unpack","text":"PowerShell could not unpack the program, and nothing was changed; see whether a policy holds it to the constrained language mode"}],"notes":[]}'
exit 1
}
. $Block

# $Wanted, unpacked:
{"lean":false,"asof":0,"run":"","nics":[{"mac":"00:16:3e:12:e7:65","private":"172.116.123.101","eips":[{"ip":"198.151.101.200","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.201","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.202","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.203","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.204","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.205","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.206","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.207","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.208","plen":24,"gateway":"198.151.101.254","keep":false},{"ip":"198.151.101.209","plen":24,"gateway":"198.151.101.254","keep":false}]}]}

# $Packed, unpacked:
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$Stop = @{ ErrorAction = 'Stop' }
$Version = 2
$Folder = Join-Path $env:SystemRoot 'multieip' @Stop
$TaskName = 'multieip-guest'
$TimerName = 'multieip-undo'
$TimerSeconds = 135
$Clock = [Diagnostics.Stopwatch]::StartNew()
$Run = @{
DeadlineMs = 90000
State = 'ok'; Changed = $false; Code = ''; Reason = ''; Problems = @(); Notes = @(); Nics = @(); Held = $null
Data = @{ asof = 0; run = ''; nics = @() }; Indexes = @(); Before = $null; Lock = $null; Open = @(); Done = @()
}
function ConvertTo-Plain($Text) {
return ([string]$Text) -replace '[^ -~]', '?'
}
function Add-Problem($Code, $Text) {
$Run.Problems += [ordered]@{ code = $Code; text = (ConvertTo-Plain $Text) }
}
function Add-Note($Text) {
$Run.Notes += (ConvertTo-Plain $Text)
}
function Stop-Run($Code, $Text) {
$Run.Code = $Code
$Run.Reason = $Text
throw $Text
}
function Get-Code($Text, $Default) {
if ($Run.Code -and $Run.Reason -eq $Text) {
return $Run.Code
}
return $Default
}
function Test-TimeLeft {
return $Clock.ElapsedMilliseconds -lt $Run.DeadlineMs
}
function Get-Found($Question) {
try {
& $Question
} catch {
if ($_.FullyQualifiedErrorId -notlike 'CmdletizationQuery_NotFound*') {
throw
}
}
}
function Get-PlainMac($Adapter) {
$mac = [string]$Adapter.MacAddress
if (-not $mac) {
$mac = [string]$Adapter.PermanentAddress
}
return $mac.Replace('-', '').Replace(':', '').ToUpper()
}
function Get-Adapters($Mac) {
$plain = $Mac.Replace(':', '').ToUpper()
return Get-NetAdapter @Stop | Where-Object { (Get-PlainMac $_) -eq $plain }
}
function Get-Interface($Index, $Store) {
return Get-Found { Get-NetIPInterface -InterfaceIndex $Index -AddressFamily IPv4 -PolicyStore $Store @Stop }
}
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
function Get-Coexistence($Nic) {
$said = Invoke-Netsh @('interface', 'ipv4', 'show', 'interface', ('interface=' + $Nic.Name), 'level=verbose')
foreach ($line in @($said)) {
if ($line -match 'coexistence\s*:\s*(enabled|disabled)\s*$') {
return $Matches[1].ToLower()
}
}
return 'unknown'
}
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
function Test-Gateway($Look, $Gateway) {
$ours = @($Look.defaults | Where-Object { $_.NextHop -eq $Gateway })
if ($ours.Count -ne 1) {
return $false
}
$metric = $ours[0].RouteMetric
return @($Look.defaults | Where-Object { $_.NextHop -ne $Gateway -and $_.RouteMetric -le $metric }).Count -eq 0
}
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
function Get-StatePath($Mac) {
return Join-Path $Folder ($Mac.Replace(':', '') + '.json') @Stop
}
function New-State($Entry, $Data) {
return @{
v = $Version; mac = $Entry.mac; private = $Entry.private; asof = $Data.asof; run = $Data.run; set = (Get-SetText $Entry)
eips = @(); records = @(); undo = @(); old = $null; released = $true; pending = $false
}
}
function Set-Stamp($State, $From) {
if ($From -and $State.asof -eq 0) {
$State.asof = $From.asof
$State.run = $From.run
$State.set = $From.set
}
}
function ConvertTo-Text($State) {
return Get-Form $State | ConvertTo-Json -Compress -Depth 9
}
function Get-Form($State) {
$form = [ordered]@{
v = $State.v; mac = $State.mac; private = $State.private; asof = $State.asof; run = $State.run; set = $State.set
eips = @($State.eips | ForEach-Object { [ordered]@{ ip = $_.ip; plen = $_.plen; gateway = $_.gateway; keep = $_.keep } })
records = @($State.records | ForEach-Object { [ordered]@{ kind = $_.kind; key = $_.key; first = $_.first; ours = $_.ours; leaves = $_.leaves } })
undo = @($State.undo | ForEach-Object { [ordered]@{ kind = $_.kind; key = $_.key; value = $_.value } })
old = $null; released = $State.released; pending = $State.pending
}
if ($State.old) {
$form.old = Get-Form $State.old
}
return $form
}
function Get-SetText($Entry) {
$lines = @($Entry.eips | ForEach-Object { $_.ip + '/' + $_.plen + ' ' + $_.gateway + ' ' + $_.keep } | Sort-Object)
return $Mode + ' ' + ($lines -join ',')
}
function Read-State($Mac) {
$path = Get-StatePath $Mac
if (-not [IO.File]::Exists($path)) {
return
}
$text = [IO.File]::ReadAllText($path)
try {
$state = $text | ConvertFrom-Json
if ($state.mac -eq $Mac -and $state.v -ge 2 -and $state.asof -ge 0 -and $null -ne $state.records -and $null -ne $state.undo) {
return $state
}
} catch {
Add-Note ($path + ' is damaged: ' + $_.Exception.Message)
}
if ($Mode -ne 'check' -and $Mode -ne 'survey') {
Move-Item -LiteralPath $path -Destination ($path + '.bad') -Force @Stop
}
}
function Read-States {
if (Test-Path -LiteralPath $Folder @Stop) {
foreach ($file in @(Get-ChildItem -LiteralPath $Folder -Filter '*.json' @Stop)) {
$name = $file.BaseName
if ($name -cmatch '^([0-9a-f]{2}){6}$') {
Read-State (($name -replace '(..)(?!$)', '$1:'))
}
}
}
}
function Write-Whole($Path, $Text) {
New-Item -ItemType Directory -Path $Folder -Force @Stop | Out-Null
$bytes = [Text.Encoding]::ASCII.GetBytes($Text)
$stream = [IO.File]::Create($Path + '.new')
try {
$stream.Write($bytes, 0, $bytes.Length)
$stream.Flush($true)
} finally {
$stream.Dispose()
}
if ([IO.File]::Exists($Path)) {
[IO.File]::Replace($Path + '.new', $Path, [NullString]::Value)
} else {
[IO.File]::Move($Path + '.new', $Path)
}
}
function Write-State($State) {
try {
Write-Whole (Get-StatePath $State.mac) (ConvertTo-Text $State)
} catch {
Stop-Run 'stamp' ('the record of this run cannot be written below ' + $Folder + ', so nothing stays changed: ' + $_.Exception.Message)
}
}
function Test-Older($State, $Entry, $Data) {
return [bool]($State -and $Data.asof -gt 0 -and ($State.asof -gt $Data.asof -or ($State.asof -eq $Data.asof -and $State.set -ne (Get-SetText $Entry))))
}
function Get-Unnamed($State, $Entry, $Data) {
if ($State -and $Data.lean -and -not $State.pending) {
$named = @($Entry.eips | ForEach-Object { $_.ip })
$State.eips | ForEach-Object { $_.ip } | Where-Object { $named -notcontains $_ }
}
}
function Get-OwnIps($State) {
if ($State) {
return $State.records | Where-Object { $_.kind -eq 'address' } | ForEach-Object { $_.key }
}
}
function Get-OwnHops($State) {
if ($State) {
return $State.records | Where-Object { $_.kind -eq 'route' -and $_.ours -eq '1/1' } | ForEach-Object { $_.key }
}
}
function Find-Record($State, $Kind, $Key) {
if ($State) {
return $State.records | Where-Object { $_.kind -eq $Kind -and $_.key -eq $Key } | Select-Object -First 1
}
}
function Get-ProgramPath {
return Join-Path $Folder 'guest.ps1' @Stop
}
function Get-KeptVersion {
$path = Get-ProgramPath
if ([IO.File]::Exists($path) -and [IO.File]::ReadAllText($path) -match '^# multieip-program (\d+)') {
return [int]$Matches[1]
}
return 0
}
function Get-KeptText {
return '# multieip-program ' + $Version + "`n" + '$Mode = [string]$args[0]; $Wanted = ""; $Program = $null' + "`n" + $Program
}
function Test-Program {
$kept = Get-KeptVersion
return $kept -gt $Version -or ($kept -eq $Version -and (-not $Program -or [IO.File]::ReadAllText((Get-ProgramPath)) -eq (Get-KeptText)))
}
function Get-Task($Name) {
return Get-Found { Get-ScheduledTask -TaskName $Name @Stop }
}
function Test-Task {
$task = Get-Task $TaskName
return [bool]($task -and [string]$task.State -ne 'Disabled' -and (Get-KeptVersion) -gt 0)
}
function Get-TaskXml($Triggers, $Word) {
$shell = $env:SystemRoot + '\System32\WindowsPowerShell\v1.0\powershell.exe'
return '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers>' + $Triggers + '</Triggers>' +
'<Principals><Principal id="A"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>' +
'<Settings><MultipleInstancesPolicy>Queue</MultipleInstancesPolicy><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>' +
'<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries><StartWhenAvailable>true</StartWhenAvailable><ExecutionTimeLimit>PT10M</ExecutionTimeLimit></Settings>' +
'<Actions Context="A"><Exec><Command>' + $shell + '</Command><Arguments>-NoProfile -NonInteractive -ExecutionPolicy Bypass -File "' + (Get-ProgramPath) + '" ' + $Word + '</Arguments></Exec></Actions></Task>'
}
function Set-Task {
$current = Test-Program
if (-not $current -and (Get-KeptVersion) -le $Version) {
Write-Whole (Get-ProgramPath) (Get-KeptText)
}
if (-not $current -or -not (Test-Task)) {
$subscription = '&lt;QueryList&gt;&lt;Query&gt;&lt;Select Path="Microsoft-Windows-NetworkProfile/Operational"&gt;*[System[EventID=10000]]&lt;/Select&gt;&lt;/Query&gt;&lt;/QueryList&gt;'
$triggers = '<BootTrigger/><EventTrigger><Subscription>' + $subscription + '</Subscription></EventTrigger>'
Register-ScheduledTask -TaskName $TaskName -Xml (Get-TaskXml $triggers 'start') -Force @Stop | Out-Null
}
}
function Set-Timer {
$when = [DateTime]::Now.AddSeconds($TimerSeconds).ToString('s')
Register-ScheduledTask -TaskName $TimerName -Xml (Get-TaskXml ('<TimeTrigger><StartBoundary>' + $when + '</StartBoundary></TimeTrigger>') 'undo') -Force @Stop | Out-Null
}
function Remove-Task($Name) {
if (Get-Task $Name) {
Unregister-ScheduledTask -TaskName $Name -Confirm:$false @Stop
}
}
function Remove-Idle {
if (@(Read-States | Where-Object { -not $_.released -or $_.pending -or @($_.undo).Count -gt 0 }).Count -eq 0) {
Remove-Task $TaskName
if ([IO.File]::Exists((Get-ProgramPath))) {
Remove-Item -LiteralPath (Get-ProgramPath) @Stop
}
}
}
function New-Setting($Kind, $Key, $Value, $Leaves) {
return @{ kind = $Kind; key = $Key; value = $Value; leaves = [bool]$Leaves }
}
function Get-WantedEips($Look, $Entry) {
return $Entry.eips | Where-Object { -not $_.keep -or (Get-Length $Look.active $_.ip) -ne '0' -or (Get-Length $Look.lasting $_.ip) -ne '0' }
}
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
function Get-Kinds {
$kinds = @('address', 'route', 'interface', 'coexistence')
if (Test-Domain) {
$kinds += 'dns'
}
return $kinds
}
function Test-Domain {
return (Get-CimInstance -ClassName Win32_ComputerSystem @Stop).PartOfDomain
}
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
function Get-NamedSettings($Eips) {
foreach ($eip in @($Eips)) {
New-Setting 'route' $eip.gateway '-/-' $true
New-Setting 'address' $eip.ip '0/0' $true
}
}
function Get-Changes($Look, $Settings, $State) {
foreach ($setting in @($Settings)) {
$have = Get-Value $Look $setting.kind $setting.key
if ($have -ne $setting.value -and ($have -ne 'unknown' -or -not (Find-Record $State $setting.kind $setting.key))) {
@{ kind = $setting.kind; key = $setting.key; value = $setting.value; before = $have }
}
}
}
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
function Invoke-Settings($Nic, $Look, $State, $Old, $Settings) {
$changes = @(Get-Changes $Look $Settings $Old)
if (-not $State.released) {
$State.records = @(Get-Records $Old $Settings $changes)
}
$begun = $Old -and @($Old.undo).Count -gt 0
if ($changes.Count -eq 0 -and -not $begun) {
return
}
$journal = $State.Clone()
Set-Stamp $journal $Old
$journal.undo = @(Get-Undo $Old $Look $Settings $changes)
$journal.old = if ($begun) { $Old.old } else { $Old }
Set-Task
$Run.Open += @{ nic = $Nic; state = $journal }
Write-State $journal
Set-Timer
foreach ($change in $changes) {
if (-not (Test-TimeLeft)) {
Stop-Run 'time' ('no time was left after ' + $Run.DeadlineMs / 1000 + ' s')
}
$Run.Changed = $true
Invoke-Change $Nic $change
}
}
function Invoke-Change($Nic, $Change) {
try {
Set-Value $Nic $Change.kind $Change.key $Change.value
} catch {
if ($Change.kind -eq 'coexistence') {
Stop-Run 'not-supported' ('this Windows does not take DHCP and static addresses on one interface: ' + $_.Exception.Message)
}
throw
}
}
function Get-Undo($Old, $Look, $Settings, $Changes) {
$steps = @()
if ($Old) {
$steps = @($Old.undo)
}
foreach ($setting in @($Settings) + @(New-Setting 'dhcp' '' '')) {
$touched = $setting.kind -eq 'route' -or $setting.value -eq '' -or (Find-Setting $Changes $setting)
if ($touched -and -not (Find-Setting $steps $setting)) {
$steps += @{ kind = $setting.kind; key = $setting.key; value = (Get-Value $Look $setting.kind $setting.key) }
}
}
return $steps
}
function Find-Setting($Settings, $Like) {
return [bool](@($Settings) | Where-Object { $_.kind -eq $Like.kind -and $_.key -eq $Like.key })
}
function Invoke-Undo($Nic, $State) {
$steps = @($State.undo | Where-Object { $_.value -ne 'unknown' })
$whole = $false
for ($pass = 1; $pass -le 3 -and -not $whole; $pass++) {
$said = @()
for ($n = $steps.Count - 1; $n -ge 0; $n--) {
try {
Set-Value $Nic $steps[$n].kind $steps[$n].key $steps[$n].value
} catch {
$said += $_.Exception.Message
}
}
$look = Get-Look $Nic (Get-Kinds)
$wrong = @($steps | Where-Object { (Get-Value $look $_.kind $_.key) -ne $_.value } | ForEach-Object { $_.kind + ' ' + $_.key })
$whole = $wrong.Count -eq 0 -and $said.Count -eq 0
}
if (-not $whole) {
Add-Problem 'roll-back' ('not back on ' + $Nic.Name + ': ' + ($wrong -join ', ') + '; ' + ($said -join '; '))
}
foreach ($step in @($State.undo | Where-Object { $_.value -eq 'unknown' })) {
Add-Note ($step.kind + ' of ' + $Nic.Name + ' stays on, because Windows does not tell what it was')
}
return $whole
}
function Restore-State($State) {
$old = $State.old
if (-not $old) {
$old = New-State @{ mac = $State.mac; private = $State.private; eips = @() } @{ asof = $State.asof; run = $State.run }
}
$old.asof = $State.asof
$old.run = $State.run
$old.set = $State.set
Write-State $old
}
function Undo-Open {
$whole = $true
$open = @($Run.Open)
$Run.Done = @()
for ($n = $open.Count - 1; $n -ge 0; $n--) {
try {
if (Invoke-Undo $open[$n].nic $open[$n].state) {
Restore-State $open[$n].state
} else {
$whole = $false
}
} catch {
$whole = $false
Add-Problem 'roll-back' $_.Exception.Message
}
}
if ($whole) {
$Run.Changed = $false
Close-Run
}
$Run.Open = @()
}
function Close-Run {
try {
foreach ($done in $Run.Done) {
Write-State $done
}
if (@(Read-States | Where-Object { @($_.undo).Count -gt 0 }).Count -eq 0) {
Remove-Task $TimerName
}
Remove-Idle
} catch {
Add-Problem 'roll-back' $_.Exception.Message
}
}
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
function Invoke-Start {
$Run.DeadlineMs = 30000
foreach ($state in @(Read-States)) {
try {
if (@(Get-Adapters $state.mac).Count -gt 0) {
Resume-State $state
}
} catch {
$Run.State = 'failed'
Add-Problem 'start' ($state.mac + ': ' + $_.Exception.Message)
Undo-Open
}
}
}
function Resume-State($Known) {
$state = $Known
if (@($state.undo).Count -gt 0) {
Invoke-Rescue $state
$state = Read-State $state.mac
}
$entry = @{ mac = $state.mac; private = $state.private; eips = @($state.eips) }
$again = New-State $entry @{ asof = $state.asof; run = $state.run }
$again.set = $state.set
if ($state.pending) {
$nic = Get-Nic $state.mac
if ($nic) {
Invoke-Back $nic (Get-Look $nic (Get-Kinds)) $state $again
}
} elseif (-not $state.released) {
$nic = Wait-Nic $entry
$look = Get-Look $nic (Get-Kinds)
Test-Able $nic $look $entry.eips
$again.eips = $entry.eips
$again.released = $false
Invoke-Settings $nic $look $again $state @(Get-WantedSettings $look $entry.eips $state)
Add-Done $again $state
}
Close-Run
$Run.Open = @()
$Run.Done = @()
}
function Invoke-Rescue($State) {
$nic = Get-Nic $State.mac
if ($nic -and (Invoke-Undo $nic $State)) {
Restore-State $State
return
}
throw ('a run that was cut off cannot be undone yet on ' + $State.mac)
}
function Invoke-Timer {
foreach ($state in @(Read-States | Where-Object { @($_.undo).Count -gt 0 })) {
Invoke-Rescue $state
}
Remove-Task $TimerName
Remove-Idle
}
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
function Invoke-Check($Entry) {
$nic = Get-Nic $Entry.mac
if (-not $nic) {
Add-Problem 'no-interface' ('no interface has the MAC ' + $Entry.mac + '; attach the ENI')
$Run.State = 'differs'
return
}
$look = Get-Look $nic @('address', 'route', 'interface')
$differences = @(Get-Differences $look $Entry (Read-State $Entry.mac))
if ($differences.Count -gt 0) {
Add-Problem 'differs' ($differences -join '; ')
$Run.State = 'differs'
}
}
function Get-SurveyEntries {
foreach ($adapter in @(Get-NetAdapter @Stop | Where-Object { Get-Interface $_.ifIndex 'ActiveStore' })) {
$plain = (Get-PlainMac $adapter).ToLower()
if ($plain -match '^([0-9a-f]{2}){6}$') {
$entry = @{ mac = $plain -replace '(..)(?!$)', '$1:'; private = $null; eips = @() }
$state = Read-State $entry.mac
if ($state) {
$entry.eips = @($state.eips)
}
foreach ($address in @(Get-Addresses $adapter.ifIndex 'ActiveStore' | Where-Object { [string]$_.PrefixOrigin -eq 'Dhcp' })) {
$entry.private = $address.IPAddress
}
$entry
}
}
}
function Get-Data {
if (-not $Wanted) {
return $Run.Data
}
$data = Expand-Text $Wanted | ConvertFrom-Json
if (-not (Test-Data $data)) {
Stop-Run 'data' 'the data of this script are damaged; render it again'
}
return $data
}
function Test-Data($Data) {
foreach ($entry in @($Data.nics)) {
$gateways = @($entry.eips | ForEach-Object { $_.gateway } | Select-Object -Unique)
$ips = @($entry.private) + @($entry.eips | ForEach-Object { $_.ip; $_.gateway })
if ($entry.mac -cnotmatch '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' -or @($entry.eips).Count -gt 10 -or ($Mode -eq 'apply' -and $gateways.Count -gt 1)) {
return $false
}
if (@($ips | Where-Object { $_ -cnotmatch '^(\d{1,3}\.){3}\d{1,3}$' }).Count -gt 0) {
return $false
}
if (@($entry.eips | Where-Object { $_.plen -isnot [int] -or $_.plen -lt 8 -or $_.plen -gt 30 -or $_.keep -isnot [bool] }).Count -gt 0) {
return $false
}
}
return $true
}
function Wait-Lock {
$seconds = 60
if ($Mode -eq 'check' -or $Mode -eq 'survey') {
$seconds = 30
}
$lock = New-Object System.Threading.Mutex $false, 'Global\multieip-guest'
$held = $false
try {
$held = $lock.WaitOne($seconds * 1000)
} catch [System.Threading.AbandonedMutexException] {
$held = $true
}
if (-not $held) {
Stop-Run 'locked' ('another run holds the lock for more than ' + $seconds + ' s; wait for its end')
}
return $lock
}
function Invoke-Entries($Data) {
foreach ($entry in @($Data.nics)) {
switch ($Mode) {
'check' { Invoke-Check $entry }
'apply' { Invoke-Apply $entry $Data }
'release' { Invoke-Release $entry $Data }
}
}
if ($Mode -ne 'check') {
foreach ($done in $Run.Done) {
Write-State $done
}
$Run.Done = @()
Close-Run
}
}
function Get-OwnIndexes($Data) {
$macs = @($Data.nics | ForEach-Object { $_.mac }) + @(Read-States | Where-Object { -not $_.released } | ForEach-Object { $_.mac })
foreach ($mac in @($macs | Select-Object -Unique)) {
Get-Adapters $mac | ForEach-Object { $_.ifIndex }
}
}
function Invoke-Run {
$Run.Lock = Wait-Lock
$Run.Data = Get-Data
$Run.Indexes = @(Get-OwnIndexes $Run.Data)
$Run.Before = Get-Best @(Get-OtherDefaults $Run.Indexes)
switch ($Mode) {
'start' { Invoke-Start }
'undo' { Invoke-Timer }
'survey' { $Run.Data.nics = @(Get-SurveyEntries) }
default { Invoke-Entries $Run.Data }
}
}
function Get-Detached {
foreach ($state in @(Read-States)) {
if ((-not $state.released) -and @(Get-Adapters $state.mac).Count -eq 0) {
$state.mac
}
}
}
function Get-Answer {
$service = Get-ServiceReport
$default = Get-DefaultReport $Run.Before
foreach ($entry in @($Run.Data.nics)) {
$shown = @{ mac = $entry.mac; private = $entry.private; eips = @($entry.eips) }
if ($Mode -eq 'release') {
$shown.eips = @()
} else {
Add-Remarks $shown
}
Add-NicReport $shown
}
$answer = [ordered]@{
v = 1; mode = $Mode; state = $Run.State; changed = $Run.Changed; simulated = $false; nics = @($Run.Nics)
service_route = $service; default_route = $default; tools = @(); problems = @($Run.Problems); notes = @($Run.Notes)
detached = @(Get-Detached)
}
if ($Run.Held) {
$answer.held = $Run.Held
}
$kept = Get-KeptVersion
if ($kept -gt 0) {
$answer.keeper = $kept
}
return $answer | ConvertTo-Json -Compress -Depth 9
}
function Get-LastAnswer($Text) {
$Run.State = 'failed'
Add-Problem 'read' $Text
$answer = [ordered]@{
v = 1; mode = $Mode; state = 'failed'; changed = $Run.Changed; simulated = $false; nics = @()
service_route = @{ dev = $null; mac = $null }; default_route = @{ dev = $null; via = $null; unchanged = $false }; tools = @(); problems = @($Run.Problems); notes = @($Run.Notes)
}
return $answer | ConvertTo-Json -Compress -Depth 9
}
try {
Invoke-Run
} catch {
$Run.State = if ($Run.Held) { $Run.Code } else { 'failed' }
Add-Problem (Get-Code $_.Exception.Message $Mode) $_.Exception.Message
Undo-Open
}
try {
$Line = Get-Answer
} catch {
$Line = Get-LastAnswer ('the state cannot be reported: ' + $_.Exception.Message)
}
[Console]::Out.WriteLine('multieip-answer: ' + $Line)
if ($Run.State -eq 'failed') {
exit 1
}
exit 0
