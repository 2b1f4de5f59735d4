"""The commands and .NET types that the script uses, each with the parameters that it takes."""
