"""What the suite costs and how fast its tools are, measured beside others' on one machine in one run."""
