"""The subset of Windows PowerShell 5.1 that the guest script uses, and nothing else.

The text is parsed by tree-sitter's grammar and turned into Python closures once. A construct, command,
parameter, type or method that is not played ends the run with its name, so that nothing is ever guessed. It
is stricter than Windows in two things: a missing key and an index out of range are errors, and an unordered
hashtable is listed in an order that changes from one to the next. A pipeline goes on stage by stage, not
object by object.
"""
