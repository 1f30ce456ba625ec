"""What bin/dermavis can do, one module for each family of commands."""
