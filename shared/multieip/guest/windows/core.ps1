# What every part needs: the run's own record, one deadline for all waits, and how a failure is told.
# Promises: nothing here reads or changes Windows.
# Windows PowerShell 5.1. $Mode, $Wanted and $Program stand above: by render.py, or at the head of the kept program.
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
# Functions of modules do not see the preference of a script, so every command says it itself.
$Stop = @{ ErrorAction = 'Stop' }
$Version = 2
# Not below ProgramData, where users may write: the system runs what is in here.
$Folder = Join-Path $env:SystemRoot 'multieip' @Stop
$TaskName = 'multieip-guest'
$TimerName = 'multieip-undo'
# RunCommand ends the process after 120 s; what is left after the deadline is for the way back.
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

# Ends the run with a code that the documentation explains.
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

# Asks a question to which "there is none" is an answer. Every other error stays an error: a failure to read
# is never an empty list.
function Get-Found($Question) {
    try {
        & $Question
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'CmdletizationQuery_NotFound*') {
            throw
        }
    }
}
