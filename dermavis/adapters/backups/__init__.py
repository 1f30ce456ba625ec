"""Where backups are kept, sealed, and how tables leave a database and come into another."""
