"""HTTP: one package per place a person stands. Parse, call one service, render."""
