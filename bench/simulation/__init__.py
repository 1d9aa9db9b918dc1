"""The same order flow and the same capital through our pool and through what one might use instead."""
