"""The command line: reads options and files, prints, gives exit codes; one file per command, imported when it is called."""
