"""Rules, one file each: the module's name is the kind that the site file names."""
