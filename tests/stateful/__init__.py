"""One machine that plays the whole alliance against the model, step by step."""
