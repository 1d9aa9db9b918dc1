"""What closed sets of wallets get out of rewards for what they pay: `make bench-farming`."""
