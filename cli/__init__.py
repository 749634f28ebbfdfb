"""What people run in a terminal: a client of the services, over the same contracts as everybody else."""
